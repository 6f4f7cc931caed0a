"""Gymnasium environments in the loop: what the environment says is what the individual sees and gets."""

from __future__ import annotations

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.actor_critic.gym_bridge import GymBridge, axes_of
from hedon.models.actor_critic.network import Pools, Ring

gymnasium = pytest.importorskip(
    "gymnasium", reason="gymnasium is not installed: pip install 'hedon[control]'"
)

REACH = [(-2.4, 2.4), (-2.0, 2.0), (-0.2, 0.2), (-2.0, 2.0)]


@pytest.fixture(autouse=True)
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    b2.start_scope()
    yield
    b2.prefs.codegen.target = before


def make():
    return gymnasium.make("CartPole-v1")


def test_an_environment_is_lived_in_and_its_rewards_arrive():
    env = make()
    bridge = GymBridge(make, axes_of(env, 3, REACH), Pools(2, 5), critics=5, individuals=2, reward_scale=0.1)
    got = b2.StateMonitor(
        bridge.world, ["reward", "obs2", "acting"], record=True, clock=bridge.circuit.ticks, when="end"
    )
    bridge.network.add(got)
    episodes = bridge.live(episodes=3, seconds=20)
    assert len(episodes) == 3
    # CartPole pays 1 a step: as many steps as reward
    assert all(episode.steps == episode.total > 5 for episode in episodes)
    paid = np.sum(np.asarray(got.reward)) * 0.02 / 0.1
    lived = sum(episode.steps for episode in bridge.episodes) + bridge._steps.sum()
    assert np.isclose(paid, lived)
    assert np.ptp(np.asarray(got.obs2)) > 0.1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda: GymBridge(make, axes_of(make(), 3, REACH), Pools(3)),
            "CartPole-v1 has 2 actions, the actor has 3",
        ),
        (lambda: GymBridge(make, axes_of(make(), 3, REACH), Ring()), "its actor is Pools"),
        (lambda: axes_of(make(), 3), "observation 1 is not bounded|observation 0 is not bounded"),
        (lambda: axes_of(make(), (3, 3), REACH), "has 4 observations"),
        (
            lambda: GymBridge(lambda: gymnasium.make("Pendulum-v1"), ()),
            "the bridge needs a choice of discrete",
        ),
    ],
)
def test_what_does_not_match_is_refused(act, words):
    with pytest.raises(Mistake, match=words):
        act()
