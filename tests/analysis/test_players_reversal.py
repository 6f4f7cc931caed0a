"""Players of the reversal bandit earn what TASKS says that they earn (10,000 episodes there)."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import reversal
from hedon.analysis.statistics.intervals import mean_and_error

EPISODES = 4000
TABLE = {  # hazard: Bayes knows, Bayes infers, best constant rate (both arms), its rate, win-stay lose-shift
    0.0: (0.7959, 0.7914, 0.7952, 0.06, 0.6791),
    0.02: (0.7430, 0.7406, 0.7406, 0.18, 0.6718),
    0.05: (0.7019, 0.6989, 0.6998, 0.28, 0.6611),
    0.1: (0.6580, 0.6536, 0.6572, 0.34, 0.6433),
}
HAZARDS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1)


def agrees(rewards: np.ndarray, expected: float) -> bool:
    """Within five standard errors of both estimates; the table's has 10,000 episodes."""
    mean, error = mean_and_error(rewards)
    both = np.hypot(error, error * (len(rewards) / 10_000) ** 0.5)
    return bool(abs(mean - expected) < 5 * both + 5e-5)


@pytest.mark.parametrize("hazard", TABLE)
def test_the_table_of_hazards(hazard: float) -> None:
    pay = reversal.episodes(np.full(EPISODES, hazard), 0.8, 0.2, 200, seed=int(1e3 * hazard) + 1)
    knows, infers, constant, alpha, shift = TABLE[hazard]
    assert agrees(reversal.bayes_known(pay, hazard, 0.8, 0.2), knows)
    assert agrees(reversal.bayes_inferred(pay, HAZARDS, 0.8, 0.2), infers)
    assert agrees(reversal.constant_rate(pay, alpha), constant)
    assert agrees(reversal.win_stay_lose_shift(pay), shift)


CHOSEN = {0.0: (0.7943, 0.06), 0.005: (0.7730, 0.14), 0.02: (0.7396, 0.18), 0.1: (0.6549, 0.42)}
"""hazard: best learner of constant rate that learns of the chosen arm only, and its rate, found by a grid."""
FORGETTING, BETA = 0.1, 50.0
"""TASKS does not say how that learner forgets and chooses; these fit the whole row."""


@pytest.mark.parametrize("hazard", CHOSEN)
def test_the_row_of_who_learns_of_the_chosen_arm_only(hazard: float) -> None:
    pay = reversal.episodes(np.full(EPISODES, hazard), 0.8, 0.2, 200, seed=int(1e3 * hazard) + 11)
    reward, alpha = CHOSEN[hazard]
    forgets = reversal.constant_rate(pay, alpha, updates="chosen", forgetting=FORGETTING, beta=BETA)
    assert agrees(forgets, reward)


def test_who_never_forgets_does_not_come_back() -> None:
    """Without forgetting no rate and no temperature gets near the row at hazard .1."""
    pay = reversal.episodes(np.full(1000, 0.1), 0.8, 0.2, 200, seed=4)
    for beta in (3.0, 8.0, 20.0, np.inf):
        _, best = reversal.best_constant_rate(pay, (0.2, 0.5, 0.8), updates="chosen", beta=beta)
        assert best < 0.64 < CHOSEN[0.1][0]


def test_to_forget_at_the_learning_rate_is_to_update_both() -> None:
    pay = reversal.episodes(np.full(300, 0.05), 0.8, 0.2, 100, seed=6)
    both = reversal.constant_rate(pay, 0.2)
    chosen = reversal.constant_rate(pay, 0.2, updates="chosen", forgetting=0.2)
    mean, error = mean_and_error(both - chosen)  # ties by lot make the only difference
    assert abs(mean) < 5 * error or mean == 0


@pytest.mark.parametrize(
    ("hazards", "odds", "trials", "row"),
    [
        ((0.0, 0.2), (0.8, 0.2), 200, (0.7032, 0.7010, 0.6840)),
        ((0.0, 0.25), (0.9, 0.1), 400, (0.7810, 0.7803, 0.7582)),
        ((0.0, 0.02, 0.1), (0.8, 0.2), 200, (0.7319, 0.7287, 0.7222)),
    ],
)
def test_the_table_of_mixtures(hazards, odds, trials, row) -> None:
    hazard = np.resize(hazards, EPISODES)
    pay = reversal.episodes(hazard, *odds, trials, seed=5)
    assert agrees(reversal.bayes_known(pay, hazard, *odds), row[0])
    assert agrees(reversal.bayes_inferred(pay, hazards, *odds), row[1])
    alpha, _ = reversal.best_constant_rate(pay[:1500], np.arange(0.1, 0.35, 0.04))
    assert agrees(reversal.constant_rate(pay, alpha), row[2])


def test_order_of_the_players_on_the_same_episodes() -> None:
    hazard = np.resize([0.0, 0.2], EPISODES)
    pay = reversal.episodes(hazard, 0.8, 0.2, 200, seed=8)
    ranked = [
        reversal.bayes_known(pay, hazard, 0.8, 0.2),
        reversal.bayes_inferred(pay, (0.0, 0.2), 0.8, 0.2),
        reversal.constant_rate(pay, 0.2),
        reversal.win_stay_lose_shift(pay),
    ]
    for better, worse in zip(ranked, ranked[1:], strict=False):
        mean, error = mean_and_error(better - worse)
        assert mean > 5 * error


def test_the_reversal_of_the_arms_changes_nothing() -> None:
    pay = reversal.episodes(np.full(300, 0.05), 0.8, 0.2, 60, seed=2)
    one = reversal.bayes_known(pay, 0.05, 0.8, 0.2).mean()
    other = reversal.bayes_known(pay[:, :, ::-1], 0.05, 0.8, 0.2).mean()
    assert one == pytest.approx(other, abs=0.02)


def test_the_good_arm_moves_with_the_hazard_and_begins_by_lot() -> None:
    still = reversal.episodes(np.zeros(200), 1.0, 0.0, 7, seed=0)
    assert still.shape == (200, 7, 2) and (still == still[:, :1]).all() and (still.sum(axis=2) == 1).all()
    assert 60 < still[:, 0, 0].sum() < 140  # 100 of 200, standard deviation 7
    always = reversal.episodes(1.0, 1.0, 0.0, 7, seed=0)
    assert always.shape == (1, 7, 2) and (always[:, 1:] != always[:, :-1]).all()
    assert reversal.episodes(0.5, 1.0, 1.0, 7, seed=0).all()


def test_bad_hazards() -> None:
    for hazard, high, low in ((-0.1, 0.8, 0.2), (0.1, 1.1, 0.2), (0.1, 0.8, -0.1)):
        with pytest.raises(Mistake):
            reversal.episodes(hazard, high, low, 10, seed=0)
    with pytest.raises(Mistake):
        reversal.episodes([1.5], 0.8, 0.2, 10, seed=0)
