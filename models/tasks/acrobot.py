"""Acrobot: swing the tip of a two-link pendulum above the bar by torques at the joint between the links.

    d1 ddtheta1 + d2 ddtheta2 = -phi1,   d2 ddtheta1 + (m2 lc2**2 + I2) ddtheta2 = torque - phi2'      (1)

(Sutton 1996; Sutton & Barto's book), all masses and lengths 1, lc = 1/2, I = 1, g = 9.8, torque -1, 0 or 1,
held for 0.2 s, one Runge-Kutta step of fourth order each; angles wrapped to +-pi, velocities clipped to 4
pi and 9 pi. The code is tested step by step against Gymnasium's Acrobot-v1. A trial ends well when the tip
is one link's length above the bar, -cos theta1 - cos(theta1 + theta2) > 1; the limit is that of Acrobot-v1,
500 steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .control_task import TICK, Axis, ControlTask, PlaceCode

STEP = 0.2
"""Seconds of one step."""

SLOPE = """
d1_{n} = 3.5 + cos(b_{n})
d2_{n} = 1.25 + 0.5*cos(b_{n})
phi2_{n} = 4.9*cos(a_{n} + b_{n} - pi/2)
phi1_{n} = -0.5*db_{n}**2*sin(b_{n}) - db_{n}*da_{n}*sin(b_{n}) + 14.7*cos(a_{n} - pi/2) + phi2_{n}
inertia_{n} = 1.25 - d2_{n}**2/d1_{n}
ddb_{n} = (action - 1 + d2_{n}/d1_{n}*phi1_{n} - 0.5*da_{n}**2*sin(b_{n}) - phi2_{n})/inertia_{n}
dda_{n} = -(d2_{n}*ddb_{n} + phi1_{n})/d1_{n}
"""
"""Equation (1) at stage n: angles a, b, their velocities da, db, their accelerations dda, ddb."""

STAGE = """
a_{n} = theta1 + {h}*da_{m}
b_{n} = theta2 + {h}*db_{m}
da_{n} = omega1 + {h}*dda_{m}
db_{n} = omega2 + {h}*ddb_{m}
"""


@dataclass(frozen=True)
class Acrobot(ControlTask):
    """Three actions, torque -1, 0, 1; states ``theta1``, ``theta2`` (rad), ``omega1``, ``omega2`` (rad/s)."""

    limit: float = field(default=500 * STEP, kw_only=True)
    """a trial that lasts so long is ended, unfinished (s)"""
    hold: int = field(default=round(STEP / TICK), kw_only=True)
    """ticks of 20 ms for which an action is held"""
    cost: float = field(default=0.0, kw_only=True)
    """what each step costs: a reward below zero; 1 in Acrobot-v1"""
    cells: tuple[int, int, int, int] = (6, 6, 5, 5)
    """place cells for each of the four states"""
    reach: tuple[float, float] = (5.0, 8.0)
    """the outermost centres of the velocities lie at +- these (rad/s)"""
    width: float = 0.7
    """of a place field (spacings of the grid)"""

    @property
    def actions(self) -> int:
        return 3

    @property
    def states(self) -> tuple[str, ...]:
        return ("theta1", "theta2", "omega1", "omega2")

    @property
    def start(self) -> Mapping[str, str]:
        return {
            state: f"0.2*keyed_uniform(task_seed, start, individual, trial, {k}) - 0.1"
            for k, state in enumerate(self.states)
        }

    @property
    def move(self) -> str:
        lines = "a_1 = theta1\nb_1 = theta2\nda_1 = omega1\ndb_1 = omega2" + SLOPE.format(n=1)
        for n, h in ((2, STEP / 2), (3, STEP / 2), (4, STEP)):
            lines += STAGE.format(n=n, m=n - 1, h=h) + SLOPE.format(n=n)
        return lines + self.after

    @property
    def after(self) -> str:
        """Code that leaves the next states, from those of the four stages."""
        lines = ""
        for state, slope in zip(self.states, ("da", "db", "dda", "ddb"), strict=True):
            total = f"({slope}_1 + 2*{slope}_2 + 2*{slope}_3 + {slope}_4)"
            lines += f"free_{state} = {state} + {STEP / 6!r}*{total}\n"
        for state in ("theta1", "theta2"):
            lines += f"next_{state} = free_{state} - 2*pi*floor((free_{state} + pi)/(2*pi))\n"
        lines += "next_omega1 = clip(free_omega1, -4*pi, 4*pi)\nnext_omega2 = clip(free_omega2, -9*pi, 9*pi)"
        return lines

    @property
    def success(self) -> str:
        return "-cos(theta1) - cos(theta1 + theta2) > 1"

    @property
    def wage(self) -> str:
        return f"-{self.cost!r}" if self.cost else ""

    @property
    def code(self) -> PlaceCode:
        turn = 3.141592653589793
        angles = [
            Axis(s, -turn, turn, n, circular=True)
            for s, n in zip(self.states[:2], self.cells[:2], strict=True)
        ]
        speeds = zip(self.states[2:], self.reach, self.cells[2:], strict=True)
        return PlaceCode((*angles, *(Axis(s, -r, r, n) for s, r, n in speeds)), self.width)
