"""The bodies move as they should: CartPole and Acrobot as Gymnasium's own, step by step; places are coded."""

from __future__ import annotations

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.actor_critic.circuit import ActorCriticCircuit
from hedon.models.actor_critic.network import ActorCritic, Pools, Ring
from hedon.models.dopamine.system import Dopamine
from hedon.models.program.keyed import uniform
from hedon.models.tasks import Acrobot, Bandit, CartPole, LinearTrack, WaterMaze
from hedon.models.tasks.control_task import TICK, Axis, PlaceCode
from hedon.models.tasks.streams import CONTROL

STEPS = 300


@pytest.fixture(autouse=True)
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    b2.start_scope()
    yield
    b2.prefs.codegen.target = before


def moved(task, starts: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """States (step, body, state) of bodies that start at ``starts``, moved by actions (step, body)."""
    group = b2.NeuronGroup(
        len(starts),
        "\n".join(f"{state} : 1" for state in task.states),
        namespace={"given": b2.TimedArray(actions.astype(float), dt=TICK * b2.second)},
        dt=TICK * b2.second,
        name="bodies",
    )
    code = ["action = given(t, i)", *task.move.strip().splitlines()]
    code += [f"{state} = next_{state}" for state in task.states]
    group.run_regularly("\n".join(line.strip() for line in code), when="start")
    for k, state in enumerate(task.states):
        setattr(group, state, starts[:, k])
    monitor = b2.StateMonitor(group, task.states, record=True, when="end")
    b2.Network(group, *group.contained_objects, monitor).run(len(actions) * TICK * b2.second)
    return np.stack([getattr(monitor, state) for state in task.states], axis=-1).swapaxes(0, 1)


def theirs(name: str, starts: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """The same in Gymnasium, stepped on also where an episode would have ended."""
    gymnasium = pytest.importorskip(
        "gymnasium", reason="gymnasium is not installed: pip install 'hedon[control]'"
    )
    gymnasium.logger.min_level = 50
    states = np.empty((*actions.shape, starts.shape[1]))
    for body, start in enumerate(starts):
        env = gymnasium.make(name).unwrapped
        env.reset(seed=0)
        env.state = np.array(start, float)
        for step, action in enumerate(actions[:, body]):
            env.step(int(action))
            states[step, body] = env.state
    return states


@pytest.mark.parametrize(
    ("task", "name", "spread"),
    [(CartPole(), "CartPole-v1", (0.5, 0.5, 0.15, 0.5)), (Acrobot(), "Acrobot-v1", (3.0, 3.0, 3.0, 3.0))],
    ids=["CartPole", "Acrobot"],
)
def test_every_step_is_gymnasiums(task, name, spread):
    draw = np.random.default_rng(3)
    starts = draw.uniform(-1, 1, (8, 4)) * spread
    actions = draw.integers(task.actions, size=(STEPS, len(starts)))
    reference = theirs(name, starts, actions)
    # one step from each of Gymnasium's own states, so that chaos cannot enlarge rounding
    before = np.concatenate([starts[None], reference[:-1]]).reshape(-1, 4)
    ours = moved(task, before, actions.reshape(1, -1))[0].reshape(reference.shape)
    difference = ours - reference
    if name == "Acrobot-v1":
        difference[..., :2] = np.angle(np.exp(1j * difference[..., :2]))
    # double precision, a few operations: 1e-6 relative is asked, rounding allows 1e-12
    assert np.max(np.abs(difference) / (1 + np.abs(reference))) < 1e-12


@pytest.mark.parametrize(("task", "name"), [(CartPole(), "CartPole-v1"), (Acrobot(), "Acrobot-v1")])
def test_whole_runs_agree(task, name):
    starts = np.random.default_rng(4).uniform(-0.05, 0.05, (3, 4))
    actions = np.random.default_rng(5).integers(task.actions, size=(20, 3))
    assert np.allclose(moved(task, starts, actions), theirs(name, starts, actions), rtol=1e-6, atol=1e-12)


def test_a_wrong_mass_is_seen():
    class Heavier(CartPole):
        @property
        def move(self) -> str:
            return super().move.replace("/1.1", "/1.2")

    starts, actions = np.full((1, 4), 0.05), np.ones((1, 1), int)
    difference = moved(Heavier(), starts, actions) - theirs("CartPole-v1", starts, actions)
    assert np.max(np.abs(difference)) > 1e-3


@pytest.mark.parametrize("name", ["CartPole-v1", "Acrobot-v1"])
def test_trials_end_where_gymnasiums_episodes_do(name):
    gymnasium = pytest.importorskip(
        "gymnasium", reason="gymnasium is not installed: pip install 'hedon[control]'"
    )
    gymnasium.logger.min_level = 50
    task = CartPole() if name == "CartPole-v1" else Acrobot()
    env = gymnasium.make(name).unwrapped
    env.reset(seed=0)
    draw, scale = (
        np.random.default_rng(6),
        np.array([2.6, 1, 0.25, 1] if name == "CartPole-v1" else [3, 3, 1, 1]),
    )
    for start in draw.uniform(-1, 1, (200, 4)) * scale:
        env.state = start.copy()
        _, _, terminated, _, _ = env.step(0)
        names = dict(zip(task.states, env.state, strict=True)) | {"abs": abs, "cos": np.cos}
        ours = eval(task.success, {}, names) or eval(task.failure, {}, names)  # noqa: S307
        assert bool(ours) == bool(terminated)


def test_starts_are_keyed_and_spread_as_gymnasiums():
    net = ActorCritic(CartPole(), Pools(2, 2), critics=2, individuals=3, watched=0)
    circuit = ActorCriticCircuit(net)
    circuit.world.task_seed = 7
    circuit.network.run(TICK * b2.second)
    own = uniform(7, CONTROL["start"], np.arange(3)[:, None], 0, np.arange(4)) * 0.1 - 0.05
    started = np.stack([getattr(circuit.world, state)[:] for state in net.task.states], axis=1)
    assert np.allclose(started, own, rtol=1e-12)


def test_place_code_against_numpy():
    code = PlaceCode((Axis("x", -1.0, 1.0, 5), Axis("phi", -np.pi, np.pi, 6, circular=True)), 0.7, 80.0)
    assert code.cells == 30 and code.axes[0].spacing == 0.5 and np.isclose(code.axes[1].spacing, np.pi / 3)
    x, phi, centre_x, centre_phi = 0.3, 3.0, 1.0, -np.pi
    names = {
        "clip": np.clip,
        "floor": np.floor,
        "exp": np.exp,
        "position0": eval(code.axes[0].position, {"clip": np.clip, "x": x}),  # noqa: S307
        "position1": eval(code.axes[1].position, {"phi": phi}),  # noqa: S307
        "centre0": (centre_x + 1) / 0.5,
        "centre1": 0,
    }
    around = np.angle(np.exp(1j * (phi - centre_phi)))
    square = ((x - centre_x) / 0.5) ** 2 + (around / (np.pi / 3)) ** 2
    assert np.isclose(eval(code.field, {}, names), np.exp(-square / (2 * 0.7**2)))  # noqa: S307


def test_place_cells_fire_at_their_rate():
    net = ActorCritic(LinearTrack(), Pools(2, 2), critics=1, individuals=200, watched=0)
    circuit = ActorCriticCircuit(net)
    counted = b2.SpikeMonitor(circuit.place, record=False)
    circuit.world.acting, circuit.world.waiting = 1, 0
    circuit.world.run_regularly("x = 0.42", when="end", name="held", order=9)
    circuit.network.add(counted, *circuit.world.contained_objects)
    seconds = 0.5
    circuit.network.run(TICK * b2.second)
    before = np.array(counted.count)
    circuit.network.run(seconds * b2.second)
    counts = (np.array(counted.count) - before).reshape(200, -1).sum(axis=0)
    place = 0.42 / net.task.code.axes[0].spacing
    rate = 100 * np.exp(-((place - np.arange(16)) ** 2) / 2)
    steps = seconds / net.step
    chance = 1 - np.exp(-rate * net.step)
    z = (counts - 200 * steps * chance) / np.sqrt(200 * steps * chance * (1 - chance) + 1e-9)
    assert np.all(np.abs(z[rate > 0.1]) < 5)


@pytest.mark.parametrize(
    ("task", "actor", "words"),
    [
        (WaterMaze(), Pools(2), "its actor is a Ring, not Pools"),
        (CartPole(), Ring(), "its actor is Pools(actions=2), not a Ring"),
        (CartPole(), Pools(3), "CartPole has 2 actions, the actor has 3 pools"),
        (Bandit((0.1, 0.5, 0.9)), Pools(2), "Bandit has 3 actions, the actor has 2 pools"),
    ],
)
def test_an_actor_that_does_not_match_is_refused(task, actor, words):
    with pytest.raises(Mistake, match=words.replace("(", r"\(").replace(")", r"\)")):
        ActorCritic(task, actor)


@pytest.mark.parametrize(
    "make",
    [
        lambda: WaterMaze(speed=float("nan")),
        lambda: CartPole(limit=0.01),
        lambda: Bandit((0.5, 1.5)),
        lambda: ActorCritic(LinearTrack(), Pools(2), step=0.02),
        lambda: ActorCritic(LinearTrack(), Pools(2), step=0.003),
        lambda: ActorCritic(LinearTrack(), Pools(2, neurons=0)),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(Mistake):
        make()


@pytest.mark.whole
def test_dopamine_at_rest_tells_nothing():
    """Read every 20 ms, with a critic at 40 Hz: no error of the discrete step is left."""
    dopamine = Dopamine(
        tau_slow=0.04,
        tau_fast=0.02,
        tau_r=0.35,
        clearance=0.03,
        gain=0.7,
        critic_baseline=40.0,
        critic_gain=40.0,
        neurons=300,
    )
    net = ActorCritic(
        CartPole(cells=(2, 2, 2, 2)),
        Pools(2, 2),
        critics=100,
        dopamine=dopamine,
        individuals=100,
        watched=0,
    )
    circuit = ActorCriticCircuit(net)
    circuit.world.waiting = 1e6
    told = b2.StateMonitor(
        circuit.actor, "modulator", record=range(0, 400, 4), clock=circuit.clock(circuit.tick), when="end"
    )
    circuit.network.add(told, *circuit.world.contained_objects)
    circuit.network.run(3 * b2.second)
    means = np.array(told.modulator)[:, 50:].mean(axis=1)
    error = means.std(ddof=1) / np.sqrt(len(means))
    assert abs(means.mean()) < 5 * error
    # a release of 1/(N clearance) or a critic that fires 1 - exp(-rho dt) would be seen
    share = net.step / dopamine.clearance
    volume = dopamine.baseline * (share / -np.expm1(-share) - 1) / dopamine.gain
    value = (-np.expm1(-40.0 * net.step) / net.step - 40.0) / dopamine.critic_gain
    assert min(volume, -value / dopamine.tau_r) > 5 * error


def test_actor_neurons_fire_at_their_rate():
    net = ActorCritic(LinearTrack(), Pools(2, 50, base=80.0), individuals=20, watched=0)
    circuit = ActorCriticCircuit(net)
    circuit.world.waiting = 1e6
    spikes = b2.SpikeMonitor(circuit.actor, record=False)
    circuit.network.add(spikes, *circuit.world.contained_objects)
    circuit.network.run(1 * b2.second)
    counts = np.array(spikes.count).reshape(20, -1).mean(axis=1)
    assert abs(z_score(counts, 80.0)) < 5
    assert z_score(counts, -np.expm1(-80.0 * net.step) / net.step) > 5


def test_a_rate_that_a_step_cannot_hold_is_refused():
    with pytest.raises(Mistake, match="dt is 2 ms, too coarse for ceiling = 600 Hz"):
        ActorCritic(LinearTrack(), Pools(2, ceiling=600.0))


def test_every_step_costs():
    task = Acrobot(cells=(2, 2, 2, 2), cost=0.01, rest=0.1)
    net = ActorCritic(task, Pools(3, 2), individuals=3, critics=2, watched=0)
    circuit = ActorCriticCircuit(net)
    seen = b2.StateMonitor(
        circuit.world, ["acting", "reward"], record=True, clock=circuit.clock(circuit.tick), when="end"
    )
    circuit.network.add(seen, *circuit.world.contained_objects)
    circuit.network.run(1.2 * b2.second)
    acting, paid = np.array(seen.acting), np.array(seen.reward) * TICK
    first = [np.flatnonzero(row)[0] for row in acting]
    for row, start, reward in zip(acting, first, paid, strict=True):
        end = start + np.flatnonzero(np.append(row[start:], 0) == 0)[0]
        # a step is taken at every `hold`-th tick after the first; the last brings the outcome too
        steps = (end - 1 - start) // task.hold
        assert steps >= 4
        np.testing.assert_allclose(reward[start:end].sum(), -0.01 * steps)
