"""A late scalar meets what is left of the eligibility of its cause: its closed form, and distal reward."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.online import delayed_eligibility
from hedon.models.dopamine.distal_reward import DistalReward
from hedon.models.program import compile_program


@pytest.fixture(scope="module")
def networks():
    """The builders' module; the building process looks for it along the same path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("networks_in_time")


def test_a_delayed_scalar_through_a_synapse_with_a_delay(networks):
    config = networks.Delayed()
    found = compile_program(networks.through_spikes, config)({}, seed=1, duration=20_000)
    expected = config.gain * config.rate * (1 - config.rate) * delayed_eligibility(config.decay, config.delay)
    assert delayed_eligibility(config.decay, config.delay) == pytest.approx(0.5987, abs=5e-5)
    assert abs(z_score(found["product"] / found["steps"], expected)) < 5
    one_late = (
        config.gain * config.rate * (1 - config.rate) * delayed_eligibility(config.decay, config.delay + 1)
    )
    assert abs(z_score(found["product"] / found["steps"], one_late)) > 5


def test_a_delayed_scalar_with_correlated_noise(networks):
    rho, value = 0.8, 5.115
    config = networks.Delayed(correlation=rho)
    found = compile_program(networks.through_noise, config)({}, seed=1, duration=6_000)
    expected = config.gain * delayed_eligibility(config.decay, config.delay, rho)
    assert expected == pytest.approx(config.gain * value, rel=1e-3)
    # the noise starts at 0 and is stationary after 400 steps
    assert abs(z_score(found["product"] / found["steps"], -expected)) > 5
    assert abs(z_score(found["product"] / found["steps"], expected)) < 5


@pytest.fixture(scope="module")
def distal():
    model = DistalReward(individuals=12)
    return model, {
        name: model.program({"yoked": yoked, "eta": eta}, seed=2, duration=seconds + model.dt)
        for name, yoked, eta, seconds in (
            ("own", 0, 0.03, 2400),
            ("other", 1, 0.03, 2400),
            ("frozen", 0, 0.0, 480),
        )
    }


def change(found) -> np.ndarray:
    w = found["w"].reshape(len(found["w"]), 12, -1)
    return w[-1] - w[0]


@pytest.mark.whole
def test_reward_seconds_later_strengthens_the_right_synapse_among_many(distal):
    own = change(distal[1]["own"])
    assert z_score(own[:, 0] - own[:, 1:].mean(axis=1), 0.0) > 5
    assert np.mean(own[:, 0] > own[:, 1:].max(axis=1)) >= 0.5  # by chance 1 %
    assert np.all(distal[1]["own"]["rewards"] > 50)


@pytest.mark.whole
def test_unrelated_dopamine_of_the_same_statistics_does_not(distal):
    other = change(distal[1]["other"])
    assert abs(z_score(other[:, 0] - other[:, 1:].mean(axis=1), 0.0)) < 5
    assert np.abs(other).max() > 0.05  # weights did move
    assert distal[1]["other"]["rewards"].mean() > 50


@pytest.mark.whole
def test_frozen_weights_stay(distal):
    assert np.all(change(distal[1]["frozen"]) == 0)
    assert distal[1]["frozen"]["rewards"].mean() > 10


def test_mistakes_get_one_line():
    with pytest.raises(Mistake, match="needs 2 individuals or more"):
        DistalReward(individuals=1)
    with pytest.raises(Mistake, match="no interval above 0"):
        DistalReward(delay_low=3.0, delay_high=1.0)
