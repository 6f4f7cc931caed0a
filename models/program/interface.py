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
from brian2 import Network
from brian2.core.variables import ArrayVariable, DynamicArrayVariable, Subexpression
from brian2.groups.group import CodeRunner, Group, VariableOwner
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses import Synapses

from ...analysis.mistakes import nearest
from .harness import Array
from .model import Argument, Model, Output, ProgramError

NOT_SETTABLE = {"t", "dt", "t_in_timesteps", "i", "j", "N", "N_pre", "N_post"}


def objects_of(network: Network) -> dict[str, Any]:
    """Every object of the network that has variables, by name; synapses' pathways included."""
    objects = {o.name: o for o in [*network.sorted_objects, *network.objects] if isinstance(o, VariableOwner)}
    return dict(sorted(objects.items()))


def find(objects: Mapping[str, Any], path: str, role: str) -> ArrayVariable:
    """The array variable ``'object.variable'``.

    Raises ProgramError if there is no such thing, with the nearest names.
    """
    name, dot, variable_name = path.partition(".")
    if not dot or not variable_name or name not in objects:
        raise ProgramError(f"{role}: no object '{name}' in the network" + nearest(name, objects))
    owner = objects[name]
    variables = owner.variables
    if variable_name == "delay" and variable_name not in variables and f"{name}_pre" in objects:
        variables = objects[f"{name}_pre"].variables
    alias = {"i": "_synaptic_pre", "j": "_synaptic_post"}
    if isinstance(owner, Synapses) and variable_name in alias:
        if not isinstance(variables[variable_name], ArrayVariable):
            raise ProgramError(f"{role}: '{path}' of a subgroup is computed, ask for its '_synaptic_' array")
        return variables[alias[variable_name]]
    known = [n for n, v in variables.items() if isinstance(v, ArrayVariable)]
    if variable_name not in variables:
        raise ProgramError(
            f"{role}: '{name}' has no variable '{variable_name}'" + nearest(variable_name, known)
        )
    variable = variables[variable_name]
    if isinstance(variable, Subexpression) or not isinstance(variable, ArrayVariable):
        raise ProgramError(f"{role}: '{path}' is computed, not stored; store it in a variable of its own")
    source = getattr(variable.owner, "name", name)
    if source != name:
        raise ProgramError(f"{role}: '{path}' belongs to '{source}'; name it '{source}.{variable.name}'")
    return variable


def array_of(variable: ArrayVariable, device: Any) -> Array:
    name = device.get_array_name(variable, access_data=False)
    if isinstance(variable, DynamicArrayVariable):
        return Array(name, "dynamic" if variable.ndim == 1 else "matrix")
    return Array(name, "static")


def dtype_name(variable: ArrayVariable) -> str:
    return np.dtype(variable.dtype).name


def known_size(variable: ArrayVariable) -> int | None:
    return None if isinstance(variable, DynamicArrayVariable) else int(variable.size)


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
        objects = objects_of(model.network)
        settable: dict[str, Array] = {}
        arguments = {
            name: _argument(name, argument, model.sizes, objects, device, settable)
            for name, argument in model.arguments.items()
        }
        written: dict[str, tuple[Array, Array | None]] = {}
        outputs = {
            name: _output(name, output, model.sizes, objects, device, written)
            for name, output in model.outputs.items()
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


def _argument(
    name: str,
    argument: Argument,
    sizes: Mapping[str, int],
    objects: Mapping[str, Any],
    device: Any,
    settable: dict[str, Array],
) -> dict[str, Any]:
    role = f"argument '{name}'"
    targets = {}
    if not argument.targets:
        raise ProgramError(f"{role} has no targets")
    for path, dims in argument.targets.items():
        variable = find(objects, path, role)
        if variable.read_only or path.partition(".")[2] in NOT_SETTABLE:
            raise ProgramError(f"{role}: '{path}' cannot be set")
        if isinstance(variable, DynamicArrayVariable) and variable.ndim != 1:
            raise ProgramError(f"{role}: '{path}' is a recording, it cannot be set")
        missing = [dim for dim in argument.dims if dim not in dims]
        if missing or len(set(dims)) != len(dims):
            raise ProgramError(
                f"{role}: its dimensions {argument.dims} are not among those of its target '{path}', {dims}"
            )
        size, declared = known_size(variable), size_of(dims, sizes)
        if size is not None and declared is not None and size != declared:
            raise ProgramError(f"{role}: '{path}' has {size} elements, its dimensions {dims} make {declared}")
        settable[path] = array_of(variable, device)
        targets[path] = {
            "dims": list(dims),
            "dtype": dtype_name(variable),
            "size": size,
            "dimension": [float(x) for x in variable.dim._dims],
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
    objects: Mapping[str, Any],
    device: Any,
    written: dict[str, tuple[Array, Array | None]],
) -> dict[str, Any]:
    role = f"output '{name}'"
    variable = find(objects, output.source, role)
    array = array_of(variable, device)
    size = known_size(variable)
    dims = output.dims
    recorded = None
    if array.kind == "matrix":
        if not dims:
            raise ProgramError(f"{role}: the recording '{output.source}' needs (time, ...) as dimensions")
        dims = dims[1:]
        size = recorded = int(objects[output.source.partition(".")[0]].n_indices)
    declared = size_of(dims, sizes)
    if size is not None and declared is not None and size != declared:
        raise ProgramError(
            f"{role}: '{output.source}' has {size} elements, its dimensions {dims} make {declared}"
        )
    unknown = [dim for dim in dims if dim not in sizes]
    if len(unknown) > 1:
        raise ProgramError(f"{role}: the sizes of {', '.join(unknown)} are not in the model's sizes")
    final, period, index = None, None, None
    if output.final is not None:
        end = find(objects, output.final, role)
        final = array_of(end, device)
        if array.kind != "matrix" or final.kind != "static" or dtype_name(end) != dtype_name(variable):
            raise ProgramError(f"{role}: a final value is a variable like the one that the monitor records")
        monitor = objects[output.source.partition(".")[0]]
        period = float(monitor.clock.dt)
        if known_size(end) != recorded:
            index = [int(i) for i in np.atleast_1d(np.asarray(monitor.record))]
            if max(index, default=0) >= (known_size(end) or 0):
                raise ProgramError(f"{role}: '{output.final}' has fewer elements than are recorded")
    if name in output.dims and output.dims != (name,):
        raise ProgramError(f"{role} has the name of one of its dimensions {output.dims}")
    written[name] = (array, final)
    return {
        "number": len(written) - 1,
        "source": output.source,
        "dims": list(output.dims),
        "dtype": dtype_name(variable),
        "kind": array.kind,
        "size": size,
        "unit": output.unit,
        "doc": output.doc,
        "default": output.default,
        "final": output.final,
        "final_size": None if final is None else known_size(end),
        "final_index": index,
        "period": period,
    }


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
            if any(pathway.name == f"{name}_pre" for pathway in owner._pathways):
                path = f"{name}.delay"
                delay = owner.variables.get("delay") or owner.pre.variables["delay"]
                dims = () if delay.scalar else (name,)
                arguments[path] = Argument({path: dims}, dims, "s", low=0.0)
                outputs[path] = Output(path, dims, "s")
    return Model(network, arguments, outputs, sizes)
