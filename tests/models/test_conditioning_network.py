"""The conditioning network on the Brian2 simulation: what a trial brings, and what dopamine changes."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest
from scipy.signal import lfilter

from hedon.models.conditioning.circuit import build
from hedon.models.conditioning.network import Conditioning, live
from hedon.models.conditioning.own_numbers import own_numbers
from hedon.models.tasks import conditioning as protocols
from hedon.models.tasks.conditioning import CUED, OMISSION, Trial
from hedon.plasticity.td_lambda import TDLambda

SMALL = Conditioning(individuals=4, trials=4, fields=20, critics=5)


@pytest.fixture
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    yield
    b2.prefs.codegen.target = before


def test_time_cells_follow_their_cue_and_reward_its_schedule(numpy_target):
    net = Conditioning(individuals=2, trials=3, fields=10, copies=1, critics=2, trial_duration=4.0)
    network = build(net).network
    lives = [[CUED, OMISSION, Trial(a=None)], [Trial(b=0.0), Trial(a=1.0, b=0.0, reward=None), CUED]]
    table = protocols.schedule(lives, np.random.default_rng(5), duration=4.0)
    network["cue_agenda"].onset = table.onset.ravel() * b2.second
    network["agenda"].reward_time = table.reward_time.ravel() * b2.second
    network["agenda"].reward_value = table.reward_value.ravel()
    network["agenda"].plastic = table.plastic.ravel()
    rates = b2.StateMonitor(network["time_cell"], "rho", record=True, dt=20 * b2.ms, when="end")
    reward = b2.StateMonitor(network["value"], "reward", record=True, dt=2 * b2.ms, when="end")
    network.add(rates, reward)
    network.run(12 * b2.second)
    rho = np.array(rates.rho / b2.Hz).reshape(2, 2, 10, 3, 200)
    time = np.arange(200) * 0.02
    centres = 0.1 * np.arange(10)
    for individual in range(2):
        for trial in range(3):
            for cue in range(2):
                since = time - table.onset[individual, trial, cue]
                field = 100 * np.exp(-0.5 * ((since[None] - centres[:, None]) / 0.08) ** 2)
                field *= (since > -1e-9) & (np.abs(since[None] - centres[:, None]) < 0.32)
                np.testing.assert_allclose(rho[individual, cue, :, trial], field, atol=0.05)
    given = np.array(reward.reward / b2.Hz).reshape(2, 3, 2000)
    np.testing.assert_allclose(given.sum(axis=-1) * 0.002, table.reward_value, rtol=0.01)
    for individual, trial in zip(*np.nonzero(table.reward_value), strict=True):
        begins = np.flatnonzero(given[individual, trial])[0] * 0.002
        assert begins == pytest.approx(table.reward_time[individual, trial], abs=0.0021)


def test_dopamine_times_the_lagging_trace_changes_the_weights(numpy_target):
    """The weights are those that equations (1), (2) of TDLambda give for the recorded spikes and dopamine."""
    rule = TDLambda(eta=0.02, tau_e=0.5, tau_lag=0.2)
    net = Conditioning(
        individuals=2, trials=1, fields=15, copies=1, critics=2, rule=rule, trial_duration=4.0, interval=0.002
    )
    b2.seed(3)
    network = build(net).network
    table = protocols.schedule([[CUED], [CUED]], np.random.default_rng(5), duration=4.0)
    network["cue_agenda"].onset = table.onset.ravel() * b2.second
    network["agenda"].reward_time = table.reward_time.ravel() * b2.second
    network["agenda"].reward_value = 1.0
    network["agenda"].plastic = [1.0, 0.0]
    spikes = b2.SpikeMonitor(network["time_cell"])
    modulators = b2.StateMonitor(network["critic"], "modulator", record=True, when="end")
    network.add(spikes, modulators)
    network.run(4 * b2.second)
    w = np.array(network["weights"].w).reshape(2, 30, 2)
    assert np.all(w[1] == 0)
    assert np.abs(w[0]).max() > 1e-3
    modulator = np.array(modulators.modulator)[0]
    times, cells = np.array(spikes.t / b2.second), np.array(spikes.i)
    at = np.arange(len(modulator)) * float(modulators.clock.dt)
    since = np.maximum(at[:, None] - times[None], 0)
    fast, slow = 1 / 0.2, 1 / 0.5
    apart = fast - slow
    kernel = fast**2 * (
        np.exp(-slow * since) / apart**2 - np.exp(-fast * since) * (since / apart + 1 / apart**2)
    )
    trace = np.where(at[:, None] > times[None] + 1e-9, kernel, 0)
    for cell in range(30):
        drive = trace[:, cells == cell].sum(axis=1)
        expected = 0.02 * np.sum(modulator * drive) * float(modulators.clock.dt)
        assert w[0, cell, 0] == pytest.approx(expected, rel=0.02, abs=2e-6)


STEP = 0.005


def low_pass(x, *taus):
    for tau in taus:
        kept = np.exp(-STEP / tau)
        x = lfilter([1 - kept], [1, -kept], x, axis=0)
    return x


def mean_rates(net, stages=2):
    """After a cue at 0, (time,) and of a weight of each field (time, field): the eligibility, the value and
    the modulator without reward; ``heard(r)`` is the modulator of what else a value unit compares, r."""
    rule, system = net.rule, net.dopamine
    time = np.arange(0, net.trial_duration, STEP)
    centres = np.arange(net.fields) * net.spacing
    fields = net.highest * np.exp(-0.5 * ((time[:, None] - centres) / net.width) ** 2)
    eligibility = rule.tau_e * low_pass(fields, rule.tau_e, *[rule.tau_lag * 2 / stages] * stages)
    drive = net.copies * net.tau_psp * low_pass(fields, net.tau_psp)
    value = low_pass(drive, system.tau_slow, system.tau_fast)
    error = np.diff(value, axis=0, prepend=0) / STEP - value / system.tau_r

    def heard(error):
        return np.roll(low_pass(error, system.clearance), round(system.delay / STEP), axis=0)

    return time, fields, drive, value, eligibility, heard(error), heard


@pytest.mark.parametrize(("stages", "grows"), [(2, False), (1, True)])
def test_every_mode_of_the_weights_decays_if_the_eligibility_lags_in_two_stages(stages, grows):
    """dw/dtrial = eta (b + M w) of the mean rates: a mode of M that grows is value that runs away."""
    *_, eligibility, modulator, _ = mean_rates(Conditioning(), stages)
    rates = np.linalg.eigvals(eligibility.T @ modulator).real
    assert (rates.max() > 1e-4 * abs(rates).max()) == grows


@pytest.mark.parametrize(
    ("filters", "outgrown"),
    [
        ({}, (1.4, 1.7)),
        ({"tau_slow": 0.06, "tau_fast": 0.02, "clearance": 0.05}, (0.95, 1.15)),
    ],
)
def test_the_burst_at_a_cue_is_credited_to_what_follows_it(filters, outgrown):
    """At the values to be learned, weights change by equation (3) of TDLambda; so values outgrow them."""
    made = Conditioning()
    net = replace(made, dopamine=replace(made.dopamine, **filters))
    time, fields, drive, value, eligibility, modulator, heard = mean_rates(net)
    system, rule = net.dopamine, net.rule
    begins, lasts = 1.0, net.reward_duration
    paid = np.where((time >= begins) & (time < begins + lasts), 1 / lasts, 0.0)
    rewarded = STEP * eligibility.T @ heard(low_pass(paid, system.tau_slow, system.tau_fast))
    change = STEP * eligibility.T @ modulator

    worth = np.exp(-(begins + lasts / 2) / system.tau_r)
    closed = worth * np.exp(time / system.tau_r) * np.clip((begins + lasts - time) / lasts, 0, 1)
    right = np.linalg.lstsq(drive, closed, rcond=1e-3)[0]
    impulse = np.zeros(len(time))
    impulse[0] = 1 / STEP
    of_a_jump = heard(low_pass(impulse, net.tau_psp, system.tau_slow, system.tau_fast))
    of_a_spike = rule.tau_e * low_pass(impulse, rule.tau_e, rule.tau_lag, rule.tau_lag)
    credit = [STEP * of_a_jump[at:] @ of_a_spike[: len(time) - at] for at in range(len(time))]
    expected = worth * STEP * fields.T @ credit
    assert expected[0] > 1
    np.testing.assert_allclose(change @ right + rewarded, expected, atol=0.15 * expected[:3].max())

    w = np.zeros(net.fields)
    for _ in range(30):
        w += 0.004 * (change @ w + rewarded)
    read = (time > 0.2) & (time < 0.6)
    low, high = outgrown
    reached = (value[read] @ w).mean() / (value[read] @ right).mean()
    assert low < reached < high


@pytest.mark.whole
def test_frozen_and_swapped_individuals():
    lives = [[CUED] * 4, protocols.frozen([CUED] * 4), [CUED] * 4, [CUED] * 4]
    table = protocols.schedule(lives, np.random.default_rng(1), duration=SMALL.trial_duration)
    yoked = {"yoked": [0, 0, 3, 1]}
    found = live(SMALL, table, seed=1, parameters=yoked, record=("V", "n"))
    assert found.rate.shape == (4, 4, SMALL.bins) == found.recorded["n"].shape
    change = np.abs(found.w).sum(axis=(1, 2))
    assert change[1] == 0 and np.all(change[[0, 2, 3]] > 0)
    again = live(SMALL, table, seed=1, w=found.w, parameters={"eta": 0.0})
    np.testing.assert_array_equal(again.w, found.w)
    assert abs(found.rate.mean() - 6.5) < 1.5


def test_learning_needs_dopamine_neurons_that_can_change_their_rate():
    """Taught by a constant concentration, nothing is learned but noise: eta scales what is left."""
    table = protocols.schedule([[CUED] * 4] * 4, np.random.default_rng(1), duration=SMALL.trial_duration)
    slow = live(SMALL, table, seed=1, parameters={"eta": 1e-5}).w
    fast = live(SMALL, table, seed=1, parameters={"eta": 2e-5}).w
    assert np.corrcoef(slow.ravel(), fast.ravel())[0, 1] > 0.99
    assert np.sum(slow * fast) / np.sum(slow * slow) == pytest.approx(2.0, abs=0.1)


@pytest.mark.whole
def test_individuals_with_numbers_of_their_own():
    """The same spikes as with the network's numbers, steps of 2 ms in the lag of the eligibility apart; each
    number changes its own individual alone, and one that says nothing new changes nothing."""
    table = protocols.schedule([[CUED] * 4] * 4, np.random.default_rng(1), duration=SMALL.trial_duration)
    usual, own = live(SMALL, table, seed=1).w, replace(SMALL, own=True)
    same = live(own, table, seed=1).w
    assert 0 < np.abs(same - usual).max() < 0.02 * np.abs(usual).max()
    hand = {one.name: one.default for one in own_numbers(own)}
    assert {"eta", "tau_e", "tau_lag", "clearance", "baseline"} < set(hand) and "tau_r" not in hand
    told = {name: np.full(4, value) for name, value in hand.items()}
    np.testing.assert_allclose(live(own, table, seed=1, parameters=told).w, same, rtol=1e-9, atol=1e-12)
    told["tau_e"][1], told["tau_lag"][2], told["clearance"][3] = 1.0, 0.4, 0.3
    changed = np.abs(live(own, table, seed=1, parameters=told).w - same).max(axis=(1, 2))
    assert changed[0] < 1e-9 and changed[1:].min() > 0.05 * np.abs(same).max()
