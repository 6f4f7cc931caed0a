"""Random search: candidates drawn evenly over the space; the control that any optimiser must beat.

Bergstra & Bengio 2012 (Journal of Machine Learning Research 13, 281-305).
"""

from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .optimiser import Array, Asking, Optimiser
from .search_space import SearchSpace

STREAM = 0x52414E
"""Of the draws, beside the search's seed."""


@dataclass(frozen=True)
class RandomSearch(Optimiser):
    """Settings of random search."""

    population: int = 16
    """candidates of a generation"""

    def __post_init__(self) -> None:
        if self.population < 1:
            raise Mistake(f"RandomSearch: population is {self.population}, must be at least 1")

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        return _Draws(self.population, space.dimensions, seed)


class _Draws(Asking):
    def __init__(self, population: int, dimensions: int, seed: int) -> None:
        self.shape = (population, dimensions)
        self.generator = np.random.default_rng(np.random.SeedSequence([seed, STREAM]))

    def ask(self) -> Array:
        return self.generator.random(self.shape)

    def tell(self, points: Array, scores: Array) -> None:
        """Learns nothing."""

    @property
    def centre(self) -> None:
        return None

    @property
    def spread(self) -> float:
        return 12**-0.5
