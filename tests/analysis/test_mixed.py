"""Effects mixed over subjects where all is normal: Laplace is exact there, and the fit has a closed form."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics import mixed

NOISE = np.array([[0.5, 0.1], [0.1, 0.3]])
"""covariance of what is seen of a subject, y = x + noise"""


def seen(subjects: int = 40) -> np.ndarray:
    generator = np.random.default_rng(0)
    x = generator.multivariate_normal([1.0, -2.0], [[2.0, 0.8], [0.8, 1.0]], subjects)
    return x + generator.multivariate_normal([0.0, 0.0], NOISE, subjects)


def fit(y: np.ndarray, **settings: object) -> mixed.Population:
    own = np.linalg.inv(NOISE)

    def modes(mean: np.ndarray, precision: np.ndarray, begin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        information = precision + own
        x = np.linalg.solve(information, (precision @ mean)[:, None] + own @ y.T).T
        return x, np.broadcast_to(information, (len(y), 2, 2))

    start = {"mean": np.zeros(2), "covariance": np.eye(2)}
    return mixed.population(modes, y, **(start | {"near": 1e-10, "steps": 3000} | settings))  # type: ignore[arg-type]


def test_mean_covariance_and_errors_are_those_of_maximum_likelihood() -> None:
    """mu is the mean of y, Sigma its covariance less the noise's, and mu's error that of a mean of y."""
    y = seen()
    found = fit(y)
    assert found.stood and 1 < found.steps < 3000
    covariance = np.cov(y.T, bias=True) - NOISE
    np.testing.assert_allclose(found.mean, y.mean(axis=0), atol=1e-6)
    # the least variance, which each step adds, moves the fixed point by LEAST (1 + noise / Sigma)**2 at most
    np.testing.assert_allclose(found.covariance, covariance, atol=12 * mixed.LEAST)
    errors = np.sqrt(np.diag(found.covariance + NOISE) / len(y))
    np.testing.assert_allclose(found.errors, errors, rtol=1e-9)
    shrunk = found.mean + (y - found.mean) @ np.linalg.inv(found.covariance + NOISE) @ found.covariance
    np.testing.assert_allclose(found.modes, shrunk, atol=1e-6)


def test_each_step_is_equation_2() -> None:
    """One step from a first population, by hand; it has not stood then."""
    y = seen(2)
    found = fit(y, steps=1)
    information = np.eye(2) + np.linalg.inv(NOISE)
    x = np.linalg.solve(information, np.linalg.inv(NOISE) @ y.T).T
    mean = x.mean(axis=0)
    spread = np.linalg.inv(information) + x.T @ x / 2 - np.outer(mean, mean) + mixed.LEAST * np.eye(2)
    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.covariance, spread)
    assert found.steps == 1 and not found.stood
    apart = fit(y, steps=1, full=False)
    np.testing.assert_allclose(apart.covariance, np.diag(np.diag(spread)))


@pytest.mark.parametrize("near", [0.3, 0.03])
def test_it_stands_when_nothing_moves_by_more_than_near(near: float) -> None:
    """In units of the spread, means and spreads; the step before moved more."""
    y = 5 * seen() + 100
    found = fit(y, near=near)
    moved = []
    for steps in (found.steps - 1, found.steps):
        now = fit(y, steps=steps)
        before = fit(y, steps=steps - 1) if steps > 1 else None
        mean, covariance = (np.zeros(2), np.eye(2)) if before is None else (before.mean, before.covariance)
        scale = np.sqrt(np.diag(now.covariance))
        by = np.abs(now.mean - mean) / scale, np.abs(np.sqrt(np.diag(covariance)) / scale - 1)
        moved.append(np.max(by))
    assert moved[1] < near <= moved[0]


def test_one_subject_is_none() -> None:
    with pytest.raises(Mistake, match="need two subjects or more"):
        fit(seen()[:1])
    assert fit(seen(2), steps=2).steps == 2
