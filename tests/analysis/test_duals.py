"""Derivatives that come with arrays, against differences of the values."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.duals import Dual, constant, follow, where

STEP = 1e-6


def theta(x: np.ndarray) -> list[Dual]:
    return [Dual(x[:, k, None, None], {f"x{k}": np.ones((len(x), 1, 1))}) for k in range(x.shape[1])]


def derivatives(function, x: np.ndarray) -> tuple[Dual, list[np.ndarray]]:
    """The function at ``x`` (row, parameter), and its central differences along each parameter."""
    sides = [
        [function(theta(x + sign * STEP * np.eye(x.shape[1])[k])).value for sign in (1, -1)]
        for k in range(x.shape[1])
    ]
    return function(theta(x)), [(up - down) / (2 * STEP) for up, down in sides]


def agrees(function, x: np.ndarray) -> None:
    found, expected = derivatives(function, x)
    for k, difference in enumerate(expected):
        part = np.broadcast_to(found.parts.get(f"x{k}", np.zeros(1)), difference.shape)
        np.testing.assert_allclose(part, difference, atol=1e-8, err_msg=f"x{k}")


def test_arithmetic() -> None:
    x = np.random.default_rng(0).uniform(0.2, 0.8, (5, 3))
    table = np.random.default_rng(1).normal(size=(5, 4, 2))
    agrees(lambda t: t[0] * t[1] + t[1] * table - 2.0 * t[2] * t[2] + 1.0, x)
    agrees(lambda t: (table - t[0]) * (1.0 - t[1]) + table * t[2], x)
    agrees(lambda t: where(table > 0, t[0] * table, t[1] * t[2] + table), x)
    assert constant(3.0).names == set()


@pytest.mark.parametrize("uneven", [False, True])
def test_a_value_that_follows(uneven: bool) -> None:
    """Also against the recursion in plain Python."""
    generator = np.random.default_rng(2)
    x = generator.uniform(0.2, 0.8, (5, 3))
    moves = (generator.random((5, 30, 2)) < 0.6).astype(float)
    reward = generator.integers(0, 2, (5, 30, 1)).astype(float)
    begins = generator.random((5, 30)) < 0.1

    def run(t):
        rate = (t[0], t[1]) if uneven else t[0]
        return follow(rate, t[2] * reward, moves, begins)

    agrees(run, x)
    found = run(theta(x)).value
    for row in range(5):
        for option in range(2):
            value = 0.5
            for trial in range(30):
                value = 0.5 if begins[row, trial] else value
                assert found[row, trial, option] == pytest.approx(value, abs=1e-14)
                gap = x[row, 2] * reward[row, trial, 0] - value
                rate = x[row, 0] if gap > 0 or not uneven else x[row, 1]
                value += rate * moves[row, trial, option] * gap
