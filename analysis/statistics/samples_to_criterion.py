"""How many samples a learner needs until its loss has fallen to a criterion.

From means of the loss over blocks of trials: the first block below the criterion, interpolated in the
logarithm of the loss between the middles of blocks, from the loss that is known at trial 0. Where a life is
too short, the fall of its last quarter is continued,

    t = t_end log(criterion/start) / log(last/start)                                          (1)

but no further than ``CAP`` lives; so late and never are told apart by how little was learned, and a life that
diverged counts as ``CAP`` lives.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake

CAP = 30.0
"""Lives after which a loss that does not fall is said to reach the criterion."""
RUNAWAY = 4.0
"""A loss that ends so many times above its start has diverged."""


def samples_to_criterion(loss: ArrayLike, start: ArrayLike, block: int, criterion: float) -> Array:
    """Samples (...,) until the loss is below ``criterion`` times its start.

    Args:
        loss: (..., block) means over blocks; what is not finite has diverged.
        start: (...,) loss before the first trial.
        block: trials of a block.
        criterion: part of the start that is to be reached, in (0, 1).

    Raises:
        Mistake: no blocks, or a criterion outside (0, 1).
    """
    level = relative(loss, start)
    blocks = level.shape[-1]
    if not blocks or not 0 < criterion < 1:
        raise Mistake(f"{blocks} blocks and criterion {criterion:g}: at least 1 and in (0, 1) are needed")
    life = blocks * block
    middle = np.concatenate([[0.0], (np.arange(blocks) + 0.5) * block])
    logs = np.concatenate([np.zeros((*level.shape[:-1], 1)), np.log(level)], axis=-1)
    target = np.log(criterion)
    below = logs < target
    first = np.argmax(below, axis=-1)
    after = np.maximum(first, 1)[..., None]
    late, early = (np.take_along_axis(logs, k, -1)[..., 0] for k in (after, after - 1))
    share = np.clip((target - early) / np.where(late == early, 1.0, late - early), 0, 1)
    crossing = middle[first - (first > 0)] + share * (
        middle[np.maximum(first, 1)] - middle[first - (first > 0)]
    )
    last = logs[..., -max(1, blocks // 4) :].mean(axis=-1)
    fallen = np.minimum(last, target / CAP)
    samples = np.where(below.any(axis=-1), crossing, np.maximum(life, life * target / fallen))
    return np.where(last > np.log(RUNAWAY), CAP * life, np.maximum(samples, 1.0))


def crossing(trial: ArrayLike, level: ArrayLike, criterion: float) -> float:
    """Trial at which a mean loss is down to a criterion, on the line through the logarithms of all blocks
    within a factor of 3: the first block below would come early where blocks are noisy.

    Args:
        trial: (block,) middles of the blocks.
        level: (block,) loss over its start.
        criterion: part of the start that is to be reached.

    Returns:
        NaN where the median of the last tenth of the blocks is not below the criterion.
    """
    where, levels = np.asarray(trial, float), np.asarray(level, float)
    near = (levels < 3 * criterion) & (levels > criterion / 3)
    if near.sum() < 2 or np.median(levels[-max(1, len(levels) // 10) :]) >= criterion:
        return np.nan
    slope, height = np.polyfit(where[near], np.log(levels[near]), 1)
    return float((np.log(criterion) - height) / slope)


def settled(level: ArrayLike, block: int, criterion: float) -> tuple[Array, NDArray[np.bool_]]:
    """Samples (...,) after which no block is below the criterion any more, and whether there are such.

    Args:
        level: (..., block) means over blocks of what should be high; what is not finite is below.
        block: samples of a block.
        criterion: what is to be kept.

    Returns:
        at least one block; of a life whose last block is below, the whole life and False.
    """
    good = np.nan_to_num(np.asarray(level, float), nan=-np.inf) >= criterion
    kept = np.logical_and.accumulate(good[..., ::-1], axis=-1).sum(axis=-1)
    life = good.shape[-1]
    return np.maximum(np.minimum(life - kept + 1, life), 1.0) * block, kept > 0


def log_settled(level: ArrayLike, block: int, criterion: float) -> Array:
    """Log of `settled` (...,), to be compared and averaged: of a life that does not settle, the log of the
    whole life and 1 less its mean over the last tenth, so that what ends lower counts as later."""
    levels = np.nan_to_num(np.asarray(level, float), nan=0.0)
    samples, kept = settled(levels, block, criterion)
    last = levels[..., -max(1, levels.shape[-1] // 10) :].mean(axis=-1)
    return np.asarray(np.log(samples) + np.where(kept, 0.0, 1 - last))


def solved(loss: ArrayLike, start: ArrayLike, criterion: float) -> NDArray[np.bool_]:
    """Whether the loss (..., block) is below the criterion over the last eighth of the life."""
    level = relative(loss, start)
    return np.asarray(level[..., -max(1, level.shape[-1] // 8) :].mean(axis=-1) < criterion)


def relative(loss: ArrayLike, start: ArrayLike) -> Array:
    """Loss (..., block) over its start, within 1e-12 .. 1e12; what is not finite is the upper end."""
    with np.errstate(over="ignore", invalid="ignore"):
        level = np.asarray(loss, float) / np.asarray(start, float)[..., None]
    return np.clip(np.nan_to_num(level, nan=1e12, posinf=1e12), 1e-12, 1e12)
