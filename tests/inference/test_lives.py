"""Worlds, kinds of subjects and coefficients by small cases: simulate, two_step_lives, populations,
coefficients, distance, recorded and tasks."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players.two_step import reflected
from hedon.analysis.recordings.places import VARIABLE
from hedon.analysis.statistics.empirical_bayes import Normal
from hedon.plasticity.inference import distance, populations, recorded
from hedon.plasticity.inference.coefficients import FREE, LIKELY, POINTS, Chart
from hedon.plasticity.inference.simulate import World, live, observe, play
from hedon.plasticity.inference.tasks import Bandit, TwoSteps
from hedon.plasticity.inference.two_step import TwoStepChart
from hedon.plasticity.inference.two_step_lives import (
    BOUNDS,
    DRIFT,
    HIGH,
    SWAP,
    TwoStepWorld,
    _drawn,
    play_two_step,
)

# worlds


@pytest.mark.parametrize(
    "wrong", [{"arms": 1}, {"trials": 0}, {"sessions": 0}, {"high": 1.01}, {"low": -0.01}, {"hazard": 1.01}]
)
def test_worlds_that_are_none(wrong: dict) -> None:
    with pytest.raises(Mistake):
        World(**wrong)
    assert World(2, 1.0, 0.0, 1.0, 1, 1).sessions == 1 and World(hazard=0.0).hazard == 0


def test_the_good_arm_pays_and_moves_as_often_as_it_should() -> None:
    world = World(3, 0.9, 0.3, 0.2, 400, 2)
    pay, good = world.pays(50, np.random.default_rng(0))
    assert pay.shape == (400, 3, 100) and good.shape == (400, 100)
    moved = good[1:] != good[:-1]
    assert abs(moved.mean() - 0.2) < 5 * np.sqrt(0.2 * 0.8 / moved.size)
    by = (good[1:] - good[:-1])[moved] % 3  # to each of the others alike
    assert abs((by == 1).mean() - 0.5) < 5 * 0.5 / np.sqrt(by.size)
    assert abs((good[0] == 0).mean() - 1 / 3) < 5 * np.sqrt(2 / 9 / 100)
    is_good = good[:, None] == np.arange(3)[:, None]
    for chance, here in ((0.9, is_good), (0.3, ~is_good)):
        assert abs(pay[here].mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / here.sum())
    _, blocks = World(2, hazard=0.0, every=7, trials=22).pays(3, np.random.default_rng(1))
    assert np.flatnonzero((blocks[1:] != blocks[:-1]).any(axis=1)).tolist() == [6, 13, 20]
    _, still = World(2, hazard=0.0, trials=50).pays(3, np.random.default_rng(1))
    assert (still == still[0]).all()


def test_sessions_of_a_subject_follow_each_other() -> None:
    world = World(4, trials=3, sessions=2)
    action, reward = np.arange(12).reshape(3, 4) % 4, np.arange(12.0).reshape(3, 4)
    found = world.choices(action, reward)
    assert found.subjects == ("s0000", "s0001") and found.options == 4
    assert found.reward.tolist() == [[0, 4, 8, 1, 5, 9], [2, 6, 10, 3, 7, 11]]
    assert found.begins.tolist() == [[True, False, False] * 2] * 2
    assert found.action.tolist() == (found.reward % 4).tolist()


def test_who_chooses_by_lot_loses_what_lot_loses() -> None:
    """A lapse in every trial: half of the trials the other arm, which pays .6 less."""
    chart = Chart((), {"lapse": 1.0})
    choices, lost = live(chart, np.zeros((40, 0)), World(trials=200, sessions=2), 2)
    assert lost.shape == (40,) and choices.action.shape == (40, 400)
    assert abs(lost.mean() - 0.3) < 5 * 0.3 / np.sqrt(40 * 400)
    assert abs(choices.action.mean() - 0.5) < 5 * 0.5 / np.sqrt(40 * 400)
    np.testing.assert_array_equal(
        play(chart, np.zeros((40, 0)), World(trials=200, sessions=2), 2).action, choices.action
    )
    three = live(chart, np.zeros((40, 0)), World(3, 0.8, 0.2, trials=200), 3)[1]
    assert abs(three.mean() - 0.4) < 5 * 0.3 / np.sqrt(40 * 200)
    # what it loses is what it does not earn
    sure, nothing = live(chart, np.zeros((9, 0)), World(high=1.0, low=0.0, trials=100), 4)
    np.testing.assert_allclose(sure.reward.mean(axis=1), 1 - nothing)


def test_an_observer_who_is_sure_finds_the_arm_that_pays() -> None:
    x = np.array([[-6.0, 3.0, np.log(40.0), 0.0, 0.0, 0.0, 0.0, -9.0]] * 20)
    found = observe(x, World(2, 1.0, 0.0, 0.0, 40), 5)
    assert found.reward[:, 3:].mean() > 0.98 and 0.2 < found.reward[:, 0].mean() < 0.8
    lots = np.array([[-6.0, 3.0, -20.0, 0.0, 0.0, 0.0, 0.0, 9.0]] * 20)
    assert abs(observe(lots, World(2, 1.0, 0.0, 0.0, 200), 6).action.mean() - 0.5) < 5 * 0.5 / np.sqrt(4000)


@pytest.mark.parametrize(
    "wrong", [{"options2": 0}, {"trials": 0}, {"sessions": 0}, {"common": 1.01}, {"common": -0.01}]
)
def test_two_step_worlds_that_are_none(wrong: dict) -> None:
    with pytest.raises(Mistake, match="two-step: an option"):
        TwoStepWorld(**wrong)
    assert TwoStepWorld(1, 1.0, 1, 1).common == 1 and TwoStepWorld(common=0.0).trials == 200


def test_odds_of_the_second_step_swap_or_drift() -> None:
    pay = TwoStepWorld(1, trials=400).pays(300, np.random.default_rng(0))
    assert pay.shape == (400, 2, 1, 300)
    # two outcomes of one state, k trials apart, agree as far as the state is still the good one
    one = 2 * pay[:, 0, 0] - 1
    for apart in (1, 10):
        product = (one[apart:] * one[:-apart]).mean()
        assert product == pytest.approx((2 * HIGH - 1) ** 2 * (1 - 2 * SWAP) ** apart, abs=0.02)
    assert abs((pay[:, 0] + pay[:, 1]).mean() - 1) < 5 * np.sqrt(0.18 / 300)
    generator, again = np.random.default_rng(1), np.random.default_rng(1)
    drifts = TwoStepWorld(2, trials=3).pays(4, generator)
    now, chances = again.uniform(*BOUNDS, (2, 2, 4)), []
    for _ in range(3):
        chances.append(now)
        now = reflected(now + DRIFT * again.standard_normal(now.shape), *BOUNDS)
    np.testing.assert_array_equal(drifts, again.random((3, 2, 2, 4)) < np.array(chances))


@pytest.mark.parametrize("options2", [1, 2])
def test_the_way_to_the_second_step_and_what_it_pays(options2: int) -> None:
    """Common ways, sessions in a row; a steep learner of one state that pays goes there."""
    chart = TwoStepChart(("beta1",), {"w": 1.0, "alpha2": 0.5, "beta2": 0.0})
    world = TwoStepWorld(options2, 0.8, trials=100, sessions=2)
    found = play_two_step(chart, np.full((30, 1), np.log(9.0)), world, 3)
    assert found.action.shape == (30, 200) and found.subjects[-1] == "s0029"
    assert found.state2 is not None and found.action2 is not None and found.options2 == options2
    common = found.state2 == found.action
    assert abs(common.mean() - 0.8) < 5 * np.sqrt(0.16 / common.size) and found.p_common == 0.8
    assert np.flatnonzero(found.begins[0]).tolist() == [0, 100]
    assert set(np.unique(found.action2)) == set(range(options2))
    if options2 == 2:
        assert abs(found.action2.mean() - 0.5) < 5 * 0.5 / np.sqrt(common.size)
    pays = np.where(common, found.action, 1 - found.action) == found.state2
    assert pays.all() and set(np.unique(found.reward)) == {0.0, 1.0}
    after = (found.action[:, 1:] == found.action[:, :-1]).astype(float)
    paid = (found.reward[:, :-1] > 0) == common[:, :-1]  # to a planner: go there again
    assert after[paid].mean() > after[~paid].mean() + 0.1


def test_choices_are_drawn_by_their_logits() -> None:
    logits = np.log(np.array([0.1, 0.6, 0.3]))[:, None] + np.zeros((3, 30_000))
    share = np.bincount(_drawn(logits, np.random.default_rng(0))) / 30_000
    assert (abs(share - [0.1, 0.6, 0.3]) < 5 * np.sqrt(0.25 / 30_000)).all()


# coefficients


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Chart(("etta",)), "no coefficient 'etta'; did you mean 'eta'"),
        (lambda: Chart(("eta", "eta")), "named twice"),
        (lambda: Chart(("eta",), {"eta": 0.1}), "eta cannot be two of fitted, fixed and tied"),
        (lambda: Chart(("eta",), {}, "x", {"eta": "eta"}), "eta cannot be two"),
        (lambda: Chart(("eta",), {"rest": 0.1}, "x", {"rest": "eta"}), "rest cannot be two"),
        (lambda: Chart(("eta",), {}, "x", {"rest": "beta"}), "tied to one that is fitted only"),
        (lambda: Chart(("losses", "eta_losses")), "say the same: name one"),
        (lambda: Chart(("own", "eta", "beta")), "one too many"),
        (lambda: Chart(("coactivity", "eta")), "no policy term: fix one"),
        (lambda: Chart(("coactivity", "own")), "no policy term: fix one"),
    ],
)
def test_charts_that_are_none(make, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        make()


def test_charts_at_the_edge_of_what_can_be_told() -> None:
    assert Chart(("coactivity", "eta", "policy")).free and Chart(("coactivity", "eta"), {"policy": 0.5}).free
    with pytest.raises(Mistake, match="no policy term"):
        Chart(("coactivity", "eta"), {"policy": 0.0})
    assert Chart(("coactivity",)).free and Chart(("own", "eta")).free


def test_coefficients_of_several_arms() -> None:
    names = [p.name for p in Chart(("eta", "bias", "beta")).parameters(4)]
    assert names == ["eta", "bias1", "bias2", "bias3", "beta"]
    own = {p.name: p for p in Chart(tuple(n for n in LIKELY if n not in ("losses", "eta"))).parameters(2)}
    assert {name: p.reach for name, p in own.items() if p.reach != 6} == {
        "rest": 1.0,
        "own": 1.0,
        "beta": 4.0,
    }
    assert (own["habit"].scale, own["habit"].mean, own["habit"].sd) == ("real", 0.0, 1.0)
    constants = Chart(("eta",), {"bias": 0.3, "rest": 0.1}, "x", {"forgetting": "eta"}).constants(3)
    assert constants["bias1"] == constants["bias2"] == 0.3 and "bias" not in constants
    assert constants["rest"] == 0.1 and not {"eta", "forgetting", "eta_high"} & set(constants)


def test_values_at_a_point_and_what_a_network_is_told() -> None:
    chart = Chart(("eta", "eta_losses", "bias"), {"rest": 0.25}, "x", {"forgetting": "eta"})
    x = np.array([[0.0, -1.0, 0.5, -0.5], [2.0, 1.0, 0.0, 3.0]])
    share = 1 / (1 + np.exp(-x[:, :2]))
    theta = chart.values(x, 3, np.array([1, 0, 1]))
    np.testing.assert_allclose(theta["eta"], share[[1, 0, 1], 0])
    np.testing.assert_allclose(theta["forgetting"], theta["eta"])
    np.testing.assert_allclose(theta["bias2"], [3, -0.5, 3])
    told = chart.network(x, 3)
    np.testing.assert_allclose(told["losses"], share[:, 1] / share[:, 0])
    np.testing.assert_allclose(told["eta_high"], share[:, 0])
    np.testing.assert_allclose(told["bias"], [[0, 0.5, -0.5], [0, 0, 3]])
    assert told["w"].tolist() == [[[0.25] * 3]] * 2 and "bias1" not in told
    even = Chart(("eta",), {"losses": 0.5}).network(np.zeros((1, 1)), 2)
    assert even["losses"].tolist() == [0.5]


# populations


def test_subjects_are_drawn_within_reach() -> None:
    parameters = POINTS["Q"].parameters(2)
    wide = Normal(np.array([p.mean for p in parameters]), np.array([400.0, 0.01, 1.0, 1.0]))
    x = populations.drawn(parameters, wide, 2000, 3)
    off = np.abs(x - wide.mean) - [p.reach for p in parameters]
    assert x.shape == (2000, 4) and off.max() <= 1e-12 and (off[:, 0] > -1e-12).mean() > 0.5
    assert x[:, 1].std() == pytest.approx(0.1, rel=0.1) and x[:, 2].std() == pytest.approx(1, rel=0.1)
    np.testing.assert_array_equal(x, populations.drawn(parameters, wide, 2000, 3))
    weak = populations.weak(parameters)
    assert weak.mean.tolist() == [p.mean for p in parameters]
    np.testing.assert_allclose(weak.variance, [p.sd**2 for p in parameters])


def test_people_of_each_kind() -> None:
    for kind in populations.KINDS:
        parameters = populations.coefficients(kind, 3)
        found = populations.people_like(parameters, kind)
        assert found.mean.shape == (len(parameters),) and (found.variance > 0).all()
        bias = [k for k, p in enumerate(parameters) if p.name.startswith("bias")]
        assert len(bias) == 2 and (found.mean[bias] == 0).all() and (found.variance[bias] == 0.25).all()
    own = dict(zip([p.name for p in POINTS["REINFORCE"].parameters(2)], range(9), strict=False))
    learners = populations.people_like(POINTS["REINFORCE"].parameters(2), "REINFORCE")
    assert learners.mean[own["eta"]] == -1.06 and learners.variance[own["eta"]] == pytest.approx(1.14**2)
    assert populations.people_like(POINTS["Q"].parameters(2)).mean[0] == -0.52


# distance from the best


def test_learning_and_readout_are_swapped_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world in which each loses the sum of its coefficients: what is swapped is seen."""
    chart, world = Chart(("eta", "beta", "bias", "repeat")), World(3)
    seen: list[np.ndarray] = []

    def lost(chart: Chart, x: np.ndarray, world: World, seed: int) -> tuple[None, np.ndarray]:
        seen.append(x)
        return None, x.sum(axis=1)

    monkeypatch.setattr(distance, "live", lost)
    x, top = np.array([[1.0, 10, 100, 100, 1000], [2.0, 20, 200, 200, 2000]]), np.zeros(5)
    found = distance.losses(chart, x, top, world, 3, 0)
    np.testing.assert_allclose(found, [[1211, 2422], [1210, 2420], [1, 2], [0, 0]])
    assert seen[0].shape == (6, 5) and (seen[1][:3] == [0, 10, 100, 100, 1000]).all()
    shifted = distance.losses(chart, x, top + 1, world, 2, 0)
    np.testing.assert_allclose(shifted[[0, 3]], [[1206, 2417], [0, 0]])


def test_the_best_is_searched_where_it_may_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list = []

    class Ended:
        def averaged(self, part: float) -> dict[str, float]:
            return {"part": part}

    monkeypatch.setattr(distance, "run_search", lambda search: told.append(search) or Ended())
    assert distance.best(World(), 7, 12, 3) == {"part": 0.5}
    (search,) = told
    assert (search.generations, search.seeds, search.seed, search.optimiser.population) == (7, 1, 3, 12)
    free = {p.name: p for p in search.space.free}
    assert {name: (p.low, p.high) for name, p in free.items()} == distance.SEARCHED
    assert [name for name, p in free.items() if p.scale == "log"] == [
        "beta"
    ] and search.optimiser.sigma == 0.25
    assert free["eta"].default == pytest.approx(0.5)
    earned = distance.Earned(World(2, 0.8, 0.2, trials=50), 20)
    steep = {"eta": 0.5, "eta_losses": 0.5, "opposite": 0.0, "forgetting": 0.1}
    assert -0.3 < earned({**steep, "beta": 0.01}, 0) < earned({**steep, "beta": 8.0}, 0) < 0


def test_coefficients_as_a_row_of_a_fit() -> None:
    row = distance.as_row(Chart(("eta", "beta", "bias", "lapse")), {"eta": 0.5, "beta": np.e}, 3)
    np.testing.assert_allclose(row, [0, 1, 0, 0, np.log(0.002 / 0.998)])


def test_a_third_of_the_people_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    lines = ["subject,trial,action,reward"]
    lines += [f"p{who},{t},{t % 3},{int(t % 4 == who)}" for who in range(7) for t in range(12)]
    (tmp_path / recorded.FILE).write_bytes(gzip.compress("\n".join(lines).encode()))
    fits: list[Chart] = []
    monkeypatch.setattr(recorded, "refitted", lambda chart, choices, seed: fits.append(chart) or seed)
    recorded.people.cache_clear()
    found = recorded.people()
    recorded.people.cache_clear()
    assert found is not None and found.choices.subjects == ("p0", "p3", "p6") and found.fitted == 0
    assert [chart.free for chart in fits] == [FREE, recorded.FIRM] and found.firm == 0


# tasks


def two_steps(common: float, options2: int = 2) -> Choices:
    action = np.array([[0, 1, 0, NONE]])
    states = (action, action if options2 == 2 else np.zeros_like(action))
    return Choices(("a",), action, np.array([[1.0, 0, 0, 0]]), np.eye(1, 4) > 0, 2, *states, options2, common)


def test_transitions_from_which_nothing_can_be_told() -> None:
    task = TwoSteps()
    task.check(two_steps(0.5)), task.check(two_steps(0.99))
    for common, said in ((1.0, "all transitions are common"), (0.0, "all transitions are rare")):
        with pytest.raises(Mistake, match=said):
            task.check(two_steps(common))
    with pytest.raises(Mistake, match="only 0.49 of the transitions are common"):
        task.check(two_steps(0.49))
    assert task.world(two_steps(0.7)) == "drifting odds, 0.70 of the transitions are common"
    assert task.world(two_steps(0.7, 1)).startswith("swapping odds")


def test_rivals_of_each_task() -> None:
    models = TwoSteps().models(two_steps(0.7))
    assert list(models)[:3] == ["family", "logistic regression, 10 lags", "logistic regression, 5 lags"]
    assert len(models["logistic regression, 5 lags"].parameters) == 1 + 4 * 5 + 3  # and those of the second
    alone = TwoSteps().models(two_steps(0.7, 1))
    assert len(alone["logistic regression, 10 lags"].parameters) == 1 + 4 * 10
    assert list(models).count("family") == 1 and "model-based" in models
    choices = play(POINTS["Q"], np.zeros((2, 4)), World(trials=20), 0)
    bandit = Bandit(POINTS["Q"]).models(choices)
    assert len(bandit["logistic regression, 10 lags"].parameters) == 1 + 2 * 10
    assert len(bandit["logistic regression, 5 lags"].parameters) == 1 + 2 * 5 and list(bandit)[0] == "family"


def test_lived_trials_are_as_many_as_were_asked_for() -> None:
    choices = play(POINTS["Q"], np.zeros((2, 4)), World(trials=20), 0)
    lived = Bandit(POINTS["Q"]).lived(choices, np.zeros((3, 4)), 2, 15, 1)
    assert lived.choices.action.shape == (3, 30) and lived.choices.begins.sum() == 6
    chart = TwoStepChart(("w", "beta1"))
    steps = TwoSteps(chart).lived(two_steps(0.7), np.zeros((3, 2)), 2, 15, 1)
    assert steps.choices.action.shape == (3, 30) and steps.choices.p_common == 0.7
    assert "one arm pays" in Bandit().world(choices)
