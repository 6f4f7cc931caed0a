"""Spike timing writes an eligibility, and dopamine turns it into a change of weight.

    dc/dt = -c/tau_c + A_plus x S_post - A_minus y S_pre        eligibility of the synapse (1)    (1)
    dx/dt = -x/tau_plus + S_pre,   dy/dt = -y/tau_minus + S_post   traces of all past spikes      (2)
    dn/dt = -n/tau_n + (release/tau_n) S_dopamine               dopamine at the neuron (Hz)       (3)
    dw/dt = eta c (n - baseline)                                                                  (4)

S are spike trains. Izhikevich 2007, doi:10.1093/cercor/bhl152; with the baseline, and n in spikes per second,
Potjans, Morrison & Diesmann 2010, doi:10.3389/fncom.2010.00141 (``stdp_dopamine_synapse`` of NEST). A pre-
and a postsynaptic spike that reach the synapse at once do not pair, as there.

**Where the delay lies matters.** *dendritic*: the presynaptic spike meets the synapse at once, the
postsynaptic spike travels back ``delay`` later (NEST's convention). *axonal*: the presynaptic spike comes
``delay`` later, the postsynaptic one at once. With few ms and the same spikes the weight may change by
twice as much.

**Integration.** Let growth = e^{t/tau_c} and integral = int eta (n - baseline)/growth dt: both belong to
the neuron, the same for all its synapses. By (1), tag = c growth is constant between the synapse's own
spikes, and

    w(t) = held + tag integral(t)                                                                 (5)

with ``held`` constant too: it absorbs -dtag integral when a spike changes the tag. So a synapse costs
nothing between its spikes, whatever dopamine does, and is exact up to rounding (`integration` 'event'). As
growth must not overflow, tags are referred to a new origin every second or so. 'clocked' moves every
synapse in every step, by the closed form of the product of exponentials, and is exact as well; 'euler'
takes c (n - baseline) at the beginning of a step: first order in dt.

``w_min`` and ``w_max`` bound the weight at the synapse's own spikes ('event') or in every step ('clocked').
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .parameter import UNBOUNDED, number
from .spiking_rule import SpikingRule

Inf = math.inf


def _time(default: float, meaning: str) -> Any:
    return number(default, "second", meaning, open_low=True, where=())


@dataclass(frozen=True)
class RewardModulatedSTDP(SpikingRule):
    """Reward-modulated STDP, equations (1) to (4)."""

    eta: float = number(1.0, "1", "learning rate", where=())
    A_plus: float = number(0.01, "1", "eligibility of pre before post", low=-Inf, scale="linear", where=())
    A_minus: float = number(
        0.012, "1", "loss of eligibility of post before pre", low=-Inf, scale="linear", where=()
    )
    tau_plus: float = _time(0.02, "time constant of the presynaptic trace")
    tau_minus: float = _time(0.02, "time constant of the postsynaptic trace")
    tau_c: float = _time(1.0, "time constant of the eligibility")
    tau_n: float = _time(0.2, "time constant of dopamine")
    baseline: float = number(
        0.0, "Hz", "dopamine at which nothing is learned", low=-Inf, scale="linear", where=()
    )
    release: float = number(
        1.0, "1", "dopamine of one spike, times tau_n", low=-Inf, scale="linear", where=()
    )
    w_min: float = number(-Inf, "1", "lower bound of weights", low=-Inf, scale="linear", where=())
    w_max: float = number(Inf, "1", "upper bound of weights", low=-Inf, scale="linear", where=())
    delay_side: Literal["dendritic", "axonal"] = "dendritic"
    """whose spikes reach the synapse late"""
    integration: Literal["event", "clocked", "euler"] = "event"
    """how (4) is integrated"""

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "delay_side": ("dendritic", "axonal"),
        "integration": ("event", "clocked", "euler"),
    }

    pre_equations: ClassVar[str] = """
    x : 1                            # trace of presynaptic spikes
    tau_plus : second (shared, constant)
    """
    pre_code: ClassVar[str] = "x *= exp(-dt/tau_plus)"
    """decay of the presynaptic trace, at the end of every step"""
    on_dopamine: ClassVar[str] = "n_post += release/tau_n_post"
    """of a dopamine synapse, whose equations declare `release`"""
    dopamine_equations: ClassVar[str] = "release : 1 (shared, constant)"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.w_min < self.w_max:
            raise Mistake(
                f"RewardModulatedSTDP: w_min is {self.w_min:g}, must be below w_max, {self.w_max:g}"
            )

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.w_min) or math.isfinite(self.w_max)

    @property
    def bounds(self) -> tuple[float, float]:
        """``w_min`` and ``w_max`` as finite numbers."""
        return max(self.w_min, -UNBOUNDED), min(self.w_max, UNBOUNDED)

    @property
    def neuron_equations(self) -> str:  # type: ignore[override]
        common = """
        y : 1                            # trace of the neuron's own spikes
        n : Hz                           # dopamine
        modulator = n - baseline : Hz    # third factor
        eta : 1 (constant)
        tau_minus : second (shared, constant)
        tau_c : second (shared, constant)
        tau_n : second (shared, constant)
        baseline : Hz (shared, constant)
        """
        event = """
        integral : 1                     # of eta*modulator/growth since the origin
        growth : 1 (shared)              # e^{t/tau_c} since the origin
        """
        return common + (event if self.integration == "event" else "")

    @property
    def overlap(self) -> str:
        """Integral over one step of the modulator times a factor that decays with tau_c."""
        both = "(tau_c*tau_n/(tau_c + tau_n))"
        return f"(-n*{both}*expm1(-dt/{both}) + baseline*tau_c*expm1(-dt/tau_c))"

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        """At the end of every step, after `step_code`."""
        decay = "n *= exp(-dt/tau_n)\ny *= exp(-dt/tau_minus)"
        if self.integration == "event":
            return f"integral += eta/growth*{self.overlap}\n{decay}"
        return decay

    @property
    def shared_code(self) -> str:
        """Of the neurons' shared states, after `neuron_code`."""
        return "growth *= exp(dt/tau_c)" if self.integration == "event" else ""

    @property
    def synapse_equations(self) -> str:  # type: ignore[override]
        common = "A_plus : 1 (shared, constant)\nA_minus : 1 (shared, constant)\n"
        if self.bounded:
            common += "w_min : 1 (shared, constant)\nw_max : 1 (shared, constant)\n"
        if self.integration == "event":
            common += "held : 1   # weight less tag*integral\ntag : 1   # eligibility times growth\n"
        return (
            common
            + "w : 1   # weight (integration 'event': as last read)\nc : 1   # eligibility (likewise)\n"
        )

    @property
    def read_code(self) -> str:
        """Of the synapses: brings the stored ``w`` and ``c`` up to now; '' where they always are."""
        if self.integration == "event":
            return f"w = {self._clipped('held + tag*integral_post')}\nc = tag/growth_post"
        return ""

    @property
    def step_code(self) -> str:
        """Of the synapses, at the end of every step; '' where nothing happens between spikes."""
        if self.integration == "event":
            return ""
        moved = {"clocked": self._overlap_post, "euler": "(n_post - baseline_post)*dt"}[self.integration]
        return f"w = {self._clipped(f'w + eta_post*c*{moved}')}\nc *= exp(-dt/tau_c_post)"

    @property
    def on_pre(self) -> str:  # type: ignore[override]
        return self.on_spikes("pre")

    @property
    def on_post(self) -> str:  # type: ignore[override]
        return self.on_spikes("post")

    def on_spikes(self, side: Literal["pre", "post"], count: str = "") -> str:
        """Of the synapses, when ``count`` spikes of one side arrive in one step; '' is one."""
        change = {"pre": "-A_minus*y_post", "post": "A_plus*x_pre"}[side]
        return self._paired(f"{change}*{count}" if count else change)

    def carried(self, side: Literal["pre", "post"], count: str = "1") -> str:
        """Of a synapse onto the neuron itself: ``count`` spikes that have arrived enter its trace."""
        return f"{'x' if side == 'pre' else 'y'}_post += {count}"

    @property
    def new_origin(self) -> tuple[str, str]:
        """Code of the synapses, then of the neurons, that moves the origin to now; both may be empty."""
        if self.integration != "event":
            return "", ""
        synapses = f"held = {self._clipped('held + tag*integral_post')}\ntag /= growth_post"
        return synapses, "integral = 0"

    @property
    def new_origin_shared(self) -> str:
        return "growth = 1" if self.integration == "event" else ""

    @property
    def initial_weight(self) -> str:
        """The stored variable that holds the weights of a network that has not run."""
        return "held" if self.integration == "event" else "w"

    @property
    def _overlap_post(self) -> str:
        both = "(tau_c_post*tau_n_post/(tau_c_post + tau_n_post))"
        rest = "baseline_post*tau_c_post*expm1(-dt/tau_c_post)"
        return f"(-n_post*{both}*expm1(-dt/{both}) + {rest})"

    def _paired(self, change: str) -> str:
        if self.integration == "event":
            return (
                f"w_now = {self._clipped('held + tag*integral_post')}\n"
                f"tag += {change}*growth_post\n"
                "held = w_now - tag*integral_post"
            )
        return f"c += {change}"

    def _clipped(self, weight: str) -> str:
        return f"clip({weight}, w_min, w_max)" if self.bounded else weight
