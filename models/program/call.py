"""A compiled network called like a function."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.mistakes import Mistake, nearest
from . import cache
from .description import processor
from .execution import Written, call_folder, execute, read_file, read_report, write_call
from .model import Argument, Output, ProgramError
from .values import checked_duration, checked_seed, checked_values, is_whole_multiple

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Arrays(Mapping[str, np.ndarray]):
    """What a call returns: named arrays with their dimensions and units."""

    values_by_name: Mapping[str, np.ndarray]
    facts: Mapping[str, Mapping[str, Any]]
    attributes: Mapping[str, Any]

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.values_by_name:
            raise KeyError(f"no output '{name}'" + nearest(name, self.values_by_name))
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __repr__(self) -> str:
        parts = (
            f"{name} ({', '.join(f'{d} {n}' for d, n in zip(self.dims(name), a.shape, strict=True))})"
            for name, a in self.values_by_name.items()
        )
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
        """As an xarray Dataset: units and meaning on the variables; configuration, seed, duration and
        parameters in the attributes."""
        import xarray

        variables = {
            name: (
                self.dims(name),
                array,
                {"units": self.unit(name), "long_name": self.facts[name]["doc"]},
            )
            for name, array in self.values_by_name.items()
        }
        return xarray.Dataset(variables, attrs=dict(self.attributes))


@lru_cache(maxsize=256)
def _manifest(folder: str) -> Mapping[str, Any]:
    """The manifest of an entry found whole, once a process."""
    manifest = cache.load(Path(folder))
    if manifest is None:
        raise ProgramError(f"the program in '{folder}' is gone or damaged; compile it again")
    if manifest["processor"] != processor():
        raise ProgramError(
            f"the program in '{folder}' was built for another processor; compile it again on this machine"
        )
    return manifest


@dataclass(frozen=True)
class Program:
    """A compiled network: small, picklable, callable from any process of this machine.

    Calling it never imports Brian2.  Any number may be alive, and be called, at once.
    """

    entry: str

    def __post_init__(self) -> None:
        _manifest(self.entry)

    def __repr__(self) -> str:
        return f"Program({self._facts['builder']}, {self.key})"

    @property
    def _facts(self) -> Mapping[str, Any]:
        return _manifest(self.entry)

    @property
    def folder(self) -> Path:
        """The cached entry."""
        return Path(self.entry)

    @property
    def key(self) -> str:
        """Digest of the description of this program."""
        return str(self._facts["key"])

    @property
    def sizes(self) -> Mapping[str, int]:
        """Sizes of the dimensions that were known at build."""
        return MappingProxyType(self._facts["sizes"])

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """The settable inputs, by name."""
        return {
            name: Argument(
                {path: tuple(target["dims"]) for path, target in facts["targets"].items()},
                tuple(facts["dims"]),
                *(facts[k] for k in ("unit", "doc", "low", "high", "open_low", "integer")),
            )
            for name, facts in self._facts["arguments"].items()
        }

    @property
    def outputs(self) -> Mapping[str, Output]:
        """The outputs to be had, by name."""
        return {
            name: Output(
                facts["source"],
                tuple(facts["dims"]),
                *(facts[k] for k in ("unit", "doc", "final", "default")),
            )
            for name, facts in self._facts["outputs"].items()
        }

    def __call__(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        seed: int,
        duration: float,
        outputs: Iterable[str] | None = None,
        progress: Callable[[float], None] | None = None,
        timeout: float | None = None,
    ) -> Arrays:
        """Run the network once.

        Parameters
        ----------
        parameters
            Values of arguments by name, in their units: a scalar, or an array of the argument's
            dimensions.  What is not given keeps the value that the builder gave it.
        seed
            0 to 2**64 - 1.  The same seed gives bit-identical results in any process.
        duration
            In units of the model's step; 0 runs nothing and returns the initial state.
        outputs
            Names of the outputs wanted; by default those declared so.
        progress
            Called with the completed fraction, rising to 1.
        timeout
            Seconds after which the run is stopped.

        Raises
        ------
        Mistake
            Before anything is started, for an unknown name, a wrong shape or a bad value.
        ProgramError
            If the run did not end whole.
        """
        facts = self._facts
        values = checked_values(parameters or {}, facts["arguments"], facts["sizes"])
        seed = checked_seed(seed)
        seconds = checked_duration(duration, facts["step"], facts["shortest_step"])
        names = self._wanted(outputs, seconds, duration)
        numbers = {name: output["number"] for name, output in facts["outputs"].items()}
        self._check_files()
        with call_folder() as folder:
            write_call(
                folder, seed, seconds, [numbers[n] for n in names], values, progress is not None
            )
            execute(self.folder, folder, progress, timeout)
            written = read_report(folder)
            arrays = {n: self._read(folder, n, numbers[n], written) for n in names}
        attributes = {
            "program": facts["builder"],
            "key": facts["key"],
            "config": json.dumps(facts["config"]),
            "precision": facts["precision"],
            "seed": str(seed),
            "duration": duration,
            "parameters": json.dumps({k: np.asarray(v).tolist() for k, v in (parameters or {}).items()}),
        }
        return Arrays(arrays, {n: facts["outputs"][n] for n in names}, attributes)

    def _wanted(self, outputs: Iterable[str] | None, seconds: float, duration: float) -> list[str]:
        known = self._facts["outputs"]
        if outputs is None:
            names = [name for name, facts in known.items() if facts["default"]]
        elif isinstance(outputs, str):
            raise Mistake(f"outputs is a list of names, not '{outputs}'")
        else:
            names = list(dict.fromkeys(outputs))
        for name in names:
            if name not in known:
                raise Mistake(f"no output '{name}'" + nearest(name, known))
            period = known[name]["period"]
            if period is not None and not is_whole_multiple(seconds, period):
                raise Mistake(
                    f"duration {duration} is no whole number of the blocks of output '{name}', "
                    f"{period / self._facts['step']:g} each"
                )
        return names

    def _check_files(self) -> None:
        for name, (size, _) in self._facts["files"].items():
            try:
                found = os.stat(f"{self.entry}/{name}").st_size
            except OSError:
                found = -1
            if found != size:
                raise ProgramError(f"'{self.entry}/{name}' is gone or damaged; compile the program again")

    def _read(
        self, folder: str, name: str, number: int, written: Mapping[str, Written]
    ) -> np.ndarray:
        facts = self._facts["outputs"][name]
        dims, dtype = facts["dims"], facts["dtype"]
        array = read_file(folder, str(number), name, written, dtype, facts["size"])
        if facts["kind"] != "matrix":
            return self._shaped(name, array.reshape(-1), dims)
        if facts["final"] is not None and len(array):
            end = read_file(folder, f"{number}.final", name, written, dtype, facts["final_size"])
            last = end.reshape(1, -1)
            if facts["final_index"] is not None:
                last = last[:, facts["final_index"]]
            array = np.concatenate([array[1:], last])
        rows = array.shape[0]
        if len(dims) == 1:
            if array.size != rows:
                raise ProgramError(f"output '{name}' has {array.shape[1]} elements a record, declared is one")
            return array.reshape(rows)
        return self._shaped(name, array, dims[1:], (rows,))

    def _shaped(
        self, name: str, array: np.ndarray, dims: list[str], lead: tuple[int, ...] = ()
    ) -> np.ndarray:
        sizes = self._facts["sizes"]
        known = math.prod(sizes[dim] for dim in dims if dim in sizes)
        per_record = array.size // max(math.prod(lead), 1) if lead else array.size
        if lead and lead[0] == 0:
            per_record = array.shape[1]
        if all(dim in sizes for dim in dims):
            if per_record != known:
                raise ProgramError(f"output '{name}' has {per_record} elements, its dimensions make {known}")
            return array.reshape((*lead, *(sizes[dim] for dim in dims)))
        if known == 0 or per_record % known:
            raise ProgramError(f"output '{name}' has {per_record} elements, no multiple of {known}")
        return array.reshape((*lead, *(sizes.get(dim, per_record // known) for dim in dims)))
