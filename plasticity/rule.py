"""What a three-factor rule is to a network: equations, parameters, and what it reads.

Every rule here has the form

    dw = rate * modulator * eligibility                                                     (1)

with ``rate`` = learning * eta / (1 + decay * trial), the ``modulator`` that a dopamine synapse sets in
each target neuron to the one broadcast scalar delta, and the local ``eligibility``: presynaptic activity
times the *score* of the perturbation, that is d ln p / d(preactivation) = xi / sigma**2 for a Gaussian
perturbation xi of standard deviation sigma (Williams 1992, doi:10.1007/BF00992696). With
delta = -(change of the loss due to the perturbation), the mean of (1) is minus the gradient of the
loss smoothed by the perturbation. `GradientDescent` alone has no scalar broadcast: it is the reference
that transports weights.

A rule is an immutable value. It holds Brian2 code as whole named pieces; the network weaves them in:

============================ ============================================================================
``neuron_equations``         states of the postsynaptic neuron
``neuron_draw``              code that draws a neuron's perturbation
``synapse_equations``        states of the synapse
``synapse_draw``             code that draws a synapse's perturbation
``drive(p)``                 what is added to the preactivation in forward pass ``p``
``weight(p)``                the weight that acts in forward pass ``p``
``eligibility``              the local factors
``update``                   equation (1)
``bias_eligibility``         the same for the bias, whose presynaptic activity is 1
``bias_update``              equation (1) for the bias
``broadcast``                delta, from the losses E_clean, E_plus, E_minus and the critic's ``expectation``
============================ ============================================================================

Forward passes are named ``clean``, ``plus`` (perturbed) and ``minus`` (perturbed by the opposite).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from ..analysis.mistakes import Mistake
from .critic import Critic
from .parameter import Parameter

Pass = Literal["clean", "plus", "minus"]

ETA = Parameter("eta", 0.01, "1/trial", 0.0, math.inf, "log", "learning rate")
DECAY = Parameter("decay", 0.0, "1/trial", 0.0, math.inf, "log", "the rate falls as 1/(1 + decay*trial)")


@dataclass(frozen=True)
class Rule:
    """Base of the plasticity rules: a value, checked when made.

    Raises:
        Mistake: a parameter outside its bounds, a choice that does not exist.
    """

    eta: float = ETA.default
    """learning rate (1/trial)"""
    decay: float = DECAY.default
    """the rate falls as 1/(1 + decay*trial) (1/trial)"""
    layers: tuple[int, ...] | None = None
    """layers that learn, counted from 1; None is all"""

    parameters: ClassVar[tuple[Parameter, ...]] = (ETA, DECAY)
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    neuron_equations: ClassVar[str] = ""
    synapse_equations: ClassVar[str] = ""
    update: ClassVar[str] = "w += rate_post*modulator_post*eligibility"
    bias_eligibility: ClassVar[str] = "score"
    bias_update: ClassVar[str] = "b += rate*modulator*bias_eligibility"

    def __post_init__(self) -> None:
        for parameter in self.parameters:
            value = getattr(self, parameter.name)
            if not parameter.accepts(value):
                raise Mistake(
                    f"{type(self).__name__}: {parameter.name} is {value:g}, "
                    f"must be in {parameter.range} ({parameter.meaning})"
                )
        for name, allowed in self.choices.items():
            if getattr(self, name) not in allowed:
                raise Mistake(
                    f"{type(self).__name__}: {name} is '{getattr(self, name)}', "
                    f"must be one of {', '.join(allowed)}"
                )
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
    def normalised(self) -> bool:
        """True if the broadcast is divided by the squared length of all nodes' perturbations."""
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

    def describe(self) -> dict[str, object]:
        """Name and settings, for attributes and cache keys."""
        return {"rule": type(self).__name__} | {f.name: getattr(self, f.name) for f in fields(self)}
