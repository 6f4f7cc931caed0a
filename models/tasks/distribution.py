"""A task distribution: how the worlds that learners meet are drawn, for training and for two kinds of test.

Splits: ``train``, which an outer loop may see; ``held_out``, other tasks of the same distribution; and
``out_of_distribution``, tasks of kinds that training never holds (larger, noisier, ...). A task is drawn
from (seed, split, its number) by the counter-based generator, so that task k of a split is the same
however many are drawn, and the seed of a task's world ends in the number of its split, so that no two splits
share a world, whatever their seeds.

What is fixed when a network is compiled (sizes, forms) makes a `Drawn`; what is not (scales, noises, hazards,
chances) differs between the individuals of one. A distribution over sizes is a few programs, whose
individuals are its tasks.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake, nearest
from ...analysis.foundation.seeds import stream
from ..program.keyed import uniform
from .streams import PARAMETERS

Split = Literal["train", "held_out", "out_of_distribution"]
SPLITS: tuple[Split, ...] = ("train", "held_out", "out_of_distribution")
DRAW = tuple(PARAMETERS.values())
"""Streams of the keyed draws of tasks' parameters."""
Kind = TypeVar("Kind")
PLACES = 4
"""Seeds of worlds are congruent to the place of their split, modulo this."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Tasks that are lived side by side, one for each individual of a network.

    ``arguments`` are what a program of such a network is called with.
    """

    kind: str
    """what sort of tasks these are: a name for results"""
    task: Any
    """the world, as far as it is fixed when a network is compiled"""
    number: int
    """tasks, and so individuals"""
    task_seed: int
    """seed of the world's keyed draws"""
    parameters: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """arguments of the task by name: (individual, ...)"""
    network: Mapping[str, Any] = field(default_factory=dict)
    """settings of the learner's network that belong to the task (its hidden layers, ...)"""

    @property
    def arguments(self) -> dict[str, Any]:
        """What a program is called with: the parameters and the seed."""
        return {**self.parameters, "task_seed": self.task_seed}


@dataclass(frozen=True)
class TaskDistribution:
    """Base of the distributions of tasks."""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        """``number`` tasks of a split; out of distribution, of each kind.

        Raises:
            Mistake: no such split, or a number that the distribution cannot share out.
        """
        raise NotImplementedError


def world_seed(seed: int, split: Split, *place: int) -> int:
    """The seed of a world's draws: another one for each split and place, in 0 .. 2**31 - 1.

    Raises:
        Mistake: no such split.
    """
    if split not in SPLITS:
        raise Mistake(f"no split of tasks is called '{split}'{nearest(split, SPLITS)}")
    return stream(seed, "task distribution", *place) // PLACES * PLACES + SPLITS.index(split)


def of_kinds(
    make: Callable[[str, Kind, int, int], Drawn],
    usual: Kind,
    beyond: Iterable[tuple[str, Kind]],
    split: Split,
    number: int,
    seed: int,
) -> list[Drawn]:
    """What `TaskDistribution.draw` returns where there is one usual kind and kinds out of distribution.

    ``make`` is given the name of a kind, the kind, ``number`` and the seed of its worlds.
    """
    if split != "out_of_distribution":
        return [make("usual", usual, number, world_seed(seed, split, 0))]
    return [
        make(name, kind, number, world_seed(seed, split, place))
        for place, (name, kind) in enumerate(beyond, 1)
    ]


def between(
    bounds: tuple[float, float], task_seed: int, which: int, number: int, size: int | None = None
) -> NDArray[np.float64]:
    """Even draws between two bounds: (number,), or (number, size) with a size.

    ``which`` tells the parameters of a distribution from each other.
    """
    low, high = bounds
    individual = np.arange(number)
    if size is None:
        return low + (high - low) * uniform(task_seed, DRAW[which], individual, 0, 0)
    return low + (high - low) * uniform(task_seed, DRAW[which], individual[:, None], 0, np.arange(size))
