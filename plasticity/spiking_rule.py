"""Rules for spiking networks: event code, a local eligibility, and its meeting with the broadcast.

============================ ===========================================================================
``pre_equations``            states of the presynaptic neuron, such as its trace at the synapse
``pre_code``                 code each presynaptic neuron runs in every time step, may be ''
``neuron_equations``         states of the postsynaptic neuron that hold its perturbation and score
``neuron_code``              code each neuron runs in every time step (draws, score), may be ''
``synapse_equations``        states of the synapse, the ``eligibility`` trace among them
``synapse_code``             code each synapse runs in every time step (gathers eligibility), may be ''
``tick_code``                code each synapse runs every ``tick`` seconds (slow fluctuations), may be ''
``start_code``               code each synapse runs when a trial starts, after ``update`` and ``tick_code``
``on_pre``, ``on_post``      code at a presynaptic and a postsynaptic spike, may be ''
``transmission``             what a presynaptic spike adds to the drive of the postsynaptic neuron
``update``                   dw = rate * modulator * eligibility, run when the modulator is handed out
``initial_neuron``           variable of the neuron -> code of its first value; ``initial_synapse``
``constants``                name -> (value, unit) of what the strings use beside parameters and states
============================ ===========================================================================

The modulator of a neuron is set by dopamine synapses (or by a task that hands out reward), never by the rule.
The strings may hold ``{drive}``, the unit of the postsynaptic drive (volt in a current-based neuron, 1 in a
conductance-based one), ``{weight}``, that of ``w``, and their inverses ``{per_drive}``, ``{per_weight}``;
`SpikingRule.piece` puts them in. Parameters are in SI units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .rule import Rule


@dataclass(frozen=True)
class SpikingRule(Rule):
    """Base of the rules for networks in biological time."""

    pre_equations: ClassVar[str] = ""
    pre_code: ClassVar[str] = ""
    neuron_code: ClassVar[str] = ""
    synapse_code: ClassVar[str] = ""
    tick_code: ClassVar[str] = ""
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""
    transmission: ClassVar[str] = "w"
    start_code: ClassVar[str] = "eligibility = 0/{weight}"
    initial_neuron: ClassVar[Mapping[str, str]] = {}
    initial_synapse: ClassVar[Mapping[str, str]] = {}

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        """Constants of the strings: name -> (value, Brian2 unit)."""
        return {}

    def weight_unit(self, drive: str) -> str:
        """Unit of ``w`` where the drive has the unit ``drive``: the same, if the weight is what arrives."""
        return drive

    def piece(self, name: str, drive: str) -> str:
        """One of the strings, with its units put in."""
        units = {"drive": drive, "weight": self.weight_unit(drive)}
        inverse = {f"per_{name}": "1" if unit == "1" else f"1/{unit}" for name, unit in units.items()}
        return str(getattr(self, name)).format(**units, **inverse)
