"""Each conditioning protocol shows and gives what its name says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.conditioning.network import Conditioning
from hedon.models.tasks import conditioning as protocols
from hedon.models.tasks.conditioning import (
    CHAIN,
    CUED,
    DELAY,
    EARLY,
    EMPTY,
    NEVER,
    OMISSION,
    SIZES,
    UNCUED,
    Trial,
)
from hedon.plasticity.td_lambda import TDLambda

RNG = np.random.default_rng(0)


def made(life, **settings):
    return protocols.schedule([life], np.random.default_rng(1), **settings)


def relative(times, table):
    """Times since the reference, nan where nothing happens."""
    return np.where(
        times < NEVER, times - table.reference.reshape(times.shape[:2] + (1,) * (times.ndim - 2)), np.nan
    )


def test_acquisition():
    table = made(protocols.acquisition(6))
    np.testing.assert_allclose(relative(table.onset, table)[0], [[0, np.nan]] * 6, equal_nan=True)
    np.testing.assert_allclose(relative(table.reward_time, table), DELAY)
    assert np.all(table.reward_value == 1) and np.all(table.plastic == 1)


def test_probes_teach_nothing():
    table = made(protocols.probes([CUED, OMISSION, protocols.SOONER, UNCUED], 3))
    assert table.trials == 12 and np.all(table.plastic == 0)
    times = relative(table.reward_time, table)[0, :4]
    np.testing.assert_allclose(times, [DELAY, np.nan, EARLY, DELAY], equal_nan=True)
    cues = relative(table.onset, table)[0, :4, 0]
    np.testing.assert_allclose(cues, [0, 0, 0, np.nan], equal_nan=True)
    assert table.reward_value[0, 1] == 0


def test_nothing_but_the_cue_announces_the_reward():
    table = made([CUED] * 2000)
    assert table.reference.min() == 0.5 and table.reference.max() == 1.5
    assert abs(np.mean(table.reference) - 1.0) < 5 * 0.3 / 2000**0.5
    np.testing.assert_allclose(table.reference / 0.05, np.rint(table.reference / 0.05))
    apart = protocols.schedule([[CUED] * 500] * 2, RNG, jitter=[0.0, 2.0])
    assert np.ptp(apart.reference[0]) == 0 and apart.reference[1].max() == 2.5


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_probability(chance):
    life = protocols.probability(4000, chance, np.random.default_rng(3))
    paid = np.mean([trial.reward is not None for trial in life])
    assert abs(paid - chance) <= 5 * (chance * (1 - chance) / 4000) ** 0.5
    assert all(trial.a == 0 for trial in life)
    with pytest.raises(Mistake):
        protocols.probability(5, 1.5, RNG)


def test_magnitudes():
    life = protocols.magnitudes(21, np.random.default_rng(4))
    values = np.array([trial.value for trial in life]).reshape(3, 7)
    for row in values:
        np.testing.assert_allclose(np.sort(row), protocols.utility(np.array(SIZES)))
    probes = protocols.magnitude_probes()
    assert len(probes) == 14
    assert [p.a is None for p in probes] == [True] * 7 + [False] * 7
    assert np.all(np.diff(protocols.utility(np.array(SIZES))) > 0)
    concave = np.diff(protocols.utility(np.array(SIZES))) / np.diff(SIZES)
    assert np.all(np.diff(concave) < 0)


def test_blocking():
    blocked, control = protocols.blocking(3, 2), protocols.blocking(3, 2, control=True)
    assert blocked == [CUED] * 3 + [Trial(b=0.0)] * 2
    assert control[:3] == [UNCUED] * 3 and control[3:] == blocked[3:]
    rewards = [[t.reward for t in life] for life in (blocked, control)]
    assert rewards[0] == rewards[1]


def test_second_order():
    paired, control = protocols.second_order(3, 4), protocols.second_order(3, 4, control=True)
    assert len(paired) == len(control) == 11
    for life in (paired, control):
        late = life[3:]
        assert all(t.reward is None for t in late)
        assert sum(t.b is not None for t in late) == sum(t.a is not None for t in late) == 4
    assert all(t.a == CHAIN for t in paired[3:] if t.b is not None)
    assert all((t.a is None) != (t.b is None) for t in control[3:])


def test_extinction():
    assert protocols.extinction(2, 3, 1) == [CUED] * 2 + [OMISSION] * 3 + [CUED]


def test_shorter_lives_are_filled_up():
    table = protocols.schedule([[CUED], [CUED] * 3], RNG)
    assert table.onset[0, 1:].min() == NEVER and table.plastic[0].tolist() == [1, 0, 0]
    assert protocols.frozen([CUED, EMPTY])[0] == replace(CUED, learn=False)


@pytest.mark.parametrize(
    "call",
    [
        lambda: made([CUED] * 3, trials=2),
        lambda: made([CUED], duration=2.0),
        lambda: Trial(reward=-1.0),
        lambda: Trial(value=float("nan")),
        lambda: Conditioning(dt=0.02),
        lambda: Conditioning(bin=0.003),
        lambda: Conditioning(rule=TDLambda(tau_e=0.02)),
        lambda: Conditioning(individuals=0),
        lambda: TDLambda(eta=-1.0),
    ],
)
def test_mistakes(call):
    with pytest.raises(Mistake) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_truly_random_times_of_cue_and_reward_are_independent():
    life = protocols.truly_random(4000, np.random.default_rng(3))
    table = made(life, jitter=0.0, duration=5.5)
    cue, reward = relative(table.onset, table)[0, :, 0], relative(table.reward_time, table)[0]
    assert np.isfinite(cue).all() and np.isfinite(reward).all()
    assert abs(np.corrcoef(cue, reward)[0, 1]) < 5 / 4000**0.5
    assert (reward < cue).any() and (reward > cue + DELAY).any()


def test_unpaired_rewards_come_at_any_time_without_a_cue_and_teach_nothing():
    table = made(protocols.unpaired(4000, np.random.default_rng(4)), jitter=0.0, duration=5.5)
    reward = relative(table.reward_time, table)[0]
    assert (table.onset == NEVER).all() and (table.plastic == 0).all()
    assert abs(reward.mean() - protocols.RANGE / 2) < 5 * protocols.RANGE / 48000**0.5
