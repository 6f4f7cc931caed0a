"""Water mazes that differ: where the platform lies, how large it is, and what stands in the way.

Every individual of a network swims in a pool of its own (`WaterMaze`): place and size of the platform are
arguments of a call, and so is a round obstacle, which a body cannot enter: it stays where it was. A
distribution draws the place evenly, the radius evenly in its logarithm. Usual pools hold no obstacle; beyond
them lie pools with a small platform, with one close to a corner, and with an obstacle in the middle.
"""

from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter
from .control_task import TICK
from .distribution import Drawn, Split, TaskDistribution, between, of_kinds
from .water_maze import WaterMaze


@dataclass(frozen=True)
class OwnMaze(WaterMaze):
    """`WaterMaze` with ``centre_x``, ``centre_y`` and ``size_r`` of the platform (m) and the radius of an
    obstacle in the middle, ``obstacle`` (m; 0: none), that are each individual's own."""

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        platform = {"centre_x": self.platform_x, "centre_y": self.platform_y, "size_r": self.radius}
        return (
            *(
                Parameter(name, value, "1", 0.0, self.size, "linear", "of the platform (m)")
                for name, value in platform.items()
            ),
            Parameter("obstacle", 0.0, "1", 0.0, 0.4 * self.size, "linear", "radius of an obstacle (m)"),
        )

    @property
    def move(self) -> str:
        half = 0.5 * self.size
        blocked = f"int((free_x - {half!r})**2 + (free_y - {half!r})**2 < obstacle**2)"
        aside = "\n".join(f"next_{z} = blocked*{z} + (1 - blocked)*next_{z}" for z in "xy")
        return f"{super().move}\nblocked = {blocked}\n{aside}"

    @property
    def success(self) -> str:
        return "(x - centre_x)**2 + (y - centre_y)**2 < size_r**2"


@dataclass(frozen=True)
class MazeKind:
    """Bounds of what is drawn."""

    place: tuple[float, float] = (0.2, 0.8)
    """of either coordinate of the platform (share of the pool)"""
    radius: tuple[float, float] = (0.05, 0.08)
    """of the platform (m)"""
    obstacle: tuple[float, float] = (0.0, 0.0)
    """radius of what stands in the middle (m)"""

    def __post_init__(self) -> None:
        for name, least in (("place", 0.0), ("radius", 0.005), ("obstacle", 0.0)):
            low, high = getattr(self, name)
            if not least <= low <= high <= 1:
                raise Mistake(f"mazes: {name} is {low:g} .. {high:g}, must rise from {least:g} to at most 1")


@dataclass(frozen=True)
class Mazes(TaskDistribution):
    """Mazes of training and held-out mazes, and kinds of mazes beyond these."""

    task: OwnMaze = OwnMaze()
    usual: MazeKind = MazeKind()
    beyond: tuple[tuple[str, MazeKind], ...] = (
        ("small platform", MazeKind(radius=(0.03, 0.04))),
        ("near a corner", MazeKind(place=(0.08, 0.14))),
        ("obstacle", MazeKind(obstacle=(0.1, 0.15))),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        return of_kinds(self._of, self.usual, self.beyond, split, number, seed)

    def _of(self, name: str, kind: MazeKind, number: int, task_seed: int) -> Drawn:
        if number < 1:
            raise Mistake(f"{number} mazes are none")
        size = self.task.size
        low, high = np.log(kind.radius)
        radius = np.exp(between((float(low), float(high)), task_seed, 2, number))
        obstacle = between(kind.obstacle, task_seed, 3, number)
        x, y = (size * between(kind.place, task_seed, which, number) for which in (0, 1))
        # a platform that an obstacle would cover is moved away from it, along the line from the middle
        away = np.maximum(np.hypot(x - size / 2, y - size / 2), 1e-9)
        far = np.where(obstacle > 0, np.maximum(away, obstacle + 2 * radius), away) / away
        return Drawn(
            name,
            self.task,
            number,
            task_seed,
            {
                "centre_x": size / 2 + far * (x - size / 2),
                "centre_y": size / 2 + far * (y - size / 2),
                "size_r": radius,
                "obstacle": obstacle,
            },
        )

    def best(self, drawn: Drawn) -> np.ndarray:
        """Mean seconds that who swims straight to the platform from each of the four sides takes, obstacles
        aside (individual,)."""
        task, own = drawn.task, drawn.parameters
        near, half, far = 0.05 * task.size, 0.5 * task.size, 0.95 * task.size
        starts = ((half, far), (half, near), (far, half), (near, half))
        ways = [np.hypot(own["centre_x"] - x, own["centre_y"] - y) - own["size_r"] for x, y in starts]
        steps = np.ceil(np.maximum(np.mean(ways, axis=0), 0.0) / (task.speed * TICK) - 1e-9)
        return np.maximum(steps, 1.0) * TICK
