"""Regressions of choices: known effects and kernels come back, nulls have none."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import Choices, bandit_choices, two_step_choices
from hedon.analysis.behaviour.kernels import kernels
from hedon.analysis.behaviour.two_step_regression import DESIGN, two_step_regression
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import two_step
from hedon.analysis.recordings.behaviour import Behaviour
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.analysis.statistics.logistic import logistic


def test_logistic_agrees_with_a_known_library() -> None:
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(0)
    x = np.column_stack([generator.standard_normal((200, 3)), np.ones(200)])
    y = (generator.random(200) < 1 / (1 + np.exp(-x @ [1.0, -2.0, 0.5, 0.3]))).astype(float)
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10).fit(x, y)
    mine, information = logistic(x, y, precision=0.5)
    np.testing.assert_allclose(mine, theirs.coef_[0], rtol=1e-5)
    assert (np.linalg.eigvalsh(information) > 0).all()


def stayers(effects: np.ndarray, trials: int, seed: int) -> Behaviour:
    """People who stay with logit DESIGN @ effects (subject, 4) after the four kinds of trial."""
    generator = np.random.default_rng(seed)
    stay = 1 / (1 + np.exp(-effects @ DESIGN.T))
    many = len(effects)
    reward, common = (generator.random((2, many, trials)) < np.array([0.5, 0.7])[:, None, None]).astype(int)
    kind = 2 * (1 - reward) + (1 - common)
    stays = generator.random((many, trials)) < np.take_along_axis(stay, kind, axis=1)
    action = np.cumsum(np.column_stack([np.zeros(many, bool), ~stays[:, :-1]]), axis=1) % 2
    columns = {"action": action, "common": common, "reward": reward}
    return Behaviour(
        {
            "subject": np.repeat([f"s{n:03d}" for n in range(many)], trials),
            "trial": np.tile(np.arange(float(trials)), many),
            **{name: values.ravel().astype(float) for name, values in columns.items()},
        }
    )


def test_known_effects_come_back_and_the_null_has_none() -> None:
    true, spread = np.array([1.0, 0.3, 0.0, 0.8]), np.array([0.8, 0.3, 0.2, 0.6])
    each = true + spread * np.random.default_rng(1).standard_normal((80, 4))
    people = stayers(each, 200, 2)
    found = two_step_regression(people)
    assert (np.abs(found.effects - true) < 5 * found.population.errors).all()
    low, high = found.interval(resamples=200)
    assert (np.abs((high - low) / 4 / found.population.errors - 1) < 0.5).all()
    measured = np.sqrt(np.diag(found.population.covariance))
    assert (np.abs(measured - spread) < 0.25).all()
    assert np.corrcoef(found.each[:, 3], each[:, 3])[0, 1] > 0.8
    null = two_step_regression(people, shuffle=0)
    assert (np.abs(null.effects[1:]) < 5 * null.population.errors[1:]).all()


def test_someone_who_always_stays_does_not_run_away() -> None:
    each = np.tile([0.5, 0.2, 0.0, 0.5], (20, 1))
    each[0] = [20.0, 0, 0, 0]
    found = two_step_regression(stayers(each, 200, 3))
    assert np.isfinite(found.each).all() and 1.0 < found.each[0, 0] < 12


def test_a_planner_has_the_interaction_and_a_cache_the_reward() -> None:
    effects = {}
    for w in (0.0, 1.0):
        people = two_step.simulate(40, 200, alpha1=0.5, lam=1.0, beta1=4.0, w=w, first_value=0.5, seed=4)
        effects[w] = two_step_regression(people)
    based, free = effects[1.0], effects[0.0]
    for one, other, effect in ((based, free, 3), (free, based, 1)):
        error = np.hypot(one.population.errors[effect], other.population.errors[effect])
        assert one.effects[effect] - other.effects[effect] > 5 * error


def test_one_subject_is_not_mixed() -> None:
    people = two_step.simulate(1, 50, seed=1)
    with pytest.raises(Mistake, match="two or more"):
        two_step_regression(people)


def chooser(reward: np.ndarray, choice: np.ndarray, subjects: int, trials: int, seed: int) -> Choices:
    """Choices drawn from equation (1) of the kernels."""
    generator = np.random.default_rng(seed)
    back = len(reward)
    sign, paid = np.zeros((2, subjects, trials))
    for t in range(trials):
        past = [slice(max(t - back, 0), t)]
        lags = (np.arange(t - 1, past[0].start - 1, -1) if t else np.zeros(0, int)).astype(int)
        logit = paid[:, lags] @ reward[: len(lags)] + sign[:, lags] @ choice[: len(lags)]
        sign[:, t] = np.where(generator.random(subjects) < 1 / (1 + np.exp(-logit)), 1, -1)
        paid[:, t] = sign[:, t] * (generator.random(subjects) < 0.5)
    begins = np.zeros((subjects, trials), bool)
    begins[:, 0] = True
    names = tuple(f"s{n:03d}" for n in range(subjects))
    return Choices(names, ((sign + 1) // 2).astype(int), np.abs(paid), begins, 2)


def test_known_kernels_come_back_and_shuffled_trials_have_none() -> None:
    reward, choice = np.array([1.0, 0.5, 0.25, 0.1, 0.0]), np.array([-0.4, 0.2, 0.1, 0.0, 0.0])
    choices = chooser(reward, choice, 60, 400, 1)
    found = kernels(choices, 5, ridge=0)
    for kernel, wanted in ((found.reward, reward), (found.choice, choice)):
        mean, error = mean_and_error(kernel)
        # maximum likelihood is off by O(1/trials) beside its error
        assert (np.abs(mean - wanted) < 5 * error + 0.03 * np.abs(wanted)).all()
    np.testing.assert_allclose(found.reward.std(axis=0), found.errors[:, :5].mean(axis=0), rtol=0.4)
    null = kernels(choices, 5, shuffle=3)
    for kernel in (null.reward, null.choice):
        mean, error = mean_and_error(kernel)
        assert (np.abs(mean) < 5 * error).all()


@pytest.mark.parametrize("alpha", [0.2, 0.5])
def test_a_forgetting_learner_has_an_exponential_kernel(alpha: float) -> None:
    """Equation (2): the ratio of neighbouring weights is 1 - alpha."""
    back, beta = 12, 4.0
    reward = beta * alpha * (1 - alpha) ** np.arange(back)
    choices = chooser(reward, np.zeros(back), 60, 600, 2)
    found = kernels(choices, 8, ridge=0.01)
    mean, error = mean_and_error(found.reward)
    slope = np.polyfit(np.arange(4), np.log(mean[:4]), 1, w=mean[:4] / error[:4])[0]
    spread = np.sqrt(1 / np.sum((np.arange(4) - 1.5) ** 2 * (mean[:4] / error[:4]) ** 2))
    assert abs(slope - np.log(1 - alpha)) < 5 * spread


def test_kernels_stay_within_sessions_and_skip_what_was_missed() -> None:
    choices = chooser(np.array([1.0]), np.array([0.0]), 2, 12, 3)
    choices.begins[:, 6] = True
    choices.action[0, 3] = -1
    choices.reward[0, 3] = 0
    found = kernels(choices, 2)
    assert np.isfinite(found.reward).all()
    choices.begins[0] = True
    assert np.isnan(kernels(choices, 2).reward[0]).all() and np.isfinite(kernels(choices, 2).reward[1]).all()
    choices.begins[:] = True
    with pytest.raises(Mistake, match="3 trials in a row"):
        kernels(choices, 2)
    three = two_step_choices(two_step.simulate(2, 30, seed=1))
    assert kernels(three, 2).reward.shape == (2, 2)


def with_missed(drop: bool) -> Behaviour:
    """A forgetting learner that misses trials, which are marked or are not in the file at all."""
    generator = np.random.default_rng(5)
    trials, columns = 3000, {"action": [], "reward": []}
    value = np.zeros(2)
    for _ in range(trials):
        action = int(generator.random() < 1 / (1 + np.exp(-4 * (value[1] - value[0]))))
        reward = float(generator.random() < (0.7, 0.3)[action])
        value *= 0.6
        value[action] += 0.4 * reward
        columns["action"].append(float(action))
        columns["reward"].append(reward)
    missed = generator.random(trials) < 0.15
    whole = Behaviour(
        {
            "subject": np.repeat("one", trials),
            "session": np.repeat(["a", "b"], trials // 2),
            "trial": np.tile(np.arange(trials // 2.0), 2),
            "missed": missed.astype(float),
            **{name: np.where(missed, np.nan, values) for name, values in columns.items()},
        }
    )
    return whole.where(~missed) if drop else whole


def test_trials_missing_from_a_file_are_missed_trials() -> None:
    marked, dropped = (kernels(bandit_choices(with_missed(drop)), back=3) for drop in (False, True))
    np.testing.assert_allclose(marked.reward, dropped.reward, rtol=1e-9)
    np.testing.assert_allclose(marked.choice, dropped.choice, rtol=1e-9)
    closed = dict(with_missed(True).columns) | {"trial": np.arange(float((~missed_rows()).sum()))}
    assert (kernels(bandit_choices(Behaviour(closed)), back=3).reward != marked.reward).any()


def missed_rows() -> np.ndarray:
    return with_missed(False)["missed"] > 0


def test_kernels_are_the_logistic_regression_on_what_lies_back() -> None:
    """Rows in a row of one session, made, by hand; then scikit-learn, whose C is one over the precision."""
    from sklearn.linear_model import LogisticRegression

    choices = chooser(np.array([1.0, 0.5]), np.array([0.3, -0.2]), 1, 120, 4)
    choices.begins[0, 60] = True
    choices.action[0, [20, 90]], choices.reward[0, [20, 90]] = -1, 0
    sign = 2.0 * choices.action[0] - 1
    rows, chosen = [], []
    for t in range(2, 120):
        if 60 in (t, t - 1) or {20, 90} & {t, t - 1, t - 2}:
            continue
        back = [t - 1, t - 2]
        rows.append([*(sign[back] * choices.reward[0, back]), *sign[back], 1.0])
        chosen.append(choices.action[0, t])
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10).fit(rows, chosen)
    found = kernels(choices, 2, ridge=0.5)
    ours = [*found.reward[0], *found.choice[0], *found.bias]
    np.testing.assert_allclose(ours, theirs.coef_[0], rtol=1e-4)
    p = theirs.predict_proba(rows)[:, 1]
    information = (np.array(rows).T * (p * (1 - p))) @ np.array(rows) + 0.5 * np.eye(5)
    np.testing.assert_allclose(found.errors[0], np.sqrt(np.diag(np.linalg.inv(information))), rtol=1e-4)
    usual = kernels(choices)
    np.testing.assert_array_equal(usual.reward, kernels(choices, 5, ridge=0.1).reward)


def test_kernels_that_are_none() -> None:
    choices = chooser(np.array([1.0]), np.array([0.0]), 2, 6, 3)
    assert np.isfinite(kernels(choices, 5).reward).all() and np.isfinite(kernels(choices, 1).bias).all()
    with pytest.raises(Mistake, match="at least one trial back, not 0"):
        kernels(choices, 0)
    with pytest.raises(Mistake, match="kernels of 6 trials back need 7 trials in a row"):
        kernels(choices, 6)
    with pytest.raises(Mistake, match="kernels are of two options, not 3"):
        kernels(Choices(choices.subjects, choices.action, choices.reward, choices.begins, 3))
