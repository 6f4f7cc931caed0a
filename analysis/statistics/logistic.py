"""Logistic regressions of many subjects side by side.

    P(y = 1) = 1/(1 + exp(-x . b))                                                                 (1)

by Newton's method on sum_t n_t [y_t log P + (1 - y_t) log(1 - P)] - (b - mu)^T S^-1 (b - mu)/2: maximum
likelihood where the precision S^-1 is 0, ridge regression or a normal prior elsewhere. ``n_t`` counts how
often a row of regressors was met, ``y_t`` is the share of ones among these.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake

STEPS, NEAR = 100, 1e-9


def logistic(
    x: Array,
    y: Array,
    n: ArrayLike = 1.0,
    *,
    mean: ArrayLike = 0.0,
    precision: ArrayLike = 0.0,
    begin: Array | None = None,
) -> tuple[Array, Array]:
    """The most probable coefficients of equation (1) and the information there.

    Args:
        x: regressors (..., trial, coefficient).
        y: shares of ones (..., trial).
        n: weights (..., trial); 0 leaves a trial out.
        mean, precision: of the prior, (..., coefficient) and (..., coefficient, coefficient), or numbers.
        begin: where to begin.

    Returns:
        coefficients (..., coefficient), information (..., coefficient, coefficient), the prior's included.

    Raises:
        Mistake: regressors and outcomes of different numbers of trials.
    """
    if x.shape[-2] != y.shape[-1]:
        raise Mistake(f"{x.shape[-2]} trials of regressors, {y.shape[-1]} of outcomes")
    size = x.shape[-1]
    weight = np.broadcast_to(np.asarray(n, float), y.shape)
    prior = np.asarray(precision, float)
    prior = prior * np.eye(size) if prior.ndim == 0 else prior
    centre = np.asarray(mean, float)
    shape = np.broadcast_shapes(y.shape[:-1], x.shape[:-2], prior.shape[:-2], centre.shape[:-1])
    b = np.zeros((*shape, size)) if begin is None else np.array(np.broadcast_to(begin, (*shape, size)))
    value = _posterior(x, y, weight, b, centre, prior)
    information = np.zeros((*shape, size, size))
    for _ in range(STEPS):
        p = _sigmoid((x @ b[..., None])[..., 0])
        slope = ((weight * (y - p))[..., None, :] @ x)[..., 0, :] - ((b - centre)[..., None, :] @ prior)[
            ..., 0, :
        ]
        information = np.swapaxes(x, -1, -2) @ ((weight * p * (1 - p))[..., None] * x) + prior
        step = np.linalg.solve(information + 1e-9 * np.eye(size), slope[..., None])[..., 0]
        step *= np.minimum(1, 4 / np.maximum(np.abs(step).max(axis=-1, keepdims=True), 1e-300))
        for _ in range(30):  # halve the steps that overshoot
            new = _posterior(x, y, weight, b + step, centre, prior)
            worse = new < value - 1e-9 * (1 + np.abs(value))
            if not worse.any():
                break
            step = np.where(worse[..., None], step / 2, step)
        b, value = b + step, new
        if np.abs(step).max(initial=0) < NEAR**0.5 and (slope * step).sum(axis=-1).max(initial=0) < NEAR:
            break
    return b, information


def _posterior(x: Array, y: Array, weight: Array, b: Array, centre: Array, prior: Array) -> Array:
    logit = (x @ b[..., None])[..., 0]
    likelihood = (weight * (y * logit - np.logaddexp(0, logit))).sum(axis=-1)
    off = b - centre
    penalty = (off[..., None, :] @ prior @ off[..., None])[..., 0, 0]
    return np.asarray(likelihood - 0.5 * penalty)


def _sigmoid(logit: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logit)))
