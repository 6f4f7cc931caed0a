"""Tasks that last: weight against node perturbation with T time bins and N_eff latent inputs.

A linear readout (M outputs) of inputs X (N, T) whose covariance X X^T/T has N_eff eigenvalues
alpha^2 and else zeros; E = sum |y - y*|^2/(2T) with the irreducible part E_opt. NP noise is
independent for every (node, bin) and meets the eligibility sum_t xi_t x_t; WP noise is fixed
during the trial; both updates carry eta/sigma^2. With D = M N_eff, from trial to trial E' - E_opt
= a (E - E_opt) + b, where

    a    = 1 - 2 eta alpha^2 + eta^2 alpha^4 (D + 2)     (np and wp)
    b_wp = (1/8) sigma^2 eta^2 alpha^6 D (D+2)(D+4)
    b_np = (1/8) sigma^2 eta^2 alpha^4 D (M T+2)(M T+4)/T + eta^2 alpha^4 D E_opt,

eta_opt = 1/((D + 2) alpha^2), E_final = E_opt + b/(1 - a). NP pays for every bin and for what it
cannot learn (at eta_opt E_final -> 2 E_opt for large D), WP for neither. With sigma_wp =
sigma_np/sqrt(alpha^2 N_eff) the outputs are perturbed alike and b_np/b_wp -> T/N_eff for many
outputs.

If a trial shows only N_tr of the N_task latent inputs, drawn anew, then with r = N_tr/N_task

    a = 1 - r [2 eta alpha^2 - eta^2 alpha^4 (M K + 2)],   K = N_tr (np),  N_task (wp),
    b_wp = (r/8) sigma^2 eta^2 alpha^6 D (D + 2)(M N_task + 4),  b_np = r times the above,
    D = M N_tr,

so that gathering subtasks in a trial helps WP only. Weights from silent inputs do not move at all
under NP and make a random walk under WP.

Source: Züge, Klos & Memmesheimer 2023, Phys Rev X 13:021006, doi:10.1103/PhysRevX.13.021006
(abstract, and the example code published with it); everything derived again here, b for subtasks
and at any rate added, and checked by Monte Carlo in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.arrays import Array
from .names import RULES, Rule, require, require_positive


@dataclass(frozen=True)
class Temporal:
    """One rule and one temporally extended linear task; no units, time is counted in bins.

    Raises `Mistake` for an unknown rule and for sizes or strengths that are not positive.
    """

    rule: Rule
    """``np``: nodes perturbed in every bin; ``wp``: weights, once a trial; ``sgd``: gradient."""
    outputs: int
    """M."""
    dimension: int
    """N_eff (N_tr with subtasks): latent inputs that are active in one trial."""
    bins: int
    """T."""
    strength: float = 1.0
    """alpha^2, mean square of an active latent input."""
    sigma: float = 0.0
    """Standard deviation of the perturbations (of nodes for np, of weights for wp)."""
    error_opt: float = 0.0
    """E_opt, the error that no weights remove."""
    task_dimension: int | None = None
    """N_task: latent inputs of all subtasks; None when every trial shows them all."""

    def __post_init__(self) -> None:
        require(self.rule, RULES, "rule")
        require_positive(
            outputs=self.outputs,
            dimension=self.dimension,
            bins=self.bins,
            strength=self.strength,
            task_dimension=self.tasks,
        )

    @property
    def tasks(self) -> int:
        """N_task, N_eff without subtasks."""
        return self.dimension if self.task_dimension is None else self.task_dimension

    @property
    def shown(self) -> float:
        """r = N_tr/N_task."""
        return self.dimension / self.tasks

    @property
    def spread(self) -> int:
        """Relative second moment of the update: M K + 2, K = N_tr (np), N_task (wp); 1 (sgd)."""
        if self.rule == "sgd":
            return 1
        return self.outputs * (self.dimension if self.rule == "np" else self.tasks) + 2

    @property
    def eta_opt(self) -> float:
        """1/((M K + 2) alpha^2)."""
        return 1 / (self.spread * self.strength)

    def contraction(self, eta: ArrayLike) -> Array:
        """a at learning rate ``eta``; 1 - r/(M K + 2) at eta_opt."""
        step = np.asarray(eta, float) * self.strength
        return 1 - self.shown * (2 * step - step**2 * self.spread)

    def drive(self, eta: ArrayLike) -> Array:
        """b at learning rate ``eta``; E is averaged over the subtasks."""
        step2 = (np.asarray(eta, float) * self.strength) ** 2
        D, s2 = self.outputs * self.dimension, self.sigma**2
        if self.rule == "sgd":
            b = 0.0
        elif self.rule == "wp":
            b = s2 * self.strength * D * (D + 2) * (self.spread + 2) / 8
        else:
            MT = self.outputs * self.bins
            b = s2 * D * (MT + 2) * (MT + 4) / (8 * self.bins) + D * self.error_opt
        return self.shown * step2 * b

    def final_error(self, eta: ArrayLike) -> Array:
        """E_opt + b/(1 - a); infinite where the mean square does not converge."""
        left = 1 - self.contraction(eta)
        stable = left > 0
        return np.where(stable, self.error_opt + self.drive(eta) / np.where(stable, left, 1.0), np.inf)

    def curve(self, eta: float, initial_error: float, trials: ArrayLike) -> Array:
        """Mean error (E_opt included) at each of ``trials``, counted from 0, any shape."""
        a, b = float(self.contraction(eta)), float(self.drive(eta))
        t = np.asarray(trials, float)
        if a == 1:
            return initial_error + b * t
        fixed = self.error_opt + b / (1 - a)
        return fixed + (initial_error - fixed) * a**t

    def silent_step_variance(self, eta: float, error: ArrayLike) -> Array:
        """Variance one trial adds to each weight from a silent input, at mean error ``error``.

        wp: eta^2 [2 alpha^2 (E - E_opt) + sigma^2 alpha^4 D (D + 2)/4], where 2 alpha^2 (E -
        E_opt) = alpha^4 |V|^2 of the active latent weights. Others: 0, exactly.
        """
        excess = np.asarray(error, float) - self.error_opt
        if self.rule != "wp":
            return np.zeros_like(excess)
        D = self.outputs * self.dimension
        spread = self.sigma**2 * self.strength**2 * D * (D + 2) / 4
        return eta**2 * (2 * self.strength * excess + spread)

    def silent_variance(self, eta: float, initial_error: float, trials: ArrayLike) -> Array:
        """Variance of each weight from a silent input after ``trials`` trials: the steps,
        summed."""
        t = np.asarray(trials, float)
        a, b = float(self.contraction(eta)), float(self.drive(eta))
        if a == 1:
            mean = initial_error + b * (t - 1) / 2
            return t * self.silent_step_variance(eta, mean)
        fixed = self.error_opt + b / (1 - a)
        settled = t * self.silent_step_variance(eta, fixed)
        if self.rule != "wp":
            return settled
        transient = (initial_error - fixed) * (1 - a**t) / (1 - a)
        return settled + 2 * eta**2 * self.strength * transient


def matched_weight_sigma(node_sigma: float, strength: float, dimension: int) -> float:
    """sigma of WP that perturbs the outputs as much as NP does: sigma_np/sqrt(alpha^2 N_eff)."""
    return node_sigma / np.sqrt(strength * dimension)


def participation_ratio(covariance: Array) -> tuple[float, float]:
    """(N_eff, alpha^2) of equally strong latent inputs standing in for any covariance.

    N_eff = tr^2 C / tr C^2 and alpha^2 = tr C / N_eff, C = X X^T/T of shape (inputs, inputs); with
    them eta_opt is near the best rate of a reservoir's readout (example code of Züge et al.); the
    curve itself is then no single exponential.
    """
    trace = float(np.trace(covariance))
    dimension = trace**2 / float(np.sum(covariance * covariance.T))
    return dimension, trace / dimension
