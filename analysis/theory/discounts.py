"""Several discounts: what neurons expect of late rewards, and when they come, read out of many of them.

A neuron with discount gamma answers a cue that announces a reward u with gamma**tau u, tau the time until
then; where the time is uncertain,

    y_k = u sum_tau gamma_k**tau p(tau)                                                            (1)

is the Laplace transform of p at the rate -ln gamma_k. Neurons with different gamma between them know when
rewards come (Kurth-Nelson & Redish 2009, doi:10.1371/journal.pone.0007362, from memory; Masset et al. 2025,
doi:10.1038/s41586-025-08929-9); to read p out is to invert (1).

The inverse is ill-posed: singular values of gamma_k**tau fall off exponentially, and what answers tell below
their noise is lost: a handful of numbers is left, however many neurons there are (`resolved`). `times` is the
p >= 0 with the least misfit plus roughness (Tikhonov's regularisation). Where a few numbers are all that is
told, how smooth p comes out is a choice: its share of early and late times is told by the answers, whether
two times or a broad range is told by the smoothing too. Times are best taken in equal steps of log tau: a
late reward is known less exactly than an early one.

With asymmetries a_k a value is not (1) but the expectile of what follows, state by state
(`values_of_delays`):

    V(s) = e_a(r + gamma V(s'))    over what can follow s                                          (2)
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake
from .expectiles import SUM, expectile


def values_of_delays(
    discount: float, asymmetry: float, delays: ArrayLike, chances: ArrayLike, worths: ArrayLike = (1.0,)
) -> Array:
    """V of the states that follow a cue, equation (2): (time since the cue,), from 0 to the last delay - 1.

    A reward comes after one of ``delays`` (whole numbers from 1 on) with its chance, and is one of
    ``worths``, equally likely. Learning comes to rest there at a small rate.

    Raises:
        Mistake: delays that are no whole numbers from 1 on, chances that do not add up to 1.
    """
    when, p, worth = np.asarray(delays, int), np.asarray(chances, float), np.asarray(worths, float)
    if not np.array_equal(when, np.asarray(delays, float)) or (when < 1).any() or len(p) != len(when):
        raise Mistake("delays must be whole numbers from 1 on, each with a chance")
    if abs(p.sum() - 1) > 1e-9 or (p < 0).any():
        raise Mistake("chances of the delays must add up to 1")
    last = int(when.max())
    values = np.zeros(last + 1)
    for since in range(last - 1, -1, -1):
        left = p[when > since].sum()
        now = p[when == since + 1].sum()
        if left <= 0:
            continue
        outcomes = np.append(worth, discount * values[since + 1])
        weights = np.append(np.full(worth.size, now / worth.size), left - now)
        values[since] = expectile(outcomes, asymmetry, weights)
    return values[:last]


def fit_discount(delays: ArrayLike, answers: ArrayLike) -> tuple[Array, Array]:
    """gamma and scale A of A gamma**delay, by least squares: of ``answers`` (delay, ...) two arrays (...).

    For each gamma of a fine grid the best A is known in closed form; the best of the grid is refined by a
    parabola.
    """
    n, y = np.asarray(delays, float), np.asarray(answers, float)
    grid = np.linspace(0.005, 1.0, 400)
    basis = grid[:, None] ** n
    projected = np.tensordot(basis, y, axes=(1, 0))
    length = (basis**2).sum(axis=1)
    shape = (-1,) + (1,) * (y.ndim - 1)
    gain = np.maximum(projected, 0) ** 2 / length.reshape(shape)
    best = np.clip(gain.argmax(axis=0), 1, len(grid) - 2)
    left, middle, right = (np.take_along_axis(gain, best[None] + k, axis=0)[0] for k in (-1, 0, 1))
    bend = left - 2 * middle + right
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.where(bend < 0, 0.5 * (left - right) / bend, 0.0)
    gamma = grid[best] + np.clip(shift, -1, 1) * (grid[1] - grid[0])
    powers = gamma ** n.reshape(shape)
    return gamma, (powers * y).sum(axis=0) / (powers**2).sum(axis=0)


def kernel(discounts: ArrayLike, times: ArrayLike) -> Array:
    """gamma_k**tau: (neuron, time)."""
    return np.asarray(np.asarray(discounts, float)[:, None] ** np.asarray(times, float))


def resolved(discounts: ArrayLike, times: ArrayLike, noise: ArrayLike) -> int:
    """How many numbers answers tell about the distribution of times: singular values of the kernel, each row
    over its noise (standard error of an answer to a reward of 1), that exceed 1."""
    rows = kernel(discounts, times) / np.broadcast_to(np.asarray(noise, float), np.shape(discounts))[:, None]
    return int((np.linalg.svd(rows, compute_uv=False) > 1).sum())


def times(
    discounts: ArrayLike, answers: ArrayLike, grid: ArrayLike, noise: ArrayLike, smoothing: float = 1.0
) -> Array:
    """Distribution on ``grid`` of times, by least squares in (1): (time,).

    Args:
        answers: (neuron,) in units of the answer to a reward at once.
        noise: standard error of each answer.
        smoothing: weight of the squared second differences of p, where a misfit of one standard error of one
            answer counts 1.

    Raises:
        Mistake: arrays that do not fit, noise that is not above zero.
    """
    from scipy.optimize import nnls

    gamma, y = np.asarray(discounts, float), np.asarray(answers, float)
    error = np.broadcast_to(np.asarray(noise, float), y.shape)
    if gamma.shape != y.shape or y.ndim != 1 or not (error > 0).all():
        raise Mistake("a distribution of times needs an answer for each discount, and noise above zero")
    rows = kernel(gamma, grid) / error[:, None]
    many = rows.shape[1]
    bends = smoothing**0.5 * np.diff(np.eye(many), n=2, axis=0)
    matrix = np.concatenate([rows, bends, np.full((1, many), SUM)])
    p, _ = nnls(matrix, np.concatenate([y / error, np.zeros(len(bends)), [SUM]]))
    return np.asarray(p / p.sum())
