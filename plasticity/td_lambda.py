"""TD(lambda) at a critic's synapses: presynaptic activity leaves a lagging trace, dopamine teaches it.

    dw/dt = eta modulator eligibility                                                              (1)
    drecent/dt = -recent/tau_e + sum of presynaptic spikes
    dmarked/dt = (recent - marked)/tau_lag
    deligibility/dt = (marked - eligibility)/tau_lag                                                (2)

The rate of a critic neuron is linear in its weights, so that the derivative of value by a weight is the
presynaptic activity alone (Sutton 1988, doi:10.1007/BF00115009). Dopamine tells of a presynaptic spike only
after it has gone through the critic's filter and been released and cleared; the eligibility has to lag as
much (2), else reward is credited to what came too late and value runs away. It has to lag in the same way:
the filters of value and dopamine are of a second order and more, and behind a single low-pass filter of the
same mean lag the fast changes of value arrive turned by more than a quarter of a period, so that dopamine
unlearns them. The trace belongs to the presynaptic neuron: every synapse of it has the same.

Where the right values V* are predicted, the mean change is not zero. A cue that announces V* comes
unforeseen; its own burst is heard for as long as the critic's filter and clearance last, by cells too that
are active only after it. With f(t) the modulator's response to a jump of value, of unit area, and e(t) that
of the eligibility to a spike, a neuron of rate x(s) after the cue changes its weight in a trial by

    dw = eta V* int x(s) C(s) ds,    C(s) = int f(t) e(t - s) dt > 0 until f is over               (3)

so that values after the cue outgrow V* until their own fall, heard as late, makes up for it. How far, depends
on f beside the time that cells resolve: fields .1 s apart, mean rates and a reward after 1 s come to 1.5 V*
in 20 quick trials (1.3 V* after 200) with a kappa of .2 and .05 s and a clearance of .1 s, to 1.05 V* with
.06, .02 and .05 s. A longer lag of e makes C smaller, and what holds value back too: it outgrows as far,
later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .parameter import number
from .spiking_rule import SpikingRule


@dataclass(frozen=True)
class TDLambda(SpikingRule):
    """Equations (1), (2); ``rate_post`` is eta times the interval between two updates."""

    eta: float = number(
        8e-4, "1/s", "learning rate, for a modulator in value/s", where=(), search=(1e-4, 0.1)
    )
    tau_e: float = number(0.3, "s", "time constant of the trace", open_low=True, where=(), search=(0.05, 2.0))
    tau_lag: float = number(
        0.15,
        "s",
        "lag of each of the two stages of the eligibility",
        open_low=True,
        where=(),
        search=(0.02, 0.6),
    )
    w_max: float = number(1.0, "1", "bound of |w|", open_low=True, where=())

    pre_equations: ClassVar[str] = """
    drecent/dt = -recent/tau_e : 1                      # of the neuron's own spikes
    dmarked/dt = (recent - marked)/tau_lag : 1           # first stage
    dlagged/dt = (marked - lagged)/tau_lag : 1           # eligibility of its synapses
    """
    pre_spike: ClassVar[str] = "recent += 1"
    """what the presynaptic neuron does at its own spike"""
    synapse_equations: ClassVar[str] = "w : 1"
    on_pre: ClassVar[str] = "u_post += w"
    own_pre: ClassVar[str] = """
    tau_e : second (constant)       # time constant of the trace
    tau_lag : second (constant)     # lag of each of the two stages
    keep_e : 1 (constant)           # what is left of the trace after a step
    keep_lag : 1 (constant)         # and of each stage
    recent : 1                      # of the neuron's own spikes
    marked : 1                      # first stage
    lagged : 1                      # eligibility of its synapses
    """
    own_decay: ClassVar[str] = """
    recent = keep_e*recent
    marked = recent + keep_lag*(marked - recent)
    lagged = marked + keep_lag*(lagged - marked)
    """
    own_factors: ClassVar[Mapping[str, str]] = {"keep_e": "exp(-dt/tau_e)", "keep_lag": "exp(-dt/tau_lag)"}
    """In place of ``pre_equations`` and constants where individuals have numbers of their own: (2) with what
    enters a stage held for a step."""
    update: ClassVar[str] = "w = clip(w + rate_post*modulator_post*lagged_pre, -w_max, w_max)"

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        return {
            "tau_e": (self.tau_e, "second"),
            "tau_lag": (self.tau_lag, "second"),
            "w_max": (self.w_max, "1"),
        }
