"""Closed forms of online rules against simulation."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp

from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory import online


def test_delayed_eligibility_known_values():
    assert online.delayed_eligibility(0.95, 10) == pytest.approx(0.5987, abs=5e-5)
    assert online.delayed_eligibility(0.95, 10, 0.8) == pytest.approx(5.115, abs=5e-4)
    assert online.delayed_eligibility(0.8, 3, 0.8) == pytest.approx(
        sum(0.8 ** (k + abs(k - 3)) for k in range(200))
    )


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_delayed_eligibility(rho):
    rng = np.random.default_rng(1)
    runs, decay, delay, g, settle = 40_000, 0.9, 6, 1.7, 60
    noise = rng.standard_normal(runs)
    trace, history = np.zeros(runs), []
    for _ in range(settle):
        noise = rho * noise + np.sqrt(1 - rho**2) * rng.standard_normal(runs)
        trace = decay * trace + noise
        history.append(noise)
    product = g * history[-1 - delay] * trace
    # .9^60 = .2 % of the sum is still missing
    expected = g * online.delayed_eligibility(decay, delay, rho)
    assert abs(z_score(product, expected)) < 5


@pytest.fixture(scope="module")
def neuron():
    rng = np.random.default_rng(2)
    psp = rng.uniform(0, 2, 40)
    expected = 0.02 * np.exp(rng.uniform(0, 3, 40))
    spikes = rng.random((40_000, 40)) < online.escape_probability(expected)
    return psp, expected, spikes.astype(float)


def test_escape_score_is_the_derivative_of_the_log_probability():
    psp, delta_u, w, step = 1.3, 2.0, 0.4, 1e-6

    def log_probability(weight, spike):
        p = online.escape_probability(0.1 * np.exp(weight * psp / delta_u))
        return np.log(p if spike else 1 - p)

    lam = 0.1 * np.exp(w * psp / delta_u)
    for spike in (0, 1):
        slope = (log_probability(w + step, spike) - log_probability(w - step, spike)) / (2 * step)
        score = online.escape_score(spike, lam, psp, delta_u)
        assert score == pytest.approx(slope, abs=1e-8)
    rise = 0.1 * np.exp((w + step) * psp / delta_u), 0.1 * np.exp((w - step) * psp / delta_u)
    slope = np.subtract(*[online.escape_probability(lam) for lam in rise]) / (2 * step)
    assert online.escape_rate_gradient(lam, psp, delta_u) == pytest.approx(slope, abs=1e-8)


def test_escape_eligibility_moments(neuron):
    psp, expected, spikes = neuron
    eligibility = online.escape_score(spikes, expected, psp, 2.0).sum(1)
    assert abs(z_score(eligibility, 0.0)) < 5
    assert abs(z_score(eligibility**2, online.escape_fisher(expected, psp, 2.0).sum())) < 5
    gradient = online.escape_rate_gradient(expected, psp, 2.0).sum()
    assert abs(z_score(spikes.sum(1) * eligibility, gradient)) < 5


def test_naive_eligibility_is_biased(neuron):
    psp, expected, spikes = neuron
    naive = ((spikes - expected) * psp / 2.0).sum(1)
    bias = online.escape_naive_bias(expected, psp, 2.0).sum()
    assert abs(z_score(naive, bias)) < 5
    assert abs(z_score(naive, 0.0)) > 20
    assert_allclose(online.escape_naive_bias(1e-4, 1.0, 1.0), -0.5e-8, rtol=1e-3)


@pytest.mark.parametrize("delay", [0.3, -0.1])
def test_reward_stdp(delay):
    C, D, tau_c, tau_d = 0.01, 0.5, 0.7, 0.2
    first, second = min(0, delay), max(0, delay)

    def slope(t, state):
        c, d, s = state
        return [-c / tau_c, -d / tau_d, c * d / 0.5]

    jump = {0.0: [C, 0, 0], delay: [0, D, 0]}
    middle = solve_ivp(slope, (first, second), jump[first], rtol=1e-10, atol=1e-15).y[:, -1]
    end = solve_ivp(slope, (second, 20), middle + jump[second], rtol=1e-10, atol=1e-15).y[2, -1]
    assert online.reward_stdp_change(C, D, delay, tau_c, tau_d, 0.5) == pytest.approx(end, rel=1e-6)


def test_reward_stdp_known_value():
    assert online.reward_stdp_change(0.01, 0.5, 0.3, 1.0, 0.2) == pytest.approx(6.173e-4, rel=1e-4)


def test_critic_kernel():
    tau, nu = 0.2, 0.05
    assert quad(online.critic_kernel, 0, 5, args=(tau, nu))[0] == pytest.approx(1, rel=1e-6)
    assert online.critic_kernel(-0.1, tau, nu) == 0


def test_critic_moments():
    """V and dV/dt of Poisson trains in exact steps: mean, shot noise, bias of reading late."""
    rng = np.random.default_rng(3)
    runs, rate, neurons, tau, nu, dt, gain = 3000, 20.0, 100, 0.2, 0.05, 1e-3, 1.5
    jump = gain / neurons / (tau - nu)
    slow = np.full(runs, rate * gain * tau / (tau - nu))
    fast = np.full(runs, rate * gain * nu / (tau - nu))
    for _ in range(1500):
        slow, fast = slow * np.exp(-dt / tau), fast * np.exp(-dt / nu)
        before = -slow / tau + fast / nu
        spikes = rng.poisson(rate * neurons * dt, runs) * jump
        slow, fast = slow + spikes, fast + spikes
    value, slope = slow - fast, -slow / tau + fast / nu
    var_value, var_slope = online.critic_shot_noise(rate, neurons, tau, nu, gain)
    # sums over bins for integrals: relative dt/tau at most
    assert abs(z_score(value, gain * rate)) < 5
    centred = (value - value.mean()) ** 2
    assert abs(z_score(centred, var_value)) < 5
    bias = online.critic_slope_bias(rate, dt, tau, nu, gain)
    assert abs(z_score(slope, bias)) < 5 < z_score(slope, 0.0)
    earlier = online.critic_slope_bias(rate, dt, tau, nu, gain, "before")
    assert abs(z_score(before, earlier)) < 5 < -z_score(before, 0.0)
    middle = (slope + before) / 2
    assert abs(z_score((middle - middle.mean()) ** 2, var_slope)) < 5


def test_critic_known_values():
    assert online.critic_shot_noise(20, 100, 0.2, 0.05) == pytest.approx((0.4, 40.0))
    after = online.critic_slope_bias(20, 1e-3, 0.2, 0.05)
    before = online.critic_slope_bias(20, 1e-3, 0.2, 0.05, order="before")
    # first order is +-1; the next is relative dt/(6 nu) and the like
    assert after == pytest.approx(1, rel=5e-3) and before == pytest.approx(-1, rel=5e-3)
    times = np.arange(20_000) * 1e-3
    kernel_slope = (-np.exp(-times / 0.2) / 0.2 + np.exp(-times / 0.05) / 0.05) / 0.15
    assert after == pytest.approx(20 * kernel_slope.sum() * 1e-3, rel=1e-9)
    assert before == pytest.approx(20 * kernel_slope[1:].sum() * 1e-3, rel=1e-9)


def test_euler_ou_variance():
    rng = np.random.default_rng(4)
    sigma, dt, tau = 0.7, 1.0, 10.0
    v = np.zeros(200_000)
    for _ in range(80):  # .9^160 = 5e-8 of the variance is missing
        v = v - dt / tau * v + sigma * np.sqrt(2 * dt / tau) * rng.standard_normal(v.shape)
    assert abs(z_score(v**2, online.euler_ou_variance(sigma, dt, tau))) < 5
    assert abs(z_score(v**2, sigma**2)) > 10
    assert online.euler_ou_variance(1.0, dt, tau) == pytest.approx(1.0526, abs=5e-5)
