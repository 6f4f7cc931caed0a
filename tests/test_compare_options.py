"""Which trials, units, event and window are compared, and over what intervals go: said, or one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.compare import compare
from hedon.figures.comparisons.data import Data

from .test_bad_recordings import WANTED, parts, written


@pytest.fixture
def made() -> dict[str, Any]:
    return parts()


def measured(path: Path, columns: Mapping[str, str] | None = None, **taken: Any) -> Any:
    return comparisons.measure("reward-response", Data([path], columns or {}, **taken))


def test_units_are_chosen_by_a_label_and_it_is_told(tmp_path: Path, made: dict[str, Any]) -> None:
    busy = np.arange(0.0, 700, 0.01)
    made |= {"spikes": [made["spikes"][0], busy], "types": np.array(["pyramidal", "fast"], "S")}
    path = written(tmp_path / "a.nwb", made)
    for label in ("pyramidal", "cell_type=pyramidal", "id=0"):
        found = measured(path, chosen=label)
        np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
        assert "1 of 2 units are" in found.notes[0] and "1 left out (fast)" in found.notes[0]
    assert len(measured(path, chosen="all").rows) == 2
    with pytest.raises(Mistake, match="no unit that is Fasst; labels are cell_type: fast, pyramidal"):
        measured(path, chosen="Fasst")


def test_trials_are_chosen_by_a_column(tmp_path: Path, made: dict[str, Any]) -> None:
    block = np.arange(60) // 30
    noise = np.random.default_rng(0).uniform(305, 605, 20000)
    made["spikes"] = [np.sort(np.concatenate([made["spikes"][0], noise]))]
    path = written(tmp_path / "a.nwb", made | {"block": block})
    found = measured(path, where=["block=0"])
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert "30 of 60 trials have block=0" in found.notes[0]
    np.testing.assert_allclose(measured(path, where=["block<0.5"]).mean, WANTED, atol=1e-9)
    for term, said in (
        ("bloc=0", "no column 'bloc'"),
        ("block=7", "no trial has"),
        ("block=x", "numbers, not"),
    ):
        with pytest.raises(Mistake, match=said):
            measured(path, where=[term])


def test_trials_of_people_that_are_not_chosen_count_as_missed(tmp_path: Path) -> None:
    rows = "\n".join(f"a,{n},{n % 2},{n % 3 % 2},{n // 10}" for n in range(20))
    (tmp_path / "a.csv").write_text(f"subject,trial,action,reward,block\n{rows}\n")
    data = Data([tmp_path / "a.csv"], where=["block=1"])
    read = data.people(("action", "reward"))
    assert len(read) == 20 and np.isnan(read["action"][:10]).all()
    np.testing.assert_array_equal(read["action"][10:], np.arange(10, 20) % 2)


def test_another_event_and_window(tmp_path: Path, made: dict[str, Any]) -> None:
    late = made["t_outcome"] + 3.0
    burst = np.concatenate([t + 0.105 + 0.01 * np.arange(4) for t in late])
    made["spikes"] = [np.sort(np.concatenate([made["spikes"][0], burst]))]
    path = written(tmp_path / "a.nwb", made | {"t_lick": late})
    found = measured(path, event="t_lick", window=(0.1, 0.3))
    np.testing.assert_allclose(found.mean, [20.0] * 6, atol=1e-9)
    np.testing.assert_allclose(measured(path).mean, WANTED, atol=1e-9)
    with pytest.raises(Mistake, match="no column 't_lik'"):
        measured(path, event="t_lik")
    with pytest.raises(Mistake, match="'dip-depth' has no window to choose"):
        compare([path], "dip-depth", out=tmp_path, window=(0.0, 1.0))
    with pytest.raises(Mistake, match="is none"):
        measured(path, window=(0.3, 0.1))


def test_intervals_over_animals(tmp_path: Path, made: dict[str, Any]) -> None:
    files = []
    for k, whose in enumerate(("m1", "m1", "m2")):
        cell = made | {
            "spikes": [np.sort(np.concatenate([made["spikes"][0], made["t_outcome"] + 0.3 + k / 1e3]))]
        }
        files.append(written(tmp_path / f"{k}.nwb", cell))
        with h5py.File(files[-1], "a") as file:
            file["general/subject/subject_id"] = whose
    cells = comparisons.measure("reward-response", Data(files))
    assert "3 cells are of 2 animals: intervals are over cells" in " ".join(cells.notes)
    animals = comparisons.measure("reward-response", Data(files, animals=True))
    assert animals.kind == "animal"
    np.testing.assert_allclose(animals.rows, [cells.rows[:2].mean(axis=0), cells.rows[2]])
    path = written(tmp_path / "x.nwb", made)
    with pytest.raises(Mistake, match="subject_id is missing"):
        comparisons.measure("reward-response", Data([path], animals=True))


def test_a_column_of_a_trace_of_several(tmp_path: Path, made: dict[str, Any]) -> None:
    path = written(tmp_path / "a.nwb", made)
    times = np.arange(0, 620, 0.05)
    inside = [(times >= t + 0.2) & (times < t + 0.6) for t in made["t_outcome"]]
    trace = np.any(inside, axis=0).astype(float)
    with h5py.File(path, "a") as file:
        node = file.create_group("acquisition/rois")
        node["data"], node["timestamps"] = np.stack([0 * trace, trace], axis=1), times
    data = Data([path], {"trace": "rois:1"})
    np.testing.assert_allclose(comparisons.measure("trace-response", data).mean, 1, atol=0.02)
    with pytest.raises(Mistake, match="a.nwb: the series 'rois' has 2 columns; choose one, .*rois:0"):
        comparisons.measure("trace-response", Data([path]))
    with h5py.File(path, "a") as file:
        del file["acquisition/rois/timestamps"]
        file["acquisition/rois/timestamps"] = np.stack([times, times])
    with pytest.raises(Mistake, match="timestamps of .*rois are .2, 12400. for 12400 samples"):
        comparisons.measure("trace-response", data)


def test_a_misspelt_name_of_ours_is_told(tmp_path: Path, made: dict[str, Any]) -> None:
    """It would be ignored: all rewards would count as unexpected."""
    made["announced"] = made.pop("expected")
    path = written(tmp_path / "a.nwb", made)
    np.testing.assert_allclose(measured(path, {"expected": "announced"}).mean, WANTED, atol=1e-9)
    with pytest.raises(Mistake, match="'expectd'; did you mean --column expected=..."):
        measured(path, {"expectd": "announced"})
    (tmp_path / "a.csv").write_text("subject,trial,choice,reward\na,0,1,1\n")
    with pytest.raises(Mistake, match="'actoin'; did you mean --column action=..."):
        Data([tmp_path / "a.csv"], {"actoin": "choice"}).people(("action", "reward"))


def test_columns_by_other_names_and_of_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each refusal says what to add, and what it says works; the other word gives the same kernels."""
    draw = np.random.default_rng(0).integers(0, 2, (2, 2, 80))
    rows = [f"{s},{t},{'LR'[draw[0, s, t]]},{draw[1, s, t]}" for s in range(2) for t in range(80)]
    file = tmp_path / "my.csv"
    file.write_text("\n".join(["subject,trial,choice,reward", *rows]))
    command = ["compare", str(file), "--analysis", "kernels", "--out", str(tmp_path)]
    assert main(command) == 2
    assert "(name it: --column action=...)" in capsys.readouterr().err
    assert main([*command, "--column", "action=choice"]) == 2
    told = capsys.readouterr().err
    assert "must be a number (of two words name one: --column action=choice:" in told
    tables = []
    for word in (told.rpartition(":")[2].strip(")\n"), "R"):
        assert main([*command, "--column", f"action=choice:{word}"]) == 0
        lines = (tmp_path / "kernels-rows.csv").read_text().splitlines()[1:]
        tables.append(np.array([line.split(",")[1:] for line in lines], float))
    np.testing.assert_allclose(*tables, atol=1e-6)
