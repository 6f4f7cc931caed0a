"""What experiments on shared and on dopamine signals make of their networks: shared_signals, team_volume,
learning_teams, learned_asymmetries, learned_discounts, recorded_dopamine with recorded_cells,
value_distribution and inferred_rules, and the units of results (labelling). Networks answer with numbers
whose statistics are known."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.responses.dopamine_population import Population
from hedon.analysis.responses.reward_trials import CellTrials
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.linear_online import LinearOnline
from hedon.analysis.theory.volume import shared_with
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.conditioning.network import Conditioning
from hedon.models.experiments import (
    inferred_rules,
    learned_asymmetries,
    learned_discounts,
    learning_teams,
    recorded_cells,
    recorded_dopamine,
    shared_signals,
    team_volume,
    value_distribution,
)
from hedon.models.experiments.labelling import with_units
from hedon.models.predictors.network import PredictingNeurons
from hedon.models.tasks.conditioning import SIZES
from hedon.models.team.network import TeamNetwork
from hedon.models.values.network import ValuePopulation
from hedon.plasticity.inference.coefficients import Chart

WORTHS = (np.array(SIZES) / 20) ** 0.7


def test_units_are_those_named_and_one_for_the_rest() -> None:
    data = with_units(xr.Dataset({"a": ("x", [1.0]), "b": ("x", [2.0])}), b="Hz")
    assert [data[name].attrs["units"] for name in "ab"] == ["1", "Hz"]
    with pytest.raises(KeyError, match=r"not there: \['c'\]"):
        with_units(data, c="s")


# shared_signals


def test_a_shared_signal_is_as_noisy_as_many_tries(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates of mean 1 and variance G**2, each of G neurons: signal-to-noise 1/G, without error."""
    config = shared_signals.Config(fan=3, levels=2, samples=90)
    seen = []

    def measured(config: Any, level: np.ndarray, seed: int, kind: str = "firing") -> tuple[np.ndarray, ...]:
        seen.append((kind, np.bincount(level)))
        neurons, spread = np.full(len(level), 9.0), 3.0**level
        return neurons * (1 + (kind == "yoked")), neurons * (1 + spread**2), neurons

    monkeypatch.setattr(shared_signals, "_graded", measured)
    monkeypatch.setattr(shared_signals, "_firing", measured)
    monkeypatch.setattr(shared_signals, "_reached", lambda config, rule, outputs, *_: (outputs, 0.5))
    data = shared_signals.simulate(config, 1, watch)
    assert data["neurons"].values.tolist() == [3, 9] and data["kind"].values.tolist() == [
        "rate",
        "firing",
        "yoked",
    ]
    for kind in ("rate", "firing"):
        np.testing.assert_allclose(data["snr"].sel(kind=kind), [[1 / 3, 1 / 9], [1 / 3, 1 / 3], [1, 1]])
        np.testing.assert_allclose(data["along"].sel(kind=kind), 1)
        np.testing.assert_allclose(data["snr_error"].sel(kind=kind), 0, atol=1e-12)
    np.testing.assert_allclose(data["along"].sel(kind="yoked"), 2)
    # of each signal and N as many samples: teams that share with fewer are fewer, but 20 at least
    assert all(count.tolist() == [40, 30 * 3, 90] for _, count in seen) and [k for k, _ in seen] == [
        "rate", "firing", "yoked"]  # fmt: skip
    assert watch.seen[-1] == pytest.approx(1) and len(watch.seen) == 3 + len(shared_signals._cases(config))
    assert data["trials_to_criterion"].values.tolist() == data["case_outputs"].values.tolist()


def test_the_error_of_a_ratio_is_that_of_its_mean() -> None:
    """Means of deviation .5 over 400 individuals, noise of 10: the ratio is 1/10 within .5/10/20."""
    draw = np.random.default_rng(0)
    along = 1 + 0.5 * draw.normal(size=400)
    ratio, error, mean = shared_signals._ratio(along, np.full(400, 101.0), np.ones(400), 1)
    assert mean == along.mean() and ratio == pytest.approx(along.mean() / (101 - along.mean() ** 2) ** 0.5)
    assert error == pytest.approx(0.5 / 10 / 20, rel=0.2)
    ones = np.ones(30)
    assert math.isnan(shared_signals._ratio(ones, ones, ones, 1)[0])
    # sums over unequal groups: 2 of length 1 beside 1 of length 3 are 5/4 on average
    assert shared_signals._ratio(np.array([2.0, 3.0]), np.array([9.0, 9]), np.array([1.0, 3]), 1)[2] == 1.25


def test_updates_are_summed_over_outputs(told, monkeypatch: pytest.MonkeyPatch) -> None:
    config, level = shared_signals.Config(fan=2, levels=2), np.array([0, 1, 2, 2])
    draw = np.random.default_rng(3)
    update, gradient = draw.normal(size=(2, 4, 4))
    given: dict[str, Any] = {}

    def one_trial(net: Any, seed: int, parameters: dict[str, Any]) -> Any:
        given.update(parameters, net=net)
        return SimpleNamespace(update=[update[:, None]], arrays={"w_teacher": gradient[:, None]})

    monkeypatch.setattr(shared_signals, "one_trial", one_trial)
    sums = [(gradient * update).sum(axis=1), (update**2).sum(axis=1), (gradient**2).sum(axis=1)]
    np.testing.assert_allclose(shared_signals._graded(config, level, 1, "yoked"), sums)
    assert given["yoked"] == 1 and given["hears"] is level
    assert given["net"].sharing == (2, 2) and given["net"].individuals == 4 and given["net"].task.outputs == 4
    assert given["net"].rule.sigma == 1e-4 and given["net"].initial_scale == 0
    shared_signals._graded(config, level, 1, "rate")
    assert given["yoked"] == 0
    # of neurons that fire or not: their reward goes as half of their answer
    network = told(
        lambda *_: {"modulator": update, "score": 2 * np.ones((4, 4)), "answer": 2 * gradient}, TeamNetwork
    )
    found = shared_signals._firing(config, level, 1)
    np.testing.assert_allclose(found, [2 * sums[0], 4 * sums[1], sums[2]])
    ((net, arguments, _, duration),) = network.calls
    assert net.fans == (2, 2) and duration == 1 and arguments["team"] is level and arguments["committee"] == 0
    assert net.inputs == net.patterns == net.block == 1


def test_a_criterion_is_reached_where_the_loss_crosses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses that fall by e in 40 trials are down to a tenth after 40 log 10, whoever is drawn again."""
    config = shared_signals.Config(teams=(1, 2, 6), inputs=4, individuals=5)
    asked: dict[str, Any] = {}

    def train(net: Any, trials: int, seed: int, heard: Any, keep: Any, folder: Any) -> xr.Dataset:
        asked.update(net=net, trials=trials, heard=heard, folder=folder)
        end = np.arange(1, trials // net.block + 1) * net.block
        taught = np.arange(1, net.individuals + 1)[None, :, None, None] * np.ones((2, 1, 4, 6))
        start = (taught[-1] ** 2).sum(axis=(1, 2)) / 2
        loss = start[:, None] * np.exp(-(end - (net.block + 1) / 2) / 40)
        return xr.Dataset({"loss": (("individual", "block"), loss), "trial": ("block", end),
                           "w_teacher": (("segment", "individual", "in", "out"), taught)})  # fmt: skip

    monkeypatch.setattr(shared_signals, "train", train)
    time, error = shared_signals._reached(config, "np", 2, 4, 1, None)
    assert time == pytest.approx(40 * math.log(10)) and error == pytest.approx(0, abs=1e-9)
    net, theory = asked["net"], LinearOnline("np", 4, 2)
    assert net.sharing == (2, 3) and asked["heard"] == {"hears": 1} and net.individuals == 5
    assert net.rule.eta == pytest.approx(theory.eta_opt) and asked["folder"] is None
    fold = -1 / math.log(theory.contraction(theory.eta_opt))
    shortest = LinearOnline("np", 4, 1)
    # a block is a tenth of the e-fold of the smallest team, so that its life has blocks enough too; a life is
    # three times what theory says
    assert net.block == max(1, round(-0.1 / math.log(shortest.contraction(shortest.eta_opt))))
    assert 0 <= asked["trials"] - 3 * math.log(10) * fold < net.block and asked["trials"] % net.block == 0
    shared_signals._reached(config, "sgd", 6, 4, 1, None)
    assert asked["net"].individuals == 50 and asked["net"].sharing == () and asked["heard"] == {}
    assert asked["net"].rule.eta == pytest.approx(LinearOnline("sgd", 4, 6).eta_opt)


def test_every_case_is_asked_once() -> None:
    config = shared_signals.Config(teams=(1, 4), inputs=5, more_inputs=9)
    assert sorted(shared_signals._cases(config)) == sorted(
        [(rule, m, 5) for rule in ("np", "wp") for m in (1, 4)]
        + [(rule, 4, 9) for rule in ("np", "wp", "sgd")] + [("sgd", 4, 5), ("projection", 4, 5)]
    )  # fmt: skip
    assert [shared_signals.sharing(one, 64, 4) for one in shared_signals.SIGNALS] == [64, 4, 1]


@pytest.mark.parametrize(
    ("module", "settings", "words"),
    [
        (shared_signals, {"fan": 1}, "must be 2 or more"),
        (shared_signals, {"levels": 1}, "must be 2 or more"),
        (shared_signals, {"individuals": 1}, "must be 2 or more"),
        (shared_signals, {"samples": 1}, "must be 2 or more"),
        (shared_signals, {"criterion": 0.0}, r"criterion must be in \(0, 1\), not 0"),
        (shared_signals, {"criterion": 1.0}, r"criterion must be in \(0, 1\), not 1"),
        (shared_signals, {"teams": ()}, "teams must nest"),
        (shared_signals, {"teams": (2, 4)}, "teams must nest, from 1 on"),
        (shared_signals, {"teams": (1, 4, 4)}, "teams must nest"),
        (shared_signals, {"teams": (1, 4, 6)}, "teams must nest"),
        (team_volume, {"fan": 1}, "must be 2 or more"),
        (team_volume, {"levels": 1}, "must be 2 or more"),
        (team_volume, {"individuals": 1}, "must be 2 or more"),
        (team_volume, {"anatomies": 1}, "must be 2 or more"),
        (team_volume, {"trials": 301}, r"trials \(301\) must be a multiple of 3"),
        (learning_teams, {"neurons": 1}, "must be 2 or more"),
        (learning_teams, {"teams": 1}, "must be 2 or more"),
        (learning_teams, {"alone": 1}, "must be 2 or more"),
        (learning_teams, {"early": 0}, "early must be 1 to trials"),
        (learning_teams, {"early": 201}, "early must be 1 to trials"),
        (learning_teams, {"rates": ()}, "must be given"),
        (learned_discounts, {"individuals": 1}, "2 individuals"),
        (learned_discounts, {"delay": 1}, "a delay of 2"),
        (learned_asymmetries, {"individuals": 1}, "2 individuals"),
        (learned_asymmetries, {"neurons": 2}, "3 neurons"),
        (learned_asymmetries, {"segments": 0}, "1 segment"),
        (inferred_rules, {"subjects": 2}, "three of each"),
        (inferred_rules, {"generations": 2}, "three of each"),
        (inferred_rules, {"population": 2}, "three of each"),
        (inferred_rules, {"copies": 2}, "three of each"),
        (inferred_rules, {"again": 2}, "three of each"),
    ],
)
def test_settings_that_make_no_measurement_are_refused(module: Any, settings: Any, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        module.Config(**settings)


def test_the_least_settings_are_taken() -> None:
    shared_signals.Config(fan=2, levels=2, individuals=2, samples=2, teams=(1,), criterion=1e-3)
    assert team_volume.Config(fan=2, levels=2, individuals=2, anatomies=2, trials=3).neurons == 4
    learned_asymmetries.Config(individuals=2, neurons=3, segments=1)
    inferred_rules.Config(subjects=3, generations=3, population=3, copies=3, again=3)


# team_volume


def test_noise_of_a_volume_is_that_of_as_many_as_are_heard(told, watch) -> None:
    """Updates 1 +- sqrt(G - 1): the noise over what G says is 1, and 1/SNR**2 the mean of G - 1."""
    small = {"fan": 3, "levels": 2, "anatomies": 6, "updates": 4, "individuals": 2, "patterns": 2}
    config = team_volume.Config(**small, lengths=(0.4, 0.9), varicosities=(1, 2), trials=9, inputs=5)
    flips = iter(range(10**6))

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        if outputs == ["right"]:
            lot = np.broadcast_to(given["eta"], net.individuals) + given["individual"]
            return {"right": np.stack([0 * lot - 1, 0 * lot - 2, lot])}
        extra = np.sqrt(shared_with(given["reach"].swapaxes(1, 2)) - 1)
        update = 1 + (-1) ** next(flips) * extra
        sign = np.where(np.arange(net.neurons) % 2, 1.0, -1.0)
        return {"modulator": update / 2, "score": 0 * update + sign, "answer": 0 * update + sign}

    network = told(answer, TeamNetwork)
    data = team_volume.simulate(config, 2, watch)
    np.testing.assert_allclose(data["noise"], 1)
    np.testing.assert_allclose(data["noise_error"], 0, atol=1e-9)
    sharing = data["sharing"].values
    np.testing.assert_allclose(data["snr"], (sharing - 1) ** -0.5)
    assert (sharing[:, 1] > sharing[:, 0]).all() and sharing.max() < 9
    # all nine alike would be G - 1 = 8 for every neuron, whose own G is less
    assert (data["noise_broadcast"].values > 8 / (sharing - 1)).all()
    # 24 updates of 9 neurons of half the weight each way: what the bootstrap draws changes the mean little
    assert (data["snr_error"] > 0).all() and (data["snr_error"] < 0.5 * data["snr"]).all()
    assert data["sharing_learning"].shape == (2, 2)
    who = np.arange(2)
    np.testing.assert_allclose(data["right"], 0.5 / 5 / data["sharing_learning"].values[..., None] + who)
    np.testing.assert_allclose(data["right_groups"], 0.5 / 5 / np.array([[1], [3], [9]]) + who)
    assert data["group"].values.tolist() == [1, 3, 9] and watch.seen[-1] == pytest.approx(1)
    lives = [(net, given) for net, given, _, duration in network.calls if duration == 9]
    assert [net.block for net, _ in lives] == [3] * 3 and len(network.calls) == 2 * 4 + 3
    np.testing.assert_array_equal(lives[-1][1]["team"], [0, 0, 1, 1, 2, 2])
    assert [net.volume for net, _ in lives] == [True, True, False]
    seeds = [seed for _, _, seed, _ in network.calls]
    assert len(set(seeds)) == len(seeds)


def test_each_neuron_hears_itself_as_one() -> None:
    config = team_volume.Config(fan=2, levels=2)
    heard = team_volume._heard(config, 2, 0.1, 3, np.random.default_rng(0))
    assert heard.shape == (3, 4, 4)
    np.testing.assert_allclose(np.diagonal(heard, axis1=1, axis2=2), 1)
    assert not np.allclose(heard[0], heard[1]) and (heard > 0).all()
    # rows are targets: what one hears of another is not what the other hears of it
    assert not np.allclose(heard, heard.swapaxes(1, 2))


def test_mean_over_deviation_and_mean_of_what_is_known() -> None:
    assert (
        team_volume._ratio(np.array([1.0, 3.0])) == 2 and team_volume._mean(np.array([1.0, np.nan, 3.0])) == 2
    )


# learning_teams


def test_worlds_differ_in_who_learns_and_what_is_heard(told, watch) -> None:
    """Each neuron's logit is its team's rate and alpha, and 1 more where it is the first."""
    config = learning_teams.Config(
        neurons=3, rates=(0.2, 0.4), alphas=(0.5, 1.0), trials=7, early=2, teams=2, alone=3
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        logit = (
            (given["eta"] + 10 * given["alpha"])[:, None]
            + [1, 0, 0]
            + np.arange(net.individuals)[:, None] % 2
        )
        side = np.where(np.arange(3) == 1, -1.0, 1.0) * np.ones_like(logit)
        shown = np.full((net.individuals, 1), -1.0)
        return {"w": (side * shown * logit)[:, None], "x": shown, "answer": side,
                "modulator": duration + given["eta"][:, None] * [1, 5, 5]}  # fmt: skip

    network = told(answer, TeamNetwork)
    data = learning_teams.simulate(config, 1, watch)
    assert [duration for *_, duration in network.calls] == [2, 7] and watch.seen[-1] == pytest.approx(1)
    net, given, seed, _ = network.calls[0]
    assert seed != network.calls[1][2] and (net.fans, net.inputs, net.patterns) == ((3,), 1, 1)
    learns = given["learning"].reshape(4, 7, 3)
    assert (learns[:, :4] == 1).all() and (learns[:, 4:] == [1, 0, 0]).all() and given["committee"] == 0
    # a yoked team hears the one two places before, which learns
    np.testing.assert_array_equal(given["yoked"].reshape(4, 7), np.tile([0, 0, 2, 2, 0, 0, 0], (4, 1)))
    lone = data.sel(world="frozen", alpha=0.5, rate=0.4)
    # first neurons of the teams 11, 12 and 13
    right = 1 / (1 + np.exp(-(6.4 + np.array([1, 0, 1]))))
    np.testing.assert_allclose(lone["right"], right.mean())
    np.testing.assert_allclose(lone["right_error"], right.std(ddof=1) / 3**0.5)
    np.testing.assert_allclose(data["heard"], np.broadcast_to([2.2, 2.4], (3, 2, 2)))
    np.testing.assert_allclose(data["heard_error"], 0, atol=1e-12)


# learned_asymmetries


def test_one_size_is_worth_what_it_is_on_average() -> None:
    out = learned_asymmetries.outcomes(0.1).reshape(7, 101)
    np.testing.assert_allclose(out.mean(axis=1), WORTHS)
    # 101 quantiles of a normal: the deviation is a hundredth too small
    np.testing.assert_allclose(out.std(axis=1), 0.1, rtol=0.015)
    np.testing.assert_allclose(
        learned_asymmetries.outcomes(0.0).reshape(7, 101), np.repeat(WORTHS[:, None], 101, 1)
    )


def test_kinds_of_populations_differ_in_what_they_are_told() -> None:
    config = learned_asymmetries.Config(individuals=2, neurons=4000, rate=0.6)
    baselines = learned_asymmetries._baselines(config, 1)
    floor = learned_asymmetries.ARMS.index("floor")
    assert (np.delete(baselines, floor, axis=0) == 6.5).all()
    assert abs(z_score(baselines[floor], 6.5)) < 5 and baselines[floor].std() == pytest.approx(3.7, rel=0.1)
    given = {name: np.asarray(value) for name, value in learned_asymmetries._given(config, baselines).items()}
    assert given["baseline"].shape == (14, 4000)
    arms = {arm: 2 * k for k, arm in enumerate(learned_asymmetries.ARMS)}
    for arm, rate, hears in (
        ("alone", 0.6, "own"), ("own part", 0.6, "difference"), ("own part, yoked", 0.6, "difference"),
        ("broadcast", 0.6 / 4000, "one"), ("broadcast, yoked", 0.6 / 4000, "one"),
        ("floor", 0, None), ("given", 0, None),
    ):  # fmt: skip
        for k in (arms[arm], arms[arm] + 1):
            assert given["rate"][k] == pytest.approx(rate)
            assert [name for name in ("own", "one", "difference") if given[name][k]] == (
                [hears] if hears else []
            )
    assert (given["gain"], given["discount"], given["trace"], given["alpha"]) == (12.0, 0.9, 0.0, 0.01)
    heard = {
        arm: learned_asymmetries.ARMS[learned_asymmetries._heard(arm)] for arm in learned_asymmetries.ARMS
    }
    assert heard.pop("own part, yoked") == "own part" and heard.pop("broadcast, yoked") == "broadcast"
    assert all(arm == other for arm, other in heard.items())


def test_rewards_scatter_about_the_worth_of_their_size() -> None:
    config = learned_asymmetries.Config(varies=0.1)
    world, sizes = learned_asymmetries._worlds(config, 5, 3)
    met, chosen = world(800, 2), sizes(800, 2)
    assert chosen.shape == (800, 5) and np.bincount(chosen.ravel(), minlength=7).min() > 4000 / 7 - 5 * 22
    assert (met.cue == 0).all() and (met.delay == 1).all()
    away = (met.worth - WORTHS[chosen]).ravel()
    assert abs(z_score(away, 0.0)) < 5 and abs(z_score(away**2, 0.01)) < 5
    assert not np.array_equal(sizes(800, 2), sizes(800, 3))


def test_values_rest_where_theory_says() -> None:
    """Two equally likely outcomes: alone at the mean; given a, at the expectile a; own parts spread them."""
    out, baselines = np.array([0.0, 1.0]), np.full((7, 3), 6.5)
    baselines[5] = 1e-3
    values, slants = learned_asymmetries._rest(out, 3, baselines)
    rows = dict(zip(learned_asymmetries.ARMS, zip(values, slants, strict=True), strict=True))
    np.testing.assert_allclose(rows["alone"], 0.5)
    np.testing.assert_allclose(rows["own part, yoked"], 0.5)
    np.testing.assert_allclose(rows["given"], [[0.1, 0.5, 0.9]] * 2)
    # quantiles at 1/6, 1/2 and 5/6 of the line between the two, whose asymmetries these are
    for arm in ("own part", "broadcast"):
        np.testing.assert_allclose(rows[arm], [[1 / 6, 1 / 2, 5 / 6]] * 2, atol=1e-9)
    # a neuron that can hardly fire less learns from bursts alone, to the largest reward
    assert (rows["floor"][0] > 0.99).all() and (rows["floor"][1] == 0.5).all()
    far = learned_asymmetries._rest(np.array([0.0] * 200 + [1.0]), 3, np.full((7, 3), 6.5))[1]
    assert far.min() == pytest.approx(1 / (1 + math.exp(4)))


def test_what_populations_know_stands_under_their_kind(told, watch) -> None:
    """Values are the number of the call + the number of the population/100 + the neuron/10000."""
    config = learned_asymmetries.Config(
        individuals=2, neurons=3, segments=2, trials=8, reading=12, session=70
    )
    count = iter(range(1, 100))

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who, neuron = np.ogrid[: net.individuals, : net.neurons]
        value = next(count) + who / 100 + neuron / 10000
        spikes = (
            np.random.default_rng(0).poisson(3, (net.trials, net.individuals * net.neurons)).astype(float)
        )
        return {"V": value[:, None], "V_total": (duration * value)[:, None], "at_cue": spikes,
                "at_reward": spikes, "theta": given["theta"] + given["rate"][:, None]}  # fmt: skip

    network = told(answer, PredictingNeurons)
    data = learned_asymmetries.simulate(config, 3, watch)
    # two parts of learning, then values are read in the fourth call: after a quarter as many trials
    expected = 4 + np.arange(14).reshape(7, 2, 1) / 100 + np.arange(3) / 10000
    np.testing.assert_allclose(data["value"], expected)
    assert [duration - 1 for *_, duration in network.calls] == [8, 8, 3, 12, 70]
    given = [given for _, given, *_ in network.calls]
    assert [float(np.max(one["rate"])) for one in given] == pytest.approx([0.6, 0.6, 0, 0, 0])
    assert [float(np.max(one["eta"])) for one in given] == pytest.approx([0.1, 0.1, 0.02, 0.02, 0.02])
    np.testing.assert_array_equal(given[1]["V"], 1 + np.arange(14)[:, None, None] / 100 + [[[0, 1e-4, 2e-4]]])
    np.testing.assert_array_equal(given[0]["yoked"], np.repeat([0, 0, 0, 4, 4, 0, 0], 2))
    slant = data["asymmetry"]
    assert slant.dims == ("arm", "individual", "segment", "neuron")
    logit: Any = np.log(slant / (1 - slant))
    np.testing.assert_allclose(logit.sel(arm="own part").mean(("individual", "neuron")), [0, 0.6, 1.2])
    np.testing.assert_allclose(slant.sel(arm="given").isel(individual=0, segment=2), [0.1, 0.5, 0.9])
    assert data["segment"].values.tolist() == [0, 8, 16] and watch.seen[-1] == pytest.approx(1)
    assert data["r"].shape == (7, 2, 2) and data["reversal"].shape == (7, 2, 3)
    assert float(data["score"]) < float(data["score_alone"])
    # values far above all outcomes: the score is the distance less half of their own mean difference
    out = learned_asymmetries.outcomes(config.varies)
    apart = np.abs(np.subtract.outer([0, 1, 2], [0, 1, 2])).mean() / 10000
    np.testing.assert_allclose(
        data["score_learned"], expected.mean(axis=-1) - out.mean() - apart / 2, atol=1e-9
    )


def test_a_session_is_analysed_cell_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def points(cells: list[CellTrials]) -> Any:
        seen.append(cells)
        mean = np.array([cell.spikes.mean() for cell in cells])
        return SimpleNamespace(size=mean, asymmetry=-mean)

    monkeypatch.setattr(learned_asymmetries, "reversal_points", points)
    monkeypatch.setattr(
        learned_asymmetries, "halves", lambda cells, splits: SimpleNamespace(correlations=[1.0, splits])
    )
    spikes = np.arange(10 * 14 * 3).reshape(10, 14, 3).astype(float)
    sizes = np.arange(140).reshape(10, 14) % 7
    baselines = np.arange(21).reshape(7, 3).astype(float)
    lived: Any = SimpleNamespace(at_reward=spikes)
    found = learned_asymmetries._session(lived, sizes, baselines, 2)
    np.testing.assert_allclose(found["reversal"], spikes.mean(axis=0).reshape(7, 2, 3))
    np.testing.assert_allclose(found["slant"], -found["reversal"])
    assert found["r"].tolist() == [[[1.0, 100.0]] * 2] * 7
    for k, cells in enumerate(seen):
        for n, cell in enumerate(cells):
            np.testing.assert_array_equal(cell.size, np.array(SIZES)[sizes[:, k]])
            np.testing.assert_array_equal(cell.spikes, spikes[:, k, n])
            assert cell.expected.all() and (cell.before == baselines[k // 2, n]).all()


# learned_discounts


def test_kinds_of_populations_are_paid_and_slanted_as_they_should(told, watch) -> None:
    """Logits rise by the rate in each part; values are the number of the call + the population's/100."""
    config = learned_discounts.Config(
        individuals=2, neurons=3, delay=2, training=3, trials=5, rate=0.5, kept=(0.6, 0.8), slants=(0.3, 0.7)
    )
    count = iter(range(1, 100))

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        value = next(count) + np.arange(net.individuals)[:, None, None] / 100 + np.zeros((1, 2, 3))
        spikes = np.zeros((net.trials, net.individuals * 3))
        return {"V": value, "V_total": duration * value, "at_cue": spikes, "at_reward": spikes,
                "phi": given["phi"] + given["rate"][:, None]}  # fmt: skip

    network = told(answer, PredictingNeurons)
    data = learned_discounts.simulate(config, 1, watch)
    assert [duration - 1 for *_, duration in network.calls] == [3, 5, 5]
    assert network.calls[0][0].learned == "discount" and len({seed for _, _, seed, _ in network.calls}) == 3
    given = [given for _, given, *_ in network.calls]
    assert given[0]["rate"].tolist() == [0.0] * 8 and given[1]["rate"].tolist() == [0.5] * 6 + [0.0] * 2
    assert given[1]["yoked"].tolist() == [0, 0, 2, 2, 0, 0, 0, 0] and (given[1]["delay"] == 2).all()
    np.testing.assert_allclose(given[2]["V"][:, 0, 0], 2 + np.arange(8) / 100)
    np.testing.assert_allclose(data["kept"], [[0.6, 0.7, 0.8]] * 2 + [[0.9] * 3] * 2)
    np.testing.assert_allclose(data["asymmetry"], [[0.5] * 3] * 2 + [[0.3, 0.5, 0.7]] * 2)
    discount = data["discount"]
    logit: Any = np.log(discount / (1 - discount))
    np.testing.assert_allclose(logit.sel(arm="own").isel(individual=1, neuron=2), np.log(4) + [0, 0.5, 1])
    np.testing.assert_allclose(discount.sel(arm="slanted, given"), 0.9)
    np.testing.assert_allclose(data["value"].sel(arm="yoked").isel(neuron=0), 3 + np.array([2, 3]) / 100)
    assert watch.seen[-1] == pytest.approx(1)


# recorded_cells, recorded_dopamine


def test_generic_cells_differ_in_what_their_population_says() -> None:
    cells, populations = recorded_cells.generic(3000, 14, np.random.default_rng(0))
    baseline = np.array([cell.baseline for cell in cells])
    assert abs(z_score(baseline, 6.5)) < 5 and baseline.std() == pytest.approx(3.7, rel=0.1)
    for cell in cells[:20]:
        assert sorted(cell.size) == sorted(SIZES * 2) and len(cell) == 14 and not cell.spikes.any()
    assert abs(z_score(np.concatenate([cell.expected for cell in cells]), 0.5)) < 5
    shared, slanted, own, both = (
        populations[name] for name in ("shared", "asymmetry", "value", "distributional")
    )
    for one, spread, values in ((shared, 0, 0), (slanted, 1, 0), (own, 0, 1), (both, 1, 1)):
        assert (np.ptp(one.asymmetry) > 0.7) == spread and (np.ptp(one.value) > 0.1) == values
        assert (one.power, one.share, one.largest) == (0.7, 0.7, 20.0) and (one.gain == 12).all()
    np.testing.assert_allclose(both.asymmetry[[0, -1]], [0.1, 0.9])
    assert shared.value[0] == pytest.approx(WORTHS.mean()) and (shared.asymmetry == 0.5).all()
    # the expectile balances: (1 - a) of what is missed is a of what is gained
    for a, v in zip(both.asymmetry[::500], both.value[::500], strict=True):
        lost, won = np.maximum(v - WORTHS, 0).sum(), np.maximum(WORTHS - v, 0).sum()
        assert (1 - a) * lost == pytest.approx(a * won)


def test_recordings_are_known_by_what_is_in_them(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_cells, "data_folder", lambda name: tmp_path)
    recorded_cells.digest.cache_clear()
    recorded_cells.recorded_trials.cache_clear()
    assert recorded_cells.digest() == "" and recorded_cells.cells_of("") == ()
    (tmp_path / "one.nwb").write_bytes(b"a cell")
    recorded_cells.digest.cache_clear()
    first = recorded_cells.digest()
    assert len(first) == 12
    (tmp_path / "two.nwb").write_bytes(b"another")
    recorded_cells.digest.cache_clear()
    assert recorded_cells.digest() != first
    with pytest.raises(Mistake, match=f"recordings {first} are not at hand"):
        recorded_cells.cells_of(first)
    recorded_cells.digest.cache_clear()
    recorded_cells.recorded_trials.cache_clear()


def cell_trials(number: int, trials: int) -> CellTrials:
    step = np.arange(trials, dtype=np.float64)
    return CellTrials(
        np.resize(np.roll(SIZES, -number), trials), (number + step) % 2 == 0, 10.0 * number + step, 0.5 + step
    )


def test_trials_of_a_result_are_those_that_were_simulated() -> None:
    """Two replicates (rows) of two arms of two cells, of three and five trials."""
    lengths = (3, 5, 3, 5)
    trials = [[cell_trials(10 * row + place, lengths[place]) for place in range(4)] for row in range(2)]
    for row in trials:  # sizes and announcements are a cell's own, in all arms and replicates
        for place, own in enumerate(row):
            like = trials[0][place % 2]
            row[place] = CellTrials(like.size, like.expected, own.spikes, own.before)
    cells = trials[0][:2]
    table = recorded_dopamine._padded(trials, (2, 2, 2), cells)
    data = xr.Dataset(table, coords={"arm": ["a", "b"]})
    assert data["spikes"].shape == (2, 2, 2, 5) and np.isnan(data["spikes"].values[0, 0, 0]).sum() == 2
    found = recorded_dopamine.simulated(data)
    for a, arm in enumerate("ab"):
        for r in range(2):
            for k in range(2):
                one, expected = found[arm][r][k], trials[r][2 * a + k]
                for name in ("size", "expected", "spikes", "before"):
                    np.testing.assert_allclose(getattr(one, name), getattr(expected, name), rtol=1e-6)
    again = recorded_dopamine.recorded(data)
    assert again is not None and [len(cell) for cell in again] == [3, 5]
    np.testing.assert_array_equal(again[1].spikes, cells[1].spikes)
    assert recorded_dopamine.recorded(xr.Dataset(recorded_dopamine._padded(trials, (2, 2, 2), None))) is None
    assert [recorded_dopamine._rows(arm, cells) for arm in recorded_dopamine.ARMS] == [
        slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 8)]  # fmt: skip


def test_a_dip_teaches_ten_times_more_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    population: Any = SimpleNamespace()
    monkeypatch.setattr(recorded_dopamine, "teaching_ratio", lambda *_: np.array([0.01, 0.2, 5.0, 400.0]))
    np.testing.assert_allclose(recorded_dopamine._steepness(population, []), [0.1, 0.2, 5.0, 10.0])


def test_arms_of_recorded_dopamine_live_what_was_fitted(told, watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value rises by the learning rate in each trial from where it begins; spikes come as in a clock."""
    config = recorded_dopamine.Config(recordings="", replicates=2, neurons=3, training=10, cells=3, trials=28)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who = np.repeat(np.arange(net.cells * net.recorded), 28 * 4)
        time = np.tile(np.arange(28 * 4) * net.trial_duration / 4 + 0.01, net.cells * net.recorded)
        values = given["value"] + given["eta"] * np.arange(1, duration + 1)[:, None]
        return {"spike_time": time, "spike_neuron": who, "values": values}

    network = told(answer, ValuePopulation)
    monkeypatch.setattr(
        recorded_dopamine, "fit", lambda cells, models: {"distributional": marked(len(cells))}
    )
    monkeypatch.setattr(recorded_dopamine, "teaching_ratio", lambda population, cells: np.full(3, 3.0))
    monkeypatch.setattr(
        recorded_dopamine, "halves", lambda *_, splits: SimpleNamespace(correlations=(0.1, splits))
    )
    monkeypatch.setattr(
        recorded_dopamine,
        "reversal_points",
        lambda some: SimpleNamespace(size=np.array([c.size.mean() for c in some])),
    )
    data = recorded_dopamine.simulate(config, 1, watch)
    (_, trained, _, first), (net, given, _, second) = network.calls
    assert (first, second) == (10, 28) and net.cells == 12 and net.recorded == 2 and net.dopamine.neurons == 3
    assert given["burst"].tolist() == [0.5] * 6 + [1.0] * 6 and given["dip"].tolist() == [1.5] * 6 + [1.0] * 6
    # cells with asymmetries of their own keep their one value; all others begin at the one value and learn
    still = np.r_[np.zeros(6), np.ones(3), np.zeros(3)] > 0
    assert (trained["eta"] == np.where(still, 0, 0.05)).all() and (
        given["eta"] == np.where(still, 0, 0.01)
    ).all()
    one = WORTHS.mean()
    np.testing.assert_allclose(trained["value"], one)
    np.testing.assert_allclose(given["value"], np.where(still, one, one + 0.5))
    late = one + 0.5 + 0.01 * np.arange(15, 29).mean()
    np.testing.assert_allclose(data["value"].values.ravel(), np.where(still, one, late))
    np.testing.assert_allclose(data["value_aimed"].sel(arm="one value"), one)
    np.testing.assert_allclose(data["dip"].values[:, 0], [3, 3, 1, 1])
    assert data["r"].values[2, 1].tolist() == [0.1, 100] and data["reversal"].shape == (4, 2, 3)
    assert data["spikes"].shape == (4, 2, 3, 28) and not np.isfinite(data["recorded"]).any()
    np.testing.assert_allclose(data["found_value"], 7) and data["found_value"].shape == (2, 3)
    assert data["mean_response"].dims == ("arm", "expectation", "reward") and data["reward"].size == 7
    # (size/20)**power where it was announced; what is held against it otherwise is a share
    worth, held = given["worth"], given["held"]
    np.testing.assert_allclose(worth[:, 0], (data["size"].values[0] / 20) ** 0.7, rtol=1e-5)
    np.testing.assert_allclose(held[:, 0], np.where(data["expected"].values[0] > 0, 1, 0.7))
    assert trained["worth"].shape == worth.shape and set(np.round(trained["worth"][:10, 0], 9)) <= set(
        np.round(WORTHS, 9)
    )
    assert watch.seen[0] == 0 and watch.seen[-1] == 0.95 and 0.85 in watch.seen


def marked(cells: int) -> Population:
    sevens = np.full(cells, 7.0)
    return Population("distributional", 0.7, 0.7, 20.0, sevens, sevens, sevens, sevens, sevens, 0.0)


# value_distribution


def test_value_is_read_shortly_before_the_reward(told, watch) -> None:
    """V is the bin of the trial + 1000 for each individual + 100000 for each channel; n the channel."""
    config = value_distribution.Config(individuals=3, channels=2, trials=8, last=3, resting=4)
    calls = []

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        calls.append(given)
        shape = (duration * net.bins, 3, 2)
        step, who, channel = np.ogrid[tuple(map(slice, shape))]
        value = step % net.bins + 1000 * who + 100_000 * channel + 0.01 * (step // net.bins)
        # the first trial, in which dopamine comes to rest, does not count
        level = channel + 5 + 50.0 * (step < net.bins) + 0 * who
        return {"V": value, "n": level, "fired": np.zeros(shape), "fired_last": np.zeros(shape[1:]),
                "w": np.zeros((3, net.cells, net.critics_in_all))}  # fmt: skip

    told(answer, Conditioning)
    data = value_distribution.simulate(config, 1, watch)
    np.testing.assert_allclose(data["tonic"], [5, 6])
    np.testing.assert_allclose(calls[1]["tonic"], [[5, 6]] * 3)
    onset = calls[1]["cue_onset"][..., 0]
    bins = np.rint((onset + 1.5 - 0.1) / 0.05)[:, :8]
    expected = bins[..., None] + 100_000 * np.arange(2) + 0.01 * np.arange(8)[:, None]
    np.testing.assert_allclose(data["value"], expected[:, -3:].mean(axis=1) + 1000 * np.arange(3)[:, None])
    np.testing.assert_allclose(data["learning"], expected.mean(axis=0) + 1000)
    assert calls[1]["eta"] == config.eta and calls[0]["cue_onset"][:, :4].min() > 1e5  # no cue at rest
    np.testing.assert_allclose(data["asymmetry"], [0.3, 0.7])
    np.testing.assert_allclose(data["utility"], 1.3 * (np.array(SIZES) / 20) ** 0.5)
    assert watch.seen[0] == 0 and watch.seen[-1] == 1 and 0.15 in watch.seen


# inferred_rules


def test_a_network_lives_at_the_coefficients_of_its_subjects() -> None:
    chart = Chart()
    parameters = chart.parameters(3)
    x = np.random.default_rng(0).normal(size=(4, len(parameters)))
    config = inferred_rules.network_at(chart, x, 5)
    table = np.reshape(config.coefficients, (4, -1))
    for k, parameter in enumerate(parameters):
        np.testing.assert_allclose(table[:, config.names.index(parameter.name)], parameter.value(x[:, k]))
    assert (config.arms, config.high, config.low, config.episode) == (3, 0.8, 0.2, 15)
    assert (config.trials, config.copies, config.hazard) == (90, 5, 0.0)


def test_players_are_refitted_and_live_again(told, watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = inferred_rules.Config(subjects=6, generations=3, population=4, copies=3, again=3)
    rng = np.random.default_rng(0)
    asked = []

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        shape = (duration, net.individuals)
        return {"arm_mean": rng.integers(3, size=shape), "reward_mean": rng.integers(2, size=shape)}

    def losses(chart: Any, x: np.ndarray, top: np.ndarray, world: Any, copies: int, seed: int) -> np.ndarray:
        asked.append((x, top, copies))
        return np.tile(len(asked) + np.arange(4.0)[:, None], len(x))

    def refitted(chart: Chart, choices: Any, seed: int) -> Any:
        return SimpleNamespace(
            x=np.full((len(choices.subjects), len(chart.parameters(3))), 0.1 * (1 + len(asked)))
        )

    told(answer, ChoiceNetwork)
    best = {"eta": 0.5, "beta": 8.0}
    monkeypatch.setattr(inferred_rules.distance, "best", lambda world, generations, population, seed: best)
    monkeypatch.setattr(inferred_rules.distance, "losses", losses)
    monkeypatch.setattr(inferred_rules.distance, "refitted", refitted)
    data = inferred_rules.simulate(config, 3, watch)
    names = data["coefficient"].values.tolist()
    beta = Chart().parameters(3)[names.index("beta")]
    assert float(beta.value(data["best"].sel(coefficient="beta").values)) == pytest.approx(8.0)
    assert (data["found"].sel(player="best rule") == 0.1).all() and (
        data["found"].sel(player="Bayes observer") == 0.2
    ).all()
    np.testing.assert_array_equal(data["lost"].isel(subject=0), [[1, 2, 3, 4], [2, 3, 4, 5]])
    assert [copies for *_, copies in asked] == [3, 3] and asked[0][1].tolist() == data["best"].values.tolist()
    count = data["count"].sum("history")
    # 88 trials of 90 have a history of two; lives again are three times as many
    np.testing.assert_array_equal(count, [[88 * 6, 88 * 18, 88 * 18]] * 2)
    # a network that chooses by lot among three arms switches in two of three
    switch = data["switch"].sel(lived="network")
    assert (
        abs(float((switch * data["count"].sel(lived="network")).sum()) / (2 * 88 * 18) - 2 / 3)
        < 5 * (2 / 9 / 3168) ** 0.5
    )
    # who knows that the good arm stays, stays where it paid
    own = data["switch"].sel(player="Bayes observer", lived="own").values
    assert np.nanmin(own) < 0.3 < np.nanmax(own) and [*watch.seen] == pytest.approx([0, 0.3, 0.65])
