"""CMA-ES: a Gaussian of candidates whose mean and covariance follow the better half of each generation.

Hansen & Ostermeier 2001 (doi:10.1162/106365601750190398); the implementation is Hansen's own library `cma`,
with bounds kept by its boundary transformation. Its normal numbers come from a generator of our own, so
that no global state is read or changed. Where a space is wide and most of it teaches nothing, the first
generations may scout it: drawn evenly, they choose where the Gaussian begins.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .optimiser import Array, Asking, Optimiser, ranked, start_point
from .random_search import RandomSearch
from .search_space import SearchSpace

STREAM = 0x434D41
"""Of the draws, beside the search's seed."""


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
    scouts: int = 0
    """generations that are drawn evenly over the space first; the search proper begins at the best of them"""

    def __post_init__(self) -> None:
        if self.population < 2:
            raise Mistake(f"CMAES: population is {self.population}, must be at least 2")
        if not 0 < self.sigma <= 1:
            raise Mistake(f"CMAES: sigma is {self.sigma:g}, must be in (0, 1]")
        if self.scouts < 0 or self.scouts and self.start is not None:
            raise Mistake(f"CMAES: {self.scouts} generations of scouts and a start do not go together")

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        start = start_point(space, self.start)
        return _Scouted(self, space, seed) if self.scouts else _Evolution(self, start, seed)


class _Evolution(Asking):
    def __init__(self, settings: CMAES, start: Array, seed: int) -> None:
        import cma

        self.padded = len(start) == 1  # the library wants two dimensions at least
        generator = np.random.default_rng(np.random.SeedSequence([seed, STREAM]))
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


class _Scouted(Asking):
    """Even draws for some generations, then evolution from the best of them."""

    def __init__(self, settings: CMAES, space: SearchSpace, seed: int) -> None:
        self.settings, self.seed = settings, seed
        self.left = settings.scouts
        self.draws = RandomSearch(settings.population).begin(space, seed)
        self.best: tuple[float, Array] = (-math.inf, start_point(space, None))
        self.evolution: _Evolution | None = None

    def ask(self) -> Array:
        return self.evolution.ask() if self.evolution is not None else self.draws.ask()

    def tell(self, points: Array, scores: Array) -> None:
        if self.evolution is not None:
            self.evolution.tell(points, scores)
            return
        top = int(np.argmax(scores))
        if scores[top] > self.best[0]:
            self.best = (float(scores[top]), points[top])
        self.left -= 1
        if self.left == 0:
            self.evolution = _Evolution(self.settings, self.best[1], self.seed)

    @property
    def centre(self) -> Array:
        return self.evolution.centre if self.evolution is not None else self.best[1]

    @property
    def spread(self) -> float:
        return self.evolution.spread if self.evolution is not None else float(self.draws.spread)
