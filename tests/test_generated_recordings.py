"""Generated recordings: the numbers that a few lines compute without hedon, or one clear line.

``HEDON_GENERATED`` files of each test in place of those that a test run has the time for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import comparisons
from hedon.figures.comparisons import dips, peri_event, reversal_points
from hedon.figures.comparisons.data import Data

pytestmark = pytest.mark.whole

FILES = int(os.environ.get("HEDON_GENERATED", 400))
OTHERS = int(os.environ.get("HEDON_GENERATED", 160))
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


def responses(cell: np.ndarray, trials: dict[str, np.ndarray], use: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean rate before the first event, and the late rate above it in each trial."""
    first = np.where(trials["expected"] == 1, trials["t_cue"], trials["t_outcome"])[use]
    outcome = trials["t_outcome"][use]
    before = np.mean([count(cell, t - 1, t) for t in first])
    return before, np.array([count(cell, t + 0.2, t + 0.6) / 0.4 for t in outcome]) - before


def count(cell: np.ndarray, low: float, high: float) -> int:
    return int(((cell >= low - 1e-6) & (cell < high - 1e-6)).sum())


def used(
    trials: dict[str, np.ndarray], seen: tuple[float, float], invalid: list, window: tuple
) -> np.ndarray:
    """Trials that were observed from before the first event to after the reward, in times that are valid."""
    found = []
    for expected, cue, outcome in zip(trials["expected"], trials["t_cue"], trials["t_outcome"], strict=True):
        first = cue if expected == 1 else outcome
        spans = ((first + window[0], first), (outcome, outcome + window[1]))
        whole = all(a >= seen[0] and b <= seen[1] for a, b in spans)
        found.append(whole and not any(a < e and b > s for a, b in spans for s, e in invalid))
    return np.array(found)


def about(cell: np.ndarray, events: np.ndarray, low: float, width: float, bins: int) -> np.ndarray:
    """Mean rate in each bin about events."""
    return np.array(
        [
            np.mean([count(cell, t + low + k * width, t + low + (k + 1) * width) for t in events]) / width
            for k in range(bins)
        ]
    )


def peri_event_by_hand(spikes: list, trials: dict, seen: list, invalid: list) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for cell, ((since, until),) in zip(spikes, seen, strict=True):
        use = used(trials, (since, until), invalid, (-2.0, 1.0))
        sizes = np.unique(trials["reward_ul"][use])
        for name, chosen in (("small", sizes[: len(sizes) // 2]), ("large", sizes[len(sizes) - 1 :])):
            for row, kind in enumerate(("unexpected", "expected")):
                here = use & np.isin(trials["reward_ul"], chosen) & (trials["expected"] == row)
                if here.any():
                    rates = about(cell, trials["t_outcome"][here], -2.0, 0.05, 60)
                    for k, value in enumerate(rates):
                        at = f"{kind}, {name} {-1.975 + 0.05 * k:+.3f} s"
                        found.setdefault(at, []).append(float(value))
    return {name: sum(values) / len(values) for name, values in found.items()}


def dips_by_hand(spikes: list, trials: dict, seen: list, invalid: list, duration: bool) -> dict[str, float]:
    from scipy.ndimage import gaussian_filter1d

    at, kinds = -0.2 + 0.005 * (np.arange(280) + 0.5), {}
    for cell, ((since, until),) in zip(spikes, seen, strict=True):
        use = used(trials, (since, until), invalid, (-1.0, 1.2))
        base = responses(cell, trials, use)[0]
        for row, kind in enumerate(("unexpected", "expected")):
            for size in SIZES:
                here = use & (trials["reward_ul"] == size) & (trials["expected"] == row)
                if here.any():
                    curve = about(cell, trials["t_outcome"][here], -0.2, 0.005, 280)
                    kinds.setdefault(f"{kind} {size:g} µl", []).append((base, curve))
    found = {}
    for name, cells in kinds.items():
        each = []
        for own, (base, curve) in enumerate(cells):
            rest = [one for k, one in enumerate(cells) if k != own] or cells
            level, others = np.mean([b for b, _ in rest]), np.mean([c for _, c in rest], axis=0)
            others = gaussian_filter1d(others, 3.0)
            lowest = 60 + int(np.argmin(others[60:200]))
            if not duration:
                each.append(base - curve[lowest - 10 : lowest + 10].mean())
                continue
            under = others <= (level + others[lowest]) / 2
            begin = end = lowest
            if others[lowest] < level:
                while begin > 0 and under[begin - 1]:
                    begin -= 1
                while end < 279 and under[end + 1]:
                    end += 1
                # edges of the stretch, widened by half of it
                low, high = at[begin] - 0.0025, at[end] + 0.0025
                half = (high - low) / 2
                inside = (at >= max(low - half, 0.1) - 1e-6) & (at < high + half - 1e-6)
                each.append((base - curve[inside]).sum() * 0.005 / base if base > 0 else np.nan)
            else:
                each.append(0.0 if base > 0 else np.nan)
        if np.isfinite(each).any():
            found[name] = float(np.nanmean(each))
    return found


def reversals_by_hand(spikes: list, trials: dict, seen: list, invalid: list) -> dict[str, float]:
    """Two sizes: the straight line between their means, on the axis of the mean cell."""
    means = []
    for cell, ((since, until),) in zip(spikes, seen, strict=True):
        use = used(trials, (since, until), invalid, (-1.0, 0.6))
        _, response = responses(cell, trials, use)
        sizes = trials["reward_ul"][use]
        means.append([response[sizes == size].mean() if (sizes == size).any() else np.nan for size in SIZES])
    small, large = np.nanmean(means, axis=0)
    if not small < large or np.isnan(means).any():
        return {}
    places = []
    for low, high in means:
        if high <= low:  # made to rise: both are the mean, weighted by trials; left to other tests
            return {}
        share = np.clip(-low / (high - low), 0, 1)
        places.append(np.log10(SIZES[0]) + share * np.log10(SIZES[1] / SIZES[0]))
    return {"reversal point (log10 µl)": float(np.mean(places))}


BY_HAND: dict[str, Any] = {
    "peri-event": peri_event_by_hand,
    "dip-depth": lambda *parts: dips_by_hand(*parts, duration=False),
    "dip-duration": lambda *parts: dips_by_hand(*parts, duration=True),
    "reversal-points": reversals_by_hand,
}


def test_other_analyses_of_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: dict[str, list[int]] = {name: [0, 0] for name in BY_HAND}
    monkeypatch.setattr(dips, "DRAWS", 1)  # nulls have tests of their own
    monkeypatch.setattr(reversal_points, "DRAWS", 1)
    monkeypatch.setattr(peri_event, "shuffles_for", lambda rows: 1)

    @settings(
        max_examples=OTHERS,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(made, st.sampled_from(sorted(BY_HAND)), st.integers(0, 3))
    def check(case: dict[str, Any], analysis: str, more: int) -> None:
        case = case | {"units": case["units"] + more}
        if analysis == "reversal-points":  # they need four cells, and each of them both sizes
            case |= {"units": case["units"] + 2, "trials": case["trials"] + 12}
        parts = session(case)
        path = written(tmp_path_factory.mktemp("g"), case, *parts)
        try:
            found = comparisons.measure(analysis, Data([path]))
        except Mistake as mistake:
            assert "\n" not in str(mistake) and len(str(mistake)) < 400
            wrong = case["wrong"] or case["codes"] == "12" or analysis == "reversal-points"
            window = {"peri-event": (-2.0, 1.0)}.get(analysis, (-1.0, 1.2))
            lost = [not used(parts[1], tuple(seen[0]), parts[3], window).any() for seen in parts[2]]
            assert wrong or any(lost), f"refused without need: {mistake}"
            met[analysis][1] += 1
            return
        assert not case["wrong"] or not np.isfinite(parts[1]["t_outcome"]).any()
        got = dict(zip(found.names, found.mean, strict=True))
        wanted = BY_HAND[analysis](*parts)
        if analysis == "reversal-points":
            got = {name: got[name] for name in wanted}
        assert {n: m for n, m in got.items() if np.isfinite(m)} == pytest.approx(wanted, abs=1e-6)
        met[analysis][0] += 1

    check()
    for analysis, (right, refused) in met.items():
        assert right > OTHERS / 160 and refused, (analysis, right, refused)
