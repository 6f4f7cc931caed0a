"""Responses of dopamine cells by reward size and expectation, 200 to 600 ms after it; NWB files.

Trials need the columns ``expected``, ``reward_ul``, ``t_cue`` and ``t_outcome``. The null: a cell's reward
sizes change places among its trials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.comparison import Axis, Measured
from ...analysis.dopamine_responses import variable_reward
from ...analysis.recordings import Recording
from .files import Progress, cells

if TYPE_CHECKING:
    import xarray as xr

EXPERIMENTS = ("conditioning",)
TRIALS = ("expected", "reward_ul", "t_cue", "t_outcome")
KINDS = ("unexpected", "expected")


def measure(files: Sequence[Path], columns: Mapping[str, str], progress: Progress | None = None) -> Measured:
    generator = np.random.default_rng(0)
    found, nulls = [], []
    for cell in cells(files, TRIALS, columns, progress):
        order = generator.permutation(len(cell.trials["reward_ul"]))
        shuffled = {**cell.trials, "reward_ul": cell.trials["reward_ul"][order]}
        found.append(_responses(cell))
        nulls.append(_responses(Recording(cell.spike_times, shuffled)))
    keys = sorted({key for cell in found for key in cell})

    def rows(each: list[dict[tuple[int, float], float]]) -> np.ndarray:
        return np.array([[cell.get(key, np.nan) for key in keys] for cell in each])

    axis = Axis(
        "reward (µl)", tuple(KINDS[row] for row, _ in keys), tuple(size for _, size in keys), log=True
    )
    names = tuple(_name(row, size) for row, size in keys)
    return Measured(names, rows(found), rows(nulls), "Hz", axis, "cell")


def of_result(data: xr.Dataset) -> Mapping[str, Mapping[str, float]]:
    """The mean responses of the dopamine neurons, one model for each share of the expectation."""
    from ..conditioning import SIZES, sizes_of

    rows = data["tested_protocol"].values == "magnitude"
    models = {}
    for share in np.unique(data["share"].values[rows]):
        means = sizes_of(data, share)
        models[f"expects {share:.0%}"] = {
            _name(row, size): float(means[row, column])
            for row in range(len(KINDS))
            for column, size in enumerate(SIZES)
        }
    return models


def _name(row: int, size: float) -> str:
    return f"{KINDS[row]} {size:g} µl"


def _responses(cell: Recording) -> dict[tuple[int, float], float]:
    """Mean response of one cell to each size, unexpected (0) and expected (1)."""
    found: dict[tuple[int, float], float] = {}
    for row in range(len(KINDS)):
        here = (cell.trials["expected"] > 0) == bool(row)
        if here.any():
            part = Recording(cell.spike_times, {name: v[here] for name, v in cell.trials.items()})
            filled = variable_reward([part], rows=(row,))
            found |= {
                (row, float(size)): float(value)
                for size, value in zip(filled.sizes, filled.response[0, 0], strict=True)
            }
    return found
