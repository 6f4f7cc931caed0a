"""Distributions of worlds for spiking actor-critics: the learner made by hand in each, how a life is scored.

A life is scored by what it earned in its time, relative to the best that is possible: on tracks and in mazes

    goals reached x (time of a straight run + rest) / time lived,                           (1)

with poles the share of its time in which the pole stood. Who explores long, learns slowly or forgets gets
less. A search counts the last quarter of the life as much as all of it: what learns fast and gets stuck is
not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ...plasticity.parameter import Parameter
from ..actor_critic.network import ActorCritic
from ..actor_critic.own_numbers import own_numbers
from ..actor_critic.trial_series import Series, live
from ..tasks import Mazes, OwnMaze, OwnPole, OwnTrack, Poles, TrackKind, Tracks
from ..tasks.control_task import TICK
from ..tasks.distribution import Drawn
from . import cart_pole, linear_track, water_maze
from .worlds import LATE, Worlds


@dataclass(frozen=True)
class ControlWorlds(Worlds):
    """Base of the kinds of worlds of an actor-critic."""

    limit: float
    """seconds after which a trial is ended"""

    @property
    def learner(self) -> ActorCritic:
        """The network made by hand, every individual of which has numbers and a world of its own."""
        raise NotImplementedError

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        return own_numbers(self.learner)

    def live(
        self, trials: int, seed: int, arguments: Mapping[str, Any], *, seconds: float, step: float
    ) -> Series:
        net = replace(self.learner, individuals=len(arguments["individual"]), step=step)
        return live(net, trials, seed, arguments, seconds=seconds)

    def paid(self, series: Series, drawn: Drawn) -> np.ndarray:
        """What each trial is worth (individual, trial), in seconds of the best life; 0 where not lived."""
        raise NotImplementedError

    def earned(self, series: Series, drawn: Drawn, seconds: float | np.ndarray | None = None) -> np.ndarray:
        """What each life of so many ``seconds``, by default those of its trials, earned: equation (1)."""
        if seconds is None:
            time = np.where(series.finished, series.latency + drawn.task.rest, 0.0).sum(axis=1)
            seconds = np.maximum(time, drawn.task.limit)
        return self.paid(series, drawn).sum(axis=1) / seconds

    def scored(self, series: Series, drawn: Drawn, seconds: float) -> np.ndarray:
        paid = self.paid(series, drawn)
        ends = np.cumsum(np.where(series.finished, series.latency + drawn.task.rest, 0.0), axis=1)
        late = np.where(ends > (1 - LATE) * seconds, paid, 0.0).sum(axis=1) / (LATE * seconds)
        return (paid.sum(axis=1) / seconds + late) / 2


@dataclass(frozen=True)
class GoalWorlds(ControlWorlds):
    """Base of the worlds in which a goal is to be reached soon."""

    good_enough: ClassVar[float]
    """least part of the best speed of a trial that is as good as is asked"""

    @property
    def distribution(self) -> Tracks | Mazes:
        raise NotImplementedError

    def paid(self, series: Series, drawn: Drawn) -> np.ndarray:
        reached = series.finished & (series.outcome > 0)
        return reached * (self.distribution.best(drawn) + drawn.task.rest)[:, None]

    def level(self, series: Series, drawn: Drawn) -> np.ndarray:
        best = self.distribution.best(drawn)[:, None]
        level = np.where(series.outcome > 0, best / np.maximum(series.latency, best), 0.0)
        return np.where(series.finished, level, np.nan)

    def good(self, series: Series, drawn: Drawn) -> np.ndarray:
        level = self.level(series, drawn)
        return np.where(np.isfinite(level), level >= self.good_enough, np.nan)


@dataclass(frozen=True)
class TrackWorlds(GoalWorlds):
    """Tracks; the learner of `linear_track`."""

    limit: float = 10.0
    good_enough: ClassVar[float] = 0.5  # at most twice the time of a straight run
    length: tuple[float, float] = (0.3, 0.6)
    """of usual tracks (m)"""

    @property
    def distribution(self) -> Tracks:
        usual = TrackKind(length=self.length)
        high = self.length[1]
        beyond = (
            ("long", replace(usual, length=(1.2 * high, 1.5 * high))),
            ("late", replace(usual, delay=(0.5, 0.7))),
            ("blurred", replace(usual, width=(2.0, 2.8))),
        )
        return Tracks(OwnTrack(limit=self.limit, rest=0.8), usual, beyond)

    @property
    def learner(self) -> ActorCritic:
        made = linear_track.network(linear_track.Config())
        return replace(made, task=self.distribution.task, own=True, watched=0, precision="float32")


@dataclass(frozen=True)
class MazeWorlds(GoalWorlds):
    """Water mazes; the learner of `water_maze`."""

    limit: float = 20.0
    good_enough: ClassVar[float] = 1 / 3  # of the mean time of straight ways from the four sides

    @property
    def distribution(self) -> Mazes:
        return Mazes(OwnMaze(limit=self.limit))

    @property
    def learner(self) -> ActorCritic:
        made = water_maze.network(water_maze.Config())
        return replace(made, task=self.distribution.task, own=True, watched=0, precision="float32")


@dataclass(frozen=True)
class PoleWorlds(ControlWorlds):
    """Poles; the learner of `cart_pole`."""

    limit: float = 4.0

    @property
    def distribution(self) -> Poles:
        made = cart_pole.network(cart_pole.Config()).task
        assert isinstance(made, cart_pole.CartPole)
        task = OwnPole(cells=made.cells, reach=made.reach, width=made.width, peak=made.peak, limit=self.limit)
        return Poles(task)

    @property
    def learner(self) -> ActorCritic:
        made = cart_pole.network(cart_pole.Config())
        return replace(made, task=self.distribution.task, own=True, watched=0)

    def paid(self, series: Series, drawn: Drawn) -> np.ndarray:
        return series.latency * series.finished

    def level(self, series: Series, drawn: Drawn) -> np.ndarray:
        return np.where(series.finished, series.latency / self.limit, np.nan)

    def good(self, series: Series, drawn: Drawn) -> np.ndarray:
        """To the last step but five of two hundred."""
        level = self.level(series, drawn)
        return np.where(np.isfinite(level), level >= 1 - 5 * TICK / self.limit, np.nan)
