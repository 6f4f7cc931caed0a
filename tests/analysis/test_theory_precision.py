"""Rounding of a two-pass difference, predicted and met."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory import precision


def measured(sigma, outputs, error, activity, summation, dtype=np.float32):
    """Relative error of (E_pert - E)/sigma - sigma M/2 against e.z, computed in ``dtype``."""
    rng = np.random.default_rng(outputs)
    runs = 2000
    z = rng.standard_normal((runs, outputs)).astype(dtype)
    y = (activity * rng.standard_normal((runs, outputs))).astype(dtype)
    target = (y - error * rng.standard_normal((runs, outputs)).astype(dtype)).astype(dtype)

    def loss(activities):
        squares = dtype(0.5) * (activities - target) ** 2
        if summation == "pairwise":
            return squares.sum(1, dtype=dtype)
        return np.cumsum(squares, axis=1, dtype=dtype)[:, -1]

    delta = (loss(y + dtype(sigma) * z) - loss(y)) / dtype(sigma)
    exact = (y.astype(float) - target) * z
    mean = sigma * outputs / 2
    deviation = delta.astype(float) - exact.sum(1) - mean
    return np.sqrt(np.mean(deviation**2)) / (error * np.sqrt(outputs))


@pytest.mark.parametrize("summation", ["pairwise", "sequential"])
@pytest.mark.parametrize(
    "outputs, error, activity", [(100, 1.0, 1.0), (3, 1.0, 1.0), (10, 0.01, 2.0), (30, 20.0, 1.0)]
)
def test_model_is_good_to_a_factor_of_two(outputs, error, activity, summation):
    for sigma in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
        predicted = precision.relative_error(sigma, "float32", outputs, error, activity, summation)
        found = measured(sigma, outputs, error, activity, summation)
        if predicted < 0.5:
            assert 0.5 < predicted / found < 2
        else:
            assert found > 0.25


def test_double_precision_is_fine_to_1e_7():
    found = measured(1e-7, 100, 1.0, 1.0, "sequential", np.float64)
    predicted = precision.relative_error(1e-7, "float64", 100)
    assert 0.5 < predicted / found < 2
    assert found < 1e-6


@pytest.mark.parametrize("summation", ["sequential", "pairwise"])
def test_rounding_counts_the_partial_sums(summation):
    for outputs in (1, 2, 16):
        if summation == "sequential":
            sums = np.arange(2, outputs + 1) / outputs
        else:
            level = [np.full(outputs // 2**k, 2.0**k / outputs) for k in range(1, 5)]
            sums = np.concatenate(level)
        share = precision.rounding_error(1e-3, "float32", outputs, 1.5, 0.7, summation)
        share = float(share) * 1e-3 / precision.unit_roundoff("float32")
        # activity; two errors and two squares an output; two sums of size M e^2/2 over e sqrt(M)
        errors = 2 * 1.0 + 2 * 0.25
        expected = 0.7**2 + 1.5**2 * (errors + 2 * outputs / 4 * (sums**2).sum())
        assert share**2 == pytest.approx(expected)


def test_defaults_are_one_output_of_unit_size():
    unit = (1, 1.0, 1.0, "sequential")
    for function in (precision.rounding_error, precision.relative_error):
        assert function(1e-5, "float32") == function(1e-5, "float32", *unit)
        assert function(1e-12, "float32") == 1
    assert precision.relative_error(10.0, "float64") == 1
    for least in (precision.smallest_sigma, precision.best_sigma):
        assert least("float32") == least("float32", *unit)


def test_known_table():
    sigma = 10.0 ** -np.arange(1, 8)
    found = precision.relative_error(sigma, "float32", 100, summation="pairwise")
    table = [0.07, 7e-3, 7e-4, 2.8e-3, 2.8e-2, 0.27, 1]
    assert_allclose(found, table, rtol=0.15)


def test_smallest_sigma():
    for outputs in (1, 3, 10, 100, 1000):
        least = precision.smallest_sigma("float32", outputs)
        assert least > 1e-5
        assert precision.rounding_error(least, "float32", outputs) == pytest.approx(2e-3)
    assert precision.smallest_sigma("float32", 190) < 1e-3
    assert precision.smallest_sigma("float64", 1000) < 1e-11
    assert precision.smallest_sigma("float32", 10, tolerance=1e-2) == pytest.approx(
        precision.smallest_sigma("float32", 10) / 5
    )


def test_best_sigma_is_the_minimum():
    best = precision.best_sigma("float32", 100, 2.0)
    least = precision.relative_error(best, "float32", 100, 2.0)
    assert precision.relative_error(best * 1.1, "float32", 100, 2.0) > least
    assert precision.relative_error(best / 1.1, "float32", 100, 2.0) > least


def test_unit_roundoff():
    values = np.exp(np.random.default_rng(1).uniform(0, 20, 200_000))
    relative = np.float32(values).astype(float) / values - 1
    assert precision.unit_roundoff("float32") == pytest.approx(np.sqrt(np.mean(relative**2)), rel=0.01)


def test_mistakes():
    with pytest.raises(Mistake, match="unknown precision 'float16'"):
        precision.smallest_sigma("float16")  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="outputs"):
        precision.smallest_sigma("float32", 0)
    with pytest.raises(Mistake, match="tolerance"):
        precision.smallest_sigma("float32", tolerance=0.0)
