"""The Bayesian observer: its likelihood in plain Python, its derivatives, and how wide its weak prior is."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour import bayes_observer
from hedon.analysis.behaviour.bayes_observer import BayesObserver, observed
from hedon.analysis.behaviour.choices import NONE, Choices


def played(subjects: int, trials: int, arms: int) -> Choices:
    """Choices at random in two sessions, a seventh missed."""
    generator = np.random.default_rng(0)
    action = generator.integers(0, arms, (subjects, trials))
    action[generator.random(action.shape) < 1 / 7] = NONE
    reward = np.where(action == NONE, 0.0, generator.random(action.shape) < 0.5)
    begins = np.zeros(action.shape, bool)
    begins[:, [0, trials // 3]] = True
    return Choices(tuple(map(str, range(subjects))), action, reward, begins, arms)


def drawn(rows: int, arms: int, spread: float = 0.7) -> np.ndarray:
    generator = np.random.default_rng(1)
    return np.array([p.mean + spread * p.sd * generator.standard_normal(rows) for p in observed(arms)]).T


def by_hand(choices: Choices, row: int, t: dict[str, float], counted: np.ndarray) -> float:
    """log L of one subject by Bayes' rule, arm by arm and trial by trial."""
    arms, total = choices.options, 0.0
    belief, last, level = [0.0] * arms, [0.0] * arms, [0.0] * arms
    trials = zip(choices.action[row], choices.reward[row], choices.begins[row], counted, strict=True)
    for action, reward, begins, counts in trials:
        if begins:
            belief, last, level = [1 / arms] * arms, [0.0] * arms, [0.0] * arms
        if action == NONE:
            continue
        weight = [
            np.exp(
                t["beta"] * belief[a] + t.get(f"bias{a}", 0) + t["repeat"] * last[a] + t["habit"] * level[a]
            )
            for a in range(arms)
        ]
        p = (1 - t["lapse"]) * weight[action] / sum(weight) + t["lapse"] / arms
        total += counts * np.log(p)
        for a in range(arms):
            pays = t["high"] if a == action else 1 - t["high"]  # P(reward of the chosen | a is good)
            belief[a] *= pays if reward else 1 - pays
        whole = sum(belief)
        belief = [b / whole for b in belief]
        belief = [(1 - t["hazard"]) * b + t["hazard"] * (1 - b) / (arms - 1) for b in belief]
        last = [float(a == action) for a in range(arms)]
        level = [h + t["habit_rate"] * (c - h) for h, c in zip(level, last, strict=True)]
    return total


@pytest.mark.parametrize("arms", [2, 4])
def test_likelihood_is_that_of_plain_python(arms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    choices, x = played(3, 40, arms), drawn(3, arms)
    counted = np.random.default_rng(2).random(choices.action.shape) < 0.6
    for told in (None, counted):
        weight = np.ones(choices.action.shape) if told is None else counted
        values = [{p.name: float(p.value(v)) for p, v in zip(observed(arms), own, strict=True)} for own in x]
        exact = [by_hand(choices, row, values[row], weight[row]) for row in range(3)]
        observer = BayesObserver(choices)
        np.testing.assert_allclose(observer.value(x, np.arange(3), told), exact, rtol=1e-12)
        monkeypatch.setattr(bayes_observer, "SIDE_BY_SIDE", 4)  # of the six sessions
        np.testing.assert_allclose(observer.value(x[[2, 0]], np.array([2, 0]), told), [exact[2], exact[0]])


def test_slope_is_that_of_central_differences() -> None:
    choices, x, who = played(3, 40, 3), drawn(3, 3), np.arange(3)
    counted = np.random.default_rng(2).random(choices.action.shape) < 0.6
    observer = BayesObserver(choices)
    value, slope, _ = observer.evaluate(x, who, counted)
    np.testing.assert_allclose(value, observer.value(x, who, counted), rtol=1e-12)
    for place, step in enumerate(1e-6 * np.eye(x.shape[1])):
        central = (observer.value(x + step, who, counted) - observer.value(x - step, who, counted)) / 2e-6
        np.testing.assert_allclose(slope[:, place], central, rtol=1e-6, atol=1e-6)


def test_information_is_the_mean_square_of_the_slope() -> None:
    """Over what may be chosen in the one trial that counts, with its probabilities."""
    choices, x, who = played(1, 30, 3), drawn(1, 3), np.array([0])
    counted = np.zeros(choices.action.shape, bool)
    counted[0, 25] = True
    size, square = x.shape[1], 0.0
    for arm in range(3):
        choices.action[0, 25] = arm
        value, slope, information = BayesObserver(choices).evaluate(x, who, counted)
        square = square + np.exp(value[0]) * np.outer(slope[0], slope[0])
    np.testing.assert_allclose(information[0], np.broadcast_to(square, (size, size)), rtol=1e-10, atol=1e-15)


def test_weak_prior_holds_what_people_are_like() -> None:
    """Lowest and highest of nine tenths, on the coefficients' own scales, to two digits."""
    nine_tenths = {
        "hazard": (0.011, 0.37),
        "high": (0.47, 0.93),
        "beta": (0.58, 16.0),
        "bias1": (-1.6, 1.6),
        "bias2": (-1.6, 1.6),
        "repeat": (-1.6, 1.6),
        "habit": (-1.6, 1.6),
        "habit_rate": (0.041, 0.54),
        "lapse": (0.0042, 0.18),
    }
    assert [p.name for p in observed(3)] == list(nine_tenths)
    for p in observed(3):
        ends = [float(p.value(np.array(p.mean + side * 1.645 * p.sd))) for side in (-1, 1)]
        np.testing.assert_allclose(ends, nine_tenths[p.name], rtol=0.05, err_msg=p.name)
        assert p.sd < p.reach <= 6 and (p.name != "beta" or p.reach == 4)
