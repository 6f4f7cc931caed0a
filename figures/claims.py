"""A claim: one checkable statement of a figure, with its value, and whether it holds.

    Claim("cosine at K = 1", value, expected, tolerance, "5 standard errors")   |value - expected|
    Claim.equivalent("floor", value, expected, error, margin, "half the distance to the other rule's")
    Claim.follows("loss", means, errors, theory, .1, "...")     the worst of many means, as a ratio
    Claim.estimate("cosine", value, expected, standard_error)                   within z errors
    Claim.of_mean("cosine", samples, expected)                                  the same, from samples
    Claim.at_least("accuracy", value, .9, "chosen: ...", null=.1, rival=.95)    one-sided
    Claim.at_least("accuracy", (value, error), .9, "chosen: ...")               known with an error
    Claim.at_most("share of NaN", value, 0, "nothing diverges")
    Claim.waiting("rank correlation", .95, "the recordings ...")        not checked: says what it needs

Three kinds are counted apart. A *validation* holds a simulation against a closed form, an equivalence or
an ideal player; a *finding* says something that could be otherwise, against its ``null`` (what the same
statistic reads where nothing is learned, or of the control) and its ``rival`` (the best known other way); a
*regression* says that this file still gives this number.

A claim fails which its null would pass: one-sided, if the null is on the right side of the bound; two-sided,
if the tolerance is more than half of the distance from what is expected to the null. Where a standard
``error`` is given, the whole interval value +- 2 errors must lie on the right side, so that fewer samples
make a claim harder to pass, not easier. A value that is not finite, or is missing (None), never passes; a
claim that waits for data that are not at hand neither passes nor fails.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..analysis.foundation.mistakes import Mistake, nearest
from ..analysis.statistics.intervals import mean_and_error

AT_LEAST, AT_MOST = "at least: ", "at most: "
"""How the reason of a one-sided claim begins; such a claim has no tolerance."""
KINDS = ("validation", "finding", "regression")
NEEDS = "needs "
"""How the reason goes on where a claim waits for data."""
Estimate = float | tuple[Any, Any] | None
"""A value, or a value with its standard error as of `mean_and_error`; None: it could not be told."""


@dataclass(frozen=True)
class Claim:
    """``value`` is within ``tolerance`` of ``expected``, or on its right side."""

    name: str
    value: float | None
    expected: float
    tolerance: float | None
    reason: str
    """Why this tolerance (or this bound)."""
    kind: str = ""
    """validation, finding or regression; by default a finding if it is one-sided, else a validation"""
    null: float | None = None
    """what the same statistic reads where there is nothing to be found"""
    rival: float | None = None
    """what the best known other way scores"""
    error: float | None = None
    """standard error of the value: value +- 2 errors must hold"""
    headline: bool = False
    """one of the two or three that carry the figure: it is named under the picture"""

    def __post_init__(self) -> None:
        for name in ("value", "expected", "tolerance", "null", "rival", "error"):
            number = getattr(self, name)
            object.__setattr__(self, name, None if number is None else float(number))
        if not self.kind:
            object.__setattr__(self, "kind", "finding" if self.tolerance is None else "validation")
        if self.kind not in KINDS:
            raise Mistake(f"claim '{self.name}': no kind '{self.kind}'{nearest(self.kind, KINDS)}")
        if self.null is not None and not math.isfinite(self.null):
            raise Mistake(f"claim '{self.name}' has the null {self.null}")
        one_sided = self.reason.startswith((AT_LEAST, AT_MOST))
        bounded = self.tolerance is not None and self.tolerance >= 0
        if not math.isfinite(self.expected) or (self.tolerance is None) != one_sided:
            raise Mistake(f"claim '{self.name}' needs a finite expectation and a tolerance")
        if not one_sided and not (bounded and math.isfinite(self.tolerance or 0)):
            raise Mistake(f"claim '{self.name}' has the tolerance {self.tolerance}")
        if not self.reason.removeprefix(AT_LEAST).removeprefix(AT_MOST).strip():
            raise Mistake(f"claim '{self.name}' gives no reason for its tolerance")

    @classmethod
    def at_least(cls, name: str, value: Estimate, bound: float, reason: str, **known: Any) -> Claim:
        """``known``: kind, null, rival, headline, and error where ``value`` has none with it."""
        return cls._one_sided(AT_LEAST + reason, name, value, bound, known)

    @classmethod
    def at_most(cls, name: str, value: Estimate, bound: float, reason: str, **known: Any) -> Claim:
        """As `at_least`."""
        return cls._one_sided(AT_MOST + reason, name, value, bound, known)

    @classmethod
    def _one_sided(
        cls, reason: str, name: str, value: Estimate, bound: float, known: dict[str, Any]
    ) -> Claim:
        number, error = value if isinstance(value, tuple) else (value, known.pop("error", None))
        return cls(name, number, bound, None, reason, error=error, **known)

    @classmethod
    def equivalent(
        cls,
        name: str,
        value: float | None,
        expected: float,
        error: float,
        margin: float,
        reason: str,
        **known: Any,
    ) -> Claim:
        """|value - expected| + 2 errors is at most ``margin``, which ``reason`` explains.

        ``known``: kind, null (the margin must be at most half of the distance to it), rival.
        """
        return cls(name, value, expected, margin, reason, error=error, **known)

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
    def follows(
        cls,
        name: str,
        mean: ArrayLike,
        error: ArrayLike,
        theory: ArrayLike,
        margin: float,
        reason: str,
        **known: Any,
    ) -> Claim:
        """The worst of many means (n,), with their standard errors, is equivalent to its closed form.

        Its value is mean/theory, expected 1; ``known``: null and rival as such a ratio, headline.
        """
        ratio, spread = (np.asarray(part, float) / np.asarray(theory, float) for part in (mean, error))
        worst = int(np.argmax(np.nan_to_num(np.abs(ratio - 1) + 2 * spread, nan=np.inf)))
        title = f"{name} / closed form, worst of {ratio.size}"
        return cls.equivalent(title, ratio[worst], 1.0, spread[worst], margin, reason, **known)

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
        slack = 0.0 if self.error is None else 2 * self.error
        return not self.passed_by_null and self._holds(self.value, slack)

    @property
    def passed_by_null(self) -> bool:
        """True if the null itself would pass, or comes closer than the claim could tell."""
        if self.null is None:
            return False
        if self.tolerance is not None:
            return self.tolerance > abs(self.null - self.expected) / 2
        return self._holds(self.null, 0.0)

    def _holds(self, value: float | None, slack: float) -> bool:
        if value is None or not math.isfinite(value) or not math.isfinite(slack):
            return False
        if self.tolerance is not None:
            return abs(value - self.expected) + slack <= self.tolerance
        if self.reason.startswith(AT_LEAST):
            return value - slack >= self.expected
        return value + slack <= self.expected

    @property
    def bound(self) -> str:
        """What was expected, for people: '0.5 ± 0.01', '≥ 0.95'."""
        if self.tolerance is not None:
            return f"{self.expected:.4g} ± {self.tolerance:.2g}"
        return f"{'≥' if self.reason.startswith(AT_LEAST) else '≤'} {self.expected:.4g}"

    @property
    def measured(self) -> str:
        if self.value is None:
            return "—"
        return f"{self.value:.4g}" + ("" if self.error is None else f" ± {self.error:.2g}")

    @property
    def beside(self) -> str:
        """What the null and the rival read, for people: 'null 0.5, rival 0.93'."""
        named = (("null", self.null), ("rival", self.rival))
        text = ", ".join(f"{name} {number:.4g}" for name, number in named if number is not None)
        return f"{text}: its null would pass" if self.passed_by_null else text

    @property
    def verdict(self) -> str:
        """The claim in one line, for people: '✓ accuracy 0.93 ± 0.01 (≥ 0.9; null 0.1)'."""
        beside = f"; {self.beside}" if self.beside else ""
        return f"{self.mark} {self.name}: {self.measured} ({self.bound}{beside})"

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
            "kind": self.kind,
            "null": self.null,
            "rival": self.rival,
            "error": self.error,
            "passed": self.passed,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Claim:
        needed = (entry[name] for name in ("name", "value", "expected", "tolerance", "reason"))
        return cls(
            *needed,
            **{name: entry[name] for name in ("kind", "null", "rival", "error") if name in entry},
        )


def headline(claims: Iterable[Claim]) -> str:
    """How many claims hold of those that were checked, and how many wait for data."""
    claims = list(claims)
    held, waiting = sum(claim.passed for claim in claims), sum(claim.waits for claim in claims)
    checked = f"{held} of {len(claims) - waiting} claims hold"
    return f"{checked}, {waiting} wait for data" if waiting else checked


def counted(claims: Iterable[Claim]) -> str:
    """How many claims of each kind hold of those that were checked, and how many findings say no null: one
    line."""
    claims = [claim for claim in claims if not claim.waits]
    parts = []
    for kind in KINDS:
        of_kind = [claim for claim in claims if claim.kind == kind]
        if of_kind:
            held = sum(claim.passed for claim in of_kind)
            parts.append(f"{held} of {len(of_kind)} {kind}{'s' if len(of_kind) > 1 else ''}")
    bare = sum(claim.kind == "finding" and claim.null is None for claim in claims)
    return ", ".join(parts) + (f" ({bare} of the findings without a null)" if bare else "")


def to_json(claims: Iterable[Claim]) -> str:
    entries = [claim.to_dict() for claim in claims]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> tuple[Claim, ...]:
    """The claims of a claims.json; Mistake where it is none."""
    try:
        return tuple(Claim.from_dict(entry) for entry in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Mistake(f"{path} is no list of claims") from error
