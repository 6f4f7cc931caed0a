"""Generated recordings: the numbers that a few lines compute without hedon, or one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

FILES = 400
SIZES = (0.5, 2.0)
LAST = 200.0

made = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "trials": st.integers(1, 12),
        "units": st.integers(1, 3),
        "kind": st.sampled_from(("nwb", "npz", "csv", "csv;", "mat")),
        "codes": st.sampled_from(("01", "words", "12", "none")),
        "lost": st.booleans(),
        "invalid": st.booleans(),
        "missing": st.floats(0, 0.6),
        "wrong": st.sampled_from(("", "", "", "", "milliseconds", "minus", "inf", "no outcome", "words")),
    }
)


def session(case: dict[str, Any]) -> tuple[list[np.ndarray], dict[str, np.ndarray], list[np.ndarray], list]:
    g = np.random.default_rng(case["seed"])
    many = case["trials"]
    outcome = g.permutation(np.sort(g.uniform(5, LAST - 5, many)))
    expected = g.integers(0, 2, many) if case["codes"] != "none" else np.zeros(many, int)
    trials = {
        "reward_ul": g.choice(SIZES, many),
        "expected": expected,
        "t_cue": np.where(expected == 1, outcome - 1.5, np.nan),
        "t_outcome": np.where(g.random(many) < case["missing"], np.nan, outcome),
    }
    spikes = [np.sort(g.uniform(0, LAST, g.integers(200, 2000))) for _ in range(case["units"])]
    seen = [np.array([[0.0, LAST]]) for _ in spikes]
    if case["lost"] and case["kind"] == "nwb":
        seen[0] = np.array([[40.0, 120.0]])
        spikes[0] = spikes[0][(spikes[0] > 40) & (spikes[0] < 120)]
    invalid = [(60.0, 100.0)] if case["invalid"] and case["kind"] == "nwb" else []
    return spikes, trials, seen, invalid


def by_hand(spikes: list, trials: dict, seen: list, invalid: list) -> dict[str, float]:
    """Mean over cells of the mean response to each kind of reward."""
    found: dict[str, list[float]] = {}
    for cell, ((since, until),) in zip(spikes, seen, strict=True):
        kinds: dict[str, list[float]] = {}
        for size, expected, cue, outcome in zip(*trials.values(), strict=True):
            first = cue if expected == 1 else outcome
            spans = ((first - 1, first), (outcome, outcome + 0.6))
            if any(not (a >= since and b <= until) for a, b in spans):
                continue
            if any(a < end and b > begin for a, b in spans for begin, end in invalid):
                continue
            before = ((cell >= first - 1) & (cell < first)).sum()
            after = ((cell >= outcome + 0.2) & (cell < outcome + 0.6)).sum() / 0.4
            name = f"{'expected' if expected == 1 else 'unexpected'} {size:g} µl"
            kinds.setdefault(name, []).append(after - before)
        for name, values in kinds.items():
            found.setdefault(name, []).append(sum(values) / len(values))
    return {name: sum(values) / len(values) for name, values in found.items()}


def written(
    folder: Path, case: dict[str, Any], spikes: list, trials: dict, seen: list, invalid: list
) -> Path:
    table: dict[str, Any] = dict(trials)
    if case["codes"] == "words":
        table["expected"] = np.where(table["expected"] == 1, "True", "False")
    elif case["codes"] == "12":
        table["expected"] = table["expected"] + 1
    elif case["codes"] == "none":
        del table["expected"]
    outcome = table["t_outcome"]
    change = {"milliseconds": outcome * 1e3, "minus": -outcome, "inf": outcome + np.inf}
    table["t_outcome"] = change.get(case["wrong"], outcome)
    if case["wrong"] == "no outcome":
        del table["t_outcome"]
    elif case["wrong"] == "words":
        table["t_outcome"] = np.array(["soon"] * len(outcome))
    flat, each = np.concatenate(spikes), np.repeat(np.arange(len(spikes)), [len(one) for one in spikes])
    path = folder / f"a.{case['kind'].strip(';')}"
    if case["kind"] == "nwb":
        with h5py.File(path, "w") as file:
            file["units/spike_times"], file["units/id"] = flat, np.arange(len(spikes))
            file["units/spike_times_index"] = np.cumsum([len(one) for one in spikes])
            file["units/obs_intervals"] = np.concatenate(seen)
            file["units/obs_intervals_index"] = np.arange(1, len(seen) + 1)
            for name, values in table.items():
                file[f"intervals/trials/{name}"] = values.astype("S") if values.dtype.kind == "U" else values
            for name, values in zip(("start_time", "stop_time"), zip(*invalid, strict=True), strict=False):
                file[f"intervals/invalid_times/{name}"] = values
    elif case["kind"] == "npz":
        np.savez(path, spike_times=flat, spike_unit=each, **{f"trials.{n}": v for n, v in table.items()})
    elif case["kind"] == "mat":
        from scipy.io import savemat

        cells = np.empty(len(spikes), object)
        cells[:] = spikes
        words = {n: v.astype(object) if v.dtype.kind == "U" else v for n, v in table.items()}
        savemat(path, {"spikes": cells, "trials": words})
    else:
        form: dict[str, Any] = {"sep": ";", "decimal": ","} if ";" in case["kind"] else {}
        pd.DataFrame({"unit": each, "spike_time": flat}).to_csv(path, index=False, **form)
        pd.DataFrame(table).to_csv(folder / "a.trials.csv", index=False, **form)
    return path


def test_right_numbers_or_one_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    right = refused = 0

    @settings(
        max_examples=FILES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(made)
    def check(case: dict[str, Any]) -> None:
        nonlocal right, refused
        parts = session(case)
        path = written(tmp_path_factory.mktemp("g"), case, *parts)
        try:
            found = comparisons.measure("reward-response", Data([path]))
        except Mistake as mistake:
            assert "\n" not in str(mistake) and len(str(mistake)) < 400
            wrong = case["wrong"] or case["codes"] == "12"
            cells = [
                by_hand([one], parts[1], [seen], parts[3])
                for one, seen in zip(parts[0], parts[2], strict=True)
            ]
            assert wrong or not all(cells), f"refused without need: {mistake}"
            refused += 1
            return
        assert not case["wrong"] or not np.isfinite(parts[1]["t_outcome"]).any()
        wanted = by_hand(*parts)
        assert dict(zip(found.names, found.mean, strict=True)) == pytest.approx(wanted, abs=1e-6)
        right += 1

    check()
    assert right > FILES / 4 and refused > FILES / 10, (right, refused)
