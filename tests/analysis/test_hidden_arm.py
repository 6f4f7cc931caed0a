"""The world that subjects met: what comes back of worlds that are known, and each round's likelihood."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.behaviour.hidden_arm import HiddenArm
from hedon.analysis.behaviour.sessions import Sessions
from hedon.plasticity.inference.coefficients import POINTS
from hedon.plasticity.inference.simulate import World, play


def met(world: World, seed: int = 0, missed: float = 0.1) -> Choices:
    """What learners chose and got there, some trials missed."""
    chart = POINTS["Q"]
    x = np.tile([0.0, np.log(4.0), *[0.0] * (world.arms - 1), 0.5], (20, 1))
    choices = play(chart, x, world, seed)
    action, reward = choices.action.copy(), choices.reward.copy()
    gone = np.random.default_rng(seed).random(action.shape) < missed
    action[gone], reward[gone] = NONE, 0.0
    return Choices(choices.subjects, action, reward, choices.begins, world.arms)


@pytest.mark.parametrize(
    "world",
    [
        World(2, 0.9, 0.1, 0.02, 150, 3),
        World(3, 0.8, 0.2, 0.05, 150, 3),
        World(2, 0.5, 0.1, 0.03, 200, 3),
        World(2, 1.0, 0.0, 0.1, 100, 2),
    ],
)
def test_a_known_world_comes_back(world: World) -> None:
    """20 learners: 6,000 trials and more; a tenth of the odds is three of their errors at most."""
    found = HiddenArm.of(met(world))
    assert found.high == pytest.approx(world.high, abs=0.05) and found.low == pytest.approx(
        world.low, abs=0.05
    )
    assert found.hazard == pytest.approx(world.hazard, rel=0.3)


def test_blocks_of_fixed_length_are_the_nearest_chain() -> None:
    """Even intervals look shorter to a chain, which expects long ones among them: by a half at most."""
    found = HiddenArm.of(met(World(2, 0.8, 0.2, 0.0, 200, 2, every=20), missed=0.0))
    assert 1 / 20 <= found.hazard < 1.5 / 20 and found.high == pytest.approx(0.8, abs=0.05)


def test_a_round_never_lowers_the_likelihood() -> None:
    """Summed over all ways that the good arm can go, in three short sessions."""
    choices = met(World(3, 0.7, 0.2, 0.2, 6), missed=0.2).take(np.arange(3))
    now, before = HiddenArm(0.6, 0.4, 0.3), -np.inf
    for _ in range(5):
        value = _log_likelihood(now, choices)
        assert value >= before - 1e-12
        before, now = value, now._better(Sessions.of(choices))


def _log_likelihood(world: HiddenArm, choices: Choices) -> float:
    total = 0.0
    for action, reward in zip(choices.action, choices.reward, strict=True):
        last = int(np.flatnonzero(action != NONE)[-1])
        ways = np.array(np.meshgrid(*[range(3)] * (last + 1), indexing="ij")).reshape(last + 1, -1).T
        p = np.full(len(ways), 1 / 3)
        for trial in range(last + 1):
            if trial:
                same = ways[:, trial] == ways[:, trial - 1]
                p *= np.where(same, 1 - world.hazard, world.hazard / 2)
            if action[trial] != NONE:
                pay = np.where(ways[:, trial] == action[trial], world.high, world.low)
                p *= pay if reward[trial] else 1 - pay
        total += np.log(p.sum())
    return total


@pytest.mark.parametrize("arms", [2, 3])
def test_a_round_is_that_of_all_ways_weighed(arms: int) -> None:
    """Expected rewards and moves over every way the good arm can go, each with its posterior probability."""
    generator = np.random.default_rng(2)
    action = generator.integers(0, arms, (3, 6))
    action[0, 2], action[1, 5], action[2, 4:] = NONE, NONE, NONE
    reward = np.where(action == NONE, 0.0, generator.integers(0, 2, action.shape))
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = begins[1, 2] = True
    choices = Choices(("a", "b", "c"), action, reward, begins, arms)
    now = HiddenArm(0.7, 0.4, 0.15)
    good_paid = good_all = bad_paid = bad_all = moves = steps = 0.0
    for row, start, end in ((0, 0, 6), (1, 0, 2), (1, 2, 5), (2, 0, 4)):
        a, r = action[row, start:end], reward[row, start:end]
        ways = np.array(list(itertools.product(range(arms), repeat=end - start)))
        p = np.ones(len(ways))
        for trial in range(end - start):
            if trial:
                same = ways[:, trial] == ways[:, trial - 1]
                p *= np.where(same, 1 - now.hazard, now.hazard / (arms - 1))
            if a[trial] != NONE:
                pay = np.where(ways[:, trial] == a[trial], now.high, now.low)
                p *= pay if r[trial] else 1 - pay
        p /= p.sum()
        moves += p @ (np.diff(ways, axis=1) != 0).sum(axis=1)
        steps += end - start - 1
        for trial in np.flatnonzero(a != NONE):
            mine = p @ (ways[:, trial] == a[trial])
            good_paid, good_all = good_paid + mine * r[trial], good_all + mine
            bad_paid, bad_all = bad_paid + (1 - mine) * r[trial], bad_all + 1 - mine
    found = now._better(Sessions.of(choices))
    high, low = sorted((good_paid / good_all, bad_paid / bad_all), reverse=True)
    np.testing.assert_allclose(found.numbers, [high, low, moves / steps], rtol=1e-9)


def test_probabilities_stay_off_their_edges() -> None:
    sure = Choices(("a",), np.zeros((1, 30), int), np.ones((1, 30)), np.eye(1, 30) > 0, 2)
    found = HiddenArm.of(sure)
    assert found.high == 0.99 and 0.001 <= found.hazard <= 0.5
    one = Choices(("a",), np.zeros((1, 1), int), np.zeros((1, 1)), np.ones((1, 1), bool), 2)
    assert HiddenArm.of(one).hazard == 0.001 and HiddenArm.of(one).low == 0.01
    assert HiddenArm().numbers == (0.8, 0.2, 0.05)
