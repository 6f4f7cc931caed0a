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
from hedon.analysis.theory.firing import leaky_rate
from hedon.models.neurons import LeakyParameters
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


def test_current_neuron_follows_the_analytic_curve(networks):
    refractory = 0.002
    parameters = LeakyParameters(refractory=refractory)
    program = compile_program(networks.driven, networks.Driven(parameters))
    current = np.array([1.9, 2.01, 2.05, 2.2, 2.5, 3, 4, 5]) * 1e-10
    measured = rate(program({"I_ext": current}, seed=0, duration=2.0))
    v_inf = parameters.E_L + parameters.R_m * current
    expected = leaky_rate(v_inf, parameters.V_reset, parameters.V_th, parameters.tau_m, refractory)
    assert expected[0] == measured[0] == 0
    # intervals are whole steps: at most dt too long, dt x 100 Hz = .5 %
    np.testing.assert_allclose(measured, expected, rtol=0.01)


def test_arrivals_are_a_poisson_process(networks):
    config = networks.Poisson()
    program = compile_program(networks.poisson, config)
    arrays = program({}, seed=3, duration=config.duration, outputs=["spikes.i", "spikes.t", "spikes.count"])
    counts, expected = arrays["spikes.count"].astype(float), config.rate * config.duration
    assert abs(z_score(counts, expected)) < 5
    assert abs(z_score((counts - expected) ** 2, expected)) < 5
    order = np.lexsort((arrays["spikes.t"], arrays["spikes.i"]))
    index, time = arrays["spikes.i"][order], arrays["spikes.t"][order]
    # intervals that begin in the first half, of which the end cuts off exp(-100)
    inside = (index[1:] == index[:-1]) & (time[:-1] < config.duration / 2)
    interval = np.diff(time)[inside] * config.rate
    assert abs(z_score(interval, 1.0)) < 5
    grid = (config.rate * config.dt) ** 2 / 6  # two times, each put on the grid
    assert abs(z_score((interval - 1) ** 2, 1 + grid)) < 5
    other = program({}, seed=4, duration=config.duration, outputs=["spikes.count"])["spikes.count"]
    assert abs(z_score((counts - counts.mean()) * (other - other.mean()), 0.0)) < 5


def test_wrong_units_and_values_get_one_line():
    import brian2 as b2

    assert LeakyParameters(tau_m=10 * b2.ms).tau_m == pytest.approx(0.01)
    for make, words in (
        (lambda: LeakyParameters(tau_m=10 * b2.mV), "tau_m is 10. mV, must be in second"),
        (lambda: LeakyParameters(tau_m=-1.0), "tau_m is -1, must be above 0"),
        (lambda: LeakyParameters(E_L=float("nan")), "E_L is nan, must be a finite number"),
        (lambda: LeakyParameters(V_reset=0.0), "V_reset is 0 V, must be below V_th"),
        (lambda: LeakyParameters(refractory=-0.001), "refractory is -0.001, must not be negative"),
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
