"""A named number of a plasticity rule: what it means, its unit, and where a search may look for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Parameter:
    """One number of a rule, for the network that needs its value and for the search that varies it."""

    name: str
    default: float
    unit: str
    low: float
    high: float
    scale: Literal["log", "linear"]
    meaning: str
    open_low: bool = False
    """True where the lower bound itself is not allowed (a standard deviation of zero)."""

    def accepts(self, value: float) -> bool:
        """True if ``value`` is finite and within the bounds."""
        above = value > self.low if self.open_low else value >= self.low
        return math.isfinite(value) and above and value <= self.high

    @property
    def range(self) -> str:
        """The bounds as an interval, for messages."""
        opening = "(" if self.open_low or self.low == -math.inf else "["
        closing = ")" if self.high == math.inf else "]"
        return f"{opening}{self.low:g}, {self.high:g}{closing}"
