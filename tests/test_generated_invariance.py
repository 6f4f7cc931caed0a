"""Generated files of analyses that no few lines compute: what may not change a number does not.

Codes and units of columns, their names and order, further columns, names and order of subjects, order of
rows, how missed trials are written, the kind of file; and one line where a file cannot be right.
``HEDON_GENERATED`` files of each analysis in place of those that a test run has the time for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hedon.analysis.behaviour.two_step_regression import TwoStepRegression
from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.comparisons import choice_fit, kernels, two_step_regression
from hedon.figures.comparisons.data import Data

pytestmark = pytest.mark.whole

MANY = os.environ.get("HEDON_GENERATED")
FILES = {"two-step-regression": 60, "kernels": 60, "choice-fit": 8, "unit-coding": 25, "trace-response": 80}

written_as = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "subjects": st.integers(2, 4),
        "trials": st.integers(30, 60),
        "actions": st.sampled_from(((0, 1), (1, 2), (-1, 1), (5, 3), ("left", "right"))),
        "unit": st.sampled_from((1.0, 0.01, 100.0, 1e6)),
        "lowest": st.sampled_from((0.0, 0.0, -1.0)),
        "missing": st.sampled_from((0.0, 0.1, 0.3)),
        "missed_as": st.sampled_from(("nothing", "flag", "code told", "dropped", "code")),
        "names": st.booleans(),
        "columns": st.booleans(),
        "rows": st.booleans(),
        "subjects_as": st.sampled_from(("words", "numbers", "turned")),
        "separator": st.sampled_from((",", ";", "\t")),
    }
)
THEIRS = {"action": "choice", "reward": "won", "common": "usual"}
CODE = 99


def people(case: dict[str, Any], common: bool) -> pd.DataFrame:
    """Who repeats what paid; NaN in missed trials."""
    g, parts = np.random.default_rng(case["seed"]), []
    for subject in range(case["subjects"]):
        many = case["trials"]
        part = pd.DataFrame({"subject": f"p{subject}", "trial": np.arange(many)})
        reward, stay, action = g.integers(0, 2, many), g.random(many), np.zeros(many, int)
        for trial in range(1, many):
            again = stay[trial] < (0.4, 0.75)[reward[trial - 1]]
            action[trial] = action[trial - 1] if again else 1 - action[trial - 1]
        part["action"], part["reward"] = action.astype(float), reward.astype(float)
        if common:
            part["common"] = (g.random(many) < 0.7).astype(float)
        part.loc[g.random(many) < case["missing"], part.columns[2:]] = np.nan
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def rewritten(path: Path, case: dict[str, Any], truth: pd.DataFrame) -> dict[str, str]:
    """The same trials, written otherwise; what must be told of the columns."""
    g, table, told = np.random.default_rng(case["seed"] + 1), truth.copy(), {}
    gone = truth["action"].isna()
    low, high = case["actions"]
    names = THEIRS if case["names"] else {name: name for name in THEIRS}
    told = {name: names[name] for name in THEIRS if name in truth and case["names"]}
    table["action"] = table["action"].map({0.0: low, 1.0: high})
    if isinstance(low, str):
        told["action"] = f"{names['action']}:{high}"
    if "common" not in truth:  # the two-step task has two levels of reward, of which one is above 0
        table["reward"] = case["lowest"] + table["reward"] * case["unit"]
    else:
        table["reward"] = table["reward"] * case["unit"]
    if case["missed_as"] == "flag":
        table["missed"] = np.where(gone, "1", "")
    elif case["missed_as"].startswith("code"):
        if isinstance(low, str):
            table["action"] = table["action"].where(~gone, "none of them")
        else:
            table["action"] = table["action"].where(~gone, CODE)
        if case["missed_as"] == "code told" and gone.any() and not isinstance(low, str):
            told["missed"] = f"{names['action']}:{CODE}"
    elif case["missed_as"] == "dropped":
        table = table[~gone]
    if case["columns"]:
        table["note"], table["rt"] = "a, b", g.random(len(table)) * 1e5
        table = table[g.permutation(table.columns)]
    if case["rows"]:
        table = table.iloc[g.permutation(len(table))]
    subjects = sorted(set(truth["subject"]))
    other = {
        "words": {name: name for name in subjects},
        "numbers": {name: str(1234567 + k) for k, name in enumerate(subjects)},
        "turned": {name: f"q{9 - k}" for k, name in enumerate(subjects)},
    }[case["subjects_as"]]
    table["subject"] = table["subject"].map(other)
    table.rename(columns=names).to_csv(path, index=False, sep=case["separator"])
    return told


def generated(analysis: str, check: Callable[[dict[str, Any]], None]) -> None:
    settings(
        max_examples=int(MANY or FILES[analysis]),
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )(given(written_as)(check))()


@pytest.mark.parametrize("analysis", ["two-step-regression", "kernels", "choice-fit"])
def test_people(
    analysis: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kernels, two_step_regression):  # nulls have tests of their own
        monkeypatch.setattr(module, "shuffles_for", lambda rows: 1)
    monkeypatch.setattr(choice_fit, "DRAWS", 2)
    monkeypatch.setattr(TwoStepRegression, "interval", lambda self: (self.effects, self.effects))
    folder, met = tmp_path_factory.mktemp("g"), [0, 0]
    plain, other = folder / "plain.csv", folder / "other.csv"

    def check(case: dict[str, Any]) -> None:
        if analysis == "choice-fit" and case["subjects_as"] == "turned":
            case = case | {"subjects_as": "words"}  # trials are dealt to folds in the order of the names
        truth = people(case, analysis == "two-step-regression")
        truth.to_csv(plain, index=False)
        told = rewritten(other, case, truth)
        coded = case["missed_as"].startswith("code") and truth["action"].isna().any()
        wrong = coded and (case["missed_as"] == "code" or isinstance(case["actions"][0], str))
        try:
            wanted = comparisons.measure(analysis, Data([plain]))
        except Mistake as mistake:  # too many were missed
            assert "\n" not in str(mistake)
            with pytest.raises(Mistake):
                comparisons.measure(analysis, Data([other], told))
            met[1] += 1
            return
        if wrong:
            with pytest.raises(Mistake) as said:
                comparisons.measure(analysis, Data([other], told))
            assert "\n" not in str(said.value) and len(str(said.value)) < 400
            met[1] += 1
            return
        found = comparisons.measure(analysis, Data([other], told))
        assert found.names == wanted.names and len(found.rows) == len(wanted.rows)
        rows, expected = found.rows, wanted.rows
        if case["subjects_as"] == "turned":  # subjects stand in the order of their names, or of the file
            rows, expected = (np.sort(part, axis=0) for part in (rows, expected))
        if case["rows"]:
            rows, expected = (np.sort(part, axis=0) for part in (rows, expected))
        turned = case["actions"][0] > case["actions"][1] if isinstance(case["actions"][0], int) else False
        close = 2e-3 if analysis == "choice-fit" and turned else 1e-5
        np.testing.assert_allclose(rows, expected, rtol=close, atol=close)
        met[0] += 1

    generated(analysis, check)
    assert met[0] > sum(met) / 4 and (met[1] or sum(met) < 20), met


def session(path: Path, parts: dict[str, Any]) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in parts.items():
            values = np.asarray(values)
            file[name] = values.astype("S") if values.dtype.kind == "U" else values
    return path


def test_units(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, met = tmp_path_factory.mktemp("g"), [0, 0]

    def check(case: dict[str, Any]) -> None:
        truth = people(case | {"subjects": 1, "trials": case["trials"] + 60}, common=False)
        g, many = np.random.default_rng(case["seed"] + 2), len(truth)
        action, reward = truth["action"].to_numpy(), truth["reward"].to_numpy()
        cue, gone = 5 + 3.0 * np.arange(many), np.isnan(action)
        spikes = [np.sort(g.uniform(0, cue[-1] + 5, g.integers(200, 4000))) for _ in range(3)]
        last = np.nan_to_num(np.concatenate([[0], action[:-1]]))
        spikes[0] = np.sort(
            np.concatenate(
                [spikes[0], *(t + 0.5 * g.random(int(9 * a)) for t, a in zip(cue, last, strict=True))]
            )
        )
        units = {
            "units/spike_times": np.concatenate(spikes),
            "units/spike_times_index": np.cumsum([len(unit) for unit in spikes]),
        }
        trials = {
            "t_cue": cue,
            "action": action,
            "reward": reward,
            "start_time": cue - 1,
            "stop_time": cue + 1,
        }
        wanted = comparisons.measure(
            "unit-coding",
            Data(
                [session(folder / "a.nwb", units | {f"intervals/trials/{n}": v for n, v in trials.items()})]
            ),
        )
        low, high = case["actions"]
        words, told = isinstance(low, str), {}
        names = THEIRS if case["names"] else {name: name for name in THEIRS}
        told = {name: names[name] for name in ("action", "reward") if case["names"]}
        other = {name: values.copy() for name, values in trials.items()}
        other["reward"] = case["lowest"] + reward * case["unit"]
        if words:
            other["action"] = np.where(gone, "", np.where(action == 1, high, low))
            told["action"] = f"{names['action']}:{high}"
        else:
            other["action"] = np.where(gone, np.nan, np.where(action == 1, high, low))
        wrong = False
        if case["missed_as"] == "flag":
            other["missed"] = gone.astype(float)
        elif case["missed_as"].startswith("code") and not words:
            other["action"] = np.where(gone, CODE, other["action"])
            other["reward"] = np.where(gone, case["lowest"], other["reward"])
            wrong = case["missed_as"] == "code" and bool(gone.any())
            if not wrong and gone.any():
                told["missed"] = f"{names['action']}:{CODE}"
        elif case["missed_as"] == "dropped":
            other["t_cue"] = np.where(gone, np.nan, cue)
        order = g.permutation(many) if case["rows"] else np.arange(many)
        table = {f"intervals/trials/{names.get(n, n)}": values[order] for n, values in other.items()}
        path = session(folder / "b.nwb", units | table)
        if wrong:
            with pytest.raises(Mistake, match=f"if {CODE} stands for missed trials"):
                comparisons.measure("unit-coding", Data([path], told))
            met[1] += 1
            return
        found = comparisons.measure("unit-coding", Data([path], told))
        if case["missed_as"] == "dropped" and gone.any():  # trials without a cue have no rates either
            assert found.rows[0, 0] in (0, 1)
        elif high is not None and (words or low < high):
            np.testing.assert_array_equal(found.rows, wanted.rows)
        else:  # the other option comes first: the value's sign changes, and rounding of its fit
            np.testing.assert_array_equal(found.rows[:, :3], wanted.rows[:, :3])
        met[0] += 1

    generated("unit-coding", check)
    assert met[0] > sum(met) / 2 and (met[1] or sum(met) < 50), met


def test_traces(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Means of samples that a few lines find, in any unit, with gaps, by rate or by timestamps."""
    folder, met = tmp_path_factory.mktemp("g"), [0]

    def check(case: dict[str, Any]) -> None:
        g, many = np.random.default_rng(case["seed"]), case["trials"] // 3
        outcome, expected = 6.0 + 5.0 * np.arange(many) + g.uniform(0, 1, many), g.integers(0, 2, many)
        size = g.choice([0.5, 2.0], many)
        cue = np.where(expected == 1, outcome - 1.5, np.nan)
        outcome[g.random(many) < case["missing"] / 2] = np.nan
        times = 0.1 * np.arange(50 * many + 150) + (0.03 if case["columns"] else 0.0)
        values = g.normal(0, 1, len(times))
        values[g.random(len(times)) < case["missing"]] = np.nan
        kinds: dict[str, list[float]] = {}
        for place, kind, first, at in zip(size, expected, cue, outcome, strict=True):
            begin = first if kind == 1 else at
            parts = [
                values[(times >= a - 1e-6) & (times < b - 1e-6)]
                for a, b in ((begin - 1, begin), (at + 0.2, at + 0.6))
            ]
            before, after = (part[np.isfinite(part)] for part in parts)
            if len(before) and len(after):
                name = f"{'expected' if kind else 'unexpected'} {place:g} µl"
                kinds.setdefault(name, []).append(after.mean() - before.mean())
        order = g.permutation(many) if case["rows"] else np.arange(many)
        table = {"reward_ul": size, "expected": expected, "t_cue": cue, "t_outcome": outcome}
        parts = {f"intervals/trials/{name}": column[order] for name, column in table.items()}
        place = "acquisition/signal" if case["names"] else "processing/ophys/dopamine"
        parts[f"{place}/data"] = (
            (values / case["unit"])[:, None] if case["separator"] == ";" else values / case["unit"]
        )
        if case["separator"] != "\t":
            mixed = g.permutation(len(times)) if case["subjects_as"] == "turned" else np.arange(len(times))
            parts[f"{place}/timestamps"] = times[mixed]
            parts[f"{place}/data"] = parts[f"{place}/data"][mixed]
        path = session(folder / "a.nwb", parts)
        with h5py.File(path, "a") as file:
            file[f"{place}/data"].attrs["conversion"] = case["unit"]
            if case["separator"] == "\t":
                file[f"{place}/starting_time"] = times[0]
                file[f"{place}/starting_time"].attrs["rate"] = 10.0
        try:
            found = comparisons.measure("trace-response", Data([path]))
        except Mistake as mistake:
            assert not kinds, mistake
            return
        wanted = {name: float(np.mean(each)) for name, each in kinds.items()}
        assert dict(zip(found.names, found.mean, strict=True)) == pytest.approx(wanted, abs=1e-9)
        met[0] += 1

    generated("trace-response", check)
    assert met[0] > 20
