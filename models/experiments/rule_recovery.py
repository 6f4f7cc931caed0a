"""Which rule was it? Subjects whose rule is known, and what a fit of their choices says of it.

Recovery: learners whose coefficients are drawn from the population of people
(`plasticity/inference/populations.py`) live many trials of a reversal bandit; the fit, which learns the prior
from them all, is to give the coefficients back. Beside them, learners drawn from the wide weak prior, many of
whom choose too much at random to say much. Null: another learner's coefficients.

Coverage: many data sets of few trials, their coefficients drawn from the very prior of the fit, so that a
90 % interval must hold the truth in 90 % of them and the truth's rank in its posterior must be even
(simulation-based calibration, Talts et al. 2018, arXiv:1804.06788): for Laplace's posterior, whose intervals
are too narrow at so few trials, and for intervals as wide as half of the data sets say, judged on the other
half.

Confusion: learners of six kinds, each drawn from what people look like to that kind and fitted by all six
under these priors; the kind with the most evidence,

    log Z = log L(x) + log N(x; prior) + d/2 log 2 pi - log |F + S^-1|/2                              (1)

(Laplace's approximation, as of Kass & Raftery 1995, doi:10.1080/01621459.1995.10476572) is what is said. The
Bayes observer stands outside the family.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...analysis.behaviour.bayes_observer import BayesObserver
from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import Mistake, Reporter, kept_parts, stream
from ...analysis.statistics.empirical_bayes import Fitted, Objective, fit
from ...plasticity.inference.coefficients import FREE, POINTS, Chart
from ...plasticity.inference.likelihood import Likelihood
from ...plasticity.inference.populations import KINDS, OBSERVER, coefficients, drawn, people_like, weak
from ...plasticity.inference.simulate import World, observe, play
from ...plasticity.inference.study import agreement, calibrated
from .labelling import Dataset, labelled

POPULATIONS = ("people", "wide")


@dataclass(frozen=True)
class Config:
    free: tuple[str, ...] = FREE
    """coefficients that are to come back"""
    learners: int = 40
    """of each population, whose coefficients are to come back"""
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
    "paper": Config(learners=200, data_sets=1000, data_trials=1000, of_each=100),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Simulate learners and fit them.

    Returns:
        ``true`` and ``found`` (population, coefficient, learner) on the scale without bounds; ``r`` and
        ``r_null`` (population, coefficient); ``coverage``, ``coverage_null``, ``laplace`` (coefficient,);
        ``rank`` (coefficient, data set), the truth's place in its posterior, 0 to 1; ``evidence`` (kind,
        learner of that kind, fitted), of (1).
    """
    work = (("recovery", 0.45, _recovery), ("coverage", 0.25, _coverage), ("confusion", 0.3, _confusion))
    parts = [(name, share, partial(make, config, stream(seed, name))) for name, share, make in work]
    found = kept_parts.all_made(folder, parts, progress)
    dims = {
        "true": ("population", "coefficient", "learner"),
        "found": ("population", "coefficient", "learner"),
        "r": ("population", "coefficient"),
        "r_null": ("population", "coefficient"),
        "coverage": ("coefficient",),
        "coverage_null": ("coefficient",),
        "laplace": ("coefficient",),
        "rank": ("coefficient", "data_set"),
        "evidence": ("kind", "learner_of_kind", "fitted"),
    }
    return labelled(
        {name: (axes, found[name]) for name, axes in dims.items()},
        coords={
            "population": list(POPULATIONS),
            "coefficient": [p.name for p in Chart(config.free).parameters(2)],
            "kind": list(KINDS),
            "fitted": list(KINDS),
        },
        evidence="nat",
    )


def _world(config: Config, trials: int, sessions: int = 1) -> World:
    return World(2, config.high, config.low, config.hazard, trials // sessions, sessions)


def _recovery(config: Config, seed: int) -> kept_parts.Parts:
    chart = Chart(config.free)
    parameters, world = chart.parameters(2), _world(config, config.trials, config.sessions)
    rows: dict[str, list[np.ndarray]] = {"true": [], "found": [], "r": [], "r_null": []}
    for prior in (people_like(parameters), weak(parameters)):
        x = drawn(parameters, prior, config.learners, seed)
        found = fit(Likelihood(chart, play(chart, x, world, stream(seed, "play"))), seed=seed)
        rows["true"].append(x.T)
        rows["found"].append(found.x.T)
        rows["r"].append(agreement(x, found)[0])
        rows["r_null"].append(agreement(np.roll(x, 1, axis=0), found)[0])
    return {name: np.array(parts) for name, parts in rows.items()}


def _coverage(config: Config, seed: int) -> kept_parts.Parts:
    from scipy.stats import norm

    chart = Chart(config.free)
    prior = people_like(chart.parameters(2))
    x = drawn(chart.parameters(2), prior, config.data_sets, seed)
    choices = play(chart, x, _world(config, config.data_trials), stream(seed, "play"))
    found = fit(Likelihood(chart, choices), prior=prior, seed=seed)
    _, laplace = agreement(x, found)
    width, coverage = calibrated(x, found)
    null = (np.abs(np.roll(x, 1, axis=0) - found.x) <= width * found.errors).mean(axis=0)
    rank = np.asarray(norm.cdf((x - found.x) / found.errors)).T
    return {"coverage": coverage, "coverage_null": null, "laplace": laplace, "rank": rank}


def _confusion(config: Config, seed: int) -> kept_parts.Parts:
    world = _world(config, config.trials, config.sessions)
    choices = together([_of_kind(kind, config.of_each, world, stream(seed, kind)) for kind in KINDS])
    table = [
        log_evidence(
            fit(
                objective_of(kind, choices),
                prior=people_like(coefficients(kind, 2), kind),
                starts=1,
                climbs=1,
                seed=seed,
            )
        )
        for kind in KINDS
    ]
    return {"evidence": np.array(table).T.reshape(len(KINDS), config.of_each, len(KINDS))}


def _of_kind(kind: str, number: int, world: World, seed: int) -> Choices:
    parameters = coefficients(kind, 2)
    x = drawn(parameters, people_like(parameters, kind), number, seed)
    if kind == OBSERVER:
        return observe(x, world, stream(seed, "play"))
    return play(POINTS[kind], x, world, stream(seed, "play"))


def together(parts: Sequence[Choices]) -> Choices:
    """Subjects of equally long tables, one after another."""
    tables = (
        np.concatenate([getattr(one, name) for one in parts]) for name in ("action", "reward", "begins")
    )
    action, reward, begins = tables
    names = tuple(f"s{number:04d}" for number in range(len(action)))
    return Choices(names, action, reward, begins, parts[0].options)


def objective_of(kind: str, choices: Choices) -> Objective:
    """What is fitted to tell whether the subjects are of a kind."""
    return BayesObserver(choices) if kind == OBSERVER else Likelihood(POINTS[kind], choices)


def log_evidence(found: Fitted) -> np.ndarray:
    """Equation (1) of each subject."""
    off = (found.x - found.prior.mean) ** 2 / found.prior.variance
    prior = -0.5 * (off + np.log(2 * np.pi * found.prior.variance)).sum(axis=1)
    volume = 0.5 * found.x.shape[1] * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(found.information)[1]
    return np.asarray(found.value + prior + volume)
