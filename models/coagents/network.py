"""A hidden layer of neurons that are agents: parity learned from one reward; one step is one trial.

    hidden    P(s_k = 1) = 1/(1 + exp(-u_k)),   u_k = sum_i w_ik x_i + b_k,   a_k = 2 s_k - 1         (1)
    output    the same with u = sum_k v_k a_k + b
    reward    r = y a,   y = 1 where an odd number of the inputs x_i = +-1 is -1 (two inputs: XOR), else -1
    every     dw = eta modulator (s - p) x                                                            (2)

Each neuron takes those before it as its world, and (2) is REINFORCE in it; with the modulator r - <r> the
mean of (2) over all chance is the gradient of the mean reward of the whole network (coagents: Thomas 2011;
Kostas, Nota & Thomas 2020; both from memory), <r> a running mean for each pattern. Neurons of the hidden
layer hear

* ``one``: r - <r>, as the output neuron does;
* ``difference``: half of the mean reward that the output then has less that with the neuron's own spike the
  other way, y (p(u) - p(u - 2 v_k a_k)) a_k: this takes the output weight back to the neuron.

Free of Brian2; `circuit` builds the objects.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation.arrays import Array
from ...analysis.foundation.mistakes import Mistake
from ..program import Program, compile_program


@dataclass(frozen=True)
class Coagents:
    """Individuals side by side.

    Raises:
        Mistake: a size below 1.
    """

    bits: int = 2
    """inputs whose parity is the answer"""
    hidden: int = 8
    """hidden neurons"""
    individuals: int = 1
    block: int = 100
    """trials that are averaged in what is recorded"""

    def __post_init__(self) -> None:
        for name in ("bits", "hidden", "individuals", "block"):
            if getattr(self, name) < 1:
                raise Mistake(f"Coagents: {name} is {getattr(self, name)}, must be at least 1")

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        return compile_program("hedon.models.coagents.circuit:build", self)


def patterns(bits: int) -> tuple[Array, Array]:
    """All inputs (pattern, bit) in the order in which they are numbered, and their answers (pattern,)."""
    x = 1.0 - 2.0 * (np.arange(2**bits)[:, None] // 2 ** np.arange(bits) % 2)
    return x, np.asarray(-x.prod(axis=1))


def mean_reward(w: ArrayLike, b: ArrayLike, v: ArrayLike, c: float, bits: int) -> float:
    """Of a network with weights w (bit, hidden), v (hidden,) and biases, exact over all states."""
    return float(_rewards(np.asarray(w, float), np.asarray(b, float), np.asarray(v, float), c, bits).mean())


def gradient(w: ArrayLike, b: ArrayLike, v: ArrayLike, c: float, bits: int) -> tuple[Array, Array]:
    """Of `mean_reward` by w (bit, hidden) and v (hidden,), by differences."""
    first, second = np.asarray(w, float), np.asarray(v, float)
    step, found = 1e-5, []
    for place, values in enumerate((first, second)):
        slope = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            ends = []
            for sign in (1, -1):
                moved = values.copy()
                moved[index] += sign * step
                parts = (moved, second) if place == 0 else (first, moved)
                ends.append(mean_reward(parts[0], b, parts[1], c, bits))
            slope[index] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found[0], found[1]


def _rewards(w: Array, b: Array, v: Array, c: float, bits: int) -> Array:
    x, y = patterns(bits)
    p = 1 / (1 + np.exp(-(x @ w + b)))
    states = np.array(list(itertools.product((0.0, 1.0), repeat=len(v))))
    chance = np.where(states[None] > 0, p[:, None], 1 - p[:, None]).prod(axis=-1)
    answer = np.tanh((states * 2 - 1) @ v / 2 + c / 2)
    return np.asarray(y * (chance @ answer))
