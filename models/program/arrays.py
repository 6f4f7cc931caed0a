"""What a call returns: named arrays that know their dimensions, their units and where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.foundation.mistakes import nearest

if TYPE_CHECKING:
    import xarray

TOLD_IN_FULL = 64


@dataclass(frozen=True, eq=False)
class Arrays(Mapping[str, np.ndarray]):
    """Named arrays, read like a mapping."""

    values_by_name: Mapping[str, np.ndarray]
    facts: Mapping[str, Mapping[str, Any]]
    """For each array what its program's manifest says: dims, unit, doc."""
    origin: Mapping[str, Any]
    """Program, configuration (JSON), precision, seed, duration and the parameters given."""

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.values_by_name:
            raise KeyError(f"no output '{name}'" + nearest(str(name), self.values_by_name))
        return self.values_by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values_by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __repr__(self) -> str:
        parts = []
        for name, array in self.values_by_name.items():
            shape = zip(self.dims(name), array.shape, strict=True)
            parts.append(f"{name} ({', '.join(f'{dim} {size}' for dim, size in shape)})")
        return f"Arrays({', '.join(parts)})"

    def dims(self, name: str) -> tuple[str, ...]:
        """Names of the dimensions of one array."""
        return tuple(self.facts[name]["dims"])

    def unit(self, name: str) -> str:
        """The unit of one array (``'1'``: none)."""
        return str(self.facts[name]["unit"])

    def nonfinite(self) -> list[str]:
        """Names of the arrays that hold a NaN or an infinity."""
        return [
            name
            for name, array in self.values_by_name.items()
            if array.dtype.kind == "f" and not np.isfinite(array).all()
        ]

    def dataset(self) -> xarray.Dataset:
        """As an ``xarray.Dataset``: units and meaning on the variables; configuration, seed, duration and
        parameters in the attributes (arrays of more than 64 numbers by shape and digest)."""
        import xarray

        variables = {
            name: (
                self.dims(name),
                array,
                {"units": self.unit(name), "long_name": self.facts[name]["doc"]},
            )
            for name, array in self.values_by_name.items()
        }
        parameters = {name: _told(value) for name, value in self.origin["parameters"].items()}
        return xarray.Dataset(
            variables,
            attrs={
                **self.origin,
                "seed": str(self.origin["seed"]),
                "parameters": json.dumps(parameters),
            },
        )


def _told(value: Any) -> Any:
    array = np.asarray(value)
    if array.size <= TOLD_IN_FULL:
        return array.tolist()
    digest = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
    return {"shape": list(array.shape), "dtype": array.dtype.str, "sha256": digest}
