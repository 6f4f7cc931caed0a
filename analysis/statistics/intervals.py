"""Small exact statistics for checks and figures: standard errors, intervals, slopes, angles."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake


def mean_and_error(samples: ArrayLike, axis: int = 0) -> tuple[Array, Array]:
    """Mean along ``axis`` and its standard error, sd (n - 1)/sqrt(n); nan for a single sample.

    Samples that are all equal have a mean that is exactly their value and an error of exactly 0.
    """
    values = np.asarray(samples, float)
    n = values.shape[axis]
    if n == 0:
        raise Mistake("no samples to average")
    first = np.take(values, [0], axis=axis)
    # about the first sample, so that a small spread on a large mean survives
    centred = values - first
    mean = np.squeeze(first, axis) + centred.mean(axis=axis)
    if n == 1:
        return mean, np.full(mean.shape, np.nan)
    return mean, centred.std(axis=axis, ddof=1) / np.sqrt(n)


def standard_error(samples: ArrayLike) -> float:
    """Standard error of the mean of independent samples (n,); NaN for fewer than two."""
    return float(mean_and_error(samples)[1])


def z_score(samples: ArrayLike, expected: float) -> float:
    """(mean of ``samples`` - ``expected``) in the mean's own standard errors; any shape, pooled.

    Samples that differ by rounding only, within 16 units in the last place, have no variance: then
    0 if ``expected`` lies as near, else infinite with the sign of the difference. nan if any sample
    is nan. Raises `Mistake` for fewer than two samples.
    """
    values = np.ravel(np.asarray(samples, float))
    if values.size < 2:
        raise Mistake(f"a z score needs two samples or more, not {values.size}")
    mean, error = mean_and_error(values)
    difference = float(mean) - float(expected)
    rounding = 16 * np.spacing(max(float(np.max(np.abs(values))), abs(float(expected))))
    if not np.ptp(values) <= rounding:
        return difference / float(error)
    return 0.0 if abs(difference) <= rounding else float(np.copysign(np.inf, difference))


def bootstrap_interval(
    samples: ArrayLike,
    statistic: Callable[[Array], ArrayLike] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[Array, Array]:
    """Percentile bootstrap interval (low, high), samples drawn again along the first axis.

    ``statistic`` takes an array shaped like ``samples`` and returns a number or array; None is the
    mean over the first axis. Same seed, same interval. Raises `Mistake` for a level outside (0, 1)
    or no samples.
    """
    values = np.asarray(samples, float)
    if not 0 < level < 1:
        raise Mistake(f"level must lie between 0 and 1, not {level}")
    if values.ndim == 0 or len(values) == 0:
        raise Mistake("no samples to resample")
    rng = np.random.default_rng(seed)
    compute = statistic if statistic is not None else lambda drawn: drawn.mean(axis=0)
    estimates = np.array(
        [compute(values[rng.integers(len(values), size=len(values))]) for _ in range(resamples)]
    )
    low, high = np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def jackknife_interval(whole: float, without: ArrayLike) -> tuple[float, float]:
    """Interval (95 %) of a number from what it is ``without`` each of G equal groups of rows: (group,).

        whole ± t(G - 1) sqrt((G - 1)/G sum_g (x_g - mean x)^2)

    It holds for numbers to which rows do not contribute one by one (Tukey 1958; Efron & Stein 1981,
    doi:10.1214/aos/1176345462). NaN for fewer than two groups, or where all are equal.
    """
    from scipy.special import stdtrit

    found = np.asarray(without, float)
    found = found[np.isfinite(found)]
    many = len(found)
    if many < 2 or not np.ptp(found) > 1e-12 * abs(whole):
        return float("nan"), float("nan")
    half = stdtrit(many - 1, 0.975) * np.sqrt((many - 1) / many * ((found - found.mean()) ** 2).sum())
    return float(whole - half), float(whole + half)


def variance_interval(samples: ArrayLike) -> tuple[float, float]:
    """Interval (95 %) of the variance of independent samples (n,) that need not be normal; NaN below three.

        s^2 exp(± t(n - 1) sqrt((k - (n - 3)/n)/(n - 1))),    k = n sum (x - median)^4/(sum (x - mean)^2)^2

    that of Bonett (2006, doi:10.1016/j.csda.2004.10.016), with Student's t in place of z and its constant,
    and moments about the median.
    """
    from scipy.special import stdtrit

    values = np.asarray(samples, float)
    n, off = len(values), values - values.mean()
    squares = float((off**2).sum())
    if n < 3 or not squares > 0:
        return float("nan"), float("nan")
    kurtosis = n * ((values - np.median(values)) ** 4).sum() / squares**2
    half = stdtrit(n - 1, 0.975) * np.sqrt(max(kurtosis - (n - 3) / n, 0) / (n - 1))
    variance = squares / (n - 1)
    return float(variance * np.exp(-half)), float(variance * np.exp(half))


def crossed_interval(
    table: ArrayLike, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of a table (row, column) whose rows and columns are both
    samples, such as searches and tasks: both are drawn again.

    Raises `Mistake` for a level outside (0, 1) or an empty table.
    """
    values = np.asarray(table, float)
    if not 0 < level < 1 or values.ndim != 2 or not values.size:
        raise Mistake(f"a level between 0 and 1 and a table are needed, not {level} and {values.shape}")
    rng = np.random.default_rng(seed)
    rows, columns = (
        rng.multinomial(size, np.full(size, 1 / size), size=resamples) / size for size in values.shape
    )
    low, high = np.quantile(
        np.einsum("sr,rc,sc->s", rows, values, columns), [(1 - level) / 2, (1 + level) / 2]
    )
    return float(low), float(high)


def exponent(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Exponent p of y ~ x^p and its standard error: least squares of log y on log x.

    The error is nan for two points. Raises `Mistake` unless there are two points or more, all
    positive and finite, at two different x or more.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise Mistake("an exponent needs two points or more, as many x as y")
    if not (np.all(x > 0) and np.all(y > 0) and np.all(np.isfinite([x, y]))):
        raise Mistake("an exponent needs positive, finite x and y")
    u, v = np.log(x), np.log(y)
    u = u - u.mean()
    spread = float(u @ u)
    if spread == 0:
        raise Mistake("an exponent needs two different x")
    slope = float(u @ v) / spread
    residual = v - v.mean() - slope * u
    freedom = len(u) - 2
    error = np.sqrt(float(residual @ residual) / freedom / spread) if freedom else np.nan
    return slope, float(error)


def cosine(a: ArrayLike, b: ArrayLike, axis: int | tuple[int, ...] = -1) -> Array:
    """Cosine of the angle between ``a`` and ``b`` along ``axis``; broadcasts.

    Several axes are taken as one vector. nan where either is zero.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    lengths = np.sqrt(np.sum(a * a, axis=axis) * np.sum(b * b, axis=axis))
    dot = np.sum(a * b, axis=axis)
    nowhere = np.full(np.shape(dot), np.nan)
    return np.asarray(np.divide(dot, lengths, out=nowhere, where=lengths > 0))


def jackknife(statistic: Callable[[NDArray[np.bool_]], ArrayLike], many: int) -> tuple[Array, Array]:
    """A statistic of ``many`` independent samples, and its standard error by leaving out one at a time.

    Args:
        statistic: what it is of the samples that a mask (many,) keeps.

    Raises:
        Mistake: fewer than two samples.
    """
    if many < 2:
        raise Mistake(f"a jackknife needs two samples or more, not {many}")
    without = np.array([statistic(np.arange(many) != left) for left in range(many)], float)
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0) * (many - 1) / many
    return np.asarray(statistic(np.ones(many, bool)), float), np.asarray(np.sqrt(spread))
