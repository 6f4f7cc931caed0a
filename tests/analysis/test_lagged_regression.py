"""Logistic regression on lags: its regressors by hand, its likelihood in plain Python, its derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.behaviour.kernels import kernels
from hedon.analysis.behaviour.lagged_regression import LaggedRegression, TransitionRegression
from hedon.analysis.statistics.empirical_bayes import Normal, fit

ACTION = np.array([[0, 2, 1, NONE, 1, 0, 2, 2], [1, 1, 0, 2, 0, NONE, NONE, 1]])
REWARD = np.array([[1.0, 0, 1, 0, 0, 1, 0, 1], [0.0, 1, 1, 0, 1, 0, 0, 1]])
BEGINS = np.zeros(ACTION.shape, bool)
BEGINS[:, 0] = BEGINS[0, 5] = True
CHOICES = Choices(("a", "b"), ACTION, REWARD, BEGINS, 3)


def told(choices: Choices, row: int, trial: int, k: int, what: np.ndarray) -> np.ndarray:
    """What k trials back says of each arm; nothing where that lies before the session, or was missed."""
    past, zero = trial - k, np.zeros(choices.options)
    if past < 0 or choices.begins[row, past + 1 : trial + 1].any() or choices.action[row, past] == NONE:
        return zero
    zero[choices.action[row, past]] = what[row, past]
    return zero


@pytest.mark.parametrize("back", [1, 3, 7, 12])
def test_regressors_are_the_arms_and_what_the_lags_tell(back: int) -> None:
    regression = LaggedRegression(CHOICES, back)
    names = ["bias1", "bias2", *(f"{kind}{k}" for kind in ("reward", "choice") for k in range(1, back + 1))]
    assert [p.name for p in regression.parameters] == names and regression.subjects == 2
    assert {(p.scale, p.mean, p.sd, p.reach) for p in regression.parameters} == {("real", 0.0, 1.0, 12.0)}
    for row, trial in np.ndindex(ACTION.shape):
        columns = [np.array([0.0, 1, 0]), np.array([0.0, 0, 1])]
        for what in (REWARD, np.ones(ACTION.shape)):
            columns += [told(CHOICES, row, trial, k, what) for k in range(1, back + 1)]
        np.testing.assert_array_equal(regression.design[row, trial], np.stack(columns, axis=1))


def test_ten_lags_unless_told() -> None:
    assert [p.name for p in LaggedRegression(CHOICES).parameters][-1] == "choice10"


def test_transitions_tell_whether_they_were_common_and_what_they_paid() -> None:
    action, state = np.array([[0, 0, 1, 1, 0]]), np.array([[0, 1, 1, 0, 0]])
    reward, begins = np.array([[1.0, 1, 0, 0, 1]]), np.array([[True, False, False, False, False]])
    choices = Choices(("a",), action, reward, begins, 2, state, np.zeros_like(action))
    regression = TransitionRegression(choices, 1)
    assert [p.name for p in regression.parameters] == [
        "bias1",
        "reward1",
        "choice1",
        "transition1",
        "interaction1",
    ]
    common, both = [1.0, -1, 1, -1], [1.0, -1, -1, 1]
    for trial in range(1, 5):
        chosen = np.eye(2)[action[0, trial - 1]]
        np.testing.assert_array_equal(regression.design[0, trial, :, 3], chosen * common[trial - 1])
        np.testing.assert_array_equal(regression.design[0, trial, :, 4], chosen * both[trial - 1])


def drawn(back: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 2 + 2 * back))


def test_likelihood_and_slope_are_those_of_a_conditional_logit() -> None:
    regression, x, who = LaggedRegression(CHOICES, 2), drawn(2), np.array([1, 0])
    counted = np.random.default_rng(1).random(ACTION.shape) < 0.7
    for weight in (None, counted):
        exact, slopes = np.zeros(2), np.zeros(x.shape)
        for place, row in enumerate(who):
            for trial, action in enumerate(ACTION[row]):
                if action == NONE or (weight is not None and not weight[row, trial]):
                    continue
                design = regression.design[row, trial]
                p = np.exp(design @ x[place]) / np.exp(design @ x[place]).sum()
                exact[place] += np.log(p[action])
                slopes[place] += design[action] - p @ design
        value, slope, _ = regression.evaluate(x, who, weight)
        np.testing.assert_allclose(value, exact, rtol=1e-12)
        np.testing.assert_allclose(regression.value(x, who, weight), exact, rtol=1e-12)
        np.testing.assert_allclose(slope, slopes, rtol=1e-12, atol=1e-14)


def test_a_steep_regression_does_not_overflow() -> None:
    value = LaggedRegression(CHOICES, 2).value(2000 * drawn(2), np.arange(2))
    assert np.isfinite(value).all() and (value < -100).all()


def test_information_is_the_slope_of_the_slope() -> None:
    """Of a logit, whose information is minus the second derivative, whatever was chosen."""
    regression, x, who = LaggedRegression(CHOICES, 2), drawn(2), np.arange(2)
    counted = np.random.default_rng(1).random(ACTION.shape) < 0.7
    _, _, information = regression.evaluate(x, who, counted)
    for place, step in enumerate(1e-6 * np.eye(x.shape[1])):
        up, down = (regression.evaluate(x + sign * step, who, counted)[1] for sign in (1, -1))
        np.testing.assert_allclose(information[:, place], (down - up) / 2e-6, atol=1e-8)


def test_regression_of_two_arms_is_that_of_kernels() -> None:
    """Where no history is cut off: the same likelihood, and the same ridge, give the same kernels."""
    generator = np.random.default_rng(2)
    action, reward = generator.integers(0, 2, (2, 3, 200))
    choices = Choices(("a", "b", "c"), action, reward.astype(float), np.arange(200) == np.zeros((3, 1)), 2)
    counted = np.ones(action.shape, bool)
    counted[:, :2] = False
    ours = fit(LaggedRegression(choices, 2), prior=Normal(np.zeros(5), np.full(5, 1e8)), counted=counted)
    theirs = kernels(choices, 2, ridge=1e-8)
    np.testing.assert_allclose(ours.x[:, 1:3], theirs.reward, atol=2e-2)
    np.testing.assert_allclose(ours.x[:, 3:], theirs.choice, atol=2e-2)
