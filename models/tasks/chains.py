"""Random chains: small worlds of a few states that lead onwards, or somewhere else.

A chain has n states, n drawn from ``least`` to ``most``. In state s an action k leads on to s + 1 with the
probability q(s, k), drawn evenly from ``onward`` to 1, else to a state z(s, k), drawn evenly among all; it
pays R(s, k), drawn evenly from -sqrt(3) to sqrt(3), of variance 1. Onwards of the last state an episode ends;
the next begins in a state drawn evenly. Such chains are finite Markov decision problems drawn at random, as
the GARNETs of Archibald, McKinnon & Thomas (1995, doi:10.1057/jors.1995.50), of which every state is reached.

All draws are keyed: what a chain is by (seed, individual, state, action), what happens by (seed, individual,
step). No candidate, and nobody beside it, changes either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...analysis.foundation.arrays import Array
from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import normal, uniform
from .streams import CHAIN

SIZE, PLACE, STEP, HABIT = CHAIN.values()


@dataclass(frozen=True)
class Chains:
    """A distribution of chains.

    Raises:
        Mistake: fewer than two states or one action, ``least`` above ``most``, ``onward`` outside [0, 1).
    """

    least: int = 4
    """states of the smallest chain"""
    most: int = 8
    """of the largest"""
    actions: int = 2
    onward: float = 0.5
    """least probability that an action leads onwards"""

    def __post_init__(self) -> None:
        if not 2 <= self.least <= self.most:
            raise Mistake(f"Chains: {self.least} to {self.most} states; at least 2, the fewest first")
        if self.actions < 1:
            raise Mistake(f"Chains: {self.actions} actions, at least 1 is needed")
        if not 0 <= self.onward < 1:
            raise Mistake(f"Chains: onward is {self.onward:g}, must be in [0, 1)")

    @property
    def streams(self) -> dict[str, int]:
        return {"stream_size": SIZE, "stream_place": PLACE, "stream_step": STEP}

    @property
    def size(self) -> str:
        """Code of the number of states of an individual's chain."""
        spread = self.most - self.least + 1
        return f"{self.least} + floor({spread}*keyed_uniform(task_seed, stream_size, individual, 0, 0))"

    @property
    def move(self) -> str:
        """Code of the world: an ``action`` in state ``here`` pays a ``reward`` and leads ``there``.

        ``ended`` is 1 where that ends the episode (``there`` is then beyond all states), and ``then`` is
        where the next step begins.
        """
        place = f"keyed_uniform(task_seed, stream_place, individual, here*{self.actions} + action, "
        step = "keyed_uniform(task_seed, stream_step, individual, trial, "
        return (
            f"onward = {self.onward!r} + {1 - self.onward!r}*{place}0)\n"
            f"elsewhere = floor(states*{place}1))\n"
            f"reward = {3**0.5!r}*(2*{place}2) - 1)\n"
            f"goes_on = int({step}0) < onward)\n"
            "there = goes_on*(here + 1) + (1 - goes_on)*elsewhere\n"
            "ended = int(there > states - 0.5)\n"
            f"then = there + ended*(floor(states*{step}1)) - there)\n"
            f"there += ended*({self.most} - there)"
        )

    @property
    def begin(self) -> str:
        """Code of the state of the first step of a life."""
        return f"floor(({self.size})*keyed_uniform(task_seed, stream_size, individual, 0, 1))"

    def drawn(self, task_seed: int, individuals: int) -> Worlds:
        """The very chains that individuals 0, 1, ... of a network are given."""
        who = np.arange(individuals)
        number = self.least + np.floor(
            (self.most - self.least + 1) * uniform(task_seed, SIZE, who, 0, 0)
        ).astype(int)
        place = np.arange(self.most)[:, None] * self.actions + np.arange(self.actions)
        words = [uniform(task_seed, PLACE, who[:, None, None], place, index) for index in range(3)]
        return Worlds(
            number,
            self.onward + (1 - self.onward) * words[0],
            np.floor(number[:, None, None] * words[1]).astype(int),
            3**0.5 * (2 * words[2] - 1),
        )

    def walk(self, task_seed: int, policy: ArrayLike, steps: int) -> Walk:
        """The very steps of individuals 0, 1, ... with a policy (individual, state, action) that stays."""
        chance = np.cumsum(np.asarray(policy, float), axis=-1)[..., :-1]
        worlds = self.drawn(task_seed, len(chance))
        who = np.arange(len(chance))
        here = np.floor(worlds.states * uniform(task_seed, SIZE, who, 0, 1)).astype(int)
        draws = uniform(task_seed, STEP, who[:, None, None], np.arange(steps)[:, None], np.arange(3))
        states, actions, following = np.empty((3, len(who), steps), int)
        walk = Walk(states, actions, following, np.empty((len(who), steps)))
        for step in range(steps):
            action = (draws[:, step, 2, None] >= chance[who, here]).sum(axis=-1)
            goes_on = draws[:, step, 0] < worlds.onward[who, here, action]
            there = np.where(goes_on, here + 1, worlds.elsewhere[who, here, action])
            ended = there == worlds.states
            walk.here[:, step], walk.action[:, step] = here, action
            walk.there[:, step] = np.where(ended, self.most, there)
            walk.reward[:, step] = worlds.pay[who, here, action]
            again = np.floor(worlds.states * draws[:, step, 1]).astype(int)
            here = np.where(ended, again, there)
        return walk

    def habits(self, task_seed: int, individuals: int) -> Array:
        """Preferences (individual, state, action) of a random fixed policy: standard normal."""
        who = np.arange(individuals)[:, None, None]
        place = np.arange(self.most)[:, None] * self.actions + np.arange(self.actions)
        return normal(task_seed, HABIT, who, place, 0)


@dataclass(frozen=True)
class Worlds:
    """Chains side by side; states beyond the number of a chain are never reached."""

    states: NDArray[np.int_]
    """(individual,) how many"""
    onward: Array
    """(individual, state, action) probability of going on"""
    elsewhere: NDArray[np.int_]
    """(individual, state, action) where else it leads"""
    pay: Array
    """(individual, state, action) reward"""

    @property
    def exists(self) -> Array:
        """(individual, state) 1 where the chain has that state."""
        return (np.arange(self.pay.shape[1]) < self.states[:, None]).astype(float)

    def arrivals(self) -> Array:
        """(individual, state, action, next state): probabilities within an episode; the rest ends it."""
        individuals, most, actions = self.pay.shape
        chance = np.zeros((individuals, most, actions, most + 1))
        who, state, action = np.indices(self.pay.shape)
        last = state == self.states[:, None, None] - 1
        np.add.at(chance, (who, state, action, np.where(last, most, state + 1)), self.onward)
        np.add.at(chance, (who, state, action, self.elsewhere), 1 - self.onward)
        return chance[..., :most] * self.exists[:, :, None, None]

    def begins(self) -> Array:
        """Probabilities (individual, state) of the first state of an episode."""
        return self.exists / self.states[:, None]


@dataclass(frozen=True)
class Walk:
    """What happened, each (individual, step)."""

    here: NDArray[np.int_]
    """state"""
    action: NDArray[np.int_]
    there: NDArray[np.int_]
    """state that the action led to; the number of states of the largest chain where the episode ended"""
    reward: Array


def softmax(preferences: ArrayLike) -> Array:
    """Probabilities of actions along the last axis."""
    drive = np.asarray(preferences, float)
    risen = np.exp(drive - drive.max(axis=-1, keepdims=True))
    return np.asarray(risen / risen.sum(axis=-1, keepdims=True))
