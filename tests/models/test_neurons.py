"""Neurons against closed forms: f-I curve, effective time constant, Poisson statistics; refusals."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.firing import effective_membrane, leaky_rate
from hedon.models.neurons import Axis, ConductanceParameters, LeakyParameters, PlaceCells
from hedon.models.program import compile_program


@pytest.fixture(scope="module")
def networks():
    """The builders' module; the building process looks for it along the same path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("neuron_networks")


def rate(arrays) -> np.ndarray:
    """Inverse of the mean interval, free of the count's rounding."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (arrays["spikes"] - 1) / (arrays["last"] - arrays["first"])
    return np.where(arrays["spikes"] > 1, found, 0.0)


@pytest.mark.parametrize("refractory", [0.0, 0.002])
def test_current_neuron_follows_the_analytic_curve(networks, refractory):
    parameters = LeakyParameters(refractory=refractory)
    program = compile_program(networks.driven, networks.Driven("current", parameters))
    current = np.array([1.9, 2.01, 2.05, 2.2, 2.5, 3, 4, 5]) * 1e-10
    measured = rate(program({"I_ext": current}, seed=0, duration=2.0))
    v_inf = parameters.E_L + parameters.R_m * current
    expected = leaky_rate(v_inf, parameters.V_reset, parameters.V_th, parameters.tau_m, refractory)
    assert expected[0] == measured[0] == 0
    # intervals are whole steps: at most dt too long, dt x 100 Hz = .5 %
    np.testing.assert_allclose(measured, expected, rtol=0.01)


@pytest.mark.parametrize("refractory", [0.0, 0.002])
def test_conductance_neuron_follows_its_effective_time_constant(networks, refractory):
    p = ConductanceParameters(refractory=refractory)
    program = compile_program(networks.driven, networks.Driven("conductance", p))
    excitation = np.array([3, 4.2, 5, 6, 8, 6, 9, 15]) * 1e-9
    inhibition = np.array([0, 0, 0, 0, 0, 4, 10, 20]) * 1e-9
    arrays = program({"g_e_mean": excitation, "g_i_mean": inhibition}, seed=0, duration=2.0)
    g = np.stack([np.full(8, p.g_L), excitation, inhibition], axis=-1)
    v_inf, tau = effective_membrane(g, [p.E_L, p.E_e, p.E_i], p.C_m)
    expected = leaky_rate(v_inf, p.V_reset, p.V_th, tau, refractory)
    assert expected[0] == 0 and (expected[1:] > 10).any()
    np.testing.assert_allclose(rate(arrays), expected, rtol=0.01)


def test_poisson_counts_and_intervals(networks):
    config = networks.Poisson()
    program = compile_program(networks.poisson, config)
    arrays = program({}, seed=3, duration=config.duration, outputs=["spikes.i", "spikes.t", "spikes.count"])
    counts = arrays["spikes.count"].astype(float)
    p, steps = config.rate * config.dt, config.duration / config.dt
    assert abs(z_score(counts, p * steps)) < 5
    assert abs(z_score((counts - p * steps) ** 2, p * (1 - p) * steps)) < 5
    order = np.lexsort((arrays["spikes.t"], arrays["spikes.i"]))
    index, time = arrays["spikes.i"][order], arrays["spikes.t"][order]
    # intervals that begin in the first half, of which the end cuts off (1-p)^2000 = 1e-45
    inside = (index[1:] == index[:-1]) & (time[:-1] < config.duration / 2)
    interval = np.round(np.diff(time)[inside] / config.dt)
    assert abs(z_score(interval, 1 / p)) < 5
    assert abs(z_score((interval - 1 / p) ** 2, (1 - p) / p**2)) < 5
    early = (interval <= 10).astype(float)
    assert abs(z_score(early, 1 - (1 - p) ** 10)) < 5
    other = program({}, seed=4, duration=config.duration, outputs=["spikes.count"])["spikes.count"]
    assert abs(z_score((counts - counts.mean()) * (other - other.mean()), 0.0)) < 5


def test_place_cells_fire_by_their_distance(networks):
    cells = PlaceCells((Axis("x", 0, 1, 3, 0.2, "meter"), Axis("heading", -1, 1, 2, 0.7)), peak=80.0)
    assert cells.size == 6
    config = networks.Places(cells, (0.4, 0.1))
    arrays = compile_program(networks.places, config)({}, seed=5, duration=1.0)
    expected = cells.rates(x=0.4, heading=0.1)
    assert expected.max() < 80 and expected.argmax() == 3
    np.testing.assert_allclose(arrays["rate"], np.broadcast_to(expected, (2000, 6)), rtol=1e-12)
    for cell in range(6):
        assert abs(z_score(arrays["count"][:, cell], expected[cell])) < 5


def test_wrong_units_and_values_get_one_line():
    import brian2 as b2

    assert LeakyParameters(tau_m=10 * b2.ms).tau_m == pytest.approx(0.01)
    for make, words in (
        (lambda: LeakyParameters(tau_m=10 * b2.mV), "tau_m is 10. mV, must be in second"),
        (lambda: LeakyParameters(tau_m=-1.0), "tau_m is -1, must be above 0"),
        (lambda: LeakyParameters(E_L=float("nan")), "E_L is nan, must be a finite number"),
        (lambda: LeakyParameters(V_reset=0.0), "V_reset is 0 V, must be below V_th"),
        (lambda: LeakyParameters(refractory=-0.001), "refractory is -0.001, must not be negative"),
        (lambda: ConductanceParameters(C_m=0.0), "C_m is 0, must be above 0"),
        (lambda: Axis("x", 0, 1, 1, 0.1), "1 centres from 0 to 1"),
        (lambda: Axis("x", 0, 1, 3, 0.0), "width is 0"),
        (lambda: PlaceCells(()), "one or more"),
        (lambda: PlaceCells((Axis("x", 0, 1, 3, 0.1),), peak=-1.0), "peak is -1"),
    ):
        with pytest.raises(Mistake) as refused:
            make()
        assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("make", "dt", "words"),
    [
        (LeakyParameters(), 0.01, "dt is 10 ms, too coarse for tau_s = 5 ms; at most 2.5 ms"),
        (LeakyParameters(tau_m=1e-3), 1e-3, "too coarse for tau_m = 1 ms"),
        (LeakyParameters(refractory=0.0015), 1e-3, "must be a whole number of steps"),
        (ConductanceParameters(C_m=1e-11), 1e-3, "too coarse for C_m/g_L = 1 ms"),
        (PlaceCells((Axis("x", 0, 1, 3, 0.1),), peak=200.0), 1e-3, "too coarse for 200 Hz; at most 0.5 ms"),
    ],
)
def test_a_step_too_coarse_is_refused(make, dt, words):
    with pytest.raises(Mistake, match=words):
        make.check_step(dt)
    make.check_step(1e-4)


def test_naming_neurons_does_not_import_brian():
    code = "import sys; import hedon.models.neurons; sys.exit('brian2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_step_is_refused_when_the_network_is_built(networks):
    with pytest.raises(Mistake, match="too coarse for tau_s"):
        compile_program(networks.driven, networks.Driven(dt=0.004))
