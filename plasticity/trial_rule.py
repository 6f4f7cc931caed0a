"""Rules for networks whose step is a trial: forward passes, and a broadcast made of their losses.

============================ ===========================================================================
``drive(p)``                 what is added to the preactivation in forward pass ``p``
``weight(p)``                the weight that acts in forward pass ``p``
``bias_eligibility``         the eligibility of the bias, whose presynaptic activity is 1
``bias_update``              its update; rate = eta/(1 + decay*trial) in the last bin of a trial, else 0
``broadcast``                from the losses E_clean, E_plus, E_minus and a critic's ``expectation``
``released``                 what of it is released: delta, or a state that ``dopamine_code`` sets
``perturbs``                 whose perturbations are drawn: ``nodes`` in every bin (``neuron_code``),
                             ``weights`` once in a trial (``synapse_code``)
``length``                   what ``input_length`` sums over a neuron's inputs: |x|**2, or in another measure
``needs``                    ``gradient`` (transported weights), ``input_length`` (|x|**2 of a neuron's own
                             inputs), ``noise_length`` (|xi|**2/sigma**2 of the ``nodes`` that are perturbed)
============================ ===========================================================================

Forward passes are named ``clean``, ``plus`` (perturbed) and ``minus`` (perturbed by the opposite). With
delta = -(change of the loss due to the perturbation), the mean update is minus the gradient of the loss
smoothed by the perturbation. `GradientDescent` alone has no scalar broadcast: it is the reference that
transports weights.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .critic import Critic
from .parameter import number
from .rule import Rule

Pass = Literal["clean", "plus", "minus"]


@dataclass(frozen=True)
class TrialRule(Rule):
    """Base of the rules for networks whose step is a trial."""

    decay: float = number(0.0, "1/trial", "the rate falls as 1/(1 + decay*trial)", search=(1e-5, 0.1))
    layers: tuple[int, ...] | None = None
    """layers that learn, counted from 1; None is all"""

    network: ClassVar[str] = "networks that are taught, one trial a step (RateNetwork)"
    perturbs: ClassVar[tuple[str, ...]] = ()
    released: ClassVar[str] = "delta"
    length: ClassVar[str] = "x_clean_pre**2"
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
    def critic(self) -> Critic | None:
        """What expects the loss, for a rule without a clean pass."""
        return None

    def drive(self, forward: Pass) -> str:
        """What is added to the preactivation in this forward pass (an expression or '')."""
        return ""

    def weight(self, forward: Pass) -> str:
        """The weight that acts in this forward pass."""
        return "w"
