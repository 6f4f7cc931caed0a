"""Cue memory: what was seen first has to be told last, after distractors.

An episode shows one of two cues, then ``distractors`` draws of two other symbols, then asks for the cue: the
matching action is paid 1, the other nothing. Chance is .5. The cue is seen once, so that a network must hold
it in its activity; with the state reset in every step nobody can do better than chance. (A working-memory
task in the manner of Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; O'Reilly & Frank 2006,
doi:10.1162/089976606775093909, train one by dopamine.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ...analysis.foundation.mistakes import Mistake
from .episode_task import EpisodeTask
from .streams import EPISODE


@dataclass(frozen=True)
class CueMemory(EpisodeTask):
    """Two cues, two distractors, one symbol that asks.

    Raises:
        Mistake: fewer than no distractors.
    """

    distractors: int = 10

    world_equations: ClassVar[str] = "cue@ : 1  # 0 or 1\n"
    begin: ClassVar[str] = "cue@ = int(keyed_uniform(task_seed, stream_world, who@, episode, 0) < 0.5)"
    streams: ClassVar[Mapping[str, int]] = {"stream_world": EPISODE["world"]}
    measures: ClassVar[Mapping[str, str]] = {"correct": "reward@"}

    def __post_init__(self) -> None:
        if self.distractors < 0:
            raise Mistake(f"CueMemory: {self.distractors} distractors, must not be negative")

    @property
    def steps(self) -> int:
        return self.distractors + 2

    @property
    def codes(self) -> int:
        return 5

    @property
    def show(self) -> str:
        last = self.steps - 1
        return (
            f"asked = int(step == {last})\n"
            "other = 2 + int(keyed_uniform(task_seed, stream_world, who@, episode, step) < 0.5)\n"
            "seen@ = fresh*cue@ + (1 - fresh)*(1 - asked)*other + 4*asked"
        )

    @property
    def pay(self) -> str:
        return "reward@ = asked*int(abs(action@ - cue@) < 0.5)"
