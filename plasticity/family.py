"""A family of rules for neurons that choose, whose coefficients contain known rules as exact points.

    delta  = r - own (w_c + u_c) x - baseline rbar                                            (1)
    push_a = rate delta x (coactivity y_a - opposite (1 - y_a) + policy (y_a - p_a))
    dw_a   = (1 - share) push_a - forgetting (1 - y_a) (w_a - w_0)                            (2)
    du_a   = share push_a - fading u_a
    rate   = eta + (eta_high - eta) / (1 + exp(-(s + agreement a - threshold)/width))         (3)
    ds     = slow (|delta| - s),     drbar = critic_rate (r - rbar)                           (4)
    da     = slow (mean of z_a h_a - a),     z_a = delta (2 y_a - 1),     h_a <- memory h_a + z_a   (5)

y_a is 1 for the neuron whose action was chosen and 0 for the others, p_a the probability of that, x the
presynaptic activity, r the reward, c the chosen action. delta is broadcast to all by dopamine; so is the slow
trace s of its magnitude, which gates the rate: metaplasticity (3), as uncertainty about a volatile world
should (Behrens et al. 2007, doi:10.1038/nn1954). Errors that go on in one direction say that the rate is too
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

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from ..analysis.foundation.mistakes import Mistake, nearest
from .parameter import Parameter
from .rule import Rule

ETA = Parameter("eta", 0.1, "1/trial", 0.0, 1.0, "linear", "learning rate while the trace is low")

WIDTH = Parameter("width", 0.05, "1", 0.005, 1.0, "log", "how gently the rate follows the trace")
SLOW = Parameter("slow", 0.1, "1/trial", 0.001, 1.0, "log", "rate of the trace of |delta|")
OPEN_FOR = "1/(1 + exp(-clip(({} - threshold)/width, -50, 50)))"
"""Code: how far the gate is open for a signal, equation (3)."""
OPEN = OPEN_FOR.format("trace")
"""The same for the trace alone."""

PARAMETERS = (
    ETA,
    Parameter("eta_high", 0.1, "1/trial", 0.0, 1.0, "linear", "learning rate while the trace is high"),
    Parameter("threshold", 0.4, "1", 0.0, 1.0, "linear", "trace of |delta| at which the rate is halfway"),
    WIDTH,
    SLOW,
    Parameter("coactivity", 1.0, "1", -2.0, 2.0, "linear", "weight of the chosen neuron's activity"),
    Parameter(
        "opposite", 0.0, "1", -2.0, 2.0, "linear", "weight, with the other sign, of what was not chosen"
    ),
    Parameter("policy", 0.0, "1", -2.0, 2.0, "linear", "weight of action minus policy"),
    Parameter("forgetting", 0.0, "1/trial", 0.0, 1.0, "linear", "decay of what was not chosen"),
    Parameter("own", 1.0, "1", -2.0, 2.0, "linear", "how much of the chosen value is expected"),
    Parameter("baseline", 0.0, "1", -2.0, 2.0, "linear", "how much of the mean reward is expected"),
    Parameter("critic_rate", 0.05, "1/trial", 0.0, 1.0, "linear", "rate of the mean reward"),
    Parameter("agreement", 0.0, "1", -4.0, 4.0, "linear", "weight of agreeing errors in the gate"),
    Parameter("memory", 0.0, "1", 0.0, 0.99, "linear", "what a trial leaves of the recent errors"),
    Parameter("share", 0.0, "1", 0.0, 1.0, "linear", "part of a change that goes to the fading synapse"),
    Parameter("fading", 0.0, "1/trial", 0.0, 1.0, "linear", "decay of the fading synapse"),
)

POINTS: Mapping[str, Mapping[str, float]] = {
    "Reinforce": {"coactivity": 0.0, "policy": 1.0, "own": 0.0, "baseline": 1.0},
    "ChosenValue": {},
    "BothValues": {"opposite": 1.0},
    "ForgettingValue": {"forgetting": 0.1},
}
"""Named points: what differs from the defaults. The gate is shut (eta_high = eta) in all of them, and the
lasting synapse takes all of a change."""


@dataclass(frozen=True)
class RuleFamily(Rule):
    """Base of both halves: rules that are points of one space of coefficients."""

    points: ClassVar[Mapping[str, Mapping[str, float]]] = {}
    """named points: what differs from the defaults"""

    @classmethod
    def point(cls, name: str, eta: float | None = None, **settings: float) -> Self:
        """The rule of a named point, at the learning rate ``eta``, with further settings.

        Raises:
            Mistake: no such point.
        """
        if name not in cls.points:
            raise Mistake(f"the family has no point '{name}'{nearest(name, cls.points)}")
        return cls(**{**({} if eta is None else cls.at_rate(eta)), **cls.points[name], **settings})

    @classmethod
    def at_rate(cls, eta: float) -> dict[str, float]:
        """Settings of one constant rate."""
        return {"eta": eta}


@dataclass(frozen=True)
class Family(RuleFamily):
    """The family, equations (1) to (5); the defaults are ChosenValue."""

    eta: float = ETA.default
    """learning rate while the trace of abs(delta) is low (1/trial)"""
    eta_high: float = 0.1
    """learning rate while it is high (1/trial)"""
    threshold: float = 0.4
    """trace at which the rate is halfway"""
    width: float = 0.05
    """how gently the rate follows the trace"""
    slow: float = 0.1
    """rate of the trace (1/trial)"""
    coactivity: float = 1.0
    """weight of the chosen neuron's activity"""
    opposite: float = 0.0
    """weight, with the other sign, of the neurons not chosen"""
    policy: float = 0.0
    """weight of action minus policy"""
    forgetting: float = 0.0
    """decay of what was not chosen (1/trial)"""
    own: float = 1.0
    """how much of the chosen value is expected"""
    baseline: float = 0.0
    """how much of the mean reward is expected"""
    critic_rate: float = 0.05
    """rate of the mean reward (1/trial)"""
    agreement: float = 0.0
    """weight of the trace of agreeing errors in the gate"""
    memory: float = 0.0
    """what a trial leaves of the recent errors"""
    share: float = 0.0
    """part of a change that goes to the fading synapse"""
    fading: float = 0.0
    """decay of the fading synapse (1/trial)"""

    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    points: ClassVar[Mapping[str, Mapping[str, float]]] = POINTS

    broadcast: ClassVar[str] = "delta = reward - own*expected - baseline*average"
    """code in the dopamine neuron; reads ``reward``, ``expected`` (value of the chosen) and ``average``"""
    gate: ClassVar[str] = (
        "trace += slow*(abs(delta) - trace)\n"
        "accord += slow*(delta*recently - accord)\n"
        f"rate = eta + (eta_high - eta)*{OPEN_FOR.format('trace + agreement*accord')}\n"
        "average += critic_rate*(reward - average)"
    )
    """code in the dopamine neuron after the broadcast; reads ``recently``, the mean of (2 y - 1) h"""
    remember: ClassVar[str] = "recent = memory*recent + modulator*(2*y - 1)"
    """code in the neuron after the broadcast, equation (5)"""
    eligibility: ClassVar[str] = (
        "x_pre*(coactivity_post*y_post - opposite_post*(1 - y_post) + policy_post*(y_post - p_post))"
    )
    update: ClassVar[str] = (
        "push = rate_post*modulator_post*eligibility\n"
        "w += learning_post*((1 - share_post)*push - forgetting_post*(1 - y_post)*(w - w_rest))\n"
        "fast += learning_post*(share_post*push - fading_post*fast)"
    )
    """code in the synapse; reads the eligibility, ``modulator`` and ``rate`` as dopamine tells them"""

    @classmethod
    def at_rate(cls, eta: float) -> dict[str, float]:
        return {"eta": eta, "eta_high": eta}
