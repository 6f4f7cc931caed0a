"""Trials of individuals that live at their own pace: not all live all trials before time runs out.

A trial that was not lived is NaN. It is no failure, and no success: who is slow lives fewer trials, so that a
mean over individuals at a late trial is one over the fast. Two ways out, which count every individual:

    late      the last trials that an individual did live, whichever they are                     (1)
    reached   the trial of a criterion, censored where the individual's trials end, with the
              product limit  S(k) = prod over i <= k of (1 - d_i/n_i)                              (2)

d_i individuals come to the criterion in trial i, of n_i that had not and still lived (Kaplan & Meier 1958,
doi:10.1080/01621459.1958.10501452), as scipy has it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake


def late(values: ArrayLike, number: int) -> Array:
    """The last ``number`` lived trials of each individual: (individual, trial) -> (individual, number).

    Where an individual lived fewer, the first of its row are NaN. No table or a number below 1 is a Mistake.
    """
    table = np.asarray(values, float)
    if number < 1 or table.ndim != 2:
        raise Mistake("late trials: a table (individual, trial) and a number of at least 1")
    found = np.full((len(table), number), np.nan)
    for row, own in enumerate(table):
        last = own[np.isfinite(own)][-number:]
        found[row, number - len(last) :] = last
    return found


def late_mean(values: ArrayLike, number: int) -> Array:
    """Mean of each individual's last lived trials (individual,), equation (1); NaN where none was lived."""
    last = late(values, number)
    lived = np.isfinite(last)
    count = lived.sum(axis=1)
    return np.where(lived, last, 0).sum(axis=1) / np.where(count > 0, count, np.nan)


def first_run(good: ArrayLike, run: int) -> tuple[Array, NDArray[np.bool_]]:
    """The trial (from 1) in which each individual completes ``run`` good trials in a row.

    ``good`` (individual, trial) is 1 or 0, NaN where not lived.

    Returns:
        that trial, or the last lived one of who never does (individual,), and whether it does.
    """
    table = np.asarray(good, float)
    lived = np.isfinite(table)
    streak = np.zeros(len(table))
    when, done = np.where(lived, np.arange(1, table.shape[1] + 1), 0).max(axis=1), np.zeros(len(table), bool)
    for trial, column in enumerate(table.T, 1):
        streak = np.where(np.isfinite(column), np.where(column > 0, streak + 1, 0), streak)
        now = (streak >= run) & ~done
        when[now] = trial
        done |= now
    return when.astype(float), done


def kaplan_meier(when: ArrayLike, happened: ArrayLike, trials: int) -> tuple[Array, Array, Array]:
    """Share of individuals that have come to it by each trial 1 .. ``trials``, equation (2).

    Args:
        when: trial of the event, or the last lived one (individual,).
        happened: False where it was not seen (individual,).
        trials: how many.

    Returns:
        1 - S and its interval of 95 % (log-log), each (trial,); NaN where nobody was left to be seen.
    """
    import warnings

    from scipy.stats import CensoredData, ecdf

    time, event = np.asarray(when, float), np.asarray(happened, bool)
    each = np.arange(1, trials + 1)
    curve = ecdf(CensoredData.right_censored(time, ~event)).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no interval where all have come
        interval = curve.confidence_interval(method="log-log")
    share = 1 - curve.evaluate(each)
    high, low = (1 - part.evaluate(each) for part in (interval.low, interval.high))
    seen = (each <= time.max()) | (share == 1)
    low, high = (np.where(np.isfinite(part), part, share) for part in (low, high))
    return tuple(np.where(seen, part, np.nan) for part in (share, low, high))  # type: ignore[return-value]
