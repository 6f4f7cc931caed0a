"""Responses of a sampled trace are those that were put in, whatever its clock; gaps do not count."""

from __future__ import annotations

from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.recording import Series
from hedon.analysis.responses.dopamine_responses import trace_responses
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

OUTCOME = 10.0 * np.arange(1, 41)
EXPECTED = np.arange(40) % 2
SIZE = np.repeat([1.0, 5.0], 20)
CUE = np.where(EXPECTED > 0, OUTCOME - 1.5, np.nan)
TRIALS = {"reward_ul": SIZE, "expected": EXPECTED, "t_cue": CUE, "t_outcome": OUTCOME}


def trace(times: np.ndarray) -> np.ndarray:
    """2, and above it the size in 200 to 600 ms after each reward, half as much where it was expected."""
    since = times[:, None] - OUTCOME
    inside = (since >= 0.2 - 1e-9) & (since < 0.6 - 1e-9)
    return 2 + inside @ (SIZE * np.where(EXPECTED > 0, 0.5, 1))


@pytest.mark.parametrize("even", [True, False])
def test_responses_come_back(even: bool) -> None:
    generator = np.random.default_rng(0)
    times = 0.02 * np.arange(21000) if even else np.sort(generator.uniform(0, 420, 21000))
    before, response = trace_responses(Series.of(times, trace(times), "V"), TRIALS)
    np.testing.assert_allclose(before, 2)
    np.testing.assert_allclose(response, SIZE * np.where(EXPECTED > 0, 0.5, 1))


def test_gaps_do_not_count_and_missing_windows_are_no_numbers() -> None:
    times = 0.02 * np.arange(21000)
    values = trace(times)
    values[::3] = np.nan
    values[(times > 9.9) & (times < 11)] = np.nan
    before, response = trace_responses(Series.of(times, values, "V"), TRIALS)
    assert np.isnan(response[0]) and before[0] == pytest.approx(2)
    np.testing.assert_allclose(response[1:], (SIZE * np.where(EXPECTED > 0, 0.5, 1))[1:])
    with pytest.raises(Mistake, match="one value a sample"):
        trace_responses(Series.of(times, np.zeros((21000, 2)), "V"), TRIALS)


def written(path: Path, name: str, unit: str, conversion: float = 1.0) -> Path:
    times = 0.02 * np.arange(21000)
    with h5py.File(path, "w") as file:
        for column, values in TRIALS.items():
            file[f"intervals/trials/{column}"] = values
        data = file.create_dataset(f"processing/ophys/{name}/data", data=trace(times) / conversion)
        data.attrs["unit"], data.attrs["conversion"] = unit, conversion
        start = file.create_dataset(f"processing/ophys/{name}/starting_time", data=0.0)
        start.attrs["rate"] = 50.0
    return path


def test_sessions_without_spikes(tmp_path: Path) -> None:
    """A trace of any name, in the unit to which its file converts it."""
    measure = comparisons.load("trace-response").measure
    files = [written(tmp_path / f"{k}.nwb", "dFF", "1", conversion=10.0**k) for k in range(2)]
    found = measure(Data(files))
    assert found.rows.shape == (2, 4) and found.unit == "1" and found.kind == "session"
    np.testing.assert_allclose(found.rows, [[1, 5, 0.5, 2.5]] * 2)
    assert found.mean.tolist() == pytest.approx(measure(Data(files, {"trace": "dFF"})).mean.tolist())
    with pytest.raises(Mistake, match="no time series 'GCaMP'; there are: dFF"):
        measure(Data(files, {"trace": "GCaMP"}))
    with pytest.raises(Mistake, match="different units cannot be averaged: 1, V"):
        measure(Data([files[0], written(tmp_path / "v.nwb", "trace", "V")]))
    with pytest.raises(Mistake, match="no units with spike times"):
        comparisons.load("reward-response").measure(Data(files))
