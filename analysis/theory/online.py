"""Rules that run in time: delayed scalars, spikes, dopamine, critics.

Each function is one closed form about the discrete-time or event-driven mechanics of an online
rule, there to catch a wrong order of operations, a wrong time step or a wrong unit. Times in
seconds and rates in hertz unless said otherwise.

Sources: eligibility as a score function after Williams 1992, doi:10.1007/BF00992696; in spiking
neurons Xie & Seung 2004, doi:10.1103/PhysRevE.69.041909 and Pfister, Toyoizumi, Barber & Gerstner
2006, doi:10.1162/neco.2006.18.6.1318 (form of the rules from memory); reward-modulated STDP after
Izhikevich 2007, doi:10.1093/cercor/bhl152 (form from a published example); the spiking critic
after Frémaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024 (equations from memory).
All closed forms are derived here and checked by simulation in the tests.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.arrays import Array


def delayed_eligibility(decay: float, delay: int, correlation: float = 0.0) -> float:
    """E[err_t elig_t]/(g var) of a scalar that arrives ``delay`` steps late.

    elig_t = decay elig_{t-1} + n_t, err_t = g n_{t - delay}, noise n of variance var with
    autocorrelation correlation^|k|. The sum over k >= 0 of decay^k correlation^|k - delay|:
    (decay^{d+1} - rho^{d+1})/(decay - rho) + decay^{d+1} rho/(1 - decay rho); decay^d for white
    noise.
    """
    gamma, rho, d = decay, correlation, delay
    before = sum(gamma**k * rho ** (d - k) for k in range(d + 1))
    return before + gamma ** (d + 1) * rho / (1 - gamma * rho)


def escape_probability(expected: ArrayLike) -> Array:
    """Probability of a spike in a bin, 1 - exp(-lam), lam = rate times dt the expected number."""
    return -np.expm1(-np.asarray(expected, float))


def escape_score(spikes: ArrayLike, expected: ArrayLike, psp: ArrayLike, delta_u: float) -> Array:
    """d ln P/dw in each bin of an escape-noise neuron, unit 1/w; sum over bins =
    eligibility.

    lam = ``expected`` = rho_0 exp((u - theta)/delta_u) dt with u containing w psp, P(spike) = 1 -
    exp(-lam): (psp/delta_u) lam e^{-lam}/(1 - e^{-lam}) with a spike, -(psp/delta_u) lam without.
    Mean zero, variance `escape_fisher`. Arrays broadcast; ``psp`` in the unit of delta_u per unit
    of w.
    """
    lam = np.asarray(expected, float)
    return np.asarray(psp, float) / delta_u * lam * (np.asarray(spikes, float) / -np.expm1(-lam) - 1.0)


def escape_fisher(expected: ArrayLike, psp: ArrayLike, delta_u: float) -> Array:
    """Variance of `escape_score` in each bin, (psp/delta_u)^2 lam^2/(e^lam - 1); adds up."""
    lam = np.asarray(expected, float)
    return (np.asarray(psp, float) / delta_u) ** 2 * lam**2 / np.expm1(lam)


def escape_rate_gradient(expected: ArrayLike, psp: ArrayLike, delta_u: float) -> Array:
    """d P(spike)/dw = E[spike x score] in each bin, (psp/delta_u) lam e^{-lam}."""
    lam = np.asarray(expected, float)
    return np.asarray(psp, float) / delta_u * lam * np.exp(-lam)


def escape_naive_bias(expected: ArrayLike, psp: ArrayLike, delta_u: float) -> Array:
    """Mean in each bin of the usual (S - lam) psp/delta_u if P(spike) = 1 - exp(-lam).

    About -(lam^2/2) psp/delta_u. It is zero where a spike is drawn by ``rand() < rate*dt``,
    P(spike) = lam.
    """
    lam = np.asarray(expected, float)
    return (escape_probability(lam) - lam) * np.asarray(psp, float) / delta_u


def reward_stdp_change(
    eligibility: ArrayLike,
    dopamine: ArrayLike,
    delay: ArrayLike,
    tau_c: float,
    tau_d: float,
    tau_s: float = 1.0,
) -> Array:
    """Total weight change of one pairing and one pulse of dopamine.

    c' = -c/tau_c and d' = -d/tau_d jump by C = ``eligibility`` and D = ``dopamine``, s' = c
    d/tau_s; ``delay`` = time of dopamine minus time of pairing: C D e^{-delay/tau_c} tau_c
    tau_d/((tau_c + tau_d) tau_s), and e^{delay/tau_d} if the dopamine comes first. ``tau_s`` = 1 s
    leaves s' = c d.
    """
    lag = np.asarray(delay, float)
    decay = np.exp(-np.where(lag >= 0, lag / tau_c, -lag / tau_d))
    overlap = decay * tau_c * tau_d / ((tau_c + tau_d) * tau_s)
    return np.asarray(eligibility, float) * np.asarray(dopamine, float) * overlap


def critic_kernel(t: ArrayLike, tau: float, nu: float) -> Array:
    """kappa(t) = (e^{-t/tau} - e^{-t/nu})/(tau - nu) for t >= 0, else 0; integral 1, unit 1/s."""
    time = np.asarray(t, float)
    late = np.maximum(time, 0.0)
    return np.where(time >= 0, (np.exp(-late / tau) - np.exp(-late / nu)) / (tau - nu), 0.0)


def critic_shot_noise(
    rate: float, neurons: int, tau: float, nu: float, gain: float = 1.0
) -> tuple[float, float]:
    """(var V, var dV/dt) of V = (gain/N) sum_i kappa * Y_i with N Poisson trains of ``rate``.

    gain^2 rate/(2 N (tau + nu)) and gain^2 rate/(2 N tau nu (tau + nu)); ``tau``, ``nu`` slow and
    fast time constant of `critic_kernel` in s, ``gain`` in s times the unit of V.
    """
    var = gain**2 * rate / (2 * neurons * (tau + nu))
    return var, var / (tau * nu)


def critic_slope_bias(
    rate: float,
    dt: float,
    tau: float,
    nu: float,
    gain: float = 1.0,
    order: Literal["after", "before"] = "after",
) -> float:
    """Mean spurious dV/dt of a stationary critic read once per step, unit of V per
    second.

    gain rate sum_k kappa'(k dt) dt over k >= 0 if dV/dt is read just ``after`` the spikes of the
    step were added, over k >= 1 just ``before``: +gain rate dt/(2 tau nu) and minus the same, to
    first order in dt (exact value returned). With kernels updated exactly between steps.
    """
    slow = -1 / (tau * -np.expm1(-dt / tau))
    fast = 1 / (nu * -np.expm1(-dt / nu))
    after = gain * rate * dt * (slow + fast) / (tau - nu)
    return after if order == "after" else after - gain * rate * dt / (tau * nu)


def euler_ou_variance(sigma: float, dt: float, tau: float) -> float:
    """Stationary variance of dv = -v/tau dt + sigma sqrt(2/tau) dW under Euler steps.

    sigma^2/(1 - dt/(2 tau)) instead of sigma^2; the excess enters wherever updates are divided by
    sigma^2.
    """
    return sigma**2 / (1 - dt / (2 * tau))
