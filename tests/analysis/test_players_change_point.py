"""Players of a probability that jumps: the posterior is exact, the rate of learning is where it should be."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players.change_point import bayes, constant_rate


def test_without_jumps_bayes_is_laplace() -> None:
    """hazard 0, p even on [0, 1]: (ones + 1)/(trials + 2), up to the grid's error."""
    outcome = np.random.default_rng(0).integers(0, 2, (4, 60))
    trials = np.arange(1, 61)
    laplace = (outcome.cumsum(axis=1) + 1) / (trials + 2)
    np.testing.assert_allclose(bayes(outcome, 0.0), laplace, atol=1e-3)


def test_with_a_jump_each_trial_only_the_last_outcome_counts() -> None:
    outcome = np.array([0, 1, 1, 0])
    np.testing.assert_allclose(bayes(outcome, 1.0), (outcome + 1) / 3, atol=1e-4)


def test_no_rate_beats_bayes_and_its_error_is_its_own_forecast() -> None:
    """The posterior mean has the least squared error; and the outcome deviates from it as it says."""
    generator = np.random.default_rng(1)
    shape, hazard, (low, high) = (400, 75), 0.05, (0.1, 0.9)
    changed = generator.random(shape) < hazard
    changed[:, 0] = True
    place = np.maximum.accumulate(np.where(changed, np.arange(75), 0), axis=1)
    p = np.take_along_axis(generator.uniform(low, high, shape), place, axis=1)
    outcome = (generator.random(shape) < p).astype(float)
    best = bayes(outcome, hazard, low, high)
    loss = ((best - p) ** 2).mean(axis=1)
    for other in (
        *(constant_rate(outcome, alpha) for alpha in (0.05, 0.1, 0.15, 0.2, 0.3)),
        bayes(outcome, 0.0, low, high),
        bayes(outcome, 0.3, low, high),
    ):
        more = ((other - p) ** 2).mean(axis=1) - loss
        assert more.mean() > 5 * more.std(ddof=1) / 20
    bias = (p - best).mean(axis=1)
    assert abs(bias.mean()) < 5 * bias.std(ddof=1) / 20


def test_the_constant_rate_is_constant() -> None:
    outcome = np.random.default_rng(2).integers(0, 2, (3, 50)).astype(float)
    alpha = np.array([0.1, 0.5, 1.0])
    estimate = constant_rate(outcome, alpha)
    rate = np.diff(estimate) / (outcome[:, 1:] - estimate[:, :-1] + 1e-300)
    moved = outcome[:, 1:] != estimate[:, :-1]
    np.testing.assert_allclose(rate[moved], np.broadcast_to(alpha[:, None], rate.shape)[moved], rtol=1e-9)
    np.testing.assert_array_equal(estimate[2], outcome[2])


def test_refusals() -> None:
    for bad in ((1.5, 0.0, 1.0), (0.1, 0.9, 0.1), (0.1, -1.0, 1.0)):
        with pytest.raises(Mistake):
            bayes([0, 1], *bad)
    with pytest.raises(Mistake):
        constant_rate([0, 1], 1.5)


def test_sequences_may_have_any_leading_axes() -> None:
    """One sequence, and a table of tables, as each sequence is alone; by equation in plain Python."""
    outcome = np.random.default_rng(3).integers(0, 2, (2, 3, 7)).astype(float)
    alpha = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    together, posterior = constant_rate(outcome, alpha, 0.4), bayes(outcome, 0.2, 0.1, 0.9)
    assert together.shape == posterior.shape == (2, 3, 7)
    for place in np.ndindex(2, 3):
        value, expected = 0.4, []
        for seen in outcome[place]:
            value += alpha[place] * (seen - value)
            expected.append(value)
        np.testing.assert_allclose(together[place], expected)
        np.testing.assert_allclose(constant_rate(outcome[place], alpha[place], 0.4), expected)
        np.testing.assert_allclose(bayes(outcome[place], 0.2, 0.1, 0.9), posterior[place])
    assert constant_rate([1.0], 0.5).tolist() == [0.75]
    for edge in (0.0, 1.0):
        assert np.isfinite(constant_rate(outcome, edge)).all() and np.isfinite(bayes(outcome, edge)).all()
