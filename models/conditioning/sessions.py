"""A simulated session as a `Recording`, such as an animal gives: for the same analyses, and for files.

The result of the experiment ``session`` holds the spikes of all individuals; a recording is one individual's.
Its configuration is complete: experiment, scale, seed, all settings and the versions that made it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.foundation import results
from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.nwb_out import write_nwb
from ...analysis.recordings.recording import Recording, Series
from ...analysis.recordings.spike_files import write_spikes

if TYPE_CHECKING:
    import xarray as xr

EXPERIMENT = "session"
TRIALS = ("start_time", "stop_time", "reward_ul", "expected", "t_cue", "t_outcome")
TRACES = {
    "dopamine": "dopamine concentration, as the firing rate that would sustain it",
    "value": "value that the critic predicts",
    "prediction_error": "temporal-difference error that dopamine neurons fire by",
}


def recording_of(result: results.Result, individual: int = 0, cell_type: str | None = None) -> Recording:
    """The session of one individual; ``cell_type`` keeps the units of one type, dopamine or critic.

    Raises:
        Mistake: a result of another experiment, no such individual, no such cell type.
    """
    data, made = result.dataset, result.description
    if made.experiment != EXPERIMENT:
        raise Mistake(
            f"{result.folder} is of '{made.experiment}'; sessions are recorded by: hedon run {EXPERIMENT}"
        )
    many = data.sizes["individual"]
    if not 0 <= individual < many:
        raise Mistake(f"{result.folder} has individuals 0 to {many - 1}, not {individual}")
    types = data["cell_type"].values.astype(str)
    if cell_type is not None and cell_type not in types:
        raise Mistake(f"no cell type '{cell_type}'; there are {', '.join(dict.fromkeys(types.tolist()))}")
    own = data["unit_individual"].values == individual
    if cell_type is not None:
        own &= types == cell_type
    units = np.flatnonzero(own)
    one = data.isel(individual=individual)
    end = float(one["stop_time"].values[-1])
    told = {**made.table(), "individual": individual, "versions": dict(result.run.get("versions", {}))}
    return Recording(
        _spikes(data, units),
        {name: one[name].values for name in TRIALS},
        {"cell_type": types[units], "id": np.arange(len(units))},
        tuple(np.array([[0.0, end]]) for _ in units),
        _series(one),
        arrays={f"weights_{when}": one[f"w_{when}"].values for when in ("before", "after")},
        resolution=float(data.attrs["spike_resolution"]),
        configuration=json.dumps(told, sort_keys=True),
        about={
            "description": "simulated session: rewards of seven sizes, with and without their cue",
            "identifier": f"{result.folder.name}-{individual}",
            "subject": f"individual-{individual}",
        },
    )


def recordings_of(result: results.Result) -> list[Recording]:
    """The dopamine neurons of each individual of a result."""
    individuals = range(result.dataset.sizes["individual"])
    return [recording_of(result, individual, "dopamine") for individual in individuals]


def export(folder: Path | str, path: Path | str, individual: int = 0, cell_type: str | None = None) -> Path:
    """Write the session in a result folder as NAME.nwb, NAME.npz or NAME.csv.

    Raises:
        Mistake: what `recording_of` and the writers raise; a name that ends otherwise.
    """
    path = Path(path)
    recording = recording_of(results.read(folder), individual, cell_type)
    if path.suffix == ".nwb":
        return write_nwb(recording, path)
    if path.suffix in (".npz", ".csv"):
        return write_spikes(recording, path)
    raise Mistake(f"a session is written as NAME.nwb, NAME.npz or NAME.csv, not {path.name}")


def _spikes(data: xr.Dataset, units: np.ndarray) -> tuple[np.ndarray, ...]:
    """Spike times of each of the ``units``."""
    unit, time = data["spike_unit"].values, data["spike_time"].values
    order = np.argsort(unit, kind="stable")
    begin = np.searchsorted(unit[order], units)
    end = np.searchsorted(unit[order], units, side="right")
    return tuple(time[order[a:b]] for a, b in zip(begin, end, strict=True))


def _series(one: xr.Dataset) -> dict[str, Series]:
    return {
        name: Series.of(one["time"].values, one[name].values, one[name].attrs["units"], text)
        for name, text in TRACES.items()
    }
