"""Volatility in episodes: the good one of two arms stands still, or it moves on again and again.

One arm pays with probability ``high``, the other with ``low``. Before each trial but the first the two change
places with the hazard of the episode, which is 0 or ``hazard``, each in half of the episodes and told to
nobody. What was last done and paid is seen as one symbol of four. (Behrens et al. 2007, doi:10.1038/nn1954;
Wang et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 3. Players: `analysis.players.reversal`.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..program.keyed import uniform
from .episode_task import TrialsTask
from .streams import EPISODE


@dataclass(frozen=True)
class VolatileEpisodes(TrialsTask):
    """Episodes of so many trials.

    Raises:
        Mistake: no trial, a probability outside [0, 1].
    """

    high: float = 0.8
    low: float = 0.2
    hazard: float = 0.2
    """of the volatile episodes"""

    world_equations: ClassVar[str] = (
        "moves@ : 1  # hazard of this episode\ngood@ : 1   # the arm that pays well\n"
    )
    chances_of: ClassVar[tuple[str, ...]] = ("high", "low", "hazard")
    streams: ClassVar[Mapping[str, int]] = {
        "stream_world": EPISODE["world"],
        "stream_pay": EPISODE["pay"],
        "stream_transition": EPISODE["transition"],
    }
    show: ClassVar[str] = (
        "asked = 1\nseen@ = 2*did@ + paid@ + int(did@ < 0)\n"
        "moved = (1 - fresh)*int(keyed_uniform(task_seed, stream_transition, who@, episode, step) < moves@)\n"
        "good@ = good@ + moved - 2*good@*moved"
    )

    @property
    def codes(self) -> int:
        return 4

    @property
    def begin(self) -> str:  # type: ignore[override]
        draw = "int(keyed_uniform(task_seed, stream_world, who@, episode, {}) < 0.5)"
        return f"moves@ = {self.hazard!r}*{draw.format(0)}\ngood@ = {draw.format(1)}"

    @property
    def pay(self) -> str:
        return (
            f"chance = {self.low!r} + {self.high - self.low!r}*int(abs(action@ - good@) < 0.5)\n"
            "reward@ = int(keyed_uniform(task_seed, stream_pay, who@, episode, 2*step + action@) < chance)"
        )

    def volatile(self, task_seed: int, who: NDArray, episodes: NDArray) -> NDArray[np.bool_]:
        """Which episodes are volatile, (individual, episode)."""
        keys = np.asarray(who)[:, None], np.asarray(episodes)[None]
        return np.asarray(uniform(task_seed, EPISODE["world"], *keys, 0) < 0.5)
