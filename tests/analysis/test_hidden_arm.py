"""The world that subjects met: what comes back of worlds that are known, and each round's likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.behaviour.hidden_arm import HiddenArm
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
    from hedon.analysis.behaviour.sessions import Sessions

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
