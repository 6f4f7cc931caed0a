"""Second moments of one-sample gradient estimates, and what the baseline does to them.

Let the error be quadratic in the n perturbed quantities, E(v + sigma z) = E + sigma g.z +
(sigma^2/2) z'Hz, and the estimate (1/sigma)(E(v + sigma z) - b) z with D = E - b. For standard
normal z

    E|estimate|^2 = D^2 n/sigma^2 + D (n+2) tr H + (n+2)|g|^2 + (sigma^2/4)(n+4)(tr^2 H + 2 tr H^2),

and for z of independent +-1 entries

    E|estimate|^2 = n [ (D/sigma + sigma tr H/2)^2 + |g|^2 + (sigma^2/2)(tr H^2 - sum_i H_ii^2) ].

One layer of M nodes has n = M, g = e, H = 1; its M x N weights have n = M N, g = e x^T, H = 1 (x)
x x^T. Consequences: a wrong baseline costs D^2 n/sigma^2 and so diverges as sigma -> 0, the
two-pass estimate does the opposite; a perfect one-pass critic beats the clean pass; the best
constant is higher than the critic's.

Sources: derived here, checked by Monte Carlo in the tests. That a critic must be specific to the
stimulus: Frémaux, Sprekeler & Gerstner 2010, J Neurosci, doi:10.1523/JNEUROSCI.6249-09.2010
(abstract). The direction-normalised estimate: published code of Dalm, van Gerven & Ahmad 2023,
arXiv:2310.00965.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..foundation.arrays import Array
from .names import BASELINES, LAWS, RULES, Baseline, Law, Rule, require, require_positive


@dataclass(frozen=True)
class Curvature:
    """What the second moment needs of the Hessian H of the error in the n perturbed quantities."""

    dimensions: int
    """n, the number of quantities perturbed at once."""
    trace: float
    """tr H."""
    square: float
    """tr H^2."""
    diagonal: float
    """Sum of H_ii^2; only +-1 perturbations feel it."""

    @classmethod
    def nodes(cls, outputs: int) -> Curvature:
        """The output nodes themselves: H = 1."""
        return cls(outputs, outputs, outputs, outputs)

    @classmethod
    def weights(cls, outputs: int, x: Array) -> Curvature:
        """The weights of one linear layer with input x (inputs,): H = 1 (x) x x^T."""
        x2 = float(x @ x)
        return cls(outputs * len(x), outputs * x2, outputs * x2**2, outputs * float(np.sum(x**4)))

    @classmethod
    def of(cls, hessian: Array) -> Curvature:
        """Any Hessian, shape (n, n)."""
        return cls(
            len(hessian),
            float(np.trace(hessian)),
            float(np.sum(hessian * hessian.T)),
            float(np.sum(np.diag(hessian) ** 2)),
        )


def offset(baseline: Baseline, curvature: Curvature, sigma: float, law: Law = "gaussian") -> float:
    """D = E - b of a named baseline (units of E); ``antithetic`` counts as 0, it has no even part.

    critic: -(sigma^2/2) tr H, the mean of the perturbed error. optimal: -(sigma^2/2) tr H (n+2)/n
    for normal perturbations, so b* = E + sigma^2 (M+2)/2 for a layer of M nodes; the critic itself
    for +-1.
    """
    require(baseline, BASELINES, "baseline")
    require(law, LAWS, "law of perturbations")
    critic = -0.5 * sigma**2 * curvature.trace
    if baseline == "critic" or (baseline == "optimal" and law == "sign"):
        return critic
    if baseline == "optimal":
        return critic * (curvature.dimensions + 2) / curvature.dimensions
    return 0.0


def second_moment(
    gradient2: float,
    curvature: Curvature,
    sigma: float,
    baseline: Baseline | float = "clean",
    law: Law = "gaussian",
) -> float:
    """E|estimate|^2 over the perturbation.

    ``gradient2`` = |g|^2 in the perturbed quantities; ``baseline`` a name, or the offset D = E - b
    as a number. ``sigma`` may be 0 for every baseline but a number.
    """
    require(law, LAWS, "law of perturbations")
    n = curvature.dimensions
    linear = (n + 2 if law == "gaussian" else n) * gradient2
    if baseline == "antithetic":
        return linear
    if isinstance(baseline, str):
        D = offset(baseline, curvature, sigma, law)
        if sigma == 0:
            return linear
    else:
        D = baseline
        require_positive(sigma=sigma)
    quartic = curvature.trace**2 + 2 * curvature.square
    if law == "sign":
        quartic -= 2 * curvature.diagonal
        even = D**2 / sigma**2 + D * curvature.trace + sigma**2 / 4 * quartic
        return linear + n * even
    return linear + D**2 * n / sigma**2 + D * (n + 2) * curvature.trace + sigma**2 / 4 * (n + 4) * quartic


def np_second_moment(
    error2: float,
    outputs: int,
    sigma: float,
    baseline: Baseline | float = "clean",
    law: Law = "gaussian",
) -> float:
    """E|estimate of g|^2 of node perturbation in one layer of ``outputs`` nodes, |e|^2 =
    ``error2``.

    With M nodes: clean (M+2)|e|^2 + sigma^2 M(M+2)(M+4)/4; critic (M+2)|e|^2 + sigma^2 M(M+4)/2;
    optimal (M+2)|e|^2 + sigma^2 M(M+2)/2; antithetic (M+2)|e|^2. Multiply by |x|^2 for the weight
    update.
    """
    return second_moment(error2, Curvature.nodes(outputs), sigma, baseline, law)


def wp_second_moment(
    error2: float,
    outputs: int,
    x: Array,
    sigma: float,
    baseline: Baseline | float = "clean",
    law: Law = "gaussian",
) -> float:
    """E|estimate of e x^T|^2 of weight perturbation in one linear layer, input x (inputs,)."""
    return second_moment(error2 * float(x @ x), Curvature.weights(outputs, x), sigma, baseline, law)


def relative_second_moment(rule: Rule, outputs: int, inputs: int, law: Law = "gaussian") -> int:
    """E|estimate|^2 / |gradient|^2 of one sample as sigma -> 0: 1 (sgd), M + 2 (np), M N + 2 (wp).

    One less is the trace of the covariance over |gradient|^2. With +-1 perturbations M and M N.
    """
    require(rule, RULES, "rule")
    require(law, LAWS, "law of perturbations")
    if rule == "sgd":
        return 1
    dimensions = outputs if rule == "np" else outputs * inputs
    return dimensions + 2 if law == "gaussian" else dimensions


def averaged_second_moment(gradient2: float, dimensions: int, samples: int) -> float:
    """E|mean of K estimates|^2 = |g|^2 (1 + (n+1)/K), normal perturbations, sigma -> 0."""
    return gradient2 * (1 + (dimensions + 1) / samples)


def direction_normalised_second_moment(gradient2: float, dimensions: int) -> float:
    """E|n (g.z) z / |z|^2|^2 = n |g|^2; its mean is g, and with n = 1 it is g itself (sigma ->
    0)."""
    return gradient2 * dimensions


def layer_second_moment(layer_gradient2: float, total_gradient2: float, nodes: int) -> float:
    """E|estimate of one layer's g|^2 when all layers' nodes are perturbed at once, sigma -> 0.

    M_l |g_total|^2 + 2 |g_l|^2, where |g_total|^2 is summed over all perturbed nodes of all layers.
    """
    return nodes * total_gradient2 + 2 * layer_gradient2


def loss_variance(error2: float, outputs: int, sigma: float) -> float:
    """Variance of the perturbed error of one input, sigma^2 |e|^2 + sigma^4 M / 2 (normal
    perturbations)."""
    return sigma**2 * error2 + sigma**4 * outputs / 2


def moving_average_mean_gain(rate: float, order: Literal["before", "after"] = "before") -> float:
    """Gain on the mean update of a baseline b <- b + rate (E_pert - b).

    1 if b is used ``before`` the current trial updates it, 1 - rate if ``after``: the baseline
    then contains the very fluctuation it is subtracted from.
    """
    require(order, ("before", "after"), "order")
    return 1.0 if order == "before" else 1.0 - rate


def moving_average_second_moment(
    error2: float,
    outputs: int,
    sigma: float,
    rate: float,
    order: Literal["before", "after"] = "before",
) -> float:
    """E|estimate|^2 of NP under a settled moving-average baseline of one stimulus, unchanging
    weights.

    The perfect critic's plus M rate/(2-rate) Var(E_pert)/sigma^2; times (1-rate)^2 if the current
    trial is taken in first.
    """
    excess = outputs * rate / (2 - rate) * loss_variance(error2, outputs, sigma) / sigma**2
    before = np_second_moment(error2, outputs, sigma, "critic") + excess
    return before * moving_average_mean_gain(rate, order) ** 2


def global_baseline_second_moment(V: Array, sigma: float, baseline: float | None = None) -> float:
    """E|NP estimate of e x^T|^2 over perturbations *and* inputs x ~ N(0, 1), one constant baseline
    b.

    e = V x with V (outputs, inputs). ``baseline`` None means the global mean of the perturbed
    error, |V|^2/2 + sigma^2 M/2. As the error of a stimulus is not known, D = E(x) - b does not
    vanish, and its variance enters divided by sigma^2.
    """
    require_positive(sigma=sigma)
    M, N = V.shape
    A = V.T @ V
    t, t2 = float(np.trace(A)), float(np.sum(A * A))
    b = t / 2 + sigma**2 * M / 2 if baseline is None else baseline
    mean_D = t * (N + 2) / 2 - b * N
    mean_D2 = (t**2 + 2 * t2) * (N + 4) / 4 - b * t * (N + 2) + b**2 * N
    return (
        mean_D2 * M / sigma**2
        + mean_D * M * (M + 2)
        + (M + 2) * (N + 2) * t
        + sigma**2 / 4 * M * (M + 2) * (M + 4) * N
    )
