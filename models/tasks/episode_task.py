"""What a task of episodes is to a recurrent network: what is seen, what can be done, what is paid.

An episode has a fixed number of steps and begins anew each time: weights alone outlast it. In every step the
network sees one of ``codes`` observations (or none), what it last did and what it was last paid; where an
action is asked it takes one of ``actions``. A task is an immutable value with Brian2 code for the group
``world``, one unit for each individual. In code, names that end in ``@`` are of one lane (one of the episodes
that are lived side by side with the same weights); its draws are keyed by ``who@``, ``episode`` and ``step``,
so that they depend on nothing that anybody does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ...analysis.foundation.mistakes import Mistake


@dataclass(frozen=True)
class EpisodeTask:
    """Base of the tasks of episodes."""

    world_equations: ClassVar[str] = ""
    """states of the world beyond ``seen@``, ``did@``, ``paid@``, ``action@``, ``reward@`` and ``asked``"""
    begin: ClassVar[str] = ""
    """code at the beginning of an episode; ``episode`` is known"""
    streams: ClassVar[Mapping[str, int]] = {}
    """names in code -> stream numbers of keyed draws"""
    measures: ClassVar[Mapping[str, str]] = {}
    """what is recorded: name -> expression, as it is at the end of an episode"""
    trial_steps: ClassVar[int] = 1
    """steps of a trial: a network whose state is reset is so before each trial"""

    @property
    def steps(self) -> int:
        """Steps of an episode."""
        raise NotImplementedError

    @property
    def actions(self) -> int:
        return 2

    @property
    def codes(self) -> int:
        """Observations that are told apart."""
        raise NotImplementedError

    @property
    def show(self) -> str:
        """Code that sets ``seen@`` (-1: nothing) and ``asked`` (1: an action is taken); ``step`` is known."""
        raise NotImplementedError

    @property
    def pay(self) -> str:
        """Code that sets ``reward@`` from ``action@``."""
        raise NotImplementedError


@dataclass(frozen=True)
class TrialsTask(EpisodeTask):
    """Base of tasks whose episodes are so many trials alike.

    Raises:
        Mistake: too few trials, or one of ``chances_of`` outside [0, 1].
    """

    trials: int = 100

    fewest: ClassVar[int] = 1
    chances_of: ClassVar[tuple[str, ...]] = ()
    """fields that are probabilities"""

    def __post_init__(self) -> None:
        if self.trials < self.fewest:
            least = f"at least {self.fewest} {'is' if self.fewest == 1 else 'are'} needed"
            raise Mistake(f"{type(self).__name__}: {self.trials} trials, {least}")
        if not all(0 <= getattr(self, name) <= 1 for name in self.chances_of):
            raise Mistake(f"{type(self).__name__}: probabilities must lie in [0, 1]")

    @property
    def measures(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"reward_rate": f"earned@/{self.trials}"}

    @property
    def steps(self) -> int:
        return self.trials * self.trial_steps
