"""Rates of dopamine cells about a reward, small or large, unexpected or expected; NWB, NPZ or CSV files.

Bins of 50 ms from 2 s before the reward to 1 s after it. Of the sizes that a cell met, the lower half are
small and the upper half large (one in the middle is neither). Columns of the trials as for
``reward-response``. The null: as many times as there are rewards, at random in the session.
"""

import numpy as np

from ...analysis.responses import peri_event
from ...analysis.statistics.comparison import Axis, Measured, mean, shuffles_for
from .data import Data
from .reward_cells import KINDS, reward_cells

EXPERIMENTS = ("session",)
WINDOW = (-2.0, 1.0)
BIN = 0.05
HALVES = ("small", "large")
SERIES = tuple(f"{kind}, {half}" for half in HALVES for kind in KINDS)


def measure(data: Data) -> Measured:
    generator = np.random.default_rng(0)
    borders = peri_event.edges(*WINDOW, BIN)
    found: list[np.ndarray] = []
    nulls: list[np.ndarray] = []
    for number, cell in enumerate(reward_cells(data, WINDOW), 1):
        outcome, expected = cell.trials["t_outcome"], cell.trials["expected"] > 0
        here = [
            half & (expected == (kind == KINDS[1]))
            for half in _halves(cell.trials["reward_ul"])
            for kind in KINDS
        ]
        found.append(np.concatenate([peri_event.rate(cell, outcome[one], borders)[0] for one in here]))
        draws = shuffles_for(number)
        random = np.full((draws, len(here), len(borders) - 1), np.nan)
        for place, many in enumerate(int(one.sum()) for one in here):
            if many:
                counts = peri_event.random_counts(cell, outcome, many, borders, generator, draws)
                random[:, place] = counts / (many * BIN)
        nulls.append(random.reshape(draws, -1))
    middle = np.round((borders[:-1] + borders[1:]) / 2, 6)
    met = np.isfinite(found).any(axis=0)
    series = np.repeat(SERIES, len(middle))[met]
    x = np.tile(middle, len(SERIES))[met]
    names = tuple(f"{name} {at:+.3f} s" for name, at in zip(series, x, strict=True))
    axis = Axis("time since the reward (s)", tuple(series.tolist()), tuple(x.tolist()))
    rows = np.array(found)[:, met]
    shuffles = np.stack([each[: shuffles_for(len(rows)), met] for each in nulls], axis=1)
    return Measured(names, rows, mean(shuffles), "Hz", axis, "cell", shuffles=shuffles)


def _halves(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which trials have one of the smaller, which one of the larger sizes; one size alone is large."""
    different = np.unique(sizes)
    many = len(different) // 2
    return np.isin(sizes, different[:many]), np.isin(sizes, different[len(different) - max(many, 1) :])
