"""What experiments that infer make of fits that are known: choice_recovery, foretold_choices,
inferred_network and simulated_inference."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.experiments import choice_recovery, foretold_choices, inferred_network, simulated_inference
from hedon.models.predictors.network import Lived


def some_choices(subjects: int, trials: int) -> Choices:
    action = np.arange(subjects * trials).reshape(subjects, trials) % 2
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = True
    return Choices(tuple(f"s{k}" for k in range(subjects)), action, action.astype(float), begins, 2)


# choice_recovery

SMALL = choice_recovery.Config(
    bandit_people=4, bandit_trials=30, two_step_people=3, two_step_trials=20, null_people=3, people=3,
    foreseen=5, trials=25, reporters=3, sessions=2, session_trials=12,
)  # fmt: skip


def test_players_are_fitted_and_stand_under_their_names(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    """Fits find half of the truth with a prior, a third without; a score is the letters of a model's name."""
    module, made, asked = choice_recovery, {}, []

    def player(kind: str) -> Any:
        real = getattr(module, kind).simulate

        def simulate(many: int, trials: int, **settings: Any) -> Any:
            asked.append((kind, many, trials, settings))
            return real(many, trials, **settings)

        return simulate

    for kind in ("q_learning", "two_step"):
        monkeypatch.setattr(getattr(module, kind), "simulate", player(kind))

    def known(player: dict[str, Any]) -> dict[str, Any]:
        """What a player was given, by the names of models."""
        names = {"perseveration": "p", "lam": "lambda", "alpha1": "alpha"}
        return {names.get(name, name): value for name, value in player.items()}

    def fit(model: Any, choices: Any, prior: Any = "weak") -> Any:
        scale = 0.5 if prior == "weak" else 1 / 3
        true = known(asked[-1][3])
        return {one.name: scale * true[one.name] for one in model.parameters}

    class Named(dict):
        @property
        def names(self) -> list[str]:
            return list(self)

    monkeypatch.setattr(module, "fit", lambda *given, **more: Named(fit(*given, **more)))
    monkeypatch.setattr(
        module, "standard_errors", lambda found, choices: 0.1 * np.array(list(found.values())).T
    )
    paid = made.setdefault("paid", [])

    def held_out(model: Any, choices: Choices) -> np.ndarray:
        paid.append(choices.reward)
        return np.full(len(choices.subjects), float(len(model.name)))

    monkeypatch.setattr(module, "held_out", held_out)
    data = module.simulate(SMALL, 1, watch)
    kinds = [one[:3] for one in asked]
    assert kinds == [("q_learning", 4, 30), ("two_step", 3, 20), ("q_learning", 3, 30),
                     *[("two_step", 3, 25)] * 3, ("two_step", 5, 25)]  # fmt: skip
    for place, name in enumerate(("bandit", "two_step")):
        given = known(asked[place][3])
        true = np.array([given[one] for one in data[f"{name}_parameter"].values])
        for estimate, share in (("true", 1), ("found", 0.5), ("error", 0.05), ("likely", 1 / 3)):
            np.testing.assert_allclose(data[name].sel(estimate=estimate), share * true)
    settings = asked[1][3]
    assert settings["first_value"] == 0.5 and len({one[3]["seed"] for one in asked}) == len(asked)
    for name, (low, high) in {"alpha1": (0.1, 0.9), "lam": (0, 1), "w": (0, 1), "beta1": (1, 8)}.items():
        assert (low < settings[name]).all() and (settings[name] < high).all() and np.ptp(settings[name]) > 0
    null = {name: asked[2][3][name] for name in ("alpha", "beta", "perseveration")}
    assert null == {"alpha": 0.4, "beta": 4.0, "perseveration": 0.3}
    for (*_, one), w in zip(asked[3:], (0.0, 1.0, 0.5, 0.5), strict=True):
        rest = {name: value for name, value in one.items() if name != "seed"}
        assert rest == {
            "alpha1": 0.5,
            "lam": 0.6,
            "beta1": 4.0,
            "w": w,
            "perseveration": 0.3,
            "first_value": 0.5,
        }
    np.testing.assert_allclose(data["gain"], len(module.QLearning.name) - len(module.Perseveration.name))
    np.testing.assert_array_equal(paid[0], paid[1])
    assert not np.array_equal(paid[0], paid[2])
    np.testing.assert_array_equal(np.sort(paid[0], axis=1), np.sort(paid[2], axis=1))
    assert data["held_out"].values[:, 0].tolist() == [len(name) for name in data["model"].values]
    assert {name: data[name].shape for name in ("gain", "stay", "regression", "held_out", "slope")} == {
        "gain": (2, 3), "stay": (3, 3, 4), "regression": (3, 4), "held_out": (3, 5),
        "slope": (2, 3, len(data["since"]))}  # fmt: skip
    assert watch.seen == pytest.approx([0, 0.15, 0.6, 0.7, 0.95])
    assert data["held_out"].attrs["units"] == "nat" and data["bandit"].attrs["units"] == "1"
    with pytest.raises(Mistake, match="three people or more"):
        module.Config(reporters=2)


def test_reporters_see_outcomes_of_a_chance_that_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        choice_recovery, "played", lambda behaviour, player: seen.append((behaviour, player)) or len(seen)
    )
    monkeypatch.setattr(choice_recovery, "update_slopes", lambda one, windows: [one, *windows[1]])
    monkeypatch.setattr(choice_recovery.change_point, "bayes", lambda *given: ("bayes", *given))
    monkeypatch.setattr(choice_recovery.change_point, "constant_rate", lambda *given: ("constant", *given))
    config = choice_recovery.Config(reporters=40, sessions=3, session_trials=60, hazard=0.1)
    found = choice_recovery._reporters(config, 3)["slope"]
    np.testing.assert_array_equal(found, [[1, 1, 1], [2, 1, 1]])
    assert seen[0][1]([1]) == ("bayes", [1], 0.1, *choice_recovery.BOUNDS)
    assert seen[1][1]([1]) == ("constant", [1], 0.1)
    table = {name: seen[0][0][name].reshape(40, 3, 60) for name in seen[0][0].columns}
    assert (table["trial"] == np.arange(60)).all() and {*table["session"][0, :, 0]} == {"000", "001", "002"}
    assert table["subject"][5, 1, 2] == "s005" and (table["change_point"][..., 0] == 1).all()
    jumps = table["change_point"][..., 1:].mean()
    assert abs(jumps - 0.1) < 5 * (0.09 / 7080) ** 0.5
    # outcomes of one stretch go together, those on either side of a change do not
    late = table["outcome"] - table["outcome"].mean()
    same = (late[..., 1:] * late[..., :-1])[table["change_point"][..., 1:] == 0]
    other = (late[..., 1:] * late[..., :-1])[table["change_point"][..., 1:] == 1]
    assert same.mean() > 5 * same.std() / len(same) ** 0.5
    assert abs(other.mean()) < 5 * other.std() / len(other) ** 0.5


# foretold_choices


def test_what_is_foretold_stands_under_its_set(monkeypatch: pytest.MonkeyPatch, watch, tmp_path: Any) -> None:
    """A model's nats are its number in each part; the digest of a file is its name."""
    module = foretold_choices
    monkeypatch.setattr(module, "digest", lambda file: "" if file == absent else file)
    absent = ""
    choices, fold = some_choices(2, 4), np.array([[0, 0, 1, 1]] * 2)
    monkeypatch.setattr(module, "read", lambda name, config: (choices, fold))
    monkeypatch.setattr(module, "models", lambda name, choices, points: {"one": 1.0, name: 2.0})
    calls = []

    def held_out_parts(objective: float, fold: Any, parts: int, seed: int) -> np.ndarray:
        calls.append((objective, parts, seed))
        return -objective * np.ones((parts, 2))

    monkeypatch.setattr(module, "held_out_parts", held_out_parts)
    there = {"reversals": module.REVERSALS, "pennies": module.PENNIES, "two_step": module.TWO_STEP}
    config = module.Config(**there)
    data = module.simulate(config, 7, watch, tmp_path)
    assert set(data.data_vars) == {"reversals", "pennies"}  # no planners are asked for
    for name in data.data_vars:
        np.testing.assert_allclose(data[name], [[-0.5, -0.5], [-1, -1]])
        assert (
            data[f"model_of_{name}"].values.tolist() == ["one", name] and data[name].attrs["units"] == "nat"
        )
    assert calls == [(1.0, 2, 7), (2.0, 2, 7)] * 2 and watch.seen == pytest.approx([0, 0, 1 / 3, 1 / 3])
    all_three = module.Config(**there, planners=2)
    assert "two_step" in module.simulate(all_three, 7, folder=tmp_path) and len(calls) == 6  # four were kept
    assert not module.simulate(module.Config(reversals="", pennies="", two_step=""), 7).data_vars
    with pytest.raises(
        Mistake, match=f"recording other is not at hand: {module.PENNIES}.*is {module.PENNIES}$"
    ):
        module.simulate(module.Config(**there | {"pennies": "other"}), 7, folder=tmp_path)
    absent = module.PENNIES
    with pytest.raises(Mistake, match="is not at hand.* is not there$"):
        module.simulate(module.Config(**there), 7, folder=tmp_path)


@pytest.mark.parametrize(
    "change", [{"every": 0}, {"sessions": 3}, {"planners": 1}, {"planners": 25}, {"points": ("family",)}]
)
def test_what_cannot_be_foretold(change: dict[str, Any]) -> None:
    with pytest.raises(Mistake, match="foretold_choices"):
        foretold_choices.Config(**change)
    for edge in ({"every": 1, "sessions": 4, "planners": 2}, {"planners": 24}):
        assert foretold_choices.Config(**edge).planners  # type: ignore[arg-type]


def test_which_people_and_sessions_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    module = foretold_choices
    people, taken = some_choices(10, 4), []
    monkeypatch.setattr(module, "data_file", lambda file: file)
    monkeypatch.setattr(module, "two_step_choices", lambda behaviour: people)
    monkeypatch.setattr(module, "parts", lambda choices, blocks=None: ((choices.subjects, blocks), None))
    monkeypatch.setattr(module, "laid_out", lambda behaviour, name: np.arange(40).reshape(10, 4))
    monkeypatch.setattr(module, "bandit_choices", lambda behaviour: taken.append(behaviour) or people)

    class Sessions(dict):
        def where(self, kept: np.ndarray) -> Any:
            return self["session"][kept].tolist()

    monkeypatch.setattr(module, "read_behaviour", lambda *given: Sessions(session=np.repeat(np.arange(9), 2)))
    config = module.Config(every=4, sessions=4, planners=3, reversals="", pennies="", two_step="")
    choices, (subjects, blocks) = module.read("reversals", config)
    assert choices.subjects == subjects == ("s1", "s5", "s9") and blocks[:, 0].tolist() == [4, 20, 36]
    every = module.Config(every=1, sessions=40, planners=24, reversals="", pennies="", two_step="")
    assert module.read("reversals", every)[0].subjects == people.subjects
    assert module.read("two_step", config)[0].subjects == ("s0", "s3", "s6", "s9")
    assert module.read("two_step", every)[0].subjects == people.subjects
    taken.clear()
    assert module.read("pennies", config)[1] == (people.subjects, None)
    module.read("pennies", every)
    assert taken == [[0, 0, 2, 2, 5, 5, 8, 8], np.repeat(np.arange(9), 2).tolist()]


def test_models_of_a_set() -> None:
    choices = some_choices(2, 30)
    names = {name: list(foretold_choices.models(name, choices, ("Q",))) for name in ("reversals", "pennies")}
    ten = "logistic regression, 10 lags"
    assert names["reversals"] == ["family", foretold_choices.FIRMLY, ten, "Q"]
    assert names["pennies"] == ["family", ten, "Q"]
    lagged = foretold_choices.models("pennies", choices, ())[ten]
    assert lagged.back == 10  # type: ignore[attr-defined]


# inferred_network


def test_a_network_has_the_coefficients_of_its_subjects(told) -> None:
    config = inferred_network.Config(
        names=("eta", "eta_losses", "bias1", "beta"), coefficients=(0.4, 0.3, 0.7, 5.0, 0.2, 0.1, -0.7, 3.0),
        trials=6, copies=2, hazard=0.1,
    )  # fmt: skip
    table = config.table()
    np.testing.assert_allclose(table["losses"], [0.75, 0.5])
    np.testing.assert_allclose(table["bias"], [[0, 0.7], [0, -0.7]])
    np.testing.assert_allclose(table["eta_high"], table["eta"])
    assert "eta_losses" not in table and "bias1" not in table

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        trial, who = np.arange(duration)[:, None], np.arange(net.individuals)
        return {"arm_mean": (trial + who) % 2 + 1e-9, "reward_mean": (trial % 3 == 0) * (1 + who)}

    network = told(answer, ChoiceNetwork)
    data = inferred_network.simulate(config, 3)
    net, given, seed, duration = network.calls[0]
    assert (net.individuals, net.block, net.habits, duration, seed) == (4, 1, True, 6, 0)
    assert (net.task.arms, net.task.high, net.task.low, net.task.hazards, net.task.episode) == (
        2, 0.8, 0.2, (0.1,), 15)  # fmt: skip
    np.testing.assert_allclose(given["eta"], [0.4, 0.4, 0.2, 0.2])
    np.testing.assert_allclose(given["bias"][:, 1], [0.7, 0.7, -0.7, -0.7])
    np.testing.assert_allclose(given["w"], np.repeat(given["rest"][:, None, None], 2, axis=2))
    assert given["w"].shape == (4, 1, 2)
    np.testing.assert_array_equal(data["action"], (np.arange(6) + np.arange(4)[:, None]) % 2)
    np.testing.assert_array_equal(data["reward"], (np.arange(6) % 3 == 0) * (1 + np.arange(4)[:, None]))
    assert data["subject"].values.tolist() == [0, 0, 1, 1] and data["switch"].dims == ("history",)
    lived = inferred_network.live(config, 3)
    assert lived.subjects == ("n00000", "n00001", "n00002", "n00003") and lived.options == 2
    assert lived.begins.tolist() == [[True, *[False] * 5]] * 4
    for change, words in (({"coefficients": (1.0,)}, "1 values, not 5"), ({"hazard": 1.1}, "hazard must"),
                          ({"hazard": -0.1}, "hazard must"), ({"arms": 1}, "at least two arms")):  # fmt: skip
        with pytest.raises(Mistake, match=words):
            inferred_network.Config(**change)  # type: ignore[arg-type]
    assert inferred_network.Config(hazard=1.0).hazard == 1 and inferred_network.Config(hazard=0.0).arms == 2


def test_a_network_is_described_as_its_subjects_were(monkeypatch: pytest.MonkeyPatch) -> None:
    import tomllib

    met = SimpleNamespace(high=0.71234, low=0.21234, hazard=0.0123456)
    monkeypatch.setattr(inferred_network.HiddenArm, "of", lambda choices: met)
    monkeypatch.setattr(inferred_network, "block_length", lambda choices, blocks: 9 if blocks is None else 5)
    found: Any = SimpleNamespace(
        values=lambda: (np.array([[0.4, 5.0], [0.3, 4.0]]), None),
        chart=SimpleNamespace(fixed={"forgetting": 0.25}),
        names=("eta", "beta"),
    )
    choices = some_choices(2, 8)
    choices.action[0, 5:] = NONE
    for blocks, hazard, episode in ((None, 0.0123, 9), (np.zeros((2, 8)), 0.0, 5)):
        text = inferred_network.described(found, choices, blocks).decode()
        assert text.startswith("# hedon run inferred_network --config network.toml\n")
        entry = tomllib.loads(text)
        assert (entry["experiment"], entry["scale"]) == ("inferred_network", "quick")
        config = entry["config"]
        assert (config["high"], config["low"], config["hazard"]) == (0.712, 0.212, hazard)
        assert (config["episode"], config["trials"], config["arms"]) == (episode, 6, 2)
        assert config["names"] == ["eta", "beta", "forgetting"]
        assert config["coefficients"] == [0.4, 5.0, 0.25, 0.3, 4.0, 0.25]


# simulated_inference


def test_cells_live_at_their_coefficients_and_are_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spikes at the cue are the cue's number, those at the reward 100 more."""
    module, calls = simulated_inference, []
    config = module.Config(populations=2, fresh_populations=1, neurons=3, training=40, cell_trials=200)

    def live(net: Any, world: Any, cells: Any, seed: int, values: Any, place: int) -> Lived:
        calls.append((net, world, cells, seed, values, place))
        at_cue = np.repeat(world.cue[:, :, None].astype(float), net.neurons, axis=2)
        return Lived(np.full(1, place), np.zeros(1), at_cue, 100 + at_cue, np.zeros(1), np.zeros(1))

    monkeypatch.setattr(module, "live", live)
    x, seen = module.recorded_cells(config, 5)
    study = module.dopamine_population.Config()
    assert [call[5] for call in calls] == [0, 1, 2] and [len(call[1].cue) for call in calls] == [40, 40, 200]
    assert [call[2]["eta"] for call in calls] == list(config.eta) and {call[3] for call in calls} == {5}
    assert calls[0][4] is None and [call[4].tolist() for call in calls[1:]] == [[0], [1]]
    net, world, cells, *_ = calls[2]
    assert (net.individuals, net.neurons, net.trials) == (3, 3, 201)
    assert (net.cues, net.longest) == (len(study.delays) + 2, max(*study.delays, *study.uncertain))
    assert x.shape == (9, 4) and cells["trace"] == study.trace
    for k, name in enumerate(module.CELL):
        back = np.exp if k < 2 else lambda values: 1 / (1 + np.exp(-values))
        np.testing.assert_allclose(cells[name].ravel(), back(x[:, k]))
    off = np.abs(x - module.CELLS.mean) / np.sqrt(module.CELLS.variance)
    assert off.max() <= module.FURTHEST + 1e-9 and off.mean() > 0.4
    cues, single = net.cues, len(study.delays)
    worths = len(module.dopamine_population.worths())
    assert seen.shape == (9, cues + single + worths + len(study.uncertain) + 2)
    at_reward = [*range(single), *[single] * worths, *[single + 1] * len(study.uncertain)]
    np.testing.assert_allclose(seen[:, :-2], [[*range(cues), *(100.0 + np.array(at_reward))]] * 9)
    spread = np.log1p(world.cue.var(axis=0))
    np.testing.assert_allclose(seen[:, -2:], np.repeat(spread, 3)[:, None] * [1, 1])


def test_posteriors_are_judged_in_fresh_sessions(monkeypatch: pytest.MonkeyPatch, watch) -> None:
    """A posterior that knows nothing but what it is asked: draws go evenly from 1 below the summary to 1
    above."""
    module, asked = simulated_inference, []
    spread = np.linspace(-1, 1, 11)
    monkeypatch.setattr(module.without_likelihood, "check_installed", lambda: None)

    class Learned:
        def sample(self, seen: np.ndarray, number: int, seed: int) -> np.ndarray:
            asked.append(("asked", len(seen), number))
            return seen[:, None, :] + spread[:, None]

    def learn(x: np.ndarray, seen: np.ndarray, prior: Any, seed: int) -> Learned:
        asked.append(("learned", len(x), len(seen)))
        return Learned()

    monkeypatch.setattr(module.without_likelihood, "learn", learn)
    generator = np.random.default_rng(0)
    cells = generator.standard_normal((12, 4))
    monkeypatch.setattr(module, "recorded_cells", lambda config, seed: (cells, cells + [0, 0, 0, 5.0]))
    config = module.Config(populations=2, fresh_populations=1, neurons=4)
    found = module._cells(config, 3)
    assert asked == [("learned", 8, 8), ("asked", 4, 1000)]
    np.testing.assert_allclose(found["cell_covered"], [1, 1, 1, 0])
    np.testing.assert_allclose(found["cell_r"], 1)
    near = np.abs(np.roll(cells[:4], 1, axis=0) - cells[:4] - [0, 0, 0, 5]) <= 0.9
    np.testing.assert_allclose(found["cell_covered_null"], near.mean(axis=0))
    monkeypatch.setattr(module, "_choices", lambda config, seed: {
        **dict.fromkeys(("covered", "r"), np.zeros((len(module.KINDS), len(module.LEARNER.free)))),
        "apart": np.zeros((len(module.KINDS), 2)), "apart_null": np.zeros(2)})  # fmt: skip
    data = module.simulate(config, 3, watch)
    assert isinstance(data, xr.Dataset) and watch.seen == pytest.approx([0, 0.6])
    assert data["number"].values.tolist() == list(module.CELL)
    for change in ({"sessions": 99}, {"compared": 1}, {"fresh": 1}):
        with pytest.raises(Mistake, match="100 sessions to learn from, and 2 of each other kind"):
            module.Config(**change)
    assert module.Config(sessions=100, compared=2, fresh=2).trials == 400
