"""The effective rate gives back the rate of a learner that has one, in stable and in volatile times."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.effective_rate import GRID, STEEPEST, effective_rate


def lived(alpha: float, hazard: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    sessions, trials = 300, 100
    good, x = draw.integers(0, 2, sessions), np.zeros(sessions)
    actions, rewards = np.empty((2, sessions, trials))
    for trial in range(trials):
        good = np.where(draw.random(sessions) < hazard, 1 - good, good)
        action = (draw.random(sessions) < 1 / (1 + np.exp(-4 * x))).astype(int)
        reward = (draw.random(sessions) < np.where(action == good, 0.8, 0.2)).astype(int)
        x += alpha * ((2 * action - 1) * (2 * reward - 1) - x)
        actions[:, trial], rewards[:, trial] = action, reward
    return actions, rewards


@pytest.mark.parametrize("hazard", (0.0, 0.2))
@pytest.mark.parametrize("alpha", (0.1, 0.4))
def test_a_fixed_rate_comes_back(alpha: float, hazard: float) -> None:
    """Within a tenth: one step of the grid is 7 %."""
    found, beta = effective_rate(*lived(alpha, hazard, 3))
    assert found == pytest.approx(alpha, rel=0.1)
    assert beta == pytest.approx(4, rel=0.1)


def test_both_numbers_are_the_most_likely_of_a_grid() -> None:
    """The likelihood in plain Python, over the rates and over steepnesses about what was found."""
    generator = np.random.default_rng(0)
    action, reward = generator.integers(0, 2, (2, 4, 25))
    action[:, 5:] = np.where(reward[:, 4:-1] == 1, action[:, 4:-1], action[:, 5:])  # who won often stays

    def log_l(alpha: float, beta: float) -> float:
        total = 0.0
        for actions, rewards in zip(action, reward, strict=True):
            x = 0.0
            for a, r in zip(actions, rewards, strict=True):
                total -= np.log1p(np.exp(-beta * x if a else beta * x))
                x += alpha * ((2 * a - 1) * (2 * r - 1) - x)
        return total

    alpha, beta = effective_rate(action, reward)
    best = log_l(alpha, beta)
    assert alpha in GRID and GRID[0] == 0.02 and GRID[-1] == 1 and 0 < beta < STEEPEST
    assert all(log_l(alpha, beta * by) < best for by in (0.95, 1.05))
    for other in GRID[::6]:
        assert max(log_l(float(other), b) for b in np.linspace(0, 3 * beta, 31)) <= best + 1e-9


def test_who_always_wins_and_stays_is_as_steep_as_may_be() -> None:
    assert effective_rate(np.ones((1, 30)), np.ones((1, 30)))[1] == STEEPEST
    assert effective_rate(np.tile([0, 1], (1, 15)), np.ones((1, 30)))[1] < 1
