"""Spiking neurons learn the expectiles of their rewards, where dips can tell of all that is missed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.responses.dopamine_population import MOST, Population, teaching_ratio
from hedon.analysis.responses.reward_trials import CellTrials, single_trials
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.expectiles import expectile
from hedon.models.tasks.conditioning import SIZES
from hedon.models.values.network import Cells, Session, ValuePopulation, live

pytestmark = pytest.mark.whole

MANY, TRIALS, WARM = 16, 210, 70
NETWORK = ValuePopulation(cells=MANY, recorded=2, trials=TRIALS)
SLANTS = np.linspace(0.25, 0.75, MANY)
WORTH = (np.array(SIZES) / 20) ** 0.7
VALUES = np.array([expectile(WORTH, a) for a in SLANTS])
RNG = np.random.default_rng(0)
SESSIONS = [
    # every seven trials hold each size once: what is learned does not depend on the order
    Session(np.concatenate([RNG.permutation(SIZES) for _ in range(TRIALS // 7)]), np.ones(TRIALS, bool))
    for _ in range(MANY)
]


def cells(baseline, dip=1.0, gain=12.0):
    ratio = np.broadcast_to(np.asarray(dip, float), MANY)
    level = np.full(MANY, float(baseline))
    return Cells(level, np.full(MANY, gain), SLANTS, 2 / (1 + ratio), 2 * ratio / (1 + ratio))


def lived(population, value=VALUES, eta=0.04, seed=0, share=1.0):
    return live(
        NETWORK, population, SESSIONS, value, seed, utility=lambda s, k: (s / 20) ** 0.7, share=share, eta=eta
    )


def learned(population, **settings):
    return lived(population, **settings).value[WARM:].mean(axis=0)


def test_values_come_to_rest_at_the_expectiles():
    """From elsewhere, with a baseline that no dip reaches the bottom of."""
    start = np.full(MANY, 0.4)
    found = learned(cells(40.0), value=start, eta=0.08)
    assert abs(z_score(found - VALUES, 0.0)) < 5
    assert np.abs(found - VALUES).max() < 0.06
    assert np.corrcoef(found, VALUES)[0, 1] > 0.95


def test_dips_that_are_cut_off_leave_the_values_too_high_unless_they_teach_more():
    low = 1.0
    trials = [CellTrials(s.size, s.expected, np.zeros(TRIALS), np.full(TRIALS, low)) for s in SESSIONS]
    level = np.full(MANY, low)
    truth = Population(
        "own", 0.7, 1.0, 20.0, level, np.full(MANY, 12.0), SLANTS, VALUES, np.full(MANY, MOST), 0.0
    )
    ratio = teaching_ratio(truth, trials)
    assert (ratio > 1.1).all()
    alike = learned(cells(low)) - VALUES
    mended = learned(cells(low, ratio)) - VALUES
    assert z_score(alike, 0.0) > 5
    assert abs(mended.mean()) < 0.25 * alike.mean()


def test_without_plasticity_values_stay_and_rates_are_those_of_the_equation():
    population = cells(4.0)
    found = lived(population, eta=0.0)
    np.testing.assert_array_equal(found.value, np.tile(VALUES, (TRIALS, 1)))
    for row in found.recordings:
        for cell in single_trials(row):
            error = np.sqrt(4.0 / TRIALS)
            assert abs(cell.baseline - 4.0) < 5 * error
    pooled = [single_trials(row) for row in found.recordings]
    z = []
    for size, worth in zip(SIZES, WORTH, strict=True):
        counts, mean = [], []
        for row in pooled:
            for k, cell in enumerate(row):
                delta = worth - VALUES[k]
                rate = max(4.0 + 24 * (SLANTS[k] if delta > 0 else 1 - SLANTS[k]) * delta, 0.0)
                here = cell.spikes[cell.size == size]
                counts.append(here.sum())
                mean.append(rate * 0.4 * len(here))
        z.append((sum(counts) - sum(mean)) / np.sqrt(sum(mean)))
    assert np.abs(z).max() < 5


def test_an_unannounced_reward_is_held_against_less_and_teaches_less():
    """Rest: sum h (a [u - h V]+ - (1 - a) [h V - u]+) = 0 over announced (h = 1) and other rewards."""
    from scipy.optimize import brentq

    share, rng = 0.4, np.random.default_rng(1)
    kinds = np.array([(size, expected) for size in SIZES for expected in (0, 1)])
    orders = [np.concatenate([kinds[rng.permutation(14)] for _ in range(TRIALS // 14)]) for _ in SESSIONS]
    mixed = [Session(order[:, 0], order[:, 1] > 0) for order in orders]

    def pull(value, a, h):
        error = WORTH - h[:, None] * value
        return float((h[:, None] * np.where(error > 0, a, 1 - a) * error).sum())

    rest = np.array([brentq(pull, 0, 3, (a, np.array([share, 1.0]))) for a in SLANTS])
    found = live(
        NETWORK,
        cells(40.0),
        mixed,
        rest,
        0,
        utility=lambda s, k: (s / 20) ** 0.7,
        share=share,
        eta=0.04,
    )
    assert np.isnan(found.recordings[0][0].trials["t_cue"][~mixed[0].expected]).all()
    assert abs(z_score(found.value[WARM:].mean(axis=0) - rest, 0.0)) < 5


def test_the_same_seed_gives_the_same_spikes_and_another_does_not():
    one, same, other = (lived(cells(6.5), seed=seed).recordings[0][0].spike_times[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert len(one) != len(other) or (one != other).any()


def test_mistakes():
    with pytest.raises(Mistake, match="do not fit"):
        live(NETWORK, cells(5.0), SESSIONS[:3], VALUES, 0, utility=lambda s, k: s, share=1.0, eta=0.0)
    with pytest.raises(Mistake, match="below zero"):
        Cells(np.array([-1.0]), np.ones(1), np.ones(1), np.ones(1), np.ones(1))
    with pytest.raises(Mistake, match=r"\[0, 1\]"):
        Cells(np.ones(1), np.ones(1), np.array([1.5]), np.ones(1), np.ones(1))
    with pytest.raises(Mistake, match="within a trial"):
        ValuePopulation(outcome=3.0)
    with pytest.raises(Mistake, match="no critic"):
        ValuePopulation(dopamine=replace(NETWORK.dopamine, critic_baseline=10.0))
    with pytest.raises(Mistake, match="whole number"):
        ValuePopulation(trial_duration=3.2013)
