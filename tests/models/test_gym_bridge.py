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
        bridge.world,
        ["reward", "obs2", "acting"],
        record=True,
        clock=bridge.circuit.clock(bridge.circuit.tick),
        when="end",
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


class Numbers(gymnasium.Env):
    """Two actions that are called 3 and 4; an episode is cut off after 25 steps."""

    observation_space = gymnasium.spaces.Box(0.0, 1.0, (1,))
    action_space = gymnasium.spaces.Discrete(2, start=3)

    def __init__(self, observation: float = 0.5, pay: float = 1.0) -> None:
        self.taken: list[int] = []
        self.observation, self.pay = observation, pay

    def reset(self, *, seed=None, options=None):
        return np.array([0.5]), {}

    def step(self, action):
        self.taken.append(action)
        over = len(self.taken) % 25 == 0
        return np.array([self.observation]), self.pay, False, over, {}


def lived(seed: int, disturb: bool = False, **settings: float) -> GymBridge:
    b2.start_scope()
    bridge = GymBridge(lambda: Numbers(**settings), axes_of(Numbers(), 3), Pools(2, 5), critics=5, seed=seed)
    if disturb:
        np.random.seed(99)
    bridge.live(episodes=2, seconds=10)
    return bridge


@pytest.mark.whole
def test_actions_bear_the_environments_numbers_and_a_seed_fixes_them():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    first, again, other = lived(5), lived(5, disturb=True), lived(6)
    assert set(first.envs[0].taken) == {3, 4}
    assert first.envs[0].taken == again.envs[0].taken != other.envs[0].taken
    assert all(episode.truncated and episode.steps == 25 for episode in first.episodes)
    np.random.seed(1)
    lived(5)
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"observation": np.nan}, "was observed as .nan."), ({"pay": np.inf}, "paid inf, must be a finite")],
)
def test_numbers_that_are_not_finite_are_refused(settings, words):
    with pytest.raises(Mistake, match=words):
        lived(5, **settings)
