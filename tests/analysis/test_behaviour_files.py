"""Behaviour of several files, of NWB files, and written by us: all the same trials."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour.stay import stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import Behaviour, read_behaviour
from hedon.analysis.recordings.behaviour_files import read_people
from hedon.analysis.recordings.behaviour_out import write_behaviour
from hedon.analysis.recordings.nwb_out import write_nwb
from hedon.analysis.recordings.recording import Recording


def made(subjects: tuple[str, ...], seed: int, trials: int = 60) -> Behaviour:
    generator = np.random.default_rng(seed)
    rows = len(subjects) * trials
    return Behaviour(
        {
            "rt": np.where(generator.random(rows) < 0.1, np.nan, generator.uniform(0.2, 1.5, rows)),
            "subject": np.repeat(subjects, trials),
            "trial": np.tile(np.arange(trials, dtype=float), len(subjects)),
            "action": generator.integers(0, 2, rows).astype(float),
            "reward": generator.integers(0, 2, rows).astype(float),
            "common": generator.integers(0, 2, rows).astype(float),
        }
    )


@pytest.mark.parametrize("name", ["b.csv", "b.csv.gz"])
def test_what_is_written_comes_back_equal(tmp_path: Path, name: str) -> None:
    whole = made(("x", "y, the second"), 0)
    path = write_behaviour(whole, tmp_path / name)
    back = read_behaviour(path, ("action", "reward"))
    for column, values in whole.columns.items():
        np.testing.assert_array_equal(values, back[column])
    assert list(back.columns) == ["subject", "trial", "action", "common", "reward", "rt"]
    before = path.read_bytes()
    with pytest.raises(Mistake, match="exists already"):
        write_behaviour(made(("z",), 1), path)
    assert path.read_bytes() == before
    if name.endswith(".gz"):
        assert gzip.decompress(before).startswith(b"subject,trial,action")
        assert before[4:8] == bytes(4)  # no time of writing: equal trials make equal files


def test_a_behaviour_that_cannot_be_read_back_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no column 'trial'"):
        write_behaviour(Behaviour({"subject": np.array(["a"])}), tmp_path / "b.csv")
    with pytest.raises(Mistake, match="without trials"):
        write_behaviour(Behaviour({"subject": np.array([]), "trial": np.array([])}), tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()


def test_several_files_are_one_study(tmp_path: Path) -> None:
    """Subjects of the same name in two files are two subjects."""
    parts = [made(("a", "b"), 1), made(("b", "c"), 2)]
    files = [write_behaviour(part, tmp_path / f"{k}.csv") for k, part in enumerate(parts)]
    both = read_people(files, ("action", "reward", "common"))
    table = stay_probabilities(both)
    assert table.subjects == ("a", "b (0)", "b (1)", "c")
    apart = np.concatenate([stay_probabilities(part).probability for part in parts])
    np.testing.assert_array_equal(table.probability, apart)


def test_simulated_people_are_a_model_of_people(tmp_path: Path) -> None:
    """Those who choose as the data do are nearer than those who never stay."""
    from hedon.figures.compare import compare

    names = tuple("abcdefgh")
    alternate = made(names, 6)
    changed = Behaviour({**alternate.columns, "action": alternate["trial"] % 2})
    files = {"people": made(names, 5), "alike": made(names, 7), "alternating": changed}
    paths = {name: write_behaviour(one, tmp_path / f"{name}.csv") for name, one in files.items()}
    models = [paths["alternating"], paths["alike"]]
    compare([paths["people"]], "stay-probabilities", models, out=tmp_path)
    rows = (tmp_path / "stay-probabilities-models.csv").read_text().splitlines()
    order = [row.split(",")[0] for row in rows[1:]]
    assert order == ["noise ceiling", "alike.csv", "alternating.csv", "null"]
    assert float(rows[2].split(",")[1]) < 4 < float(rows[3].split(",")[1])


def test_the_trials_of_an_nwb_file(tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    whole = made(("mouse-7",), 3)
    table = {name: v for name, v in whole.columns.items() if name not in ("subject", "trial")}
    shuffled = np.random.default_rng(0).permutation(60)
    table |= {"start_time": np.arange(60) * 5.0, "stop_time": np.arange(60) * 5.0 + 4}
    session = Recording((), {name: values[shuffled] for name, values in table.items()})
    path = write_nwb(session, tmp_path / "mouse-7.nwb")
    back = read_people([path], ("action", "reward", "common"))
    for column in ("trial", "action", "reward"):
        np.testing.assert_array_equal(back[column], whole[column])
    assert stay_probabilities(back).subjects == ("mouse-7",)
    with pytest.raises(Mistake, match="no column 'choice' .for action.; there are .*action"):
        read_people([path], ("action",), {"action": "choice"})


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("t_action", np.inf, "t_action is not a finite number in row 5"),
        ("t_outcome", 2e6, "t_outcome goes up to 2e.06 s; are times in milliseconds"),
        ("t_cue", -3.0, "t_cue is -3 s in row 5"),
    ],
)
def test_times_that_cannot_be_right(tmp_path: Path, column: str, value: float, said: str) -> None:
    whole = made(("a",), 4)
    times = np.arange(60.0)
    times[5] = value
    path = write_behaviour(Behaviour({**whole.columns, column: times}), tmp_path / "b.csv")
    with pytest.raises(Mistake, match=said):
        read_behaviour(path, (column,))
    assert len(read_behaviour(path, ("action",))) == 60, "a column that is not used is not checked"
