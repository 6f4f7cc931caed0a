"""Node perturbation: each neuron tries a little more or less, and keeps what lowered the loss.

    dW_l = (eta/sigma**2) (E - E_N) xi_l x_{l-1}^T,      xi ~ N(0, sigma**2)                  (1)

(Werfel, Xie & Seung 2005, doi:10.1162/089976605774320539; Madaline's rule III is older, Widrow & Lehr 1990,
doi:10.1109/5.58323, from memory). E_N
is the loss when xi_l is added to every preactivation of every perturbed layer. Three factors: presynaptic
activity, the postsynaptic score xi/sigma**2, and the broadcast E - E_N.

With the *clean* presynaptic factor of a two-pass experiment a linear network gets the exact gradient at
any sigma. A neuron that lives through the perturbed pass alone knows only the *perturbed* factor; it then
follows the gradient of the smoothed loss, which shrinks the next layer's weights by sigma**2 W.

With ``normalise`` the update is P (E - E_N) xi x^T / |xi|**2, the scaling of Dalm, van Gerven & Ahmad
(arXiv:2310.00965), whose second moment is P|g|**2 in place of (P+2)|g|**2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .perturbation import SIGN, Perturbation
from .trial_rule import Pass


@dataclass(frozen=True)
class NodePerturbation(Perturbation):
    """Node perturbation, equation (1); ``comparison`` and ``baseline`` choose its one-pass form.

    Raises:
        Mistake: parameters out of bounds, or the clean presynaptic factor asked of a one-pass rule.
    """

    presynaptic: Literal["", "clean", "perturbed"] = ""
    """presynaptic activity that enters: clean (default with a clean pass) or perturbed (one-pass)"""

    normalise: bool = False
    """divide the broadcast by the drawn |xi|**2/(P sigma**2), P perturbed nodes, in place of its mean 1"""

    perturbs: ClassVar[tuple[str, ...]] = ("nodes",)
    neuron_equations: ClassVar[str] = """
    perturbation : 1      # xi, added to the preactivation
    score : 1             # xi/sigma**2
    """
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **Perturbation.choices,
        "presynaptic": ("", "clean", "perturbed"),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.comparison == "one-pass" and self.presynaptic == "clean":
            raise Mistake("NodePerturbation: a one-pass rule has no clean presynaptic activity")

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("noise_length",) if self.normalise else ()

    @property
    def broadcast(self) -> str:  # type: ignore[override]
        delta = super().broadcast
        return f"({delta})*nodes/(noise_length)" if self.normalise else delta

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        return self.drawn("perturbation", "sigma") + "\nscore = perturbation/sigma**2"

    def drive(self, forward: Pass) -> str:
        return "" if forward == "clean" else f"{SIGN[forward]} perturbation"

    @property
    def eligibility(self) -> str:  # type: ignore[override]
        if self.comparison == "one-pass" or self.presynaptic == "perturbed":
            return "score_post*x_plus_pre"
        return "score_post*x_clean_pre"
