"""A family of rules for neurons that choose, whose coefficients contain known rules as exact points.

    delta  = r - own (w_c + u_c) x - baseline rbar                                            (1)
    push_a = rate [delta] x (coactivity y_a - opposite (1 - y_a) + policy (y_a - p_a))
    dw_a   = (1 - share) push_a - forgetting (1 - y_a) (w_a - w_0)                            (2)
    du_a   = share push_a - fading u_a
    rate   = eta + (eta_high - eta) / (1 + exp(-(s + agreement a - threshold)/width))         (3)
    ds     = slow (|delta| - s),     drbar = critic_rate (r - rbar)                           (4)
    da     = slow (mean of z_a h_a - a),     z_a = delta (2 y_a - 1),     h_a <- memory h_a + z_a   (5)

y_a is 1 for the neuron whose action was chosen and 0 for the others, p_a the probability of that, x the
presynaptic activity, r the reward, c the chosen action. delta is broadcast to all by dopamine, and counts as
[delta]: delta, but ``losses`` delta where it is negative (Frank et al. 2004, doi:10.1126/science.1102941,
from memory). So is the slow trace s of its magnitude, which gates the rate: metaplasticity (3), as
uncertainty about a volatile world should (Behrens et al. 2007, doi:10.1038/nn1954). Errors that go on in one
direction say that the rate is too
low, errors that alternate that it is too high (Jacobs 1988, doi:10.1016/0893-6080(88)90003-2; Sutton 1992,
AAAI, 171-176; both from memory): (5) is the trace of an error z_a times the recent ones h_a of the same
neuron, averaged over the neurons and taken before h_a is renewed. A share of each change goes to a second
synapse u_a beside w_a, which fades: two time constants of memory under one broadcast (Smith et al. 2006,
doi:10.1371/journal.pbio.0040179, from memory; for metaplastic synapses of several states under a detector of
surprise, Iigaya 2016, doi:10.7554/eLife.18073). The value is w_a + u_a.

`TrialFamily` is the other half, for neurons that are taught: its coefficients have the same names where they
mean the same (coactivity, forgetting, baseline, and threshold, width and slow of the gate). Points of this
half:

================== ==========================================================================================
Reinforce          y - p alone, a mean reward as baseline (Williams 1992, doi:10.1007/BF00992696)
ChosenValue        co-activity alone, against the chosen action's own value (Rescorla & Wagner)
BothValues         the same, and the opposite for what was not chosen
ForgettingValue    ChosenValue, and values of what was not chosen decay (Barraclough et al. 2004,
                   doi:10.1038/nn1209; Ito & Doya 2009, doi:10.1523/JNEUROSCI.6157-08.2009)
================== ==========================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .parameter import number
from .rule_family import DOPAMINE, OPEN_FOR, SLOW, WEIGHT, WIDTH, RuleFamily

POINTS: Mapping[str, Mapping[str, float]] = {
    "Reinforce": {"coactivity": 0.0, "policy": 1.0, "own": 0.0, "baseline": 1.0},
    "ChosenValue": {},
    "BothValues": {"opposite": 1.0},
    "ForgettingValue": {"forgetting": 0.1},
}
"""Named points: what differs from the defaults. The gate is shut (eta_high = eta) in all of them, and the
lasting synapse takes all of a change."""


@dataclass(frozen=True)
class Family(RuleFamily):
    """The family, equations (1) to (5); the defaults are ChosenValue."""

    eta: float = number(
        0.1, "1/trial", "learning rate while the trace is low", high=1.0, scale="linear", **DOPAMINE
    )
    eta_high: float = number(
        0.1, "1/trial", "learning rate while the trace is high", high=1.0, scale="linear", **DOPAMINE
    )
    threshold: float = number(
        0.4, "1", "trace of |delta| at which the rate is halfway", high=1.0, scale="linear", **DOPAMINE
    )
    width: float = WIDTH()
    slow: float = SLOW()
    coactivity: float = number(1.0, "1", "weight of the chosen neuron's activity", **WEIGHT)
    opposite: float = number(0.0, "1", "weight, with the other sign, of what was not chosen", **WEIGHT)
    policy: float = number(0.0, "1", "weight of action minus policy", **WEIGHT)
    forgetting: float = number(0.0, "1/trial", "decay of what was not chosen", high=1.0, scale="linear")
    losses: float = number(1.0, "1", "weight of a negative delta", high=100.0, search=(0.1, 10.0))
    own: float = number(1.0, "1", "how much of the chosen value is expected", **WEIGHT, **DOPAMINE)
    baseline: float = number(0.0, "1", "how much of the mean reward is expected", **WEIGHT, **DOPAMINE)
    critic_rate: float = number(
        0.05, "1/trial", "rate of the mean reward", high=1.0, scale="linear", **DOPAMINE
    )
    agreement: float = number(
        0.0, "1", "weight of agreeing errors in the gate", low=-4.0, high=4.0, scale="linear", **DOPAMINE
    )
    memory: float = number(0.0, "1", "what a trial leaves of the recent errors", high=0.99, scale="linear")
    share: float = number(
        0.0, "1", "part of a change that goes to the fading synapse", high=1.0, scale="linear"
    )
    fading: float = number(0.0, "1/trial", "decay of the fading synapse", high=1.0, scale="linear")

    network: ClassVar[str] = "networks that choose (ChoiceNetwork)"
    states: ClassVar[Mapping[str, tuple[str, str]]] = {
        "fast": ("synapse", "value that fades"),
        "recent": ("neuron", "recent errors, in the direction of this choice"),
        "trace": ("dopamine", "slow mean of abs(delta)"),
        "average": ("dopamine", "mean reward"),
        "accord": ("dopamine", "slow mean of agreeing errors"),
    }
    points: ClassVar[Mapping[str, Mapping[str, float]]] = POINTS

    broadcast: ClassVar[str] = "reward - own*expected - baseline*average"
    """reads ``reward`` and ``expected``, the value of the chosen"""
    dopamine_equations: ClassVar[str] = "rate : 1  # gated learning rate (1/trial)"
    dopamine_code: ClassVar[str] = (
        "trace += slow*(abs(delta) - trace)\n"
        "accord += slow*(delta*recently - accord)\n"
        f"rate = eta + (eta_high - eta)*{OPEN_FOR.format('trace + agreement*accord')}\n"
        "average += critic_rate*(reward - average)"
    )
    """reads ``recently``, the mean of (2 y - 1) h"""
    before_update: ClassVar[str] = "recent = memory*recent + modulator*(2*y - 1)"
    """equation (5)"""
    eligibility: ClassVar[str] = (
        "x_pre*(coactivity_post*y_post - opposite_post*(1 - y_post) + policy_post*(y_post - p_post))"
    )
    update: ClassVar[str] = (
        "push = rate_post*modulator_post*eligibility*(1 + (losses_post - 1)*int(modulator_post < 0))\n"
        "w += learning_post*((1 - share_post)*push - forgetting_post*(1 - y_post)*(w - w_rest))\n"
        "fast += learning_post*(share_post*push - fading_post*fast)"
    )
    """the rate comes from the dopamine neuron, which does not know of ``learning``"""

    @classmethod
    def at_rate(cls, eta: float) -> dict[str, float]:
        return {"eta": eta, "eta_high": eta}
