"""Recordings and behaviour from MATLAB files, v7 by scipy and v7.3 by h5py.

Spikes are a cell array of spike times (s), one for each unit, or a vector with a vector of units beside it
(``spike_unit``); trials a struct of vectors, or an array of structs. Found under the names below, or those
that are given; what was taken is told.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .checks import check
from .codes import as_numbers
from .places import existing
from .recording import Recording
from .spike_files import numbers, recording_of

SPIKES = ("spike_times", "spikes", "spiketimes", "spike_time")
UNITS = ("spike_unit", "unit", "units", "spike_clusters", "cluster")
TRIALS = "trials"


def read_matlab(
    path: str | Path,
    trials: str | None = None,
    names: Mapping[str, str] | None = None,
    spikes: bool = True,
) -> Recording:
    """The recording in a MATLAB file.

    Args:
        path: of the file.
        trials: name of the variable that holds the trials.
        names: ``spike_times`` and ``spike_unit`` -> their variables' names.
        spikes: whether there must be spikes.

    Raises:
        Mistake: no such file, no MATLAB file, a variable that is missing (and what is there), times that
            cannot be right.
    """
    path = existing(path)
    found = _variables(path)
    table, place = _trials(path, found, trials)
    given = dict(names or {})
    at = next((name for name in (given.get("spike_times", ""), *SPIKES) if name in found), "")
    notes = (f"trials are the variable '{place}'" + (f", spikes '{at}'" if at else ""),)
    if not at:
        if spikes:
            raise Mistake(f"{path} has no spike times; {_there(found)}; name them: --column spike_times=NAME")
        recording = Recording((), table, notes=notes)
        check(str(path), recording)
        return recording
    value = found[at]
    if isinstance(value, list) or (isinstance(value, np.ndarray) and value.dtype == object):
        units = [np.atleast_1d(numbers(path, at, np.ravel(unit))) for unit in value]
        each = np.repeat(np.arange(len(units)), [len(unit) for unit in units])
        times = np.concatenate([*units, np.zeros(0)])
        return recording_of(path, times, each, table, {"id": np.arange(len(units))}, notes)
    times = np.atleast_1d(numbers(path, at, np.ravel(value)))
    who = next((name for name in (given.get("spike_unit", ""), *UNITS) if name in found), "")
    unit = np.ravel(found[who]) if who else np.zeros(len(times))
    if len(unit) != len(times):
        raise Mistake(f"{path}: {len(times)} spike times in '{at}' with {len(unit)} units in '{who}'")
    return recording_of(path, times, unit, table, {"id": np.unique(unit)}, notes)


def _trials(path: Path, found: Mapping[str, Any], name: str | None) -> tuple[dict[str, NDArray], str]:
    tables = {place: table for place, value in found.items() if (table := _table(value))}
    if name is None:
        name = TRIALS if TRIALS in tables or len(tables) != 1 else next(iter(tables))
    if name not in tables:
        hint = "save a table as a struct of vectors: table2struct(T, 'ToScalar', true)"
        raise Mistake(
            f"{path} has no struct of trials '{name}'; {_there(found)}; --trials NAME names it; {hint}"
        )
    return tables[name], name


def _there(found: Mapping[str, Any]) -> str:
    return f"there are {', '.join(found) or 'no variables'}"


def _table(value: Any) -> dict[str, NDArray]:
    """Columns of a struct of vectors of equal length, or of an array of structs; empty for anything else."""
    if isinstance(value, (list, np.ndarray)) and len(value) and all(isinstance(one, dict) for one in value):
        value = {name: [one.get(name, np.nan) for one in value] for name in value[0]}
    if not isinstance(value, dict):
        return {}
    columns = {name: np.atleast_1d(np.squeeze(_column(cells))) for name, cells in value.items()}
    columns = {name: cells for name, cells in columns.items() if cells.ndim == 1}
    most = max(map(len, columns.values()), default=None)
    return {name: as_numbers(cells) for name, cells in columns.items() if len(cells) == most}


def _column(cells: Any) -> NDArray:
    """A vector, or what is in a cell array of words and numbers; empty cells as empty words."""
    if not isinstance(cells, list) and not (isinstance(cells, np.ndarray) and cells.dtype == object):
        return np.asarray(cells)
    flat = cells if isinstance(cells, list) else np.squeeze(cells).ravel().tolist()
    if any(isinstance(cell, (dict, list)) or np.size(cell) > 1 for cell in flat):
        return np.zeros((2, 2))  # several values a row are no column
    return np.array(["" if np.size(cell) == 0 else str(np.ravel(cell)[0]) for cell in flat], str)


def _variables(path: Path) -> dict[str, Any]:
    import h5py  # type: ignore[import-untyped]
    from scipy.io import loadmat

    try:
        found = _hdf5(path) if h5py.is_hdf5(path) else loadmat(path, simplify_cells=True)
    except Exception as error:  # scipy has no exception of its own for a damaged file
        raise Mistake(f"{path} is no MATLAB file that can be read: it is damaged, or cut off") from error
    return {name: value for name, value in found.items() if not name.startswith(("__", "#"))}


def _hdf5(path: Path) -> dict[str, Any]:
    import h5py

    with h5py.File(path, "r") as file:
        return {name: _value(file, node) for name, node in file.items() if not name.startswith("#")}


def _value(file: Any, node: Any) -> Any:
    """A variable of a v7.3 file, as scipy gives those of v7."""
    if hasattr(node, "keys"):
        return {name: _value(file, part) for name, part in node.items()}
    if node.dtype.metadata and "ref" in node.dtype.metadata:
        return [_value(file, file[one]) for one in node[()].T.ravel()]
    if "MATLAB_empty" in node.attrs:
        return np.zeros(0)
    if node.attrs.get("MATLAB_class", b"") == b"char":
        return "".join(map(chr, node[()].T.ravel()))
    return np.squeeze(node[()].T)
