"""Builds the Brian2 objects of a population of values; `network` says what they are.

Groups, one unit for each cell: ``state`` (what announces the reward, active by ``held``), ``world`` (the
reward, what is expected of it, and the error), ``value``, ``dopamine`` and ``volume`` of `DopamineCircuit`;
``recorded``: neurons whose spikes are kept. ``prediction`` are the synapses from state to world, whose weight
is the value; they learn at the end of each trial.
"""

from typing import Any

import brian2 as b2
import numpy as np

from ...analysis.responses.dopamine_responses import LATE
from ..circuit import Circuit
from ..dopamine.circuit import EACH, OWN, DopamineCircuit
from ..dopamine.system import NEURON, SPIKE
from ..program import Argument, Model
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
    circuit = Circuit(net.cells, round(net.trial_duration / net.dt), net.dt)
    system = DopamineCircuit(net.dopamine, circuit)
    trial: dict[str, Any] = {"every": circuit.bins, "when": "start"}
    circuit.namespace |= net.namespace() | {
        "highest": net.highest,
        "begins": LATE[0] * b2.second,
        "ends": LATE[1] * b2.second,
    }
    for name, variable in (("worth", "worths"), ("held", "helds")):
        circuit.table(variable, np.zeros((net.trials, net.cells)), net.trial_duration)
        circuit.argument(name, f"{variable}.values", ("trial", "individual"))
    circuit.sizes["trial"] = net.trials
    state = circuit.group("state", 1, STATE)
    world = circuit.group("world", 1, WORLD, method="euler")
    prediction = circuit.project(state, world, PREDICTION, "prediction")
    circuit.run(prediction, LEARN, "learning", order=0, **trial)
    circuit.run(world, "m = 0\nworth = worths(t, i)", "rewards", order=1, **trial)
    circuit.run(state, "active = helds(t, i)", "presence", order=1, **trial)
    system.reward_from(world, "surprise_pre")
    system.transmit(world)
    recorded = circuit.group("recorded", net.recorded, NEURON, "neuron", threshold=SPIKE)
    circuit.link(recorded, system.value, "delta")
    each, neuron = ("individual",), ("individual", "neuron")
    circuit.spikes(recorded)
    everyone = np.arange(net.cells)
    circuit.monitor(prediction, ["V"], "values_recorded", record=everyone, order=2, **trial)
    circuit.output("values", "values_recorded.V", ("time", "individual"), default=True)
    circuit.arguments["gain"] = Argument(
        {"dopamine.gain": EACH, "volume.unit_release": OWN},
        OWN,
        "Hz",
        "change of a dopamine neuron's rate for one unit of delta",
        0.0,
        open_low=True,
    )
    circuit.argument("value", "prediction.V", each, "value at the beginning")
    for name in ("eta", "burst", "dip"):
        circuit.argument(name, f"world.{name}", each, low=0.0)
    for name, unit in (("baseline", "Hz"), ("gain", "Hz"), ("asymmetry", "1")):
        circuit.argument(f"cell_{name}", f"recorded.{name}", neuron, given=each, unit=unit, low=0.0)
    return circuit.model()
