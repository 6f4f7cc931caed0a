"""The distal reward problem: reward comes seconds after the pairing that earned it, amid others.

Poisson inputs drive leaky integrate-and-fire neurons through plastic synapses. In each individual one
synapse is chosen, from the first input to the first neuron: whenever that input fires and that neuron
within ``window`` afterwards, reward follows ``delay_low`` to ``delay_high`` seconds later as a spike of
dopamine to all synapses. By then every synapse has had pairings of its own; only the chosen one's come
*regularly* before dopamine, so that its weight alone grows (Izhikevich 2007, doi:10.1093/cercor/bhl152,
figure 1; a network of 1,000 neurons there, parameters of the rule from memory).

With the argument ``yoked`` an individual gets the dopamine of another one: the control in which dopamine has
the same statistics and nothing to do with the pairings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.reward_modulated_stdp import RewardModulatedSTDP
from .. import neurons
from ..neurons import LeakyParameters
from ..program import Model, Program, compile_program
from .synapse import weave

NEVER = 1e9
"""A time after every run (s)."""


@dataclass(frozen=True)
class DistalReward:
    """Independent networks, each with one synapse whose pairings are rewarded."""

    individuals: int = 16
    """networks side by side"""
    inputs: int = 50
    """Poisson inputs of each"""
    neurons: int = 2
    """leaky integrate-and-fire neurons of each; all inputs reach all"""
    rule: RewardModulatedSTDP = field(
        default_factory=lambda: RewardModulatedSTDP(
            eta=0.03, A_plus=1.0, A_minus=2.0, w_min=0.0, w_max=4.0, delay_side="axonal"
        )
    )
    """plasticity of the synapses"""
    neuron: LeakyParameters = field(default_factory=LeakyParameters)
    """the neurons"""
    input_rate: float = 2.0
    """of each input (Hz)"""
    weight: float = 1.0
    """of all synapses at the start"""
    kick: float = 6.4e-11
    """synaptic current of a spike at weight 1 (A); with the default neuron a potential of 1 mV"""
    drive: float = 1.15e-10
    """steady current (A)"""
    noise: float = 1e-10
    """standard deviation of the current that each neuron draws for itself in every step (A)"""
    window: float = 0.01
    """longest time from input to neuron that counts as a pairing (s)"""
    delay_low: float = 1.0
    """shortest delay of reward (s)"""
    delay_high: float = 3.0
    """longest delay of reward (s)"""
    synaptic_delay: float = 0.001
    """(s)"""
    dt: float = 1e-3
    """time step (s)"""
    record: float = 60.0
    """interval of recorded weights (s)"""

    def __post_init__(self) -> None:
        if self.individuals < 2 or min(self.inputs, self.neurons) < 1:
            raise Mistake("DistalReward needs 2 individuals or more, with an input and a neuron or more")
        if not 0 < self.delay_low <= self.delay_high:
            raise Mistake(f"reward {self.delay_low:g} to {self.delay_high:g} s late: no interval above 0")
        neurons.check_rate(self.input_rate, self.dt)
        self.neuron.check_step(self.dt)

    @cached_property
    def program(self) -> Program:
        return compile_program("hedon.models.dopamine.distal_reward:build", self)


def build(config: DistalReward) -> Model:
    """Brian2 objects; outputs ``w`` (time, individual, input, neuron), ``rewards``, ``spikes``."""
    import brian2 as b2

    from ..circuit import Circuit

    many, n, m, rule = config.individuals, config.inputs, config.neurons, config.rule
    circuit = Circuit(many, step=config.dt)
    circuit.namespace |= config.neuron.namespace() | {
        "kick": config.kick * b2.amp,
        "drive": config.drive * b2.amp,
        "noise": config.noise * b2.amp,
        "window": config.window * b2.second,
        "delay_low": config.delay_low * b2.second,
        "delay_high": config.delay_high * b2.second,
        "never": NEVER * b2.second,
    }
    inputs = circuit.group(
        "inputs",
        n,
        neurons.ARRIVALS + rule.pre_equations,
        "input",
        threshold=neurons.ARRIVALS_THRESHOLD,
        reset=neurons.ARRIVALS_RESET,
    )
    inputs.rate = config.input_rate * b2.Hz
    inputs.next_spike = "-log(1 - rand())/rate"
    leaky = circuit.group(
        "neurons",
        m,
        neurons.LEAKY
        + neurons.CURRENT_SYNAPSES
        + rule.neuron_equations
        + "spikes : 1\nyoked : integer (constant)",
        "neuron",
        threshold=neurons.THRESHOLD,
        reset=neurons.RESET + "\nspikes += 1",
        refractory="refractory",
        method="exact",
    )
    leaky.v = "V_reset + rand()*(V_th - V_reset)"
    circuit.run(leaky, "I_ext = drive + noise*randn()", "private_noise", when="start", order=0)
    woven = weave(
        rule,
        inputs,
        leaky,
        connect={"j": f"k for k in range((i//{n})*{m}, (i//{n})*{m} + {m})"},
        delay=config.synaptic_delay,
        transmit="I_syn_post += w_now*kick",
        read=config.record,
    )
    woven.synapses.namespace.update(circuit.namespace)
    setattr(woven.synapses, rule.initial_weight, config.weight)
    circuit.blocks[woven.synapses.name] = (many, n, m)

    reward = circuit.group(
        "reward",
        1,
        "paired : second\ndue : second\nrewards : 1",
        threshold="t >= due",
        reset="due = never\nrewards += 1",
    )
    reward.paired, reward.due = -NEVER * b2.second, NEVER * b2.second
    due = (
        "due_post = clip(due_post, 0*second, "
        "t + delay_low + rand()*(delay_high - delay_low) + never*int(t - paired_post > window))"
    )
    heard = f"{rule.on_dopamine}*int(i == (j//{m} + {many} - yoked_post) % {many})"

    def sparse(source: b2.NeuronGroup, target: b2.NeuronGroup, name: str, code: str, model: str = ""):
        return b2.Synapses(
            source,
            target,
            model,
            on_pre=code,
            name=name,
            namespace=circuit.namespace,
            clock=circuit.clock(),
        )

    seen = sparse(inputs, reward, "seen", "paired_post = t")
    earned = sparse(leaky, reward, "earned", due)
    release = sparse(reward, leaky, "release", heard, rule.dopamine_equations)
    seen.connect(i=np.arange(many) * n, j=np.arange(many))
    earned.connect(i=np.arange(many) * m, j=np.arange(many))
    release.connect()
    seen.pre.order, earned.pre.order = -2, -1
    release.release = rule.release
    release.pre.order = 2
    circuit.network.add(*woven.objects, seen, earned, release)
    circuit.arguments |= woven.arguments
    circuit.argument("release", "release.release", (), "dopamine of a reward, times tau_n")
    circuit.parameter("eta", {leaky: "neuron"}, rule.eta, "learning rate", low=0.0)
    whose = "0: hears its own dopamine, k: that of the individual k places before"
    circuit.parameter("yoked", {leaky: "neuron"}, 0, whose, low=0, high=many - 1, integer=True)
    synapse = ("individual", "input", "neuron")
    everyone = np.arange(many * n * m)
    steps = round(config.record / config.dt)
    circuit.monitor(woven.synapses, ["w"], "weights", every=steps, record=everyone)
    circuit.output("w", "weights.w", ("time", *synapse), "weight", True)
    circuit.output("rewards", "reward.rewards", ("individual",), "rewards so far", True)
    circuit.output("spikes", "neurons.spikes", ("individual", "neuron"), "spikes so far", True)
    return circuit.model(unit=1.0)
