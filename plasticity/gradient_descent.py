"""Gradient descent with the weight transport explicit: the reference for local rules.

    dW_l = -eta * g_l x_{l-1}^T,   g_L = dE/da_L,   g_l = f'(a_l) * (W_{l+1}^T g_{l+1})      (1)

(Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0). ``g`` travels backward through the very synapses
that carried activity forward; no synapse is known to do that. Each neuron receives an error of its own,
so nothing scalar is broadcast: the modulator is not read.

With ``normalise`` the rate is divided by |x_{l-1}|**2, the squared length of the neuron's own inputs
(normalised least mean squares; Nagumo & Noda 1967, doi:10.1109/TAC.1967.1098599, from memory): at eta = 1 a
linear layer then answers this input without error.
"""

from dataclasses import dataclass
from typing import ClassVar

from .trial_rule import TrialRule


@dataclass(frozen=True)
class GradientDescent(TrialRule):
    """Stochastic gradient descent by backpropagation, equation (1)."""

    normalise: bool = False
    """divide the rate by the squared length of a neuron's inputs"""

    update: ClassVar[str] = "w += rate_post*eligibility"
    bias_eligibility: ClassVar[str] = "-g"
    bias_update: ClassVar[str] = "b += rate*bias_eligibility"

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("gradient", "input_length") if self.normalise else ("gradient",)

    @property
    def eligibility(self) -> str:  # type: ignore[override]
        scale = "/clip(input_length_post, 1e-12, inf)" if self.normalise else ""
        return f"-g_post*x_clean_pre{scale}"
