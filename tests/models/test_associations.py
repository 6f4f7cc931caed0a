"""Conditioning worlds that are drawn, and the trials that they hold, without any network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.tasks.associations import Association, AssociationKind, Associations
from hedon.models.tasks.distribution import Drawn

WORLDS = Associations()


def one_world(many: int, **numbers: float) -> Drawn:
    own = {"interval": 1.0, "magnitude": 0.5, "chance": 0.9, "contingency": 0.6, **numbers}
    drawn = WORLDS.draw("train", many, 1)[0]
    return replace(drawn, parameters={name: np.full(many, value) for name, value in own.items()})


def test_worlds_are_drawn_within_their_bounds() -> None:
    (usual,) = WORLDS.draw("train", 2000, 1)
    kinds = WORLDS.draw("out_of_distribution", 2000, 1)
    bounds = dict(WORLDS.beyond)
    assert [one.kind for one in kinds] == ["late", "rare", "large"]
    for drawn, kind in ((usual, WORLDS.usual), *((one, bounds[one.kind]) for one in kinds)):
        for name, values in drawn.parameters.items():
            low, high = getattr(kind, name)
            assert low <= values.min() and values.max() <= high and np.ptp(values) > 0.98 * (high - low)
    tables = np.array(list(usual.parameters.values()))
    assert np.abs(np.corrcoef(tables)[np.triu_indices(4, 1)]).max() < 5 / 2000**0.5
    held = WORLDS.draw("held_out", 2000, 1)[0]
    assert len({one.task_seed for one in (usual, held, *kinds)}) == 5
    few = WORLDS.draw("train", 3, 1)[0].parameters
    np.testing.assert_array_equal(few["chance"], usual.parameters["chance"][:3])


def test_an_episode_holds_each_cue_once_in_random_order() -> None:
    table = WORLDS.task.schedule(one_world(200), 30)
    cue = (table.onset[..., 1] < 1e3).astype(int)
    assert (np.minimum(*np.moveaxis(table.onset, -1, 0)) == table.reference).all()
    assert (np.maximum(*np.moveaxis(table.onset, -1, 0)) > 1e3).all()
    first = cue.reshape(200, 30, 2)
    assert (first.sum(axis=-1) == 1).all() and abs(z_score(first[..., 0].ravel(), 0.5)) < 5
    moments = np.unique(np.rint(table.reference / 0.1))
    assert moments.tolist() == [2, 3, 4, 5, 6, 7, 8] and (table.plastic == 1).all()


def test_rewards_come_as_often_and_as_late_as_the_world_says() -> None:
    """After A with .9, after B with .3: contingency .6."""
    table = WORLDS.task.schedule(one_world(200), 30)
    cue, comes = table.onset.argmin(axis=-1), table.reward_value > 0
    for which, chance in ((0, 0.9), (1, 0.3)):
        assert abs(z_score(comes[cue == which].astype(float), chance)) < 5
    np.testing.assert_allclose((table.reward_time - table.reference)[comes], 1.0)
    assert set(np.unique(table.reward_value)) == {0.0, 0.5} and (table.reward_time[~comes] > 1e3).all()


def test_who_lives_in_the_same_world_sees_the_same() -> None:
    drawn = WORLDS.draw("held_out", 3, 1)[0]
    whose = np.array([2, 0, 2])
    lived = replace(drawn, parameters={name: one[whose] for name, one in drawn.parameters.items()})
    every, some = WORLDS.task.schedule(drawn, 9), WORLDS.task.schedule(lived, 9, whose)
    for name, values in some.parameters().items():
        np.testing.assert_array_equal(values, every.parameters()[name][whose])


def test_the_value_at_a_cue_is_the_discounted_reward_to_come() -> None:
    """exp(-t/tau_r) over the reward, whose mean differs from that of its middle by (d/tau_r)**2/24."""
    drawn, horizon = one_world(2), 5.0
    time = 1.0 + 0.25 * (np.arange(1000) + 0.5) / 1000
    worth = 0.5 * np.exp(-time / horizon).mean()
    expected = np.broadcast_to([0.9 * worth, 0.3 * worth], (2, 2))
    np.testing.assert_allclose(WORLDS.task.value(drawn, horizon), expected, rtol=1.1 * 0.05**2 / 24)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Association(trial=0.8), "cues from 0.2 to 0.8 s of 0.8 s"),
        (lambda: Association(first=-0.1), "cues from"),
        (lambda: Association(grid=0.0), "cues from"),
        (lambda: AssociationKind(chance=(0.7, 1.1)), "chance is 0.7 .. 1.1"),
        (lambda: AssociationKind(contingency=(0.4, 0.8)), "contingency is 0.4 .. 0.8"),
        (lambda: AssociationKind(magnitude=(0.0, 1.0)), "magnitude is 0 .. 1"),
        (lambda: AssociationKind(interval=(1.2, 0.8)), "interval is 1.2 .. 0.8"),
        (lambda: WORLDS.draw("train", 0, 1), "0 associations are none"),
        (lambda: WORLDS.task.schedule(one_world(2, interval=2.2), 1), "ends before a reward 2.2 s after"),
    ],
)
def test_worlds_that_cannot_be_are_refused(make: Any, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        make()
    assert WORLDS.task.schedule(one_world(2, interval=2.1), 1).trials == 2
