"""Players of the matching task: closed forms, dynamic programming, and Herrnstein's law."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import matching
from hedon.analysis.statistics.intervals import mean_and_error

PAIRS = ((0.25, 0.25), (0.4, 0.1), (0.1, 0.4), (0.45, 0.05))
"""p_0 + p_1 = .5 (TASKS)."""
BURN = 100
"""Trials left out: what was baited before is forgotten."""


def optimal_rate(p: tuple[float, float]) -> float:
    """Best reward per trial of any policy, by value iteration over (trials since each arm was chosen)."""
    most = 80
    n = np.arange(most)
    pay = [1 - (1 - chance) ** (n + 1) for chance in p]
    value = np.zeros((most, most))
    older = np.minimum(n + 1, most - 1)
    gain = 0.0
    for _ in range(3000):
        first = pay[0][:, None] + value[0, older][None, :]
        second = pay[1][None, :] + value[older, 0][:, None]
        new = 0.5 * (np.maximum(first, second) + value)  # half a step: no cycle keeps it from converging
        gain = 2 * float(new[0, 0] - value[0, 0])
        value = new - new[0, 0]
    return gain


@pytest.mark.parametrize("p", PAIRS)
def test_stochastic_play_in_closed_form(p: tuple[float, float]) -> None:
    chances = np.tile(p, (300, 1))
    baits = matching.episodes(chances, 400, seed=1)
    for share in (0.2, 0.5, 0.9):
        choices, rewards = matching.stochastic(baits, share, seed=2)
        each = matching.returns(chances[:1], share)[0]
        mean, error = mean_and_error(rewards[:, BURN:].mean(axis=1))
        assert abs(mean - (share * each[0] + (1 - share) * each[1])) < 5 * error
        for arm in (0, 1):
            taken = choices[:, BURN:] == arm
            ratio = (rewards[:, BURN:] * taken).sum(axis=1) - each[arm] * taken.sum(axis=1)
            mean, error = mean_and_error(ratio)
            assert abs(mean) < 5 * error


def test_the_chance_of_an_arm_left_alone() -> None:
    """Equation (1), by an arm chosen every fifth trial."""
    baits = matching.episodes(np.tile((0.1, 0.1), (4000, 1)), 15, seed=3)
    _, rewards = matching._live(baits, lambda t: np.full(4000, int(t % 5 != 4), np.int8))
    mean, error = mean_and_error(rewards[:, 14])
    assert abs(mean - (1 - 0.9**5)) < 5 * error


@pytest.mark.parametrize("p", PAIRS)
def test_the_ideal_player_is_optimal(p: tuple[float, float]) -> None:
    run, rate = matching.ideal_run(*p)
    assert rate == pytest.approx(optimal_rate(p), abs=1e-6)
    chances = np.tile(p, (400, 1))
    length = (run + 1) * 40
    _, rewards = matching.ideal(matching.episodes(chances, BURN * (run + 1) + length, seed=4), chances)
    mean, error = mean_and_error(rewards[:, -length:].mean(axis=1))
    assert abs(mean - rate) < 5 * error
    shares = np.linspace(0.01, 0.99, 99)
    each = matching.returns(np.tile(p, (99, 1)), shares)
    assert (shares * each[:, 0] + (1 - shares) * each[:, 1]).max() < rate


def test_to_match_is_to_maximise_for_stochastic_play() -> None:
    chances = np.array(PAIRS)
    share = matching.matching_share(chances)
    each = matching.returns(chances, share)
    np.testing.assert_allclose(each[:, 0], each[:, 1], atol=1e-12)
    grid = np.linspace(0.005, 0.995, 199)
    for p, at in zip(chances, share, strict=True):
        both = matching.returns(np.tile(p, (199, 1)), grid)
        reward = grid * both[:, 0] + (1 - grid) * both[:, 1]
        here = matching.returns(p[None], at)[0] @ (at, 1 - at)
        assert reward.max() <= here + 1e-12
        slope = np.gradient(reward, grid)[1:-1] - (both[:, 0] ** 2 - both[:, 1] ** 2)[1:-1]
        assert np.abs(slope).max() < 0.05 * np.abs(np.gradient(reward, grid)).max()  # differences of a grid


def test_local_matching_matches_and_earns_less_than_the_ideal() -> None:
    chances = np.repeat(np.array(PAIRS[:3]), 300, axis=0)
    baits = matching.episodes(chances, 500, seed=6)
    choices, rewards = matching.local(baits, seed=7)
    _, best = matching.ideal(baits, chances)
    late = slice(BURN, None)
    share = (choices[:, late] == 0).mean(axis=1)
    income = (rewards[:, late] * (choices[:, late] == 0)).sum(axis=1) / rewards[:, late].sum(axis=1)
    for pair in range(3):
        own = slice(300 * pair, 300 * (pair + 1))
        # a leaky memory of 20 trials over-matches a little: .006 at 4 : 1
        assert abs(share[own].mean() - income[own].mean()) < 0.02
    gap, error = mean_and_error((best - rewards.astype(int)).mean(axis=1))
    assert gap > 5 * error


def test_refusals() -> None:
    for make in (
        lambda: matching.episodes([0.1, 0.4], 5, 0),
        lambda: matching.episodes([[0.1, 1.4]], 5, 0),
        lambda: matching.local(np.zeros((1, 2, 2), bool), memory=1.0),
    ):
        with pytest.raises(Mistake):
            make()


def test_the_ideal_player_takes_the_poorer_arm_at_the_end_of_each_cycle() -> None:
    chances = np.array([[0.4, 0.1], [0.1, 0.4], [0.25, 0.25]])
    choices, _ = matching.ideal(matching.episodes(chances, 12, seed=0), chances)
    run = matching.ideal_run(0.4, 0.1)[0]
    cycle = ([0] * run + [1]) * 12
    assert choices[0].tolist() == cycle[:12] and choices[1].tolist() == [1 - c for c in cycle[:12]]
    even = matching.ideal_run(0.25, 0.25)[0]
    assert choices[2].tolist() == (([0] * even + [1]) * 12)[:12]


def test_baits_stay_until_they_are_taken() -> None:
    baits = np.zeros((1, 5, 2), bool)
    baits[0, 0] = True, True
    taken = np.array([0, 0, 1, 1, 0])
    choices, rewards = matching._live(baits, lambda trial: taken[trial : trial + 1].astype(np.int8))
    assert choices.tolist() == [taken.tolist()] and rewards.tolist() == [[1, 0, 1, 0, 0]]


def test_local_matching_by_hand() -> None:
    """Income of one each, then a leaky sum of what was paid: the share of income is that of choices."""
    baits = np.zeros((4000, 2, 2), bool)
    baits[:, 0, 0] = True
    choices, rewards = matching.local(baits, memory=4.0, seed=1)
    assert abs((choices[:, 0] == 0).mean() - 0.5) < 5 * 0.5 / 4000**0.5
    for first, income in ((0, (1.0, 0.75)), (1, (0.75, 0.75))):
        here = choices[:, 0] == first
        share = income[0] / sum(income)
        assert abs((choices[here, 1] == 0).mean() - share) < 5 * 0.5 / here.sum() ** 0.5
    assert (rewards[:, 0] == (choices[:, 0] == 0)).all()


def test_chances_at_their_edges() -> None:
    sure = matching.episodes([[0.0, 1.0]], 50, 0)
    assert not sure[0, :, 0].any() and sure[0, :, 1].all()
    np.testing.assert_allclose(matching.matching_share([[0.5, 0.25]]), [0.75])
    choices, _ = matching.stochastic(matching.episodes(np.full((2, 2), 0.5), 4000, 0), [0.0, 0.3], seed=2)
    assert choices[0].all() and abs((choices[1] == 0).mean() - 0.3) < 5 * 0.5 / 4000**0.5
    for wrong in ([[0.1, -0.1]], [[0.1, 0.2, 0.3]]):
        with pytest.raises(Mistake, match="chances must be two for each episode"):
            matching.returns(wrong, 0.5)
    with pytest.raises(Mistake, match="memory is 1 trials, must be above 1"):
        matching.local(sure, memory=1.0)
