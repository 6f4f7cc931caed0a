"""Files that cannot be right get one line; files that are odd but right give the right numbers."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings import checks
from hedon.analysis.statistics.comparison import Measured
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

SIZES = (0.1, 1.0, 10.0)
WANTED = [0, 10, 20, 0, 10, 20]
"""Responses (Hz) of the cell that `parts` makes, unexpected and expected."""


def parts(trials: int = 60) -> dict[str, Any]:
    """A cell at 10 Hz, and 10 Hz more in 200 to 600 ms for each factor of ten in the reward."""
    outcome = 10.0 * np.arange(1, trials + 1)
    size = np.tile(SIZES, trials // 3 + 1)[:trials]
    expected = np.arange(trials) // 3 % 2
    more = [t + 0.205 + 0.01 * np.arange(4 * np.log10(s) + 4) for t, s in zip(outcome, size, strict=True)]
    return {
        "spikes": [np.sort(np.concatenate([np.arange(0.05, outcome[-1] + 5, 0.1), *more]))],
        "reward_ul": size,
        "expected": expected,
        "t_cue": np.where(expected > 0, outcome - 1.5, np.nan),
        "t_outcome": outcome,
    }


def written(path: Path, made: Mapping[str, Any]) -> Path:
    with h5py.File(path, "w") as file:
        spikes = made["spikes"]
        file["units/spike_times"] = np.concatenate([*spikes, np.zeros(0)])
        file["units/spike_times_index"] = np.cumsum([len(unit) for unit in spikes], dtype=int)
        file["units/id"] = np.arange(len(spikes))
        if "observed" in made:
            file["units/obs_intervals"] = np.concatenate(made["observed"])
            file["units/obs_intervals_index"] = np.cumsum([len(seen) for seen in made["observed"]])
        for name, values in made.items():
            if name == "types":
                file["units/cell_type"] = values
            elif name not in ("spikes", "observed"):
                file[f"intervals/trials/{name}"] = values
    return path


def measured(path: Path, columns: Mapping[str, str] | None = None) -> Measured:
    return comparisons.measure("reward-response", Data([path], columns or {}))


def told(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command line says of a file that it refuses: one line, no picture."""
    out = path.parent / "out"
    arguments = ["compare", str(path), "--analysis", "reward-response", "--out", str(out), *more]
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and not out.exists()
    return said.err


def at(values: np.ndarray, row: int, value: float) -> np.ndarray:
    changed = values.astype(float)
    changed[row] = value
    return changed


def test_the_made_cell(tmp_path: Path) -> None:
    np.testing.assert_allclose(measured(written(tmp_path / "a.nwb", parts())).mean, WANTED, atol=1e-9)


# -- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p | {"t_outcome": at(p["t_outcome"], 3, -5)}, "t_outcome is -5 s in row 3"),
        (lambda p: p | {"t_outcome": at(p["t_outcome"], 3, np.inf)}, "not a finite number in row 3"),
        (lambda p: p | {"t_outcome": np.full(60, np.nan)}, "t_outcome is not a number in any trial"),
        (lambda p: p | {"spikes": [at(p["spikes"][0], 5, np.nan)]}, "spike times that are no numbers"),
        (lambda p: p | {"spikes": [at(p["spikes"][0], 5, -1)]}, "spike times before 0 s"),
        (lambda p: p | {"spikes": [at(p["spikes"][0], -1, 1e6)]}, "last spike at 1e.06 s; .*milliseconds"),
        (lambda p: p | {"spikes": []}, "no units with spike times"),
        (lambda p: p | {"spikes": [np.zeros(0), np.zeros(0)]}, "no unit with spikes in any of the files"),
        (lambda p: p | {n: v[:0] for n, v in p.items() if n != "spikes"}, "has no trials"),
        (lambda p: p | {"reward_ul": p["reward_ul"][:-1]}, "column 'reward_ul' has 59 rows, others have 60"),
        (lambda p: p | {"reward_ul": np.array(["big"] * 60, "S3")}, "reward_ul holds 'big', not a number"),
        (lambda p: p | {"reward_ul": np.arange(60.0)}, "60 different values, too many for sizes"),
        (lambda p: p | {"t_cue": np.full(60, np.nan)}, "announced, but t_cue does not say when"),
        (
            lambda p: p | {"start_time": p["t_outcome"], "stop_time": p["t_outcome"] - 1},
            "trial 0 ends before it begins",
        ),
        (
            lambda p: p | {"spikes": [p["spikes"][0] + 5000]},
            "trials between 10 and 600 s, 0.00% of the spikes with them",
        ),
        (lambda p: p | {"observed": [np.array([[0.0, 300.0]])]}, "spikes outside the time .* 0 to 300 s"),
        (
            lambda p: p | {"observed": [np.array([[0.0, 300.0], [400.0, 900.0]])]},
            "unit 0 has .* spikes outside the time in which it was observed, 0 to 900 s",
        ),
        (lambda p: p | {"observed": [np.array([[900.0, 0.0]])]}, "intervals of unit 0 go from 900 to 0 s"),
        (lambda p: p | {"observed": [np.array([[np.nan, 900]])]}, "intervals of unit 0 go from nan to 900 s"),
        (
            lambda p: {n: v if n == "spikes" else v.repeat(3)[:60] for n, v in p.items()},
            "trials 0 and 1 have the same t_outcome, 10 s, as have 40 of 60 the one of another",
        ),
        (lambda p: p | {"reward_ul": at(p["reward_ul"], 3, -1)}, "reward_ul is -1 µl; .*'reward_ul!=-1'"),
        (lambda p: p | {"reward_ul": at(p["reward_ul"], 3, 999)}, "reward_ul is 999 µl; .* missed trials"),
        (lambda p: p | {"reward_ul": at(p["reward_ul"], 3, np.inf)}, "reward_ul is not finite in trial 3"),
        (lambda p: p | {"spikes": [p["spikes"][0][:800]]}, "11% of them where spikes are"),
        # the wrong unit of time: of the spikes, of the trials, of both
        (
            lambda p: p | {"spikes": [p["spikes"][0][:800] * 1e3]},
            "0.88% of the spikes with them; is one of them in milliseconds",
        ),
        (
            lambda p: p | {n: p[n] * 1e3 for n in ("t_cue", "t_outcome")},
            "goes up to 5985.0* s; are times in milliseconds",
        ),
        (lambda p: p | {"t_cue": p["t_outcome"] * 1e-3}, "t_cue and t_outcome are .* milliseconds"),
    ],
)
def test_what_cannot_be_right(tmp_path: Path, capsys: pytest.CaptureFixture[str], change, said: str) -> None:
    import re

    line = told(written(tmp_path / "a.nwb", change(parts())), capsys)
    assert re.search(said, line) and "a.nwb" in line or "any of the files" in line


@pytest.mark.parametrize(
    ("since", "until", "said"), [(300.0, 200.0, "from 300 to 200 s"), (np.nan, 200.0, "from nan to 200 s")]
)
def test_invalid_times_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], since: float, until: float, said: str
) -> None:
    path = written(tmp_path / "a.nwb", parts())
    with h5py.File(path, "a") as file:
        file["intervals/invalid_times/start_time"] = [5.0, since]
        file["intervals/invalid_times/stop_time"] = [6.0, until]
    assert f"invalid_times go {said} in row 1" in told(path, capsys)


def test_a_session_without_rewards_larger_than_0(tmp_path: Path) -> None:
    made = parts()
    path = written(
        tmp_path / "a.nwb", made | {"spikes": made["spikes"] * 4, "reward_ul": made["reward_ul"] - 0.1}
    )
    with pytest.raises(Mistake, match="a reward of 0 µl has no place among log10 µl"):
        comparisons.measure("reversal-points", Data([path]))


@pytest.mark.parametrize(
    ("rate", "since", "scale", "said"),
    [
        (0.0, 0.0, 1.0, "is sampled at 0 Hz from 0 s on"),
        (np.nan, 0.0, 1.0, "is sampled at nan Hz"),
        (None, 0.0, 1.0, "is sampled at nan Hz"),
        (20.0, np.nan, 1.0, "is sampled at 20 Hz from nan s on"),
        (20.0, 0.0, 0.0, "has the conversion 0 and the offset 0"),
        (20.0, 0.0, np.nan, "has the conversion nan"),
    ],
)
def test_traces_that_have_no_times_or_values(
    tmp_path: Path, rate: float | None, since: float, scale: float, said: str
) -> None:
    path = written(tmp_path / "a.nwb", parts())
    with h5py.File(path, "a") as file:
        series = file.create_group("acquisition/dopamine")
        series["data"], series["starting_time"] = np.ones(13000), since
        series["data"].attrs["conversion"] = scale
        if rate is not None:
            series["starting_time"].attrs["rate"] = rate
    with pytest.raises(Mistake, match=f"a.nwb: /acquisition/dopamine {said}"):
        comparisons.measure("trace-response", Data([path]))


def test_a_short_session_in_milliseconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All times alike in milliseconds, and yet less than a day in seconds."""
    made = parts(8)
    short = {"spikes": [made["spikes"][0] * 1e3]} | {n: made[n] * 1e3 for n in ("t_cue", "t_outcome")}
    assert "apart from trial to trial; is it in milliseconds" in told(
        written(tmp_path / "a.nwb", made | short), capsys
    )


def test_files_that_are_no_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.nwb", parts())
    content = path.read_bytes()
    for length in (0, 100, 2000, len(content) // 2, len(content) - 100):
        path.write_bytes(content[:length])
        assert "a.nwb is no NWB file that can be read" in told(path, capsys)
    path.write_text("subject,trial\n")
    assert "no HDF5 file at all" in told(path, capsys)
    h5py.File(path, "w").close()
    assert "has no table of trials 'trials'; there are no tables at all" in told(path, capsys)
    path.unlink()
    path.mkdir()
    assert "is a folder; name the files in it" in told(path, capsys)
    assert "there is no file" in told(tmp_path / "b.nwb", capsys)
    if os.geteuid():
        locked = written(tmp_path / "c.nwb", parts())
        locked.chmod(0)
        assert "cannot read" in told(locked, capsys)


def test_a_missing_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = parts()
    volume = made.pop("reward_ul")
    path = written(tmp_path / "a.nwb", made | {"volume": volume})
    line = told(path, capsys)
    assert "no column 'reward_ul'; there are expected, t_cue, t_outcome, volume" in line
    assert "no column 'vol'" in told(path, capsys, "--column", "reward_ul=vol")
    np.testing.assert_allclose(measured(path, {"reward_ul": "volume"}).mean, WANTED, atol=1e-9)


# -- right, though odd -----------------------------------------------------------------------------


def test_the_order_of_trials_and_spikes_does_not_matter(tmp_path: Path) -> None:
    made, generator = parts(), np.random.default_rng(0)
    order = generator.permutation(60)
    mixed = {name: made[name][order] for name in made if name != "spikes"}
    path = written(tmp_path / "a.nwb", {"spikes": [generator.permutation(made["spikes"][0])]} | mixed)
    found = measured(path)
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert len(found.notes) == 1 and "they were put in order" in found.notes[0]


def test_trials_that_overlap(tmp_path: Path) -> None:
    made = parts()
    spans = {"start_time": made["t_outcome"] - 8, "stop_time": made["t_outcome"] + 30}
    np.testing.assert_allclose(measured(written(tmp_path / "a.nwb", made | spans)).mean, WANTED, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda p: {"t_outcome": at(p["t_outcome"], 7, np.nan)}, "1 of 60 trials without t_outcome"),
        (
            lambda p: {"reward_ul": at(p["reward_ul"], 7, np.nan)},
            "1 of 60 trials without t_outcome or reward",
        ),
        (
            lambda p: {n: np.append(p[n], p[n][-1]) for n in p if n != "spikes"},
            "1 of 61 trials have the very t_outcome of another",
        ),
        (lambda p: {"t_cue": at(p["t_cue"], 4, np.nan)}, "1 of 60 trials not observed, or without the time"),
        (lambda p: {"spikes": [*p["spikes"], np.zeros(0)]}, "1 of 2 units without spikes left out"),
        (
            lambda p: {"spikes": [*p["spikes"], np.arange(0, 605, 0.5)], "types": ["dopamine", "GABA"]},
            "1 of 2 units are no dopamine cells, left out",
        ),
        (lambda p: {"spikes": p["spikes"] * 2}, "1 of 2 units have the very spikes of another"),
        (
            lambda p: {"spikes": [np.sort(np.append(p["spikes"][0], p["spikes"][0][7]))]},
            "1 of 6291 spikes of unit 0 are at another's time",
        ),
        (
            lambda p: {
                "spikes": [p["spikes"][0][p["spikes"][0] < 300]],
                "observed": [np.array([[0.0, 100.0], [100.0, 300.0]])],
            },
            "31 of 60 trials not observed",
        ),
    ],
)
def test_what_is_left_out_is_said(tmp_path: Path, change, note: str) -> None:
    made = parts()
    found = measured(written(tmp_path / "a.nwb", made | change(made)))
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    notes = [one for one in found.notes if "the same in all cells" not in one]
    assert len(notes) == 1 and note in notes[0]


def test_a_kind_of_file_without_expectation(tmp_path: Path) -> None:
    made = parts()
    plain = {name: made[name] for name in ("spikes", "reward_ul", "t_outcome")}
    found = measured(written(tmp_path / "a.nwb", plain))
    assert found.names == tuple(f"unexpected {size:g} µl" for size in SIZES)
    np.testing.assert_allclose(found.mean, [0, 10, 20], atol=1e-9)


def test_sizes_with_other_digits_are_the_same(tmp_path: Path) -> None:
    made = parts()
    found = measured(written(tmp_path / "a.nwb", made | {"reward_ul": made["reward_ul"].astype("f4")}))
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)


def test_ragged_columns_and_other_tables_are_no_hindrance(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nwb", parts())
    with h5py.File(path, "a") as file:
        file["intervals/trials/licks"] = np.zeros(5)
        file["intervals/trials/licks_index"] = np.full(60, 5)
        file["units/waveform_mean"] = np.zeros((1, 30))
        file["acquisition/lick/data"] = np.zeros(10)
    np.testing.assert_allclose(measured(path).mean, WANTED, atol=1e-9)


@pytest.mark.whole
def test_a_million_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "NEAR", 0.05)  # so many fit into a day
    many = 1_000_000
    outcome = 2.0 + 0.08 * np.arange(many)
    made = {"spikes": [np.arange(0.05, outcome[-1] + 1, 0.1)], "t_outcome": outcome}
    path = written(tmp_path / "a.nwb", made | {"reward_ul": np.tile([1.0, 5.0], many // 2)})
    began = time.process_time()
    np.testing.assert_allclose(measured(path).mean, 0, atol=0.02)
    assert time.process_time() - began < 600  # not in the square of the trials, which would take days
