"""Coefficients that behaviour may tell: those of the rule, and a readout that is no plasticity.

    l_a = beta (w_a + u_a) + bias_a + repeat c_a + habit h_a                                          (1)
    c_a += repeat_rate (y_a - c_a),      h_a += habit_rate (y_a - h_a)                                (2)
    logit_a = (1 - naive exp(-naive_rate t)) (1 - stray m) l_a - restless m [a was chosen last]       (3)
    P(a) = (1 - lapse) softmax(logit)_a + lapse/arms                                                  (4)

w and u move by the rule (`Family`, equations 1 to 5); y_a is 1 for the action chosen. (2) are two traces of
choices, fast and slow (Lau & Glimcher 2005, doi:10.1901/jeab.2005.110-04): habits that would otherwise be
taken for learning. (3) is what makes choices looser for a while. A session begins with choices that are less
consistent (t: trials made before; Yechiam & Busemeyer 2005, doi:10.3758/BF03193783, from memory, have a power
of t). And m is what the choice before the last had paid if the last was another, else 0: who leaves what paid
is about to explore, chooses more at random (``stray``) and moves on (``restless``), whatever comes of it.
``rest`` is the value with which all begin and to which forgetting leads.

Two combinations say the same exactly, and are therefore fixed, not fitted. Values in another unit, w' = c w,
with beta/c, own/c and rate c, give the same choices: ``own`` is 1, or, where the broadcast has no value of
its own (REINFORCE), ``beta`` is. A constant that is subtracted from the reward is ``rest`` shifted by it
(with own = 1): there is no such coefficient. A bias that all arms share does nothing: that of arm 0 is 0.

Fits run on a scale without bounds (`Free`: log odds of a share, log of what is positive). The weak priors
are normal there; that of ``rest`` covers no reward to reward, those of weights in logits are N(0, 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choice_models import Free
from ...analysis.foundation import Array, Mistake, nearest
from ..family import Family

ABSENT = ("eta_high", "eta_losses")
"""Coefficients that are not there unless they are named: the rate at an open gate (else the gate is shut),
and the rate of negative delta, eta times ``losses``, which then follows from it (a share cannot diverge)."""

LIKELY: Mapping[str, tuple[str, float, float]] = {
    "eta": ("share", -0.85, 1.5),
    "eta_high": ("share", 0.0, 1.5),
    "threshold": ("share", -0.4, 1.0),
    "width": ("positive", -2.5, 0.7),
    "slow": ("share", -2.0, 1.2),
    "losses": ("positive", 0.0, 1.0),
    "eta_losses": ("share", -0.85, 1.5),
    "coactivity": ("real", 1.0, 1.0),
    "opposite": ("real", 0.0, 1.0),
    "policy": ("real", 0.0, 1.0),
    "forgetting": ("share", -0.85, 1.5),
    "own": ("real", 1.0, 0.5),
    "baseline": ("real", 0.0, 0.5),
    "critic_rate": ("share", -2.5, 1.2),
    "agreement": ("real", 0.0, 1.0),
    "memory": ("share", 0.0, 1.5),
    "share": ("share", 0.0, 1.5),
    "fading": ("share", -1.5, 1.5),
    "beta": ("positive", float(np.log(3.0)), 1.0),
    "rest": ("real", 0.5, 0.5),
    "bias": ("real", 0.0, 1.0),
    "repeat": ("real", 0.0, 1.0),
    "repeat_rate": ("share", 1.5, 1.0),
    "habit": ("real", 0.0, 1.0),
    "habit_rate": ("share", -1.5, 1.0),
    "naive": ("share", -1.0, 1.5),
    "naive_rate": ("share", -2.5, 0.8),
    "stray": ("share", -1.0, 1.5),
    "restless": ("real", 0.0, 1.0),
    "lapse": ("share", -3.5, 1.2),
}
"""Scale, mean and standard deviation of the weak prior of every coefficient."""

REACH = {"rest": 1.0, "own": 1.0, "beta": 4.0}
"""How far from the weak prior's mean a fit may go on the scale without bounds; 6 where none is said."""

READOUT = (
    *("beta", "bias", "repeat", "repeat_rate", "habit", "habit_rate"),
    *("naive", "naive_rate", "stray", "restless", "lapse"),
)
"""What is no plasticity."""
FIXED: Mapping[str, float] = MappingProxyType(
    {
        **{p.name: p.default for p in Family.parameters if p.name not in ABSENT},
        **{"beta": 3.0, "rest": 0.5, "bias": 0.0, "repeat": 0.0, "repeat_rate": 1.0},
        **{"habit": 0.0, "habit_rate": 0.2, "lapse": 0.0},
        **{"naive": 0.0, "naive_rate": 0.07, "stray": 0.0, "restless": 0.0},
    }
)
"""Values of coefficients that are not fitted, unless others are given."""
FREE = (
    *("eta", "eta_losses", "opposite", "forgetting", "rest", "beta"),
    *("bias", "repeat", "repeat_rate", "habit", "habit_rate"),
    *("naive", "stray", "restless", "lapse"),
)
"""What is fitted by default."""
FIRM = tuple(name for name in FREE if name not in ("naive", "stray", "restless"))
"""The same without what makes choices looser for a while."""


@dataclass(frozen=True)
class Chart:
    """Which coefficients are fitted, and what the others are.

    Raises:
        Mistake: an unknown coefficient, one named twice, free and fixed, a set that cannot be told apart.
    """

    free: tuple[str, ...] = FREE
    fixed: Mapping[str, float] = field(default_factory=dict)
    name: str = "family"
    tied: Mapping[str, str] = field(default_factory=dict)
    """coefficient -> the free one whose value it has"""

    likely: ClassVar[Mapping[str, tuple[str, float, float]]] = LIKELY
    usual: ClassVar[Mapping[str, float]] = FIXED

    def __post_init__(self) -> None:
        for name in (*self.free, *self.fixed, *self.tied):
            if name not in self.likely:
                raise Mistake(
                    f"no coefficient '{name}'{nearest(name, self.likely)}; there are {', '.join(self.likely)}"
                )
        if len(set(self.free)) < len(self.free):
            raise Mistake("a coefficient to be fitted is named twice")
        both = set(self.free) & {*self.fixed, *self.tied} | set(self.fixed) & set(self.tied)
        if both:
            raise Mistake(f"{min(both)} cannot be two of fitted, fixed and tied")
        if not set(self.tied.values()) <= set(self.free):
            raise Mistake("a coefficient can be tied to one that is fitted only")
        self._told_apart()

    def _told_apart(self) -> None:
        if self._named("losses") and self._named("eta_losses"):
            raise Mistake("losses and eta_losses say the same: name one")
        if {"own", "eta", "beta"} <= set(self.free):
            raise Mistake("own, eta and beta are one too many: values in another unit give the same choices")
        if "coactivity" in self.free and {"eta", "own"} & set(self.free) and not self._at("policy"):
            raise Mistake("coactivity and eta say the same where there is no policy term: fix one")

    def _named(self, name: str) -> bool:
        return name in {*self.free, *self.fixed, *self.tied}

    def _at(self, name: str) -> bool:
        return name in self.free or self.fixed.get(name, self.usual.get(name, 0.0)) != 0

    def parameters(self, arms: int) -> tuple[Free, ...]:
        """The free coefficients of a task with so many arms, ``bias`` once for each arm but the first."""
        return tuple(
            Free(label, *self.likely[name], reach=REACH.get(name, 6.0))  # type: ignore[arg-type]
            for name in self.free
            for label in (_biases(arms) if name == "bias" else (name,))
        )

    def constants(self, arms: int) -> dict[str, float]:
        """Values of what is not free."""
        values = {**self.usual, **self.fixed}
        for name in (*self.free, *self.tied):
            values.pop(name, None)
        if "bias" in values:
            values |= dict.fromkeys(_biases(arms), values.pop("bias"))
        return values

    def values(self, x: Array, arms: int, rows: NDArray) -> dict[str, Array]:
        """Value of every coefficient for the rows ``rows`` of ``x`` (row, free coefficient), each (row,)."""
        theta = {name: np.full(len(rows), value) for name, value in self.constants(arms).items()}
        theta |= {p.name: p.value(x[rows, k]) for k, p in enumerate(self.parameters(arms))}
        return theta | {name: theta[source] for name, source in self.tied.items()}

    def network(self, x: Array, arms: int) -> dict[str, Array]:
        """What a `ChoiceNetwork` with habits is given to live at ``x``: arguments (subject,), states and
        ``bias`` (subject, arm)."""
        theta = self.values(x, arms, np.arange(len(x)))
        eta = theta["eta"]
        theta["losses"] = theta.pop("eta_losses", theta["losses"] * eta) / eta
        theta.setdefault("eta_high", eta)
        bias = np.stack([np.zeros(len(x)), *(theta.pop(name) for name in _biases(arms))], axis=1)
        return {**theta, "bias": bias, "w": np.tile(theta["rest"][:, None, None], (1, 1, arms))}


def _biases(arms: int) -> Sequence[str]:
    return [f"bias{arm}" for arm in range(1, arms)]


POINTS: Mapping[str, Chart] = MappingProxyType(
    {
        "Q": Chart(("eta", "beta", "bias", "repeat"), {}, "Q"),
        "Q, two rates": Chart(("eta", "eta_losses", "beta", "bias", "repeat"), {}, "Q, two rates"),
        "Q, forgetting": Chart(("eta", "forgetting", "beta", "bias", "repeat"), {}, "Q, forgetting"),
        "RFLR": Chart(("eta", "beta", "bias", "repeat"), {"rest": 0.0}, "RFLR", {"forgetting": "eta"}),
        "REINFORCE": Chart(
            ("eta", "critic_rate", "bias", "repeat"),
            {"beta": 1.0, "coactivity": 0.0, "policy": 1.0, "own": 0.0, "baseline": 1.0, "rest": 0.0},
            "REINFORCE",
        ),
        "family": Chart(),
    }
)
"""Named points, each with side bias and perseveration on the last choice. RFLR is the recursively formulated
logistic regression of Beron et al. (2022, doi:10.1073/pnas.2113961119): evidence phi for an arm, which fades,

    logit = repeat c + phi,     phi <- (1 - eta) phi + beta eta c r,     c = 1 chosen, -1 not,   (5)

is the value of both arms fading at the one rate to 0; of its two arms c here is half that of the paper."""
