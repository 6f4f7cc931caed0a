"""Mean updates at finite perturbation size: the gradient of a smoothed loss.

With Gaussian perturbations of standard deviation sigma, (1/sigma^2) E[(E(v + xi) - b) xi] is the
exact gradient of the smoothed loss E_xi[E(v + xi)] for any baseline b that does not depend on xi
(Stein's lemma). The bias against the gradient of E itself is (sigma^2 / 2) times the Laplacian of
that gradient, to leading order: nothing at all for one linear layer with squared error, a ridge
penalty for two layers whose presynaptic factor is the perturbed activity, and eventually the wrong
sign for a sine.

Which power of sigma divides the update is not a matter of taste: see `normalisation`.

Sources: Stein's lemma, from memory (Stein 1981). Unperturbed presynaptic activity as in the
published code of Hiratani, Mehta, Lillicrap & Latham (NeurIPS 2022). The expectations are derived
here and checked by Monte Carlo in the tests.
"""

from typing import Literal

import numpy as np

from ..foundation.arrays import Array
from .names import require

Presynaptic = Literal["clean", "perturbed"]
Reading = Literal["canonical", "std", "variance", "unit"]


def normalisation(sigma: float, reading: Reading = "canonical") -> float:
    """Factor c in E[update] = -c g for each reading of "noise N(0, sigma)".

    ``canonical``: (1/sigma^2)(E - E_pert) xi with xi of standard deviation sigma, c = 1.
    ``std``: (1/sigma)(E - E_pert) xi with xi of standard deviation sigma, c = sigma: too small.
    ``variance``: (1/sigma)(E - E_pert) xi with xi of *variance* sigma, c = 1.
    ``unit``: (1/sigma)(E - E_pert) z with z standard normal, sigma z added to the network, c = 1.
    """
    require(reading, ("canonical", "std", "variance", "unit"), "reading")
    return sigma if reading == "std" else 1.0


def leading_bias(gradient_laplacian: Array | float, sigma: float) -> Array | float:
    """Leading bias of the mean gradient estimate, (sigma^2/2) sum_j d^3 E / dv_i dv_j^2.

    The next order is sigma^4. ``gradient_laplacian``: of each component of the gradient, any shape.
    """
    return 0.5 * sigma**2 * gradient_laplacian


def sine_neuron_gradient(
    u: float | Array, target: float | Array, sigma: float | Array = 0.0
) -> float | Array:
    """Mean NP estimate of dE/du for one neuron sin(u) with E = (sin u - t)^2 / 2.

    exp(-2 sigma^2) sin u cos u - t exp(-sigma^2/2) cos u; ``sigma`` = 0 gives the gradient itself.
    At u = .7, t = .2 it is .3398, and -.0261 at sigma = 1: the sign has turned.
    """
    return np.exp(-2 * np.square(sigma)) * np.sin(u) * np.cos(u) - target * np.exp(
        -np.square(sigma) / 2
    ) * np.cos(u)


def sine_neuron_gradient_laplacian(u: float | Array, target: float | Array) -> float | Array:
    """Third derivative of E = (sin u - t)^2 / 2, for `leading_bias`: -2 sin 2u + t cos u."""
    return -2 * np.sin(2 * np.asarray(u)) + target * np.cos(u)


def two_layer_np(
    W1: Array,
    W2: Array,
    x: Array,
    target: Array,
    sigma: float = 0.0,
    presynaptic: Presynaptic = "clean",
) -> tuple[Array, Array]:
    """Mean NP gradient estimates (dE/dW1, dE/dW2) of the linear network y = W2 W1 x.

    All hidden and output nodes are perturbed at once. W1: W2^T e x^T. W2: e h^T if the presynaptic
    factor is the clean h = W1 x, without bias at any sigma; e h^T + sigma^2 W2 if it is the
    perturbed h + xi_1, the only one a single pass can offer. Holds for Gaussian and for +-1
    perturbations.

    Shapes: W1 (hidden, inputs), W2 (outputs, hidden), x (inputs,), target (outputs,).
    """
    require(presynaptic, ("clean", "perturbed"), "presynaptic factor")
    h: Array = W1 @ x
    e: Array = W2 @ h - target
    ridge = sigma**2 * W2 if presynaptic == "perturbed" else 0.0
    return (W2.T @ e)[:, None] * x, e[:, None] * h + ridge


def two_layer_wp(W1: Array, W2: Array, x: Array, target: Array, sigma: float = 0.0) -> tuple[Array, Array]:
    """Mean WP gradient estimates (dE/dW1, dE/dW2) of y = W2 W1 x, all weights perturbed at once.

    W1: W2^T e x^T + sigma^2 O (W1 x) x^T with O outputs; W2: e h^T + sigma^2 |x|^2 W2. Shapes as in
    `two_layer_np`.
    """
    h = W1 @ x
    e = W2 @ h - target
    return (
        (W2.T @ e + sigma**2 * len(e) * h)[:, None] * x,
        e[:, None] * h + sigma**2 * (x @ x) * W2,
    )


def two_layer_smoothed_loss(
    W1: Array,
    W2: Array,
    x: Array,
    target: Array,
    sigma: float,
    perturbed: Literal["nodes", "weights"],
) -> float:
    """E_xi[|y - y*|^2] / 2 of the two-layer linear network, whose gradients the mean estimates are.

    nodes: E + (sigma^2/2)(|W2|^2 + O), the gradient with *perturbed* presynaptic factor.
    weights: E + (sigma^2/2)(|x|^2 |W2|^2 + O (|h|^2 + sigma^2 H |x|^2)), H hidden units.
    """
    require(perturbed, ("nodes", "weights"), "place of perturbation")
    h = W1 @ x
    e = W2 @ h - target
    outputs, hidden = W2.shape
    squares = float(np.sum(W2**2))
    if perturbed == "nodes":
        spread = squares + outputs
    else:
        x2 = float(x @ x)
        spread = x2 * squares + outputs * (float(h @ h) + sigma**2 * hidden * x2)
    return 0.5 * float(e @ e) + 0.5 * sigma**2 * spread
