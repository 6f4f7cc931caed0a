"""Subjects with known coefficients who live the two-step task by the family of `two_step`.

With two second options, each pays with a probability that begins evenly between 1/4 and 3/4 and drifts there
between reflecting bounds, by .025 a trial (Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027). With one, one
of the states pays with .9, the other with .1, and before a trial they swap with probability .025 (Wang et
al. 2018, doi:10.1038/s41593-018-0147-8).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import Array, Mistake
from ...analysis.players.two_step import reflected
from .coefficients import Chart
from .two_step import TwoStepWalk

BOUNDS, DRIFT = (0.25, 0.75), 0.025
HIGH, SWAP = 0.9, 0.025


@dataclass(frozen=True)
class TwoStepWorld:
    """A two-step task.

    Raises:
        Mistake: no trial, no option, a probability outside 0 .. 1.
    """

    options2: int = 2
    common: float = 0.7
    trials: int = 200
    """of a session"""
    sessions: int = 1
    """of each subject"""

    def __post_init__(self) -> None:
        if min(self.options2, self.trials, self.sessions) < 1 or not 0 <= self.common <= 1:
            raise Mistake("two-step: an option, a trial and a session at least, and a share of common ways")

    def pays(self, rows: int, generator: np.random.Generator) -> Array:
        """What every second option would pay, (trial, state, option, session)."""
        shape = (2, self.options2, rows)
        table = np.empty((self.trials, *shape))
        if self.options2 == 1:
            good = (np.cumsum(generator.random((self.trials, rows)) < SWAP, axis=0) + np.arange(rows)) % 2
            chance = np.where(good[:, None] == np.arange(2)[:, None], HIGH, 1 - HIGH)[:, :, None]
        else:
            now = generator.uniform(*BOUNDS, shape)
            for trial in range(self.trials):
                table[trial] = now
                now = reflected(now + DRIFT * generator.standard_normal(shape), *BOUNDS)
            chance = table
        return (generator.random(table.shape) < chance).astype(float)


def play_two_step(chart: Chart, x: Array, world: TwoStepWorld, seed: int) -> Choices:
    """What subjects with the coefficients ``x`` (subject, coefficient) of ``chart`` choose and get; where
    there is no second choice, ``x`` has no beta2."""
    generator = np.random.default_rng(seed)
    many = len(x) * world.sessions
    pay = world.pays(many, generator)
    free = [p for p in chart.parameters(2) if world.options2 > 1 or p.name != "beta2"]
    rows, place = np.repeat(np.arange(len(x)), world.sessions), np.arange(many)
    theta = {name: np.full(many, value) for name, value in chart.constants(2).items()}
    theta |= {p.name: p.value(x[rows, k]) for k, p in enumerate(free)}
    theta |= {name: theta[source] for name, source in chart.tied.items()}
    walk = TwoStepWalk(theta, {}, 0, world.options2, world.common)
    found = np.zeros((4, world.trials, many))
    for trial in range(world.trials):
        action = _drawn(walk.first()[0], generator)
        state = np.where(generator.random(many) < world.common, action, 1 - action)
        there = (state == np.arange(2)[:, None]).astype(float)
        option = _drawn(walk.second(there)[0], generator) if world.options2 > 1 else np.zeros(many, int)
        reward = pay[trial, state, option, place]
        chosen = (action == np.arange(2)[:, None]).astype(float)
        here = there[:, None] * (option == np.arange(world.options2)[:, None])
        walk.learn(chosen, here, reward, np.ones(many))
        found[:, trial] = action, state, option, reward
    shape = (len(x), world.sessions * world.trials)
    action, state, option = (table.T.reshape(shape).astype(int) for table in found[:3])
    begins = np.zeros(shape, bool)
    begins[:, :: world.trials] = True
    names = tuple(f"s{number:04d}" for number in range(len(x)))
    reward = found[3].T.reshape(shape)
    return Choices(names, action, reward, begins, 2, state, option, world.options2, world.common)


def _drawn(logits: Array, generator: np.random.Generator) -> NDArray[np.int64]:
    """A choice of each session from logits (option, session)."""
    return np.asarray((logits + generator.gumbel(size=logits.shape)).argmax(axis=0))
