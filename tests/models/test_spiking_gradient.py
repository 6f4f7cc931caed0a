"""Eligibilities of escape noise are martingales; mean updates against finite differences; learning with its
nulls."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import cosine, z_score
from hedon.analysis.theory.online import (
    escape_fisher,
    escape_naive_bias,
    escape_probability,
    escape_rate_gradient,
)
from hedon.models.spiking.gradient import finite_differences, mean_update, without_trivial
from hedon.models.spiking.network import SpikingNetwork
from hedon.models.stochastic_neurons import DrivenNeuron, EscapeNeuron
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.plasticity import EscapeNoise, InjectedNoise

MANY, DT, STEPS = 20_000, 1e-3, 500
REGULAR = SpikePatterns(np.full((1, 2), 1 / DT), np.array([[20.0]]))
"""Inputs that fire in every step: all that is random are the neuron's spikes."""
W = np.array([1.7e-3, 1.0e-3])
NEURON = EscapeNeuron(after_spike=0.0)


def path() -> np.ndarray:
    """The postsynaptic potential of one such input at each step of a trial, from rest (1)."""
    fast, slow = np.exp(-DT / NEURON.tau_s), np.exp(-DT / NEURON.tau_m)
    mixed = (fast - slow) / NEURON.tau_m / (1 / NEURON.tau_m - 1 / NEURON.tau_s)
    gate, psp, found = 0.0, 0.0, []
    for _ in range(STEPS):
        found.append(psp)
        gate += 1
        gate, psp = gate * fast, psp * slow + gate * mixed
    return np.array(found)


PSP = path()
EXPECTED = NEURON.rho_0 * DT * np.exp((W.sum() * PSP - NEURON.theta) / NEURON.delta_u)


@cache
def eligibilities(score: str, law: str) -> tuple[np.ndarray, np.ndarray]:
    """Eligibility of the first synapse (1/V) and spikes, at the end of a trial of each individual."""
    neuron = EscapeNeuron(after_spike=0.0, law=law)
    net = SpikingNetwork(REGULAR, EscapeNoise(score=score), neuron, individuals=MANY, dt=DT)
    arrays = net.program()(
        {"w": np.broadcast_to(W[:, None], (MANY, 2, 1)), "learning": 0.0},
        seed=15,
        duration=1,
        outputs=["eligibility", "spikes"],
    )
    return arrays["eligibility"][:, 0, 0], arrays["spikes"][:, 0]


def test_the_eligibility_is_a_martingale():
    eligibility, spikes = eligibilities("exact", "hazard")
    assert abs(z_score(spikes, escape_probability(EXPECTED).sum())) < 5
    assert abs(z_score(eligibility, 0.0)) < 5
    assert abs(z_score(eligibility**2, escape_fisher(EXPECTED, PSP, NEURON.delta_u).sum())) < 5
    slope = escape_rate_gradient(EXPECTED, PSP, NEURON.delta_u).sum()
    assert abs(z_score(spikes * eligibility, slope)) < 5


@pytest.mark.whole
def test_the_usual_score_is_biased_where_the_step_draws_from_the_hazard():
    eligibility, _ = eligibilities("usual", "hazard")
    bias = escape_naive_bias(EXPECTED, PSP, NEURON.delta_u).sum()
    assert abs(z_score(eligibility, bias)) < 5
    assert z_score(eligibility, 0.0) < -5


@pytest.mark.whole
def test_the_usual_score_has_mean_zero_where_spikes_are_drawn_by_rate_times_dt():
    eligibility, spikes = eligibilities("usual", "linear")
    assert abs(z_score(spikes, EXPECTED.sum())) < 5
    assert abs(z_score(eligibility, 0.0)) < 5
    slope = (EXPECTED * (1 - EXPECTED) * PSP).sum() / NEURON.delta_u
    assert abs(z_score(spikes * eligibility, slope)) < 5


def expected_reward(w: np.ndarray) -> float:
    """Exact: without after-potential the spikes are independent given the input, which is regular here."""
    p = escape_probability(NEURON.rho_0 * DT * np.exp((w.sum() * PSP - NEURON.theta) / NEURON.delta_u))
    time, scale = REGULAR.duration, REGULAR.scale
    missed = p.sum() / time - REGULAR.targets[0, 0]
    return -float(missed**2 + (p * (1 - p)).sum() / time**2) / scale**2


@pytest.mark.whole
def test_finite_differences_and_mean_update_give_the_exact_gradient():
    net = SpikingNetwork(REGULAR, EscapeNoise(), NEURON, individuals=MANY, dt=DT)
    h = 0.2e-3
    reference = finite_differences(net, W[:, None], h, 4000, 1)
    quotient = (expected_reward(W + [h, 0]) - expected_reward(W - [h, 0])) / (2 * h)
    for estimates in reference.batches[:, :, 0].T:
        assert abs(z_score(estimates, quotient)) < 5
    small = 1e-7
    slope = (expected_reward(W + [small, 0]) - expected_reward(W - [small, 0])) / (2 * small)
    exact = np.full((2, 1), slope)  # both inputs are alike
    own = mean_update(net, W[:, None], np.array([expected_reward(W)]), MANY, 2, exact)
    assert abs(z_score(own.along, 1.0)) < 5
    assert z_score(own.along, 0.0) > 5


TASK = SpikePatterns.balanced(3, patterns=2, inputs=6, outputs=3)
SIGMA = 12e-3


def trained(rule, neuron, mean, spread, people=200) -> tuple[SpikingNetwork, np.ndarray]:
    draw = np.random.default_rng(4)
    w = draw.normal(mean, spread, size=(TASK.inputs, TASK.outputs))
    return SpikingNetwork(TASK, rule, neuron, individuals=people), w


@pytest.mark.whole
def test_injected_conductance_follows_the_gradient():
    """The current-based rules are held to this, with more samples, in the figure spiking_alignment."""
    neuron = DrivenNeuron(synapses="conductance")
    net, w = trained(InjectedNoise(sigma=0.15), neuron, 0.1, 0.02)
    reference = finite_differences(net, w, 0.02, 2000, 1)
    own = mean_update(net, w, reference.expectation, 6000, 2, reference.gradient)
    flat = cosine(own.mean.ravel(), reference.gradient.ravel())
    k = own.variance.sum() / reference.squared_length
    assert flat > np.sqrt(6000 / (6000 + k)) * reference.cosine_limit - 0.03 > 0.9
    scale = (reference.gradient**2).sum() / reference.squared_length
    along = (reference.batches * reference.gradient).sum(axis=(1, 2)) / reference.squared_length
    error = np.hypot(own.along.std() * scale / 6000**0.5, along.std(ddof=1) / len(along) ** 0.5)
    assert abs(own.along.mean() * scale - 1) < 5 * error


@pytest.mark.whole
def test_the_naive_coloured_rule_is_too_large():
    """By (1 + a)/(1 - a) for slow inputs; those here are as fast as the noise, hence the wide margin."""
    tau = 5e-3
    exact, naive = (
        trained(InjectedNoise(sigma=SIGMA, tau=tau, form=form), DrivenNeuron(), 8e-3, 1e-3)
        for form in ("innovation", "naive")
    )
    net, w = exact
    nothing = np.full(TASK.patterns, -10.0)
    direction = np.ones_like(w)
    own = mean_update(net, w, nothing, 8000, 5, direction).mean
    large = mean_update(naive[0], w, nothing, 8000, 6, direction).mean
    a = np.exp(-net.dt / tau)
    ratio = (large * own).sum() / (own**2).sum()
    assert 0.5 < ratio / ((1 + a) / (1 - a)) < 1.5
    assert cosine(own.ravel(), large.ravel()) > 0.8


@pytest.mark.whole
def test_learning_needs_the_individuals_own_broadcast():
    net, w = trained(EscapeNoise(), EscapeNeuron(), 9e-3, 1e-3)
    people = net.individuals
    elsewhere = np.repeat([0, 1], people // 2)
    learning = np.ones(people)
    learning[:20] = 0.0
    before = np.broadcast_to(w, (people, *w.shape))
    arrays = net.live(
        200,
        7,
        {"w": before, "eta": 1e-8, "yoked": elsewhere * net.task.patterns, "learning": learning},
        outputs=["reward", "w"],
    )
    reward = arrays["reward"][1:]
    gain = reward[-40:].mean(axis=0) - reward[20:60].mean(axis=0)
    assert z_score(gain[20 : people // 2], 0.0) > 5
    assert z_score(gain[elsewhere == 1], 0.0) < 5
    assert abs(z_score(gain[:20], 0.0)) < 5
    assert np.array_equal(arrays["w"][:20], before[:20])
    assert not np.any(arrays["w"][20:] == before[20:])


def test_without_trivial_removes_every_neuron_factor_times_mean_input():
    draw = np.random.default_rng(0)
    mean_input, update = draw.random(5), draw.normal(size=(5, 3))
    rest = without_trivial(update + np.outer(mean_input, [1.0, -2.0, 3.0]), mean_input)
    np.testing.assert_allclose(rest, without_trivial(update, mean_input), atol=1e-12)
    np.testing.assert_allclose(mean_input @ rest, 0, atol=1e-12)


def test_too_few_samples_get_one_line():
    net, w = trained(EscapeNoise(), EscapeNeuron(), 9e-3, 1e-3)
    with pytest.raises(Mistake, match="samples or more"):
        finite_differences(net, w, 1e-3, 10, 1)
    with pytest.raises(Mistake, match="at least one call"):
        mean_update(net, w, np.zeros(2), 10, 1, w)
