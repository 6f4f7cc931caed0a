"""Subjects with known coefficients, who live a reversal bandit by the family of rules.

One arm pays with probability ``high``, the others with ``low``; before each trial but the first of a session
the good arm moves to another one with probability ``hazard``. The recursion is that of the likelihood
(`likelihood.Walk`), whose policies the compiled network has too: where only behaviour is asked for, this
needs no compiler. Beside them, Bayesian observers live the same worlds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.bayes_observer import Observer, observed
from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import Array, Mistake
from .coefficients import Chart
from .likelihood import Walk


@dataclass(frozen=True)
class World:
    """A reversal bandit.

    Raises:
        Mistake: fewer than two arms, no trial, a number outside 0 .. 1.
    """

    arms: int = 2
    high: float = 0.8
    low: float = 0.2
    hazard: float = 0.05
    trials: int = 500
    """of a session"""
    sessions: int = 1
    """of each subject"""
    every: int = 0
    """trials after which the good arm moves, beside ``hazard``; 0: never so"""

    def __post_init__(self) -> None:
        if self.arms < 2 or self.trials < 1 or self.sessions < 1:
            raise Mistake("a bandit needs two arms, a trial and a session at least")
        if not all(0 <= one <= 1 for one in (self.high, self.low, self.hazard)):
            raise Mistake("probabilities of reward and of a reversal must lie in [0, 1]")

    def pays(self, subjects: int, generator: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
        """What the arms would pay (trial, arm, session) and which is good (trial, session); the sessions of a
        subject follow each other."""
        rows = subjects * self.sessions
        moved = generator.random((self.trials, rows)) < self.hazard
        if self.every:
            moved[:: self.every] = True
        step = np.where(moved, generator.integers(1, self.arms, moved.shape), 0)
        step[0] = generator.integers(0, self.arms, rows)
        good = np.cumsum(step, axis=0) % self.arms
        chance = np.where(good[:, None] == np.arange(self.arms)[:, None], self.high, self.low)
        return (generator.random(chance.shape) < chance).astype(float), good

    def choices(self, action: NDArray[np.int64], reward: Array) -> Choices:
        """Choices of subjects from tables (trial, session)."""
        shape = (-1, self.sessions * self.trials)
        begins = np.zeros(action.shape, bool)
        begins[0] = True
        names = tuple(f"s{number:04d}" for number in range(action.shape[1] // self.sessions))
        first = np.asarray(begins.T.reshape(shape))
        return Choices(names, action.T.reshape(shape), reward.T.reshape(shape), first, self.arms)


def play(chart: Chart, x: Array, world: World, seed: int) -> Choices:
    """What subjects with the coefficients ``x`` (subject, coefficient) of ``chart`` choose and get."""
    return live(chart, x, world, seed)[0]


def live(chart: Chart, x: Array, world: World, seed: int) -> tuple[Choices, Array]:
    """The same, and how much less than the good arm what each chose pays: mean per trial, (subject,)."""
    generator = np.random.default_rng(seed)
    pay, good = world.pays(len(x), generator)
    rows = np.repeat(np.arange(len(x)), world.sessions)
    theta = chart.values(x, world.arms, rows)
    walk = Walk(theta, {}, 0, world.arms)
    made, place = np.ones(len(rows)), np.arange(len(rows))
    action = np.empty(good.shape, int)
    for trial in range(world.trials):
        drive = walk.logits + generator.gumbel(size=walk.logits.shape)
        choice = drive.argmax(axis=0)
        lapses = generator.random(len(rows)) < theta["lapse"]
        choice = np.where(lapses, generator.integers(0, world.arms, len(rows)), choice)
        action[trial] = choice
        chosen = (np.arange(world.arms)[:, None] == choice).astype(float)
        walk.learn(chosen, pay[trial, choice, place], made)
    reward = np.take_along_axis(pay, action[:, None], axis=1)[:, 0]
    lost = (world.high - world.low) * (action != good).mean(axis=0).reshape(len(x), -1).mean(axis=1)
    return world.choices(action, reward), lost


def observe(x: Array, world: World, seed: int) -> Choices:
    """What Bayesian observers with the coefficients ``x`` (subject, coefficient) choose and get."""
    generator = np.random.default_rng(seed)
    pay, good = world.pays(len(x), generator)
    rows = np.repeat(np.arange(len(x)), world.sessions)
    theta = {p.name: p.value(x[None, rows, k, None]) for k, p in enumerate(observed(world.arms))}
    observer, made = Observer(theta, world.arms), np.ones((len(rows), 1))
    action, place = np.empty(good.shape, int), np.arange(len(rows))
    for trial in range(world.trials):
        p = np.exp(observer.log_policy()[0])
        choice = (np.cumsum(p, axis=1) < generator.random((len(rows), 1))).sum(axis=1)
        action[trial] = np.minimum(choice, world.arms - 1)
        chosen = (action[trial][:, None] == np.arange(world.arms)).astype(float)
        observer.learn(chosen, pay[trial, action[trial], place][:, None], made)
    return world.choices(action, np.take_along_axis(pay, action[:, None], axis=1)[:, 0])
