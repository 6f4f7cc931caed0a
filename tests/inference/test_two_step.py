"""The two-step family: its gradient, the models that are points of it, and the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.behaviour.choice_fits import log_likelihood
from hedon.analysis.behaviour.choices import Choices, two_step_choices
from hedon.analysis.behaviour.two_step_models import TWO_STEP_MODELS
from hedon.analysis.players.two_step import simulate
from hedon.analysis.statistics.empirical_bayes import fit
from hedon.plasticity.inference.tasks import TwoSteps
from hedon.plasticity.inference.two_step import TWO_STEP_POINTS, TwoStepChart, TwoStepLikelihood
from hedon.plasticity.inference.two_step_lives import TwoStepWorld, play_two_step

MODELS = {model.name: model() for model in TWO_STEP_MODELS}


def people(subjects: int = 4, trials: int = 60, options2: int = 2) -> Choices:
    """Simulated people who missed one trial of ten, in two sessions."""
    behaviour = simulate(subjects, trials, missed=0.1, seed=1)
    behaviour.columns["session"][behaviour["trial"] >= trials // 3] = "1"
    if options2 == 1:
        behaviour.columns.pop("action2")
    return two_step_choices(behaviour)


def drawn(likelihood: TwoStepLikelihood, rows: int, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.array([p.mean + 0.5 * p.sd * generator.standard_normal(rows) for p in likelihood.parameters]).T


@pytest.mark.parametrize("options2", (1, 2))
@pytest.mark.parametrize("name", TWO_STEP_POINTS)
def test_gradient_is_that_of_central_differences(name: str, options2: int) -> None:
    likelihood = TwoStepLikelihood(TWO_STEP_POINTS[name], people(options2=options2))
    who, x = np.arange(4), drawn(likelihood, 4)
    value, slope, information = likelihood.evaluate(x, who)
    np.testing.assert_array_equal(value, likelihood.value(x, who))
    assert (np.linalg.eigvalsh(information) > -1e-9).all()
    for place, step in enumerate(1e-6 * np.eye(x.shape[1])):
        central = (likelihood.value(x + step, who) - likelihood.value(x - step, who)) / 2e-6
        # rounding of a log likelihood of about 80, over 2e-6
        np.testing.assert_allclose(slope[:, place], central, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("options2", (1, 2))
@pytest.mark.parametrize(
    ("name", "fixed", "tied"),
    [
        ("model-free", {"w": 0.0}, {"alpha2": "alpha1"}),
        ("model-based", {"w": 1.0, "lambda": 0.5}, {"alpha1": "alpha2"}),
        ("mixture", {}, {"alpha2": "alpha1"}),
        ("model-based, forgetting", {"w": 1.0, "lambda": 0.5}, {"alpha1": "alpha2", "forgetting": "alpha2"}),
        ("mixture, forgetting", {}, {"alpha2": "alpha1", "forgetting": "alpha1"}),
    ],
)
def test_a_point_is_its_own_likelihood(name: str, fixed: dict, tied: dict, options2: int) -> None:
    """Each model of `two_step_models`, at the same numbers."""
    choices, model = people(options2=options2), MODELS[name]
    theirs = {"alpha": "alpha2" if "w" in fixed and fixed["w"] == 1 else "alpha1", "p": "repeat"}
    free = tuple(theirs.get(p.name, p.name) for p in model.parameters)
    likelihood = TwoStepLikelihood(TwoStepChart(free, fixed, name, tied), choices)
    generator = np.random.default_rng(2)
    x = generator.standard_normal((4, len(free)))
    ours = x[:, [k for k, n in enumerate(free) if n in {p.name for p in likelihood.parameters}]]
    np.testing.assert_allclose(
        likelihood.value(ours, np.arange(4)), log_likelihood(model, x, choices), rtol=1e-10
    )


def test_lives_have_the_frequencies_of_the_likelihood() -> None:
    """At their own coefficients the mean log P of what learners chose is minus their policies' entropy."""
    chart = TwoStepChart()
    x = np.tile([p.mean + 0.3 * p.sd for p in chart.parameters(2)], (60, 1))
    likelihood = TwoStepLikelihood(chart, play_two_step(chart, x, TwoStepWorld(trials=100, sessions=2), 5))
    surprise = -likelihood.value(x, np.arange(60))
    entropy, sessions = np.zeros(60), likelihood.sessions
    for log_p, _, _ in likelihood._stages(x, sessions, sessions.subject, slopes=False):
        each = -(np.exp(log_p) * log_p).sum(axis=(0, 1))
        np.add.at(entropy, sessions.subject, each)
    off = surprise - entropy
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(60)
    assert entropy.mean() < 0.9 * 400 * np.log(2)


@pytest.mark.parametrize("options2", (1, 2))
def test_a_planner_and_a_model_free_learner_are_told_apart(options2: int) -> None:
    """w comes back, and the models that learners are not foretell less of them."""
    chart = TwoStepChart(("w", "beta1"), {"alpha1": 0.5, "alpha2": 0.5, "beta2": 4.0})
    w = np.array([-2.5] * 15 + [2.5] * 15)
    x = np.stack([w, np.full(30, np.log(5.0))], axis=1)
    world = TwoStepWorld(options2, 0.8, trials=150, sessions=2)
    choices = play_two_step(chart, x, world, 3)
    models = TwoSteps(chart).models(choices)
    found = fit(models["family"], starts=1, climbs=1)
    assert np.corrcoef(found.x[:, 0], w)[0, 1] > 0.8
    value = {name: fit(models[name], starts=1, climbs=1).value for name in ("model-free", "model-based")}
    better = (value["model-based"] - value["model-free"]) > 0
    assert (better == (w > 0)).mean() > 0.85


def table(path: Path, choices: Choices, **change: object) -> Path:
    """A file of the two-step task; columns are replaced by ``change``."""
    lines = ["subject,trial,action,common,state2,action2,reward"]
    assert choices.state2 is not None and choices.action2 is not None
    for row, name in enumerate(choices.subjects):
        for trial in np.flatnonzero(choices.made[row]):
            action, state = choices.action[row, trial], choices.state2[row, trial]
            cells = {"action": action, "common": int(action == state), "state2": state}
            cells |= {"action2": choices.action2[row, trial], "reward": choices.reward[row, trial]}
            cells |= change
            lines.append(",".join(map(str, [name, trial, *cells.values()])))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.whole
def test_the_command_tells_the_two_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedon.plasticity.inference.study.FEWEST", 6)
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path / "results"))
    file = table(tmp_path / "behaviour.csv", people(6, 50))
    out = tmp_path / "out"
    given = ["infer", str(file), "--task", "two-step", "--free", "w", "beta1", "alpha2", "--out", str(out)]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert "model-based" in text and "logistic regression, 5 lags" in text and "6 subjects" in text
    assert len((out / "coefficients.csv").read_text().splitlines()) == 1 + 6 * 3
    assert not (out / "network.toml").exists()


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"common": 1, "state2": ""}, [], "all transitions are common"),
        ({"common": 1}, [], "disagree"),
        ({"action": 1, "state2": "", "common": 1}, [], "two first actions, not 1"),
        ({"reward": 1}, [], "all rewards are 1"),
        ({}, ["--free", "eta"], "no coefficient 'eta'"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict, options: list[str], said: str
) -> None:
    file = table(tmp_path / "behaviour.csv", people(2, 30), **change)
    given = ["infer", str(file), "--task", "two-step", *options, "--out", str(tmp_path / "out")]
    assert main(given) == 2
    error = capsys.readouterr().err.strip()
    assert said in error and len(error.splitlines()) == 1
