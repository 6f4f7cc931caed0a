"""Learning curves of a linear layer taught online by a linear teacher: SGD, NP, WP and their projections.

Student and teacher differ by V = W - W* (M outputs, N inputs); every trial has a fresh input x ~
N(0, 1_N) and label noise of standard deviation s on each output. The mean squared distance obeys

    E|V_{t+1}|^2 = a E|V_t|^2 + eta^2 B,   a = 1 - 2 g eta + eta^2 A,   E = |V|^2 / 2,

with E without the unlearnable M s^2 / 2, and for Gaussian perturbations and a clean baseline

                g          A                B
    sgd         1          N + 2            M N s^2
    np          1          (M + 2)(N + 2)   (M + 2) M N s^2 + (sigma^2/4) M (M+2)(M+4) N
    wp          1          (M N + 2)(N + 2) (M N + 2) M N s^2 + (sigma^2/4) M (M+2)(M N+4) N (N+2)
    nsgd        1/N        1/N              M s^2 / (N - 2)
    projection  1/(M N)    1/(M N)          (s^2 + M sigma^2/4) / (N - 2).

The last two divide the rate by |x|^2, the projection NP also by |xi|^2/sigma^2: with u = xi/|xi| its step is
-eta (e.u + |xi|/2) u x^T/|x|^2, at eta = 1 the error along u is gone. Gaussian inputs have E|x|^-2 = 1/(N -
2), which is infinite for N <= 2.

Hence E_t = E_inf + (E_0 - E_inf) a^t, E_inf = eta B / (2 (2 g - eta A)); fastest at eta = g/A with a
= 1 - g^2/A; unstable in the mean square above 2 g/A. NP is slower than SGD by M + 2, WP slower than NP
by (M N + 2)/(M + 2), the projection slower than SGD by M N/(N + 2) only. The mean is carried by rare runs
once eta exceeds g/A in small networks: compare curves at eta <= g/(2 A).

Source of the question and of the scaling: Werfel, Xie & Seung 2005, Neural Computation 17:2699,
doi:10.1162/089976605774320539 (abstract); the forms above, including other baselines, +-1
perturbations, +-1 inputs and correlated inputs, are derived here and checked by Monte Carlo in the
tests. The projection is the scaling of Dalm, van Gerven & Ahmad, arXiv:2310.00965, with the inputs' length
as in normalised least mean squares.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake
from .moments import Curvature, relative_second_moment, second_moment
from .names import BASELINES, LAWS, RULES, Baseline, Law, Rule, require, require_positive

OnlineRule = Literal[Rule, "nsgd", "projection"]
"""The three rules, and SGD and NP with their rates divided by the lengths of what they multiply."""
NORMALISED = ("nsgd", "projection")


@dataclass(frozen=True)
class LinearOnline:
    """One rule in one linear teacher-student network; no units throughout.

    Raises `Mistake` for an unknown rule, baseline or law, for sizes below one, and for a projection with a
    critic's baseline, which has no such form.
    """

    rule: OnlineRule
    """``sgd``, ``np``, ``wp``, ``nsgd`` or ``projection``."""
    inputs: int
    """N."""
    outputs: int
    """M."""
    sigma: float = 0.0
    """Standard deviation of the perturbations; 0 is the limit of small ones."""
    label_noise: float = 0.0
    """Standard deviation s of the noise on each output of the teacher."""
    baseline: Baseline = "clean"
    """What is subtracted from the perturbed error; ``critic`` knows the mean for each input."""
    law: Law = "gaussian"
    """Perturbations: normal, or +1 / -1 times sigma."""
    input_law: Law = "gaussian"
    """Inputs: standard normal, or +1 / -1."""

    def __post_init__(self) -> None:
        require(self.rule, (*RULES, *NORMALISED), "rule")
        require(self.baseline, BASELINES, "baseline")
        require(self.law, LAWS, "law of perturbations")
        require(self.input_law, LAWS, "law of inputs")
        require_positive(inputs=self.inputs, outputs=self.outputs)
        if self.rule == "projection" and self.baseline not in ("clean", "antithetic"):
            raise Mistake(f"the projection is known for a clean or antithetic baseline, not {self.baseline}")

    @property
    def gain(self) -> float:
        """g: the mean update in units of -eta V."""
        dimensions = {"nsgd": self.inputs, "projection": self.inputs * self.outputs}
        return 1 / dimensions.get(self.rule, 1)

    @property
    def A(self) -> float:
        """Coefficient of eta^2 |V|^2: relative second moment of the update."""
        if self.rule == "nsgd" or self.rule == "projection":
            return self.gain
        spread = self.inputs + 2 if self.input_law == "gaussian" else self.inputs
        return spread * relative_second_moment(self.rule, self.outputs, self.inputs, self.law)

    @property
    def B(self) -> float:
        """Coefficient of eta^2 that is left when V = 0: label noise and finite sigma."""
        N, M = self.inputs, self.outputs
        if self.rule == "nsgd" or self.rule == "projection":
            noise = self._normalised_noise()
            return self._inverse_length * noise if noise else 0.0
        gain = relative_second_moment(self.rule, M, N, self.law)
        noise = gain * M * N * self.label_noise**2
        return noise + self._curvature_noise()

    @property
    def _inverse_length(self) -> float:
        """E|x|^-2."""
        left = self.inputs - 2 if self.input_law == "gaussian" else self.inputs
        return 1 / left if left > 0 else math.inf

    def _normalised_noise(self) -> float:
        """Mean squared error that a normalised rule takes for its own at V = 0; nothing at all is 0."""
        if self.rule == "nsgd":
            return self.outputs * self.label_noise**2
        curvature = self.outputs * self.sigma**2 / 4 if self.baseline == "clean" else 0.0
        return self.label_noise**2 + curvature

    def _curvature_noise(self) -> float:
        N, M = self.inputs, self.outputs
        if self.rule == "sgd" or self.sigma == 0:
            return 0.0
        if self.rule == "np":
            nodes = Curvature.nodes(M)
            return N * second_moment(0.0, nodes, self.sigma, self.baseline, self.law)
        # E|x|^4 and E sum_j x_j^4
        fourth, separate = (N * (N + 2), 3 * N) if self.input_law == "gaussian" else (N * N, N)
        per_fourth = Curvature(M * N, M, M, M * separate / fourth)
        return fourth * second_moment(0.0, per_fourth, self.sigma, self.baseline, self.law)

    @property
    def eta_opt(self) -> float:
        """Rate of the fastest decay, g/A."""
        return self.gain / self.A

    @property
    def eta_max(self) -> float:
        """Rate above which the mean square diverges, 2 g/A."""
        return 2 * self.gain / self.A

    def contraction(self, eta: ArrayLike) -> Array:
        """a = 1 - 2 g eta + eta^2 A, the factor on E - E_inf in one trial."""
        rate = np.asarray(eta, float)
        return 1 - 2 * self.gain * rate + rate**2 * self.A

    def floor(self, eta: ArrayLike) -> Array:
        """E_inf = eta B / (2 (2 g - eta A)); infinite at eta_max and above."""
        rate = np.asarray(eta, float)
        left = 2 * self.gain - rate * self.A
        return np.where(left > 0, rate * self.B / (2 * np.where(left > 0, left, 1.0)), np.inf)

    def step(self, eta: float, error: ArrayLike) -> Array:
        """Mean error after one more trial, from mean error ``error``; stable or not."""
        return self.contraction(eta) * np.asarray(error, float) + eta**2 * self.B / 2

    def curve(self, eta: float, initial_error: float, trials: ArrayLike) -> Array:
        """Mean error E_t at each of ``trials`` (any shape, counted from 0), stable or not."""
        a = float(self.contraction(eta))
        t = np.asarray(trials, float)
        if a == 1:
            return initial_error + t * eta**2 * self.B / 2
        fixed = eta**2 * self.B / (2 * (1 - a))
        return fixed + (initial_error - fixed) * a**t

    def trials_to(self, eta: float, initial_error: float, criterion: float) -> float:
        """Trials until the mean error is ``criterion``; 0 if it is there, infinite if it never
        gets there."""
        if initial_error <= criterion:
            return 0.0
        a, floor = float(self.contraction(eta)), float(self.floor(eta))
        if not 0 <= a < 1 or floor >= criterion:
            return math.inf
        if a == 0:
            return 1.0
        return math.log((criterion - floor) / (initial_error - floor)) / math.log(a)


def distance(V: Array) -> Array:
    """S = V^T V, shape (inputs, inputs), of a student minus teacher V (outputs, inputs)."""
    return V.T @ V


def correlated_error(S: Array, C: Array) -> float:
    """Mean error tr(S C)/2 for inputs of covariance C (inputs, inputs), without label noise."""
    return float(np.sum(S * C.T)) / 2


def correlated_step(
    rule: Rule,
    S: Array,
    C: Array,
    eta: float,
    outputs: int,
    sigma: float = 0.0,
    label_noise: float = 0.0,
) -> Array:
    """S = E[V^T V] after one trial with inputs x ~ N(0, C), clean baseline, Gaussian perturbations.

    With F = 2 C S C + tr(SC) C + M s^2 C: sgd S - eta (S C + C S) + eta^2 F; np has (M + 2) F +
    (sigma^2/4) M (M+2)(M+4) C in the place of F; wp has 2 F + M tr(F) 1 + (sigma^2/4) M (M+2) [M
    (tr^2 C + 2 tr C^2) 1 + 4 (2 C^2 + tr(C) C)]. The terms in 1 are the diffusion of weights whose
    inputs are silent: WP has them, NP does not.

    Shapes: S and C (inputs, inputs).
    """
    require(rule, RULES, "rule")
    M = outputs
    trace = float(np.trace(C))
    C2 = C @ C
    F = 2 * C @ S @ C + (np.sum(S * C.T) + M * label_noise**2) * C
    if rule == "sgd":
        spread = F
    elif rule == "np":
        spread = (M + 2) * F + sigma**2 / 4 * M * (M + 2) * (M + 4) * C
    else:
        eye = np.eye(len(C))
        spread = 2 * F + M * np.trace(F) * eye
        spread = spread + sigma**2 / 4 * M * (M + 2) * (
            M * (trace**2 + 2 * np.trace(C2)) * eye + 4 * (2 * C2 + trace * C)
        )
    return S - eta * (S @ C + C @ S) + eta**2 * spread


def correlated_curve(
    rule: Rule,
    S: Array,
    C: Array,
    eta: float,
    outputs: int,
    trials: int,
    sigma: float = 0.0,
    label_noise: float = 0.0,
) -> Array:
    """Mean error before each of ``trials`` trials and after the last, shape (trials + 1,)."""
    errors = np.empty(trials + 1)
    errors[0] = correlated_error(S, C)
    for t in range(trials):
        S = correlated_step(rule, S, C, eta, outputs, sigma, label_noise)
        errors[t + 1] = correlated_error(S, C)
    return errors
