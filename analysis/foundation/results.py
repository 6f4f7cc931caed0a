"""A result folder: what a simulation found, with all that is needed to find it again.

    config.toml   what reproduces it: experiment, scale, seed and the complete configuration
    result.nc     the dataset (netCDF 4); units and the configuration in its attributes
    run.json      how it came about: versions, git state, wall time, digests of the other two
    run.log       what was done when (log.py)

A folder is written whole or not at all: it is built aside, brought to disk, read back, and then
renamed into place. A folder that stands is never overwritten. Reading refuses a folder in which
anything is missing or differs from its digest. Nothing in it names the machine or the user.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import io
import itertools
import json
import os
import platform
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import log, whole_files
from .mistakes import Mistake

if TYPE_CHECKING:
    import xarray as xr

CONFIGURATION, DATA, RUN = "config.toml", "result.nc", "run.json"
PATIENCE = 10
"""Seconds that git is given."""
VERSIONED = ("hedon", "brian2", "numpy", "scipy", "scikit-learn", "xarray", "h5netcdf", "h5py")


@dataclass(frozen=True)
class Description:
    """What reproduces a result."""

    experiment: str
    scale: str
    seed: int
    config: Mapping[str, Any]
    """The complete configuration as TOML values (see analysis/foundation/configuration.py)."""

    def table(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "scale": self.scale,
            "seed": self.seed,
            "config": dict(self.config),
        }


@dataclass(frozen=True)
class Result:
    """A result folder that was found whole."""

    folder: Path
    description: Description
    dataset: xr.Dataset
    run: Mapping[str, Any] = field(default_factory=dict)
    """run.json: versions, git state, wall time in seconds, digests."""


def root(folder: Path | str | None = None) -> Path:
    """Where results lie: ``folder``, else ``$HEDON_RESULTS``, else ``results`` right here."""
    return Path(folder or os.environ.get("HEDON_RESULTS") or "results")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries on which a number can depend."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_state() -> dict[str, Any] | None:
    """Commit of hedon's own sources, and whether they were changed; None outside a checkout."""
    package = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", "-C", str(package), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=PATIENCE
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != package:
            return None
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def write(
    folder: Path,
    dataset: xr.Dataset,
    description: Description,
    *,
    wall_time: float,
    logged: bytes = b"",
    beside: Mapping[str, bytes] | None = None,
    **extra: Any,
) -> Result:
    """Write a result folder, whole or not at all.

    Every data variable must say its ``units`` ('1' for a plain number). ``wall_time`` in seconds;
    ``logged`` is the content of run.log; ``beside`` further files by name; ``extra`` JSON values go into
    run.json.

    Raises:
        Mistake: the folder stands already or cannot be written, a variable has no units, or the
            dataset does not come back equal from the file.
    """
    folder = Path(folder)
    for name, variable in dataset.data_vars.items():
        if "units" not in variable.attrs:
            raise Mistake(f"result variable '{name}' does not say its units ('1' if it has none)")
    dataset = dataset.assign_attrs(
        experiment=description.experiment,
        scale=description.scale,
        seed=description.seed,
        config=json.dumps(dict(description.config)),
    )
    contents = {**(beside or {}), CONFIGURATION: _toml(description), DATA: _netcdf(dataset)}
    run = {
        "experiment": description.experiment,
        "seed": description.seed,
        "versions": versions(),
        "git": git_state(),
        "wall_time": round(wall_time, 3),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **extra,
        "sha256": {name: _digest(content) for name, content in contents.items()},
    }
    contents[RUN] = (json.dumps(run, indent=2) + "\n").encode()
    contents[log.NAME] = logged
    place(folder, contents)
    return Result(folder, description, dataset, run)


def announce(part: Path, description: Description) -> None:
    """Write into the part folder of a long work what it is, so that the folder alone is enough to resume."""
    try:
        (part / CONFIGURATION).write_bytes(_toml(description))
    except OSError as error:
        raise unwritable(part, error) from error


def place(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make ``folder`` with these files, whole or not at all; refuse one that stands."""
    if folder.exists():
        raise Mistake(f"{folder} exists already, and a result is never overwritten")
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, content in contents.items():
            (aside / name).write_bytes(content)
            whole_files.to_disk(aside / name)
        whole_files.to_disk(aside)
        os.rename(aside, folder)
        whole_files.to_disk(folder.parent)
    except OSError as error:
        if folder.exists() and aside.exists():
            raise Mistake(f"{folder} exists already, and a result is never overwritten") from error
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read(folder: Path | str) -> Result:
    """Read a result folder.

    Raises:
        Mistake: there is none, a file is missing, or one differs from the digest in run.json.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Mistake(f"no result folder {folder}")
    try:
        run = json.loads((folder / RUN).read_bytes())
        digests = {name: str(run["sha256"][name]) for name in (CONFIGURATION, DATA)}
        contents = {name: (folder / name).read_bytes() for name in digests}
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(error.filename).name} is missing") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"{RUN} cannot be read") from error
    except OSError as error:
        raise Mistake(f"cannot read {folder}: {error.strerror}") from error
    for name, content in contents.items():
        if _digest(content) != digests[name]:
            raise _damaged(folder, f"{name} is not what was written")
    table = tomllib.loads(contents[CONFIGURATION].decode())
    return Result(folder, Description(**table), _dataset(contents[DATA]), run)


@contextmanager
def making(folder: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[Path]:
    """Hold ``FOLDER.part``, in which one process at a time makes the result ``folder``.

    The part may keep finished pieces of a long simulation, and survives an interruption or a kill
    when it does. It goes when ``folder`` has come to stand, or when nothing was put into it.
    ``waiting`` is called once where another process holds it, before waiting for that one to end.

    Raises:
        Mistake: another process holds it and ``waiting`` is None, or it cannot be written.
    """
    part = folder.with_name(folder.name + ".part")
    lock = part / ".lock"
    unkept = {lock.name, CONFIGURATION, log.NAME}
    try:
        held = whole_files.lock(lock, waiting)
    except BlockingIOError:
        raise Mistake(f"another process is making {folder} right now; try again later") from None
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        for stale in folder.parent.glob(f".{folder.name}.*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield part
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise unwritable(part, error) from error
        raise
    finally:
        if folder.exists() or {entry.name for entry in part.iterdir()} <= unkept:
            shutil.rmtree(part, ignore_errors=True)
        whole_files.release(held)


def set_aside(folder: Path) -> None:
    """Rename a standing result to FOLDER.replaced-1, -2, …, so that another can take its place."""
    if not folder.exists():
        return
    names = (folder.with_name(f"{folder.name}.replaced-{count}") for count in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    try:
        os.rename(folder, aside)
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(path: Path, error: OSError) -> Mistake:
    """What is said when the disk is full or the place cannot be written."""
    return Mistake(f"cannot write {path}: {error.strerror or error}")


def _toml(description: Description) -> bytes:
    import tomli_w

    command = f"hedon run {description.experiment} --config config.toml"
    return f"# {command}\n{tomli_w.dumps(description.table())}".encode()


def _netcdf(dataset: xr.Dataset) -> bytes:
    """The file's bytes, made in memory (so that a full disk is met by Python, not by HDF5)."""
    file = io.BytesIO()
    try:
        dataset.to_netcdf(file, engine="h5netcdf")
    except (TypeError, ValueError, NotImplementedError) as error:
        raise Mistake(f"the result cannot be written as netCDF: {error}") from error
    content = file.getvalue()
    back = _dataset(content)
    if not back.equals(dataset):
        raise Mistake("the result does not come back equal from its netCDF file")
    return content


def _dataset(content: bytes) -> xr.Dataset:
    import xarray as xr

    return xr.load_dataset(io.BytesIO(content), engine="h5netcdf")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _damaged(folder: Path, what: str) -> Mistake:
    return Mistake(f"damaged result {folder}: {what}; remove the folder, or run with --force")
