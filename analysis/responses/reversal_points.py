"""Reversal points of dopamine cells, their asymmetry, and how far both are a cell's own.

A cell's *reversal point* is the reward at which its response changes sign; its *asymmetry* is
s+/(s+ + s-), with s+ the mean response to rewards above the reversal point over their mean distance from it,
s- the same below (negative slopes count as 0). If each cell has a value of its own, the reversal point found
in one half of its trials is found again in the other; if that value is an expectile, cells that reverse at
larger rewards take good news more seriously (Dabney et al. 2020, doi:10.1038/s41586-019-1924-6).

Rewards are placed by their utility: the mean response over cells to each size, made to rise (a distance is
in Hz of the mean cell then, and steps of unequal worth do not bend a straight response).

Two estimators of the reversal point, on a cell's responses above its mean baseline, all trials:

* ``means``: the mean response by size, made to rise (isotonic regression, weighted by trials); where it
  crosses zero, on the straight line between the last size below and the first above;
* ``signs``: the place between two sizes with the most negative responses below and positive ones above; the
  mean of all such places when several are equal (the method of Dabney et al., from memory).

``signs`` looks only at whether a count of spikes exceeds the mean count at rest. A cell that fires 2.1
spikes in a window at rest answers 2 with a minus, one that fires 1.9 with a plus, and both do so in every
half: cells that reverse at one and the same reward then seem to differ reliably. ``means`` has no such bias.
Both set a cell that never reverses to the smallest or largest size; ``crosses`` says which ones do.

The asymmetry is always measured about the reversal point of its own half and held against that of the other
half: about the other half's point, the error of that point alone would correlate them strongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation.mistakes import Mistake, nearest
from .reward_trials import CellTrials, sizes_of

Array = NDArray[np.float64]
Estimator = Literal["means", "signs"]
TINY = 1e-12
"""Share of a variance that is rounding."""
RESAMPLES = 1000
"""Bootstrap samples of the cells."""
SPLITS = 200
"""Random halves of the trials."""


@dataclass(frozen=True)
class Correlation:
    """A correlation over cells, the mean over random halves of the trials."""

    r: float
    low: float
    high: float
    """bootstrap interval (95 %) over cells"""
    p: float
    """median over halves of the two-sided p of one correlation"""


@dataclass(frozen=True)
class Points:
    """Of all trials of each cell: (cell,)."""

    utility: Array
    """place of the reversal point on the axis of utility (Hz)"""
    size: Array
    """the same as a reward (microlitres), between sizes in proportion to the logarithm"""
    asymmetry: Array
    """NaN where no reward lies above the reversal point, or none below"""
    crosses: NDArray[np.bool_]
    """whether the cell reverses at all"""


@dataclass(frozen=True)
class Halves:
    """Of random halves of the trials of each cell: (half, split, cell)."""

    reversal: Array
    asymmetry: Array

    @property
    def correlations(self) -> tuple[float, float]:
        """The r of `reliability` and of `relation`, without their intervals."""
        found = []
        for one, other in ((self.reversal[:1], self.reversal[1:]), (self.asymmetry, self.reversal[::-1])):
            found.append(_mean(_pearson(_paired(one, other))[0]))
        return found[0], found[1]

    @property
    def reliability(self) -> Correlation:
        """Reversal points of one half with those of the other."""
        return _correlation(self.reversal[:1], self.reversal[1:])

    @property
    def relation(self) -> Correlation:
        """Asymmetry in one half with the reversal point in the other."""
        return _correlation(self.asymmetry, self.reversal[::-1])


def utility(cells: Sequence[CellTrials]) -> tuple[Array, Array]:
    """Sizes (microlitres), and the utility of each (Hz): the mean over cells of the mean response, rising."""
    sizes = sizes_of(cells)
    counts, sums = (np.array(table) for table in zip(*(_table(cell, sizes) for cell in cells), strict=True))
    with np.errstate(invalid="ignore"):
        mean = np.nanmean(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), axis=0)
    return sizes, _rising(np.ones(len(sizes)), mean)


def reversal_points(cells: Sequence[CellTrials], estimator: Estimator = "means") -> Points:
    """Reversal point and asymmetry of each cell, from all of its trials.

    Raises:
        Mistake: no such estimator; no cells, or rewards of a single size.
    """
    sizes, axis = _axis(cells, estimator)
    found, slant, crosses = [], [], []
    for cell in cells:
        tables = _tables(cell, sizes, np.ones((1, len(cell))))
        point, does = _points(tables, axis, estimator)
        found.append(point[0])
        crosses.append(does[0])
        slant.append(_asymmetry(tables, axis, point)[0])
    where = np.exp(np.interp(found, axis, np.log(np.maximum(sizes, np.finfo(float).tiny))))
    return Points(np.array(found), where, np.array(slant), np.array(crosses))


def halves(
    cells: Sequence[CellTrials], estimator: Estimator = "means", splits: int = SPLITS, seed: int = 0
) -> Halves:
    """Reversal points and asymmetries of two random halves of each cell's trials.

    Raises:
        Mistake: no such estimator; a cell of fewer than two trials; rewards of a single size.
    """
    sizes, axis = _axis(cells, estimator)
    if min(len(cell) for cell in cells) < 2:
        raise Mistake("a cell with one trial cannot be halved")
    rng = np.random.default_rng(seed)
    reversal, slant = np.empty((2, 2, splits, len(cells)))
    for place, cell in enumerate(cells):
        first = rng.permuted(np.tile(np.arange(len(cell)) < len(cell) // 2, (splits, 1)), axis=1)
        for half, mask in enumerate((first, ~first)):
            tables = _tables(cell, sizes, mask.astype(float))
            reversal[half, :, place], _ = _points(tables, axis, estimator)
            slant[half, :, place] = _asymmetry(tables, axis, reversal[half, :, place])
    return Halves(reversal, slant)


# -- one cell --------------------------------------------------------------------------------------

Tables = tuple[Array, Array, Array, Array]
"""Trials, summed responses, positive and negative responses by size: each (split, size)."""


def _axis(cells: Sequence[CellTrials], estimator: str) -> tuple[Array, Array]:
    if estimator not in get_args(Estimator):
        raise Mistake(f"no estimator '{estimator}'{nearest(estimator, get_args(Estimator))}")
    if not cells:
        raise Mistake("no cells to find reversal points of")
    sizes, axis = utility(cells)
    if len(sizes) < 2:
        raise Mistake("a reversal point needs rewards of two sizes or more")
    return sizes, axis


def _table(cell: CellTrials, sizes: Array) -> tuple[Array, Array]:
    count, total, _, _ = _tables(cell, sizes, np.ones((1, len(cell))))
    return count[0], total[0]


def _tables(cell: CellTrials, sizes: Array, chosen: Array) -> Tables:
    own = (cell.size[:, None] == sizes).astype(float)
    response = cell.response[:, None]
    return (
        chosen @ own,
        chosen @ (own * response),
        chosen @ (own * (response > 0)),
        chosen @ (own * (response < 0)),
    )


def _points(tables: Tables, axis: Array, estimator: str) -> tuple[Array, NDArray[np.bool_]]:
    count, total, positive, negative = tables
    if estimator == "means":
        with np.errstate(invalid="ignore"):
            mean = np.where(count > 0, total / np.maximum(count, 1), 0.0)
        return _crossing(_rising(count, mean), axis)
    # place k: the sizes before k are below, k and those after it above
    zero = np.zeros((len(count), 1))
    below = np.concatenate([zero, np.cumsum(negative, axis=1)], axis=1)
    above = np.concatenate([np.cumsum(positive[:, ::-1], axis=1)[:, ::-1], zero], axis=1)
    score = below + above
    best = score == score.max(axis=1, keepdims=True)
    between = np.concatenate([axis[:1], (axis[1:] + axis[:-1]) / 2, axis[-1:]])
    point = (best * between).sum(axis=1) / best.sum(axis=1)
    return point, (point > axis[0]) & (point < axis[-1])


def _rising(weight: Array, mean: Array) -> Array:
    """Isotonic regression along the last axis: the largest over starts of the least mean over ends."""
    many = mean.shape[-1]
    mass = np.concatenate([np.zeros((*weight.shape[:-1], 1)), np.cumsum(weight, axis=-1)], axis=-1)
    load = np.concatenate([np.zeros((*mean.shape[:-1], 1)), np.cumsum(weight * mean, axis=-1)], axis=-1)
    risen = np.full(mean.shape, -np.inf)
    for start in range(many):
        least = np.full(mean.shape[:-1], np.inf)
        for end in range(many - 1, start - 1, -1):
            inside = mass[..., end + 1] - mass[..., start]
            full = inside > 0
            part = (load[..., end + 1] - load[..., start]) / np.where(full, inside, 1)
            least = np.where(full, np.minimum(least, part), least)
            if end >= start:
                reach = np.where(np.isfinite(least), least, -np.inf)
                risen[..., end] = np.maximum(risen[..., end], reach)
    return risen


def _crossing(curve: Array, axis: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Where rising curves (split, size) cross zero on the axis; its ends for those that do not."""
    last = (curve < 0).sum(axis=1) - 1
    first = curve.shape[1] - (curve > 0).sum(axis=1)
    crosses = (last >= 0) & (first < curve.shape[1])
    row = np.arange(len(curve))
    a, b = last.clip(0), first.clip(None, curve.shape[1] - 1)
    low, high = curve[row, a], curve[row, b]
    with np.errstate(invalid="ignore", divide="ignore"):
        point = axis[a] + (axis[b] - axis[a]) * (-low / (high - low))
    return np.where(crosses, point, np.where(last < 0, axis[0], axis[-1])), crosses


def _asymmetry(tables: Tables, axis: Array, point: Array) -> Array:
    count, total, _, _ = tables
    distance = axis - point[:, None]
    slopes = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for side in (distance > 0, distance < 0):
            slopes.append((total * side).sum(axis=1) / (count * distance * side).sum(axis=1))
        up, down = (np.maximum(slope, 0) for slope in slopes)
        return np.asarray(up / (up + down))


# -- over cells ------------------------------------------------------------------------------------


def _correlation(one: ArrayLike, other: ArrayLike) -> Correlation:
    """Of arrays (half, split, cell) over cells, cells without a number left out; mean over the rest."""
    from scipy.special import stdtr

    pairs = _paired(one, other)
    if len(pairs) < 3:
        raise Mistake(f"a correlation over cells needs three cells or more, not {len(pairs)}")
    r, many = _pearson(pairs)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stdtr(many - 2, -np.abs(r) * np.sqrt((many - 2) / (1 - r**2)))
    low, high = np.quantile(_drawn_again(pairs), [0.025, 0.975])
    return Correlation(
        _mean(r), float(low), float(high), float(np.nanmedian(p)) if np.isfinite(p).any() else np.nan
    )


def _drawn_again(pairs: Array) -> Array:
    """Mean r over splits of (cell, split, 2), of each bootstrap sample of the cells.

    A sample is a weight of each cell, so that all sums are products of matrices.
    """
    rng, many = np.random.default_rng(0), len(pairs)
    drawn = [rng.integers(many, size=many) for _ in range(RESAMPLES)]
    weight = np.array([np.bincount(one, minlength=many) for one in drawn], float)
    known = np.isfinite(pairs).all(axis=-1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(known[..., None] > 0, pairs, 0)
        # about their means, so that differences of large sums do not lose digits
        x, y = np.moveaxis(
            (values - values.sum(axis=0) / known.sum(axis=0)[:, None]) * known[..., None], -1, 0
        )
        count = weight @ known
        of_x, of_y = weight @ x, weight @ y
        product = weight @ (x * y) - of_x * of_y / count
        spread = [weight @ v**2 - total**2 / count for v, total in ((x, of_x), (y, of_y))]
        varies = (
            (count > 2) & (spread[0] > TINY * (x**2).sum(axis=0)) & (spread[1] > TINY * (y**2).sum(axis=0))
        )
        r = np.where(varies, product / np.sqrt(np.where(varies, spread[0] * spread[1], 1)), np.nan)
    return np.array([_mean(one) for one in r])


def _paired(one: ArrayLike, other: ArrayLike) -> Array:
    """(cell, split, 2) of arrays (half, split, cell)."""
    a, b = (np.asarray(values, float).reshape(-1, np.shape(values)[-1]).T for values in (one, other))
    return np.stack([a, b], axis=-1)


def _mean(r: Array) -> float:
    return float(np.nanmean(r)) if np.isfinite(r).any() else float("nan")


def _pearson(pairs: Array) -> tuple[Array, Array]:
    """Correlation over the first axis of (cell, split, 2), and the number of cells that have both."""
    known = np.isfinite(pairs).all(axis=-1, keepdims=True)
    many = known.sum(axis=0)[:, 0]
    values = np.where(known, pairs, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(known, values - values.sum(axis=0) / many[:, None], 0)
        product = (centred[..., 0] * centred[..., 1]).sum(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0)).prod(axis=-1)
        return np.where((many > 2) & (spread > 0), product / np.where(spread > 0, spread, 1), np.nan), many
