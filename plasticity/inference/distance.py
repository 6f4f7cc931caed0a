"""How far a subject is from the best rule, in reward per trial: not in coefficients, which may not matter.

    lost(l, r) = reward per trial of the best learning and readout less that of learning l, readout r   (1)

for a subject's own (o) and the best (*) halves of its coefficients. What it loses by its learning is
lost(o, o) - lost(*, o) or lost(o, *), by its readout lost(o, o) - lost(o, *) or lost(*, o): the order of
exchange matters, so both are given. Rewards are those that the arms pay on average, over ``copies`` lives of
each subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...analysis.behaviour.choices import Choices
from ...analysis.foundation.arrays import Array
from ...analysis.statistics.empirical_bayes import Fitted, fit
from ..outer_loop import CMAES, Search, SearchSpace, run_search
from ..parameter import Parameter
from .coefficients import READOUT, Chart
from .likelihood import Likelihood
from .simulate import World, live

HALVES = ("own, own", "best, own", "own, best", "best, best")
"""Learning and readout."""
SEARCHED: Mapping[str, tuple[float, float]] = {
    "eta": (0.02, 0.98),
    "eta_losses": (0.02, 0.98),
    "opposite": (-0.5, 1.5),
    "forgetting": (0.01, 0.98),
    "beta": (1.0, 40.0),
}
"""Bounds of the search for the best; values begin at 1/2, there are no habits, lapses or biases, and
looseness does not change."""
IDEAL = {
    **{"rest": 0.5, "repeat": 0.0, "repeat_rate": 0.8, "habit": 0.0, "habit_rate": 0.2},
    **{"naive": 0.002, "stray": 0.002, "restless": 0.0, "lapse": 0.002},
}
"""... which on the scale of a fit is this."""


@dataclass(frozen=True)
class Earned:
    """Reward per trial of a candidate, what the outer loop climbs."""

    world: World
    lives: int = 300

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        chart = Chart((), {**dict(values), "lapse": 0.0})
        return -float(live(chart, np.zeros((self.lives, 0)), self.world, seed)[1].mean())


def best(world: World, generations: int, population: int, seed: int) -> dict[str, float]:
    """The coefficients that earn most in ``world``, found by CMA-ES: mean of the centres' last half."""
    free = tuple(
        Parameter(name, (low + high) / 2, "1", low, high, "log" if name == "beta" else "linear", name)
        for name, (low, high) in SEARCHED.items()
    )
    search = Search(
        Earned(world), SearchSpace(free), CMAES(population, sigma=0.25), generations, seeds=1, seed=seed
    )
    return dict(run_search(search).averaged(0.5))


def as_row(chart: Chart, values: Mapping[str, float], arms: int) -> Array:
    """Coefficients on the scale of a fit, (coefficient,); biases are 0."""
    every = {**IDEAL, **values}
    return np.array([float(p.free(np.array(every.get(p.name, 0.0)))) for p in chart.parameters(arms)])


def losses(chart: Chart, x: Array, top: Array, world: World, copies: int, seed: int) -> Array:
    """Equation (1) of subjects ``x`` (subject, coefficient) against ``top`` (coefficient,): (half, subject),
    in the order of `HALVES`; the worlds of all four are the same."""
    readout = np.array([p.name.rstrip("0123456789") in READOUT for p in chart.parameters(world.arms)])
    table = []
    for learns, reads in ((False, False), (True, False), (False, True), (True, True)):
        swapped = np.where(readout, reads, learns)
        rows = np.repeat(np.where(swapped, top, x), copies, axis=0)
        table.append(live(chart, rows, world, seed)[1].reshape(len(x), copies).mean(axis=1))
    lost = np.array(table)
    return lost - lost[-1].mean()


def refitted(chart: Chart, choices: Choices, seed: int) -> Fitted:
    """What the pipeline makes of subjects: the population prior, one climb of each."""
    return fit(Likelihood(chart, choices), starts=1, climbs=1, seed=seed)
