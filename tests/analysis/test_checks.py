"""The edges of what times of spikes, trials and events can be: checks of a recording made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.checks import check, check_column, check_trials, times_of
from hedon.analysis.recordings.recording import Recording

DAY, NAN = 86400.0, np.nan


def recording(spikes: list[float], observed: list | None = None, **trials: list) -> Recording:
    table = {name: np.array(values, float) for name, values in trials.items()}
    seen = None if observed is None else (np.array(observed, float).reshape(-1, 2),)
    return Recording((np.array(spikes, float),), table, observed=seen)


def refused(made: Recording, said: str) -> None:
    with pytest.raises(Mistake, match=f"a: {said}"):
        check("a", made)


def test_times_are_known_by_name_and_kind() -> None:
    table = {name: np.zeros(1) for name in ("start_time", "stop_time", "timestamp", "t_cue", "time", "tcue")}
    table |= {"t_words": np.array(["a"]), "t_whole": np.zeros(1, int), "t_bool": np.zeros(1, bool)}
    assert times_of(table) == ["start_time", "stop_time", "timestamp", "t_cue", "t_whole"]


def test_spikes_lie_within_a_day() -> None:
    check("a", recording([0.0, DAY]))
    check("a", recording([]))
    refused(recording([-1e-9, 1.0]), "unit 0 has spike times before 0 s")
    refused(recording([0.0, DAY + 1]), "unit 0 has its last spike at 86401 s")
    refused(recording([1.0, NAN]), "unit 0 has spike times that are no numbers")
    both = Recording((np.array([1.0]), np.array([-1.0])), {})
    refused(both, "unit 1 has spike times before 0 s")


@pytest.mark.parametrize(
    "values, said",
    [
        ([0.0, NAN, DAY], ""),
        ([NAN, NAN], ""),
        ([], ""),
        ([1.0, NAN, -0.5], "t_cue is -0.5 s in row 2, before the session began"),
        ([1.0, NAN, -np.inf], "t_cue is not a finite number in row 2"),
        ([DAY + 1, 2.0], "t_cue goes up to 86401 s; are times in milliseconds"),
    ],
)
def test_a_column_of_times_lies_within_a_day(values: list[float], said: str) -> None:
    if not said:
        check_column("a", "t_cue", np.array(values))
        return
    with pytest.raises(Mistake, match=f"a: {said}"):
        check_column("a", "t_cue", np.array(values))
    refused(replace(recording([]), events={"licks": {"t_cue": np.array(values)}}), f"licks: {said}")


def test_a_column_of_words_is_no_column_of_times() -> None:
    with pytest.raises(Mistake, match="a: t_cue must be numbers"):
        check_column("a", "t_cue", np.array(["1"]))
    check_column("a", "t_cue", np.array([1, 2]))


def test_a_trial_ends_after_it_begins() -> None:
    check("a", recording([], start_time=[1, 2, 3], stop_time=[1, NAN, 4]))
    refused(recording([], start_time=[1, 2, 3], stop_time=[2, 1.9, 0]), "trial 1 ends before it begins")


def test_spikes_lie_where_a_unit_was_observed() -> None:
    """To the precision of a clock; a unit without spikes, or whose observation is not told, is not asked."""
    for spikes in ([2.0, 6.0], [2.0 - 0.9e-6, 6.0 + 0.9e-6], []):
        check("a", recording(spikes, [[2, 3], [4, 6]]))
    check("a", recording([1.0], []))
    refused(recording([1.9, 2.5, 6.1], [[2, 3], [4, 6]]), "unit 0 has 2 of 3 spikes outside .*, 2 to 6 s")


def test_trials_and_spikes_share_a_unit_of_time() -> None:
    """A twentieth of the spikes lies within a minute of the trials, half of the events among the spikes."""
    events = [1000.0, 1010.0, 1020.0, 1030.0]
    near, far = [1010 + 59.0], [1010 + 61.0]
    check("a", recording(near, t_outcome=events[:2]))
    refused(recording(far, t_outcome=events[:2]), "spikes lie between 1071 and 1071 s, trials between 1000")
    refused(recording([1000 - 61.0], t_outcome=events[:2]), "spikes lie between 939")
    check("a", recording([1000 - 59.0], t_outcome=events[:2]))
    inside = [1005.0, 1029.0]  # two of four events between the spikes
    check("a", recording([0.0] * 38 + inside, t_outcome=events))
    refused(
        recording([0.0] * 39 + inside, t_outcome=events), "spikes .*, 4.88% of the spikes with them; is one"
    )
    check("a", recording([0.0] * 39 + inside, t_outcome=events[:2]))  # of two trials little can be said
    check("a", recording([1005.0, 1025.0], t_outcome=events))
    refused(recording([1005.0, 1015.0], t_outcome=events), "spikes .*, 25% of them where spikes are")
    check("a", recording([1005.0, 1015.0], t_outcome=[1000, 1020]))
    check("a", recording([1010.0, 1010.0], [[900, 1100]], t_outcome=events))  # observed: it was silent else
    check("a", recording([], t_outcome=events))
    check("a", recording([1.0], t_outcome=[NAN, NAN]))
    check("a", recording([1.0]))


def test_trials_follow_each_other_within_minutes() -> None:
    check("a", recording([], t_outcome=[0, 600, 1200]))
    refused(recording([], t_outcome=[0, 601, 1202]), "t_outcome is 601 s apart from trial to trial")
    check("a", recording([], t_outcome=[1300, NAN, 0]))  # of two trials little can be said


def test_a_cue_comes_within_a_minute_or_two_of_its_outcome() -> None:
    check("a", recording([], t_cue=[0, 1, NAN], t_outcome=[100, 101, 102]))
    check("a", recording([], t_cue=[100, NAN, NAN], t_outcome=[0, NAN, 2]))
    check("a", recording([], t_cue=[NAN, NAN, 1], t_outcome=[1, 2, NAN]))
    refused(recording([], t_cue=[101, 102, 103], t_outcome=[0, 1, 2]), "t_cue and t_outcome are 101 s apart")


def test_trials_are_checked_by_the_names_they_have_now() -> None:
    made = recording([1.0], t_outcome=[2.0])
    check_trials("a", made)
    renamed = replace(made, trials={"t_cue": np.array([-2.0])})
    with pytest.raises(Mistake, match="a: trials: t_cue is -2 s in row 0"):
        check_trials("a", renamed)
