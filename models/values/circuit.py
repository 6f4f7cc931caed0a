"""Builds the Brian2 objects of a population of values; `network` says what they are.

Groups, one unit for each cell: ``state`` (what announces the reward, active by ``held``), ``world`` (the
reward, what is expected of it, and the error), ``value``, ``dopamine`` and ``volume`` of `DopamineCircuit`;
``recorded``: neurons whose spikes are kept. ``prediction`` are the synapses from state to world, whose weight
is the value; they learn at the end of each trial.
"""

from __future__ import annotations

import brian2 as b2
import numpy as np

from ...analysis.responses.dopamine_responses import LATE
from ..dopamine.circuit import DopamineCircuit
from ..dopamine.system import NEURON, SPIKE
from ..program import Argument, Model, Output
from .network import ValuePopulation

STATE = """
active : 1                                   # h of the present trial
"""
WORLD = """
now = t - timestep(t, trial_duration)*trial_duration + 0.5*dt : second   # since the trial's start
worth : 1                                    # utility u of the present trial's reward
predicted : 1                                # h V
answered = int(now > outcome + begins)*int(now < outcome + ends) : 1     # while the error lasts
surprise = answered*(worth - predicted)/second : Hz                      # equation (1)
modulator : 1                                # dopamine, as it reaches the synapse
dm/dt = modulator*int(now > outcome + begins)/(ends - begins) : 1        # equation (2)
eta : 1 (constant)
burst : 1 (constant)
dip : 1 (constant)
"""
PREDICTION = """
V : 1                                        # the value
taught : 1                                   # what dopamine taught after the last trial
predicted_post = V*active_pre : 1 (summed)
"""
LEARN = """
taught = burst_post*clip(m_post, 0, inf) + dip_post*clip(m_post, -inf, 0)
V = clip(V + eta_post*active_pre*taught, 0, highest)
"""
"""Equation (3), at the start of the next trial."""


def build(net: ValuePopulation) -> Model:
    """The Brian2 model: one unit of duration is a trial.

    Arguments: ``worth`` and ``held`` (trial, individual); ``value``, ``eta``, ``burst``, ``dip`` and the
    firing of the recorded neurons (individual,); those of `DopamineCircuit`, and ``gain``. Outputs:
    ``spike_time`` (s), ``spike_neuron`` of the recorded neurons, cell by cell; ``values`` (trial, individual)
    at the start of each trial.
    """
    many = net.cells
    steps = b2.Clock(dt=net.dt * b2.second, name="steps")
    trials = b2.Clock(dt=net.trial_duration * b2.second, name="trials")
    system = DopamineCircuit(net.dopamine, many, steps)
    empty = np.zeros((net.trials, many))
    names = (
        net.namespace()
        | system.namespace
        | {
            "highest": net.highest,
            "begins": LATE[0] * b2.second,
            "ends": LATE[1] * b2.second,
            "worths": b2.TimedArray(empty, dt=net.trial_duration * b2.second, name="worths"),
            "helds": b2.TimedArray(empty, dt=net.trial_duration * b2.second, name="helds"),
        }
    )
    state = b2.NeuronGroup(many, STATE, name="state", namespace=names, clock=steps)
    world = b2.NeuronGroup(many, WORLD, name="world", namespace=names, clock=steps, method="euler")
    prediction = b2.Synapses(state, world, PREDICTION, name="prediction", namespace=names, clock=steps)
    prediction.connect(j="i")
    prediction.run_regularly(LEARN, clock=trials, when="start", order=0, name="learning")
    world.run_regularly("m = 0\nworth = worths(t, i)", clock=trials, when="start", order=1, name="rewards")
    state.run_regularly("active = helds(t, i)", clock=trials, when="start", order=1, name="states")
    system.reward_from(world, "surprise_pre")
    system.transmit(world)
    recorded = b2.NeuronGroup(
        many * net.recorded, NEURON, threshold=SPIKE, name="recorded", namespace=names, clock=steps
    )
    recorded.delta = b2.linked_var(system.value, "delta", index=np.repeat(np.arange(many), net.recorded))
    spikes = b2.SpikeMonitor(recorded, name="recorded_spikes")
    values = b2.StateMonitor(
        prediction, "V", record=np.arange(many), clock=trials, when="start", order=2, name="values_recorded"
    )
    each, neuron = ("individual",), ("individual", "neuron")
    arguments = dict(system.arguments)
    arguments["gain"] = Argument(
        {
            "dopamine.gain": ("individual", "channel", "dopamine"),
            "volume.unit_release": ("individual", "channel"),
        },
        ("individual", "channel"),
        "Hz",
        "change of a dopamine neuron's rate for one unit of delta",
        0.0,
        open_low=True,
    )
    for name, variable, unit in (("worth", "worths", "1"), ("held", "helds", "1")):
        dims = ("trial", "individual")
        arguments[name] = Argument({f"{variable}.values": dims}, dims, unit)
    arguments["value"] = Argument({"prediction.V": each}, each, "1", "value at the beginning")
    for name in ("eta", "burst", "dip"):
        arguments[name] = Argument({f"world.{name}": each}, each, "1", low=0.0)
    for name, unit in (("baseline", "Hz"), ("gain", "Hz"), ("asymmetry", "1")):
        arguments[f"cell_{name}"] = Argument({f"recorded.{name}": neuron}, each, unit, low=0.0)
    outputs = {
        "spike_time": Output("recorded_spikes.t", ("spike",), "s"),
        "spike_neuron": Output("recorded_spikes.i", ("spike",)),
        "values": Output("values_recorded.V", ("time", "individual")),
    }
    sizes = system.sizes | {"trial": net.trials, "neuron": net.recorded}
    network = b2.Network(state, world, prediction, recorded, spikes, values, *system.objects)
    return Model(network, arguments, outputs, sizes, step=net.trial_duration)
