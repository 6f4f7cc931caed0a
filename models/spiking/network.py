"""One layer of spiking neurons that learns what rates to fire from a reward at the end of each trial.

Poisson inputs drive neurons through plastic synapses; a trial shows one pattern of input rates and ends in a
reward R (`SpikePatterns`). Dopamine units, one for each pattern and individual, expect that reward and
hand out R - expectation to every neuron of their individual. Between trials nothing is carried over but
weights, expectations and slow fluctuations: potentials, traces and eligibilities start anew.

A call of the program lasts ``trials`` trials and one step more: in the first step after a trial its reward
is handed out (`SpikingNetwork.duration`). The description is free of Brian2; `circuit` builds the
objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.spike_perturbation import SpikePerturbation
from ..program import Arrays, Program, compile_alike
from ..stochastic_neurons import DrivenNeuron, EscapeNeuron, StochasticNeuron
from ..tasks.spike_patterns import SpikePatterns

NEURONS: Mapping[str, type[StochasticNeuron]] = {"hazard": EscapeNeuron, "drive": DrivenNeuron}
"""What a rule may need -> the neurons that provide it."""


BUILDER = "hedon.models.spiking.circuit:build"


@dataclass(frozen=True)
class SpikingNetwork:
    """A layer of neurons, its rule and its task.

    Raises:
        Mistake: a step too coarse for a time constant, or that does not divide trial and tick; a rule that
            needs another neuron.
    """

    task: SpikePatterns
    rule: SpikePerturbation
    neuron: StochasticNeuron = DrivenNeuron()
    individuals: int = 1
    copies: int = 1
    """so many copies of every neuron with the same inputs and, with shared noise, the same noise"""
    plastic: bool = True
    """False leaves out the eligibility: the network is there to be measured"""
    dt: float = 1e-3
    """time step (s)"""
    alpha: float = 0.05
    """rate at which the expectation of a pattern's reward follows (1 a trial)"""
    precision: Literal["float64", "float32"] = "float64"

    def __post_init__(self) -> None:
        if self.individuals < 1 or self.copies < 1:
            raise Mistake(f"individuals ({self.individuals}) and copies ({self.copies}) must be at least 1")
        if not 0 < self.dt < float("inf"):
            raise Mistake(f"dt is {self.dt:g}, must be finite and above 0 (s)")
        times: dict[str, float] = {"tau_m": self.neuron.tau_m, "tau_s": self.neuron.tau_s}
        times |= {name: getattr(self.rule, name) for name in self.rule.time_constants}
        for name, value in times.items():
            if self.dt > value / 2:
                raise Mistake(
                    f"dt = {1e3 * self.dt:g} ms is too coarse for {name} = {1e3 * value:g} ms; "
                    f"at most {500 * value:g} ms"
                )
        spans = {"a trial": self.task.duration} | (
            {"a tick of the rule": self.rule.constants["tick"][0]} if "tick" in self.rule.constants else {}
        )
        for name, span in spans.items():
            steps = span / self.dt
            if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
                raise Mistake(f"{name} ({span:g} s) is not a whole number of steps dt ({self.dt:g} s)")
        if self.ticks and self.bins % self.ticks:
            raise Mistake(f"a tick of the rule ({self.rule.constants['tick'][0]:g} s) must divide the trial")
        needed = next((NEURONS[need] for need in self.rule.needs), StochasticNeuron)
        if not isinstance(self.neuron, needed):
            raise Mistake(
                f"{type(self.rule).__name__} needs the neuron {needed.__name__}, "
                f"not {type(self.neuron).__name__}"
            )
        if not 0 <= self.alpha <= 1:
            raise Mistake(f"alpha is {self.alpha:g}, must be in [0, 1]")
        if self.copies > 1 and self.rule.noise != "shared":
            raise Mistake("copies of neurons that share their noise need a rule with noise 'shared'")

    @property
    def bins(self) -> int:
        """Steps of a trial."""
        return round(self.task.duration / self.dt)

    @property
    def ticks(self) -> int:
        """Steps between two ticks of the rule; 0 where it has none."""
        return round(self.rule.constants["tick"][0] / self.dt) if "tick" in self.rule.constants else 0

    @property
    def neurons(self) -> int:
        """Neurons of an individual, copies among them."""
        return self.task.outputs * self.copies

    @property
    def weight_unit(self) -> str:
        return self.rule.weight_unit(self.neuron.drive)

    def duration(self, trials: int) -> float:
        """What to call the program with: the trials, and the step in which the last reward is handed out."""
        return trials + 1 / self.bins

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        alike = replace(self, rule=rule, alpha=SpikingNetwork.alpha)
        return compile_alike(BUILDER, self, alike, numbers | {"alpha": self.alpha}, self.precision)

    def live(
        self, trials: int, seed: int, parameters: Mapping[str, Any] | None = None, **options: Any
    ) -> Arrays:
        """Let every individual live so many trials; ``options`` as of `Program`."""
        return self.program()(parameters, seed=seed, duration=self.duration(trials), **options)
