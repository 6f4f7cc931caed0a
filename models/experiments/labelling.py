"""Units of the variables of a result: what is not a plain number says what it is counted in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def with_units(dataset: xr.Dataset, **units: str) -> xr.Dataset:
    """The dataset with every data variable's ``units``: those named, and '1' for the others."""
    for name, variable in dataset.data_vars.items():
        variable.attrs.setdefault("units", units.pop(str(name), "1"))
    if units:
        raise KeyError(f"units for variables that are not there: {sorted(units)}")
    return dataset
