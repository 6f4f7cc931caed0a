"""A recording from a file or folder of any kind that is known here: the reader is chosen by its name."""

from collections.abc import Mapping
from pathlib import Path

from ..foundation.mistakes import Mistake
from .nwb import read_nwb
from .recording import Recording
from .spike_files import read_spikes
from .tables import is_table

UNREAD = {
    ".plx .pl2": "a recording by Plexon",
    ".nev .ns1 .ns2 .ns3 .ns4 .ns5 .ns6": "a recording by Blackrock",
    ".rhd .rhs": "a recording by Intan",
    ".ncs .nse .ntt .nev": "a recording by Neuralynx",
    ".smr .smrx": "a recording by Spike2",
    ".abf": "a recording by Axon",
    ".oebin .continuous": "a recording by Open Ephys",
    ".bin .dat .mda": "a raw recording, not yet sorted",
    ".pkl .pickle": "a pickle, which may run any code when it is read",
    ".xls .xlsb": "an old or binary Excel file",
    ".ods": "a table of LibreOffice",
    ".feather .arrow .orc": "a table by Arrow",
    ".rds .rdata .sav .dta": "a file of R, SPSS or Stata",
    ".json": "JSON",
    ".npy": "an array without a name",
}
"""Endings of files that are not read -> what they are."""


def read_recording(
    path: str | Path,
    trials: str | None = None,
    names: Mapping[str, str] | None = None,
    spikes: bool = True,
) -> Recording:
    """The recording in a file: NWB (HDF5, Zarr), spikes as NPZ or a table, MATLAB; or in a folder of spikes.

    Args:
        path: of the file or folder.
        trials: name of the table of trials, where it is another than usual.
        names: our name -> the file's name, where they differ.
        spikes: whether spikes are needed, where they can be absent.

    Raises:
        Mistake: no such file, or what its reader raises.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.is_dir():
        from .folders import is_sorted, read_sorted
        from .nwb_zarr import is_zarr, read_zarr

        if is_zarr(path):
            return read_zarr(path, trials)
        if is_sorted(path):
            return read_sorted(path, trials)
    elif ending == ".npz" or is_table(path):
        return read_spikes(path, trials, names)
    elif ending == ".mat":
        from .matlab import read_matlab

        return read_matlab(path, trials, names, spikes)
    for endings, what in UNREAD.items():
        if ending in endings.split() and path.exists():
            raise Mistake(
                f"{path} is {what}; it is not read: convert it to NWB (neuroconv does), or write trials "
                "(and spikes) as CSV"
            )
    return read_nwb(path, trials)
