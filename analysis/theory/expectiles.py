"""Expectiles: what a learner expects that takes good and bad news unequally.

The a-expectile e of X balances a E[(X - e)+] = (1 - a) E[(e - X)+] (Newey & Powell 1987,
doi:10.2307/1911031); a = 1/2 is the mean. A value that rises by a delta for a positive error and falls by
(1 - a) |delta| for a negative one comes to rest there (Dabney et al. 2020, doi:10.1038/s41586-019-1924-6), so
that learners with different asymmetries a know the distribution of X between them. What they know can be read
out: the balance is linear in the probabilities p of the outcomes x,

    sum_x p(x) (a_k [x - e_k]+ - (1 - a_k) [e_k - x]+) = 0     for every learner k,     sum p = 1         (1)

`distribution` solves it for p >= 0 by least squares. (Dabney et al. impute a sample instead.) A neuron whose
dips are cut off balances something else (`floored`): where dips cannot tell all that was missed, a value
rests higher than the expectile.

A value that learns from noisy spikes fluctuates, and what is above its expectile falls back at another speed
than what is below rises. About an outcome that is certain (`noise_shift`; eta small, noise of standard
deviation sigma in what is heard, slopes 2 a and 2 (1 - a)) its density is two halves of normal densities with

    s-**2 = eta sigma**2/(4 a) below, s+**2 = eta sigma**2/(4 (1 - a)) above,  mean sqrt(2/pi) (s+ - s-)   (2)

(the stationary density exp(2 int f/(eta sigma**2)) of a diffusion with drift f; derived here).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation.mistakes import Mistake

SUM = 1e3
"""Weight of the condition that probabilities add up to 1."""


def expectile(values: ArrayLike, asymmetry: float, weights: ArrayLike | None = None) -> float:
    """The expectile of ``values``, equally likely or in proportion to ``weights``, exact.

    The balance is a falling function of e, straight between two values; its zero is found there.

    Raises:
        Mistake: no values, weights that do not fit, or an asymmetry outside (0, 1).
    """
    x = np.ravel(np.asarray(values, float))
    p = np.ones(x.size) if weights is None else np.ravel(np.asarray(weights, float))
    if x.size == 0 or not 0 < asymmetry < 1:
        raise Mistake(f"an expectile needs values, and an asymmetry in (0, 1), not {asymmetry:g}")
    if p.size != x.size or (p < 0).any() or not p.sum() > 0:
        raise Mistake("weights of an expectile must be one for each value, none below zero")
    order = np.argsort(x[p > 0])
    x, p = x[p > 0][order], p[p > 0][order]
    above = np.maximum(x - x[:, None], 0) @ p
    below = np.maximum(x[:, None] - x, 0) @ p
    return float(np.interp(0.0, (1 - asymmetry) * below - asymmetry * above, x))


def floored(values: ArrayLike, asymmetry: float, deepest: float) -> float:
    """Where the balance rests if no dip is deeper than ``deepest`` (in units of the error): between the
    expectile and the largest value.

    Raises:
        Mistake: as `expectile`; a depth that is not above zero.
    """
    from scipy.optimize import brentq

    low, x = expectile(values, asymmetry), np.ravel(np.asarray(values, float))
    if not deepest > 0:
        raise Mistake(f"the deepest dip is {deepest:g}, must be above 0")

    def balance(e: float) -> float:
        error = x - e
        return float(
            np.mean(np.where(error > 0, asymmetry * error, np.maximum((1 - asymmetry) * error, -deepest)))
        )

    if balance(low) <= 0:
        return low
    return float(brentq(balance, low, x.max()))


def noise_shift(asymmetry: float, eta: float, sigma: float) -> float:
    """Mean of a value less its certain outcome, equation (2)."""
    if not 0 < asymmetry < 1:
        raise Mistake(f"an asymmetry is in (0, 1), not {asymmetry:g}")
    wide = (1 - asymmetry) ** -0.5 - asymmetry**-0.5
    return float((2 / np.pi) ** 0.5 * (eta / 4) ** 0.5 * sigma * wide)


def distribution(
    asymmetries: ArrayLike, expectiles: ArrayLike, outcomes: ArrayLike, smoothing: float = 0.0
) -> NDArray[np.float64]:
    """Probabilities of ``outcomes`` (outcome,) that have these expectiles, by least squares in (1).

    Args:
        smoothing: weight of the squared differences of neighbouring probabilities; they are what tells
            distributions apart that have the same few expectiles.

    Raises:
        Mistake: arrays that do not fit, fewer than two expectiles or outcomes.
    """
    from scipy.optimize import nnls

    a, e, x = (np.asarray(part, float) for part in (asymmetries, expectiles, outcomes))
    if a.shape != e.shape or a.ndim != 1 or min(a.size, x.size) < 2:
        raise Mistake("a distribution needs two expectiles or more, as many asymmetries, and outcomes")
    error = x - e[:, None]
    rows = np.where(error > 0, a[:, None], 1 - a[:, None]) * error
    bends = smoothing**0.5 * np.diff(np.eye(x.size), axis=0)
    matrix = np.concatenate([rows, bends, np.full((1, x.size), SUM)])
    p, _ = nnls(matrix, np.append(np.zeros(len(matrix) - 1), SUM))
    return np.asarray(p / p.sum())
