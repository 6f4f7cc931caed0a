"""The distance of a model, its noise ceiling and its null are what theory says of normal rows."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.comparison import Measured, agreement, ranked

NAMES = tuple(f"n{k}" for k in range(200))
TRUTH = np.linspace(-3, 5, len(NAMES))


def normal(seed: int, rows: int = 30, spread: float = 2.0) -> Measured:
    generator = np.random.default_rng(seed)
    noise = spread * generator.standard_normal((2, rows, len(NAMES)))
    return Measured(NAMES, TRUTH + noise[0], noise[1], "Hz")


def test_the_truth_lies_one_standard_error_away() -> None:
    """(m - truth)/s is Student's t with n - 1 degrees of freedom: mean square (n - 1)/(n - 3)."""
    measured = normal(0)
    n, many = len(measured.rows), len(NAMES)
    square = (n - 1) / (n - 3)
    # variance of t^2 is that of F(1, n - 1)
    error = np.sqrt(2 * square**2 * (n - 2) / (n - 5) / many)
    assert abs(measured.distance(TRUTH) ** 2 - square) < 5 * error
    ceiling, highest = measured.distance_ceiling()
    assert abs(ceiling - 1) < 5 * np.sqrt(1 / 2 / many) and ceiling < highest < 1.3


def test_a_shift_is_measured_in_both_units() -> None:
    measured = normal(1)
    assert measured.distance(measured.mean) == 0 and measured.difference(measured.mean) == 0
    assert measured.difference(measured.mean + 3) == pytest.approx(3)
    wanted = 3 * np.sqrt(np.mean(1 / measured.error**2))
    assert measured.distance(measured.mean + 3) == pytest.approx(wanted)
    low, high = measured.distance_interval(measured.mean + 3)
    assert low < wanted < high


def test_the_nearest_model_is_first_and_the_null_is_far() -> None:
    measured = normal(2)
    models = {"null": measured.null.mean(axis=0), "slope": 0.9 * TRUTH, "truth": TRUTH, "order": TRUTH**3}
    placed = ranked(measured, models)
    assert [one.name for one in placed] == ["truth", "slope", "null", "order"]
    assert placed[0].nearer > 0.99 and np.isnan(placed[-1].nearer)
    assert placed[-1].correlation > 0.95 > placed[-2].correlation
    assert placed[0].distance < measured.distance_ceiling()[1] < placed[1].distance
    assert ranked(measured, {}) == []


def test_rows_that_move_together_widen_the_ceiling() -> None:
    """One gain for all numbers of a row: the truth may lie far from the means of some samples."""
    generator = np.random.default_rng(3)
    apart = normal(3)
    together = Measured(NAMES, TRUTH + 2 * generator.standard_normal((30, 1)), apart.null, "Hz")
    assert together.distance_ceiling()[1] > 1.5 > apart.distance_ceiling()[1]


def test_what_cannot_be_measured_is_no_number() -> None:
    one = Measured(("a", "b", "c"), np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 3)), "Hz")
    assert np.isnan(one.distance([1, 2, 4])) and np.isnan(one.distance_ceiling()).all()
    assert one.difference([1, 2, 4]) == pytest.approx(3**-0.5) and np.isnan(one.ceiling())
    equal = Measured(("a", "b"), np.array([[1.0, 2.0], [1.0, np.nan]]), np.zeros((1, 2)), "Hz")
    assert np.isnan(equal.error[1]) and np.isnan(equal.distance([5.0, 5.0]))
    assert [p.name for p in ranked(one, {"far": np.array([9.0, 9, 9]), "near": np.array([1.0, 2, 4])})] == [
        "near",
        "far",
    ]
    with pytest.raises(Mistake, match="rows of 2"):
        Measured(("a", "b"), np.zeros((3, 3)), np.zeros((3, 2)), "Hz")


def test_the_rank_correlation_of_halves() -> None:
    alike, noise = normal(4, spread=0.05), Measured(NAMES, normal(5).null, normal(5).null, "Hz")
    assert alike.ceiling() > 0.99
    # halves of pure noise are negatively related: together they are the fixed rows
    assert abs(noise.ceiling()) < 5 / np.sqrt(len(NAMES))
    assert agreement(TRUTH, -TRUTH) == pytest.approx(-1) and np.isnan(agreement(TRUTH[:2], TRUTH[:2]))
    assert np.isnan(agreement(TRUTH, np.ones(len(NAMES))))
