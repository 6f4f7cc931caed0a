"""A number that a call can set makes no program of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.models.choice.network import ChoiceNetwork
from hedon.models.experiments import train
from hedon.models.program import compiler
from hedon.models.rate.network import RateNetwork
from hedon.models.spiking.network import SpikingNetwork
from hedon.models.stochastic_neurons import DrivenNeuron
from hedon.models.tasks import LinearTeacher
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.plasticity import RULES, InjectedNoise, NodePerturbation
from hedon.plasticity.critic import RunningMean
from hedon.plasticity.family import Family
from hedon.plasticity.rule import Rule

NETWORK = RateNetwork(LinearTeacher(12, 5), NodePerturbation(), individuals=3, block=10)


@pytest.mark.whole
def test_eta_sigma_and_label_noise_are_called_not_compiled():
    other = replace(
        NETWORK,
        task=LinearTeacher(12, 5, label_noise=0.3),
        rule=NodePerturbation(eta=0.02, sigma=0.1, decay=1e-3),
    )
    program, plain = other.program(), NETWORK.program()
    assert program.entry == plain.entry and plain.given == ()
    assert dict(program.given) == {"eta": 0.02, "sigma": 0.1, "decay": 1e-3, "label_noise": 0.3}
    found = program({}, seed=3, duration=50, outputs=["w1"])["w1"]
    numbers = dict(program.given)
    np.testing.assert_array_equal(found, plain(numbers, seed=3, duration=50, outputs=["w1"])["w1"])
    assert np.any(found != program({"eta": 0.03}, seed=3, duration=50, outputs=["w1"])["w1"])
    own = compiler.compile_program("hedon.models.rate.circuit:build", other)
    assert own.entry != program.entry
    np.testing.assert_array_equal(found, own({}, seed=3, duration=50, outputs=["w1"])["w1"])


@pytest.mark.whole
def test_a_run_with_new_settings_compiles_nothing(monkeypatch):
    config = train.Config(inputs=12, outputs=5, individuals=2, trials=100, block=10, segments=2)
    usual = train.simulate(config, seed=1)

    def refuse(*_):
        raise AssertionError("compiled")

    monkeypatch.setattr(compiler, "_build", refuse)
    for new in ({"eta": (0.0071,)}, {"sigma": (0.043,)}, {"label_noise": 0.13}, {"eta": (1e-3, 2e-3)}):
        assert not np.array_equal(train.simulate(replace(config, **new), seed=1)["loss"], usual["loss"])
    with pytest.raises(AssertionError, match="compiled"):
        train.simulate(replace(config, outputs=6), seed=1)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (ChoiceNetwork(), ChoiceNetwork(rule=Family(eta=0.3, coactivity=0.5), beta=7.0), True),
        (
            SpikingNetwork(SpikePatterns.balanced(2), InjectedNoise(), DrivenNeuron()),
            SpikingNetwork(SpikePatterns.balanced(2), InjectedNoise(eta=3.0), DrivenNeuron(), alpha=0.1),
            True,
        ),
        (
            SpikingNetwork(SpikePatterns.balanced(2), InjectedNoise(), DrivenNeuron()),
            SpikingNetwork(SpikePatterns.balanced(2), InjectedNoise(tau=0.01), DrivenNeuron()),
            False,
        ),
    ],
    ids=["choice", "spikes", "what shapes equations"],
)
def test_other_networks(one, two, same, monkeypatch):
    """The key of what is looked for in the cache, without a build."""
    asked = []

    class Found(Exception):
        pass

    def look(root, key, builder):
        asked.append(key)
        raise Found

    monkeypatch.setattr(compiler, "_kept", look)
    for network in (one, two):
        with pytest.raises(Found):
            network.program()
    assert (asked[0] == asked[1]) == same


@pytest.mark.parametrize("name", list(RULES))
def test_what_is_left_of_a_rule_is_the_rule_at_its_defaults(name):
    kind = RULES.load(name)
    if not (isinstance(kind, type) and issubclass(kind, Rule)):
        pytest.skip("a rule without numbers")
    moved = {}
    for parameter in kind.parameters:
        value = parameter.default * 1.01 + 0.001
        if parameter.accepts(value):
            moved[parameter.name] = value
    rule = kind(**moved)
    plain, numbers = rule.apart()
    assert replace(plain, **numbers) == rule
    for parameter in kind.parameters:
        left = moved.get(parameter.name, parameter.default)
        expected = parameter.default if parameter.name in numbers else left
        assert getattr(plain, parameter.name) == expected


def test_a_critic_that_is_built_in_stays():
    rule = NodePerturbation(comparison="one-pass", baseline=RunningMean(alpha=0.2), eta=0.3)
    plain, numbers = rule.apart()
    assert plain.critic == rule.critic and numbers == {"eta": 0.3}
