"""A life of trials: what is frozen stays, what learns moves, and a life in segments goes on where it was."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.actor_critic.circuit import ActorCriticCircuit
from hedon.models.actor_critic.network import ActorCritic, Associability, Pools
from hedon.models.actor_critic.trial_series import live, longest
from hedon.models.dopamine.system import Dopamine
from hedon.models.tasks import Bandit, CartPole, LinearTrack
from hedon.plasticity import TDHebbian

NET = ActorCritic(
    LinearTrack(length=0.3, cells=8, limit=6.0, rest=0.5),
    Pools(2, 10),
    critics=10,
    critic_rule=TDHebbian(eta=2e-3, bound=0.6),
    actor_rule=TDHebbian(eta=2e-2, bound=0.6),
    individuals=8,
)
WEIGHTS = ("w_critic", "w_actor")


def test_frozen_weights_stay_and_plastic_ones_move():
    frozen = live(NET, 4, 1, {"learning": 0}, outputs=WEIGHTS)
    assert all(np.all(frozen.last[name] == 0) for name in WEIGHTS)
    plastic = live(NET, 4, 1, outputs=WEIGHTS)
    assert all(np.max(np.abs(plastic.last[name])) > 1e-3 for name in WEIGHTS)
    assert np.max(np.abs(plastic.last["w_actor"])) <= 0.6


def test_each_individual_can_be_frozen_alone():
    learning = np.arange(8) % 2
    weights = live(NET, 2, 2, {"learning": learning}, outputs=WEIGHTS).last["w_critic"]
    moved = np.abs(weights).reshape(8, -1).max(axis=1) > 0
    assert np.array_equal(moved, learning == 1)


def test_trials_are_counted_and_end_in_time():
    series = live(NET, 3, 3)
    assert series.finished.all()
    assert np.all((series.latency > 0) & (series.latency <= NET.task.limit + 1e-9))
    # a body cannot be faster than its speed
    assert np.min(series.latency) >= 0.25 / 0.4 - 1e-9
    assert np.array_equal(series.outcome == 0, series.latency >= NET.task.limit - 1e-9)
    short = live(NET, 3, 3, seconds=longest(NET, 1) / 4)
    assert not short.finished.all()
    assert np.all(short.latency[~short.finished] == NET.task.limit)


def test_a_life_goes_on_where_it_was_stopped(tmp_path):
    whole = live(NET, 4, 5, segments=2, outputs=WEIGHTS, folder=tmp_path / "whole")
    again = live(NET, 4, 5, segments=2, outputs=WEIGHTS)
    (tmp_path / "whole" / "segment0001.npz").unlink()
    resumed = live(NET, 4, 5, segments=2, outputs=WEIGHTS, folder=tmp_path / "whole")
    for other in (again, resumed):
        assert np.array_equal(whole.latency, other.latency)
        assert all(np.array_equal(whole.last[name], other.last[name]) for name in WEIGHTS)
    with pytest.raises(Mistake, match="equal segments"):
        live(NET, 5, 5, segments=2)


POLES = ActorCritic(
    CartPole(cells=(2, 2, 2, 2), limit=0.3, rest=0.1),
    Pools(2, 4),
    critics=4,
    critic_rule=TDHebbian(eta=2e-3),
    actor_rule=TDHebbian(eta=2e-2),
    individuals=12,
    associability=Associability(tau=3.0, pause=1.0, half=0.2, first=0.5),
    watched=0,
)
TRACES = ("trace_critic", "trace_actor")


@pytest.mark.whole
@pytest.mark.parametrize("segments", [1, 2])
def test_associability_is_the_trace_of_pauses(segments):
    """From what dopamine neurons tell every 20 ms, in a Brian2 network that runs step by step."""
    series = live(POLES, 4, 8, segments=segments, outputs=TRACES)
    critic, actor = (series.last[name] for name in TRACES)
    assert np.all(critic == critic[:, :1]) and np.all(actor == critic[:, :1])
    assert np.ptp(critic[:, 0]) > 1e-3
    b2.start_scope()
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    circuit = ActorCriticCircuit(replace(POLES, individuals=2))
    seen = b2.StateMonitor(
        circuit.critic,
        ["modulator", "pauses", "rate"],
        record=[0],
        clock=circuit.clock(circuit.update),
        when="end",
    )
    circuit.network.add(seen)
    b2.seed(1)
    circuit.network.run(2.0 * b2.second)
    b2.prefs.codegen.target = before
    modulator, pauses, rate = (np.array(getattr(seen, name))[0] for name in ("modulator", "pauses", "rate"))
    depth, kept, trace = np.clip(-modulator - 1.0, 0, None), np.exp(-0.02 / 3.0), 0.5
    assert 0 < np.count_nonzero(depth) < len(depth)
    for now, told, learning in zip(depth, pauses, rate, strict=True):
        trace = kept * trace + (1 - kept) * now
        np.testing.assert_allclose((told, learning), (trace, 2e-3 * trace / (trace + 0.2)), rtol=1e-9)


@pytest.mark.whole
def test_who_has_had_no_pauses_stays_as_it_is():
    no_error_is_so_large = Associability(pause=100.0)
    net = replace(POLES, associability=no_error_is_so_large, dopamine=Dopamine(gain=0.05))
    before = np.repeat(np.arange(12) % 2, 4).reshape(12, 4) * 1.0
    given = {"trace_critic": before, "trace_actor": np.repeat(before, 2, axis=1)}
    series = live(net, 2, 9, given, outputs=WEIGHTS)
    for name in WEIGHTS:
        moved = np.abs(series.last[name]).reshape(12, -1).max(axis=1) > 0
        assert np.array_equal(moved, before[:, 0] > 0)


def test_associability_without_a_time_is_refused():
    with pytest.raises(Mistake, match="must be finite and above 0"):
        Associability(tau=0.0)
    with pytest.raises(Mistake, match="no error is told below -1.625"):
        replace(POLES, associability=Associability(pause=2.0))


@pytest.mark.whole
def test_a_bandit_pays_with_its_probabilities():
    net = ActorCritic(Bandit((1.0, 0.3)), Pools(2, 10), critics=2, individuals=16, watched=16)
    outputs = ("chosen_trace", "acting_trace")
    series = live(net, 20, 7, {"learning": 0}, outputs=outputs)
    chosen, acting = (series.last[name] for name in outputs)
    ended = (acting[1:] < 0.5) & (acting[:-1] > 0.5)
    arms = np.array([chosen[1:][ended[:, one], one][:20] for one in range(16)])
    paid = series.outcome > 0
    # undecided pools choose at random: half of 320 choices each
    assert abs(arms.mean() - 0.5) < 5 * 0.5 / arms.size**0.5
    assert paid[arms == 0].all()
    assert abs(z_score(paid[arms == 1].astype(float), 0.3)) < 5
