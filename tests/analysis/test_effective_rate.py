"""The effective rate gives back the rate of a learner that has one, in stable and in volatile times."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.effective_rate import effective_rate


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
