"""What lives are cut into and put together from, by programs that answer as told: training (recurrent),
trial_series, gradient (spiking), and what network (spiking), spiking_network and system refuse and count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.actor_critic.network import ActorCritic, Pools
from hedon.models.actor_critic.trial_series import QUIET, live, longest
from hedon.models.dopamine.system import Dopamine, ordered
from hedon.models.recurrent.network import RecurrentNetwork
from hedon.models.recurrent.spiking_network import SpikingRecurrentNetwork
from hedon.models.recurrent.training import frozen, measures, probed, shape, untrained
from hedon.models.spiking.gradient import (
    MeanUpdate,
    Reference,
    finite_differences,
    mean_update,
    without_trivial,
)
from hedon.models.spiking.network import SpikingNetwork
from hedon.models.stochastic_neurons import DrivenNeuron, EscapeNeuron
from hedon.models.tasks import CueMemory, EpisodicBandit, LinearTrack
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.plasticity import EscapeNoise, InjectedNoise, WeightFluctuation

NET = RecurrentNetwork(CueMemory(1), individuals=3, units=2, block=5)


def memory(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
    """Weights and what is measured count the episodes lived; the second individual diverges at 20."""
    w = np.asarray(given.get("w_input", np.zeros((3, net.inputs, 2))))
    now = w + duration * given.get("learning", 1)
    now[1, 0, 0] = np.inf if now[1, 0, 0] >= 20 else now[1, 0, 0]
    blocks = np.arange(1, duration // net.block + 1)[:, None] * net.block + w[:, 0, 0]
    first = given.get("first_episode", 0)
    return {**dict.fromkeys(outputs, np.zeros((3, 2, 2))), "w_input": now,
            **{name: blocks + k / 10 + first / 100 for k, name in enumerate(measures(net))}}  # fmt: skip


def test_segments_of_a_training_are_one_life(told, watch, tmp_path: Any) -> None:
    network, after = told(memory, RecurrentNetwork), []
    shaped = shape(NET, 30, 4, {"eta": 0.5}, segments=3, progress=watch, folder=tmp_path, after=after.append)
    assert [given["first_episode"] for _, given, *_ in network.calls] == [0, 10, 20]
    assert all(given["eta"] == 0.5 and duration == 10 for _, given, _, duration in network.calls)
    assert len({seed for *_, seed, _ in network.calls}) == 3 == len(after)
    assert len({given["task_seed"] for _, given, *_ in network.calls}) == 1
    assert shaped.alive.tolist() == [True, False, True]
    np.testing.assert_array_equal(shaped.state["w_input"][[0, 2]], 30)
    assert np.isnan(shaped.state["w_input"][1]).all() and set(shaped.state) == set(NET.states)
    assert measures(NET) == ["reward_mean", "correct"] == list(shaped.curves)
    expected = np.array([5, 10, 15.1, 20.1, 25.2, 30.2])
    for k, name in enumerate(measures(NET)):
        np.testing.assert_allclose(shaped.curves[name][[0, 2]], [expected + k / 10] * 2)
        # from the segment on in which it diverged, nothing counts
        np.testing.assert_allclose(shaped.curves[name][1], [*(expected[:2] + k / 10), *[np.nan] * 4])
    assert watch.seen == pytest.approx([1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1])
    again = shape(NET, 30, 4, {"eta": 0.5}, segments=3, folder=tmp_path)
    assert len(network.calls) == 3 and again.curves["correct"].shape == (3, 6)
    np.testing.assert_array_equal(again.state["w_input"], shaped.state["w_input"])
    for episodes, segments in ((30, 0), (0, 1), (30, 4), (12, 2)):
        with pytest.raises(Mistake, match=f"{episodes} episodes do not make {segments} segments"):
            shape(NET, episodes, 4, segments=segments)


def test_frozen_networks_are_asked_on_other_draws(told) -> None:
    network = told(memory, RecurrentNetwork)
    state = {"w_input": np.full((3, NET.inputs, 2), 7.0), "w_policy": np.ones((3, 2, 2))}
    state["w_policy"][2, 1, 1] = np.nan
    found = frozen(NET, state, 10, 4, {"reset": 1.0}, ("w_input",))
    np.testing.assert_allclose(found["correct"], [[12.1, 17.1], [12.1, 17.1], [np.nan, np.nan]])
    np.testing.assert_array_equal(found["w_input"][:2], 7)
    (_, given, seed, duration) = network.calls[0]
    assert given["reset"] == 1 and given["w_policy"][2].tolist() == [[0, 0], [0, 0]] and duration == 10
    assert {name: given[name] for name in NET.still} == dict(NET.still)
    drawn = untrained(NET, 4)
    assert network.calls[1][1]["task_seed"] != given["task_seed"] and network.calls[1][3] == 0
    np.testing.assert_array_equal(drawn["w_input"], 0)
    # a probe after each segment, of a block of its own
    seen = probed(NET, "correct", 20, 2, 4, {"individual": np.arange(3), "eta": 1.0})
    np.testing.assert_allclose(seen, [[15.1, 25.1], [15.1, np.nan], [15.1, 25.1]])
    probes = [given for _, given, *_ in network.calls[2:] if given.get("learning") == 0]
    assert len(probes) == 2 == len({given["task_seed"] for given in probes})
    assert all("eta" not in given and given["individual"].tolist() == [0, 1, 2] for given in probes)


def test_trials_of_an_actor_critic_are_put_where_they_ended(told, watch, tmp_path: Any) -> None:
    net = ActorCritic(LinearTrack(limit=2.0, rest=0.5), Pools(2), individuals=2)
    assert longest(net, 3) == pytest.approx(3 * 2.54 + QUIET)

    def answer(net: Any, given: dict[str, Any], duration: float, outputs: list[str]) -> dict[str, np.ndarray]:
        """The second individual does not end its last trial."""
        who, which = np.array([0, 1, 0]), int(given["trial"]) + 1 + np.array([0, 0, 1])
        weights = {name: given.get(name, np.zeros(2)) + 1 for name in outputs if name.startswith("w_")}
        return {"end_individual": who, "end_trial": which, "latency": 0.5 + which + who / 10,
                "outcome": 1.0 + who, "x_trace": np.full(2, given["trial"])} | weights  # fmt: skip

    program = told(answer, ActorCritic)
    series = live(net, 4, 3, {"eta_actor": 0.1}, segments=2, outputs=("x_trace", "w_critic"),
                  progress=watch, folder=tmp_path)  # fmt: skip
    np.testing.assert_allclose(series.latency, [[0.5, 1.5, 2.5, 3.5], [0.6, 2, 2.6, 2]])
    np.testing.assert_array_equal(series.finished, [[1, 1, 1, 1], [1, 0, 1, 0]])
    np.testing.assert_array_equal(series.outcome, [[1, 1, 1, 1], [2, 0, 2, 0]])
    np.testing.assert_array_equal(series.last["x_trace"], [1, 1])
    np.testing.assert_array_equal(series.last["w_critic"], [2, 2])
    assert [(given["trial"], given["trials"]) for _, given, *_ in program.calls] == [(-1, 2), (1, 4)]
    assert len({seed for *_, seed, _ in program.calls}) == 2
    assert len({given["task_seed"] for _, given, *_ in program.calls}) == 1
    seconds = round(longest(net, 2) / net.step) * net.step
    assert all(duration == pytest.approx(seconds) for *_, duration in program.calls)
    assert watch.seen == pytest.approx([0.25, 0.5, 0.5, 0.75, 1, 1])
    again = live(net, 4, 3, {"eta_actor": 0.1}, segments=2, outputs=("x_trace",), folder=tmp_path)
    assert len(program.calls) == 2 and again.latency.tolist() == series.latency.tolist()
    live(net, 2, 3, {"task_seed": 5}, seconds=1.0004)
    assert program.calls[-1][1]["task_seed"] == 5 and program.calls[-1][3] == pytest.approx(1.0)
    for trials, segments in ((4, 0), (0, 1), (4, 3)):
        with pytest.raises(Mistake, match=f"{trials} trials cannot be lived in {segments} equal segments"):
            live(net, trials, 3, segments=segments)


# spiking networks

PATTERNS = SpikePatterns(np.array([[10.0, 20.0, 0.0], [5.0, 5.0, 5.0]]), np.array([[20.0, 9.0], [5.0, 8.0]]))
LAYER = SpikingNetwork(PATTERNS, InjectedNoise(), individuals=4)


def test_differences_of_a_cost_that_is_linear_are_its_slope(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    """Cost sum_i c_i w_ij, and 10 more in the second pattern."""
    slope, w, calls = np.array([1.0, -2.0, 0.5]), np.arange(6.0).reshape(3, 2), []

    def answer(net: Any, trials: int, seed: int, given: Any, outputs: Any) -> dict[str, np.ndarray]:
        calls.append((net, trials, seed, given))
        cost = np.einsum("i,sij->sj", slope, given["w"])
        return {"cost": cost + 10 * (np.arange(len(cost)) % 2)[:, None]}

    monkeypatch.setattr(SpikingNetwork, "live", answer)
    found = finite_differences(LAYER, w, 0.25, 110, 3, watch)
    assert found.batches.shape == (2, 3, 2)
    np.testing.assert_allclose(found.gradient, -np.repeat(slope[:, None], 2, axis=1))
    np.testing.assert_allclose(found.expectation, -(slope @ w).sum() - np.array([0, 20]))
    net, trials, seed, given = calls[0]
    assert (net.individuals, net.copies, net.plastic, net.rule.noise, trials) == (50, 6, False, "shared", 1)
    assert given["noise_seed"] == seed != calls[1][2] and watch.seen == [0.5, 1]
    with pytest.raises(Mistake, match="take 100 samples or more, not 99"):
        finite_differences(LAYER, w, 0.25, 99, 3)
    # lengths without what the error of two batches adds: 1 and 3 about 2, and a mean of squares of 4 - 1
    batches = np.array([[[1.0]], [[3.0]]])
    reference = Reference(batches, np.zeros(1))
    assert reference.squared_length == pytest.approx(4 - 2 / 2)
    assert reference.cosine_limit == pytest.approx(0.75**0.5)
    assert Reference(np.array([[[1.0]], [[-1.0]]]) + 0.1, np.zeros(1)).cosine_limit == 0


def test_moments_of_updates_are_those_of_the_numbers(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    numbers, calls = iter(np.arange(8.0).reshape(2, 4)), []

    def answer(net: Any, trials: int, seed: int, given: Any, outputs: Any) -> dict[str, np.ndarray]:
        calls.append((trials, seed, given))
        return {"w": given["w"] + next(numbers)[:, None, None] * np.ones((3, 2))}

    monkeypatch.setattr(SpikingNetwork, "live", answer)
    w, direction = np.full((3, 2), 0.5), np.array([[2.0, 0], [0, 0], [0, 0]])
    found = mean_update(LAYER, w, np.array([3.0, 4.0]), 11, 5, direction, yoked=2, progress=watch)
    assert found.samples == 8 and found.marks == (4, 8) and watch.seen == [0.5, 1]
    np.testing.assert_allclose(found.mean, np.full((3, 2), 3.5))
    np.testing.assert_allclose(found.variance, np.full((3, 2), np.arange(8.0).var(ddof=1)))
    np.testing.assert_allclose(found.course, [np.full((3, 2), 1.5), np.full((3, 2), 3.5)])
    np.testing.assert_allclose(found.along, np.arange(8.0) / 2)
    trials, seed, given = calls[0]
    assert (trials, given["eta"], given["alpha"], given["yoked"]) == (1, 1, 0, 2) and seed != calls[1][1]
    np.testing.assert_array_equal(given["expectation"], [[3, 4]] * 4)
    for network, samples in ((LAYER, 3), (replace(LAYER, individuals=3), 30)):
        with pytest.raises(Mistake, match="take at least one call, and a multiple of the patterns"):
            mean_update(network, w, np.zeros(2), samples, 0, direction)
    assert MeanUpdate(2, np.array([[4.0]]), np.array([[10.0]]), (), w, w).variance == [[2.0]]


def test_what_is_trivial_of_an_update_is_its_part_along_the_mean_input() -> None:
    mean, other = np.array([3.0, 4.0]), np.array([-4.0, 3.0])
    update = np.stack([2 * mean + other, 5 * mean - 3 * other], axis=-1)
    np.testing.assert_allclose(without_trivial(update, mean), np.stack([other, -3 * other], axis=-1))
    np.testing.assert_allclose(without_trivial(update[None], mean)[0], without_trivial(update, mean))


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"individuals": 0}, "individuals"),
        ({"copies": 0}, "copies"),
        ({"dt": 0.0}, "dt is 0"),
        ({"dt": float("inf")}, "dt is inf"),
        ({"alpha": 1.01}, "alpha is 1.01"),
        ({"alpha": -0.01}, r"alpha is -0.01"),
        ({"dt": 0.9e-3}, "not a whole number of steps"),
        ({"dt": 4e-3}, "too coarse"),
        ({"neuron": EscapeNeuron()}, "needs the neuron DrivenNeuron"),
        ({"rule": EscapeNoise()}, "needs the neuron EscapeNeuron, not DrivenNeuron"),
        ({"copies": 2}, "share their noise"),
        ({"rule": WeightFluctuation(tick=0.15)}, "must divide the trial"),
        ({"rule": WeightFluctuation(tick=0.0105)}, "a tick of the rule .* is not a whole number of steps"),
    ],
)
def test_layers_that_cannot_be(settings: dict[str, Any], words: str) -> None:
    settings = {"rule": InjectedNoise(), "neuron": DrivenNeuron()} | settings
    with pytest.raises(Mistake, match=words):
        SpikingNetwork(PATTERNS, **settings)


def test_steps_of_a_layer() -> None:
    rule = WeightFluctuation()
    for dt in (1e-3, 0.5e-3):
        net = SpikingNetwork(PATTERNS, rule, dt=dt)
        assert net.bins == round(PATTERNS.duration / dt) and net.ticks == round(rule.tick / dt)
        assert net.duration(7) == 7 + 1 / net.bins
    escape = SpikingNetwork(PATTERNS, EscapeNoise(), EscapeNeuron(), alpha=1.0)
    assert escape.ticks == 0 and escape.neurons == 2
    assert SpikingNetwork(PATTERNS, InjectedNoise(), alpha=0).alpha == 0


SPIKING = SpikingRecurrentNetwork(EpisodicBandit())


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"individuals": 0}, "individuals is 0"),
        ({"units": 0}, "units is 0"),
        ({"substeps": 0}, "substeps is 0"),
        ({"block": 0}, "block is 0"),
        ({"dopamine": -1}, "-1 dopamine neurons"),
        ({"dopamine_rates": (0.0, 10.0)}, "must be above 0"),
        ({"dopamine_rates": (20.0, 30.0)}, "together below 50 Hz"),
        ({"dt": 0.0}, "time constants"),
        ({"dt": 0.221, "dopamine_rates": (1.0, 1.0)}, "time constants"),
        ({"tau": (0.4, 0.3)}, "time constants"),
        ({"tau": (0.4, float("inf"))}, "time constants"),
        ({"gain": -0.1}, "gains must be"),
        ({"gain": float("inf")}, "gains must be"),
        ({"input_gain": -0.1}, "gains must be"),
        ({"input_gain": float("inf")}, "gains must be"),
        ({"bias": float("nan")}, "gains must be"),
    ],
)
def test_spiking_recurrent_networks_that_cannot_be(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Mistake, match=words):
        replace(SPIKING, **settings)


def test_sizes_of_a_spiking_recurrent_network() -> None:
    """At the very edge of what can be: gains of nothing, one time constant, one of everything."""
    least = replace(SPIKING, units=1, individuals=1, substeps=1, block=1, gain=0.0, input_gain=0.0,
                    tau=(0.02, 0.02), dopamine=0)  # fmt: skip
    assert least.inputs == least.task.codes + least.task.actions + 2
    assert SPIKING.synapses == 32 * (SPIKING.inputs + 32 + SPIKING.task.actions + 1)
    assert SPIKING.lanes == 1 and SPIKING.still == {"learning": 0.0}


# dopamine


def test_asymmetries_are_spread_evenly_about_their_mean() -> None:
    assert Dopamine(neurons=2).asymmetries() == [[0.5, 0.5]]
    over_neurons = Dopamine(neurons=4, asymmetry=0.6, spread=0.4).asymmetries()
    np.testing.assert_allclose(over_neurons, [[0.45, 0.55, 0.65, 0.75]])
    over_channels = Dopamine(neurons=2, channels=2, asymmetry=0.6, spread=0.4).asymmetries()
    np.testing.assert_allclose(over_channels, [[0.5, 0.5], [0.7, 0.7]])
    for settings in ({"asymmetry": 0.2, "spread": 0.4}, {"asymmetry": 0.8, "spread": 0.4}):
        with pytest.raises(Mistake, match=r"all must lie in \(0, 1\)"):
            Dopamine(**settings)


def test_the_longer_time_constant_is_the_slow_one() -> None:
    values = {"tau_slow": 0.1, "tau_fast": 0.3, "gain": 2.0}
    assert ordered(values) == {"tau_slow": 0.3, "tau_fast": 0.1, "gain": 2.0}
    assert ordered({"tau_slow": 0.1}) == {"tau_slow": 0.1}


@pytest.mark.parametrize("slope, own", [("difference", True), ("after", False), ("before", False)])
def test_jumps_of_a_lone_critic_neuron(slope: Any, own: bool) -> None:
    """The mean of exp(-t/tau) over the step before it is read, exp(dt/tau) (1 - exp(-dt/tau)) tau/dt."""
    system, dt = Dopamine(slope=slope, critic_gain=25.0, tau_slow=0.3, tau_fast=0.1), 0.02
    scale = 1 / (25 * 0.2)
    expected = [scale * (tau / dt * (np.exp(dt / tau) - 1) if own else 1) for tau in (0.3, 0.1)]
    np.testing.assert_allclose(system.value_jumps(dt), expected)


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"gamma": 1.0}, r"gamma is 1, must be in \[0, 1\)"),
        ({"gamma": -0.1}, "gamma is -0.1"),
        ({"gamma": True}, "must be a number without a unit"),
        ({"spread": "0.1"}, "must be a number without a unit"),
        ({"tau_slow": 0.05}, "must be below tau_slow"),
        ({"tau_r": 1000.5}, "times are in seconds"),
        ({"td": "other"}, "td is 'other'"),
        ({"slope": "other"}, "slope is 'other'"),
        ({"neurons": 0}, "neurons is 0"),
        ({"channels": 0}, "channels is 0"),
    ],
)
def test_dopamine_that_cannot_be(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Mistake, match=words):
        Dopamine(**settings)


def test_the_widest_that_dopamine_can_be() -> None:
    assert Dopamine(gamma=0.0, neurons=1, channels=1, tau_r=1000.0).longest == 1000
    Dopamine(td="discrete", td_step=2e-3).check_step(2e-3)
    with pytest.raises(Mistake, match="too coarse for td_step = 1 ms"):
        Dopamine(td="discrete", td_step=1e-3).check_step(1.1e-3)
    names = {one.name: (one.low, one.high) for one in Dopamine.searchable()}
    assert names["asymmetry"] == (0.2, 0.8) and names["tau_r"] == (0.5, 20.0) and "td_step" not in names
