"""Statistics against exact values and scipy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import (
    bootstrap_interval,
    cosine,
    exponent,
    mean_and_error,
    z_score,
)


def test_mean_and_error():
    samples = np.random.default_rng(0).standard_normal((50, 3)) + 7
    mean, error = mean_and_error(samples)
    assert_allclose(mean, samples.mean(0))
    assert_allclose(error, stats.sem(samples))
    mean, error = mean_and_error(samples, axis=1)
    assert_allclose(error, stats.sem(samples, axis=1))


def test_mean_of_equal_and_of_offset_samples():
    mean, error = mean_and_error(np.full(7, 0.1))
    assert (mean, error) == (0.1, 0.0)
    # a spread of 1e-6 upon 1e9 survives to the 1e-7 that doubles leave at 1e9
    _, error = mean_and_error(1e9 + 1e-6 * np.array([-1.0, 1.0]))
    assert error == pytest.approx(1e-6, rel=0.2)
    mean, error = mean_and_error([3.0])
    assert mean == 3 and np.isnan(error)
    with pytest.raises(Mistake, match="no samples"):
        mean_and_error([])


def test_z_score_is_a_one_sample_t():
    samples = np.random.default_rng(1).standard_normal((20, 5)) + 0.3
    expected = stats.ttest_1samp(samples.ravel(), 0.25).statistic
    assert z_score(samples, 0.25) == pytest.approx(expected)
    assert z_score(samples, 10) < -5


def test_z_scores_of_a_true_mean_are_standard_normal():
    samples = np.random.default_rng(2).standard_normal((2000, 200)) + 4
    z = [z_score(row, 4.0) for row in samples]
    # 2000 draws: the standard error of a standard deviation is 1/sqrt(4000)
    assert np.std(z) == pytest.approx(1, abs=5 / np.sqrt(4000))
    assert np.mean(z) == pytest.approx(0, abs=5 / np.sqrt(2000))


def test_z_score_without_variance():
    assert z_score(np.zeros(10), 0.0) == 0
    assert z_score(np.zeros(10), 1e-300) == -np.inf
    assert z_score([0.3, 0.3], 0.1 + 0.2) == 0
    assert z_score([0.3, 0.1 + 0.2, 0.3], 0.3) == 0
    assert z_score([0.3, 0.1 + 0.2, 0.3], 0.2999) == np.inf
    assert np.isnan(z_score([0.0, np.nan], 0.0))
    with pytest.raises(Mistake, match="two samples"):
        z_score([1.0], 1.0)


def test_bootstrap_interval():
    samples = np.random.default_rng(3).standard_normal((400, 2)) * [1, 3] + [0, 5]
    low, high = bootstrap_interval(samples, seed=4)
    half = (high - low) / 2
    # 1.96 standard errors of the mean; the quantiles of 2000 resamples know it to 5 %
    assert_allclose(half, 1.96 * stats.sem(samples), rtol=0.12)
    assert np.all((low < samples.mean(0)) & (samples.mean(0) < high))
    again = bootstrap_interval(samples, seed=4)
    assert_array_equal(np.array(again), np.array([low, high]))
    assert not np.array_equal(bootstrap_interval(samples, seed=5)[0], low)
    narrow = bootstrap_interval(samples, level=0.5, seed=4)
    quartiles = (np.array(narrow) - samples.mean(0)) / stats.sem(samples)
    # density at the quartiles is .42: quantiles of 2000 resamples have an error of .023
    assert_allclose(quartiles, [[-0.674] * 2, [0.674] * 2], atol=0.12)


def test_bootstrap_of_a_statistic_and_of_nonsense():
    samples = np.random.default_rng(6).exponential(size=500)
    low, high = bootstrap_interval(samples, lambda drawn: np.median(drawn, axis=0))
    assert low < np.median(samples) < high
    assert high < samples.mean()
    with pytest.raises(Mistake, match="level"):
        bootstrap_interval(samples, level=1.0)
    with pytest.raises(Mistake, match="no samples"):
        bootstrap_interval([])


def test_bootstrap_keeps_rows_together():
    rows = np.repeat(np.arange(20.0)[:, None], 2, axis=1)
    low, high = bootstrap_interval(rows, lambda drawn: (drawn[:, 0] - drawn[:, 1]).std())
    assert low == high == 0


def test_exponent():
    x = np.array([1.0, 2, 4, 8])
    slope, error = exponent(x, 3 * x**-0.5)
    assert slope == pytest.approx(-0.5)
    assert error == pytest.approx(0, abs=1e-12)
    y = 3 * x**2 * np.exp([0.1, -0.2, 0.05, 0.1])
    fit = stats.linregress(np.log(x), np.log(y))
    assert exponent(x, y) == pytest.approx((fit.slope, fit.stderr))
    slope, error = exponent([1, 10], [1, 1000])
    assert slope == pytest.approx(3) and np.isnan(error)


@pytest.mark.parametrize(
    "x, y",
    [([1], [1]), ([1, 2], [1, -1]), ([2, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([1, 2], [1, np.inf])],
)
def test_exponent_refuses(x, y):
    with pytest.raises(Mistake):
        exponent(x, y)


def test_cosine():
    a, b = np.array([[1.0, 0], [1, 1], [0, 0]]), np.array([1.0, 0])
    angle = cosine(a, b)
    assert_allclose(angle[:2], [1, np.sqrt(0.5)])
    assert np.isnan(angle[2])
    matrices = np.random.default_rng(7).standard_normal((2, 4, 3))
    flat = matrices.reshape(2, -1)
    expected = flat[0] @ flat[1] / np.linalg.norm(flat[0]) / np.linalg.norm(flat[1])
    assert cosine(matrices[0], matrices[1], axis=(0, 1)) == pytest.approx(expected)
    assert cosine(a[0], -a[0]) == -1
