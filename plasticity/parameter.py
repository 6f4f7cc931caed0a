"""A named number of a plasticity rule, declared once: on the field of the rule that holds it.

    eta: float = number(0.01, "1/trial", "learning rate", search=(1e-3, 3.0))

From this follow the rule's ``parameters``, the check of its value, the line ``eta : 1 (constant)  # learning
rate`` in the equations of whoever holds it, the arguments of a program, and where a search looks.
"""

import math
from dataclasses import Field, dataclass, field, replace
from functools import cache
from typing import Any, Literal

from ..analysis.foundation.mistakes import Mistake

Scale = Literal["log", "linear"]
BRIAN_UNITS = {
    "s": "second",
    "1/s": "Hz",
    "Hz": "Hz",
    "drive": "{drive}",
    "weight": "{weight}",
    "weight**2": "{squared}",
}
"""Units in equations; all others (1, 1/trial) are numbers. Braces are filled by `SpikingRule.piece`."""
UNBOUNDED = 1e30
"""Stands for an infinite bound in code."""


@dataclass(frozen=True)
class Parameter:
    """One number of a rule, for the network that needs its value and for the search that varies it."""

    name: str
    default: float
    unit: str
    low: float
    high: float
    scale: Scale
    meaning: str
    open_low: bool = False
    """True where the lower bound itself is not allowed (a standard deviation of zero)."""
    search: tuple[float, float] | None = None
    """where a search looks unless it is told otherwise; None: from ``low`` to ``high``"""
    where: tuple[str, ...] = ()
    """whose constant it is (``neuron``, ``synapse``, ``dopamine``, ``pre``); () where the network says"""

    def accepts(self, value: float) -> bool:
        """True if ``value`` is within the bounds, and finite or the default (an infinite one: no bound)."""
        above = value > self.low if self.open_low else value >= self.low
        return (math.isfinite(value) or value == self.default) and above and value <= self.high

    @property
    def range(self) -> str:
        """The bounds as an interval, for messages."""
        opening = "(" if self.open_low or self.low == -math.inf else "["
        closing = ")" if self.high == math.inf else "]"
        return f"{opening}{self.low:g}, {self.high:g}{closing}"

    def line(self, flags: str = "constant") -> str:
        """Its line in equations."""
        return f"{self.name} : {BRIAN_UNITS.get(self.unit, '1')} ({flags})  # {self.meaning}"


def number(
    default: float,
    unit: str,
    meaning: str,
    *,
    low: float = 0.0,
    high: float = math.inf,
    scale: Scale = "log",
    open_low: bool = False,
    search: tuple[float, float] | None = None,
    where: tuple[str, ...] = ("neuron",),
) -> Any:
    """The field of a rule that holds a `Parameter`, whose name is that of the field."""
    declared = Parameter("", default, unit, low, high, scale, meaning, open_low, search, where)
    return field(default=default, metadata={"number": declared})


class Declared:
    """As an attribute of a dataclass: the numbers that its fields declare, in their order."""

    def __get__(self, instance: object, owner: type) -> tuple[Parameter, ...]:
        return _declared(tuple(getattr(owner, "__dataclass_fields__", {}).values()))


@cache
def _declared(fields: tuple[Field[Any], ...]) -> tuple[Parameter, ...]:
    return tuple(replace(f.metadata["number"], name=f.name) for f in fields if "number" in f.metadata)


def check_numbers(holder: Any) -> None:
    """Refuse a value that one of the holder's ``parameters`` does not accept.

    Raises:
        Mistake: in one line, with the bounds and what the number means.
    """
    for parameter in holder.parameters:
        value = getattr(holder, parameter.name)
        if not parameter.accepts(value):
            raise Mistake(
                f"{type(holder).__name__}: {parameter.name} is {value:g}, "
                f"must be in {parameter.range} ({parameter.meaning})"
            )
