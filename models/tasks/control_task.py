"""What a control task is: a body with states, how an action moves it, when a trial ends, and what cells see.

A task is an immutable value that knows nothing of the learner. It says in Brian2 code

* ``move``: how one step changes the states: for each state x, code that leaves its next value in ``next_x``;
* ``start``: expressions for the states at the start of a trial, with keyed draws ``keyed_uniform(task_seed,
  start, individual, trial, k)``;
* ``success`` and ``failure``: conditions, checked after each step, that end a trial, and what they pay;
  a trial that reaches ``limit`` seconds ends unfinished;
* ``code``: the place cells, a grid of Gaussian fields over features of the state;
* ``numbers``: of a world of which every individual has its own, what differs between them: names that the
  code may use, and arguments of a call.

An action is one of ``actions`` choices (``action`` = 0, 1, ...), or, where ``actions`` is None, a direction
in the plane (``pull_x``, ``pull_y``: the population vector of the actor neurons). Between moves the action
is held for ``hold`` ticks of `TICK` seconds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter

TICK = 0.02
"""Seconds between two looks at the world; steps of tasks and of plasticity are multiples of it."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a grid of place cells."""

    feature: str
    """expression of the states"""
    low: float
    """feature at the first centre"""
    high: float
    """feature at the last centre; on a circle the value that is ``low`` again"""
    cells: int
    """centres, equally spaced"""
    circular: bool = False

    def __post_init__(self) -> None:
        if not self.high > self.low or not math.isfinite(self.high - self.low):
            raise Mistake(f"place cells for '{self.feature}': from {self.low:g} to {self.high:g} is no range")
        if self.cells < 2:
            raise Mistake(f"place cells for '{self.feature}': {self.cells}, at least 2 are needed")

    @property
    def spacing(self) -> float:
        """Distance between neighbouring centres, in units of the feature."""
        return (self.high - self.low) / (self.cells if self.circular else self.cells - 1)

    @property
    def position(self) -> str:
        """The feature counted in spacings, clipped to the grid."""
        place = f"(({self.feature}) - ({self.low!r}))/{self.spacing!r}"
        return place if self.circular else f"clip({place}, 0, {self.cells - 1})"

    def distance(self, name: str, centre: str) -> str:
        """Expression of the distance between a position and a centre, in spacings."""
        if not self.circular:
            return f"({name} - {centre})"
        return f"({name} - {centre} - {self.cells}*floor(({name} - {centre})/{self.cells} + 0.5))"


@dataclass(frozen=True)
class PlaceCode:
    """A grid of Poisson neurons, rate = peak exp(-|position - centre|**2/(2 width**2))."""

    axes: tuple[Axis, ...]
    width: float = 1.0
    """standard deviation of a field (spacings)"""
    peak: float = 100.0
    """rate at the centre (Hz)"""

    def __post_init__(self) -> None:
        if not self.axes:
            raise Mistake("a place code needs at least one axis")
        if not 0 < self.width < math.inf or not 0 < self.peak <= 500:
            raise Mistake(
                f"place cells: width {self.width:g} must be above 0, peak {self.peak:g} in (0, 500] Hz"
            )

    @property
    def cells(self) -> int:
        return math.prod(axis.cells for axis in self.axes)

    @property
    def reads(self) -> tuple[str, ...]:
        """Numbers of the world on which the field depends."""
        return ()

    @property
    def field(self) -> str:
        """Activation (0 to 1) of a cell at ``centre0``, ... where the world is at ``position0``, ..."""
        return f"exp(-({self.square})/{2 * self.width**2!r})"

    @property
    def square(self) -> str:
        """Squared distance between position and centre (spacings)."""
        return " + ".join(
            axis.distance(f"position{k}", f"centre{k}") + "**2" for k, axis in enumerate(self.axes)
        )


@dataclass(frozen=True, kw_only=True)
class ControlTask:
    """Base of the control tasks.

    Raises:
        Mistake: a number that is not finite, or a limit shorter than one step.
    """

    limit: float = 60.0
    """a trial that lasts so long is ended, unfinished (s)"""
    rest: float = 1.0
    """silence between two trials (s)"""
    hold: int = field(default=1)
    """ticks of 20 ms for which an action is held"""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, float) and not math.isfinite(value):
                raise Mistake(f"{type(self).__name__}: {each.name} is {value}, must be finite")
        if self.hold < 1 or round(self.limit / TICK) < self.hold or self.rest < TICK:
            raise Mistake(
                f"{self.title}: hold {self.hold} ticks, limit {self.limit:g} s, rest {self.rest:g} s "
                f"must be at least 1 tick, hold and {TICK:g} s"
            )

    @property
    def title(self) -> str:
        """What messages call the task."""
        return type(self).__name__

    @property
    def actions(self) -> int | None:
        """Number of choices; None is a direction in the plane."""
        raise NotImplementedError

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the state variables of the body."""
        raise NotImplementedError

    @property
    def start(self) -> Mapping[str, str]:
        """State -> expression of its value at the start of a trial."""
        raise NotImplementedError

    @property
    def move(self) -> str:
        """Code of one step, which leaves each state's next value in ``next_<state>``."""
        raise NotImplementedError

    @property
    def success(self) -> str:
        """Condition under which the trial ends well."""
        return "False"

    @property
    def failure(self) -> str:
        """Condition under which the trial ends badly."""
        return "False"

    @property
    def rewards(self) -> tuple[float, float]:
        """Reward at success and at failure."""
        return 1.0, 0.0

    @property
    def wage(self) -> str:
        """Expression of the reward for one step, paid within a tick; '' for none."""
        return ""

    @property
    def equations(self) -> str:
        """Variables of the body beyond its states."""
        return ""

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """What every individual's world has of its own."""
        return ()

    @property
    def delay(self) -> str:
        """Expression of the time from the end of a trial to its reward (s); '' for none."""
        return ""

    @property
    def code(self) -> PlaceCode:
        """The place cells."""
        raise NotImplementedError
