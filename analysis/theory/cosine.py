"""The angle between a perturbation's estimate and the gradient.

A single estimate (g.z) z in D perturbed dimensions has E[cos] = Gamma(D/2) / (sqrt(pi)
Gamma((D+1)/2)), about sqrt(2/(pi D)), and E[cos^2] = 1/D exactly; the often quoted 1/sqrt(D+1) is
not the mean (at D = 100 it says .0995, the mean is .0800). The mean of K estimates is Z^T Z g / K
with Z of shape (K, D), and given Z g its part across g is normal, so that

    cos^2 ~ Beta(K/2, (D-1)/2),  E[cos] = G(K+1) G(K+D-1) / (G(K) G(K+D)) with G(n) = Gamma(n/2),

exact for every K and D. When the nodes of other layers are perturbed too, a layer of M nodes that
carries the fraction rho = |g_l|/|g_total| of the gradient has

    E[cos_l] = rho Gamma((M+1)/2) / (sqrt(pi) Gamma(M/2 + 1)) 2F1(1/2, 1/2; M/2 + 1; rho^2).

All for normal perturbations as sigma -> 0; derived here, checked by Monte Carlo in the tests.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, hyp2f1

from ..foundation.arrays import Array


def expected_cosine(dimensions: ArrayLike, samples: ArrayLike = 1) -> Array:
    """E[cos(estimate, gradient)], mean of ``samples`` estimates in ``dimensions`` dimensions.

    Broadcasts. One sample: 1, .6366, .375, .1807, .0800, .0252 for D = 1, 2, 5, 20, 100, 1000.
    """
    D, K = np.asarray(dimensions, float), np.asarray(samples, float)
    return np.asarray(
        np.exp(gammaln((K + 1) / 2) + gammaln((K + D - 1) / 2) - gammaln(K / 2) - gammaln((K + D) / 2))
    )


def expected_square_cosine(dimensions: ArrayLike, samples: ArrayLike = 1) -> Array:
    """E[cos^2] = K/(K + D - 1); 1/D for one sample."""
    D, K = np.asarray(dimensions, float), np.asarray(samples, float)
    return K / (K + D - 1)


def asymptotic_cosine(dimensions: ArrayLike) -> Array:
    """sqrt(2/(pi D)), one sample in many dimensions D; too low by a fraction 1/(4 D)."""
    return np.sqrt(2 / (np.pi * np.asarray(dimensions, float)))


def averaged_cosine_approximation(dimensions: ArrayLike, samples: ArrayLike) -> Array:
    """sqrt(K/(K + D + 1)): |g| over the root mean square length of the mean of K estimates.

    Simple but low: .690 at D = K = 10, where `expected_cosine` gives .717.
    """
    D, K = np.asarray(dimensions, float), np.asarray(samples, float)
    return np.sqrt(K / (K + D + 1))


def expected_layer_cosine(nodes: ArrayLike, fraction: ArrayLike) -> Array:
    """E[cos] of one layer's estimate with its own gradient, all layers' nodes perturbed at once.

    ``nodes``: M of the layer; ``fraction``: |g_l|/|g_total| in [0, 1], both for one input. 1 gives
    `expected_cosine(nodes)`.
    """
    M, rho = np.asarray(nodes, float), np.asarray(fraction, float)
    scale = np.exp(gammaln((M + 1) / 2) - gammaln(M / 2 + 1)) / np.sqrt(np.pi)
    return np.asarray(rho * scale * _half_half(M / 2 + 1, rho**2))


def _half_half(c: Array, q: Array) -> Array:
    """2F1(1/2, 1/2; c; q) for 0 <= q <= 1, also at large c, where scipy's overflows near q = 1.

    From c = 16 on the series itself, whose 60th term is below 1e-15.
    """
    term = series = np.ones(np.broadcast_shapes(c.shape, q.shape))
    for k in range(60):
        term = term * (k + 0.5) ** 2 / ((c + k) * (k + 1)) * q
        series = series + term
    return np.where(c < 16, hyp2f1(0.5, 0.5, np.minimum(c, 16), q), series)
