"""Cells in trials with rewards of several sizes, and what is measured of them by size and expectation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...analysis.foundation import Array, Mistake
from ...analysis.recordings.recording import Recording
from ...analysis.responses.dopamine_responses import BASELINE, LATE
from ...analysis.statistics.comparison import DRAWS, Axis, Measured, mean
from .data import Data

Key = tuple[int, float]
"""Expected (1) or not (0), size (µl)."""

KINDS = ("unexpected", "expected")
NEEDS = ("reward_ul", "t_outcome")
OPTIONAL = {"expected": 0.0, "t_cue": np.nan}
FINITE = ("t_outcome", "reward_ul", "expected")
CODES = ("99", "999", "9999")
"""Sizes that are none."""
MOST = 40
"""Different sizes at most; beyond, they are no sizes but draws."""


def reward_cells(
    data: Data,
    window: tuple[float, float] = (-BASELINE, LATE[1]),
) -> Iterator[Recording]:
    """Each cell with its trials: ``reward_ul``, ``expected`` (0 or 1), ``t_cue``, ``t_outcome``, ``first``.

    ``first`` is the first event, the cue or, without one, the outcome. Without a column ``expected`` all
    rewards count as unexpected. Left out, and told: trials that were not observed in ``window``, from before
    the first event to after the outcome (s), and announced rewards whose cue has no time.

    Raises:
        Mistake: what `Data.cells` raises; announced rewards and no column ``t_cue``; rewards of no few sizes.
    """
    needs, optional, finite = _asked(data)
    for cell in data.cells(needs, optional=optional, finite=finite):
        yield _prepared(cell, data, window)


def reward_sessions(data: Data) -> Iterator[Recording]:
    """Each session, with its time series, its trials prepared as those of `reward_cells`."""
    needs, optional, finite = _asked(data)
    for one in data.sessions(needs, optional=optional, finite=finite):
        data.rows.append(one.about.get("subject"))
        yield _prepared(replace(one, spike_times=(), units={}, observed=None), data, (0.0, 0.0))


def _asked(data: Data) -> tuple[tuple[str, ...], dict[str, float], tuple[str, ...]]:
    """Columns that are needed, that may be absent, and that must be numbers."""
    event = data.event or "t_outcome"
    optional = {name: value for name, value in OPTIONAL.items() if name != event}
    return tuple(dict.fromkeys((*NEEDS, event))), optional, tuple(dict.fromkeys((*FINITE, event)))


def _prepared(cell: Recording, data: Data, window: tuple[float, float]) -> Recording:
    name, trials = cell.about["file"], dict(cell.trials)
    # sizes written with other digits are the same size
    different, place = np.unique(trials["reward_ul"], return_inverse=True)
    trials["reward_ul"] = np.array([float(f"{size:.4g}") for size in different])[place]
    for size in np.unique(trials["reward_ul"]):
        if size < 0 or f"{size:g}" in CODES:
            raise Mistake(
                f"{name}: reward_ul is {size:g} µl; if that stands for missed trials, leave them out: "
                f"--where 'reward_ul!={size:g}'"
            )
    many = len(np.unique(trials["reward_ul"]))
    if many > MOST:
        raise Mistake(f"{name}: reward_ul has {many} different values, too many for sizes to compare")
    trials["expected"] = (trials["expected"] > 0).astype(float)
    trials["first"] = np.fmin(trials["t_cue"], trials["t_outcome"])
    blind = (trials["expected"] > 0) & ~np.isfinite(trials["t_cue"])
    if blind.any() and not np.isfinite(trials["t_cue"]).any():
        raise Mistake(f"{name}: rewards were announced, but t_cue does not say when")
    late = (trials["expected"] > 0) & (trials["t_cue"] > trials["t_outcome"])
    if 2 * late.sum() > (trials["expected"] > 0).sum():
        raise Mistake(
            f"{name}: t_cue comes after t_outcome in {late.sum()} trials; are they in each other's place?"
        )
    event = trials[data.event or "t_outcome"]
    begin, end = data.window or (0.0, window[1])
    begin = min(begin, 0.0)
    early, until = (window[0], end) if cell.spike_times else (-BASELINE, (data.window or LATE)[1])
    valid = cell.is_valid(trials["first"], early, 0.0) & cell.is_valid(event, begin, until)
    if not valid.all():
        data.note(f"{name}: {(~valid).sum()} of {len(valid)} trials in invalid times, left out")
    whole = ~blind
    whole &= cell.was_observed(0, trials["first"], window[0], 0.0)
    whole &= cell.was_observed(0, event, begin, end if cell.spike_times else 0.0)
    if not whole[valid].all():
        left = (
            f"{(~whole[valid]).sum()} of {len(whole)} trials not observed, or without the time of their cue"
        )
        data.note(f"{name}: {left}, left out")
    whole &= valid
    if not whole.any():
        raise Mistake(f"{name}: a unit was observed in no trial")
    return replace(cell, trials={column: values[whole] for column, values in trials.items()})


def means(cell: Recording, sizes: Array, values: Array) -> dict[Key, float]:
    """Mean of a value of each trial, by expectation and size; NaN values do not count."""
    expected = cell.trials["expected"]
    keys = np.unique(np.column_stack([expected, cell.trials["reward_ul"]]), axis=0)
    found = {}
    for row, size in keys:
        here = (expected == row) & (sizes == size) & np.isfinite(values)
        if here.any():
            found[int(row), float(size)] = float(values[here].mean())
    return found


def shuffled_means(
    cell: Recording, values: Array, generator: np.random.Generator, many: int = DRAWS
) -> list[dict[Key, float]]:
    """`means` with the sizes of the cell's trials in other places, ``many`` times."""
    expected, sizes = cell.trials["expected"], cell.trials["reward_ul"]
    drawn = generator.permuted(np.tile(sizes, (many, 1)), axis=1)
    known = np.isfinite(values)
    full = np.where(known, values, 0.0)
    found: list[dict[Key, float]] = [{} for _ in range(many)]
    for row in np.unique(expected):
        there = known & (expected == row)
        for size in np.unique(sizes):
            here = (drawn == size) & there
            count, total = here.sum(axis=1), here @ full
            for draw in np.flatnonzero(count):
                found[draw][int(row), float(size)] = float(total[draw] / count[draw])
    return found


def by_size(
    found: Sequence[Mapping[Key, float]],
    nulls: Sequence[Sequence[Mapping[Key, float]]],
    unit: str,
    kind: str = "cell",
) -> Measured:
    """What was found of the cells, as curves over the sizes; of each, what its shuffles gave."""
    keys = sorted({key for cell in found for key in cell})

    def rows(each: Sequence[Mapping[Key, float]]) -> Array:
        return np.array([[cell.get(key, np.nan) for key in keys] for cell in each])

    series, sizes = tuple(KINDS[row] for row, _ in keys), tuple(size for _, size in keys)
    axis = Axis("reward (µl)", series, sizes, log=min(sizes) > 0)
    names = tuple(name_of(row, size) for row, size in keys)
    shuffles = np.stack([rows(each) for each in zip(*nulls, strict=True)])
    return Measured(names, rows(found), mean(shuffles), unit, axis, kind, shuffles=shuffles)


def name_of(row: int, size: float) -> str:
    """Name of the number that belongs to an expectation and a size."""
    return f"{KINDS[row]} {size:g} µl"
