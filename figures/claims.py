"""A claim: one checkable statement of a figure, with its value, and whether it holds.

    Claim("cosine at K = 1", value, expected, tolerance, "5 standard errors")   |value - expected|
    Claim.estimate("cosine", value, expected, standard_error)                   within z errors
    Claim.of_mean("cosine", samples, expected)                                  the same, from samples
    Claim.at_least("accuracy", value, .9, "issue: NP on digits")                one-sided
    Claim.at_most("share of NaN", value, 0, "nothing diverges")
    Claim.waiting("rank correlation", .95, "the recordings ...")        not checked: says what it needs

A value that is not finite, or is missing (None), never passes; a claim that waits for data that are not at
hand neither passes nor fails.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from ..analysis.foundation.mistakes import Mistake
from ..analysis.statistics.intervals import mean_and_error

AT_LEAST, AT_MOST = "at least: ", "at most: "
"""How the reason of a one-sided claim begins; such a claim has no tolerance."""
NEEDS = "needs "
"""How the reason goes on where a claim waits for data."""


@dataclass(frozen=True)
class Claim:
    """``value`` is within ``tolerance`` of ``expected``, or on its right side."""

    name: str
    value: float | None
    expected: float
    tolerance: float | None
    reason: str
    """Why this tolerance (or this bound)."""

    def __post_init__(self) -> None:
        for name in ("value", "expected", "tolerance"):
            number = getattr(self, name)
            object.__setattr__(self, name, None if number is None else float(number))
        one_sided = self.reason.startswith((AT_LEAST, AT_MOST))
        bounded = self.tolerance is not None and self.tolerance >= 0
        if not math.isfinite(self.expected) or (self.tolerance is None) != one_sided:
            raise Mistake(f"claim '{self.name}' needs a finite expectation and a tolerance")
        if not one_sided and not (bounded and math.isfinite(self.tolerance or 0)):
            raise Mistake(f"claim '{self.name}' has the tolerance {self.tolerance}")
        if not self.reason.removeprefix(AT_LEAST).removeprefix(AT_MOST).strip():
            raise Mistake(f"claim '{self.name}' gives no reason for its tolerance")

    @classmethod
    def at_least(cls, name: str, value: float | None, bound: float, reason: str) -> Claim:
        return cls(name, value, bound, None, AT_LEAST + reason)

    @classmethod
    def at_most(cls, name: str, value: float | None, bound: float, reason: str) -> Claim:
        return cls(name, value, bound, None, AT_MOST + reason)

    @classmethod
    def estimate(
        cls,
        name: str,
        value: float | None,
        expected: float,
        standard_error: float,
        *,
        z: float = 5,
        source: str = "the simulation's",
    ) -> Claim:
        """An estimate agrees with a closed form within ``z`` of its own standard errors."""
        reason = f"{z:g} of {source} standard errors ({standard_error:.2g})"
        return cls(name, value, expected, z * float(standard_error), reason)

    @classmethod
    def of_mean(cls, name: str, samples: ArrayLike, expected: float, *, z: float = 5) -> Claim:
        """The mean of independent samples (n,) agrees with a closed form within ``z`` standard errors."""
        mean, error = mean_and_error(samples)
        return cls.estimate(name, float(mean), expected, float(error), z=z)

    @classmethod
    def waiting(cls, name: str, bound: float, needs: str) -> Claim:
        """A claim (at least ``bound``) that cannot be checked here, for want of ``needs``."""
        return cls(name, None, bound, None, AT_LEAST + NEEDS + needs)

    @property
    def waits(self) -> bool:
        return self.value is None and self.reason.startswith(AT_LEAST + NEEDS)

    @property
    def failed(self) -> bool:
        return not (self.passed or self.waits)

    @property
    def passed(self) -> bool:
        if self.value is None or not math.isfinite(self.value):
            return False
        if self.tolerance is not None:
            return abs(self.value - self.expected) <= self.tolerance
        if self.reason.startswith(AT_LEAST):
            return self.value >= self.expected
        return self.value <= self.expected

    @property
    def bound(self) -> str:
        """What was expected, for people: '0.5 ± 0.01', '≥ 0.95'."""
        if self.tolerance is not None:
            return f"{self.expected:.4g} ± {self.tolerance:.2g}"
        return f"{'≥' if self.reason.startswith(AT_LEAST) else '≤'} {self.expected:.4g}"

    @property
    def measured(self) -> str:
        return "—" if self.value is None else f"{self.value:.4g}"

    @property
    def mark(self) -> str:
        return "–" if self.waits else "✓" if self.passed else "✗"

    def to_dict(self) -> dict[str, Any]:
        """As in claims.json; a value that is not finite is null there, for JSON has none."""
        finite = self.value is not None and math.isfinite(self.value)
        return {
            "name": self.name,
            "value": self.value if finite else None,
            "expected": self.expected,
            "tolerance": self.tolerance,
            "reason": self.reason,
            "passed": self.passed,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Claim:
        return cls(*(entry[name] for name in ("name", "value", "expected", "tolerance", "reason")))


def to_json(claims: Iterable[Claim]) -> str:
    entries = [claim.to_dict() for claim in claims]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> tuple[Claim, ...]:
    """The claims of a claims.json; Mistake where it is none."""
    try:
        return tuple(Claim.from_dict(entry) for entry in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Mistake(f"{path} is no list of claims") from error
