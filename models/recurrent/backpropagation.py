"""Cue memory learned by backpropagation through time: what more than a scalar would buy. In numpy.

The network of `network` without perturbation, on the same draws, shaped by the gradient that node
perturbation samples (Williams 1992, doi:10.1007/BF00992696, carried through time). After an episode of T
steps, of which the last asks for an action a,

    dU, dW, dTheta = eta (r - V(T)) d log p(a)/d(U, W, Theta),      dv = eta_value sum_t (r - V(t)) z(t)   (1)

with eta_recurrent for U and W, and all rates fading as 1/(1 + decay*episode). With d(t) = d log p(a)/du(t),

    d(t) = (1 - k) d(t+1) + (1 - z(t)**2) W k d(t+1),    d(T) = (1 - z(T)**2) Theta (y - p)            (2)

Every unit is told its own error, which is carried over the very weights that it sends by, backwards in time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation import Array, Mistake, stream
from ..program.keyed import uniform
from ..tasks import CueMemory
from ..tasks.streams import EPISODE
from .network import WEIGHTS, RecurrentNetwork
from .training import untrained


class Backpropagation:
    """Networks of ``net.individuals`` as they are drawn, and how they learn.

    Args:
        net: on cue memory, of one lane; its rule's numbers hold where ``given`` has none.
        seed: of first weights and of the task's draws, as of `training.shape`.
        given: ``eta``, ``eta_value``, ``eta_recurrent``, ``decay``: one, or one for each individual.

    Raises:
        Mistake: another task or several lanes.
    """

    def __init__(self, net: RecurrentNetwork, seed: int, given: Mapping[str, Any] | None = None) -> None:
        if not isinstance(net.task, CueMemory) or net.lanes != 1:
            raise Mistake("backpropagation is of cue memory in one lane alone")
        self.net, self.task, self.seed = net, net.task, stream(seed, "episodes")
        drawn = untrained(net, seed)
        self.w = {name: drawn[name].copy() for name in WEIGHTS}
        self.leak = drawn["leak"]
        numbers = {p.name: getattr(net.rule, p.name) for p in net.rule.parameters} | dict(given or {})
        self.rates = {
            name: np.broadcast_to(np.asarray(numbers[rate], float), net.individuals)
            for name, rate in zip(
                WEIGHTS, ("eta_recurrent", "eta_recurrent", "eta", "eta_value"), strict=True
            )
        }
        self.decay = np.broadcast_to(np.asarray(numbers["decay"], float), net.individuals)

    def shape(self, episodes: int) -> Array:
        """Share of right answers while learning (individual, block); NaN of what has diverged."""
        with np.errstate(over="ignore", invalid="ignore"):
            blocks = [self._block(first, self.seed) for first in range(0, episodes, self.net.block)]
        return np.array(blocks).T

    def probed(self, episodes: int, probes: int, seed: int) -> Array:
        """Right answers of frozen networks so many times in a life (individual, probe), as `training.probed`
        has them."""
        found, blocks = [], episodes // (probes * self.net.block)
        with np.errstate(over="ignore", invalid="ignore"):
            for number in range(probes):
                for block in range(blocks):
                    self._block((number * blocks + block) * self.net.block, self.seed)
                lot = stream(stream(seed, "probe", number), "test episodes")
                found.append(self._block(0, lot, learning=False))
        return np.array(found).T

    def _block(self, first: int, seed: int, learning: bool = True) -> Array:
        who, episode = np.arange(self.net.individuals)[:, None, None], first + np.arange(self.net.block)
        step = np.arange(self.task.steps)
        drawn = uniform(seed, EPISODE["world"], who, episode[None, :, None], step) < 0.5
        chance = uniform(seed, EPISODE["action"], who, episode[None, :, None], step[-1:])[:, :, 0]
        right = np.zeros(self.net.individuals)
        for number in range(self.net.block):
            right += self.episode(drawn[:, number], chance[:, number], int(episode[number]), learning)
        alive = np.all([np.isfinite(w).all(axis=(1, 2)) for w in self.w.values()], axis=0)
        return np.where(alive, right / self.net.block, np.nan)

    def episode(self, drawn: NDArray[np.bool_], chance: Array, number: int, learning: bool = True) -> Array:
        """Live one episode, and learn from it: reward (individual,)."""
        x = self.seen(drawn)
        z, p = self.forward(x)
        action = (chance >= p[:, 0]).astype(int)
        reward = (action == drawn[:, 0]).astype(float)
        if not learning:
            return reward
        value = np.einsum("tin,in->ti", z[1:], self.w["w_value"][..., 0])
        step = self.gradient(x, z, np.eye(2)[action] - p)
        advantage = reward - value[-1]
        step |= {"w_value": np.einsum("ti,tin->in", reward - value, z[1:])[..., None]}
        fade = 1 / (1 + self.decay * number)
        for name, change in step.items():
            told = np.ones_like(advantage) if name == "w_value" else advantage
            self.w[name] += (self.rates[name] * fade * told)[:, None, None] * change
        return reward

    def seen(self, drawn: NDArray[np.bool_]) -> Array:
        """What the inputs say in each step, (step, individual, input), of draws (individual, step)."""
        codes, last = 2 + drawn.T.astype(int), self.task.steps - 1
        codes[0] -= 2
        codes[last] = 4
        return np.eye(self.net.inputs)[codes] + np.eye(self.net.inputs)[-1]

    def forward(self, x: Array) -> tuple[Array, Array]:
        """Rates (step and the one before the first, individual, unit), and the policy at the end."""
        u = np.zeros(self.leak.shape)
        z = [u]
        for now in x:
            drive = (now[:, None] @ self.w["w_input"] + z[-1][:, None] @ self.w["w_recurrent"])[:, 0]
            u = u + self.leak * (drive - u)
            z.append(np.tanh(u))
        logits = (z[-1][:, None] @ self.w["w_policy"])[:, 0]
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.array(z), p / p.sum(axis=1, keepdims=True)

    def gradient(self, x: Array, z: Array, score: Array) -> dict[str, Array]:
        """Of log p(action), whose score y - p is given, by each kind of weights: equation (2)."""
        found = {name: np.zeros_like(self.w[name]) for name in ("w_input", "w_recurrent")}
        found["w_policy"] = z[-1][:, :, None] * score[:, None]
        told = (self.w["w_policy"] @ score[:, :, None])[..., 0]
        error = np.zeros_like(told)
        for step in range(len(x) - 1, -1, -1):
            error = error + (1 - z[step + 1] ** 2) * told
            arrived = self.leak * error
            found["w_input"] += x[step][:, :, None] * arrived[:, None]
            found["w_recurrent"] += z[step][:, :, None] * arrived[:, None]
            told = (self.w["w_recurrent"] @ arrived[:, :, None])[..., 0]
            error = (1 - self.leak) * error
        return found
