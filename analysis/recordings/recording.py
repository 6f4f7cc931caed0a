"""A recording: spike times of units, a table of trials, and what else was measured in one session.

It is the same for an animal and for a simulation: read from a file (`recordings`, `spike_files`) or made by
a model (`models/conditioning/sessions.py`), and written (`nwb_out`, `spike_files`). Analyses take a
`Recording`, never a file. Times are in seconds since the session began; what did not happen in a trial is
NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake

Table = Mapping[str, NDArray]
"""Columns of equal length, by name."""

INVALID = "invalid_times"
"""The table of events that says when nothing may be analysed: start_time, stop_time (s)."""
EDGE = 1e-6
"""Finer than the clock of a recording (s): rounding must not say on which side of an edge a spike lies."""


@dataclass(frozen=True)
class Series:
    """A quantity that was sampled over the session, such as dopamine concentration.

    ``values`` (time, ...) and ``times`` (time,) are read when they are asked for, so that the traces of a
    large file take no memory until then.
    """

    unit: str
    load: Callable[[slice], tuple[Array, Array]] = field(repr=False)
    """times and values of a part of the samples"""
    samples: int
    description: str = ""

    @property
    def times(self) -> Array:
        return self.load(slice(None))[0]

    @property
    def values(self) -> Array:
        return self.load(slice(None))[1]

    @classmethod
    def of(cls, times: ArrayLike, values: ArrayLike, unit: str, description: str = "") -> Series:
        """A series whose samples are at hand.

        Raises:
            Mistake: as many times as values are needed.
        """
        at, found = np.asarray(times, float), np.asarray(values, float)
        if at.ndim != 1 or len(at) != len(found):
            raise Mistake(f"a series of {len(found)} samples needs as many times, not {at.shape}")
        return cls(unit, lambda part: (at[part], found[part]), len(at), description)


@dataclass(frozen=True)
class Recording:
    """One session.

    Raises:
        Mistake: columns of a table, or units and their columns, that differ in length.
    """

    spike_times: tuple[Array, ...]
    """(s) of each unit, in order"""
    trials: Table
    """a row a trial"""
    units: Table = field(default_factory=dict)
    """a row a unit: ``cell_type``, ..."""
    observed: tuple[Array, ...] | None = None
    """when each unit was observed: (interval, 2) from, to (s); None: not told"""
    series: Mapping[str, Series] = field(default_factory=dict)
    events: Mapping[str, Table] = field(default_factory=dict)
    """tables of events other than trials"""
    arrays: Mapping[str, Array] = field(default_factory=dict)
    """what is neither a table nor a series, such as synaptic weights"""
    resolution: float | None = None
    """clock of the spike times (s), where it is known"""
    configuration: str = ""
    """of the simulation that made it, as JSON; empty for an animal"""
    about: Mapping[str, str] = field(default_factory=dict)
    """description, subject, species, ..."""
    notes: tuple[str, ...] = ()
    """what was odd about the file, one line each"""

    def __post_init__(self) -> None:
        _rectangular("trials", self.trials, None)
        _rectangular("units", self.units, len(self.spike_times))
        for name, table in self.events.items():
            _rectangular(name, table, None)
        if self.observed is not None and len(self.observed) != len(self.spike_times):
            raise Mistake(f"{len(self.spike_times)} units with {len(self.observed)} times of observation")

    def rates(self, start: ArrayLike, low: float, high: float) -> Array:
        """Rate (Hz) of each unit in ``low`` <= time < ``high`` s after each ``start`` (s): (unit, start)."""
        if not high > low:
            raise Mistake(f"a window from {low:g} to {high:g} s is none")
        return self.counts(start, [low, high])[..., 0] / (high - low)

    def counts(self, start: ArrayLike, edges: ArrayLike) -> Array:
        """Spikes of each unit between the ``edges`` (s) after each ``start`` (s): (unit, start, bin).

        NaN after a start that is none.
        """
        begin, border = np.asarray(start, float)[..., None] - EDGE, np.asarray(edges, float)
        found = [np.diff(np.searchsorted(times, begin + border), axis=-1) for times in self.spike_times]
        shape = (len(found), *begin.shape[:-1], len(border) - 1)
        return np.where(np.isfinite(begin), np.array(found, float).reshape(shape), np.nan)

    def was_observed(self, unit: int, start: ArrayLike, low: float, high: float) -> NDArray[np.bool_]:
        """Whether the unit was observed all the time from ``low`` to ``high`` s about each ``start`` (s), and
        none of it is invalid.

        Where that is not told, it was from the beginning of the session on.
        """
        begin, valid = np.asarray(start, float), self.is_valid(start, low, high)
        if self.observed is None or not len(self.observed[unit]):
            return valid & (begin + low >= -EDGE)
        since, until = self.observed[unit].T[..., None]
        inside = ((begin + low >= since - EDGE) & (begin + high <= until + EDGE)).any(axis=0)
        return np.asarray(valid & inside)

    def is_valid(self, start: ArrayLike, low: float, high: float) -> NDArray[np.bool_]:
        """Whether no time from ``low`` to ``high`` s about each ``start`` (s) is one of `INVALID`."""
        begin, told = np.asarray(start, float), self.events.get(INVALID, {})
        since, until = (np.asarray(told.get(name, ()), float) for name in ("start_time", "stop_time"))
        meets = (begin + low < until[:, None] - EDGE) & (begin + high > since[:, None] + EDGE)
        return np.asarray(~meets.any(axis=0))


def difference(one: Recording, other: Recording) -> str:
    """In a few words the first way in which two recordings differ; empty where they are equal.

    Times of a series' samples may differ by a nanosecond: a clock that ticks evenly is kept as its rate.
    """
    if len(one.spike_times) != len(other.spike_times):
        return f"{len(one.spike_times)} units, not {len(other.spike_times)}"
    for number, (mine, others) in enumerate(zip(one.spike_times, other.spike_times, strict=True)):
        if not np.array_equal(mine, others):
            return f"spikes of unit {number}"
    tables = {"trials": (one.trials, other.trials), "units": (one.units, other.units)}
    for name in {**one.events, **other.events}:
        tables[name] = (one.events.get(name, {}), other.events.get(name, {}))
    for name, (table, others_table) in tables.items():
        for column in (set(table) | set(others_table)) - {"id"}:
            if not _alike(table.get(column), others_table.get(column)):
                return f"column '{column}' of {name}"
    if (one.observed is None) != (other.observed is None):
        return "times of observation"
    for number, (seen, others_seen) in enumerate(zip(one.observed or (), other.observed or (), strict=True)):
        if not np.array_equal(np.reshape(seen, (-1, 2)), others_seen):
            return f"times of observation of unit {number}"
    if set(one.series) != set(other.series):
        return "names of the series"
    for name, series in one.series.items():
        theirs = other.series[name]
        if series.unit != theirs.unit or not np.array_equal(series.values, theirs.values, equal_nan=True):
            return f"series '{name}'"
        if not np.allclose(series.times, theirs.times, rtol=0, atol=1e-9):
            return f"times of series '{name}'"
    if set(one.arrays) != set(other.arrays):
        return "names of the arrays"
    for name, values in one.arrays.items():
        if not np.array_equal(values, other.arrays[name], equal_nan=True):
            return f"array '{name}'"
    if one.resolution != other.resolution:
        return "resolution"
    return "" if one.configuration == other.configuration else "configuration"


def _alike(mine: NDArray | None, others: NDArray | None) -> bool:
    if mine is None or others is None or np.shape(mine) != np.shape(others):
        return False
    if np.asarray(mine).dtype.kind == "f":
        return np.array_equal(mine, others, equal_nan=True)
    return np.array_equal(mine, others)


def _rectangular(name: str, table: Table, rows: int | None) -> None:
    lengths = {column: len(values) for column, values in table.items()}
    rows = next(iter(lengths.values()), 0) if rows is None else rows
    for column, length in lengths.items():
        if length != rows:
            raise Mistake(f"{name}: column '{column}' has {length} rows, others have {rows}")
