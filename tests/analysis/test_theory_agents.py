"""What a shared signal leaves an agent to learn from, against Monte Carlo that knows nothing of the forms."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.agents import SIGNALS, Committees, crossing, signal_to_noise, trials_in_sgd

MANY = 40_000


@pytest.mark.parametrize("sharing", [1, 4, 20])
@pytest.mark.parametrize("kurtosis", [1.0, 3.0])
def test_noise_of_a_shared_signal(sharing: int, kurtosis: float) -> None:
    rng = np.random.default_rng(sharing)
    tried = rng.normal(size=(MANY, sharing)) if kurtosis == 3 else rng.choice([-1.0, 1.0], (MANY, sharing))
    update = tried.sum(axis=1) * tried[:, 0]
    assert abs(z_score(update, 1.0)) < 5
    assert abs(z_score((update - 1) ** 2, sharing + kurtosis - 2)) < 5
    noise = sharing + kurtosis - 2
    assert signal_to_noise(sharing, kurtosis) == (pytest.approx(noise**-0.5) if noise else np.inf)


def test_the_table_of_the_tasks() -> None:
    assert np.round(signal_to_noise([4, 16, 64, 256, 1024]), 3).tolist() == [
        0.447,
        0.243,
        0.124,
        0.062,
        0.031,
    ]
    assert signal_to_noise(8) == pytest.approx(1 / 3)
    assert signal_to_noise(1) == pytest.approx(0.5**0.5)


def test_trials_in_those_of_gradient_descent() -> None:
    """G + 2 and G K + 2, but for what the best rates' logarithms add (1/2 of a trial's fall)."""
    for outputs, inputs in ((1, 10), (4, 10), (16, 10), (16, 20)):
        assert trials_in_sgd("np", outputs, inputs) == pytest.approx(outputs + 2, rel=0.05)
        assert trials_in_sgd("wp", outputs, inputs) == pytest.approx(outputs * inputs + 2, rel=0.05)
        assert trials_in_sgd("sgd", outputs, inputs) == 1


def sums_by_chance(team: Committees, group: int, p: float, seed: int) -> dict[str, np.ndarray]:
    """U of the first committee for every signal, from votes that are drawn; nothing is known of the forms."""
    rng = np.random.default_rng(seed)
    c, n = team.committees, team.members
    answer = rng.choice([-1.0, 1.0], (MANY, c))
    vote = answer[:, :, None] * np.where(rng.random((MANY, c, n)) < p, 1, -1)
    score = (vote - answer[:, :, None] * (2 * p - 1)) / 2
    lead = vote.sum(axis=2)
    right = answer * np.sign(lead)
    delta = right - right.mean()
    decision = np.sign(vote.sum(axis=(1, 2)))
    without = answer[:, :, None] * np.sign(lead[:, :, None] - 2 * vote)
    shared = max(1, group // n)
    heard = {
        "one": delta.sum(axis=1)[:, None],
        "groups": delta[:, :shared].sum(axis=1)[:, None],
        "difference": (right[:, :, None] - without)[:, 0] / 2,
        "agreement": delta.sum(axis=1)[:, None] * decision[:, None] * vote[:, 0],
    }
    return {name: answer[:, 0] * (signal * score[:, 0]).sum(axis=1) for name, signal in heard.items()}


@pytest.mark.parametrize("p", [0.5, 0.7])
@pytest.mark.parametrize(("committees", "members"), [(1, 1), (1, 9), (9, 1), (3, 5), (9, 3)])
def test_efficiency_of_every_signal(committees: int, members: int, p: float) -> None:
    team = Committees(committees, members)
    group = 3 * members if committees > 1 else 1
    drawn = sums_by_chance(team, group, p, committees)
    for signal in SIGNALS:
        if p != 0.5 and signal == "agreement" and committees > 1:
            continue  # not known there
        total = drawn[signal]
        mean = total.mean()
        if p == 0.5:
            assert abs(z_score(total, team.gain(signal))) < 5
        second = mean**2 / team.efficiency(signal, group, p)
        # the mean is drawn too, and enters squared
        spread = np.hypot((total**2).std(), 2 * second / mean * total.std()) / MANY**0.5
        assert abs((total**2).mean() - second) < 5 * spread + 1e-9


def test_closed_forms_at_the_start() -> None:
    team = Committees(3, 9)
    assert team.efficiency("one") == pytest.approx(4 * team.margin**2 / 27)
    assert team.efficiency("groups", 9) == pytest.approx(4 * team.margin**2 / 9)
    assert team.efficiency("difference") == pytest.approx(2 * 126 / 2**9)
    assert Committees(1, 9).efficiency("agreement") == pytest.approx(1)


def test_learning_efficiency() -> None:
    """It begins as the efficiency at the start, and falls where signals do on the way."""
    team = Committees(3, 9)
    for signal in SIGNALS:
        near = team.learning_efficiency(signal, 9, 0.4999)
        assert near == pytest.approx(team.efficiency(signal, 9), rel=1e-2)
    steps = [team.learning_efficiency("one", 9, criterion) for criterion in (0.4, 0.2, 0.1)]
    assert steps == sorted(steps, reverse=True)
    with pytest.raises(Mistake, match="criterion"):
        team.learning_efficiency("one", 9, 0.5)


def test_large_committees() -> None:
    team = Committees(5, 2001)
    assert team.efficiency("one") == pytest.approx(2 / (5 * np.pi), rel=2e-3)
    assert team.efficiency("difference") == pytest.approx((8 / (2001 * np.pi)) ** 0.5, rel=2e-3)
    assert team.rho == pytest.approx(2 / np.pi * np.arcsin(5**-0.5), rel=2e-3)


def test_where_the_difference_reward_overtakes() -> None:
    """The two efficiencies are equal at (N/(2 pi))**(1/3) committees."""
    for neurons in (10_001, 100_001):
        c = float(crossing(neurons))
        n = neurons / c
        assert 2 / (np.pi * c) == pytest.approx((8 / (np.pi * n)) ** 0.5)


def test_an_even_committee_is_refused() -> None:
    with pytest.raises(Mistake, match="tie"):
        Committees(3, 4)
    with pytest.raises(Mistake, match="do not fit"):
        Committees(3, 9).efficiency("groups", 5)


@pytest.mark.parametrize("group", [1, 3, 9, 27])
def test_committees_that_groups_span(group: int) -> None:
    assert Committees(3, 9).spanned(group) == max(1, group // 9)


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Committees(3, 4), "committees of 4 members tie"),
        (lambda: Committees(0, 3), "committees must be positive"),
        (lambda: Committees(3, 9).spanned(0), "groups of 0 do not fit"),
        (lambda: Committees(3, 9).spanned(6), "groups of 6 do not fit committees of 9 in 27"),
        (lambda: Committees(3, 9).spanned(18), "groups of 18 do not fit"),
        (lambda: Committees(3, 9).efficiency("both"), "unknown signal 'both'"),  # type: ignore[arg-type]
        (lambda: Committees(3, 9).learning_efficiency("one", 1, 0.5), "must be in .0, 1/2., not 0.5"),
        (lambda: Committees(3, 9).learning_efficiency("one", 1, 0.0), "not 0"),
    ],
)
def test_teams_that_are_none(make, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        make()


def test_one_committee_of_one_decides_for_the_team() -> None:
    """All votes counted: margin, and how often a committee of three agrees with a team of nine."""
    assert Committees(1, 1).rho == 1 and Committees(1, 1).margin == 0.5 and Committees(5, 3).neurons == 15
    votes = np.array(np.meshgrid(*[[-1, 1]] * 9)).reshape(9, -1)
    own, all_ = np.sign(votes[:3].sum(axis=0)), np.sign(votes.sum(axis=0))
    assert Committees(3, 3).rho == pytest.approx((own * all_).mean())
    assert Committees(1, 3).margin == pytest.approx(np.abs(votes[:3].sum(axis=0)).mean() / 2)
    pairs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1)
    own, all_ = np.sign(pairs[:3].sum(axis=0)), np.sign(pairs.sum(axis=0))  # which may tie
    assert Committees(2, 3).rho == pytest.approx((own * all_).mean())
    assert crossing(16 * np.pi) == pytest.approx(2)
