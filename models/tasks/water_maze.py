"""Morris water maze in continuous space: find a hidden platform from any side.

The body swims in a square pool at the speed and in the direction of the actors' population vector p (Hz),

    velocity = speed * p / (|p| + half),                                                    (1)

from the middle of one of the four sides, drawn for each trial, until it meets the platform (Morris 1984,
doi:10.1016/0165-0270(84)90007-4; in spikes Fremaux, Sprekeler & Gerstner 2013,
doi:10.1371/journal.pcbi.1003024).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .control_task import TICK, Axis, ControlTask, PlaceCode


@dataclass(frozen=True)
class WaterMaze(ControlTask):
    """A direction in the plane is the action; the state is the place ``x``, ``y`` (m)."""

    size: float = 1.0
    """side of the pool (m)"""
    platform_x: float = 0.35
    """place of the platform's centre (m)"""
    platform_y: float = 0.65
    """place of the platform's centre (m)"""
    radius: float = 0.06
    """of the platform (m)"""
    speed: float = 0.6
    """that a strong population vector reaches (m/s)"""
    half: float = 0.5
    """population vector at which half of it is reached (Hz)"""
    bounce: float = 0.05
    """a wall throws the body back by so much (m)"""
    cells: int = 10
    """place cells along a side"""
    width: float = 1.0
    """of a place field (spacings of the grid)"""

    @property
    def actions(self) -> None:
        return None

    @property
    def states(self) -> tuple[str, ...]:
        return ("x", "y")

    @property
    def start(self) -> Mapping[str, str]:
        side = "floor(4*keyed_uniform(task_seed, start, individual, trial, 0))"
        near, far, half = 0.05 * self.size, 0.9 * self.size, 0.45 * self.size
        return {
            "x": f"{near!r} + {half!r}*int({side} < 2) + {far!r}*int({side} == 2)",
            "y": f"{near!r} + {half!r}*int({side} >= 2) + {far!r}*int({side} == 0)",
        }

    @property
    def move(self) -> str:
        step = self.speed * TICK * self.hold
        return "\n".join(
            [f"stride = {step!r}/(sqrt(pull_x**2 + pull_y**2) + {self.half!r}*Hz)"]
            + [f"free_{z} = {z} + stride*pull_{z}" for z in "xy"]
            + [
                f"next_{z} = clip(free_{z}, 0, {self.size!r}) + {self.bounce!r}*(int(free_{z} < 0) "
                f"- int(free_{z} > {self.size!r}))"
                for z in "xy"
            ]
        )

    @property
    def success(self) -> str:
        return f"(x - {self.platform_x!r})**2 + (y - {self.platform_y!r})**2 < {self.radius**2!r}"

    @property
    def code(self) -> PlaceCode:
        return PlaceCode(tuple(Axis(z, 0.0, self.size, self.cells) for z in "xy"), self.width)
