"""A recurrent network of spiking units that lives in episodes: `network` in spikes.

A unit fires in a time step of length dt with probability p of its potential, and each of its spikes leaves in
all its synapses what decays with the time constant of the unit (as of NMDA receptors: hundreds of ms):

    u_i = b + sum_j U_ij x_j + sum_j W_ij z_j,      p_i = 1/(1 + exp(-u_i))                          (1)
    tau_j dz_j/dt = -z_j,      z_j <- z_j + exp(dt/tau_j) - 1 at a spike of j                         (2)
    P = softmax(beta Theta z),      V = v z + v_0                                                     (3)

(1) is the escape noise of Gerstner & Kistler (2002) with a logistic hazard, in discrete time: u is in
units of the softness of the threshold, and at most one spike falls in a step. As z decays before it is read,
what arrives is z(t+1) = (1 - k) z(t) + k S(t), k = 1 - exp(-dt/tau): a running mean of the spikes. One step
of the task lasts ``substeps`` time steps, in which what is seen stays; then policy and value are read. An
episode is followed by one step of rest. A dopamine neuron broadcasts the TD error of V, one number, to all
weights: they learn by it as `RecurrentEscapeNoise` says. State and memory of an episode are spikes and what
is left of them; nothing but weights outlasts it. Free of Brian2; `spiking_circuit` builds the objects.

With ``dopamine`` neurons the error is a rate: each fires with probability (baseline + gain delta) dt, not
below 0, in the time steps of the next step of the task (`models.dopamine.system`), and what they fired above
baseline is what arrives then at units and policy; the critic hears the error where it is made. Scores that
have come in between are of mean zero, given the error. With gamma = lambda = 1 the mean change is so still
the gradient, as long as no rate reaches 0; with less, a step more of fading.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.recurrent_escape_noise import RecurrentEscapeNoise
from ..program import Program, compile_alike
from ..tasks.episode_task import EpisodeTask

BUILDER = "hedon.models.recurrent.spiking_circuit:build"


@dataclass(frozen=True)
class SpikingRecurrentNetwork:
    """Units, their task and their rule.

    Raises:
        Mistake: no individual, unit, time step or episode in a block; time constants that do not rise or are
            shorter than a time step; gains that are no numbers.
    """

    task: EpisodeTask
    rule: RecurrentEscapeNoise = RecurrentEscapeNoise()
    units: int = 32
    individuals: int = 1
    substeps: int = 3
    """time steps of a step of the task"""
    dt: float = 20e-3
    """time step (s)"""
    block: int = 100
    """episodes that are averaged in what is recorded"""
    tau: tuple[float, float] = (0.22, 0.36)
    """shortest and longest time constant of synapses (s); units draw theirs, evenly in the logarithm"""
    bias: float = -1.1
    """potential where nothing arrives"""
    gain: float = 14.0
    """standard deviation of the first recurrent weights times the square root of the number of units"""
    input_gain: float = 0.8
    """standard deviation of the first input weights"""
    dopamine: int = 0
    """dopamine neurons that carry the error; 0: it arrives as the number that it is"""
    dopamine_rates: tuple[float, float] = (5.0, 10.0)
    """their baseline, and what an error of 1 adds to it (Hz)"""
    record: bool = False
    """record what is seen, done and paid in every step, and all spikes"""

    lanes: ClassVar[int] = 1
    antithetic: ClassVar[bool] = False
    weights: ClassVar[tuple[str, ...]] = ("w_input", "w_recurrent", "w_policy", "w_value", "base")
    """U, W, Theta, v, v_0"""
    states: ClassVar[tuple[str, ...]] = (*weights, "tau")
    """what an individual takes with it from one call to the next"""
    still: ClassVar[Mapping[str, float]] = {"learning": 0.0}
    """arguments with which weights are frozen; the noise is the network's own and stays"""

    def __post_init__(self) -> None:
        for name in ("individuals", "units", "substeps", "block"):
            if getattr(self, name) < 1:
                raise Mistake(f"SpikingRecurrentNetwork: {name} is {getattr(self, name)}, must be at least 1")
        if self.dopamine < 0 or not min(self.dopamine_rates) > 0 or sum(self.dopamine_rates) * self.dt >= 1:
            raise Mistake(
                f"SpikingRecurrentNetwork: {self.dopamine} dopamine neurons at {self.dopamine_rates} Hz; "
                f"rates must be above 0, and together below {1 / self.dt:g} Hz"
            )
        if not 0 < self.dt <= self.tau[0] <= self.tau[1] < math.inf:
            raise Mistake(
                f"SpikingRecurrentNetwork: time constants are {self.tau} s, must rise from the time step "
                f"({self.dt:g} s)"
            )
        if not (0 <= self.gain < math.inf and 0 <= self.input_gain < math.inf and math.isfinite(self.bias)):
            raise Mistake("SpikingRecurrentNetwork: gains must be finite and not negative, the bias finite")

    @property
    def inputs(self) -> int:
        """Inputs: one for each observation and action, one for what was paid, one that is always 1."""
        return self.task.codes + self.task.actions + 2

    @property
    def synapses(self) -> int:
        """Weights of one individual."""
        return self.units * (self.inputs + self.units + self.task.actions + 1)

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        return compile_alike(BUILDER, self, replace(self, rule=rule), numbers)
