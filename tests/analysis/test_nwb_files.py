"""Sessions that we write are valid NWB and come back equal; pynwb and our reader read the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.files import read_recording
from hedon.analysis.recordings.nwb import read_nwb
from hedon.analysis.recordings.nwb_out import _time_series, write_nwb
from hedon.analysis.recordings.places import data_folder
from hedon.analysis.recordings.recording import Recording, Series, difference
from hedon.analysis.recordings.spike_files import trials_file, write_spikes


def session(seed: int = 0, trials: int = 40) -> Recording:
    """Three units, trials, series on an even and on an uneven clock, two tables of events."""
    generator = np.random.default_rng(seed)
    outcome = np.round(np.linspace(5, 395, trials) + generator.random(trials), 4)
    expected = np.arange(trials) % 2
    spikes = tuple(np.sort(np.round(generator.uniform(0, 400, 900), 4)) for _ in range(3))
    uneven = np.sort(generator.uniform(0, 400, 50))
    return Recording(
        spikes,
        {
            "start_time": outcome - 3,
            "stop_time": outcome + 2,
            "expected": expected,
            "reward_ul": generator.choice([0.1, 5.0, 20.0], trials),
            "t_cue": np.where(expected > 0, outcome - 1.5, np.nan),
            "t_outcome": outcome,
            "odour": np.array(["rose", "none"])[1 - expected],
        },
        {"cell_type": np.array(["dopamine", "dopamine", "critic"]), "asymmetry": np.array([0.1, 0.5, 0.9])},
        tuple(np.array([[0.0, 200.0], [200.0, 400.0]]) for _ in range(3)),
        {
            "dopamine": Series.of(0.05 * np.arange(8000), generator.random(8000), "Hz", "concentration"),
            "position": Series.of(uneven, generator.random((50, 2)), "m"),
        },
        {
            "licks": {"timestamp": uneven, "side": np.array(["l", "r"] * 25)},
            "blocks": {"start_time": np.array([0.0, 200.0]), "stop_time": np.array([200.0, 400.0])},
        },
        {"weights": generator.random((4, 3))},
        1e-4,
        '{"seed": 3, "sizes": [0.1, 5]}',
        {"description": "a session made by a test", "identifier": "test", "subject": "individual-0"},
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pynwb")
    return write_nwb(session(), tmp_path_factory.mktemp("nwb") / "session.nwb")


def test_a_session_comes_back_equal(written: Path) -> None:
    back = read_nwb(written)
    assert difference(session(), back) == ""
    assert back.about["subject"] == "individual-0" and back.configuration.startswith('{"seed": 3')
    assert difference(session(1), back) == "spikes of unit 0"


def test_difference_sees_each_part(written: Path) -> None:
    back = read_nwb(written)
    trials = {**back.trials, "reward_ul": back.trials["reward_ul"] + 1e-12}
    assert difference(back, replace(back, trials=trials)) == "column 'reward_ul' of trials"
    assert difference(back, replace(back, series={})) == "names of the series"
    assert difference(back, replace(back, arrays={})) == "names of the arrays"
    assert difference(back, replace(back, resolution=1e-3)) == "resolution"
    assert difference(back, replace(back, observed=None)) == "times of observation"
    assert difference(back, replace(back, configuration="")) == "configuration"
    assert difference(back, replace(back, units={})).endswith("of units")


def test_a_session_is_valid(written: Path) -> None:
    """pynwb finds no error, and nwbinspector nothing that is critical or an error."""
    import pynwb

    assert pynwb.validate(path=str(written)) == []
    inspector = pytest.importorskip("nwbinspector")
    told = list(inspector.inspect_nwbfile(nwbfile_path=str(written)))
    grave = {"ERROR", "PYNWB_VALIDATION", "CRITICAL"}
    assert [one.message for one in told if one.importance.name in grave] == []


@pytest.mark.parametrize(
    "times, rate",
    [([3.0], None), ([3.0, 3.5], 2.0), ([3.0, 3.5, 4.0 + 0.9e-9], 2.0), ([3.0, 3.5, 4.0, 5.0], None),
     ([3.0, 3.0], None)],
)  # fmt: skip
def test_a_clock_that_ticks_evenly_is_told_by_its_rate(times: list[float], rate: float | None) -> None:
    pytest.importorskip("pynwb")
    found = _time_series("a_b", Series.of(np.array(times), np.zeros(len(times)), ""))
    assert (found.unit, found.description) == ("1", "a b")
    if rate is None:
        assert found.rate is None and list(found.timestamps) == times
    else:
        assert found.rate == pytest.approx(rate) and found.starting_time == 3 and found.timestamps is None


def test_pynwb_reads_the_same(written: Path) -> None:
    from pynwb import NWBHDF5IO

    folder = data_folder("dopamine_variable_reward")
    recorded = sorted(folder.glob("*.nwb"))[:2] if folder is not None else []
    for path in (written, *recorded):
        ours = read_nwb(path)
        with NWBHDF5IO(str(path), "r") as io:
            theirs = io.read()
            table = theirs.trials.to_dataframe()
            for name in table.columns:
                np.testing.assert_array_equal(table[name].to_numpy(), ours.trials[name])
            for number, times in enumerate(ours.spike_times):
                np.testing.assert_array_equal(theirs.units["spike_times"][number], times)
            assert list(theirs.units["cell_type"][:]) == ours.units["cell_type"].tolist()
            for name, series in ours.series.items():
                np.testing.assert_array_equal(theirs.acquisition[name].data[:], series.values)


def test_a_series_is_read_in_parts(written: Path) -> None:
    series = read_nwb(written).series["dopamine"]
    times, values = series.load(slice(100, 120))
    np.testing.assert_allclose(times, 5 + 0.05 * np.arange(20), atol=1e-9)
    np.testing.assert_array_equal(values, session().series["dopamine"].values[100:120])
    assert series.samples == 8000 and series.unit == "Hz"


def test_a_file_that_stands_is_not_overwritten(written: Path, tmp_path: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(Mistake, match="exists already"):
        write_nwb(session(1), written)
    assert written.read_bytes() == before
    with pytest.raises(Mistake, match="named NAME.nwb"):
        write_nwb(session(), tmp_path / "session.h5")
    (tmp_path / "file").write_text("")
    with pytest.raises(Mistake, match="cannot write"):
        write_nwb(session(), tmp_path / "file" / "session.nwb")
    with pytest.raises(Mistake, match="without trials"):
        write_nwb(replace(session(), trials={}), tmp_path / "a.nwb")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_said_without_pynwb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(Mistake, match=r"needs pynwb; install it with: pip install 'hedon\[recordings\]'"):
        write_nwb(session(), tmp_path / "a.nwb")


@pytest.mark.parametrize("name", ["s.npz", "s.csv"])
def test_spikes_and_trials_come_back(tmp_path: Path, name: str) -> None:
    whole = session()
    path = write_spikes(whole, tmp_path / name)
    back = read_recording(path)
    for mine, others in zip(whole.spike_times, back.spike_times, strict=True):
        np.testing.assert_array_equal(mine, others)
    for column, values in whole.trials.items():
        np.testing.assert_array_equal(values, back.trials[column])
    with pytest.raises(Mistake, match="exists already"):
        write_spikes(whole, path)


def test_a_unit_without_spikes_keeps_its_place(tmp_path: Path) -> None:
    whole = session()
    silent = replace(whole, spike_times=(whole.spike_times[0], np.zeros(0), whole.spike_times[2]))
    back = read_recording(write_spikes(silent, tmp_path / "s.npz"))
    assert [len(times) for times in back.spike_times] == [900, 0, 900]
    assert back.units["cell_type"].tolist() == ["dopamine", "dopamine", "critic"]


@pytest.mark.parametrize(
    ("spikes", "trials", "said"),
    [
        ("unit,spike_time\n0,1.5\n", None, "must lie beside it, in a.trials.csv"),
        ("unit,time\n0,1.5\n", "t_outcome\n1\n", "no 'spike_times'; there are spike_unit, time"),
        ("unit,spike_time\n0,x\n", "t_outcome\n1\n", "spike_times holds 'x', not a number"),
        ("unit,spike_time\n0\n", "t_outcome\n1\n", "line 2: 1 cells, the head has 2"),
        ("unit,spike_time\n0,-1\n", "t_outcome\n1\n", "spike times before 0 s"),
        ("", "t_outcome\n1\n", "is empty"),
    ],
)
def test_bad_spikes_in_one_line(tmp_path: Path, spikes: str, trials: str | None, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(spikes)
    if trials is not None:
        trials_file(path).write_text(trials)
    with pytest.raises(Mistake, match=said) as told:
        read_recording(path)
    assert "\n" not in str(told.value)
    (tmp_path / "b.npz").write_bytes(b"PK no archive")
    with pytest.raises(Mistake, match="no NPZ file"):
        read_recording(tmp_path / "b.npz")
