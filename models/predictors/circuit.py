"""Builds the Brian2 objects of neurons that predict for themselves; `network` says what they are.

Groups: ``world``, one unit for each population: the state, the one before it, the reward; ``states``, a unit
for each cue and spell since it; ``neurons``, which spike; ``ears``, which repeat what a population has fired
(or another one, where it is yoked). ``prediction`` are the synapses from states to neurons, whose weight is
the value. In the first step of every spell, in this order: what was fired, learning, the new state, what
synapses tell of it, the rate of the spell.
"""

from typing import Any

import brian2 as b2
import numpy as np

from ..circuit import Circuit
from ..dopamine.system import SPIKE
from ..program import Model
from . import horizons, slants
from .network import REST, PredictingNeurons

WORLD = """
cue : 1
delay : 1
worth : 1
place : 1                        # spells since the cue; below 0: before it
here : 1                        # number of the active state, -1: none
last : 1                         # of the spell before
r : 1                            # reward of this spell
was_cue : 1                      # whether the spell that is over was that of the cue,
was_reward : 1                   # of the reward
"""
ADVANCE = """
was_cue = int(place == 0)
was_reward = int(place == delay)
"""
ENTER = """
place = timestep(t, spell) % spells - {rest}
last = here
here = int(place >= 0)*int(place < delay)*(cue*longest + place + 1) - 1
r = worth*int(place == delay)
"""
STATE = """
here : 1 (linked)
last : 1 (linked)
active : 1
left : 1                         # active in the spell before
"""
NEURON = """
r : 1 (linked)
was_cue : 1 (linked)
was_reward : 1 (linked)
baseline : Hz (constant)         # b
gain : Hz (constant)             # g, change of the rate for one unit of delta
asymmetry : 1 (constant)         # a
discount : 1 (constant)          # gamma
eta : 1 (constant)               # learning rate
trace : 1 (constant)             # lambda
now : 1                          # V of the new state
before : 1                       # V of the last one
delta : 1                        # equation (1)
rho : Hz                         # equation (2)
fired : 1                        # spikes of this spell
told : 1                         # equation (3)
heard : 1                        # the same, of whom the neuron hears
at_cue : 1
at_reward : 1
"""
COUNT = """
told = (fired - baseline*spell)/(gain*spell)
at_cue += was_cue*(fired - at_cue)
at_reward += was_reward*(fired - at_reward)
fired = 0
"""
FIRE = """
delta = r + discount*now - before
slanted = 2*(asymmetry*clip(delta, 0, inf) + (1 - asymmetry)*clip(delta, -inf, 0))
rho = clip(baseline + gain*slanted, 0*Hz, inf*Hz)
"""
PREDICTION = """
V : 1                            # the value
V_total : 1                      # summed over trials
z : 1                            # eligibility
now_post = V*active_pre : 1 (summed)
before_post = V*left_pre : 1 (summed)
"""
LEARN = """
z = trace_post*discount_post*z + left_pre
V += eta_post*heard_post*z
"""
"""Equation (4), before the new state is entered."""


def build(net: PredictingNeurons) -> Model:
    """The Brian2 model: one unit of duration is a trial.

    Arguments: ``cue``, ``delay``, ``worth`` (trial, individual); ``baseline``, ``gain``, ``asymmetry``,
    ``discount``, ``eta``, ``trace`` (individual, neuron); ``V`` (individual, state, neuron); ``yoked``.
    Where asymmetries are learned, those of `slants` instead of ``asymmetry``; where discounts are, those of
    `horizons` instead of ``discount``.
    Outputs: ``V``, ``V_total``; ``at_cue``, ``at_reward`` (trial, individual and neuron), at the start of
    each trial those of the one before.
    """
    circuit = Circuit(net.individuals, net.spells * net.steps, net.dt)
    circuit.namespace |= {"spell": net.spell * b2.second, "spells": net.spells, "longest": net.longest}
    for name in ("cue", "delay", "worth"):
        circuit.table(f"{name}s", np.zeros((net.trials, net.individuals)), net.spells * net.spell)
        circuit.argument(name, f"{name}s.values", ("trial", "individual"))
    circuit.sizes["trial"] = net.trials
    world = circuit.group("world", 1, WORLD, "one")
    world.here = world.last = -1
    states = circuit.group("states", net.cues * net.longest, STATE, "state")
    learned = {"asymmetry": slants, "discount": horizons}.get(net.learned)
    equations = NEURON + (learned.NEURON if learned else "")
    neurons = circuit.group("neurons", net.neurons, equations, "neuron", threshold=SPIKE, reset="fired += 1")
    circuit.link(states, world, "here", "last")
    circuit.link(neurons, world, "r", "was_cue", "was_reward")
    ticks: dict[str, Any] = {"every": net.steps}
    circuit.run(world, ADVANCE, "advance", **ticks)
    if learned:
        circuit.run(neurons, learned.SEEN, "see", **ticks)
    circuit.run(neurons, COUNT, "count", **ticks)
    if learned:
        circuit.run(neurons, "heard = told", "hear", **ticks)
    else:
        _hear_spikes(circuit, net, neurons)
    prediction = circuit.project(states, neurons, PREDICTION, "prediction")
    circuit.run(prediction, LEARN, "learning", **ticks)
    trial: dict[str, Any] = {"every": circuit.bins}
    if learned:
        learned.weave(circuit, neurons)
    circuit.run(prediction, "z = 0\nV_total += V", "between_trials", **trial)
    circuit.run(world, "cue = cues(t, i)\ndelay = delays(t, i)\nworth = worths(t, i)", "trial", **trial)
    circuit.run(world, ENTER.format(rest=REST), "enter", **ticks)
    circuit.run(states, "active = int(index == here)\nleft = int(index == last)", "follow", **ticks)
    circuit.sum_at(prediction, net.steps, circuit._next())
    circuit.run(neurons, FIRE, "fire", **ticks)
    each = ("individual", "neuron")
    for name, unit, high in (
        ("baseline", "Hz", np.inf),
        ("gain", "Hz", np.inf),
        ("asymmetry", "1", 1.0),
        ("discount", "1", 1.0),
        ("eta", "1", np.inf),
        ("trace", "1", 1.0),
    ):
        if name != net.learned:
            circuit.argument(name, f"neurons.{name}", each, unit=unit, low=0.0, high=high)
    circuit.state("V", "prediction.V", ("individual", "state", "neuron"), "values")
    circuit.output("V_total", "prediction.V_total", ("individual", "state", "neuron"), "summed over trials")
    circuit.monitor(neurons, ["at_cue", "at_reward"], "counts", when="start", **trial)
    for name in ("at_cue", "at_reward"):
        circuit.output(name, f"counts.{name}", ("time", *each))
    return circuit.model()


def _hear_spikes(circuit: Circuit, net: PredictingNeurons, neurons: b2.NeuronGroup) -> None:
    """Each neuron learns from what it has fired itself, or its double in the population that is yoked."""
    order = {"every": net.steps, "order": circuit._next()}
    ears = circuit.heard(neurons, {"told": "1"}, "ears", "neuron", **order)
    hearing = circuit.project(
        ears, neurons, "heard_post = told_pre : 1 (summed)", "hearing", parts=net.neurons
    )
    circuit.sum_at(hearing, net.steps, circuit._next())
