"""Fits of models of choice say the same of rewards in any unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hedon.analysis.behaviour.choice_fits import fit
from hedon.analysis.behaviour.choice_models import QLearning
from hedon.analysis.behaviour.choices import bandit_choices
from hedon.analysis.recordings.behaviour import read_behaviour
from hedon.figures import comparisons
from hedon.figures.compare import compare
from hedon.figures.comparisons.choice_fit import measure
from hedon.figures.comparisons.data import Data


def written(path: Path, low: float, high: float) -> Path:
    """Two people who learn two arms; what pays is ``high``."""
    rng = np.random.default_rng(5)
    lines = ["subject,trial,action,reward"]
    for person in range(2):
        value = np.full(2, 0.5)
        for trial in range(120):
            action = int(rng.random() < 1 / (1 + np.exp(-4 * (value[1] - value[0]))))
            paid = rng.random() < (0.8, 0.2)[action ^ (trial // 40 % 2)]
            value[action] += 0.4 * (paid - value[action])
            lines.append(f"{person},{trial},{action},{high if paid else low}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return measure(Data([written(tmp_path_factory.mktemp("u") / "a.csv", 0, 1)])).rows


@pytest.mark.parametrize(("low", "high"), [(0, 0.01), (0, 100), (-1, 1), (2, 5)])
def test_unit_of_reward(low: float, high: float, usual: np.ndarray, tmp_path: Path) -> None:
    found = measure(Data([written(tmp_path / "a.csv", low, high)]))
    np.testing.assert_allclose(found.rows, usual, rtol=1e-6)
    assert f"rewards from {low:g} to {high:g} count as 0 to 1" in found.notes


def test_rewards_that_are_all_the_same(tmp_path: Path) -> None:
    found = measure(Data([written(tmp_path / "a.csv", 1, 1)]))
    assert "all rewards are 1: nothing can be learned from them" in found.notes


def test_fitted_parameters_are_rows_of_a_table(tmp_path: Path) -> None:
    """What a person was simulated with comes back beside the scores; the file holds the same."""
    path = written(tmp_path / "a.csv", 0, 1)
    compare([path], "choice-fit", out=tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "choice-fit-rows.csv", index_col="subject")
    table = comparisons.measure("choice-fit", Data([path])).table()
    assert table.index.tolist() == ["0", "1"] and list(found) == list(table)
    np.testing.assert_allclose(found.to_numpy(), table.to_numpy(), rtol=1e-9)
    choices = bandit_choices(read_behaviour(path, ("action", "reward")))
    np.testing.assert_allclose(table["Q-learning: beta"], fit(QLearning(), choices)["beta"], rtol=1e-6)
    assert table["Q-learning: alpha"].between(0.1, 0.9).all()
