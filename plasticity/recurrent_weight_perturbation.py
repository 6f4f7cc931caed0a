"""Weight perturbation in a recurrent network: every synapse tries something for an episode.

    what a unit is driven by: sum_j (w_ij + sigma xi_ij) x_j,    xi_ij = +-1 or Gaussian, anew in each episode
    dw_ij = eta/sigma delta(t) xi_ij                                                                  (1)

for input and recurrent weights; readouts as in `RecurrentPerturbation`. A synapse knows what it tries as long
as it tries it, so its eligibility neither grows nor fades: over an episode, with gamma = 1, the changes sum
to eta/sigma (R - V(-1)) xi, R the return and V(-1) what was expected of it before it began. The mean of that
is the gradient of the mean return, for +-1 up to terms of order sigma**2 (Jabri & Flower 1992,
doi:10.1109/72.105429; Cauwenberghs 1993). One number is compared with as many perturbations as there are
synapses, where node perturbation has as many as there are units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..analysis.foundation.mistakes import Mistake
from .recurrent_perturbation import RecurrentPerturbation


@dataclass(frozen=True)
class RecurrentWeightPerturbation(RecurrentPerturbation):
    """Equation (1); ``sigma`` is of the weights, ``trace`` of the readouts.

    Raises:
        Mistake: a perturbation that is not held over an episode.
    """

    states: ClassVar[Mapping[str, tuple[str, str]]] = {
        "credit@": ("neuron", "what an eligibility is renewed by")
    }
    neuron_code: ClassVar[str] = "credit@ = 1 - keep"
    left: ClassVar[str] = "1"
    credit: ClassVar[str] = "credit@"
    gathered: ClassVar[str] = "xi@"
    disturbed: ClassVar[str] = "synapse"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hold != "episode":
            raise Mistake("RecurrentWeightPerturbation: hold must be episode")
