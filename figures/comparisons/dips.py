"""Dips of dopamine cells by size and expectation of the reward, read from files and measured on each cell."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.arrays import Array
from ...analysis.recordings.recording import Recording
from ...analysis.responses import peri_event
from ...analysis.responses.dopamine_responses import BASELINE
from ...analysis.statistics.comparison import DRAWS, Measured, mean, student
from ...analysis.statistics.intervals import jackknife_interval
from .data import Data
from .reward_cells import KINDS, Key, by_size, reward_cells

Measure = Callable[[Array, Array, Array], Array]
"""Of curves (..., cell, bin) at their times with their baselines: (..., cell)."""

WINDOW = (-0.2, 1.2)
"""About the reward (s)."""
GROUPS = 20
"""Groups of cells that the jackknife leaves out at most."""
AT_ONCE = 50_000
"""Bins of all cells whose null is drawn at once, for the processor's cache."""


def dips(data: Data, measure: Measure, unit: str, both: bool = False) -> Measured:
    """A measure of `peri_event` (`each_depth`, `each_duration`) of the cells after each kind of reward.

    The null: as many times as there are rewards, at random in the session; a draw is one of all cells, for
    where the others dip makes cells depend on each other. Intervals of the means are the jackknife's for that
    reason (`interval`). A note gives the dip of the mean of all cells after the smallest reward, unexpected
    and expected.
    """
    borders = peri_event.edges(*WINDOW, peri_event.STEP)
    times = (borders[:-1] + borders[1:]) / 2
    cells = list(reward_cells(data, (-BASELINE, WINDOW[1])))
    baselines = np.array([cell.rates(cell.trials["first"], -BASELINE, 0.0)[0].mean() for cell in cells])
    kinds = [_kinds(cell) for cell in cells]
    keys = sorted({key for own in kinds for key in own})
    unmet = np.full(len(times), np.nan)
    if len(cells) == 1:
        data.notes.append("one cell says itself where its dip is: its depth is too large by chance")
    found: list[dict[Key, float]] = [{} for _ in cells]
    nulls: list[list[dict[Key, float]]] = [[{} for _ in range(DRAWS)] for _ in cells]
    ends = []
    generator = np.random.default_rng(0)
    for key in keys:
        events = [
            cell.trials["t_outcome"][own[key]] if key in own else np.zeros(0)
            for cell, own in zip(cells, kinds, strict=True)
        ]
        rates = np.array(
            [
                peri_event.rate(cell, at, borders)[0] if len(at) else unmet
                for cell, at in zip(cells, events, strict=True)
            ]
        )
        data.notes.extend(_told(key, keys, rates, times, baselines))
        own = measure(rates, times, baselines)
        ends.append(interval(own, rates, times, measure, baselines, both))
        drawn = _random(cells, events, borders, generator, measure, baselines)
        for place, value in enumerate(own):
            found[place][key] = float(value)
            for draw, one in zip(nulls[place], drawn[:, place], strict=True):
                draw[key] = float(one)
    measured = by_size(found, nulls, unit)
    return replace(measured, known=dict(zip(measured.names, ends, strict=True)))


def _kinds(cell: Recording) -> dict[Key, NDArray[np.bool_]]:
    """Which trials are of each kind that the cell met."""
    expected, sizes = cell.trials["expected"], cell.trials["reward_ul"]
    pairs = np.unique(np.column_stack([expected, sizes]), axis=0)
    return {(int(row), float(size)): (expected == row) & (sizes == size) for row, size in pairs}


def interval(
    own: Array, rates: Array, times: Array, measure: Measure, baselines: Array, both: bool
) -> tuple[float, float]:
    """Interval (95 %) of the mean of the measure ``own`` (cell,): the jackknife's, which measures anew
    without some of the cells; with ``both`` its half width and Student's, of cells that dip where these do,
    add as squares, for a few cells that are nearly alike say too little of where others would dip.
    """
    middle = float(np.nanmean(own))
    low, high = jackknife_interval(middle, _without(rates, times, measure, baselines))
    spread = student(own[:, None])[1][0] - middle
    if not both or np.isnan(spread):
        return low, high
    half = float(np.hypot((high - low) / 2, spread))
    return middle - half, middle + half


def _without(rates: Array, times: Array, measure: Measure, baselines: Array) -> Array:
    """The mean of the measure without each cell, or each of `GROUPS` groups of cells: (group,)."""
    met = np.flatnonzero(np.isfinite(rates).all(axis=1))
    many = min(len(met), GROUPS)
    group = np.full(len(rates), -1)
    group[met] = np.arange(len(met)) % max(many, 1)
    left = [np.where((group == one)[:, None], np.nan, rates) for one in range(many)]
    return np.array([mean(measure(one, times, baselines)[:, None])[0] for one in left])


def _random(
    cells: Sequence[Recording],
    events: Sequence[Array],
    borders: Array,
    generator: np.random.Generator,
    measure: Measure,
    baselines: Array,
) -> Array:
    """The measure at random times in place of each cell's ``events`` of one kind: (draw, cell)."""
    times, many = (borders[:-1] + borders[1:]) / 2, np.array([len(at) for at in events])
    counts = np.zeros((DRAWS, len(cells), len(times)), np.uint16)
    for place, cell in enumerate(cells):
        if many[place]:
            span = cell.trials["t_outcome"]
            counts[:, place] = peri_event.random_counts(cell, span, many[place], borders, generator, DRAWS)
    each = np.where(many > 0, many, np.nan)[:, None] * np.diff(borders)
    step = max(1, AT_ONCE // counts[0].size)
    parts = (counts[begin : begin + step] / each for begin in range(0, DRAWS, step))
    return np.concatenate([measure(part, times, baselines) for part in parts])


def _told(key: Key, keys: Sequence[Key], rates: Array, times: Array, baselines: Array) -> list[str]:
    """A note of the dip of the mean of cells after the smallest reward of its kind."""
    row, size = key
    have = np.isfinite(rates).all(axis=1)
    if size > min(other for kind, other in keys if kind == row) or have.sum() < 2:
        return []
    found, spread = peri_event.mean_dip(rates[have], times, baselines[have])
    values = {"time": found.time, "lowest": found.lowest, "duration": found.duration}
    parts = [
        f"{name} {value:.3g} {unit} ({spread[name][0]:.3g} .. {spread[name][1]:.3g})"
        for (name, value), unit in zip(values.items(), ("s", "Hz", "s"), strict=True)
    ]
    kind = KINDS[row]
    return [f"mean of {have.sum()} cells after {kind} {size:g} µl: {', '.join(parts)}"]
