"""Times that cannot be right: a recording with them gets one line, and no analysis.

Refused: times that are no number or lie before the session began, trials that end before they begin, spikes
outside the times of observation, trials where nothing was recorded. Suspected, and refused with the reason:
milliseconds or minutes taken for seconds, from a session longer than a day, trials ten minutes or less than a
second apart, cues a hundred seconds before the outcome, spikes of which hardly any lie near the trials, or
trials of which most lie where no spikes are. Trials may overlap and come in any order; an event that did not
happen is NaN.
"""

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .recording import EDGE, INVALID, Recording, Table

DAY = 86400.0
"""No session is longer (s)."""
WRITTEN_AGAIN = 0.1
"""Share of trials with the time of another from which trials are written several times."""
APART = 600.0
"""No two trials are farther apart, typically (s),"""
NEAR = 1.0
"""nor nearer: times in minutes."""
BEFORE = 100.0
"""No cue comes longer before its outcome, typically (s)."""
FEW = 0.05
"""Of the spikes so many lie in the time of the trials at least."""
MARGIN = 60.0
"""Which goes on so long before and after them (s)."""
TIMES = ("start_time", "stop_time", "timestamp")


def check(source: str, recording: Recording) -> None:
    """Raises `Mistake` where times of spikes, trials or events cannot be right; ``source`` is named."""
    for number, times in enumerate(recording.spike_times):
        _spikes(f"{source}: unit {number}", times)
    check_trials(source, recording)
    for name, table in recording.events.items():
        for column in times_of(table):
            check_column(f"{source}: {name}", column, np.asarray(table[column], float))
    invalid = recording.events.get(INVALID, {})
    if {"start_time", "stop_time"} <= set(invalid):
        _intervals(f"{source}: {INVALID}", np.column_stack([invalid["start_time"], invalid["stop_time"]]))
    for number, (times, seen) in enumerate(
        zip(recording.spike_times, recording.observed or (), strict=recording.observed is not None)
    ):
        if len(seen):
            _intervals(f"{source}: obs_intervals of unit {number}", seen)
            # the last interval that begins before a spike ends after it, or one that began earlier does
            begins, until = seen[np.argsort(seen[:, 0])].T
            last = np.searchsorted(begins, times + EDGE, "right") - 1
            outside = int(((last < 0) | (np.maximum.accumulate(until)[last] < times - EDGE)).sum())
            if outside:
                raise Mistake(
                    f"{source}: unit {number} has {outside} of {len(times)} spikes outside the time "
                    f"in which it was observed, {seen.min():g} to {seen.max():g} s"
                )


def _intervals(where: str, ends: NDArray) -> None:
    wrong = ~(ends[:, 0] <= ends[:, 1])
    if wrong.any():
        since, until = ends[wrong][0]
        raise Mistake(f"{where} go from {since:g} to {until:g} s in row {int(wrong.argmax())}")


def check_trials(source: str, recording: Recording) -> None:
    """The same for the trials alone, by the names that their columns have now."""
    trials, names = recording.trials, times_of(recording.trials)
    for name in names:
        check_column(f"{source}: trials", name, np.asarray(trials[name], float))
    if {"start_time", "stop_time"} <= set(names):
        wrong = np.asarray(trials["stop_time"]) < np.asarray(trials["start_time"])
        if wrong.any():
            raise Mistake(f"{source}: trial {int(np.argmax(wrong))} ends before it begins")
    events = {name: np.asarray(trials[name], float) for name in names}
    known = [values[np.isfinite(values)] for values in events.values()]
    if not known or not any(map(len, known)):
        return
    _units_of_time(source, recording, events, np.concatenate(known))


def times_of(table: Table) -> list[str]:
    """Columns of numbers that are times, by their names."""
    return [
        name
        for name, values in table.items()
        if (name in TIMES or name.startswith("t_")) and np.asarray(values).dtype.kind in "fiu"
    ]


def _spikes(where: str, times: NDArray) -> None:
    if not np.isfinite(times).all():
        raise Mistake(f"{where} has spike times that are no numbers")
    if len(times) and times[0] < 0:
        raise Mistake(f"{where} has spike times before 0 s")
    if len(times) and times[-1] > DAY:
        raise Mistake(f"{where} has its last spike at {times[-1]:g} s; are times in milliseconds?")


def check_column(where: str, name: str, values: NDArray) -> None:
    """Raises `Mistake` where a column of times (s) cannot be right; NaN is what did not happen."""
    if np.asarray(values).dtype.kind not in "fiu":
        raise Mistake(f"{where}: {name} must be numbers")
    if np.isinf(values).any():
        raise Mistake(f"{where}: {name} is not a finite number in row {int(np.argmax(np.isinf(values)))}")
    known = values[np.isfinite(values)]
    if len(known) and known.min() < 0:
        row = int(np.nanargmin(values))
        raise Mistake(f"{where}: {name} is {known.min():g} s in row {row}, before the session began")
    if len(known) and known.max() > DAY:
        raise Mistake(f"{where}: {name} goes up to {known.max():g} s; are times in milliseconds?")


def _units_of_time(source: str, recording: Recording, events: Table, times: NDArray) -> None:
    """Events and spikes that fit neither each other nor an experiment."""
    asking = "is one of them in milliseconds?"
    for name, values in events.items():
        known = np.unique(values[np.isfinite(values)])
        gap = np.median(np.diff(known)) if len(known) > 2 else NEAR
        if gap > APART or (gap < NEAR and name != "t_cue"):
            unit = "milliseconds" if gap > APART else "minutes"
            raise Mistake(f"{source}: {name} is {gap:g} s apart from trial to trial; is it in {unit}?")
    if {"t_cue", "t_outcome"} <= set(events):
        ahead = events["t_outcome"] - events["t_cue"]
        if np.isfinite(ahead).any() and np.nanmedian(np.abs(ahead)) > BEFORE:
            raise Mistake(
                f"{source}: t_cue and t_outcome are {np.nanmedian(np.abs(ahead)):g} s apart; {asking}"
            )
    spikes = np.concatenate([*recording.spike_times, np.zeros(0)])
    if not len(spikes) or not len(times):
        return
    near = (spikes >= times.min() - MARGIN) & (spikes <= times.max() + MARGIN)
    span = f"spikes lie between {spikes.min():g} and {spikes.max():g} s"
    told = f"{source}: {span}, trials between {times.min():g} and {times.max():g} s"
    if not near.any() or (len(times) > 2 and near.mean() < FEW):
        raise Mistake(f"{told}, {near.mean():.2%} of the spikes with them; {asking}")
    inside = (times >= spikes.min()) & (times <= spikes.max())
    if recording.observed is None and len(times) > 2 and inside.mean() < 0.5:
        raise Mistake(f"{told}, {inside.mean():.0%} of them where spikes are; {asking}")


def again(source: str, name: str, times: NDArray) -> int:
    """In how many trials an event has the very time (s) that it has in another.

    Raises `Mistake` where that is a tenth of the trials or more: each is written several times.
    """
    rows = np.flatnonzero(np.isfinite(times))
    order = rows[np.argsort(times[rows], kind="stable")]
    same = np.flatnonzero(np.diff(times[order]) == 0)
    if len(same) >= max(1, WRITTEN_AGAIN * len(times)):
        one, other = order[same[0]], order[same[0] + 1]
        raise Mistake(
            f"{source}: trials {one} and {other} have the same {name}, {times[one]:g} s, as have "
            f"{len(same)} of {len(times)} the one of another; is each trial written several times, "
            "or what does that time stand for?"
        )
    return len(same)
