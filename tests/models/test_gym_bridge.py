"""Gymnasium environments in the loop: what the environment says is what the individual sees and gets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

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


class Counting(Numbers):
    """Observes how often it was stepped, in an episode of three steps; pays what the action is called."""

    ends = (False, True)  # terminated, truncated

    def __init__(self) -> None:
        super().__init__()
        self.seeds: list[int | None] = []
        self.steps = 0

    def reset(self, *, seed=None, options=None):
        self.seeds.append(seed)
        self.steps = 0
        return np.array([0.25 + len(self.seeds)]), {}

    def step(self, action):
        self.steps += 1
        return np.array([self.steps / 8]), float(action), *(self.steps == 3 and end for end in self.ends), {}


class Held:
    """A variable of a world that is not there."""

    def __init__(self, *values: float) -> None:
        self.values = np.array(values)

    def get_value(self) -> np.ndarray:
        return self.values


def by_hand(monkeypatch: pytest.MonkeyPatch, env: type[Counting], **settings: Any) -> tuple[Any, dict]:
    """A bridge of two individuals without neurons; the second action is pulled at most."""
    names = ("acting", "elapsed", "gained", "over", "obs0", "first0", "pull0", "pull1")
    world = {name: Held(0.0, 0.0) for name in names}
    world["acting"].values[:], world["pull1"].values[:] = 1, 0.5

    def build(bridge: GymBridge) -> None:
        bridge.world = SimpleNamespace(variables=world)
        bridge.circuit = SimpleNamespace(pulls=["pull0", "pull1"])
        for individual, one in enumerate(bridge.envs):
            bridge._first(individual, one.reset(seed=bridge.seed + individual)[0])

    monkeypatch.setattr(GymBridge, "_build", build)
    return GymBridge(env, axes_of(env(), 3), individuals=2, seed=7, **settings), world


@pytest.mark.parametrize("ends", [(False, True), (True, False), (True, True)])
def test_steps_of_environments_by_hand(monkeypatch: pytest.MonkeyPatch, ends: tuple[bool, bool]) -> None:
    """Four ticks of which each step takes two; the second individual rests at the third and fourth."""
    bridge, world = by_hand(monkeypatch, type("Env", (Counting,), {"ends": ends}), hold=2, reward_scale=0.1)
    assert [env.seeds for env in bridge.envs] == [[7], [8]]
    np.testing.assert_array_equal(world["first0"].values, 1.25)
    assert (bridge.net.task.title, bridge.net.task.hold, bridge.net.individuals) == ("Env", 2, 2)
    for tick in range(8):
        world["elapsed"].values[:] = tick
        world["acting"].values[1] = float(tick < 2)
        bridge._step()
        paid = tick % 2 == 1 and tick < 6
        expected = [0.4 if tick % 2 else 0, 0.4 if tick == 1 else 0]
        np.testing.assert_allclose(world["gained"].values, expected)
        np.testing.assert_array_equal(world["over"].values, [tick == 5, 0])
        if paid:
            np.testing.assert_allclose(world["obs0"].values, [(tick + 1) / 16, 1 / 8])
    (episode,) = bridge.episodes
    assert (episode.individual, episode.steps, episode.total) == (0, 3, 12)
    assert episode.truncated == (ends == (False, True))
    assert bridge.envs[0].seeds == [7, None] and bridge.envs[1].seeds == [8]
    np.testing.assert_array_equal(world["first0"].values, [2.25, 1.25])
    np.testing.assert_array_equal(bridge._steps, [1, 1])
    np.testing.assert_array_equal(bridge._totals, [4, 4])
    # equal pulls: both actions, by lot
    world["pull0"].values[:] = 0.5
    world["acting"].values[:] = 1
    taken = set()
    for _ in range(40):
        bridge._step()
        taken |= {round(10 * pay) for pay in world["gained"].values}
    assert taken == {3, 4}


def test_a_life_ends_with_its_episodes_or_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An episode ends every 1.5 s; a life is run second by second."""
    bridge, _ = by_hand(monkeypatch, Counting)
    runs: list[float] = []

    def run(duration: Any, namespace: Any) -> None:
        runs.append(float(duration))
        bridge.network.t += float(duration)
        bridge.episodes = [*range(int(bridge.network.t / 1.5 + 1e-9))]

    bridge.network = SimpleNamespace(t=0.0, run=run)
    assert bridge.live(2) == [0, 1] and runs == [1, 1, 1]
    assert bridge.live(1, seconds=10) == [2] and runs == [1] * 5
    assert bridge.live(9, seconds=1.6) == [3] and runs[5:] == pytest.approx([1, 0.6])
    assert bridge.live(1, seconds=0.009) == [] and len(runs) == 7
    assert len(bridge.live(10**3)) == 400 and sum(runs) == pytest.approx(606.6)


def test_place_cells_over_the_observations() -> None:
    names = [(axis.feature, axis.low, axis.high, axis.cells) for axis in axes_of(make(), (2, 3, 4, 5), REACH)]
    assert names == [(f"obs{k}", *REACH[k], 2 + k) for k in range(4)]
    (axis,) = axes_of(Numbers())
    assert (axis.feature, axis.low, axis.high, axis.cells) == ("obs0", 0, 1, 5)
    for low, high in ((-1e9, 1.0), (0.0, 1e9)):
        with pytest.raises(Mistake, match="observation 0 is not bounded"):
            axes_of(Numbers(), 3, [(low, high)])
    with pytest.raises(Mistake, match="has 1 observations"):
        axes_of(Numbers(), 3, REACH)
    with pytest.raises(Mistake, match="must be 1 finite numbers"):
        GymBridge._seen(
            SimpleNamespace(envs=[Numbers()], net=SimpleNamespace(task=SimpleNamespace(states=("obs0",)))),
            np.zeros(2),
        )
