"""The simulated dopamine synapse against its event-exact solution: order in dt, delays, integrations."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import exponent
from hedon.analysis.theory.dopamine_synapse import dopamine_synapse
from hedon.analysis.theory.online import reward_stdp_change
from hedon.models.dopamine.synapse import DopamineSynapse, build
from hedon.models.experiments.dopamine_synapse import golden_cases
from hedon.plasticity.reward_modulated_stdp import RewardModulatedSTDP

MANY, DURATION, GRID = 16, 2.0, 1e-4
RULE = RewardModulatedSTDP(
    A_minus=0.009, tau_minus=0.03, tau_c=0.7, tau_n=0.15, baseline=4.0, eta=1.3, release=0.8
)
SIDES = ("dendritic", "axonal")


@pytest.fixture(scope="module")
def trains():
    """Poisson trains on the grid of 0.1 ms, with pairs that meet with and without the delay of 1 ms."""
    rng = np.random.default_rng(11)
    made = []
    for rate in (15, 15, 8):
        count = rng.poisson(rate * DURATION, MANY)
        made.append([np.unique(rng.integers(0, round(DURATION / GRID), n)) * GRID for n in count])
    pre, post, dopamine = made
    for k in range(0, MANY, 2):
        post[k] = np.unique(np.concatenate([post[k], pre[k][:3], pre[k][3:6] - 10 * GRID]).round(6))
        post[k] = post[k][post[k] >= 0]
    return pre, post, dopamine


def exact(rule, trains, times, delay):
    parameters = dataclasses.asdict(rule)
    for name in ("w_min", "w_max", "integration"):
        del parameters[name]
    rows = [dopamine_synapse(*one, times, **parameters, delay=delay) for one in zip(*trains, strict=True)]
    return dict(zip(("w", "c", "n"), np.array(rows).transpose(1, 2, 0), strict=True))


def simulated(integration, side, dt, trains, delay=1e-3, **changes):
    rule = dataclasses.replace(RULE, integration=integration, delay_side=side, **changes)
    model = DopamineSynapse(rule, synapses=MANY, dt=dt)
    return rule, model.run(trains, DURATION, delay)


def worst(found, expected):
    """Largest error at any time, relative to the largest value of the variable."""
    return {
        name: np.max(np.abs(found[name] - expected[name])) / np.max(np.abs(expected[name]))
        for name in expected
    }


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("integration", ["event", "clocked"])
def test_exact_integrations_have_no_error_on_the_grid(trains, integration, side):
    rule, found = simulated(integration, side, 1e-4, trains)
    errors = worst(found, exact(rule, trains, found["time"], 1e-3))
    assert max(errors.values()) < 1e-10, errors  # rounding: 4e4 steps of 2e-16, tags up to e^{1/.7}


@pytest.mark.parametrize("integration", ["event", "clocked"])
@pytest.mark.parametrize("side", SIDES)
def test_spikes_of_one_train_in_one_step_all_count(trains, integration, side):
    """Two, three or more spikes at one time, of each train, alone and with those of the others."""
    rng = np.random.default_rng(7)
    again = [[np.sort(np.repeat(one, rng.integers(1, 4, len(one)))) for one in kind] for kind in trains]
    again[0][0] = again[1][0] = again[2][0] = np.array([0.2, 0.2, 0.5])
    rule, found = simulated(integration, side, 1e-4, again)
    errors = worst(found, exact(rule, again, found["time"], 1e-3))
    assert max(errors.values()) < 1e-10, errors
    _, once = simulated(integration, side, 1e-4, [[np.unique(one) for one in kind] for kind in again])
    assert np.abs(found["n"][-1]).max() > 1.5 * np.abs(once["n"][-1]).max()


@pytest.mark.whole
def test_euler_is_of_first_order(trains):
    steps, errors = (2e-4, 1e-4), []
    even = [[np.unique((train / 2e-4).round()) * 2e-4 for train in kind] for kind in trains]
    for dt in steps:
        rule, found = simulated("euler", "dendritic", dt, even)
        error = worst(found, exact(rule, even, found["time"], 1e-3))
        assert max(error["c"], error["n"]) < 1e-10
        errors.append(error["w"])
    order, _ = exponent(steps, errors)
    # the second-order term is dt/tau_cn, .2 %
    assert order == pytest.approx(1, abs=0.02)
    assert errors[1] < 1e-3


@pytest.mark.whole
def test_spikes_off_the_grid_cost_first_order():
    """Times rounded to the step: an error of random sign, whose median falls in proportion."""
    rng = np.random.default_rng(12)
    steps, errors = (1e-3, 1e-4), ([], [])
    for _ in range(6):
        trains = [
            [np.sort(rng.uniform(0, DURATION, rng.poisson(rate * DURATION))) for _ in range(MANY)]
            for rate in (15, 15, 8)
        ]
        for dt, error in zip(steps, errors, strict=True):
            rule, found = simulated("event", "dendritic", dt, trains)
            error.append(np.abs(found["w"][-1] - exact(rule, trains, [DURATION], 1e-3)["w"][0]))
    order, _ = exponent(steps, [np.median(error) for error in errors])
    # a median of 96 has a relative standard error of 1.17/sqrt(96), their ratio sqrt(2) of it
    assert order == pytest.approx(1, abs=5 * 1.17 * (2 / 96) ** 0.5 / np.log(10))


def test_the_side_of_the_delay_matters(trains):
    _, dendritic = simulated("event", "dendritic", 1e-4, trains, delay=5e-3)
    _, axonal = simulated("event", "axonal", 1e-4, trains, delay=5e-3)
    _, none = simulated("event", "axonal", 1e-4, trains, delay=0.0)
    spread = np.std(none["w"][-1])
    assert np.std(dendritic["w"][-1] - axonal["w"][-1]) > 0.2 * spread
    rule, found = simulated("event", "dendritic", 1e-4, trains, delay=0.0)
    np.testing.assert_allclose(found["w"], none["w"], rtol=1e-12, atol=1e-15)


def test_event_driven_and_clocked_give_the_same_weights(trains):
    _, event = simulated("event", "axonal", 1e-4, trains)
    _, clocked = simulated("clocked", "axonal", 1e-4, trains)
    np.testing.assert_allclose(event["w"], clocked["w"], rtol=0, atol=1e-12 * np.abs(event["w"]).max())


def test_the_builder_makes_an_ordinary_network():
    """In Brian2's runtime mode, set by hand: the same numbers."""
    import brian2 as b2

    trains = [[[0.01, 0.05, 0.1]], [[0.015, 0.055, 0.12]], [[0.06, 0.2, 0.25]]]
    rule = RewardModulatedSTDP()
    target, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"  # connect() too generates code
    try:
        network = build(DopamineSynapse(rule, dt=1e-3, spikes=3)).network
        objects = {item.name: item for item in network.objects}
        for name, ((times,),) in zip(("pre", "post", "dopamine"), zip(trains, strict=True), strict=True):
            objects[f"{name}_schedule"].delay = np.array(times) * b2.second
            objects[f"{name}_schedule"].present = 1
        network.run(0.501 * b2.second)
    finally:
        b2.prefs.codegen.target = target
    expected = exact(rule, trains, np.arange(6) * 0.1, 0.0)
    np.testing.assert_allclose(np.array(objects["weights"].w).T, expected["w"], rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(np.array(objects["levels"].n).T, expected["n"], rtol=1e-10, atol=1e-12)


def test_without_learning_nothing_moves(trains):
    _, found = simulated("event", "dendritic", 1e-4, trains, eta=0.0)
    assert np.all(found["w"] == 0) and np.any(found["c"] != 0)


@pytest.mark.whole
def test_bounds_hold(trains):
    rule, free = simulated("event", "dendritic", 1e-4, trains)
    top = np.max(free["w"]) / 3
    for integration in ("event", "clocked"):
        _, found = simulated(integration, "dendritic", 1e-4, trains, w_min=-top, w_max=top)
        assert found["w"].max() == pytest.approx(top) and found["w"].min() == pytest.approx(-top)


def test_one_pairing_and_delayed_dopamine():
    lags = np.array([0.0, 0.1, 0.3, 1.0, 2.0, -0.1, -0.3])
    gap, start, jump = 0.005, 1.0, 0.5
    rule = RewardModulatedSTDP(A_plus=0.01 * np.exp(gap / 0.02), release=jump * 0.2)
    none = [[]] * (MANY - len(lags))
    trains = [[start - gap]] * len(lags) + none, [[start]] * len(lags) + none, [*start + lags[:, None], *none]
    found = DopamineSynapse(rule, synapses=MANY, dt=1e-3).run(trains, 25.0)
    expected = reward_stdp_change(0.01, jump, lags, rule.tau_c, rule.tau_n)
    assert expected[2] == pytest.approx(6.173e-4, rel=1e-4)
    # what is still to come after 22 s is e^-22
    np.testing.assert_allclose(found["w"][-1, : len(lags)], expected, rtol=1e-8)


@pytest.mark.skipif(not golden_cases(), reason="no golden file; HEDON_GOLDEN names it")
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("integration", "dt", "allowed"),
    [
        ("event", 1e-4, 1e-9),
        ("clocked", 1e-4, 1e-9),
        ("euler", 1e-4, 1e-3),
    ],
)
def test_golden_values(side, integration, dt, allowed):
    for case in golden_cases():
        rule = dataclasses.replace(case.rule, integration=integration, delay_side=side)
        model = DopamineSynapse(rule, synapses=MANY, dt=dt)
        found = model.run([[train] * MANY for train in case.trains], case.duration, case.delay)
        end = [found[name][-1, 0] for name in ("w", "c", "n")]
        np.testing.assert_allclose(end, case.expected[side], rtol=allowed)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RewardModulatedSTDP(tau_c=0.0), "tau_c is 0, must be in (0, inf)"),
        (lambda: RewardModulatedSTDP(delay_side="somatic"), "must be one of dendritic, axonal"),  # type: ignore[arg-type]
        (lambda: RewardModulatedSTDP(w_min=1.0, w_max=0.0), "w_min is 1, must be below w_max"),
        (lambda: DopamineSynapse(dt=0.02), "dt is 20 ms, too coarse for tau_plus = 20 ms; at most 10 ms"),
        (lambda: DopamineSynapse(record=0.00015), "must be a whole number of steps"),
        (lambda: DopamineSynapse().run(([[-0.1]], [[]], [[]]), 1.0), "pre train 0 has spikes before 0 s"),
        (lambda: DopamineSynapse().run(([[], []], [[]], [[]]), 1.0), "2 pre trains for 1 synapses"),
        (lambda: DopamineSynapse(spikes=1).run(([[1, 2]], [[]], [[]]), 1.0), "there is room for 1"),
        (lambda: DopamineSynapse().run(([[]], [[]], [[]]), 0.25), "must be a whole number of 0.1 s"),
    ],
)
def test_mistakes_get_one_line(make, words):
    with pytest.raises(Mistake) as refused:
        make()
    assert words in str(refused.value) and "\n" not in str(refused.value)
