"""Responses of a dopamine trace by reward size and expectation, 200 to 600 ms after it; NWB files.

The trace is a time series of the file, such as a concentration or a fluorescence: ``dopamine``, the one named
by ``--column trace=NAME``, or the only one there is; a row is a session. Columns of the trials as for
``reward-response``. The null: reward sizes change places among the trials of a session.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.recording import Recording, Series
from ...analysis.responses.dopamine_responses import trace_responses
from ...analysis.statistics.comparison import Measured
from .data import Data
from .reward_cells import by_size, means, reward_sessions

TRACE = "dopamine"


def measure(data: Data) -> Measured:
    generator = np.random.default_rng(0)
    found, nulls, units = [], [], []
    for session in reward_sessions(data):
        trace = _trace(session, data.columns)
        units.append(trace.unit or "1")
        _, response = trace_responses(trace, session.trials)
        if not np.isfinite(response).any():
            raise Mistake(f"{session.about['file']}: the trace has no samples about any of the trials")
        sizes = session.trials["reward_ul"]
        found.append(means(session, sizes, response))
        nulls.append(means(session, generator.permutation(sizes), response))
    different = sorted(set(units))
    if len(different) > 1:
        raise Mistake(f"traces in different units cannot be averaged: {', '.join(different)}")
    return by_size(found, nulls, different[0], "session")


def _trace(session: Recording, columns: Mapping[str, str]) -> Series:
    wanted = columns.get("trace", TRACE)
    if wanted in session.series:
        return session.series[wanted]
    if "trace" not in columns and len(session.series) == 1:
        return next(iter(session.series.values()))
    there = ", ".join(session.series) or "none"
    raise Mistake(
        f"{session.about['file']} has no time series '{wanted}'; there are: {there}; "
        "name one with --column trace=NAME"
    )
