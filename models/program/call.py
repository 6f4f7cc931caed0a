"""A compiled network called like a function."""

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake, nearest
from . import cache
from .arrays import Arrays
from .description import processor
from .execution import Written, call_folder, execute, read_file, read_report, write_call
from .model import Argument, Output, ProgramError
from .values import checked_duration, checked_seed, checked_values, dimension_of, whole_multiple

_manifests: dict[str, Mapping[str, Any]] = {}


def known_manifest(entry: str) -> Mapping[str, Any]:
    """The manifest of an entry, which is read and checked once a process.

    Raises ProgramError if the entry is not whole, or was built for another kind of processor.
    """
    if entry not in _manifests:
        manifest = cache.load(Path(entry))
        if manifest is None:
            raise ProgramError(f"the program in '{entry}' is gone or damaged; compile it again")
        if manifest["processor"] != processor():
            raise ProgramError(
                f"the program in '{entry}' was built for another processor; compile it on this machine"
            )
        _manifests[entry] = manifest
    return _manifests[entry]


def remember(entry: str, manifest: Mapping[str, Any]) -> None:
    """Note a manifest that was checked just now."""
    _manifests[entry] = manifest


@dataclass(frozen=True)
class Program:
    """A compiled network: small, picklable, callable from any process of this machine.

    Calling it never imports Brian2.  Any number may be alive, and be called, at once.
    """

    entry: str
    given: tuple[tuple[str, float], ...] = ()
    """Arguments that have these values where a call gives no others"""

    def __post_init__(self) -> None:
        known_manifest(self.entry)

    def __repr__(self) -> str:
        return f"Program({self._facts['builder']}, {self.key})"

    @property
    def _facts(self) -> Mapping[str, Any]:
        return known_manifest(self.entry)

    @property
    def folder(self) -> Path:
        """The cached entry."""
        return Path(self.entry)

    @property
    def key(self) -> str:
        """Digest of the description of this program."""
        return str(self._facts["key"])

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration it was built from, as plain values."""
        return MappingProxyType(self._facts["config"])

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

    @property
    def build_seconds(self) -> Mapping[str, float]:
        """CPU seconds that the build took, by part."""
        return MappingProxyType(self._facts["cpu_seconds"])

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
            dimensions.  What is not given keeps the value that the builder gave it, or ``given``.
        seed
            0 to 2**64 - 1.  The same seed gives bit-identical results in any process.  Seeds below
            2**32 give the numbers of Brian2's own ``seed(...)``.
        duration
            In units of the model's step, or a Brian2 quantity of time; 0 runs nothing and returns the
            initial state.
        outputs
            Names of the outputs wanted; by default those declared so.
        progress
            Called with the completed fraction, rising to 1, about ten times a second.
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
        if not isinstance(parameters, Mapping | None):
            raise Mistake(f"parameters are values by name, not a {type(parameters).__name__}")
        given = {**dict(self.given), **(parameters or {})}
        values = checked_values(given, facts["arguments"], facts["sizes"])
        seed = checked_seed(seed)
        seconds = checked_duration(duration, facts["step"], facts["shortest_step"])
        names = self._wanted(outputs, seconds, duration)
        numbers = [facts["outputs"][name]["number"] for name in names]
        self._check_files()
        with call_folder() as folder:
            write_call(folder, seed, seconds, numbers, values, progress is not None)
            execute(self.folder, folder, progress, timeout)
            written = read_report(folder)
            arrays = {name: self._read(folder, name, written) for name in names}
        origin = {
            "program": facts["builder"],
            "key": facts["key"],
            "config": json.dumps(facts["config"]),
            "precision": facts["precision"],
            "seed": seed,
            "duration": duration if dimension_of(duration) is None else seconds / facts["step"],
            "parameters": given,
        }
        return Arrays(arrays, {name: facts["outputs"][name] for name in names}, origin)

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
                raise Mistake(f"no output '{name}'" + nearest(str(name), known))
            period = known[name]["period"]
            if period is not None and whole_multiple(seconds, period) is None:
                block = period / self._facts["step"]
                raise Mistake(
                    f"duration {duration} is no whole number of the blocks of output '{name}', {block:g} each"
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

    def _read(self, folder: str, name: str, written: Mapping[str, Written]) -> np.ndarray:
        """One output in its declared shape, every size checked."""
        facts = self._facts["outputs"][name]
        dims, dtype, file = facts["dims"], facts["dtype"], str(facts["number"])
        if facts["kind"] != "matrix":
            array = read_file(folder, file, name, written, dtype, facts["size"], None)
            return array.reshape(self._shape(name, array.size, dims))
        records = read_file(folder, file, name, written, dtype, None, facts["size"])
        if facts["final"] is not None and len(records):
            end_file = f"{file}.final"
            end = read_file(folder, end_file, name, written, dtype, facts["final_size"], None)
            last = end.reshape(-1)[facts["final_index"]]
            records = np.concatenate([records[1:], last.reshape(1, -1)])
        rows, columns = records.shape
        return records.reshape((rows, *self._shape(name, columns, dims[1:])))

    def _shape(self, name: str, count: int, dims: list[str]) -> tuple[int, ...]:
        """Sizes of ``dims``, of which at most one is unknown, for ``count`` elements."""
        sizes = self._facts["sizes"]
        known = math.prod(sizes[dim] for dim in dims if dim in sizes)
        open_dims = [dim for dim in dims if dim not in sizes]
        other = count // known if known else 0
        if known * (other if open_dims else 1) != count:
            raise ProgramError(
                f"output '{name}' has {count} elements, its dimensions ({', '.join(dims)}) make "
                + (f"multiples of {known}" if open_dims else str(known))
            )
        return tuple(sizes.get(dim, other) for dim in dims)
