"""Outputs of a rate network that share a broadcast with their group alone.

A team whose reward is additive, E = sum over outputs of their costs: each unit of each level (`levels`) adds
up the costs of its own outputs in every forward pass, and makes the rule's broadcast of them. Every output
hears that of one level, by the argument ``hears``: the last is one broadcast for all, level 0 is its own,
which here, where what one output tries costs no other anything, is also its difference reward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import brian2 as b2

from ..levels import Levels, choice, linked

if TYPE_CHECKING:
    from .circuit import RateCircuit


def equations(levels: int) -> str:
    """What outputs need in order to hear one of so many levels."""
    return f"hears : integer (constant)  # level of the broadcast\n{linked(levels, 'delta')}"


class Sharing:
    """The units of all levels over the outputs of a circuit."""

    def __init__(self, circuit: RateCircuit) -> None:
        self.circuit = circuit
        self.outputs: b2.NeuronGroup = circuit.layers[-1]
        costs = {f"E_{forward}": f"cost_{forward}" for forward in circuit.passes}
        units = b2.Equations("delta : 1  # the broadcast of a unit" + circuit.rule.equations("dopamine"))
        self.levels = Levels(circuit, self.outputs, circuit.net.sharing, units, costs)

    def broadcast(self) -> None:
        """Costs -> delta of every unit -> modulators."""
        circuit, levels = self.circuit, self.levels
        levels.gather(*levels.gathered)
        levels.each(f"delta = {circuit.rule.broadcast}\n{circuit.rule.dopamine_code}", "broadcast")
        levels.heard("delta")
        count = len(levels.sizes)
        circuit.each_bin(self.outputs, f"modulator = {choice('delta', 'hears', count)}", "hear")
        circuit.parameter(
            "hears",
            {self.outputs: circuit.output_dim},
            count - 1,
            f"whose broadcast outputs hear: 0 their own, ..., {count - 1} that of all",
            low=0,
            high=count - 1,
            integer=True,
        )
