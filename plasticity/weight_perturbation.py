"""Weight perturbation: each synapse tries a little more or less, and keeps what lowered the loss.

    dW_l = (eta/sigma**2) (E - E_W) Xi_l,      Xi ~ N(0, sigma**2)                            (1)

(Dembo & Kailath 1990, doi:10.1109/72.80205; Jabri & Flower 1992, doi:10.1109/72.105429; Cauwenberghs 1993;
Werfel, Xie & Seung 2005, doi:10.1162/089976605774320539). E_W is the loss when Xi is added to every weight.
The eligibility is the synapse's own score Xi/sigma**2; presynaptic activity enters through E_W alone, so
that weights from silent inputs diffuse, where node perturbation leaves them at rest.
"""

from dataclasses import dataclass
from typing import ClassVar

from .perturbation import SIGN, Perturbation
from .trial_rule import Pass


@dataclass(frozen=True)
class WeightPerturbation(Perturbation):
    """Weight perturbation, equation (1); ``comparison`` and ``baseline`` choose its one-pass form."""

    perturbs: ClassVar[tuple[str, ...]] = ("weights",)
    eligibility: ClassVar[str] = "weight_perturbation/sigma_post**2"
    neuron_equations: ClassVar[str] = """
    perturbation : 1      # xi, added to the bias
    score : 1             # xi/sigma**2
    """
    synapse_equations: ClassVar[str] = """
    weight_perturbation : 1  # Xi, added to the weight
    """

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        return self.drawn("perturbation", "sigma") + "\nscore = perturbation/sigma**2"

    @property
    def synapse_code(self) -> str:  # type: ignore[override]
        return self.drawn("weight_perturbation", "sigma_post")

    def drive(self, forward: Pass) -> str:
        return "" if forward == "clean" else f"{SIGN[forward]} perturbation"

    def weight(self, forward: Pass) -> str:
        return "w" if forward == "clean" else f"(w {SIGN[forward]} weight_perturbation)"
