"""Columns that are called nearly as ours, and subjects, sessions and sheets that are not of one kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hedon.analysis.behaviour.choice_fits import scored
from hedon.analysis.behaviour.choice_models import QLearning
from hedon.analysis.behaviour.choices import bandit_choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import read_behaviour
from hedon.analysis.recordings.tables import read_table

NEEDS = ("action", "reward")


def people(many: int = 2, trials: int = 40) -> pd.DataFrame:
    g = np.random.default_rng(6)
    rows = many * trials
    table = {"subject": np.repeat([f"p{k}" for k in range(many)], trials), "session": np.arange(rows) // 20}
    table |= {
        "trial": np.arange(rows) % 20,
        "action": g.integers(0, 2, rows),
        "reward": g.integers(0, 2, rows),
    }
    return pd.DataFrame(table)


def written(folder: Path, table: pd.DataFrame, **form: str) -> Path:
    table.to_csv(folder / "a.csv", index=False, **form)  # type: ignore[call-overload]
    return folder / "a.csv"


@pytest.mark.parametrize(
    "theirs",
    [
        ("Subject", "SESSION", "Trial", "Action", "REWARD"),
        ("participant_id", "session_nr", "trial_index", "action", "reward"),
        ("animal", "SessionNumber", "trial no", "action", "Reward"),
    ],
)
def test_columns_that_are_called_nearly_as_ours(tmp_path: Path, theirs: tuple[str, ...]) -> None:
    table = people()
    wanted = read_behaviour(written(tmp_path, table), NEEDS)
    mixed = table.sample(frac=1, random_state=1).sort_values(["subject", "session"], kind="stable")
    read = read_behaviour(written(tmp_path, mixed.set_axis(theirs, axis=1)), NEEDS)
    for name in table:
        np.testing.assert_array_equal(read[name], wanted[name])
    other = [name for name, ours in zip(theirs, table, strict=True) if name != ours]
    assert sorted(f"the column '{name}' is read as" for name in other) == sorted(
        note.rpartition(" ")[0] for note in read.notes
    )


def test_what_may_be_ours_is_asked_for_and_what_numbers_no_trials_is_not_read(tmp_path: Path) -> None:
    table = people().rename(columns={"subject": "mouse"}).assign(Animal=3)
    with pytest.raises(Mistake, match="no column 'subject', but mouse and Animal; name it"):
        read_behaviour(written(tmp_path, table), NEEDS)
    kinds = people().drop(columns="trial").assign(Trial=[1, 1, 2, 2] * 20)
    read = read_behaviour(written(tmp_path, kinds), NEEDS)
    assert read.notes == ("no column 'trial': rows are numbered in their order",)
    assert (read["trial"] == people()["trial"]).all()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (lambda r: 100 * r, "0, 1 .p0. and 0, 100 .p1.; bring them to one unit"),
        (lambda r: 2 * r - 1, "0, 1 .p0. and -1, 1 .p1.; code them alike"),
        (lambda r: r + 1, "0, 1 .p0. and 1, 2 .p1.; code them alike"),
        (lambda r: r / 50, "0, 0.02 .p1. and 0, 1 .p0.; bring them to one unit"),
        (lambda r: r * np.arange(100, 100 + len(r)), "bring them to one unit"),
    ],
)
def test_rewards_of_all_are_in_one_unit(tmp_path: Path, others: object, said: str) -> None:
    table = people().astype({"reward": float})
    second = table["subject"] == "p1"
    table.loc[second, "reward"] = others(table.loc[second, "reward"])  # type: ignore[operator]
    with pytest.raises(Mistake, match=said):
        bandit_choices(read_behaviour(written(tmp_path, table), NEEDS)).in_unit_rewards()


def test_rewards_that_may_be_in_two_units_are_told(tmp_path: Path) -> None:
    table = people()
    table.loc[table["session"] == 1, "reward"] *= 5
    notes = bandit_choices(read_behaviour(written(tmp_path, table), NEEDS)).in_unit_rewards()[1]
    assert notes == (
        "rewards from 0 to 5 count as 0 to 1",
        "rewards are 0, 1 (p0) and 0, 5 (p0): are they in one unit?",
    )


def test_options_of_all_are_coded_alike(tmp_path: Path) -> None:
    table = people().assign(action=lambda t: t["action"] + (t["session"] == 3))
    with pytest.raises(Mistake, match="actions are 0, 1 .p0. and 1, 2 .p1.; code them alike"):
        bandit_choices(read_behaviour(written(tmp_path, table), NEEDS))
    table.loc[5, "action"] = 2
    assert bandit_choices(read_behaviour(written(tmp_path, table), NEEDS)).options == 3


@pytest.mark.parametrize(
    ("estimates", "outcomes"), [((0, 100), (0, 1)), ((0, 1), (0, 100)), ((0, 1), (-1, 1))]
)
def test_estimates_are_on_the_scale_of_outcomes(
    tmp_path: Path, estimates: tuple[int, int], outcomes: tuple[int, int]
) -> None:
    g = np.random.default_rng(1)
    table = people().assign(estimate=g.uniform(*estimates, 80), outcome=g.choice(outcomes, 80))
    needs = ("estimate", "outcome")
    with pytest.raises(Mistake, match="estimate goes from .*, outcome from .*; bring both to one scale"):
        read_behaviour(written(tmp_path, table), needs)
    low, high = outcomes
    table["estimate"] = low + (high - low) * g.random(80)
    assert len(read_behaviour(written(tmp_path, table), needs)) == 80


def test_an_empty_reward_is_not_the_other_level(tmp_path: Path) -> None:
    table = people().assign(reward=lambda t: t["reward"].where(t["reward"] > 0))
    with pytest.raises(Mistake, match="reward is 1, or empty in .*: write both levels"):
        read_behaviour(written(tmp_path, table), NEEDS)


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("1,000", "500"), ("1,000", "500")),
        (("1,000", "2,500"), ("1.000", "2.500")),
        (("0,125", "500"), ("0.125", "500")),
        (("12,5", "1,000"), ("12.5", "1.000")),
    ],
)
def test_commas_that_may_part_thousands_are_no_points(
    tmp_path: Path, cells: tuple[str, str], read: tuple[str, str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n" + "".join(f"x;{cell}\n" for cell in cells))
    assert read_table(path).columns[1].tolist() == list(read)


def test_sheets_with_the_same_columns_are_named(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    path, table = tmp_path / "a.xlsx", people()
    parts = {"one": table[:40], "two": table[40:].assign(note="x"), "means": table[["subject"]]}
    with pd.ExcelWriter(path) as book:
        for name, part in parts.items():
            part.to_excel(book, sheet_name=name, index=False)
    with pytest.raises(Mistake, match=r"sheets with the same columns \(one, two\); name one: --trials NAME"):
        read_behaviour(path, NEEDS)
    assert len(read_behaviour(path, NEEDS, sheet="two")) == 40
    pd.concat([table, 1 - table["reward"]], axis=1).to_excel(path, index=False)
    with pytest.raises(Mistake, match="two columns 'reward'"):
        read_behaviour(path, NEEDS)


def test_a_column_of_lists_in_a_parquet_file_is_not_in_the_way(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    people().assign(position=[[1, 2]] * 80).to_parquet(tmp_path / "a.parquet")
    assert len(read_behaviour(tmp_path / "a.parquet", NEEDS)) == 80


def test_neither_names_nor_labels_change_what_is_drawn(tmp_path: Path) -> None:
    """Folds, starts and shuffled rewards follow what a subject did."""
    table = people(3)
    other = table.assign(
        subject=table["subject"].map({"p0": "z", "p1": "y", "p2": "x"}), action=5 - 2 * table["action"]
    )
    one, turned = (bandit_choices(read_behaviour(written(tmp_path, t), NEEDS)) for t in (table, other))
    how = {"starts": 2, "climbs": 1}
    scores, turned_scores = (scored(QLearning(), choices, **how).score for choices in (one, turned))
    np.testing.assert_allclose(turned_scores[::-1], scores, rtol=1e-9)
    np.testing.assert_array_equal(turned.shuffled(3).reward[::-1], one.shuffled(3).reward)
    twice = one.take(np.array([0, 0])).shuffled(3).reward
    assert (twice[0] != twice[1]).any()
