"""Files of others, by small ones: MATLAB (matlab.py), the IBL's names (ibl.py), Zarr (nwb_zarr.py); and which
reader each kind gets (files.py)."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest
from scipy.io import savemat

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings import nwb_zarr
from hedon.analysis.recordings.files import read_recording
from hedon.analysis.recordings.ibl import ours
from hedon.analysis.recordings.matlab import read_matlab
from hedon.analysis.recordings.recording import Recording, Series

TRIALS = {"t_outcome": np.array([1.0, 2.0, 3.0]), "size": np.array([5, 6, 7])}


def cells(*units: list[float]) -> np.ndarray:
    found = np.empty(len(units), object)
    found[:] = [np.array(unit, float) for unit in units]
    return found


def saved(folder: Path, **variables: Any) -> Path:
    savemat(folder / "a.mat", variables)
    return folder / "a.mat"


def test_a_cell_of_spike_times_is_a_unit_each(tmp_path: Path) -> None:
    found = read_matlab(saved(tmp_path, spikes=cells([0.5, 1.5], [], [2.5]), trials=TRIALS))
    assert [unit.tolist() for unit in found.spike_times] == [[0.5, 1.5], [], [2.5]]
    assert found.units["id"].tolist() == [0, 1, 2] and found.trials["size"].tolist() == [5, 6, 7]
    assert found.notes == ("trials are the variable 'trials', spikes 'spikes'",)


def test_a_vector_of_spike_times_has_its_units_beside_it(tmp_path: Path) -> None:
    times, unit = np.array([2.5, 0.5, 1.5]), np.array([4, 9, 4])
    found = read_matlab(saved(tmp_path, spike_times=times, clusters=unit, trials=TRIALS))
    assert [one.tolist() for one in found.spike_times] == [[0.5, 1.5, 2.5]]  # no one says whose: one unit's
    named = read_matlab(tmp_path / "a.mat", names={"spike_unit": "clusters"})
    assert [one.tolist() for one in named.spike_times] == [[1.5, 2.5], [0.5]]
    assert named.units["id"].tolist() == [4, 9]
    with pytest.raises(Mistake, match="3 spike times in 'spike_times' with 2 units in 'unit'"):
        read_matlab(saved(tmp_path, spike_times=times, unit=unit[:2], trials=TRIALS))


def test_trials_are_the_only_table_or_the_one_that_is_named(tmp_path: Path) -> None:
    """A struct of vectors of one length, or an array of structs; what is shorter is no column."""
    rows = np.array([(1.0, 5.0), (2.0, 6.0)], dtype=[("t_outcome", "O"), ("size", "O")])
    path = saved(
        tmp_path, spikes=cells([1.0, 3.0]), T=TRIALS | {"rate": 3.0, "image": np.zeros((3, 2))}, n=4.0
    )
    assert set(read_matlab(path).trials) == {"t_outcome", "size"}
    many = saved(tmp_path, spikes=cells([1.0, 3.0]), T=TRIALS, rows=rows)
    assert read_matlab(many, trials="rows").trials["size"].tolist() == [5, 6]
    for trials, said in (
        (None, "no struct of trials 'trials'; there are spikes, T, rows"),
        ("U", "trials 'U'"),
    ):
        with pytest.raises(Mistake, match=said):
            read_matlab(many, trials=trials)
    one = saved(tmp_path, spikes=cells([1.0, 3.0]), trials={"t_outcome": 1.0, "size": 5.0})
    assert read_matlab(one).trials["size"].tolist() == [5]
    deep = saved(
        tmp_path, spikes=cells([1.0, 3.0]), trials={"a": np.zeros((3, 3, 3)), "size": np.arange(3.0)}
    )
    assert list(read_matlab(deep).trials) == ["size"]


def test_trials_alone(tmp_path: Path) -> None:
    path = saved(tmp_path, trials=TRIALS)
    found = read_matlab(path, spikes=False)
    assert found.spike_times == () and found.notes == ("trials are the variable 'trials'",)
    with pytest.raises(
        Mistake, match="has no spike times; there are trials; name them: --column spike_times"
    ):
        read_matlab(path)
    savemat(path, {})
    with pytest.raises(Mistake, match="there are no variables"):
        read_matlab(path)
    bad = saved(tmp_path, trials={"t_outcome": np.array([-1.0, 2.0])})
    with pytest.raises(Mistake, match="t_outcome is -1 s in row 0"):
        read_matlab(bad, spikes=False)


def test_matlab_73_lies_on_its_side(tmp_path: Path) -> None:
    """Cells are references, words are numbers, and every matrix is transposed."""
    with h5py.File(tmp_path / "a.mat", "w") as file:
        references = np.empty((1, 3), h5py.ref_dtype)
        for place, unit in enumerate(([0.5, 1.5], None, [2.5])):
            one = file.create_dataset(
                f"#refs#/{place}", data=np.zeros(2) if unit is None else np.array([unit]).T
            )
            if unit is None:
                one.attrs["MATLAB_empty"] = 1
            references[0, place] = one.ref
        file.create_dataset("spikes", data=references, dtype=h5py.ref_dtype)
        file["trials/t_outcome"] = np.array([[1.0, 2.0, 3.0]])
        file["trials/pair"] = np.arange(6.0).reshape(2, 3)
        words = file.create_dataset("trials/who", data=np.array([[109], [49]], "uint16"))
        words.attrs["MATLAB_class"] = np.bytes_(b"char")
    found = read_matlab(tmp_path / "a.mat")
    assert [unit.tolist() for unit in found.spike_times] == [[0.5, 1.5], [], [2.5]]
    assert list(found.trials) == ["t_outcome"] and found.trials["t_outcome"].tolist() == [1, 2, 3]
    from hedon.analysis.recordings.matlab import _hdf5

    there = _hdf5(tmp_path / "a.mat")["trials"]
    assert there["who"] == "m1" and there["pair"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_trials_of_the_ibl_get_our_names() -> None:
    table = {
        "choice": np.array([-1.0, 1, 0]),
        "feedbackType": np.array([1.0, -1, -1]),
        "stimOn_times": np.array([1.0, 2, 3]),
        "intervals_0": np.array([0.0, 1, 2]),
        "start_time": np.array([9.0, 9, 9]),
    }
    found, notes = ours(table)
    np.testing.assert_array_equal(found["action"], [-1, 1, np.nan])
    np.testing.assert_array_equal(found["reward"], [1, 0, np.nan])
    assert found["missed"].tolist() == [0, 0, 1] and found["t_cue"].tolist() == [1, 2, 3]
    assert found["start_time"].tolist() == [9, 9, 9] and "t_outcome" not in found and len(notes) == 1
    for other in (
        {"choice": table["choice"]},
        table | {"reward": np.zeros(3)},
        table | {"action": np.zeros(3)},
    ):
        assert ours(other) == (other, ())


def test_zarr_is_copied_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its readers in their stead: what they raise becomes one line, and what is read loses the copy."""
    fails: list[Exception] = []

    class Reader:
        def __init__(self, *given: str) -> None:
            self.given = given

        def __enter__(self) -> Any:
            return SimpleNamespace(export=lambda **how: nullcontext() if not fails else self._fail())

        def __exit__(self, *error: object) -> None:
            pass

        def _fail(self) -> None:
            raise fails[0]

    monkeypatch.setitem(sys.modules, "hdmf_zarr", SimpleNamespace(NWBZarrIO=Reader))
    monkeypatch.setitem(sys.modules, "pynwb", SimpleNamespace(NWBHDF5IO=Reader))
    made = Recording((), {}, series={"x": Series.of([0.0, 1.0], [2.0, 3.0], "V", "what")})
    monkeypatch.setattr(nwb_zarr, "read_nwb", lambda copy, trials: made)
    (series,) = nwb_zarr.read_zarr(tmp_path).series.values()
    assert series.values.tolist() == [2, 3] and (series.unit, series.description) == ("V", "what")
    for error, said in ((ValueError("no root\nat all"), "no root"), (KeyError(), "KeyError")):
        fails[:] = [error]
        with pytest.raises(Mistake, match=f"no NWB in Zarr that can be read: {said}$"):
            nwb_zarr.read_zarr(tmp_path)
    fails.clear()

    def refuse(copy: Path, trials: str | None) -> Recording:
        raise Mistake(f"{copy} has no trials")

    monkeypatch.setattr(nwb_zarr, "read_nwb", refuse)
    with pytest.raises(Mistake, match=f"^{tmp_path} has no trials"):
        nwb_zarr.read_zarr(tmp_path)
    assert not nwb_zarr.is_zarr(tmp_path)
    (tmp_path / ".zmetadata").write_text("{}")
    assert nwb_zarr.is_zarr(tmp_path)


def test_each_kind_of_file_gets_its_reader(tmp_path: Path) -> None:
    trials = {f"trials.{name}": values for name, values in TRIALS.items()}
    np.savez(tmp_path / "a.npz", spike_times=[1.0, 3.0], spike_unit=[0, 0], **trials)
    (tmp_path / "b.csv").write_text("unit,spike_time\n1,1\n1,3\n")
    (tmp_path / "b.trials.csv").write_text("t_outcome\n1\n2\n3\n")
    saved(tmp_path, spikes=cells([1.0, 3.0]), trials=TRIALS).rename(tmp_path / "c.MAT")
    for name in ("a.npz", "b.csv", "c.MAT"):
        found = read_recording(tmp_path / name)
        assert found.spike_times[0].tolist() == [1, 3] and found.trials["t_outcome"].tolist() == [1, 2, 3]
    saved(tmp_path, trials=TRIALS)
    assert read_recording(tmp_path / "a.mat", spikes=False).spike_times == ()
    (tmp_path / "d.plx").write_text("x")
    with pytest.raises(Mistake, match="d.plx is a recording by Plexon; it is not read: convert it to NWB"):
        read_recording(tmp_path / "d.plx")
    for name, said in (("e.plx", "there is no file"), ("f.nwb", "there is no file"), ("", "is a folder")):
        with pytest.raises(Mistake, match=said):
            read_recording(tmp_path / name)


@pytest.mark.parametrize("v73", [False, True])
def test_cells_of_words_may_be_empty(tmp_path: Path, v73: bool) -> None:
    """An empty cell is nothing, a cell of several numbers makes no column."""
    side = np.array(["left", "", "right"], object)
    mixed, lists = cells([1.0], [], [2.5]), cells([1.0], [2.0, 3.0], [4.0])
    path = saved(tmp_path, trials={"side": side, "mixed": mixed, "lists": lists, **TRIALS})
    if v73:
        with h5py.File(path, "w") as file:
            for name, column in (("side", side), ("mixed", mixed), ("lists", lists)):
                references = np.empty((1, 3), h5py.ref_dtype)
                for place, cell in enumerate(column):
                    word = isinstance(cell, str)
                    codes = np.array([list(map(ord, cell))], "uint16").T if word else np.array([cell]).T
                    held = codes if codes.size else np.zeros(2)
                    one = file.create_dataset(f"#refs#/{name}{place}", data=held)
                    one.attrs["MATLAB_class"] = np.bytes_(b"char" if word else b"double")
                    if not codes.size:
                        one.attrs["MATLAB_empty"] = 1
                    references[0, place] = one.ref
                file.create_dataset(f"trials/{name}", data=references, dtype=h5py.ref_dtype)
            file["trials/t_outcome"] = np.array([[1.0, 2.0, 3.0]])
    found = read_matlab(path, spikes=False).trials
    assert found["side"].tolist() == ["left", "", "right"] and "lists" not in found
    np.testing.assert_array_equal(found["mixed"], [1, np.nan, 2.5])
