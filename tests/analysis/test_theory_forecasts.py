"""Values that forecast together rest at quantiles, and the asymmetries that hold them there."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.expectiles import expectile
from hedon.analysis.theory.forecasts import asymmetry_of, part, ranked_score, together

OUTCOMES = np.random.default_rng(0).gamma(2.0, 0.2, 4001)


def test_the_score_is_least_for_the_quantiles():
    rest = together(OUTCOMES, 8)
    best = ranked_score(rest, OUTCOMES).mean()
    rng = np.random.default_rng(1)
    for size in (0.02, 0.2):
        for _ in range(20):
            assert ranked_score(rest + size * rng.normal(size=8), OUTCOMES).mean() > best
    assert ranked_score(np.full(8, OUTCOMES.mean()), OUTCOMES).mean() > 1.2 * best


def test_a_neurons_part_is_what_it_changes_of_the_whole():
    rng, step = np.random.default_rng(2), 1e-4
    values = rng.uniform(0, 1, 5)
    for k in range(5):
        up, down = values.copy(), values.copy()
        up[k] += step
        down[k] -= step
        whole = 5 * (ranked_score(up, OUTCOMES) - ranked_score(down, OUTCOMES)).mean()
        own = part(up, OUTCOMES)[k] - part(down, OUTCOMES)[k]
        assert own == pytest.approx(whole, abs=1e-9)
        slope = 2 * ((OUTCOMES < values[k]).mean() - ((values < values[k]).sum() + 0.5) / 5)
        assert whole / (2 * step) == pytest.approx(slope, abs=2e-3)


def test_the_asymmetry_of_a_value_gives_the_value():
    for a in (0.05, 0.5, 0.9):
        assert asymmetry_of(expectile(OUTCOMES, a), OUTCOMES) == pytest.approx(a, abs=1e-9)
    assert (np.diff(asymmetry_of(together(OUTCOMES, 9), OUTCOMES)) > 0).all()


def test_mistakes():
    with pytest.raises(Mistake, match="0 neurons"):
        together(OUTCOMES, 0)


def test_asymmetries_of_several_values_at_once():
    outcomes = [0.0, 1.0, 5.0]
    slants = np.array([[0.1, 0.5], [0.7, 0.9]])
    values = [[expectile(outcomes, a) for a in row] for row in slants]
    np.testing.assert_allclose(asymmetry_of(values, outcomes), slants)
    np.testing.assert_allclose(together([0.0, 1.0, 2.0], 2), [0.5, 1.5])
    assert together([0.0, 1.0, 2.0], 1).tolist() == [1]
    # |u - v| on average, less half of the values' own distances
    np.testing.assert_allclose(ranked_score([0.0, 2.0], [[1.0], [3.0]]), [[1 - 0.5], [2 - 0.5]])
