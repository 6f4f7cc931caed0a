"""A result folder is whole or absent, is never overwritten, and is read back as it was."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation import results, whole_files
from hedon.analysis.foundation.mistakes import Mistake

DESCRIPTION = results.Description("tiny", "quick", 3, {"sigma": 0.1, "shifts": [1.0, 2.0]})


@pytest.fixture
def dataset() -> xr.Dataset:
    values = np.random.default_rng(1).standard_normal((3, 4))
    values[1, 2] = np.nan
    return xr.Dataset(
        {
            "loss": (("individual", "trial"), values, {"units": "1", "doc": "mean squared error"}),
            "failed": (("individual",), np.array([False, True, False]), {"units": "1"}),
            "spikes": ((), np.int64(2**60), {"units": "1"}),
        },
        coords={"rule": (("individual",), np.array(["NP", "WP", "SGD ∇"]))},
    )


def write(folder: Path, dataset: xr.Dataset) -> results.Result:
    return results.write(folder, dataset, DESCRIPTION, wall_time=1.5, sources="abc")


def test_read_back_equal(tmp_path: Path, dataset: xr.Dataset) -> None:
    written = write(tmp_path / "r", dataset)
    read = results.read(tmp_path / "r")
    xr.testing.assert_identical(read.dataset, written.dataset)
    assert read.dataset.equals(dataset)
    assert {name: v.dtype for name, v in read.dataset.variables.items()} == {
        name: v.dtype for name, v in dataset.variables.items()
    }
    assert read.description == DESCRIPTION
    assert read.run == written.run


def test_carries_configuration_units_and_origin(tmp_path: Path, dataset: xr.Dataset) -> None:
    write(tmp_path / "r", dataset)
    alone = xr.load_dataset(tmp_path / "r" / "result.nc", engine="h5netcdf")
    assert json.loads(alone.attrs["config"]) == DESCRIPTION.config
    assert (alone.attrs["experiment"], alone.attrs["seed"]) == ("tiny", 3)
    assert alone["loss"].attrs["units"] == "1"
    assert tomllib.loads((tmp_path / "r" / "config.toml").read_text()) == DESCRIPTION.table()
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    assert run["wall_time"] == 1.5 and run["seed"] == 3 and run["sources"] == "abc"
    assert run["versions"]["numpy"] == np.__version__
    assert os.uname().nodename not in (tmp_path / "r" / "run.json").read_text()


def test_never_overwritten(tmp_path: Path, dataset: xr.Dataset) -> None:
    write(tmp_path / "r", dataset)
    before = (tmp_path / "r" / "result.nc").read_bytes()
    with pytest.raises(Mistake, match="never overwritten"):
        write(tmp_path / "r", dataset * 2)
    assert (tmp_path / "r" / "result.nc").read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]


def test_loser_of_a_race_refuses(
    tmp_path: Path, dataset: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def late(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "result.nc").write_text("of another process")
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    with pytest.raises(Mistake, match="never overwritten"):
        write(tmp_path / "r", dataset)
    assert (tmp_path / "r" / "result.nc").read_text() == "of another process"


@pytest.mark.parametrize("name", ["config.toml", "result.nc", "run.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "changed", "empty"])
def test_damage_is_refused(tmp_path: Path, dataset: xr.Dataset, name: str, damage: str) -> None:
    write(tmp_path / "r", dataset)
    path = tmp_path / "r" / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[:-20])
    elif damage == "changed":
        digit = content.rindex(b'"sha256"') + 40 if name == "run.json" else len(content) // 2
        path.write_bytes(content[:digit] + bytes([content[digit] ^ 1]) + content[digit + 1 :])
    else:
        path.write_bytes(b"")
    with pytest.raises(Mistake, match="damaged result .*(missing|cannot be read|not what)") as told:
        results.read(tmp_path / "r")
    assert "\n" not in str(told.value)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no result folder"):
        results.read(tmp_path / "none")


def test_units_are_asked_for(tmp_path: Path, dataset: xr.Dataset) -> None:
    del dataset["loss"].attrs["units"]
    with pytest.raises(Mistake, match="'loss' does not say its units"):
        write(tmp_path / "r", dataset)


def test_what_netcdf_cannot_hold_is_refused(tmp_path: Path, dataset: xr.Dataset) -> None:
    with pytest.raises(Mistake, match="cannot be written as netCDF"):
        write(tmp_path / "r", dataset.assign_attrs(rule={"a": 1}))
    assert not list(tmp_path.iterdir())


def test_unwritable_place(tmp_path: Path, dataset: xr.Dataset) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Mistake, match="cannot write .*Not a directory"):
        write(tmp_path / "file" / "r", dataset)


LIMITED = """
import resource, sys
import numpy as np, xarray as xr
from hedon.analysis.foundation import results
from hedon.analysis.foundation.mistakes import Mistake
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
data = xr.Dataset({"x": (("trial",), np.arange(50_000.0), {"units": "1"})})
try:
    results.write(Path(sys.argv[1]) / "r", data, results.Description("a", "b", 0, {}), wall_time=0)
except Mistake as mistake:
    print(mistake)
"""


def test_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """A limit on a file's size stands for a full disk: a write ends early, with an error."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert "cannot write" in done.stdout and done.stderr == ""
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys
from hedon.analysis.foundation import results
fsync, count = os.fsync, int(sys.argv[2])
def kill(descriptor):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    fsync(descriptor)
os.fsync = kill
from pathlib import Path
results.place(Path(sys.argv[1]) / "r", {"config.toml": b"a", "result.nc": b"b", "run.json": b"{}"})
"""


@pytest.mark.parametrize("moment", range(4))
def test_killed_while_writing_leaves_no_result(tmp_path: Path, dataset: xr.Dataset, moment: int) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(moment)]
    assert subprocess.run(command, timeout=60).returncode == -9
    assert not (tmp_path / "r").exists()
    with results.making(tmp_path / "r"):
        write(tmp_path / "r", dataset)
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]


def test_part_goes_when_the_result_stands(tmp_path: Path, dataset: xr.Dataset) -> None:
    folder = tmp_path / "r"
    with pytest.raises(RuntimeError), results.making(folder) as part:
        (part / "segment1").write_text("finished")
        raise RuntimeError("interrupted")
    assert (part / "segment1").exists() and not folder.exists()
    with results.making(folder) as part:
        assert (part / "segment1").read_text() == "finished"
        write(folder, dataset)
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]


def test_empty_part_goes(tmp_path: Path) -> None:
    with pytest.raises(Mistake), results.making(tmp_path / "r"):
        raise Mistake("nothing came of it")
    assert not list(tmp_path.iterdir())


def test_full_disk_while_making_says_where(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="cannot write .*r.part: No space left on device"):
        with results.making(tmp_path / "r"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not list(tmp_path.iterdir())


def test_one_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with results.making(tmp_path / "r", waiting=waits.set):
            order.append("second")

    with results.making(tmp_path / "r"):
        with pytest.raises(Mistake, match="another process"), results.making(tmp_path / "r"):
            pass
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_set_aside_keeps_every_result(tmp_path: Path, dataset: xr.Dataset) -> None:
    for _ in range(3):
        results.set_aside(tmp_path / "r")
        write(tmp_path / "r", dataset)
    assert {entry.name for entry in tmp_path.iterdir()} == {"r", "r.replaced-1", "r.replaced-2"}


def test_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDON_RESULTS", "/elsewhere")
    assert results.root("here") == Path("here")
    assert results.root() == Path("/elsewhere")
    monkeypatch.delenv("HEDON_RESULTS")
    assert results.root() == Path("results")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    with pytest.raises(ValueError), whole_files.aside(path) as aside:
        aside.write_text("half")
        raise ValueError
    assert not list(tmp_path.iterdir())
    whole_files.write(path, b"before")
    with pytest.raises(FileExistsError), whole_files.aside(path, new=True):
        pass
    other = tmp_path / "other.txt"
    with pytest.raises(FileExistsError), whole_files.aside(other, new=True) as aside:
        aside.write_text("mine")
        other.write_text("came meanwhile")
    assert other.read_text() == "came meanwhile" and len(list(tmp_path.iterdir())) == 2
    whole_files.write(path, b"after")
    assert path.read_bytes() == b"after"


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from hedon.analysis.foundation import whole_files
whole_files.lock(Path({str(tmp_path / "lock")!r}))
print("held", flush=True)
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    with pytest.raises(BlockingIOError):
        whole_files.lock(tmp_path / "lock")
    process.kill()
    process.wait()
    whole_files.release(whole_files.lock(tmp_path / "lock"))
