"""Bernoulli bandit as a control task: one choice a trial, one reward with the chosen arm's probability.

A trial is one held action; what is chosen at its end is paid at once. The draws are keyed, so that an arm's
outcome in a trial depends on nothing but (seed, individual, trial, arm).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...analysis.foundation.mistakes import Mistake
from .control_task import Axis, ControlTask, PlaceCode


@dataclass(frozen=True)
class Bandit(ControlTask):
    """As many actions as ``probabilities``; states ``chosen`` (the last choice) and ``paid`` (1 or 0).

    Raises:
        Mistake: fewer than two arms, or a probability outside 0 .. 1.
    """

    probabilities: tuple[float, ...] = (0.8, 0.2)
    """of a reward, for each arm"""
    limit: float = field(default=0.5, kw_only=True)
    """time to choose (s)"""
    rest: float = field(default=1.0, kw_only=True)
    """silence between two trials (s)"""
    hold: int = field(default=25, kw_only=True)
    """ticks of 20 ms for which an action is held: all of the trial"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.probabilities) < 2 or not all(0 <= p <= 1 for p in self.probabilities):
            raise Mistake(f"Bandit: {self.probabilities} are not two or more probabilities")

    @property
    def actions(self) -> int:
        return len(self.probabilities)

    @property
    def states(self) -> tuple[str, ...]:
        return ("chosen", "paid")

    @property
    def start(self) -> Mapping[str, str]:
        return {"chosen": "0.0", "paid": "0.0"}

    @property
    def move(self) -> str:
        chance = " + ".join(f"{p!r}*int(action == {arm})" for arm, p in enumerate(self.probabilities))
        return (
            "next_chosen = action\n"
            f"next_paid = int(keyed_uniform(task_seed, outcome, individual, trial, action) < {chance})"
        )

    @property
    def success(self) -> str:
        return "paid > 0.5"

    @property
    def code(self) -> PlaceCode:
        return PlaceCode((Axis("0.0", -1.0, 1.0, 15),), width=10.0, peak=40.0)
