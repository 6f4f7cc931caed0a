"""Times that the file calls invalid are left out, and a unit that was not observed is not silent."""

from __future__ import annotations

from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.recordings.recording import Recording
from hedon.analysis.responses.peri_event import random_events
from hedon.analysis.responses.unit_coding import unit_coding
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

from .test_bad_recordings import WANTED, measured, parts, written


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    """The cell of `parts` with 400 spikes of noise, in a time that the file calls invalid."""
    made = parts()
    generator = np.random.default_rng(0)
    noise = np.concatenate([generator.uniform(t + 0.2, t + 0.6, 100) for t in (310, 320, 330, 340)])
    made["spikes"] = [np.sort(np.concatenate([made["spikes"][0], noise]))]
    return written(tmp_path / "a.nwb", made)


def test_invalid_times_are_left_out_and_told(artefact: Path) -> None:
    assert measured(artefact).mean[0] > WANTED[0] + 5
    with h5py.File(artefact, "a") as file:
        file["intervals/invalid_times/start_time"] = [300.5]
        file["intervals/invalid_times/stop_time"] = [349.5]
    found = measured(artefact)
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert [note for note in found.notes if "6 of 60 trials in invalid times, left out" in note]


@pytest.mark.parametrize(
    ("low", "high", "valid"), [(-1, 0, True), (-1, 0.1, False), (2, 3, True), (1, 3, False)]
)
def test_a_window_is_invalid_where_it_meets_an_invalid_time(low: float, high: float, valid: int) -> None:
    table = {"start_time": np.array([10.0]), "stop_time": np.array([12.0])}
    recording = Recording((np.ones(1),), {}, events={"invalid_times": table})
    assert (
        recording.is_valid([10.0], low, high)[0] == valid == recording.was_observed(0, [10.0], low, high)[0]
    )


def test_random_events_lie_where_the_unit_was_observed() -> None:
    recording = Recording((np.ones(1),), {}, observed=(np.array([[0.0, 30.0], [70.0, 100.0]]),))
    drawn = random_events(recording, [5.0, *np.linspace(75, 95, 50)], np.random.default_rng(0), (-1.0, 1.0))
    assert recording.was_observed(0, drawn, -1.0, 1.0).all() and (drawn < 30).sum() > 5


def test_a_unit_is_regressed_on_the_trials_in_which_it_was_observed() -> None:
    generator = np.random.default_rng(0)
    x = {"a": generator.normal(size=120), "b": generator.normal(size=120)}
    y = generator.normal(size=(3, 120)) + x["a"]
    y[1, :60], y[2, 20:] = np.nan, np.nan
    found = unit_coding(y, x)
    half = unit_coding(y[1:2, 60:], {name: values[60:] for name, values in x.items()})
    np.testing.assert_array_equal(found.t[:2], [unit_coding(y[:1], x).t[0], half.t[0]])
    np.testing.assert_array_equal(found.p[1], half.p[0])
    assert np.isnan(found.p[2]).all(), "20 trials are too few"


def test_a_unit_that_is_lost_does_not_code_by_its_silence(tmp_path: Path) -> None:
    """Its rate is the same in all trials in which it was observed, so that nothing is coded."""
    generator = np.random.default_rng(1)
    trials, lost = 200, 100
    cue = 5.0 * np.arange(1, trials + 1)
    spikes = np.arange(0.0, cue[lost], 0.05)
    trial = {
        "action": np.repeat([0, 1], lost) ^ (generator.random(trials) < 0.2),
        "reward": generator.integers(0, 2, trials),
        "t_cue": cue,
    }
    made = {"spikes": [spikes], "observed": [np.array([[0.0, spikes[-1]]])], **trial}
    found = comparisons.measure("unit-coding", Data([written(tmp_path / "a.nwb", made)]))
    assert found.rows.tolist() == [[0, 0, 0, 0]]
    assert "1 of 1 units were not observed in all trials" in found.notes[0]
    del made["observed"]
    found = comparisons.measure("unit-coding", Data([written(tmp_path / "b.nwb", made)]))
    assert "no spikes in a large part of the session" in found.notes[0]


def test_a_unit_that_begins_late_is_told_unless_the_file_says_when_it_was_observed(tmp_path: Path) -> None:
    made = parts()
    made["spikes"] = [made["spikes"][0], made["spikes"][0][2000:]]
    late = measured(written(tmp_path / "a.nwb", made))
    assert "1 of 2 units have no spikes in a large part of the session" in late.notes[0]
    begin = made["spikes"][1][0]
    made["observed"] = [np.array([[0.0, 700.0]]), np.array([[begin, 700.0]])]
    found = measured(written(tmp_path / "b.nwb", made))
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert not any("large part" in note for note in found.notes)
