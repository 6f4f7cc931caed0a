"""The dopamine system: from critic spikes to the one broadcast scalar that reaches every neuron.

    V = (kappa * Y - critic_baseline)/critic_gain,  kappa(t) = (exp(-t/tau_slow) - exp(-t/tau_fast))
                                                              /(tau_slow - tau_fast)            (1)
    delta = r - V/tau_r + dV/dt           continuous, in value per second                       (2)
    delta = r + gamma V' - V              discrete, every ``td_step``, in value                 (3)
    rho   = [baseline + gain (g+ [delta]+ - g- [-delta]+)]+                                     (4)
    dn/dt = -n/clearance + (1/clearance) x mean of the dopamine spikes, ``delay`` ago           (5)
    modulator = (n - tonic)/gain                                                                (6)

Y is the mean spike train of the critic population; V (1), its slope and the reward r, which passes the same
kappa so that it can be predicted, meet in a value unit. Dopamine neurons (4) fire at a tonic baseline, burst
for a positive and pause for a negative error; since no rate falls below zero, negative errors beyond
baseline/gain are compressed. Their spikes release into a volume (5), n in Hz: the firing rate that would
sustain the concentration. Synapses from the volume set the ``modulator`` (6) of every target neuron. A
*channel* is one such chain: one broadcast for all neurons of an individual, or one for each group.

With a spread of asymmetries a_k in (0, 1), g+ = 2 a_k and g- = 2 (1 - a_k): over the neurons of the one
channel, or over channels, whose critics then learn the expectiles of the reward. The shot noise of dV/dt goes
through the same asymmetry: ``tonic`` is then the mean concentration at rest, not the baseline.

**Zero.** A neuron fires with probability rho dt a step, so that its mean is its rate, and a spike is taken to
come at any moment of its step: what is first read of it is the mean of its kernel over a step,

    unit_jump = (1 - exp(-dt/tau))/dt              for exp(-t/tau)/tau                          (7)

n is read at the beginning of a step, before it decays. Of one spike of N neurons readers see a, a exp(-x),
a exp(-2x), ..., x = dt/clearance; dt times the sum, a dt/(1 - exp(-x)), is 1/N with a = unit_jump/N. So for
any x the mean of n as read is the mean rate, and that of the modulator changes by one for a unit of delta;
with a = 1/(N clearance) n would be x/(1 - exp(-x)) times too large. V is read after the decay of a step: its
jumps are (7) times exp(dt/tau). Hence a broadcast whose mean is zero at V = 0 without reward, with ``tonic``
= the baseline. What is left is what the floor of (4) cuts off, s (phi(b) - b Phi(-b)), s the standard
deviation of delta (shot noise) and b = baseline/(gain s): 2e-4 s at b = 3.2, 1e-7 s at b = 5.

dV/dt is read as the difference of V over a step, whose mean is exactly zero for a stationary critic. Read
from kappa' just after (before) the spikes of a step are added, it is off by +(-) rate dt/(2 tau_slow tau_fast
critic_gain), where spikes come at the beginning of their step; these two readings are there to show it.

Sources: (2) Doya 2000, doi:10.1162/089976600300015961; (1) Frémaux, Sprekeler & Gerstner 2013,
doi:10.1371/journal.pcbi.1003024 (equations from memory); (3), (4) Schultz, Dayan & Montague 1997,
doi:10.1126/science.275.5306.1593; asymmetries Dabney et al. 2020, doi:10.1038/s41586-019-1924-6; a baseline
of 6.5 Hz as in the recordings of Eshel et al. 2016, doi:10.1038/nn.4239.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ...analysis.foundation.configuration import field_docs
from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter
from ..neurons import Parameters, check_fastest, quantity

CRITIC = """
rho = clip(critic_baseline + critic_gain*u, 0*Hz, critic_highest) : Hz  # rate of a critic neuron
"""
"""A critic neuron whose drive ``u`` (1) is its estimate of value; it spikes with probability rho*dt."""
SPIKE = "rand() < rho*dt"
"""Threshold of critic, actor and dopamine neurons: their mean is their rate, up to 1/dt, where it saturates.
(Neurons whose score is learned from have the hazard 1 - exp(-rho dt): `escape_noise`.)"""

OWN_VALUE = """
tau_slow : second (constant)                # slow time constant of kappa
tau_fast : second (constant)                # fast time constant of kappa
jump_slow : 1 (constant)                    # what a critic's spike adds to the slow part
jump_fast : 1 (constant)                    # and to the fast part
"""
OWN_VOLUME = """
clearance : second (constant)               # time constant with which dopamine is cleared
released : Hz (constant)                    # what a dopamine spike adds to the concentration
"""
"""Where individuals have dopamine systems of their own: what is else a constant of all."""

VALUE = """
dslow/dt = -slow/tau_slow : 1               # slow part of kappa * Y
dfast/dt = -fast/tau_fast : 1               # fast part
dreward_slow/dt = (reward*tau_slow/(tau_slow - tau_fast) - reward_slow)/tau_slow : Hz
dreward_fast/dt = (reward*tau_fast/(tau_slow - tau_fast) - reward_fast)/tau_fast : Hz
reward : Hz                                 # reward input (value/s), set by the task
r : Hz                                      # reward as it is compared (value/s)
V : 1                                       # value
V_last : 1                                  # value a step ago
V_before : 1                                # value at the last discrete step
slope : Hz                                  # dV/dt
delta : 1                                   # TD error, equation (2) or (3)
gathered : 1                                # reward since the last discrete step
expectation : 1 (constant)                  # share of the expectation that is compared; 1: all of it
tau_r : second (constant)                   # horizon of the continuous form
gamma : 1 (constant)                        # discount of the discrete form
"""

NEURON = """
delta : 1 (linked)
baseline : Hz (constant)                    # tonic rate
gain : Hz (constant)                        # change of the rate for one unit of delta
asymmetry : 1 (constant)                    # a_k; 0.5: burst and dip alike
rho = clip(baseline + 2*gain*(asymmetry*clip(delta, 0, inf) + (1 - asymmetry)*clip(delta, -inf, 0)),
            0*Hz, inf*Hz) : Hz              # equation (4)
"""

VOLUME = """
dn/dt = -n/clearance : Hz                   # dopamine concentration, as the rate that would sustain it
tonic : Hz (constant)                       # concentration that carries no error
unit_release : Hz (constant)                # change of the concentration for one unit of delta
fired : 1                                   # spikes of the channel so far, per neuron
"""

MODULATOR = "modulator_post = (n_pre - tonic_pre)/unit_release_pre : 1 (summed)"
"""Equation (6), in the synapses from the volume onto a target neuron, which declares ``modulator : 1``."""


def unit_jump(dt: float, tau: float) -> float:
    """Equation (7): mean over a step of ``dt`` (s) of exp(-t/tau)/tau (1/s)."""
    return -math.expm1(-dt / tau) / dt


READ = {
    "difference": "slope = (V - V_last)/dt\nV_last = V",
    "after": "slope = fast/tau_fast - slow/tau_slow",
    "before": "slope = fast/tau_fast - slow/tau_slow",
}
WHEN = {"difference": "after_groups", "before": "after_groups", "after": "end"}
"""Slot in which the error is computed; spikes reach the value unit in ``synapses``."""


@dataclass(frozen=True)
class Dopamine(Parameters):
    """Parameters of the dopamine system: plain numbers in SI units.

    Raises:
        Mistake: gamma outside [0, 1), a number out of its bounds, a quantity of another unit.
    """

    td: Literal["continuous", "discrete"] = "continuous"
    """form of the error: equation (2) or (3)"""
    tau_slow: float = quantity(0.2, "second", above=0, resolved=True, search=(0.03, 0.6))
    """slow time constant of kappa (s)"""
    tau_fast: float = quantity(0.05, "second", above=0, resolved=True, search=(0.01, 0.1))
    """fast time constant of kappa (s)"""
    tau_r: float = quantity(5.0, "second", above=0, resolved=True, search=(0.5, 20.0))
    """horizon of the continuous error (s)"""
    gamma: float = 0.95
    """discount of the discrete error, in [0, 1) (1)"""
    td_step: float = quantity(0.1, "second", above=0)
    """step of the discrete error (s)"""
    slope: Literal["difference", "after", "before"] = "difference"
    """where dV/dt is read: over a step, or from kappa' just after or before the spikes of the step"""
    filtered_reward: bool = True
    """whether the reward passes kappa, as value does"""
    critic_baseline: float = quantity(10.0, "hertz", low=0)
    """rate of a critic neuron at V = 0 (Hz)"""
    critic_gain: float = quantity(40.0, "hertz", above=0)
    """change of the rate of a critic neuron for one unit of value (Hz)"""
    critic_highest: float = quantity(250.0, "hertz", above=0)
    """highest rate of a critic neuron (Hz)"""
    neurons: int = 20
    """dopamine neurons of a channel"""
    baseline: float = quantity(6.5, "hertz", low=0, search=(0.5, 40.0))
    """tonic rate of a dopamine neuron (Hz)"""
    gain: float = quantity(4.0, "hertz", above=0, search=(0.3, 30.0))
    """change of its rate for one unit of delta (Hz)"""
    asymmetry: float = 0.5
    """mean of the asymmetries a_k, in (0, 1); 0.5: burst and dip alike"""
    spread: float = 0.0
    """width of the asymmetries a_k about their mean, in [0, 1)"""
    channels: int = 1
    """broadcasts of an individual, each with its own critic, dopamine neurons and volume"""
    delay: float = quantity(0.01, "second", low=0)
    """from a dopamine spike to the release (s)"""
    clearance: float = quantity(0.1, "second", above=0, resolved=True, search=(0.01, 0.6))
    """time constant with which dopamine is cleared (s)"""

    longest: ClassVar[float] = 1000.0
    """no time here is longer (s); one that is was meant in milliseconds"""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, declared in self.quantities().items():
            if declared.unit == "second" and getattr(self, name) > self.longest:
                raise Mistake(f"Dopamine: {name} is {getattr(self, name):g} s; times are in seconds")
        for name in ("gamma", "spread", "asymmetry"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Mistake(f"Dopamine: {name} is {value!r}, must be a number without a unit")
            if not 0 <= value < 1:
                raise Mistake(f"Dopamine: {name} is {value:g}, must be in [0, 1)")
        if not self.spread / 2 < min(self.asymmetry, 1 - self.asymmetry):
            raise Mistake(
                f"Dopamine: asymmetry is {self.asymmetry:g} with a spread of {self.spread:g}, "
                "all must lie in (0, 1)"
            )
        if self.tau_fast >= self.tau_slow:
            raise Mistake(
                f"Dopamine: tau_fast is {self.tau_fast:g} s, must be below tau_slow, {self.tau_slow:g} s"
            )
        for name, allowed in (("td", ("continuous", "discrete")), ("slope", tuple(READ))):
            if getattr(self, name) not in allowed:
                raise Mistake(f"Dopamine: {name} is '{getattr(self, name)}', must be in {allowed}")
        for name in ("neurons", "channels"):
            if getattr(self, name) < 1:
                raise Mistake(f"Dopamine: {name} is {getattr(self, name)}, must be at least 1")

    def check_step(self, dt: float) -> None:
        """Mistake if the time step ``dt`` (s) is too coarse for a time constant or a rate."""
        super().check_step(dt)
        for name in ("critic_baseline", "critic_highest", "baseline"):
            check_fastest(dt, name, getattr(self, name))
        if self.td == "discrete" and self.td_step < dt * (1 - 1e-9):
            raise Mistake(f"dt is {1e3 * dt:g} ms, too coarse for td_step = {1e3 * self.td_step:g} ms")

    @classmethod
    def searchable(cls) -> tuple[Parameter, ...]:
        """The numbers in which a search may look, as parameters of a search space."""
        units, docs = {"second": "s", "hertz": "Hz"}, field_docs(cls)
        chosen = [
            Parameter(name, getattr(cls, name), units[one.unit], *one.search, "log", docs[name])
            for name, one in cls.quantities().items()
            if one.search is not None
        ]
        tilt = Parameter("asymmetry", 0.5, "1", 0.2, 0.8, "linear", "mean asymmetry of burst and dip")
        return (*chosen, tilt)

    @property
    def step_code(self) -> str:
        """What a value unit computes in every step."""
        lines = [
            "V = slow - fast - critic_baseline/critic_gain",
            READ[self.slope],
            f"r = {'reward_slow - reward_fast' if self.filtered_reward else 'reward'}",
        ]
        if self.td == "continuous":
            lines += ["delta = (r + expectation*(slope - V/tau_r))*second"]
        else:
            lines += ["gathered += r*dt"]
        return "\n".join(lines)

    td_code: ClassVar[str] = """
    delta = gathered + expectation*(gamma*V - V_before)
    V_before = V
    gathered = 0
    """
    """What a value unit computes every ``td_step`` of the discrete form."""

    def value_jumps(self, dt: float) -> tuple[float, float]:
        """What a spike of a lone critic neuron adds to ``slow`` and ``fast``, for a step ``dt`` (s)."""
        scale = 1 / (self.critic_gain * (self.tau_slow - self.tau_fast))
        if self.slope != "difference":
            return scale, scale
        slow, fast = (
            scale * tau * unit_jump(dt, tau) * math.exp(dt / tau) for tau in (self.tau_slow, self.tau_fast)
        )
        return slow, fast

    def asymmetries(self) -> list[list[float]]:
        """a_k of every dopamine neuron: (channel, neuron)."""
        many = self.channels if self.channels > 1 else self.neurons
        steps = [self.asymmetry + self.spread * ((k + 0.5) / many - 0.5) for k in range(many)]
        if self.channels > 1:
            return [[a] * self.neurons for a in steps]
        return [steps]


def ordered(values: Mapping[str, float]) -> dict[str, float]:
    """The same numbers with the longer time constant of kappa, to which it is all one, as ``tau_slow``."""
    if not {"tau_slow", "tau_fast"} <= set(values):
        return dict(values)
    fast, slow = sorted((values["tau_slow"], values["tau_fast"]))
    return {**values, "tau_slow": slow, "tau_fast": fast}
