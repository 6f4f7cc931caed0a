"""A dopamine neuron that may weigh what it is told as it likes, and the plasticity that it teaches.

    delta = a r + b V(s') + c V(s) + d (1 - p)                                                (1)
    dw_s = rate eta delta e_s,      e <- trace e + x                                          (2)
    dtheta_sk = rate eta_actor delta x_s (y_k - p_k),      rate = 1/(1 + decay t)             (3)

r is the reward of a transition from state s to s', V(s) = w x the value that the critic's synapses hold (0
where an episode has ended), x the activity of the state cells, y_k 1 for the action that was taken, p_k the
probability of each and p that of the one taken; 1 - p is how little the action was expected (dopamine in the
tail of the striatum tells of that: Greenstreet et al. 2025, doi:10.1038/s41586-025-09008-9). The trace ends
with an episode. The temporal difference error is the point a : b : c : d = 1 : gamma : -1 : 0 (Sutton 1988,
doi:10.1007/BF00115009); the actor is that of Sutton & Barto (2018, section 13.5, without the factor gamma^t).

What the four weights can do. Where a > 0, c < 0 and d = 0, put W = (-c/a) V. Then (1) to (3) are exactly

    delta/a = r + gamma' W(s') - W(s),   gamma' = b/(-c),   critic's rate -c eta,   actor's rate a eta_actor,

an actor-critic with another discount and other rates (`as_td`). The actor cannot know in which units the
critic counts: only a score that reads the values themselves can tell a from -c. The mean update is nothing at
V = a (-c I - b P)^-1 (R + d U / a) (`analysis.theory.weighed_values`), which is the true value of the states
for every chain only at the temporal difference error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..analysis.foundation.mistakes import Mistake
from .parameter import number
from .rule import Rule


def _weight(default: float, meaning: str) -> Any:
    """A weight of the dopamine neuron, of either sign and any size; searches look between -2 and 2."""
    return number(
        default, "1", meaning, low=-math.inf, search=(-2.0, 2.0), scale="linear", where=("dopamine",)
    )


@dataclass(frozen=True)
class WeighedBroadcast(Rule):
    """Equations (1) to (3); the defaults are TD(0) with a discount of .9."""

    eta: float = number(0.6, "1/step", "rate of the critic", where=("critic",))
    eta_actor: float = number(0.0, "1/step", "rate of the actor", where=("actor",))
    decay: float = number(0.0, "1/step", "both rates fall as 1/(1 + decay*step)", where=("critic", "actor"))
    trace: float = number(
        0.0, "1", "what is left of the eligibility after a step", high=1.0, scale="linear", where=("pre",)
    )
    reward_weight: float = _weight(1.0, "a, of the reward")
    next_weight: float = _weight(0.9, "b, of the next value")
    present_weight: float = _weight(-1.0, "c, of the present value")
    action_weight: float = _weight(0.0, "d, of an action that was not expected")

    network: ClassVar[str] = "networks that live in a chain (ChainNetwork)"

    broadcast: ClassVar[str] = (
        "reward_weight*reward + next_weight*next_value + present_weight*value + action_weight*(1 - chosen_p)"
    )
    """equation (1)"""
    pre_code: ClassVar[str] = "e = trace*e*(1 - fresh) + x"
    """of a state cell; ``fresh`` is 1 in the first step of an episode"""
    eligibility: ClassVar[str] = "e_pre"
    """of the critic's synapses"""
    actor_eligibility: ClassVar[str] = "x_pre*(y_post - p_post)"
    """of the actor's synapses"""

    @classmethod
    def td(cls, gamma: float, **settings: float) -> WeighedBroadcast:
        """The temporal difference error with the discount ``gamma``.

        Raises:
            Mistake: ``gamma`` outside [0, 1], or what the rule refuses.
        """
        if not 0 <= gamma <= 1:
            raise Mistake(f"the discount is {gamma:g}, must be in [0, 1]")
        return cls(next_weight=gamma, **settings)

    def as_td(self) -> dict[str, float]:
        """``gamma``, ``eta`` and ``eta_actor`` of the temporal difference learner that acts alike.

        Raises:
            Mistake: the weights are no such learner's (a <= 0, c >= 0 or d not 0).
        """
        if not (self.reward_weight > 0 > self.present_weight) or self.action_weight != 0:
            raise Mistake("only with a > 0, c < 0 and d = 0 is the broadcast a temporal difference error")
        return {
            "gamma": -self.next_weight / self.present_weight,
            "eta": -self.present_weight * self.eta,
            "eta_actor": self.reward_weight * self.eta_actor,
        }


WEIGHTS = tuple(p.name for p in WeighedBroadcast.parameters if "dopamine" in p.where)
"""The weights of the dopamine neuron: a, b, c, d."""


def ratios(weights: Mapping[str, float]) -> tuple[float, float]:
    """(b/(-c), a/(-c)): the discount in the weights, and the scale of the values; nan where c >= 0."""
    c = weights["present_weight"]
    if c >= 0:
        return math.nan, math.nan
    return weights["next_weight"] / -c, weights["reward_weight"] / -c
