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

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from ..recordings.recording import EDGE, Recording
from ..statistics.intervals import bootstrap_interval

SMOOTH = 0.015
"""Standard deviation of the smoothing (s)."""
STEP = 0.005
"""Bins of what is smoothed (s)."""
TRUNCATE = 4.0
"""Standard deviations after which the Gaussian is cut."""
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
    recording: Recording,
    events: ArrayLike,
    generator: np.random.Generator,
    window: tuple[float, float],
    many: int | None = None,
) -> Array:
    """The null: as many times as there are ``events``, or so ``many``, uniform from the first to the last.

    The first unit was observed in the ``window`` about each (s after it), as it was about the events.
    """
    at = np.resize(np.asarray(events, float), np.size(events) if many is None else many)
    if not len(at):
        return at
    low, high = np.min(events), np.max(events)
    drawn: Array = generator.uniform(low, high, len(at))
    for _ in range(TRIES):
        blind = ~recording.was_observed(0, drawn, *window)
        if not blind.any():
            break
        drawn[blind] = generator.uniform(low, high, int(blind.sum()))
    return np.where(blind, at, drawn)


def random_counts(
    recording: Recording,
    events: ArrayLike,
    many: int,
    borders: Array,
    generator: np.random.Generator,
    draws: int,
) -> NDArray[np.int64]:
    """Spikes of the first unit about ``many`` times at random among the ``events``: (draw, bin).

    The ``borders`` are of bins of one width (s); from the first to the last the unit was observed.
    """
    at = random_events(recording, events, generator, (borders[0], borders[-1]), many * draws) - EDGE
    at = np.sort(at.reshape(draws, many), axis=1).ravel()  # found faster in their order
    spikes, bins = recording.spike_times[0], len(borders) - 1
    first, last = (np.searchsorted(spikes, at + border) for border in (borders[0], borders[-1]))
    each = last - first
    event = np.repeat(np.arange(len(at)), each)
    spike = np.arange(len(event)) + np.repeat(first - np.cumsum(each) + each, each)
    place = np.floor((spikes[spike] - at[event] - borders[0]) / (borders[1] - borders[0])).astype(int)
    count = np.bincount(event // many * bins + place.clip(0, bins - 1), minlength=draws * bins)
    return count.reshape(draws, bins)


def smoothed(rates: ArrayLike, step: float = STEP, deviation: float = SMOOTH) -> Array:
    """Rates (..., bin) with a Gaussian of ``deviation`` (s) run over them."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(
        gaussian_filter1d(np.asarray(rates, float), deviation / step, axis=-1, truncate=TRUNCATE)
    )


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


def each_depth(rates: ArrayLike, times: ArrayLike, baselines: ArrayLike) -> Array:
    """Depth (Hz) of the dip of each cell, where the others have it: (..., cell).

    It is that of the mean rate in `WIDTH` about the lowest of the others. A single cell says itself where.
    NaN for a cell without rates.

    Args:
        rates: (..., cell, bin), as counted; leading axes are populations of the same cells.
        times: (bin,) centres (s).
        baselines: (cell,) Hz.

    Raises:
        Mistake: no bin lies where a dip is sought.
    """
    own, at, base = np.asarray(rates, float), np.asarray(times, float), np.asarray(baselines, float)
    here = _sought(at)
    pad = round(TRUNCATE * SMOOTH / STEP)
    wide = slice(max(here.start - pad, 0), here.stop + pad)
    _, rest, level = _others(own[..., wide], base)
    seen = slice(here.start - wide.start, here.stop - wide.start)
    lowest = at[here][rest[..., seen].argmin(axis=-1)]
    near = (lowest - WIDTH / 2, lowest + WIDTH / 2)
    total, bins = _between(own, at, *near)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isfinite(own).all(axis=-1), base - total / bins, np.nan)


def each_duration(rates: ArrayLike, times: ArrayLike, baselines: ArrayLike) -> Array:
    """Duration (s) of the dip of each cell, where the others have it: (..., cell).

    It is the part of the stretch between the others' begin and end, widened by half of its length on both
    sides, that the spikes missing in it would fill at the cell's baseline: that of a pause without spikes is
    its length. Arguments and errors are those of `each_depth`.
    """
    own, at, base = np.asarray(rates, float), np.asarray(times, float), np.asarray(baselines, float)
    known, rest, rest_level = _others(own, base)
    begin, end = _stretch(rest, at, rest_level)
    half = (end - begin) / 2
    total, bins = _between(own, at, np.maximum(begin - half, SOUGHT[0]), end + half)
    with np.errstate(invalid="ignore", divide="ignore"):
        duration = (base * bins - total) * (at[1] - at[0]) / base
    return np.where(known & (base > 0), duration, np.nan)


def _sought(at: Array) -> slice:
    inside = np.flatnonzero((at > SOUGHT[0]) & (at < SOUGHT[1]))
    if not len(inside):
        raise Mistake(f"no bin between {SOUGHT[0]:g} and {SOUGHT[1]:g} s")
    return slice(inside[0], inside[-1] + 1)


def _others(own: Array, base: Array) -> tuple[NDArray[np.bool_], Array, Array]:
    """Which cells (..., cell) have rates; of each the others' smooth mean (..., cell, bin) and level."""
    known = np.isfinite(own).all(axis=-1) & np.isfinite(base)
    full, level = np.where(known[..., None], own, 0), np.where(known, base, 0)
    many = known.sum(axis=-1, keepdims=True)
    alone, others = many == 1, np.maximum(many - 1, 1)
    total, whole = full.sum(axis=-2, keepdims=True), level.sum(axis=-1, keepdims=True)
    rest = smoothed(np.where(alone[..., None], total, total - full)) / others[..., None]
    # where nobody fires all bins are equally low, whatever rounding left of the difference
    rest = np.round(rest, 9)
    return known, rest, np.where(alone, whole, whole - level) / others


def _between(rates: Array, at: Array, low: Array, high: Array) -> tuple[Array, NDArray[np.intp]]:
    """Sum of the rates (..., bin) over the bins with ``low`` <= centre < ``high`` (...), and their number."""
    before = np.concatenate([np.zeros((*rates.shape[:-1], 1)), np.cumsum(rates, axis=-1)], axis=-1)
    first, last = (np.searchsorted(at, border - EDGE) for border in (low, np.maximum(low, high)))
    ends = np.take_along_axis(before, np.stack([first, last], axis=-1), axis=-1)
    return ends[..., 1] - ends[..., 0], last - first


def _stretch(curves: Array, at: Array, baselines: Array) -> tuple[Array, Array]:
    """From when to when each curve (..., bin) dips, as of `dip`: (...) each (s)."""
    here, many = _sought(at), len(at)
    lowest = here.start + curves[..., here].argmin(axis=-1)[..., None]
    depth = baselines[..., None] - np.take_along_axis(curves, lowest, axis=-1)
    above = curves > baselines[..., None] - depth / 2
    place, step = np.arange(many, dtype=np.int16), at[1] - at[0]
    earlier = np.maximum.accumulate(np.where(above, place, np.int16(-1)), axis=-1)
    later = np.minimum.accumulate(np.where(above, place, np.int16(many))[..., ::-1], axis=-1)[..., ::-1]
    before, after = (np.take_along_axis(found, lowest, axis=-1)[..., 0] for found in (earlier, later))
    begin = np.where(before >= 0, at[before] + step / 2, at[0] - step / 2)
    end = np.where(after < many, at[np.minimum(after, many - 1)] - step / 2, at[-1] + step / 2)
    bottom, flat = at[lowest[..., 0]], depth[..., 0] <= 0
    return np.where(flat, bottom, begin), np.where(flat, bottom, end)
