"""`hedon infer`: what comes back from files of known learners, and what is refused in one line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.behaviour.choices import Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.empirical_bayes import fit, held_out, weak
from hedon.models.experiments import rule_recovery
from hedon.plasticity.inference import study
from hedon.plasticity.inference.coefficients import POINTS, Chart
from hedon.plasticity.inference.likelihood import Likelihood
from hedon.plasticity.inference.populations import people_like
from hedon.plasticity.inference.recorded import people
from hedon.plasticity.inference.simulate import World, play
from hedon.plasticity.inference.tasks import Bandit

Q = POINTS["Q"]


def learners(number: int, trials: int, sessions: int = 1, arms: int = 2, spread: float = 0.5) -> tuple:
    generator = np.random.default_rng(3)
    parameters = Q.parameters(arms)
    x = np.stack([p.mean + spread * p.sd * generator.standard_normal(number) for p in parameters], axis=1)
    return x, play(Q, x, World(arms, trials=trials, sessions=sessions), 4)


def write(path: Path, choices: Choices, **more: np.ndarray) -> Path:
    head = ["subject", "session", "trial", "action", "reward", *more]
    lines = [",".join(head)]
    for row, name in enumerate(choices.subjects):
        session = np.cumsum(choices.begins[row])
        for trial in range(choices.action.shape[1]):
            cells = [name, session[trial], trial, choices.action[row, trial], choices.reward[row, trial]]
            lines.append(",".join(map(str, [*cells, *(values[row, trial] for values in more.values())])))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_population_prior_is_found_and_shrinks() -> None:
    """Learners drawn about one mean: empirical Bayes comes nearer to them than the weak prior does."""
    x, choices = learners(60, 150, spread=0.3)
    objective = Likelihood(Q, choices)
    population, alone = fit(objective), fit(objective, prior="weak")
    assert population.converged.mean() > 0.95
    wide = weak(objective).variance
    assert (population.prior.variance[:2] < 0.5 * wide[:2]).all()
    error = [np.mean(((one.x - x) ** 2 / wide).sum(axis=1)) for one in (population, alone)]
    assert error[0] < 0.8 * error[1]


@pytest.mark.whole
def test_held_out_prefers_the_generator_and_is_blind_to_what_it_foretells() -> None:
    _, choices = learners(20, 200, sessions=4)
    fold, held_by = study.parts(choices)
    assert held_by == "session" and set(np.unique(fold)) == {0, 1, 2, 3}
    own = held_out(Likelihood(Q, choices), fold, 4)
    other = held_out(Likelihood(POINTS["REINFORCE"], choices), fold, 4)
    assert (own - other).mean() > 5 * (own - other).std() / np.sqrt(20)
    turned = Choices(choices.subjects, choices.action.copy(), choices.reward, choices.begins, 2)
    turned.action[:, fold[0] == 3] = 1 - turned.action[:, fold[0] == 3]
    kept = fit(Likelihood(Q, choices), counted=fold != 3)
    again = fit(Likelihood(Q, turned), counted=fold != 3)
    np.testing.assert_array_equal(kept.x, again.x)


@pytest.mark.whole
def test_command_writes_tables_and_a_network_that_lives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, choices = learners(8, 60, arms=3)
    file = write(tmp_path / "behaviour.csv", choices)
    out = tmp_path / "out"
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path / "results"))
    given = ["infer", str(file), "--task", "three-arms", "--free", "eta", "beta", "--out", str(out)]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert "recovery_r" in text and "logistic regression, 10 lags" in text and "8 subjects" in text
    assert len((out / "coefficients.csv").read_text().splitlines()) == 1 + 8 * 2
    moved = (out / "switches.csv").read_text().splitlines()
    assert moved[0] == "where,at,trials,subjects,foretold,lived" and len(moved) == 1 + 8
    assert "distance from the subjects, mean over trials: foretold 0.0" in text
    parts = sorted(out.glob("parts-*/*.npz"))
    before = [part.stat().st_mtime_ns for part in parts]
    assert len(parts) == 8 and main(given) == 0
    assert [part.stat().st_mtime_ns for part in parts] == before
    assert capsys.readouterr().out == text
    config = tomllib.loads((out / "network.toml").read_text())["config"]
    assert 0.6 < config["high"] <= 0.99 and 0.01 <= config["low"] < 0.35 and 0 < config["hazard"] < 0.2
    assert main(["run", "inferred_network", "--config", str(out / "network.toml"), "--set", "copies=2"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "result.nc").exists()


def test_twenty_trials_are_told_to_identify_nothing_much() -> None:
    _, choices = learners(5, 20)
    found = fit(Likelihood(Chart(), choices), starts=1, climbs=1)
    recovered = study._recover(Bandit(), choices, found, "population", 0)
    assert (recovered["r"] < study.IDENTIFIED).sum() >= 4
    assert (recovered["width"] > 0).all() and 0.7 < recovered["coverage"].mean() <= 1


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda c: c, ["--task", "two-arm"], "did you mean"),
        (lambda c: c, ["--task", "three-arms"], "there are 2 actions"),
        (lambda c: c, ["--task", "two-arms", "--free", "etta"], "no coefficient 'etta'"),
        (lambda c: (c.action.__setitem__(slice(None), 0), c)[1], ["--task", "two-arms"], "all actions"),
        (lambda c: (c.reward.__setitem__(slice(None), 1), c)[1], ["--task", "two-arms"], "all rewards are 1"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change, options: list[str], said: str
) -> None:
    _, choices = learners(2, 30)
    file = write(tmp_path / "behaviour.csv", change(choices))
    assert main(["infer", str(file), *options, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error and len(error.splitlines()) == 1


def test_trials_that_are_left_out_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here of subjects who always alternate, whose choices are separable."""
    _, choices = learners(3, 30)
    choices.action[:] = np.arange(30) % 2
    file = write(tmp_path / "behaviour.csv", choices)
    lines = file.read_text().splitlines()
    lines[4] = lines[4].rsplit(",", 1)[0] + ",nan"
    file.write_text("\n".join(lines) + "\n")
    given = ["infer", str(file), "--task", "two-arms", "--free", "eta", "beta", "repeat"]
    assert main([*given, "--out", str(tmp_path / "out")]) == 0
    assert "1 of 90 trials have no choice or no reward: left out" in capsys.readouterr().out


def test_rewards_out_of_range_are_refused() -> None:
    _, choices = learners(2, 30)
    with pytest.raises(Mistake, match="in_unit_rewards"):
        study.infer(Choices(choices.subjects, choices.action, 5 * choices.reward, choices.begins, 2))


@pytest.mark.whole
def test_people_like_learners_look_like_people() -> None:
    """The rounded population is what empirical Bayes finds in the recording."""
    found = people()
    if found is None:
        pytest.skip("the recording of people is not at hand")
    prior = people_like(Chart().parameters(3))
    spread = np.sqrt(found.fitted.prior.variance)
    assert (np.abs(prior.mean - found.fitted.prior.mean) < 0.3 * spread).all()
    assert np.allclose(np.sqrt(prior.variance), spread, rtol=0.35)


@pytest.mark.whole
def test_kinds_of_learners_are_told_apart_and_shuffled_ones_are_not() -> None:
    config = rule_recovery.Config(trials=1000, sessions=5, of_each=4)
    evidence = rule_recovery._confusion(config, 3)["evidence"]
    called = evidence.argmax(axis=2)
    assert (called == np.arange(6)[:, None]).mean() > 0.7
    assert (called == np.roll(np.arange(6), 1)[:, None]).mean() < 0.3


@pytest.mark.whole
def test_a_dask_cluster_finds_the_same_and_what_it_finds_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    _, choices = learners(4, 24)
    file, scheduler = write(tmp_path / "behaviour.csv", choices), tmp_path / "scheduler.json"
    given = ["infer", str(file), "--task", "two-arms", "--prior", "weak", "--free", "eta", "beta"]
    assert main([*given, "--out", str(tmp_path / "here")]) == 0
    capsys.readouterr()
    away = [*given, "--out", str(tmp_path / "away"), "--scheduler", str(scheduler)]
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        scheduler.write_text(json.dumps({"address": cluster.scheduler_address}))
        assert main(away) == 0
    tables = [(tmp_path / place / "held_out.csv").read_text() for place in ("here", "away")]
    assert tables[0] == tables[1]
    capsys.readouterr()
    next((tmp_path / "away").glob("parts-*/recovery.npz")).unlink()
    assert main(away) == 2, "nothing answers, and a part is missing"
    assert "no Dask scheduler answers" in capsys.readouterr().err
    assert main([*away, "--workers", "2"]) == 2
    assert "not both" in capsys.readouterr().err


def test_workers_do_not_change_what_is_found() -> None:
    _, choices = learners(4, 24)
    one, two = (study.infer(choices, task=Bandit(Q), prior="weak", workers=workers) for workers in (1, 2))
    for name in one.foresight:
        np.testing.assert_array_equal(one.foresight[name], two.foresight[name])
    np.testing.assert_array_equal(one.recovery.r, two.recovery.r)
    np.testing.assert_array_equal(one.recovery.width, two.recovery.width)


@pytest.mark.whole
def test_a_subject_whose_choices_tell_nothing_is_said_to() -> None:
    """Ten learners, and one who took one arm only: its coefficients are the population's, not its own."""
    _, choices = learners(11, 300)
    choices.action[-1] = 0
    choices.reward[-1] = np.random.default_rng(0).random(300) < 0.5
    found = study.infer(choices, task=Bandit(Q))
    told = dict(zip(found.names, found.identified.T, strict=True))
    assert told["eta"][:-1].mean() > 0.6 and not told["eta"][-1]
    assert told["beta"][:-1].mean() > 0.6
