"""The behaviour in one file or several: CSV, or the table of trials of an NWB file.

Subjects of several files are all kept: names that stand in more than one file are told apart by the file's
name. Of an NWB file every session is one subject, by the file's own name for it; trials without a number are
numbered in their order in time, or else in the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .behaviour import Behaviour, check_codes, read_behaviour
from .codes import mapped
from .nwb import read_nwb


def read_people(
    files: Sequence[Path | str], needs: Sequence[str] = (), columns: Mapping[str, str] | None = None
) -> Behaviour:
    """All trials of all files, with the columns that all of them have.

    Args:
        files: CSV or NWB.
        needs: columns that must be there.
        columns: our name -> the files' name, where they differ.

    Raises:
        Mistake: no file, a file that cannot be read, a missing column (which, and what is there), no trials.
    """
    read = [_one(Path(file), needs, dict(columns or {})) for file in files]
    if not read:
        raise Mistake("name at least one file of behaviour")
    if len(read) == 1:
        return read[0]
    who = [set(one["subject"].tolist()) for one in read]
    shared = {name for k, names in enumerate(who) for name in names if any(name in o for o in who[:k])}
    parts = [_renamed(one, shared) for one in read]
    names = [name for name in parts[0].columns if all(name in one.columns for one in parts)]
    source = f"{len(read)} files"
    return Behaviour({name: np.concatenate([one.columns[name] for one in parts]) for name in names}, source)


def _one(path: Path, needs: Sequence[str], columns: dict[str, str]) -> Behaviour:
    if path.suffix != ".nwb":
        return read_behaviour(path, needs, columns)
    recording = read_nwb(path)
    there = recording.trials
    wanted = {name: columns.get(name, name) for name in (*needs, *columns)}
    missing = [t for t in wanted.values() if t not in there and t.rpartition(":")[0] not in there]
    if missing:
        raise Mistake(f"{path}: trials have no column '{missing[0]}'; there are {', '.join(there)}")
    found = mapped(str(path), there, columns)
    rows = len(next(iter(there.values()), ()))
    if not rows:
        raise Mistake(f"{path} has no trials")
    if "trial" not in found:
        at = next((found[name] for name in ("start_time", "t_outcome") if name in found), np.arange(rows))
        found["trial"] = np.argsort(np.argsort(at, kind="stable"), kind="stable")
    elif found["trial"].dtype.kind not in "fiu":
        raise Mistake(f"{path}: trial holds '{found['trial'][0]}', must be a number")
    check_codes(str(path), found, needs)
    order = np.argsort(found["trial"], kind="stable")
    if "subject" not in found:
        found["subject"] = np.full(rows, recording.about.get("subject", path.stem))
    return Behaviour({name: _plain(values)[order] for name, values in found.items()}, str(path))


def _renamed(one: Behaviour, shared: set[str]) -> Behaviour:
    stem = Path(one.source).name.partition(".")[0]
    subjects = [f"{name} ({stem})" if name in shared else name for name in one["subject"].tolist()]
    return Behaviour({**one.columns, "subject": np.array(subjects)}, one.source)


def _plain(values: NDArray) -> NDArray:
    return values if values.dtype.kind in "US" else np.asarray(values, float)
