"""Rules for spiking networks: event code, a local eligibility, and its meeting with the broadcast.

============================ ===========================================================================
``synapse_equations``        states of the synapse, the ``eligibility`` trace among them
``synapse_code``             gathers eligibility, in every time step
``tick_code``                code each synapse runs every ``tick`` seconds (slow fluctuations), may be ''
``start_code``               code each synapse runs when a trial starts, after ``update`` and ``tick_code``
``on_pre``, ``on_post``      code at a presynaptic and a postsynaptic spike, may be ''
``transmission``             what a presynaptic spike adds to the drive of the postsynaptic neuron
``time_constants``           numbers (s) that a time step must resolve
``resets``                   state of the presynaptic neuron -> its value when a trial starts
``needs``                    ``hazard``: neurons that know the probability of their spikes; ``drive``: neurons
                             to whose drive the rule adds a ``perturbation``
``initial_neuron``           variable of the neuron -> code of its first value; ``initial_synapse``
``constants``                name -> (value, unit) of what the strings use beside parameters and states
============================ ===========================================================================

The modulator of a neuron is set by dopamine synapses (or by a task that hands out reward), never by the rule.
The strings may hold ``{drive}``, the unit of the postsynaptic drive (volt in a current-based neuron, 1 in a
conductance-based one), ``{weight}``, that of ``w``, and their inverses ``{per_drive}``, ``{per_weight}``;
`SpikingRule.piece` puts them in. Parameters are in SI units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .rule import Rule


@dataclass(frozen=True)
class SpikingRule(Rule):
    """Base of the rules for networks in biological time."""

    network: ClassVar[str] = "spiking networks (SpikingNetwork, ActorCritic, Conditioning, DopamineSynapse)"
    tick_code: ClassVar[str] = ""
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""
    transmission: ClassVar[str] = "w"
    start_code: ClassVar[str] = "eligibility = 0/{weight}"
    resets: ClassVar[Mapping[str, str]] = {}
    time_constants: ClassVar[tuple[str, ...]] = ()
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
        """One of the strings, with its units put in; ``neuron_equations`` and the like with constants."""
        owner, _, equations = name.rpartition("_")
        text = self.equations(owner) if equations == "equations" else str(getattr(self, name))
        units = {"drive": drive, "weight": self.weight_unit(drive)}
        squared = "1" if units["weight"] == "1" else f"{units['weight']}**2"
        inverse = {f"per_{name}": "1" if unit == "1" else f"1/{unit}" for name, unit in units.items()}
        return text.format(**units, **inverse, squared=squared)
