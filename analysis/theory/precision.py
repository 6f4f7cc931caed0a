"""What floating point leaves of a small perturbation.

Two-pass rules broadcast (E_perturbed - E)/sigma, a difference of nearly equal numbers. With M
outputs of root mean square error e (so E = M e^2/2 and the signal e.xi has standard deviation
sigma e sqrt(M)) and activities of root mean square y, its relative error is

    rounding   (r/sigma) sqrt(y^2 + e^2 (5/2 + M kappa/2)),     r = .2123 eps,
    curvature  sigma sqrt(M/2) / (e sqrt(M)) = sigma/(sqrt(2) e).

r is the root mean square relative error of one rounding (a mantissa spread evenly in its
logarithm); y is the rounding of the perturbed activity itself, 5/2 that of the errors and of their
squares, and kappa the sum of squares of the partial sums met while E is added up, relative to E:
(M+1)(2M+1)/(6M) - 1/M^2 one after another, as a loop or a synaptic sum does, 2(M-1)/M in pairs, as
numpy does. Curvature is the spread of sigma |z|^2/2, no rounding; its mean, sigma M/2, a baseline
may carry and is not counted.

In float32 with M = 100, e = y = 1 the two are equal near sigma = 1e-3, and below 1e-4 rounding
wins tenfold for each tenth; in float64 even 1e-7 is fine. The model is accurate to a factor of 2
(measured in the tests) while the result is below about one half; it says 1 where nothing is left.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.arrays import Array
from .names import require, require_positive

Precision = Literal["float32", "float64"]
Summation = Literal["sequential", "pairwise"]

# sqrt((1/12) (3/8) / ln 2): uniform rounding error, mantissa m with density 1/(m ln 2) in [1, 2)
_RMS_ROUNDING = float(np.sqrt(1 / 32 / np.log(2)))


def unit_roundoff(precision: Precision) -> float:
    """Root mean square relative error of one rounding, .2123 eps: 2.53e-8 (float32), 4.71e-17
    (float64)."""
    require(precision, ("float32", "float64"), "precision")
    return _RMS_ROUNDING * float(np.finfo(precision).eps)


def _rounding(
    precision: Precision, outputs: int, error: float, activity: float, summation: Summation
) -> float:
    require(summation, ("sequential", "pairwise"), "summation")
    require_positive(outputs=outputs, error=error)
    M = outputs
    if summation == "sequential":
        kappa = (M + 1) * (2 * M + 1) / (6 * M) - 1 / M**2
    else:
        kappa = 2 * (M - 1) / M
    return unit_roundoff(precision) * float(np.sqrt(activity**2 + error**2 * (2.5 + M * kappa / 2)))


def rounding_error(
    sigma: ArrayLike,
    precision: Precision,
    outputs: int = 1,
    error: float = 1.0,
    activity: float = 1.0,
    summation: Summation = "sequential",
) -> Array:
    """Relative error of (E_pert - E)/sigma from rounding alone, at most 1; shape of ``sigma``.

    ``error``: root mean square of e over outputs; ``activity``: of the activities that are
    perturbed. Raises `Mistake` for unknown names and sizes that are not positive.
    """
    rounding = _rounding(precision, outputs, error, activity, summation)
    return np.minimum(rounding / np.asarray(sigma, float), 1.0)


def relative_error(
    sigma: ArrayLike,
    precision: Precision,
    outputs: int = 1,
    error: float = 1.0,
    activity: float = 1.0,
    summation: Summation = "sequential",
) -> Array:
    """Relative error of (E_pert - E)/sigma against e.z, rounding and curvature together, at most
    1."""
    rounding = rounding_error(sigma, precision, outputs, error, activity, summation)
    curvature = np.asarray(sigma, float) / (np.sqrt(2) * error)
    return np.minimum(np.hypot(rounding, curvature), 1.0)


def smallest_sigma(
    precision: Precision,
    outputs: int = 1,
    error: float = 1.0,
    activity: float = 1.0,
    summation: Summation = "sequential",
    tolerance: float = 2e-3,
) -> float:
    """Lower end of the usable window: the sigma whose rounding error is ``tolerance``.

    The default tolerance refuses 1e-5 in float32 at any size and accepts 1e-3 up to 190 outputs;
    in float64 it refuses nothing above 1e-12 at those sizes. Raises as `rounding_error`, and for a
    tolerance that is not positive.
    """
    require_positive(tolerance=tolerance)
    return _rounding(precision, outputs, error, activity, summation) / tolerance


def best_sigma(
    precision: Precision,
    outputs: int = 1,
    error: float = 1.0,
    activity: float = 1.0,
    summation: Summation = "sequential",
) -> float:
    """The sigma of least `relative_error`, where rounding and curvature are equal."""
    rounding = _rounding(precision, outputs, error, activity, summation)
    return float(np.sqrt(rounding * np.sqrt(2) * error))
