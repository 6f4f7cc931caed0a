"""Values and players of small decision problems, against enumeration and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import chains as players
from hedon.analysis.theory.weighed_values import resting_values, true_values, value_error, visits


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Twenty problems of four states and two actions, an episode ends with probability .1 to .3 a step."""
    generator = np.random.default_rng(0)
    chances = generator.dirichlet(np.full(4, 0.5), (20, 4, 2))
    chances *= generator.uniform(0.7, 0.9, (20, 4, 2, 1))
    return chances, np.full((20, 4), 0.25), generator.standard_normal((20, 4, 2))


def test_the_ideal_player_is_the_best_of_all_policies(world) -> None:
    arrivals, begins, pay = world
    gain, action = players.ideal_player(arrivals, begins, pay)
    every = [
        players.reward_of(arrivals, begins, pay, np.broadcast_to(np.eye(2)[list(one)], pay.shape))
        for one in product((0, 1), repeat=4)
    ]
    np.testing.assert_allclose(gain, np.max(every, axis=0), atol=1e-9)
    np.testing.assert_allclose(players.reward_of(arrivals, begins, pay, np.eye(2)[action]), gain, atol=1e-9)
    assert (players.random_player(arrivals, begins, pay) < gain).all()


def test_an_ideal_player_in_a_hurry_says_so(world) -> None:
    with pytest.raises(Mistake, match="after 3 sweeps"):
        players.ideal_player(*world, sweeps=3)


def test_values_and_visits_are_those_of_a_walk(world) -> None:
    """Discounted sums and visits of 4000 simulated episodes of one problem, |z| < 5."""
    arrivals, begins = world[0][0].mean(1), world[1][0]
    pay = world[2][0].mean(1)
    generator = np.random.default_rng(1)
    returns, counts = np.zeros((4, 4000)), np.zeros((4000, 4))
    full = np.column_stack([arrivals, 1 - arrivals.sum(-1)])
    for start in range(4):
        state, factor = np.full(4000, start), np.ones(4000)
        for _ in range(200):
            alive = state < 4
            place = np.minimum(state, 3)
            returns[start] += alive * factor * pay[place]
            counts[np.arange(4000), place] += alive * begins[start]
            factor *= 0.8
            drawn = generator.random((4000, 1)) > np.cumsum(full[place], axis=1)
            state = np.where(alive, drawn.sum(1), 4)
    truth = true_values(arrivals[None], pay[None], 0.8)[0]
    error = returns.std(axis=1, ddof=1) / 4000**0.5
    assert (np.abs(returns.mean(axis=1) - truth) < 5 * error).all()
    share = visits(arrivals[None], begins[None])[0]
    off = counts - share * counts.sum(axis=1, keepdims=True)
    assert (np.abs(off.mean(0)) < 5 * off.std(axis=0, ddof=1) / 4000**0.5).all()


def test_resting_values(world) -> None:
    arrivals, pay = world[0].mean(2), world[2].mean(2)
    truth = true_values(arrivals, pay, 0.9)
    np.testing.assert_allclose(truth, pay + 0.9 * np.einsum("ist,it->is", arrivals, truth), atol=1e-12)
    np.testing.assert_allclose(resting_values(arrivals, pay, 2, 1.35, -1.5), 2 / 1.5 * truth, atol=1e-12)
    with_action = resting_values(arrivals, pay, 1, 0.5, -1, 0.3, np.ones(pay.shape))
    np.testing.assert_allclose(
        0, pay + 0.5 * np.einsum("ist,it->is", arrivals, with_action) - with_action + 0.3, atol=1e-12
    )
    for b, c in ((0.5, 0.1), (0.0, 0.0), (1.2, -1.0), (-1.2, -1.0)):
        with pytest.raises(Mistake):
            resting_values(arrivals, pay, 1, b, c)
    with pytest.raises(Mistake):
        true_values(arrivals, pay, 1.1)


def test_only_the_td_error_is_right(world) -> None:
    arrivals, begins, pay = world[0].mean(2), world[1], world[2].mean(2)
    truth, share = true_values(arrivals, pay, 0.9), visits(arrivals, begins)
    assert value_error(truth, truth, share) == 0
    assert value_error(np.zeros(truth.shape), truth, share) == pytest.approx(1)
    best = value_error(resting_values(arrivals, pay, 1, 0.9, -1), truth, share)
    assert best < 1e-20
    for a, b, d in ((1.1, 0.9, 0), (1, 0.85, 0), (1.5, 0.85, 0), (1, 0.9, 0.1)):
        assert value_error(resting_values(arrivals, pay, a, b, -1, d, 0.5), truth, share) > 1e-3
    assert np.isinf(value_error(np.full(truth.shape, 1e200), truth, share))


def test_a_player_by_lot_lives_in_the_mean_of_its_actions(world) -> None:
    arrivals, begins, pay = world
    mean = [part.mean(axis=2, keepdims=True) for part in (arrivals, pay)]
    alone = players.reward_of(mean[0], begins, mean[1], np.ones((20, 4, 1)))
    np.testing.assert_allclose(players.random_player(arrivals, begins, pay), alone)


def test_reward_in_the_long_run_is_that_of_the_stationary_state(world) -> None:
    """The left eigenvector of the chain that begins anew where an episode ends."""
    arrivals, begins, pay = world
    policy = np.random.default_rng(2).dirichlet(np.ones(2), (20, 4))
    found = players.reward_of(arrivals, begins, pay, policy)
    moves = players.restarting(arrivals, begins)
    np.testing.assert_allclose(moves.sum(axis=-1), 1)
    for chain in range(20):
        each = np.einsum("sk,skt->st", policy[chain], moves[chain])
        value, vector = np.linalg.eig(each.T)
        share = np.real(vector[:, np.argmax(np.real(value))])
        share /= share.sum()
        assert found[chain] == pytest.approx(share @ (policy[chain] * pay[chain]).sum(axis=1))


def test_values_of_a_chain_that_was_counted() -> None:
    """From 0 to 1 always; from 1 to 0, to 1 and to the end, a third each; state 2 was never seen."""
    here, there = [[0, 1, 0, 1, 1]], [[1, 0, 1, 1, 3]]
    reward = [[1.0, 2.0, 3.0, 0.0, 4.0]]
    # V0 = 2 + .9 V1, V1 = 2 + .9 (V0 + V1)/3
    system = np.array([[1, -0.9], [-0.3, 0.7]])
    expected = [*np.linalg.solve(system, [2.0, 2.0]), 0.0]
    found = players.counted_values(here, there, reward, 3, 0.9)
    np.testing.assert_allclose(found, [expected])


def test_states_that_are_never_reached_do_not_count() -> None:
    """A state of great reward from which nobody begins, and to which nobody comes."""
    arrivals = np.zeros((1, 2, 1, 2))
    gain, _ = players.ideal_player(arrivals, [[1.0, 0.0]], [[[2.0], [100.0]]])
    assert gain == pytest.approx([2.0])
