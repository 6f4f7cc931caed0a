"""The eligibility of TDHebbian on given spikes is its closed form; a changed rule is found out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity import TDHebbian, rule_named

DT, INTERVAL, TAU_M, END = 0.001, 0.02, 0.02, 1.0
PRE = (0.005, 0.021, 0.0305, 0.2, 0.211, 0.5)
POST = (0.012, 0.035, 0.205, 0.203, 0.52, 0.7)
RATE, DELTA = 0.3, 1.7
RULE = TDHebbian(tau_e=0.3, tau_lag=0.07)


@pytest.fixture(autouse=True)
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    b2.start_scope()
    yield
    b2.prefs.codegen.target = before


def simulated(rule: TDHebbian, delta: float = DELTA) -> tuple[np.ndarray, np.ndarray]:
    """Eligibility (Hz) and weight at every update, for the given spikes and a constant delta."""
    clock = b2.Clock(dt=INTERVAL * b2.second, name="updates")

    def fires(times: tuple[float, ...]) -> b2.TimedArray:
        train = np.zeros(round(END / DT))
        train[np.floor(np.array(times) / DT + 0.01).astype(int)] = 1
        return b2.TimedArray(train, dt=DT * b2.second)

    names = {"pre_train": fires(PRE), "post_train": fires(POST), "tau_m": TAU_M * b2.second}
    step = DT * b2.second
    pre = b2.NeuronGroup(
        1,
        "dpsp/dt = -psp/tau_m : 1",
        threshold="pre_train(t) > 0.5",
        reset="psp += 1",
        method="exact",
        namespace=names,
        dt=step,
    )
    post = b2.NeuronGroup(
        1, "rate : second\nmodulator : 1", threshold="post_train(t) > 0.5", namespace=names, dt=step
    )
    post.rate, post.modulator = RATE * b2.second, delta
    constants = {
        name: value if unit == "1" else value * getattr(b2, unit)
        for name, (value, unit) in rule.constants.items()
    }
    synapses = b2.Synapses(
        pre,
        post,
        "w : 1\n" + rule.synapse_equations,
        on_post=rule.on_post,
        method="exact",
        namespace=constants | {"interval": INTERVAL * b2.second},
        clock=clock,
    )
    synapses.connect()
    synapses.run_regularly(rule.update, clock=clock, when="end")
    monitor = b2.StateMonitor(synapses, ["w", "eligibility"], record=True, clock=clock, when="end", order=9)
    b2.Network(pre, post, synapses, *synapses.contained_objects, monitor).run(END * b2.second)
    return np.asarray(monitor.eligibility[0]), np.asarray(monitor.w[0])


def expected(rule: TDHebbian) -> tuple[np.ndarray, np.ndarray]:
    """Equation (1): each postsynaptic spike counts from the update before it, the potential to the step."""
    ticks = np.arange(round(END / INTERVAL))
    eligibility = np.zeros(len(ticks))
    pre = np.floor(np.array(PRE) / DT + 0.01)
    for spike in np.floor(np.array(POST) / DT + 0.01):
        # a presynaptic spike of the same step counts: resets come after synapses, so it does not
        before = pre[pre < spike]
        potential = np.sum(np.exp(-(spike - before) * DT / TAU_M))
        age = (ticks - np.floor(spike * DT / INTERVAL + 1e-9)) * INTERVAL
        kappa = (np.exp(-age / rule.tau_e) - np.exp(-age / rule.tau_lag)) / (rule.tau_e - rule.tau_lag)
        eligibility += np.where(age >= 0, potential * kappa, 0)
    return eligibility, np.cumsum(RATE * DELTA * eligibility * INTERVAL)


def agrees(rule: TDHebbian) -> bool:
    eligibility, weight = simulated(rule)
    closed, change = expected(RULE)
    return bool(np.allclose(eligibility, closed, rtol=1e-9) and np.allclose(weight, change, rtol=1e-9))


def test_eligibility_and_weight_are_the_closed_form():
    assert agrees(RULE)
    assert simulated(RULE)[1][-1] > 1e-3


def test_kappa_has_unit_area():
    eligibility, _ = simulated(replace(RULE, tau_e=0.05, tau_lag=0.02))
    closed, _ = expected(replace(RULE, tau_e=0.05, tau_lag=0.02))
    assert np.allclose(eligibility, closed, rtol=1e-9)


@dataclass(frozen=True)
class WrongSign(TDHebbian):
    update: ClassVar[str] = TDHebbian.update.replace("w + ", "w - ")


@dataclass(frozen=True)
class NoEligibility(TDHebbian):
    update: ClassVar[str] = TDHebbian.update.replace("*eligibility*interval", "*Hz*interval")


@dataclass(frozen=True)
class NoLag(TDHebbian):
    update: ClassVar[str] = TDHebbian.update.replace("eligibility", "coincidence")


@dataclass(frozen=True)
class PreAlone(TDHebbian):
    on_post: ClassVar[str] = "coincidence += 1/tau_e"


@pytest.mark.parametrize("mutant", [WrongSign, NoEligibility, NoLag, PreAlone])
def test_a_changed_rule_is_found_out(mutant):
    assert not agrees(mutant(tau_e=RULE.tau_e, tau_lag=RULE.tau_lag))


def test_without_delta_nothing_moves():
    assert np.all(simulated(RULE, delta=0.0)[1] == 0)


def test_weights_stay_within_the_bound():
    _, weight = simulated(replace(RULE, bound=1e-3))
    assert weight[-1] == 1e-3 and np.max(np.abs(weight)) <= 1e-3


def test_impossible_parameters_are_refused():
    for settings in ({"tau_e": 0.2, "tau_lag": 0.2}, {"tau_e": 0.0}, {"eta": -1.0}, {"bound": 0.0}):
        with pytest.raises(Mistake):
            TDHebbian(**settings)
    assert rule_named("TDHebbian") is TDHebbian
