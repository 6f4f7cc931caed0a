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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake, nearest
from .reward_trials import CellTrials, pooled_responses, sizes_of

Estimator = Literal["means", "signs"]
TINY = 1e-12
"""Share of a variance that is rounding."""
RESAMPLES = 1000
"""Bootstrap samples of the cells."""
SPLITS = 200
"""Random halves of the trials."""
ALIKE_SPLITS = 20
"""The same in a draw of the null."""
LARGEST = 200_000
"""Numbers of a table of many draws that are done at once."""


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
    tables = _stacked([_tables(cell.size, cell.response, sizes, np.ones((1, len(cell)))) for cell in cells])
    return sizes, _utility(tables)[0]


def reversal_points(cells: Sequence[CellTrials], estimator: Estimator = "means") -> Points:
    """Reversal point and asymmetry of each cell, from all of its trials.

    Raises:
        Mistake: no such estimator; no cells, or rewards of a single size.
    """
    sizes = _sizes(cells, estimator)
    tables = _stacked([_tables(cell.size, cell.response, sizes, np.ones((1, len(cell)))) for cell in cells])
    return _whole(tables, sizes, estimator)[0]


def halves(
    cells: Sequence[CellTrials], estimator: Estimator = "means", splits: int = SPLITS, seed: int = 0
) -> Halves:
    """Reversal points and asymmetries of two random halves of each cell's trials.

    Raises:
        Mistake: no such estimator; a cell of fewer than two trials; rewards of a single size.
    """
    sizes, axis = _axis(cells, estimator)
    masks = _halved(cells, splits, np.random.default_rng(seed))
    found = []
    for half in range(2):
        parts = [
            _tables(cell.size, cell.response, sizes, mask[half])
            for cell, mask in zip(cells, masks, strict=True)
        ]
        tables = _stacked(parts)
        point, _ = _points(tables, axis, estimator)
        found.append((point.T, _asymmetry(tables, axis, point).T))
    reversal, slant = (np.array(part) for part in zip(*found, strict=True))
    return Halves(reversal, slant)


def without_each(cells: Sequence[CellTrials]) -> tuple[Array, Array]:
    """Means over the other cells of log10 of the reversal point (microlitres) and of the asymmetry, both on
    the utility of the others: (cell,) each, as `jackknife_interval` takes them.

    All cells share the axis of utility, on which the mean cell is straight; the means therefore vary less
    than cells do.
    """
    sizes, whole = _axis(cells, "means")
    parts = [_tables(cell.size, cell.response, sizes, np.ones((1, len(cell)))) for cell in cells]
    count, total = (part[:, 0] for part in _stacked(parts)[:2])
    met = count > 0
    mean = np.where(met, total / np.maximum(count, 1), 0.0)
    others = met.sum(axis=0) - met
    axis = _rising(np.ones(mean.shape), (mean.sum(axis=0) - mean) / np.maximum(others, 1))
    axis = np.where((others > 0).all(axis=1)[:, None], axis, whole)
    shape = (len(cells), len(cells), len(sizes))
    curve = np.broadcast_to(_rising(count, mean)[:, None], shape)
    point, _ = _crossing(curve, axis)
    slant = _asymmetry((count[:, None], total[:, None]), axis, point)
    place = np.log10(np.maximum(sizes, np.finfo(float).tiny))
    where = np.array([np.interp(one, x, place) for one, x in zip(point.T, axis, strict=True)])
    alone = np.eye(len(cells), dtype=bool)
    with np.errstate(invalid="ignore"):
        means = [np.where(alone | np.isnan(values), 0, values) for values in (where, slant.T)]
        many = [(~alone & np.isfinite(values)).sum(axis=1) for values in (where, slant.T)]
        return means[0].sum(axis=1) / many[0], means[1].sum(axis=1) / many[1]


def alike(
    cells: Sequence[CellTrials], draws: int, splits: int = ALIKE_SPLITS, seed: int = 0
) -> Iterator[tuple[Points, Halves]]:
    """The null: `reversal_points` and `halves` of cells `pooled` anew, ``draws`` times.

    The trials of a draw are halved fewer times than those of the data: what halving at random adds to the
    spread of a mean correlation over draws is a small part of it.

    Raises:
        Mistake: as of `halves`.
    """
    sizes = _sizes(cells, "means")
    rng = np.random.default_rng(seed)
    masks = [mask[0] for mask in _halved(cells, splits, rng)]
    every = [np.ones((1, len(cell))) for cell in cells]
    at_once = max(1, LARGEST // (len(cells) * splits * len(sizes)))
    for begin in range(0, draws, at_once):
        responses = pooled_responses(cells, rng, min(at_once, draws - begin))
        wholes, firsts = [], []
        for cell, response, whole, first in zip(cells, responses, every, masks, strict=True):
            wholes.append(_tables(cell.size, response, sizes, whole, signs=False))
            firsts.append(_tables(cell.size, response, sizes, first, signs=False))
        total, early = _stacked(wholes), _stacked(firsts)
        points = _whole(total, sizes, "means")
        axis = _utility(total)[:, None]
        late = tuple(a - b for a, b in zip(total, early, strict=True))
        found = []
        for tables in (early, late):
            point, _ = _points(tables, axis, "means")
            found.append((point, _asymmetry(tables, axis, point)))
        for draw, one in enumerate(points):
            reversal, slant = (np.array([half[k][:, draw].T for half in found]) for k in range(2))
            yield one, Halves(reversal, slant)


# -- cells, splits and draws side by side ----------------------------------------------------------

Tables = tuple[Array, ...]
"""Trials, summed responses, and positive and negative responses where asked for, by size: each
(cell, ..., split, size)."""


def _sizes(cells: Sequence[CellTrials], estimator: str) -> Array:
    if estimator not in get_args(Estimator):
        raise Mistake(f"no estimator '{estimator}'{nearest(estimator, get_args(Estimator))}")
    if not cells:
        raise Mistake("no cells to find reversal points of")
    sizes = sizes_of(cells)
    if len(sizes) < 2:
        raise Mistake("a reversal point needs rewards of two sizes or more")
    return sizes


def _axis(cells: Sequence[CellTrials], estimator: str) -> tuple[Array, Array]:
    _sizes(cells, estimator)
    return utility(cells)


def _halved(cells: Sequence[CellTrials], splits: int, rng: np.random.Generator) -> list[Array]:
    """Of each cell which trials are in each of two random halves, (half, split, trial)."""
    if min(len(cell) for cell in cells) < 2:
        raise Mistake("a cell with one trial cannot be halved")
    masks = []
    for cell in cells:
        first = rng.permuted(np.tile(np.arange(len(cell)) < len(cell) // 2, (splits, 1)), axis=1)
        masks.append(np.array([first, ~first], float))
    return masks


def _tables(size: Array, response: Array, sizes: Array, chosen: Array, signs: bool = True) -> Tables:
    """Of one cell, with responses (..., trial), over the trials ``chosen`` (split, trial)."""
    own = (size[:, None] == sizes).astype(float)
    count = chosen @ own

    def total(values: Array) -> Array:
        by_size = own * values[..., None]
        return np.asarray(chosen @ by_size)

    sums = [response, response > 0, response < 0] if signs else [response]
    found = [total(np.asarray(values, float)) for values in sums]
    return (np.broadcast_to(count, found[0].shape), *found)


def _stacked(tables: Sequence[Tables]) -> Tables:
    return tuple(np.stack(part) for part in zip(*tables, strict=True))


def _utility(tables: Tables) -> Array:
    """Of tables of all trials, (cell, draw, 1, size) or of one draw (cell, 1, size): (draw, size)."""
    count, total = (part[..., 0, :] for part in tables[:2])
    with np.errstate(invalid="ignore"):
        mean = np.nanmean(np.where(count > 0, total / np.maximum(count, 1), np.nan), axis=0)
    found = _rising(np.ones(mean.shape), mean)
    return found if found.ndim > 1 else found[None]


def _whole(tables: Tables, sizes: Array, estimator: str) -> list[Points]:
    """Of tables of all trials, (cell, draw, 1, size) or of one draw (cell, 1, size): one for each draw."""
    axis = _utility(tables)
    many = [part.reshape(len(part), len(axis), -1) for part in tables]
    point, crosses = _points(tuple(many), axis, estimator)
    slant = _asymmetry(tuple(many), axis, point)
    place = np.log(np.maximum(sizes, np.finfo(float).tiny))
    return [
        Points(point[:, k], np.exp(np.interp(point[:, k], axis[k], place)), slant[:, k], crosses[:, k])
        for k in range(len(axis))
    ]


def _points(tables: Tables, axis: Array, estimator: str) -> tuple[Array, NDArray[np.bool_]]:
    """Reversal points (...) of tables (..., size) on axes (size,) or (..., size), and whether there are."""
    count, total, *signs = tables
    if estimator == "means":
        with np.errstate(invalid="ignore"):
            mean = np.where(count > 0, total / np.maximum(count, 1), 0.0)
        return _crossing(_rising(count, mean), axis)
    # place k: the sizes before k are below, k and those after it above
    positive, negative = signs
    zero = np.zeros((*count.shape[:-1], 1))
    below = np.concatenate([zero, np.cumsum(negative, axis=-1)], axis=-1)
    above = np.concatenate([np.cumsum(positive[..., ::-1], axis=-1)[..., ::-1], zero], axis=-1)
    score = below + above
    best = score == score.max(axis=-1, keepdims=True)
    between = np.concatenate([axis[..., :1], (axis[..., 1:] + axis[..., :-1]) / 2, axis[..., -1:]], axis=-1)
    point = (best * between).sum(axis=-1) / best.sum(axis=-1)
    return point, (point > axis[..., 0]) & (point < axis[..., -1])


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
    """Where rising curves (..., size) cross zero on their axis; its ends for those that do not."""
    many = curve.shape[-1]
    last = (curve < 0).sum(axis=-1) - 1
    first = many - (curve > 0).sum(axis=-1)
    crosses = (last >= 0) & (first < many)
    ends = np.stack([last.clip(0), first.clip(None, many - 1)], axis=-1)
    low, high = np.moveaxis(np.take_along_axis(curve, ends, axis=-1), -1, 0)
    before, after = np.moveaxis(np.take_along_axis(np.broadcast_to(axis, curve.shape), ends, axis=-1), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        point = before + (after - before) * (-low / (high - low))
    return np.where(crosses, point, np.where(last < 0, axis[..., 0], axis[..., -1])), crosses


def _asymmetry(tables: Tables, axis: Array, point: Array) -> Array:
    count, total = tables[:2]
    distance = axis - point[..., None]
    slopes = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for side in (distance > 0, distance < 0):
            slopes.append((total * side).sum(axis=-1) / (count * distance * side).sum(axis=-1))
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
    # samples of few different cells have no correlation
    drawn = _drawn_again(pairs)
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
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
