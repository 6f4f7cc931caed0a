"""Spikes as NPZ or CSV, with the table of trials: what can be written without any format for neurons.

NPZ: ``spike_times`` (s) and ``spike_unit``, one each a spike; every array ``trials.NAME`` is a column of the
trials and ``units.NAME`` one of the units (``units.id`` names all units, those without spikes too). CSV:
``NAME.csv`` with the columns ``unit`` and ``spike_time`` and, beside it, ``NAME.trials.csv``, one row a
trial. Times are in seconds; an empty cell is NaN.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .checks import check
from .places import existing
from .recording import Recording

TIMES, UNIT = "spike_times", "spike_unit"
TRIALS, UNITS = "trials.", "units."


def read_spikes(path: str | Path) -> Recording:
    """The recording in an NPZ file, or in a CSV file of spikes with its file of trials.

    Raises:
        Mistake: no such file, a column that is missing (which, and what is there) or holds no numbers, no
            file of trials, times that cannot be right.
    """
    path = existing(path)
    found = _npz(path) if path.suffix == ".npz" else _csv(path)
    missing = [name for name in (TIMES, UNIT) if name not in found]
    if missing:
        raise Mistake(f"{path} has no '{missing[0]}'; there are {', '.join(found) or 'no arrays'}")
    times, unit = numbers(path, TIMES, found[TIMES]), np.asarray(found[UNIT])
    if times.shape != unit.shape or times.ndim != 1:
        raise Mistake(f"{path}: {len(times)} spike times with {len(unit)} units")
    columns = {name.removeprefix(UNITS): v for name, v in found.items() if name.startswith(UNITS)}
    trials = {name.removeprefix(TRIALS): v for name, v in found.items() if name.startswith(TRIALS)}
    names = columns["id"] if "id" in columns else np.unique(unit)
    strange = set(unit.tolist()) - set(names.tolist())
    if strange:
        raise Mistake(f"{path}: spikes of a unit that units.id does not name: {sorted(strange)[0]}")
    order = np.argsort(unit, kind="stable")
    grouped, sorted_units = times[order], unit[order]
    spikes = tuple(
        np.sort(grouped[np.searchsorted(sorted_units, n) : np.searchsorted(sorted_units, n, "right")])
        for n in names
    )
    try:
        recording = Recording(spikes, trials, columns | {"id": names})
    except Mistake as mistake:
        raise Mistake(f"{path}: {mistake}") from None
    check(str(path), recording)
    return recording


def write_spikes(recording: Recording, path: str | Path) -> Path:
    """Write spikes, trials and columns of units as NPZ, or as CSV with a file of trials beside it.

    Raises:
        Mistake: the file stands already or cannot be written, or its name ends otherwise.
    """
    path = Path(path)
    names = recording.units.get("id", np.arange(len(recording.spike_times)))
    times = np.concatenate([*recording.spike_times, np.zeros(0)])
    unit = np.repeat(names, [len(own) for own in recording.spike_times])
    if path.suffix == ".npz":
        arrays = {TIMES: times, UNIT: unit, f"{UNITS}id": names}
        arrays |= {UNITS + name: values for name, values in recording.units.items()}
        arrays |= {TRIALS + name: values for name, values in recording.trials.items()}
        packed = io.BytesIO()
        np.savez_compressed(packed, allow_pickle=False, **arrays)
        write_new(path, packed.getvalue())
    elif path.suffix == ".csv":
        beside = trials_file(path)
        if beside.exists():
            raise Mistake(f"{beside} exists already, and a recording is never overwritten")
        write_new(path, table_text({"unit": unit, "spike_time": times}))
        write_new(beside, table_text(recording.trials))
    else:
        raise Mistake(f"spikes are written as NAME.npz or NAME.csv, not {path.name}")
    return path


def trials_file(path: Path) -> Path:
    """The file of trials of a CSV file of spikes."""
    return path.with_name(f"{path.stem}.trials.csv")


def table_text(table: Mapping[str, NDArray]) -> bytes:
    """A table as CSV; NaN is an empty cell, numbers keep all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    columns = [["" if value != value else value for value in values.tolist()] for values in table.values()]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def write_new(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; refuse one that stands."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    if path.exists():
        raise Mistake(f"{path} exists already, and a recording is never overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(aside, path)
    except OSError as error:
        raise Mistake(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            aside.unlink()


def numbers(path: Path, name: str, values: NDArray) -> NDArray[np.float64]:
    """A column as floats; a cell that is no number is a Mistake."""
    try:
        return np.asarray(values, float)
    except ValueError:
        raise Mistake(f"{path}: {name} holds '{_word(values)}', not a number") from None


def _word(values: NDArray) -> str:
    """The first cell that is no number."""
    for value in values.tolist():
        try:
            float(value)
        except ValueError:
            return str(value)
    return ""


def _npz(path: Path) -> dict[str, NDArray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise Mistake(f"{path} is no NPZ file of plain arrays") from error


def _csv(path: Path) -> dict[str, NDArray]:
    spikes = _cells(path)
    ours = {"unit": UNIT, "spike_time": TIMES}
    found = {ours.get(name, name): values for name, values in spikes.items()}
    beside = trials_file(path)
    if not beside.exists():
        raise Mistake(f"{path} is read as spikes; its trials must lie beside it, in {beside.name}")
    return found | {TRIALS + name: values for name, values in _cells(beside).items()}


def _cells(path: Path) -> dict[str, NDArray]:
    """Columns of a CSV file: numbers where all cells are, else words."""
    try:
        rows = [row for row in csv.reader(path.read_text("utf-8-sig").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Mistake(f"{path} is no CSV file") from error
    if not rows:
        raise Mistake(f"{path} is empty")
    head, *body = rows
    for number, row in enumerate(body, 2):
        if len(row) != len(head):
            raise Mistake(f"{path}, line {number}: {len(row)} cells, the head has {len(head)}")
    columns = zip(*body, strict=True) if body else [() for _ in head]
    return {name.strip(): _column(cells) for name, cells in zip(head, columns, strict=True)}


def _column(cells: tuple[str, ...]) -> NDArray:
    try:
        return np.array([float(cell) if cell.strip() else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, str)
