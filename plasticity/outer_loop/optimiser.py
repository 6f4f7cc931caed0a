"""Ask and tell: what an optimiser of the outer loop is.

The optimiser proposes points of the unit cube and is told one score for each (higher is better; a candidate
that failed has ``-inf``). It knows nothing of rules, tasks or simulators. Its settings are a frozen value;
`begin` makes the state that asks. All randomness comes from the seed given there, so that the same scores
lead to the same points: a search is resumed by telling a fresh optimiser the scores of its checkpoint.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.arrays import Array
from .search_space import SearchSpace


class Asking(ABC):
    """A running optimiser."""

    @abstractmethod
    def ask(self) -> Array:
        """The next candidates: (candidate, dimension), in the unit cube."""

    @abstractmethod
    def tell(self, points: Array, scores: Array) -> None:
        """The scores (candidate,) of the points that were asked last."""

    @property
    @abstractmethod
    def centre(self) -> Array | None:
        """Where the optimiser believes the best point to be (dimension,); None: the best one seen."""

    @property
    @abstractmethod
    def spread(self) -> float:
        """Standard deviation of the proposals in the unit cube, for progress."""


@dataclass(frozen=True)
class Optimiser(ABC):
    """Settings of an optimiser."""

    @abstractmethod
    def begin(self, space: SearchSpace, seed: int) -> Asking:
        """A fresh state for a search in ``space``."""


def ranked(scores: Array) -> Array:
    """Costs for a method that minimises: failures cost more than the worst candidate that lived."""
    costs = -np.asarray(scores, float)
    alive = np.isfinite(costs)
    if not alive.any():
        return np.zeros_like(costs)
    worst, best = costs[alive].max(), costs[alive].min()
    return np.where(alive, costs, worst + (worst - best) + 1.0)


def start_point(space: SearchSpace, start: Mapping[str, float] | None) -> Array:
    """The middle of the cube, or the values of ``start`` (others at their defaults)."""
    return np.full(space.dimensions, 0.5) if start is None else space.encode(start)
