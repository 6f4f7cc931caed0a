"""A recording from a file of any kind that is known here: the reader is chosen by the file's name."""

from __future__ import annotations

from pathlib import Path

from .nwb import read_nwb
from .recording import Recording
from .spike_files import read_spikes


def read_recording(path: str | Path) -> Recording:
    """The recording in a file: NWB, or spikes as NPZ or CSV.

    Raises:
        Mistake: no such file, or what its reader raises.
    """
    path = Path(path)
    if path.suffix in (".npz", ".csv"):
        return read_spikes(path)
    return read_nwb(path)
