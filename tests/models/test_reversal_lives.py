"""Lives of several episodes: the network is given the very lives that `ReversalLives.lives` tells."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.program.keyed import uniform
from hedon.models.tasks.reversal_bandit import CHOICE
from hedon.models.tasks.reversal_lives import ReversalLives
from hedon.plasticity.family import Family

TASK = ReversalLives(arms=2, high=0.7, low=0.3, hazards=(0.0, 0.1, 0.4), episode=20)
LIVES, EPISODES, ETA, BETA = 40, 3, 0.2, 3.0


def test_the_network_lives_what_is_told() -> None:
    net = ChoiceNetwork(TASK, Family.point("ChosenValue", ETA), LIVES, block=20, beta=BETA)
    trials = EPISODES * TASK.episode
    lived = net.program()(
        {"task_seed": 6}, seed=0, duration=trials, outputs=["w", "reward_mean", "best_mean", "good"]
    )
    pay, good, _ = TASK.lives(6, LIVES, EPISODES)
    values, who = np.full((LIVES, 2), 0.5), np.arange(LIVES)
    rewards, best = np.empty((2, trials, LIVES))
    for trial in range(trials):
        noise = -np.log(-np.log(uniform(6, CHOICE, who[:, None], trial, np.arange(2))))
        choice = (BETA * values + noise).argmax(axis=1)
        rewards[trial], best[trial] = pay[who, trial, choice], choice == good[:, trial]
        values[who, choice] += ETA * (rewards[trial] - values[who, choice])
    np.testing.assert_allclose(np.asarray(lived["w"])[:, 0], values, rtol=0, atol=1e-12)
    blocks = (EPISODES, TASK.episode, LIVES)
    for name, each in (("reward_mean", rewards), ("best_mean", best)):
        means = each.reshape(blocks).mean(axis=1)
        np.testing.assert_allclose(np.asarray(lived[name]).reshape(means.shape), means, atol=1e-12)
    np.testing.assert_array_equal(np.asarray(lived["good"]).ravel(), good[:, -1])


def test_episodes_have_their_hazards_and_begin_anew() -> None:
    lives, episodes = 600, 10
    _, good, hazard = TASK.lives(3, lives, episodes)
    moved = np.diff(good, axis=1) != 0
    inside = np.delete(np.arange(episodes * 20 - 1), np.arange(19, episodes * 20 - 1, 20))
    each = np.repeat(hazard, 20, axis=1)[:, 1:]
    for one in TASK.hazards:
        drawn = moved[:, inside][each[:, inside] == one]
        assert abs(drawn.mean() - one) <= 5 * (one * (1 - one) / drawn.size) ** 0.5
        share = (hazard == one).mean()
        assert abs(share - 1 / 3) < 5 * (2 / 9 / hazard.size) ** 0.5
    begun = moved[:, 19::20]
    assert abs(begun.mean() - 0.5) < 5 * (0.25 / begun.size) ** 0.5


@pytest.mark.parametrize("settings", [{"hazards": ()}, {"hazards": (1.5,)}, {"episode": 0}, {"arms": 1}])
def test_refusals(settings: dict) -> None:
    with pytest.raises(Mistake):
        ReversalLives(**settings)
