"""What the perturbation rules of spiking networks share: draws, fading, and the score as eligibility.

Something in the network fluctuates with a law that depends on the weight w: spikes, a noise current that is
added to the synaptic one, the release of vesicles, the weight itself. With X its whole course in a trial
and R the reward of the trial,

    d<R>/dw = <(R - b) d ln P(X; w)/dw>                                                      (1)

for every b that does not depend on X (Williams 1992, doi:10.1007/BF00992696). So the eligibility is the
score d ln P/dw, gathered step by step, and the update of a trial is eta (R - b) times the eligibility. It
has the unit 1/w, and eta that of w**2.

Two details decide whether (1) is exact in a simulation: the score must be that of the law by which the time
*step* draws, and a presynaptic factor must be what the drive of that step held (a drive that decays within
the step makes it differ, by dt/(2 tau)). The rules here are exact at any dt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from .parameter import number
from .spiking_rule import SpikingRule

STEP = "timestep(t, bin_duration)"


@dataclass(frozen=True)
class SpikePerturbation(SpikingRule):
    """Base of `EscapeNoise`, `InjectedNoise`, `StochasticRelease` and `WeightFluctuation`."""

    eta: float = number(0.01, "weight**2", "learning rate, for a trial")
    fading: float = number(
        0.0, "1/s", "rate 1/tau_e at which the eligibility fades; 0: it lasts until the reward"
    )
    noise: Literal["own", "shared"] = "own"
    """own: independent everywhere; shared: the same in all copies of a neuron (for finite differences)"""

    broadcast: ClassVar[str] = "reward - expectation"
    draws: ClassVar[Literal["randn", "rand", ""]] = ""
    """law of the neurons' draws; '' where the synapses draw"""
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"noise": ("own", "shared")}

    @property
    def neuron_draw(self) -> str:
        """Code of a neuron's draw: standard normal, or uniform in (0, 1)."""
        return f"{self.draws}()" if self.noise == "own" else "draw"

    def synapse_draw(self, law: Literal["randn", "rand"], first: bool = False) -> str:
        """Code of a synapse's draw in this step, or of its first value."""
        if self.noise == "own":
            return f"{law}()"
        keyed = {"randn": "keyed_normal", "rand": "keyed_uniform"}[law]
        when = "first_draw, individual_post, 0" if first else f"step_draw, individual_post, {STEP}"
        return f"{keyed}(noise_seed_post, {when}, index_pre*sources + index_post % sources)"
