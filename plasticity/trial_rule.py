"""Rules for networks whose step is a trial: forward passes, and a broadcast made of their losses.

============================ ===========================================================================
``neuron_draw``              code that draws a neuron's perturbation
``synapse_draw``             code that draws a synapse's perturbation
``drive(p)``                 what is added to the preactivation in forward pass ``p``
``weight(p)``                the weight that acts in forward pass ``p``
``eligibility``              the local factors
``bias_eligibility``         the same for the bias, whose presynaptic activity is 1
``update``, ``bias_update``  dw = rate * modulator * eligibility, rate = eta/(1 + decay*trial)
``gate``                     code in the dopamine neuron that sets what is released, if not delta itself
``broadcast``                delta, from the losses E_clean, E_plus, E_minus and a critic's ``expectation``
============================ ===========================================================================

Forward passes are named ``clean``, ``plus`` (perturbed) and ``minus`` (perturbed by the opposite). With
delta = -(change of the loss due to the perturbation), the mean update is minus the gradient of the loss
smoothed by the perturbation. `GradientDescent` alone has no scalar broadcast: it is the reference that
transports weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .critic import Critic
from .parameter import Parameter
from .rule import ETA, Rule

Pass = Literal["clean", "plus", "minus"]

DECAY = Parameter("decay", 0.0, "1/trial", 0.0, math.inf, "log", "the rate falls as 1/(1 + decay*trial)")


@dataclass(frozen=True)
class TrialRule(Rule):
    """Base of the rules for networks whose step is a trial."""

    decay: float = DECAY.default
    """the rate falls as 1/(1 + decay*trial) (1/trial)"""
    layers: tuple[int, ...] | None = None
    """layers that learn, counted from 1; None is all"""

    parameters: ClassVar[tuple[Parameter, ...]] = (ETA, DECAY)
    dopamine_equations: ClassVar[str] = ""
    """states of the dopamine neuron"""
    before_update: ClassVar[str] = ""
    """code in the neuron, just before its synapses learn"""
    bias_eligibility: ClassVar[str] = "score"
    bias_update: ClassVar[str] = "b += rate*modulator*bias_eligibility"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers is not None and (not self.layers or min(self.layers) < 1):
            raise Mistake(f"{type(self).__name__}: layers are counted from 1, got {self.layers}")

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Forward passes the rule needs, in their order."""
        return ("clean",)

    @property
    def backward(self) -> bool:
        """True if the rule needs the transposed weights (weight transport)."""
        return False

    @property
    def critic(self) -> Critic | None:
        """What expects the loss, for a rule without a clean pass."""
        return None

    @property
    def perturbs_weights(self) -> bool:
        """True if weights and biases are perturbed, once in a trial; False if preactivations are."""
        return False

    @property
    def perturbs_nodes(self) -> bool:
        """True if preactivations are perturbed, in every bin."""
        return not self.perturbs_weights

    @property
    def normalised(self) -> bool:
        """True if the broadcast is divided by the squared length of all nodes' perturbations."""
        return False

    def scaled(self, broadcast: str, nodes: int, length: str) -> str:
        """The broadcast of a `normalised` rule, from that of the others and the code of
        |xi|**2/sigma**2 over all ``nodes`` that are perturbed."""
        return f"({broadcast})*{nodes}/({length})"

    @property
    def gate(self) -> str:
        """Code in the dopamine neuron that sets what is ``released`` of delta; '' releases all of it."""
        return ""

    @property
    def reads_input_length(self) -> bool:
        """True if neurons know the squared length of their presynaptic activity, ``input_length``."""
        return False

    @property
    def neuron_draw(self) -> str:
        return ""

    @property
    def synapse_draw(self) -> str:
        return ""

    def drive(self, forward: Pass) -> str:
        """What is added to the preactivation in this forward pass (an expression or '')."""
        return ""

    def weight(self, forward: Pass) -> str:
        """The weight that acts in this forward pass."""
        return "w"

    @property
    def eligibility(self) -> str:
        raise NotImplementedError

    @property
    def broadcast(self) -> str:
        raise NotImplementedError
