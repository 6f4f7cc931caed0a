"""What people's files look like: every kind gives the same numbers, or one line."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import read_behaviour
from hedon.analysis.recordings.behaviour_files import read_people
from hedon.analysis.recordings.files import read_recording
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

from .test_bad_recordings import WANTED, parts, written

NEEDS = ("action", "reward")
GOOD = pd.DataFrame(
    {"subject": list("aabb"), "trial": [0, 1, 0, 1], "action": [0, 1, 1, 0], "reward": [0.5, 1.25, 0, 1]}
)
SEVERAL = ("expected", "reward_ul", "t_cue", "t_outcome")


def text(separator: str = ",", decimal: str = ".") -> str:
    return GOOD.to_csv(index=False, sep=separator, decimal=decimal)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", text().encode(), ""),
        ("a.csv", text(";", ",").encode(), "decimal commas"),
        ("a.csv", text("\t").encode(), "separated by tabs"),
        ("a.tsv", text("\t").encode(), ""),
        ("a.tsv.gz", gzip.compress(text("\t").encode(), mtime=0), ""),
        ("a.csv", text().encode("utf-16"), ""),
        ("a.csv", text().encode("utf-8-sig"), ""),
        ("a.csv", text().replace("b,", "bé,").encode("latin-1"), "Windows-1252"),
    ],
)
def test_tables_of_all_countries(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    read = read_behaviour(tmp_path / name, NEEDS)
    np.testing.assert_array_equal(read["reward"], GOOD["reward"])
    np.testing.assert_array_equal(read["action"], GOOD["action"])
    assert any(told in note for note in read.notes) if told else not read.notes


@pytest.mark.parametrize(("ending", "library"), [("parquet", "pyarrow"), ("xlsx", "openpyxl")])
def test_tables_of_pandas(tmp_path: Path, ending: str, library: str) -> None:
    pytest.importorskip(library)
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        GOOD.to_parquet(path)
    else:
        GOOD.to_excel(path, index=False)
    read = read_behaviour(path, NEEDS)
    np.testing.assert_array_equal(read["reward"], GOOD["reward"])
    assert read["subject"].tolist() == list("aabb")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(Mistake, match="cannot be read as"):
        read_behaviour(path, NEEDS)


def test_trials_of_the_ibl(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "choice": [-1, 1, 0, 1],
            "feedbackType": [1, -1, -1, 1],
            "stimOn_times": [1.0, 3, 5, 7],
            "feedback_times": [2.0, 4, 6, 8],
        }
    )
    frame.to_csv(tmp_path / "_ibl_trials.table.csv", index=False)
    read = read_behaviour(tmp_path / "_ibl_trials.table.csv", (*NEEDS, "t_cue"))
    np.testing.assert_array_equal(read["action"], [-1, 1, np.nan, 1])
    np.testing.assert_array_equal(read["reward"], [1, 0, np.nan, 1])
    np.testing.assert_array_equal(read["t_cue"], frame["stimOn_times"])
    assert len(read.notes) == 3, "codes, a subject and numbers of trials that were made are told"


def test_a_missing_number_or_subject_is_made_and_told(tmp_path: Path) -> None:
    path = tmp_path / "anna.csv"
    GOOD[["subject", "action", "reward"]].to_csv(path, index=False)
    read = read_behaviour(path, NEEDS)
    np.testing.assert_array_equal(read["trial"], [0, 1, 0, 1])
    assert "rows are numbered" in read.notes[0]
    GOOD[["action", "reward"]].to_csv(path, index=False)
    read = read_behaviour(path, NEEDS)
    np.testing.assert_array_equal(read["trial"], range(4))
    assert set(read["subject"].tolist()) == {"anna"} and "counts as one" in read.notes[0]


def session(path: Path, subject: str | None, name: str, reward: float, **more: Any) -> Path:
    table = {"trial": range(3), "action": [0, 1, 0], "reward": [reward] * 3, **more}
    table |= {"subject": subject} if subject else {}
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(table | ({"session": name} if name else {})).to_csv(path, index=False)
    return path


def test_sessions_in_several_files_are_one_subject(tmp_path: Path) -> None:
    files = [session(tmp_path / f"{n}.csv", "m", n, k) for k, n in enumerate("pq")]
    read = read_people(files, NEEDS)
    assert set(read["subject"].tolist()) == {"m"} and read["session"].tolist() == list("pppqqq")
    assert "with sessions in several files are one each" in read.notes[0]
    same = [session(tmp_path / f"{n}.csv", "m", "1", k) for k, n in enumerate("pq")]
    read = read_people(same, NEEDS)
    assert set(read["subject"].tolist()) == {"m (p)", "m (q)"} and "different ones" in read.notes[0]


@pytest.mark.parametrize("subject", ["m", None])
def test_files_of_one_name_in_several_folders_are_different(tmp_path: Path, subject: str | None) -> None:
    files = [session(tmp_path / n / "beh.csv", subject, "", k) for k, n in enumerate("pq")]
    read = read_people(files, NEEDS)
    known = read.subjects()
    assert [np.unique(rows["reward"]).tolist() for _, rows in known] == [[0], [1]]


def test_a_mouse_in_several_nwb_files_is_one(tmp_path: Path) -> None:
    files = []
    for k in range(2):
        (tmp_path / str(k)).mkdir()
        files.append(tmp_path / str(k) / "a.nwb")
        with h5py.File(files[-1], "w") as file:
            file["general/subject/subject_id"] = "mouse"
            file["intervals/trials/action"], file["intervals/trials/reward"] = [0, 1, 1], [k, 0, 1]
    read = read_people(files, NEEDS)
    assert set(read["subject"].tolist()) == {"mouse"} and len(set(read["session"].tolist())) == 2
    for path in files:
        with h5py.File(path, "a") as file:
            del file["general"]
    assert len(set(read_people(files, NEEDS)["subject"].tolist())) == 2


def test_invalid_trials_count_as_missed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        columns = {
            "action": [0, 1, 1],
            "reward": [1, 0, 1],
            "start_time": [0.0, 5, 10],
            "stop_time": [4.0, 9, 14],
        }
        for name, values in columns.items():
            file[f"intervals/trials/{name}"] = values
        file["intervals/invalid_times/start_time"], file["intervals/invalid_times/stop_time"] = [5.5], [6.0]
    read = read_people([tmp_path / "a.nwb"], NEEDS)
    np.testing.assert_array_equal(read["action"], [0, np.nan, 1])
    assert any("1 of 3 trials in invalid times" in note for note in read.notes)


# -- spikes ----------------------------------------------------------------------------------------


def measured(path: Path, columns: Mapping[str, str] | None = None, trials: str | None = None) -> Any:
    return comparisons.measure("reward-response", Data([path], columns or {}, trials=trials))


@pytest.fixture
def made() -> dict[str, Any]:
    return parts()


def trials_of(made: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({name: made[name] for name in SEVERAL})


def test_spikes_in_tables_with_words_for_truth(tmp_path: Path, made: dict[str, Any]) -> None:
    spikes = pd.DataFrame({"cluster": "c1", "spike_time": made["spikes"][0]})
    spikes.to_csv(tmp_path / "a.csv", index=False, sep=";", decimal=",")
    trials = trials_of(made)
    trials["expected"] = trials["expected"] > 0
    trials.to_csv(tmp_path / "other.csv", index=False, na_rep="NA")
    found = measured(tmp_path / "a.csv", {"unit": "cluster"}, "other.csv")
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    with pytest.raises(Mistake, match="--trials FILE"):
        measured(tmp_path / "a.csv")


@pytest.mark.parametrize("flat", [False, True])
def test_matlab_7(tmp_path: Path, made: dict[str, Any], flat: bool) -> None:
    from scipy.io import savemat

    cell = np.empty(2, object)
    cell[:] = [made["spikes"][0], made["spikes"][0]]
    spikes = {"spk": made["spikes"][0], "unit": np.ones(len(made["spikes"][0]))} if flat else {"spk": cell}
    savemat(tmp_path / "a.mat", {**spikes, "T": {name: made[name] for name in SEVERAL}})
    found = measured(tmp_path / "a.mat", {"spike_times": "spk"}, "T")
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert "trials are the variable 'T', spikes 'spk'" in found.notes[0]
    with pytest.raises(Mistake, match="there are spk, .*--column spike_times=NAME"):
        measured(tmp_path / "a.mat")
    (tmp_path / "b.mat").write_bytes((tmp_path / "a.mat").read_bytes()[:300])
    with pytest.raises(Mistake, match="no MATLAB file that can be read"):
        measured(tmp_path / "b.mat")


def test_matlab_73(tmp_path: Path, made: dict[str, Any]) -> None:
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        for name in SEVERAL:
            file[f"trials/{name}"] = np.asarray(made[name], float)[None]
        file["#refs#/a"] = made["spikes"][0][None]
        reference = np.empty((1, 1), h5py.ref_dtype)
        reference[0, 0] = file["#refs#/a"].ref
        file.create_dataset("spikes", data=reference, dtype=h5py.ref_dtype)
    path = tmp_path / "a.mat"
    head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    with path.open("r+b") as file:
        file.write(head)
    np.testing.assert_allclose(measured(path).mean, WANTED, atol=1e-9)


def test_kilosort(tmp_path: Path, made: dict[str, Any]) -> None:
    folder = tmp_path / "sorted"
    folder.mkdir()
    samples = np.rint(made["spikes"][0] * 30000).astype(np.uint64)
    np.save(folder / "spike_times.npy", np.concatenate([samples, samples]))
    np.save(folder / "spike_clusters.npy", np.repeat([3, 5], len(samples)))
    (folder / "cluster_group.tsv").write_text("cluster_id\tgroup\n3\tgood\n5\tnoise\n")
    with pytest.raises(Mistake, match="no params.py with a sample_rate"):
        read_recording(folder)
    (folder / "params.py").write_text("dat_path = 'x'\nsample_rate = 30000.\n")
    with pytest.raises(Mistake, match="put trials.csv there"):
        read_recording(folder)
    trials_of(made).to_csv(folder / "trials.csv", index=False)
    found = measured(folder)
    np.testing.assert_allclose(found.mean, WANTED, atol=1e-9)
    assert len(found.rows) == 1 and "1 of 2 clusters are noise" in found.notes[0]


def test_trials_of_another_name(tmp_path: Path, made: dict[str, Any]) -> None:
    path = written(tmp_path / "a.nwb", made)
    with h5py.File(path, "a") as file:
        file.move("intervals/trials", "intervals/rewards")
    with pytest.raises(Mistake, match="there are rewards; name one: --trials rewards"):
        measured(path)
    np.testing.assert_allclose(measured(path, trials="rewards").mean, WANTED, atol=1e-9)


def test_what_is_not_read_is_said_in_one_line(tmp_path: Path) -> None:
    for name, said in (("a.plx", "Plexon"), ("a.pkl", "pickle"), ("a.rhd", "Intan")):
        (tmp_path / name).write_bytes(b"1")
        with pytest.raises(Mistake, match=f"{said}.*convert it to NWB"):
            read_recording(tmp_path / name)
    zarr = tmp_path / "a.nwb.zarr"
    zarr.mkdir()
    (zarr / ".zgroup").write_text("{}")
    with pytest.raises(Mistake, match="NWB in Zarr"):
        read_recording(zarr)


def test_nwb_in_zarr_is_nwb(tmp_path: Path, made: dict[str, Any]) -> None:
    pynwb, zarr = pytest.importorskip("pynwb"), pytest.importorskip("hdmf_zarr")
    from hedon.analysis.recordings.nwb_out import write_nwb
    from hedon.analysis.recordings.recording import Recording, difference

    trials = {name: np.asarray(made[name], float) for name in SEVERAL}
    path = write_nwb(Recording(tuple(made["spikes"]), trials), tmp_path / "a.nwb")
    with pynwb.NWBHDF5IO(path, "r") as source, zarr.NWBZarrIO(str(tmp_path / "a.nwb.zarr"), "w") as target:
        target.export(src_io=source, write_args={"link_data": False})
    assert difference(read_recording(tmp_path / "a.nwb.zarr"), read_recording(path)) == ""
