"""Arrays that a builder writes have the length of what they are written to: looked at in the binary.

Brian2's C++ copies as many elements as the variable has, however long the array is. How many synapses
``connect(p=...)`` makes, only the run knows: a shorter array would be read beyond its end, the rest of a
longer one be dropped. Likewise for an index that is written or recorded.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Entry = tuple[str, Any]


def guarded(queue: Iterable[Entry], device: Any) -> Iterator[Entry]:
    """The statements of main(), with a look at the sizes before each that copies an array."""
    names = {name: _told(variable) for variable, name in device.arrays.items()}
    names |= {name: _told(variable) for variable, name in device.dynamic_arrays.items()}
    dynamic = set(device.dynamic_arrays.values())

    def size(array: str) -> str:
        return f"{array}.size()" if array in dynamic else f"_num_{array}"

    for kind, given in queue:
        if kind == "set_by_array":
            target, source = given[:2]
            code = f'hedon::same("{names.get(target, target)}", {size(target)}, _num_{source});'
            yield "insert_code", code
        elif kind == "set_array_by_array":
            target, index, _ = given
            yield "insert_code", _within(names.get(target, target), size(target), index)
        elif kind == "set_by_single_value":
            target, item, _ = given
            code = f'hedon::reach("{names.get(target, target)}", {size(target)}, {int(item)});'
            yield "insert_code", code
        yield kind, given


def recorded(objects: Iterable[Any], device: Any) -> Iterator[str]:
    """Statements that look at the indices that monitors of synapses record."""
    from brian2 import StateMonitor, Synapses

    for monitor in objects:
        if isinstance(monitor, StateMonitor) and isinstance(monitor.source, Synapses):
            synapses = monitor.source
            made = device.get_array_name(synapses.variables["_synaptic_pre"], access_data=False)
            index = device.get_array_name(monitor.variables["_indices"], access_data=False)
            yield _within(f"{synapses.name} (recorded by {monitor.name})", f"brian::{made}.size()", index)


def _within(name: str, size: str, index: str) -> str:
    return f'hedon::within("{name}", {size}, brian::{index}, brian::_num_{index});'


def _told(variable: Any) -> str:
    try:
        owner = getattr(variable.owner, "name", "")
    except ReferenceError:  # a subgroup that only the builder held, and that Brian2 does without
        owner = ""
    name = "delay" if variable.name == "_pre_delay" else variable.name  # Brian2 2.11's own name for it
    return f"{owner}.{name}" if owner else str(name)
