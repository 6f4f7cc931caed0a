"""Samples to criterion of losses that are known: exponential falls, floors, and lives that diverge."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import crossed_interval
from hedon.analysis.statistics.samples_to_criterion import (
    CAP,
    crossing,
    log_settled,
    relative,
    samples_to_criterion,
    settled,
    solved,
)

TAU = np.array([20.0, 60.0, 300.0])
BLOCK, BLOCKS = 5, 40


def falls() -> np.ndarray:
    """Block means of 3 exp(-(t - 1/2)/tau) over trials t = 1, 2, ..."""
    trial = np.arange(BLOCK * BLOCKS) + 0.5
    return 3 * np.exp(-trial / TAU[:, None]).reshape(len(TAU), BLOCKS, BLOCK).mean(axis=2)


def test_exponential_falls_inside_the_life_and_beyond_it() -> None:
    samples = samples_to_criterion(falls(), np.full(3, 3.0), BLOCK, 0.1)
    # a block's mean lies above its middle by (block/tau)**2/24; the last life is continued from its end
    np.testing.assert_allclose(samples[:2], TAU[:2] * np.log(10), rtol=2e-3)
    last = 0.875 * BLOCK * BLOCKS / TAU[2]
    np.testing.assert_allclose(samples[2], BLOCK * BLOCKS * np.log(10) / last, rtol=1e-2)
    np.testing.assert_array_equal(solved(falls(), np.full(3, 3.0), 0.1), [True, True, False])


def test_it_does_not_depend_on_the_scale_of_the_loss() -> None:
    one, other = (samples_to_criterion(k * falls(), np.full(3, 3.0 * k), BLOCK, 0.1) for k in (1, 50))
    np.testing.assert_allclose(one, other)


def test_what_never_falls_or_diverges_counts_most() -> None:
    life = BLOCK * BLOCKS
    loss = np.ones((4, BLOCKS))
    loss[1] = np.geomspace(1, 1e9, BLOCKS)
    loss[2, 3:] = np.nan
    loss[3] = np.r_[np.geomspace(1, 1e-3, BLOCKS // 2), np.geomspace(1e-3, 1e9, BLOCKS // 2)]
    np.testing.assert_allclose(samples_to_criterion(loss, np.ones(4), BLOCK, 0.1), CAP * life)
    assert not solved(loss, np.ones(4), 0.1).any()


def test_faster_is_always_fewer() -> None:
    trial = (np.arange(BLOCKS) + 0.5) * BLOCK
    level = np.exp(-trial / np.geomspace(1, 1e4, 60)[:, None])
    samples = samples_to_criterion(level, np.ones(60), BLOCK, 0.1)
    assert (np.diff(samples) >= 0).all() and (samples <= CAP * BLOCK * BLOCKS).all()


def test_crossed_interval_covers_both_spreads() -> None:
    """Rows that differ widen the interval as rows do: half width 1.96 sd/sqrt(rows), shrunk by (n - 1)/n."""
    draw = np.random.default_rng(0)
    rows, columns = draw.normal(size=(40, 1)), draw.normal(size=(1, 90))
    for table, n in ((rows + 0 * columns, 40), (0 * rows + columns, 90)):
        low, high = crossed_interval(table)
        spread = (rows if n == 40 else columns).std() / n**0.5
        assert abs((high - low) / (2 * 1.96 * spread) - 1) < 0.1  # 2.5 % points of 2000 resamples: s.e. 3 %
        assert low < table.mean() < high
    both = crossed_interval(rows + columns)
    assert (
        both[1] - both[0] > crossed_interval(rows + 0 * columns)[1] - crossed_interval(rows + 0 * columns)[0]
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: samples_to_criterion(np.ones((2, 0)), np.ones(2), 5, 0.1),
        lambda: samples_to_criterion(np.ones((2, 4)), np.ones(2), 5, 1.5),
        lambda: crossed_interval(np.ones(3)),
        lambda: crossed_interval(np.ones((3, 2)), level=1.0),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()


def test_the_crossing_of_a_noisy_mean_loss() -> None:
    """A loss that falls by e in 20 trials is down to a tenth after 20 ln 10, whatever one block does;
    one that does not get there has no crossing."""
    trial = np.arange(0.5, 120.0, 1.0)
    level = np.exp(-trial / 20)
    assert crossing(trial, level, 0.1) == pytest.approx(20 * np.log(10), rel=1e-6)
    noisy = level * np.exp(0.2 * np.random.default_rng(0).standard_normal(trial.size))
    noisy[-1] = 0.2
    assert crossing(trial, noisy, 0.1) == pytest.approx(20 * np.log(10), rel=0.1)
    assert np.isnan(crossing(trial, np.full(trial.size, 0.5), 0.1))


def test_what_is_reached_and_lost_again_has_not_settled() -> None:
    level = [[0.5, 0.9, 0.9, 0.9], [0.95, 0.5, 0.9, 1.0], [0.9, 0.9, 0.9, 0.5], [1.0, 1.0, 1.0, 1.0]]
    samples, kept = settled(level, 10, 0.9)
    assert samples.tolist() == [20, 30, 40, 10]
    assert kept.tolist() == [True, True, False, True]
    lost = settled([0.9, np.nan], 10, 0.9)
    assert (float(lost[0]), bool(lost[1])) == (20, False)
    late = np.exp(log_settled(level, 10, 0.9))
    np.testing.assert_allclose(late, [20, 30, 40 * np.exp(0.5), 10])


def test_crossings_lie_between_the_middles_of_blocks() -> None:
    """On the line of the logarithms, from the start at trial 0 on; a single block is enough."""
    assert samples_to_criterion([1.0, 0.01], 1.0, 10, 0.1) == pytest.approx(5 + 10 / 2)
    assert samples_to_criterion([0.01, 0.01], 1.0, 10, 0.1) == pytest.approx(5 / 2)
    assert samples_to_criterion([0.1, 0.1, 0.01], 1.0, 10, 0.1) == pytest.approx(15)  # below, not at
    assert samples_to_criterion([1e-9, 1e-9], 1.0, 2, 0.5) == 1  # one sample at least
    assert samples_to_criterion([0.1], 1.0, 8, 0.01) == pytest.approx(16)  # half of the way in the life
    assert samples_to_criterion([0.9] * 8, 1.0, 1, 1e-9) == pytest.approx(8 * 30)
    # a quarter of the life, its last two blocks of eight, is what is continued
    late = samples_to_criterion([0.9] * 6 + [0.1, 0.4], 1.0, 1, 0.01)
    assert late == pytest.approx(8 * np.log(0.01) / np.mean(np.log([0.1, 0.4])))
    grown = [samples_to_criterion([level] * 4, 1.0, 1, 0.1) for level in (3.99, 4.01)]
    assert grown == [CAP * 4, CAP * 4]
    for criterion in (0.0, 1.0):
        with pytest.raises(Mistake, match="1 blocks and criterion"):
            samples_to_criterion([0.5], 1.0, 1, criterion)


def test_a_crossing_needs_two_blocks_near_and_an_end_below() -> None:
    trial = np.arange(20.0)
    level = np.where(trial < 10, 0.2, 0.05)
    assert np.isfinite(crossing(trial, level, 0.1))
    assert np.isnan(crossing(trial, np.where(trial < 18, 0.05, [0.15] * 20), 0.1))  # the last tenth
    assert np.isfinite(crossing(trial, np.where(trial < 17, 0.2, 0.09), 0.1))
    far = np.where(trial < 19, 0.31, 0.09)  # one block near: within a factor of three, edges left out
    far[18] = 0.01
    assert np.isnan(crossing(trial, far, 0.1))
    two = np.where(trial < 10, 0.9, 0.01)
    two[[9, 10]] = 0.2, 0.05
    assert crossing(trial, two, 0.1) == pytest.approx(9.5)


def test_the_last_eighth_is_below() -> None:
    level = np.ones((2, 16))
    level[0, 14:], level[1, 15:] = 0.09, 0.01
    assert solved(level, np.ones(2), 0.1).tolist() == [True, False]
    assert not solved([0.1] * 3, 1.0, 0.1) and solved([1, 1, 0.09], 1.0, 0.1)
    lost = np.exp(log_settled([1.0] * 18 + [0.4, 0.2], 3, 0.9))
    assert lost == pytest.approx(60 * np.exp(1 - 0.3))
    assert settled([1.0, 0.9], 3, 0.9)[0] == 3 and settled([0.5, 0.95], 3, 0.9)[0] == 6


def test_losses_over_their_start_are_within_bounds() -> None:
    found = relative([[1e-20, 2.0, np.nan, np.inf, 1e30], [0.0, 0, 0, 0, 0]], [2.0, 0.0])
    np.testing.assert_allclose(found, [[1e-12, 1, 1e12, 1e12, 1e12], [1e12] * 5])
