"""hedon compare on reversal points: any sizes, several units a file, cells that never reverse."""

from __future__ import annotations

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures.compare import compare
from hedon.figures.comparisons.reversal_points import NAMES

SIZES = (1.0, 2.0, 4.0, 8.0)


def written(path, points, rng, trials=120):
    """A file of units that reverse at ``points`` (log2 of the size); half of the rewards are announced."""
    outcome = 5.0 + 4.0 * np.arange(trials)
    size = rng.permutation(np.resize(SIZES, trials))
    expected = np.arange(trials) % 2
    units = []
    for point in points:
        rate = np.maximum(8 + 5 * (np.log2(size) - point), 0)
        late = [t + 0.2 + 0.4 * rng.random(rng.poisson(0.4 * r)) for t, r in zip(outcome, rate, strict=True)]
        rest = [t + 0.6 + 3.6 * rng.random(rng.poisson(8 * 3.6)) for t in outcome - 4]
        units.append(np.sort(np.concatenate([*late, *rest])))
    with h5py.File(path, "w") as file:
        file["units/spike_times"] = np.concatenate(units)
        file["units/spike_times_index"] = np.cumsum([len(unit) for unit in units])
        file["intervals/trials/reward_ul"] = size
        file["intervals/trials/expected"] = expected
        file["intervals/trials/t_outcome"] = outcome
        file["intervals/trials/t_cue"] = np.where(expected > 0, outcome - 1.5, np.nan)
    return path


def test_units_of_several_files_and_one_that_never_reverses(tmp_path):
    rng = np.random.default_rng(0)
    files = [
        written(tmp_path / f"{k}.nwb", points, rng)
        for k, points in enumerate([(0.5, 1.0, 1.5), (2.0, 2.5), (-4.0,), (0.8, 2.2)])
    ]
    picture, text = compare(files, "reversal-points", out=tmp_path / "out")
    assert picture.stat().st_size > 10_000
    assert "8 cells from 4 files" in text and "1 of 8 cells never reverse" in text
    row = next(line for line in text.splitlines() if line.startswith(NAMES[3]))
    mean, low, high, null, *_ = (float(cell) for cell in row.split()[-6:])
    assert mean > 0.7 > null
    assert -1 <= low <= mean <= high <= 1


def test_too_few_cells_get_one_line(tmp_path):
    file = written(tmp_path / "one.nwb", (1.0, 2.0), np.random.default_rng(1))
    with pytest.raises(Mistake, match="4 cells or more, not 2"):
        compare([file], "reversal-points", out=tmp_path / "out")
