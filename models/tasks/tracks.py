"""Linear tracks that differ: how long they are, how wide place fields are, how late the reward comes.

Every individual of a network lives on a track of its own: the numbers are arguments of a call. The cells
stand in equal numbers on each track, so that on a long one they are further apart. Between the end of a trial
and a late reward nothing is to be seen: what has led to it must be remembered.

A distribution draws length and width of fields evenly in their logarithm, the delay evenly.
"""

import math
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter
from .control_task import TICK, Axis, PlaceCode
from .distribution import Drawn, Split, TaskDistribution, between, of_kinds
from .linear_track import LinearTrack


@dataclass(frozen=True)
class OwnFields(PlaceCode):
    """Fields whose width is a number of the individual's world."""

    @property
    def reads(self) -> tuple[str, ...]:
        return ("width",)

    @property
    def field(self) -> str:
        return f"exp(-({self.square})/(2*width**2))"


@dataclass(frozen=True)
class OwnTrack(LinearTrack):
    """`LinearTrack` with ``length`` (m), ``width`` of place fields (spacings of centres) and delay of the
    reward, ``delay_s`` (s), that are each individual's own."""

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        return (
            Parameter("length", self.length, "1", self.goal, math.inf, "log", "of the track (m)", True),
            Parameter("width", 1.0, "1", 0.0, math.inf, "log", "of a place field (spacings)", True),
            Parameter("delay_s", 0.0, "s", 0.0, self.rest - TICK, "linear", "from the goal to its reward"),
        )

    @property
    def delay(self) -> str:
        return "delay_s"

    @property
    def success(self) -> str:
        return f"x >= length - {self.goal!r}"

    @property
    def code(self) -> PlaceCode:
        return OwnFields((Axis("x/length", 0.0, 1.0, self.cells),))


@dataclass(frozen=True)
class TrackKind:
    """Bounds of what is drawn."""

    length: tuple[float, float] = (0.5, 1.0)
    """of the track (m)"""
    width: tuple[float, float] = (0.7, 1.4)
    """of a place field (spacings)"""
    delay: tuple[float, float] = (0.0, 0.3)
    """from the goal to the reward (s)"""

    def __post_init__(self) -> None:
        for name, least in (("length", 0.1), ("width", 0.1), ("delay", 0.0)):
            low, high = getattr(self, name)
            if not least <= low <= high < math.inf:
                raise Mistake(f"tracks: {name} is {low:g} .. {high:g}, must rise from {least:g} or more")


@dataclass(frozen=True)
class Tracks(TaskDistribution):
    """Tracks of training and held-out tracks, and kinds of tracks beyond these."""

    task: OwnTrack = OwnTrack()
    usual: TrackKind = TrackKind()
    beyond: tuple[tuple[str, TrackKind], ...] = (
        ("long", TrackKind(length=(1.3, 1.6))),
        ("late", TrackKind(delay=(0.5, 0.7))),
        ("blurred", TrackKind(width=(2.0, 2.8))),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        return of_kinds(self._of, self.usual, self.beyond, split, number, seed)

    def _of(self, name: str, kind: TrackKind, number: int, task_seed: int) -> Drawn:
        if number < 1:
            raise Mistake(f"{number} tracks are none")
        logs = [np.log(kind.length), np.log(kind.width)]
        length, width = (
            np.exp(between((float(low), float(high)), task_seed, which, number))
            for which, (low, high) in enumerate(logs)
        )
        delay = between(kind.delay, task_seed, 2, number)
        return Drawn(
            name,
            self.task,
            number,
            task_seed,
            {"length": length, "width": width, "delay_s": np.floor(delay / TICK + 0.5) * TICK},
        )

    def best(self, drawn: Drawn) -> np.ndarray:
        """Seconds that who runs straight to the goal takes (individual,)."""
        task = drawn.task
        steps = np.ceil((drawn.parameters["length"] - task.goal) / (task.speed * TICK * task.hold) - 1e-9)
        return steps * TICK * task.hold
