"""Responses of a dopamine trace by reward size and expectation, 200 to 600 ms after it; NWB files.

The trace is a time series of the file, such as a concentration or a fluorescence: ``dopamine``, the one named
by ``--column trace=NAME``, or the only one there is; a row is a session. Columns of the trials as for
``reward-response``. The null: reward sizes change places among the trials of a session.
"""

from collections.abc import Mapping

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.recording import Recording, Series
from ...analysis.responses.dopamine_responses import LATE, trace_responses
from ...analysis.statistics.comparison import Measured
from .data import Data
from .reward_cells import by_size, means, reward_sessions, shuffled_means

OPTIONS = ("event", "window")
TRACE = "dopamine"


def measure(data: Data) -> Measured:
    generator = np.random.default_rng(0)
    found, nulls, units = [], [], []
    for session in reward_sessions(data):
        trace = _trace(session, data.columns)
        units.append(trace.unit or "1")
        _, response = trace_responses(trace, session.trials, data.window or LATE, data.event or "t_outcome")
        if not np.isfinite(response).any():
            raise Mistake(f"{session.about['file']}: the trace has no samples about any of the trials")
        sizes = session.trials["reward_ul"]
        found.append(means(session, sizes, response))
        nulls.append(shuffled_means(session, response, generator))
    different = sorted(set(units))
    if len(different) > 1:
        raise Mistake(f"traces in different units cannot be averaged: {', '.join(different)}")
    return by_size(found, nulls, different[0], "session")


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
