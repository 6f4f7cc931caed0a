"""Backpropagation through time: its network is the program's, its gradient that of the logarithm of p."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.recurrent.backpropagation import Backpropagation
from hedon.models.recurrent.network import WEIGHTS, RecurrentNetwork
from hedon.models.recurrent.training import probed, shape
from hedon.models.tasks import CueMemory, LearningSet

NET = RecurrentNetwork(CueMemory(3), units=6, individuals=2, block=10, leaks=(0.5, 1.0))
STILL = {"eta_recurrent": 0.0, "eta_value": 0.0, "eta": 0.4, "decay": 0.01}


def test_with_its_policy_alone_it_is_the_program() -> None:
    by_hand = Backpropagation(NET, 4, STILL)
    curve = by_hand.shape(40)
    others = {"eta_input": 0.0, "sigma": 0.0, "gamma": 1.0}
    shaped = shape(NET, 40, 4, STILL | others)
    np.testing.assert_array_equal(curve, shaped.curves["correct"])
    for name in WEIGHTS:
        np.testing.assert_allclose(by_hand.w[name], shaped.state[name], atol=1e-12)
    assert np.abs(by_hand.w["w_policy"]).max() > 0.1
    frozen = Backpropagation(NET, 4, STILL).probed(40, 2, 4)
    np.testing.assert_array_equal(frozen, probed(NET, "correct", 40, 2, 4, STILL | others))


def test_its_gradient_is_that_of_the_logarithm_of_the_actions_probability() -> None:
    learner, draw = Backpropagation(NET, 4, STILL), np.random.default_rng(1)
    learner.w["w_policy"] = draw.normal(size=learner.w["w_policy"].shape)
    x = learner.seen(draw.random((2, NET.task.steps)) < 0.5)
    action = np.array([0, 1])

    def log_p() -> np.ndarray:
        return np.log(learner.forward(x)[1][[0, 1], action])

    z, p = learner.forward(x)
    found, step = learner.gradient(x, z, np.eye(2)[action] - p), 1e-6
    for name in ("w_input", "w_recurrent", "w_policy"):
        for place in np.ndindex(learner.w[name].shape[1:]):
            ends = []
            for sign in (1, -1):
                learner.w[name][(slice(None), *place)] += sign * step
                ends.append(log_p())
                learner.w[name][(slice(None), *place)] -= sign * step
            slope = (ends[0] - ends[1]) / (2 * step)  # its error is of the order step**2 and 1e-16/step
            np.testing.assert_allclose(found[name][(slice(None), *place)], slope, atol=1e-8)


def test_another_task_is_refused() -> None:
    with pytest.raises(Mistake, match="cue memory"):
        Backpropagation(RecurrentNetwork(LearningSet(2)), 0)
