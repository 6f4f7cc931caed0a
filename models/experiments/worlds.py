"""Worlds over whose distributions spiking circuits are tuned: what a kind of them tells a search.

A kind of worlds says how they are drawn, what learner was made for them by hand, which of its numbers a
search may change, how individuals live side by side, each with numbers and a world of its own, and how a life
is scored. A search counts the last quarter of the life as much as all of it: what learns fast and gets stuck
is not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...analysis.foundation.mistakes import Mistake, nearest
from ...plasticity.outer_loop import SearchSpace
from ...plasticity.parameter import Parameter
from ..actor_critic.own_numbers import RATES
from ..tasks.distribution import Drawn, TaskDistribution

LATE = 0.25
"""Last part of a life, which a search counts as much as the whole."""


@dataclass(frozen=True)
class Worlds:
    """Base of the kinds of worlds; ``life`` is what `live` returns."""

    rates: ClassVar[tuple[str, ...]] = RATES
    """the learning rates: names of numbers"""

    @property
    def distribution(self) -> TaskDistribution:
        raise NotImplementedError

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """What a search may change, with its bounds; the default is what was made by hand."""
        raise NotImplementedError

    def live(
        self, trials: int, seed: int, arguments: Mapping[str, Any], *, seconds: float, step: float
    ) -> Any:
        """Lives of individuals side by side.

        Args:
            trials: of each at most.
            seed: of all spikes.
            arguments: (individual,) numbers of each learner and world, ``individual``, the world's number,
                ``learning`` and ``yoked``; ``task_seed``, of all worlds.
            seconds: of a life; trials that are then not finished are not lived.
            step: time step (s).
        """
        raise NotImplementedError

    def earned(self, life: Any, drawn: Drawn) -> np.ndarray:
        """What each life earned (individual,), about 0 to 1."""
        raise NotImplementedError

    def scored(self, life: Any, drawn: Drawn, seconds: float) -> np.ndarray:
        """Score of each life of so many ``seconds`` (individual,), about 0 to 1: the mean of what it earned
        and of what it earned in its last quarter."""
        raise NotImplementedError

    def good(self, life: Any, drawn: Drawn) -> np.ndarray:
        """1 where a trial was as good as is asked, else 0; NaN where not lived (individual, trial)."""
        raise NotImplementedError

    def level(self, life: Any, drawn: Drawn) -> np.ndarray:
        """How good each trial was, 1 the best; NaN where not lived (individual, trial)."""
        raise NotImplementedError

    def by_hand(self) -> dict[str, float]:
        """The learner's own value of each number."""
        return {one.name: one.default for one in self.numbers}

    def space(self, free: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> SearchSpace:
        """The space of a search that starts at the learner's numbers.

        Args:
            free: names of what is searched; (): all.
            fixed: names of what is held at the learner's value.

        Raises:
            Mistake: no such number, or none that is free.
        """
        numbers = {one.name: one for one in self.numbers}
        for name in (*free, *fixed):
            if name not in numbers:
                raise Mistake(f"no number of the circuit is called '{name}'{nearest(name, numbers)}")
        chosen = [name for name in numbers if (not free or name in free) and name not in fixed]
        if not chosen:
            raise Mistake("every number of the circuit is fixed; leave one free")
        held = {name: one.default for name, one in numbers.items() if name not in chosen}
        return SearchSpace(tuple(numbers[name] for name in chosen), held)
