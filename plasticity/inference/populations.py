"""What populations of subjects look like: normal priors from which subjects like people are drawn.

Found by empirical Bayes (`analysis/statistics/empirical_bayes.py`, 2) in 136 people of a three-armed reversal
task (`recorded`), for the family, REINFORCE and the Bayes observer, and rounded; on the scale without bounds.
People choose less at random than the weak priors have it (inverse temperature 9 in the middle, not 3), so
that their choices tell more. All biases have one width, about 0.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ...analysis.behaviour.bayes_observer import observed
from ...analysis.behaviour.choice_models import Free
from ...analysis.statistics.empirical_bayes import Normal
from .coefficients import POINTS

OBSERVER = "Bayes observer"
KINDS = ("Q", "Q, forgetting", "RFLR", "REINFORCE", OBSERVER, "family")
"""Six kinds of subjects; the observer stands outside the family of rules."""

PEOPLE: Mapping[str, tuple[float, float]] = {
    "eta": (-0.52, 1.04),
    "eta_losses": (0.11, 0.98),
    "opposite": (0.15, 0.45),
    "forgetting": (-1.85, 1.81),
    "rest": (0.54, 0.30),
    "beta": (2.22, 0.59),
    "bias": (0.0, 0.5),
    "repeat": (1.71, 2.01),
    "repeat_rate": (2.29, 1.09),
    "habit": (-1.04, 1.83),
    "habit_rate": (-1.62, 1.01),
    "naive": (-0.07, 1.82),
    "stray": (-0.58, 1.33),
    "restless": (0.30, 0.89),
    "lapse": (-4.98, 1.50),
}
"""Coefficient -> mean and standard deviation over people, by a fit of the family."""
OTHERS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "REINFORCE": {"eta": (-1.06, 1.14), "critic_rate": (0.22, 1.57), "repeat": (1.02, 0.86)},
    OBSERVER: {
        "hazard": (-1.14, 0.53),
        "high": (0.56, 0.34),
        "beta": (2.74, 0.52),
        "repeat": (1.26, 1.40),
        "habit": (-1.75, 1.92),
        "habit_rate": (-1.22, 1.07),
        "lapse": (-5.39, 1.17),
    },
}
"""What differs where something else than the family was fitted, or means something else there."""


def coefficients(kind: str, arms: int) -> Sequence[Free]:
    """The coefficients of a kind of subjects."""
    return observed(arms) if kind == OBSERVER else POINTS[kind].parameters(arms)


def people_like(parameters: Sequence[Free], kind: str = "family") -> Normal:
    """The prior of people over some coefficients of a kind."""
    table = {**PEOPLE, **OTHERS.get(kind, {})}
    rows = np.array([table["bias" if p.name.startswith("bias") else p.name] for p in parameters])
    return Normal(rows[:, 0], rows[:, 1] ** 2)


def weak(parameters: Sequence[Free]) -> Normal:
    """The weak prior."""
    return Normal(np.array([p.mean for p in parameters]), np.array([p.sd for p in parameters]) ** 2)


def drawn(parameters: Sequence[Free], prior: Normal, number: int, seed: int) -> np.ndarray:
    """Coefficients (number, coefficient) of subjects from ``prior``, within a fit's reach."""
    generator = np.random.default_rng(seed)
    x = prior.mean + np.sqrt(prior.variance) * generator.standard_normal((number, len(parameters)))
    centre = np.array([p.mean for p in parameters])
    reach = np.array([p.reach for p in parameters])
    return np.clip(x, centre - reach, centre + reach)
