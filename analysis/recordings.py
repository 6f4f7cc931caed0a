"""Recordings of neurons: spike times and a table of trials, from an NWB file.

Neurodata Without Borders (Rübel et al. 2022, doi:10.7554/eLife.78362) is HDF5 with named places; what is
needed here lies in ``/units`` (``spike_times`` of all units one after the other, ``spike_times_index`` where
each ends) and ``/intervals/trials`` (one array a column), so that h5py is enough. Trials may overlap.

Where recordings lie is told by the environment variable HEDON_DATA; in a checkout ``../shared/data`` is
looked at too. They are never part of the package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .mistakes import Mistake

Array = NDArray[np.float64]

VARIABLE = "HEDON_DATA"
"""Environment variable that names the folder of recordings."""
EDGE = 1e-6
"""Finer than the clock of a recording (s): rounding must not say on which side of an edge a spike lies."""
LONGEST = 86400.0
"""A session does not last longer than a day (s)."""


@dataclass(frozen=True)
class Recording:
    """Spike times (s) of each unit, and the columns of the table of trials."""

    spike_times: tuple[Array, ...]
    trials: Mapping[str, NDArray]

    def rates(self, start: ArrayLike, low: float, high: float) -> Array:
        """Rate (Hz) of each unit in ``low`` <= time < ``high`` s after each ``start`` (s): (unit, start)."""
        begin = np.asarray(start, float) - EDGE
        if not high > low:
            raise Mistake(f"a window from {low:g} to {high:g} s is none")
        counts = [
            np.searchsorted(times, begin + high) - np.searchsorted(times, begin + low)
            for times in self.spike_times
        ]
        return np.array(counts, float) / (high - low)


def read_nwb(path: str | Path) -> Recording:
    """Units and trials of an NWB file.

    Raises:
        Mistake: no such file, no HDF5 file, or no units or trials in it.
    """
    import h5py  # type: ignore[import-untyped]

    path = Path(path)
    if not path.is_file():
        raise Mistake(f"there is no file {path}")
    try:
        with h5py.File(path, "r") as file:
            times, ends = file["units/spike_times"][:], file["units/spike_times_index"][:]
            table = file["intervals/trials"]
            trials = {name: table[name][:] for name in table if table[name].ndim == 1}
    except (OSError, KeyError) as error:
        raise Mistake(f"{path} is no NWB file with units and trials") from error
    times = np.asarray(times, float)
    if not np.isfinite(times).all() or (times < 0).any():
        raise Mistake(f"{path}: spike times must be numbers, not before 0 s")
    if len(times) and times.max() > LONGEST:
        raise Mistake(f"{path}: the last spike is at {times.max():g} s; are times in milliseconds?")
    units = np.split(times, ends[:-1])
    return Recording(tuple(np.sort(unit) for unit in units), trials)


def data_folder(name: str) -> Path | None:
    """The folder ``name`` among the recordings, None where it is not to be found."""
    return next((place / name for place in _places() if (place / name).is_dir()), None)


def data_file(name: str) -> Path | None:
    """The file ``name`` among the recordings, None where it is not to be found."""
    return next((place / name for place in _places() if (place / name).is_file()), None)


def _places() -> list[Path]:
    named = os.environ.get(VARIABLE)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return [*([Path(named)] if named else []), beside]
