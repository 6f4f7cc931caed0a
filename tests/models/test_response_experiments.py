"""What experiments make of responses, choices and searches that are known: acrobot, cart_pole,
choice_recovery, contingency, digits, dopamine_population, linear_track, reversal_points, slow_rule_search,
slow_rules, spiking_alignment, spiking_bandit and water_maze."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.expectiles import expectile
from hedon.models.conditioning.network import Conditioning
from hedon.models.experiments import (
    acrobot,
    cart_pole,
    choice_recovery,
    contingency,
    digits,
    dopamine_population,
    linear_track,
    reversal_points,
    slow_rule_search,
    slow_rules,
    spiking_alignment,
    spiking_bandit,
    water_maze,
)
from hedon.models.predictors.network import PredictingNeurons
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks.conditioning import SIZES

# actor-critics


@pytest.mark.parametrize(
    "module", [acrobot, cart_pole, linear_track, water_maze], ids=lambda one: one.__name__[24:]
)
def test_settings_of_a_body_reach_its_network(module: Any) -> None:
    config = module.Config(
        individuals=3, eta_actor=0.02, eta_critic=0.003, tau_e=0.4, tau_r=5.0, gain=0.9, noise=1.5
    )
    net = module.network(config)
    assert (net.individuals, net.actor_rule.eta, net.critic_rule.eta) == (3, 0.02, 0.003)
    assert (net.actor_rule.tau_e, net.dopamine.tau_r, net.dopamine.gain, net.noise) == (0.4, 5.0, 0.9, 1.5)
    assert net.watched == (3 if module in (cart_pole, linear_track, water_maze) else 0)


def test_bodies_are_what_their_experiments_say() -> None:
    swing: Any = acrobot.network(acrobot.Config(cost=0.25, inhibit=1.7, step=0.002))
    assert swing.task.cost == 0.25 and swing.actor.inhibit == 1.7 and swing.step == 0.002
    assert swing.actor.actions == swing.task.actions == 3
    balance: Any = cart_pole.network(
        cart_pole.Config(pause=4.0, half=0.1, associability=9.0, tau_m=0.006, tau_action=0.02)
    )
    assert (balance.tau_m, balance.tau_action) == (0.006, 0.02) and balance.associability is not None
    assert balance.actor.actions == 2
    # a critic around 40 Hz falls silent where -1 is sure, a kernel of 30 and 15 ms, cleared in 20 ms
    assert balance.dopamine.critic_baseline == balance.dopamine.critic_gain == 40
    times = (balance.dopamine.tau_slow, balance.dopamine.tau_fast, balance.dopamine.clearance)
    np.testing.assert_allclose(times, (0.03, 0.015, 0.02), atol=0.005)
    walk: Any = linear_track.network(linear_track.Config(limit=12.0))
    assert walk.task.limit == 12 and walk.actor.actions == 2
    paid = {"best": 0.7, "worst": 0.4, "inhibit": 1.1, "eta_actor": 0.02, "eta_critic": 0.01}
    choose: Any = spiking_bandit.network(spiking_bandit.Config(**paid, bound_actor=0.5, bound_critic=0.2))  # type: ignore[arg-type]
    assert choose.task.probabilities == (0.7, 0.4) and choose.actor.inhibit == 1.1
    assert (choose.actor_rule.eta, choose.actor_rule.bound) == (0.02, 0.5)
    assert (choose.critic_rule.eta, choose.critic_rule.bound) == (0.01, 0.2)
    assert choose.actor.actions == 2 and choose.watched == 0


# dopamine neurons


def test_populations_differ_in_discounts_and_asymmetries() -> None:
    config = dopamine_population.Config(neurons=6, discounts=(0.6, 0.9), slants=(0.2, 0.8))
    slants, gammas = dopamine_population._cells(config, 1)
    even = np.full(6, 0.5)
    np.testing.assert_allclose(slants[[0, 3]], [even, even])
    np.testing.assert_allclose(slants[1], np.linspace(0.2, 0.8, 6))
    np.testing.assert_allclose(np.sort(slants[2]), slants[1])
    assert not np.array_equal(slants[2], slants[1])
    np.testing.assert_allclose(gammas[[0, 2, 3]], np.tile(np.linspace(0.6, 0.9, 6), (3, 1)))
    np.testing.assert_allclose(gammas[1], 0.9)


def test_cues_of_one_delay_are_shown_half_as_often_as_the_others() -> None:
    config = dopamine_population.Config(delays=(1, 2, 4), uncertain=(2, 5))
    world = dopamine_population.drawn_world(config, 3000, 4, np.random.default_rng(0))
    for cue, share in enumerate((1, 1, 1, 2, 2)):
        assert abs(z_score((world.cue == cue).ravel(), share / 7)) < 5
    for cue, delay in enumerate((1, 2, 4, 1)):
        assert (world.delay[world.cue == cue] == delay).all()
    uncertain = world.delay[world.cue == 4]
    assert set(uncertain) == {2, 5} and abs(z_score(uncertain == 2, 0.5)) < 5
    worth = world.worth[world.cue == 3]
    np.testing.assert_allclose(np.unique(worth), (np.array(SIZES) / 20) ** 0.7)
    assert (world.worth[world.cue != 3] == 1).all() and abs(z_score(worth == 1, 1 / 7)) < 5


def test_answers_are_spikes_above_those_at_rest() -> None:
    config = dopamine_population.Config(baseline=6.0)
    cue = np.array([[0, 1], [1, 1], [0, 0]])
    spikes = np.arange(12.0).reshape(3, 2, 2)
    network = PredictingNeurons(individuals=2, neurons=2, cues=2, spell=0.5)
    lived: Any = SimpleNamespace(at_cue=spikes)
    world: Any = SimpleNamespace(cue=cue)
    found = dopamine_population._answers(lived, world, config, network)
    assert found[0].tolist() == [[4 - 3, 5 - 3], [4 - 3, 5 - 3]]  # trials 0 and 2, then trial 1
    assert found[1].tolist() == [[10 - 3, 11 - 3], [4 - 3, 5 - 3]]


def test_values_and_answers_of_a_population_stand_under_its_kind(told, watch) -> None:
    """V: the population/10 + the cue + the neuron/100; a spike for each population, whatever the cue."""
    config = dopamine_population.Config(
        individuals=2,
        neurons=4,
        delays=(1, 2, 4),
        uncertain=(1, 3),
        training=(5, 6),
        trials=60,
        eta=(0.3, 0.2, 0.1),
    )

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who, cue, since, neuron = np.ogrid[: net.individuals, : net.cues, : net.longest, : net.neurons]
        value = who / 10 + cue + neuron / 100 + 1000 * (since > 0)
        spikes = np.broadcast_to(np.repeat(np.arange(net.individuals), net.neurons), (net.trials, 8 * 4))
        return {"V": value + 0 * given["V"].reshape(value.shape), "V_total": duration * value,
                "at_cue": spikes.astype(float), "at_reward": spikes}  # fmt: skip

    network = told(answer, PredictingNeurons)
    data = dopamine_population.simulate(config, 1, watch)
    who, neuron = np.arange(8).reshape(4, 2, 1), np.arange(4)
    base = who / 10 + neuron / 100
    np.testing.assert_allclose(data["value"], base + 3)
    np.testing.assert_allclose(data["value_uncertain"], base + 4)
    np.testing.assert_allclose(data["late_value"], base[:, :, None] + np.arange(3)[:, None])
    slants, gammas = data["asymmetry"].values, data["discount"].values
    # spikes above those at rest, in those for one unit of delta: 2 a times 12 Hz in half a second
    unit = 2 * slants * 12 * 0.5
    np.testing.assert_allclose(data["answer_uncertain"], (who - 6.5 * 0.5) / unit[:, None])
    np.testing.assert_allclose(data["answer"].isel(delay=2), (who - 6.5 * 0.5) / unit[:, None])
    worths = (np.array(SIZES) / 20) ** 0.7
    np.testing.assert_allclose(data["ideal"][1], [expectile(worths, a) for a in slants[1]])
    np.testing.assert_allclose(data["late_ideal"][0], gammas[0] ** (np.array([[1], [2], [4]]) - 1), rtol=1e-6)
    assert data["delay"].values.tolist() == [0.5, 1, 2] and watch.seen == pytest.approx(
        [0.25, 0.5, 0.75, 1.0]
    )
    assert [duration - 1 for *_, duration in network.calls] == [5, 6, 60]
    assert [float(given["eta"][0, 0]) for _, given, *_ in network.calls] == [0.3, 0.2, 0.1]
    assert network.calls[0][1]["yoked"].tolist() == [0] * 6 + [6] * 2
    for wrong in (
        {"individuals": 1},
        {"neurons": 3},
        {"eta": (0.1, 0.1)},
        {"delays": (1, 2)},
        {"delays": (0, 1, 2)},
    ):
        with pytest.raises(Mistake, match="dopamine_population"):
            dopamine_population.Config(**wrong)  # type: ignore[arg-type]


def test_contingency_is_read_from_the_responses_to_cues_and_rewards(told, watch) -> None:
    """For .6 s neurons fire above 5 Hz: by 1 + the individual after A, 10 + after B, 100 + after rewards."""
    config = contingency.Config(individuals=2, paired=4, degraded=6, single=3, together=4, block=2, repeats=3)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who = np.arange(net.individuals)[:, None, None]
        time = net.bin * np.arange(net.bins)
        rate = np.full((net.individuals, duration, net.bins), 5.0)
        times = (*np.moveaxis(given["cue_onset"], -1, 0), given["reward_time"])
        for start, more in zip(times, (1, 10, 100), strict=True):
            since = time - start[:, :duration, None]
            rate += (more + who) * ((since > -1e-6) & (since < 0.6 - 1e-6))
        spikes = net.bin * np.concatenate(
            [np.zeros((net.individuals, 1)), rate.reshape(len(rate), -1).cumsum(axis=1)], axis=1
        )
        fired = np.repeat(spikes.T[..., None], 3, axis=2)
        weights = np.zeros((net.individuals, net.cells, net.critics_in_all))
        return {"fired": fired[:-1], "fired_last": fired[-1], "w": weights}

    network = told(answer, Conditioning)
    data = contingency.simulate(config, 1, watch)
    who = np.arange(8).reshape(2, 2, 2)
    # interval cells begin with the trial, whose start is another time before each cue
    np.testing.assert_allclose(
        data["cue"].sel(state="cue alone"), np.repeat(1 + who[0, :, :, None], 10, axis=2)
    )
    np.testing.assert_allclose(
        data["reward"].sel(state="cue alone"), np.repeat(100 + who[0, :, :, None], 10, axis=2)
    )
    groups = np.arange(8, 16).reshape(4, 2)
    np.testing.assert_allclose(data["answer"].sel(probe="A"), 1 + groups)
    np.testing.assert_allclose(data["answer"].sel(probe="B"), 10 + groups)
    after = (data["time"].values > 0) & (data["time"].values < 0.6)
    expected = np.where(after, 1 + np.arange(2)[:, None], 0)
    rewarded = (data["time"].values > 1.5) & (data["time"].values < 2.1)
    expected = expected + np.where(rewarded, 100 + np.arange(2)[:, None], 0)
    np.testing.assert_allclose(data["shift"], np.repeat(expected[:, None], 2, axis=1), atol=1e-6)
    np.testing.assert_allclose(data["time"].values[[0, -1]], [-0.475, 2.475])
    learned = network.calls[0][1]
    onset = learned["cue_onset"]
    assert (onset[4:8, :20, 1] == 0).all() and (onset[:4, :20, 1] > 1e5).all()
    assert (onset[8:, :10, 1] >= 0.5).all()  # of the other groups, with its trial or never
    assert learned["cue_onset"].shape[:2] == (16, 20) and watch.seen[-1] == pytest.approx(1)
    # cues of contingency come anywhere in two seconds, the others in one
    first = onset[:4, :20:2, 0]
    assert (
        first.min() >= 0.5
        and 1.5 < first.max() <= 2.5
        and onset[8:, ::2, 0][onset[8:, ::2, 0] < 1e5].max() <= 1.5
    )
    with pytest.raises(Mistake, match="2 individuals"):
        replace(config, individuals=1)


# reversal points


def test_chance_of_a_correlation_is_students() -> None:
    from scipy.stats import pearsonr

    draw = np.random.default_rng(0)
    for n in (3, 4, 20):
        a, b = draw.normal(size=(2, n))
        r, p = pearsonr(a, b)
        assert float(reversal_points.chance(float(r), n)) == pytest.approx(p)
        assert float(reversal_points.chance(-float(r), n)) == pytest.approx(p)
    assert np.isnan(reversal_points.chance(np.zeros((2, 2)), 2)).all()


def test_places_between_rewards_are_read_in_proportion_to_the_logarithm() -> None:
    sizes, axis = np.array([1.0, 4.0, 16.0]), np.array([0.0, 0.5, 2.0])
    found = reversal_points._as_rewards(np.array([0.0, 0.25, 0.5, 1.25, 2.0]), sizes, axis)
    np.testing.assert_allclose(found, [1, 2, 4, 8, 16])


def test_slants_are_means_of_what_is_known() -> None:
    split: Any = SimpleNamespace(asymmetry=np.array([[[0.2, np.nan, np.nan], [0.6, 0.5, np.nan]]]))
    np.testing.assert_allclose(reversal_points._mean_slant(split), [[0.4, 0.5, np.nan]])


def test_cells_and_drawn_populations_are_analysed_alike(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    config = reversal_points.Config(
        recordings="", draws=20, splits=3, cell_splits=7, held_out_draws=2, cells=4, trials=70
    )
    asked: list[Any] = []

    class Drawn:
        def __init__(self, number: float) -> None:
            self.number, self.log_likelihood = number, -number

        def simulate(self, cells: Any, rng: Any) -> Any:
            return [replace(cell, spikes=0 * cell.spikes + self.number) for cell in cells]

    numbers = {"shared": 1.0, "value": 2.0, "distributional": 3.0, "expectile": 4.0}
    fitted = {model: Drawn(numbers.get(model, 9.0)) for model in reversal_points.MODELS}

    def halves(cells: Any, estimator: str, splits: int, seed: int) -> Any:
        level = float(cells[0].spikes.mean())
        asked.append((estimator, splits, level))
        one = SimpleNamespace(r=0.5, low=0.1, high=0.8)
        point = np.full((2, splits, 4), 0.3)
        return SimpleNamespace(reliability=one, relation=one, reversal=point, asymmetry=point,
                               correlations=(level / 10, -level / 10))  # fmt: skip

    def cross_validate(some: Any, folds: int, seed: int, progress: Any) -> Any:
        progress(1.0)
        asked.append(("compared", seed, folds))
        return {model: np.arange(4) + 10.0 * some[0].spikes.mean() for model in reversal_points.MODELS}

    monkeypatch.setattr(reversal_points, "fit", lambda cells: fitted)
    monkeypatch.setattr(reversal_points, "halves", halves)
    monkeypatch.setattr(reversal_points, "cross_validate", cross_validate)
    monkeypatch.setattr(
        reversal_points, "utility", lambda cells: (np.array([1.0, math.e]), np.array([0.0, 1.0]))
    )
    monkeypatch.setattr(
        reversal_points, "pooled", lambda cells, rng: [replace(c, spikes=0 * c.spikes + 5) for c in cells]
    )
    data = reversal_points.simulate(config, 1, watch)
    for population, level in zip(reversal_points.POPULATIONS, (1, 2, 3, 4, 5), strict=True):
        cell = data["drawn_r"].sel(population=population, estimator=reversal_points.ESTIMATORS[0])
        np.testing.assert_allclose(cell, [[level / 10] * 20, [-level / 10] * 20])
    np.testing.assert_allclose(data["drawn_p"], reversal_points.chance(data["drawn_r"].values, 4))
    np.testing.assert_allclose(data["drawn_reversal"], math.exp(0.3))
    np.testing.assert_allclose(data["reversal"], math.exp(0.3))
    assert data["reversal"].shape == (len(reversal_points.ESTIMATORS), 2, 4)
    np.testing.assert_allclose(data["r"], 0.5)
    np.testing.assert_allclose(data["low"], 0.1)
    np.testing.assert_allclose(data["high"], 0.8)
    np.testing.assert_allclose(data["p"], float(reversal_points.chance(0.5, 4)))
    # populations of one value, of values and asymmetries, and of expectiles; two draws of four cells each
    held = data["drawn_held_out"].isel(model=0).values
    np.testing.assert_allclose(held, np.tile(np.arange(4), (3, 2)) + np.array([[10], [30], [40]]))
    assert data["held_out"].shape == (len(reversal_points.MODELS), 4)
    compared = [one for one in asked if one[0] == "compared"]
    assert len(compared) == 7 and len({seed for _, seed, _ in compared}) == 7 and compared[0][2] == 5
    assert {splits for _, splits, level in asked if splits in (3, 7)} == {3, 7}
    assert watch.seen[0] == 0 and watch.seen[-1] == pytest.approx(1) and 0.65 in np.round(watch.seen, 6)
    for wrong in ({"draws": 19}, {"held_out_draws": 0}):
        with pytest.raises(Mistake, match="20 draws or more"):
            reversal_points.Config(recordings="", **wrong)


# choices


def test_who_learns_at_one_rate_has_one_slope_at_any_time() -> None:
    config = choice_recovery.Config(reporters=4, sessions=12, session_trials=40, rate=0.15)
    bayes, constant = choice_recovery._reporters(config, 3)["slope"]
    np.testing.assert_allclose(constant, 0.15)
    assert constant.shape == (4, choice_recovery.SINCE)
    # who knows that outcomes jump learns fast after a jump, and slower later
    assert bayes[:, :2].mean() > bayes[:, -2:].mean()
    with pytest.raises(Mistake, match="three people"):
        choice_recovery.Config(reporters=2)
    choice_recovery.Config(reporters=3, people=3, bandit_people=3)


# digits


def test_the_rate_that_is_right_most_is_trained_and_tested(
    told, watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right at last: .5 and .1 more for each rate, of the second network .1 less; the last one diverges."""
    config = digits.Config(
        individuals=3, segments=2, samples=1500, tuning_samples=800, tried=4, repeats=2, spacing=2.0
    )
    calls: list[Any] = []

    def train(net: Any, ends: Any, seed: int, given: Any, **more: Any) -> xr.Dataset:
        calls.append((net, ends, seed, given))
        for fraction in (0.0, 1.0):
            more["progress"](fraction)
        if isinstance(ends, int):
            place = np.arange(8) // 2
            right = 0.5 + 0.1 * place - 0.1 * (np.arange(8) % 2)
            lost = (place == 3) & (np.arange(8) % 2 == 1)
            return xr.Dataset({"correct": (("i", "b"), np.stack([0 * right + 9, right], axis=1)),
                               "diverged": ("i", lost)})  # fmt: skip
        weights = np.full((2, 3, 1), 0.5) + np.arange(2)[:, None, None]
        weights[1, 2] = np.inf
        return xr.Dataset({name: (("s", "i", f"{name}n"), weights) for name in digits.WEIGHTS})

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        assert duration == 360 and given["first_sample"] == 1797 - 360 and given["n_samples"] == 360
        assert given["learning"] == 0 and given["in_order"] == 1
        return {"correct": given["w1"][:, 0] + 0.01 * np.arange(net.individuals)}

    monkeypatch.setattr(digits, "train", train)
    told(answer, RateNetwork)
    data = digits.simulate(config, 1, watch)
    assert data["samples"].values.tolist() == [720, 1440]
    own = 0.5 + 0.01 * np.arange(3)
    np.testing.assert_allclose(data["accuracy"].isel(segment=0), np.tile(own, (5, 1)))
    np.testing.assert_allclose(data["accuracy"].isel(segment=1), np.tile([1.5, 1.51, np.nan], (5, 1)))
    # the worse of two networks, and none where one diverged
    np.testing.assert_allclose(data["score"], np.tile([0.4, 0.5, 0.6, np.nan], (5, 1)))
    np.testing.assert_allclose(data["rates"].values[0], 0.04 * 2.0 ** np.array([-1.5, -0.5, 0.5, 1.5]))
    np.testing.assert_allclose(data["eta"], data["rates"].values[:, 2])
    (short, length, _, tried), (_, ends, _, given) = calls[:2]
    assert length == 720 and ends == [720, 1440] and tried["decay"] == 9 / 720 and given["decay"] == 9 / 1440
    assert (
        given["eta"] == pytest.approx(0.04 * 2**0.5)
        and given["n_samples"] == 1797 - 360
        and short.individuals == 8
    )
    # each rule a fifth of the time, its rates a quarter of that
    shares = [[rule, rule + 0.25, rule + 0.25, rule + 1] for rule in range(5)]
    assert watch.seen == pytest.approx(np.ravel(shares) / 5)
    monkeypatch.setattr(digits, "train", lambda *_, **__: xr.Dataset(
        {"correct": (("i", "b"), np.ones((8, 1))), "diverged": ("i", np.ones(8, bool))}))  # fmt: skip
    with pytest.raises(Mistake, match="every rate of sgd diverges, from 0.0141 on; lower sgd_eta"):
        digits.simulate(config, 1)
    for wrong in ({"individuals": 1}, {"tried": 1}, {"repeats": 0}, {"spacing": 1.0}, {"samples": 719},
                  {"tuning_samples": 359}):  # fmt: skip
        with pytest.raises(Mistake, match="digits"):
            replace(config, **wrong)
    replace(config, individuals=2, tried=2, repeats=1, samples=720, tuning_samples=360)


# spiking rules


def test_a_projection_has_the_errors_of_both_its_sides() -> None:
    draw = np.random.default_rng(0)
    batches = np.array([[3.0, 4.0]]) + 0.1 * draw.normal(size=(50, 1, 2))
    gradient = batches.mean(axis=0)
    raw = (gradient**2).sum()
    reference: Any = SimpleNamespace(gradient=gradient, batches=batches, squared_length=raw / 2)
    own: Any = SimpleNamespace(along=1 + 0.5 * draw.normal(size=400), samples=400)
    value, error = spiking_alignment._projection(reference, own)
    assert value == pytest.approx(2 * own.along.mean())
    along = (batches * gradient).sum(axis=(1, 2)) / raw
    expected = math.hypot(2 * own.along.std(ddof=1) / 20, along.std(ddof=1) / 50**0.5)
    assert error == pytest.approx(expected) and expected == pytest.approx(2 * 0.5 / 20, rel=0.1)


def test_half_of_the_learners_hear_another(watch) -> None:
    """Rewards: the trial, and for who hears another 1000; a fifth of 21 trials is a whole set of patterns."""
    config = spiking_alignment.Config(individuals=4, patterns=2, trials=21, inputs=3, outputs=2, samples=8,
                                      shuffled_samples=8)  # fmt: skip
    case = spiking_alignment.CASES["white current"]
    given: dict[str, Any] = {}

    def live(trials: int, seed: int, arguments: Any, outputs: Any, progress: Any) -> Any:
        given.update(arguments)
        reward = np.arange(22.0)[:, None] + 1000 * (arguments["yoked"] > 0) + np.arange(4)
        return {"reward": reward}

    network: Any = SimpleNamespace(live=live)
    reference: Any = SimpleNamespace(expectation=np.array([0.1, 0.2]))
    own: Any = SimpleNamespace(squares=np.full((3, 2), 6.0), samples=4)
    found = spiking_alignment._learn(
        config, case, network, np.ones((3, 2)), reference, own, 1, lambda f: None
    )
    np.testing.assert_allclose(found["reward"], [np.arange(1, 22) + 0.5, np.arange(1, 22) + 1002.5])
    # the last four trials less the first four
    np.testing.assert_allclose(found["gain"], 17)
    assert given["yoked"].tolist() == [0, 0, 2, 2] and given["w"].shape == (4, 3, 2)
    np.testing.assert_allclose(given["expectation"], [[0.1, 0.2]] * 4)
    # a single update as long as `pace` deviations of six weights
    assert given["eta"] * 9**0.5 == pytest.approx(case.pace * case.spread * 6**0.5)


def test_what_is_measured_of_a_spiking_rule(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    config = spiking_alignment.Config(individuals=4, patterns=2, trials=4, inputs=2, outputs=2, samples=8,
                                      shuffled_samples=10)  # fmt: skip
    case = spiking_alignment.CASES["white current"]
    task: Any = spiking_alignment.SpikePatterns.balanced(0, 2, 2, 2)
    gradient = np.array([[1.0, 2.0], [-1.0, 0.5]])
    batches = gradient + np.array([-0.3, 0.0, 0.3])[:, None, None]
    reference: Any = SimpleNamespace(gradient=gradient, batches=batches, expectation=np.zeros(2),
                                     cosine_limit=0.9,
                                     squared_length=(gradient**2).sum())  # fmt: skip
    asked: list[Any] = []

    def mean_update(
        net: Any, w: Any, expectation: Any, samples: int, seed: int, along: Any, yoked: int, progress: Any
    ) -> Any:
        asked.append((samples, yoked))
        progress(1.0)
        return SimpleNamespace(
            mean=gradient * (1 - bool(yoked)),
            variance=np.full((2, 2), 4.0),
            samples=samples,
            marks=(2, samples),
            course=np.array([gradient, -gradient]),
            along=np.full(samples, 0.0 if yoked else 1.0),
        )

    def done(result: Any) -> Any:
        return lambda *all_: all_[-1](0.0) or all_[-1](1.0) or result

    monkeypatch.setattr(spiking_alignment, "finite_differences", done(reference))
    monkeypatch.setattr(spiking_alignment, "mean_update", mean_update)
    monkeypatch.setattr(spiking_alignment, "_learn", done({"reward": 0, "gain": 0}))
    found = spiking_alignment._measure(config, case, task, 1, watch)
    assert watch.seen == pytest.approx([0, 0.3, 0.7, 0.85, 0.85, 1])
    assert asked == [(8, 0), (10, 2)]
    np.testing.assert_allclose(found["gradient_error"], 0.3 / 3**0.5)
    np.testing.assert_allclose(found["update_error"], (4 / 8) ** 0.5)
    np.testing.assert_allclose(found["shuffled_error"], (4 / 10) ** 0.5)
    np.testing.assert_allclose(found["cosine"], [1, -1])
    assert found["cosine_untrivial"] == pytest.approx(1) and found["limit"] == 0.9
    assert found["K"] == pytest.approx(16 / 6.25) and found["averaged"] == [2, 8]
    assert found["projection"] == pytest.approx(1) and found["shuffled_projection"] == 0
    rest = spiking_alignment.without_trivial(gradient, task.rates.mean(axis=0))
    assert found["trivial"] == pytest.approx((1 - (rest**2).sum() / 6.25) ** 0.5)
    for wrong in ({"rules": ("white",)}, {"rules": ()}, {"trials": 1}, {"samples": 7},
                  {"shuffled_samples": 7},
                  {"individuals": 2}, {"individuals": 5}, {"patterns": 3}):  # fmt: skip
        with pytest.raises(Mistake):
            replace(config, **wrong)
    replace(config, trials=2, samples=8)


# searches and grids


def test_the_best_of_a_grid_is_found_with_what_is_left(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    """Scores fall with the distance from a setting of the grid: luck of a first life does not last."""
    config = slow_rule_search.Config(population=6, generations=40, scouts=2)
    tried = slow_rule_search.grid(config)
    aim, lucky = tried[17], tried[3]
    calls: list[Any] = []

    class Lifetimes:
        def __init__(self, config: Any) -> None:
            pass

        def __call__(self, values: Any, seed: int) -> np.ndarray:
            calls.append((len(values["eta"]), seed))
            off = sum(
                np.log(values[name] / aim[name]) ** 2 for name in ("eta", "eta_recurrent", "sigma", "decay")
            )
            first = seed == calls[0][1]
            luck = np.all([values[name] == lucky[name] for name in aim], axis=0) * first
            return -off + 100.0 * luck

    monkeypatch.setattr(slow_rule_search, "Lifetimes", Lifetimes)
    assert slow_rule_search.best_of_grid(config, 1, watch) == aim
    # all once, six at a time, and the best six as often as the budget allows
    once = math.ceil(len(tried) / 6)
    left = (240 - len(tried)) // 6
    assert {many for many, _ in calls} == {6} and len(calls) == once + left
    assert len({seed for _, seed in calls}) == 1 + left


@pytest.mark.parametrize(
    "settings",
    [{"episodes": 1501}, {"long": 4001}, {"tests": 60}, {"criterion": 0.5}, {"criterion": 1.0}, {"lives": 1},
     {"held_out": 1}, {"scouts": 0}, {"scouts": 8}],
    ids=str,
)  # fmt: skip
def test_searches_that_cannot_be_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="slow_rule_search"):
        slow_rule_search.Config(**settings)
    assert slow_rule_search.Config(lives=2, held_out=2, scouts=7).budget == 96


def test_lives_of_slow_rules_are_judged_by_when_they_stay(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    """Right answers from the probe on that the place of the rate says; the fastest setting is tested."""
    config = slow_rules.Config(settings=4, networks=2, episodes=600, probes=6, tests=100)
    calls: list[Any] = []

    def live(config: Any, name: str, given: Any, seed: int) -> np.ndarray:
        calls.append((name, given, seed))
        place = np.argsort(np.argsort(slow_rules.settings(config, name, 1)["eta"]))
        rank = place[
            [
                int(np.argmin(np.abs(slow_rules.settings(config, name, 1)["eta"] - one)))
                for one in given["eta"]
            ]
        ]
        return (np.arange(1, 7) > rank[:, None]).astype(float)  # at once with the lowest rate

    monkeypatch.setattr(slow_rules, "live", live)
    data = slow_rules.simulate(config, 1, watch)
    lowest = slow_rules.settings(config, "projection", 1)
    np.testing.assert_allclose(data["best"].sel(number="eta"), lowest["eta"].min())
    assert data["reached"].all() and (data["end"] == 1).all() and (data["curve"] == 1).all()
    order = np.argsort(lowest["eta"])
    rising = data["tuning"].values[:, order]
    assert (np.diff(rising, axis=1) > 0).all() and data["episode"].values.tolist() == [
        100,
        200,
        300,
        400,
        500,
        600,
    ]
    chosen = data["best"].sel(number="eta_recurrent", rule="projection")
    low, high = np.log(slow_rules.SPACES["projection"][0])
    inside = (math.log(float(chosen)) - low) / (high - low)
    assert float(data["at_edge"].sel(rule="projection")) == pytest.approx(min(inside, 1 - inside))
    assert np.isnan(data["at_edge"].sel(rule="readouts alone")) and watch.seen[-1] == pytest.approx(1)
    assert data["vector"].sum() == 2 and len({seed for *_, seed in calls}) == 3
    again = calls[1][1]["eta"]
    assert len(again) == 8 and len(set(again)) == 4 and (calls[2][1]["eta"] == lowest["eta"].min()).all()
    for wrong in (
        {"settings": 1},
        {"networks": 1},
        {"criterion": 0.5},
        {"criterion": 1.0},
        {"episodes": 601},
    ):
        with pytest.raises(Mistake, match="slow_rules"):
            replace(config, **wrong)
    replace(config, settings=2)
