"""Individuals with worlds and numbers of their own: the same spikes as a network compiled with them."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.actor_critic.circuit import ActorCriticCircuit
from hedon.models.actor_critic.network import ActorCritic, Pools, Ring
from hedon.models.actor_critic.trial_series import live
from hedon.models.dopamine.system import Dopamine
from hedon.models.tasks import (
    Acrobot,
    CartPole,
    LinearTrack,
    MazeKind,
    Mazes,
    OwnAcrobot,
    OwnMaze,
    OwnPole,
    OwnTrack,
    Pendulums,
    Poles,
    Tracks,
    WaterMaze,
)
from hedon.models.tasks.control_task import TICK
from hedon.plasticity import TDHebbian

NUMBERS = {
    "tau_e": 0.4,
    "tau_lag": 0.15,
    "bound": 0.7,
    "tau_r": 3.0,
    "gain": 5.0,
    "clearance": 0.15,
    "tau_slow": 0.25,
    "tau_fast": 0.03,
    "baseline": 8.0,
    "asymmetry": 0.55,
    "decay": 0.1,
    "noise": 1.5,
    "eta_critic": 2e-3,
    "eta_actor": 2e-2,
}
WEIGHTS = ("w_critic", "w_actor")


def compiled(task=None, **numbers: float) -> ActorCritic:
    """A network with these numbers as constants."""
    n = NUMBERS | numbers
    rule = {name: n[name] for name in ("tau_e", "tau_lag", "bound")}
    system = ("tau_r", "gain", "clearance", "tau_slow", "tau_fast", "baseline", "asymmetry")
    return ActorCritic(
        task or LinearTrack(length=0.3, cells=8, limit=6.0, rest=0.8),
        Pools(2, 10),
        critics=10,
        dopamine=Dopamine(**{name: n[name] for name in system}),
        critic_rule=TDHebbian(eta=n["eta_critic"], **rule),
        actor_rule=TDHebbian(eta=n["eta_actor"], **rule),
        individuals=4,
        decay=n["decay"],
        noise=n["noise"],
        watched=0,
    )


OWN = ActorCritic(
    OwnTrack(cells=8, limit=6.0, rest=0.8), Pools(2, 10), critics=10, individuals=4, own=True, watched=0
)
"""Compiled with other numbers, all of which a call gives."""


@pytest.mark.whole
def test_numbers_of_a_call_are_those_of_a_compiled_network():
    called = live(OWN, 4, 1, {**NUMBERS, "length": 0.3}, outputs=WEIGHTS)
    constant = live(compiled(), 4, 1, outputs=WEIGHTS)
    assert np.array_equal(called.latency, constant.latency)
    for name in WEIGHTS:
        # the same sums in another order of rounding; one other spike would be seen in the third digit
        np.testing.assert_allclose(called.last[name], constant.last[name], rtol=1e-9, atol=1e-12)
        assert np.abs(constant.last[name]).max() > 1e-2


@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_matters_and_to_its_own_individual_alone(name):
    other = dict.fromkeys(NUMBERS, 1.3) | {"asymmetry": 0.8}
    changed = np.array([NUMBERS[name]] * 4) * np.array([1, 1, 1, other[name]])
    numbers = NUMBERS | {"length": 0.3, "bound": 0.05 if name == "bound" else 0.7}
    changed = np.where(np.arange(4) == 3, 0.02, 0.05) if name == "bound" else changed
    one = live(OWN, 2, 2, numbers, seconds=9.0, outputs=WEIGHTS)
    two = live(OWN, 2, 2, {**numbers, name: changed}, seconds=9.0, outputs=WEIGHTS)
    same = [np.array_equal(one.last["w_actor"][k], two.last["w_actor"][k]) for k in range(4)]
    assert same == [True, True, True, False]


def test_the_longer_time_constant_may_stand_first_or_last():
    one, two = (
        live(
            OWN, 2, 6, {**NUMBERS, "length": 0.3, "tau_slow": a, "tau_fast": b}, seconds=9.0, outputs=WEIGHTS
        )
        for a, b in ((0.2, 0.05), (0.05, 0.2))
    )
    np.testing.assert_allclose(one.last["w_critic"], two.last["w_critic"], rtol=1e-9, atol=1e-12)
    assert np.abs(one.last["w_critic"]).max() > 1e-2


def test_tracks_are_as_long_as_they_are_told():
    drawn = Tracks(task=OWN.task).draw("held_out", 4, 5)[0]
    length = np.array([0.2, 0.3, 0.4, 0.5])
    series = live(OWN, 3, 3, {**NUMBERS, **drawn.arguments, "length": length})
    best = np.ceil((length - 0.05) / 0.008 - 1e-9) * TICK
    reached = series.outcome > 0
    assert reached.sum() >= 6
    assert np.all(series.latency[reached] >= np.broadcast_to(best[:, None], (4, 3))[reached] - 1e-9)
    longest = Tracks(task=OWN.task).best(replace(drawn, parameters={"length": length}))
    np.testing.assert_allclose(longest, best)


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_a_late_reward_is_late(delay):
    b2.start_scope()
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    circuit = ActorCriticCircuit(replace(OWN, individuals=2))
    circuit.world.length, circuit.world.delay_s = 0.06, delay * b2.second
    seen = b2.StateMonitor(
        circuit.world, ["ended", "reward"], record=True, clock=circuit.clock(circuit.tick), when="end"
    )
    circuit.network.add(seen)
    circuit.network.run(1.6 * b2.second)
    b2.prefs.codegen.target = before
    for ended, reward in zip(np.array(seen.ended), np.array(seen.reward), strict=True):
        end, paid = np.flatnonzero(ended)[0], np.flatnonzero(reward > 0)
        assert paid[0] - end == round(delay / TICK) and len(paid) >= 12
        assert np.isclose(reward[paid[:12]].sum() * TICK, 1.0)


def test_widths_of_fields_are_their_own():
    b2.start_scope()
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    circuit = ActorCriticCircuit(replace(OWN, individuals=2))
    circuit.world.width = [0.7, 2.0]
    circuit.world.acting, circuit.world.waiting = 1, 0
    circuit.network.run(TICK * b2.second)
    chance = np.array(circuit.place.chance).reshape(2, -1)
    b2.prefs.codegen.target = before
    rate = -np.log1p(-chance) / OWN.step
    x = np.array(circuit.world.x / circuit.world.length)[:, None] * 7
    np.testing.assert_allclose(
        rate, 100 * np.exp(-((x - np.arange(8)) ** 2) / (2 * np.array([[0.7], [2.0]]) ** 2)), atol=1e-9
    )


def test_poles_move_as_gymnasiums_with_the_same_numbers():
    gymnasium = pytest.importorskip(
        "gymnasium", reason="gymnasium is not installed: pip install 'hedon[control]'"
    )
    gymnasium.logger.min_level = 50
    drawn = Poles().draw("out_of_distribution", 3, 1)
    assert len(drawn) == 6
    draw = np.random.default_rng(3)
    for one in drawn:
        for k in range(one.number):
            numbers = {name: float(values[k]) for name, values in one.parameters.items()}
            env = gymnasium.make("CartPole-v1").unwrapped
            env.length, env.masspole, env.force_mag = (numbers[n] for n in ("half_length", "mass", "force"))
            env.total_mass, env.polemass_length = env.masspole + env.masscart, env.masspole * env.length
            env.reset(seed=0)
            env.state = draw.uniform(-0.1, 0.1, 4)
            action = int(draw.integers(2))
            names = dict(zip(OwnPole().states, env.state, strict=True)) | numbers
            env.step(action)
            np.testing.assert_allclose(_moved(OwnPole(), names | {"action": action}), env.state, rtol=1e-12)


@pytest.mark.whole
def test_poles_that_are_told_nothing_are_cart_poles():
    circuit = ActorCriticCircuit(ActorCritic(OwnPole(cells=(2, 2, 2, 2)), Pools(2, 4), individuals=1))
    told = {number.name: getattr(circuit.world, number.name)[0] for number in OwnPole().numbers}
    assert told == {"half_length": 0.5, "mass": 0.1, "force": 10.0}
    assert {"half_length", "mass", "force"} <= set(circuit.arguments)
    state = {"x": 0.1, "v": -0.4, "theta": 0.15, "omega": 0.7, "action": 1}
    own, plain = (_moved(task, state | told) for task in (OwnPole(), CartPole()))
    np.testing.assert_allclose(own, plain, rtol=1e-12)
    assert not np.allclose(_moved(OwnPole(), state | told | {"force": 12.0}), plain, rtol=1e-3)


def test_mazes_that_are_told_nothing_are_water_mazes():
    told = {number.name: number.default for number in OwnMaze().numbers}
    assert told == {"centre_x": 0.35, "centre_y": 0.65, "size_r": 0.06, "obstacle": 0.0}
    draw = np.random.default_rng(1)
    for _ in range(50):
        x, y = draw.uniform(0, 1, 2)
        names = {"x": x, "y": y, "pull_x": draw.normal(), "pull_y": draw.normal(), "Hz": 1.0}
        own, plain = (_moved(task, names | told) for task in (OwnMaze(), WaterMaze()))
        np.testing.assert_allclose(own, plain, rtol=1e-12)
        conditions = [eval(task.success, dict(names | told)) for task in (OwnMaze(), WaterMaze())]
        assert conditions[0] == conditions[1]


def test_nobody_swims_into_an_obstacle():
    task = OwnMaze()
    names = {"x": 0.5, "y": 0.39, "pull_x": 0.0, "pull_y": 5.0, "Hz": 1.0, "obstacle": 0.105}
    assert _moved(task, names) == [0.5, 0.39]
    assert (
        _moved(task, names | {"pull_y": -5.0})[1] < 0.39 and _moved(task, names | {"obstacle": 0.0})[1] > 0.39
    )


@pytest.mark.whole
def test_platforms_lie_where_they_are_told():
    """The body of each individual stops within its own platform, and not before."""
    net = replace(
        ActorCritic(OwnMaze(limit=4.0, rest=0.5), Ring(12), critics=4, individuals=4, watched=4), own=True
    )
    sizes = np.array([0.3, 0.3, 0.02, 0.02])
    places = {"centre_x": np.array([0.5, 0.2, 0.5, 0.2]), "centre_y": 0.5}
    outputs = ("x_trace", "y_trace", "acting_trace")
    series = live(net, 4, 3, {**places, "size_r": sizes}, outputs=outputs)
    assert (series.outcome > 0)[:2].sum() >= 4 and (series.outcome > 0)[2:].sum() <= 4
    x, y, acting = (series.last[name] for name in outputs)
    away = np.hypot(x - places["centre_x"], y - 0.5)
    assert np.all(away[acting > 0.5].min() > 0.02 - 1e-9)
    ended = (acting[1:] < 0.5) & (acting[:-1] > 0.5)
    for one in range(2):
        stopped = away[1:][ended[:, one], one]
        assert np.sum(stopped < sizes[one]) == (series.outcome[one] > 0).sum()


def test_mazes_are_drawn_within_their_bounds():
    (usual,) = Mazes().draw("train", 2000, 1)
    own = usual.parameters
    assert abs(z_score(own["centre_x"], 0.5)) < 5 and abs(z_score(own["centre_y"], 0.5)) < 5
    assert 0.2 <= min(own["centre_x"].min(), own["centre_y"].min()) and not own["obstacle"].any()
    assert abs(z_score(np.log(own["size_r"]), np.log(0.05 * 0.08) / 2)) < 5
    best = Mazes().best(usual)
    # straight ways of .45 m on average where the platform lies in the middle, and longer ones elsewhere
    assert best.min() >= (0.45 - 0.08) / 0.6 - TICK and best.max() < np.sqrt(2) / 0.6
    small, corner, obstacle = Mazes().draw("out_of_distribution", 200, 1)
    assert small.parameters["size_r"].max() <= 0.04 and corner.parameters["centre_x"].max() <= 0.14
    away = np.hypot(obstacle.parameters["centre_x"] - 0.5, obstacle.parameters["centre_y"] - 0.5)
    assert np.all(away >= obstacle.parameters["obstacle"] + 2 * obstacle.parameters["size_r"] - 1e-12)
    with pytest.raises(Mistake, match="mazes: radius is 0 .. 0"):
        MazeKind(radius=(0.0, 0.05))


def _moved(task: CartPole | WaterMaze | Acrobot, names: dict[str, float]) -> list[float]:
    """The states after one step from these."""
    after = dict(names)
    exec("\n".join(line.strip() for line in task.move.splitlines()), dict(vars(np)), after)  # noqa: S102
    return [after[f"next_{state}"] for state in task.states]


def test_pendulums_move_as_gymnasiums_with_the_same_numbers():
    gymnasium = pytest.importorskip(
        "gymnasium", reason="gymnasium is not installed: pip install 'hedon[control]'"
    )
    gymnasium.logger.min_level = 50
    drawn = Pendulums().draw("out_of_distribution", 3, 1)
    assert len(drawn) == 9
    draw = np.random.default_rng(4)
    for one in drawn:
        for k in range(one.number):
            numbers = {name: float(values[k]) for name, values in one.parameters.items()}
            env = gymnasium.make("Acrobot-v1").unwrapped
            env.LINK_LENGTH_1, env.LINK_MASS_1, env.LINK_MASS_2 = (
                numbers[name] for name in ("length1", "mass1", "mass2")
            )
            env.LINK_COM_POS_1, env.LINK_COM_POS_2 = numbers["length1"] / 2, numbers["length2"] / 2
            env.reset(seed=0)
            env.state = draw.uniform(-2, 2, 4)
            action, noise = int(draw.integers(3)), draw.uniform(0, 1)
            env.AVAIL_TORQUE = [one - 1 + numbers["torque_noise"] * (2 * noise - 1) for one in range(3)]
            keys = dict.fromkeys(("task_seed", "restless", "individual", "trial", "elapsed"), 0)
            told = numbers | keys | {"keyed_uniform": lambda *_, noise=noise: noise, "action": action}
            ours = _moved(OwnAcrobot(), dict(zip(OwnAcrobot().states, env.state, strict=True)) | told)
            env.step(action)
            away = np.array(ours) - env.state
            away[:2] = np.angle(np.exp(1j * away[:2]))
            np.testing.assert_allclose(away, 0, atol=1e-9)


def test_pendulums_that_are_told_nothing_are_acrobots():
    told = {number.name: number.default for number in OwnAcrobot().numbers}
    state = {"theta1": 0.7, "theta2": -1.2, "omega1": 2.0, "omega2": -3.0, "action": 2}
    keys = dict.fromkeys(("task_seed", "restless", "individual", "trial", "elapsed"), 0)
    keys["keyed_uniform"] = lambda *_: 0.9
    own, plain = _moved(OwnAcrobot(), state | told | keys), _moved(Acrobot(), state)
    np.testing.assert_allclose(own, plain, rtol=1e-12)
    assert not np.allclose(
        _moved(OwnAcrobot(), state | told | keys | {"torque_noise": 0.5}), plain, rtol=1e-4
    )


@pytest.mark.whole
def test_pendulums_live():
    net = ActorCritic(
        OwnAcrobot(cells=(2, 2, 2, 2), limit=2.0, rest=0.1), Pools(3, 4), critics=4, individuals=4, own=True
    )
    drawn = Pendulums(net.task).draw("train", 4, 3)[0]
    traces = ("theta1_trace", "omega2_trace")
    net = replace(net, watched=4)
    one, two = (
        live(net, 1, 3, {**drawn.arguments, "torque_noise": noise}, outputs=traces) for noise in (0.0, 1.0)
    )
    assert np.ptp(one.last["theta1_trace"], axis=0).min() > 0
    assert not np.array_equal(one.last["omega2_trace"], two.last["omega2_trace"])


def test_draws_stay_within_their_bounds_and_follow_their_laws():
    (tracks,) = Tracks().draw("train", 4000, 1)
    logs = np.log(tracks.parameters["length"])
    assert abs(z_score(logs, (np.log(0.5) + np.log(1.0)) / 2)) < 5
    assert abs(z_score(tracks.parameters["delay_s"], 0.15)) < 5
    (poles,) = Poles().draw("train", 4000, 1)
    for name, value in {"half_length": 0.5, "mass": 0.1, "force": 10.0}.items():
        ratio = np.log(poles.parameters[name] / value)
        assert np.abs(ratio).max() <= np.log(1.5) and abs(z_score(ratio, 0.0)) < 5
    for kind in Poles().draw("out_of_distribution", 100, 1):
        name = kind.kind.split()[1]
        ratio = np.log(kind.parameters[name] / {"half_length": 0.5, "mass": 0.1, "force": 10.0}[name])
        assert np.abs(ratio).min() >= np.log(1.5) - 1e-12


def test_refusals():
    with pytest.raises(Mistake, match="one rule in critic and actor"):
        replace(OWN, actor_rule=TDHebbian(tau_e=0.7))
    with pytest.raises(Mistake, match="read dV/dt as a difference"):
        ActorCriticCircuit(replace(OWN, dopamine=Dopamine(slope="after")))
    with pytest.raises(Mistake, match="all must lie in"):
        Dopamine(asymmetry=0.2, spread=0.5)
    with pytest.raises(Mistake, match="must be finite and above 0"):
        replace(OWN, noise=-1.0)
