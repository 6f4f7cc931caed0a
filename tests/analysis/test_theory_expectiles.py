"""Expectiles balance what lies above against what lies below, and are where asymmetric learning rests."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.expectiles import expectile


@pytest.mark.parametrize("asymmetry", [0.05, 0.18, 0.5, 0.7, 0.95])
def test_balance(asymmetry):
    x = np.random.default_rng(1).exponential(size=31)
    e = expectile(x, asymmetry)
    above, below = np.clip(x - e, 0, None).mean(), np.clip(e - x, 0, None).mean()
    assert asymmetry * above == pytest.approx((1 - asymmetry) * below, rel=1e-12)


def test_the_middle_is_the_mean_and_expectiles_rise():
    x = [0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0, 20.0]
    assert expectile(x, 0.5) == pytest.approx(np.mean(x))
    assert np.all(np.diff([expectile(x, a) for a in np.linspace(0.01, 0.99, 50)]) > 0)
    assert expectile([3.0], 0.2) == 3.0


def test_asymmetric_learning_comes_to_rest_there():
    rng, values, a = np.random.default_rng(2), np.array([0.0, 1.0, 5.0]), 0.8
    v = np.full(4000, 1.0)
    for _ in range(2000):
        delta = rng.choice(values, size=v.size) - v
        v += 0.01 * np.where(delta > 0, a, 1 - a) * delta
    # the rest point is shifted by order rate times variance
    assert v.mean() == pytest.approx(expectile(values, a), abs=0.02)


@pytest.mark.parametrize(("values", "a"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.0)])
def test_mistakes(values, a):
    with pytest.raises(Mistake):
        expectile(values, a)
