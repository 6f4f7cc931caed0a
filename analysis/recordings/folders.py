"""Recordings from folders: spikes sorted by Kilosort and phy, and spikes in the IBL's layout (ALF).

Kilosort: ``spike_times.npy`` in samples, ``spike_clusters.npy``, the rate in ``params.py`` (it is not run),
labels in ``cluster_*.tsv``; clusters whose ``group`` is noise are left out. ALF: ``spikes.times.npy`` in
seconds, ``spikes.clusters.npy``. The trials are a table in the folder, ``trials.*`` or ``*trials.table*``.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from . import ibl
from .codes import as_numbers
from .recording import Recording
from .spike_files import named_table, recording_of
from .tables import is_table, read_table

LAYOUTS = (
    ("spike_times.npy", ("spike_clusters.npy", "spike_templates.npy")),
    ("spikes.times.npy", ("spikes.clusters.npy",)),
)
RATE = re.compile(r"^\s*sample_rate\s*=\s*([\d.eE+]+)", re.MULTILINE)


def is_sorted(folder: Path) -> bool:
    """Whether the folder holds sorted spikes."""
    return any((folder / times).exists() for times, _ in LAYOUTS)


def read_sorted(folder: Path, trials: str | None = None) -> Recording:
    """The recording in a folder of sorted spikes; ``trials`` names the table of trials.

    Raises:
        Mistake: an array that is missing or damaged, no rate of sampling, no trials, times that cannot be
            right.
    """
    name, others = next((times, others) for times, others in LAYOUTS if (folder / times).exists())
    unit_file = next((one for one in others if (folder / one).exists()), None)
    if unit_file is None:
        raise Mistake(f"{folder} has {name}, but no {others[0]}")
    times, unit = (np.ravel(_array(folder / one)) for one in (name, unit_file))
    if len(times) != len(unit):
        raise Mistake(f"{folder}: {len(times)} spike times with {len(unit)} clusters")
    seconds = times / _rate(folder) if name == LAYOUTS[0][0] else times.astype(float)
    found = _trials(folder, trials)
    table, notes = ibl.ours(found)
    labels = _labels(folder, np.unique(unit))
    noise = labels["group"] == "noise" if "group" in labels else np.zeros(len(labels["id"]), bool)
    if noise.any():
        notes = (*notes, f"{noise.sum()} of {len(noise)} clusters are noise, left out")
    return recording_of(folder, seconds, unit, table, {n: v[~noise] for n, v in labels.items()}, notes)


def _array(path: Path) -> NDArray:
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise Mistake(f"{path} is no array of numpy that can be read") from error


def _rate(folder: Path) -> float:
    settings = folder / "params.py"
    found = RATE.search(settings.read_text("utf-8", "replace")) if settings.exists() else None
    if found is None:
        raise Mistake(f"{folder} holds spikes in samples, but no params.py with a sample_rate")
    return float(found[1])


def _labels(folder: Path, clusters: NDArray) -> dict[str, NDArray]:
    """A row a cluster: its number and what the files of labels say of it."""
    columns: dict[str, NDArray] = {"id": clusters}
    for path in sorted(folder.glob("cluster_*.tsv")):
        table = read_table(path).numbers()
        key = table.pop("cluster_id", None)
        for name, values in table.items():
            if key is None:
                continue
            told = dict(zip(key.tolist(), values.tolist(), strict=True))
            missing: float | str = np.nan if values.dtype.kind == "f" else ""
            columns[name] = np.array([told.get(float(one), missing) for one in clusters])
    return columns


def _trials(folder: Path, name: str | None) -> dict[str, NDArray]:
    if name is not None:
        return read_table(named_table(folder, name)).numbers()
    there = [*sorted(folder.glob("trials.*")), *sorted(folder.glob("*trials.table*"))]
    tables = [path for path in there if is_table(path)]
    if not tables:
        raise Mistake(f"{folder} has sorted spikes, but no trials: put trials.csv there, or --trials FILE")
    return {name: as_numbers(values) for name, values in read_table(tables[0]).numbers().items()}
