"""Fits of models of choice: likelihood, maximum likelihood and maximum a posteriori, errors, held-out trials.

    log L(x) = sum_t log P(choice_t | everything before, x)                                            (1)

over the choices that were made, of every stage. Its derivative is exact: the models' logits bring theirs
(duals.py). Fisher scoring climbs (1), minus the priors' quadratic where there are priors:

    x += (F + S^-1 + damping)^-1 (d log L - S^-1 (x - mu)),    F = sum_t sum_a P(a) g_a g_a^T - g g^T   (2)

with g_a = d logit_a and g its mean under P; the damping grows where a step fails (Levenberg, Marquardt). What
F lacks of the Hessian, much where a model is wrong, is learnt from the slopes on the way (symmetric updates
of rank one: Nocedal & Wright 2006, Numerical Optimization, sections 6.2 and 10.3; from memory).
Every subject climbs from the best few of many starts drawn from the prior. Standard errors are those of the
observed Hessian at the top, central differences of the exact gradient.

Held out: trials are dealt in short blocks into folds; values run over all trials, as the subject's did, but
only the choices of the other folds are fitted, and those of the fold are predicted. These fits climb from the
one to all trials.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from .choice_models import ChoiceModel, Coded
from .choices import Choices
from .duals import Dual

NEAR = 1e-4
"""A climb ends where the gain of a step, promised or made, is smaller (nats)."""
STEPS = 100
"""... or after so many steps."""
FOLDS = 4
"""Parts into which trials are dealt, by default."""
LARGEST = 200_000
"""Derivatives held at once, for the processor's cache; more rows are done one part after the other."""


@dataclass(frozen=True)
class Fit:
    """A model fitted to each subject."""

    model: ChoiceModel
    subjects: tuple[str, ...]
    x: Array
    """(subject, parameter), on the scale without bounds"""
    log_likelihood: Array
    """(subject,)"""
    information: Array
    """(subject, parameter, parameter), F + S^-1 of (2)"""
    precision: Array
    """of the prior (parameter, parameter), 0 for maximum likelihood"""
    count: Array
    """choices of each subject"""
    converged: NDArray[np.bool_]
    """(subject,)"""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.model.parameters)

    def __getitem__(self, name: str) -> Array:
        """Values of a parameter, (subject,)."""
        place = self.names.index(name)
        return np.asarray(self.model.parameters[place].value(self.x[:, place]))

    @property
    def aic(self) -> Array:
        """2 k - 2 log L of each subject (Akaike 1974)."""
        return 2 * self.x.shape[1] - 2 * self.log_likelihood


@dataclass(frozen=True)
class _Seen:
    """What a likelihood is of, row by row: a subject, or one of several starts of its fit."""

    coded: Coded
    counted: Array
    """1 where a choice counts, (row, trial)"""
    chosen: tuple[NDArray[np.int64], ...]
    """of each stage, (row, trial, 1)"""

    @classmethod
    def of(cls, choices: Choices, counted: NDArray[np.bool_] | None) -> _Seen:
        made = choices.made if counted is None else choices.made & counted
        stages = [choices.action]
        if choices.action2 is not None and choices.options2 > 1:
            stages.append(choices.action2)
        chosen = tuple(np.maximum(stage, 0)[:, :, None] for stage in stages)
        return cls(Coded.of(choices), made.astype(float), chosen)

    def take(self, rows: NDArray) -> _Seen:
        return _Seen(self.coded.take(rows), self.counted[rows], tuple(stage[rows] for stage in self.chosen))

    @property
    def count(self) -> Array:
        """Choices that count, (row,)."""
        return np.asarray(self.counted.sum(axis=1) * len(self.chosen))


def log_likelihood(
    model: ChoiceModel, x: Array, choices: Choices, counted: NDArray[np.bool_] | None = None
) -> Array:
    """Equation (1) of each subject at ``x`` (subject, parameter), over the trials ``counted``."""
    return _likelihood(model, x, _Seen.of(choices, counted))


def _likelihood(model: ChoiceModel, x: Array, seen: _Seen) -> Array:
    """Equation (1) of each row of ``x``, without derivatives."""
    total = np.zeros(len(x))
    for logits, chosen in zip(_logits(model, x, seen.coded, slopes=False), seen.chosen, strict=True):
        total += (_log_chosen(logits.value, chosen) * seen.counted).sum(axis=1)
    return total


def _logits(model: ChoiceModel, x: Array, coded: Coded, *, slopes: bool) -> tuple[Dual, ...]:
    """Logits of each stage at ``x`` (row, parameter), with their derivatives by x if ``slopes``."""
    theta = {}
    for place, parameter in enumerate(model.parameters):
        own = x[:, place, None, None]
        parts = {parameter.name: parameter.slope(own)} if slopes else {}
        theta[parameter.name] = Dual(parameter.value(own), parts)
    return model.logits(theta, coded)


def weak_prior(model: ChoiceModel) -> tuple[Array, Array]:
    """Mean and precision (parameter,) of the weak priors of a model's parameters."""
    spread = np.array([parameter.sd for parameter in model.parameters])
    return np.array([parameter.mean for parameter in model.parameters]), spread**-2.0


def fit(
    model: ChoiceModel,
    choices: Choices,
    *,
    prior: tuple[Array, Array] | Literal["weak"] | None = "weak",
    counted: NDArray[np.bool_] | None = None,
    starts: int = 24,
    climbs: int = 2,
    first: Array | None = None,
    near: float = NEAR,
    seed: int = 0,
) -> Fit:
    """The most probable parameters of each subject.

    Args:
        prior: mean and precision (parameter,) or (parameter, parameter) on the scale without bounds, "weak"
            for those of the parameters, None for maximum likelihood (within the parameters' reach).
        counted: (subject, trial) of the trials whose choices count; None: all.
        starts, climbs: points drawn from the weak prior, and how many of the best are climbed from.
        first: a start (subject, parameter) to climb from, in place of these.
        near: a climb ends where it gains less (nats).
        seed: of the starts.

    Raises:
        Mistake: a subject has no choice that counts.
    """
    many, size = len(choices.subjects), len(model.parameters)
    seen = _Seen.of(choices, counted)
    count = seen.count
    if (count == 0).any():
        raise Mistake(f"subject {choices.subjects[int(np.argmin(count))]} made no choice")
    if size == 0:
        value = _likelihood(model, np.zeros((many, 0)), seen)
        empty = np.zeros((many, 0))
        none = np.zeros((0, 0))
        return Fit(model, choices.subjects, empty, value, np.zeros((many, 0, 0)), none, count, count > 0)
    centre, weak = weak_prior(model)
    if prior == "weak":
        prior = centre, weak
    mean, precision = (np.zeros(size), np.zeros(size)) if prior is None else prior
    precision = np.diag(precision) if precision.ndim == 1 else precision
    if first is not None:
        begin = first[None]
    else:
        own = [one.standard_normal((starts, size)) for one in choices.generators(seed)]
        drawn = centre + weak**-0.5 * np.stack(own, axis=1)
        value = np.array([_likelihood(model, x, seen) for x in drawn])
        value -= 0.5 * np.einsum("smi,ij,smj->sm", drawn - mean, precision, drawn - mean)
        best = np.argsort(-value, axis=0)[:climbs]
        begin = np.take_along_axis(drawn, best[:, :, None], axis=0)
    rows = np.tile(np.arange(many), len(begin))
    x, value, information, done = _climb(model, begin.reshape(-1, size), rows, seen, mean, precision, near)
    top = value.reshape(len(begin), many).argmax(axis=0) * many + np.arange(many)
    x, information = x[top], information[top]
    return Fit(
        model,
        choices.subjects,
        x,
        _likelihood(model, x, seen),
        information,
        precision,
        count,
        done[top],
    )


def _climb(
    model: ChoiceModel,
    x: Array,
    rows: NDArray,
    seen: _Seen,
    mean: Array,
    precision: Array,
    near: float = NEAR,
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Fisher scoring (2) from each row of ``x``, side by side; rows that have arrived are left out."""
    centre = np.array([parameter.mean for parameter in model.parameters])
    reach = np.array([parameter.reach for parameter in model.parameters])
    low, high = centre - reach, centre + reach
    x = np.clip(x, low, high)
    damping = np.full(len(x), 1e-2)
    value, slope, information = _value_and_slope(model, x, rows, seen, mean, precision)
    bend = np.zeros_like(information)
    active = np.ones(len(x), bool)
    for _ in range(STEPS):
        at = np.flatnonzero(active)
        if not len(at):
            break
        free = ~(((x[at] <= low) & (slope[at] < 0)) | ((x[at] >= high) & (slope[at] > 0)))
        push = slope[at] * free
        step = _step(information[at] + bend[at], push, free, damping[at])
        down = ~(np.einsum("ri,ri->r", push, step) > 0)
        if down.any():
            bend[at[down]] = 0
            step[down] = _step(information[at[down]], push[down], free[down], damping[at[down]])
        step *= np.minimum(1, 3 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        trial = np.clip(x[at] + step, low, high)
        step = trial - x[at]
        promised = np.einsum("ri,ri->r", push, step)
        new = _value_and_slope(model, trial, rows[at], seen, mean, precision)
        bend[at] += _learnt(step, slope[at] - new[1], new[2] + bend[at])
        gained = new[0] - value[at]
        better = gained >= 0
        taken = at[better]
        x[taken], value[taken] = trial[better], new[0][better]
        slope[taken], information[taken] = new[1][better], new[2][better]
        damping[at] = np.where(better, damping[at] / 10, damping[at] * 10)
        active[at[(promised < near) | (better & (gained < near))]] = False
    return x, value, information, ~active


def _step(matrix: Array, push: Array, free: NDArray[np.bool_], damping: Array) -> Array:
    """The damped step (2) of each row, along the parameters that are free."""
    matrix = matrix * (free[:, :, None] & free[:, None, :])
    diagonal = np.einsum("rii->ri", matrix)
    diagonal += damping[:, None] * (np.abs(diagonal) + 1e-3) + ~free
    return np.asarray(np.linalg.solve(matrix, push[:, :, None])[:, :, 0])


def _learnt(step: Array, fall: Array, matrix: Array) -> Array:
    """What a step along which the slope fell by ``fall`` adds to the matrix: of rank one, symmetric (SR1)."""
    left = fall - np.einsum("rij,rj->ri", matrix, step)
    along = np.einsum("ri,ri->r", left, step)
    sure = np.abs(along) > 1e-6 * np.linalg.norm(left, axis=1) * np.linalg.norm(step, axis=1)
    share = sure / np.where(sure, along, 1)
    return np.asarray(share[:, None, None] * left[:, :, None] * left[:, None, :])


def _value_and_slope(
    model: ChoiceModel,
    x: Array,
    rows: NDArray,
    seen: _Seen,
    mean: Array,
    precision: Array,
) -> tuple[Array, Array, Array]:
    """Log posterior (row,), its gradient (row, parameter) and information (row, parameter, parameter).

    ``rows`` numbers the row of ``seen`` that each row of ``x`` is of.
    """
    size, each = x.shape[1], x.shape[1] * seen.counted.shape[1] * seen.coded.action.shape[2]
    most = max(1, LARGEST // each)
    if len(x) > most:
        parts = [
            _value_and_slope(model, x[at : at + most], rows[at : at + most], seen, mean, precision)
            for at in range(0, len(x), most)
        ]
        value, slope, information = (np.concatenate(part) for part in zip(*parts, strict=True))
        return value, slope, information
    own = seen.take(rows)
    off = x - mean
    value = -0.5 * np.einsum("ri,ij,rj->r", off, precision, off)
    slope, information = -off @ precision, np.tile(precision, (len(x), 1, 1))
    for logits, chosen in zip(_logits(model, x, own.coded, slopes=True), own.chosen, strict=True):
        options = range(logits.value.shape[2])
        if len(options) == 2:  # the difference of the two is all that counts
            sign, odds = _of_two(logits.value, chosen)
            value -= (np.log1p(odds) * own.counted).sum(axis=1)
            other = odds / (1 + odds)
            missed = sign * other * own.counted
            weight = np.sqrt(other * (1 - other) * own.counted)
        else:
            log_p = _log_softmax(logits.value)
            value += (_of(chosen, log_p) * own.counted).sum(axis=1)
            ratio = np.exp(log_p)
            missed = ((chosen == np.array(options)) - ratio) * own.counted[:, :, None]
            weight = np.sqrt(ratio * own.counted[:, :, None])
        flat = np.zeros((len(x), size, weight[0].size))
        for place, parameter in enumerate(model.parameters):
            if parameter.name in logits.parts:
                part = np.broadcast_to(logits.parts[parameter.name], logits.value.shape)
                if len(options) == 2:
                    part = part[:, :, 1] - part[:, :, 0]
                else:
                    part = part - sum(part[:, :, k] * ratio[:, :, k] for k in options)[:, :, None]
                slope[:, place] += (part * missed).reshape(len(x), -1).sum(axis=1)
                flat[:, place] = (part * weight).reshape(len(x), -1)
        information += flat @ flat.transpose(0, 2, 1)
    return value, slope, information


def _log_softmax(logits: Array) -> Array:
    options = range(logits.shape[-1])
    top = logits - functools.reduce(np.maximum, (logits[..., k] for k in options))[..., None]
    height = np.exp(top)
    return np.asarray(top - np.log(sum(height[..., k] for k in options))[..., None])


def _of_two(logits: Array, chosen: NDArray[np.int64]) -> tuple[Array, Array]:
    """+1 where the second of two options was chosen, else -1, and the odds of the other; (row, trial)."""
    sign = np.asarray(2.0 * chosen[:, :, 0] - 1, float)
    return sign, np.exp(sign * (logits[:, :, 0] - logits[:, :, 1]))


def _log_chosen(logits: Array, chosen: NDArray[np.int64]) -> Array:
    """Log probability of what was chosen, (row, trial)."""
    if logits.shape[2] == 2:
        return np.asarray(-np.log1p(_of_two(logits, chosen)[1]))
    return _of(chosen, _log_softmax(logits))


def _of(chosen: NDArray[np.int64], table: Array) -> Array:
    """``table`` (row, trial, option) at the option chosen, (row, trial)."""
    return np.asarray(np.take_along_axis(table, chosen, axis=2)[:, :, 0])


def decision_values(found: Fit, choices: Choices) -> Array:
    """Logit of option 1 less that of option 0 before each first choice, at each fit: (subject, trial).

    Raises:
        Mistake: there are not two options.
    """
    if choices.options != 2:
        raise Mistake(f"decision values are of two options, not {choices.options}")
    logits = _logits(found.model, found.x, Coded.of(choices), slopes=False)[0].value
    return np.asarray(logits[:, :, 1] - logits[:, :, 0])


def standard_errors(found: Fit, choices: Choices, step: float = 1e-4) -> Array:
    """Of the parameters' values (subject, parameter): the observed Hessian at the top, the prior's included.

    NaN where the top is none: at the end of a parameter's reach, or where the Hessian is not definite.
    """
    size = found.x.shape[1]
    rows, seen = np.arange(len(found.subjects)), _Seen.of(choices, None)
    hessian = np.empty((len(rows), size, size))
    for place in range(size):
        shift = step * np.eye(size)[place]
        up, down = (
            _value_and_slope(
                found.model,
                found.x + sign * shift,
                rows,
                seen,
                np.zeros(size),
                np.zeros((size, size)),
            )[1]
            for sign in (1, -1)
        )
        hessian[:, place] = (down - up) / (2 * step)
    hessian = (hessian + hessian.transpose(0, 2, 1)) / 2 + found.precision
    definite = np.linalg.eigvalsh(hessian)[:, 0] > 0
    covariance = np.linalg.inv(np.where(definite[:, None, None], hessian, np.eye(size)))
    variance = np.where(definite[:, None], np.einsum("rii->ri", covariance), np.nan)
    slopes = np.stack([p.slope(found.x[:, k]) for k, p in enumerate(found.model.parameters)], axis=1)
    centre, reach = (
        np.array([getattr(p, name) for p in found.model.parameters]) for name in ("mean", "reach")
    )
    inside = np.abs(found.x - centre) < reach - step
    return np.where(inside, np.sqrt(variance) * slopes, np.nan)


@dataclass(frozen=True)
class HeldOut:
    """A model on held-out trials."""

    score: Array
    """mean log likelihood per choice, (subject,)"""
    whole: Fit
    """fitted to all trials"""
    early: NDArray[np.bool_]
    """whether one of a subject's fits stopped before it stood, (subject,)"""


def held_out(model: ChoiceModel, choices: Choices, **how: Any) -> Array:
    """Mean log likelihood per choice of held-out trials, (subject,); arguments as of `scored`."""
    return scored(model, choices, **how).score


def scored(
    model: ChoiceModel,
    choices: Choices,
    *,
    folds: int = FOLDS,
    block: int = 10,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    near: float = NEAR,
    **how: Any,
) -> HeldOut:
    """A model on trials that it was not fitted to; fitted with the weak priors.

    Args:
        folds, block: blocks of so many trials are dealt at random to the folds, evenly; shorter blocks where
            a subject made too few trials.
        seed: of dealing and starts. Models that are compared are dealt alike.
        progress: told the fraction done.
        near, how: as of `fit`: when a climb ends, starts and climbs of the fit to all trials.

    Raises:
        Mistake: a subject made fewer trials than there are folds.
    """
    dealt = _dealt(choices, folds, block, seed)
    whole = fit(model, choices, seed=seed, near=near, **how)
    if progress is not None:
        progress(0.5)
    many, fold = len(choices.subjects), np.arange(folds)[:, None, None]
    rows = np.tile(np.arange(many), folds)
    seen = _Seen.of(choices, None).take(rows)
    tested = ((dealt == fold) & choices.made).reshape(len(rows), -1)
    x, done = whole.x[rows], np.ones(len(rows), bool)
    if x.shape[1]:
        fitted = replace(seen, counted=seen.counted * ~tested)
        mean, precision = weak_prior(model)
        x, _, _, done = _climb(model, x, np.arange(len(rows)), fitted, mean, np.diag(precision), near)
    total = _likelihood(model, x, replace(seen, counted=tested.astype(float)))
    score = np.asarray(total.reshape(folds, many).sum(axis=0) / whole.count)
    return HeldOut(score, whole, ~(whole.converged & done.reshape(folds, many).all(axis=0)))


def _dealt(choices: Choices, folds: int, block: int, seed: int) -> NDArray[np.int64]:
    """The fold of each trial, (subject, trial)."""
    dealt = np.zeros(choices.action.shape, int)
    for subject, (made, generator) in enumerate(zip(choices.made, choices.generators(seed), strict=True)):
        count = int(made.sum())
        if count < folds:
            raise Mistake(f"subject {choices.subjects[subject]} made {count} trials, {folds} are needed")
        length = min(block, count // folds)
        number = np.arange(count) // length
        dealt[subject, made] = generator.permutation(np.arange(number[-1] + 1) % folds)[number]
    return dealt
