"""Gradient descent with the weight transport explicit: the reference for local rules.

    dW_l = -eta * g_l x_{l-1}^T,   g_L = dE/da_L,   g_l = f'(a_l) * (W_{l+1}^T g_{l+1})      (1)

(Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0). ``g`` travels backward through the very synapses
that carried activity forward; no synapse is known to do that. Each neuron receives an error of its own,
so nothing scalar is broadcast: the modulator is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .trial_rule import TrialRule


@dataclass(frozen=True)
class GradientDescent(TrialRule):
    """Stochastic gradient descent by backpropagation, equation (1)."""

    update: ClassVar[str] = "w += rate_post*eligibility"
    bias_eligibility: ClassVar[str] = "-g"
    bias_update: ClassVar[str] = "b += rate*bias_eligibility"

    @property
    def backward(self) -> bool:
        return True

    @property
    def eligibility(self) -> str:
        return "-g_post*x_clean_pre"

    @property
    def broadcast(self) -> str:
        return "0"
