"""TD-Hebb: a coincidence of pre- and postsynaptic spikes is kept until dopamine tells what it led to.

    dw_ij/dt = eta * delta(t) * ([Y_i (X_j * eps)] * kappa)(t)                              (1)

(after the TD-LTP of Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024, figure 2 and its
equation 17, from memory: there only presynaptic spikes since the last postsynaptic one count, for that one
resets their trace; here all do.)
X_j and Y_i are the pre- and postsynaptic spike trains, eps(t) = exp(-t/tau_m) the postsynaptic potential,
and kappa the kernel of unit area of two low-pass filters in a row,

    kappa(t) = (exp(-t/tau_e) - exp(-t/tau_lag))/(tau_e - tau_lag),                         (2)

the same shape as that with which the critic's spikes become a value: eligibility lags behind the spikes as
dopamine does. delta is the temporal-difference error (1/s). The same rule serves a critic, whose value it
moves towards the reward to come, and an actor, in which it repeats what went better than expected. The
second factor is Hebbian, its mean is not zero: the actor learns by the zero mean of delta, which a critic
must provide.

Where every individual has time constants and a bound of its own (`own_numbers`), an update every ``interval``
h steps (2) exactly, with factors that a neuron holds: of the first filter c and the second e,

    e(t+h) = e(t) exp(-h/tau_lag) + c(t) tau_e (exp(-h/tau_e) - exp(-h/tau_lag))/(tau_e - tau_lag),
    c(t+h) = c(t) exp(-h/tau_e).                                                            (3)
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..analysis.foundation.mistakes import Mistake
from .parameter import UNBOUNDED, number
from .spiking_rule import SpikingRule


@dataclass(frozen=True)
class TDHebbian(SpikingRule):
    """The three-factor rule of a spiking actor-critic, equation (1).

    It reads ``psp_pre`` (X*eps, a number) from the presynaptic neuron, and ``rate_post`` (eta where
    learning is on, s) and ``modulator_post`` (delta, the number of 1/s) from the postsynaptic one.

    Raises:
        Mistake: a parameter out of bounds, equal time constants, or a bound on weights not above 0.
    """

    eta: float = number(1e-3, "s", "learning rate", where=(), search=(1e-4, 3.0))
    tau_e: float = number(0.3, "s", "decay of the eligibility", open_low=True, where=(), search=(0.05, 2.0))
    tau_lag: float = number(0.2, "s", "lag of the eligibility", open_low=True, where=(), search=(0.01, 0.6))
    bound: float = number(math.inf, "1", "weights stay within -bound .. bound", open_low=True, where=())

    synapse_equations: ClassVar[str] = """
    dcoincidence/dt = -coincidence/tau_e : Hz (clock-driven)              # coincidences, first filter
    deligibility/dt = (coincidence - eligibility)/tau_lag : Hz (clock-driven) # second filter: kappa complete
    """
    on_post: ClassVar[str] = "coincidence += psp_pre/tau_e"
    update: ClassVar[str] = (
        "w = clip(w + rate_post*modulator_post*eligibility*interval/second, -bound, bound)"
    )

    own_neuron: ClassVar[str] = """
    own_tau_e : second (constant)    # decay of the eligibility
    own_tau_lag : second (constant)  # its lag
    own_bound : 1 (constant)         # largest weight
    keep_e : 1 (constant)            # what is left of each filter after an interval, equation (3)
    keep_lag : 1 (constant)
    passed : 1 (constant)            # what the second has of the first
    """
    own_synapse: ClassVar[str] = """
    coincidence : Hz
    eligibility : Hz
    tau_e = own_tau_e_post : second
    bound = own_bound_post : 1
    """
    own_decay: ClassVar[str] = """
    eligibility = keep_lag_post*eligibility + passed_post*coincidence
    coincidence = keep_e_post*coincidence
    """
    own_factors: ClassVar[Mapping[str, str]] = {
        "keep_e": "exp(-interval/own_tau_e)",
        "keep_lag": "exp(-interval/own_tau_lag)",
        "passed": "own_tau_e/(own_tau_e - own_tau_lag)*(keep_e - keep_lag)",
    }
    """In place of ``synapse_equations`` and constants where individuals have numbers of their own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tau_e == self.tau_lag:
            raise Mistake(f"TDHebbian: tau_e and tau_lag are both {self.tau_e:g} s; let them differ")

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        finite = min(self.bound, UNBOUNDED)
        return {"tau_e": (self.tau_e, "second"), "tau_lag": (self.tau_lag, "second"), "bound": (finite, "1")}
