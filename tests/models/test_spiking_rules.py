"""Spiking rules in Brian2's runtime mode: eligibility and update recomputed from what the network did.

Every rule's eligibility is the score of what fluctuated, so it can be had from recordings of the
fluctuation alone; rules with a wrong sign, a wrong power of sigma or a factor left out give other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.online import escape_score, euler_ou_variance
from hedon.models.spiking.circuit import build
from hedon.models.spiking.network import SpikingNetwork
from hedon.models.stochastic_neurons import DrivenNeuron, EscapeNeuron
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.plasticity import EscapeNoise, InjectedNoise, StochasticRelease, WeightFluctuation

DT, TRIAL, INPUTS, OUTPUTS = 1e-3, 0.04, 3, 2
SIGMA = 9e-3
TASK = SpikePatterns(np.array([[300.0, 100.0, 200.0]]), np.array([[20.0, 30.0]]), duration=TRIAL)
W = np.array([[3.0, 5.0], [4.0, 2.0], [6.0, 7.0]]) * 1e-3
ESCAPE = EscapeNeuron(rho_0=60.0)


@pytest.fixture(autouse=True)
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    yield
    b2.prefs.codegen.target = before


@dataclass
class Life:
    """Recordings of one trial of one individual: (time, neuron) and (time, input)."""

    net: SpikingNetwork
    recorded: dict[str, np.ndarray]
    eligibility: np.ndarray
    change: np.ndarray
    delta: float

    def __getitem__(self, name: str) -> np.ndarray:
        return self.recorded[name]


def live(rule, neuron=None, w=W, eta=1e-6, seed=4) -> Life:
    """One trial in runtime mode; the eligibility at its end, and the change of the weights after it."""
    b2.start_scope()
    b2.seed(seed)
    net = SpikingNetwork(TASK, rule, neuron or DrivenNeuron(), dt=DT)
    network = build(net).network
    synapses, neurons, inputs = network["synapses"], network["neurons"], network["inputs"]
    synapses.w_[:] = w.ravel()
    neurons.eta_ = eta
    monitors = {}
    for name in ("perturbation", "spiked", "expected", "v", "psp", "released", "fluctuation"):
        for group in (neurons, inputs, synapses):
            if name in group.variables and name not in monitors:
                monitors[name] = b2.StateMonitor(group, name, record=True, when="before_thresholds")
                network.add(monitors[name])
    arrivals = b2.SpikeMonitor(inputs)
    network.add(arrivals)
    if "released" in monitors:
        monitors["released"] = b2.StateMonitor(synapses, "released", record=True, when="end")
        network.add(monitors["released"])
    held = b2.StateMonitor(synapses, "eligibility", record=True, when="start")
    network.add(held)
    network.run((TRIAL + DT) * b2.second, namespace={})  # a step more: there the weights change
    eligibility = np.array(held.eligibility_)[:, net.bins].reshape(INPUTS, OUTPUTS)
    recorded = {name: np.array(getattr(kept, name + "_")).T[: net.bins] for name, kept in monitors.items()}
    counts = np.zeros((net.bins + 1, INPUTS))
    np.add.at(counts, (np.round(arrivals.t_[:] / DT).astype(int), np.array(arrivals.i)), 1)
    counts = counts[: net.bins]
    change = np.array(synapses.w_[:]).reshape(INPUTS, OUTPUTS) - w
    return Life(
        net, recorded | {"arrivals": counts}, eligibility, change, float(network["dopamine"].delta[0])
    )


def gate(life: Life) -> np.ndarray:
    """s at each step, from the arrivals alone: a spike is seen in the step after it."""
    s = np.zeros((life.net.bins, INPUTS))
    for k in range(1, life.net.bins):
        s[k] = (s[k - 1] + life["arrivals"][k - 1]) * np.exp(-DT / life.net.neuron.tau_s)
    return s


def expected(life: Life) -> np.ndarray:
    """Eligibility that follows from what fluctuated."""
    rule = life.net.rule
    if isinstance(rule, EscapeNoise):
        score = escape_score(
            life["spiked"][:, None, :],
            life["expected"][:, None, :],
            life["psp"][:, :, None],
            life.net.neuron.delta_u,
        )
        return score.sum(axis=0)
    if isinstance(rule, InjectedNoise):
        x, s = life["perturbation"], gate(life)
        if rule.tau == 0:
            return s.T @ x / (SIGMA**2 * 1e-3 / DT)
        a = np.exp(-DT / rule.tau)
        filtered = s - a * np.vstack([np.zeros(INPUTS), s[:-1]])
        innovation = np.vstack([np.zeros(OUTPUTS), x[1:] - a * x[:-1]])  # s is 0 in the first step
        return filtered.T @ innovation / (SIGMA**2 * (1 - a**2))
    if isinstance(rule, StochasticRelease):
        released = life["released"].reshape(-1, INPUTS, OUTPUTS)
        here = life["arrivals"][:, :, None]
        return (here * (released - 1 / (1 + np.exp(-W[None] * 1e3)))).sum(axis=0)
    x = life["fluctuation"].reshape(-1, INPUTS, OUTPUTS)[:: round(rule.tick / DT)]
    a = np.exp(-rule.tick / rule.tau)
    innovation = (x[1:] - a * x[:-1]) / (SIGMA * np.sqrt(1 - a**2))
    return x[0] / SIGMA**2 + innovation.sum(axis=0) * (1 - a) / (SIGMA * np.sqrt(1 - a**2))


CASES = {
    "escape": (EscapeNoise(), ESCAPE),
    "white": (InjectedNoise(sigma=SIGMA), DrivenNeuron()),
    "coloured": (InjectedNoise(sigma=SIGMA, tau=3e-3), DrivenNeuron()),
    "conductance": (InjectedNoise(sigma=SIGMA), DrivenNeuron(synapses="conductance")),
    "release": (StochasticRelease(quantum=10e-3), DrivenNeuron()),
    "weight": (WeightFluctuation(sigma=SIGMA, tau=0.05, tick=0.01), DrivenNeuron()),
}


def agrees(life: Life) -> bool:
    eta = 1e-6
    right = np.allclose(life.eligibility, expected(life), rtol=1e-9, atol=1e-12)
    return right and np.allclose(life.change, eta * life.delta * expected(life), rtol=1e-9)


def scaled(rule):
    """Weights of the rule's own unit; release parameters are of order 1."""
    return W * 1e3 if isinstance(rule, StochasticRelease) else W


@pytest.mark.parametrize("name", CASES)
def test_eligibility_is_the_score_and_the_update_delta_times_it(name):
    rule, neuron = CASES[name]
    life = live(rule, neuron, scaled(rule))
    assert np.any(life.eligibility != 0) and life.delta != 0
    assert agrees(life)


@dataclass(frozen=True)
class WrongSign(InjectedNoise):
    update: ClassVar[str] = "w -= rate_post*modulator_post*eligibility"


@dataclass(frozen=True)
class SigmaNotSquared(InjectedNoise):
    neuron_code = InjectedNoise().neuron_code.replace("innovation/(sigma*", "innovation/(volt*")


@dataclass(frozen=True)
class NoPresynapticFactor(InjectedNoise):
    synapse_code = "eligibility = kept_post*eligibility + score_post"


@dataclass(frozen=True)
class NoScore(EscapeNoise):
    synapse_code: ClassVar[str] = "eligibility = kept_post*eligibility + psp_pre/volt"


@dataclass(frozen=True)
class SpikesAlone(EscapeNoise):
    neuron_code = "score = spiked*hit"


@dataclass(frozen=True)
class FailuresDoNotCount(StochasticRelease):
    on_pre = StochasticRelease().on_pre.replace("released - likely", "released*(1 - likely)")


@dataclass(frozen=True)
class SigmaOnce(WeightFluctuation):
    start_code: ClassVar[str] = "eligibility = fluctuation/sigma_post/volt"


@dataclass(frozen=True)
class NoBroadcast(WeightFluctuation):
    update: ClassVar[str] = "w += rate_post*eligibility"


@pytest.mark.parametrize(
    ("mutant", "case"),
    [
        (WrongSign, "white"),
        (SigmaNotSquared, "white"),
        (NoPresynapticFactor, "white"),
        (NoScore, "escape"),
        (SpikesAlone, "escape"),
        (FailuresDoNotCount, "release"),
        (SigmaOnce, "weight"),
        (NoBroadcast, "weight"),
    ],
)
def test_the_score_catches_mutants(mutant, case):
    rule, neuron = CASES[case]
    settings = {name: getattr(rule, name) for name in (f.name for f in fields(rule))}
    assert not agrees(live(mutant(**settings), neuron, scaled(rule)))


def test_the_naive_coloured_rule_has_another_eligibility():
    assert not agrees(live(replace(CASES["coloured"][0], form="naive")))


def test_the_potential_is_the_weighted_sum_of_what_the_eligibility_reads():
    """Du dln p/dw = psp dln p/du needs u = sum w psp exactly, in every step."""
    life = live(*CASES["escape"])
    np.testing.assert_allclose(life["v"], life["psp"] @ W, rtol=1e-9, atol=1e-15)


def test_a_fading_eligibility_forgets():
    rule = replace(CASES["white"][0], fading=100.0)
    life = live(rule)
    s, x = gate(life), life["perturbation"]
    weights = np.exp(-100.0 * DT * np.arange(life.net.bins)[::-1])
    np.testing.assert_allclose(life.eligibility, (weights[:, None] * s).T @ x / SIGMA**2, rtol=1e-9)


@pytest.mark.whole
def test_euler_noise_is_too_large_and_the_rules_noise_is_exact():
    b2.start_scope()
    b2.seed(19)
    tau, dt = 5e-3, 0.5e-3
    euler = b2.NeuronGroup(
        20_000,
        "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi : volt",
        method="euler",
        dt=dt * b2.second,
        namespace={"tau": tau * b2.second, "sigma": SIGMA * b2.volt},
    )
    b2.Network(euler).run(20 * tau * b2.second)
    assert abs(z_score((np.array(euler.x_[:]) / SIGMA) ** 2, euler_ou_variance(1.0, dt, tau))) < 5
    rule = InjectedNoise(sigma=SIGMA, tau=tau)
    network = build(SpikingNetwork(TASK, rule, individuals=10_000, dt=dt)).network
    for steps in (0, 1, 30):
        network.run(steps * dt * b2.second, namespace={})
        if steps:
            values = np.array(network["neurons"].perturbation_[:]) / SIGMA
            assert abs(z_score(values**2, 1.0)) < 5
    assert euler_ou_variance(1.0, dt, tau) > 1.05  # so that the two would be told apart


@pytest.mark.whole
def test_intervals_of_an_escape_neuron_are_geometric():
    """Constant drive, no after-potential: hazard p in every step, whatever came before."""
    b2.start_scope()
    b2.seed(1)
    neuron = EscapeNeuron(after_spike=0.0)
    spikes, _ = alone(neuron, 12e-3, 1000, 1.0)
    p = -np.expm1(-neuron.rho_0 * DT * np.exp((12e-3 - neuron.theta) / neuron.delta_u))
    intervals = np.concatenate([np.diff(train) for train in spikes])
    # intervals within a window are cut short at its end: compare only those that begin early, and survive
    early = np.concatenate([np.diff(train)[train[:-1] < 500] for train in spikes if len(train) > 1])
    assert abs(z_score(early, 1 / p)) < 5
    assert abs(z_score((early - 1 / p) ** 2, (1 - p) / p**2)) < 5
    for k in (1, 5, 20, 60):
        assert abs(z_score(early > k, (1 - p) ** k)) < 5
    assert len(intervals) > 20_000


@pytest.mark.parametrize("law", ["hazard", "linear"])
@pytest.mark.parametrize("link", ["exponential", "logistic"])
def test_first_spike_after_an_after_potential(law, link):
    """Survival is the product over steps of 1 - p(u + after exp(-t/tau_m))."""
    b2.start_scope()
    b2.seed(2)
    neuron = EscapeNeuron(after_spike=-8e-3, law=law, link=link, rho_0=60.0)
    spikes, steps = alone(neuron, 12e-3, 2000, 0.1, after=-8e-3)
    first = np.array([train[0] if len(train) else steps for train in spikes])
    k = np.arange(steps)
    distance = (12e-3 - 8e-3 * np.exp(-(k + 1) * DT / neuron.tau_m) - neuron.theta) / neuron.delta_u
    shape = np.exp(distance) if link == "exponential" else 1 / (1 + np.exp(-distance))
    lam = neuron.rho_0 * DT * shape
    survival = np.cumprod(1 - (-np.expm1(-lam) if law == "hazard" else lam))
    for step in (2, 5, 10, 20, 40):
        assert abs(z_score(first > step, survival[step])) < 5


def alone(neuron, drive, count, duration, after=0.0):
    """Spike steps of ``count`` neurons whose potential is held at ``drive`` (V), and the number of steps."""
    equations = neuron.equations.format(drive="volt").replace(
        "dv/dt = (current - v)/tau_m : volt", "v : volt"
    )
    constants = {name: value * getattr(b2, unit) for name, (value, unit) in neuron.constants.items()}
    group = b2.NeuronGroup(
        count,
        equations,
        threshold=neuron.threshold,
        reset=neuron.reset,
        method="exact",
        dt=DT * b2.second,
        namespace=constants,
    )
    group.v_ = drive
    group.after_ = after
    group.run_regularly(neuron.code("rand()", False), when="groups", order=1)
    monitor = b2.SpikeMonitor(group)
    b2.Network(group, *group.contained_objects, monitor).run(duration * b2.second)
    steps = round(duration / DT)
    order = np.argsort(np.array(monitor.i), kind="stable")
    times = np.round(np.array(monitor.t_)[order] / DT).astype(int)
    return np.split(times, np.cumsum(np.bincount(np.array(monitor.i), minlength=count))[:-1]), steps


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpikingNetwork(TASK, InjectedNoise(), dt=4e-3), "too coarse for tau_s = 5 ms"),
        (lambda: SpikingNetwork(TASK, InjectedNoise(tau=1e-3)), "too coarse for tau = 1 ms"),
        (lambda: SpikingNetwork(TASK, EscapeNoise()), "needs the neuron EscapeNeuron"),
        (lambda: SpikingNetwork(TASK, InjectedNoise(), ESCAPE), "needs the neuron DrivenNeuron"),
        (lambda: SpikingNetwork(TASK, WeightFluctuation(tick=0.03)), "must divide the trial"),
        (lambda: SpikingNetwork(TASK, InjectedNoise(), dt=0.3e-3), "not a whole number of steps"),
        (lambda: SpikingNetwork(TASK, InjectedNoise(), copies=2), "noise 'shared'"),
        (lambda: InjectedNoise(sigma=0.0), "sigma is 0, must be in"),
        (lambda: EscapeNoise(score="right"), "score is 'right'"),
        (lambda: EscapeNeuron(delta_u=0.0), "delta_u is 0 volt"),
        (lambda: DrivenNeuron(v_reset=0.02), "must lie below theta"),
        (lambda: SpikePatterns(np.ones((2, 3)), np.ones((1, 2))), "a row for each pattern"),
    ],
)
def test_mistakes_get_one_line(make, message):
    with pytest.raises(Mistake, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
