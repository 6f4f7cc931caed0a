"""Nested groups of neurons: what a group earns, and what its members hear of that.

With the fans (f_1, f_2, ...) the units of level 0 are the neurons themselves, and each unit of level l stands
for f_l units of level l - 1; the last level is one unit, that of all neurons of an individual. So one
compiled network holds groups of every size 1, f_1, f_1 f_2, ..., and which of them matter to a neuron (whose
broadcast it hears, with whom it votes) is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.foundation.mistakes import Mistake

if TYPE_CHECKING:
    import brian2 as b2

    from .circuit import Circuit


def sizes_of(fans: Sequence[int], neurons: int) -> tuple[int, ...]:
    """Neurons of one unit of each level.

    Raises:
        Mistake: a fan below 2, or fans that do not make ``neurons``.
    """
    if any(fan < 2 for fan in fans) or math.prod(fans) != neurons:
        raise Mistake(f"nested groups {tuple(fans)} must be 2 or more each and multiply to {neurons} neurons")
    return tuple(math.prod(fans[:level]) for level in range(len(fans) + 1))


class Levels:
    """The groups ``level0``, ``level1``, ... of a circuit, one unit for each group of neurons.

    Args:
        neurons: whose groups they are.
        fans: units of one level that make one of the next.
        equations: of the units, beside what is summed.
        gathered: what is summed: name -> the variable of a neuron that it contributes.
    """

    def __init__(
        self,
        circuit: Circuit,
        neurons: b2.NeuronGroup,
        fans: Sequence[int],
        equations: str | b2.Equations,
        gathered: Mapping[str, str],
        top: str | b2.Equations = "",
    ) -> None:
        self.circuit = circuit
        self.neurons = neurons
        self.gathered = gathered
        self.sizes = sizes_of(fans, len(neurons) // circuit.individuals)
        self.groups: list[b2.NeuronGroup] = []
        for level, size in enumerate(self.sizes):
            units = self.sizes[-1] // size
            last = str(top) if units == 1 else ""
            own = "\n".join([str(equations), *(f"{name} : 1" for name in gathered), last])
            self.groups.append(circuit.group(f"level{level}", units, own, f"unit{level}"))

    def gather(self, *names: str) -> None:
        """Sum ``names`` over the neurons of every unit, from level to level."""
        circuit, top = self.circuit, self.sizes[-1]
        for level, (size, group) in enumerate(zip(self.sizes, self.groups, strict=True)):
            source = self.neurons if level == 0 else self.groups[level - 1]
            for name in names:
                read = name if level else self.gathered[name]
                synapses = circuit.project(
                    source,
                    group,
                    f"{name}_post = {read}_pre : 1 (summed)",
                    f"{name}_to_level{level}",
                    parts=top // size,
                )
                circuit.add_up(synapses, name)

    def each(self, code: str, what: str) -> None:
        """Run ``code`` on the units of every level."""
        for group in self.groups:
            self.circuit.each_bin(group, code, what)

    def heard(self, name: str) -> None:
        """Let the neurons read ``<name><level>`` of the individual whose broadcast they hear."""
        for level, group in enumerate(self.groups):
            repeated = self.circuit.heard(group, {name: "1"}, f"heard{level}", f"unit{level}")
            self._link(repeated, name, level)

    def seen(self, name: str) -> None:
        """Let the neurons read ``<name><level>`` of their own individual."""
        for level, group in enumerate(self.groups):
            self._link(group, name, level)

    def _link(self, source: b2.NeuronGroup, name: str, level: int) -> None:
        import brian2 as b2

        whose = np.arange(len(self.neurons)) // self.sizes[level]
        setattr(self.neurons, f"{name}{level}", b2.linked_var(source, name, index=whose))


def linked(levels: int, *names: str) -> str:
    """The equations that neurons need to read ``names`` of every level."""
    return "\n".join(f"{name}{level} : 1 (linked)" for name in names for level in range(levels))


def choice(name: str, argument: str, levels: int) -> str:
    """The expression of ``name`` at the level that ``argument`` says."""
    return "(" + " + ".join(f"int({argument} == {level})*{name}{level}" for level in range(levels)) + ")"


def size_at(argument: str, sizes: Sequence[int]) -> str:
    """The expression of the number of neurons of a unit at the level that ``argument`` says."""
    return "(" + " + ".join(f"int({argument} == {level})*{size}" for level, size in enumerate(sizes)) + ")"
