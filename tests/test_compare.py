"""`hedon compare`: the same numbers from any set of files, models ranked, mistakes in one line."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.compare import compare
from hedon.figures.comparisons.data import Data

SIZES = (0.1, 1.0, 10.0)


def cell(path: Path, units: int, seed: int, sizes=SIZES, gain: float = 4, **changes) -> Path:
    """Cells that fire at 10 Hz, and more with the logarithm of the size in 200 to 600 ms after the reward."""
    generator = np.random.default_rng(seed)
    trials = 20 * len(sizes)
    outcome = 10.0 * np.arange(1, trials + 1)
    size = generator.permutation(np.repeat(sizes, 20))
    expected = np.arange(trials) % 2
    spikes = []
    for _ in range(units):
        more = np.round(gain * (np.log10(size) + 1)).astype(int)
        extra = [t + 0.205 + 0.01 * np.arange(n) for t, n in zip(outcome, more, strict=True)]
        spikes.append(np.sort(np.concatenate([np.arange(0.05, outcome[-1] + 5, 0.1), *extra])))
    table = {
        "reward_ul": size,
        "expected": expected,
        "t_cue": np.where(expected > 0, outcome - 1.5, np.nan),
        "t_outcome": outcome,
    } | changes
    with h5py.File(path, "w") as file:
        file["units/spike_times"] = np.concatenate(spikes) * changes.get("unit", 1)
        file["units/spike_times_index"] = np.cumsum([len(unit) for unit in spikes])
        for name, values in table.items():
            if name != "unit" and values is not None:
                file[f"intervals/trials/{name}"] = values
    return path


def test_cells_with_known_responses(tmp_path: Path) -> None:
    files = [cell(tmp_path / f"c{n}.nwb", units, n) for n, units in enumerate((1, 3, 2))]
    picture, text = compare(files, "reward-response", out=tmp_path / "out")
    assert picture.read_bytes().startswith(b"\x89PNG") and "6 cells from 3 files" in text
    with open(tmp_path / "out" / "reward-response.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows[:3]] == [f"unexpected {size:g} µl" for size in SIZES]
    np.testing.assert_allclose([float(row["mean"]) for row in rows], [0, 10, 20, 0, 10, 20], atol=1e-6)
    null = np.array([float(row["null"]) for row in rows])
    assert (np.abs(null - 10) < 8).all()


def test_cells_that_met_different_sizes(tmp_path: Path) -> None:
    files = [cell(tmp_path / "a.nwb", 1, 1), cell(tmp_path / "b.nwb", 1, 2, sizes=(1.0, 100.0))]
    measured = comparisons.load("reward-response").measure(Data(files))
    assert measured.rows.shape == (2, 8) and np.isnan(measured.rows).sum() == 6
    wanted = [4 * (np.log10(float(name.split()[1])) + 1) / 0.4 for name in measured.names]
    np.testing.assert_allclose(measured.mean, wanted, atol=1e-6)


def test_a_column_of_another_name(tmp_path: Path) -> None:
    file = cell(tmp_path / "a.nwb", 1, 1, reward_ul=None, volume=np.repeat(SIZES, 20))
    with pytest.raises(Mistake, match="no column 'reward_ul'; there are .*volume"):
        compare([file], "reward-response", out=tmp_path)
    assert compare([file], "reward-response", columns={"reward_ul": "volume"}, out=tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"t_outcome": np.full(60, np.nan)}, "t_outcome is not a number"),
        ({"unit": 1e4}, "milliseconds"),
        ({"unit": np.nan}, "spike times that are no numbers"),
        ({"unit": -1.0}, "spike times before 0 s"),
        ({name: np.zeros(0) for name in ("reward_ul", "expected", "t_cue", "t_outcome")}, "has no trials"),
    ],
)
def test_bad_files(tmp_path: Path, changes, said: str) -> None:
    with pytest.raises(Mistake, match=said) as told:
        compare([cell(tmp_path / "a.nwb", 1, 1, **changes)], "reward-response", out=tmp_path)
    assert "\n" not in str(told.value)


def test_a_truncated_file(tmp_path: Path) -> None:
    path = cell(tmp_path / "a.nwb", 1, 1)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(Mistake, match="a.nwb is no NWB file"):
        compare([path], "reward-response", out=tmp_path)


def test_models_are_ranked(tmp_path: Path) -> None:
    """Files of sessions are models too, one by one or a folder of them: the nearest comes first."""
    data = [cell(tmp_path / f"c{n}.nwb", 1, n, gain=4 + 0.2 * n) for n in range(6)]
    far = cell(tmp_path / "far.nwb", 1, 9, gain=1)
    near = tmp_path / "near"
    near.mkdir()
    for n in range(2):
        cell(near / f"s{n}.nwb", 1, 20 + n, gain=4.5)
    _, text = compare(data, "reward-response", [far, near], out=tmp_path / "out")
    head = next(line for line in text.splitlines() if line.startswith("number"))
    assert head.index("near") < head.index("far.nwb")
    with open(tmp_path / "out" / "reward-response-models.csv", encoding="utf-8") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["noise ceiling", "near", "far.nwb", "null"]
    assert float(rows["near"]["difference"]) < 1 < float(rows["far.nwb"]["difference"])
    assert float(rows["near"]["nearer than next"]) == 1


def test_a_model_that_measured_something_else(tmp_path: Path) -> None:
    data, other = cell(tmp_path / "a.nwb", 1, 1), cell(tmp_path / "b.nwb", 1, 1, sizes=(7.0, 9.0))
    with pytest.raises(Mistake, match="'b.nwb' has no number that the data have; it has unexpected 7"):
        compare([data], "reward-response", [other], out=tmp_path)
    (tmp_path / "out").mkdir()
    with pytest.raises(Mistake, match="no files of sessions in it"):
        compare([data], "reward-response", [tmp_path / "out"], out=tmp_path / "out")
    with pytest.raises(Mistake, match="named twice"):
        compare([data], "reward-response", [data, data], out=tmp_path)


def test_every_analysis_says_what_it_measures() -> None:
    for name in comparisons.ANALYSES:
        assert len(comparisons.summary(name)) > 30 and callable(comparisons.load(name).measure)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.nwb", "--analysis", "reward-respons"], "did you mean 'reward-response'"),
        (["x.nwb", "--analysis", "reward-response"], "there is no file x.nwb"),
        (["a.csv", "b.csv", "--analysis", "stay-probabilities"], "there is no file a.csv"),
        (["a.csv", "--analysis", "stay-probabilities", "--column", "action"], "ours=theirs"),
        (["a.csv"], "--analysis"),
    ],
)
def test_mistakes_in_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *arguments]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told
