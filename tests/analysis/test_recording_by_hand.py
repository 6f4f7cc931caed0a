"""A recording, its codes and its files by small cases: recording, codes, folders, spike_files, nwb, and the
tables of behaviour."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import Behaviour, of_table
from hedon.analysis.recordings.codes import (
    as_numbers,
    check_amounts,
    check_names,
    check_options,
    check_truth,
    first_word,
    mapped,
)
from hedon.analysis.recordings.folders import is_sorted, read_sorted
from hedon.analysis.recordings.nwb import read_nwb
from hedon.analysis.recordings.recording import EDGE, INVALID, Recording, Series, difference
from hedon.analysis.recordings.spike_files import read_spikes, recording_of, table_text
from hedon.analysis.recordings.tables import is_table, read_table

NAN = np.nan


def array(*values: Any) -> np.ndarray:
    return np.array(values)


# -- a recording


CELL = Recording(
    (array(0.5, 1.0, 1.5, 2.0), array(9.0)),
    {"t": array(1.0, 2.0)},
    observed=(np.array([[1.0, 3.0], [5.0, 6.0]]), np.zeros((0, 2))),
    events={INVALID: {"start_time": array(2.0), "stop_time": array(2.5)}},
)


def test_counts_and_rates_by_hand() -> None:
    """From the lower edge on, up to the upper; NaN after a start that is none."""
    found = CELL.counts([0.5, NAN, 1.0], [0.0, 0.5, 1.5])
    assert found.shape == (2, 3, 2)
    np.testing.assert_array_equal(found[0], [[1, 2], [NAN, NAN], [1, 2]])
    np.testing.assert_array_equal(CELL.rates(0.5, 0.0, 2.0), [2, 0])
    np.testing.assert_array_equal(CELL.rates([[0.5], [1.5]], 0.0, 1.0)[0], [[2], [2]])
    assert (
        CELL.counts(1.0 + 0.9 * EDGE, [0.0, 0.1])[0, 0] == 1
        and CELL.counts(1.0 + 2 * EDGE, [0, 0.1])[0, 0] == 0
    )
    assert Recording((), {}).rates([1.0, 2.0], 0.0, 1.0).shape == (0, 2)
    for low, high in ((1.0, 1.0), (2.0, 1.0)):
        with pytest.raises(Mistake, match=f"a window from {low:g} to {high:g} s is none"):
            CELL.rates(0.0, low, high)


def test_what_was_observed_all_the_time_and_is_valid() -> None:
    start = array(1.0, 1.5, 2.5, 2.6, 4.5, 5.0, 5.6)
    valid = [True, False, True, True, True, True, True]
    assert CELL.is_valid(start, 0.0, 0.6).tolist() == valid
    assert CELL.is_valid([1.4, 2.5, 2.0, 1.9], 0.0, 0.6).tolist() == [True, True, False, False]
    assert CELL.was_observed(0, start, 0.0, 0.4).tolist() == [True, True, True, True, False, True, True]
    assert CELL.was_observed(0, start, 0.0, 0.5).tolist() == [True, True, True, False, False, True, False]
    assert CELL.was_observed(0, [1.0, 1.1], -0.1, 0.5).tolist() == [False, True]
    # of the second unit it is not told: from the session's begin on
    assert CELL.was_observed(1, [0.0, 0.1, 0.1 - 2 * EDGE, 99], -0.1, 0.5).tolist() == [
        False,
        True,
        False,
        True,
    ]
    assert Recording((array(1.0),), {}).was_observed(0, [0.1], -0.1, 1.0).tolist() == [True]
    assert CELL.was_observed(0, [1.0 - 0.9 * EDGE, 2.5 + 0.9 * EDGE], 0.0, 0.5).tolist() == [True, True]


SERIES = Series.of([0.0, 1.0], [5.0, NAN], "V", "x")
FULL = Recording(
    (array(1.0, 2.0),), {"a": array(1.0, NAN), "id": array(1, 2)}, {"kind": array("x")},
    (np.array([[0.0, 3.0]]),), {"s": SERIES}, {"licks": {"timestamp": array(1.0)}}, {"w": array(1.0, NAN)},
    0.001, "{}",
)  # fmt: skip


@pytest.mark.parametrize(
    "change, told",
    [
        ({}, ""),
        ({"trials": FULL.trials | {"id": array(7, 8)}}, ""),
        ({"spike_times": (array(1.0, 2.5),)}, "spikes of unit 0"),
        ({"spike_times": (), "units": {}, "observed": ()}, "1 units, not 0"),
        ({"trials": {"a": array(1.0, 2.0)}}, "column 'a' of trials"),
        ({"trials": {"b": array(1.0, NAN)}}, "of trials"),
        ({"trials": {"a": array(1.0)}}, "column 'a' of trials"),
        ({"units": {"kind": array("y")}}, "column 'kind' of units"),
        ({"events": {}}, "column 'timestamp' of licks"),
        ({"observed": None}, "times of observation"),
        ({"observed": (np.array([[0.0, 4.0]]),)}, "times of observation of unit 0"),
        ({"series": {}}, "names of the series"),
        ({"series": {"s": Series.of([0.0, 1.0], [5.0, NAN], "A")}}, "series 's'"),
        ({"series": {"s": Series.of([0.0, 1.0], [5.0, 6.0], "V")}}, "series 's'"),
        ({"series": {"s": Series.of([0.0, 1.0 + 1e-8], [5.0, NAN], "V")}}, "times of series 's'"),
        ({"series": {"s": Series.of([0.0, 1.0 + 1e-10], [5.0, NAN], "V")}}, ""),
        ({"arrays": {}}, "names of the arrays"),
        ({"arrays": {"w": array(1.0, 2.0)}}, "array 'w'"),
        ({"resolution": None}, "resolution"),
        ({"configuration": ""}, "configuration"),
    ],
)
def test_the_first_difference_of_two_recordings(change: dict, told: str) -> None:
    other = replace(FULL, **change)
    for found in (difference(FULL, other), difference(other, FULL)):
        assert (found == "") == (told == "") and (told in found or "units, not" in told)
    assert told in difference(FULL, other)


def test_tables_of_a_recording_are_rectangular() -> None:
    for make, said in (
        (lambda: Recording((), {"a": array(1.0), "b": array(1.0, 2.0)}), "trials: column 'b' has 2 rows"),
        (
            lambda: Recording((array(1.0),), {}, {"k": array(1, 2)}),
            "units: column 'k' has 2 rows, others have 1",
        ),
        (lambda: Recording((), {}, events={"e": {"a": array(1), "b": array()}}), "e: column 'b' has 0 rows"),
        (lambda: Recording((array(1.0),), {}, observed=()), "1 units with 0 times of observation"),
        (lambda: Series.of([1.0], [1.0, 2.0], ""), "a series of 2 samples needs as many times"),
        (lambda: Series.of([[1.0]], [1.0], ""), "a series of 1 samples"),
    ):
        with pytest.raises(Mistake, match=said):
            make()
    assert SERIES.samples == 2 and SERIES.load(slice(1, 2))[0].tolist() == [1]


# -- codes


def test_cells_that_are_numbers() -> None:
    np.testing.assert_array_equal(as_numbers(array(" 1", "True", "NA", "", "false")), [1, 1, NAN, NAN, 0])
    assert as_numbers(array("1", "x ")).tolist() == ["1", "x"] and as_numbers(array(True)).tolist() == [1.0]
    assert first_word(array("1", "none", "x", "y")) == 2
    check_names({"actoin": "x", "choice": "c"}, ())
    with pytest.raises(Mistake, match="no analysis reads a column 'actoin'; did you mean --column action="):
        check_names({"actoin": "x"}, ("action", "reward"))
    check_names({"zzz": "x", "action": "y"}, ("action", "reward"))


@pytest.mark.parametrize(
    "codes, counts, paid, suspect",
    [
        ((0, 1), (50, 1), (9, 0), None),  # of two options each is one
        ((0, 1, 2), (50, 50, 4), (9, 9, 0), 2),
        ((0, 1, 2), (4, 50, 50), (0, 9, 9), 0),
        ((0, 1, 2), (50, 50, 4), (9, 9, 1), None),
        ((0, 1, 2), (50, 4, 50), (9, 0, 9), None),
        ((-1, 1, 2), (40, 40, 40), (9, 9, 9), -1),
        ((1, 2, 7), (40, 40, 40), (9, 9, 9), None),
        ((1, 2, 8), (40, 40, 40), (9, 9, 9), 8),
        ((0, 1, 2), (86, 85, 19), (9, 9, 0), None),  # a tenth is not rare, 19 tell little
        ((0, 1, 2), (91, 90, 19), (9, 9, 0), 2),
        ((0, 1, 2), (90, 90, 20), (9, 9, 0), 2),  # who pays one time in five would have paid
        ((0, 1, 2), (20, 30, 31), (0, 9, 9), 0),
        ((0, 1, 2), (20, 30, 30), (0, 9, 9), None),  # as often as a poor option
    ],
)
def test_codes_that_may_stand_for_missed_trials(codes, counts, paid, suspect) -> None:
    action = np.repeat(np.array(codes, float), counts)
    reward = np.concatenate([np.arange(n) < p for n, p in zip(counts, paid, strict=True)]).astype(float)
    action, reward = np.append(action, NAN), np.append(reward, 0)
    if suspect is None:
        check_options("a", action, reward)
        return
    with pytest.raises(
        Mistake, match=f"if {suspect} stands for missed trials say --column missed=action:{suspect},"
    ):
        check_options("a", action, reward)
    check_options("a", np.full(3, "x"), reward)


def test_levels_that_count_as_true() -> None:
    check_truth("a", "common", array(0.0, 1.0, NAN))
    for values, said in (
        (array(1.0, 2.0, 3.0), "common is 1, 2, 3, must be 1 or 0; .*common:3"),
        (array("x"), "such as 'x'"),
    ):
        with pytest.raises(Mistake, match=said):
            check_truth("a", "common", values)
    table = {"a": array(1.0, 2.0, NAN), "b": array("x", " y", ""), "c": array(1.0, 2.0, 3.0)}
    found = mapped("f", table, {"common": "a:2", "reward": "b:y", "missed": "c:2"})
    np.testing.assert_array_equal(found["common"], [0, 1, NAN])
    np.testing.assert_array_equal(found["reward"], [0, 1, NAN])
    np.testing.assert_array_equal(found["missed"], [0, 1, 0])
    assert list(mapped("f", table, {"common": "a"})) == ["b", "c", "common"]
    np.testing.assert_array_equal(mapped("f", table, {"missed": "a:2"})["missed"], [0, 1, 0])
    assert list(mapped("f", table, {"common": "none"})) == ["a", "b", "c"]
    for columns, said in (
        ({"common": "c:1"}, "c has 3 levels, common needs two"),
        ({"common": "a:3"}, "never '3'"),
    ):
        with pytest.raises(Mistake, match=said):
            mapped("f", table, columns)


# -- behaviour


def test_rows_are_numbered_within_sessions_where_they_have_no_numbers() -> None:
    table = {"subject": array(*"abab"), "action": array("1", "2", "1", "1")}
    found = of_table("f", table, ("action",), {})
    assert found["subject"].tolist() == list("aabb") and found["trial"].tolist() == [0, 1, 0, 1]
    assert found.notes == ("no column 'trial': rows are numbered in their order",)
    alone = of_table("x/mouse.csv", {"action": array(1.0, 2.0)}, ("action",), {})
    assert alone["subject"].tolist() == ["mouse"] * 2 and len(alone.notes) == 2


@pytest.mark.parametrize(
    "change, needs, said",
    [
        ({"rt": array(61.0, 61, 1)}, ("rt",), "rt has a median of 61 s; is it in milliseconds"),
        ({"rt": array(60.0, 60, NAN)}, ("rt",), ""),
        ({"rt": array(NAN, NAN, NAN)}, ("rt",), ""),
        ({"action": array(1.0, np.inf, 2)}, ("action",), "f.csv, line 3: action is inf, must be finite"),
        ({"reward": array(1.0, np.inf, 0), "action": array(1.0, NAN, 2)}, ("action", "reward"), ""),
        ({"reward": array(1.0, np.inf, 0), "missed": array(0.0, 1, 0)}, ("reward",), ""),
        ({"action": array(1.0, 2, 3)}, ("action", "common"), "must have two options; name missed .*action:1"),
        ({"action": array(1.0, 2, 2)}, ("action", "common"), ""),
        ({"common": array(1.0, 2, 1)}, ("common",), "common is 1, 2, must be 1 or 0"),
        ({"reward": array(1.0, 2, 1)}, ("reward", "common"), "reward is 1, 2, must be 1 or 0.*reward:2"),
        ({"reward": array(0.0, 2, 0)}, ("reward", "common"), ""),
        ({"reward": array(0.0, 2, 1)}, ("reward", "common"), "reward is 0, 1, 2"),
        ({"t_cue": array(1.0, -2, 1)}, ("t_cue",), "t_cue is -2 s in row 1"),
        ({"subject": array("a", "", "a")}, (), "1 of 3 trials have no subject .the first: line 3"),
        ({"trial": array(0.0, NAN, 2)}, (), "a trial has no number .line 3"),
        ({"trial": array(0.0, 2, 2)}, (), "line 4: trial 2 of a is there twice"),
        ({"action": array("1", "2", "x")}, ("action",), "f.csv, line 4: action is 'x', must be a number"),
    ],
)
def test_columns_that_cannot_be_right(change: dict, needs: tuple[str, ...], said: str) -> None:
    table = {"subject": array(*"aaa"), "trial": array(0.0, 1, 2), "action": array(1.0, 1, 2)}
    table |= {"reward": array(1.0, 0, 1), "common": array(1.0, 0, 1)} | change
    if not said:
        assert len(of_table("f.csv", table, needs, {})) == 3
        return
    with pytest.raises(Mistake, match=said):
        of_table("f.csv", table, needs, {})


def test_rows_of_a_behaviour() -> None:
    columns = {"subject": array(*"bba"), "session": array(*"xyx"), "n": array(1.0, 2, 3)}
    made = Behaviour(columns, "f", ("note",))
    assert [(who, own["n"].tolist()) for who, own in made.subjects()] == [("b", [1, 2]), ("a", [3])]
    assert [one["n"].tolist() for one in made.sessions()] == [[1, 3], [2]] and len(made) == 3
    assert made.where(array(2)).notes == ("note",) and len(list(Behaviour({"n": array(1.0)}).sessions())) == 1


# -- files


def test_spikes_are_grouped_by_unit() -> None:
    found = recording_of(Path("f"), array(3.0, 1.0, 2.0), array(7, 5, 7), {}, {"id": array(5, 6, 7)})
    assert [unit.tolist() for unit in found.spike_times] == [[1.0], [], [2.0, 3.0]]
    assert table_text({"a": array(1.0, NAN), "b": array("x", "y")}) == b"a,b\n1.0,x\n,y\n"


@pytest.mark.parametrize(
    "change, said",
    [
        ({"spike_unit": array(1)}, "2 spike times with 1 units"),
        ({"spike_times": np.ones((2, 2)), "spike_unit": np.ones((2, 2))}, "2 spike times with 2 units"),
        ({"units.id": array(1)}, "spikes of a unit that units.id does not name: 2"),
        ({"spike_times": array("a", "b")}, "spike_times holds 'a', not a number"),
    ],
)
def test_arrays_of_spikes_that_do_not_fit(tmp_path: Path, change: dict, said: str) -> None:
    made = {"spike_times": array(1.0, 2.0), "spike_unit": array(1, 2), "trials.t_outcome": array(1.0)}
    np.savez(tmp_path / "a.npz", **made)
    assert read_spikes(tmp_path / "a.npz").trials["t_outcome"].tolist() == [1]
    np.savez(tmp_path / "a.npz", **(made | change))
    with pytest.raises(Mistake, match=said):
        read_spikes(tmp_path / "a.npz")


def test_sorted_spikes_in_samples_or_in_seconds(tmp_path: Path) -> None:
    assert not is_sorted(tmp_path)
    np.save(tmp_path / "spike_times.npy", array(100, 200, 300)[:, None])
    with pytest.raises(Mistake, match="has spike_times.npy, but no spike_clusters.npy"):
        read_sorted(tmp_path)
    np.save(tmp_path / "spike_templates.npy", array(2, 0, 2))
    (tmp_path / "params.py").write_text("n = 1\nsample_rate = 2e2\n")
    (tmp_path / "trials.csv").write_text("t_outcome\n1\n")
    (tmp_path / "cluster_info.tsv").write_text("cluster_id\tdepth\tgroup\n2\t7\tgood\n")
    (tmp_path / "cluster_other.tsv").write_text("depth\n9\n")
    found = read_sorted(tmp_path)
    assert [unit.tolist() for unit in found.spike_times] == [[1.0], [0.5, 1.5]] and found.notes == ()
    np.testing.assert_array_equal(found.units["depth"], [NAN, 7])
    assert found.units["group"].tolist() == ["", "good"]
    (tmp_path / "cluster_info.tsv").write_text("cluster_id\tgroup\n2\tnoise\n0\tnoise\n")
    assert read_sorted(tmp_path).notes == ("2 of 2 clusters are noise, left out",)
    np.save(tmp_path / "spike_templates.npy", array(2, 0))
    with pytest.raises(Mistake, match="3 spike times with 2 clusters"):
        read_sorted(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    np.save(other / "spikes.times.npy", array(1.0, 2.0)), np.save(other / "spikes.clusters.npy", array(0, 0))
    (other / "trials.csv").write_text("t_outcome\n1\n")
    assert read_sorted(other).spike_times[0].tolist() == [1, 2] and is_sorted(other)


def series_file(path: Path, **data: Any) -> Path:
    with h5py.File(path, "w") as file:
        file["units/spike_times"], file["units/spike_times_index"] = array(1.0, 2.0, 3.0), array(1, 3)
        file["units/id"] = array(4, 5)
        file["intervals/trials/t_outcome"] = array(1.0)
        group = file.create_group("acquisition/trace")
        values = group.create_dataset("data", data=array(1.0, 2.0, 3.0, 4.0))
        values.attrs.update({"unit": "V", "conversion": 2.0, "offset": 0.5})
        if "timestamps" in data:
            group["timestamps"] = data["timestamps"]
        else:
            group["starting_time"] = 10.0
            group["starting_time"].attrs["rate"] = 4.0
    return path


def test_times_of_samples_from_a_rate_and_a_start_or_one_by_one(tmp_path: Path) -> None:
    found = read_nwb(series_file(tmp_path / "a.nwb"))
    assert [unit.tolist() for unit in found.spike_times] == [[1.0], [2.0, 3.0]]
    (series,) = found.series.values()
    assert series.samples == 4 and series.unit == "V"
    assert series.times.tolist() == [10, 10.25, 10.5, 10.75] and series.values.tolist() == [
        2.5,
        4.5,
        6.5,
        8.5,
    ]
    times, values = series.load(slice(1, 3))
    assert times.tolist() == [10.25, 10.5] and values.tolist() == [4.5, 6.5]
    (told,) = read_nwb(series_file(tmp_path / "b.nwb", timestamps=array(1.0, 2, 4, 8))).series.values()
    assert told.load(slice(2, 4))[0].tolist() == [4, 8]
    (odd,) = read_nwb(series_file(tmp_path / "c.nwb", timestamps=array(1.0, 2))).series.values()
    with pytest.raises(Mistake, match=r"timestamps of .* are \(2,\) for 4 samples"):
        odd.load(slice(None))


@pytest.mark.parametrize("index", [[2, 1], [1, 4], [1, 2]])
def test_an_index_that_does_not_fit_its_spikes(tmp_path: Path, index: list[int]) -> None:
    with h5py.File(series_file(tmp_path / "a.nwb"), "a") as file:
        file["units/spike_times_index"][:] = index
    with pytest.raises(Mistake, match="the index of spike_times does not fit its 3 values"):
        read_nwb(tmp_path / "a.nwb")
    with h5py.File(tmp_path / "a.nwb", "a") as file:
        del file["units/spike_times_index"]
    with pytest.raises(Mistake, match="spike_times of 2 units has no index"):
        read_nwb(tmp_path / "a.nwb")
    for only in (array(4), None):  # a single unit needs none
        with h5py.File(tmp_path / "a.nwb", "a") as file:
            del file["units/id"]
            if only is not None:
                file["units/id"] = only
        assert [unit.tolist() for unit in read_nwb(tmp_path / "a.nwb").spike_times] == [[1, 2, 3]]


# -- tables


@pytest.mark.parametrize(
    "name, content, columns, notes",
    [
        ("a.csv", "x,y\n1,a\n2,b\n", {"x": [1, 2], "y": ["a", "b"]}, ()),
        ("a.csv", "x;y\n1,5;a\n,5;b\n", {"x": [1.5, 0.5], "y": ["a", "b"]}, ("semicolons", "decimal commas")),
        (
            "a.csv",
            "x;y\n1,5;a,b\n;2\n",
            {"x": [1.5, NAN], "y": ["a,b", "2"]},
            ("semicolons", "decimal commas"),
        ),
        ("a.csv", "x;y\n1.5;a,b\n2;c\n", {"x": [1.5, 2], "y": ["a,b", "c"]}, ("semicolons",)),
        ("a.tsv", "x\ty\n1\t2\n", {"x": [1], "y": [2]}, ()),
        ("a.csv", "x\ty\n1\t-2,5e1\n", {"x": [1], "y": [-25]}, ("tabs", "decimal commas")),
        ("a.csv", '"x;x;x",y\n1,2\n', {"x;x;x": [1], "y": [2]}, ()),
        ("a.txt", "\n x ,y\n\n1,2\n", {"x": [1], "y": [2]}, ()),
        ("a.csv", "x,y\n", {"x": [], "y": []}, ()),
        ("a.csv.gz", gzip.compress(b"x,y\n1,2\n", mtime=0), {"x": [1], "y": [2]}, ()),
        ("a.csv", "x,y\n1,é\n".encode("utf-16"), {"x": [1], "y": ["é"]}, ()),
        ("a.csv", "x,y\n1,é\n".encode("utf-8-sig"), {"x": [1], "y": ["é"]}, ()),
        ("a.csv", "x,y\n1,é\n".encode("cp1252"), {"x": [1], "y": ["é"]}, ("Windows-1252",)),
    ],
)
def test_tables_as_they_are_written(
    tmp_path: Path, name: str, content: Any, columns: dict, notes: tuple
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_table(path)
    assert list(found.numbers()) == list(columns) and found.source == path
    for key, values in found.numbers().items():
        np.testing.assert_array_equal(values, columns[key])
    assert len(found.notes) == len(notes)
    assert all(part in note for part, note in zip(notes, found.notes, strict=True))


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("a.csv", b"x,y\n1\n", "line 2: 1 cells, the head has 2"),
        ("a.csv", b"x,y\n1,2\n3,4,5\n", "line 3: 3 cells, the head has 2"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"x\n\0\n", "is no CSV file"),
        ("a.csv", b'x\n"' + b"1" * 200_000 + b'"\n', "is no CSV file"),
        ("a.csv.gz", b"x,y\n", "no gzip file|Not a gzip"),
        ("a.parquet", b"x", "needs pyarrow|cannot be read as parquet"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Mistake, match=said):
        read_table(tmp_path / name)


def test_columns_of_a_parquet_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers that a float would round are words; None is an empty cell, an index a column."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {" x ": [1.5, 2], "k": [2**53, 1], "n": [2**53 - 1, 0], "b": [True, False], "w": ["a", None],
         "x.1": [3, 4]}, index=pandas.Index([7, 8], name="row"),
    )  # fmt: skip
    monkeypatch.setattr(pandas, "read_parquet", lambda path: frame)
    for name in ("a.parquet", "a.pqt"):
        (tmp_path / name).write_bytes(b"x")
    found = read_table(tmp_path / "a.parquet")
    assert list(found.head) == ["row", "x", "k", "n", "b", "w", "x.1"] and found.notes == ()
    assert [column.tolist() for column in found.columns] == [
        [7, 8], [1.5, 2], [str(2**53), "1"], [2**53 - 1, 0], [1, 0], ["a", ""], [3, 4]]  # fmt: skip
    assert read_table(tmp_path / "a.pqt").head == found.head

    faults = {
        "needs pyarrow; install": ImportError,
        "be read as parquet: ValueError": ValueError,
        "be read as parquet: a$": ValueError("a\nb"),
    }
    for said, fault in faults.items():
        monkeypatch.setattr(pandas, "read_parquet", Mock(side_effect=fault))
        with pytest.raises(Mistake, match=said):
            read_table(tmp_path / "a.parquet")


def test_tables_are_known_by_name() -> None:
    names = "a.csv", "a.TSV", "a.csv.gz", "a.parquet", "a.xlsx", "a.xlsm", "a.txt"
    assert all(is_table(Path(name)) for name in names)
    assert not any(is_table(Path(name)) for name in ("a.nwb", "a.gz", "csv", "a.csv.zip"))


def test_what_else_a_file_of_neurodata_tells(tmp_path: Path) -> None:
    """Spikes out of order, the clock of spikes, series of one name, words, tables named by place."""
    path = series_file(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        file["units/spike_times"][:] = [1.0, 3.0, 2.0]
        file["units/spike_times"].attrs["resolution"] = 0.5
        file["units/cell_type"] = [b"DA", b"GABA"]
        file["intervals/trials/words"] = [b"x"]
        file.copy("acquisition/trace", "processing/ophys/trace")
        file["acquisition/words/data"], file["acquisition/words/timestamps"] = [b"no"], array(1.0)
        file["intervals/other/t_outcome"] = array(2.0)
        file["scratch/weights"] = np.eye(2)
    found = read_nwb(path)
    assert found.notes == ("unit 1: spike times go back 1 times; they were put in order",)
    assert found.spike_times[1].tolist() == [2, 3] and found.resolution == 0.5
    assert found.units["cell_type"].tolist() == ["DA", "GABA"] and found.trials["words"].tolist() == ["x"]
    assert set(found.series) == {"trace", "processing/ophys/trace"} and found.arrays["weights"].shape == (
        2,
        2,
    )
    for name in ("other", "intervals/other"):
        assert read_nwb(path, name).trials["t_outcome"].tolist() == [2]
    with pytest.raises(
        Mistake, match="has no table of trials 'none'; there are other, trials; name one: --trials o"
    ):
        read_nwb(path, "none")
    for resolution in (0.0, -1.0):
        with h5py.File(path, "a") as file:
            file["units/spike_times"].attrs["resolution"] = resolution
        assert read_nwb(path).resolution is None
    with h5py.File(path, "a") as file:
        file["units/obs_intervals"], file["units/obs_intervals_index"] = (
            [[0.0, 4.0], [1.0, 2.0], [2.0, 3.0]],
            array(1, 3),
        )
    observed = read_nwb(path).observed
    assert observed is not None and [seen.tolist() for seen in observed] == [[[0, 4]], [[1, 2], [2, 3]]]


@pytest.mark.parametrize(
    "amounts, suspect",
    [
        ({1: 50, 99: 4}, None),  # of two amounts each is one
        ({1: 50, 2: 50, 99: 4}, 99),
        ({1: 30, 2: 30, 3: 30, 9: 4}, 9),  # farther than the others are apart, in nines
        ({1: 30, 2: 30, 3: 30, 8: 4}, None),
        ({1: 30, 2: 30, 3: 30, 5: 4}, None),
        ({1: 30, 2: 30, 3: 30, 13: 4}, None),  # five times as far as they are apart
        ({1: 30, 2: 30, 3: 30, 13.5: 4}, 13.5),
        ({1: 45, 2: 45, 99: 10}, 99),  # far, and in nines
        ({1: 45, 2: 45, 50: 10}, 50),  # or half as often as the others
        ({1: 20, 2: 20, 50: 10}, None),
        ({0: 30, 0.5: 14, 1: 30}, 0.5),  # half-way
        ({0: 30, 0.5: 15, 1: 30}, None),
        ({0: 30, 0.6: 14, 1: 30}, None),
        ({1: 46, 2: 45, 99: 9}, 99),
        ({-9: 4, 11: 50, 12: 50}, -9),
        ({0: 30, 1: 30, -1: 14}, -1),  # alone below 0 among few: half as often as the others
        ({0: 30, 1: 30, -1: 15}, None),
        ({-2: 40, -1: 14, 1: 40}, None),
        ({-1: 3, **dict.fromkeys(range(20), 2)}, -1),  # among many: rare, but oftener than the least of them
        ({-1: 3, **dict.fromkeys(range(20), 3)}, None),
        ({-2: 3, **dict.fromkeys(range(20), 2)}, None),
        ({-1: 2, **dict.fromkeys(range(40), 1)}, None),  # twice may be by chance
        ({-1: 3, **dict.fromkeys(range(40), 1)}, -1),
    ],
)
def test_amounts_that_may_stand_for_missed_trials(amounts: dict, suspect: float | None) -> None:
    values = np.append(np.repeat(np.array([*amounts], float), [*amounts.values()]), NAN)
    if suspect is None:
        check_amounts("a", "reward", values, "size")
        return
    many, whole = amounts[suspect], sum(amounts.values())
    said = rf"a: reward is {suspect:g} in {many} of {whole} trials, else .*--column missed=size:{suspect:g},"
    with pytest.raises(Mistake, match=said):
        check_amounts("a", "reward", values, "size")
    check_amounts("a", "reward", values.astype(str), "size")
