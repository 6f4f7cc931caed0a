"""CMA-ES: a Gaussian of candidates whose mean and covariance follow the better half of each generation.

Hansen & Ostermeier 2001 (doi:10.1162/106365601750190398); the implementation is Hansen's own library `cma`,
with bounds kept by its boundary transformation. Its normal numbers come from a generator of our own, so that
no global state is read or changed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .optimiser import Array, Asking, Optimiser, ranked, start_point
from .search_space import SearchSpace


@dataclass(frozen=True)
class CMAES(Optimiser):
    """Settings of CMA-ES.

    Raises:
        Mistake: a population below 2, or a step not in (0, 1].
    """

    population: int = 16
    """candidates of a generation"""
    sigma: float = 0.25
    """first standard deviation, in units of the cube"""
    start: Mapping[str, float] | None = None
    """values to begin from; None is the middle of the space"""

    def __post_init__(self) -> None:
        if self.population < 2:
            raise Mistake(f"CMAES: population is {self.population}, must be at least 2")
        if not 0 < self.sigma <= 1:
            raise Mistake(f"CMAES: sigma is {self.sigma:g}, must be in (0, 1]")

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        return _Evolution(self, space, seed)


class _Evolution(Asking):
    def __init__(self, settings: CMAES, space: SearchSpace, seed: int) -> None:
        import cma

        self.padded = space.dimensions == 1  # the library wants two dimensions at least
        start = start_point(space, settings.start)
        generator = np.random.default_rng(np.random.SeedSequence([seed, 0x434D41]))
        options = {
            "popsize": settings.population,
            "bounds": [0.0, 1.0],
            "seed": math.nan,
            "randn": lambda *shape: generator.standard_normal(shape),
            "verbose": -9,
            "verb_log": 0,
        }
        if self.padded:
            start = np.append(start, 0.5)
        self.evolution: Any = cma.CMAEvolutionStrategy(start, settings.sigma, options)
        self.solutions: list[Any] = []

    def ask(self) -> Array:
        self.solutions = self.evolution.ask()
        points = np.clip(np.array(self.solutions, float), 0.0, 1.0)
        return points[:, :1] if self.padded else points

    def tell(self, points: Array, scores: Array) -> None:
        self.evolution.tell(self.solutions, ranked(scores).tolist())

    @property
    def centre(self) -> Array:
        centre = np.clip(np.array(self.evolution.result.xfavorite, float), 0.0, 1.0)
        return centre[:1] if self.padded else centre

    @property
    def spread(self) -> float:
        return float(self.evolution.sigma * np.mean(np.sqrt(np.diag(self.evolution.C))))
