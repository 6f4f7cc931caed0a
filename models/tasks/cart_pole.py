"""CartPole: keep a pole upright by pushing the cart below it left or right.

    temp = (F + m_p l omega**2 sin th)/M
    dw/dt = (g sin th - cos th temp) / (l (4/3 - m_p cos(th)**2/M))                         (1)
    dv/dt = temp - m_p l (dw/dt) cos th / M

with explicit Euler steps of 20 ms, as in Gymnasium's CartPole-v1 (Barto, Sutton & Anderson 1983,
doi:10.1109/TSMC.1983.6313077; Florian 2007), against which the code is tested step by step. l is half the
pole's length (0.5 m), m_p its mass (0.1 kg), M the mass of both (1.1 kg), F = +-10 N. A trial is lost when
the cart leaves +-2.4 m or the pole +-12 degrees, and well done when it lasts to the limit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from .control_task import TICK, Axis, ControlTask, PlaceCode

EDGE = 2.4
"""The cart's place where a trial is lost (m)."""
FALLEN = 12 * 2 * math.pi / 360
"""The pole's angle where a trial is lost (rad)."""


@dataclass(frozen=True)
class CartPole(ControlTask):
    """Two actions, push left and right; states ``x`` (m), ``v`` (m/s), ``theta`` (rad), ``omega`` (rad/s)."""

    limit: float = field(default=200 * TICK, kw_only=True)
    """a trial ends after so long, held to the end (s); 200 steps as in CartPole-v0"""
    rest: float = field(default=0.5, kw_only=True)
    """silence between two trials (s)"""
    cells: tuple[int, int, int, int] = (3, 3, 7, 5)
    """place cells for each of the four states"""
    reach: tuple[float, float, float, float] = (1.6, 1.5, 0.2, 1.5)
    """the outermost centres lie at +- these (m, m/s, rad, rad/s)"""
    width: float = 0.7
    """of a place field (spacings of the grid)"""
    peak: float = 100.0
    """rate of a place cell at its centre (Hz)"""

    @property
    def actions(self) -> int:
        return 2

    @property
    def states(self) -> tuple[str, ...]:
        return ("x", "v", "theta", "omega")

    @property
    def start(self) -> Mapping[str, str]:
        return {
            state: f"0.1*keyed_uniform(task_seed, start, individual, trial, {k}) - 0.05"
            for k, state in enumerate(self.states)
        }

    @property
    def move(self) -> str:
        return """
        push = (20*action - 10 + 0.05*omega**2*sin(theta))/1.1
        angular = (9.8*sin(theta) - cos(theta)*push)/(0.5*(4.0/3.0 - 0.1*cos(theta)**2/1.1))
        next_x = x + 0.02*v
        next_v = v + 0.02*(push - 0.05*angular*cos(theta)/1.1)
        next_theta = theta + 0.02*omega
        next_omega = omega + 0.02*angular
        """

    @property
    def failure(self) -> str:
        return f"abs(x) > {EDGE!r} or abs(theta) > {FALLEN!r}"

    @property
    def rewards(self) -> tuple[float, float]:
        return 0.0, -1.0

    @property
    def code(self) -> PlaceCode:
        axes = zip(self.states, self.reach, self.cells, strict=True)
        grid = tuple(Axis(s, -reach, reach, cells) for s, reach, cells in axes)
        return PlaceCode(grid, self.width, self.peak)
