"""What experiments that compare rules make of what is lived: alignment, bandit_players, coagents, conditions,
hidden_layers, learned_broadcast, learning_curves, rules_compared, team_votes, temporal, two_step_players and
volatile_bandit, where networks and trainings answer with numbers that are known."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.agents import Committees
from hedon.analysis.theory.hidden_layer import HiddenLayer
from hedon.analysis.theory.linear_online import LinearOnline
from hedon.models.actor_critic.network import ActorCritic, Pools
from hedon.models.actor_critic.trial_series import Series
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.coagents.network import Coagents
from hedon.models.experiments import (
    alignment,
    bandit_players,
    coagents,
    conditions,
    hidden_layers,
    learned_broadcast,
    learning_curves,
    rules_compared,
    team_votes,
    temporal,
    two_step_players,
    volatile_bandit,
)
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTrack
from hedon.models.tasks.bandits import StaticBandits
from hedon.models.team.network import TeamNetwork
from hedon.plasticity.node_perturbation import NodePerturbation

# alignment


def test_cosines_are_of_means_over_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates (1, 1), (1, -1), (0, 1), (0, 1) before an error of -1 in the first output alone."""
    target, update = np.tile([1.0, 0.0], (4, 1)), np.array([[1.0, 1], [1, -1], [0, 1], [0, 1]])
    trial = SimpleNamespace(
        arrays={"x0": np.ones((4, 1)), "x1_clean": np.zeros((4, 2)), "target": target},
        update=[update[:, None]],
    )
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        alignment, "one_trial", lambda net, seed, start, alike: given.update(start, alike=alike) or trial
    )
    net = alignment._layer(NodePerturbation(eta=1.0, sigma=1e-5), 1, 2, 4)
    np.testing.assert_allclose(alignment._cosine(net, 0, 1), [0.5**0.5, 0.5**0.5, 0, 0])
    np.testing.assert_allclose(alignment._cosine(net, 0, 2), [1, 0])
    assert given["alike"] == 2 and not given["w1"].any() and given["w1"].shape == (4, 1, 2)


def test_a_ridge_is_measured_in_its_own_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that is minus the gradient less .3 sigma**2 of the output weights: .3."""
    config = alignment.Config(ridge_updates=50, sigma_ridge=0.7)

    def one_trial(net: Any, seed: int, start: Any, alike: int) -> Any:
        assert alike == 50 and net.rule.presynaptic == "perturbed"
        for name in ("w1", "w2"):  # root mean square 1
            assert (start[name] ** 2).mean() == pytest.approx(1)
        draw = np.random.default_rng(0)
        seen, clean, target = draw.normal(size=(50, 4)), draw.normal(size=(50, 3)), draw.normal(size=(50, 3))
        gradient = np.einsum("ij,ik->ijk", seen, clean - target)
        update = -gradient - 0.3 * 0.7**2 * start["w2"]
        arrays = {"x1_clean": seen, "x2_clean": clean, "target": target}
        return SimpleNamespace(arrays=arrays, update=[None, update])

    monkeypatch.setattr(alignment, "one_trial", one_trial)
    np.testing.assert_allclose(alignment._ridge(config, 1, "perturbed"), 0.3)


def test_measurements_of_alignment_stand_in_their_places(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = alignment.Config(
        node_dimensions=(1, 3), weight_inputs=(2,), weight_outputs=(5,), updates=10, averaged_over=(1, 4),
        averaged_nodes=3, ridge_updates=4, sigmas=(0.1, 0.2), sine_updates=3
    )  # fmt: skip
    seen: list[tuple[int, int, int]] = []

    def cosine(net: Any, seed: int, group: int) -> np.ndarray:
        seen.append((*net.sizes, net.individuals))
        return np.arange(net.individuals / group) * group

    monkeypatch.setattr(alignment, "_cosine", cosine)
    monkeypatch.setattr(alignment, "_ridge", lambda config, seed, factor: [len(factor)] * 4)

    def one_trial(net: Any, seed: int, start: Any) -> Any:
        assert start["sigma"].tolist() == [0.1] * 3 + [0.2] * 3 and (start["w1"] == 0.7).all()
        return SimpleNamespace(update=[-np.arange(6.0)])

    monkeypatch.setattr(alignment, "one_trial", one_trial)
    data = alignment.simulate(config, 0, watch)
    assert data["rule"].values.tolist() == ["NodePerturbation"] * 2 + ["WeightPerturbation"]
    assert data["dimensions"].values.tolist() == [1, 3, 10]
    # ten updates make two means of four, and two are left over
    assert seen == [(2, 1, 10), (2, 3, 10), (2, 5, 10), (2, 3, 10), (2, 3, 8)]
    np.testing.assert_allclose(data["averaged"], [4.5, 2])
    np.testing.assert_allclose(data["averaged_error"], [(110 / 12) ** 0.5 / 10**0.5, 2])
    assert data["ridge"].values.tolist() == [[5] * 4, [9] * 4]
    assert data["smoothed"].values.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert len(watch.seen) == 8 and watch.seen[-1] == pytest.approx(1)
    for wrong in ({"weight_inputs": (1, 2)}, {"updates": 99}, {"ridge_updates": 1}, {"sine_updates": 1}):
        with pytest.raises(Mistake, match="alignment"):
            alignment.Config(**({"updates": 100, "averaged_over": (50,)} | wrong))  # type: ignore[arg-type]
    alignment.Config(updates=100, averaged_over=(50,), ridge_updates=2, sine_updates=2)


# bandits


def test_players_and_rules_lose_what_is_left_of_the_best_arm(told, watch) -> None:
    """Networks earn .1 in the first block, .2 in the second: they lose the best arm's chance less that."""
    config = bandit_players.Config(tasks=3, parts=2, trials=8, block=4)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        return {"worth_mean": 0.1 * np.arange(1, 3)[:, None] + np.zeros(net.individuals)}

    network = told(answer, ChoiceNetwork)
    data = bandit_players.simulate(config, 1, watch)
    best = np.array([given["chance"].max(axis=1) for _, given, *_ in network.calls])
    # seven families of four rules in each of two parts
    best = best.reshape(2, 7, 4, 3)[:, :, 0]
    for rule in bandit_players.RULES:
        lost = data["lost"].sel(player=rule).values
        np.testing.assert_allclose(
            lost, np.concatenate([8 * one - 4 * 0.3 for one in best], axis=1), rtol=1e-5
        )
        curve = best.mean(axis=(0, 2))[:, None] - [0.1, 0.2]
        np.testing.assert_allclose(data["regret"].sel(player=rule), curve)
    assert data["trial"].values.tolist() == [2.5, 6.5] and data["regret"].attrs["units"] == "1/trial"
    known = np.isfinite(data["lost"]).all("task")
    assert known.sel(player="Bayes mirrored").values.tolist() == [False, True, False, False, True, True, True]
    assert known.sel(player="optimal").values.tolist() == [True, True, False, False, True, True, True]
    # by lot: the mean of the arms; fixed arms know it exactly
    random = data["lost"].sel(player="random", family=[".1/.9", ".4/.6"])
    assert set(np.round(random.values[0] / 0.8)) <= set(range(9)) and random.values[1].max() <= 1.6 + 1e-6
    assert 0 < float(data["optimal_regret"]) <= float(data["gittins_regret"])
    assert 0 < float(data["mirrored_regret"]) and data["by_gittins"].shape == (2, 6)
    etas = [float(given["eta"]) for _, given, *_ in network.calls[:8]]
    assert (
        etas[:4] == [0.1, 0.03, 0.2, 0.1] and watch.seen[0] == 0 and watch.seen[-1] == pytest.approx(13 / 14)
    )
    seeds = [given["task_seed"] for _, given, *_ in network.calls]
    assert len(set(seeds)) == 14


def test_families_that_are_drawn_hold_every_kind() -> None:
    drawn = bandit_players._tasks(bandit_players.Config(tasks=2), 5)
    assert [one.kind for one in drawn] == ["usual", *(kind for kind, _ in StaticBandits().beyond)]
    assert set(bandit_players.TUNED) == {one.kind for one in drawn}


@pytest.mark.parametrize(
    "settings",
    [{"tasks": 1}, {"parts": 0}, {"block": 0}, {"trials": 0}, {"trials": 102}, {"trials": 204}],
    ids=str,
)
def test_bandits_that_make_no_curves_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="bandit_players"):
        bandit_players.Config(**settings)
    bandit_players.Config(tasks=2, parts=1, trials=200, block=200)
    bandit_players.Config(trials=1, block=1)


def test_who_always_finds_the_good_state_is_compared_with_the_players(told, watch) -> None:
    config = two_step_players.Config(subjects=4, episodes=3, trials=12)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        number = np.arange(net.individuals)
        right = float(given.get("yoked", 0) == 0)
        return {"best_mean": np.full((duration, net.individuals), right),
                "reward_mean": np.broadcast_to(number % 2, (duration, net.individuals))}  # fmt: skip

    network = told(answer, ChoiceNetwork)
    data = two_step_players.simulate(config, 2, watch)
    rules = list(two_step_players.RULES)
    np.testing.assert_allclose(data["reward"].sel(player=rules), 0.5)
    # twelve episodes that earn 0 or 1: a deviation of (3/11)**.5 and its root of twelve
    np.testing.assert_allclose(data["reward_error"].sel(player=rules), (3 / 11) ** 0.5 / 12**0.5)
    np.testing.assert_allclose(data["above"], 0.5 - data["reward"])
    assert float(data["above_error"].sel(player="ChosenValue")) == 0
    world = two_step_players.TwoStepBandit().states(
        network.calls[0][1]["task_seed"], np.full(12, two_step_players.SWAP), 12
    )
    for rule, action in (("ChosenValue", world.good), ("shuffled", 1 - world.good)):
        lived = two_step_players._network(config, world, rule, network.calls[0][1]["task_seed"], 0)
        np.testing.assert_array_equal(lived.action, action)
        np.testing.assert_array_equal(lived.state, np.where(world.is_common, lived.action, 1 - lived.action))
        np.testing.assert_array_equal(lived.reward, np.repeat(np.arange(12)[:, None] % 2, 12, axis=1))
    assert data["stay"].dims == ("player", "kind") and watch.seen == pytest.approx([k / 9 for k in range(9)])
    for name in ("subjects", "episodes", "trials"):
        with pytest.raises(Mistake, match="at least 2"):
            two_step_players.Config(**{name: 1})


def test_the_best_rate_of_a_stable_world_is_low_and_of_a_volatile_one_high() -> None:
    stable, moving = (
        volatile_bandit.best_fixed_rate(volatile_bandit.Config(hazards=(hazard,), tuning=3000), 1)
        for hazard in (0.01, 0.2)
    )
    assert 0.08 <= stable < moving - 0.05 and moving <= 0.32


def test_held_out_worlds_have_their_hazards_and_odds() -> None:
    config = volatile_bandit.Config(hazards=(0.0, 0.2), validation=(0.1,), test=(0.03,), test_high=(0.7, 0.9))
    rows = [(split, hazard, round(high, 9), round(low, 9)) for split, hazard, high, low in config.worlds]
    assert rows == [("train", 0.0, 0.8, 0.2), ("train", 0.2, 0.8, 0.2), ("validation", 0.1, 0.8, 0.2),
                    ("test", 0.03, 0.7, 0.3), ("test", 0.03, 0.9, 0.1)]  # fmt: skip


def test_held_out_rewards_are_of_their_search(told) -> None:
    """Each individual earns its rate; pushes are twice their squares: an effective rate of 2."""
    config = volatile_bandit.Config(episodes=4, held_out=8, searches=2, trials=10)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        reward = np.asarray(given["eta"]) + 0.01 * np.arange(net.individuals) - given["yoked"]
        return {name: np.array([value, value]) for name, value in (
            ("reward_mean", reward * given["learning"]), ("push_mean", 2 + 0 * reward),
            ("square_mean", 1 + 0 * reward), ("best_mean", reward))}  # fmt: skip

    network = told(answer, ChoiceNetwork)
    values = [{"eta": 1.0}, {"eta": 5.0}]
    rewards, rate = volatile_bandit._held_out(config, values, "gated", 0.1, 3, 0)
    own = 0.01 * np.arange(4)
    np.testing.assert_allclose(rewards, [np.tile(1 + own, 2), np.tile(5 + own + 0.04, 2)])
    assert rate.tolist() == [2, 2]
    assert volatile_bandit._held_out(config, values, "shuffled", 0.1, 3, 0)[0][1, 0] == pytest.approx(4.04)
    assert not volatile_bandit._held_out(config, values, "frozen", 0.1, 3, 0)[0].any()
    seeds = [given["task_seed"] for _, given, *_ in network.calls]
    assert seeds == seeds[:2] * 3 and seeds[0] != seeds[1]  # the same episodes under all conditions
    assert all((given["hazard"] == 0.1).all() and len(given["hazard"]) == 8 for _, given, *_ in network.calls)


# conditions


def test_lives_under_each_condition_and_the_median_learner(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five learners whose late trials last 3, 1, 5, 2 and 4 s: of the four that are watched, 2 s is it."""
    net = ActorCritic(LinearTrack(), Pools(2, 2), critics=2, individuals=5, watched=4)
    calls: list[dict[str, Any]] = []

    def live(net: Any, trials: int, seed: int, given: Any, **settings: Any) -> Series:
        calls.append({**given, **settings, "seed": seed})
        settings["progress"](1.0)
        latency = np.full((5, 6), 9.0)
        latency[:, 3:] = np.array([3.0, 1, 5, 2, 4])[:, None]
        finished = np.ones((5, 6), bool)
        finished[4, 5] = False
        outcome = np.full((5, 6), 1.0 if given.get("learning", 1) else -1.0)
        return Series(latency, outcome, finished, {"x_trace": np.arange(10).reshape(2, 5)})

    monkeypatch.setattr(conditions, "live", live)
    data = conditions.compare(
        net, 6, 1, parameters={"noise": 2.0}, seconds=7.0, control_seconds=3.0, watch=("x_trace",), late=3,
        segments=2, progress=watch,
    )  # fmt: skip
    assert data.attrs["median_individual"] == 3 and data["x_trace"].values.tolist() == [3, 8]
    assert [(one.get("learning", 1), one.get("yoked", 0)) for one in calls] == [(1, 0), (0, 0), (1, 1)]
    assert [one["seconds"] for one in calls] == [7, 3, 3] and [one["outputs"] for one in calls] == [
        ("x_trace",),
        (),
        (),
    ]
    assert len({one["seed"] for one in calls}) == 3 and len({one["task_seed"] for one in calls}) == 1
    assert all(one["noise"] == 2 and one["segments"] == 2 for one in calls)
    assert np.isnan(data["latency"].values[:, 4, 5]).all() and np.isnan(data["outcome"].values).sum() == 3
    assert data["outcome"].values[:, 0, 0].tolist() == [1, -1, 1] and data["trial"].values.tolist() == [
        *range(1, 7)
    ]
    assert watch.seen == pytest.approx([1 / 3, 2 / 3, 1]) and data["latency"].attrs["units"] == "s"
    # judged by the last ten trials, where it is not said by how many
    latency = np.where(np.arange(12) < 2, [[100.0], [0.0], [0.0]], [[1.0], [2.0], [3.0]])
    latency[:, 2] = [9.0, 2.0, 3.0]  # counts: 18/10 is the least still
    lived = Series(latency, latency, np.ones((3, 12), bool), {"x_trace": np.arange(3)[None]})
    monkeypatch.setattr(conditions, "live", lambda *_, **__: lived)
    three = replace(net, individuals=3, watched=3)
    assert conditions.compare(three, 12, 1, watch=("x_trace",)).attrs["median_individual"] == 1
    lived.latency[:, 2] = [18.0, 2.0, 3.0]  # 27/10 then lies between the others
    assert conditions.compare(three, 12, 1, watch=("x_trace",)).attrs["median_individual"] == 0
    alone = ActorCritic(LinearTrack(), Pools(2, 2), critics=2, individuals=1, watched=0)
    with pytest.raises(Mistake, match="at least two individuals"):
        conditions.compare(alone, 2, 1)


def test_settings_reach_the_learners() -> None:
    config = conditions.Lives(tau_e=0.4, tau_lag=0.1, bound=0.7, eta_actor=0.03, eta_critic=0.004, tau_r=5.0,
                              gain=3.0, baseline=7.0, decay=0.2, noise=1.5, individuals=3)  # fmt: skip
    net = config.learners(LinearTrack(), Pools(2))
    assert (net.actor_rule.eta, net.critic_rule.eta) == (0.03, 0.004)
    for rule in (net.actor_rule, net.critic_rule):
        assert (rule.tau_e, rule.tau_lag, rule.bound) == (0.4, 0.1, 0.7)
    assert (net.dopamine.tau_r, net.dopamine.gain, net.dopamine.baseline) == (5.0, 3.0, 7.0)
    assert (net.decay, net.noise, net.individuals) == (0.2, 1.5, 3)


# hidden layers, curves, temporal


def test_moments_of_a_hidden_network_are_those_of_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    theory = HiddenLayer(3, 4, 2, 0.1)
    draw = np.random.default_rng(0)
    w1, w2, taught = (draw.normal(size=(4, 5, *shape)) for shape in ((3, 4), (4, 2), (3, 2)))
    asked: dict[str, Any] = {}

    def train(net: Any, ends: Any, seed: int, given: Any, **more: Any) -> xr.Dataset:
        asked.update(net=net, ends=ends, given=given, **more)
        return xr.Dataset({name: (("s", "i", f"{name}a", f"{name}b"), value) for name, value in (
            ("w1", w1), ("w2", w2), ("w_teacher", taught))})  # fmt: skip

    monkeypatch.setattr(hidden_layers, "train", train)
    (eps, alpha), first, trials = hidden_layers._follow(theory, NodePerturbation(), 5, 10, 3, 1, None, None)
    assert trials.tolist() == [1, 3, 6, 9] and asked["ends"] == [1, 3, 6, 9]
    assert asked["given"] == {"label_noise": 0.1} and asked["net"].individuals == 5
    assert asked["net"].task.teacher_scale == pytest.approx((2 / 5) ** 0.5)
    for one in range(5):
        off = [w1[s, one] @ w2[s, one] - taught[s, one] for s in range(4)]
        np.testing.assert_allclose(eps[one], [(wrong**2).mean() for wrong in off])
        np.testing.assert_allclose(alpha[one], [(w1[s, one] ** 2).sum() / 3 for s in range(4)])
        expected = [eps[one, 0], alpha[one, 0], (w2[0, one] ** 2).sum() / 2, np.mean(off[0] * taught[0, one])]
        np.testing.assert_allclose(first[one], expected)


def test_hidden_networks_stand_by_width_and_rule(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = hidden_layers.Config(
        widths=(5, 7),
        width_individuals=2,
        noise_individuals=3,
        segments=4,
        width_trials=8,
        noise_trials=12,
        width_rate=0.5,
        noise_rate=0.25,
    )
    asked = []

    def follow(
        theory: Any, rule: Any, many: int, trials: int, segments: int, seed: int, told: Any, folder: Any
    ) -> Any:
        asked.append(
            (theory.hidden, type(rule).__name__, rule.eta / theory.eta_star, trials, theory.label_noise)
        )
        told(1.0)
        level = len(asked) + np.arange(many)[:, None] + np.zeros(segments + 1)
        return (level, -level), 10 * level[:, :4], np.arange(segments + 1) * trials

    monkeypatch.setattr(hidden_layers, "_follow", follow)
    data = hidden_layers.simulate(config, 0, watch)
    assert [(one[0], one[1], one[3], one[4]) for one in asked] == [
        (5, "NodePerturbation", 8, 0.0), (7, "NodePerturbation", 8, 0.0),
        (200, "NodePerturbation", 12, 0.32), (200, "GradientDescent", 12, 0.32)]  # fmt: skip
    np.testing.assert_allclose([one[2] for one in asked], [0.5, 0.5, 0.25, 0.25])
    assert data["width_eps"].values[:, :, 0].tolist() == [[1, 2], [2, 3]]
    assert data["noise_alpha"].values[:, :, 0].tolist() == [[-3, -4, -5], [-4, -5, -6]]
    assert data["noise_start"].values[1, 0].tolist() == [40] * 4 and data["width_start"].values[1, 1, 0] == 30
    assert data["width_trial"].values[-1] == 32 and data["noise_trial"].values[-1] == 48
    assert watch.seen == pytest.approx([0.25, 0.5, 0.75, 1.0])
    for wrong in (
        {"width_rate": 0.0},
        {"noise_rate": 0.0},
        {"label_noise": -0.1},
        {"segments": 1},
        {"segments": 8},
    ):
        with pytest.raises(Mistake, match="hidden_layers"):
            hidden_layers.Config(**({"width_trials": 8} | wrong))  # type: ignore[arg-type]
    hidden_layers.Config(width_trials=8, segments=7, label_noise=0.0)


def test_parts_of_trainings_are_kept_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept: list[str] = []

    def train(net: Any, trials: Any, *rest: Any, **more: Any) -> xr.Dataset:
        kept.append(str(more["folder"].relative_to(tmp_path)))
        return exponential(30.0)(net, trials, 0)

    for module in (learning_curves, temporal):
        monkeypatch.setattr(module, "train", train)
    small = learning_curves.Config(individuals=2, sweep_individuals=2)
    learning_curves._curve(small, "np", 1, tmp_path, "frozen")
    learning_curves._reached(small, "wp", 3, 2, 1, tmp_path)
    temporal._curve(temporal.Config(individuals=2), "np", 10, 1, tmp_path)
    assert kept == ["curve-np-frozen", "sweep-wp-3-2", "curve-np-10"]
    theory = HiddenLayer(3, 4, 2)
    monkeypatch.setattr(hidden_layers, "train", lambda *_, folder, **__: kept.append(folder.name) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hidden_layers._follow(theory, NodePerturbation(), 2, 9, 3, 1, None, tmp_path / "own")
    monkeypatch.setattr(hidden_layers, "_follow", lambda *all_: kept.append(all_[-1].name) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hidden_layers.simulate(hidden_layers.Config(), 1, folder=tmp_path)
    assert kept[3:] == ["own", "width-50"]


def test_the_best_weights_are_the_teachers(told, monkeypatch: pytest.MonkeyPatch) -> None:
    """One trial begins with what a call of no trial says that the teacher's weights are."""
    taught = np.arange(24.0).reshape(3, 4, 2)
    network = told(lambda *_: {"w_teacher": taught}, RateNetwork)
    config = temporal.Config(outputs=2, effective=3, silent=1)
    seen: dict[str, Any] = {}

    def one_trial(net: Any, seed: int, given: Any) -> Any:
        seen.update(given)
        return SimpleNamespace(before=[given["w1"]], after=[given["w1"] + 0.5])

    monkeypatch.setattr(temporal, "one_trial", one_trial)
    net = temporal._network(config, "np", 8, 3, 3, 1, 0.1)
    np.testing.assert_allclose(temporal._from_the_best(net, 4, {"sigma": 0.3}), 0.5)
    ((_, given, seed, duration),) = network.calls
    assert duration == 0 and seed == 4 and given["sigma"] == seen["sigma"] == 0.3
    np.testing.assert_array_equal(seen["w1"], taught)
    assert seen["task_seed"] == given["task_seed"] and seen["individual"].tolist() == [0, 1, 2]


def exponential(tau: float) -> Any:
    """A training whose loss falls by e in ``tau`` trials from that of the teacher, each network its own."""

    def train(net: Any, trials: int, seed: int, given: Any = None, **more: Any) -> xr.Dataset:
        end = np.arange(1, trials // net.block + 1) * net.block
        taught = np.arange(1.0, net.individuals + 1)[None, :, None, None] * np.ones((2, 1, *net.sizes))
        start = (taught[-1] ** 2).sum(axis=(1, 2)) / 2
        loss = start[:, None] * np.exp(-(end - (net.block + 1) / 2) / tau)
        return xr.Dataset({"loss": (("individual", "block"), loss), "trial": ("block", end),
                           "w_teacher": (("segment", "individual", "in", "out"), taught)},
                          attrs={"given": given or {}, "eta": net.rule.eta, "block": net.block})  # fmt: skip

    return train


@pytest.mark.parametrize("rule", ["sgd", "np", "wp"])
def test_trials_to_criterion_are_those_of_the_curve(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = learning_curves.Config(sweep_individuals=6, criterion=0.2, fraction=0.5)
    theory = LinearOnline(rule, 4, 2)
    fold = -1 / math.log(theory.contraction(0.5 * theory.eta_opt))
    assert learning_curves._fold(config, rule, 4, 2) == pytest.approx(fold)
    seen: list[Any] = []

    def train(net: Any, trials: int, *rest: Any, **more: Any) -> xr.Dataset:
        seen.append((net, trials, rest))
        return exponential(fold)(net, trials, *rest, **more)

    monkeypatch.setattr(learning_curves, "train", train)
    time, error = learning_curves._reached(config, rule, 4, 2, 3, None)
    assert time == pytest.approx(fold * math.log(5)) and error == pytest.approx(0, abs=1e-9)
    ((net, trials, (_, given)),) = seen
    assert net.block == max(1, round(fold / 10)) and given == ({} if rule == "sgd" else {"sigma": 1e-4})
    assert net.rule.eta == pytest.approx(0.5 * theory.eta_opt) and net.individuals == 6
    # twice as long as theory says that it takes
    assert 0 <= trials - 2 * math.log(5) * fold < net.block


def test_a_curve_is_so_many_folds_long(monkeypatch: pytest.MonkeyPatch) -> None:
    config = learning_curves.Config(inputs=4, outputs=2, individuals=3, folds=8.0, points=16, label_noise=0.4)
    monkeypatch.setattr(learning_curves, "train", exponential(50.0))
    curve = learning_curves._curve(config, "np", 1, None)
    fold = learning_curves._fold(config, "np", 4, 2)
    assert curve.attrs["block"] == round(8 * fold / 16) and curve.sizes["block"] == 16
    assert curve.attrs["given"] == {"label_noise": 0.4}
    assert learning_curves._curve(config, "np", 1, None, "frozen").attrs["given"]["learning"] == 0
    assert learning_curves._curve(config, "np", 1, None, "shuffled").attrs["given"]["yoked"] == 1


def test_growth_is_what_a_step_makes_of_the_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of .5 along the distance to the teacher, and 1 across it: (1 - eta/2)**2 + (eta/d)**2."""
    config = learning_curves.Config(inputs=2, outputs=1, multiples=(1.0, 2.0), stability_updates=3)

    def one_trial(net: Any, seed: int, given: Any) -> Any:
        taught = np.tile([[2.0], [0.0]], (6, 1, 1))
        update = np.tile([[1.0], [1.0]], (6, 1, 1))
        eta = given["eta"][:, None, None]
        assert given["sigma"] == 1e-4 and net.individuals == 6 and net.block == 1
        return SimpleNamespace(
            update=[update], before=[0 * taught], after=[eta * update], arrays={"w_teacher": taught}
        )

    monkeypatch.setattr(learning_curves, "one_trial", one_trial)
    growth, along, square = learning_curves._growth(config, "np", 1)
    eta = LinearOnline("np", 2, 1).eta_opt * np.array([[1.0], [2.0]])
    np.testing.assert_allclose(growth, np.tile((1 - eta / 2) ** 2 + (eta / 2) ** 2, (1, 3)))
    np.testing.assert_allclose(along, 0.5)
    np.testing.assert_allclose(square, 0.5)


def test_curves_stand_by_rule_and_case(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = learning_curves.Config(inputs=4, outputs=2, sweep_outputs=(1, 2), sweep_inputs=(3, 4), points=5,
                                    individuals=3, multiples=(0.5, 1.0), stability_updates=2)  # fmt: skip
    monkeypatch.setattr(learning_curves, "train", exponential(40.0))
    monkeypatch.setattr(learning_curves, "_reached", lambda config, rule, n, m, *_: (100 * n + m, m / 10))
    monkeypatch.setattr(
        learning_curves,
        "_growth",
        lambda config, rule, seed: tuple(len(rule) + k + np.zeros((2, 2)) for k in range(3)),
    )
    data = learning_curves.simulate(config, 1, watch)
    cases = list(
        zip(*(data[f"case_{name}"].values.tolist() for name in ("rule", "inputs", "outputs")), strict=True)
    )
    # weight perturbation of 4 to 2 is asked for twice, and lived once
    assert sorted(cases) == sorted(
        [(rule, 4, m) for rule in learning_curves.RULES for m in (1, 2)] + [("wp", 3, 2)]
    )
    np.testing.assert_allclose(data["trials_to_criterion"], [100 * n + m for _, n, m in cases])
    np.testing.assert_allclose(data["trials_error"], [m / 10 for *_, m in cases])
    for k, name in enumerate(("growth", "along", "square")):
        np.testing.assert_allclose(
            data[name].values[:, 0, 0], [len(rule) + k for rule in learning_curves.RULES]
        )
    # teachers of weights 1, 2 and 3 in each of eight places
    np.testing.assert_allclose(data["start"], np.tile([8, 32, 72], (5, 1)))
    assert data["null"].shape == (2, 3, 5) and data["loss"].shape == (5, 3, 5)
    assert len(watch.seen) == 2 * 5 + 2 + len(cases) and watch.seen[-1] == pytest.approx(1)
    for wrong in ({"individuals": 1}, {"sweep_individuals": 1}, {"stability_updates": 1}, {"fraction": 0.0},
                  {"fraction": 2.0}, {"folds": 0.0}, {"criterion": 0.0}, {"criterion": 1.0}):  # fmt: skip
        with pytest.raises(Mistake, match="learning_curves"):
            learning_curves.Config(**wrong)  # type: ignore[arg-type]
    learning_curves.Config(individuals=2, sweep_individuals=2, stability_updates=2)


def test_what_a_trial_adds_to_the_best_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of the number of the individual in active weights, of 10 in silent ones."""
    config = temporal.Config(outputs=2, effective=3, silent=1, strength=2.0, updates=4, grid_sigma=(0.1, 0.2),
                             grid_unreachable=(0.0, 0.5, 1.0), grid_updates=4, bins=(8, 16))  # fmt: skip
    asked: list[Any] = []

    def from_the_best(net: Any, seed: int, values: Any = None) -> np.ndarray:
        asked.append((net, seed, values))
        step = np.full((net.individuals, 4, 2), 10.0)
        step[:, :3] = np.arange(net.individuals)[:, None, None]
        return step

    monkeypatch.setattr(temporal, "_from_the_best", from_the_best)
    loss, silent = temporal._one(config, "wp", 8, 3, 1)
    # six active weights, alpha**2 = 4, a half
    np.testing.assert_allclose(loss, 12 * np.arange(4) ** 2)
    np.testing.assert_allclose(silent, 100)
    theory = temporal.theory(config, "wp", 8, 3)
    net = asked[0][0]
    # a weight's perturbation that moves outputs as much as a node's of sigma
    assert theory.sigma == pytest.approx(0.5 / (2 * 3**0.5)) and net.rule.sigma == theory.sigma
    assert net.rule.eta == pytest.approx(theory.eta_opt) and net.task.n_inputs == 4 and net.individuals == 4
    assert temporal.theory(config, "np", 8, 3).sigma == 0.5
    grid = temporal._grid(config, 8, 1)
    np.testing.assert_allclose(grid, 12 * np.arange(24).reshape(2, 3, 4) ** 2)
    values = asked[1][2]
    assert values["sigma"].reshape(2, 3, 4)[:, 0, 0].tolist() == [0.1, 0.2]
    assert values["unreachable"].reshape(2, 3, 4)[0, :, 3].tolist() == [0, 0.5, 1]
    monkeypatch.setattr(temporal, "train", exponential(30.0))
    curve = temporal._curve(temporal.Config(curve_trials=95, points=30), "np", 10, 1, None)
    assert curve.attrs["block"] == 3 and curve.sizes["block"] == 30
    for wrong in (
        {"curve_trials": 29},
        {"strength": 0.0},
        {"sigma": 0.0},
        {"fraction": 0.0},
        {"unreachable": -0.1},
    ):
        with pytest.raises(Mistake, match="temporal"):
            temporal.Config(**wrong)  # type: ignore[arg-type]
    temporal.Config(curve_trials=30, unreachable=0.0)


def test_temporal_cases_are_every_length_and_number_once(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = temporal.Config(
        bins=(10, 20),
        effective=4,
        effective_sweep=(2,),
        bins_sweep=30,
        curve_bins=(10,),
        updates=3,
        individuals=2,
        grid_sigma=(0.1,),
        grid_unreachable=(0.0,),
        grid_updates=5,
        silent=2,
        strength=2.0,
    )
    monkeypatch.setattr(
        temporal, "_one", lambda config, rule, t, n, seed: (np.full(3, t + n / 10), np.full(3, n))
    )
    monkeypatch.setattr(temporal, "_grid", lambda config, t, seed: np.full((1, 1, 5), t))
    monkeypatch.setattr(temporal, "train", exponential(30.0))
    data = temporal.simulate(config, 1, watch)
    assert data["case_bins"].values.tolist() == [10, 10, 20, 20, 30, 30]
    assert data["case_effective"].values.tolist() == [4, 4, 4, 4, 2, 2]
    assert data["case_rule"].values.tolist() == ["np", "wp"] * 3 == data["curve_rule"].values.tolist() * 3
    np.testing.assert_allclose(data["added"].values[:, 0], data["case_bins"] + data["case_effective"] / 10)
    assert data["grid"].values[0, 0, :, 0].tolist() == [10, 20] and data["grid"].shape == (1, 1, 2, 5)
    # four active inputs to four outputs, alpha = 2: 16 w**2 4/2
    np.testing.assert_allclose(data["start"], np.tile([32, 128], (2, 1)))
    assert len(watch.seen) == 6 + 2 + 2 and watch.seen[-1] == pytest.approx(1)


# rules_compared


def test_a_first_guess_is_the_rate_of_a_step_as_long_as_its_mean() -> None:
    config = rules_compared.Config(inputs=10, outputs=5)
    guess = {rule: 1 / rules_compared.first_guess(config, rule) for rule in rules_compared.RULES}
    expected = {"sgd": 12, "nsgd": 1, "projection": 1, "hand": 7, "rewarded Hebb": 7 * 12}
    expected |= dict.fromkeys(("np", "np, antithetic", "np, one pass"), 7 * 12)
    expected |= dict.fromkeys(("wp", "wp, one pass"), 52 * 12)
    assert guess == pytest.approx(expected)
    grid = rules_compared.rates(config, "sgd")
    np.testing.assert_allclose(grid[[0, -1]] * 12, [1 / 64, 2])
    np.testing.assert_allclose(grid[1:] / grid[:-1], 128 ** (1 / 11))
    assert rules_compared.perturbations(config, "nsgd") == (0.01,)
    assert rules_compared.perturbations(config, "np") == (0.01, 0.1, 0.5)


def test_the_fastest_setting_is_taken_and_tested(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses fall by the rate's place + 1 in units of 1/40 a block, but not with the widest perturbation."""
    config = rules_compared.Config(
        rates=4, networks=3, trials=400, block=10, criteria=(0.5, 0.1), sigmas=(0.1, 0.2)
    )
    calls = []

    lengths = {}

    def live(
        config: Any, rule: str, eta: np.ndarray, sigma: Any, seed: int, trials: int | None = None
    ) -> np.ndarray:
        calls.append((rule, eta, sigma, seed))
        if trials:  # half of the fastest rate: down to a half after seven tenths of it
            lengths[rule] = trials
            np.testing.assert_allclose(eta, rules_compared.closed_form(config, rule).eta_opt / 2)
            fallen = 0.5 ** ((np.arange(trials // 10) + 0.5) * 10 / (0.7 * trials))
            return np.tile(fallen, (len(eta), 1))
        place = np.rint(np.log(eta / rules_compared.rates(config, rule)[0]) / np.log(128 ** (1 / 3)))
        fall = np.where(place == 3, 0.0, place + 1) * np.where(np.asarray(sigma) > 0.15, 1.0, 0.5)
        return np.exp(-fall[:, None] * (np.arange(40) + 0.5) / 40 * 2)

    monkeypatch.setattr(rules_compared, "live", live)
    data = rules_compared.simulate(config, 1, watch)
    perturbed = ~data["rule"].isin(["sgd", "nsgd"])
    assert (data["eta_place"] == 2).all() and data["sigma"].where(perturbed, 0.2).values.tolist() == [
        [0.2, 0.2]
    ] * 10
    np.testing.assert_allclose(
        data["eta"], [[rules_compared.rates(config, rule)[2]] * 2 for rule in rules_compared.RULES]
    )
    # three times 2/40 a block of ten trials, half of that with the smaller perturbation
    slope = np.where(perturbed, 6.0, 3.0) / 400
    for column, criterion in enumerate((0.5, 0.1)):
        time = np.log(1 / criterion) / slope
        np.testing.assert_allclose(
            data["samples"].values[:, column], np.repeat(time[:, None], 6, axis=1), rtol=1e-6
        )
    assert list(lengths) == data["closed"].values.tolist()
    for rule, trials in lengths.items():
        assert 0 <= trials - 2 * rules_compared.in_theory(config, rule) < 10
    np.testing.assert_allclose(data["of_mean"], 0.7 * np.array(list(lengths.values())), rtol=1e-6)
    np.testing.assert_allclose(data["of_mean_error"], 0, atol=1e-9)
    assert data["reached"].all() and data["end"].shape == (10, 2, 6)
    np.testing.assert_allclose(data["curve"].values[:, 0, 0], np.exp(-slope * 5))
    late = np.exp(-slope[:, None] * np.array([365, 375, 385, 395])).mean(axis=1)
    np.testing.assert_allclose(data["end"].values[:, 0, 0], late)
    assert data["trial"].values[[0, -1]].tolist() == [5, 395] and watch.seen[-1] == pytest.approx(1)
    assert len({seed for *_, seed in calls}) == 3 and len(calls) == 2 * 2 + 8 * 3 + 6


def test_losses_are_in_units_of_those_of_silence(told) -> None:
    """A silent student's loss is half of the squared weights of its teacher: 6, 24 or 54 over 2."""
    config = rules_compared.Config(
        inputs=3, outputs=2, rates=3, networks=2, trials=20, block=10, criteria=(0.1, 0.2)
    )
    size = np.resize([1.0, 2.0, 3.0], 6)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        return {
            "loss_noiseless": np.stack([size**2, size**2 / 4]),
            "w_teacher": np.ones((6, 3, 2)) * size[:, None, None],
        }

    network = told(answer, RateNetwork)
    for rule in rules_compared.RULES:
        level = rules_compared.live(config, rule, np.full(6, 0.1), 0.2, 3)
        np.testing.assert_allclose(level, np.tile([1 / 3, 1 / 12], (6, 1)))
    for rule, (net, given, _, duration) in zip(rules_compared.RULES, network.calls, strict=True):
        assert duration == 20 and net.block == 10 and net.individuals == 6 and given["label_noise"] == 0.2
        # answers of variance 1
        assert given["teacher_scale"] == pytest.approx(3**-0.5)
        assert ("sigma" in given) == (rule not in ("sgd", "nsgd")) and given["eta"].tolist() == [0.1] * 6
    assert len({given["task_seed"] for _, given, *_ in network.calls}) == 1


# teams and agents


def test_structures_are_every_team_of_powers() -> None:
    config = team_votes.Config(fan=3, levels=2, group=3)
    assert team_votes._structures(config) == [(1, 3), (1, 9), (3, 1), (3, 3), (9, 1)]


def test_a_vote_moves_by_its_deviation_at_a_rate_of_one() -> None:
    """n/4 K eta (E U)/n = sqrt(n)/2 times the rate."""
    config = team_votes.Config(inputs=7)
    team = Committees(3, 9)
    eta = team_votes._eta(config, team, "one", 0.4)
    assert 9 / 4 * 7 * eta * team.gain("one") / 9 == pytest.approx(0.4 * 9**0.5 / 2 / 9 * 9)


def test_teams_live_by_their_signal_and_rate(told, watch) -> None:
    config = team_votes.Config(
        fan=3,
        levels=1,
        group=3,
        inputs=5,
        patterns=2,
        trials=6,
        rates=(0.2, 0.4),
        individuals=4,
        few=3,
        many=5,
        vote_rates=(0.1, 0.3, 0.5),
        choosing=1,
        judging=2,
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        lot = given["eta"] + 100 * given["individual"] + 10_000 * np.asarray(given.get("yoked", 0))
        return {"right": np.stack([-lot, -lot, lot])}

    network = told(answer, TeamNetwork)
    data = team_votes.simulate(config, 1, watch)
    assert data["committees"].values.tolist() == [1, 3] and data["members"].values.tolist() == [3, 1]
    for place, (c, n) in enumerate(((1, 3), (3, 1))):
        for signal in team_votes.SIGNALS:
            for rate in (0.2, 0.4):
                eta = rate * 2 * n**0.5 / (5 * Committees(c, n).gain(signal))  # type: ignore[arg-type]
                cell = data["right"].isel(structure=place).sel(signal=signal, rate=rate)
                np.testing.assert_allclose(cell, eta + 100 * np.arange(4))
    eta = 0.3 * 2 * 5**0.5 / (5 * Committees(1, 5).gain("one"))
    np.testing.assert_allclose(
        data["vote"].sel(neurons=5, vote_signal="one", vote_rate=0.3), eta + 100 * np.arange(3)
    )
    np.testing.assert_allclose(data["yoked"].sel(neurons=5), eta + 100 * np.arange(3) + 10_000)
    (_, first, *_), (_, second, *_), (three, third, *_), _ = network.calls
    assert (first["committee"], first["team"], first["group"]) == (1, 1, 1) and (second["committee"]) == 0
    assert three.fans == (3,) and third["yoked"].tolist() == [0] * 27 + [1] * 3 and three.block == 2
    assert len(watch.seen) == 4 and watch.seen[-1] == pytest.approx(1)
    groups = first["grouped"].reshape(len(team_votes.SIGNALS), 2, 4)
    assert groups[:, 0, 0].tolist() == [float(signal == "groups") for signal in team_votes.SIGNALS]


@pytest.mark.parametrize(
    "settings",
    [
        {"fan": 4},
        {"fan": 1},
        {"few": 20},
        {"many": 500},
        {"levels": 0},
        {"group": 5},
        {"group": 243},
        {"trials": 901},
        {"trials": 0},
        {"individuals": 3},
        {"choosing": 0},
        {"judging": 1},
        {"rates": ()},
        {"rates": (0.0,)},
        {"vote_rates": (math.inf,)},
    ],
    ids=str,
)
def test_teams_that_cannot_vote_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="team_votes"):
        team_votes.Config(**settings)
    team_votes.Config(trials=3, individuals=4, choosing=1, judging=2, levels=1, group=3)


SMALL = learned_broadcast.Config(
    levels=2, group=3, inputs=3, patterns=2, trials=6, tasks=2, searches=2, generations=3, population=4,
    fixed_rates=5, held_out=2, rate=(0.01, 1.0),
)  # fmt: skip


def test_a_signal_is_learned_and_lived_elsewhere(told, watch) -> None:
    """Right by how near the rate is to .1: the best of five rates, from .01 to 1, is it."""

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        level = 1 - abs(math.log10(given["eta"] / 0.1)) / 10 - 0.5 * given.get("yoked", 0)
        lot = level + 100.0 * given["committee"] + net.individuals
        return {"right": np.stack([0 * lot, 0 * lot, lot])}

    network = told(answer, TeamNetwork)
    data = learned_broadcast.simulate(SMALL, 1, watch)
    np.testing.assert_allclose(data["fixed_rate"], 0.1)
    np.testing.assert_allclose(data["members"], [[1, 3, 9, np.nan], [1, 3, 9, 27]])
    assert data["neurons"].values.tolist() == [9, 27]
    # two lives of each kind: six individuals of nine neurons, eight of 27
    expected = np.array([[7, 107, 207, np.nan], [9, 109, 209, 309]])
    np.testing.assert_allclose(data["fixed"].mean(("signal", "life")), expected)
    np.testing.assert_allclose(data["fixed"].std("life").where(data["members"] > 0, 0), 0, atol=1e-9)
    first = data["coefficient"].sel(name="eta").values[0]
    level = 1 - abs(math.log10(first / 0.1)) / 10
    np.testing.assert_allclose(data["learned"].isel(search=0, life=0), expected - 1 + level)
    np.testing.assert_allclose(data["yoked"].isel(life=0), expected - 1.5 + level)
    assert data["path"].shape == (2, 3, 6)
    np.testing.assert_allclose(data["coefficient"], data["path"].isel(generation=-1))
    assert len(watch.seen) == 2 * 2 + len(team_votes.SIGNALS) + 1 and watch.seen[-1] == pytest.approx(1)
    net, given, *_ = network.calls[0]
    assert net.block == 2 and given["committee"].tolist() == [0, 0, 1, 1, 2, 2] and given["group"] == 1


def test_a_gate_that_may_not_shut_is_not_searched() -> None:
    gated, open_ = (learned_broadcast.search(SMALL, gated, 1, 0) for gated in (True, False))
    assert set(gated.space.names) - set(open_.space.names) == {"threshold"}
    assert gated.seed != open_.seed != learned_broadcast.search(SMALL, False, 1, 1).seed
    score = learned_broadcast.Score(SMALL)
    assert learned_broadcast.kinds(SMALL, 3) == [1, 3, 9, 27] and score.config is SMALL


@pytest.mark.parametrize(
    "settings",
    [{"fan": 4}, {"fan": 1}, {"levels": 1}, {"group": 2}, {"group": 81}, {"trials": 451}, {"searches": 1},
     {"generations": 1}, {"population": 1}, {"held_out": 1}, {"rate": (0.0, 1.0)}, {"rate": (0.2, 0.2)},
     {"rate": (0.1, math.inf)}, {"fixed_rates": 1}],
    ids=str,
)  # fmt: skip
def test_searches_of_a_signal_that_cannot_be_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="learned_broadcast"):
        learned_broadcast.Config(**settings)


def test_agents_learn_under_their_arm(told, watch) -> None:
    config = coagents.Config(widths=(2, 3), rates=(0.1, 0.3), individuals=2, trials=8, block=4, updates=5)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        if outputs == ["w"]:  # a step of the number of the individual, twice that of the difference
            step = np.arange(net.individuals)[:, None, None] * (1 + given["difference"])
            return {"w": given["w"] + step}
        lot = given["eta"] + 10 * given["eta_hidden"] + 100 * given["difference"] + 1000 * given["yoked"]
        return {"right": np.stack([lot, lot + 0.5])}

    network = told(answer, Coagents)
    data = coagents.simulate(config, 1, watch)
    for rate in (0.1, 0.3):
        arms = {"one": 11 * rate, "difference": 11 * rate + 100, "frozen": rate, "yoked": 11 * rate + 6000}
        for arm, level in arms.items():
            cell = data["right"].sel(rate=rate, arm=arm)
            np.testing.assert_allclose(cell, level + np.tile([0, 0.5], (2, 2, 1)))
    # steps 0 to 4: mean 2, variance 2.5; of the difference twice and four times that
    np.testing.assert_allclose(data["update"], np.repeat([[2.0], [4.0]], data.sizes["weight"], axis=1))
    np.testing.assert_allclose(data["variance"].values[:, 0], [2.5, 10])
    np.testing.assert_allclose(data["update_error"].values[:, 0], [0.5**0.5, 2**0.5])
    assert data["block"].values.tolist() == [2, 6] and watch.seen == pytest.approx([1 / 3, 2 / 3, 1])
    assert np.abs(data["exact"]).max() > 1e-3 and data.sizes["weight"] == 8
    (_, one, *_), (_, two, *_), (net, lived, *_), _ = network.calls
    np.testing.assert_array_equal(one["w"], two["w"])
    assert net.hidden == 2 and net.individuals == 16 and (one["eta_hidden"], one["eta"]) == (1.0, 0.0)
    # all arms and rates begin with the same weights, drawn with a deviation of a half
    starts = lived["w"].reshape(8, 2, -1)
    np.testing.assert_array_equal(starts, np.tile(starts[:1], (8, 1, 1)))
    w, v = coagents._weights(2000, 4, 2, 1)
    assert abs(z_score(w.ravel() ** 2, 0.25)) < 5 and abs(z_score(v.ravel() ** 2, 0.25)) < 5
    for wrong in ({"trials": 7}, {"individuals": 1}, {"widths": ()}, {"rates": ()}):
        with pytest.raises(Mistake, match="coagents"):
            coagents.Config(**({"block": 4, "trials": 8} | wrong))  # type: ignore[arg-type]
