"""Fisher's discriminant on normal groups, whose errors have a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.discriminant import Discriminant, share_right

APART = np.array([1.0, 0.4])
ROOT = np.array([[1.0, 0.0], [0.6, 0.8]])
D = float(np.linalg.norm(np.linalg.solve(ROOT, APART)))


def groups(generator: np.random.Generator, many: int) -> tuple[np.ndarray, np.ndarray]:
    one, other = generator.standard_normal((2, many, 2)) @ ROOT.T
    return one + APART, other


def test_separation_has_no_bias_and_foretells_sums_of_sessions() -> None:
    generator = np.random.default_rng(0)
    squares = [Discriminant.of(*groups(generator, 12)).separation ** 2 for _ in range(2000)]
    # D**2 is cut at 0, which few samples reach; standard error of the mean of 2000
    assert np.mean(squares) == pytest.approx(D**2, abs=5 * np.std(squares) / 2000**0.5 + 0.02)
    made = Discriminant.of(*groups(generator, 20_000))
    one, other = groups(generator, 60_000)
    for sessions in (1, 3, 6):
        share, error, many = share_right(made.score(one), made.score(other), sessions)
        assert many == 2 * (60_000 // sessions)
        expected = norm.cdf(D * sessions**0.5 / 2)
        assert abs(share - expected) < 5 * error and abs(made.right(sessions) - expected) < 0.01
    needed = made.sessions_for(0.95)
    assert needed is not None and made.right(needed) >= 0.95 > made.right(needed - 1)


def test_groups_that_are_one_are_not_told_apart() -> None:
    generator = np.random.default_rng(1)
    one, other = generator.standard_normal((2, 4000, 2))
    made = Discriminant.of(one[:2000], other[:2000])
    assert made.separation < 0.1
    share, error, _ = share_right(made.score(one[2000:]), made.score(other[2000:]))
    assert abs(share - 0.5) < 5 * error
    same = Discriminant(np.zeros(2), np.zeros(2), 0.0)
    assert same.sessions_for(0.9) is None


def test_what_cannot_be_a_discriminant_is_refused() -> None:
    generator = np.random.default_rng(2)
    one, other = groups(generator, 10)
    for a, b in ((one[:1], other), (one * np.nan, other), (np.ones((9, 2)), np.zeros((9, 2)))):
        with pytest.raises(Mistake):
            Discriminant.of(a, b)
    with pytest.raises(Mistake):
        Discriminant.of(one, other).sessions_for(1.0)
