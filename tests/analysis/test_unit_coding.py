"""Units that code something are found; units that merely drift are not."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.choice_fits import decision_values, fit
from hedon.analysis.behaviour.choice_models import QLearning
from hedon.analysis.behaviour.choices import bandit_choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import q_learning
from hedon.analysis.responses.unit_coding import REGRESSORS, task_regressors, unit_coding

SESSIONS, TRIALS, UNITS = 40, 200, 25


@pytest.fixture(scope="module")
def behaviour() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    people = q_learning.simulate(SESSIONS, TRIALS, alpha=0.4, beta=4.0, seed=1)
    choices = bandit_choices(people)
    found = fit(QLearning(), choices, starts=8, climbs=1)
    values = decision_values(found, choices)
    return choices.action, task_regressors(choices.action, choices.reward, values)


def test_the_value_is_what_decides(behaviour: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    action, regressors = behaviour
    chance = 1 / (1 + np.exp(-regressors["value"]))
    z = (action - chance).sum() / np.sqrt((chance * (1 - chance)).sum())
    assert abs(z) < 5 and np.corrcoef(action.ravel(), chance.ravel())[0, 1] > 0.3


@pytest.mark.parametrize("many", [True, False], ids=["sessions", "turns"])
def test_known_coders_are_found(behaviour: tuple[np.ndarray, dict[str, np.ndarray]], many: bool) -> None:
    """Unit 0 codes the last action, 1 the last reward, ... 3 the value; the rest nothing."""
    x = np.stack([np.nan_to_num(values) for values in behaviour[1].values()])
    y = np.random.default_rng(2).standard_normal((SESSIONS, UNITS, TRIALS))
    y[:, :4] += 1.5 * (x / x.std(axis=-1, keepdims=True)).swapaxes(0, 1)
    regressors = behaviour[1]
    if not many:
        y, regressors = y[0], {name: values[0] for name, values in regressors.items()}
    found = unit_coding(y, regressors)
    assert found.names == REGRESSORS
    p = found.p.reshape(-1, UNITS, 4)
    assert (np.diagonal(p, axis1=1, axis2=2) <= 0.05).mean() > 0.97
    others = p[:, 4:]
    assert abs((others <= 0.05).mean() - 0.05) < 5 * np.sqrt(0.05 * 0.95 / others.size)
    assert (found.explained.reshape(-1, UNITS)[:, :4] > found.explained.reshape(-1, UNITS)[:, 4:].max()).all()


def test_units_that_drift_code_nothing(behaviour: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    """A random walk has large t by itself; other sessions' behaviour gives as large ones."""
    y = np.random.default_rng(3).standard_normal((SESSIONS, UNITS, TRIALS)).cumsum(axis=2)
    found = unit_coding(y, behaviour[1])
    value = REGRESSORS.index("value")
    assert (np.abs(found.t[:, value]) > 2).mean() > 0.2
    for share in (found.share(), found.null_share()):
        # units of one session share its behaviour: one in 40 sessions, not one in 1,000 units
        assert (np.abs(share - 0.05) < 5 * np.sqrt(0.05 * 0.95 / SESSIONS)).all()


def test_t_is_that_of_least_squares(behaviour: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    from scipy.stats import linregress

    y = np.random.default_rng(4).standard_normal((3, TRIALS))
    x = behaviour[1]["value"][0]
    found = unit_coding(y, {"value": x})
    for unit, own in enumerate(y):
        one = linregress(x, own)
        np.testing.assert_allclose(found.t[unit, 0], one.slope / one.stderr, rtol=1e-9)
        np.testing.assert_allclose(found.explained[unit], one.rvalue**2, rtol=1e-9)


def test_refusals() -> None:
    x = np.random.default_rng(5).standard_normal(100)
    y = np.ones((2, 100))
    with pytest.raises(Mistake, match="do not fit"):
        unit_coding(y[:, :50], {"a": x})
    with pytest.raises(Mistake, match="repeats the others"):
        unit_coding(y, {"a": x, "b": 2 * x})
    with pytest.raises(Mistake, match="too few"):
        unit_coding(y[:, :15], {"a": x[:15]})
    with pytest.raises(Mistake, match="two kinds of action"):
        task_regressors(np.arange(5), np.ones(5))
    silent = unit_coding(y, {"a": x})
    assert (silent.t == 0).all() and (silent.explained == 0).all()


def test_p_counts_the_turns_that_are_as_large() -> None:
    """One session of 45 trials: its behaviour turned by 10 to 34, and t of each by least squares."""
    from scipy.stats import linregress

    generator = np.random.default_rng(6)
    y, x = generator.standard_normal((2, 45)), generator.standard_normal(45)
    found = unit_coding(y, {"a": x}, draws=500)
    for unit, own in enumerate(y):
        turned = [linregress(np.roll(x, by), own) for by in range(10, 35)]
        t = np.abs([one.slope / one.stderr for one in turned])
        assert found.p[unit, 0] == pytest.approx((1 + (t >= abs(found.t[unit, 0])).sum()) / 26)
        own_p = [(t >= one).sum() / 25 for one in t]
        assert set(np.round(found.null_p[:, unit, 0], 9)) == set(np.round(own_p, 9))
    assert found.null_p.shape == (500, 2, 1)  # more draws than turns: some come again
    few = unit_coding(y, {"a": x}, turns=7, draws=7, seed=1)
    assert sorted(np.round(few.null_p[:, 0, 0] * 7)) == [1, 2, 3, 4, 5, 6, 7]
    assert (few.p * 8 % 1 < 1e-9).all()


def test_p_of_a_session_counts_the_behaviour_of_others() -> None:
    generator = np.random.default_rng(7)
    y, x = generator.standard_normal((5, 1, 60)), generator.standard_normal((5, 60))
    found = unit_coding(y, {"a": x}, draws=4)
    for session in range(5):
        t = [abs(unit_coding(y[session], {"a": one}).t[0, 0]) for one in x]
        assert found.p[session, 0] == pytest.approx(sum(one >= t[session] - 1e-12 for one in t) / 5)
        assert sorted(np.round(found.null_p[:, session, 0] * 4)) == [1, 2, 3, 4]
    assert found.share(1.0).tolist() == [1] and found.share(0.1999).tolist() == [0]
    assert found.share(0.2)[0] == (found.p <= 0.2).mean() and found.null_share(0.25).tolist() == [0.25]


def test_units_seen_in_different_trials_are_each_alone() -> None:
    generator = np.random.default_rng(8)
    y, x = generator.standard_normal((4, 60)), generator.standard_normal(60)
    y[1, :10], y[2, 20:], y[3, :10], x[5] = np.nan, np.nan, np.nan, np.nan
    found = unit_coding(y, {"a": x}, draws=20)
    for unit in (0, 1, 3):
        kept = np.isfinite(y[unit]) & np.isfinite(x)
        alone = unit_coding(y[unit : unit + 1, kept], {"a": x[kept]}, draws=20)
        np.testing.assert_allclose(found.t[unit], alone.t[0])
        np.testing.assert_allclose(found.p[unit], alone.p[0])
        np.testing.assert_allclose(found.explained[unit], alone.explained[0])
    # unit 2 has 19 trials, of which a regression on one regressor needs 22
    assert np.isnan(found.p[2]).all() and np.isnan(found.explained[2]) and np.isnan(found.null_p[:, 2]).all()
    enough = unit_coding(y[:2, 8:32], {"a": x[8:32]}, draws=3)
    assert np.isfinite(enough.p[1]) and unit_coding(y[:1, 6:28], {"a": x[6:28]}).p.shape == (1, 1)
    with pytest.raises(Mistake, match="21 trials are too few to regress units on 1 regressors"):
        unit_coding(y[:1, 6:27], {"a": x[6:27]})
    with pytest.raises(Mistake, match="no unit was observed in the 22 trials"):
        unit_coding(y[1:3, :21], {"a": x[:21]})


def test_regressors_are_those_of_the_trial_before() -> None:
    found = task_regressors([[3, 5, np.nan, 3]], [[1.0, 0.0, 4.0, 3.0]], [[9.0, 8, 7, 6]])
    nan = np.nan
    np.testing.assert_array_equal(found["last action"], [[nan, -1, 1, nan]])
    np.testing.assert_array_equal(found["last reward"], [[nan, -1, -2, 2]])
    np.testing.assert_array_equal(found["action x reward"], [[nan, 1, -2, nan]])
    np.testing.assert_array_equal(found["value"], [[9, 8, 7, 6]])
    assert list(task_regressors([0, 1], [0, 1])) == list(REGRESSORS[:3])
