"""Each neuron an agent: REINFORCE with a signal that it shares with all, with some, or with nobody.

A neuron fires (s = 1) or not (s = 0) with p = 1/(1 + exp(-u)), u = sum w x; a = 2 s - 1 is its vote. Its
synapses change by

    dw = eta modulator (s - p) x                                                               (1)
    modulator = one delta_team gate (1 - agreement + agreement a D) + grouped delta_group + difference d   (2)
    gate = 1/(1 + (v/threshold)**4),   dv = alpha (delta_team**2 - v)                          (3)

(Williams 1992, doi:10.1007/BF00992696, with p the one of a logistic unit; escape noise in one time bin).
delta_team is what the whole team earned less what it used to earn, delta_group the same for the neuron's
group; D is the population's decision, so that a D is 1 where a neuron agreed and -1 where it did not (after
Urbanczik & Senn 2009, doi:10.1038/nn.2264); d is half of the reward less the reward if this neuron alone had
voted otherwise, its own marginal contribution (difference rewards: Wolpert & Tumer 2001, from memory). The
four coefficients, each between 0 and 1, make every signal a point of one family; expectations are running
means of the rate ``alpha``. A neuron can learn what a team's broadcast is worth to it: (3) shuts it out where
it varies by more than one decision would make it. Without a threshold (1e6) the gate is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from ..analysis.foundation.mistakes import Mistake, nearest
from .parameter import number
from .rule import Rule

SIGNALS: Mapping[str, Mapping[str, float]] = {
    "one": {},
    "groups": {"one": 0.0, "grouped": 1.0},
    "difference": {"one": 0.0, "difference": 1.0},
    "agreement": {"agreement": 1.0},
}
"""Named signals: what differs from one broadcast for all."""


def _share(default: float, meaning: str) -> float:
    return number(  # type: ignore[no-any-return]
        default, "1", meaning, high=1.0, search=(0.0, 1.0), scale="linear", where=("neuron",)
    )


@dataclass(frozen=True)
class TeamSignal(Rule):
    """Equations (1) and (2); the defaults are one broadcast for all."""

    eta: float = number(0.01, "1/trial", "learning rate", where=("neuron",), search=(1e-4, 1.0))
    one: float = _share(1.0, "share of the team's broadcast")
    grouped: float = _share(0.0, "share of the broadcast of the neuron's group")
    difference: float = _share(0.0, "share of the neuron's own marginal contribution")
    agreement: float = _share(0.0, "how much a broadcast counts by agreement with the decision")
    threshold: float = number(
        1e6,
        "1",
        "variance of the team's broadcast that shuts its gate by half",
        open_low=True,
        search=(0.1, 100.0),
    )
    alpha: float = number(
        0.05,
        "1/trial",
        "rate of what is expected",
        high=1.0,
        search=(1e-3, 1.0),
        where=("dopamine", "neuron"),
    )

    network: ClassVar[str] = "teams of neurons that vote (TeamNetwork)"

    dopamine_equations: ClassVar[str] = """
    expected : 1          # running mean of what a unit earned
    delta : 1             # the broadcast
    """
    broadcast: ClassVar[str] = "earned - expected"
    dopamine_code: ClassVar[str] = "expected += alpha*delta"
    neuron_equations: ClassVar[str] = """
    score : 1             # d ln P/du
    volume : 1            # v, running mean of the squared broadcast of the team
    gate : 1
    """
    neuron_code: ClassVar[str] = "score = spiked - p"
    before_update: ClassVar[str] = (
        "volume += alpha*(delta_team**2 - volume)\ngate = 1/(1 + (volume/threshold)**4)\n"
        "modulator = one*delta_team*gate*(1 - agreement + agreement*vote*decision)"
        " + grouped*delta_group + difference*marginal"
    )
    """equations (3) and (2)"""
    eligibility: ClassVar[str] = "score_post*x_pre"

    @classmethod
    def point(cls, signal: str, **settings: float) -> Self:
        """The rule of a named signal.

        Raises:
            Mistake: no such signal, or what the rule refuses.
        """
        if signal not in SIGNALS:
            raise Mistake(f"no signal '{signal}'{nearest(signal, SIGNALS)}")
        return cls(**{**SIGNALS[signal], **settings})
