"""Bad input is refused by the interface before anything is started: one line says what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import Program, ProgramError
from hedon.models.program.values import checked_duration, checked_values


def refused(program: Program, parameters: Any = None, **kwargs: Any) -> str:
    with pytest.raises(Mistake) as caught:
        program(parameters, **{"seed": 1, "duration": 10, **kwargs})
    assert not isinstance(caught.value, ProgramError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"etta": 0.1}, "no argument 'etta'; did you mean 'eta'"),
        ({"eta": float("nan")}, "'eta' is not finite"),
        ({"eta": [0.1, float("inf"), 0.1]}, r"'eta' is not finite at \(1,\)"),
        ({"eta": [0.1, 0.2]}, r"shape \(2,\); it is a scalar or \(individual 3\)"),
        ({"eta": np.full((3, 6), 0.1)}, r"shape \(3, 6\)"),
        ({"eta": np.zeros(0)}, "shape"),
        ({"eta": -0.1}, r"'eta' is -0.1; it lies in \[0, inf\)"),
        ({"sigma": 0}, r"'sigma' is 0; it lies in \(0, inf\)"),
        ({"sigma": [0.1, 0.1, 0.0]}, r"'sigma' is 0.0 at \(2,\)"),
        ({"eta": "fast"}, "not a number"),
        ({"eta": 1j}, "not a number"),
        ({"eta": None}, "not a number"),
        ({"eta": [[1], [2, 3]]}, "not a regular array"),
        ({"learning": [True]}, r"shape \(1,\); it is a scalar"),
        ({"learning": 0.5}, "whole number"),
        ({"learning": 2}, r"lies in \[0, 1\]"),
        ({"task_seed": 1.5}, "whole number"),
        ({"task_seed": 2**63}, "lies in"),
        ({"w1": np.zeros((3, 6, 10))}, r"individual 3, input 10, hidden 6"),
    ],
)
def test_parameters(layers: Program, parameters: dict[str, Any], says: str) -> None:
    import re

    assert re.search(says, refused(layers, parameters))


def test_too_large_for_the_precision(quirks: Program) -> None:
    assert "too large for float32" in refused(quirks, {"gain": 1e300})


def test_two_arguments_for_one_target(quirks: Program) -> None:
    given = {"stimulus": np.zeros((4, 5)), "frame_gain": np.zeros(4)}
    assert "both set 'stimulus.values'" in refused(quirks, given)


def test_wrong_unit(spiking: Program) -> None:
    import brian2 as b2

    assert "'synapses.delay' is in s" in refused(spiking, {"synapses.delay": 2 * b2.mV})
    right = spiking({"synapses.delay": 2 * b2.ms}, seed=1, duration=0, outputs=["synapses.delay"])
    assert np.all(right["synapses.delay"] == 0.002)


def test_units_of_every_entry_of_a_list(spiking: Program) -> None:
    import brian2 as b2

    number = len(spiking({}, seed=1, duration=0, outputs=["synapses.delay"])["synapses.delay"])
    for wrong in ([1 * b2.mV] * number, [2 * b2.ms] * (number - 1) + [1 * b2.mV]):
        assert "'synapses.delay' is in s, not 1" in refused(spiking, {"synapses.delay": wrong})
    mixed = [2 * b2.ms] * (number - 1) + [0.002]
    assert "mixes numbers with and without a unit" in refused(spiking, {"synapses.delay": mixed})
    right = spiking({"synapses.delay": [2 * b2.ms] * number}, seed=1, duration=0, outputs=["synapses.delay"])
    assert np.all(right["synapses.delay"] == 0.002)


def test_arrays_that_say_more_than_numbers(layers: Program) -> None:
    import xarray as xr

    weights = np.arange(180.0).reshape(3, 10, 6)
    masked = np.ma.masked_array(weights, weights == 7)
    assert r"'w1' is masked at (0, 1, 1)" in refused(layers, {"w1": masked})
    named = xr.DataArray(weights, dims=("individual", "input", "hidden"))
    turned = named.transpose("hidden", "individual", "input")
    got = layers({"w1": turned}, seed=1, duration=0, outputs=["w1"])["w1"]
    np.testing.assert_array_equal(got, weights)
    other = xr.DataArray(weights, dims=("individual", "x", "hidden"))
    assert "(individual, input, hidden), not (individual, x, hidden)" in refused(layers, {"w1": other})
    whole = layers({"w1": np.ma.masked_array(weights)}, seed=1, duration=0, outputs=["w1"])["w1"]
    np.testing.assert_array_equal(whole, weights)


TARGET = {"dims": ["individual"], "dtype": "float64", "size": 3, "dimension": [0.0] * 7}
BOUNDS = {"unit": "1", "low": 0.0, "high": 1.0, "open_low": False, "integer": False}


class OfPint:
    """What quantities of pint and neo have; numpy would take their numbers alone."""

    magnitude, units = 0.1, "millisecond"

    def __array__(self, *given: Any, **named: Any) -> np.ndarray:
        return np.array(self.magnitude)


def test_labels_and_units_of_other_libraries(layers: Program) -> None:
    import pandas as pd
    import xarray as xr

    rates = [0.1, 0.2, 0.3]
    turned = pd.Series(rates, index=[2, 0, 1])
    assert "numbered in another order" in refused(layers, {"eta": turned})
    assert "numbered in another order" in refused(
        layers, {"eta": xr.DataArray(rates, dims="individual", coords={"individual": [2, 1, 0]})}
    )
    for unit in ("ms", "millisecond", "minutes", "cm", "%", "kHz/V", "arbitrary"):
        assert f"'eta' says that it is in {unit};" in refused(
            layers, {"eta": xr.DataArray(rates, dims="individual", attrs={"units": unit})}
        )
    assert "'eta' is a quantity of" in refused(layers, {"eta": OfPint()})
    assert "not a number" in refused(layers, {"eta": pd.Series(["a", "b", "c"])})
    assert "values by name" in refused(layers, [0.1])
    for good in (
        turned.sort_index(),
        pd.Series([0.2, 0.3, 0.1], index=["b", "c", "a"]),
        xr.DataArray(
            [0.2, 0.3, 0.1], dims="individual", coords={"individual": [10, 5, 7]}, attrs={"units": "1"}
        ),
        np.array([0.2, 0.3, 0.1], dtype=object),
    ):
        dims = {"eta": {"dims": ["individual"], "targets": {"eta": TARGET}, **BOUNDS}}
        (value,) = checked_values({"eta": good}, dims, {"individual": 3})
        assert value.data.tolist() == [0.2, 0.3, 0.1]
    dims["eta"]["unit"] = "1/trial"
    for unit in ("", "1", "V s", "spikes/s", "Hz", "m^2", "1/trial"):
        labelled = xr.DataArray([0.2, 0.3, 0.1], dims="individual", attrs={"units": unit})
        assert checked_values({"eta": labelled}, dims, {"individual": 3})[0].data.tolist() == [0.2, 0.3, 0.1]


def test_duration_with_a_unit() -> None:
    import brian2 as b2

    assert checked_duration(100 * b2.ms, 0.5, 1e-4) == checked_duration(0.2, 0.5, 1e-4) == 0.1
    assert checked_duration(3 * b2.second / b2.second, 0.5, 1e-4) == 1.5
    with pytest.raises(Mistake, match="a number or a time, not 5"):
        checked_duration(5 * b2.mV, 1.0, 1e-4)


@pytest.mark.parametrize("duration", [-1, 0.5, float("nan"), float("inf"), "long", None, 1e300])
def test_duration(layers: Program, duration: Any) -> None:
    assert "duration" in refused(layers, duration=duration)


def test_durations_are_put_right_to_the_bit() -> None:
    """Unrounded, the last would be run a step longer by Brian2."""
    for given, steps in ((0.1 + 0.2, 3000), (0.3, 3000), (1e6, 10**10), (1 + 1e-13, 10000)):
        assert checked_duration(given, 1.0, 1e-4) == steps * 1e-4
    assert checked_duration(7, 0.5, 0.5) == 3.5


def test_duration_of_whole_blocks_for_block_series(layers: Program) -> None:
    assert "blocks of output 'loss', 10 each" in refused(layers, duration=15)
    assert layers(seed=1, duration=15, outputs=["w1"])["w1"].shape == (3, 10, 6)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", None, True])
def test_seed(layers: Program, seed: Any) -> None:
    assert "seed is a whole number" in refused(layers, seed=seed)


def test_outputs(layers: Program) -> None:
    assert "no output 'los'; did you mean 'loss'" in refused(layers, outputs=["los"])
    assert "list of names" in refused(layers, outputs="loss")
    with pytest.raises(KeyError, match="w1"):
        layers(seed=1, duration=0, outputs=["w1"])["w11"]
