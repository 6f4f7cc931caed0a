"""Simulated people choose as their equations say, and as nobody else would."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.stay import stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import q_learning, two_step
from hedon.analysis.recordings.behaviour import Behaviour

TRUE = {"alpha1": 0.4, "alpha2": 0.6, "lam": 0.7, "beta1": 4.0, "beta2": 3.0, "w": 0.6, "perseveration": 0.5}


def scores(people: Behaviour, p: dict[str, float]) -> np.ndarray:
    """z of the observed choices against the predicted, along each of (4)'s three terms and along (5).

    The sum of (choice - predicted) x regressor has mean 0 and variance sum P (1 - P) x regressor^2 if, and in
    each direction only if, the predicted probabilities are those of who chose. One trial at a time, in plain
    Python, from nothing but the rows.
    """
    top, below = np.zeros(4), np.zeros(4)
    for _, own in people.subjects():
        q1, q2, last = [0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], None
        for a, s, b, r, missed in zip(
            *(own[name].tolist() for name in ("action", "state2", "action2", "reward", "missed")), strict=True
        ):
            if missed:
                continue
            a, s, b = int(a) - 1, int(s) - 1, int(b) - 1
            planned = 0.4 * (max(q2[1]) - max(q2[0]))
            cached = q1[1] - q1[0]
            again = 0.0 if last is None else 2.0 * last - 1.0
            logit = p["beta1"] * (p["w"] * planned + (1 - p["w"]) * cached) + p["perseveration"] * again
            chance = 1 / (1 + np.exp(-logit))
            x = np.array([planned, cached, again, 0.0])
            top += (a - chance) * x
            below += chance * (1 - chance) * x**2
            difference = q2[s][1] - q2[s][0]
            chance = 1 / (1 + np.exp(-p["beta2"] * difference))
            top[3] += (b - chance) * difference
            below[3] += chance * (1 - chance) * difference**2
            error = r - q2[s][b]
            q1[a] += p["alpha1"] * (q2[s][b] - q1[a] + p["lam"] * error)
            q2[s][b] += p["alpha2"] * error
            last = a
    return top / np.sqrt(below)


@pytest.fixture(scope="module")
def people() -> Behaviour:
    return two_step.simulate(60, 400, **TRUE, missed=0.25, seed=1)


def test_choices_are_those_of_the_equations(people: Behaviour) -> None:
    assert np.abs(scores(people, TRUE)).max() < 5


@pytest.mark.parametrize(
    "wrong",
    [{"w": 0.2}, {"w": 1.0}, {"lam": 0.0}, {"alpha1": 0.9}, {"beta2": 4.5}, {"perseveration": 0.0}],
)
def test_other_parameters_do_not_pass(people: Behaviour, wrong: dict[str, float]) -> None:
    assert np.abs(scores(people, TRUE | wrong)).max() > 5


def test_stay_is_that_of_the_planner_or_of_the_cache() -> None:
    common = {"alpha1": 0.5, "beta1": 5.0, "lam": 1.0}
    index = {
        w: stay_probabilities(two_step.simulate(80, 300, **common, w=w, seed=2)).index for w in (0.0, 1.0)
    }
    for values in index.values():
        assert np.isfinite(values).all()
    gap = index[1.0] - index[0.0]
    assert gap.mean() > 5 * gap.std() / len(gap) ** 0.5
    nobody = stay_probabilities(two_step.simulate(80, 300, beta1=0.0, seed=3))
    error = nobody.probability.std(axis=0) / 80**0.5
    assert (np.abs(nobody.mean - 0.5) < 5 * error).all()


def test_a_memory_of_one_trial_repeats_what_paid() -> None:
    """alpha = lambda = 1, w = 0: Q1(a) is the last reward of a, whatever the transition was."""
    steep = two_step.simulate(20, 300, alpha1=1.0, lam=1.0, w=0.0, beta1=1e6, beta2=0.0, seed=4)
    table = stay_probabilities(steep)
    assert (table.probability[:, :2] == 1).all()
    assert (table.mean[2:] < 1).all()


def test_a_missed_trial_changes_nothing() -> None:
    """Over missed trials, who repeats no choice alternates, and who lives by the last rewards still does."""
    restless = two_step.simulate(20, 50, beta1=0.0, perseveration=-1e3, missed=0.4, seed=7)
    for _, own in restless.subjects():
        made = own["action"][own["missed"] == 0]
        assert (made[1:] != made[:-1]).all()
    given = {"alpha1": 1.0, "lam": 1.0, "w": 0.0, "beta1": 1e6, "beta2": 0.0, "missed": 0.4}
    for _, own in two_step.simulate(20, 200, **given, seed=8).subjects():
        paid = [0.5, 0.5]
        for a, r, missed in zip(own["action"], own["reward"], own["missed"], strict=True):
            if not missed:
                assert paid[int(a) - 1] == max(paid)
                paid[int(a) - 1] = r


def test_the_world_is_the_task(people: Behaviour) -> None:
    done = people["missed"] == 0
    common, state, action = (people[name][done] for name in ("common", "state2", "action"))
    np.testing.assert_array_equal(state == action, common == 1)
    assert abs(common.mean() - 0.7) < 5 * (0.21 / done.sum()) ** 0.5
    share = 1 - done.mean()
    assert abs(share - 0.25) < 5 * (0.25 * 0.75 / len(done)) ** 0.5
    assert np.isnan(people["reward"][~done]).all()
    assert 0.25 <= people["reward"][done].mean() <= 0.75


def test_reflection_keeps_the_law_of_the_walk() -> None:
    values = two_step.reflected(np.array([0.2, 0.5, 0.8, 1.9, -0.4]), 0.25, 0.75)
    np.testing.assert_allclose(values, [0.3, 0.5, 0.7, 0.6, 0.6], atol=1e-12)


def test_each_subject_has_its_own_parameters() -> None:
    beta = np.repeat([0.0, 8.0], 30)
    mixed = two_step.simulate(60, 300, beta1=beta, w=1.0, seed=6)
    random, planning = np.split(stay_probabilities(mixed).index, 2)
    assert planning.mean() - random.mean() > 5 * np.hypot(planning.std(), random.std()) / 30**0.5


def test_q_learners_choose_as_their_equation_says() -> None:
    """As `scores`, for the value of the bandit; another rate or temperature does not pass."""
    people = q_learning.simulate(60, 500, alpha=0.3, beta=4.0, perseveration=0.3, seed=1)

    def z(alpha: float, beta: float, perseveration: float) -> np.ndarray:
        top, below = np.zeros(2), np.zeros(2)
        for _, own in people.subjects():
            q, again = [0.5, 0.5], 0.0
            for a, r in zip(own["action"].tolist(), own["reward"].tolist(), strict=True):
                a = int(a) - 1
                x = np.array([q[1] - q[0], again])
                chance = 1 / (1 + np.exp(-(beta * x[0] + perseveration * x[1])))
                top += (a - chance) * x
                below += chance * (1 - chance) * x**2
                q[a] += alpha * (r - q[a])
                again = 2.0 * a - 1
        return top / np.sqrt(below)

    assert np.abs(z(0.3, 4.0, 0.3)).max() < 5
    for wrong in ((0.6, 4.0, 0.3), (0.3, 5.0, 0.3), (0.3, 4.0, 0.0)):
        assert np.abs(z(*wrong)).max() > 5


def test_the_same_seed_is_the_same_person() -> None:
    one, same, other = (two_step.simulate(2, 50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one["reward"], same["reward"])
    assert (one["reward"] != other["reward"]).any()


@pytest.mark.parametrize(
    "given",
    [{"alpha1": 1.5}, {"w": [0.1, 0.2, 0.3]}, {"beta1": -1}, {"lam": float("nan")}, {"common": 2}],
)
def test_refusals(given: dict) -> None:
    with pytest.raises(Mistake):
        two_step.simulate(2, 10, **given)
    with pytest.raises(Mistake):
        two_step.simulate(0, 10)
    with pytest.raises(Mistake):
        q_learning.simulate(2, 10, arms=1)
