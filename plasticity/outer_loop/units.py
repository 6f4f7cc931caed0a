"""Units of a search's work: one candidate and one seed, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Evaluate = Callable[[Mapping[str, float], int], float]


@dataclass(frozen=True)
class Unit:
    """One candidate's values and one seed."""

    values: Mapping[str, float]
    seed: int


@dataclass(frozen=True)
class Outcome:
    """A score, or ``-inf`` and why."""

    score: float
    failure: str = ""


def outcome_of(evaluate: Evaluate, unit: Unit) -> Outcome:
    """Evaluate a unit; whatever goes wrong becomes a failure with one line."""
    try:
        score = float(evaluate(unit.values, unit.seed))
    except Exception as error:
        return Outcome(-math.inf, f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])
    if not math.isfinite(score):
        return Outcome(-math.inf, f"the score is {score}")
    return Outcome(score)
