"""Times in minutes, clocks that start again, codes among samples and events: told or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.recording import Recording, Series
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

TIMES = ("start_time", "stop_time", "t_outcome", "t_cue")
Case = dict[str, Any]


def session() -> Case:
    """Thirty trials of which half are announced; the trace is the size for 1 s after each outcome."""
    start = 10 + 12.0 * np.arange(30)
    size, expected = np.tile([1.0, 2.0, 4.0], 10), np.arange(30) % 2.0
    trials = {"start_time": start, "stop_time": start + 7, "t_outcome": start + 3, "reward_ul": size}
    trials |= {"expected": expected, "t_cue": np.where(expected > 0, start + 1.5, np.nan)}
    times = np.arange(0, 380, 0.1)
    values = sum(one * ((times >= at + 3) & (times < at + 4)) for at, one in zip(start, size, strict=True))
    return {"trials": trials, "times": times, "values": values + 0.01 * np.sin(times)}


def measured(case: Case, analysis: str = "trace-response") -> Any:
    series = {"dopamine": Series.of(case["times"], case["values"], "1")}
    units = {"quality": case["quality"]} if "quality" in case else {}
    spikes = (np.arange(0.0, 380, 0.19),) * len(units.get("quality", (0,)))
    found = Data([Recording(spikes, case["trials"], units, series=series)])
    return comparisons.measure(analysis, found)


def in_minutes(case: Case) -> None:
    for name in TIMES:
        case["trials"][name] = case["trials"][name] / 60
    case["times"] = case["times"] / 60


def swapped(case: Case) -> None:
    cue, outcome = case["trials"]["t_cue"], case["trials"]["t_outcome"]
    case["trials"] |= {"t_cue": outcome, "t_outcome": np.where(np.isnan(cue), outcome, cue)}


def coded(case: Case, without_bounds: bool = False) -> None:
    case["trials"]["t_cue"] = np.nan_to_num(case["trials"]["t_cue"])
    if without_bounds:
        del case["trials"]["start_time"], case["trials"]["stop_time"]


def filled(case: Case) -> None:
    case["values"][::40] = -99


def started_again(case: Case) -> None:
    case["times"] = np.tile(case["times"][:1900], 2)


def slow(case: Case) -> None:
    case["times"] = case["times"] / 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (in_minutes, "t_outcome is 0.2 s apart from trial to trial; is it in minutes"),
        (swapped, "t_cue comes after t_outcome in 15 trials"),
        (coded, "t_cue lies outside its trial .* in 14 of 30 trials"),
        (
            lambda case: coded(case, True),
            "have the same t_cue, 0 s, as have 14 of 30.*what does that time stand",
        ),
        (filled, "the trace is -99 in 95 samples, else .*write NaN"),
        (started_again, "times of the trace start again 1 times"),
        (slow, "no samples about 27 of 30 trials; are their times in one unit"),
    ],
)
def test_what_cannot_be_right_is_refused(change: Callable[[Case], None], said: str) -> None:
    case = session()
    change(case)
    with pytest.raises(Mistake, match=said) as told:
        measured(case)
    assert "\n" not in str(told.value)


def without_times(case: Case) -> None:
    case["times"][::50] = np.nan


def in_disorder(case: Case) -> None:
    order = np.random.default_rng(0).permutation(len(case["times"]))
    case["times"], case["values"] = case["times"][order], case["values"][order]


def cut(case: Case) -> None:
    case["times"], case["values"] = case["times"][:3000], case["values"][:3000]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_times, "76 of 3800 samples without time or value left out"),
        (in_disorder, "times of the trace go back .* they were put in order"),
        (cut, "6 of 30 trials without samples of the trace left out"),
    ],
)
def test_what_was_left_out_is_told(change: Callable[[Case], None], said: str) -> None:
    case, usual = session(), measured(session())
    change(case)
    found = measured(case)
    np.testing.assert_allclose(found.mean, usual.mean, atol=0.02)
    np.testing.assert_allclose(found.mean, [1, 2, 4] * 2, atol=0.02)
    assert any(re.search(said, note) for note in found.notes)


def test_units_of_several_qualities_are_told() -> None:
    found = measured({**session(), "quality": np.array(["good", "noise"])}, "reward-response")
    assert any("quality is good, noise: units of each are taken (--cells)" in note for note in found.notes)
