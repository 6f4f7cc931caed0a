"""Players that report a hidden probability which jumps: the Bayesian one and the rule of constant rate.

Outcomes o(t) are 1 with probability p(t); before each trial p is drawn anew, evenly between two bounds, with
probability h, the hazard.

    B(p)  <-  (1 - h) B(p) + h/(high - low)                                                      (1)
    B(p)  <-  B(p) p^o (1 - p)^(1 - o)/norm,            estimate = sum_p p B(p)                    (2)

on an even grid of p (Behrens et al. 2007, doi:10.1038/nn1954, with a known hazard; Foucault & Meyniel 2024,
doi:10.1162/opmi_a_00139). Its rate of learning rises after a surprise. The other player moves by a constant
share of the prediction error, estimate += alpha (o - estimate).
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake

POINTS = 161
"""of the grid"""


def bayes(outcome: ArrayLike, hazard: float, low: float = 0.0, high: float = 1.0) -> Array:
    """Estimates after each outcome of the player of equations (1) and (2), (..., trial).

    Raises:
        Mistake: a hazard or bounds outside [0, 1], bounds in the wrong order.
    """
    if not (0 <= hazard <= 1 and 0 <= low < high <= 1):
        raise Mistake(f"hazard {hazard:g} and bounds {low:g} to {high:g} must lie in [0, 1], bounds in order")
    seen = np.asarray(outcome, float)
    p = low + (high - low) * (np.arange(POINTS) + 0.5) / POINTS
    belief = np.full((*seen.shape[:-1], POINTS), 1 / POINTS)
    found = np.empty(seen.shape)
    for trial in range(seen.shape[-1]):
        if trial:
            belief = (1 - hazard) * belief + hazard / POINTS  # (1)
        here = seen[..., trial, None]
        belief = belief * np.where(here > 0, p, 1 - p)  # (2)
        belief /= belief.sum(axis=-1, keepdims=True)
        found[..., trial] = belief @ p
    return found


def constant_rate(outcome: ArrayLike, alpha: ArrayLike, first: float = 0.5) -> Array:
    """Estimates after each outcome, (..., trial), of the rule of constant rate; ``alpha`` (...)."""
    seen, rate = np.asarray(outcome, float), np.asarray(alpha, float)
    if ((rate < 0) | (rate > 1)).any():
        raise Mistake("a learning rate must lie in [0, 1]")
    estimate = np.full(np.broadcast_shapes(seen.shape[:-1], rate.shape), float(first))
    found = np.empty((*estimate.shape, seen.shape[-1]))
    for trial in range(seen.shape[-1]):
        estimate = estimate + rate * (seen[..., trial] - estimate)
        found[..., trial] = estimate
    return found
