"""Intervals cover what they promise, at few subjects and at many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit  # type: ignore[import-untyped]

from hedon.analysis.behaviour.two_step_regression import DESIGN, TwoStepRegression, _mixed
from hedon.analysis.responses.peri_event import each_duration
from hedon.analysis.statistics.comparison import DRAWS, Measured, proportion, shuffles_for, student
from hedon.analysis.statistics.intervals import jackknife_interval, variance_interval
from hedon.figures.comparisons import dips


def share(low: np.ndarray, high: np.ndarray, truth: np.ndarray | float) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("subjects", [3, 5, 10, 20, 50])
def test_means_over_subjects(subjects: int) -> None:
    rows = np.random.default_rng(subjects).normal(2.0, 1.5, (subjects, 4000))
    measured = Measured(tuple(map(str, range(4000))), rows, rows, "1")
    assert 0.935 <= share(*measured.interval(), 2.0) <= 0.965  # five standard errors of a share of 4,000


@pytest.mark.parametrize("subjects", [5, 10, 20, 50])
def test_means_over_skewed_subjects(subjects: int) -> None:
    """Exponential rows, whose Student's t covers 88 % at five subjects; normal ones are covered as well."""
    rng, names = np.random.default_rng(subjects), tuple(map(str, range(10_000)))
    for rows in (1 - rng.exponential(1, (subjects, 10_000)), rng.normal(0, 1, (subjects, 10_000))):
        measured = Measured(names, rows, rows, "1", skewed=True)
        assert 0.91 <= share(*measured.interval(), 0.0) <= 0.97


def test_skewed_rows_that_are_few_or_equal() -> None:
    rows = np.array([[1.0, 2.0, np.nan, 1.0], [1.0, 4.0, np.nan, 2.0], [1.0, np.nan, 5.0, 3.0]])
    low, high = Measured(tuple("abcd"), rows, rows, "1", skewed=True).interval()
    ends = Measured(tuple("abcd"), rows, rows, "1").interval()
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False, True, False]
    # two rows, and rows without skewness
    np.testing.assert_allclose([low[[1, 3]], high[[1, 3]]], [ends[0][[1, 3]], ends[1][[1, 3]]])


def test_one_row_has_no_interval() -> None:
    measured = Measured(("a",), np.array([[1.0]]), np.array([[1.0]]), "1")
    assert np.isnan(measured.interval()).all() and np.isnan(measured.null_interval()).all()


def test_rows_that_are_equal_have_no_interval() -> None:
    """Everybody stays: by no means is the truth known exactly."""
    rows = np.array([[1.0, 0.3], [1.0, 0.5], [1.0, 0.4]])
    low, high = Measured(("a", "b"), rows, rows, "1").interval()
    assert np.isnan([low[0], high[0]]).all() and low[1] < 0.4 < high[1]


@pytest.mark.parametrize("rows", [4, 10, 40])
def test_the_jackknife(rows: int) -> None:
    """Of a mean it is Student's interval; of a ratio it covers as well."""
    rng = np.random.default_rng(rows)
    values = rng.normal(1, 1, rows)
    left = [np.delete(values, k).mean() for k in range(rows)]
    low, high = student(values[:, None])
    assert jackknife_interval(values.mean(), left) == pytest.approx((low[0], high[0]))
    assert np.isnan(jackknife_interval(1.0, [1.0, 1.0, 1.0])).all()
    assert np.isnan(jackknife_interval(1.0, [2.0, np.nan])).all()
    x, y = 10 + rng.standard_normal((2, rows, 1000))
    left = (x.sum(axis=0) - x) / (y.sum(axis=0) - y)
    ends = np.array([jackknife_interval(w, k) for w, k in zip(x.sum(0) / y.sum(0), left.T, strict=True)]).T
    assert 0.91 <= share(*ends, 1.0) <= 0.98


@pytest.mark.parametrize("rows", [4, 10, 50])
def test_the_interval_of_a_variance(rows: int) -> None:
    """Of normal and of bounded rows, and some of skewed ones."""
    rng = np.random.default_rng(rows)
    kinds = (
        (rng.normal(3, 2, (1500, rows)), 4.0, 0.92),
        (rng.uniform(0, 1, (1500, rows)), 1 / 12, 0.94),
        (rng.exponential(1, (1500, rows)), 1.0, 0.82),
    )
    for drawn, truth, least in kinds:
        ends = np.array([variance_interval(values) for values in drawn]).T
        assert (ends[0] < drawn.var(axis=1, ddof=1)).all() and (ends[1] > drawn.var(axis=1, ddof=1)).all()
        assert least <= share(*ends, truth) <= 1
    assert np.isnan(variance_interval([1.0, 2.0])).all() and np.isnan(variance_interval([1.0] * 5)).all()


@pytest.mark.parametrize("units", [5, 10, 20, 50])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.5])
def test_shares_of_units(units: int, p: float) -> None:
    """Also where no unit codes anything; bounds as asked of all intervals."""
    found = np.random.default_rng(units).binomial(units, p, 20_000)
    assert 0.9 <= share(*proportion(found, np.full(20_000, units)), p) <= 0.99
    low, high = proportion([0, 1], [1, 1])
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_nulls_interval_holds_what_the_null_draws(rows: int) -> None:
    """Shuffles are normal about a centre of each row's own: other draws of the mean fall within in 95 %."""
    rng = np.random.default_rng(rows)
    centre = rng.normal(0, 3, (rows, 300))
    shuffles = centre + rng.standard_normal((shuffles_for(rows), rows, 300))
    assert len(shuffles) * rows >= DRAWS
    measured = Measured(tuple(map(str, range(300))), centre, shuffles.mean(axis=0), "1", shuffles=shuffles)
    others = (centre + rng.standard_normal((100, rows, 300))).mean(axis=1)
    assert 0.92 <= share(*measured.null_interval(), others) <= 0.97


@pytest.mark.whole
@pytest.mark.parametrize("subjects", [5, 20])
def test_two_step_regression(subjects: int) -> None:
    """Effects of subjects are normal about the means of the population."""
    rng = np.random.default_rng(subjects)
    truth, spread, studies = np.array([1.2, 0.5, 0.0, 0.4]), 0.5, 40
    lows, highs = [], []
    for _ in range(studies):
        each = truth + spread * rng.standard_normal((subjects, 4))
        counts = np.tile([60.0, 25, 55, 25], (subjects, 1))
        stayed = rng.binomial(counts.astype(int), 1 / (1 + np.exp(-each @ DESIGN.T))).astype(float)
        names = tuple(map(str, range(subjects)))
        low, high = TwoStepRegression(names, counts, stayed, _mixed(counts, stayed)).interval(60)
        lows.append(low)
        highs.append(high)
    assert 0.9 <= share(np.array(lows), np.array(highs), truth) <= 0.995


@pytest.mark.parametrize("both", [True, False])
def test_a_dips_interval_has_the_spread_of_cells_too(both: bool) -> None:
    """Cells that dip at one time: leaving one out moves no window, and the jackknife is Student's."""
    times, rng = np.arange(-0.1975, 1.2, 0.005), np.random.default_rng(0)
    bases, depths = rng.uniform(5, 9, 6), rng.uniform(0.3, 0.9, 6)
    inside = (times > 0.3) & (times < 0.5)
    rates = bases[:, None] * (1 - depths[:, None] * inside)
    own = each_duration(rates, times, bases)
    low, high = dips.interval(own, rates, times, each_duration, bases, both)
    half = stdtrit(5, 0.975) * own.std(ddof=1) / np.sqrt(6)
    assert (low + high) / 2 == pytest.approx(own.mean())
    assert (high - low) / 2 == pytest.approx(half * (np.sqrt(2) if both else 1), rel=1e-6)
    alone = dips.interval(own[:1], rates[:1], times, each_duration, bases[:1], both)
    assert np.isnan(alone).all()
