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
