"""What experiments that shape recurrent networks make of them: cue_memory, episodic_bandit, learning_set,
matching_activity, spiking_episodic_bandit, spiking_memory, two_step_activity and volatile_activity, their
networks told to measure the conditions under which they live (controls, settings)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.foundation.seeds import stream
from hedon.analysis.statistics.intervals import z_score
from hedon.models.experiments import (
    cue_memory,
    episodic_bandit,
    learning_set,
    matching_activity,
    spiking_episodic_bandit,
    spiking_memory,
    two_step_activity,
    volatile_activity,
)
from hedon.models.recurrent.network import RecurrentNetwork
from hedon.models.recurrent.spiking_network import SpikingRecurrentNetwork
from hedon.models.tasks.baited_episodes import BaitedEpisodes

TINY: dict[str, Any] = {"individuals": 2, "episodes": 20, "tests": 10, "block": 5, "segments": 2}


def conditions(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
    """Learning: rate + 10 where another's broadcast is heard + 1000 times the steps of an episode, kept in
    weights, + .001 in each later block; frozen: the weights + 100 if the state is reset; at first: 0."""
    many, blocks = net.individuals, duration // net.block

    def each(name: str, default: float) -> np.ndarray:
        return np.broadcast_to(np.asarray(given.get(name, default), float), many)

    frozen = each("learning", 1.0) == 0
    kept = np.asarray(given["w_policy"])[:, 0] if "w_policy" in given else np.zeros(many)
    fresh = each("eta", net.rule.eta) + 10 * (each("yoked", 0) > 0) + 1000 * net.task.steps
    weight = np.where(frozen, kept + 100 * each("reset", 0.0), fresh if duration else 0.0)
    later = 0.001 * np.arange(max(blocks, 1))[:, None] * ~frozen
    found = {name: weight + later for name in ("reward_mean", *net.task.measures)}
    found |= {name: np.tile(weight[:, None], 3) for name in net.states}
    if not net.record:
        return found
    steps = duration * (net.task.steps + isinstance(net, SpikingRecurrentNetwork))
    number = np.arange(steps)[:, None] + np.arange(many)
    found |= {"seen": number % 3, "action": number % 2, "reward": number // 2 % 2}
    noise = np.random.default_rng(0).normal(size=(steps, many, net.units))
    # an individual's unit fires in the step of its own number alone
    spikes = np.arange(many * net.units)
    return found | {"activity": noise, "spike_time": spikes * net.dt if hasattr(net, "dt") else spikes,
                    "spike_neuron": spikes}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "measure", "steps", "lived", "more"),
    [
        (episodic_bandit, "regret", 8, "episode", {"trials": 8, "played": 30}),
        (spiking_episodic_bandit, "regret", 8, "episode", {"trials": 8, "played": 30}),
        (learning_set, "correct", 6, "problem", {"lanes": 4}),
        (two_step_activity, "reward", 16, "episode", {"trials": 8, "played": 40}),
        (cue_memory, "correct", 4, "episode", {"distractors": (2, 3)}),
        (spiking_memory, "correct", 4, "episode", {"distractors": 2, "recorded": 8}),
    ],
    ids=lambda value: value.__name__.rpartition(".")[2] if hasattr(value, "__name__") else None,
)
def test_every_number_is_of_its_condition(told, watch, module, measure, steps, lived, more) -> None:
    network = told(conditions, RecurrentNetwork, SpikingRecurrentNetwork)
    config = module.Config(**TINY, **more, eta=0.05, readout_rates=(0.1, 0.2))
    data = module.simulate(config, 3, watch)
    own = 1000 * steps
    rows = [[own + 0.05] * 2, [own + 10.05] * 2, [0, 0], [own + 100.05] * 2]
    np.testing.assert_allclose(data[measure], rows)
    np.testing.assert_allclose(data["readout"], [[own + 0.1] * 2, [own + 0.2] * 2])
    np.testing.assert_allclose(data["curve"], own + 0.05 + 0.001 * np.tile([0, 1, 0, 1], (2, 1)))
    np.testing.assert_allclose(data["readout_curve"][1], own + 0.2 + 0.001 * np.tile([0, 1, 0, 1], (2, 1)))
    each = config.lanes if module is learning_set else 1
    assert data[lived].values.tolist() == [5 * each, 10 * each, 15 * each, 20 * each]
    assert data["rate"].values.tolist() == [0.1, 0.2] and data[measure].attrs["units"] == "1"
    assert watch.seen[-1] == pytest.approx(0.95 if module is spiking_memory else 1)
    if module is cue_memory:
        np.testing.assert_allclose(data["longer"], [rows[0], [5000.05] * 2])
        assert data["distractors"].values.tolist() == [2, 3]
        # draws of a task are nowhere used twice, nor those of the tests
        seeds = {(net.task.steps, given["task_seed"]) for net, given, *_ in network.calls}
        assert len({seed for _, seed in seeds}) == len(seeds) == 4
    if module is learning_set:
        np.testing.assert_allclose(data["guessed"], own + 0.05)
    if module is spiking_memory:
        np.testing.assert_allclose(data["carried"], own + 0.05)
        assert data["carried_curve"].shape == (2, 4)
        # neuron k fires in time step k, the first twelve in the first episode, which is that of cue 0
        assert data["spikes"].sum("time").values[0].tolist() == [1] * 12 + [0] * 20
        # the third episode shows cue 1 first: its time steps are 30 to 41, 30 and 31 are the last units
        assert data["spikes"].sum("time").values[1].tolist() == [0] * 30 + [1] * 2
        assert data["time"].values[:2].tolist() == [0, 0.02]
        assert {net.dopamine for net, *_ in network.calls} == {0, 50}


def test_a_memory_is_as_long_as_its_longest_network_says(told, watch) -> None:
    """The work of a network goes as its steps; the controls are lived at the first length alone."""
    told(conditions, RecurrentNetwork)
    config = cue_memory.Config(**TINY, distractors=(2, 12, 24), readout_rates=(0.1, 0.2))
    cue_memory.simulate(config, 0, watch)
    # 4 kinds of 4 steps, then 12 and 24: the parts end at 16/52, 28/52 and 1
    for end in (16, 28, 52):
        assert min(abs(seen - end / 52) for seen in watch.seen) < 1e-9


def test_players_of_bandits_lose_what_is_known() -> None:
    """Arms that pay p and 1 - p, p even in (0, 1): by lot a trial costs E |2p - 1|/2 = 1/4; who stays after a
    win and leaves after a loss takes the better arm with its own chance, from the second trial on."""
    trials, many = 12, 6000
    random, stay, tuned, index, ideal = episodic_bandit.players("mirrored", trials, many, 1)
    assert abs(z_score(random, trials / 4)) < 5
    # variance: of |2p - 1| trials/2, and of the lots with it
    assert random.std() == pytest.approx((trials**2 / 48 + trials / 12) ** 0.5, rel=0.05)
    # E (1 - p)(2p - 1) over p in (.5, 1) is 1/12
    assert abs(z_score(stay, 1 / 4 + (trials - 1) / 12)) < 5
    for better, worse in ((ideal, index), (index, stay), (tuned, random), (stay, random)):
        assert worse.mean() > better.mean()
    assert ideal.mean() < tuned.mean()
    apart = episodic_bandit.players("independent", trials, many, 1)
    # E |p - q|/2 = 1/6
    assert abs(z_score(apart[0], trials / 6)) < 5 and apart[4].mean() < apart[3].mean() + 0.05


def test_who_wins_stays_and_who_loses_leaves() -> None:
    pay = np.zeros((50, 6, 2), int)
    pay[:, :, 1] = [1, 1, 0, 1, 1, 1]
    chosen = episodic_bandit._win_stay(pay, 3)
    for row in chosen:
        last = row[0]
        for trial in range(1, 6):
            last = last if pay[0, trial - 1, last] else 1 - last
            assert row[trial] == last
    assert 0 < chosen[:, 0].mean() < 1


def test_players_stand_in_the_result_with_their_errors(told) -> None:
    told(conditions, RecurrentNetwork, SpikingRecurrentNetwork)
    for module in (episodic_bandit, spiking_episodic_bandit):
        config = module.Config(**TINY, trials=8, played=3000, readout_rates=(0.1,))
        data = module.simulate(config, 2)
        by_lot = data.sel(player="random")
        assert float(by_lot["player_error"]) == pytest.approx((64 / 48 + 8 / 12) ** 0.5 / 3000**0.5, rel=0.1)
        assert abs(float(by_lot["player_regret"]) - 2) < 5 * float(by_lot["player_error"])
        assert data["player"].values.tolist() == list(episodic_bandit.PLAYERS)
        # of two episodes the error of the mean is half of their difference
        two = module.simulate(module.Config(**TINY, trials=8, played=2, readout_rates=(0.1,)), 2)
        apart = np.ptp(episodic_bandit.players("mirrored", 8, 2, 2), axis=1)
        np.testing.assert_allclose(two["player_error"], apart / 2)


def test_sessions_of_the_two_step_task_are_read_step_by_step() -> None:
    """Individual i acts (i + e + t) % 2 in episode e, trial t, reaches (i + t) % 2, is paid every third t."""
    config = two_step_activity.Config(**(TINY | {"tests": 5}), trials=6)
    who, episode, trial = np.ogrid[:3, :5, :6]
    action, state, paid = (np.broadcast_to(one, (3, 5, 6)) for one in (
        (who + episode + trial) % 2, (who + trial) % 2, (trial % 3 == 0).astype(int)))  # fmt: skip

    def steps(first: Any, second: Any) -> np.ndarray:
        both = np.stack(np.broadcast_arrays(first, second), axis=-1)
        return both.reshape(3, -1).T

    lived = {"action": steps(action, 7), "seen": steps(0, 1 + state), "reward": steps(5, paid)}
    found = two_step_activity._sessions(config, lived)
    for name, expected in (("action", action), ("state", state), ("reward", paid)):
        np.testing.assert_array_equal(getattr(found, name), expected.reshape(15, 6))
    np.testing.assert_array_equal(found.common, (action == state).reshape(15, 6))


def test_income_leaks_and_is_of_the_arm_that_earned_it() -> None:
    """Paid 1 in every trial, after k trials 1 - (1 - 1/m)**k, of arm 0 with the other sign; then less."""
    action = np.repeat([[1], [0]], 12, axis=1)
    reward = np.tile(np.r_[np.ones(8), np.zeros(4)], (2, 1))
    income = matching_activity._income(action, reward, 4.0)
    rising = 1 - 0.75 ** np.arange(9)
    expected = np.r_[rising, rising[-1] * 0.75 ** np.arange(1, 4)]
    np.testing.assert_allclose(income, [expected, -expected])


def test_players_of_baited_arms_earn_what_is_known() -> None:
    """By lot an arm is left a geometric time and pays 2p/(1 + p); p even in (.05, .45), the other .5 - p."""
    config = matching_activity.Config(trials=400, played=1500, tests=60)
    lots, local, ideal = matching_activity._players(config, 2)
    p = np.linspace(0.05, 0.45, 4001)
    known = (p / (1 + p) + (0.5 - p) / (1.5 - p)).mean()
    # 600000 rewards of standard deviation below .5, of 1500 values of p; the first trials pay less
    assert abs(lots - known) < 5 * 0.5 / 600_000**0.5 + 0.002
    assert lots < local < ideal < 0.5


def test_activity_is_regressed_on_what_its_own_individual_did(monkeypatch: pytest.MonkeyPatch) -> None:
    config = matching_activity.Config(**(TINY | {"tests": 10, "block": 10}), trials=7, units=3)
    rng = np.random.default_rng(1)
    action, reward = rng.integers(2, size=(2, 10, 7, 4)).astype(float)
    action[2, :, 1], reward[4, :, 1] = 1, 0  # sessions in which nothing varies tell nothing
    activity = rng.normal(size=(10, 7, 4, 3))
    lived = {"action": action.reshape(70, 4), "reward": reward.reshape(70, 4),
             "activity": activity.reshape(70, 4, 3)}  # fmt: skip
    seen: dict[str, Any] = {}

    def regress(units: np.ndarray, regressors: dict[str, np.ndarray], seed: int) -> None:
        seen.update(units=units, **regressors)

    monkeypatch.setattr(matching_activity, "unit_coding", regress)
    matching_activity._coding(config, lived, 1, 0)
    kept = [k for k in range(10) if np.ptp(action[k, :, 1]) and np.ptp(reward[k, :, 1])]
    assert 2 not in kept and 4 not in kept
    np.testing.assert_array_equal(seen["units"], activity[kept, :, 1].swapaxes(1, 2))
    np.testing.assert_array_equal(seen["last action"][:, 1:], 2 * action[kept, :-1, 1] - 1)
    income = matching_activity._income(action[:, :, 1], reward[:, :, 1], config.memory)[kept]
    np.testing.assert_allclose(seen["value"], income)


def test_coding_stands_under_its_condition(told, watch, monkeypatch: pytest.MonkeyPatch) -> None:
    class Coding:
        def __init__(self, config: Any, lived: dict[str, np.ndarray], one: int, seed: int) -> None:
            self.level = lived["activity"].mean() * 0 + lived["reward_rate"][one].mean()
            self.explained = np.array([self.level - 1, self.level + 1])

        def share(self) -> np.ndarray:
            return np.full(4, self.level)

        def null_share(self) -> np.ndarray:
            return np.full(4, -self.level)

    told(conditions, RecurrentNetwork)
    monkeypatch.setattr(matching_activity, "_coding", Coding)
    config = matching_activity.Config(**TINY, trials=8, eta=0.05, played=20)
    data = matching_activity.simulate(config, 1, watch)
    # readouts alone learn at the rate of the policy: both kinds measure the same, untrained ones nothing
    rows: Any = [[8000.05] * 2, [8000.05] * 2, [0, 0]]
    np.testing.assert_allclose(data["reward"], rows)
    np.testing.assert_allclose(data["share"], np.repeat(np.array(rows)[..., None], 4, axis=2))
    np.testing.assert_allclose(data["null_share"], -data["share"].values)
    np.testing.assert_allclose(data["explained"], rows)
    assert data["curve"].shape == (2, 4) and data["episode"].values.tolist() == [5, 10, 15, 20]
    with pytest.raises(Mistake, match="matching_activity: memory is 1 trials"):
        matching_activity.Config(memory=1.0)


def test_baits_of_players_are_those_of_the_task() -> None:
    network = matching_activity.Config(trials=9).network
    assert network.task == BaitedEpisodes(9) and network.leaks[1] == 1.0


def test_one_rate_of_one_stays_after_a_win_alone() -> None:
    """alpha = 1 forgets all but the last trial; beta = 200 then follows it; alpha = 0 chooses by lot."""
    pay = np.random.default_rng(2).integers(2, size=(300, 30, 2))
    action, reward = volatile_activity._one_rate(pay, 1.0, 4, beta=200.0)
    np.testing.assert_array_equal(reward, np.take_along_axis(pay, action[..., None], axis=2)[..., 0])
    np.testing.assert_array_equal(
        action[:, 1:], np.where(reward[:, :-1] == 1, action[:, :-1], 1 - action[:, :-1])
    )
    lots, _ = volatile_activity._one_rate(pay, 0.0, 4)
    assert abs(z_score(lots.ravel(), 0.5)) < 5
    # half way to +-1 in the second trial, at beta = 4: P = 1/(1 + exp(-2)) to do again what was paid
    soft, paid = volatile_activity._one_rate(
        np.random.default_rng(2).integers(2, size=(20_000, 2, 2)), 0.5, 5
    )
    again = (soft[:, 0] == soft[:, 1]) == (paid[:, 0] == 1)
    assert abs(z_score(again, 1 / (1 + np.exp(-2)))) < 5


def test_rates_are_read_of_stable_and_volatile_episodes_apart(told, watch, monkeypatch) -> None:
    told(conditions, RecurrentNetwork)
    monkeypatch.setattr(
        volatile_activity, "effective_rate", lambda action, reward: (len(action) + action[:, 0].mean(), 0.0)
    )
    config = volatile_activity.Config(**(TINY | {"tests": 20, "block": 5}), trials=7, played=40)
    data = volatile_activity.simulate(config, 5, watch)
    seed = stream(stream(5, "test"), "test episodes")
    moving = config.task.volatile(seed, np.arange(4), np.arange(20))
    step = np.arange(140).reshape(20, 7)
    for one in range(4):
        for kind, chosen in enumerate((~moving[one], moving[one])):
            number = step[chosen] + one
            condition, individual = divmod(one, 2)
            cell = {"condition": condition, "individual": individual, "volatility": kind}
            assert float(data["reward"].isel(cell)) == pytest.approx((number // 2 % 2).mean())
            expected = len(number) + (number[:, 0] % 2).mean()
            assert float(data["rate"].isel(cell)) == pytest.approx(expected)
    with pytest.raises(Mistake, match="hazard is 0"):
        volatile_activity.Config(hazard=0.0)
    with pytest.raises(Mistake, match="hazard is 1.01"):
        volatile_activity.Config(hazard=1.01)
    volatile_activity.Config(hazard=1.0)


def test_who_infers_earns_more_than_the_best_one_rate() -> None:
    config = volatile_activity.Config(played=800, tests=300)
    best, fixed, rewards = volatile_activity._players(config, 1)
    assert rewards.shape == (2, 2) and (rewards[1] >= rewards[0] - 0.005).all()
    # a good arm that stands still pays .8 but for what is spent on finding it; one that moves less
    assert 0.74 < rewards[1, 0] < 0.8 and 0.5 < rewards[1, 1] < 0.68
    # 24 rates from .05 to .9; the fit reads it from 30000 choices
    assert 0.05 <= best <= 0.9 and np.abs(np.log(fixed / best)).max() < 0.5


def test_what_a_cue_makes_of_the_rates_is_measured_without_bias() -> None:
    """Unit 0 fires in all of the second step of cue 1; the others as if no cue had been."""
    net = spiking_memory.Config(distractors=1, units=4).network_of(spiking_memory.CueMemory(1))
    cues = np.tile([0, 0, 1, 1], (2, 3))
    trains = np.zeros((2, 12, 3 * net.substeps, 4))
    trains[0, cues[0] == 1, net.substeps : 2 * net.substeps, 0] = 1
    trains[:, :, :, 1] = 1
    held: Any = spiking_memory._held(net, cues, trains)
    np.testing.assert_allclose(held, [[0, 1 / net.dt / 2, 0], [0, 0, 0]], atol=1e-9)
    # a difference in one half of the episodes alone is noise
    trains[1, cues[1] == 1, :, 2] = (np.arange(12) % 2)[cues[1] == 1, None]
    np.testing.assert_allclose(spiking_memory._held(net, cues, trains)[1], 0, atol=1e-9)


def test_spikes_are_laid_out_by_individual_and_episode(told) -> None:
    """Neuron k (unit k % 3 of individual k // 3) fires in time step k; a step of rest ends each episode."""
    told(conditions, SpikingRecurrentNetwork)
    config = spiking_memory.Config(**TINY, distractors=0, units=3, recorded=8)
    net = config.network_of(spiking_memory.CueMemory(0))
    state = {name: np.zeros((2, 3)) for name in net.states}
    cues, trains = spiking_memory._record(net, state, 8, 1)
    length = 3 * net.substeps
    assert trains.shape == (2, 8, 2 * net.substeps, 3) and cues.shape == (2, 8)
    fired = {tuple(place) for place in np.argwhere(trains)}
    assert fired == {
        (k // 3, k // length, k % length, k % 3) for k in range(6) if k % length < 2 * net.substeps
    }
    np.testing.assert_array_equal(cues, (3 * np.arange(8) + np.arange(2)[:, None]) % 3)
    with pytest.raises(Mistake, match="7 episodes are recorded, at least 8"):
        spiking_memory.Config(recorded=7)
