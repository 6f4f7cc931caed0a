"""Coefficients of many subjects: the most probable, under a prior that is given or learned from all of them.

    x_s = argmax log L_s(x) - (x - mu)^T S^-1 (x - mu)/2                                              (1)

by Fisher scoring with damping (Levenberg, Marquardt), all subjects side by side. Empirical Bayes repeats (1)
and, with the posterior of each subject taken for normal about its top, N(x_s, C_s), C_s = (F_s + S^-1)^-1,

    mu = mean of x_s,      S = diag of mean of (x_s - mu)(x_s - mu)^T + C_s                            (2)

until mu and S stand still: expectation and maximisation by Laplace's approximation (Huys et al. 2011,
doi:10.1371/journal.pcbi.1002028, from memory). ``KNOWN`` subjects with the weak prior's mean and variance are
counted among the others in (2), so that few subjects cannot make a prior without width. One subject alone has
no population: then the weak prior holds.

What is held out is foretold by the whole posterior, not by its top, which has learned by heart what few
trials happened to say:

    log P(held out) = log mean_d L_s(x_d; held out),      x_d ~ N(x_s, C_s),   d = 1 .. DRAWS         (3)

What so many subjects leave open of mu and S is that of as many values as they tell, t_s = 1 - C_s/S:

    S' = S nu/chi^2(nu), nu = KNOWN + sum t_s^2;      mu' ~ N(mu, S'/(KNOWN + sum t_s))                 (4)

(the posterior of a variance and a mean, Gelman et al. 2013, Bayesian Data Analysis, 3.2, from memory; the sum
of t_s^2 is twice the information of log S). A bootstrap from such populations instead of the one that was
found is that of Laird & Louis 1987 (doi:10.1080/01621459.1987.10478490, from memory).

An `Objective` is log L with its gradient and Fisher information, on a scale without bounds; it knows nothing
of priors. Whatever is compared, a rule or a regression, is fitted by this one file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake

Prior = Literal["population", "weak"]

NEAR = 1e-3
"""A climb ends where the gain of a step, promised or made, is smaller (nats)."""
STEPS = 60
"""... or after so many steps."""
HARD = 1e5
"""... or at a damping beyond which no step is better."""
FEW = 2
"""Steps of each round of (2), after which the population is looked at again."""
ROUNDS, STILL = 40, 0.05
"""Of (2): at most so many, and until mu (standard deviations) and log S move by less than this."""
KNOWN = 2.0
DRAWS = 32


class Coefficient(Protocol):
    """What is fitted: its weak prior on the scale without bounds, how far from its mean a fit may go, and its
    value there."""

    @property
    def name(self) -> str: ...
    @property
    def mean(self) -> float: ...
    @property
    def sd(self) -> float: ...
    @property
    def reach(self) -> float: ...
    def value(self, x: Array) -> Array: ...


class Objective(Protocol):
    """log L of each subject."""

    @property
    def parameters(self) -> tuple[Coefficient, ...]: ...

    @property
    def subjects(self) -> int: ...

    def value(self, x: Array, who: NDArray, counted: NDArray | None = None) -> Array:
        """log L (row,) at ``x`` (row, coefficient) of the subjects ``who``, over the trials ``counted``."""

    def evaluate(self, x: Array, who: NDArray, counted: NDArray | None = None) -> tuple[Array, Array, Array]:
        """log L (row,), gradient (row, coefficient), Fisher information (row, coefficient, coefficient)."""


@dataclass(frozen=True)
class Together:
    """The sum of log L of several objectives of the same subjects, which share no coefficient."""

    parts: tuple[Objective, ...]

    @property
    def parameters(self) -> tuple[Coefficient, ...]:
        return tuple(one for part in self.parts for one in part.parameters)

    @property
    def subjects(self) -> int:
        return self.parts[0].subjects

    def _each(self) -> list[tuple[Objective, slice]]:
        ends = np.cumsum([len(part.parameters) for part in self.parts]).tolist()
        return [(part, slice(a, b)) for part, a, b in zip(self.parts, [0, *ends], ends, strict=False)]

    def value(self, x: Array, who: NDArray, counted: NDArray | None = None) -> Array:
        return np.asarray(sum(part.value(x[:, own], who, counted) for part, own in self._each()))

    def evaluate(self, x: Array, who: NDArray, counted: NDArray | None = None) -> tuple[Array, Array, Array]:
        value, slope = np.zeros(len(x)), np.zeros(x.shape)
        information = np.zeros((*x.shape, x.shape[1]))
        for part, own in self._each():
            found = part.evaluate(x[:, own], who, counted)
            value += found[0]
            slope[:, own], information[:, own, own] = found[1:]
        return value, slope, information


@dataclass(frozen=True)
class Normal:
    """A normal prior with independent coefficients, (coefficient,)."""

    mean: Array
    variance: Array


@dataclass(frozen=True)
class Fitted:
    """The most probable coefficients of each subject."""

    x: Array
    """(subject, coefficient)"""
    information: Array
    """F + S^-1 there, (subject, coefficient, coefficient)"""
    value: Array
    """log L without the prior, (subject,)"""
    prior: Normal
    converged: NDArray[np.bool_]
    """(subject,)"""
    rounds: int = 0
    """of (2)"""

    @classmethod
    def together(cls, parts: Sequence[Fitted]) -> Fitted:
        """Subjects of several fits, one after another; the prior is that of the first."""
        return cls(
            np.concatenate([one.x for one in parts]),
            np.concatenate([one.information for one in parts]),
            np.concatenate([one.value for one in parts]),
            parts[0].prior,
            np.concatenate([one.converged for one in parts]),
        )

    @property
    def covariance(self) -> Array:
        """C of each subject (subject, coefficient, coefficient)."""
        return np.asarray(np.linalg.inv(self.information))

    @property
    def told(self) -> Array:
        """How much of the prior's variance is gone, 0 to 1, (subject, coefficient)."""
        return np.asarray(np.clip(1 - self.errors**2 / self.prior.variance, 0, 1))

    def redrawn(self, generator: np.random.Generator) -> Normal:
        """A population from which these subjects may as well have come: equation (4)."""
        squares, means = KNOWN + (self.told**2).sum(axis=0), KNOWN + self.told.sum(axis=0)
        variance = self.prior.variance * squares / generator.chisquare(squares)
        off = np.sqrt(variance / means) * generator.standard_normal(len(variance))
        return Normal(self.prior.mean + off, variance)

    @property
    def root(self) -> Array:
        """A root of C (subject, coefficient, coefficient), also where coefficients say nearly the same:
        F only adds to the prior's S^-1, so that no direction is wider than the widest prior."""
        value, axes = np.linalg.eigh(self.information)
        return axes / np.sqrt(np.maximum(value, 1 / self.prior.variance.max()))[:, None, :]

    @property
    def errors(self) -> Array:
        """Posterior standard deviation on the scale without bounds, (subject, coefficient)."""
        return np.sqrt(np.einsum("sii->si", self.covariance))


def weak(objective: Objective) -> Normal:
    """The weak prior of an objective's coefficients."""
    parameters = objective.parameters
    return Normal(np.array([p.mean for p in parameters]), np.array([p.sd for p in parameters]) ** 2)


def fit(
    objective: Objective,
    *,
    prior: Prior | Normal = "population",
    counted: NDArray | None = None,
    first: Array | None = None,
    starts: int = 8,
    climbs: int = 2,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Fitted:
    """Fit each subject.

    Args:
        prior: "population" learns it from all subjects by (2), "weak" is that of the coefficients.
        counted: trials whose choices count, as the objective has them; None: all.
        first: where to begin (subject, coefficient); else the best ``climbs`` of ``starts`` points, one the
            prior's mean, the others drawn from it with ``seed``, are climbed from.
        progress: told the fraction done.

    Raises:
        Mistake: no subject, a prior that there is not.
    """
    if objective.subjects < 1:
        raise Mistake("there is no subject to fit")
    if not isinstance(prior, Normal) and prior not in ("population", "weak"):
        raise Mistake(f"the prior is population or weak, not '{prior}'")
    common = prior if isinstance(prior, Normal) else weak(objective)
    everyone = np.arange(objective.subjects)
    if first is None:
        first = _starts(objective, common, counted, starts, climbs, seed)
        rows = np.tile(everyone, len(first))
        climbed = _climb(_Tops.at(objective, first.reshape(len(rows), -1), rows, counted), common)
        top = climbed.posterior(common).reshape(len(first), -1).argmax(axis=0) * len(everyone) + everyone
        found = climbed.take(top)
    else:
        found = _climb(_Tops.at(objective, first, everyone, counted), common)
    rounds = 0
    if prior == "population" and objective.subjects > 1:
        base = common
        for rounds in range(1, ROUNDS + 1):
            new = _population(found.x, found.information + np.diag(1 / common.variance), base)
            moved = np.abs(new.mean - common.mean) / np.sqrt(new.variance)
            grown = np.abs(np.log(new.variance / common.variance))
            common = new
            if progress is not None:
                progress(rounds / ROUNDS)
            found = _climb(found, common, FEW)
            if max(moved.max(initial=0), grown.max(initial=0)) < STILL:
                break
        found = _climb(found, common)
    information = found.information + np.diag(1 / common.variance)
    return Fitted(found.x, information, found.value, common, found.arrived, rounds)


def held_out(
    objective: Objective,
    fold: NDArray,
    folds: int,
    *,
    prior: Prior | Normal = "population",
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Array:
    """Equation (3) of each subject (subject,), over all parts: the sum of `held_out_parts`."""
    found = held_out_parts(objective, fold, folds, prior=prior, seed=seed, progress=progress)
    return np.asarray(found.sum(axis=0))


def held_out_parts(
    objective: Objective,
    fold: NDArray,
    folds: int,
    *,
    prior: Prior | Normal = "population",
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Array:
    """Equation (3) of each part and subject (part, subject); the prior, too, is learned without the part.

    Args:
        fold: in which part each trial is held out, as the objective has trials.
        folds: number of parts.
        seed: of starts and draws.

    Raises:
        Mistake: a part in which nothing is held out, or everything.
    """
    nats, first = np.zeros((folds, objective.subjects)), None
    everyone = np.arange(objective.subjects)
    generator = np.random.default_rng(seed)
    if len(np.unique(fold)) < folds or folds < 2:
        raise Mistake(f"{folds} parts cannot be held out of {len(np.unique(fold))}")
    for part in range(folds):
        found = fit(objective, prior=prior, counted=fold != part, first=first, seed=seed)
        first = found.x if first is None else first
        root = found.root
        drawn = generator.standard_normal((DRAWS, *found.x.shape))
        values = [
            objective.value(found.x + np.einsum("sij,sj->si", root, noise), everyone, fold == part)
            for noise in drawn
        ]
        top = np.max(values, axis=0)
        nats[part] = top + np.log(np.exp(values - top).mean(axis=0))
        if progress is not None:
            progress((part + 1) / folds)
    return nats


def _population(x: Array, information: Array, base: Normal) -> Normal:
    """Equation (2)."""
    spread = np.einsum("sii->si", np.linalg.inv(information))
    many = len(x) + KNOWN
    mean = (x.sum(axis=0) + KNOWN * base.mean) / many
    square = ((x - mean) ** 2 + spread).sum(axis=0) + KNOWN * ((base.mean - mean) ** 2 + base.variance)
    return Normal(mean, square / many)


def _starts(
    objective: Objective, prior: Normal, counted: NDArray | None, starts: int, climbs: int, seed: int
) -> Array:
    """(climb, subject, coefficient): the prior's mean, and the best of those that were drawn."""
    many, size = objective.subjects, len(prior.mean)
    centre = np.tile(prior.mean, (1, many, 1))
    if climbs < 2 or starts < climbs:
        return centre
    generator = np.random.default_rng(seed)
    drawn = prior.mean + np.sqrt(prior.variance) * generator.standard_normal((starts, many, size))
    value = np.array([objective.value(x, np.arange(many), counted) for x in drawn])
    value -= 0.5 * ((drawn - prior.mean) ** 2 / prior.variance).sum(axis=-1)
    best = np.argsort(-value, axis=0)[: climbs - 1]
    return np.concatenate([centre, np.take_along_axis(drawn, best[:, :, None], axis=0)])


@dataclass
class _Tops:
    """Where climbs have come to, row by row, with log L, its gradient and information there."""

    objective: Objective
    counted: NDArray | None
    rows: NDArray
    x: Array
    value: Array
    slope: Array
    information: Array
    arrived: NDArray[np.bool_]

    @classmethod
    def at(cls, objective: Objective, x: Array, rows: NDArray, counted: NDArray | None) -> _Tops:
        mean = np.array([p.mean for p in objective.parameters])
        reach = np.array([p.reach for p in objective.parameters])
        x = np.clip(x, mean - reach, mean + reach)
        return cls(objective, counted, rows, x, *objective.evaluate(x, rows, counted), np.zeros(len(x), bool))

    def take(self, rows: NDArray) -> _Tops:
        parts = (self.rows, self.x, self.value, self.slope, self.information, self.arrived)
        return _Tops(self.objective, self.counted, *(part[rows] for part in parts))

    def posterior(self, prior: Normal) -> Array:
        return self.value + _log_prior(self.x, prior)


def _log_prior(x: Array, prior: Normal) -> Array:
    return np.asarray(-0.5 * ((x - prior.mean) ** 2 / prior.variance).sum(axis=-1))


def _climb(found: _Tops, prior: Normal, steps: int = STEPS) -> _Tops:
    """Fisher scoring (1) from where the rows of ``found`` are, which are moved."""
    mean = np.array([p.mean for p in found.objective.parameters])
    reach = np.array([p.reach for p in found.objective.parameters])
    low, high = mean - reach, mean + reach
    precision = np.diag(1 / prior.variance)
    damping = np.full(len(found.x), 1e-3)
    active = np.ones(len(found.x), bool)
    for _ in range(steps):
        at = np.flatnonzero(active)
        x = found.x[at]
        slope = found.slope[at] - (x - prior.mean) / prior.variance
        free = ~(((x <= low) & (slope < 0)) | ((x >= high) & (slope > 0)))
        push = slope * free
        matrix = (found.information[at] + precision) * (free[:, :, None] & free[:, None, :])
        diagonal = np.einsum("rii->ri", matrix)
        diagonal += damping[at][:, None] * np.abs(diagonal) + ~free
        step = np.linalg.solve(matrix, push[:, :, None])[:, :, 0]
        step *= np.minimum(1, 3 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        there = np.clip(x + step, low, high)
        goes = np.einsum("ri,ri->r", push, there - x) >= NEAR
        active[at[~goes]] = False
        at, there = at[goes], there[goes]
        if not len(at):
            break
        new = found.objective.evaluate(there, found.rows[at], found.counted)
        before = found.value[at] + _log_prior(found.x[at], prior)
        gained = new[0] + _log_prior(there, prior) - before
        better = gained >= 0
        taken = at[better]
        for table, part in zip(
            (found.x, found.value, found.slope, found.information), (there, *new), strict=True
        ):
            table[taken] = part[better]
        damping[at] = np.where(better, damping[at] / 10, np.maximum(damping[at] * 10, 1e-2))
        active[at[(better & (gained < NEAR)) | (damping[at] > HARD)]] = False
    found.arrived = ~active
    return found
