"""REINFORCE with the neuron's own spikes: a spike more than was to be expected, and reward, strengthen.

A neuron with escape noise fires in a step with a probability p(u) of its membrane potential
u = sum_i w_i psp_i + (after-potential). Its spikes S are the perturbation and their score the eligibility,

    d ln P/dw_i = sum_t psp_i [S d ln p/du + (1 - S) d ln(1 - p)/du]                         (1)

(Xie & Seung 2004, doi:10.1103/PhysRevE.69.041909; Pfister, Toyoizumi, Barber & Gerstner 2006,
doi:10.1162/neco.2006.18.6.1318, there in continuous time: (S - rho) rho'/rho psp_i). The neuron
(`EscapeNeuron`) says d ln p/du as ``hit`` and d ln(1 - p)/du as ``miss``.

Which score is right depends on how the step draws. With p = 1 - exp(-lam), lam = rho dt the expected number
and rho exponential in u/Du, (1) is psp/Du lam exp(-lam)/p with a spike and -lam/Du psp without. The
usual (S - lam) psp/Du (``score`` 'usual') is then biased by (p - lam) psp/Du. Where spikes are drawn by
``rand() < rho*dt`` it has mean zero, and (1) is (S - lam)/(1 - lam) psp/Du.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from .spike_perturbation import SpikePerturbation


@dataclass(frozen=True)
class EscapeNoise(SpikePerturbation):
    """Node perturbation by escape noise, equation (1). Reads ``spiked``, ``hit``, ``miss`` of the neuron."""

    score: Literal["exact", "usual"] = "exact"
    """exact: of the law by which the neuron's step draws; usual: (S - rho dt) psp/Du"""

    draws: ClassVar[Literal["randn", "rand", ""]] = "rand"
    needs: ClassVar[tuple[str, ...]] = ("hazard",)
    resets: ClassVar[Mapping[str, str]] = {"psp": "0"}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **SpikePerturbation.choices,
        "score": ("exact", "usual"),
    }
    pre_equations: ClassVar[str] = "dpsp/dt = (gate - psp)/tau_m : 1  # potential per unit of w"
    neuron_equations: ClassVar[str] = "score : {per_drive}  # d ln P/du of this step"
    synapse_equations: ClassVar[str] = "eligibility : {per_weight}"
    synapse_code: ClassVar[str] = "eligibility = kept_post*eligibility + score_post*psp_pre"

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        if self.score == "usual":
            return "score = spiked*slope/expected - slope"
        return "score = spiked*hit + (1 - spiked)*miss"
