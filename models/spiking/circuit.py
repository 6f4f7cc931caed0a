"""Brian2 objects of a spiking layer that learns from a broadcast reward: `SpikingNetwork`.

Within a step:

    states move on -> (first step of a trial: the last one's reward, broadcast, update; then a new start)
    -> drive, perturbation, score -> eligibility -> spikes -> synapses -> resets

What a neuron does in a step and the presynaptic factor of that step are thus of the same instant.
"""

from collections.abc import Mapping
from typing import Any

import brian2 as b2
import numpy as np

from ..circuit import Circuit
from ..program import Model
from .network import SpikingNetwork

INPUT = """
rate : Hz
dgate/dt = -gate/tau_s : 1      # what a synapse lets through, per unit of its weight
"""
PATTERN = "pattern = (individual + timestep(t, trial_duration)) % patterns\n"
NEURON = """
noise_seed : integer (constant)   # seed of keyed noise
learning : 1 (constant)           # 1: plastic, 0: frozen
kept : 1 (constant)               # what is left of the eligibility after a step
rate : {squared}
modulator : 1                     # broadcast as it reaches this neuron
spikes : 1                        # of this trial, so far
fired : Hz                        # rate in the last trial
cost : 1                          # of the last trial
cost_sum : 1                      # of all trials
"""
DOPAMINE = """
reward : 1                        # of the last trial
expectation : 1                   # of the reward of this pattern
delta : 1                         # the broadcast
alpha : 1 (constant)
"""
BEGIN_NEURON = "current = 0*current\nv = 0*mV\nspikes = 0"
BEGIN_INPUT = PATTERN + "rate = input_rate(pattern*bin_duration, index)\ngate = 0"


def build(network: SpikingNetwork) -> Model:
    """The Brian2 model of a spiking layer, for a program or for runtime mode.

    Arguments: the rule's parameters, ``learning``, ``yoked``, ``alpha`` (one for each individual),
    ``noise_seed``, ``w`` (individual, input, neuron), ``expectation`` (individual, pattern). Outputs: the
    ``reward`` of each trial (tick, individual; the first tick comes before any), ``delta``, ``cost``,
    ``w``, ``expectation`` at the end.
    """
    return SpikingCircuit(network).weave()


class SpikingCircuit(Circuit):
    """The circuit of one `SpikingNetwork`."""

    def __init__(self, network: SpikingNetwork) -> None:
        super().__init__(network.individuals, network.bins, network.dt)
        self.net = network
        self.rule, self.neuron, self.task = network.rule, network.neuron, network.task
        constants = {**self.neuron.constants, **self.rule.constants}
        self.namespace |= {name: value * getattr(b2, unit) for name, (value, unit) in constants.items()}
        self.namespace |= {
            "sources": self.task.outputs,
            "patterns": self.task.patterns,
            "target_scale": self.task.scale * b2.Hz,
            "step_draw": 8,
            "first_draw": 9,
        }
        self.table("input_rate", self.task.rates * b2.Hz)
        self.table("target_rate", self.task.targets * b2.Hz)
        self.inputs = self._inputs()
        self.sources = self._sources() if self.rule.noise == "shared" and self.rule.draws else None
        self.neurons = self._neurons()
        self.synapses = self._synapses()
        self.dopamine = self.group("dopamine", self.task.patterns, DOPAMINE, "pattern")

    def weave(self) -> Model:
        """Everything that happens in a step, in its order."""
        self._reward()
        self._begin()
        noisy = "drive" in self.rule.needs
        if self.net.plastic:
            self.each_bin(self.inputs, self.rule.pre_code, "trace")
        draws = self._piece("neuron_code")
        if noisy:
            self.each_bin(self.neurons, draws, "perturbation")
        self.each_bin(self.neurons, self.neuron.code(self.rule.neuron_draw, noisy), "drive")
        if not noisy and self.net.plastic:
            self.each_bin(self.neurons, draws, "score")
        if self.net.plastic:
            self.each_bin(self.synapses, self._piece("synapse_code"), "eligibility")
        self._declare()
        return self.model()

    # -- groups and projections ---------------------------------------------------------------

    def _piece(self, name: str) -> str:
        return self.rule.piece(name, self.neuron.drive)

    def _inputs(self) -> b2.NeuronGroup:
        equations = INPUT + (self._piece("pre_equations") if self.net.plastic else "")
        return self.group(
            "inputs",
            self.task.inputs,
            equations,
            "input",
            threshold="rand() < rate*dt",
            reset="gate += 1",
            method="exact",
        )

    def _sources(self) -> b2.NeuronGroup:
        """One for each output: what all its copies draw in a step."""
        sources = self.group("sources", self.task.outputs, "draw : 1", "output")
        self.drawn(sources, "draw", f"{self.rule.draws}()")
        self.each_bin(sources, f"draw = {self.rule.draws}()", "draw")
        return sources

    def _neurons(self) -> b2.NeuronGroup:
        weight = self.net.weight_unit
        equations = (
            NEURON.format(squared="1" if weight == "1" else f"{weight}**2")
            + self.neuron.equations.format(drive=self.neuron.drive)
            + "\n"
            + self._piece("neuron_equations")
        )
        if self.sources is not None:
            equations += "\ndraw : 1 (linked)"
        options: dict[str, Any] = {"refractory": self.neuron.refractory} if self.neuron.refractory else {}
        neurons = self.group(
            "neurons",
            self.net.neurons,
            equations,
            "neuron",
            threshold=self.neuron.threshold,
            reset=self.neuron.reset + "\nspikes += 1",
            method="exponential_euler" if self.neuron.refractory else "exact",
            **options,
        )
        if self.sources is not None:
            here = np.arange(len(neurons))
            source = here // self.net.neurons * self.task.outputs + here % self.task.outputs
            neurons.draw = b2.linked_var(self.sources, "draw", index=source)
        return neurons

    def _synapses(self) -> b2.Synapses:
        equations = f"w : {self.net.weight_unit}\n" + self._piece("synapse_equations")
        arrival = f"current_post += {self.rule.transmission}"
        return self.project(
            self.inputs,
            self.neurons,
            equations,
            "synapses",
            on_pre=self._piece("on_pre") + "\n" + arrival,
        )

    # -- the pieces of a step -----------------------------------------------------------------

    def _reward(self) -> None:
        """Reward of the trial that has ended, its broadcast, and the update; nothing at time 0."""
        earlier = "pattern = (individual + timestep(t, trial_duration) - 1 + patterns) % patterns\n"
        over = "over = int(t > 0*second)\n"
        self.each_trial(
            self.neurons,
            earlier + over + "fired = over*spikes/trial_duration\n"
            "missed = fired - target_rate(pattern*bin_duration, index % sources)\n"
            "cost = over*(missed/target_scale)**2\ncost_sum += cost\nrate = over*learning*eta",
            "cost",
        )
        gather = self.project(self.neurons, self.dopamine, "", "rewards")
        self.each_trial(self.dopamine, "reward = 0", "reward")
        self.each_trial(gather, "reward_post -= cost_pre", "sum")
        shown = "shown = over*int(index == pattern)\n"
        self.each_trial(
            self.dopamine,
            earlier + over + shown + f"delta = shown*({self.rule.broadcast})\nexpectation += alpha*delta",
            "broadcast",
        )
        self.each_trial(self.neurons, "modulator = 0", "modulator")
        heard = self.heard(self.dopamine, {"delta": "1"}, "heard", "pattern", every=self.bins)
        release = self.project(heard, self.neurons, "", "volume_transmission")
        self.each_trial(release, "modulator_post += delta_pre", "release")
        if self.net.plastic:
            self.each_trial(self.synapses, self._piece("update"), "update")

    def _begin(self) -> None:
        """A new trial: the pattern, and states from rest."""
        traces = self.rule.resets if self.net.plastic else {}
        self.each_trial(self.inputs, _reset(BEGIN_INPUT, traces), "pattern")
        self.each_trial(self.neurons, _reset(BEGIN_NEURON, self.neuron.resets), "start")
        if self.rule.tick_code:
            self.run(self.synapses, self._piece("tick_code"), "tick", every=self.net.ticks)
        if self.net.plastic:
            self.each_trial(self.synapses, self._piece("start_code"), "start")
            self.drawn(self.neurons, "kept", "exp(-fading*bin_duration)")

    # -- what a caller may set and read -------------------------------------------------------

    def _declare(self) -> None:
        group = {self.neurons: "neuron"}
        self.numbers(self.rule, group)
        self.parameter("learning", group, 1, "1: plastic, 0: frozen", low=0)
        self.parameter("alpha", {self.dopamine: "pattern"}, self.net.alpha, "rate of the expectations", low=0)
        self.parameter("noise_seed", group, 0, "seed of keyed noise", low=0, integer=True)
        w = ("individual", "input", "neuron")
        self.state("w", "synapses.w", w, "weights (SI)")
        self.state("expectation", "dopamine.expectation", ("individual", "pattern"), "expected rewards")
        if self.net.plastic:
            self.output("eligibility", "synapses.eligibility", w, "eligibility at the end")
        self.output("delta", "dopamine.delta", ("individual", "pattern"), "the last broadcast")
        self.output("cost", "neurons.cost", ("individual", "neuron"), "cost of the last trial")
        self.output("spikes", "neurons.spikes", ("individual", "neuron"), "spikes so far in this trial")
        self.output("fired", "neurons.fired", ("individual", "neuron"), "rate in the last trial (Hz)")
        self.output("cost_sum", "neurons.cost_sum", ("individual", "neuron"), "cost of all trials")
        for name, code in self.rule.initial_neuron.items():
            self.drawn(self.neurons, name, code)
        for name, code in self.rule.initial_synapse.items():
            self.drawn(self.synapses, name, code)
        monitor = b2.StateMonitor(
            self.dopamine,
            "reward",
            record=range(0, self.individuals * self.task.patterns, self.task.patterns),
            clock=self.clock(self.bins),
            when="end",
            name="trials",
        )
        self.network.add(monitor)
        self.output(
            "reward", "trials.reward", ("tick", "individual"), "reward of the trial that has ended", True
        )


def _reset(code: str, states: Mapping[str, str]) -> str:
    return "\n".join([code, *(f"{name} = {value}" for name, value in states.items())])
