"""What experiments that search make of lives that are known: biological_outer_loop, conditioning,
dopamine_agent, dopamine_rivals, meta_rule, rule_power, rule_recovery, session, spiking_control and train."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.behaviour.choices import Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.actor_critic.trial_series import Series
from hedon.models.chain.network import ChainNetwork
from hedon.models.conditioning.network import Conditioning
from hedon.models.experiments import (
    biological_outer_loop,
    conditioning,
    control_worlds,
    dopamine_agent,
    dopamine_rivals,
    meta_rule,
    rule_power,
    rule_recovery,
    session,
    spiking_control,
)
from hedon.models.experiments import train as train_
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks.conditioning import SIZES

# outer loops


def test_stages_are_the_ends_of_sixths() -> None:
    centres = [np.full((1, 2), number) for number in range(1, 13)]
    assert biological_outer_loop._stages(centres)[:, 0, 0].tolist() == [2, 4, 6, 8, 10, 12]


def test_lots_keep_what_earned_most() -> None:
    config = biological_outer_loop.Config(searches=2, loops=2)
    lots = biological_outer_loop.Lots(config, 1)
    assert (lots.centre == 0.5).all() and lots.centre.shape == (2, biological_outer_loop.space().dimensions)
    first = lots.ask().copy()
    lots.tell(np.array([[0.5], [0.1]]))
    second = lots.ask().copy()
    lots.tell(np.array([[0.4], [0.3]]))
    np.testing.assert_array_equal(lots.centre, [first[0, 0], second[1, 0]])
    assert not np.array_equal(first[0], first[1])
    values = biological_outer_loop._side_by_side(np.array([first[0, 0], first[1, 0]]), 3)
    one, two = (biological_outer_loop.space().decode(first[k, 0]) for k in (0, 1))
    assert all(values[name].tolist() == [one[name]] * 3 + [two[name]] * 3 for name in one)


def test_loops_earn_what_their_rate_is_worth(monkeypatch: pytest.MonkeyPatch, watch, tmp_path: Any) -> None:
    """Every individual earns its rate (eta): rewards on held-out episodes are the rates that were found."""
    module = biological_outer_loop
    config = module.Config(
        lifetimes=80, hold=2, loops=3, searches=2, population=4, group=2, lot=2, held_out=500
    )
    lives: list[Any] = []

    def live(program: Any, values: Any, hazard: np.ndarray, seed: int, trials: int) -> Any:
        assert len(values["eta"]) == len(hazard) == program and {*hazard} == {0.0, 0.2}
        lives.append((seed, len(hazard)))
        return {"reward_mean": np.array(values["eta"])}

    monkeypatch.setattr(module.volatile_bandit, "live", live)
    monkeypatch.setattr(
        module.volatile_bandit, "network", lambda world: SimpleNamespace(program=lambda: world.episodes)
    )
    monkeypatch.setattr(module.volatile_bandit, "best_fixed_rate", lambda world, seed: 0.123)
    data = module.simulate(config, 1, watch, tmp_path)
    middle = module.space().decode(np.full(module.space().dimensions, 0.5))["eta"]
    np.testing.assert_allclose(data["start"], middle)
    np.testing.assert_allclose(data["constant"], 0.123)
    np.testing.assert_allclose(data["biological"], data["centre"].sel(parameter="eta"))
    assert data["lifetime"].values.tolist() == [13, 26, 40, 53, 66, 80]
    path = data["path"]
    assert path.dims == ("loop", "stage", "way") and path.shape == (4, 6, 2)
    for loop, name in (("biological", "biological"), ("cma", "cma"), ("random", "random")):
        np.testing.assert_allclose(path.sel(loop=loop, stage=5), data[name].values[:2])
    # by lot the best can but rise; a loop that hears itself finds higher rates than one that hears another
    assert (np.diff(path.sel(loop="random"), axis=0) >= 0).all()
    assert float(data["biological"].mean()) > middle and float(data["cma"].mean()) > middle
    assert float(data["biological"].mean()) > float(data["null"].mean())
    assert watch.seen[-1] == pytest.approx(0.985) and 0.8 in np.round(watch.seen, 9)
    # 3 loops of 2 lifetimes, 2 searches of 2, and 1000 held-out episodes in every call
    assert {many for _, many in lives} == {6, 4, 1000}
    again = module.simulate(config, 1, None, tmp_path)
    assert again.equals(data) and len([many for _, many in lives if many == 6]) == 2 * 40


# chains


def test_agents_are_compared_in_the_same_chains(told, watch) -> None:
    """Rewards and values of minus the distance of the discount from .7: each number is of its own search."""
    config = dopamine_agent.Config(
        gammas=(0.9, 0.5),
        repeats=2,
        return_repeats=2,
        steps=20,
        chains=4,
        generations=3,
        return_generations=3,
        population=4,
        held_out=6,
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        weight = np.broadcast_to(np.asarray(given["next_weight"], float), net.individuals)
        lot = 0.001 * (np.arange(net.individuals) % 6)
        level = (
            -np.abs(weight - 0.7)
            + lot
            - 5 * (given.get("yoked", 0) > 0)
            - 2 * (given.get("learning", 1) == 0)
        )
        return {
            "w": np.zeros((net.individuals, 8, 1)) + level[:, None, None],
            "reward_mean": np.stack([0 * level, level]),
        }

    network = told(answer, ChainNetwork)
    data = dopamine_agent.simulate(config, 1, watch)
    assert data["weights"].shape == (2, 2, 4) and data["path"].shape == (2, 2, 3, 4)
    # the mean of the last third of three centres is the last one; weights are a, b, c, d
    np.testing.assert_allclose(data["weights"], data["path"].isel(generation=-1))
    lot = 0.001 * np.arange(6)
    found = data["return_weights"].sel(weight="b").values
    np.testing.assert_allclose(data["reward"], -np.abs(found - 0.7) + lot.mean())
    level = dict(zip(data["learner"].values, data["level"].values, strict=True))
    assert level["td"] == pytest.approx(-0.2 + lot.mean())  # a discount of .9 that is not searched
    np.testing.assert_allclose(data["gain"], data["reward"] - level["td"])
    np.testing.assert_allclose(data["gain_error"], 0, atol=1e-12)
    own = -abs(found[0] - 0.7) + lot.mean()
    assert level["shuffled"] == pytest.approx(own - 5) and level["frozen"] == pytest.approx(own - 2)
    assert level["ideal"] > level["random"] and data["level_error"].shape == (6,)
    discount = float(data["td_discount"])
    np.testing.assert_allclose(data["sweep"], -np.abs(np.arange(10) / 10 - 0.7) + lot.mean())
    assert 0 <= discount <= 1 and float(data["td_gain"]) == pytest.approx(
        level["td, discount searched"] - level["td"]
    )
    assert abs(float(data["td_gain_error"])) < 1e-12 and data["level"].attrs["units"] == "1/step"
    # values of -.2 everywhere, against true ones: the same error for all that say so
    assert (data["error_counting"] > 0).all() and data["error"].shape == (2, 2)
    np.testing.assert_allclose(np.diag(data["error_of_other"]), data["error"].isel(repeat=0))
    assert (data["error_shuffled"] > data["error"].isel(repeat=0)).all()
    assert watch.seen[-1] == pytest.approx(0.85) and len(network.calls) > 20
    held = [net.individuals for net, *_ in network.calls]
    assert held.count(6) > 20 and set(held) <= {6, 4, 8}


# meta_rule

SMALL = meta_rule.Config(
    inputs=(2, 4),
    outputs=(1, 2),
    tasks=4,
    trials=16,
    block=8,
    long=2,
    generations=2,
    population=4,
    together=4,
    scouts=1,
    searches=2,
    repeats=1,
    held_out=4,
    beyond=2,
    held_trials=80,
)


def test_learned_and_known_rules_are_compared_in_the_same_tasks(told, watch) -> None:
    """Losses fall by exp(-eta) in each block from that of silence, M/2: samples are known from the rate."""

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        blocks = duration // net.block
        eta = np.broadcast_to(np.asarray(given["eta"], float), net.individuals) * (
            given.get("learning", 1) > 0
        )
        eta = eta * (given.get("yoked", 0) == 0)
        return {"loss_noiseless": net.task.outputs / 2 * np.exp(-eta * (np.arange(blocks) + 0.5)[:, None])}

    network = told(answer, RateNetwork)
    data = meta_rule.simulate(SMALL, 1, watch)
    learned = ["learned-1", "learned-2"]
    assert data["rule"].values.tolist() == [*learned, *meta_rule.BASELINES]
    assert data["listener"].values.tolist() == [*learned, *meta_rule.KNOWN]
    rate = {name: float(data["coefficient"].sel(search=name, parameter="eta")) for name in learned}
    rate |= {name: float(data["tuned"].sel(baseline=name, setting="eta")) for name in meta_rule.BASELINES}
    for name, eta in rate.items():
        curve = -eta * (np.arange(10) + 0.5)
        np.testing.assert_allclose(
            data["curve"].sel(rule=name), np.maximum(curve, math.log(1e-12)), rtol=1e-6
        )
        np.testing.assert_allclose(data["end"].sel(rule=name), max(-eta * 9.5, math.log(1e-12)), rtol=1e-6)
        if 0.3 < eta < 5:  # a tenth after log 10/eta blocks of eight trials, a hundredth after twice that
            expected = math.log(8 * math.log(10) / eta)
            if eta * 0.5 < math.log(10):
                np.testing.assert_allclose(data["log_samples"].sel(rule=name), expected, rtol=1e-6)
            np.testing.assert_allclose(
                data["log_samples_fine"].sel(rule=name), expected + math.log(2), rtol=1e-6
            )
        assert bool(data["solved"].sel(rule=name).all()) == (eta * 9 > math.log(10))
    assert data["trial"].values[[0, -1]].tolist() == [4, 76] and data["null_trial"].values.tolist() == [
        4,
        12,
        20,
        28,
    ]
    np.testing.assert_allclose(data["null"], 0, atol=1e-9)
    assert data["beyond_samples"].shape == (7, 5, 2) and data["kind"].values.tolist() == [
        "isotropic", "larger", "noisier", "deeper", "relu"]  # fmt: skip
    # moving what does not matter here changes nothing, the rate does
    matters = data["matters"].sel(parameter="eta").values
    assert (matters > 0).all()
    np.testing.assert_allclose(data["matters"].drop_sel(parameter="eta"), 0, atol=1e-9)
    assert ((data["place"] >= 0) & (data["place"] <= 1)).all() and data["score"].shape == (2, 2)
    assert (
        data["size"].shape == (4,) and data["size"].values[:2].max() <= 4 < data["size"].values[2:].max() <= 8
    )
    assert watch.seen[-1] == pytest.approx(0.975) and 0.75 in np.round(watch.seen, 9)
    wp = [duration for net, _, _, duration in network.calls if duration == 32]
    assert len(wp) == 2 * 2 + 2  # lives of weight perturbation and of controls are twice as long
    assert np.isnan(data["tuned"].sel(baseline="np", setting="centring"))
    assert np.isfinite(data["tuned"].sel(baseline="scaled")).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"tasks": 3},
        {"held_out": 6},
        {"beyond": 3},
        {"trials": 20},
        {"held_trials": 84},
        {"searches": 0},
        {"repeats": 0},
        {"long": 0},
        {"together": 0},
    ],
    ids=str,
)
def test_searches_of_a_rule_that_cannot_be_are_refused(settings: Any) -> None:
    from dataclasses import replace

    with pytest.raises(Mistake, match="meta_rule"):
        replace(SMALL, **settings)


def test_the_best_of_several_searches_is_so_on_new_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    found: Any = {f"np-{k + 1}": SimpleNamespace(best={"eta": 0.1 * (k + 1)}) for k in range(3)}
    monkeypatch.setattr(
        meta_rule.Lifetimes,
        "log_samples",
        lambda self, candidates, seed: np.array([[3.0, 3], [1, 2], [2, 2]]),
    )
    assert meta_rule._best(replace(SMALL, repeats=3), "np", found, 1) == {"eta": 0.2}
    assert meta_rule._best(SMALL, "np", found, 1) == {"eta": 0.1}


# control


def test_everybody_lives_in_the_same_held_out_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three plasticities and both controls of the first search in each of three worlds."""
    config = spiking_control.Config(world="tracks", trials=4, run=2)
    asked: dict[str, Any] = {}

    def live(net: Any, trials: int, seed: int, given: Any, seconds: float) -> Series:
        asked.update(given, net=net, trials=trials, seconds=seconds)
        latency = np.full((net.individuals, 4), 2.0) + np.arange(net.individuals)[:, None]
        reached = np.ones((net.individuals, 4))
        finished = np.arange(4) < np.where(np.arange(net.individuals) % 3 == 2, 2, 4)[:, None]
        return Series(latency, reached, finished, {})

    monkeypatch.setattr(control_worlds, "live", live)
    drawn = config.worlds.distribution.draw("held_out", 3, 1)[0]
    values = {"hand": {"eta_actor": 1.0}, "all-1": {"eta_actor": 2.0}, "rates-1": {"eta_actor": 3.0}}
    held = spiking_control._judged(config, values, drawn, 1, ("frozen", "yoked"))
    assert asked["net"].individuals == 15 and asked["seconds"] == config.held_seconds
    assert asked["eta_actor"].tolist() == [1] * 3 + [2] * 3 + [3] * 3 + [2] * 6
    assert asked["learning"].tolist() == [1] * 9 + [0] * 3 + [1] * 3
    heard = np.arange(15) - asked["yoked"]
    # each hears the first search's learner of the world before
    assert heard.tolist() == [*range(12), 5, 3, 4]
    assert asked["individual"].tolist() == [0, 1, 2] * 5
    for name, own in drawn.parameters.items():
        np.testing.assert_array_equal(asked[name], np.tile(own, 5))
    assert held["needed"].shape == held["earned"].shape == (5, 3) and held["level"].shape == (5, 3, 4)
    assert np.isnan(held["level"][:, 2, 2:]).all()
    best = config.worlds.distribution.best(drawn) + drawn.task.rest  # type: ignore[attr-defined]
    time = 4 * (2 + 0 + drawn.task.rest)
    assert held["earned"][0, 0] == pytest.approx(4 * best[0] / max(time, drawn.task.limit))


def test_candidates_are_scored_in_the_worlds_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    config = spiking_control.Config(world="tracks", lives=7, population=4, calls=2, seconds=20.0)
    asked: dict[str, Any] = {}

    def live(net: Any, trials: int, seed: int, given: Any, seconds: float) -> Series:
        asked.update(given)
        reached = np.tile(given["eta_actor"][:, None], (1, 2))
        return Series(np.full((7, 2), 3.0), reached, np.ones((7, 2), bool), {})

    monkeypatch.setattr(control_worlds, "live", live)
    scores = spiking_control.Lifetimes(config)({"eta_actor": np.array([1.0, 0.0])}, 3)
    assert asked["individual"].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert asked["eta_actor"].tolist() == [1, 1, 1, 0, 0, 0, 1]
    assert scores[1] == 0 < scores[0] < 2
    shuffled = [
        spiking_control.Lifetimes(config, True)({"eta_actor": np.array([1.0, 0.0])}, s) for s in range(8)
    ]
    assert {tuple(np.argsort(one)) for one in shuffled} == {(0, 1), (1, 0)}
    assert config.together == 2
    for wrong in ({"lives": 1}, {"keep": 0.0}, {"keep": 1.01}):
        with pytest.raises(Mistake, match="spiking_control"):
            spiking_control.Config(**({"population": 4, "calls": 2} | wrong))  # type: ignore[arg-type]
    spiking_control.Config(population=4, calls=2, lives=2, keep=1.0)


# power and recovery


def test_an_input_is_probed_above_the_mean_of_the_task() -> None:
    config = rule_power.Config(active=6, silent=3, neurons=(1, 2), probe=150.0, measured=2.5)
    probed = rule_power._probes(config)
    assert probed.rates.shape == (6, 9) and probed.duration == 2.5 and probed.targets.shape == (6, 2)
    more = probed.rates - probed.rates.min(axis=0)
    # silent inputs first, then as many active ones
    np.testing.assert_allclose(more, 150 * np.eye(9)[[6, 7, 8, 0, 1, 2]])
    assert (probed.rates.min(axis=0)[6:] == 0).all() and 3 < probed.rates.min(axis=0)[0] < 50
    task = rule_power._task(config, 1)
    assert task.rates.shape == (4, 9) and not task.rates[:, 6:].any() and (task.rates[:, :6] > 0).all()


def test_sessions_are_measured_before_and_after_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neurons fire by their weight + 100 for each probe; a trial adds 1 to all weights, 10 to the reward."""
    config = rule_power.Config(sessions=8, trials=(2, 5), neurons=(1, 2), active=4, silent=3)
    calls: list[Any] = []

    class Network:
        def __init__(
            self, task: Any, rule: Any, neuron: Any, individuals: int, plastic: bool = True, dt: float = 0
        ) -> None:
            self.task, self.individuals, self.plastic = task, individuals, plastic

        def live(self, trials: int, seed: int, given: Any, outputs: list[str]) -> Any:
            calls.append((self, trials, seed, given))
            assert len(given["w"]) == self.individuals
            if not self.plastic:
                probe = np.arange(self.individuals) % self.task.patterns
                return {"fired": 100.0 * probe[:, None] + given["w"][:, 0]}
            reward = 10.0 * np.arange(trials + 1)[:, None] + np.zeros(self.individuals)
            return {"w": given["w"] + trials, "expectation": given["expectation"], "reward": reward}

    monkeypatch.setattr(rule_power, "SpikingNetwork", Network)
    monkeypatch.setattr(rule_power, "_pace", lambda *_: (0.5, np.zeros((8, 4))))
    case = rule_power.CASES[rule_power.WEIGHT]
    found = rule_power._record(config, case, rule_power._probes(config), 1)
    response = found["response"]
    assert response.shape == (8, 4, 2, 3, 2)  # session, measurement, kind of input, input, neuron
    probes = 100.0 * np.arange(6).reshape(2, 3, 1)
    np.testing.assert_allclose(
        response - response[:, :1], np.array([0, 0, 2, 5])[:, None, None, None] + 0 * response
    )
    np.testing.assert_allclose(response - response[:, :, :1, :1], np.broadcast_to(probes, response.shape))
    # mean rewards of the trials since the measurement before: of 10 and 20, and of 10, 20 and 30
    assert found["reward"].tolist() == [[15, 20]] * 8
    still = [(net, given) for net, _, _, given in calls if not net.plastic]
    assert [net.individuals for net, _ in still] == [48] * 4 and all(
        given["sigma"] == 1e-9 for _, given in still
    )
    learned = [(trials, given["eta"]) for net, trials, _, given in calls if net.plastic]
    assert learned == [(2, 0.5), (3, 0.5)] and len({seed for _, _, seed, _ in calls}) == 6
    node = rule_power._record(config, rule_power.CASES[rule_power.NODE], rule_power._probes(config), 1)
    assert node["response"].shape == response.shape and "sigma" not in calls[-1][3]


def test_a_pace_is_the_length_of_one_update() -> None:
    """Each weight of active inputs moves by 3 eta: .1 deviations of all of them is the pace."""
    config = rule_power.Config(active=4, silent=3, neurons=(2,), pace=0.1)
    case = rule_power.CASES[rule_power.NODE]
    calls: list[Any] = []

    def live(trials: int, seed: int, given: Any, outputs: list[str]) -> Any:
        calls.append((trials, given))
        moved = np.zeros((5, 7, 2))
        moved[:, :4] = 3.0
        return {"expectation": np.full((5, 4), 0.7), "w": given["w"] + given.get("eta", 0) * moved}

    eta, expectation = rule_power._pace(SimpleNamespace(live=live), np.zeros((5, 7, 2)), config, case, 1)  # type: ignore[arg-type]
    # all eight weights together move by 3 eta 8**.5
    assert eta * 3 * 8**0.5 == pytest.approx(0.1 * case.spread * 8**0.5, rel=1e-6)
    assert (expectation == 0.7).all() and [trials for trials, _ in calls] == [32, 1]
    assert calls[0][1]["learning"] == 0 and (calls[1][1]["expectation"] == 0.7).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"rules": (rule_power.NODE,)},
        {"rules": (rule_power.NODE, rule_power.NODE)},
        {"sessions": 4},
        {"sessions": 10},
        {"trials": ()},
        {"neurons": ()},
        {"trials": (0, 4)},
        {"neurons": (0,)},
        {"trials": (10, 10)},
        {"silent": 2},
        {"silent": 21},
        {"pace": 0.0},
        {"probe": 0.0},
        {"measured": 0.0},
        {"rules": ("white", "nothing")},
    ],
    ids=str,
)
def test_sessions_that_tell_nothing_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="rule_power|no rule"):
        rule_power.Config(**settings)
    config = rule_power.Config(sessions=8, silent=3, active=3, trials=(1, 2), neurons=(1, 3))
    assert (config.recorded, config.inputs) == (3, 6)


def test_evidence_of_a_gaussian_is_its_integral() -> None:
    """Two coefficients, log likelihood -(x - 1)**2/2 each, prior N(0, 1): the integral is known."""
    x = np.full((3, 2), 0.5)  # between prior and data
    prior: Any = SimpleNamespace(mean=np.zeros(2), variance=np.ones(2))
    found: Any = SimpleNamespace(
        x=x, prior=prior, value=-((x - 1) ** 2).sum(axis=1) / 2, information=np.tile(2 * np.eye(2), (3, 1, 1))
    )
    # each: integral of exp(-(x-1)**2/2) N(x; 0, 1) = exp(-1/4)/sqrt(2)
    np.testing.assert_allclose(rule_recovery.log_evidence(found), 2 * (-0.25 - math.log(2) / 2))


def test_subjects_of_several_tables_stand_one_after_another() -> None:
    one, two = (
        Choices((f"a{k}",), np.full((1, 3), k), np.full((1, 3), 0.5 * k), np.array([[True, False, False]]), 2)
        for k in (0, 1)
    )
    both = rule_recovery.together([one, two, one])
    assert both.subjects == ("s0000", "s0001", "s0002") and both.action.tolist() == [
        [0] * 3,
        [1] * 3,
        [0] * 3,
    ]
    assert both.reward[:, 0].tolist() == [0, 0.5, 0] and both.begins.sum() == 3 and both.options == 2
    world = rule_recovery._world(rule_recovery.Config(hazard=0.07, high=0.9, low=0.3), 100, 4)
    assert (world.trials, world.sessions, world.hazard, world.high, world.low) == (25, 4, 0.07, 0.9, 0.3)
    for wrong in ({"trials": 5001}, {"learners": 2}, {"data_sets": 2}):
        with pytest.raises(Mistake, match="rule_recovery"):
            rule_recovery.Config(**wrong)
    rule_recovery.Config(learners=3, data_sets=3)


def test_parts_of_a_recovery_are_made_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, watch) -> None:
    config = rule_recovery.Config(free=("eta", "beta"), learners=3, data_sets=4, of_each=2)
    sizes = {"true": (2, 2, 3), "found": (2, 2, 3), "r": (2, 2), "r_null": (2, 2)}
    more = {"coverage": (2,), "coverage_null": (2,), "laplace": (2,), "rank": (2, 4)}
    kinds = len(rule_recovery.KINDS)
    made: list[str] = []

    def part(name: str, table: Any) -> Any:
        def make(config: Any, seed: int) -> Any:
            made.append(name)
            return {key: np.full(shape, float(len(made))) for key, shape in table.items()}

        return make

    monkeypatch.setattr(rule_recovery, "_recovery", part("recovery", sizes))
    monkeypatch.setattr(rule_recovery, "_coverage", part("coverage", more))
    monkeypatch.setattr(rule_recovery, "_confusion", part("confusion", {"evidence": (kinds, 2, kinds)}))
    data = rule_recovery.simulate(config, 1, watch, tmp_path)
    again = rule_recovery.simulate(config, 1, None, tmp_path)
    assert made == ["recovery", "coverage", "confusion"] and data.equals(again)
    assert watch.seen == pytest.approx([0, 0.45, 0.7]) and (data["evidence"] == 3).all()


# conditioning


def test_responses_of_protocols_stand_under_their_names(told, watch) -> None:
    """Neurons fire 5 Hz, for .6 s more by 1 + the individual after A, 10 after B and 100 after rewards."""
    config = conditioning.Config(
        individuals=2,
        controls=2,
        compared=1,
        chances=(0.5,),
        gamblers=2,
        shares=(0.0, 1.0),
        weighers=1,
        acquisition=8,
        resting=3,
        magnitudes=14,
        probability=6,
        blocking=(3, 2),
        second_order=(3, 2),
        extinction=(2, 2, 2),
        repeats=2,
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who = np.arange(net.individuals)[:, None, None]
        time = net.bin * np.arange(net.bins)
        rate = np.full((net.individuals, duration, net.bins), 5.0)
        times = (*np.moveaxis(given["cue_onset"], -1, 0), given["reward_time"])
        for place, (start, more) in enumerate(zip(times, (1, 10, 100), strict=True)):
            since = time - start[:, :duration, None]
            rate += (more + who * (place == 0)) * ((since > -1e-6) & (since < 0.6 - 1e-6))
        sums = net.bin * rate.reshape(len(rate), -1).cumsum(axis=1)
        spikes = np.concatenate([np.zeros((net.individuals, 1)), sums], axis=1)
        fired = np.repeat(spikes.T[..., None], 2, axis=2)
        late = np.broadcast_to(np.arange(net.bins) * net.bin, (duration, net.bins)).ravel()
        level = 7.0 + 100 * (late < 0.75) + 1000 * (np.arange(duration * net.bins) < net.bins)
        flat = np.broadcast_to(level[:, None, None], (duration * net.bins, net.individuals, 1))
        weights = np.arange(net.individuals)[:, None, None] + np.zeros((net.cells, net.critics_in_all))
        return {"fired": fired[:-1], "fired_last": fired[-1], "w": weights, "n": flat, "V": flat}

    network = told(answer, Conditioning)
    data = conditioning.simulate(config, 1, watch)
    names = data["protocol"].values.tolist()
    assert names == [
        "acquisition",
        "acquisition",
        "frozen",
        "frozen",
        "chance 0.5",
        "chance 0.5",
        "magnitude",
        "blocking",
        "blocking control",
        "second order",
        "second order control",
        "extinction",
        "yoked",
        "yoked",
        "truly random",
        "truly random",
        "donors",
        "donors",
    ]  # fmt: skip
    row = {name: names.index(name) for name in names}
    first = data["cue_response"].values
    np.testing.assert_allclose(first[0, :8], 1)
    np.testing.assert_allclose(first[1, :8], 2)
    assert np.isnan(first[0, 8:]).all() and np.isnan(first[row["donors"]]).all()
    np.testing.assert_allclose(data["reward_response"].values[0, :8], 100)
    # where no reward comes, where it would have been
    half = row["extinction"]
    np.testing.assert_allclose(
        data["reward_response"].values[half, :6], [100, 100, 0, 0, 100, 100], atol=1e-6
    )
    np.testing.assert_allclose(data["paid"].values[half, :6], [1, 1, 0, 0, 1, 1])
    np.testing.assert_allclose(data["second_cue_response"].values[row["blocking"], 3:5], 11 + row["blocking"])
    assert (data["baseline"] == 5).all() or np.allclose(data["baseline"][:2], 5)
    tested = data["tested_protocol"].values.tolist()
    # sizes are probed at each share of the expectation
    assert tested[:6] == ["acquisition"] * 2 + ["frozen"] * 2 + ["magnitude"] * 2
    assert data["share"].values[:6].tolist() == [1, 1, 1, 1, 0, 1]
    kind = data["kind"].values
    # fourteen kinds of sizes twice, four kinds of others seven times
    assert kind[4].tolist() == [*range(14)] * 2 and kind[0].tolist() == [*range(4)] * 7
    late = data["probe_late"].values[0]
    np.testing.assert_allclose(late[kind[0] == 0], 100)
    np.testing.assert_allclose(late[kind[0] == 1], 0, atol=1e-6)
    np.testing.assert_allclose(data["probe_cue"].values[0][kind[0] == 3], 0, atol=1e-6)
    np.testing.assert_allclose(data["probe_cue"].values[1][kind[1] == 1], 2)
    psth, time = data["psth"].sel(condition="rewarded").values, data["time"].values
    np.testing.assert_allclose(psth[(time > 0) & (time < 0.6)], 5 + 1.5)
    np.testing.assert_allclose(psth[(time > 1.5) & (time < 2.1)], 105)
    np.testing.assert_allclose(data["psth"].sel(condition="early").values[(time > 0.75) & (time < 1.35)], 105)
    # two individuals that differ by 1: a deviation of .5**.5, its root of two
    np.testing.assert_allclose(
        data["psth_error"].sel(condition="rewarded").values[(time > 0) & (time < 0.6)], 0.5
    )
    np.testing.assert_allclose(
        data["psth"].sel(condition="first trials").values[(time > 0) & (time < 0.6)], 6.5
    )
    quiet, learned, answered = network.calls[-3:] if len(network.calls) == 3 else network.calls
    assert learned[1]["yoked"][[row["yoked"], row["yoked"] + 1]].tolist() == [len(names) - 4] * 2
    tonic = learned[1]["tonic"][:, 0]
    # donors less their level at rest, when rewards are heard: not in the first .75 s, nor in the first trial
    assert tonic[row["donors"]] == 7 and tonic[0] == quiet[0].dopamine.baseline
    assert (learned[1]["cue_onset"].shape[1] == 28) and answered[1]["expectation"][:6].tolist() == [
        1,
        1,
        1,
        1,
        0,
        1,
    ]
    sources = np.asarray(answered[1]["w"])[:, 0, 0]
    assert sources[:8].tolist() == [0, 1, 2, 3, 6, 6, 7, 8]
    onset = learned[1]["cue_onset"]
    random = onset[row["truly random"], :8, 0] - learned[1]["reward_time"][row["truly random"], :8]
    assert np.ptp(random) > 0.1 and len(SIZES) == 7
    assert watch.seen[0] == 0 and watch.seen[-1] == pytest.approx(1) and 0.65 in np.round(watch.seen, 6)


# rivals


def test_rivals_live_the_same_held_out_chains(told, watch) -> None:
    """Reward: minus the distance of a rate from .3, .01 for each chain, a tenth if states look alike."""
    config = dopamine_rivals.Config(repeats=2, steps=10, chains=3, generations=3, population=4, held_out=5)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        rate = np.broadcast_to(np.asarray(given["eta"], float), net.individuals)
        level = (
            -np.abs(rate - 0.3) + 0.01 * (np.arange(net.individuals) % 5) - 3 * (given.get("yoked", 0) > 0)
        )
        return {"reward_mean": np.stack([0 * level, level * (1.0 if net.alike == 1 else 0.1)])}

    network = told(answer, ChainNetwork)
    data = dopamine_rivals.simulate(config, 1, watch)
    assert data["rate"].values.tolist() == ["eta", "eta_actor"] and data["world"].values.tolist() == [
        "told apart",
        "alike",
    ]
    rate = data["rates"].sel(rate="eta").values[..., None]
    level = -np.abs(rate - 0.3) + 0.01 * np.arange(5)
    np.testing.assert_allclose(
        data["reward"], level * np.array([1, 0.1])[:, None, None, None], rtol=1e-5, atol=1e-6
    )
    first = level[:, list(dopamine_rivals.SEARCHED).index("TD"), 0]
    expected = (first - 3) * np.array([[1], [0.1]])
    np.testing.assert_allclose(data["others"].sel(other="shuffled"), expected, rtol=1e-5)
    # who knows the world is the same in both, whatever its states look like
    for other in ("random", "ideal"):
        one, two = data["others"].sel(other=other).values
        np.testing.assert_array_equal(one, two)
    assert (
        data["others"].sel(other="ideal").mean("chain") > data["others"].sel(other="random").mean("chain")
    ).all()
    weights = data["weights"].sel(rival="TD").values
    assert (weights[..., 0] == 1).all() and (weights[..., 2] == -1).all()
    assert ((weights[..., 1] >= 0) & (weights[..., 1] <= 1)).all()
    assert (data["weights"].sel(rival="action error").values[..., [0, 1, 2]] == 0).all()
    assert (data["rates"].sel(rival="free", rate="eta") == 1).all()
    assert {net.alike for net, *_ in network.calls} == {1, 2} and watch.seen[-1] == pytest.approx(0.9)
    held = {given["task_seed"] for net, given, *_ in network.calls if net.individuals == 5}
    assert len(held) == 1 and data["reward"].dtype == np.float32


# train


def test_a_training_by_its_settings(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    asked: dict[str, Any] = {}

    def lived(net: Any, ends: Any, seed: int, given: Any, progress: Any, folder: Any) -> xr.Dataset:
        asked.update(given, net=net, ends=ends)
        progress(0.5)
        return xr.Dataset({"loss": ("x", [1.0])}, coords={"end": ("segment", ends)})

    monkeypatch.setattr(train_, "train", lived)
    config = train_.Config(
        trials=95, segments=3, block=10, individuals=2, eta=(0.1, 0.2), sigma=(0.3,), inputs=4
    )
    data = train_.simulate(config, 1, watch)
    assert asked["ends"] == [30, 60, 90] and asked["eta"] == [0.1, 0.2] and asked["sigma"] == 0.3
    assert "end" not in data.coords and watch.seen == [0.5] and asked["net"].task.n_inputs == 4
    assert asked["net"].individuals == 2 and asked["net"].rule.eta == 0.1
    train_.simulate(train_.Config(rule="GradientDescent", trials=30, segments=3, block=10), 1, watch)
    assert asked["ends"] == [10, 20, 30] and asked["net"].rule.eta == 0.005
    for wrong in ({"segments": 0}, {"trials": 29}):
        with pytest.raises(Mistake, match="must hold segments"):
            train_.simulate(train_.Config(**({"trials": 30, "segments": 3, "block": 10} | wrong)), 1)  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="eta has 3 values for 2 individuals; give 1 or all"):
        train_.simulate(train_.Config(individuals=2, eta=(0.1, 0.2, 0.3)), 1)


def test_settings_go_to_the_rule_or_task_that_has_them() -> None:
    net = train_._network(
        train_.Config(task="HiddenTeacher", teacher_hidden=7, teacher_function="linear", outputs=2)
    )
    assert (net.task.n_hidden, net.task.function, net.task.n_outputs) == (7, "linear", 2)  # type: ignore[attr-defined]
    net = train_._network(
        train_.Config(comparison="one-pass", critic="linear", alpha=0.2, noise="rademacher")
    )
    assert type(net.rule.critic).__name__ == "LinearCritic" and net.rule.noise == "rademacher"  # type: ignore[attr-defined]
    net = train_._network(train_.Config(further=("teacher_scale=0.5", "input_kind=rademacher")))
    assert (net.task.teacher_scale, net.task.input_kind) == (0.5, "rademacher")  # type: ignore[attr-defined]
    for settings, words in (
        ({"rule": "TDHebbian"}, "TDHebbian is for .*; here: "),
        ({"rule": "GradientDescent", "noise": "rademacher"}, "GradientDescent has no setting 'noise'"),
        (
            {"comparison": "one-pass", "critic": "linaer"},
            "no critic is called 'linaer'; did you mean 'linear'",
        ),
        ({"further": ("speed=2",)}, "have no setting 'speed'"),
        ({"further": ("speed",)}, "NAME=VALUE, not 'speed'"),
        ({"further": ("=2",)}, "NAME=VALUE"),
        ({"further": ("speed=",)}, "NAME=VALUE"),
    ):
        with pytest.raises(Mistake, match=words):
            train_._network(train_.Config(**settings))  # type: ignore[arg-type]


# session


def test_a_session_holds_the_spikes_of_every_unit_in_order(told, watch) -> None:
    """Neuron k fires k/100 s after the beginning, latest first; n, V and delta are 1, 2 and 3."""
    config = session.Config(
        individuals=2, neurons=3, repeats=2, training=4, eta=2e-3, share=0.6, baseline=7.0, gain=3.0
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        shape = (duration * net.bins, net.individuals, net.dopamine.neurons)
        found = {"fired": np.zeros(shape), "fired_last": np.zeros(shape[1:])}
        found |= {
            name: np.full((*shape[:2], 1), level) for name, level in (("n", 1.0), ("V", 2.0), ("delta", 3.0))
        }
        for kind, many in (("dopamine", net.dopamine.neurons), ("critic", net.critics_in_all)):
            neuron = np.arange(net.individuals * many)[::-1]
            found |= {f"{kind}_spike_neuron": neuron, f"{kind}_spike_time": neuron / 100}
        return found | {"w": np.full((net.individuals, net.cells, net.critics_in_all), float(duration))}

    network = told(answer, Conditioning)
    data = session.simulate(config, 1, watch)
    (net, first, _, short), (_, second, _, long) = network.calls
    assert (short, long) == (4, 28) and net.trials == 28 and net.rule.eta == 2e-3 and net.spikes
    assert (net.dopamine.baseline, net.dopamine.gain, net.dopamine.neurons) == (7.0, 3.0, 3)
    assert first["expectation"].tolist() == second["expectation"].tolist() == [0.6, 0.6]
    assert (second["w"] == 4).all() and (data["w_before"] == 4).all() and (data["w_after"] == 28).all()
    # six dopamine neurons, then the critics of both; units in order of their spikes
    critics = 2 * net.critics_in_all
    units, times = data["spike_unit"].values, data["spike_time"].values
    assert (np.diff(times) >= 0).all() and len(units) == 6 + critics
    assert sorted(units) == [*range(6 + critics)]
    np.testing.assert_allclose(times, np.where(units < 6, units, units - 6) / 100)
    kinds = data["cell_type"].values.tolist()
    assert kinds == ["dopamine"] * 6 + ["critic"] * critics
    assert data["unit_individual"].values.tolist() == [0] * 3 + [1] * 3 + [0] * (critics // 2) + [1] * (
        critics // 2
    )
    for size in SIZES:
        for expected in (0, 1):
            here = (data["reward_ul"] == size) & (data["expected"] == expected)
            assert here.sum("trial").values.tolist() == [2, 2]
    start = 5.5 * np.arange(28)
    np.testing.assert_allclose(data["start_time"], [start] * 2)
    np.testing.assert_allclose(data["stop_time"], [start + 5.5] * 2)
    outcome = data["t_outcome"].values - start
    np.testing.assert_allclose(outcome, second["reward_time"])
    assert outcome.min() >= 1.5 + 1.5 - 1e-9  # a baseline before the cue lies in the trial
    cued = data["expected"].values == 1
    np.testing.assert_allclose((data["t_outcome"] - data["t_cue"]).values[cued], 1.5)
    assert np.isnan(data["t_cue"].values[~cued]).all()
    np.testing.assert_allclose(second["reward_value"], 1.3 * (data["reward_ul"] / 20) ** 0.5)
    for name, level in (("dopamine", 1), ("value", 2), ("prediction_error", 3)):
        assert data[name].shape == (2, 28 * net.bins) and (data[name] == level).all()
    np.testing.assert_allclose(data["time"].values[:3], [0, 0.05, 0.1])
    assert data.attrs["spike_resolution"] == net.dt and data["dopamine"].attrs["units"] == "Hz"
    assert watch.seen[0] == 0 and watch.seen[-1] == pytest.approx(1)
    assert min(abs(seen - (0.05 + 0.95 * 4 / 32)) for seen in watch.seen) < 1e-9
