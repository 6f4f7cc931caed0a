"""The figure of recorded choices: with recordings, without them, and the analyses of hedon compare."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour import recorded_choices
from hedon.analysis.behaviour.stay import KINDS
from hedon.analysis.players import q_learning, two_step
from hedon.analysis.recordings.behaviour import Behaviour
from hedon.figures import recorded_choices as figure
from hedon.figures.compare import compare
from hedon.models.experiments import choice_recovery
from hedon.models.experiments import recorded_choices as recorded


@pytest.fixture(scope="module")
def result():
    small = replace(
        choice_recovery.Config(),
        bandit_people=6,
        bandit_trials=80,
        two_step_people=4,
        two_step_trials=60,
        null_people=3,
        people=4,
        foreseen=5,
        trials=60,
        reporters=4,
        sessions=6,
    )
    return choice_recovery.simulate(small, 1)


def written(behaviour: Behaviour, path: Path) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(behaviour.columns)
        columns = [np.where(v == v, v, "").tolist() for v in behaviour.columns.values()]
        rows.writerows(zip(*columns, strict=True))
    return path


def test_without_recordings_the_models_side_is_drawn(result) -> None:
    none = recorded.simulate(recorded.Config("", ""), 0)
    claims = figure.check({"choice_recovery": result, "recorded_choices": none})
    waiting = [claim for claim in claims if claim.waits]
    assert len(waiting) == 2 and all("doi:10." in claim.reason for claim in waiting)
    drawn = figure.draw({"choice_recovery": result, "recorded_choices": none})
    assert len(drawn.axes) == 8 and all(panel.has_data() for panel in drawn.axes)


def test_a_part_that_stands_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(choice_recovery.Config(), bandit_people=3, bandit_trials=40, reporters=3, sessions=2)
    for name in ("_two_step", "_null", "_populations"):
        monkeypatch.setattr(choice_recovery, name, lambda config, seed: {})
    with pytest.raises(KeyError):  # as if it had been killed after the first part
        choice_recovery.simulate(config, 0, folder=tmp_path)
    before = (tmp_path / "bandit.npz").read_bytes()
    monkeypatch.setattr(choice_recovery, "_bandit", lambda config, seed: pytest.fail("it was made again"))
    with pytest.raises(KeyError):
        choice_recovery.simulate(config, 0, folder=tmp_path)
    assert (tmp_path / "bandit.npz").read_bytes() == before


def test_people_who_plan_are_told_from_people_who_do_not() -> None:
    behaviour = two_step.simulate(
        8, 100, alpha1=0.5, lam=1.0, beta1=6.0, w=1.0, first_value=0.5, missed=0.02, seed=2
    )
    people = recorded_choices.of_two_step(behaviour)
    assert (people.held_out["model-based"] - people.held_out["model-free"]).mean() > 0
    assert np.median(people.fits["mixture"]["w"]) > 0.5
    # people with the fitted parameters of the right model stay as those did whom it was fitted to
    error = people.stay.probability.std(axis=0, ddof=1) / 8**0.5
    assert (np.abs(people.predicted["model-based"].mean - people.stay.mean) < 5 * error).all()


@pytest.mark.parametrize(
    ("analysis", "numbers"),
    [
        ("two-step-regression", ["stay", "reward", "transition", "reward x transition"]),
        ("stay-probabilities", list(KINDS)),
        ("kernels", [f"{kind} {k} back" for kind in ("reward", "choice") for k in range(1, 6)]),
    ],
)
def test_compare_ranks_simulated_people(tmp_path: Path, analysis: str, numbers: list[str]) -> None:
    """Data of planners: a file of planners is nearer than one of caches."""
    common = {"alpha1": 0.5, "lam": 1.0, "beta1": 6.0, "first_value": 0.5}
    data, near, far = (
        written(two_step.simulate(16, 150, **common, w=w, seed=seed), tmp_path / f"{name}.csv")
        for name, w, seed in (("data", 1.0, 1), ("planners", 1.0, 2), ("caches", 0.0, 3))
    )
    _, text = compare([data], analysis, [far, near], out=tmp_path / "out")
    with open(tmp_path / "out" / f"{analysis}.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == numbers
    with open(tmp_path / "out" / f"{analysis}-models.csv", encoding="utf-8") as file:
        distance = {row["model"]: float(row["distance"]) for row in csv.DictReader(file)}
    assert distance["planners.csv"] < distance["caches.csv"] and "16 subjects" in text


def test_compare_names_who_chose(tmp_path: Path) -> None:
    bandit = q_learning.simulate(6, 80, alpha=0.4, beta=6.0, seed=1)
    bandit = bandit.where((bandit["subject"] != "s0") | (bandit["trial"] < 3))
    _, text = compare([written(bandit, tmp_path / "b.csv")], "choice-fit", out=tmp_path)
    assert "best on held-out trials: Q-learning" in text and "5 subjects from" in text
    assert "1 of 6 subjects made fewer than 4 trials, left out" in text
