"""How many neurons share what a target hears of a volume."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.agents import signal_to_noise
from hedon.analysis.theory.volume import anatomy, expected_sharing, reach, shared_with


def test_a_mixture_is_as_noisy_as_a_broadcast_to_as_many():
    """Monte Carlo of U = (sum K_j g_j xi_j) xi_i/K_i for graded and for +-1 tries."""
    rng = np.random.default_rng(0)
    k = rng.exponential(size=6)
    shared = float((k**2).sum() / k[0] ** 2)
    for tries, kurtosis in (
        (rng.normal(size=(400_000, 6)), 3.0),
        (rng.choice([-1.0, 1.0], (400_000, 6)), 1.0),
    ):
        update = (tries * k).sum(axis=1) * tries[:, 0] / k[0]
        assert update.mean() == pytest.approx(1, abs=5 * update.std() / 400_000**0.5)
        assert 1 / update.std() == pytest.approx(float(signal_to_noise(shared, kurtosis)), rel=0.02)


def test_the_ends_are_a_signal_of_ones_own_and_a_broadcast():
    targets, sources = anatomy(30, 3, 0.02, np.random.default_rng(1))
    np.testing.assert_allclose(shared_with(reach(targets, sources, 1e-3)), 1, atol=0.05)
    np.testing.assert_allclose(shared_with(reach(targets, sources, np.inf)), 30)
    with pytest.raises(Mistake, match="above 0"):
        reach(targets, sources, 0.0)


@pytest.mark.parametrize("varicosities", [1, 8])
def test_what_others_are_heard_of_is_the_integral_of_the_kernel(varicosities):
    """Means over random anatomies of what (3) says of numerator and of one's own."""
    rng, n, own = np.random.default_rng(2), 40, 0.03
    for length in (0.03, 0.08):
        others, mine = [], []
        for _ in range(60):
            k = reach(*anatomy(n, varicosities, own, rng), length)
            mine.append(np.diag(k).mean())
            others.append((k**2).sum(axis=1).mean() - (np.diag(k) ** 2).mean())
        mean, error = np.mean(others), np.std(others) / 60**0.5
        own_mean = np.mean(mine)
        expected = float(expected_sharing(n, varicosities, own, length) - 1) * own_mean**2
        closed = np.exp(-own / length) / own + 4 * np.pi * length**2 * (varicosities - 1)
        assert own_mean == pytest.approx(closed, rel=0.05)
        assert abs(mean - expected) < 5 * error + 0.1 * expected


def test_faces_meet_and_nothing_is_nearer_than_a_cell() -> None:
    """By hand: .2 across the face, .3 and .1 inside; a varicosity at the target counts as at 1e-3."""
    found = reach(
        [[0.1, 0.5, 0.5]], [[[0.9, 0.5, 0.5], [0.1, 0.8, 0.6]], [[0.1, 0.5, 0.5], [0.6, 0.5, 0.5]]], 0.25
    )
    across, inside, half = 0.2, np.sqrt(0.1), 0.5
    near = np.exp(-4e-3) / 1e-3
    expected = [sum(np.exp(-4 * d) / d for d in (across, inside)), near + np.exp(-4 * half) / half]
    np.testing.assert_allclose(found, [expected])
    alone = expected_sharing(5, 1, 0.1, 0.2)
    assert alone == pytest.approx(1 + 4 * 2 * np.pi * 0.2 * (0.1 * np.exp(0.5)) ** 2)
    targets, sources = anatomy(200, 2, 0.07, np.random.default_rng(0))
    apart = np.abs(targets - sources[:, 0])
    np.testing.assert_allclose(np.sqrt((np.minimum(apart, 1 - apart) ** 2).sum(axis=1)), 0.07)
    assert (
        (sources >= 0).all() and (sources < 1).all() and abs(sources[:, 1].mean() - 0.5) < 5 * 0.29 / 600**0.5
    )
    offset = ((sources[:, 0] - targets + 0.5) % 1 - 0.5) / 0.07
    assert (np.abs(offset.mean(axis=0)) < 5 / np.sqrt(3 * 200)).all()  # in any direction
