"""Reversal bandit: one arm pays better than the others, and at random moments another one does.

Every arm pays in a trial with probability ``high`` if it is the good one, else ``low``. Before each trial
but the first the good arm moves on to the next with probability ``hazard``, of each individual. Draws are
keyed by (seed, individual, trial, arm): what an arm would pay depends on nothing that anybody chooses, so
that different learners and ideal players can be given the same episodes. Hazard 0 is the static bandit.
(Behrens et al. 2007, doi:10.1038/nn1954, is the classic use of several hazards.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .streams import BANDIT

if TYPE_CHECKING:
    from ..circuit import Circuit

GOOD, SWITCH, PAY, CHOICE = (BANDIT[name] for name in ("good", "switch", "pay", "choice"))
AT_ONCE = 32768
"""Draws whose arithmetic fits a processor's cache."""


@dataclass(frozen=True)
class ReversalBandit:
    """Arms, and what they pay.

    Raises:
        Mistake: fewer than two arms, or probabilities outside 0 .. 1.
    """

    arms: int = 2
    high: float = 0.8
    """probability of a reward from the good arm"""
    low: float = 0.2
    """from the others"""

    world_equations: ClassVar[str] = (
        "hazard : 1 (constant)       # probability of a reversal before a trial\n"
        "good : 1                    # the arm that pays better\n"
    )
    arm_equations: ClassVar[str] = "good : 1\n"
    told: ClassVar[tuple[str, ...]] = ("good",)
    """states of the world that every arm is told"""
    rivalry: ClassVar[dict[str, str]] = {}

    def __post_init__(self) -> None:
        if self.arms < 2:
            raise Mistake(f"ReversalBandit: {self.arms} arms, at least 2 are needed")
        if not (0 <= self.low <= 1 and 0 <= self.high <= 1):
            raise Mistake(f"ReversalBandit: pays {self.high:g} and {self.low:g}, must be in [0, 1]")

    @property
    def streams(self) -> dict[str, int]:
        return {"stream_good": GOOD, "stream_switch": SWITCH, "stream_pay": PAY, "stream_choice": CHOICE}

    @property
    def move(self) -> str:
        """Code of the world before a trial: which arm is ``good``."""
        return (
            f"first = floor({self.arms}*keyed_uniform(task_seed, stream_good, individual, 0, 0))\n"
            "moved = int(keyed_uniform(task_seed, stream_switch, individual, trial, 0) < hazard)\n"
            f"good = int(trial < 0.5)*first + int(trial > 0.5)*((good + moved) % {self.arms})"
        )

    @property
    def pay(self) -> str:
        """Code of an arm: what it would ``pay`` in this trial."""
        return (
            "is_good = int(abs(good - index) < 0.5)\n"
            f"chance = {self.low!r} + ({self.high!r} - {self.low!r})*is_good\n"
            "pay = int(keyed_uniform(task_seed, stream_pay, individual, trial, index) < chance)"
        )

    def declare(self, circuit: Circuit, world: Any, arms: Any) -> None:
        """The argument ``hazard`` and the state ``good``."""
        circuit.parameter("hazard", {world: "one"}, 0, "probability of a reversal before a trial", low=0)
        circuit.state("good", f"{world.name}.good", ("individual",), "the good arm")

    def episodes(
        self, task_seed: int, hazard: ArrayLike, trials: int
    ) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """The very episodes that individuals 0, 1, ... of a network are given.

        Args:
            task_seed: the network's.
            hazard: (individual,) probability of a reversal.
            trials: how many.

        Returns:
            what each arm would pay (individual, trial, arm), and the good arm (individual, trial).
        """
        rates = np.asarray(hazard, float)
        who = np.arange(len(rates))[:, None]
        when = np.arange(trials)[None, :]
        first = np.floor(self.arms * uniform(task_seed, GOOD, who[:, 0], 0, 0)).astype(int)
        moved = _drawn(task_seed, SWITCH, who, when, 0) < rates[:, None]
        moved[:, 0] = False
        good = (first[:, None] + np.cumsum(moved, axis=1)) % self.arms
        pay = np.empty((len(rates), trials, self.arms), np.int8)
        for arm in range(self.arms):
            chance = np.where(good == arm, self.high, self.low)
            pay[:, :, arm] = _drawn(task_seed, PAY, who, when, arm) < chance
        return pay, good.astype(np.int8)


def _drawn(seed: int, stream: int, who: NDArray, when: NDArray, index: int) -> NDArray[np.float64]:
    """`uniform` of (individual, trial), few individuals at a time, two to four times faster."""
    parts = np.array_split(who, -(-who.size * when.size // AT_ONCE))
    return np.concatenate([uniform(seed, stream, part, when, index) for part in parts])
