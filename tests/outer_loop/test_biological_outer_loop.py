"""The experiment of the biological outer loop: lives side by side, kept in parts, and its control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.experiments import biological_outer_loop as experiment
from hedon.models.experiments import volatile_bandit

SMALL = experiment.Config(
    lifetimes=120,
    hold=2,
    loops=3,
    searches=2,
    population=2,
    group=2,
    lot=4,
    held_out=experiment.EACH,
    gain=0.5,
)


@pytest.mark.whole
def test_a_killed_run_goes_on_with_the_same_numbers(tmp_path, monkeypatch) -> None:
    whole = experiment.simulate(SMALL, 3)
    lived = []
    live = volatile_bandit.live

    def dying(*args, **kwargs):
        lived.append(1)
        if len(lived) == 40:
            raise KeyboardInterrupt
        return live(*args, **kwargs)

    monkeypatch.setattr(volatile_bandit, "live", dying)
    with pytest.raises(KeyboardInterrupt):
        experiment.simulate(SMALL, 3, folder=tmp_path)
    resumed = experiment.simulate(SMALL, 3, folder=tmp_path)
    assert resumed.identical(whole)
    assert float(abs(whole["centre"].diff("repeat")).max()) > 0


@pytest.mark.whole
def test_every_loop_lives_its_own_metaparameters() -> None:
    """The mean reward of a loop that does not choose well differs from that of one that does."""
    where = experiment.space()
    good = where.encode(
        dict(eta=0.0, eta_high=0.28, threshold=0.4, width=0.01, slow=0.02, opposite=1.0, beta=200.0)
    )
    blind = good.copy()
    blind[where.names.index("beta")] = 0.0  # all but random
    world = volatile_bandit.Config(episodes=1000, held_out=1000)
    values = experiment._side_by_side(np.array([good, blind]), 500)
    hazard = np.tile(np.resize(world.hazards, 500), 2)
    reward = volatile_bandit.live(volatile_bandit.network(world).program(), values, hazard, 5, world.trials)[
        "reward_mean"
    ]
    halves = reward.reshape(2, 500)
    error = halves.std(axis=1, ddof=1) / np.sqrt(500)
    assert halves[0].mean() - 5 * error[0] > 0.65
    assert halves[1].mean() + 5 * error[1] < 0.65 and halves[1].mean() > 0.5


def test_random_search_keeps_what_earned_most() -> None:
    lots = experiment.Lots(SMALL, 2)
    asked, told = [], np.random.default_rng(3).standard_normal((5, 2, 1))
    for rewards in told:
        asked.append(lots.ask()[:, 0])
        lots.tell(rewards)
    best = told[:, :, 0].argmax(axis=0)
    np.testing.assert_array_equal(lots.centre, np.array(asked)[best, np.arange(2)])


def test_the_bare_loop_draws_each_perturbation_anew() -> None:
    for settings, sign in ((SMALL.biological(), -1), (SMALL.bare(), 0)):
        loops = experiment.BiologicalLoops(settings, 400, 2)
        first = loops.ask()[:, 0] - 0.5
        loops.tell(np.zeros((400, 1)))
        second = loops.ask()[:, 0] - 0.5
        # clipped at the edges of the cube: sigma .2 is 2.5 standard deviations from them
        correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
        assert abs(correlation - sign) < 5 / first.size**0.5 + (sign != 0) * 0.01
        for rewards in np.random.default_rng(1).standard_normal((4, 400, 1)):
            loops.tell(rewards)
            loops.ask()
        assert (loops.loops.sigma == settings.sigma).all() == (settings.spread == 0)


def test_the_null_is_told_the_rewards_of_others() -> None:
    rewards = np.random.default_rng(0).standard_normal((120, 3, 1))
    follow = [
        experiment._follow(experiment.BiologicalLoops(SMALL.biological(), SMALL.loops, 1), one)
        for one in (rewards, rewards, np.roll(rewards, 1, axis=1))
    ]
    np.testing.assert_array_equal(follow[0], follow[1])
    assert not np.isclose(follow[0][-1], follow[2][-1]).any()
    assert follow[0].shape == (experiment.STAGES, 3, 7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold": 3},
        {"lot": 3},
        {"lot": 100},
        {"lifetimes": 30},
        {"loops": 1},
        {"held_out": 300},
        {"sigma": 2.0},
        {"spread": -1.0},
    ],
)
def test_settings_that_are_refused(wrong) -> None:
    with pytest.raises(Mistake):
        replace(SMALL, **wrong)
