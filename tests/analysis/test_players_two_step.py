"""Players of the two-step task earn and stay as TASKS says that they do (10,000 episodes there)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hedon.analysis.behaviour.stay import SIGNS, stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import two_step_swap as swap
from hedon.analysis.statistics.intervals import mean_and_error

EPISODES = 4000
PLAYERS: dict[str, tuple[Callable[[swap.Episodes], swap.Lived], float, tuple[float, ...], float]] = {
    "bayes": (swap.bayes, 0.7055, (1.00, 0.66, 0.66, 1.00), 0.67),
    "model-based": (swap.model_based, 0.695, (1.00, 0.59, 0.69, 0.99), 0.71),
    "model-free, lambda 1": (swap.model_free, 0.656, (1.00, 1.00, 0.75, 0.89), 0.14),
    "model-free, lambda 0": (
        lambda world: swap.model_free(world, lam=0.0, alpha=0.7, beta=20.0),
        0.638,
        (0.97, 0.89, 0.78, 0.84),
        0.15,
    ),
}


@pytest.fixture(scope="module")
def world() -> swap.Episodes:
    return swap.episodes(EPISODES, 100, seed=1)


@pytest.fixture(scope="module")
def lived(world: swap.Episodes) -> dict[str, swap.Lived]:
    return {name: choose(world) for name, (choose, *_) in PLAYERS.items()}


def agrees(samples: np.ndarray, expected: float, rounding: float) -> bool:
    """Within five standard errors of both estimates, beyond what was rounded away."""
    mean, error = mean_and_error(samples)
    both = np.hypot(error, error * (EPISODES / 10_000) ** 0.5)
    return bool(abs(mean - expected) < 5 * both + rounding)


@pytest.mark.parametrize("name", PLAYERS)
def test_reward_and_stay(lived: dict[str, swap.Lived], name: str) -> None:
    _, reward, stay, index = PLAYERS[name]
    rounding = 5e-5 if name == "bayes" else 5e-4
    assert agrees(lived[name].reward.mean(axis=1), reward, rounding)
    table = stay_probabilities(lived[name].behaviour(subjects=40))
    for kind, expected in enumerate(stay):
        mean, error = mean_and_error(table.probability[:, kind])
        assert abs(mean - expected) < 5 * np.hypot(error, error * 0.4**0.5) + 0.0051
    mean, error = mean_and_error(table.index)
    assert abs(mean - index) < 5 * np.hypot(error, error * 0.4**0.5) + 0.0051


def test_random_and_all_knowing_in_closed_form(world: swap.Episodes) -> None:
    nobody, everything = swap.random(world, 3), swap.all_knowing(world)
    assert agrees(nobody.reward.mean(axis=1), 0.5, 0)
    assert agrees(everything.reward.mean(axis=1), 0.8 * 0.9 + 0.2 * 0.1, 0)
    table = stay_probabilities(nobody.behaviour(40))
    for kind in range(4):
        mean, error = mean_and_error(table.probability[:, kind])
        assert abs(mean - 0.5) < 5 * error


def test_the_order_of_the_players(lived: dict[str, swap.Lived]) -> None:
    rewards = [lived[name].reward.mean(axis=1) for name in PLAYERS]
    for better, worse in zip(rewards, rewards[1:], strict=False):
        mean, error = mean_and_error(better - worse)
        assert mean > 5 * error


def test_shuffled_trials_have_no_index() -> None:
    """Each episode a subject: in one that met all kinds, the shuffled index is 0 on average, exactly."""
    few = swap.bayes(swap.episodes(400, 100, seed=4))
    index = stay_probabilities(few.behaviour(400), shuffle=1).index
    mean, error = mean_and_error(index[np.isfinite(index)])
    assert np.isfinite(index).sum() > 300 and abs(mean) < 5 * error


def test_the_columns_are_those_of_a_recording(lived: dict[str, swap.Lived]) -> None:
    one = lived["model-based"]
    rows = one.behaviour(subjects=50)
    per = EPISODES // 50 * 100
    np.testing.assert_array_equal(rows["subject"][::per], [f"s{n:02d}" for n in range(50)])
    np.testing.assert_array_equal(rows["action"], one.action.ravel() + 1)
    np.testing.assert_array_equal(rows["trial"].reshape(EPISODES, 100)[7], np.arange(100))
    np.testing.assert_array_equal(rows["state2"] == rows["action"], rows["common"] == 1)
    by_hand = np.zeros((4, 2))
    kind = 2 * (one.reward[:, :-1] == 0) + ~one.common[:, :-1]
    np.add.at(by_hand, (kind.ravel(), (one.action[:, 1:] == one.action[:, :-1]).ravel().astype(int)), 1)
    pooled = by_hand[:, 1] / by_hand.sum(axis=1)
    table = stay_probabilities(rows)
    assert table.mean == pytest.approx(pooled, abs=0.01)  # pooled, or over subjects of equal length
    assert table.index.mean() == pytest.approx(pooled @ SIGNS, abs=0.02)


def test_refusals(lived: dict[str, swap.Lived]) -> None:
    with pytest.raises(Mistake):
        swap.episodes(10, high=1.2)
    with pytest.raises(Mistake):
        lived["bayes"].behaviour(subjects=7)


def test_models_of_the_task_learn_by_their_equations() -> None:
    """Steep players, trial by trial: the greatest value is chosen, values as (2) and (3) move them."""
    world = swap.episodes(3, 40, seed=7)
    based, free = (
        swap.model_based(world, alpha=0.3, beta=1e9),
        swap.model_free(world, lam=0.6, alpha=0.3, beta=1e9),
    )
    for episode in range(3):
        value, cached = [0.5, 0.5], [0.5, 0.5]
        for name, lived in (("based", based), ("free", free)):
            value, cached = [0.5, 0.5], [0.5, 0.5]
            rows = zip(*(table[episode] for table in (lived.action, lived.state, lived.reward)), strict=True)
            for a, s, r in rows:
                worth = (
                    [0.8 * value[k] + 0.2 * value[1 - k] for k in (0, 1)] if name == "based" else list(cached)
                )
                assert worth[a] >= max(worth) - 1e-6
                cached[a] += 0.3 * (value[s] - cached[a] + 0.6 * (r - value[s]))
                value[s] += 0.3 * (r - value[s])


def test_bayes_by_the_odds_of_a_state() -> None:
    world = swap.episodes(4, 50, seed=8, swap=0.1)
    lived = swap.bayes(world)
    for episode in range(4):
        good = 0.5
        for trial in range(50):
            if trial:
                good += 0.1 * (1 - 2 * good)
            assert lived.action[episode, trial] == (good < 0.5) or abs(good - 0.5) < 1e-8
            odds = (
                good
                / (1 - good)
                * (9.0 if lived.reward[episode, trial] == (lived.state[episode, trial] == 0) else 1 / 9)
            )
            good = odds / (1 + odds)


def test_worlds_at_their_edges() -> None:
    sure = swap.episodes(2, 30, common=1.0, high=1.0, low=0.0, swap=0.0)
    assert sure.is_common.all() and (sure.good == sure.good[:, :1]).all()
    assert (sure.pay[..., 0] == (sure.good == 0)).all()
    moved = swap.episodes(300, 100, seed=3)
    share = (moved.good[:, 1:] != moved.good[:, :-1]).mean()
    assert abs(share - 0.025) < 5 * (0.025 / 29_700) ** 0.5 and 0.3 < moved.good[:, 0].mean() < 0.7
    for wrong in ({"number": 0}, {"trials": 0}, {"swap": -0.1}, {"common": 1.1}, {"low": -0.1}):
        with pytest.raises(Mistake, match="two-step: probabilities must lie"):
            swap.episodes(**({"number": 1} | wrong))  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="2 episodes cannot be shared out evenly to 0 subjects"):
        swap.random(sure).behaviour(0)
    assert len(swap.random(sure).behaviour(2)) == 60
