"""NWB files in Zarr, by hdmf-zarr (the extra ``zarr``): copied to HDF5 and read as such."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ..foundation.mistakes import Mistake
from .nwb import read_nwb
from .recording import Recording, Series


def is_zarr(folder: Path) -> bool:
    """Whether a folder is a group of Zarr."""
    return any((folder / name).exists() for name in (".zgroup", "zarr.json", ".zmetadata"))


def read_zarr(folder: Path, trials: str | None = None) -> Recording:
    """The recording in an NWB file in Zarr; ``trials`` as of `read_nwb`.

    Raises:
        Mistake: hdmf-zarr is absent, no NWB file that it can read, what `read_nwb` raises.
    """
    try:
        from hdmf_zarr import NWBZarrIO  # type: ignore[import-not-found]
        from pynwb import NWBHDF5IO
    except ImportError:
        raise Mistake(
            f"{folder} is NWB in Zarr; to read it: pip install 'hedon[zarr]', or convert it to HDF5"
        ) from None
    with TemporaryDirectory() as place:
        copy = Path(place) / f"{folder.stem}.nwb"
        try:
            with NWBZarrIO(str(folder), "r") as source, NWBHDF5IO(str(copy), "w") as target:
                target.export(src_io=source, write_args={"link_data": False})
        except Exception as error:  # its readers have no exception of their own
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise Mistake(f"{folder} is no NWB in Zarr that can be read: {said}") from error
        try:
            found = read_nwb(copy, trials)
        except Mistake as mistake:
            raise Mistake(str(mistake).replace(str(copy), str(folder))) from None
        kept = {
            name: Series.of(one.times, one.values, one.unit, one.description)
            for name, one in found.series.items()
        }
        return replace(found, series=kept)
