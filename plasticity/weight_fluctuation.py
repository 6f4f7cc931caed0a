"""Weight perturbation in spikes: each weight fluctuates slowly, and keeps what went with reward.

The weight that acts is z = w + x, x an Ornstein-Uhlenbeck process of standard deviation sigma and
correlation time tau, advanced every ``tick``: x_k = a x_k-1 + sigma sqrt(1 - a**2) n_k, a = exp(-tick/tau).
Its score over a trial whose first tick is 0 is

    d ln P/dw = x_0/sigma**2 + sum_{k > 0} n_k (1 - a)/(sigma sqrt(1 - a**2))                (1)

exactly. The sum is small where tau is long against the trial: then the eligibility is x/sigma**2, that of
weight perturbation (`WeightPerturbation`; Jabri & Flower 1992, doi:10.1109/72.105429).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .parameter import number
from .spike_perturbation import SpikePerturbation


@dataclass(frozen=True)
class WeightFluctuation(SpikePerturbation):
    """Weight perturbation by a slow fluctuation of the weight, equation (1)."""

    sigma: float = number(2e-3, "weight", "standard deviation of the fluctuation", open_low=True)
    tau: float = number(2.0, "s", "correlation time of the fluctuation", open_low=True, where=())
    tick: float = number(0.1, "s", "time between two steps of the fluctuation", open_low=True, where=())

    time_constants: ClassVar[tuple[str, ...]] = ("tau",)
    synapse_equations: ClassVar[str] = """
    eligibility : {per_weight}
    fluctuation : {weight}     # x
    innovation : 1             # n
    """
    transmission: ClassVar[str] = "w + fluctuation"
    start_code: ClassVar[str] = "eligibility = fluctuation/sigma_post**2"

    @property
    def tick_code(self) -> str:  # type: ignore[override]
        return f"""
        innovation = {self.synapse_draw("randn")}
        fluctuation = exp(-tick/tau_fluctuation)*fluctuation + {SPREAD}*innovation
        gathered = innovation*(1 - exp(-tick/tau_fluctuation))/({SPREAD})
        eligibility = exp(-fading_post*tick)*eligibility + gathered
        """

    @property
    def initial_synapse(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"fluctuation": f"sigma_post*{self.synapse_draw('randn', first=True)}"}

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        return {"tau_fluctuation": (self.tau, "second"), "tick": (self.tick, "second")}


SPREAD = "sigma_post*sqrt(-expm1(-2*tick/tau_fluctuation))"
"""sigma sqrt(1 - a**2)"""
