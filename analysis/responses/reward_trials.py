"""Single trials of dopamine cells in the variable-reward task: the answer to each reward of each size.

A trial's answer is the number of spikes in `LATE` after the reward; it is held against the cell's mean
baseline, over the 1 s before the first event of each trial. The mean over trials is a far better guess of the
rate at that time than the one second before it, which would add its own noise to every response.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from ..recordings.recording import Recording
from ..statistics.intervals import mean_and_error
from .dopamine_responses import BASELINE, LATE

WIDTH = LATE[1] - LATE[0]
"""Width of the window in which spikes are counted (s)."""


@dataclass(frozen=True)
class CellTrials:
    """The trials of one cell, each array (trial,).

    Raises:
        Mistake: arrays of unequal length, or no trial.
    """

    size: Array
    """of the reward (microlitres)"""
    expected: NDArray[np.bool_]
    """whether an odour announced it"""
    spikes: Array
    """in `LATE` after the reward"""
    before: Array
    """rate before the first event of the trial (Hz)"""

    def __post_init__(self) -> None:
        lengths = {len(values) for values in (self.size, self.expected, self.spikes, self.before)}
        if len(lengths) != 1 or not len(self.size):
            raise Mistake("the trials of a cell need size, expectation, spikes and baseline, one each")

    def __len__(self) -> int:
        return len(self.size)

    @property
    def baseline(self) -> float:
        """Mean rate before the first event (Hz)."""
        return float(self.before.mean())

    @property
    def response(self) -> Array:
        """Rate in `LATE` above the cell's baseline (Hz)."""
        return self.spikes / WIDTH - self.baseline

    def where(self, chosen: NDArray) -> CellTrials:
        """The trials that a mask, or indices, choose."""
        return CellTrials(self.size[chosen], self.expected[chosen], self.spikes[chosen], self.before[chosen])


def single_trials(recordings: Iterable[Recording]) -> list[CellTrials]:
    """The trials of every unit of every recording, in their order.

    Columns of the trials: ``reward_ul`` and ``t_outcome`` (s), and, where some rewards are announced,
    ``expected`` and ``t_cue`` (s). A trial without a time of the reward does not count, nor one that is
    announced by a cue without a time.

    Raises:
        Mistake: a missing column; a unit without a trial that counts; no unit.
    """
    found = []
    for recording in recordings:
        trials = recording.trials
        missing = [name for name in ("reward_ul", "t_outcome") if name not in trials]
        if missing:
            raise Mistake(f"the trials have no column '{missing[0]}'; there are {', '.join(trials)}")
        outcome, size = (np.asarray(trials[name], float) for name in ("t_outcome", "reward_ul"))
        expected = np.asarray(trials.get("expected", np.zeros(len(outcome))), float) > 0
        if expected.any() and "t_cue" not in trials:
            raise Mistake("some rewards are announced, but the trials have no column 't_cue'")
        first = np.where(expected, np.asarray(trials.get("t_cue", outcome), float), outcome)
        counts = np.isfinite(first) & np.isfinite(outcome) & np.isfinite(size)
        if not counts.any():
            raise Mistake("no trial has a reward of a known size at a known time")
        before = recording.rates(first[counts], -BASELINE, 0.0)
        spikes = np.rint(recording.rates(outcome[counts], *LATE) * WIDTH)
        found += [
            CellTrials(size[counts], expected[counts], late, rate)
            for late, rate in zip(spikes, before, strict=True)
        ]
    if not found:
        raise Mistake("no cells to take trials of")
    return found


def sizes_of(cells: Sequence[CellTrials]) -> Array:
    """All sizes of reward that any cell got, in rising order (microlitres)."""
    return np.unique(np.concatenate([cell.size for cell in cells]))


def mean_responses(cells: Sequence[CellTrials]) -> tuple[Array, Array]:
    """Sizes (microlitres), and the mean response (Hz), unexpected and expected: (expectation, size).

    Means over the cells that got each; NaN for what none got.
    """
    sizes = sizes_of(cells)
    curves = np.array([[response_curve(cell, sizes, e)[0] for e in (False, True)] for cell in cells])
    known = np.isfinite(curves)
    total = np.where(known, curves, 0).sum(axis=0)
    return sizes, np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)


def response_curve(cell: CellTrials, sizes: Array, expected: bool) -> tuple[Array, Array]:
    """Mean response of a cell to each size (Hz), and its standard error; NaN where there is none."""
    found = np.full((2, len(sizes)), np.nan)
    for place, size in enumerate(sizes):
        response = cell.response[(cell.size == size) & (cell.expected == expected)]
        if len(response):
            found[:, place] = mean_and_error(response)
    return found[0], found[1]


def pooled(cells: Sequence[CellTrials], rng: np.random.Generator) -> list[CellTrials]:
    """Cells of as many trials each, drawn without replacement from all cells' trials: all cells alike.

    Every trial is drawn from those of the same size and expectation, so that each new cell keeps its own
    sizes; its baseline is taken along, so that a response stays what it was.
    """
    level = float(np.mean([cell.baseline for cell in cells]))
    return [
        CellTrials(cell.size, cell.expected, (part[0] + level) * WIDTH, np.full(len(cell), level))
        for cell, part in zip(cells, pooled_responses(cells, rng, 1), strict=True)
    ]


def pooled_responses(cells: Sequence[CellTrials], rng: np.random.Generator, draws: int) -> list[Array]:
    """The responses of `pooled` cells, ``draws`` times: (draw, trial) of each cell."""
    response = np.concatenate([cell.response for cell in cells])
    kind = np.concatenate([cell.size + 1j * cell.expected for cell in cells])
    drawn = np.empty((draws, len(response)))
    for one in np.unique(kind):
        here = np.flatnonzero(kind == one)
        for draw in drawn:
            draw[here] = response[rng.permutation(here)]
    return np.split(drawn, np.cumsum([len(cell) for cell in cells])[:-1], axis=1)
