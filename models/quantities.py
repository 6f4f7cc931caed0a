"""Plain numbers in stated units, and what happens to a Brian2 quantity that is given instead.

Descriptions of networks hold plain floats in SI units, so that they can be written down, hashed and read
without Brian2. A quantity such as ``200*ms`` is taken for its value where its unit is the right one.
"""

from __future__ import annotations

import math
from typing import Any

from ..analysis.mistakes import Mistake

EXPONENTS = {"1": (0, 0), "s": (1, 0), "Hz": (-1, 0), "1/s": (-1, 0), "m": (0, 1), "m/s": (-1, 1)}
"""Exponents of time and length; every other dimension has the exponent 0."""
LENGTH, TIME = 0, 2
"""Places of the two in Brian2's tuple of seven dimensions."""


def in_unit(owner: str, name: str, value: Any, unit: str) -> float:
    """``value`` as a finite float in ``unit``.

    Raises:
        Mistake: a quantity of another dimension, or no finite number.
    """
    if hasattr(value, "dim"):
        exponents = tuple(value.dim._dims)
        time, length = EXPONENTS[unit]
        expected = [0.0] * len(exponents)
        expected[TIME], expected[LENGTH] = time, length
        if any(a != b for a, b in zip(exponents, expected, strict=True)):
            raise Mistake(f"{owner}: {name} is {value}, must be in {unit}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Mistake(f"{owner}: {name} is {value!r}, must be a number in {unit}") from None
    if not math.isfinite(number):
        raise Mistake(f"{owner}: {name} is {number}, must be finite")
    return number
