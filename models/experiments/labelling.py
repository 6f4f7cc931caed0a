"""Results with the units of their variables: what is not a plain number says what it is counted in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xarray import DataArray as DataArray
    from xarray import Dataset as Dataset
else:  # names for annotations: xarray is imported where a result is made, not to look at settings
    DataArray = Dataset = Any


def labelled(variables: Mapping[str, Any], coords: Mapping[str, Any] | None = None, **units: str) -> Dataset:
    """The result of these variables and coordinates; ``units`` as of `with_units`."""
    import xarray as xr

    return with_units(xr.Dataset(variables, coords=coords), **units)


def with_units(dataset: Dataset, **units: str) -> Dataset:
    """The dataset with every data variable's ``units``: those named, and '1' for the others."""
    for name, variable in dataset.data_vars.items():
        variable.attrs.setdefault("units", units.pop(str(name), "1"))
    if units:
        raise KeyError(f"units for variables that are not there: {sorted(units)}")
    return dataset
