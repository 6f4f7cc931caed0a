"""What units code: regression of a unit's activity on what an animal just did, got and expects.

    y_u(t) = b_0 + sum_j b_j x_j(t) + noise,    x = last action, last reward, action x reward, value    (1)

for each unit u (Lee, Seo & Jung 2012, doi:10.1146/annurev-neuro-062111-150512; Wang et al. 2018,
doi:10.1038/s41593-018-0147-8, for units of a network), measured by t_j = b_j/(its standard error). Activity
and behaviour both drift slowly, and then t_j is large by itself (Elber-Dorozko & Loewenstein 2018,
doi:10.7554/eLife.34248); therefore t_j is held against a null that keeps both as they are and breaks only
their relation:

* one session: the behaviour is turned round against the activity by many numbers of trials;
* many sessions of equal length: each session's activity is paired with every other session's behaviour.

p_j is the rank of abs(t_j) among abs(t_j) of the null, (1 + number that are not smaller)/(1 + number).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake

REGRESSORS = ("last action", "last reward", "action x reward", "value")
DRAWS = 200
"""Draws of the null, by default."""
APART = 10
"""Trials by which behaviour is turned at least."""


@dataclass(frozen=True)
class UnitCoding:
    """Equation (1) for each unit; units of all sessions one after the other."""

    names: tuple[str, ...]
    t: Array
    """(unit, regressor)"""
    p: Array
    """(unit, regressor)"""
    explained: Array
    """share of the variance that all regressors together explain, (unit,)"""
    null_p: Array
    """p of draws of the null in place of the data, (draw, unit, regressor); a draw is one behaviour for all
    units of a session"""

    def share(self, level: float = 0.05) -> Array:
        """Share of units that code each regressor, (regressor,)."""
        return np.asarray((self.p <= level).mean(axis=0))

    def null_share(self, level: float = 0.05) -> Array:
        """The same in the null."""
        return np.asarray((self.null_p <= level).mean(axis=(0, 1)))


def task_regressors(action: ArrayLike, reward: ArrayLike, value: ArrayLike | None = None) -> dict[str, Array]:
    """Regressors of (1) from what happened, each (..., trial); NaN in the first trial.

    Args:
        action: (..., trial); two kinds are coded -1 and +1, NaN where missed.
        reward: (..., trial); centred.
        value: (..., trial), known before the trial (`choice_fits.decision_values`); left out where None.
    """
    levels = np.unique(np.asarray(action, float))
    levels = levels[np.isfinite(levels)]
    if len(levels) != 2:
        raise Mistake(f"units are regressed on two kinds of action, not {len(levels)}")
    sign = np.where(np.asarray(action, float) == levels[1], 1.0, -1.0)
    sign = np.where(np.isfinite(np.asarray(action, float)), sign, np.nan)
    paid = np.asarray(reward, float)
    paid = paid - np.nanmean(paid, axis=-1, keepdims=True)
    last = [np.full(sign.shape, np.nan) for _ in range(2)]
    for own, values in zip(last, (sign, paid), strict=True):
        own[..., 1:] = values[..., :-1]
    found = {REGRESSORS[0]: last[0], REGRESSORS[1]: last[1], REGRESSORS[2]: last[0] * last[1]}
    return found if value is None else found | {REGRESSORS[3]: np.asarray(value, float)}


def unit_coding(
    activity: ArrayLike,
    regressors: Mapping[str, ArrayLike],
    *,
    turns: int = 400,
    draws: int = DRAWS,
    seed: int = 0,
) -> UnitCoding:
    """Regress units on behaviour.

    Args:
        activity: (unit, trial) of one session, NaN where a unit was not observed, or (session, unit, trial).
        regressors: name -> (trial,) or (session, trial). Trials in which anything is NaN are left out.
        turns: of one session's null at most.
        draws: of the null, each held against the rest of it.
        seed: of what is drawn for the null.

    Raises:
        Mistake: shapes that do not fit, too few trials, a regressor that does not vary or repeats others.
    """
    y = np.asarray(activity, float)
    if y.ndim == 2 and not (np.isfinite(y) == np.isfinite(y[:1])).all():
        return _each_on_its_trials(y, regressors, turns, draws, seed)
    names = tuple(regressors)
    x = np.stack([np.asarray(values, float) for values in regressors.values()], axis=-1)
    if y.ndim == 2:
        y, x = y[None], x[None]
    if y.ndim != 3 or x.ndim != 3 or (len(y), y.shape[2]) != x.shape[:2]:
        raise Mistake(f"activity {y.shape} (session, unit, trial) and regressors {x.shape[:2]} do not fit")
    whole = np.isfinite(x).all(axis=(0, 2)) & np.isfinite(y).all(axis=(0, 1))
    y, x = y[:, :, whole], x[:, whole]
    trials, size = x.shape[1], x.shape[2] + 1
    if trials < _fewest(regressors):
        raise Mistake(f"{trials} trials are too few to regress units on {size - 1} regressors")
    x = x - x.mean(axis=1, keepdims=True)
    if (np.linalg.matrix_rank(x) < size - 1).any():
        raise Mistake(f"one of {', '.join(names)} does not vary, or repeats the others")
    y = y - y.mean(axis=2, keepdims=True)
    generator = np.random.default_rng(seed)
    measured, null, explained = [], [], []
    for session, own in enumerate(y):
        t, share = _t(own, x[session][None], trials - size)
        measured.append(t[0])
        explained.append(share[0])
        others = _others(x, session, turns, generator)
        null.append(np.abs(_t(own, others, trials - size)[0]))
    p, null_p = [], []
    for t, drawn in zip(measured, null, strict=True):
        p.append((1 + (drawn >= np.abs(t)).sum(axis=0)) / (1 + len(drawn)))
        chosen = generator.choice(len(drawn), draws, replace=len(drawn) < draws)
        null_p.append(_share_as_large(drawn)[chosen])
    all_t, all_p, shares = (np.concatenate(part) for part in (measured, p, explained))
    return UnitCoding(names, all_t, all_p, shares, np.concatenate(null_p, axis=1))


def _share_as_large(drawn: Array) -> Array:
    """Share of the draws (draw, ...) that are not smaller than each: its p, itself the one that is added."""
    columns = drawn.reshape(len(drawn), -1).T
    smaller = [np.searchsorted(np.sort(column), column) for column in columns]
    return 1 - np.transpose(smaller).reshape(drawn.shape) / len(drawn)


def _fewest(regressors: Mapping[str, ArrayLike]) -> int:
    return len(regressors) + 1 + 2 * APART


def _each_on_its_trials(
    y: Array, regressors: Mapping[str, ArrayLike], turns: int, draws: int, seed: int
) -> UnitCoding:
    """Units of one session that were not observed in the same trials; NaN for one that was in too few."""
    size = len(regressors)
    t, p = np.full((2, len(y), size), np.nan)
    null_p = np.full((draws, len(y), size), np.nan)
    explained = np.full(len(y), np.nan)
    known = np.isfinite([np.asarray(values, float) for values in regressors.values()]).all(axis=0)
    seen = np.isfinite(y) & known
    masks, group = np.unique(seen, axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        if mask.sum() < _fewest(regressors):
            continue
        units = group == number
        part = {name: np.asarray(values, float)[mask] for name, values in regressors.items()}
        found = unit_coding(y[units][:, mask], part, turns=turns, draws=draws, seed=seed)
        t[units], p[units], null_p[:, units] = found.t, found.p, found.null_p
        explained[units] = found.explained
    if np.isnan(p).all():
        raise Mistake(f"no unit was observed in the {_fewest(regressors)} trials that a regression needs")
    return UnitCoding(tuple(regressors), t, p, explained, null_p)


def _others(x: Array, session: int, turns: int, generator: np.random.Generator) -> Array:
    """Behaviour without relation to the session, (null, trial, regressor)."""
    if len(x) > 1:
        return np.delete(x, session, axis=0)
    trials = x.shape[1]
    by = np.arange(APART, trials - APART)
    if len(by) > turns:
        by = generator.choice(by, turns, replace=False)
    return np.stack([np.roll(x[0], turn, axis=0) for turn in by])


def _t(y: Array, x: Array, freedom: int) -> tuple[Array, Array]:
    """t (behaviour, unit, regressor) and explained share (behaviour, unit) of centred data."""
    inverse = np.linalg.inv(np.swapaxes(x, 1, 2) @ x)
    push = y @ x
    b = push @ inverse
    total = (y**2).sum(axis=1)
    fitted = (b * push).sum(axis=2)
    noise = np.maximum(total - fitted, 1e-12 * total) / freedom
    with np.errstate(invalid="ignore", divide="ignore"):
        t = b / np.sqrt(noise[:, :, None] * np.einsum("sii->si", inverse)[:, None, :])
        return np.nan_to_num(t), np.nan_to_num(fitted / total)
