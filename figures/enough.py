"""Claims on recordings, which hold for any good sample or say that it is too small to tell.

A claim on recorded cells can miss its bound because it is wrong, or because there are few cells. `at_least`
and `at_most` tell the two apart by the interval value +- 2 errors over cells and by ``least``, the smallest
distance beyond the bound that would matter:

* the interval lies on the right side of the bound: the claim holds;
* it lies short of bound + ``least``: what would matter is not there, the claim fails;
* otherwise the sample does not tell: the claim waits for more, and says what it read.

So an effect of ``least`` or more fails in one of forty samples, however small they are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim


def over_cells(samples: ArrayLike) -> tuple[float, float]:
    """Mean of (cell,), and an error of which two are half of its interval (95 %, Student's)."""
    values = np.asarray(samples, float)
    mean, error = mean_and_error(values)
    if len(values) < 2:
        return float(mean), float("nan")
    return float(mean), float(error * student.ppf(0.975, len(values) - 1) / 2)


def at_least(
    name: str, value: float, error: float, bound: float, least: float, reason: str, many: int, **known: Any
) -> Claim:
    """``many``: cells in the sample; ``known``: as of `Claim.at_least`."""
    return _told(Claim.at_least, name, value, error, bound, least, reason, many, known)


def at_most(
    name: str, value: float, error: float, bound: float, least: float, reason: str, many: int, **known: Any
) -> Claim:
    """``many``: cells in the sample; ``known``: as of `Claim.at_most`."""
    return _told(Claim.at_most, name, value, error, bound, least, reason, many, known)


def _told(
    make: Callable[..., Claim],
    name: str,
    value: float,
    error: float,
    bound: float,
    least: float,
    reason: str,
    many: int,
    known: dict[str, Any],
) -> Claim:
    claim = make(name, value, bound, reason, error=error, **known)
    sign = 1 if make == Claim.at_least else -1
    if claim.passed or not np.isfinite(value) or sign * (value - bound) + 2 * error < least:
        return claim
    matters = bound + sign * least
    return too_few(
        name, bound, many, f"{value:.2g} ± {2 * error:.2g} tells neither {bound:.2g} nor {matters:.2g}"
    )


def too_few(name: str, bound: float, many: int, why: str) -> Claim:
    """A claim that waits for more cells than the ``many`` that there are."""
    return Claim.waiting(name, bound, f"more cells than {many}: {why}")
