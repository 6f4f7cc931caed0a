"""From a builder's :class:`Model` to named C++ arrays: what can be set, what can be had, checked at build.

Used in the building process only.  Nothing here trusts a name: every target and source must be an array
variable that its object owns, and every size that is known must agree with the dimensions declared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Network, TimedArray
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.groups.group import CodeRunner, Group, VariableOwner
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import Synapses, SynapticPathway

from ...analysis.foundation.mistakes import nearest
from .harness import Array
from .model import Argument, Model, Output, ProgramError

NOT_SETTABLE = {
    "t",
    "dt",
    "t_in_timesteps",
    "i",
    "j",
    "N",
    "N_pre",
    "N_post",
    "_synaptic_pre",
    "_synaptic_post",
}
SYNAPTIC_INDEX = {"i": "_synaptic_pre", "j": "_synaptic_post"}
SIDES = {"N_incoming": "post", "N_outgoing": "pre"}
"""Variables of synapses that have one value for each neuron of a side."""


@dataclass(frozen=True)
class Stored:
    """Something that the network keeps in memory under a name."""

    array: Array
    dtype: str
    size: int | None
    """Number of elements, of a recording the number a record; None if only the run knows."""
    settable: bool
    dimension: tuple[float, ...]

    @classmethod
    def of(cls, variable: ArrayVariable, device: Any, size: int | None) -> Stored:
        name = device.get_array_name(variable, access_data=False)
        kind = "static"
        if isinstance(variable, DynamicArrayVariable):
            kind = "dynamic" if variable.ndim == 1 else "matrix"
        dimension = tuple(float(x) for x in variable.dim._dims)
        settable = not variable.read_only and variable.name not in NOT_SETTABLE and kind != "matrix"
        return cls(Array(name, kind), np.dtype(variable.dtype).name, size, settable, dimension)


@dataclass(frozen=True)
class Names:
    """Everything of a network that can be named ``'object.variable'``."""

    device: Any
    objects: Mapping[str, Any]

    @classmethod
    def of(cls, network: Network, device: Any) -> Names:
        return cls(device, objects_of(network) | {name: a for a, name in device.timed_arrays.items()})

    def find(self, path: str, role: str) -> Stored:
        """The array behind ``'object.variable'``.

        Raises ProgramError if there is no such thing, or if it is another object's, with the nearest names.
        """
        name, dot, variable_name = path.partition(".")
        if not dot or not variable_name or name not in self.objects:
            raise ProgramError(f"{role}: no object '{name}' in the network" + nearest(name, self.objects))
        owner = self.objects[name]
        if isinstance(owner, TimedArray):
            if variable_name != "values":
                raise ProgramError(f"{role}: a TimedArray has only '{name}.values'")
            dimension = tuple(float(x) for x in owner.dim._dims)
            array = Array(f"{name}_values", "static")
            return Stored(array, owner.values.dtype.name, owner.values.size, True, dimension)
        variable = self._variable(owner, name, variable_name, role)
        size = None if isinstance(variable, DynamicArrayVariable) else int(variable.size)
        if (
            isinstance(owner, StateMonitor)
            and isinstance(variable, DynamicArrayVariable)
            and variable.ndim == 2
        ):
            size = int(owner.n_indices)
        return Stored.of(variable, self.device, size)

    def _variable(self, owner: Any, name: str, variable_name: str, role: str) -> ArrayVariable:
        path = f"{name}.{variable_name}"
        variables = owner.variables
        if isinstance(owner, Synapses) and variable_name == "delay" and delays_spikes(owner, name):
            return owner.pre.variables["delay"]
        if isinstance(owner, Synapses) and variable_name in SYNAPTIC_INDEX:
            if not isinstance(variables[variable_name], ArrayVariable):
                raise ProgramError(f"{role}: '{path}' counts within a subgroup and is not stored")
            return variables[SYNAPTIC_INDEX[variable_name]]
        if variable_name not in variables:
            known = [n for n, v in variables.items() if isinstance(v, ArrayVariable)]
            raise ProgramError(f"{role}: no variable '{path}'" + nearest(variable_name, known))
        variable = variables[variable_name]
        if not isinstance(variable, ArrayVariable):
            raise ProgramError(f"{role}: '{path}' is computed, not stored; store it in a variable of its own")
        source = getattr(variable.owner, "name", name)
        if source != name and not (isinstance(owner, SynapticPathway) and variable_name == "delay"):
            raise ProgramError(f"{role}: '{path}' is '{source}.{variable.name}'; name it so")
        return variable


def delays_spikes(synapses: Synapses, name: str) -> bool:
    """Whether ``delay`` of these synapses is that of their presynaptic spikes, and no variable of their
    equations. Since Brian2 2.11 they have a reference of this name, but it may lead to other synapses."""
    own = synapses.variables.get("delay")
    has_pathway = any(pathway.name == f"{name}_pre" for pathway in synapses._pathways)
    return has_pathway and (own is None or own.name != "delay")


def objects_of(network: Network) -> dict[str, Any]:
    """Every object of the network that has variables, by name; synapses' pathways included."""
    objects = {o.name: o for o in [*network.sorted_objects, *network.objects] if isinstance(o, VariableOwner)}
    return dict(sorted(objects.items()))


def size_of(dims: tuple[str, ...], sizes: Mapping[str, int]) -> int | None:
    """Product of the dimensions' sizes, None if one is not known."""
    if any(dim not in sizes for dim in dims):
        return None
    return math.prod(sizes[dim] for dim in dims)


@dataclass(frozen=True)
class Interface:
    """The checked tables of one program."""

    model: Model
    settable: Mapping[str, Array]
    written: Mapping[str, tuple[Array, Array | None]]
    arguments: Mapping[str, Any]
    outputs: Mapping[str, Any]
    shortest_step: float

    @classmethod
    def of(cls, model: Model, device: Any) -> Interface:
        """Raises ProgramError for a declaration that does not fit the network."""
        names = Names.of(model.network, device)
        settable: dict[str, Array] = {}
        arguments = {
            name: _argument(name, argument, model.sizes, names, settable)
            for name, argument in model.arguments.items()
        }
        written: dict[str, tuple[Array, Array | None]] = {}
        outputs = {
            name: _output(name, output, model.sizes, names, written) for name, output in model.outputs.items()
        }
        steps = [float(clock.dt) for clock in device.clocks if hasattr(clock, "dt")]
        return cls(model, settable, written, arguments, outputs, min(steps, default=0.0))

    def manifest(self) -> dict[str, Any]:
        return {
            "arguments": self.arguments,
            "outputs": self.outputs,
            "sizes": {name: int(size) for name, size in self.model.sizes.items()},
            "step": float(self.model.step),
            "shortest_step": self.shortest_step,
        }


def _check_size(
    role: str, path: str, size: int | None, dims: tuple[str, ...], sizes: Mapping[str, int]
) -> None:
    declared = size_of(dims, sizes)
    if size is not None and declared is not None and size != declared:
        raise ProgramError(f"{role}: '{path}' has {size} elements, its dimensions {dims} make {declared}")


def _argument(
    name: str, argument: Argument, sizes: Mapping[str, int], names: Names, settable: dict[str, Array]
) -> dict[str, Any]:
    role = f"argument '{name}'"
    targets = {}
    if not argument.targets:
        raise ProgramError(f"{role} has no targets")
    for path, dims in argument.targets.items():
        stored = names.find(path, role)
        if not stored.settable:
            raise ProgramError(f"{role}: '{path}' cannot be set")
        if not set(argument.dims) <= set(dims) or len(set(dims)) != len(dims):
            raise ProgramError(
                f"{role}: its dimensions {argument.dims} are not among those of its target '{path}', {dims}"
            )
        _check_size(role, path, stored.size, dims, sizes)
        settable[path] = stored.array
        targets[path] = {
            "dims": list(dims),
            "dtype": stored.dtype,
            "size": stored.size,
            "dimension": list(stored.dimension),
        }
    return {
        "targets": targets,
        "dims": list(argument.dims),
        "unit": argument.unit,
        "doc": argument.doc,
        "low": argument.low,
        "high": argument.high,
        "open_low": argument.open_low,
        "integer": argument.integer,
    }


def _output(
    name: str,
    output: Output,
    sizes: Mapping[str, int],
    names: Names,
    written: dict[str, tuple[Array, Array | None]],
) -> dict[str, Any]:
    role = f"output '{name}'"
    stored = names.find(output.source, role)
    recording = stored.array.kind == "matrix"
    if recording and not output.dims:
        raise ProgramError(f"{role}: the recording '{output.source}' needs (time, ...) as dimensions")
    dims = output.dims[1:] if recording else output.dims
    _check_size(role, output.source, stored.size, dims, sizes)
    unknown = [dim for dim in dims if dim not in sizes]
    if len(unknown) > 1:
        raise ProgramError(f"{role}: the sizes of {', '.join(unknown)} are not in the model's sizes")
    if name in output.dims and output.dims != (name,):
        raise ProgramError(f"{role} has the name of one of its dimensions {output.dims}")
    facts: dict[str, Any] = {
        "number": len(written),
        "source": output.source,
        "dims": list(output.dims),
        "dtype": stored.dtype,
        "kind": stored.array.kind,
        "size": stored.size,
        "unit": output.unit,
        "doc": output.doc,
        "default": output.default,
        "final": output.final,
        "period": None,
    }
    final = None
    if output.final is not None:
        end = names.find(output.final, role)
        final = end.array
        if not recording or final.kind == "matrix" or end.dtype != stored.dtype:
            raise ProgramError(f"{role}: its final value is to be of the kind that the monitor records")
        monitor = names.objects[output.source.partition(".")[0]]
        indices = [int(i) for i in monitor.record]
        if end.size is not None and end.size <= max(indices, default=-1):
            raise ProgramError(f"{role}: '{output.final}' has fewer elements than are recorded")
        facts |= {"period": float(monitor.clock.dt), "final_size": end.size, "final_index": indices}
    written[name] = (stored.array, final)
    return facts


def settings_from_network(network: Network) -> Model:
    """For a builder that returns a plain network: every array variable is an argument and an output."""
    arguments: dict[str, Argument] = {}
    outputs: dict[str, Output] = {}
    sizes: dict[str, int] = {}
    for name, owner in objects_of(network).items():
        if not isinstance(owner, Group) or (
            isinstance(owner, CodeRunner)
            and not isinstance(owner, EventMonitor | PopulationRateMonitor | StateMonitor)
        ):
            continue
        for variable_name, variable in owner.variables.items():
            if not isinstance(variable, ArrayVariable) or variable_name.startswith("_"):
                continue
            if getattr(variable.owner, "name", None) != name or variable.name != variable_name:
                continue
            path = f"{name}.{variable_name}"
            unit = str(variable.dim) if not variable.dim.is_dimensionless else "1"
            dims: tuple[str, ...] = () if variable.scalar else (name,)
            if isinstance(owner, Synapses) and variable_name in SIDES:
                dims = (f"{name}_{SIDES[variable_name]}",)
            if isinstance(owner, StateMonitor | PopulationRateMonitor | EventMonitor):
                dims = () if variable.scalar else (f"{name}_time",)
                if isinstance(variable, DynamicArrayVariable) and variable.ndim == 2:
                    dims = (f"{name}_time", f"{name}_index")
                elif isinstance(owner, EventMonitor) and variable_name == "count":
                    dims = (f"{name}_source",)
            elif not isinstance(variable, DynamicArrayVariable) and not variable.scalar:
                if sizes.setdefault(name, int(variable.size)) != int(variable.size):
                    continue
            outputs[path] = Output(path, dims, unit)
            if not variable.read_only and variable_name not in NOT_SETTABLE:
                arguments[path] = Argument({path: dims}, dims, unit)
        if isinstance(owner, Synapses):
            for index in ("i", "j"):
                if isinstance(owner.variables[index], ArrayVariable):
                    outputs[f"{name}.{index}"] = Output(f"{name}.{index}", (name,))
            if delays_spikes(owner, name):
                path = f"{name}.delay"
                dims = () if owner.pre.variables["delay"].scalar else (name,)
                arguments[path] = Argument({path: dims}, dims, "s", low=0.0)
                outputs[path] = Output(path, dims, "s")
    return Model(network, arguments, outputs, sizes)
