"""The dopamine system simulated: noise of the critic, slopes, its errors, its floor, its volume."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.online import critic_kernel, critic_shot_noise, critic_slope_bias
from hedon.models.circuit import Circuit
from hedon.models.dopamine.circuit import DopamineCircuit
from hedon.models.dopamine.system import CRITIC, SPIKE, Dopamine, unit_jump
from hedon.models.program import Model, compile_program

ONSET = 0.5
"""when the prescribed value and reward step from one level to another (s)"""
RECORDED = ("V", "slope", "delta", "n", "fired", "r")


@dataclass(frozen=True)
class Prescribed:
    """A critic whose rate and a reward whose size are given: before and after a step at ONSET."""

    system: Dopamine = Dopamine()
    individuals: int = 100
    critics: int = 100
    targets: int = 2
    dt: float = 0.001


def prescribed(config: Prescribed) -> Model:
    circuit = Circuit(config.individuals, step=config.dt)
    circuit.namespace["onset"] = ONSET * b2.second
    system = DopamineCircuit(config.system, circuit, "early : Hz (constant)\nlate : Hz (constant)")
    critic = circuit.group(
        "critic",
        config.critics,
        CRITIC + "u = u_before + (u_after - u_before)*int(t >= onset) : 1\n"
        "u_before : 1 (constant)\nu_after : 1 (constant)",
        "critic",
        threshold=SPIKE,
    )
    target = circuit.group("target", config.targets, "modulator : 1", "target")
    circuit.run(
        system.value, "reward = early + (late - early)*int(t >= onset)", "reward", when="start", order=0
    )
    system.read(critic)
    system.transmit(target)
    system.record(config.dt, RECORDED)
    circuit.monitor(target, ["modulator"], "modulators")
    circuit.output("modulator", "modulators.modulator", ("time", "individual", "target"), default=True)
    for name in ("u_before", "u_after"):
        circuit.argument(name, f"critic.{name}", ("individual", "critic"), given=("individual",))
    for name in ("early", "late"):
        circuit.argument(name, f"value.{name}", ("individual", "channel"), given=("individual",), unit="Hz")
    return circuit.model(unit=1.0)


def run(config: Prescribed, duration: float, seed: int = 1, **parameters) -> dict[str, np.ndarray]:
    arrays = compile_program(prescribed, config)(parameters, seed=seed, duration=duration)
    return {name: arrays[name] for name in arrays}


def error_of(samples: np.ndarray) -> np.ndarray:
    """Standard error of the mean over individuals."""
    return samples.std(axis=-1, ddof=1) / samples.shape[-1] ** 0.5


RATE = 20.0
"""rate of the stationary critic (Hz); V is the same number"""


def stationary(slope: str, dt: float) -> tuple[Prescribed, dict[str, np.ndarray]]:
    system = Dopamine(critic_baseline=0.0, critic_gain=1.0, critic_highest=250.0, slope=slope)
    config = Prescribed(system, dt=dt)
    return config, run(config, 8.0, u_before=RATE, u_after=RATE)


@pytest.mark.whole
def test_shot_noise_of_the_critic():
    config, found = stationary("after", 0.001)
    var_v, var_slope = critic_shot_noise(RATE, config.critics, 0.2, 0.05)
    for name, expected in (("V", var_v), ("slope", var_slope)):
        variances = found[name][2000:, :, 0].var(axis=0)
        # a time average over 6 s of a correlation time of 0.2 s lacks a share of the variance of V;
        # the slope read in steps of 1 ms has 1 + O(dt/tau_fast) of it
        share = 0.07 if name == "V" else 0.03
        assert abs(variances.mean() - expected) < 5 * error_of(variances) + share * expected, name
    across = found["V"][2000::1000, :, 0]
    assert abs(across.var(axis=1, ddof=1).mean() / var_v - 1) < 5 * (2 / 99 / len(across)) ** 0.5
    assert abs(found["V"][2000:].mean() - RATE) < 0.05


@pytest.mark.whole
@pytest.mark.parametrize(("slope", "dt"), [("after", 0.001), ("before", 0.001), ("difference", 0.001)])
def test_where_the_slope_is_read(slope, dt):
    _, arrays = stationary(slope, dt)
    found = arrays["slope"][int(2 / dt) :, :, 0].mean(axis=0)
    exact = 0.0 if slope == "difference" else critic_slope_bias(RATE, dt, 0.2, 0.05, order=slope)
    assert abs(found.mean() - exact) < 5 * error_of(found)
    if slope == "after":
        assert found.mean() / (RATE * dt / (2 * 0.2 * 0.05)) == pytest.approx(1, abs=0.1)


def rise(time: np.ndarray) -> np.ndarray:
    """What kappa makes of a step at time 0."""
    late = np.maximum(time, 0)
    return (time > 0) * (1 - (0.2 * np.exp(-late / 0.2) - 0.05 * np.exp(-late / 0.05)) / 0.15)


def test_population_carries_the_continuous_error():
    """Value steps from .2 to .7, reward from .3 to .9 per second: equations (1), (2), (4) in closed form."""
    config = Prescribed(Dopamine(neurons=40, gain=2.0), individuals=400, critics=200, dt=0.002)
    found = run(config, 2.0, u_before=0.2, u_after=0.7, early=0.3, late=0.9)
    # recordings are made at the start of a step: they show what was computed in the step before
    time = np.arange(len(found["V"])) * config.dt
    value = 0.2 * rise(time) + 0.5 * rise(time - ONSET)
    slope = 0.2 * critic_kernel(time, 0.2, 0.05) + 0.5 * critic_kernel(time - ONSET, 0.2, 0.05)
    reward = 0.3 * rise(time) + 0.6 * rise(time - ONSET)
    delta = reward + slope - value / 5.0
    late = slice(int(0.1 / config.dt), None)
    for name, expected in (("V", value), ("delta", delta), ("r", reward)):
        samples = found[name][..., 0]
        step = 2 * np.abs(np.gradient(expected))
        assert np.all(
            (np.abs(samples.mean(axis=1) - expected) < 5 * error_of(samples) + step + 1e-6)[late]
        ), name
    # in windows of 100 ms the rate of the population is baseline + gain delta
    width = int(0.1 / config.dt)
    rate = np.diff(found["fired"][::width, :, 0], axis=0) / 0.1
    windows = delta[: len(rate) * width].reshape(-1, width).mean(axis=1)
    z = (rate.mean(axis=1) - 6.5 - 2.0 * windows) / error_of(rate)
    assert np.all(np.abs(z) < 5)
    assert np.ptp(windows) > 1


DISCRETE = Prescribed(
    Dopamine(
        td="discrete",
        gamma=0.9,
        td_step=0.1,
        critic_gain=40.0,
        critic_baseline=40.0,
        neurons=40,
        filtered_reward=False,
        clearance=0.03,
    ),
    individuals=200,
    critics=200,
    targets=1,
    dt=0.004,
)


@pytest.mark.whole
def test_discrete_error():
    config = DISCRETE
    found = run(config, 3.0, u_before=0.5, u_after=0.5, early=1.0, late=1.0)
    late = slice(int(1.5 / config.dt), None)
    delta = found["delta"][late, :, 0].mean(axis=0)
    # r dt summed over a step of 0.1 s, + gamma V' - V of a stationary critic
    assert abs(delta.mean() - (0.1 + 0.9 * 0.5 - 0.5)) < 5 * error_of(delta)
    rate = (found["fired"][-1, :, 0] - found["fired"][late.start, :, 0]) / (1.5 - config.dt)
    assert abs(rate.mean() - (6.5 + 4.0 * 0.05)) < 5 * error_of(rate)


PLAIN = Prescribed(targets=4, dt=0.002)


@pytest.mark.whole
def test_rate_has_a_floor_that_compresses_negative_errors():
    dip = run(PLAIN, 1.5, u_before=1.0, u_after=0.0)
    burst = run(PLAIN, 1.5, u_before=0.0, u_after=1.0)
    window = slice(int((ONSET + 0.05) / 0.002), int((ONSET + 0.2) / 0.002))
    for found in (dip, burst):
        assert np.abs(found["delta"][window].mean()) > 6.5 / 4
    silent = dip["fired"][window.stop] - dip["fired"][window.start]
    assert silent.sum() == 0
    more = (burst["fired"][window.stop] - burst["fired"][window.start]).mean() / 0.15
    assert more - 6.5 > 6.5 * 1.3


def test_volume_follows_its_closed_form():
    """n is the spikes, 10 ms later, through an exponential of 100 ms; modulators are (n - tonic)/gain.

    What a spike adds is the mean of that exponential over a step.
    """
    middle = (np.arange(2000) + 0.5) * 0.002 / 2000
    released = np.exp(-middle / 0.1).mean() / 0.1
    found = run(PLAIN, 1.5, u_before=1.0, u_after=0.0)
    spikes = np.diff(found["fired"][..., 0], axis=0, prepend=0)
    n = np.empty_like(spikes)
    level = np.full(spikes.shape[1], 6.5)
    for k in range(len(spikes)):
        n[k] = level
        # recorded at the start of a step: decays, then takes up what was fired 5 steps of 2 ms ago
        level = level * np.exp(-0.002 / 0.1) + (spikes[k - 4] if k >= 4 else 0) * released
    np.testing.assert_allclose(found["n"][..., 0], n, rtol=1e-9, atol=1e-9)
    for target in range(PLAIN.targets):
        # recorded a step later: what is read is the concentration at the beginning of a step
        modulator = found["modulator"][1:, :, target]
        np.testing.assert_allclose(modulator * 4.0 + 6.5, n[:-1], rtol=1e-9, atol=1e-9)


@pytest.mark.whole
def test_the_mean_that_dopamine_tells_is_the_error():
    """Zero at rest, zero where reward keeps a value up, V = r tau_r, and else one for one."""
    dt, clearance = 0.004, 0.008
    system = Dopamine(clearance=clearance, neurons=50, tau_r=2.0, critic_baseline=40.0)
    config = Prescribed(system, critics=100, targets=1, dt=dt)
    for value, reward in ((0.0, 0.0), (0.4, 0.2), (0.4, 0.0), (-0.4, 0.5)):
        error = reward - value / system.tau_r
        found = run(config, 8.0, u_before=value, u_after=value, early=reward, late=reward)
        told = found["modulator"][int(3 / dt) :, :, 0].mean(axis=0)
        assert abs(z_score(told, error)) < 5
        # a release of 1/(N clearance), read at the same moment, would be seen
        x = dt / clearance
        too_much = (system.baseline / system.gain + error) * (x / -np.expm1(-x) - 1)
        assert z_score(told + too_much, error) > 5


@pytest.mark.whole
def test_the_discrete_error_is_zero_at_rest():
    found = run(DISCRETE, 8.0, u_before=0.0, u_after=0.0)
    assert abs(z_score(found["modulator"][500:, :, 0].mean(axis=0), 0.0)) < 5


@pytest.mark.parametrize("x", [1e-6, 0.02, 0.5, 3.0])
def test_what_is_read_of_a_spike_sums_to_one(x):
    seen = unit_jump(x, 1.0) * np.exp(-x * np.arange(60 / x)) if x > 1e-3 else unit_jump(x, 1.0)
    assert np.sum(seen) * (x if x > 1e-3 else x / -np.expm1(-x)) == pytest.approx(1, rel=1e-9)


def test_modulator_of_another_individual():
    """Individual k hears the one ``yoked`` places before it, one number for all or one for each."""
    own, other = run(PLAIN, 0.5), run(PLAIN, 0.5, yoked=1)
    np.testing.assert_array_equal(np.roll(own["modulator"], 1, axis=1), other["modulator"])
    assert np.ptp(own["modulator"], axis=1).max() > 0
    many = PLAIN.individuals
    yoked = np.arange(many) * 7 % many
    mixed = run(PLAIN, 0.5, yoked=yoked)
    np.testing.assert_array_equal(own["modulator"][:, np.arange(many) - yoked], mixed["modulator"])


def test_another_individual_must_be_one_of_those_that_there_are():
    for value in (-1, PLAIN.individuals, 0.5):
        with pytest.raises(Mistake, match="yoked"):
            run(PLAIN, 0.5, yoked=value)


@pytest.mark.whole
def test_asymmetries_give_each_neuron_its_own_gains():
    system = Dopamine(channels=5, neurons=40, spread=0.8, gain=2.0)
    np.testing.assert_allclose(np.array(system.asymmetries())[:, 0], [0.18, 0.34, 0.5, 0.66, 0.82])
    config = Prescribed(system, individuals=100, critics=100, targets=5, dt=0.002)
    found = run(config, 4.0, u_before=0.0, u_after=0.0, early=1.0, late=1.0)
    rate = (found["fired"][-1] - found["fired"][1000]) / (found["fired"].shape[0] - 1001) / 0.002
    # noise of the critic makes delta negative at times: counted as it was
    delta = found["delta"][1000:]
    a = np.array(system.asymmetries())[:, 0]
    expected = 6.5 + 4.0 * (a * np.clip(delta, 0, None) + (1 - a) * np.clip(delta, None, 0)).mean(axis=(0, 1))
    assert np.all(np.abs(rate.mean(axis=0) - expected) < 5 * error_of(rate.T))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gamma": 1.0}, "gamma is 1, must be in [0, 1)"),
        ({"gamma": -0.1}, "gamma"),
        ({"tau_slow": 200.0, "tau_fast": 200.0}, "below tau_slow"),
        ({"clearance": 20000.0}, "times are in seconds"),
        ({"delay": -0.01}, "delay"),
        ({"tau_r": 5 * b2.mV}, "tau_r is 5. mV, must be in second"),
        ({"gain": 4 * b2.second}, "must be in hertz"),
        ({"gain": "much"}, "must be a finite number (hertz)"),
        ({"gamma": 0.9 * b2.second}, "must be a number without a unit"),
        ({"spread": 1.0}, "spread"),
        ({"channels": 0}, "channels"),
        ({"slope": "middle"}, "slope is 'middle'"),
    ],
)
def test_mistakes(settings, words):
    with pytest.raises(Mistake) as caught:
        Dopamine(**settings)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_quantities_are_taken_for_their_value():
    assert Dopamine(tau_slow=200 * b2.ms, gain=4 * b2.Hz) == Dopamine(tau_slow=0.2, gain=4.0)


def test_a_step_too_coarse_is_refused():
    with pytest.raises(Mistake, match=r"dt is 30 ms, too coarse for tau_fast = 50 ms; at most 25 ms"):
        Dopamine().check_step(0.03)
    Dopamine().check_step(0.002)
    with pytest.raises(Mistake, match="dt is 2 ms, too coarse for critic_highest = 1000 Hz; at most 1 ms"):
        Dopamine(critic_highest=1000.0).check_step(0.002)


@pytest.fixture
def circuit():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    yield Circuit(2, step=0.002)
    b2.prefs.codegen.target = before


def test_networks_that_do_not_fit_get_one_line(circuit):
    system = DopamineCircuit(Dopamine(channels=3), circuit)
    neurons = circuit.group("neurons", 4, "modulator : 1")
    with pytest.raises(Mistake, match="8 critic neurons cannot be shared out evenly to 6 value units"):
        system.read(neurons)
    with pytest.raises(Mistake, match="channel needs 4 numbers from 0 to 2"):
        system.transmit(neurons, channel=[0, 1, 2, 3])
    with pytest.raises(Mistake, match="dt is 40 ms, too coarse"):
        DopamineCircuit(Dopamine(), Circuit(2, step=0.04))
    with pytest.raises(Mistake, match="td_step is 0.101 s, must be a whole number of steps of 0.002 s"):
        DopamineCircuit(Dopamine(td="discrete", td_step=0.101), Circuit(2, step=0.002))


def test_the_integral_of_value_is_that_of_the_critics_spikes(circuit):
    """One spike of four neurons, in a step of 2 ms: the values that follow sum to 1/(4 critic_gain)."""
    parameters = Dopamine(critic_baseline=0.0, baseline=0.0, tau_slow=0.04, tau_fast=0.005)
    system = DopamineCircuit(parameters, circuit)
    critic = circuit.group("critic", 4, "at : second", threshold="i == 1 and timestep(t, dt) == 3")
    system.read(critic)
    values = circuit.monitor(system.value, ["V"], "values", when="end")
    circuit.network.run(1 * b2.second)
    assert np.sum(values.V[0]) * 0.002 == pytest.approx(1 / (4 * 40.0), rel=1e-7)
    assert np.argmax(values.V[0] > 0) == 4


def test_each_group_of_neurons_has_its_own_broadcast(circuit):
    """Two channels of two individuals onto targets 0, 0, 1, 1, and modulators made at the ticks asked for."""
    system = DopamineCircuit(Dopamine(channels=2), circuit)
    target, crossed = (circuit.group(name, 4, "modulator : 1") for name in ("target", "crossed"))
    system.transmit(target, 10)
    system.transmit(crossed, 10, channel=[1, 0, 0, 1])
    world = circuit.group("world", 1, "given : Hz")
    world.given = [1.0, 2.0] * b2.Hz
    system.reward_from(world, "given_pre")
    system.volume.n = [6.5, 10.5, 2.5, 6.5] * b2.Hz
    system.record_spikes()
    circuit.network.run(10 * b2.ms)
    # made once, at the first tick, of the concentrations then
    np.testing.assert_allclose(target.modulator[:], [0, 0, 1, 1, -1, -1, 0, 0])
    np.testing.assert_allclose(crossed.modulator[:], [1, 0, 0, 1, 0, -1, -1, 0])
    np.testing.assert_allclose(system.value.reward[:] / b2.Hz, [1, 1, 2, 2])
    assert set(circuit.outputs) == {"dopamine_spike_time", "dopamine_spike_neuron"}
