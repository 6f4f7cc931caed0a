"""Conditioning worlds that differ: interval, magnitude, probability, and contingency of the reward.

An episode is a pair of trials in random order, one with each cue. A reward of the world's ``magnitude``
comes ``interval`` seconds after the cue, after cue A with probability ``chance``, after cue B with
``chance - contingency``: that A comes is worth a reward only as far as B does not tell of as much (Rescorla
1968, doi:10.1037/h0025984). What a critic with the horizon tau_r is to predict at the onset of a cue is

    V* = P(reward | cue) magnitude exp(-(interval + d/2)/tau_r),                            (1)

d the reward's duration (`Association.value`).

Every individual has a world of its own; order, rewards and the moments at which cues come are keyed draws of
the world, so that all who live in it see the same. A distribution draws all four numbers evenly, the
magnitude in its logarithm.
"""

import math
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.arrays import Array
from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .conditioning import CUES, NEVER, Schedule
from .distribution import Drawn, Split, TaskDistribution, between, of_kinds
from .streams import CONTROL


@dataclass(frozen=True)
class Association:
    """What is the same in all worlds.

    Raises:
        Mistake: a moment before the trial or after its end.
    """

    trial: float = 3.2
    """duration of a trial (s)"""
    first: float = 0.2
    """from a trial's start to the first moment at which a cue may come (s)"""
    jitter: float = 0.6
    """between that and the last such moment (s)"""
    grid: float = 0.1
    """between two such moments (s)"""
    reward: float = 0.25
    """duration of a reward (s)"""

    def __post_init__(self) -> None:
        if not (self.grid > 0 and 0 <= self.first <= self.last < self.trial):
            raise Mistake(f"Association: cues from {self.first:g} to {self.last:g} s of {self.trial:g} s")

    @property
    def last(self) -> float:
        """The last moment at which a cue may come (s)."""
        return self.first + self.jitter

    def value(self, drawn: Drawn, horizon: float) -> Array:
        """Equation (1) of each world and cue (individual, cue)."""
        own = drawn.parameters
        late = np.exp(-(own["interval"] + self.reward / 2) / horizon)
        return (own["magnitude"] * late)[:, None] * _chances(drawn)

    def schedule(self, drawn: Drawn, episodes: int, individual: Array | None = None) -> Schedule:
        """The trials of so many episodes.

        Args:
            drawn: worlds, of each individual that lives.
            individual: the number of each one's world, by default its own.

        Raises:
            Mistake: a trial that ends before its reward.
        """
        own, seed = drawn.parameters, drawn.task_seed
        if self.last + own["interval"].max() + self.reward > self.trial:
            raise Mistake(
                f"a trial of {self.trial:g} s ends before a reward {own['interval'].max():g} s after its cue"
            )
        whose = np.arange(len(own["interval"])) if individual is None else individual
        who, trial = np.asarray(whose)[:, None], np.arange(2 * episodes)
        first = uniform(seed, CONTROL["tie"], who, trial // 2, 0) < 0.5
        cue = np.where(trial % 2 == 0, first, ~first).astype(int)
        moments = round(self.jitter / self.grid) + 1
        moment = np.floor(moments * uniform(seed, CONTROL["start"], who, trial, 0))
        reference = self.first + self.grid * moment
        onset = np.where(cue[..., None] == np.arange(len(CUES)), reference[..., None], NEVER)
        chance = np.take_along_axis(_chances(drawn), cue, axis=1)
        comes = uniform(seed, CONTROL["outcome"], who, trial, 0) < chance
        return Schedule(
            onset,
            np.where(comes, reference + own["interval"][:, None], NEVER),
            np.where(comes, own["magnitude"][:, None], 0.0),
            np.ones(comes.shape),
            reference,
        )


def _chances(drawn: Drawn) -> Array:
    """Probability of the reward after each cue (individual, cue)."""
    chance = drawn.parameters["chance"]
    return np.stack([chance, chance - drawn.parameters["contingency"]], axis=1)


@dataclass(frozen=True)
class AssociationKind:
    """Bounds of what is drawn."""

    interval: tuple[float, float] = (0.8, 1.2)
    """from the cue to the reward (s)"""
    magnitude: tuple[float, float] = (0.7, 1.4)
    """value of the reward"""
    chance: tuple[float, float] = (0.7, 1.0)
    """of the reward after cue A"""
    contingency: tuple[float, float] = (0.4, 0.7)
    """by how much it is less after cue B"""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("interval", 0.0, math.inf),
            ("magnitude", 0.0, math.inf),
            ("chance", 0.0, 1.0),
            ("contingency", 0.0, self.chance[0]),
        ):
            low, high = getattr(self, name)
            if not (least <= low <= high <= most and high < math.inf and (low > 0 or name != "magnitude")):
                raise Mistake(
                    f"associations: {name} is {low:g} .. {high:g}, must lie in {least:g} .. {most:g}"
                )


@dataclass(frozen=True)
class Associations(TaskDistribution):
    """Conditioning worlds of training and held-out ones, and kinds beyond these."""

    task: Association = Association()
    usual: AssociationKind = AssociationKind()
    beyond: tuple[tuple[str, AssociationKind], ...] = (
        ("late", AssociationKind(interval=(1.6, 1.9))),
        ("rare", AssociationKind(chance=(0.35, 0.5), contingency=(0.2, 0.35))),
        ("large", AssociationKind(magnitude=(2.0, 3.0))),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        return of_kinds(self._of, self.usual, self.beyond, split, number, seed)

    def _of(self, name: str, kind: AssociationKind, number: int, task_seed: int) -> Drawn:
        if number < 1:
            raise Mistake(f"{number} associations are none")
        low, high = np.log(kind.magnitude)
        magnitude = np.exp(between((float(low), float(high)), task_seed, 1, number))
        drawn = {
            name: between(getattr(kind, name), task_seed, which, number)
            for name, which in (("interval", 0), ("chance", 2), ("contingency", 3))
        }
        return Drawn(name, self.task, number, task_seed, {**drawn, "magnitude": magnitude})
