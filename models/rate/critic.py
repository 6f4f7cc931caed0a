"""The critic of a one-pass rule as neurons: it expects the loss, and learns from the same broadcast.

    expectation = sum_k v_k phi_k,   delta = expectation - E_plus,   v_k -= alpha delta phi_k/|phi|**2    (1)

A mean over all stimuli is one number in the group ``dopamine`` (phi = 1). The other critics are a group
``critic`` whose units read the stimulus of their individual (one-hot for a mean per stimulus; 1, x and
x**2 for the linear critic) and project to ``dopamine``, from where the broadcast comes back to them.
"""

from typing import ClassVar

import brian2 as b2
import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.critic import Critic, Fixed, LinearCritic, RunningMean
from ..circuit import Circuit

UNITS = """
phi : 1                      # feature
v : 1                        # weight of the feature in the expectation
modulator : 1                # broadcast as it reaches this unit
length : 1                   # |phi|**2 over the units of the individual
alpha : 1 (constant)         # learning rate (1/trial)
learning : 1 (constant)      # 1: plastic, 0: frozen
seen : {kind} (linked)       # what the unit reads of the stimulus
"""
PHI = {
    "stimulus": "phi = int(index == seen)",
    "linear": "phi = int(index == 0) + int(index > 0)*seen**(1 + int(index > n_seen))",
}


class CriticCircuit:
    """Adds the critic of a rule to a rate circuit."""

    equations: ClassVar[str] = """
    expectation : 1              # expected loss
    length : 1                   # |phi|**2
    alpha : 1 (constant)         # learning rate of the expectation (1/trial)
    watching : 1 (constant)      # 1: the expectation learns, 0: frozen
    """

    def __init__(
        self, circuit: Circuit, critic: Critic, inputs: b2.NeuronGroup, dopamine: b2.NeuronGroup, stimuli: int
    ) -> None:
        self.circuit = circuit
        self.value = critic
        self.inputs, self.dopamine, self.stimuli = inputs, dopamine, stimuli
        self.group: b2.NeuronGroup | None = None
        if critic.kind in PHI:
            self._populate()

    def expect(self) -> None:
        """The expectation that enters the broadcast of this trial."""
        circuit, value = self.circuit, self.value
        if isinstance(value, RunningMean) and value.order == "before":
            self._take_up()
        if self.group is None:
            return
        circuit.each_bin(self.group, PHI[value.kind], "feature")
        for variable in ("expectation", "length"):
            circuit.add_up(self._inward, variable)

    def learn(self) -> None:
        """The expectation takes up the loss of this trial, after its use."""
        circuit, value = self.circuit, self.value
        if isinstance(value, RunningMean) and value.order == "after":
            self._take_up()
        elif self.group is not None:
            for variable in ("modulator", "length"):
                circuit.add_up(self._outward, variable)
            circuit.each_bin(self.group, "v -= learning*alpha*modulator*phi/length", "learning")
        self._declare()

    def _take_up(self) -> None:
        circuit = self.circuit
        last = "" if circuit.bins == 1 else "int(timestep(t, bin_duration) % bins == bins - 1)*"
        circuit.each_bin(
            self.dopamine, f"expectation += {last}watching*alpha*(E_plus - expectation)", "expectation"
        )

    def _populate(self) -> None:
        circuit, value = self.circuit, self.value
        if circuit.bins > 1:
            raise Mistake(f"a {value.kind} critic reads one stimulus a trial; use RunningMean with bins")
        n_inputs = len(self.inputs) // circuit.individuals
        if isinstance(value, LinearCritic):
            size = 1 + n_inputs * (2 if value.squares else 1)
            place = np.concatenate([[0], np.tile(np.arange(n_inputs), 2)])[:size]
            source, kind = "x_clean", "1"
        else:
            size = self.stimuli
            place = np.zeros(size, dtype=int)
            source, kind = "sample", "integer"
        circuit.namespace["n_seen"] = n_inputs
        self.group = circuit.group("critic", size, UNITS.format(kind=kind), "feature")
        index = (np.arange(circuit.individuals)[:, np.newaxis] * n_inputs + place).ravel()
        self.group.seen = b2.linked_var(self.inputs, source, index=index)
        self._inward = circuit.project(
            self.group,
            self.dopamine,
            "expectation_post = v_pre*phi_pre : 1 (summed)\nlength_post = phi_pre**2 : 1 (summed)",
            "critic_inward",
        )
        self._outward = circuit.project(
            self.dopamine,
            self.group,
            "modulator_post = delta_pre : 1 (summed)\nlength_post = length_pre : 1 (summed)",
            "critic_outward",
        )

    def _declare(self) -> None:
        circuit, value = self.circuit, self.value
        learner = {self.group: "feature"} if self.group is not None else {self.dopamine: "one"}
        if not isinstance(value, Fixed):
            circuit.parameter("alpha", learner, value.alpha, "learning rate of the critic", low=0)
            circuit.parameter(
                "critic_learning",
                learner,
                1,
                "1: the critic learns, 0: frozen",
                variable="learning" if self.group is not None else "watching",
                low=0,
            )
        if self.group is not None:
            circuit.state("critic", "critic.v", ("individual", "feature"), "weights of the critic")
        else:
            if isinstance(value, Fixed):
                self.dopamine.expectation = value.expectation
            circuit.state("expectation", "dopamine.expectation", ("individual",), "expected loss")
