"""Arrays with their derivatives: forward differentiation, along the parameters on which a number depends.

    (a + b)' = a' + b',    (a b)' = a' b + a b'                                                       (1)

(Griewank & Walther 2008, Evaluating Derivatives, ch. 3; from memory). Only the derivatives that are not zero
everywhere are kept. `follow` differentiates a value that runs after a target, trial by trial:

    V += rate where (target - V),
    V' = (1 - rate where) V' + where (rate' (target - V) + rate target')                              (2)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..foundation.arrays import Array


@dataclass(frozen=True)
class Dual:
    """An array and its derivatives, by the name of the parameter; of shapes that numpy broadcasts."""

    value: Array
    parts: Mapping[str, Array]

    __array_ufunc__ = None  # numpy leaves array + Dual to Dual

    def __add__(self, other: Dual | Array | float) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.parts)
        parts = dict(self.parts)
        for name, part in other.parts.items():
            parts[name] = parts[name] + part if name in parts else part
        return Dual(self.value + other.value, parts)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return self.map(np.negative)

    def __sub__(self, other: Dual | Array | float) -> Dual:
        return self + (-other)

    def __rsub__(self, other: Array | float) -> Dual:
        return -self + other

    def __mul__(self, other: Dual | Array | float) -> Dual:
        if not isinstance(other, Dual):
            return self.map(lambda array: array * other)
        parts = {name: part * other.value for name, part in self.parts.items()}
        for name, part in other.parts.items():
            more = self.value * part
            parts[name] = parts[name] + more if name in parts else more
        return Dual(self.value * other.value, parts)

    __rmul__ = __mul__

    def map(self, linear: Callable[[Array], Array]) -> Dual:
        """``linear``, a linear function of arrays, of the value and of each derivative."""
        return Dual(linear(self.value), {name: linear(part) for name, part in self.parts.items()})

    @property
    def names(self) -> set[str]:
        return set(self.parts)


def constant(value: Array | float) -> Dual:
    return Dual(np.asarray(value, float), {})


def where(condition: NDArray[np.bool_], yes: Dual, no: Dual) -> Dual:
    """``yes`` where the condition holds, else ``no``; both of the condition's shape."""
    zero = np.zeros(1)
    parts = {
        name: np.where(condition, yes.parts.get(name, zero), no.parts.get(name, zero))
        for name in yes.names | no.names
    }
    return Dual(np.where(condition, yes.value, no.value), parts)


def follow(
    rate: Dual | tuple[Dual, Dual],
    target: Dual | Array,
    moves: Array,
    begins: NDArray[np.bool_],
    start: float = 0.5,
) -> Dual:
    """Equation (2): the value *before* each trial, (row, trial, number).

    Args:
        rate: (row, 1, 1); or a pair, of which the first counts where the target lies above the value.
        target: what the value runs after, (row, trial, number) as far as numpy repeats it.
        moves: 1 where the value moves in a trial, else 0; (row, trial, number).
        begins: trials before which the value is ``start`` again, (row, trial).
    """
    uneven = isinstance(rate, tuple)
    up, down = rate if isinstance(rate, tuple) else (rate, rate)
    goal = target if isinstance(target, Dual) else constant(target)
    names = sorted(up.names | down.names | goal.names)
    zero = np.zeros((1, 1, 1))

    def by_trial(array: Array) -> Array:
        """(trial, row, number), one block of memory for each trial."""
        return np.ascontiguousarray(np.broadcast_to(array, moves.shape).swapaxes(0, 1))

    moving, goals, again = by_trial(moves), by_trial(goal.value), begins.T[:, :, None]
    rises = np.zeros(0, bool)
    if not uneven:
        steps = moving * up.value[:, 0]
        values = _run(1 - steps, steps * goals, again, start)
        gaps = goals - values
    else:
        values, rises = _run_unevenly(moving, goals, again, start, up.value[:, 0], down.value[:, 0])
        gaps = goals - values
        steps = moving * np.where(rises, up.value[:, 0], down.value[:, 0])
    kept, moved, parts = 1 - steps, moving * gaps, {}
    for name in names:
        above, below = (side.parts.get(name, zero)[:, 0] for side in (up, down))
        force = moved * (np.where(rises, above, below) if uneven else above)
        if name in goal.parts:
            force += steps * by_trial(goal.parts[name])
        parts[name] = _run(kept, force, again, 0.0).swapaxes(0, 1)
    return Dual(values.swapaxes(0, 1), parts)


def _run(kept: Array, force: Array, again: NDArray[np.bool_], start: float) -> Array:
    """y before each trial (trial, row, number), where y becomes kept y + force in a trial, from ``start``."""
    found = np.empty_like(kept)
    found[0] = start
    restarts = np.asarray(again.any(axis=(1, 2)))
    for trial in range(1, len(kept)):
        now = found[trial]
        np.multiply(kept[trial - 1], found[trial - 1], out=now)
        np.add(now, force[trial - 1], out=now)
        if restarts[trial]:
            np.copyto(now, start, where=again[trial])
    return found


def _run_unevenly(
    moving: Array, goals: Array, again: NDArray[np.bool_], start: float, above: Array, below: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Values before each trial, and where the goal lies above them; each (trial, row, number)."""
    values, rises = np.empty_like(moving), np.empty(moving.shape, bool)
    value = np.full(moving.shape[1:], start)
    for trial, (moves, goal) in enumerate(zip(moving, goals, strict=True)):
        value = np.where(again[trial], start, value)
        gap = goal - value
        values[trial], rises[trial] = value, gap > 0
        value = value + moves * np.where(rises[trial], above, below) * gap
    return values, rises
