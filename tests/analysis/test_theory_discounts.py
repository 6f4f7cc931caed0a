"""Values of late rewards, and the distributions that many neurons know between them."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.discounts import fit_discount, kernel, resolved, times, values_of_delays
from hedon.analysis.theory.expectiles import distribution, expectile, floored, noise_shift


def test_values_of_delays_are_powers_of_the_discount():
    np.testing.assert_allclose(values_of_delays(0.8, 0.3, [5], [1.0]), 0.8 ** np.arange(4, -1, -1))
    # symmetric: the mean over delays of the discounted reward, and over its sizes
    found = values_of_delays(0.7, 0.5, [1, 4], [0.25, 0.75], (0.5, 1.5))
    assert found[0] == pytest.approx(0.25 + 0.75 * 0.7**3)
    np.testing.assert_allclose(found[1:], 0.7 ** np.array([2, 1, 0]))


def test_asymmetric_learners_come_to_rest_at_the_expectile_of_what_follows():
    """Asymmetric learning of each state, at a small rate, where the reward comes soon or late."""
    rng, a, gamma, eta, many = np.random.default_rng(0), 0.8, 0.7, 0.005, 400
    ideal = values_of_delays(gamma, a, [1, 3], [0.5, 0.5])
    values = np.zeros((3, many))
    total, lived = np.zeros((3, many)), 9000
    for trial in range(lived):
        soon = rng.random(many) < 0.5
        for since in range(3):
            after = values[since + 1] if since < 2 else 0.0
            reward = (soon & (since == 0)) | (~soon & (since == 2))
            gone = soon & (since > 0)
            delta = np.where(reward, 1.0, np.where(soon, 0.0, gamma * after)) - values[since]
            values[since] += np.where(gone, 0.0, eta * np.where(delta > 0, a, 1 - a) * delta)
        if trial >= lived // 2:
            total += values
    mean = total / (lived // 2)
    error = mean.std(axis=1) / many**0.5
    assert (np.abs(mean.mean(axis=1) - ideal) < 5 * error + 2e-3).all()
    assert abs(ideal[0] - values_of_delays(gamma, 0.5, [1, 3], [0.5, 0.5])[0]) > 0.05


def test_a_discount_is_fitted_whatever_the_scale():
    truth, delays = np.linspace(0.1, 0.98, 23), np.array([1, 2, 4, 8])
    gamma, scale = fit_discount(delays, 3.0 * truth ** delays[:, None])
    np.testing.assert_allclose(gamma, truth, atol=2e-4)
    np.testing.assert_allclose(scale, 3.0, rtol=5e-3)


def test_times_are_read_out_within_what_noise_leaves():
    """Two times come out as two; fewer numbers are told where there is more noise."""
    gamma, grid = np.linspace(0.5, 0.97, 20), np.geomspace(0.5, 16, 40)
    clean = 0.5 * gamma + 0.5 * gamma**8
    rng, read = np.random.default_rng(1), {}
    for noise in (1e-4, 1e-2):
        p = times(gamma, clean + noise * rng.normal(size=20), grid, noise)
        assert p.sum() == pytest.approx(1) and (p >= 0).all()
        read[noise] = p
    early, middle, late = (read[1e-4][m].sum() for m in (grid < 1.7, (grid > 2) & (grid < 4), grid > 5))
    assert abs(early - 0.5) < 0.1 and abs(late - 0.5) < 0.1 and middle < 0.1
    residual = kernel(gamma, grid) @ read[1e-2] - clean
    assert np.abs(residual).max() < 0.05
    assert resolved(gamma, grid, 1e-4) > resolved(gamma, grid, 1e-2) >= 2
    assert resolved(np.full(20, 0.8), grid, 1e-4) == 1


def test_rewards_are_read_out_of_expectiles():
    rewards = np.concatenate([np.linspace(0.1, 0.3, 50), np.linspace(0.7, 0.9, 50)])
    slants = np.linspace(0.02, 0.98, 40)
    grid = np.linspace(0, 1, 41)
    p = distribution(slants, [expectile(rewards, a) for a in slants], grid, 1e-5)
    assert p[(grid > 0.35) & (grid < 0.65)].sum() < 0.05
    assert abs(p[grid < 0.5].sum() - 0.5) < 0.03
    # with one asymmetry repeated, nothing tells the two humps
    alone = distribution(np.full(40, 0.5), np.full(40, 0.5), grid, 1e-5)
    assert alone[(grid > 0.35) & (grid < 0.65)].sum() > 0.2


def test_a_weighted_expectile_is_that_of_repeated_values():
    assert expectile([0, 1, 3], 0.7, [1, 2, 1]) == pytest.approx(expectile([0, 1, 1, 3], 0.7))
    assert expectile([0, 1, 9], 0.7, [1, 2, 0]) == pytest.approx(expectile([0, 1, 1], 0.7))


def test_a_floor_of_the_dips_lifts_where_the_balance_rests():
    x = np.linspace(0, 1, 101)
    assert floored(x, 0.4, 1.0) == pytest.approx(expectile(x, 0.4))
    low, high = floored(x, 0.5, 0.2), floored(x, 0.5, 0.05)
    assert expectile(x, 0.5) < low < high < 1
    error = x - high
    assert np.where(error > 0, 0.5 * error, np.maximum(0.5 * error, -0.05)).mean() == pytest.approx(
        0, abs=1e-9
    )


def test_noise_shifts_an_asymmetric_value():
    rng, a, eta, sigma = np.random.default_rng(2), 0.85, 0.01, 0.5
    value, total, many = np.ones(4000), 0.0, 4000
    for step in range(6000):
        error = 1 - value
        value += eta * (2 * np.where(error > 0, a, 1 - a) * error + sigma * rng.normal(size=many))
        total = total + (step >= 3000) * (value - 1)
    mean = total / 3000
    shift = noise_shift(a, eta, sigma)
    # to first order in the root of eta: the next is of the order eta
    assert abs(mean.mean() - shift) < 5 * mean.std() / many**0.5 + 0.05 * shift
    assert noise_shift(0.15, eta, sigma) == pytest.approx(-shift)
    assert noise_shift(0.5, eta, sigma) == 0


def test_mistakes():
    with pytest.raises(Mistake, match="whole numbers"):
        values_of_delays(0.9, 0.5, [0.5], [1.0])
    with pytest.raises(Mistake, match="add up"):
        values_of_delays(0.9, 0.5, [1, 2], [0.5, 0.2])
    with pytest.raises(Mistake, match="above zero"):
        times([0.5, 0.6], [0.5, 0.6], [1, 2], 0.0)
    with pytest.raises(Mistake, match="weights"):
        expectile([1, 2], 0.5, [1.0])
    with pytest.raises(Mistake, match="deepest"):
        floored([0, 1], 0.5, 0.0)
    with pytest.raises(Mistake, match="two expectiles"):
        distribution([0.5], [0.5], [0, 1])
