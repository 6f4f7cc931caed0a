"""Responses of a dopamine trace by reward size and expectation, 200 to 600 ms after it; NWB files.

The trace is a time series of the file, such as a concentration or a fluorescence: ``dopamine``, the one named
by ``--column trace=NAME``, or the only one there is; a row is a session. Columns of the trials as for
``reward-response``. The null: reward sizes change places among the trials of a session.
"""

from collections.abc import Mapping

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.codes import LEAP
from ...analysis.recordings.recording import Recording, Series
from ...analysis.responses.dopamine_responses import LATE, trace_responses
from ...analysis.statistics.comparison import Measured
from .data import Data
from .reward_cells import by_size, means, reward_sessions, shuffled_means

OPTIONS = ("event", "window")
TRACE = "dopamine"
FEW_BACK = 0.01
"""Steps back of a clock that starts again are fewer; samples that are not in order have more."""


def measure(data: Data) -> Measured:
    generator = np.random.default_rng(0)
    found, nulls, units = [], [], []
    for session in reward_sessions(data):
        file, trace = session.about["file"], _trace(session, data.columns)
        _checked(trace, file, data)
        units.append(trace.unit or "1")
        _, response = trace_responses(trace, session.trials, data.window or LATE, data.event or "t_outcome")
        known = np.isfinite(response)
        if 2 * known.sum() < len(known):
            raise Mistake(
                f"{file}: the trace has no samples about {(~known).sum()} of {len(known)} trials; "
                "are their times in one unit?"
            )
        if not known.all():
            data.note(
                f"{file}: {(~known).sum()} of {len(known)} trials without samples of the trace left out"
            )
        sizes = session.trials["reward_ul"]
        found.append(means(session, sizes, response))
        nulls.append(shuffled_means(session, response, generator))
    different = sorted(set(units))
    if len(different) > 1:
        raise Mistake(f"traces in different units cannot be averaged: {', '.join(different)}")
    return by_size(found, nulls, different[0], "session")


def _checked(trace: Series, file: str, data: Data) -> None:
    """Tell of samples without time or value and of times out of order; refuse a clock that starts again, and
    a value far from all others that is there several times."""
    times, values = trace.load(slice(None))
    known = np.isfinite(times) & np.isfinite(values)
    if not known.all():
        data.note(f"{file}: {(~known).sum()} of {len(known)} samples without time or value left out")
    times, values = times[known], values[known]
    back = np.diff(times) < 0
    if back.any():
        if back.mean() < FEW_BACK and np.diff(times).min() < -1:
            raise Mistake(
                f"{file}: the times of the trace start again {back.sum()} times; are there two clocks?"
            )
        data.note(f"{file}: times of the trace go back {back.sum()} times; they were put in order")
    for code in (values.min(), values.max()) if len(values) else ():
        rest = values[values != code]
        off = np.abs(rest - code).min() if len(rest) else 0.0
        if len(values) - len(rest) > 2 and off > LEAP * np.ptp(rest) > 0:
            raise Mistake(
                f"{file}: the trace is {code:g} in {len(values) - len(rest)} samples, else {rest.min():g} to "
                f"{rest.max():g}; if that stands for no value, write NaN"
            )


def _trace(session: Recording, columns: Mapping[str, str]) -> Series:
    wanted, colon, place = columns.get("trace", TRACE).partition(":")
    if wanted not in session.series and "trace" not in columns and len(session.series) == 1:
        wanted = next(iter(session.series))
    if wanted in session.series:
        return _column(session, wanted, place if colon else "")
    there = ", ".join(session.series) or "none"
    raise Mistake(
        f"{session.about['file']} has no time series '{wanted}'; there are: {there}; "
        "name one with --column trace=NAME"
    )


def _column(session: Recording, name: str, place: str) -> Series:
    """The series, or a column of it."""
    series = session.series[name]
    times, values = series.load(slice(None))
    many = int(np.prod(values.shape[1:]))
    if values.ndim > 2 or (many != 1 and not (place.isdecimal() and int(place) < many)):
        raise Mistake(
            f"{session.about['file']}: the series '{name}' has {many} columns; choose one, "
            f"such as --column trace={name}:0"
        )
    one = values if values.ndim == 1 else values[:, int(place or 0) if many > 1 else 0]
    return Series.of(times, one, series.unit, series.description)
