"""What both families of rules share: named points in a space of coefficients, and the gate of the rate.

`Family` is for neurons that choose, `TrialFamily` for networks that are taught.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

from ..analysis.foundation.mistakes import Mistake, nearest
from .parameter import number
from .rule import Rule

WIDTH = partial(
    number, 0.05, "1", "how gently the rate follows the trace", low=0.005, high=1.0, where=("dopamine",)
)
SLOW = partial(
    number, 0.1, "1/trial", "rate of the trace of |delta|", low=0.001, high=1.0, where=("dopamine",)
)
DOPAMINE: Mapping[str, Any] = {"where": ("dopamine",)}
"""Of numbers that a dopamine neuron holds."""
WEIGHT: Mapping[str, Any] = {"low": -2.0, "high": 2.0, "scale": "linear"}
"""Of coefficients that weigh something, for or against."""
OPEN_FOR = "1/(1 + exp(-clip(({} - threshold)/width, -50, 50)))"
"""Code: how far the gate is open for a signal."""
OPEN = OPEN_FOR.format("trace")
"""The same for the trace alone."""


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
