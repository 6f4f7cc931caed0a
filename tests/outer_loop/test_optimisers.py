"""Each optimiser climbs a hill as well as it should, and no better than it could by luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from loop_tasks import BEST, SPACE, Hill, hill_search

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.plasticity.outer_loop import (
    CMAES,
    Biological,
    Loops,
    RandomSearch,
    Search,
    SearchSpace,
    run_search,
)
from hedon.plasticity.outer_loop.optimiser import ranked
from hedon.plasticity.parameter import Parameter


def test_cma_es_finds_the_top() -> None:
    found = run_search(hill_search(60, evaluate=Hill(), seeds=1))
    assert found.best["eta"] == pytest.approx(BEST["eta"], rel=1e-3)
    assert found.best["shift"] == pytest.approx(BEST["shift"], abs=1e-3)
    assert found.best_score <= 0


@dataclass(frozen=True)
class Rosenbrock:
    def __call__(self, values, seed):
        x, y = values["x"], values["y"]
        return -((1 - x) ** 2 + 100 * (y - x * x) ** 2)


def test_cma_es_follows_a_bent_valley() -> None:
    space = SearchSpace(tuple(Parameter(name, 0, "1", -2.0, 2.0, "linear", "") for name in "xy"))
    found = run_search(Search(Rosenbrock(), space, CMAES(10), 80, seed=1))
    assert found.best["x"] == pytest.approx(1, abs=0.02) and found.best["y"] == pytest.approx(1, abs=0.04)


@dataclass(frozen=True)
class Luck:
    """A hill whose top each seed puts elsewhere, the same for all candidates."""

    def __call__(self, values, seed):
        x, y = np.random.default_rng(seed).normal(size=2)
        return -((values["x"] - x) ** 2 + (values["y"] - y) ** 2)


def test_the_mean_of_centres_is_nearer_to_the_top_than_the_last() -> None:
    space = SearchSpace(tuple(Parameter(name, 0, "1", -3.0, 3.0, "linear", "") for name in "xy"), {"z": 7.0})
    off = []
    for seed in range(12):
        found = run_search(Search(Luck(), space, CMAES(8), 40, seed=seed))
        mean, last = found.averaged(0.5), found.averaged(0.01)
        assert last == found.best and mean["z"] == 7.0
        assert mean["x"] == pytest.approx(found.centres[20:, 0].mean())
        off.append([at["x"] ** 2 + at["y"] ** 2 for at in (last, mean)])
    gain, error = mean_and_error(np.subtract(*np.transpose(off)))
    assert gain > 2 * error


def test_cma_es_in_one_dimension() -> None:
    space = SearchSpace(SPACE.free[:1], {"shift": BEST["shift"]})
    found = run_search(Search(Hill(), space, CMAES(6), 40, seed=1))
    assert found.best["eta"] == pytest.approx(BEST["eta"], rel=1e-3)


def test_cma_es_leaves_the_global_generator_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    run_search(hill_search(3))
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_random_search_covers_the_space_evenly() -> None:
    found = run_search(hill_search(50, RandomSearch(20), evaluate=Hill(), seeds=1))
    points = np.array(
        [SPACE.encode(dict(zip(found.names, row, strict=True))) for row in found.values.reshape(-1, 2)]
    )
    for column in points.T:
        mean, error = mean_and_error(column)
        assert abs(mean - 0.5) < 5 * error
        assert np.var(column) == pytest.approx(1 / 12, rel=0.2)
    top = found.scores.mean(axis=2).max()
    assert found.best_score == top


CLIMBER = Biological(sigma=0.03, gain=1.0, spread=0, start={"eta": 0.3, "shift": 2.0})


def _gain(point) -> float:
    return Hill()(SPACE.decode(point), 0) - Hill()(CLIMBER.start, 0)


@pytest.mark.whole
def test_biological_loop_climbs_on_noisy_reward_and_not_on_that_of_others() -> None:
    searches = [Search(Hill(noise=0.1), SPACE, CLIMBER, 900, 1, seed=seed) for seed in range(12)]
    gains = [_gain(SPACE.encode(run_search(search).best)) for search in searches]
    mean, error = mean_and_error(gains)
    possible = -Hill()(CLIMBER.start, 0)
    assert mean > 0.8 * possible and mean > 5 * error
    noise, others = np.random.default_rng(2), Loops(CLIMBER, SPACE, 0, 30)
    for _ in range(900):
        others.ask()
        others.tell(noise.standard_normal(30))
    null, null_error = mean_and_error([_gain(point) for point in others.mean])
    assert null - mean < -4 * math.hypot(error, null_error)


def test_the_biological_step_is_node_perturbation() -> None:
    """Its mean step on a slope is along the gradient: mean of advantage times xi."""
    settings = Biological(sigma=0.01, gain=1.0, spread=0, alpha=0.01)
    steps = []
    for seed in range(3000):
        asking = settings.begin(SPACE, seed)
        slope = np.array([2.0, 1.0])
        for _ in range(10):
            points = asking.ask()
            asking.tell(points, points @ slope)
        before = asking.centre
        points = asking.ask()
        asking.tell(points, points @ slope)
        steps.append(asking.centre - before)
    mean, error = mean_and_error(np.array(steps), axis=0)
    along = mean @ slope / np.linalg.norm(slope)
    across = mean @ np.array([-1.0, 2.0]) / np.linalg.norm(slope)
    spread = float(np.linalg.norm(error))
    assert along > 5 * spread and abs(across) < 5 * spread


def test_the_biological_loop_contracts_on_a_hill_as_node_perturbation_does() -> None:
    """On R = -c |x|^2/2 + noise of deviation 1, all but the noise negligible, the mean step is gain sigma^2
    times the gradient (THEORY 1, with the deviation of reward for a scale): E x(k) = (1 - gain sigma^2 c)^k
    E x(0). Its own first averages are left out: they are of few rewards."""
    sigma, gain, c, first, last, loops = 0.05, 0.15, 4.0, 150, 450, 250
    start = {"eta": 10**-0.6, "shift": -0.2}
    settings = Biological(sigma, gain, spread=0, alpha=0.002, clip=50, start=start)
    noise = np.random.default_rng(7)
    side = Loops(settings, SPACE, 0, loops)
    kept = []
    for step in range(last + 1):
        if step in (first, last):
            kept.append(side.mean - 0.5)
        points = side.ask()
        side.tell(-c * ((points - 0.5) ** 2).sum(axis=1) / 2 + noise.standard_normal(loops))
    toward = np.array([1.0, -1.0]) / math.sqrt(2)
    before, after = np.array(kept) @ toward
    expected = (1 - gain * sigma**2 * c) ** (last - first)
    left, error = mean_and_error(after - expected * before)
    assert abs(left) < 5 * error and before.mean() > 10 * error
    assert abs(mean_and_error(after - before)[0]) > 5 * error  # it has moved: a loop that stays would fail


def test_loops_side_by_side_are_loops_alone() -> None:
    """A loop moves by its own perturbation and reward alone: others' rewards leave it where it is."""
    noise = np.random.default_rng(3)
    rewards = noise.standard_normal((50, 4))
    rewards[20, 0] = np.nan
    ends = []
    for others in (1.0, -3.0):
        side = Loops(Biological(), SPACE, 5, 4)
        for row in rewards:
            side.ask()
            side.tell(row * np.array([1.0, others, others, others]))
        ends.append((side.mean, side.sigma))
    (mean, sigma), (other_mean, other_sigma) = ends
    np.testing.assert_array_equal(mean[0], other_mean[0])
    np.testing.assert_array_equal(sigma[0], other_sigma[0])
    assert not np.allclose(mean[1:], other_mean[1:])
    assert np.isfinite(mean).all()


def test_the_spread_follows_its_gradient() -> None:
    """On the top of R = -c |x|^2/2 + noise of deviation 1, d E[R]/d log sigma is -c sigma^2 for each
    dimension, and the step of log sigma half of that (the natural gradient; Williams 1992): it shrinks.
    On the bottom of a valley it grows as fast. Rewards of others leave it."""
    sigma, gain, spread, c, first, steps, loops = 0.05, 0.15, 1.0, 100.0, 100, 5, 3000
    settings = Biological(sigma, gain, spread, alpha=0.002, clip=50)
    noise = np.random.default_rng(8)
    for curvature in (c, -c, 0.0):
        side = Loops(settings, SPACE, 1, loops)
        for step in range(first + steps):
            side.mean[:] = 0.5
            if step <= first:
                side.sigma[:] = sigma
            points = side.ask()
            reward = -curvature * ((points - 0.5) ** 2).sum(axis=1) / 2 + noise.standard_normal(loops)
            side.tell(reward)
        grown, error = mean_and_error(np.log(side.sigma / sigma).ravel())
        expected = -0.5 * math.log1p(gain * spread * curvature * sigma**2 * steps)
        assert abs(grown - expected) < 5 * error
        assert curvature == 0 or abs(grown) > 5 * error


def test_perturbations_come_in_pairs_of_both_signs() -> None:
    """Where reward tells nothing the mean stays, and the second of a pair is the first mirrored in it."""
    side = Loops(Biological(sigma=0.05), SPACE, 2, 50)
    pairs = []
    for _ in range(4):
        pairs.append(side.ask() - side.mean)
        side.tell(np.ones(50))
    np.testing.assert_allclose(pairs[1], -pairs[0], atol=1e-15)
    np.testing.assert_allclose(pairs[3], -pairs[2], atol=1e-15)
    assert not np.isclose(abs(pairs[2]), abs(pairs[0])).any()


def test_the_perturbation_that_is_heard_is_the_one_that_was_lived() -> None:
    """At a bound half of the perturbations are cut off: they must move nothing."""
    side = Loops(Biological(sigma=0.2, gain=1.0, spread=0, start={"eta": SPACE.free[0].high}), SPACE, 0, 400)
    noise = np.random.default_rng(4)
    for _ in range(30):
        side.ask()
        side.tell(noise.standard_normal(400))
    before = side.mean.copy()
    lived = side.ask()
    side.tell(noise.standard_normal(400))
    still = lived[:, 0] == before[:, 0]
    assert still.sum() > 20
    np.testing.assert_array_equal(side.mean[still, 0], before[still, 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: CMAES(1),
        lambda: CMAES(sigma=0),
        lambda: RandomSearch(0),
        lambda: Biological(gain=0),
        lambda: Biological(alpha=2),
        lambda: Biological(spread=-1),
        lambda: Biological(sigma=0.7),
        lambda: hill_search(0),
        lambda: hill_search(1, seeds=0),
        lambda: hill_search(1, timeout=0),
        lambda: run_search(hill_search(1, CMAES(start={"eta": 7.0}))),
    ],
)
def test_settings_that_are_refused(make) -> None:
    with pytest.raises(Mistake):
        make()


def test_failures_rank_below_the_worst() -> None:
    costs = ranked(np.array([1.0, -np.inf, -3.0, np.nan]))
    assert costs[1] > costs[2] > costs[0] and costs[3] > costs[2] and np.isfinite(costs).all()
    assert (ranked(np.full(3, -np.inf)) == 0).all()
