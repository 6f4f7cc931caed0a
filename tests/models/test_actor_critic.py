"""A life of trials: what is frozen stays, what learns moves, and a life in segments goes on where it was."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.mistakes import Mistake
from hedon.models.actor_critic import ActorCritic, Pools
from hedon.models.tasks import Bandit, LinearTrack
from hedon.models.trial_series import live, longest
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


def test_a_bandit_pays_with_its_probabilities():
    pays = {}
    for arms in ((1.0, 1.0), (0.0, 0.0), (0.9, 0.1)):
        net = ActorCritic(Bandit(arms), Pools(2, 10), critics=2, individuals=16, watched=0)
        pays[arms] = (live(net, 20, 7, {"learning": 0}).outcome > 0).mean()
    assert pays[1.0, 1.0] == 1 and pays[0.0, 0.0] == 0
    # undecided pools choose at random: .5, with a standard error of .028 over 320 choices
    assert abs(pays[0.9, 0.1] - 0.5) < 5 * 0.028
