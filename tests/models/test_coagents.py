"""A hidden layer of agents follows the gradient of the whole network's mean reward."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.coagents.network import Coagents, gradient, mean_reward, patterns

MANY, HIDDEN = 6000, 3
NET = Coagents(hidden=HIDDEN, individuals=MANY, block=1)
RNG = np.random.default_rng(0)
W, BIAS, V, C = RNG.normal(size=(2, HIDDEN)), RNG.normal(size=HIDDEN), RNG.normal(size=HIDDEN), 0.3


def once(**given):
    start = {
        "w": np.tile(W, (MANY, 1, 1)),
        "bias": np.tile(BIAS, (MANY, 1)),
        "v": np.tile(V[:, None], (MANY, 1, 1)),
        "bias_output": np.full((MANY, 1), C),
        "individual": np.arange(MANY),
        "task_seed": 1,
    }
    return NET.program()({**start, **given}, seed=2, duration=1, outputs=["w", "v", "right", "value"])


def close(change, exact):
    error = change.std(axis=0) / len(change) ** 0.5
    return np.abs((change.mean(axis=0) - exact) / error).max()


@pytest.mark.parametrize("difference", [0.0, 1.0])
@pytest.mark.parametrize("value", [0.0, 0.6])
def test_the_mean_update_is_the_gradient_whatever_is_expected(difference, value):
    found = once(eta=1.0, eta_hidden=1.0, alpha=0.0, difference=difference, value=np.full((MANY, 4), value))
    by_w, by_v = gradient(W, BIAS, V, C, 2)
    assert close(found["w"] - W, by_w) < 5
    assert close(found["v"][..., 0] - V, by_v) < 5
    assert np.abs(by_w).max() > 0.02


def test_right_answers_are_those_of_the_exact_mean_reward():
    right = once(eta=0.0, eta_hidden=0.0)["right"][0]
    expected = 0.5 + 0.5 * mean_reward(W, BIAS, V, C, 2)
    assert abs(right.mean() - expected) < 5 * right.std() / MANY**0.5


def test_what_is_expected_of_a_pattern_is_its_own():
    value = once(eta=0.0, eta_hidden=0.0, alpha=0.5)["value"]
    assert ((value != 0).sum(axis=1) == 1).all()
    np.testing.assert_allclose(np.abs(value).max(axis=1), 0.5)


def test_xor_is_one_where_inputs_differ():
    x, y = patterns(2)
    np.testing.assert_array_equal(y, np.where(x[:, 0] != x[:, 1], 1, -1))


def test_mistakes():
    with pytest.raises(Mistake, match="hidden"):
        Coagents(hidden=0)
