"""Rates about an event: of each cell, bin by bin, and how a smooth mean of them dips.

The rate of a cell in a bin is its spikes there, over all events, by bin width and number of events. A dip is
read from rates smoothed by a Gaussian (sd `SMOOTH`):

    depth     baseline - lowest rate                                                            (1)
    duration  how long, about the lowest, the rate stays under (baseline + lowest)/2            (2)

The lowest of a noisy curve lies too low, and the more so the fewer the events. Of each cell of a population
both are therefore read where the mean of the *other* cells is lowest: its own noise has no say in where
(leave one out). Dopamine cells code in the depth of their dips until the rate is zero, and in their duration
beyond (Bayer, Lau & Glimcher 2007, doi:10.1152/jn.01140.2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation.mistakes import Mistake
from ..recordings.recording import Recording
from ..statistics.intervals import bootstrap_interval

Array = NDArray[np.float64]

SMOOTH = 0.015
"""Standard deviation of the smoothing (s)."""
STEP = 0.005
"""Bins of what is smoothed (s)."""
SOUGHT = (0.1, 0.8)
"""Where a dip is sought (s after the event)."""
TRIES = 100
"""Draws of a random time that may fall where nothing was observed."""
WIDTH = 0.1
"""Width over which a cell's depth is taken about the lowest rate of the others (s)."""


def edges(low: float, high: float, width: float) -> Array:
    """Edges of bins of ``width`` from ``low`` to ``high`` (s).

    Raises:
        Mistake: no whole number of bins.
    """
    many = round((high - low) / width)
    if many < 1 or abs(many * width - (high - low)) > 1e-9:
        raise Mistake(f"{low:g} to {high:g} s is no whole number of bins of {width:g} s")
    return np.asarray(low + width * np.arange(many + 1), float)


def rate(recording: Recording, events: ArrayLike, borders: ArrayLike) -> Array:
    """Mean rate (Hz) of each unit in each bin about the ``events`` (s): (unit, bin); NaN without events."""
    at, border = np.asarray(events, float), np.asarray(borders, float)
    if not len(at):
        return np.full((len(recording.spike_times), len(border) - 1), np.nan)
    return recording.counts(at, border).mean(axis=1) / np.diff(border)


def random_events(
    recording: Recording, events: ArrayLike, generator: np.random.Generator, window: tuple[float, float]
) -> Array:
    """As many times as there are ``events``, uniform between the first and the last: the null.

    The first unit was observed in the ``window`` about each (s after it), as it was about the events.
    """
    at = np.asarray(events, float)
    if not len(at):
        return at
    drawn: Array = generator.uniform(at.min(), at.max(), len(at))
    for _ in range(TRIES):
        blind = ~recording.was_observed(0, drawn, *window)
        if not blind.any():
            break
        drawn[blind] = generator.uniform(at.min(), at.max(), int(blind.sum()))
    return np.where(blind, at, drawn)


def smoothed(rates: ArrayLike, step: float = STEP, deviation: float = SMOOTH) -> Array:
    """Rates (..., bin) with a Gaussian of ``deviation`` (s) run over them."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(np.asarray(rates, float), deviation / step, axis=-1))


@dataclass(frozen=True)
class Dip:
    """The dip of one curve."""

    time: float
    """of the lowest rate (s)"""
    lowest: float
    """Hz"""
    depth: float
    """equation (1), Hz"""
    duration: float
    """equation (2), s"""
    begin: float
    end: float
    """of the stretch (s)"""


def dip(rates: ArrayLike, times: ArrayLike, baseline: float, sought: tuple[float, float] = SOUGHT) -> Dip:
    """The dip of a smooth curve (bin,) whose bins are centred on ``times``; duration 0 where there is none.

    Raises:
        Mistake: no bin lies where the dip is sought.
    """
    curve, at = np.asarray(rates, float), np.asarray(times, float)
    inside = (at > sought[0]) & (at < sought[1])
    if not inside.any():
        raise Mistake(f"no bin between {sought[0]:g} and {sought[1]:g} s")
    lowest = int(np.flatnonzero(inside)[np.argmin(curve[inside])])
    depth = baseline - curve[lowest]
    if depth <= 0:
        return Dip(float(at[lowest]), float(curve[lowest]), float(depth), 0.0, at[lowest], at[lowest])
    above = np.flatnonzero(curve > baseline - depth / 2)
    before, after = above[above < lowest], above[above > lowest]
    step = at[1] - at[0]
    begin = at[before[-1]] + step / 2 if len(before) else at[0] - step / 2
    end = at[after[0]] - step / 2 if len(after) else at[-1] + step / 2
    return Dip(
        float(at[lowest]), float(curve[lowest]), float(depth), float(end - begin), float(begin), float(end)
    )


def mean_dip(
    rates: ArrayLike, times: ArrayLike, baselines: ArrayLike, seed: int = 0
) -> tuple[Dip, dict[str, tuple[float, float]]]:
    """The dip of the mean of cells, with the bootstrap interval (95 %) over cells of each of its measures.

    Args:
        rates: (cell, bin), as counted; smoothed here.
        times: (bin,) centres (s).
        baselines: (cell,) Hz.
    """
    both = np.column_stack([smoothed(rates), np.asarray(baselines, float)])

    def measures(drawn: Array) -> Array:
        mean = drawn.mean(axis=0)
        found = dip(mean[:-1], times, mean[-1])
        return np.array([found.time, found.lowest, found.depth, found.duration])

    low, high = bootstrap_interval(both, measures, resamples=1000, seed=seed)
    mean = both.mean(axis=0)
    names = ("time", "lowest", "depth", "duration")
    spread = {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}
    return dip(mean[:-1], times, mean[-1]), spread


def each_dip(rates: ArrayLike, times: ArrayLike, baselines: ArrayLike) -> tuple[Array, Array]:
    """Depth (Hz) and duration (s) of the dip of each cell, where the others have it: (cell,) each.

    The depth is that of the mean rate in `WIDTH` about the lowest of the others; the duration the part of the
    stretch between the others' begin and end, widened by half of its length on both sides, that the spikes
    missing in it would fill at the cell's baseline: that of a pause without spikes is its length. A single
    cell says itself where. NaN for a cell without rates.

    Args:
        rates: (cell, bin), as counted.
        times: (bin,) centres (s).
        baselines: (cell,) Hz.
    """
    own, at, base = np.asarray(rates, float), np.asarray(times, float), np.asarray(baselines, float)
    known = np.isfinite(own).all(axis=1) & np.isfinite(base)
    depth, duration = np.full(len(own), np.nan), np.full(len(own), np.nan)
    total, level, many = own[known].sum(axis=0), base[known].sum(), int(known.sum())
    for cell in np.flatnonzero(known):
        others, rest = (total - own[cell], level - base[cell]) if many > 1 else (total, level)
        found = dip(smoothed(others) / max(many - 1, 1), at, rest / max(many - 1, 1))
        near = np.abs(at - found.time) < WIDTH / 2
        depth[cell] = base[cell] - own[cell, near].mean()
        half = found.duration / 2
        stretch = (at > max(found.begin - half, SOUGHT[0])) & (at < found.end + half)
        missing = (base[cell] - own[cell, stretch]).sum() * (at[1] - at[0])
        duration[cell] = missing / base[cell] if base[cell] > 0 else np.nan
    return depth, duration
