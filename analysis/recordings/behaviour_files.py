"""The behaviour in one file or several: tables, or the trials of NWB and MATLAB files.

Who is who in several files: a subject's name in two of them is one animal or person if its sessions differ,
by a column ``session`` or, in NWB, by the file whose ``subject_id`` it is. Otherwise the files hold different
subjects, told apart by the files' names (with their folders, where these are equal); either is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..foundation.mistakes import Mistake
from .behaviour import Behaviour, of_table, read_behaviour
from .files import read_recording
from .places import unique_names
from .recording import INVALID, Recording
from .tables import is_table


def read_people(
    files: Sequence[Path | str | Recording],
    needs: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    trials: str | None = None,
) -> Behaviour:
    """All trials of all files, with the columns that all of them have.

    Args:
        files: tables, NWB or MATLAB files, or recordings.
        needs: columns that must be there.
        columns: our name -> the files' name, where they differ.
        trials: name of the table of trials, where it is another than usual.

    Raises:
        Mistake: no file, a file that cannot be read, a missing column (which, and what is there), no trials.
    """
    if not files:
        raise Mistake("name at least one file of behaviour")
    read = [_one(file, needs, dict(columns or {}), trials) for file in files]
    labels = [label.partition(".")[0] for label in unique_names([one.source for one in read])]
    if len(set(labels)) < len(labels):
        labels = unique_names([one.source for one in read])
    parts = [_named(one, label) for one, label in zip(read, labels, strict=True)]
    if len(parts) == 1:
        return parts[0]
    notes = [f"{label}: {note}" for one, label in zip(parts, labels, strict=True) for note in one.notes]
    where: dict[str, list[int]] = {}
    for place, one in enumerate(parts):
        for name in dict.fromkeys(one["subject"].tolist()):
            where.setdefault(name, []).append(place)
    shared = {name: places for name, places in where.items() if len(places) > 1}
    same = {name for name, places in shared.items() if _are_sessions([parts[k] for k in places], name)}
    for names, said in (
        (same, "with sessions in several files are one each"),
        (shared.keys() - same, "in several files, whose sessions are not told apart, are different ones"),
    ):
        if names:
            first = next(name for name in shared if name in names)
            notes.append(f"{len(names)} subject{'s' if len(names) > 1 else ''} ('{first}', ...) {said}")
    parts = [_apart(one, label, shared.keys() - same) for one, label in zip(parts, labels, strict=True)]
    if any("session" in one.columns for one in parts):
        parts = [_with(one, "session", label) for one, label in zip(parts, labels, strict=True)]
    kept = [name for name in parts[0].columns if all(name in one.columns for one in parts)]
    table = {name: np.concatenate([one.columns[name] for one in parts]) for name in kept}
    _, first_row, group = np.unique(table["subject"], return_index=True, return_inverse=True)
    order = np.argsort(first_row[group], kind="stable")
    whole = {name: values[order] for name, values in table.items()}
    return Behaviour(whole, f"{len(read)} files", tuple(notes))


def _one(
    file: Path | str | Recording, needs: Sequence[str], columns: dict[str, str], trials: str | None
) -> Behaviour:
    if not isinstance(file, Recording) and is_table(Path(file)):
        return read_behaviour(file, needs, columns, trials)
    recording = file if isinstance(file, Recording) else read_recording(file, trials, columns, spikes=False)
    source = recording.about.get("identifier", "session") if isinstance(file, Recording) else str(file)
    table = dict(recording.trials)
    rows = len(next(iter(table.values()), ()))
    if "subject" in recording.about and "subject" not in {*table, *columns}:
        table["subject"] = np.full(rows, recording.about["subject"])
        table.setdefault("session", np.full(rows, source))
    if "trial" not in {*table, *columns} and rows:
        at = next((table[name] for name in ("start_time", "t_outcome") if name in table), np.arange(rows))
        table["trial"] = np.argsort(np.argsort(at, kind="stable"), kind="stable")
    found = of_table(source, table, needs, columns, recording.notes)
    return _without_invalid(found, recording, needs)


def _without_invalid(found: Behaviour, recording: Recording, needs: Sequence[str]) -> Behaviour:
    """Trials in invalid times count as missed, so that those about them keep their distance."""
    if INVALID not in recording.events or not {"start_time", "stop_time"} <= set(found.columns):
        return found
    start, stop = found["start_time"], found["stop_time"]
    out = np.array([not recording.is_valid([a], 0.0, b - a)[0] for a, b in zip(start, stop, strict=True)])
    if not out.any():
        return found
    gone = {
        name: np.where(out, np.nan, values)
        for name, values in found.columns.items()
        if name in needs and name not in ("subject", "session", "trial") and values.dtype.kind in "fiub"
    }
    note = f"{out.sum()} of {len(out)} trials in invalid times count as missed"
    return replace(found, columns={**found.columns, **gone}, notes=(*found.notes, note))


def _named(one: Behaviour, label: str) -> Behaviour:
    """A subject or session that bears the name of its whole file bears the short name."""
    long = {one.source, Path(one.source).name.partition(".")[0]}
    columns = dict(one.columns)
    for name in ("subject", "session"):
        if name in columns and set(columns[name].tolist()) <= long:
            columns[name] = np.full(len(one), label)
    return replace(one, columns=columns)


def _are_sessions(parts: Sequence[Behaviour], name: str) -> bool:
    """Whether one subject's sessions have other names in each file."""
    if not all("session" in one.columns for one in parts):
        return False
    met = [set(one["session"][one["subject"] == name].tolist()) for one in parts]
    return len(set.union(*met)) == sum(map(len, met))


def _apart(one: Behaviour, label: str, shared: set[str]) -> Behaviour:
    subjects = [f"{name} ({label})" if name in shared else name for name in one["subject"].tolist()]
    return replace(one, columns={**one.columns, "subject": np.array(subjects)})


def _with(one: Behaviour, name: str, label: str) -> Behaviour:
    return replace(one, columns={name: np.full(len(one), label), **one.columns})
