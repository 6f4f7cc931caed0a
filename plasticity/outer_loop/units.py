"""Units of a search's work: some candidates and one seed, and what became of each.

A unit is one candidate, or several that are lived side by side in one call of a program, which costs little
more than one does. How many is part of the search, not of who evaluates it: what a candidate earns may depend
on those beside it (they share a stream of random numbers), never on the number of workers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Evaluate = Callable[[Mapping[str, Any], int], Any]
"""Score of (values, seed), higher is better: a number; of candidates side by side, whose values are arrays
(candidate,), as many scores (candidate,)."""


@dataclass(frozen=True)
class Unit:
    """Values of one candidate, or arrays (candidate,) of several, and one seed."""

    values: Mapping[str, Any]
    seed: int
    candidates: int = 1

    @classmethod
    def of(cls, candidates: Sequence[Mapping[str, float]], seed: int, together: bool) -> Unit:
        """A unit of these candidates; ``together``: as arrays, even one alone."""
        if not together:
            (values,) = candidates
            return cls(values, seed)
        names = candidates[0]
        return cls(
            {name: np.array([one[name] for one in candidates]) for name in names}, seed, len(candidates)
        )


@dataclass(frozen=True)
class Outcome:
    """A score, or ``-inf`` and why; of candidates side by side, their mean and the score of each."""

    score: float
    failure: str = ""
    scores: tuple[float, ...] = ()

    def each(self, candidates: int) -> list[Outcome]:
        """What became of each candidate of the unit."""
        if candidates == 1 and not self.scores or self.failure:
            return [self] * candidates
        return [Outcome(-math.inf, f"the score is {one}") if not math.isfinite(one) else Outcome(one)
                for one in self.scores]  # fmt: skip


def outcome_of(evaluate: Evaluate, unit: Unit) -> Outcome:
    """Evaluate a unit; whatever goes wrong becomes a failure with one line."""
    try:
        found = evaluate(unit.values, unit.seed)
        scores = np.asarray(found, dtype=float)
        if scores.ndim == 1:
            if len(scores) != unit.candidates:
                raise ValueError(f"{len(scores)} scores of {unit.candidates} candidates")
            return Outcome(float(scores.mean()), scores=tuple(scores.tolist()))
        score = float(found)
    except Exception as error:
        return Outcome(-math.inf, f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])
    if not math.isfinite(score):
        return Outcome(-math.inf, f"the score is {score}")
    return Outcome(score)
