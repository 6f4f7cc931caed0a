"""Bodies and their places by the laws of mechanics and by hand: acrobot, bandit, cart_pole, control_task,
linear_track, mazes, pendulums, poles, tracks and water_maze, without any network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program.keyed import uniform
from hedon.models.tasks.acrobot import Acrobot
from hedon.models.tasks.bandit import Bandit
from hedon.models.tasks.cart_pole import CartPole
from hedon.models.tasks.control_task import TICK, Axis, ControlTask, PlaceCode
from hedon.models.tasks.distribution import Drawn, TaskDistribution
from hedon.models.tasks.linear_track import LinearTrack
from hedon.models.tasks.mazes import MazeKind, Mazes, OwnMaze
from hedon.models.tasks.pendulums import OwnAcrobot, Pendulums
from hedon.models.tasks.poles import OwnPole, Poles
from hedon.models.tasks.tracks import OwnTrack, TrackKind, Tracks
from hedon.models.tasks.water_maze import WaterMaze

NUMPY = {
    **{
        name: getattr(np, name) for name in ("abs", "clip", "cos", "exp", "floor", "inf", "pi", "sin", "sqrt")
    },
    "int": lambda value: np.asarray(value).astype(int),
    "Hz": 1.0,
}


def moved(task: ControlTask, **state: Any) -> dict[str, Any]:
    """All variables after one step from these."""
    exec("\n".join(line.strip() for line in task.move.splitlines()), dict(NUMPY), state)  # noqa: S102
    return state


def worth(code: str, **names: Any) -> Any:
    """The value of an expression of the world."""
    return eval(code, dict(NUMPY), names)  # noqa: S307


def energy(a: Any, b: Any, da: Any, db: Any, l1: Any, l2: Any, m1: Any, m2: Any) -> Any:
    """Of a double pendulum whose links have moments of inertia of 1 and their mass in the middle."""
    c2, both = l2 / 2, da + db
    kinetic = 0.5 * (m1 * l1**2 / 4 + 1) * da**2 + 0.5 * (m2 * c2**2 + 1) * both**2
    kinetic = kinetic + 0.5 * m2 * (l1**2 * da**2 + 2 * l1 * c2 * da * both * np.cos(b))
    return kinetic - 9.8 * (m1 * l1 / 2 * np.cos(a) + m2 * (l1 * np.cos(a) + c2 * np.cos(a + b)))


@pytest.mark.parametrize("action", [0, 1, 2])
def test_a_pendulum_gains_the_work_of_its_torque(action: int) -> None:
    """One Runge-Kutta step of slow links: energy rises by torque times turn, up to errors of order h**5."""
    draw = np.random.default_rng(action)
    state = {name: draw.uniform(-0.8, 0.8, 300) for name in Acrobot().states}
    numbers = {
        name: np.exp(draw.uniform(-0.4, 0.4, 300)) for name in ("length1", "length2", "mass1", "mass2")
    }
    keys = dict.fromkeys(("task_seed", "restless", "individual", "trial", "elapsed"), 0)
    quiet = keys | {"torque_noise": 0.0, "keyed_uniform": lambda *_: 0.3, "action": action}
    for task, own in ((OwnAcrobot(), numbers), (Acrobot(), dict.fromkeys(numbers, np.ones(300)))):
        after = moved(task, **state, **own, **quiet)
        begin, end = (energy(*(after[f"{k}{s}"] for s in task.states), *own.values()) for k in ("", "next_"))
        work = (action - 1) * (after["next_theta2"] - state["theta2"])
        assert np.abs(end - begin - work).max() < 0.02 and np.abs(after["next_omega1"]).max() > 0.3


def test_noise_of_the_torque_is_even_about_it() -> None:
    state = dict.fromkeys(("theta1", "theta2", "omega1", "omega2"), 0.2) | {"individual": 1, "trial": 2}
    state |= dict.fromkeys(("length1", "length2", "mass1", "mass2"), 1.0) | {"task_seed": 3, "restless": 4}
    for u, torque in ((0.0, -0.5), (0.5, 0.0), (1.0, 0.5)):
        found = moved(
            OwnAcrobot(), **state, action=1, torque_noise=0.5, elapsed=7, keyed_uniform=lambda *_, u=u: u
        )
        assert found["torque"] == pytest.approx(torque)


def test_an_acrobat_is_seen_on_two_circles_and_two_lines() -> None:
    task = Acrobot(cells=(6, 7, 4, 5), cost=0.25)
    axes = task.code.axes
    assert [(axis.feature, axis.cells, axis.circular) for axis in axes] == [
        ("theta1", 6, True),
        ("theta2", 7, True),
        ("omega1", 4, False),
        ("omega2", 5, False),
    ]
    np.testing.assert_allclose(
        [(axis.low, axis.high) for axis in axes], [[-math.pi, math.pi]] * 2 + [[-5, 5], [-8, 8]]
    )
    assert task.code.width == 0.7 and task.code.cells == 6 * 7 * 4 * 5 and task.actions == 3
    assert task.wage == "-0.25" and Acrobot().wage == "" and task.rewards == (1.0, 0.0)
    lots = [worth(start, keyed_uniform=lambda *key: key[-1] / 10, task_seed=0, start=1, individual=2, trial=3)
            for start in task.start.values()]  # fmt: skip
    np.testing.assert_allclose(lots, 0.02 * np.arange(4) - 0.1)
    assert task.limit == 100.0 and task.hold == 10
    assert worth(task.success, theta1=math.pi, theta2=0.0) and not worth(task.success, theta1=1.0, theta2=0.5)


@pytest.mark.parametrize("own", [False, True])
def test_a_pole_falls_as_lagrange_says(own: bool) -> None:
    """(M + m) x'' + m l (theta'' cos - theta'**2 sin) = F and 4/3 l theta'' + x'' cos = g sin."""
    draw = np.random.default_rng(1)
    state = {name: draw.uniform(-1, 1, 50) for name in CartPole().states}
    action = draw.integers(2, size=50)
    length, mass, force = (np.exp(draw.uniform(-1, 1, 50)) for _ in range(3)) if own else (0.5, 0.1, 10.0)
    after = moved(OwnPole() if own else CartPole(), **state, action=action,
                  half_length=length, mass=mass, force=force)  # fmt: skip
    pushed, turned = ((after[f"next_{name}"] - state[name]) / 0.02 for name in ("v", "omega"))
    cos, sin = np.cos(state["theta"]), np.sin(state["theta"])
    total = (1 + mass) * pushed + mass * length * (turned * cos - state["omega"] ** 2 * sin)
    np.testing.assert_allclose(total, force * (2 * action - 1), atol=1e-9)
    np.testing.assert_allclose(4 / 3 * length * turned + pushed * cos, 9.8 * sin, atol=1e-9)
    for place, speed in (("x", "v"), ("theta", "omega")):
        np.testing.assert_allclose(after[f"next_{place}"], state[place] + 0.02 * state[speed])


def test_a_cart_is_seen_between_its_edges() -> None:
    task = CartPole(cells=(3, 4, 5, 6), reach=(1.0, 2.0, 3.0, 4.0), width=0.9, peak=50.0)
    assert [(a.feature, a.low, a.high, a.cells) for a in task.code.axes] == [
        ("x", -1, 1, 3), ("v", -2, 2, 4), ("theta", -3, 3, 5), ("omega", -4, 4, 6)]  # fmt: skip
    assert (task.code.width, task.code.peak) == (0.9, 50.0)
    assert task.actions == 2 and task.rewards == (0.0, -1.0) and task.success == "False"
    for x, theta, lost in ((2.39, 0.0, False), (-2.41, 0.0, True), (0.0, 0.209, False), (0.0, -0.21, True)):
        assert bool(worth(task.failure, x=x, theta=theta)) is lost
    lots = [worth(start, keyed_uniform=lambda *key: key[-1] / 10, task_seed=0, start=1, individual=2, trial=3)
            for start in task.start.values()]  # fmt: skip
    np.testing.assert_allclose(lots, 0.01 * np.arange(4) - 0.05)


def test_an_arm_pays_with_its_probability() -> None:
    task = Bandit((0.9, 0.0, 0.4))
    who = np.arange(2000)
    for arm, chance in enumerate(task.probabilities):
        found = moved(
            task, action=arm, keyed_uniform=uniform, task_seed=1, outcome=2, individual=who, trial=3
        )
        np.testing.assert_array_equal(found["next_paid"], uniform(1, 2, who, 3, arm) < chance)
        assert found["next_chosen"] == arm
    assert task.actions == 3 and task.states == ("chosen", "paid")
    (axis,) = task.code.axes  # one place, in which all cells fire: fields are wide
    at = {"position0": worth(axis.position), "centre0": np.arange(15)}
    rates = task.code.peak * worth(task.code.field, **at)
    np.testing.assert_allclose(rates, 40 * np.exp(-((np.arange(15) - 7) ** 2) / 200))
    assert [worth(one) for one in task.start.values()] == [0, 0]
    assert worth(task.success, paid=1.0) and not worth(task.success, paid=0.0)
    for well in ((0.0, 1.0), (0.5, 0.5)):
        Bandit(well)
    for wrong in ((0.5,), (0.5, -0.1), (1.01, 0.5)):
        with pytest.raises(Mistake, match="not two or more probabilities"):
            Bandit(wrong)


def test_a_track_is_walked_step_by_step() -> None:
    task = LinearTrack(length=1.0, goal=0.1, speed=0.5, bump=0.03, cells=9, hold=3)
    step = 0.5 * 0.06
    for action, x, to, bumped in ((1, 0.2, 0.2 + step, 0), (0, 0.2, 0.2 - step, 0), (0, 0.01, 0.0, 1)):
        found = moved(task, x=x, action=action)
        assert found["next_x"] == pytest.approx(to) and found["bumped"] == bumped
    assert worth(task.success, x=0.901) and not worth(task.success, x=0.899)
    assert worth(task.wage, bumped=1) == pytest.approx(-0.03) and worth(task.wage, bumped=0) == 0
    (axis,) = task.code.axes
    assert (axis.low, axis.high, axis.cells, task.actions) == (0.0, 1.0, 9, 2) and task.start == {"x": "0.0"}


def test_a_swimmer_starts_at_the_middle_of_a_side_and_is_thrown_back_by_walls() -> None:
    task = WaterMaze(size=2.0, speed=0.3, half=0.5, bounce=0.05, hold=2)
    sides = []
    for u in (0.1, 0.3, 0.6, 0.9):
        key = {"keyed_uniform": lambda *_, u=u: u, "task_seed": 0, "start": 0, "individual": 0, "trial": 0}
        sides.append([float(worth(task.start[z], **key)) for z in "xy"])
    np.testing.assert_allclose(sides, [[1.0, 1.9], [1.0, 0.1], [1.9, 1.0], [0.1, 1.0]])
    found = moved(task, x=1.0, y=1.0, pull_x=3.0, pull_y=-4.0)
    way = 0.6 * TICK * 5 / 5.5
    np.testing.assert_allclose([found["next_x"], found["next_y"]], [1 + 0.6 * way, 1 - 0.8 * way])
    low, high = (
        moved(task, x=0.001, y=1.0, pull_x=-9.0, pull_y=0.0),
        moved(task, x=1.0, y=1.999, pull_x=0.0, pull_y=9.0),
    )
    assert low["next_x"] == pytest.approx(0.05) and high["next_y"] == pytest.approx(1.95)
    assert worth(task.success, x=0.35, y=0.65 + 0.059) and not worth(task.success, x=0.35 + 0.061, y=0.65)
    assert [(a.low, a.high, a.cells) for a in task.code.axes] == [(0, 2, 10)] * 2 and task.actions is None
    assert task.code.width == 1.0


def test_positions_on_an_axis_are_counted_from_its_first_centre() -> None:
    line, circle = Axis("x", -1.0, 1.0, 5), Axis("x", -1.0, 1.0, 5, circular=True)
    assert (line.spacing, circle.spacing) == (0.5, 0.4)
    for x, place in ((-1.0, 0), (-2.0, 0), (0.25, 2.5), (1.0, 4), (3.0, 4)):
        assert worth(line.position, x=x) == place
    assert worth(circle.position, x=2.0) == pytest.approx(7.5)
    for a, b, away in ((4.5, 0, -0.5), (0.5, 4, 1.5), (7.0, 2, 0.0), (2.0, 2, 0.0)):
        assert worth(circle.distance("a", "b"), a=a, b=b) == pytest.approx(away)
    assert worth(line.distance("a", "b"), a=4.5, b=0) == 4.5
    code = PlaceCode((line, circle), width=2.0, peak=500.0)
    names = {"position0": 1.0, "centre0": 3, "position1": 4.5, "centre1": 0}
    assert worth(code.field, **names) == pytest.approx(math.exp(-(2**2 + 0.5**2) / 8))
    assert code.cells == 25 and code.reads == ()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Axis("x", 0.0, 0.0, 5), "is no range"),
        (lambda: Axis("x", 0.0, math.inf, 5), "is no range"),
        (lambda: Axis("x", 0.0, 1.0, 1), "1, at least 2"),
        (lambda: PlaceCode(()), "at least one axis"),
        (lambda: PlaceCode((Axis("x", 0.0, 1.0, 2),), width=0.0), "width 0 must be above 0"),
        (lambda: PlaceCode((Axis("x", 0.0, 1.0, 2),), width=math.inf), "width inf"),
        (lambda: PlaceCode((Axis("x", 0.0, 1.0, 2),), peak=0.0), "peak 0 in"),
        (lambda: PlaceCode((Axis("x", 0.0, 1.0, 2),), peak=500.1), "peak 500.1 in"),
        (lambda: LinearTrack(hold=0), "hold 0 ticks"),
        (lambda: LinearTrack(hold=3, limit=0.04), "LinearTrack: hold 3 ticks, limit 0.04 s"),
        (lambda: LinearTrack(rest=0.019), "rest 0.019 s"),
        (lambda: LinearTrack(speed=math.nan), "LinearTrack: speed is nan, must be finite"),
    ],
)
def test_places_and_times_that_cannot_be_are_refused(make: Any, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        make()


def test_the_least_that_can_be_is_not_refused() -> None:
    PlaceCode((Axis("x", 0.0, 1.0, 2),), width=1e-3, peak=1e-3)
    LinearTrack(hold=3, limit=0.06, rest=0.02)
    assert (ControlTask.success.fget(LinearTrack()), LinearTrack().rewards) == ("False", (1.0, 0.0))  # type: ignore[attr-defined]
    assert LinearTrack().failure == "False" and LinearTrack().delay == "" and LinearTrack().numbers == ()
    for name in ("actions", "states", "start", "move", "code"):
        with pytest.raises(NotImplementedError):
            getattr(ControlTask(), name)


def test_numbers_of_an_individuals_world_have_bounds() -> None:
    found = {n.name: (n.default, n.low, n.high) for n in OwnTrack(length=0.7, goal=0.06, rest=0.5).numbers}
    assert found == {
        "length": (0.7, 0.06, math.inf), "width": (1.0, 0.0, math.inf), "delay_s": (0.0, 0.0, 0.48)
    }  # fmt: skip
    found = {n.name: (n.default, n.low, n.high) for n in OwnMaze(size=2.0).numbers}
    assert found == {
        "centre_x": (0.35, 0, 2), "centre_y": (0.65, 0, 2), "size_r": (0.06, 0, 2), "obstacle": (0, 0, 0.8)
    }  # fmt: skip
    assert {(n.default, n.low, n.high) for n in OwnAcrobot().numbers[:4]} == {(1.0, 0.0, math.inf)}
    assert OwnAcrobot().numbers[4].default == OwnAcrobot().numbers[4].low == 0.0
    assert [(n.low, n.high) for n in OwnPole().numbers] == [(0.0, math.inf)] * 3
    axis = OwnTrack(cells=7).code.axes[0]
    assert (axis.low, axis.high, axis.cells) == (0.0, 1.0, 7)
    assert worth(OwnTrack(cells=7).code.field, position0=2.0, centre0=3, width=0.5) == pytest.approx(
        math.exp(-2)
    )
    assert worth(OwnTrack().success, x=0.36, length=0.4) and not worth(OwnTrack().success, x=0.34, length=0.4)


def bounds(drawn: Drawn, name: str, base: float = 1.0) -> tuple[float, float]:
    """Least and largest log of what was drawn, over ``base``."""
    logs = np.log(drawn.parameters[name] / base)
    return float(logs.min()), float(logs.max())


@pytest.mark.parametrize(
    ("worlds", "base"),
    [
        (Poles(spread=1.5, beyond=2.5), {"half_length": 0.5, "mass": 0.1, "force": 10.0}),
        (Pendulums(spread=1.5, beyond=2.5), dict.fromkeys(("length1", "length2", "mass1", "mass2"), 1.0)),
    ],
    ids=["poles", "pendulums"],
)
def test_one_number_at_a_time_leaves_the_range_of_the_training(worlds: Any, base: dict[str, float]) -> None:
    """2000 even draws come within a hundredth of both ends of their range."""
    inner, outer, near = math.log(1.5), math.log(2.5), 0.01 * math.log(2.5 / 1.5)
    usual = worlds.draw("train", 2000, 1)[0]
    for name, value in base.items():
        np.testing.assert_allclose(bounds(usual, name, value), (-inner, inner), atol=2 * near)
    kinds = worlds.draw("out_of_distribution", 2000, 1)
    names = [f"{more} {name}" for name in base for more in ("less", "more")]
    assert [one.kind for one in kinds][: len(names)] == names
    for one in kinds[: len(names)]:
        more, apart = one.kind.split()
        for name, value in base.items():
            ends = (-inner, inner)
            if name == apart:
                ends = (inner, outer) if more == "more" else (-outer, -inner)
            np.testing.assert_allclose(bounds(one, name, value), ends, atol=2 * near)


def test_the_torque_is_noisier_beyond_the_training() -> None:
    worlds = Pendulums(noise=0.2, noisier=1.0)
    noise = worlds.draw("held_out", 2000, 4)[0].parameters["torque_noise"]
    assert noise.min() >= 0 and 0.19 < noise.max() <= 0.2 and noise.min() < 0.01
    *rest, noisy = worlds.draw("out_of_distribution", 2000, 4)
    assert noisy.kind == "noisy torque" and len(rest) == 8
    assert all(one.parameters["torque_noise"].max() <= 0.2 for one in rest)
    noise = noisy.parameters["torque_noise"]
    assert 0.2 <= noise.min() < 0.21 and 0.99 < noise.max() <= 1.0


def test_tracks_and_delays_are_drawn_within_their_bounds() -> None:
    usual = Tracks().draw("train", 2000, 1)[0]
    delay = usual.parameters["delay_s"]
    np.testing.assert_allclose(delay, TICK * np.round(delay / TICK), atol=1e-12)
    assert delay.min() == 0 and delay.max() == pytest.approx(0.3)
    np.testing.assert_allclose(bounds(usual, "length"), np.log([0.5, 1.0]), atol=0.01)
    np.testing.assert_allclose(bounds(usual, "width"), np.log([0.7, 1.4]), atol=0.01)
    long, late, blurred = Tracks().draw("out_of_distribution", 2000, 1)
    assert [one.kind for one in (long, late, blurred)] == ["long", "late", "blurred"]
    np.testing.assert_allclose(bounds(long, "length"), np.log([1.3, 1.6]), atol=0.01)
    np.testing.assert_allclose(bounds(blurred, "width"), np.log([2.0, 2.8]), atol=0.01)
    assert 0.5 <= late.parameters["delay_s"].min() and late.parameters["delay_s"].max() == pytest.approx(0.7)
    short = Drawn("usual", OwnTrack(goal=0.1, speed=0.5, hold=2), 2, 0, {"length": np.array([0.5, 0.501])})
    # .4 m in steps of .02 m are twenty of .04 s, and one more for a millimetre
    np.testing.assert_allclose(Tracks().best(short), [0.8, 0.84])


def test_platforms_are_drawn_within_their_bounds() -> None:
    usual = Mazes(OwnMaze(size=2.0)).draw("train", 2000, 1)[0]
    for name in ("centre_x", "centre_y"):
        place = usual.parameters[name]
        assert 0.4 <= place.min() < 0.41 and 1.59 < place.max() <= 1.6
    assert abs(np.corrcoef(usual.parameters["centre_x"], usual.parameters["centre_y"])[0, 1]) < 0.12
    np.testing.assert_allclose(bounds(usual, "size_r"), np.log([0.05, 0.08]), atol=0.01)
    assert not usual.parameters["obstacle"].any()
    hidden = (
        Mazes(usual=MazeKind(place=(0.5, 0.52), obstacle=(0.1, 0.15))).draw("train", 500, 1)[0].parameters
    )
    x, y = hidden["centre_x"] - 0.5, hidden["centre_y"] - 0.5
    np.testing.assert_allclose(np.hypot(x, y), hidden["obstacle"] + 2 * hidden["size_r"])
    assert 0.1 <= hidden["obstacle"].min() < 0.101 and 0.149 < hidden["obstacle"].max() <= 0.15
    own = {
        "centre_x": np.array([1.0, 1.0]),
        "centre_y": np.array([1.0, 1.0]),
        "size_r": np.array([0.06, 0.95]),
    }
    drawn = Drawn("usual", OwnMaze(size=2.0, speed=0.6), 2, 0, own)
    # .9 m from each side less the radius, .012 m a tick; who cannot but start on it needs one tick
    np.testing.assert_allclose(Mazes(drawn.task).best(drawn), [70 * TICK, TICK])
    own = {"centre_x": np.array([0.1]), "centre_y": np.array([0.5]), "size_r": np.array([0.05])}
    ways = [math.hypot(0.4, 0.45), math.hypot(0.4, 0.45), 0.85, 0.05]
    steps = math.ceil((sum(ways) / 4 - 0.05) / 0.012)
    np.testing.assert_allclose(Mazes().best(Drawn("usual", OwnMaze(), 1, 0, own)), [steps * TICK])


@pytest.mark.parametrize(
    "worlds", [Tracks(), Mazes(), Poles(), Pendulums()], ids=lambda one: type(one).__name__
)
def test_none_are_refused_and_kinds_have_seeds_of_their_own(worlds: TaskDistribution) -> None:
    with pytest.raises(Mistake, match="0 .* are none"):
        worlds.draw("train", 0, 1)
    drawn = [
        one for split in ("train", "held_out", "out_of_distribution") for one in worlds.draw(split, 1, 1)
    ]  # type: ignore[arg-type]
    assert len({one.task_seed for one in drawn}) == len(drawn)
    assert all(len(values) == 1 for one in drawn for values in one.parameters.values())
    for one in drawn:  # no two numbers of a world are one draw
        values = np.array([values for values in worlds.draw("train", 40, 1)[0].parameters.values()])
        correlation = np.corrcoef(values[np.ptp(values, axis=1) > 0])
        assert np.abs(correlation[np.triu_indices(len(correlation), 1)]).max() < 0.9 and one.number == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TrackKind(length=(0.09, 1.0)), "length is 0.09 .. 1, must rise from 0.1"),
        (lambda: TrackKind(width=(0.09, 1.0)), "width is"),
        (lambda: TrackKind(width=(0.9, 0.8)), "width is"),
        (lambda: TrackKind(delay=(-0.1, 1.0)), "delay is"),
        (lambda: TrackKind(delay=(0.0, math.inf)), "delay is"),
        (lambda: MazeKind(place=(-0.1, 0.5)), "place is"),
        (lambda: MazeKind(place=(0.1, 1.01)), "place is 0.1 .. 1.01, must rise from 0 to at most 1"),
        (lambda: MazeKind(radius=(0.0049, 0.5)), "radius is"),
        (lambda: MazeKind(obstacle=(0.2, 0.1)), "obstacle is"),
        (lambda: Poles(spread=0.99), "must rise from 1"),
        (lambda: Poles(beyond=1.4), "must rise from 1"),
        (lambda: Poles(beyond=math.inf), "must rise from 1"),
        (lambda: Pendulums(spread=0.99), "must rise from 1"),
        (lambda: Pendulums(spread=1.7), "must rise from 1"),
        (lambda: Pendulums(beyond=math.inf), "must rise from 1"),
        (lambda: Pendulums(noise=-0.1), "noise -0.1 and 1 must rise from 0"),
        (lambda: Pendulums(noisier=0.1), "must rise from 0"),
        (lambda: Pendulums(noisier=math.inf), "must rise from 0"),
    ],
)
def test_bounds_that_do_not_rise_are_refused(make: Any, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        make()


def test_bounds_may_meet() -> None:
    TrackKind(length=(0.1, 0.1), width=(0.1, 0.1), delay=(0.0, 0.0))
    MazeKind(place=(0.0, 1.0), radius=(0.005, 0.005), obstacle=(1.0, 1.0))
    for one in (Poles(spread=1.0, beyond=1.0), Pendulums(spread=1.0, beyond=1.0, noise=0.0, noisier=0.0)):
        assert len(one.draw("out_of_distribution", 1, 0)) in (6, 9)
