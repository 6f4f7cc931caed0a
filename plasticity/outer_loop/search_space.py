"""Where a search looks: the free numbers of a rule, each scaled to the unit interval.

A point u of the unit cube [0, 1]^n stands for the values

    m = low + (high - low) u          linear scale
    m = low (high/low)**u             log scale                                             (1)

of the free parameters, in their order; fixed ones ride along. Optimisers see u alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation import Array, Mistake, nearest
from ..parameter import Parameter
from ..rule import Rule


@dataclass(frozen=True)
class SearchSpace:
    """Free parameters with finite bounds, and the values of those that are held.

    Raises:
        Mistake: no free parameter, a bound that is not finite, low not below high, a log scale that
            reaches 0, a name given twice.
    """

    free: tuple[Parameter, ...]
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.free:
            raise Mistake("a search needs at least one free parameter")
        names = [*self.names, *self.fixed]
        for name in names:
            if names.count(name) > 1:
                raise Mistake(f"search space: '{name}' is given twice")
        for parameter in self.free:
            name, low, high = parameter.name, parameter.low, parameter.high
            if not (math.isfinite(low) and math.isfinite(high)):
                raise Mistake(f"search space: {name} needs finite bounds, not {parameter.range}; give bounds")
            if not low < high:
                raise Mistake(f"search space: {name} has bounds {low:g} .. {high:g}; the first must be lower")
            if parameter.scale == "log" and low <= 0:
                raise Mistake(f"search space: {name} has a log scale, its lower bound must be above 0")

    @classmethod
    def of(
        cls,
        rule: type[Rule],
        free: Iterable[str],
        bounds: Mapping[str, tuple[float, float]] | None = None,
        fixed: Mapping[str, float] | None = None,
    ) -> SearchSpace:
        """The space of a rule's own parameters: those named are free, within ``bounds`` or their own.

        Raises:
            Mistake: a name that the rule has not, or what `SearchSpace` refuses.
        """
        known = {parameter.name: parameter for parameter in rule.parameters}
        bounds, fixed, free = dict(bounds or {}), dict(fixed or {}), tuple(free)
        for name in [*free, *bounds, *fixed]:
            if name not in known:
                raise Mistake(f"{rule.__name__} has no parameter '{name}'{nearest(name, known)}")
        chosen = []
        for name in free:
            low, high = bounds.get(name) or known[name].search or (known[name].low, known[name].high)
            chosen.append(replace(known[name], low=float(low), high=float(high)))
        return cls(tuple(chosen), fixed)

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters, in the order of a point's coordinates."""
        return tuple(parameter.name for parameter in self.free)

    @property
    def dimensions(self) -> int:
        return len(self.free)

    def decode(self, point: ArrayLike) -> dict[str, float]:
        """The values, free and fixed, at a point (n,) of the unit cube, equation (1)."""
        coordinates = np.asarray(point, float)
        if coordinates.shape != (self.dimensions,):
            raise Mistake(f"a point of this space has {self.dimensions} coordinates, not {coordinates.shape}")
        values = {}
        for parameter, u in zip(self.free, coordinates.tolist(), strict=True):
            low, high = parameter.low, parameter.high
            inside = low * (high / low) ** u if parameter.scale == "log" else low + (high - low) * u
            values[parameter.name] = min(max(inside, low), high)
        return values | dict(self.fixed)

    def encode(self, values: Mapping[str, float]) -> Array:
        """The point (n,) of the free parameters' values; one that is not named has its default.

        Raises:
            Mistake: an unknown name, or a value outside its bounds.
        """
        for name in values:
            if name not in self.names and name not in self.fixed:
                raise Mistake(f"search space: no parameter '{name}'{nearest(name, self.names)}")
        point = np.empty(self.dimensions)
        for number, parameter in enumerate(self.free):
            low, high = parameter.low, parameter.high
            value = float(values.get(parameter.name, min(max(parameter.default, low), high)))
            if not low <= value <= high:
                raise Mistake(f"search space: {parameter.name} is {value:g}, must be in {parameter.range}")
            point[number] = (
                math.log(value / low) / math.log(high / low)
                if parameter.scale == "log"
                else (value - low) / (high - low)
            )
        return point

    def describe(self) -> dict[str, object]:
        """Names, bounds, scales and fixed values: what a checkpoint must agree in."""
        return {
            "free": {p.name: [p.low, p.high, p.scale] for p in self.free},
            "fixed": dict(self.fixed),
        }
