"""The two-step task in neurons: the network lives the very episodes of the players, as one of them would."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.program.keyed import uniform
from hedon.models.tasks.reversal_bandit import CHOICE
from hedon.models.tasks.two_step_bandit import TwoStepBandit
from hedon.plasticity.family import Family

TASK, LIVES, TRIALS, SWAP, ETA, BETA = TwoStepBandit(), 60, 50, 0.1, 0.3, 6.0


def test_chosen_value_is_the_model_free_learner_of_lambda_one() -> None:
    """Q(a) += alpha (r - Q(a)) is (3) of `two_step_swap` at lambda 1, choice by choice."""
    net = ChoiceNetwork(TASK, Family.point("ChosenValue", ETA), LIVES, block=1, beta=BETA)
    lived = net.program()(
        {"task_seed": 5, "hazard": np.full(LIVES, SWAP)},
        seed=0,
        duration=TRIALS,
        outputs=["w", "reward_mean", "best_mean", "worth_mean"],
    )
    world = TASK.states(5, np.full(LIVES, SWAP), TRIALS)
    values, who = np.full((LIVES, 2), 0.5), np.arange(LIVES)
    for trial in range(TRIALS):
        noise = -np.log(-np.log(uniform(5, CHOICE, who[:, None], trial, np.arange(2))))
        choice = (BETA * values + noise).argmax(axis=1)
        reached = np.where(world.is_common[:, trial], choice, 1 - choice)
        paid = world.pay[who, trial, reached]
        right = choice == world.good[:, trial]
        np.testing.assert_array_equal(np.asarray(lived["reward_mean"])[trial], paid)
        np.testing.assert_array_equal(np.asarray(lived["best_mean"])[trial], right)
        np.testing.assert_allclose(np.asarray(lived["worth_mean"])[trial], np.where(right, 0.74, 0.26))
        values[who, choice] += ETA * (paid - values[who, choice])
    np.testing.assert_allclose(np.asarray(lived["w"])[:, 0], values, rtol=0, atol=1e-12)


def test_episodes_have_their_probabilities() -> None:
    number, trials = 4000, 40
    world = TASK.states(9, np.full(number, SWAP), trials)
    moved = np.diff(world.good, axis=1) != 0
    assert abs(moved.mean() - SWAP) < 5 * (SWAP * (1 - SWAP) / moved.size) ** 0.5
    assert abs(world.is_common.mean() - 0.8) < 5 * (0.16 / world.is_common.size) ** 0.5
    paid = np.take_along_axis(world.pay, world.good[:, :, None].astype(int), axis=2)
    assert abs(paid.mean() - 0.9) < 5 * (0.09 / paid.size) ** 0.5
    pay, good = TASK.episodes(9, np.full(number, SWAP), trials)
    right = np.take_along_axis(pay, good[:, :, None].astype(int), axis=2)
    assert abs(right.mean() - 0.74) < 5 * (0.74 * 0.26 / right.size) ** 0.5


@pytest.mark.parametrize("settings", [{"arms": 3}, {"common": 1.2}, {"high": 2.0}])
def test_refusals(settings: dict) -> None:
    with pytest.raises(Mistake):
        TwoStepBandit(**settings)
