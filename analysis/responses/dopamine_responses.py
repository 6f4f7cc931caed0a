"""Responses of dopamine neurons to cues and rewards: the same measures for recordings and for models.

A response is the rate in a window after an event minus the baseline. The first 100 ms after a reward do not
depend on its size; a model of the prediction error is compared in 200 to 600 ms (`LATE`). For a model whose
neurons do not detect, but value alone, the whole response is in 0 to 600 ms (`WHOLE`).

The recordings are those of Eshel et al. 2016 (doi:10.1038/nn.4239), as re-used by Dabney et al. 2020
(doi:10.1038/s41586-019-1924-6): twenty dopamine cells, rewards of seven sizes, with an odour 1.5 s before or
without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from ..recordings.nwb import read_nwb
from ..recordings.places import data_folder
from ..recordings.recording import EDGE, Recording, Series

LATE = (0.2, 0.6)
"""Window in which a response tells of value (s)."""
WHOLE = (0.0, 0.6)
"""Window of a whole response (s)."""
BASELINE = 1.0
"""How long before the first event of a trial the baseline is taken (s)."""
FOLDER = "dopamine_variable_reward"
"""Folder of the recordings within the data."""


@dataclass(frozen=True)
class VariableReward:
    """Responses of cells to rewards of several sizes, unexpected (row 0) and expected (row 1)."""

    sizes: Array
    """microlitres"""
    baseline: Array
    """Hz: (cell,)"""
    response: Array
    """Hz: (cell, expected, size)"""

    @property
    def mean(self) -> Array:
        """Mean over cells: (expected, size)."""
        return self.response.mean(axis=0)


def variable_reward(cells: Iterable[Recording], rows: tuple[int, ...] = (0, 1)) -> VariableReward:
    """Mean responses of each cell in `LATE`, above each trial's baseline, without and with expectation.

    ``rows``: which of the two are asked for, unexpected (0) and expected (1).
    """
    baselines, responses, sizes = [], [], np.array([])
    for cell in cells:
        trials = cell.trials
        expected = np.asarray(trials["expected"], float) > 0
        sizes = np.unique(trials["reward_ul"])
        before, after = trial_responses(cell)
        found = [
            [after[(expected == bool(row)) & (trials["reward_ul"] == size)].mean() for size in sizes]
            for row in rows
        ]
        baselines.append(before.mean())
        responses.append(found)
    if not baselines:
        raise Mistake("no cells to take responses of")
    return VariableReward(sizes, np.array(baselines), np.array(responses))


def trial_responses(
    cell: Recording, window: tuple[float, float] = LATE, event: str = "t_outcome"
) -> tuple[Array, Array]:
    """Of the recording's first unit the baseline of each trial and the response above it (Hz): (trial,) each.

    The baseline is taken before the first event of the trial: the cue, or the reward where none came.
    """
    outcome = np.asarray(cell.trials["t_outcome"], float)
    first = np.fmin(np.asarray(cell.trials["t_cue"], float), outcome)
    before = cell.rates(first, -BASELINE, 0.0)[0]
    return before, cell.rates(cell.trials[event], *window)[0] - before


def trace_responses(
    trace: Series,
    trials: Mapping[str, NDArray],
    window: tuple[float, float] = LATE,
    event: str = "t_outcome",
) -> tuple[Array, Array]:
    """`trial_responses` of a sampled trace, such as a dopamine concentration: (trial,) each, in its unit.

    Means over the samples in the windows; NaN for a trial with a window without samples.
    """
    times, values = trace.load(slice(None))
    if values.shape[1:] == (1,):
        values = values[:, 0]
    if values.ndim != 1:
        raise Mistake(f"a trace has one value a sample, not {values.shape[1:]}")
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0))])
    count = np.concatenate([[0], np.cumsum(known)])

    def mean(start: Array, low: float, high: float) -> Array:
        edge = np.where(np.isfinite(start), start, np.inf) - EDGE
        begin, end = np.searchsorted(times, edge + low), np.searchsorted(times, edge + high)
        samples = count[end] - count[begin]
        return np.where(samples > 0, (total[end] - total[begin]) / np.maximum(samples, 1), np.nan)

    outcome = np.asarray(trials["t_outcome"], float)
    first = np.fmin(np.asarray(trials["t_cue"], float), outcome)
    before = mean(first, -BASELINE, 0.0)
    return before, mean(np.asarray(trials[event], float), *window) - before


@cache
def recorded(folder: Path | None = None) -> VariableReward | None:
    """The responses in the recordings; None where they are not to be found."""
    folder = data_folder(FOLDER) if folder is None else folder
    files = sorted(folder.glob("*.nwb")) if folder is not None else []
    return variable_reward(read_nwb(file) for file in files) if files else None


def windowed(rate: ArrayLike, start: ArrayLike, width: float, window: tuple[float, float]) -> Array:
    """Mean of a binned rate in a window after an event: (..., trial).

    Args:
        rate: (..., trial, bin), bins of ``width`` s, the first begins with the trial.
        start: (..., trial) time of the event in its trial (s); a time beyond the trial gives nan.
        window: from, to (s after the event), on the grid of the bins.
    """
    values, begin = np.asarray(rate, float), np.asarray(start, float)
    bins = values.shape[-1]
    offsets = np.arange(round(window[0] / width), round(window[1] / width))
    where = np.rint(np.minimum(begin, 1e6) / width).astype(int)[..., None] + offsets
    inside = ((where >= 0) & (where < bins)).all(axis=-1)
    taken = np.take_along_axis(values, where.clip(0, bins - 1), axis=-1).mean(axis=-1)
    return np.where(inside, taken, np.nan)


def aligned(rate: ArrayLike, start: ArrayLike, width: float, before: float, after: float) -> Array:
    """A binned rate about an event: (..., trial, bin) from ``before`` s before it to ``after`` s after.

    Raises:
        Mistake: the window leaves the trial.
    """
    values, begin = np.asarray(rate, float), np.asarray(start, float)
    where = np.rint(begin / width).astype(int)[..., None] + np.arange(
        -round(before / width), round(after / width)
    )
    if where.min() < 0 or where.max() >= values.shape[-1]:
        raise Mistake("the window about the event leaves the trial")
    return np.take_along_axis(values, where, axis=-1)


def rank_correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's rank correlation of two arrays of equal shape, flattened; NaN where one is all equal."""
    one, other = _ranks(np.ravel(a)), _ranks(np.ravel(b))
    if not (np.ptp(one) and np.ptp(other)):
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _ranks(values: NDArray) -> Array:
    """From 1 on, equal ones their mean; NaN where any is."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return np.full(len(values), np.nan) if np.isnan(values).any() else np.asarray(ranks, float)
