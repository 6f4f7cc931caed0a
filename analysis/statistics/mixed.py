"""Effects mixed over subjects: each subject's parameters are drawn from a normal population.

    x_i ~ N(mu, Sigma),    y_i | x_i as the model says                                          (1)

mu and Sigma by expectation maximisation with the Laplace approximation (Huys et al. 2011,
doi:10.1371/journal.pcbi.1002028, supplement): with m_i the most probable x_i given y_i, mu and Sigma, and P_i
the information there (the prior's share included),

    mu = mean_i m_i,    Sigma = mean_i (P_i^-1 + m_i m_i^T) - mu mu^T                           (2)

until mu and Sigma stand. Sigma is full, or diagonal where there are many parameters and few subjects.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..foundation import Array, Mistake

Modes = Callable[[Array, Array, Array], tuple[Array, Array]]
"""(mean, precision, where to begin) -> most probable x (..., subject, parameter) and the information there"""

LEAST = 1e-4
"""A population's variance is not less than this, on the scale of the parameters."""


@dataclass(frozen=True)
class Population:
    """Equation (1); leading axes stand for populations that are fitted side by side."""

    mean: Array
    """(..., parameter)"""
    covariance: Array
    """(..., parameter, parameter)"""
    modes: Array
    """most probable parameters of the subjects, (..., subject, parameter)"""
    information: Array
    """(..., subject, parameter, parameter)"""
    steps: int
    """of the maximisation"""
    stood: bool = True
    """whether it stood at the end"""

    @property
    def errors(self) -> Array:
        """Standard errors of the mean, whose information is sum_i (Sigma + H_i^-1)^-1, H_i the data's own."""
        precision = np.linalg.inv(self.covariance)[..., None, :, :]
        alone = self.information - precision
        # (Sigma + H^-1)^-1 = H - H (H + Sigma^-1)^-1 H
        each = alone - alone @ np.linalg.inv(self.information) @ alone
        return np.sqrt(np.einsum("...ii->...i", np.linalg.inv(each.sum(axis=-3))))


def population(
    modes: Modes,
    begin: Array,
    *,
    mean: Array,
    covariance: Array,
    full: bool = True,
    steps: int = 60,
    near: float = 1e-3,
) -> Population:
    """Equation (2) from a first mean and covariance.

    Args:
        modes: finds the subjects' most probable parameters under a population.
        begin: parameters to begin with, (..., subject, parameter).
        mean, covariance: the first population, (..., parameter) and (..., parameter, parameter).
        full: whether parameters may be correlated over subjects.
        steps: at most so many.
        near: it stands when no mean and no spread moves by more than this share of the spread.

    Raises:
        Mistake: fewer than two subjects.
    """
    if begin.shape[-2] < 2:
        raise Mistake("effects mixed over subjects need two subjects or more")
    x, change, taken = begin, np.inf, 0
    while change >= near and taken < steps:
        taken += 1
        x, information = modes(mean, np.asarray(np.linalg.inv(covariance), float), x)
        new = x.mean(axis=-2)
        off = x - new[..., None, :]
        spread = (
            np.linalg.inv(information).mean(axis=-3) + np.einsum("...si,...sj->...ij", off, off) / x.shape[-2]
        )
        if not full:
            spread = spread * np.eye(x.shape[-1])
        spread = spread + LEAST * np.eye(x.shape[-1])
        scale = np.sqrt(np.einsum("...ii->...i", spread))
        before = np.sqrt(np.einsum("...ii->...i", covariance))
        change = max(np.max(np.abs(new - mean) / scale), np.max(np.abs(before / scale - 1)))
        mean, covariance = new, spread
    return Population(mean, covariance, x, information, taken, bool(change < near))
