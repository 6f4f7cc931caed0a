"""Two-armed Bernoulli bandits as episodes: the arms stand still within an episode and are new in the next.

The arms of an episode pay with the chances p and 1 - p, or (``arms="independent"``) with their own; chances
are drawn evenly from 0 to 1. What an arm would pay in a trial is keyed by (seed, individual, episode, trial,
arm). What speaks for an arm is the product of what was done and what was paid. With ``outcome="joint"`` it is
seen, one symbol for each of the four outcomes; with ``"separate"`` a network has to form it from its two
inputs, the last action and the last reward.

A player that remembers only its last trial can do no better on average than a regret of 8.33 in 100 trials of
p, 1 - p (win-stay lose-shift); the index of Gittins has 1.55 and Bayes, who knows how the arms are related,
1.20. (Wang et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 1 and its supplement; their network has
the two inputs apart.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .episode_task import TrialsTask
from .streams import EPISODE


@dataclass(frozen=True)
class EpisodicBandit(TrialsTask):
    """Episodes of so many trials.

    Raises:
        Mistake: no trial, arms or an outcome of a kind that there is not.
    """

    arms: Literal["mirrored", "independent"] = "mirrored"
    """the chances of the two: p and 1 - p, or each by itself"""
    outcome: Literal["joint", "separate"] = "separate"
    """what was last done and paid is seen as one of four symbols besides, or only each by itself"""

    world_equations: ClassVar[str] = (
        "first@ : 1  # chance of a reward from arm 0\nsecond@ : 1  # from arm 1\nregret@ : 1  # so far\n"
    )
    streams: ClassVar[Mapping[str, int]] = {
        "stream_world": EPISODE["world"],
        "stream_pay": EPISODE["pay"],
    }
    measures: ClassVar[Mapping[str, str]] = {"regret": "regret@"}  # type: ignore[assignment]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.arms not in ("mirrored", "independent"):
            raise Mistake(f"EpisodicBandit: arms is '{self.arms}', must be mirrored or independent")
        if self.outcome not in ("joint", "separate"):
            raise Mistake(f"EpisodicBandit: outcome is '{self.outcome}', must be joint or separate")

    @property
    def codes(self) -> int:
        return 4 if self.outcome == "joint" else 0

    @property
    def begin(self) -> str:  # type: ignore[override]
        draw = "keyed_uniform(task_seed, stream_world, who@, episode, {})"
        second = "1 - first@" if self.arms == "mirrored" else draw.format(1)
        return f"first@ = {draw.format(0)}\nsecond@ = {second}\nregret@ = 0"

    @property
    def show(self) -> str:
        outcome = "2*did@ + paid@ + int(did@ < 0)" if self.outcome == "joint" else "-1"
        return f"asked = 1\nseen@ = {outcome}"

    @property
    def pay(self) -> str:
        return (
            "chance = first@*(1 - action@) + second@*action@\n"
            "reward@ = int(keyed_uniform(task_seed, stream_pay, who@, episode, 2*step + action@) < chance)\n"
            "regret@ += clip(first@, second@, 1) - chance"
        )

    def chances(self, task_seed: int, who: NDArray, episodes: NDArray) -> NDArray[np.float64]:
        """Chances of a reward (individual, episode, arm): what individuals ``who`` meet in ``episodes``."""
        keys = np.asarray(who)[:, None], np.asarray(episodes)[None, :]
        first = uniform(task_seed, EPISODE["world"], *keys, 0)
        second = 1 - first if self.arms == "mirrored" else uniform(task_seed, EPISODE["world"], *keys, 1)
        return np.stack([first, second], axis=-1)
