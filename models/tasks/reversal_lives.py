"""Lives of several episodes of a reversal bandit, one after another without a sign.

Every ``episode`` trials a new episode begins: its hazard is one of ``hazards``, each as probable, and its
good arm is drawn anew, so that a world that has been still may change. Draws are keyed by (seed, individual,
episode). Within an episode this is `ReversalBandit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .reversal_bandit import GOOD, PAY, SWITCH, ReversalBandit
from .streams import BANDIT

if TYPE_CHECKING:
    from ..circuit import Circuit

HAZARD = BANDIT["hazard"]
"""Stream of the keyed draws that say which hazard an episode has."""


@dataclass(frozen=True)
class ReversalLives(ReversalBandit):
    """Arms, what they pay, and the episodes of a life.

    Raises:
        Mistake: no hazard or one outside 0 .. 1, no trial in an episode, or what `ReversalBandit` refuses.
    """

    hazards: tuple[float, ...] = (0.0, 0.2)
    """probabilities of a reversal before a trial, one for each episode"""
    episode: int = 200
    """trials of an episode"""

    world_equations: ClassVar[str] = (
        "good : 1                    # the arm that pays better\n"
        "hazard : 1                  # probability of a reversal before a trial of this episode\n"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hazards or any(not 0 <= one <= 1 for one in self.hazards) or self.episode < 1:
            raise Mistake("ReversalLives: hazards in [0, 1] and at least one trial an episode are needed")

    @property
    def streams(self) -> dict[str, int]:
        return {**super().streams, "stream_hazard": HAZARD}

    @property
    def move(self) -> str:
        kinds = len(self.hazards)
        which = " + ".join(f"{one!r}*int(abs(kind - {k}) < 0.5)" for k, one in enumerate(self.hazards))
        return (
            f"number = floor((trial + 0.5)/{self.episode})\n"
            f"begins = int(trial - {self.episode}*number < 0.5)\n"
            f"kind = floor({kinds}*keyed_uniform(task_seed, stream_hazard, individual, number, 0))\n"
            f"hazard = {which}\n"
            f"first = floor({self.arms}*keyed_uniform(task_seed, stream_good, individual, number, 0))\n"
            "moved = int(keyed_uniform(task_seed, stream_switch, individual, trial, 0) < hazard)\n"
            f"good = begins*first + (1 - begins)*((good + moved) % {self.arms})"
        )

    def declare(self, circuit: Circuit, world: Any, arms: Any) -> None:
        """The state ``good``; the hazards are the task's own."""
        circuit.state("good", f"{world.name}.good", ("individual",), "the good arm")

    def lives(
        self, task_seed: int, individuals: int, episodes: int
    ) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float64]]:
        """The very lives that individuals of a network are given.

        Returns:
            what each arm would pay (individual, trial, arm), the good arm (individual, trial) and the hazard
            of each episode (individual, episode).
        """
        who, which = np.arange(individuals)[:, None], np.arange(episodes)[None, :]
        kind = np.floor(len(self.hazards) * uniform(task_seed, HAZARD, who, which, 0)).astype(int)
        hazard = np.asarray(self.hazards, float)[kind]
        first = np.floor(self.arms * uniform(task_seed, GOOD, who, which, 0)).astype(int)
        when = np.arange(episodes * self.episode)[None, :]
        moved = uniform(task_seed, SWITCH, who, when, 0) < np.repeat(hazard, self.episode, axis=1)
        moved = moved.reshape(individuals, episodes, self.episode)
        moved[:, :, 0] = False
        good = ((first[:, :, None] + np.cumsum(moved, axis=2)) % self.arms).reshape(individuals, -1)
        pay = np.empty((*good.shape, self.arms), np.int8)
        for arm in range(self.arms):
            chance = np.where(good == arm, self.high, self.low)
            pay[:, :, arm] = uniform(task_seed, PAY, who, when, arm) < chance
        return pay, good.astype(np.int8), hazard
