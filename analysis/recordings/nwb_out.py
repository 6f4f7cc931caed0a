"""A recording written as an NWB file, by pynwb (the extra ``recordings``).

Units with their columns (``cell_type``, ...) and times of observation, trials, time series (dopamine
concentration, value, error), other tables of events, and in ``/scratch`` further arrays (weights) and, of a
simulated session, its complete configuration as JSON. The file is written aside, read back and compared, and
then put in place: it is whole or not there. One that stands is never overwritten.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .nwb import CONFIGURATION, read_nwb
from .recording import Recording, Series, Table, difference
from .spike_files import new_file

UNIDENTIFIED = "http://purl.obolibrary.org/obo/NCBITaxon_32644"
"""Species of a simulated individual: the taxon 'unidentified'; NWB asks for one."""
MEANINGS = {
    "expected": "1 if a cue announced the reward, else 0",
    "reward_ul": "volume of the reward, microlitre",
    "reward": "value of the reward",
    "t_cue": "onset of the cue, s from session start (NaN if none)",
    "t_action": "action, s from session start (NaN if none)",
    "t_outcome": "onset of the outcome, s from session start (NaN if none)",
    "cell_type": "identity of the unit",
    "timestamp": "time of the event, s from session start",
    "start_time": "start, s from session start",
    "stop_time": "end, s from session start",
}
"""What columns mean; others are described by their names."""


def write_nwb(recording: Recording, path: str | Path, start: datetime | None = None) -> Path:
    """Write a recording.

    Trials without ``start_time`` and ``stop_time`` get the first and last of their times (``t_...``).

    Args:
        path: of the file, ending in .nwb.
        start: when the session began, by default now.

    Raises:
        Mistake: pynwb is absent, the file stands already or cannot be written, there are no trials, or the
            file does not read back equal.
    """
    path = Path(path)
    try:
        from pynwb import NWBHDF5IO
    except ImportError:
        raise Mistake(
            "writing NWB files needs pynwb; install it with: pip install 'hedon[recordings]'"
        ) from None
    if path.suffix != ".nwb":
        raise Mistake(f"an NWB file is named NAME.nwb, not {path.name}")
    with new_file(path) as aside:
        whole = _timed(recording)
        session = _session(whole, start or datetime.now(UTC), path.stem)
        with NWBHDF5IO(str(aside), "w") as file:
            file.write(session)
        told = difference(whole, read_nwb(aside))
        if told:
            raise Mistake(f"{path} would not read back equal: {told}")
    return path


def _timed(recording: Recording) -> Recording:
    """The recording with a start and an end of each trial."""

    trials = dict(recording.trials)
    if not trials or not len(next(iter(trials.values()))):
        raise Mistake("a recording without trials is not written")
    times = [values for name, values in trials.items() if name.startswith("t_")]
    for name, choose in (("start_time", np.fmin), ("stop_time", np.fmax)):
        if name not in trials:
            if not times or not np.isfinite(choose.reduce(times)).all():
                raise Mistake(f"trials need a {name}, or a time t_... in each from which to take it")
            trials[name] = choose.reduce(times)
    return replace(recording, trials=trials)


def _session(recording: Recording, start: datetime, name: str) -> Any:
    from pynwb import NWBFile
    from pynwb.file import Subject

    about = recording.about
    session = NWBFile(
        session_description=about.get("description", "a session"),
        identifier=about.get("identifier", name),
        session_start_time=start,
    )
    simulated = {"species": UNIDENTIFIED, "sex": "U", "age": "P0D", "description": "a simulated individual"}
    known = {name: about[name] for name in ("species", "sex", "age") if name in about}
    if recording.configuration:
        known = simulated | known
    if "subject" in about or known:
        session.subject = Subject(subject_id=about.get("subject", "individual"), **known)
    _units(session, recording)
    session.trials = _intervals("trials", recording.trials)
    for title, table in recording.events.items():
        if "timestamp" in table:
            session.add_events_table(_events(title, table))
        else:
            session.add_time_intervals(_intervals(title, table))
    for title, series in recording.series.items():
        session.add_acquisition(_time_series(title, series))
    for title, values in recording.arrays.items():
        session.add_scratch(np.asarray(values, float), name=title, description=_words(title))
    if recording.configuration:
        told = "complete configuration of the simulation, as JSON"
        session.add_scratch(recording.configuration, name=CONFIGURATION, description=told)
    return session


def _units(session: Any, recording: Recording) -> None:
    columns = {name: values for name, values in recording.units.items() if name != "id"}
    for name in columns:
        session.add_unit_column(name, _meaning(name))
    for number, times in enumerate(recording.spike_times):
        own = {name: _plain(values[number]) for name, values in columns.items()}
        if recording.observed is not None:
            own["obs_intervals"] = recording.observed[number]
        identity = recording.units["id"][number] if "id" in recording.units else number
        session.add_unit(spike_times=times, id=int(identity), **own)
    if recording.resolution is not None and session.units is not None:
        session.units.resolution = recording.resolution


def _columns(table: Table) -> dict[str, Any]:
    from hdmf.common import VectorData

    columns = [
        VectorData(name=name, description=_meaning(name), data=_data(values))
        for name, values in table.items()
        if name != "id"
    ]
    identity = table.get("id", np.arange(len(next(iter(table.values())))))
    return {"columns": columns, "id": np.asarray(identity, int)}


def _intervals(name: str, table: Table) -> Any:
    from pynwb.epoch import TimeIntervals

    return TimeIntervals(name=name, description=f"{_words(name)} of the session", **_columns(table))


def _events(name: str, table: Table) -> Any:
    from pynwb.event import EventsTable, TimestampVectorData

    rest = {column: values for column, values in table.items() if column != "timestamp"}
    made: dict[str, Any] = {"columns": [], "id": np.arange(len(table["timestamp"]))}
    made |= _columns(rest) if rest else {}
    at = TimestampVectorData(
        name="timestamp", description=_meaning("timestamp"), data=np.asarray(table["timestamp"], float)
    )
    made["columns"] = [at, *made["columns"]]
    return EventsTable(name=name, description=f"{_words(name)} of the session", **made)


def _time_series(name: str, series: Series) -> Any:
    from pynwb import H5DataIO, TimeSeries

    times = series.times
    where: Mapping[str, Any] = {"timestamps": times}
    if len(times) > 1:
        step = (times[-1] - times[0]) / (len(times) - 1)
        # a clock that ticks evenly is told by its rate
        if step > 0 and np.allclose(times, times[0] + step * np.arange(len(times)), rtol=0, atol=1e-9):
            where = {"starting_time": float(times[0]), "rate": float(1 / step)}
    data = H5DataIO(series.values, compression="gzip")
    told = series.description or _words(name)
    return TimeSeries(name=name, data=data, unit=series.unit or "1", description=told, **where)


def _data(values: NDArray) -> Any:
    return values.tolist() if values.dtype.kind in "US" else values


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, np.str_) else value


def _meaning(name: str) -> str:
    return MEANINGS.get(name, _words(name))


def _words(name: str) -> str:
    return name.replace("_", " ")
