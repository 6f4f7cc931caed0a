"""Reversal points of dopamine cells and their asymmetries, half against half; NWB files.

Trials need the columns ``expected``, ``reward_ul``, ``t_cue`` and ``t_outcome``. Each correlation over cells
is the mean of the cells' products of standard scores, so that every cell is a row; the mean over random
halves of the trials. Intervals are over cells: of the means by the jackknife, for the cells share their axis
of utility, of the variance that of Bonett, of correlations the bootstrap. The null: cells drawn from the
trials of all cells, which differ by chance alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ...analysis.responses.reversal_points import (
    Halves,
    Points,
    alike,
    halves,
    reversal_points,
    without_each,
)
from ...analysis.responses.reward_trials import CellTrials, single_trials
from ...analysis.statistics.comparison import DRAWS, Measured, mean
from ...analysis.statistics.intervals import jackknife_interval, variance_interval
from .data import Data
from .reward_cells import reward_cells

if TYPE_CHECKING:
    import xarray as xr

EXPERIMENTS = ("recorded_dopamine",)
NAMES = (
    "reversal point (log10 µl)",
    "its variance over cells",
    "asymmetry",
    "r of reversal points, half with half",
    "r of asymmetry with reversal point",
)
FEWEST = 4
"""Cells."""


def measure(data: Data) -> Measured:
    found = single_trials(reward_cells(data))
    if len(found) < FEWEST:
        raise Mistake(f"correlations over cells need {FEWEST} cells or more, not {len(found)}")
    if any((cell.size <= 0).any() for cell in found):
        raise Mistake("a reward of 0 µl has no place among log10 µl; leave it out: --where 'reward_ul>0'")
    points, split = reversal_points(found), halves(found)
    rows = _row_of(points, split)
    correlations = (split.reliability, split.relation)
    data.notes += [
        f"{name}: r = {one.r:.2f} (95 % over cells {one.low:.2f} .. {one.high:.2f}, median p {one.p:.2g})"
        for name, one in zip(("half with half", "asymmetry"), correlations, strict=True)
    ]
    never = int((~points.crosses).sum())
    if never:
        data.notes.append(f"{never} of {len(found)} cells never reverse: set to the smallest or largest size")
    left = without_each(found)
    nulls = np.stack([_row_of(*drawn) for drawn in alike(found, DRAWS)])
    ends = [
        jackknife_interval(mean(rows)[0], left[0]),
        variance_interval(rows[:, 0]),
        jackknife_interval(mean(rows)[2], left[1]),
        *((one.low, one.high) for one in correlations),
    ]
    known = dict(zip(NAMES, ends, strict=True))
    return Measured(
        NAMES, rows, mean(nulls), "dimensionless", kind="cell", known=known, apart=True, shuffles=nulls
    )


def of_result(data: xr.Dataset) -> Mapping[str, Mapping[str, float]]:
    """The same numbers of every simulated population, mean over its replicates."""
    from ...models.experiments.recorded_dopamine import simulated

    return {
        arm: dict(zip(NAMES, np.nanmean([_rows(one).mean(axis=0) for one in many], axis=0), strict=True))
        for arm, many in simulated(data).items()
    }


def _rows(found: Sequence[CellTrials]) -> NDArray[np.float64]:
    return _row_of(reversal_points(found), halves(found))


def _row_of(points: Points, split: Halves) -> NDArray[np.float64]:
    place = np.log10(points.size)
    spread = (place - place.mean()) ** 2 * len(place) / (len(place) - 1)
    return np.column_stack([place, spread, points.asymmetry, *_shares(split)])


def _shares(split: Halves) -> list[NDArray[np.float64]]:
    def standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.isfinite(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            many = known.sum(axis=-1, keepdims=True)
            centred = values - np.where(known, values, 0).sum(axis=-1, keepdims=True) / many
            squares = np.where(known, centred, 0) ** 2
            return centred / np.sqrt(squares.sum(axis=-1, keepdims=True) / many)

    point, slant = standard(split.reversal), standard(split.asymmetry)
    shares = (point[0] * point[1], (slant * point[::-1]).reshape(-1, point.shape[-1]))
    return [mean(share) for share in shares]
