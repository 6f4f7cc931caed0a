"""Dips of dopamine cells by size and expectation of the reward, read from files and measured on each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...analysis.responses import peri_event
from ...analysis.responses.dopamine_responses import BASELINE
from ...analysis.statistics.comparison import Measured
from .data import Data
from .reward_cells import Key, by_size, reward_cells

WINDOW = (-0.2, 1.2)
"""About the reward (s)."""
DEPTH, DURATION = 0, 1
UNITS = ("Hz", "s")


def dips(data: Data, which: int) -> Measured:
    """`peri_event.each_dip` of the cells after each kind of reward: `DEPTH` or `DURATION`.

    The null: as many times as there are rewards, at random in the session. A note gives the dip of the mean
    of all cells after the smallest reward, unexpected and expected.
    """
    generator = np.random.default_rng(0)
    borders = peri_event.edges(*WINDOW, peri_event.STEP)
    times = (borders[:-1] + borders[1:]) / 2
    baselines: list[float] = []
    curves: list[dict[Key, NDArray]] = []
    nulls: list[dict[Key, NDArray]] = []
    for cell in reward_cells(data, (-BASELINE, WINDOW[1])):
        trials = cell.trials
        random = peri_event.random_events(cell, trials["t_outcome"], generator, WINDOW)
        baselines.append(cell.rates(trials["first"], -BASELINE, 0.0)[0].mean())
        for store, events in ((curves, trials["t_outcome"]), (nulls, random)):
            kinds = np.unique(np.column_stack([trials["expected"], trials["reward_ul"]]), axis=0)
            store.append(
                {
                    (int(row), float(size)): peri_event.rate(
                        cell, events[(trials["expected"] == row) & (trials["reward_ul"] == size)], borders
                    )[0]
                    for row, size in kinds
                }
            )
    level = np.array(baselines)
    if len(level) == 1:
        data.notes.append("one cell says itself where its dip is: its depth is too large by chance")
    data.notes.extend(_told(curves, times, level))
    return by_size(
        _each(curves, times, level, which),
        [[one] for one in _each(nulls, times, level, which)],
        UNITS[which],
    )


def _each(
    curves: Sequence[Mapping[Key, NDArray]], times: NDArray, baselines: NDArray, which: int
) -> list[dict[Key, float]]:
    found: list[dict[Key, float]] = [{} for _ in curves]
    for key in {key for cell in curves for key in cell}:
        unmet = np.full(len(times), np.nan)
        rates = np.array([cell.get(key, unmet) for cell in curves])
        for cell, value in zip(found, peri_event.each_dip(rates, times, baselines)[which], strict=True):
            cell[key] = float(value)
    return found


def _told(curves: Sequence[Mapping[Key, NDArray]], times: NDArray, baselines: NDArray) -> list[str]:
    lines = []
    for row, kind in enumerate(("unexpected", "expected")):
        sizes = [size for cell in curves for (met, size) in cell if met == row]
        if not sizes:
            continue
        key = (row, min(sizes))
        have = np.array([key in cell for cell in curves])
        if have.sum() < 2:
            continue
        rates = np.array([cell[key] for cell in curves if key in cell])
        found, spread = peri_event.mean_dip(rates, times, baselines[have])
        values = {"time": found.time, "lowest": found.lowest, "duration": found.duration}
        parts = [
            f"{name} {value:.3g} {unit} ({spread[name][0]:.3g} .. {spread[name][1]:.3g})"
            for (name, value), unit in zip(values.items(), ("s", "Hz", "s"), strict=True)
        ]
        lines.append(f"mean of {have.sum()} cells after {kind} {key[1]:g} µl: {', '.join(parts)}")
    return lines
