"""Players of Bernoulli bandits have the regret that TASKS says that they have (20,000 tasks there)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import bernoulli, dynamic_programming, gittins
from hedon.analysis.statistics.intervals import mean_and_error

TASKS, TRIALS = 1500, 100
FAMILIES: tuple[tuple[Any, int], ...] = (
    ("independent", 2),
    ("independent", 3),
    ("independent", 5),
    ("mirrored", 2),
    ((0.1, 0.9), 2),
    ((0.25, 0.75), 2),
    ((0.4, 0.6), 2),
)
Q_RATES = (0.1, 0.1, 0.2, 0.1, 0.2, 0.1, 0.05)
"""The best of .05, .1, .2 and .3 for each family (TASKS does not state them), at the temperature .03."""
BETA = 100 / 3
PLAYERS: dict[str, tuple[Callable, tuple[float, ...]]] = {
    "random": (bernoulli.random, (16.64, 24.90, 33.21, 25.13, 40.03, 25.02, 10.01)),
    "ucb1": (bernoulli.ucb1, (5.58, 10.27, 17.32, 6.00, 6.30, 7.05, 6.00)),
    "thompson": (bernoulli.thompson, (2.80, 5.00, 8.30, 2.80, 2.13, 3.02, 4.09)),
    "greedy": (bernoulli.greedy, (2.69, 4.74, 7.64, 2.16, 0.65, 1.86, 4.76)),
    "discounted": (bernoulli.gittins_discounted, (1.77, 3.04, 4.76, 1.55, 0.80, 1.39, 2.95)),
    "finite": (bernoulli.gittins_finite, (1.76, 3.03, 4.70, 1.53, 0.76, 1.30, 2.99)),
}
MIRRORED = (1.20, 0.63, 0.99, 2.29)


def episodes(column: int) -> tuple[np.ndarray, np.ndarray]:
    family, arms = FAMILIES[column]
    chances = bernoulli.draw_chances(family, TASKS, 10 + column, arms)
    return chances, bernoulli.draw_pay(chances, TRIALS, 20 + column)


def z(samples: np.ndarray, expected: float, tasks: float = np.inf, rounding: float = 0.005) -> float:
    """Difference in standard errors of both estimates, that of ``tasks`` tasks and one's own."""
    mean, error = mean_and_error(samples)
    both = np.hypot(error, error * (len(samples) / tasks) ** 0.5)
    return float(max(abs(mean - expected) - rounding, 0) / both)


@pytest.mark.parametrize("name", PLAYERS)
def test_the_table(name: str) -> None:
    choose, row = PLAYERS[name]
    for column, expected in enumerate(row):
        chances, pay = episodes(column)
        total = bernoulli.regret(chances, choose(pay, 30 + column)).sum(axis=1)
        assert z(total, expected, 20_000) < 5, (name, FAMILIES[column])


def test_the_tuned_q_learner() -> None:
    row = (2.41, 3.97, 5.86, 1.76, 0.78, 1.56, 3.28)
    for column, (alpha, expected) in enumerate(zip(Q_RATES, row, strict=True)):
        chances, pay = episodes(column)
        total = bernoulli.regret(chances, bernoulli.q_softmax(pay, alpha, BETA, 30 + column)).sum(axis=1)
        assert z(total, expected, 20_000) < 5, FAMILIES[column]


@pytest.mark.parametrize("column", [4, 5, 6])
def test_tuning_finds_the_rate_of_the_family(column: int) -> None:
    chances, pay = episodes(column)
    alpha, beta, least = bernoulli.tuned_q(chances, pay, (0.05, 0.1, 0.2, 0.3), (10.0, BETA))
    assert (alpha, beta) == (Q_RATES[column], BETA)
    again = bernoulli.regret(chances, bernoulli.q_softmax(pay, alpha, beta)).sum(axis=1).mean()
    assert again == pytest.approx(least, abs=1e-12)


def test_who_knows_that_the_arms_mirror_each_other() -> None:
    for column, expected in zip((3, 4, 5, 6), MIRRORED, strict=True):
        chances, pay = episodes(column)
        total = bernoulli.regret(chances, bernoulli.bayes_mirrored(pay, 1)).sum(axis=1)
        assert z(total, expected, 20_000) < 5
        if column == 3:
            assert z(total, dynamic_programming.mirrored_regret(TRIALS).sum(), rounding=0) < 5


@pytest.mark.parametrize(("high", "expected"), [(0.9, 0.63), (0.75, 0.99), (0.6, 2.29)])
def test_fixed_mirrored_arms_in_closed_form(high: float, expected: float) -> None:
    """What speaks for the good arm is Binomial(n, high), whatever is chosen; ties by lot."""
    wrong = 0.0
    weights = np.array([1.0])
    for seen in range(TRIALS):
        count = np.arange(seen + 1)
        wrong += weights[2 * count < seen].sum() + 0.5 * weights[2 * count == seen].sum()
        weights = np.append((1 - high) * weights, 0) + np.append(0, high * weights)
    exact = (2 * high - 1) * wrong
    column = {0.9: 4, 0.75: 5, 0.6: 6}[high]
    chances, pay = episodes(column)
    total = bernoulli.regret(chances, bernoulli.bayes_mirrored(pay, 2)).sum(axis=1)
    assert z(total, exact, rounding=0) < 5
    assert z(total, expected, 20_000) < 5


@pytest.mark.parametrize(("trials", "expected"), [(10, 0.645), (20, 0.902), (50, 1.337), (100, 1.748)])
def test_exact_regret_of_the_optimal_player(trials: int, expected: float) -> None:
    assert dynamic_programming.independent(trials).regret == pytest.approx(expected, abs=5.1e-4)


def test_two_trials_by_hand() -> None:
    """Any arm first; after a reward the same (2/3), after none the other (1/2): 4/3 - (1/2 + 1/3 + 1/4)."""
    assert dynamic_programming.independent(2).regret == pytest.approx(4 / 3 - 13 / 12, abs=1e-12)


def test_the_optimal_player_earns_what_was_computed() -> None:
    solution = dynamic_programming.independent(TRIALS)
    chances, pay = episodes(0)
    best = bernoulli.regret(chances, bernoulli.optimal(pay, solution, 3)).sum(axis=1)
    assert z(best, solution.regret, rounding=0) < 5
    for choose, _ in PLAYERS.values():
        more, error = mean_and_error(bernoulli.regret(chances, choose(pay, 30)).sum(axis=1) - best)
        assert more > -5 * error


def test_random_play_in_closed_form() -> None:
    """E max - E mean: n/(n+1) - 1/2 for n uniform arms, 1/4 for p and 1 - p, half the gap for fixed ones."""
    exact = (2 / 3 - 0.5, 3 / 4 - 0.5, 5 / 6 - 0.5, 0.25, 0.4, 0.25, 0.1)
    for column, each in enumerate(exact):
        chances, pay = episodes(column)
        assert z(bernoulli.regret(chances, bernoulli.random(pay, 4)).sum(axis=1), 100 * each, rounding=0) < 5


def test_looking_is_worth_nothing_where_arms_mirror_each_other() -> None:
    optimal, myopic = dynamic_programming.mirrored(40)
    assert optimal == pytest.approx(myopic, abs=1e-10)
    assert optimal == pytest.approx(dynamic_programming.mirrored_regret(40).sum(), abs=1e-10)


def test_indices() -> None:
    assert gittins.discounted(10, 0.9)[0, 0] == pytest.approx(0.7029, abs=1e-4)
    index = gittins.finite(TRIALS)
    assert index[1, 3, 5] == pytest.approx(4 / 10, abs=1e-9)  # one trial left: the mean
    assert index[2, 0, 0] == pytest.approx(5 / 9, abs=1e-4)  # stop unless it paid: (1/2 + 1/3)/(3/2)
    mean = (np.indices((50, 50))[0] + 1) / (np.indices((50, 50)).sum(axis=0) + 2)
    assert (index[50, :50, :50] >= mean - 1e-9)[np.isfinite(index[50, :50, :50])].all()
    longer = index[50, :40, :40] - index[20, :40, :40]
    assert np.nanmin(longer) > -1e-6  # more time left, more to be learned


def test_a_grid_twice_as_fine_gives_the_same_index(monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = gittins.discounted(30, 0.99)
    monkeypatch.setattr(gittins, "LEVELS", 2 * gittins.LEVELS)
    fine = gittins.discounted.__wrapped__(30, 0.99)
    gap = np.abs(coarse - fine)
    assert np.nanmax(gap) < 1e-3 and np.nanmedian(gap) < 2e-4


def test_the_order_of_given_arms_is_drawn() -> None:
    chances = bernoulli.draw_chances((0.1, 0.9), 2000, 0)
    assert abs((chances[:, 0] == 0.9).mean() - 0.5) < 5 * 0.5 / 2000**0.5


def test_arms_that_always_or_never_pay_are_arms() -> None:
    assert set(bernoulli.draw_chances((0.0, 1.0), 10, 0).ravel().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(
    "make",
    [
        lambda: bernoulli.draw_chances((0.1, 1.9), 10, 0),
        lambda: bernoulli.draw_chances((0.1,), 10, 0),
        lambda: bernoulli.bayes_mirrored(np.zeros((2, 5, 3), np.int8)),
        lambda: bernoulli.optimal(np.zeros((2, 5, 2), np.int8), dynamic_programming.independent(4)),
        lambda: dynamic_programming.independent(0),
        lambda: dynamic_programming.independent(500),
        lambda: gittins.discounted(10, 1.0),
        lambda: gittins.finite(0),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()


def test_a_policy_is_evaluated_exactly() -> None:
    """Any arm by lot loses T (2/3 - 1/2); who follows the solution's gains loses what it does."""
    solution = dynamic_programming.independent(30)
    by_lot = dynamic_programming.of_policy(30, lambda trial, *counts: np.full((1, 1, 1), 0.5))
    assert by_lot.regret == pytest.approx(30 * (2 / 3 - 1 / 2), abs=1e-12)
    best = dynamic_programming.of_policy(
        30, lambda trial, wins, losses, others, failures: solution.gains[trial] > 0
    )
    assert best.regret == pytest.approx(solution.regret, abs=1e-5)


def test_regret_by_the_values_of_another_player() -> None:
    """Without bias for any player, exact for the player whose values they are, sharp for one that is near."""
    solution, policy = dynamic_programming.independent(TRIALS), bernoulli.gittins_policy(TRIALS)
    values = dynamic_programming.of_policy(TRIALS, policy)
    assert solution.regret + 0.005 < values.regret < solution.regret + 0.02
    chances = bernoulli.draw_chances("independent", 2000, 4)
    pay = bernoulli.draw_pay(chances, TRIALS, 5)
    own = bernoulli.regret_by(values, policy, pay, bernoulli.gittins_finite(pay, 1))
    assert abs(own.mean() - values.regret) < 1e-3
    best = bernoulli.regret_by(values, policy, pay, bernoulli.optimal(pay, solution, 2))
    assert best.std() / 2000**0.5 < 2e-3
    assert abs(best.mean() - solution.regret) < 5 * best.std() / 2000**0.5
    greedy = bernoulli.greedy(pay, 3)
    plain = bernoulli.regret(chances, greedy).sum(axis=1)
    difference = plain - bernoulli.regret_by(values, policy, pay, greedy)
    assert abs(difference.mean()) < 5 * difference.std() / 2000**0.5
