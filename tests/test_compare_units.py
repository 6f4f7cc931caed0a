"""`hedon compare --analysis unit-coding`: units that code the last action are found in files of spikes."""

from __future__ import annotations

from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import q_learning
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

TRIALS, UNITS = 160, 16


def session(path: Path, seed: int, coding: float, **changes) -> Path:
    """Units that fire at 20 Hz after each cue, and ``coding`` Hz more where the last action was 2."""
    generator = np.random.default_rng(seed)
    people = q_learning.simulate(1, TRIALS, alpha=0.4, beta=3.0, seed=seed)
    cue = 2.0 * np.arange(TRIALS) + 1
    last = np.concatenate([[1], people["action"][:-1]]) == 2
    spikes = []
    for _ in range(UNITS):
        counts = generator.poisson(10 + 0.5 * coding * last)
        spikes.append(np.sort(np.repeat(cue, counts) + 0.5 * generator.random(counts.sum())))
    table = {"action": people["action"], "reward": people["reward"], "t_cue": cue} | changes
    with h5py.File(path, "w") as file:
        file["units/spike_times"] = np.concatenate(spikes)
        file["units/spike_times_index"] = np.cumsum([len(unit) for unit in spikes])
        for name, values in table.items():
            file[f"intervals/trials/{name}"] = values
    return path


def test_coders_are_found_and_the_rest_is_at_the_level(tmp_path: Path) -> None:
    files = [session(tmp_path / f"{seed}.nwb", seed, 12.0) for seed in range(3)]
    measured = comparisons.load("unit-coding").measure(Data(files))
    assert measured.rows.shape == (3 * UNITS, 4)
    error = (0.05 * 0.95 / len(measured.rows)) ** 0.5
    assert measured.mean[0] > 0.8
    assert (measured.mean[1:] < 0.05 + 5 * error).all()
    assert (measured.null.mean(axis=0) < 0.05 + 5 * error).all()


def test_sessions_without_choices(tmp_path: Path) -> None:
    measure = comparisons.load("unit-coding").measure
    with pytest.raises(Mistake, match="all actions are the same"):
        measure(Data([session(tmp_path / "a.nwb", 1, 0.0, action=np.ones(TRIALS))]))
    with pytest.raises(Mistake, match="no column 'choice'"):
        measure(Data([session(tmp_path / "b.nwb", 1, 0.0)], {"action": "choice"}))


@pytest.mark.parametrize("told", [True, False])
def test_missed_trials_of_units_are_left_out_or_refused(tmp_path: Path, told: bool) -> None:
    measure = comparisons.load("unit-coding").measure
    made = q_learning.simulate(1, TRIALS, alpha=0.4, beta=3.0, seed=1)
    missed = np.arange(TRIALS) % 13 == 4
    action = np.where(missed, -1, made["action"])
    coded = session(tmp_path / "a.nwb", 1, 12.0, action=action)
    if not told:
        with pytest.raises(Mistake, match="if -1 stands for missed trials say --column missed=action:-1"):
            measure(Data([coded]))
        return
    empty = session(tmp_path / "b.nwb", 1, 12.0, action=np.where(missed, np.nan, made["action"]))
    flagged = session(tmp_path / "c.nwb", 1, 12.0, missed=missed.astype(float))
    wanted = measure(Data([empty])).rows
    np.testing.assert_array_equal(measure(Data([coded], {"missed": "action:-1"})).rows, wanted)
    np.testing.assert_array_equal(measure(Data([flagged])).rows, wanted)


def test_trials_that_are_left_out_leave_a_gap(tmp_path: Path) -> None:
    """What comes after a trial without a cue, or not chosen, does not come after the one before it."""
    measure, cue = comparisons.load("unit-coding").measure, 2.0 * np.arange(TRIALS) + 1
    action = q_learning.simulate(1, TRIALS, alpha=0.4, beta=3.0, seed=1)["action"]
    start, gone = cue - 0.5, np.arange(TRIALS) % 4 == 2
    whole = {"start_time": start, "stop_time": start + 1.9, "block": gone.astype(float)}
    lost = session(tmp_path / "a.nwb", 1, 12.0, t_cue=np.where(gone, np.nan, cue), **whole)
    other = session(tmp_path / "b.nwb", 1, 12.0, **whole)
    missed = session(tmp_path / "c.nwb", 1, 12.0, action=np.where(gone, np.nan, action), **whole)
    found = measure(Data([lost]))
    np.testing.assert_array_equal(found.rows, measure(Data([other], where=["block=0"])).rows)
    assert found.mean[0] > 0.8 and measure(Data([missed])).mean[0] > 0.8
