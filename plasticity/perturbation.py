"""What node and weight perturbation share: the passes, the comparison that is broadcast, the noise.

The perturbation has standard deviation sigma and the update carries eta/sigma**2, so that halving sigma
leaves the mean update alone. What is broadcast, with E_plus the loss of the perturbed pass:

=============== ============================ ==========================================================
``comparison``  delta                        passes
=============== ============================ ==========================================================
two-pass        E_clean - E_plus             clean and perturbed
antithetic      (E_minus - E_plus)/2         also the opposite perturbation: even orders in sigma cancel
one-pass        expectation - E_plus         perturbed alone, against a critic
=============== ============================ ==========================================================

Gaussian perturbations give the gradient of the loss smoothed by them; +-1 perturbations have the smaller
second moment M|g|**2 in place of (M+2)|g|**2 (Spall 1992, doi:10.1109/9.119632).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .critic import Critic, RunningMean
from .parameter import number
from .trial_rule import Pass, TrialRule

SIGMA = partial(
    number, 0.01, "1", "standard deviation of the perturbation", open_low=True, search=(1e-3, 1.0)
)

DELTA = {
    "two-pass": "E_clean - E_plus",
    "antithetic": "0.5*(E_minus - E_plus)",
    "one-pass": "expectation - E_plus",
}
PASSES: Mapping[str, tuple[Pass, ...]] = {
    "two-pass": ("clean", "plus"),
    "antithetic": ("clean", "plus", "minus"),
    "one-pass": ("plus",),
}
SIGN: Mapping[Pass, str] = {"clean": "", "plus": "+", "minus": "-"}


@dataclass(frozen=True)
class Perturbation(TrialRule):
    """Base of `NodePerturbation` and `WeightPerturbation`."""

    sigma: float = SIGMA()
    noise: Literal["gaussian", "rademacher", "given"] = "gaussian"
    """distribution of the perturbation; 'given' keeps what is written into it"""
    comparison: Literal["two-pass", "antithetic", "one-pass"] = "two-pass"
    """what the perturbed loss is compared with"""
    baseline: Critic | None = None
    """the critic of a one-pass rule; None is a running mean"""

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "noise": ("gaussian", "rademacher", "given"),
        "comparison": tuple(DELTA),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.baseline is not None and self.comparison != "one-pass":
            raise Mistake(
                f"{type(self).__name__}: a critic needs comparison 'one-pass', not '{self.comparison}'"
            )

    @property
    def passes(self) -> tuple[Pass, ...]:
        return PASSES[self.comparison]

    @property
    def critic(self) -> Critic | None:
        if self.comparison != "one-pass":
            return None
        return self.baseline or RunningMean()

    @property
    def broadcast(self) -> str:  # type: ignore[override]
        return DELTA[self.comparison]

    def drawn(self, variable: str, sigma: str) -> str:
        """Code that draws ``variable`` with standard deviation ``sigma``; '' if it is given."""
        return {
            "gaussian": f"{variable} = {sigma}*randn()",
            "rademacher": f"{variable} = {sigma}*(1 - 2*int(rand() < 0.5))",
            "given": "",
        }[self.noise]
