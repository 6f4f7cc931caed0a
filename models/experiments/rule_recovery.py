"""Which rule was it? Subjects whose rule is known, and what a fit of their choices says of it.

Recovery: learners with coefficients drawn from the weak prior live many trials of a reversal bandit; the fit
is to give the coefficients back. Coverage: many data sets of few trials, their coefficients drawn from the
very prior of the fit, so that a 90 % interval must hold the truth in 90 % of them and the truth's rank in its
posterior must be even (simulation-based calibration, Talts et al. 2018, arXiv:1804.06788): for Laplace's
posterior, whose intervals are too narrow at so few trials, and for intervals as wide as half of the data sets
say, judged on the other half. Null: the same fits beside another learner's coefficients.

``free`` leaves out ``rest`` and ``repeat_rate``, which a fit of subjects frees too. A few learners say
little of their coefficients, and cost r more than all others; more starts do not help.

Confusion: learners of six kinds, each fitted by all six; the kind with the most evidence,

    log Z = log L(x) + log N(x; prior) + d/2 log 2 pi - log |F + S^-1|/2                              (1)

(Laplace's approximation, as of Kass & Raftery 1995, doi:10.1080/01621459.1995.10476572) is what is said. The
Bayes observer stands outside the family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.behaviour.bayes_observer import BayesObserver, observed
from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import kept_parts
from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...analysis.statistics.empirical_bayes import Fitted, Objective, fit
from ...plasticity.inference.coefficients import FREE, POINTS, Chart
from ...plasticity.inference.likelihood import Likelihood
from ...plasticity.inference.simulate import World, observe, play
from ...plasticity.inference.study import agreement, calibrated
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

KINDS = ("Q", "Q, forgetting", "RFLR", "REINFORCE", "Bayes observer", "family")
Parts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    free: tuple[str, ...] = tuple(name for name in FREE if name not in ("rest", "repeat_rate"))
    """coefficients that are to come back"""
    learners: int = 40
    """whose coefficients are to come back"""
    trials: int = 5000
    """of each, in sessions"""
    sessions: int = 25
    """of each"""
    data_sets: int = 240
    """of the coverage"""
    data_trials: int = 300
    """of each"""
    of_each: int = 10
    """learners of each kind of the confusion"""
    hazard: float = 0.05
    """probability of a reversal per trial"""
    high: float = 0.8
    """probability of a reward from the good arm"""
    low: float = 0.2
    """from the other"""

    def __post_init__(self) -> None:
        if self.trials % self.sessions or min(self.learners, self.data_sets) < 3:
            raise Mistake("rule_recovery: trials must divide by the sessions; at least three learners")


PRESETS = {
    "quick": Config(),
    "paper": Config(learners=200, data_sets=1000, data_trials=1000, of_each=50),
}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Simulate learners and fit them.

    Returns:
        ``true`` and ``found`` (coefficient, learner) on the scale without bounds; ``r``, ``r_null``,
        ``coverage``, ``coverage_null``, ``laplace`` (coefficient,); ``rank`` (coefficient, data set), the
        truth's place in its posterior, 0 to 1; ``evidence`` (kind, learner of that kind, fitted), of (1).
    """
    import xarray as xr

    work: list[tuple[str, float, Callable[[Config, int], Parts]]] = [
        ("recovery", 0.35, _recovery),
        ("coverage", 0.25, _coverage),
        ("confusion", 0.4, _confusion),
    ]
    found: Parts = {}
    done = 0.0
    for name, share, make in work:
        if progress is not None:
            progress(done, name)
        file = folder / f"{name}.npz" if folder is not None else None
        part = kept_parts.read(file) if file is not None else None
        if part is None:
            part = make(config, stream(seed, name))
            if file is not None:
                kept_parts.write(file, part)
        found |= part
        done += share
    dims = {
        "true": ("coefficient", "learner"),
        "found": ("coefficient", "learner"),
        "r": ("coefficient",),
        "r_null": ("coefficient",),
        "coverage": ("coefficient",),
        "coverage_null": ("coefficient",),
        "laplace": ("coefficient",),
        "rank": ("coefficient", "data_set"),
        "evidence": ("kind", "learner_of_kind", "fitted"),
    }
    result = xr.Dataset(
        {name: (axes, found[name]) for name, axes in dims.items()},
        coords={
            "coefficient": [p.name for p in Chart(config.free).parameters(2)],
            "kind": list(KINDS),
            "fitted": list(KINDS),
        },
    )
    return with_units(result, evidence="nat")


def drawn(chart: Chart, number: int, seed: int, arms: int = 2) -> np.ndarray:
    """Coefficients (number, coefficient) from the weak prior, within a fit's reach."""
    generator = np.random.default_rng(seed)
    columns = [
        np.clip(p.mean + p.sd * generator.standard_normal(number), p.mean - p.reach, p.mean + p.reach)
        for p in chart.parameters(arms)
    ]
    return np.stack(columns, axis=1)


def _world(config: Config, trials: int, sessions: int = 1) -> World:
    return World(2, config.high, config.low, config.hazard, trials // sessions, sessions)


def _recovery(config: Config, seed: int) -> Parts:
    chart = Chart(config.free)
    x = drawn(chart, config.learners, seed)
    world = _world(config, config.trials, config.sessions)
    found = fit(Likelihood(chart, play(chart, x, world, stream(seed, "play"))), prior="weak", seed=seed)
    r, _ = agreement(x, found)
    null, _ = agreement(np.roll(x, 1, axis=0), found)
    return {"true": x.T, "found": found.x.T, "r": r, "r_null": null}


def _coverage(config: Config, seed: int) -> Parts:
    from scipy.stats import norm

    chart = Chart(config.free)
    x = drawn(chart, config.data_sets, seed)
    choices = play(chart, x, _world(config, config.data_trials), stream(seed, "play"))
    found = fit(Likelihood(chart, choices), prior="weak", seed=seed)
    _, laplace = agreement(x, found)
    width, coverage = calibrated(x, found)
    null = (np.abs(np.roll(x, 1, axis=0) - found.x) <= width * found.errors).mean(axis=0)
    rank = np.asarray(norm.cdf((x - found.x) / found.errors)).T
    return {"coverage": coverage, "coverage_null": null, "laplace": laplace, "rank": rank}


def _confusion(config: Config, seed: int) -> Parts:
    world = _world(config, config.trials, config.sessions)
    evidence = np.empty((len(KINDS), config.of_each, len(KINDS)))
    for row, kind in enumerate(KINDS):
        choices = _of_kind(kind, config.of_each, world, stream(seed, kind))
        for column, fitted in enumerate(KINDS):
            objective = objective_of(fitted, choices)
            evidence[row, :, column] = log_evidence(
                fit(objective, prior="weak", starts=1, climbs=1, seed=seed)
            )
    return {"evidence": evidence}


def _of_kind(kind: str, number: int, world: World, seed: int) -> Choices:
    if kind != "Bayes observer":
        return play(POINTS[kind], drawn(POINTS[kind], number, seed), world, stream(seed, "play"))
    generator = np.random.default_rng(seed)
    x = np.stack([p.mean + p.sd * generator.standard_normal(number) for p in observed(2)], axis=1)
    return observe(x, world, stream(seed, "play"))


def objective_of(kind: str, choices: Choices) -> Objective:
    """What is fitted to tell whether the subjects are of a kind."""
    return BayesObserver(choices) if kind == "Bayes observer" else Likelihood(POINTS[kind], choices)


def log_evidence(found: Fitted) -> np.ndarray:
    """Equation (1) of each subject."""
    off = (found.x - found.prior.mean) ** 2 / found.prior.variance
    prior = -0.5 * (off + np.log(2 * np.pi * found.prior.variance)).sum(axis=1)
    volume = 0.5 * found.x.shape[1] * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(found.information)[1]
    return np.asarray(found.value + prior + volume)
