"""Learning set: which of two objects pays is new in every problem, and one trial tells.

A problem is an episode of a few trials. In each the two objects stand on two sides, drawn anew; what is seen
is which of them stands left, and the action takes the object of one side. One of the two, drawn for the
problem, pays 1 whenever it is taken, the other never. The first trial is a guess; who has learned to learn is
right in all that follow. It takes the product of three things that are never there together: where the
objects stood, what was done, what was paid. Of the players that know the last action and reward but not where
the objects stood the best deterministic one is right in .8 of the trials after the first of six: what it does
next can carry a little of what it knew.

(Harlow 1949, doi:10.1037/h0062474, with problems of six trials; here in one dimension: the two objects are
the same in every problem, as in his reversals, and their meaning alone is new.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .episode_task import TrialsTask
from .streams import EPISODE


@dataclass(frozen=True)
class LearningSet(TrialsTask):
    """Problems of so many trials.

    Raises:
        Mistake: fewer than two trials.
    """

    trials: int = 6

    fewest: ClassVar[int] = 2
    world_equations: ClassVar[str] = (
        "good@ : 1   # the object that pays, 0 or 1\nleft@ : 1   # the object on the left\n"
        "first@ : 1  # 1: the first trial was right\n"
    )
    begin: ClassVar[str] = (
        "good@ = int(keyed_uniform(task_seed, stream_pay, who@, episode, 0) < 0.5)\nfirst@ = 0"
    )
    show: ClassVar[str] = (
        "asked = 1\n"
        "left@ = int(keyed_uniform(task_seed, stream_world, who@, episode, step) < 0.5)\n"
        "seen@ = left@"
    )
    pay: ClassVar[str] = (
        "taken = left@*(1 - action@) + (1 - left@)*action@\n"
        "reward@ = int(abs(taken - good@) < 0.5)\n"
        "first@ += fresh*reward@"
    )
    streams: ClassVar[Mapping[str, int]] = {
        "stream_world": EPISODE["world"],
        "stream_pay": EPISODE["pay"],
    }

    @property
    def measures(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"correct": f"(earned@ - first@)/{self.trials - 1}", "guessed": "first@"}

    @property
    def codes(self) -> int:
        return 2
