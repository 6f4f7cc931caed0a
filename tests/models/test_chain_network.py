"""Neurons that live in chains: TD weight for weight, the resting values of any weights, and the nulls."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import chains as players
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.analysis.theory.weighed_values import resting_values, true_values, value_error, visits
from hedon.models.chain.network import ChainNetwork
from hedon.models.program.keyed import uniform
from hedon.models.tasks.chains import SIZE, STEP, Chains, softmax
from hedon.plasticity.weighed_broadcast import WeighedBroadcast, ratios

TASK = Chains()
MANY, STEPS, SEED = 60, 150, 11


@pytest.fixture(scope="module")
def network() -> ChainNetwork:
    return ChainNetwork(TASK, WeighedBroadcast(), MANY, block=STEPS)


def by_hand(
    settings: dict[str, float],
    seed: int,
    steps: int,
    theta: np.ndarray | None = None,
    task: Chains = TASK,
    alike: int = 1,
) -> dict[str, np.ndarray]:
    """The same lives as a textbook has them: tables, one chain and one step after another."""
    worlds, ends = task.drawn(seed, MANY), {"w": [], "theta": [], "reward": []}
    g, eta = settings.get("next_weight", 0.9), settings.get("eta", 0.6)
    for one in range(MANY):
        values, traces = np.zeros(task.most + 1), np.zeros(task.most + 1)
        habit = np.zeros((task.most, 2)) if theta is None else theta[one].copy()
        number, total = worlds.states[one], 0.0
        draws = uniform(seed, STEP, one, np.arange(steps)[:, None], np.arange(3))
        state = int(number * uniform(seed, SIZE, one, 0, 1))
        for step in range(steps):
            seen = state // alike
            chance = softmax(habit[seen])
            action = int(draws[step, 2] >= chance[0])
            place = (one, state, action)
            onward = draws[step, 0] < worlds.onward[place]
            following = state + 1 if onward else int(worlds.elsewhere[place])
            ended = following == number
            reward = worlds.pay[place]
            delta = settings.get("reward_weight", 1) * reward
            delta += settings.get("present_weight", -1) * values[seen]
            delta += 0 if ended else g * values[following // alike]
            delta += settings.get("action_weight", 0) * (1 - chance[action])
            traces *= settings.get("trace", 0)
            traces[seen] += 1
            rate = 1 / (1 + settings.get("decay", 0) * step)
            values += rate * eta * delta * traces
            habit[seen] += rate * settings.get("eta_actor", 0) * delta * (np.eye(2)[action] - chance)
            if ended:
                traces[:], following = 0, int(number * draws[step, 1])
            state, total = following, total + reward
        ends["w"].append(values[: task.most])
        ends["theta"].append(habit)
        ends["reward"].append(total / steps)
    return {name: np.array(end) for name, end in ends.items()}


FREE = {"reward_weight": 0.7, "next_weight": 0.5, "present_weight": -1.2, "action_weight": 0.4}
SETTINGS = {
    "td": {"eta": 0.2, "decay": 0.05},
    "actor-critic": {"eta": 0.2, "eta_actor": 0.5},
    "td(lambda)": {"eta": 0.1, "trace": 0.7, "eta_actor": 0.1},
    "free": FREE | {"eta": 0.1, "eta_actor": 0.2, "trace": 0.3, "decay": 0.01},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_step_is_the_textbooks(network: ChainNetwork, name: str) -> None:
    theta = TASK.habits(SEED, MANY)
    lived = network.program()(
        {**SETTINGS[name], "task_seed": SEED, "theta": theta},
        seed=0,
        duration=STEPS,
        outputs=["w", "theta", "reward_mean"],
    )
    expected = by_hand(SETTINGS[name], SEED, STEPS, theta)
    assert np.abs(expected["w"]).max() > 0.5
    np.testing.assert_allclose(np.asarray(lived["w"])[..., 0], expected["w"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["theta"]), expected["theta"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["reward_mean"])[-1], expected["reward"], atol=1e-12)


@pytest.mark.whole
def test_neighbouring_states_that_look_alike() -> None:
    """Values and habits are of what is seen; the world is of the states."""
    settings, theta = SETTINGS["free"], TASK.habits(SEED, MANY)
    net = ChainNetwork(TASK, WeighedBroadcast(), MANY, block=STEPS, alike=3)
    lived = net.program()(
        {**settings, "task_seed": SEED, "theta": theta},
        seed=0,
        duration=STEPS,
        outputs=["w", "theta", "reward_mean"],
    )
    expected = by_hand(settings, SEED, STEPS, theta, alike=3)
    assert np.abs(expected["w"][:, :3]).max() > 0.5 and not expected["w"][:, 3:].any()
    np.testing.assert_allclose(np.asarray(lived["w"])[..., 0], expected["w"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["theta"]), expected["theta"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["reward_mean"])[-1], expected["reward"], atol=1e-12)


def test_the_four_settings_differ() -> None:
    ends = [by_hand(one, SEED, STEPS)["w"] for one in SETTINGS.values()]
    for number, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 1e-2 for other in ends[number + 1 :])


@pytest.fixture(scope="module")
def long_lives() -> ChainNetwork:
    return ChainNetwork(TASK, WeighedBroadcast(), 400, block=1000)


@pytest.mark.parametrize(
    "weights", [(1.0, 0.9, -1.0, 0.0), (1.0, 0.6, -1.0, 0.0), (0.5, 0.4, -1.2, 0.0), (1.5, -0.5, -0.8, 0.6)]
)
def test_values_rest_where_the_closed_form_says(
    long_lives: ChainNetwork, weights: tuple[float, float, float, float]
) -> None:
    """Mean over chains of the error along five drawn directions: nothing, within 5 standard errors.

    The rate falls as 1/t, so that what is left of the start decays as a power of t.
    """
    a, b, c, d = weights
    theta = TASK.habits(3, 400)
    lived = long_lives.program()(
        {
            "reward_weight": a,
            "next_weight": b,
            "present_weight": c,
            "action_weight": d,
            "eta": 0.5,
            "decay": 0.002,
            "task_seed": 3,
            "theta": theta,
        },
        seed=0,
        duration=20000,
        outputs=["w"],
    )
    worlds, policy = TASK.drawn(3, 400), softmax(theta)
    arrivals = np.einsum("isk,iskt->ist", policy, worlds.arrivals())
    pay, surprise = (policy * worlds.pay).sum(-1), (policy * (1 - policy)).sum(-1)
    rest = resting_values(arrivals, pay, a, b, c, d, surprise) * worlds.exists
    error = (np.asarray(lived["w"])[..., 0] - rest) * worlds.exists
    assert np.sqrt((error**2).sum() / (rest**2).sum()) < 0.2  # it did learn
    share = visits(arrivals, worlds.begins())
    for direction in (share, rest * share, pay * share):
        mean, spread = mean_and_error((error * direction).sum(-1))
        assert abs(mean) < 5 * spread, (mean, spread)


def test_a_wrong_discount_is_seen(long_lives: ChainNetwork) -> None:
    """The values of one discount are nearest to the truth under that discount, not under another."""
    theta = TASK.habits(3, 400)
    worlds, policy = TASK.drawn(3, 400), softmax(theta)
    arrivals = np.einsum("isk,iskt->ist", policy, worlds.arrivals())
    pay, share = (policy * worlds.pay).sum(-1), visits(arrivals, worlds.begins())
    lived = long_lives.program()(
        {"next_weight": 0.6, "eta": 0.5, "decay": 0.01, "task_seed": 3, "theta": theta},
        seed=0,
        duration=4000,
        outputs=["w"],
    )
    values = np.asarray(lived["w"])[..., 0]
    errors = [value_error(values, true_values(arrivals, pay, g), share) for g in (0.3, 0.6, 0.9)]
    assert errors[1] < 0.05 < min(errors[0], errors[2])


def test_weights_are_a_td_learner_in_other_units() -> None:
    """a > 0, c < 0, d = 0: the same actions as `as_td` says, whatever the critic's units."""
    net = ChainNetwork(TASK, WeighedBroadcast(), MANY, block=STEPS)
    rule = WeighedBroadcast(
        eta=0.3, eta_actor=0.4, reward_weight=0.5, next_weight=0.8, present_weight=-1.25, trace=0.4
    )
    td = WeighedBroadcast.td(gamma=rule.as_td()["gamma"])
    theta = {}
    for name, one, rates in (("free", rule, {}), ("td", td, rule.as_td())):
        given = {p.name: getattr(one, p.name) for p in one.parameters} | {"trace": 0.4}
        given |= {key: rates[key] for key in ("eta", "eta_actor") if key in rates}
        theta[name] = net.program()({**given, "task_seed": 4}, seed=0, duration=STEPS, outputs=["theta", "w"])
    assert np.abs(np.asarray(theta["td"]["theta"])).max() > 0.5
    np.testing.assert_allclose(theta["free"]["theta"], theta["td"]["theta"], atol=1e-10)
    scale = -rule.present_weight / rule.reward_weight
    np.testing.assert_allclose(scale * np.asarray(theta["free"]["w"]), theta["td"]["w"], atol=1e-10)


def test_a_walk_is_the_networks(network: ChainNetwork) -> None:
    """TD along the steps that the task tells of gives the weights that the network has after its own."""
    theta = TASK.habits(SEED, MANY)
    walk = TASK.walk(SEED, softmax(theta), STEPS)
    values, who = np.zeros((MANY, TASK.most + 1)), np.arange(MANY)
    for step in range(STEPS):
        here, there = walk.here[:, step], walk.there[:, step]
        values[who, here] += 0.6 * (walk.reward[:, step] + 0.9 * values[who, there] - values[who, here])
    lived = network.program()({"task_seed": SEED, "theta": theta}, seed=0, duration=STEPS, outputs=["w"])
    np.testing.assert_allclose(np.asarray(lived["w"])[..., 0], values[:, : TASK.most], atol=1e-12)


def test_worlds_are_what_their_walks_show() -> None:
    """Transitions and ends of long walks have the probabilities of the closed form, |z| < 5 over all rows."""
    worlds, policy = TASK.drawn(8, 30), np.full((30, TASK.most, 2), 0.5)
    walk = TASK.walk(8, policy, 4000)
    assert set(worlds.states) == set(range(TASK.least, TASK.most + 1))
    counts = np.zeros((30, TASK.most, 2, TASK.most + 1))
    np.add.at(counts, (np.arange(30)[:, None], walk.here, walk.action, walk.there), 1)
    visited, chance = counts.sum(-1), worlds.arrivals()
    chance = np.concatenate([chance, 1 - chance.sum(-1, keepdims=True)], axis=-1)
    off = counts - visited[..., None] * chance
    spread = np.sqrt(visited[..., None] * chance * (1 - chance))
    z = off[spread > 1] / spread[spread > 1]
    assert len(z) > 500 and np.abs(z).max() < 5
    assert abs((z**2).mean() - 1) < 0.2  # 1 if the counts are binomial
    share = visits((policy[..., None] * worlds.arrivals()).sum(2), worlds.begins())
    assert np.abs(visited.sum(-1) / 4000 - share).max() < 0.05


def test_counting_knows_more_than_the_critic(network: ChainNetwork) -> None:
    theta = TASK.habits(SEED, MANY)
    worlds, policy = TASK.drawn(SEED, MANY), softmax(theta)
    arrivals = np.einsum("isk,iskt->ist", policy, worlds.arrivals())
    truth = true_values(arrivals, (policy * worlds.pay).sum(-1), 0.9)
    share = visits(arrivals, worlds.begins())
    walk = TASK.walk(SEED, policy, 400)
    counted = players.counted_values(walk.here, walk.there, walk.reward, TASK.most, 0.9)
    lived = network.program()(
        {"task_seed": SEED, "theta": theta, "decay": 0.02}, seed=0, duration=300, outputs=["w"]
    )
    errors = [value_error(one, truth, share) for one in (counted, np.asarray(lived["w"])[..., 0])]
    assert 0 < errors[0] < errors[1] < 0.1


def test_frozen_and_shuffled(network: ChainNetwork, long_lives: ChainNetwork) -> None:
    """Without its own broadcast a critic knows nothing of its chain, and an actor earns what chance does."""
    frozen = network.program()(
        {"learning": 0, "eta_actor": 0.5, "task_seed": 5}, seed=0, duration=STEPS, outputs=["w", "theta"]
    )
    assert not np.asarray(frozen["w"]).any() and not np.asarray(frozen["theta"]).any()
    worlds = TASK.drawn(5, long_lives.individuals)
    world = (worlds.arrivals(), worlds.begins(), worlds.pay)
    policy = np.full(worlds.pay.shape, 0.5)
    arrivals, pay = np.einsum("isk,iskt->ist", policy, world[0]), worlds.pay.mean(-1)
    truth, share = true_values(arrivals, pay, 0.9), visits(arrivals, world[1])
    match, earned = {}, {}
    program = long_lives.program()
    for whose, yoked in (("own", 0), ("other", 1)):
        rates = {"eta": 0.1, "decay": 0.01, "task_seed": 5, "yoked": yoked}
        values = np.asarray(program(rates, seed=0, duration=1000, outputs=["w"])["w"])[..., 0]
        match[whose] = mean_and_error((share * truth * values).sum(-1))
        acts = {"eta": 0.2, "eta_actor": 0.3, "task_seed": 5, "yoked": yoked}
        reward = program(acts, seed=0, duration=1000, outputs=["reward_mean"])["reward_mean"]
        earned[whose] = mean_and_error(np.asarray(reward)[-1] - players.random_player(*world))
    for measured in (match, earned):
        mean, error = measured["other"]
        assert abs(mean) < 5 * error
        mean, error = measured["own"]
        assert mean > 10 * error


def test_a_life_in_two_calls_is_the_life_in_one(network: ChainNetwork) -> None:
    states = ("w", "theta", "e", "here", "there")
    given = {"eta": 0.1, "eta_actor": 0.1, "trace": 0.8, "decay": 0.01, "task_seed": 2}
    program = network.program()
    whole = program(given, seed=0, duration=2 * STEPS, outputs=states)
    first = program(given, seed=0, duration=STEPS, outputs=states)
    told = {name: np.asarray(first[name]) for name in states} | {"first_trial": STEPS}
    second = program(given | told, seed=0, duration=STEPS, outputs=states)
    for name in states:
        np.testing.assert_array_equal(np.asarray(second[name]), np.asarray(whole[name]))


def test_a_fast_actor_stays_finite(network: ChainNetwork) -> None:
    lived = network.program()(
        {"eta": 0.5, "eta_actor": 500.0, "task_seed": 2}, seed=0, duration=STEPS, outputs=["theta", "policy"]
    )
    policy = np.asarray(lived["policy"])
    np.testing.assert_allclose(policy.sum(axis=-1), 1, atol=1e-12)
    assert np.isfinite(np.asarray(lived["theta"])).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Chains(least=1),
        lambda: Chains(least=9, most=8),
        lambda: Chains(actions=0),
        lambda: Chains(onward=1.0),
        lambda: ChainNetwork(individuals=0),
        lambda: ChainNetwork(alike=0),
        lambda: WeighedBroadcast(trace=1.5),
        lambda: WeighedBroadcast.td(1.5),
        lambda: WeighedBroadcast(present_weight=0.5).as_td(),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()


def test_ratios() -> None:
    weights = {"reward_weight": 0.5, "next_weight": 0.45, "present_weight": -0.5}
    assert ratios(weights) == (0.9, 1.0)
    assert np.isnan(ratios(weights | {"present_weight": 0.1})).all()
