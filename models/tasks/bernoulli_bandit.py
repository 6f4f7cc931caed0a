"""Bernoulli bandit for neurons that choose: every arm pays 1 with a probability of its own.

The probabilities ``chance`` (individual, arm) are arguments of the program, drawn by a distribution of tasks
(`bandits`). What an arm would pay in a trial is keyed by (seed, individual, trial, arm), so that it depends
on nothing that anybody chooses, and learners and ideal players can be given the same episodes. (Robbins 1952,
doi:10.1090/S0002-9904-1952-09620-8.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .reversal_bandit import CHOICE, PAY

if TYPE_CHECKING:
    from ..circuit import Circuit


@dataclass(frozen=True)
class BernoulliBandit:
    """Arms whose probabilities of reward stand still.

    Raises:
        Mistake: fewer than two arms.
    """

    arms: int = 2

    world_equations: ClassVar[str] = ""
    arm_equations: ClassVar[str] = "betters : 1  # arms that pay more often\n"
    told: ClassVar[tuple[str, ...]] = ()
    """states of the world that every arm is told"""
    rivalry: ClassVar[dict[str, str]] = {"betters": "int(chance_pre > chance_post)"}
    """sums over the other arms, by the name of the arm's state"""
    move: ClassVar[str] = ""
    """code of the world before a trial: it stands still"""
    pay: ClassVar[str] = (
        "is_good = int(betters < 0.5)\n"
        "pay = int(keyed_uniform(task_seed, stream_pay, individual, trial, index) < chance)"
    )
    """code of an arm: what it would pay in this trial"""

    def __post_init__(self) -> None:
        if self.arms < 2:
            raise Mistake(f"BernoulliBandit: {self.arms} arms, at least 2 are needed")

    @property
    def streams(self) -> dict[str, int]:
        return {"stream_pay": PAY, "stream_choice": CHOICE}

    def declare(self, circuit: Circuit, world: Any, arms: Any) -> None:
        """The argument ``chance``."""
        arms.chance = 0.5
        circuit.state("chance", f"{arms.name}.chance", ("individual", "arm"), "probability of a reward")

    def episodes(self, task_seed: int, chance: ArrayLike, trials: int) -> NDArray[np.int8]:
        """What each arm would pay (individual, trial, arm) to individuals 0, 1, ... of a network.

        Args:
            task_seed: the network's.
            chance: (individual, arm) probabilities of a reward.
            trials: how many.

        Raises:
            Mistake: probabilities outside 0 .. 1, or not one for each arm.
        """
        chances = np.asarray(chance, float)
        if chances.ndim != 2 or chances.shape[1] != self.arms:
            raise Mistake(f"BernoulliBandit: chance has shape {chances.shape}, must be (n, {self.arms})")
        if not ((chances >= 0) & (chances <= 1)).all():
            raise Mistake("BernoulliBandit: probabilities of a reward must lie in [0, 1]")
        who, when, arm = np.ogrid[: len(chances), :trials, : self.arms]
        return (uniform(task_seed, PAY, who, when, arm) < chances[:, None]).astype(np.int8)
