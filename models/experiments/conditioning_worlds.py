"""Conditioning worlds for an outer loop: the critic of `conditioning`, scored by its predictions at the cues.

An episode is a pair of trials, one with each cue (`Associations`). How good it is, its values V_A and V_B at
the cues tell, beside their closed forms V*,

    level = 1 - max(|V_A - V*_A|, |V_B - V*_B|)/V*_A, at least 0.                           (1)

Without learning it is 0. V_A and V_B are read where dopamine neurons are driven: after the critic's filter
kappa and the lag tau_psp of its neurons. A critic that is right predicts V* exp(s/tau_r) from the cue on,
s = 0, until the reward; of this kappa has passed at s, u = s - tau_psp,

    V(s)/V* = [tau_slow P(tau_slow) - tau_fast P(tau_fast)]/(tau_slow - tau_fast),
    P(tau) = (exp(u/tau_r) - exp(-u/tau))/(1 + tau/tau_r).                                  (2)

The mean of V over readings 200 to 600 ms after the cue is divided by that of (2), with the time constants
that each individual has. (With those of `conditioning` (2) is .73: without it who predicts a third too much
counts as right.) The horizon is that of `conditioning`, which no search changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ...analysis.foundation.arrays import Array
from ...analysis.responses.dopamine_responses import windowed
from ...plasticity.parameter import Parameter
from ..conditioning.network import Conditioning, live
from ..conditioning.own_numbers import RATES, own_numbers
from ..tasks.associations import Associations
from ..tasks.distribution import Drawn
from . import conditioning
from .worlds import LATE, Worlds

HEARD = (0.2, 0.6)
"""After the cue (s): where its value is read."""


def passed(net: Conditioning, numbers: Mapping[str, Any]) -> Array:
    """Equation (2), mean over the readings in `HEARD`: (individual,) or (1,).

    Args:
        net: tells what ``numbers`` do not hold.
        numbers: ``tau_slow``, ``tau_fast`` of each individual (s).
    """
    own, horizon = net.dopamine, net.dopamine.tau_r
    after = net.bin * np.arange(*(round(end / net.bin) for end in HEARD)) - net.tau_psp

    def part(name: str) -> tuple[Array, Array]:
        tau = np.reshape(numbers.get(name, getattr(own, name)), (-1, 1)).astype(float)
        return tau, tau * (np.exp(after / horizon) - np.exp(-after / tau)) / (1 + tau / horizon)

    (slow, of_slow), (fast, of_fast) = part("tau_slow"), part("tau_fast")
    share: Array = ((of_slow - of_fast) / (slow - fast)).mean(axis=-1)
    return share


@dataclass(frozen=True)
class ConditioningWorlds(Worlds):
    """`Associations`; a life is the values at the cues (individual, episode, cue)."""

    rates: ClassVar[tuple[str, ...]] = RATES
    good_enough: ClassVar[float] = 0.7

    @property
    def distribution(self) -> Associations:
        return Associations()

    @property
    def learner(self) -> Conditioning:
        """The network made by hand."""
        made, task = conditioning.circuit(conditioning.Config()), self.distribution.task
        return replace(made, trial_duration=task.trial, reward_duration=task.reward, bin=task.grid, own=True)

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        return own_numbers(self.learner)

    def live(
        self, trials: int, seed: int, arguments: Mapping[str, Any], *, seconds: float, step: float
    ) -> np.ndarray:
        task, given = self.distribution.task, dict(arguments)
        who, learning = given.pop("individual"), given.pop("learning", 1.0)
        own = {name: given.pop(name) for name in ("interval", "magnitude", "chance", "contingency")}
        drawn = Drawn("lived", task, len(who), given.pop("task_seed"), own)
        episodes = max(1, min(trials, int(seconds / (2 * task.trial))))
        table = task.schedule(drawn, episodes, who)
        table = replace(table, plastic=table.plastic * np.broadcast_to(learning, len(who))[:, None])
        net = replace(self.learner, individuals=len(who), trials=2 * episodes, dt=step)
        lived = live(net, table, seed, parameters=given)
        heard = windowed(lived.recorded["V"], table.reference, net.bin, HEARD)
        heard = (heard / passed(net, given)[:, None]).reshape(len(who), episodes, 2)
        which = table.onset.argmin(axis=-1).reshape(heard.shape)
        return np.take_along_axis(heard, which.argsort(axis=-1), axis=-1)

    def level(self, life: np.ndarray, drawn: Drawn) -> np.ndarray:
        """Equation (1)."""
        best = drawn.task.value(drawn, self.learner.dopamine.tau_r)[:, None]
        return np.maximum(1 - np.abs(life - best).max(axis=-1) / best[..., 0], 0.0)

    def good(self, life: np.ndarray, drawn: Drawn) -> np.ndarray:
        return (self.level(life, drawn) >= self.good_enough).astype(float)

    def earned(self, life: np.ndarray, drawn: Drawn) -> np.ndarray:
        return self.level(life, drawn).mean(axis=1)

    def scored(self, life: np.ndarray, drawn: Drawn, seconds: float) -> np.ndarray:
        level = self.level(life, drawn)
        late = level[:, -max(1, round(LATE * level.shape[1])) :]
        return (level.mean(axis=1) + late.mean(axis=1)) / 2
