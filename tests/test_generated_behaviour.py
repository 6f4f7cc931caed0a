"""Generated files of behaviour: the numbers that a few lines compute without hedon, or one clear line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.comparisons import change_points, kernels, stay
from hedon.figures.comparisons.data import Data

pytestmark = pytest.mark.whole

FILES = 1000
KINDS = ("rewarded common", "rewarded rare", "unrewarded common", "unrewarded rare")

made = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "analysis": st.sampled_from(("stay-probabilities", "change-point-rate", "kernels")),
        "subjects": st.integers(1, 3),
        "trials": st.integers(2, 30),
        "sessions": st.integers(1, 2),
        "codes": st.sampled_from(("01", "01", "01", "truth", "12", "12 told", "words told", "words")),
        "missing": st.sampled_from((0.0, 0.0, 0.2, 0.6)),
        "missed_as": st.sampled_from(("nothing", "nothing", "flag", "-1 told", "99 told", "99")),
        "scale": st.sampled_from((1.0, 1.0, 0.01, 100.0)),
        "names": st.sampled_from(("ours", "ours", "theirs", "decoy", "typo")),
        "separator": st.sampled_from((",", ";", "\t", "; and ,")),
        "rows": st.sampled_from(("in order", "mixed", "unnumbered", "dropped", "twice")),
    }
)
THEIRS = {"action": "choice", "reward": "win", "common": "usual", "estimate": "guess", "outcome": "seen"}


def session(case: dict[str, Any]) -> pd.DataFrame:
    """The truth: numbers 0 and 1 (estimates in between), NaN in missed trials."""
    g, parts = np.random.default_rng(case["seed"]), []
    for subject in range(case["subjects"]):
        for number in range(case["sessions"]):
            many = case["trials"]
            part = pd.DataFrame({"subject": f"p{subject}", "session": f"d{number}", "trial": np.arange(many)})
            for name in ("action", "reward", "common", "change_point"):
                part[name] = g.integers(0, 2, many).astype(float)
            part["estimate"], part["outcome"] = g.random(many).round(6), g.integers(0, 2, many).astype(float)
            gone = g.random(many) < case["missing"]
            part.loc[gone, ["action", "reward", "common", "estimate", "outcome"]] = np.nan
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def written(path: Path, case: dict[str, Any], truth: pd.DataFrame) -> tuple[dict[str, str], bool]:
    """Writes the file; what must be told of its columns, and whether it is wrong."""
    g, table, columns, wrong = np.random.default_rng(case["seed"]), truth.copy(), {}, False
    gone = truth["action"].isna()
    binary = {"kernels": ["reward"], "stay-probabilities": ["reward", "common"]}.get(case["analysis"], [])
    names = {name: name for name in truth}
    if case["names"] == "theirs":
        names |= THEIRS
        columns = {name: names[name] for name in needs(case)}
    elif case["names"] == "decoy":
        names |= {"reward": "win"}
        table["decoy"] = 0.0
        columns = {"reward": "win"} if binary else {}
    elif case["names"] == "typo" and binary:
        names |= {"action": "actoin"}
        wrong = True
    if binary:
        name = binary[-1]
        if "12" in case["codes"]:
            table[name] += 1
        elif "words" in case["codes"]:
            table[name] = table[name].map({0.0: "no", 1.0: "yes"})
        elif case["codes"] == "truth":
            table[name] = table[name].map({0.0: "False", 1.0: "True"})
        if "told" in case["codes"]:
            columns[name] = f"{names[name]}:{'2' if '12' in case['codes'] else 'yes'}"
            wrong |= not (truth[name] == 1).any()
        # kernels take rewards of any size: 1 and 2 are sizes there, words are none
        wrong |= case["codes"] == "words" or (case["codes"] == "12" and case["analysis"] != "kernels")
        if case["missed_as"] == "flag":
            table["missed"] = gone.astype(int)
        elif case["missed_as"] != "nothing":
            code = float(case["missed_as"].split()[0])
            table["action"] = table["action"].fillna(code)
            if "told" in case["missed_as"]:
                columns["missed"] = f"{names['action']}:{code:g}"
                wrong |= not gone.any()
    if case["analysis"] == "kernels" and "told" not in case["codes"] and case["codes"] in ("01", "12"):
        table["reward"] = table["reward"] * case["scale"]
    if case["analysis"] == "change-point-rate":
        table[["estimate", "outcome"]] *= case["scale"]
    if case["rows"] == "mixed":
        table = table.iloc[g.permutation(len(table))]
    elif case["rows"] == "unnumbered":
        table = table.drop(columns="trial")
    elif case["rows"] == "dropped":
        table = table[~gone]
    elif case["rows"] == "twice":
        table, wrong = pd.concat([table, table.iloc[:1]]), True
    if case["codes"] == "12" and case["analysis"] == "stay-probabilities":
        assume((table[binary[-1]] == 2).any())  # a column of 1 alone says that all are true
    form: dict[str, Any] = {"sep": case["separator"][0]}
    if case["separator"] == "; and ,":
        form["decimal"] = ","
    table.rename(columns=names).to_csv(path, index=False, **form)
    return columns, wrong


def needs(case: dict[str, Any]) -> tuple[str, ...]:
    return {
        "stay-probabilities": ("action", "reward", "common"),
        "kernels": ("action", "reward"),
        "change-point-rate": ("estimate", "outcome"),
    }[case["analysis"]]


def stays(truth: pd.DataFrame) -> dict[str, float]:
    """Mean over subjects of the share of trials of each kind after which the action was repeated."""
    shares: dict[str, list[float]] = {}
    for _, own in truth.groupby("subject"):
        met: dict[str, list[bool]] = {}
        for _, day in own.groupby("session"):
            rows = day[["action", "reward", "common"]].to_numpy()
            for before, after in zip(rows[:-1], rows[1:], strict=True):
                if not np.isnan([*before, *after]).any():
                    kind = KINDS[2 * int(before[1] == 0) + int(before[2] == 0)]
                    met.setdefault(kind, []).append(before[0] == after[0])
        for kind, stayed in met.items():
            shares.setdefault(kind, []).append(sum(stayed) / len(stayed))
    return {kind: sum(each) / len(each) for kind, each in shares.items()}


def slopes(truth: pd.DataFrame, scale: float) -> dict[str, float]:
    """Mean over subjects of the slope of updates on errors, early and late after a change."""
    found: dict[str, list[float]] = {}
    for _, own in truth.groupby("subject"):
        for name, low, high in (("trials 0 to 3", 0, 3), ("trials 9 to 14", 9, 14)):
            points = []
            for _, day in own.groupby("session"):
                since = math.inf
                rows = day[["estimate", "outcome", "change_point"]].to_numpy()
                for trial, (estimate, outcome, change) in enumerate(rows):
                    since = 0 if change else since + 1
                    if trial and low <= since <= high:
                        point = (outcome - rows[trial - 1][0], estimate - rows[trial - 1][0])
                        points += [point] if not np.isnan(point).any() else []
            x, y = np.array(points).reshape(-1, 2).T * scale
            if len(x) > 2 and np.ptp(x) > 0:
                found.setdefault(f"{name} after a change", []).append(float(np.polyfit(x, y, 1)[0]))
    return {name: sum(each) / len(each) for name, each in found.items()}


def uphill(truth: pd.DataFrame, paid: np.ndarray, weights: np.ndarray, bias: float) -> float:
    """Slope of the penalised likelihood of one subject's kernels: 0 at its top, and only there."""
    total = -0.1 * np.append(weights, bias)
    action, size = truth["action"].to_numpy(), paid
    for _, day in truth.reset_index(drop=True).groupby("session"):
        rows = day.index.to_numpy()
        for now in range(5, len(rows)):
            past = rows[now - 5 : now][::-1]
            if np.isnan(action[[*past, rows[now]]]).any():
                continue
            signs = 2 * action[past] - 1
            x = np.concatenate([signs * size[past], signs, [1.0]])
            total += x * (action[rows[now]] - 1 / (1 + np.exp(-x @ np.append(weights, bias))))
    return float(np.abs(total).max())


def test_right_numbers_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = refused = 0
    for module in (stay, kernels, change_points):  # the null has its own tests
        monkeypatch.setattr(module, "shuffles_for", lambda rows: 1)
    path = tmp_path_factory.mktemp("g") / "a.csv"

    @settings(
        max_examples=FILES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(made)
    def check(case: dict[str, Any]) -> None:
        nonlocal right, refused
        truth = session(case)
        columns, wrong = written(path, case, truth)
        if case["rows"] == "dropped":  # a change in a trial that is not there is not known
            truth["change_point"] *= truth["action"].notna()
        try:
            found = comparisons.measure(case["analysis"], Data([path], columns))
        except Mistake as mistake:
            assert "\n" not in str(mistake) and len(str(mistake)) < 400
            refused += 1
            assert wrong or not enough(case, truth), f"refused without need: {mistake}"
            return
        assert not wrong
        table = found.table()
        assert set(table.index) <= set(truth["subject"]) and table.index.is_unique
        if case["analysis"] == "kernels":
            paid = truth["reward"].to_numpy()
            if truth.loc[truth["action"].notna(), "reward"].nunique() < 2:  # no unit to count in
                paid = paid + (case["codes"] == "12")
                paid = paid * (case["scale"] if case["codes"] in ("01", "12") else 1)
            for name, own in table.iterrows():
                mine = (truth["subject"] == name).to_numpy()
                if own.notna().all():
                    weights = own[list(found.names)].to_numpy(float)
                    assert uphill(truth[mine], paid[mine], weights, own["kernels: bias"]) < 1e-3
        else:
            stays_ = case["analysis"] == "stay-probabilities"
            wanted = stays(truth) if stays_ else slopes(truth, case["scale"])
            got = {n: m for n, m in zip(found.names, found.mean, strict=True) if "less" not in n}
            assert {n: m for n, m in got.items() if np.isfinite(m)} == pytest.approx(wanted, abs=1e-6)
        right += 1

    check()
    assert right > FILES / 5 and refused > FILES / 10, (right, refused)


def enough(case: dict[str, Any], truth: pd.DataFrame) -> bool:
    """Whether nothing in the file may be refused: all codes met, trials in a row."""
    if case["missed_as"] in ("-1 told", "99 told", "99") and case["missing"]:
        return False
    if case["analysis"] == "stay-probabilities":
        both = all(set(truth[name].dropna()) == {0.0, 1.0} for name in ("action", "reward", "common"))
        return both and bool(stays(truth))
    if case["analysis"] == "kernels":
        return set(truth["action"].dropna()) == {0.0, 1.0} and case["trials"] > 20 and case["missing"] == 0
    return bool(slopes(truth, 1.0))
