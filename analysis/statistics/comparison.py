"""How far a model is from data, with the noise ceiling of the data and the distance of a null.

An analysis turns each cell or subject into one row of K named numbers. With the means m_k over the n rows,
their standard errors s_k and the numbers v_k of a model,

    distance  D(v) = sqrt(mean over k of ((v_k - m_k)/s_k)^2)                                     (1)

in standard errors of the data, and the root mean square of v_k - m_k in the data's own unit. What a model
without fault can reach is measured on random halves A and B of the rows: (m_A - m_B)/2 spreads as the mean of
all rows does about the truth, so that

    ceiling   C = sqrt(mean over k of ((m_A,k - m_B,k)/(2 s_k))^2)                                (2)

near 1, and its 95 % quantile over halvings is how far from the data the truth itself may fall; numbers that
rise and fall together in a row make it wide. The null is the same analysis with the labels of each row
shuffled. Rank correlation tells of the order of the numbers alone (noise ceilings of models of neural data:
Nili et al. 2014, doi:10.1371/journal.pcbi.1003553).

The null is drawn many times where that is cheap: each row's labels are shuffled, and a draw is the mean over
rows. Where each row was shuffled fewer than `DRAWS` times, draws combine the rows' shuffles at random. Its
interval is that of 95 % of the draws; of a single shuffle of each row, Student's t over rows, which is wider
than that of the draws by what rows differ.

Numbers that fewer than four rows have, or that are equal in all rows, do not count in (1): their standard
errors are none, or far too small by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake
from ..responses.dopamine_responses import rank_correlation

if TYPE_CHECKING:
    import pandas

HALVINGS = 200
"""Random halves of the rows that are drawn."""
RESAMPLES = 1000
"""Bootstrap samples of the rows."""
DRAWS = 200
"""Draws of the null."""
FEWEST = 4
"""Rows without which there is no standard error to measure with."""
MISSING = float("nan")


@dataclass(frozen=True)
class Axis:
    """Where the numbers of an analysis lie when they are points of curves."""

    label: str
    series: tuple[str, ...]
    """name of the curve, one for each number"""
    x: tuple[float, ...]
    """place on the curve, one for each number"""
    log: bool = False


@dataclass(frozen=True)
class Measured:
    """What an analysis found."""

    names: tuple[str, ...]
    """of the numbers"""
    rows: Array
    """(cell or subject, number); NaN where one was not measured"""
    null: Array
    """the same with labels shuffled, mean over shuffles"""
    unit: str
    axis: Axis | None = field(default=None, compare=False)
    """the curves that the numbers make, if they do"""
    kind: str = "row"
    """what a row is: cell, subject"""
    notes: tuple[str, ...] = ()
    """what a reader must be told, one line each: rows that were left out"""
    known: Mapping[str, tuple[float, float]] = field(default_factory=dict, compare=False)
    """intervals (95 %) of numbers that are no plain means, such as correlations over rows"""

    skewed: bool = False
    """whether rows are so skewed that Student's t is too short (`hall`)"""
    apart: bool = False
    """whether the numbers are too unlike for one axis"""
    shuffles: Array | None = field(default=None, compare=False)
    """each shuffle of each row, (shuffle, row, number), where there are several"""
    labels: tuple[str, ...] = ()
    """who or what each row is, where it has a name"""
    fitted: Mapping[str, Array] = field(default_factory=dict, compare=False)
    """what else was found of each row, (row,): parameters of the models that were fitted"""

    def __post_init__(self) -> None:
        width = len(self.names)
        for values in (self.rows, self.null):
            if np.ndim(values) != 2 or np.shape(values)[1] != width:
                raise Mistake(f"{width} numbers need rows of {width}, not an array {np.shape(values)}")
        for values in self.fitted.values():
            if len(values) != len(self.rows):
                raise Mistake(f"{len(self.rows)} rows have as many fitted numbers, not {len(values)}")

    @property
    def mean(self) -> Array:
        return mean(self.rows)

    @property
    def error(self) -> Array:
        """Standard error of each mean; NaN for a number in fewer than two rows."""
        known = np.isfinite(self.rows)
        count = known.sum(axis=0)
        squares = np.where(known, self.rows - np.where(count > 0, self.mean, 0), 0) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.sqrt(squares.sum(axis=0) / (count - 1) / count)

    def interval(self) -> tuple[Array, Array]:
        """Interval (95 %) of the means, Student's t over rows (`hall` of skewed rows), or that which is
        `known`; NaN for a number in fewer than two rows, or equal in all."""
        low, high = hall(self.rows) if self.skewed else student(self.rows)
        for name, ends in self.known.items():
            low[self.names.index(name)], high[self.names.index(name)] = ends
        return low, high

    def null_interval(self, seed: int = 0) -> tuple[Array, Array]:
        """Interval (95 %) of the means over rows in the null."""
        if self.shuffles is None or len(self.shuffles) < 2:
            return student(self.null)
        many, rows, _ = self.shuffles.shape
        if many >= DRAWS:
            drawn = np.array([mean(one) for one in self.shuffles])
        else:
            chosen = np.random.default_rng(seed).integers(many, size=(DRAWS, rows))
            means = np.array([mean(self.shuffles[one, np.arange(rows)]) for one in chosen])
            # shuffles spread about their own mean by less than about their expectation
            drawn = self.null_mean + (means - self.null_mean) * np.sqrt(many / (many - 1))
        known = np.isfinite(drawn).any(axis=0)
        low, high = np.full((2, drawn.shape[1]), np.nan)
        low[known], high[known] = np.nanquantile(drawn[:, known], [0.025, 0.975], axis=0)
        return low, high

    @property
    def null_mean(self) -> Array:
        return mean(self.null)

    def numbers(self, found: Mapping[str, float]) -> Array:
        """Named numbers of a model in the order of ``names``; NaN for those that it lacks."""
        return np.array([float(found.get(name, MISSING)) for name in self.names])

    @property
    def row_names(self) -> tuple[str, ...]:
        """Who or what each row is; its number where it has no name."""
        return self.labels or tuple(str(row) for row in range(len(self.rows)))

    def table(self) -> pandas.DataFrame:
        """The rows, by name where they have one: a column for each number, and for each parameter that was
        fitted (``MODEL: PARAMETER``)."""
        import pandas as pd

        columns = dict(zip(self.names, self.rows.T, strict=True)) | dict(self.fitted)
        return pd.DataFrame(columns, index=pd.Index(self.row_names, name=self.kind))

    def halves(self, seed: int = 0) -> Iterator[tuple[Array, Array]]:
        """The means of two random halves of the rows, `HALVINGS` times; none for fewer than four rows."""
        many = len(self.rows)
        generator = np.random.default_rng(seed)
        for _ in range(HALVINGS if many >= FEWEST else 0):
            order = generator.permutation(many)
            yield mean(self.rows[order[: many // 2]]), mean(self.rows[order[many // 2 :]])

    def ceiling(self, seed: int = 0) -> float:
        """Mean rank correlation between the means of two random halves of the rows."""
        found = np.array([agreement(one, other) for one, other in self.halves(seed)])
        return float(np.nanmean(found)) if np.isfinite(found).any() else MISSING

    def distance(self, values: ArrayLike) -> float:
        """Equation (1)."""
        return _root((np.asarray(values, float) - self.mean) / self._scale())

    def difference(self, values: ArrayLike) -> float:
        """Root mean square of the differences, in the unit of the data."""
        return _root(np.asarray(values, float) - self.mean)

    def distance_interval(self, values: ArrayLike, seed: int = 0) -> tuple[float, float]:
        """Bootstrap interval (95 %) of equation (1), over rows."""
        drawn = self._resampled(values, seed)
        if not np.isfinite(drawn).any():
            return MISSING, MISSING
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    def distance_ceiling(self, seed: int = 0) -> tuple[float, float]:
        """Equation (2): its mean over random halves, and its 95 % quantile."""
        scale = self._scale()
        found = np.array([_root((one - other) / 2 / scale) for one, other in self.halves(seed)])
        if not np.isfinite(found).any():
            return MISSING, MISSING
        return float(np.nanmean(found)), float(np.nanquantile(found, 0.95))

    def nearer(self, one: ArrayLike, other: ArrayLike, seed: int = 0) -> float:
        """Share of bootstrap samples of the rows in which the first model is the nearer one."""
        mine, others = self._resampled(one, seed), self._resampled(other, seed)
        both = np.isfinite(mine) & np.isfinite(others)
        return float((mine[both] < others[both]).mean()) if both.any() else MISSING

    def _resampled(self, values: ArrayLike, seed: int) -> Array:
        """Distances from the means of bootstrap samples of the rows."""
        generator, scale = np.random.default_rng(seed), self._scale()
        many = len(self.rows)
        drawn = (self.rows[generator.integers(many, size=many)] for _ in range(RESAMPLES))
        return np.array([_root((np.asarray(values, float) - mean(rows)) / scale) for rows in drawn])

    def _scale(self) -> Array:
        error = self.error
        known = np.isfinite(self.rows).sum(axis=0) >= FEWEST
        return np.where(known & (error > 0), error, np.nan)


@dataclass(frozen=True)
class Placed:
    """How one model stands to the data."""

    name: str
    distance: float
    """equation (1), standard errors"""
    low: float
    high: float
    """bootstrap interval of the distance, over rows"""
    difference: float
    """root mean square, in the data's unit"""
    correlation: float
    """rank correlation"""
    shared: int
    """numbers that the model and the data have"""
    nearer: float
    """share of bootstrap samples in which it is nearer than the next one; NaN for the last"""


def ranked(measured: Measured, models: Mapping[str, Array]) -> list[Placed]:
    """The models from the nearest to the farthest; by difference where there is no standard error."""

    def place(name: str) -> tuple[float, float]:
        keys = (measured.distance(models[name]), measured.difference(models[name]))
        return tuple(np.nan_to_num(keys, nan=np.inf))  # type: ignore[return-value]

    order = sorted(models, key=place)
    following = [*order[1:], None][: len(order)]
    return [
        Placed(
            name,
            measured.distance(models[name]),
            *measured.distance_interval(models[name]),
            measured.difference(models[name]),
            agreement(models[name], measured.mean),
            int((np.isfinite(models[name]) & np.isfinite(measured.mean)).sum()),
            MISSING if after is None else measured.nearer(models[name], models[after]),
        )
        for name, after in zip(order, following, strict=True)
    ]


def agreement(one: ArrayLike, other: ArrayLike) -> float:
    """Rank correlation over the numbers that both have; NaN for fewer than three, or all equal."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 3 or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return MISSING
    return rank_correlation(one[both], other[both])


def student(rows: Array) -> tuple[Array, Array]:
    """Interval (95 %) of the means over rows, Student's t; NaN for a number in fewer than two rows, or equal
    in all, of which rows do not tell how far the mean may be from the truth."""
    from scipy.special import stdtrit

    known = np.isfinite(rows)
    count = known.sum(axis=0)
    middle = mean(rows)
    squares = np.where(known, rows - np.where(count > 0, middle, 0), 0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(squares.sum(axis=0) / (count - 1) / count)
    half = stdtrit(np.where(count > 1, count - 1.0, np.nan), 0.975) * error
    half[~(error > 1e-12 * np.abs(middle))] = np.nan
    return middle - half, middle + half


def hall(rows: Array) -> tuple[Array, Array]:
    """Interval (95 %) of the means over skewed rows, by Hall's transformation; Student's below three rows.

    With t the Studentised mean and g the rows' skewness, of n rows,

        g(t) = t + g (t^2/3 + 1/6)/sqrt(n) + g^2 t^3/(27 n)

    has hardly any skewness, and its inverse is known (Hall 1992, J. R. Stat. Soc. B 54:221; from memory).
    """
    low, high = student(rows)
    known = np.isfinite(rows)
    count, middle = known.sum(axis=0), mean(rows)
    off = np.where(known, rows - np.where(count > 0, middle, 0), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((off**2).sum(axis=0) / (count - 1))
        skewness = (off**3).sum(axis=0) * count / ((count - 1) * (count - 2)) / spread**3
        bend = skewness / (3 * np.sqrt(count))
        straight = ~(np.abs(bend) > 1e-6)
        error, shift = spread / np.sqrt(count), skewness / (6 * np.sqrt(count))
        ends = []
        for end in (high, low):
            t = (end - middle) / error
            root = (np.cbrt(1 + 3 * bend * (t - shift)) - 1) / bend
            ends.append(np.where(straight, 2 * middle - end, middle - error * root))
    return ends[0], ends[1]


def proportion(successes: ArrayLike, count: ArrayLike) -> tuple[Array, Array]:
    """Interval (95 %) of a share of independent cases (Wilson 1927, doi:10.1080/01621459.1927.10502953);
    NaN for fewer than two."""
    many, n = np.asarray(successes, float), np.asarray(count, float)
    n = np.where(n > 1, n, np.nan)
    z = 1.959964
    middle = (many + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(many * (n - many) / n + z**2 / 4)
    return middle - half, middle + half


def mean(rows: Array) -> Array:
    """Means over the rows that have each number; NaN where none has."""
    known = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return np.where(known, rows, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


def shuffles_for(rows: int) -> int:
    """How often each of so many rows is shuffled: `DRAWS` times in all, and at least a tenth of that."""
    return max(DRAWS // 10, -(-DRAWS // max(rows, 1)))


def _root(values: Array) -> float:
    known = np.isfinite(values)
    return float(np.sqrt(np.mean(values[known] ** 2))) if known.any() else MISSING
