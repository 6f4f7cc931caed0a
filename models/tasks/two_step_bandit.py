"""The two-step task for neurons that choose: an arm leads to one of two states, and a state pays.

The variant in which the two states swap what they pay (Wang et al. 2018, doi:10.1038/s41593-018-0147-8), as
the players of `analysis.players.two_step_swap` are given it. Arm a leads to state a with probability
``common``, else to the other; one state pays with chance ``high``, the other with ``low``, and before each
trial but the first the two swap with the probability ``hazard``. The neurons are told what was paid, not
where: what they can learn is what the model-free player of lambda = 1 learns. Draws are keyed by (seed,
individual, trial, state).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...analysis.foundation.mistakes import Mistake
from ...analysis.players.two_step_swap import Episodes
from ..program.keyed import uniform
from .reversal_bandit import ReversalBandit
from .streams import BANDIT

TRANSITION = BANDIT["transition"]
"""Stream of the keyed draws that say whether a transition is the common one."""


@dataclass(frozen=True)
class TwoStepBandit(ReversalBandit):
    """Two arms, and the states that they lead to.

    Raises:
        Mistake: not two arms, ``common`` outside [0, 1], or what `ReversalBandit` refuses.
    """

    high: float = 0.9
    """probability of a reward in the good state"""
    low: float = 0.1
    """in the other"""
    common: float = 0.8
    """probability that arm a leads to state a"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.arms != 2 or not 0 <= self.common <= 1:
            raise Mistake(f"TwoStepBandit: {self.arms} arms, common {self.common:g}; must be 2, in [0, 1]")

    @property
    def streams(self) -> dict[str, int]:
        return {**super().streams, "stream_transition": TRANSITION}

    @property
    def pay(self) -> str:
        return (
            "is_good = int(abs(good - index) < 0.5)\n"
            f"leads = {self.common!r}*is_good + (1 - {self.common!r})*(1 - is_good)\n"
            f"chance = {self.low!r} + ({self.high!r} - {self.low!r})*leads\n"
            "usual = int(keyed_uniform(task_seed, stream_transition, individual, trial, 0)"
            f" < {self.common!r})\n"
            "reached = usual*index + (1 - usual)*(1 - index)\n"
            "in_good = int(abs(good - reached) < 0.5)\n"
            f"odds = {self.low!r} + ({self.high!r} - {self.low!r})*in_good\n"
            "pay = int(keyed_uniform(task_seed, stream_pay, individual, trial, reached) < odds)"
        )

    def states(self, task_seed: int, hazard: ArrayLike, trials: int) -> Episodes:
        """The very episodes that individuals 0, 1, ... of a network are given, for players.

        Arguments as of `episodes`.
        """
        pay, good = super().episodes(task_seed, hazard, trials)
        who, when = np.arange(len(good))[:, None], np.arange(trials)[None, :]
        usual = uniform(task_seed, TRANSITION, who, when, 0) < self.common
        (swap,) = set(np.ravel(hazard).tolist())
        return Episodes(good, usual, pay, self.common, self.high, self.low, swap)

    def episodes(
        self, task_seed: int, hazard: ArrayLike, trials: int
    ) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """What each arm would pay, and the arm that mostly leads to the good state."""
        world = self.states(task_seed, hazard, trials)
        swapped = world.pay[:, :, ::-1]
        return np.where(world.is_common[:, :, None], world.pay, swapped), world.good
