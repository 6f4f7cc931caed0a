"""Recordings from NWB files.

Neurodata Without Borders (Rübel et al. 2022, doi:10.7554/eLife.78362) is HDF5 with named places: ``/units``
(``spike_times`` of all units one after the other, ``spike_times_index`` where each ends, one array for every
other column), ``/intervals/trials`` and other tables of events, and time series wherever they stand. They are
read by `h5py`: pynwb takes 1.5 CPU s to be imported and 60 ms a file, this 5 ms, and needs neither the
schema's version nor the extensions of a file; that both read the same is tested. Time series are read when
they are asked for. Writing, which must follow the schema, is pynwb's (`nwb_out`).
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .checks import check
from .places import existing
from .recording import INVALID, Array, Recording, Series, Table

SERIES = ("acquisition", "processing", "stimulus/presentation", "analysis")
"""Where time series stand."""
EVENTS = ("intervals", "events", *SERIES)
"""Where tables of events stand."""
EVENT_TABLES = ("TimeIntervals", "EventsTable")
CONFIGURATION = "hedon_configuration"
"""Where a simulated session holds its configuration, in /scratch."""
ABOUT = {
    "session_description": "description",
    "identifier": "identifier",
    "general/subject/subject_id": "subject",
    "general/subject/species": "species",
    "general/subject/sex": "sex",
    "general/subject/age": "age",
}


def read_nwb(path: str | Path, trials: str | None = None) -> Recording:
    """Units, trials, time series and events of an NWB file.

    A file without units is a recording with none. Columns with several values a row (ragged ones) are left
    out. ``trials`` is the name, or the place in the file, of the table of trials, where it is another than
    ``intervals/trials``.

    Raises:
        Mistake: no such file, no HDF5 file or a part of one, no trials, times that cannot be right.
    """
    import h5py  # type: ignore[import-untyped]

    path = existing(path)
    try:
        with h5py.File(path, "r") as file:
            recording = _recording(path, file, trials or "trials")
    except Mistake as mistake:
        known = str(mistake).startswith(str(path))
        raise mistake if known else Mistake(f"{path}: {mistake}") from None
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError) as error:
        if any(sign in str(error) for sign in ("lock file", "already open for write")):
            raise Mistake(f"{path} is open for writing in another program; close it there first") from error
        why = "it is cut off" if "truncated" in str(error) else "it is damaged, or no HDF5 file at all"
        raise Mistake(f"{path} is no NWB file that can be read: {why}") from error
    check(str(path), recording)
    return recording


def _recording(path: Path, file: Any, name_of_trials: str) -> Recording:
    place_of_trials = name_of_trials if "/" in name_of_trials else f"intervals/{name_of_trials}"
    trials = file.get(place_of_trials)
    if not hasattr(trials, "keys"):
        raise Mistake(f"{path} has no table of trials '{name_of_trials}'; {_tables(file)}")
    spikes, observed, columns, notes = _units(path, file.get("units"))
    events: dict[str, Table] = {}
    series: dict[str, Series] = {}

    def visit(name: str, node: Any) -> None:
        kind = node.attrs.get("neurodata_type", "")
        short = name.rpartition("/")[2]
        if name == f"intervals/{INVALID}" or (name != place_of_trials and kind in EVENT_TABLES):
            events[short if short not in events else name] = _table(node)
        elif hasattr(node, "keys") and "data" in node and ("timestamps" in node or "starting_time" in node):
            if node["data"].dtype.kind in "fiu":
                series[short if short not in series else name] = _series(path, node)

    for place in dict.fromkeys((*EVENTS, *SERIES)):
        if place in file:
            file[place].visititems(lambda name, node, place=place: visit(f"{place}/{name}", node))
    scratch = dict(file.get("scratch", {}))
    arrays = {
        name: np.asarray(values[()], float)
        for name, values in scratch.items()
        if getattr(values, "dtype", np.dtype(object)).kind in "fiu"
    }
    about = {name: _text(file[place][()]) for place, name in ABOUT.items() if place in file}
    configuration = _text(scratch[CONFIGURATION][()]) if CONFIGURATION in scratch else ""
    return Recording(
        spikes,
        _table(trials),
        columns,
        observed,
        series,
        events,
        arrays,
        _resolution(file.get("units/spike_times")),
        configuration,
        about,
        notes,
    )


def _resolution(spike_times: Any) -> float | None:
    told = None if spike_times is None else spike_times.attrs.get("resolution")
    return None if told is None or not told > 0 else float(told)


def _units(
    path: Path, units: Any
) -> tuple[tuple[Array, ...], tuple[Array, ...] | None, Table, tuple[str, ...]]:
    if units is None or "spike_times" not in units:
        return (), None, {}, ()
    written = _ragged(path, units, "spike_times")
    spikes = tuple(np.sort(times) for times in written)
    steps = [int((np.diff(times) < 0).sum()) for times in written]
    notes = tuple(
        f"unit {unit}: spike times go back {back} times; they were put in order"
        for unit, back in enumerate(steps)
        if back
    )
    observed = None
    if "obs_intervals" in units:
        observed = tuple(np.reshape(seen, (-1, 2)) for seen in _ragged(path, units, "obs_intervals"))
    columns = {n: values for n, values in _table(units).items() if n not in ("spike_times", "obs_intervals")}
    return spikes, observed, columns, notes


def _ragged(path: Path, table: Any, name: str) -> list[Array]:
    """The parts of a column of several values a row."""
    values = np.asarray(table[name][:], float)
    if f"{name}_index" not in table:
        if "id" in table and len(table["id"]) != 1:
            raise Mistake(f"{path} is damaged: {name} of {len(table['id'])} units has no index")
        return [values]
    ends = table[f"{name}_index"][:].astype(int)
    if (np.diff(ends, prepend=0) < 0).any() or (len(ends) and ends[-1] != len(values)):
        raise Mistake(f"{path} is damaged: the index of {name} does not fit its {len(values)} values")
    return np.split(values, ends[:-1]) if len(ends) else []


def _table(group: Any) -> dict[str, NDArray]:
    """Columns with one value a row."""
    return {
        name: _column(column[:])
        for name, column in group.items()
        if getattr(column, "ndim", 0) == 1
        and f"{name}_index" not in group
        and not name.endswith("_index")
        and column.dtype.names is None
        and not _is_reference(column.dtype)
    }


def _column(values: NDArray) -> NDArray:
    return np.array([_text(value) for value in values], str) if values.dtype.kind in "OS" else values


def _is_reference(kind: Any) -> bool:
    return bool(kind.metadata and "ref" in kind.metadata)


def _series(path: Path, node: Any) -> Series:
    data, place = node["data"], node.name
    samples = len(data) if data.ndim else 0
    text = _text(node.attrs.get("description", ""))
    load: Callable[[slice], tuple[Array, Array]] = partial(_load, path, place)
    return Series(_text(data.attrs.get("unit", "")), load, samples, text)


def _load(path: Path, place: str, part: slice) -> tuple[Array, Array]:
    """Times and values of a part of the samples of a time series."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            node = file[place]
            data = node["data"]
            scale, offset = data.attrs.get("conversion", 1.0), data.attrs.get("offset", 0.0)
            if not (np.isfinite(scale) and np.isfinite(offset) and scale != 0):
                raise Mistake(f"{path}: {place} has the conversion {scale:g} and the offset {offset:g}")
            values = np.asarray(data[part], float) * scale + offset
            if "timestamps" in node:
                if node["timestamps"].shape != data.shape[:1]:
                    told = f"{node['timestamps'].shape} for {data.shape[0]} samples"
                    raise Mistake(f"{path}: timestamps of {place} are {told}, must be one for each")
                return np.asarray(node["timestamps"][part], float), values
            start = node["starting_time"]
            rate, since = float(start.attrs.get("rate", np.nan)), float(start[()])
            if not (0 < rate < np.inf and np.isfinite(since)):
                raise Mistake(f"{path}: {place} is sampled at {rate:g} Hz from {since:g} s on")
            at = np.arange(len(data))[part] / rate + since
            return np.asarray(at, float), values
    except (OSError, KeyError, RuntimeError) as error:
        raise Mistake(f"{path} is no longer what it was: {place} cannot be read") from error


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _tables(file: Any) -> str:
    """Which tables may be the trials'."""
    named = [name for name in file.get("intervals", ()) if name != INVALID]
    if named:
        return f"there are {', '.join(named)}; name one: --trials {named[0]}"
    return f"there are no tables{', but ' + ', '.join(file) if len(file) else ' at all'}"
