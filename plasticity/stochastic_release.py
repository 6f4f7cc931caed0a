"""The hedonistic synapse: releases that were followed by reward become likelier, and so do failures.

A synapse releases a quantum at a presynaptic spike with probability p = 1/(1 + exp(-w)), else it fails.
Release itself is the perturbation, and its score

    d ln P/dw = sum over presynaptic spikes of (released - p)                                (1)

the eligibility: 1 - p at a release, -p at a failure (after Seung 2003, Neuron 40:1063,
doi:10.1016/S0896-6273(03)00761-X; form, pages and DOI from memory; there it fades with tau_e and p is lowered
after a release). The plastic ``w`` is the
release parameter q of that paper: a number without unit. The quantum is fixed.
"""

from dataclasses import dataclass
from typing import ClassVar

from .parameter import number
from .spike_perturbation import SpikePerturbation


@dataclass(frozen=True)
class StochasticRelease(SpikePerturbation):
    """Weight perturbation by the release of vesicles, equation (1)."""

    quantum: float = number(8e-3, "drive", "what a release adds to the drive", open_low=True)

    synapse_equations: ClassVar[str] = """
    eligibility : 1
    released : 1                # 1: the last presynaptic spike released a quantum
    last : second               # when that was
    """
    transmission: ClassVar[str] = "quantum_post*released"
    update: ClassVar[str] = "w += rate_post*modulator_post*eligibility*exp(-fading_post*(t - last))"
    start_code: ClassVar[str] = "eligibility = 0\nlast = t"

    @property
    def on_pre(self) -> str:  # type: ignore[override]
        return f"""
        likely = 1/(1 + exp(-w))
        released = int({self.synapse_draw("rand")} < likely)
        eligibility = eligibility*exp(-fading_post*(t - last)) + released - likely
        last = t
        """

    def weight_unit(self, drive: str) -> str:
        return "1"
