"""Conditioning worlds for an outer loop: the critic of `conditioning`, scored by its predictions at the cues.

An episode is a pair of trials, one with each cue (`Associations`). How good it is, the values V_A and V_B
tell by which dopamine neurons are driven, means over 200 to 600 ms after the cue (kappa tells of its onset as
late), beside their closed forms V*,

    level = 1 - max(|V_A - V*_A|, |V_B - V*_B|)/V*_A, at least 0.                           (1)

Without learning it is 0. The value is that of the horizon of `conditioning`, which no search changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

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


@dataclass(frozen=True)
class ConditioningWorlds(Worlds):
    """`Associations`; a life is the values (individual, episode, cue)."""

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
        heard = heard.reshape(len(who), episodes, 2)
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
