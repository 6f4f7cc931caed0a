"""Behaviour files: read right, or refused in one line; and what the recorded ones are known to show."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour.change_points import update_slopes
from hedon.analysis.behaviour.stay import stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import Behaviour, read_behaviour
from hedon.analysis.recordings.places import data_file
from hedon.analysis.statistics.intervals import mean_and_error

GOOD = "subject,trial,action,common,reward,rt\na,0,1,1,1,.5\na,1,1,0,0,.4\nb,0,2,1,1,.6\nb,1,1,1,0,.7\n"


def written(folder: Path, text: str, name: str = "b.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["b.csv", "b.csv.gz"])
def test_a_good_file(tmp_path: Path, name: str) -> None:
    read = read_behaviour(written(tmp_path, GOOD, name), needs=("action", "reward"))
    assert len(read) == 4 and [who for who, _ in read.subjects()] == ["a", "b"]
    np.testing.assert_array_equal(read["action"], [1, 1, 2, 1])


def test_names_are_mapped_and_rows_sorted(tmp_path: Path) -> None:
    text = "id,n,choice,reward\na,2,0,True\na,0,1,False\na,1,0,\n"
    mapping = {"subject": "id", "trial": "n", "action": "choice"}
    read = read_behaviour(written(tmp_path, text), needs=("action",), columns=mapping)
    np.testing.assert_array_equal(read["trial"], [0, 1, 2])
    np.testing.assert_array_equal(read["action"], [1, 0, 0])
    np.testing.assert_array_equal(read["reward"], [0, np.nan, 1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("reward", "reword"),
            "no column 'reward'; there are subject, trial, action, common, reword",
        ),
        ("subject,trial,action,reward\n", "has no trials"),
        ("", "is empty"),
        (GOOD.replace("a,1,1,0,0,.4", "a,1,left,0,0,.4"), "line 3: action is 'left', must be a number"),
        (GOOD.replace("a,1,", "a,0,"), "line 3: trial 0 of a is there twice"),
        (GOOD.replace("a,1,", "a,,"), "a trial has no number .line 3"),
        (GOOD.replace("a,1,1,0,0,.4", "a,1,1"), "line 3: 3 cells, the head has 6"),
        (GOOD.replace(",.", ",5"), None),
        (GOOD.replace(",.5", ",520").replace(",.4", ",431").replace(",.6", ",610"), "milliseconds"),
    ],
)
def test_bad_files_in_one_line(tmp_path: Path, text: str, said: str | None) -> None:
    path = written(tmp_path, text)
    if said is None:
        assert len(read_behaviour(path)) == 4
        return
    with pytest.raises(Mistake, match=said) as told:
        read_behaviour(
            path, needs=("action", "reward", "rt") if said == "milliseconds" else ("action", "reward")
        )
    assert "\n" not in str(told.value)


def test_files_that_are_no_csv(tmp_path: Path) -> None:
    for name, content in (("a.csv", b"\xff\xfe\x00\x81"), ("a.csv.gz", b"no gzip")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Mistake):
            read_behaviour(tmp_path / name)
    with pytest.raises(Mistake, match="there is no file"):
        read_behaviour(tmp_path / "none.csv")
    with pytest.raises(Mistake, match=r"no column 'choice' \(for action\)"):
        read_behaviour(written(tmp_path, GOOD), columns={"action": "choice"})


def test_a_long_file_takes_seconds(tmp_path: Path) -> None:
    rows = "\n".join(f"s{n // 10000},{n % 10000},{n % 2},1,{n % 3 % 2}" for n in range(200_000))
    path = written(tmp_path, f"subject,trial,action,common,reward\n{rows}\n")
    began = time.process_time()
    table = stay_probabilities(read_behaviour(path, needs=("action",)))
    assert len(table.subjects) == 20 and (table.mean[[0, 2]] == 0).all()
    assert time.process_time() - began < 12  # a million in a minute


def simulated(stay: np.ndarray, subjects: int = 30, trials: int = 400, seed: int = 1) -> Behaviour:
    """People who stay with given probabilities after each of the four kinds of trial."""
    generator = np.random.default_rng(seed)
    parts = []
    for subject in range(subjects):
        reward = generator.integers(0, 2, trials)
        common = (generator.random(trials) < 0.7).astype(int)
        kind = 2 * (1 - reward) + (1 - common)
        stays = generator.random(trials) < stay[kind]
        action = np.concatenate([[0], np.cumsum(~stays[:-1]) % 2])
        who = np.full(trials, f"s{subject}")
        parts.append((who, np.arange(trials), action, common, reward))
    names = ("subject", "trial", "action", "common", "reward")
    return Behaviour(
        {
            name: np.concatenate(column).astype(str if name == "subject" else float)
            for name, column in zip(names, zip(*parts, strict=True), strict=True)
        }
    )


def test_known_stay_probabilities_come_back_and_the_null_has_none() -> None:
    stay = np.array([0.9, 0.5, 0.6, 0.8])
    behaviour = simulated(stay)
    table = stay_probabilities(behaviour)
    mean, error = mean_and_error(table.probability)
    assert (np.abs(mean - stay) < 5 * error).all()
    low, high = table.interval()
    assert low < 0.6 < high
    null, null_error = mean_and_error(stay_probabilities(behaviour, shuffle=3).index)
    assert abs(null) < 5 * null_error


def test_missed_trials_and_gaps_break_the_pairs() -> None:
    columns = {
        "subject": np.array(["a"] * 5),
        "trial": np.array([0.0, 1, 2, 4, 5]),
        "action": np.array([1.0, 1, 2, 2, 2]),
        "common": np.ones(5),
        "reward": np.ones(5),
        "missed": np.array([0.0, 0, 0, 0, 1]),
    }
    table = stay_probabilities(Behaviour(columns))
    assert table.probability[0, 0] == 0.5 and np.isnan(table.probability[0, 1:]).all()
    with pytest.raises(Mistake, match="no column 'comon'|no column 'common'"):
        stay_probabilities(Behaviour({k: v for k, v in columns.items() if k != "common"}))


def adapting(early: float, late: float, seed: int = 2) -> Behaviour:
    """Learners whose rate is ``early`` in the first five trials after a change and ``late`` afterwards."""
    generator = np.random.default_rng(seed)
    rows = []
    for subject in range(12):
        estimate, since, p = 0.5, 100, 0.5
        for trial in range(600):
            changed = generator.random() < 0.05
            if changed:
                p, since = generator.random(), 0
            outcome = float(generator.random() < p)
            estimate += (early if since < 5 else late) * (
                outcome - estimate
            ) + 0.01 * generator.standard_normal()
            rows.append((f"s{subject}", trial, outcome, estimate, changed))
            since += 1
    who, trial, outcome, estimate, changed = zip(*rows, strict=True)
    return Behaviour(
        {
            "subject": np.array(who),
            "trial": np.array(trial, float),
            "outcome": np.array(outcome),
            "estimate": np.array(estimate),
            "change_point": np.array(changed, float),
        }
    )


def test_known_learning_rates_come_back_and_the_null_has_no_difference() -> None:
    behaviour = adapting(0.3, 0.1)
    mean, error = mean_and_error(update_slopes(behaviour))
    assert (np.abs(mean - [0.3, 0.1]) < 5 * error).all()
    null = update_slopes(behaviour, shuffle=1)
    difference, spread = mean_and_error(null[:, 0] - null[:, 1])
    assert abs(difference) < 5 * spread
    with pytest.raises(Mistake, match="window"):
        update_slopes(behaviour, windows=[(5, 3)])


RECORDED = {
    name: data_file(name) for name in ("two_step_magic_carpet.csv", "change_point_probability.csv.gz")
}


@pytest.mark.skipif(
    RECORDED["two_step_magic_carpet.csv"] is None,
    reason="needs two_step_magic_carpet.csv (doi:10.1038/s41562-020-0905-y) in $HEDON_DATA",
)
def test_people_in_the_two_step_task() -> None:
    path = RECORDED["two_step_magic_carpet.csv"]
    assert path is not None
    people = read_behaviour(path, columns={"action": "action1"})
    table = stay_probabilities(people)
    assert len(table.subjects) == 24
    np.testing.assert_allclose(table.mean, [0.801, 0.473, 0.480, 0.825], atol=0.001)
    null, error = mean_and_error(stay_probabilities(people, shuffle=0).index)
    assert abs(null) < 5 * error and table.index.mean() > 0.3


@pytest.mark.skipif(
    RECORDED["change_point_probability.csv.gz"] is None,
    reason="needs change_point_probability.csv.gz (doi:10.1162/opmi_a_00139) in $HEDON_DATA",
)
def test_people_around_change_points() -> None:
    from scipy.stats import ttest_rel

    path = RECORDED["change_point_probability.csv.gz"]
    assert path is not None
    slopes = update_slopes(read_behaviour(path))
    np.testing.assert_allclose(slopes.mean(axis=0), [0.111, 0.084], atol=0.002)
    assert len(slopes) == 20 and ttest_rel(slopes[:, 0], slopes[:, 1]).pvalue < 1e-5


def test_trials_missing_from_a_file_count_since_a_change() -> None:
    from hedon.analysis.behaviour.change_points import _since

    changed, trial = np.array([0, 1, 0, 0, 0], bool), np.array([1.0, 2, 3, 6, 7])
    np.testing.assert_array_equal(_since(changed, trial), [-1, 0, 1, 4, 5])
