"""Neurons that choose: each named point of the family is its rule, weight for weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import reversal
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.models.choice.network import STATES, ChoiceNetwork
from hedon.models.program.keyed import uniform
from hedon.models.tasks.reversal_bandit import CHOICE, ReversalBandit
from hedon.plasticity.family import POINTS, Family

TASK = ReversalBandit(arms=3, high=0.7, low=0.3)
EPISODES, TRIALS, BETA, ETA = 40, 25, 3.0, 0.2
HAZARD = np.linspace(0, 0.3, EPISODES)


def by_hand(name: str, seed: int) -> tuple[np.ndarray, float]:
    """Final values (episode, arm) and mean reward of a named rule, written out as its own textbook has it."""
    pay, _ = TASK.episodes(seed, HAZARD, TRIALS)
    values, average, total = np.full((EPISODES, 3), 0.5), np.zeros(EPISODES), 0.0
    who = np.arange(EPISODES)
    for trial in range(TRIALS):
        noise = -np.log(-np.log(uniform(seed, CHOICE, who[:, None], trial, np.arange(3))))
        choice = (BETA * values + noise).argmax(axis=1)
        policy = np.exp(BETA * values) / np.exp(BETA * values).sum(axis=1, keepdims=True)
        reward = pay[who, trial, choice].astype(float)
        total += reward.mean() / TRIALS
        chosen = np.eye(3)[choice]
        if name == "Reinforce":
            values += ETA * (reward - average)[:, None] * (chosen - policy)
            average += 0.05 * (reward - average)
            continue
        error = (reward - values[who, choice])[:, None]
        if name == "BothValues":
            values += ETA * error * (2 * chosen - 1)
        else:
            if name == "ForgettingValue":
                values -= 0.1 * (1 - chosen) * (values - 0.5)
            values += ETA * error * chosen
    return values, total


@pytest.fixture(scope="module")
def network() -> ChoiceNetwork:
    return ChoiceNetwork(TASK, Family(), EPISODES, block=TRIALS, beta=BETA)


@pytest.mark.parametrize("name", POINTS)
def test_a_named_point_is_its_rule(network: ChoiceNetwork, name: str) -> None:
    rule = Family.point(name, ETA)
    coefficients = {p.name: getattr(rule, p.name) for p in rule.parameters}
    lived = network.program()(
        {**coefficients, "hazard": HAZARD, "task_seed": 11},
        seed=0,
        duration=TRIALS,
        outputs=["w", "reward_mean"],
    )
    values, reward = by_hand(name, 11)
    np.testing.assert_allclose(np.asarray(lived["w"])[:, 0], values, rtol=0, atol=1e-12)
    assert np.asarray(lived["reward_mean"])[-1].mean() == pytest.approx(reward, abs=1e-12)


def test_points_differ_from_each_other() -> None:
    """A test of points that could not tell them apart would prove nothing."""
    ends = [by_hand(name, 11)[0] for name in POINTS]
    for number, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 1e-3 for other in ends[number + 1 :])


def test_a_wrong_sign_is_seen(network: ChoiceNetwork) -> None:
    lived = network.program()(
        {"coactivity": -1.0, "eta": ETA, "eta_high": ETA, "hazard": HAZARD, "task_seed": 11},
        seed=0,
        duration=TRIALS,
        outputs=["w"],
    )
    assert np.abs(np.asarray(lived["w"])[:, 0] - by_hand("ChosenValue", 11)[0]).max() > 0.1


def test_the_gate_follows_the_trace(network: ChoiceNetwork) -> None:
    """One trial of the trace and rate by equation (3) of the family."""
    gate = {"eta": 0.05, "eta_high": 0.8, "threshold": 0.45, "width": 0.1, "slow": 0.2}
    lived = network.program()(
        {**gate, "task_seed": 3},
        seed=0,
        duration=TRIALS,
        outputs=["trace", "push_mean", "square_mean", "rate_mean"],
    )
    trace, pushed = np.full(EPISODES, 0.5), []
    pay, _ = TASK.episodes(3, np.zeros(EPISODES), TRIALS)
    values, who = np.full((EPISODES, 3), 0.5), np.arange(EPISODES)
    for trial in range(TRIALS):
        noise = -np.log(-np.log(uniform(3, CHOICE, who[:, None], trial, np.arange(3))))
        choice = (BETA * values + noise).argmax(axis=1)
        delta = pay[who, trial, choice] - values[who, choice]
        trace += 0.2 * (np.abs(delta) - trace)
        rate = 0.05 + 0.75 / (1 + np.exp(-(trace - 0.45) / 0.1))
        values[who, choice] += rate * delta
        pushed.append(rate * delta**2)
    np.testing.assert_allclose(np.asarray(lived["trace"]), trace, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["push_mean"])[-1], np.mean(pushed, axis=0), atol=1e-12)


def test_agreeing_errors_open_the_gate_and_a_share_fades(network: ChoiceNetwork) -> None:
    """Equations (2), (3) and (5), written out for three arms."""
    given = {"eta": 0.05, "eta_high": 0.6, "threshold": 0.45, "width": 0.1, "slow": 0.2, "opposite": 0.5}
    given |= {"agreement": 1.5, "memory": 0.4, "share": 0.3, "fading": 0.1, "hazard": HAZARD, "task_seed": 4}
    names = ["w", "fast", "trace", "accord", "recent", "push_mean"]
    lived = network.program()(given, seed=0, duration=TRIALS, outputs=names)
    pay, _ = TASK.episodes(4, HAZARD, TRIALS)
    w, fast, recent = np.full((EPISODES, 3), 0.5), np.zeros((EPISODES, 3)), np.zeros((EPISODES, 3))
    trace, accord, push, who = np.full(EPISODES, 0.5), np.zeros(EPISODES), [], np.arange(EPISODES)
    for trial in range(TRIALS):
        noise = -np.log(-np.log(uniform(4, CHOICE, who[:, None], trial, np.arange(3))))
        choice = (BETA * (w + fast) + noise).argmax(axis=1)
        chosen = np.eye(3)[choice]
        delta = pay[who, trial, choice] - (w + fast)[who, choice]
        trace += 0.2 * (np.abs(delta) - trace)
        errors = delta[:, None] * (2 * chosen - 1)
        accord += 0.2 * ((errors * recent).mean(axis=1) - accord)
        recent = 0.4 * recent + errors
        rate = 0.05 + 0.55 / (1 + np.exp(-(trace + 1.5 * accord - 0.45) / 0.1))
        step = (rate * delta)[:, None] * (chosen - 0.5 * (1 - chosen))
        before = w + fast
        w, fast = w + 0.7 * step, fast + 0.3 * step - 0.1 * fast
        push.append(delta * (w + fast - before)[who, choice])
    expected = {"w": w, "fast": fast, "trace": trace, "accord": accord, "recent": recent}
    for name, value in expected.items():
        np.testing.assert_allclose(np.asarray(lived[name]).reshape(value.shape), value, rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["push_mean"])[-1], np.mean(push, axis=0), atol=1e-12)
    assert np.abs(accord).max() > 0.01 and np.abs(fast).max() > 0.01


@pytest.mark.whole
def test_frozen_and_shuffled(network: ChoiceNetwork) -> None:
    frozen = network.program()({"learning": 0, "task_seed": 5}, seed=0, duration=TRIALS, outputs=["w"])
    assert (np.asarray(frozen["w"]) == 0.5).all()
    program = replace(network, individuals=400, beta=50.0).program()
    fast = {"task_seed": 5, "eta": 0.2, "eta_high": 0.2}
    best = program(fast | {"yoked": 1}, seed=0, duration=TRIALS, outputs=["best_mean"])
    mean, error = mean_and_error(np.asarray(best["best_mean"])[-1])
    own = program(fast, seed=0, duration=TRIALS, outputs=["best_mean"])
    assert abs(mean - 1 / 3) < 5 * error
    assert np.asarray(own["best_mean"])[-1].mean() > 1 / 3 + 5 * error


def test_a_life_in_two_calls_is_the_life_in_one(network: ChoiceNetwork) -> None:
    program, given = network.program(), {"hazard": HAZARD, "task_seed": 2, "eta": 0.05, "eta_high": 0.5}
    given |= {"agreement": 1.0, "memory": 0.4, "share": 0.3, "fading": 0.1}
    names = [*STATES, "good"]
    whole = program(given, seed=0, duration=2 * TRIALS, outputs=names)
    first = program(given, seed=0, duration=TRIALS, outputs=names)
    states = {name: np.asarray(first[name]) for name in names}
    second = program(given | states | {"first_trial": TRIALS}, seed=0, duration=TRIALS, outputs=["w"])
    np.testing.assert_array_equal(np.asarray(second["w"]), np.asarray(whole["w"]))


def test_the_world_reverses_with_its_hazard() -> None:
    hazard = np.repeat([0.0, 0.05, 0.5], 500)
    pay, good = ReversalBandit().episodes(7, hazard, 200)
    moves = (np.diff(good, axis=1) != 0).reshape(3, -1)
    for rate, row in zip((0.0, 0.05, 0.5), moves, strict=True):
        assert abs(row.mean() - rate) <= 5 * (rate * (1 - rate) / row.size) ** 0.5
    is_good = np.arange(2) == good[..., None]
    for chance, drawn in ((0.8, pay[is_good]), (0.2, pay[~is_good])):
        assert abs(drawn.mean() - chance) < 5 * (0.16 / drawn.size) ** 0.5


@pytest.mark.whole
def test_the_network_at_a_fixed_rate_is_the_player() -> None:
    """Greedy BothValues earns what the player of a constant rate earns on the same episodes."""
    net = ChoiceNetwork(ReversalBandit(), Family.point("BothValues", 0.2), 2000, block=200, beta=1e4)
    hazard = np.resize([0, 0.2], 2000)
    lived = net.program()({"hazard": hazard, "task_seed": 9}, seed=0, duration=200, outputs=["reward_mean"])
    earned = np.asarray(lived["reward_mean"])[-1]
    pay, _ = net.task.episodes(9, hazard, 200)
    player = reversal.constant_rate(pay, 0.2)
    mean, error = mean_and_error(earned - player)
    assert abs(mean) < 5 * error
    level, level_error = mean_and_error(earned)
    assert abs(level - 0.6840) < 5 * np.hypot(level_error, 0.0007)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ReversalBandit(arms=1),
        lambda: ReversalBandit(high=1.5),
        lambda: ChoiceNetwork(individuals=0),
        lambda: Family(eta=-1),
        lambda: Family.point("Reenforce"),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()
