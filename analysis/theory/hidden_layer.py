"""Node perturbation in a linear network with a hidden layer: mean field, diffusing weights.

Teacher A (L_y, L_x), student W2 W1 with L_h hidden units, clean presynaptic factor, sigma -> 0,
Glorot start. With alpha = |W1|^2/L_x, beta = |W2|^2/L_y, eps = |W2 W1 - A|^2/(L_x L_y), a =
alpha/L_h^(1/3), eta_h = eta L_h^(1/3), c = eta_h L_x L_y (1 + beta_0) and label noise s, a wide
network follows

    a   <- a   + eta_h c (eps + s^2/L_x)
    eps <- eps + eta_h [-2 a eps + c a^2 (eps + s^2/L_x)].

Without label noise eps(a) = eps_0 - (a^2 - a_0^2)/c + (a^3 - a_0^3)/3, whose least value reaches 0
iff c < c*, (eps_0 - a_0^3/3) c*^3 + a_0^2 c*^2 = 4/3, so learning succeeds below eta* = c*/(L_x
L_y (1 + beta_0) L_h^(1/3)), a weak dependence on width. With label noise a only ever grows: it
crosses the nullcline eps = c a s^2/(L_x (2 - c a)) and the error must rise in the end, at any
rate; gradient descent has no such fate. The growth of the weights is exact in every network,
whatever its width: `update_second_moment`, and at a perfect student `diffusion_at_optimum`.

Source: Hiratani, Mehta, Lillicrap & Latham, "On the stability and scalability of node perturbation
learning", NeurIPS 2022 (abstract; the mean-field equations and eta* as in the authors' published
code, eps(a) and c* derived again). The second moments are derived here and checked by Monte Carlo
in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ..foundation.arrays import Array
from .names import RULES, Rule, require, require_positive


@dataclass(frozen=True)
class HiddenLayer:
    """Sizes and label noise of a linear network with one hidden layer, Glorot-initialised.

    Entries of A have variance 2/(L_x + L_y), of W1 2/(L_x + L_h), of W2 2/(L_h + L_y).
    Raises `Mistake` for sizes below one.
    """

    inputs: int
    """L_x."""
    hidden: int
    """L_h."""
    outputs: int
    """L_y."""
    label_noise: float = 0.0
    """Standard deviation s of the noise on each output of the teacher."""

    def __post_init__(self) -> None:
        require_positive(inputs=self.inputs, hidden=self.hidden, outputs=self.outputs)

    @property
    def alpha_0(self) -> float:
        """|W1|^2/L_x at the start, 2 L_h/(L_x + L_h)."""
        return 2 * self.hidden / (self.inputs + self.hidden)

    @property
    def beta_0(self) -> float:
        """|W2|^2/L_y at the start, 2 L_h/(L_h + L_y)."""
        return 2 * self.hidden / (self.hidden + self.outputs)

    @property
    def epsilon_0(self) -> float:
        """|W2 W1 - A|^2/(L_x L_y) at the start."""
        x, h, y = self.inputs, self.hidden, self.outputs
        return 4 * h / ((x + h) * (y + h)) + 2 / (x + y)

    @property
    def a_0(self) -> float:
        """alpha_0 / L_h^(1/3)."""
        return self.alpha_0 / self.hidden ** (1 / 3)

    @property
    def c_star(self) -> float:
        """Largest c at which the error reaches zero without label noise.

        The cubic has one root with the error's minimum (a = 2/c) still ahead of the start; c <=
        2/a_0.
        """
        e, a = self.epsilon_0, self.a_0
        return brentq(lambda c: (e - a**3 / 3) * c**3 + a**2 * c**2 - 4 / 3, 0.0, 2 / a, xtol=1e-15)

    def c(self, eta: float) -> float:
        """The one parameter of the reduced dynamics at learning rate ``eta``."""
        return eta * self.hidden ** (1 / 3) * self.inputs * self.outputs * (1 + self.beta_0)

    @property
    def eta_star(self) -> float:
        """Critical learning rate c*/(L_x L_y (1 + beta_0) L_h^(1/3))."""
        return self.c_star / self.c(1.0)

    @property
    def eta_opt_sgd(self) -> float:
        """The authors' estimate of the best rate of SGD, 1/(L_x (alpha_0 + beta_0))."""
        return 1 / (self.inputs * (self.alpha_0 + self.beta_0))

    def mean_field(self, eta: float, trials: int) -> tuple[Array, Array]:
        """(a, eps) of the mean field before each trial and after the last, each (trials + 1,).

        Stops with the values it has, repeated, once eps exceeds 1e12 (diverged).
        """
        eta_h, c = eta * self.hidden ** (1 / 3), self.c(eta)
        noise = self.label_noise**2 / self.inputs
        a, eps = np.empty(trials + 1), np.empty(trials + 1)
        a_t, eps_t = self.a_0, self.epsilon_0
        for t in range(trials + 1):
            a[t], eps[t] = a_t, eps_t
            if eps_t > 1e12:
                a[t:], eps[t:] = a_t, eps_t
                break
            drive = c * (eps_t + noise)
            a_t, eps_t = a_t + eta_h * drive, eps_t + eta_h * a_t * (a_t * drive - 2 * eps_t)
        return a, eps

    def four_variable_field(
        self, eta: float, trials: int, start: ArrayLike | None = None
    ) -> tuple[Array, Array, Array]:
        """(eps, alpha, beta) before each trial and after the last, each (trials + 1,).

        ``start`` is (eps, alpha, beta, k/(L_x L_y)) of one network; without it, the means over Glorot draws.

        Keeps what the reduced field drops at finite width, the learning of both layers: with R = W2 W1 - A,
        k = tr(R^T A) and Q = E|x|^2|e|^2 = (L_x + 2)|R|^2 + s^2 L_x L_y, in a wide network (W1^T W1 = alpha,
        W2 W2^T = beta times the unit matrix)

            |R|^2  <- |R|^2 [1 - 2 eta (alpha + beta)]
                      + eta^2 Q [(1 + beta) L_y (alpha^2 + beta) + 2 (alpha + beta)^2]
            |W1|^2 <- |W1|^2 - 2 eta (|R|^2 + k) + eta^2 Q [L_h (1 + beta) + 2 beta]
            |W2|^2 <- |W2|^2 - 2 eta (|R|^2 + k) + eta^2 alpha Q [L_y (1 + beta) + 2]
            k      <- k [1 - eta (alpha + beta)].

        Stops with the values it has, repeated, once eps exceeds 1e12. Derived here; the simulations of the
        figure `hidden_layers` follow alpha within some percent.
        """
        x, h, y = self.inputs, self.hidden, self.outputs
        found = np.empty((3, trials + 1))
        means = self.epsilon_0, self.alpha_0, self.beta_0, -2 / (x + y)
        eps, alpha, beta, overlap = means if start is None else (float(one) for one in np.asarray(start))
        R2, k = eps * x * y, overlap * x * y
        for t in range(trials + 1):
            found[:, t] = R2 / (x * y), alpha, beta
            if R2 > 1e12 * x * y:
                found[:, t:] = found[:, t : t + 1]
                break
            Q = eta**2 * ((x + 2) * R2 + self.label_noise**2 * x * y)
            drift, both = -2 * eta * (R2 + k), alpha + beta
            R2, alpha, beta, k = (
                R2 * (1 - 2 * eta * both) + Q * ((1 + beta) * y * (alpha**2 + beta) + 2 * both**2),
                alpha + (drift + Q * (h * (1 + beta) + 2 * beta)) / x,
                beta + (drift + alpha * Q * (y * (1 + beta) + 2)) / y,
                k * (1 - eta * both),
            )
        return found[0], found[1], found[2]

    def error_of_growth(self, eta: float, a: ArrayLike) -> Array:
        """eps(a) along the trajectory without label noise (small steps)."""
        grown = np.asarray(a, float)
        return self.epsilon_0 - (grown**2 - self.a_0**2) / self.c(eta) + (grown**3 - self.a_0**3) / 3

    def nullcline(self, eta: float, a: ArrayLike) -> Array:
        """eps at which the error stands still, c a s^2/(L_x (2 - c a)); infinite from a = 2/c."""
        ca = self.c(eta) * np.asarray(a, float)
        below = ca < 2
        return np.where(
            below, ca * self.label_noise**2 / (self.inputs * np.where(below, 2 - ca, 1.0)), np.inf
        )


def update_second_moment(
    rule: Rule,
    W1: Array,
    W2: Array,
    A: Array,
    eta: float,
    label_noise: float = 0.0,
    sigma: float = 0.0,
) -> tuple[float, float]:
    """Exact (E|dW1|^2, E|dW2|^2) of one trial, inputs x ~ N(0, 1), clean pass, clean presynaptic
    factor.

    R = W2 W1 - A, e = R x - noise, g1 = W2^T e, h = W1 x. As sigma -> 0

    np   eta^2 E|x|^2 (L_h (|g1|^2 + |e|^2) + 2 |g1|^2),
         eta^2 E|h|^2 (L_y (|g1|^2 + |e|^2) + 2 |e|^2);
    sgd  eta^2 E|x|^2 |g1|^2,  eta^2 E|h|^2 |e|^2;
    wp   eta^2 E[L_h L_x T + 2 |x|^2 |g1|^2],  eta^2 E[L_y L_h T + 2 |h|^2 |e|^2],
         T = |x|^2 |g1|^2 + |h|^2 |e|^2.

    ``sigma`` adds the exact finite-size term for np; for wp it must be 0. Shapes: W1 (L_h, L_x),
    W2 (L_y, L_h), A (L_y, L_x). Raises ValueError for wp with sigma.
    """
    require(rule, RULES, "rule")
    if rule == "wp" and sigma:
        raise ValueError("the second moment of weight perturbation is known as sigma -> 0 only")
    (hidden, inputs), outputs = W1.shape, W2.shape[0]
    R = W2 @ W1 - A
    G = W2.T @ R
    s2 = label_noise**2
    W1_2, W2_2 = float(np.sum(W1**2)), float(np.sum(W2**2))
    # E over x and the label noise of |x|^2 |g1|^2, |x|^2 |e|^2, |h|^2 |g1|^2, |h|^2 |e|^2
    x_g1 = (inputs + 2) * float(np.sum(G**2)) + inputs * s2 * W2_2
    x_e = (inputs + 2) * float(np.sum(R**2)) + inputs * s2 * outputs
    h_g1 = W1_2 * (float(np.sum(G**2)) + s2 * W2_2) + 2 * float(np.sum((W1 @ G.T) ** 2))
    h_e = W1_2 * (float(np.sum(R**2)) + s2 * outputs) + 2 * float(np.sum((W1 @ R.T) ** 2))
    if rule == "sgd":
        return eta**2 * x_g1, eta**2 * h_e
    if rule == "wp":
        total = x_g1 + h_e
        first, second = hidden * inputs, outputs * hidden
        return eta**2 * (first * total + 2 * x_g1), eta**2 * (second * total + 2 * h_e)
    first = hidden * (x_g1 + x_e) + 2 * x_g1
    second = outputs * (h_g1 + h_e) + 2 * h_e
    if sigma:
        # z'Hz = |W2 z1 + z2|^2; K holds the non-zero eigenvalues of H
        K = W2 @ W2.T + np.eye(outputs)
        trace, square = float(np.trace(K)), float(np.sum(K**2))
        fourth = trace**2 + 2 * square
        in_1 = hidden * fourth + 4 * trace * W2_2 + 8 * float(np.sum(W2 * (K @ W2)))
        in_2 = outputs * fourth + 4 * trace * outputs + 8 * trace
        first += sigma**2 / 4 * inputs * in_1
        second += sigma**2 / 4 * W1_2 * in_2
    return eta**2 * first, eta**2 * second


def norm_drift(W1: Array, W2: Array, A: Array) -> tuple[float, float]:
    """d E|W1|^2 / d eta = d E|W2|^2 / d eta of the mean update, -2 tr(R^T W2 W1), the same for
    every rule.

    eta times this plus `update_second_moment` is the exact mean change of |W1|^2 and |W2|^2 in one
    trial (wp: as sigma -> 0).
    """
    product = W2 @ W1
    drift = -2 * float(np.sum((product - A) * product))
    return drift, drift


def diffusion_at_optimum(
    rule: Rule, W1: Array, W2: Array, eta: float, label_noise: float
) -> tuple[float, float]:
    """Mean growth of (|W1|^2, |W2|^2) in one trial at a perfect student W2 W1 = A, sigma -> 0.

    np  eta^2 s^2 L_x [(L_h + 2)|W2|^2 + L_h L_y]  and  eta^2 s^2 L_y |W1|^2 (|W2|^2 + L_y + 2);
    sgd eta^2 s^2 L_x |W2|^2  and  eta^2 s^2 L_y |W1|^2.
    """
    return update_second_moment(rule, W1, W2, W2 @ W1, eta, label_noise)
