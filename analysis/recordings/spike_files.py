"""Spikes as NPZ or a table, with the table of trials: what can be written without any format for neurons.

NPZ: ``spike_times`` (s) and ``spike_unit``, one each a spike; every array ``trials.NAME`` is a column of the
trials and ``units.NAME`` one of the units (``units.id`` names all units, those without spikes too). CSV:
``NAME.csv`` with the columns ``unit`` and ``spike_time`` and, beside it, ``NAME.trials.csv``, one row a
trial; other kinds of tables (`tables`) are read too. Times are in seconds; an empty cell is NaN.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import escape as glob_escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation import whole_files
from ..foundation.mistakes import Mistake
from .checks import check
from .codes import as_numbers, first_word
from .places import existing
from .recording import Recording
from .tables import is_table, read_table

TIMES, UNIT = "spike_times", "spike_unit"
TRIALS, UNITS = "trials.", "units."


def read_spikes(
    path: str | Path, trials: str | None = None, names: Mapping[str, str] | None = None
) -> Recording:
    """The recording in an NPZ file, or in a table of spikes with its table of trials.

    Args:
        path: the file.
        trials: the file of trials, where it is another than NAME.trials.csv.
        names: our name -> the file's name of the columns unit and spike_time, where they differ.

    Raises:
        Mistake: no such file, a column that is missing (which, and what is there) or holds no numbers, no
            file of trials, times that cannot be right.
    """
    path = existing(path)
    found, notes = (_npz(path), ()) if path.suffix == ".npz" else _table(path, trials, dict(names or {}))
    missing = [name for name in (TIMES, UNIT) if name not in found]
    if missing:
        there = ", ".join(name for name in found if not name.startswith(TRIALS)) or "no arrays"
        raise Mistake(f"{path} has no '{missing[0]}'; there are {there}")
    times, unit = numbers(path, TIMES, found[TIMES]), np.asarray(found[UNIT])
    if times.shape != unit.shape or times.ndim != 1:
        raise Mistake(f"{path}: {len(times)} spike times with {len(unit)} units")
    columns = {name.removeprefix(UNITS): v for name, v in found.items() if name.startswith(UNITS)}
    table = {name.removeprefix(TRIALS): v for name, v in found.items() if name.startswith(TRIALS)}
    units = columns["id"] if "id" in columns else np.unique(unit)
    strange = set(unit.tolist()) - set(units.tolist())
    if strange:
        raise Mistake(f"{path}: spikes of a unit that units.id does not name: {sorted(strange)[0]}")
    return recording_of(path, times, unit, table, columns | {"id": units}, notes)


def recording_of(
    path: Path,
    times: NDArray,
    unit: NDArray,
    trials: Mapping[str, NDArray],
    units: Mapping[str, NDArray],
    notes: tuple[str, ...] = (),
) -> Recording:
    """Spikes of all units, grouped by ``units["id"]`` and checked."""
    order = np.argsort(unit, kind="stable")
    grouped, sorted_units = times[order], unit[order]
    spikes = tuple(
        np.sort(grouped[np.searchsorted(sorted_units, n) : np.searchsorted(sorted_units, n, "right")])
        for n in units["id"]
    )
    try:
        recording = Recording(spikes, trials, units, notes=notes)
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
    with new_file(path) as aside:
        aside.write_bytes(content)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """What to write in place of ``path``, which appears whole or not at all; refuse one that stands."""
    try:
        with whole_files.aside(path, new=True) as aside:
            yield aside
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():
            raise Mistake(f"{path} exists already, and a recording is never overwritten") from None
        raise Mistake(f"cannot write {path}: {error.strerror or error}") from error


def numbers(path: Path, name: str, values: NDArray) -> NDArray[np.float64]:
    """A column as floats; a cell that is no number is a Mistake."""
    read = as_numbers(values)
    if read.dtype.kind != "f":
        raise Mistake(f"{path}: {name} holds '{read[first_word(values)]}', not a number")
    return read


def _npz(path: Path) -> dict[str, NDArray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise Mistake(f"{path} is no NPZ file of plain arrays") from error


def _table(
    path: Path, trials: str | None, names: Mapping[str, str]
) -> tuple[dict[str, NDArray], tuple[str, ...]]:
    spikes = read_table(path)
    renamed = {names.get(ours, ours): kept for ours, kept in (("unit", UNIT), ("spike_time", TIMES))}
    found = {renamed.get(name, name): values for name, values in spikes.numbers().items()}
    table = read_table(_beside(path, trials))
    notes = dict.fromkeys((*spikes.notes, *table.notes))
    return found | {TRIALS + name: values for name, values in table.numbers().items()}, tuple(notes)


def _beside(path: Path, trials: str | None) -> Path:
    """The file of trials that belongs to a table of spikes."""
    if trials is not None:
        return named_table(path.parent, trials)
    beside = [one for one in sorted(path.parent.glob(f"{glob_escape(path.stem)}.trials.*")) if is_table(one)]
    if not beside:
        raise Mistake(
            f"{path} is read as spikes; its trials must lie beside it, in {trials_file(path).name}, "
            "or be named: --trials FILE"
        )
    return beside[0]


def named_table(folder: Path, name: str) -> Path:
    """The table that a user names, by its place or by its name in the ``folder``."""
    inside = folder / name
    return inside if inside.exists() else existing(name)
