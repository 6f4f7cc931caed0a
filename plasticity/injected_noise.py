"""Node perturbation by a fluctuating current or conductance that an experimenting synapse injects.

A noise x joins the drive z = sum_i w_i s_i + x of a neuron (s_i: what synapse i lets through per unit of
its weight). What the network does depends on w through z alone, and z given w is Gaussian around sum w s. So

    d ln P/dw_i = sum_t x_t s_i,t / sigma**2                    (white)                      (1)
    d ln P/dw_i = sum_t n_t (s_i,t - a s_i,t-1) / (sigma sqrt(1 - a**2))   (coloured)        (2)

with x_t = a x_t-1 + sigma sqrt(1 - a**2) n_t, a = exp(-dt/tau) and n the innovation. It does not matter how
the neuron turns its drive into spikes, nor whether the drive is a current or a conductance of the same
reversal potential as the plastic synapses: Fiete & Seung 2006 (doi:10.1103/PhysRevLett.97.048104; rule from
memory) inject a conductance, that of an "empiric" synapse.

In (2) the *innovation* is paired with the filtered input. The ``naive`` (1) with coloured noise has the right
direction for slow inputs, but is too large by (1 + a)/(1 - a). Where tau is the synapse's own time constant,
s_i,t - a s_i,t-1 is the spike train itself: the eligibility is the innovation at presynaptic spikes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from .parameter import number
from .spike_perturbation import SpikePerturbation


@dataclass(frozen=True)
class InjectedNoise(SpikePerturbation):
    """Node perturbation by injected noise, equations (1) and (2).

    The neuron's drive is ``current + perturbation``; the presynaptic ``gate`` is s.
    """

    sigma: float = number(
        4e-3,
        "drive",
        "standard deviation of the noise, of its mean over 1 ms where it is white",
        open_low=True,
    )
    tau: float = number(0.0, "s", "correlation time of the noise; 0: white", where=())
    form: Literal["innovation", "naive"] = "innovation"
    """innovation: exact; naive: x s/sigma**2 also where the noise is coloured"""

    draws: ClassVar[Literal["randn", "rand", ""]] = "randn"
    needs: ClassVar[tuple[str, ...]] = ("drive",)
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **SpikePerturbation.choices,
        "form": ("innovation", "naive"),
    }
    neuron_equations: ClassVar[str] = """
    innovation : 1            # n
    perturbation : {drive}    # x
    score : {per_drive}
    """
    synapse_equations: ClassVar[str] = "eligibility : {per_weight}"

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        return {"tau_noise": (self.tau, "second")} if self.tau else {}

    @property
    def time_constants(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("tau",) if self.tau else ()

    @property
    def resets(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"before": "0"} if self.whitened else {}

    @property
    def initial_neuron(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"perturbation": f"sigma*{self.neuron_draw}"} if self.tau else {}

    @property
    def pre_equations(self) -> str:  # type: ignore[override]
        if not self.whitened:
            return ""
        return """
        before : 1              # s one step ago
        whitened : 1            # s_t - a s_t-1
        """

    @property
    def pre_code(self) -> str:  # type: ignore[override]
        return "whitened = gate - exp(-dt/tau_noise)*before\nbefore = gate" if self.whitened else ""

    @property
    def whitened(self) -> bool:
        """Whether the presynaptic factor is the filtered s of (2)."""
        return self.tau > 0 and self.form == "innovation"

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        draw = f"innovation = {self.neuron_draw}\n"
        if self.tau == 0:
            return draw + (
                "perturbation = sigma*sqrt(ms/dt)*innovation\nscore = innovation/(sigma*sqrt(ms/dt))"
            )
        correlated = (
            "perturbation = exp(-dt/tau_noise)*perturbation"
            " + sigma*sqrt(-expm1(-2*dt/tau_noise))*innovation\n"
        )
        if self.form == "naive":
            return draw + correlated + "score = perturbation/sigma**2"
        return draw + correlated + "score = innovation/(sigma*sqrt(-expm1(-2*dt/tau_noise)))"

    @property
    def synapse_code(self) -> str:  # type: ignore[override]
        factor = "whitened_pre" if self.whitened else "gate_pre"
        return f"eligibility = kept_post*eligibility + score_post*{factor}"
