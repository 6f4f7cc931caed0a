"""Intervals by scipy, by closed forms and by hand; logistic fits and discriminants with their edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.optimize import brentq

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics import comparison
from hedon.analysis.statistics.discriminant import Discriminant, share_right
from hedon.analysis.statistics.intervals import (
    bootstrap_interval,
    crossed_interval,
    exponent,
    jackknife,
    jackknife_interval,
    mean_and_error,
    standard_error,
    variance_interval,
    z_score,
)
from hedon.analysis.statistics.logistic import logistic

X = np.array([3.0, 7.0, 1.0, 4.0, 9.0, 2.0])


def test_leaving_one_out_of_a_mean_is_its_standard_error() -> None:
    """The jackknife of a mean is exact, and its interval Student's."""
    value, error = jackknife(lambda kept: [X[kept].mean(), kept.sum()], len(X))
    assert_allclose(value, [X.mean(), 6])
    assert_allclose(error, [stats.sem(X), 0], atol=1e-12)
    assert standard_error(X) == pytest.approx(stats.sem(X))
    without = [np.delete(X, k).mean() for k in range(len(X))]
    expected = stats.t.interval(0.95, len(X) - 1, X.mean(), stats.sem(X))
    assert jackknife_interval(X.mean(), [*without, np.nan]) == pytest.approx(expected)
    two = jackknife_interval(2.0, [1.0, 3.0])
    assert two == pytest.approx(stats.t.interval(0.95, 1, 2, 1))
    for none in ([1.0], [1.0, np.nan], [1.0, 1.0], [1.0, 1.0 + 1e-13]):
        assert np.isnan(jackknife_interval(1.0, none)).all()
    assert jackknife(lambda kept: kept.sum(), 2)[0] == 2
    with pytest.raises(Mistake, match="two samples or more, not 1"):
        jackknife(lambda kept: 0, 1)


def test_the_interval_of_a_variance_by_hand() -> None:
    """Of 1 .. 4: variance 5/3, k = 4 * (2 * 1.5^4 + 2 * .5^4)/25 about the median 2.5."""
    kurtosis = 4 * 2 * (1.5**4 + 0.5**4) / 25
    half = stats.t.ppf(0.975, 3) * np.sqrt((kurtosis - 1 / 4) / 3)
    found = variance_interval([1, 2, 3, 4])
    assert found == pytest.approx((5 / 3 * np.exp(-half), 5 / 3 * np.exp(half)))
    skewed = np.array([0.0, 0, 0, 6])  # mean 1.5, median 0
    half = stats.t.ppf(0.975, 3) * np.sqrt((4 * 6**4 / 27**2 - 1 / 4) / 3)
    assert variance_interval(skewed) == pytest.approx((9 * np.exp(-half), 9 * np.exp(half)))
    three = variance_interval([0, 1, 5])
    assert 0 < three[0] < np.var([0, 1, 5], ddof=1) < three[1]
    for none in ([1.0, 2.0], [2.0, 2.0, 2.0]):
        assert np.isnan(variance_interval(none)).all()


def test_an_interval_of_two_ways_of_sampling() -> None:
    """Rows that differ alone: the bootstrap of their means; nothing, where all is equal."""
    table = np.repeat(np.random.default_rng(0).standard_normal(40)[:, None], 3, axis=1)
    low, high = crossed_interval(table, resamples=4000)
    assert high - low == pytest.approx(2 * 1.96 * table[:, 0].std() / 40**0.5, rel=0.1)
    assert (
        crossed_interval(table) == crossed_interval(table, 0.95, 2000, 0) != crossed_interval(table, seed=1)
    )
    narrow = crossed_interval(table, 0.5, 4000)
    assert narrow[1] - narrow[0] == pytest.approx(2 * 0.674 * table[:, 0].std() / 40**0.5, rel=0.1)
    assert crossed_interval(table.T, resamples=4000)[1] > 0.9 * high
    assert crossed_interval(np.full((2, 3), 4.0)) == pytest.approx((4, 4))
    for level, wrong in ((0.0, table), (1.0, table), (0.9, table[0]), (0.9, table[:0])):
        with pytest.raises(Mistake, match="a level between 0 and 1 and a table"):
            crossed_interval(wrong, level)


def test_a_bootstrap_draws_whole_rows_as_often_as_it_is_told() -> None:
    seen: list[int] = []
    bootstrap_interval(X, lambda drawn: seen.append(len(drawn)) or 0.0, resamples=7)  # type: ignore[func-returns-value]
    assert seen == [6] * 7
    for one, other in itertools.pairwise((bootstrap_interval(X), bootstrap_interval(X, None, 0.95, 2000, 0))):
        assert_allclose(one, other)
    for level in (0.0, 1.0):
        with pytest.raises(Mistake, match=f"level must lie between 0 and 1, not {level}"):
            bootstrap_interval(X, level=level)
    with pytest.raises(Mistake, match="no samples to resample"):
        bootstrap_interval(np.array(1.0))


def test_means_along_the_last_of_several_axes() -> None:
    table = np.random.default_rng(1).standard_normal((2, 3, 4))
    mean, error = mean_and_error(table, axis=-1)
    assert_allclose(mean, table.mean(-1))
    assert_allclose(error, stats.sem(table, -1))
    assert z_score([1.0, 3.0], 1.0) == pytest.approx(1.0)


def test_points_of_a_power_law_that_are_too_few() -> None:
    assert exponent([1, 2, 4], [1, 2, 4])[1] == pytest.approx(0, abs=1e-12)
    for x in ([0.0, 1.0], [1.0]):
        with pytest.raises(Mistake):
            exponent(x, [1.0] * len(x))


def test_intervals_of_rows() -> None:
    """Student's by scipy, number by number, of what is known; Wilson's by scipy; Hall's by its equation."""
    rows = np.random.default_rng(2).exponential(size=(7, 4))
    rows[0, 1], rows[1:, 2], rows[:, 3] = np.nan, np.nan, 5.0
    low, high = comparison.student(rows)
    for column in (0, 1):
        known = rows[np.isfinite(rows[:, column]), column]
        expected = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
        assert (low[column], high[column]) == pytest.approx(expected)
    assert np.isnan([low[2:], high[2:]]).all()  # one row, and rows that are equal
    assert_allclose(comparison.mean(rows), np.nanmean(rows, axis=0))
    assert np.isnan(comparison.mean(np.full((2, 1), np.nan))).all()
    for successes, count in ((0, 2), (3, 10), (10, 10)):
        wilson = stats.binomtest(successes, count).proportion_ci(method="wilson")
        assert_allclose(
            comparison.proportion(successes, count), (wilson.low, wilson.high), rtol=1e-6, atol=1e-9
        )
    assert np.isnan(comparison.proportion(1, 1)).all()
    hall = comparison.hall(rows)
    for column in (0, 1):
        own = rows[np.isfinite(rows[:, column]), column]
        n, g = len(own), stats.skew(own, bias=False)
        quantile = stats.t.ppf(0.975, n - 1)

        def straightened(t: float, g: float = g, n: int = n) -> float:
            return t + g * (t**2 / 3 + 1 / 6) / n**0.5 + g**2 * t**3 / (27 * n)

        for place, end in ((0, quantile), (1, -quantile)):
            t = brentq(lambda t, end=end: straightened(t) - end, -50, 50)
            assert hall[place][column] == pytest.approx(own.mean() - stats.sem(own) * t)
    even = np.array([[1.0], [2.0], [3.0]])  # without skewness it is Student's
    assert_allclose(comparison.hall(even), comparison.student(even))


def test_how_often_rows_are_shuffled() -> None:
    many = comparison.DRAWS
    assert comparison.shuffles_for(0) == comparison.shuffles_for(1) == many
    assert comparison.shuffles_for(3) == -(-many // 3) and comparison.shuffles_for(10**6) == many // 10


def test_agreement_needs_three_numbers_that_differ() -> None:
    nan = np.nan
    assert comparison.agreement([1, 2, 3, nan], [10, 30, 20, 0]) == pytest.approx(0.5)
    for one, other in (([1, 2, nan], [1, 2, 3]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [2, 2, 2])):
        assert np.isnan(comparison.agreement(one, other))


# logistic regression


def test_a_constant_alone_has_a_closed_form() -> None:
    """log(ones/zeros), of weights; with a prior the slope is nought: sum n (y - p) = precision (b - mean)."""
    y, n = np.array([1.0, 0.25, 0.0]), np.array([3.0, 4.0, 2.0])
    found, information = logistic(np.ones((3, 1)), y, n)
    assert found[0] == pytest.approx(np.log(4 / 5)) and information[0, 0] == pytest.approx(9 * 4 / 9 * 5 / 9)
    found, information = logistic(np.ones((3, 1)), y, n, mean=2.0, precision=1.5)
    b = brentq(lambda b: 4 - 9 / (1 + np.exp(-b)) - 1.5 * (b - 2), -9, 9)
    p = 1 / (1 + np.exp(-b))
    assert found[0] == pytest.approx(b) and information[0, 0] == pytest.approx(9 * p * (1 - p) + 1.5)


def test_many_regressions_side_by_side_are_each_alone() -> None:
    """With weights, a prior whose coefficients go together, and wherever they begin."""
    generator = np.random.default_rng(3)
    x, y = generator.standard_normal((2, 3, 30, 2)), generator.integers(0, 2, (2, 3, 30)).astype(float)
    n, mean = generator.integers(0, 3, y.shape), generator.standard_normal((2, 3, 2))
    precision = np.array([[2.0, 0.7], [0.7, 1.0]])
    found, information = logistic(x, y, n, mean=mean, precision=precision)
    for place in np.ndindex(2, 3):
        p = 1 / (1 + np.exp(-x[place] @ found[place]))
        slope = x[place].T @ (n[place] * (y[place] - p)) - precision @ (found[place] - mean[place])
        assert_allclose(slope, 0, atol=1e-6)
        bend = x[place].T @ ((n[place] * p * (1 - p))[:, None] * x[place]) + precision
        assert_allclose(information[place], bend, rtol=1e-5)
        far = logistic(
            x[place], y[place], n[place], mean=mean[place], precision=precision, begin=np.full(2, 30.0)
        )
        assert_allclose(far[0], found[place], atol=1e-6)
    with pytest.raises(Mistake, match="30 trials of regressors, 29 of outcomes"):
        logistic(x, y[..., 1:])


# discriminants


def test_a_discriminant_by_hand() -> None:
    """One number: direction and separation from means and the pooled variance, without bias."""
    a, b = np.array([[1.0], [3.0], [5.0]]), np.array([[0.0], [1.0], [2.0]])
    made = Discriminant.of(a, b)
    pooled = (8 + 2) / 4
    assert made.direction == pytest.approx([2 / pooled]) and made.middle == pytest.approx([2.0])
    assert made.separation == pytest.approx(np.sqrt(4 / pooled * (6 - 1 - 3) / 4 - 1 * (1 / 3 + 1 / 3)))
    assert made.score(np.array([[2.0], [4.0]])) == pytest.approx([0.0, 4 / pooled])
    assert made.right(4) == pytest.approx(stats.norm.cdf(made.separation))
    with pytest.raises(Mistake, match="3 and 1 sessions are too few to tell groups by 1 numbers"):
        Discriminant.of(a, b[:1])
    with pytest.raises(Mistake, match="2 and 2 sessions are too few"):
        Discriminant.of(a[:2], b[:2])
    assert Discriminant.of(a, b[:2]).separation >= 0  # one more than it takes
    for level in (0.5, 1.0):
        with pytest.raises(Mistake, match=f"the level is {level:g}"):
            made.sessions_for(level)
    assert made.sessions_for(0.500001) == 1


def test_sums_of_sessions_that_are_right() -> None:
    """Of a's sums 1 of 2 is above nought, of b's all are below; the last session of seven is in no sum."""
    a, b = np.array([1.0, 1, 1, -3, 0, 0, 9]), np.array([-1.0, -1, -1, -1, -1, -1, 9])
    share, error, many = share_right(a, b, 3)
    assert (share, many) == (0.75, 4) and error == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    sure, error, many = share_right(np.ones(4), -np.ones(4), 2)
    assert (sure, many) == (1, 4) and error == pytest.approx(np.sqrt(5 / 6 / 6 / 4))
    assert share_right(np.zeros(2), np.zeros(2))[0] == 0  # a tie is not right
