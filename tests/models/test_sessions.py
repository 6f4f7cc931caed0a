"""A simulated session is a recording like an animal's: its spikes, traces and files agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation import results
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.files import read_recording
from hedon.analysis.recordings.recording import difference
from hedon.analysis.responses.dopamine_responses import rank_correlation, trial_responses
from hedon.analysis.statistics.intervals import mean_and_error, z_score
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data
from hedon.models import experiments
from hedon.models.conditioning.sessions import export, recording_of

pytestmark = pytest.mark.whole

SETTINGS = {"individuals": 2, "neurons": 12, "training": 42, "repeats": 4}
TAU, DELAY = 0.1, 0.01


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> results.Result:
    return experiments.run("session", seed=4, overrides=SETTINGS, root=tmp_path_factory.mktemp("session"))


def test_trials_hold_each_size_equally_often(result: results.Result) -> None:
    for individual in range(2):
        trials = recording_of(result, individual).trials
        kinds, counts = np.unique(
            np.column_stack([trials["reward_ul"], trials["expected"]]), axis=0, return_counts=True
        )
        assert len(kinds) == 14 and (counts == 4).all()
        cued = trials["expected"] > 0
        np.testing.assert_allclose(trials["t_outcome"][cued] - trials["t_cue"][cued], 1.5)
        assert np.isnan(trials["t_cue"][~cued]).all()
        assert (trials["stop_time"] > trials["t_outcome"]).all()


def test_the_concentration_is_that_of_the_spikes(result: results.Result) -> None:
    """dn/dt = -n/tau + (1/tau) times the mean spike train, `DELAY` ago, as it is when a step begins."""
    cell = recording_of(result, 1, "dopamine")
    # a spike adds the mean of the kernel over its step, which begins to decay in the next
    scale = -np.expm1(-cell.resolution / TAU) / cell.resolution / SETTINGS["neurons"]
    released = np.sort(np.concatenate(cell.spike_times)) + DELAY + cell.resolution
    trace = cell.series["dopamine"]
    times, found = trace.times, trace.values
    for at in np.random.default_rng(0).choice(np.flatnonzero(times > 3), 200, replace=False):
        since = times[at] - released
        since = since[(since > -1e-6) & (since < 3)]
        wanted = np.exp(-since / TAU).sum() * scale
        assert found[at] == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_the_baseline_is_that_of_the_configuration(result: results.Result) -> None:
    before = [trial_responses(recording_of(result, one, "dopamine"))[0] for one in range(2)]
    # the first neuron of each; Poisson counts
    assert abs(z_score(np.concatenate(before), 6.5)) < 5


def test_responses_grow_with_size_and_the_cue_lowers_them(result: results.Result) -> None:
    found = comparisons.load("reward-response")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(result.folder.parent)
        files = [export(result.folder, f"{one}.npz", one, "dopamine") for one in range(2)]
        measured = found.measure(Data(files))
    assert len(measured.rows) == 24
    assert rank_correlation(np.arange(7), measured.mean[:7]) > 0.85
    drop, error = mean_and_error((measured.rows[:, :7] - measured.rows[:, 7:]).mean(axis=1))
    assert drop > 5 * error
    # shuffled sizes: no growth left
    slope = measured.null[:, :7] @ (np.arange(7) - 3)
    assert abs(z_score(slope, 0.0)) < 5 < z_score(measured.rows[:, :7] @ (np.arange(7) - 3), 0.0)


def test_an_exported_session_is_valid_and_equal(result: results.Result, tmp_path: Path) -> None:
    pynwb = pytest.importorskip("pynwb")
    path = tmp_path / "session.nwb"
    assert main(["export", str(result.folder), str(path), "--individual", "1"]) == 0
    back, whole = read_recording(path), recording_of(result, 1)
    assert difference(whole, back) == "" and pynwb.validate(path=str(path)) == []
    told = json.loads(back.configuration)
    assert told["experiment"] == "session" and told["seed"] == 4 and told["individual"] == 1
    assert told["config"]["training"] == 42 and "numpy" in told["versions"]
    assert back.arrays["weights_after"].shape == (100, 20)
    assert set(back.units["cell_type"]) == {"dopamine", "critic"}
    inspector = pytest.importorskip("nwbinspector")
    grave = {"ERROR", "PYNWB_VALIDATION", "CRITICAL", "BEST_PRACTICE_VIOLATION"}
    told = [one for one in inspector.inspect_nwbfile(nwbfile_path=str(path)) if one.importance.name in grave]
    assert [one.message for one in told] == []


def test_a_result_and_its_files_are_the_same_model(result: results.Result, tmp_path: Path) -> None:
    from hedon.figures.compare import compare

    files = [export(result.folder, tmp_path / "sessions" / f"{one}.npz", one, "dopamine") for one in range(2)]
    compare(files, "reward-response", [result.folder, tmp_path / "sessions"], out=tmp_path)
    rows = (tmp_path / "reward-response-models.csv").read_text().splitlines()
    numbers = {line.split(",")[0]: line.split(",")[1] for line in rows}
    assert numbers["sessions"] == numbers[result.folder.name] == "0"
    assert float(numbers["null"]) > 2


@pytest.mark.parametrize(
    ("individual", "kind", "said"),
    [
        (2, None, "has individuals 0 to 1, not 2"),
        (0, "glia", "no cell type 'glia'; there are dopamine, critic"),
    ],
)
def test_what_is_not_there(result: results.Result, individual: int, kind: str | None, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        recording_of(result, individual, kind)
    with pytest.raises(Mistake, match="NAME.nwb, NAME.npz or NAME.csv"):
        export(result.folder, "session.mat")
