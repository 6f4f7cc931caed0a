"""Rules for spiking networks: event code, a local eligibility, and its meeting with the broadcast.

============================ ===========================================================================
``neuron_equations``         states of the postsynaptic neuron that hold its perturbation and score
``neuron_code``              code each neuron runs in every time step (draws, score), may be ''
``synapse_equations``        states of the synapse, the ``eligibility`` trace among them
``on_pre``, ``on_post``      code at a presynaptic and a postsynaptic spike, may be ''
``update``                   dw = rate * modulator * eligibility, run every ``interval``
============================ ===========================================================================

The modulator of a neuron is set by dopamine synapses (or by a task that hands out reward), never by the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .rule import Rule


@dataclass(frozen=True)
class SpikingRule(Rule):
    """Base of the rules for networks in biological time."""

    neuron_code: ClassVar[str] = ""
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""
