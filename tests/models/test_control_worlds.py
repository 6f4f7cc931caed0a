"""How a life in drawn worlds is scored: what is earned, and the last quarter as much as the whole."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.models.actor_critic.trial_series import Series
from hedon.models.experiments.control_worlds import WORLDS

LATENCY, REST = 1.2, 0.8
"""A trial takes 2 s."""


def life(reached: np.ndarray) -> Series:
    """One individual for each row, whose trials end well or not."""
    shape = reached.shape
    return Series(np.full(shape, LATENCY), reached.astype(float), np.ones(shape, bool), {})


@pytest.mark.parametrize("kind", ["tracks", "mazes"])
def test_who_gets_stuck_scores_less_than_who_learns_late(kind):
    worlds = WORLDS[kind]
    drawn = worlds.distribution.draw("train", 3, 1)[0]
    early = np.arange(20) < 10
    rest = drawn.task.rest
    seconds = 20 * (LATENCY + rest)
    series = life(np.array([early, ~early, np.ones(20, bool)]))
    each = worlds.distribution.best(drawn) + rest
    earned = worlds.earned(series, drawn, seconds)
    np.testing.assert_allclose(earned, each * [10, 10, 20] / seconds)
    late = each * [0, 5, 5] / (0.25 * seconds)
    np.testing.assert_allclose(worlds.scored(series, drawn, seconds), (earned + late) / 2)
    np.testing.assert_allclose(
        np.nanmean(worlds.level(series, drawn)[2]), worlds.distribution.best(drawn)[2] / LATENCY
    )


def test_poles_earn_the_time_for_which_they_stand():
    worlds = WORLDS["poles"]
    drawn = worlds.distribution.draw("train", 2, 1)[0]
    latency = np.array([[4.0, 4.0], [0.5, 4.0]])
    series = Series(latency, np.zeros((2, 2)), np.array([[True, True], [True, False]]), {})
    np.testing.assert_allclose(worlds.earned(series, drawn, 9.0), [8 / 9, 0.5 / 9])
    good = worlds.good(series, drawn)
    assert good[0].tolist() == [1, 1] and good[1, 0] == 0 and np.isnan(good[1, 1])
