"""Linear track: run to the end of it.

The body steps left or right along a track, from its closed end; at the other end lies the reward. Pushing
against the closed end costs a little: one that has learned the wrong way would else stay there with nothing
to learn from. (Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024, has a track too; the
sizes here are our own.)
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .control_task import TICK, Axis, ControlTask, PlaceCode


@dataclass(frozen=True)
class LinearTrack(ControlTask):
    """Two actions, left (0) and right (1); the state is the place ``x`` (m)."""

    length: float = 0.8
    """of the track (m)"""
    goal: float = 0.05
    """the reward is reached so far before the end (m)"""
    speed: float = 0.4
    """of the body (m/s)"""
    bump: float = 0.02
    """cost of each step against the closed end"""
    cells: int = 16
    """place cells along the track"""

    @property
    def actions(self) -> int:
        return 2

    @property
    def states(self) -> tuple[str, ...]:
        return ("x",)

    @property
    def start(self) -> Mapping[str, str]:
        return {"x": "0.0"}

    @property
    def move(self) -> str:
        step = self.speed * TICK * self.hold
        return (
            f"free_x = x + (2*action - 1)*{step!r}\nbumped = int(free_x < 0)\nnext_x = clip(free_x, 0, inf)"
        )

    @property
    def equations(self) -> str:
        return "bumped : 1"

    @property
    def wage(self) -> str:
        return f"-{self.bump!r}*bumped"

    @property
    def success(self) -> str:
        return f"x >= {self.length - self.goal!r}"

    @property
    def code(self) -> PlaceCode:
        return PlaceCode((Axis("x", 0.0, self.length, self.cells),))
