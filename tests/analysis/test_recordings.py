"""Recordings are read right, and responses of dopamine cells are those that were measured."""

from __future__ import annotations

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.nwb import read_nwb
from hedon.analysis.recordings.places import VARIABLE, data_folder
from hedon.analysis.recordings.recording import Recording
from hedon.analysis.responses.dopamine_responses import (
    FOLDER,
    aligned,
    rank_correlation,
    recorded,
    variable_reward,
    windowed,
)


def write_nwb(path, units, trials):
    with h5py.File(path, "w") as file:
        file["units/spike_times"] = np.concatenate(units)
        file["units/spike_times_index"] = np.cumsum([len(unit) for unit in units])
        for name, values in trials.items():
            file[f"intervals/trials/{name}"] = values
    return path


def test_an_nwb_file_is_read_back(tmp_path):
    units = [np.array([0.1, 0.5, 0.9, 1.2]), np.array([2.0, 2.5])]
    trials = {"reward_ul": np.array([1.2, 5.0]), "expected": np.array([0, 1])}
    found = read_nwb(write_nwb(tmp_path / "cell.nwb", units, trials))
    for unit, times in zip(units, found.spike_times, strict=True):
        np.testing.assert_array_equal(unit, times)
    np.testing.assert_array_equal(found.trials["reward_ul"], trials["reward_ul"])
    np.testing.assert_allclose(found.rates([0.0, 2.0], 0.0, 1.0), [[3, 0], [0, 2]])


def test_spikes_on_the_edges_of_a_window(tmp_path):
    """Times on a grid of 0.1 ms: those at the lower edge count, those at the upper do not."""
    start = np.round(np.arange(1.0, 400.0, 0.7351), 4)
    low, high = np.round(start + 0.2, 4), np.round(start + 0.6, 4)
    cell = Recording((low, high, np.sort(np.concatenate([low, high]))), {})
    np.testing.assert_array_equal(cell.rates(start, 0.2, 0.6)[0], 2.5)
    np.testing.assert_array_equal(cell.rates(start, 0.2, 0.6)[1] > 0, [False] * 543)


def test_responses_of_a_made_cell(tmp_path):
    """A cell that fires at 10 Hz, and 10 Hz more for so long as the size says, 200 ms after the reward."""
    outcome = 10.0 * np.arange(1, 29)
    expected = np.tile([0, 1], 14)
    size = np.repeat([0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0], 4)
    extra = [t + 0.205 + 0.01 * np.arange(round(s)) for t, s in zip(outcome, size, strict=True)]
    spikes = np.sort(np.concatenate([np.arange(0.05, 300, 0.1), *extra]))
    cue = np.where(expected > 0, outcome - 1.5, np.nan)
    trials = {"reward_ul": size, "expected": expected, "t_cue": cue, "t_outcome": outcome}
    cell = read_nwb(write_nwb(tmp_path / "cell.nwb", [spikes], trials))
    found = variable_reward([cell])
    np.testing.assert_allclose(found.baseline, 10.0)
    np.testing.assert_allclose(found.mean, np.tile(np.round(found.sizes) / 0.4, (2, 1)))


@pytest.mark.parametrize("name", ["missing.nwb", "text.nwb", "empty.nwb"])
def test_what_is_no_recording_gets_one_line(tmp_path, name):
    (tmp_path / "text.nwb").write_text("no HDF5")
    h5py.File(tmp_path / "empty.nwb", "w").close()
    with pytest.raises(Mistake) as caught:
        read_nwb(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_where_recordings_lie(tmp_path, monkeypatch):
    (tmp_path / "some_cells").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert data_folder("some_cells") == tmp_path / "some_cells"
    assert data_folder("no_such_cells") is None


def test_the_recordings_give_the_figures_that_were_measured():
    cells = recorded()
    if cells is None:
        pytest.skip(f"needs the recordings {FOLDER}/*.nwb in the folder that {VARIABLE} names")
    assert len(cells.baseline) == 20
    assert cells.baseline.mean() == pytest.approx(6.53, abs=0.005)
    measured = [
        [-2.90, -2.14, -1.04, 0.13, 1.90, 5.32, 8.86],
        [-3.10, -2.70, -2.69, -1.83, -0.32, 4.45, 9.20],
    ]
    np.testing.assert_allclose(cells.mean, measured, atol=0.02)


def test_windows_of_a_binned_rate():
    rate = np.arange(2 * 3 * 20, dtype=float).reshape(2, 3, 20)
    start = np.array([[0.2, 0.5, 0.0], [0.1, 1e6, 0.9]])
    found = windowed(rate, start, 0.05, (0.0, 0.1))
    assert found[0, 0] == rate[0, 0, 4:6].mean() and found[0, 1] == rate[0, 1, 10:12].mean()
    assert np.isnan(found[1, 1]) and found[1, 2] == rate[1, 2, 18:20].mean()
    about = aligned(rate, np.full((2, 3), 0.5), 0.05, 0.2, 0.3)
    np.testing.assert_array_equal(about, rate[:, :, 6:16])
    with pytest.raises(Mistake):
        aligned(rate, np.zeros((2, 3)), 0.05, 0.2, 0.3)


def test_rank_correlation():
    assert rank_correlation([1, 2, 3, 4], [1, 4, 9, 16]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(0.6)
