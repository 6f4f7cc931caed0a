"""Brian2 objects of a layer of coagents; `network` says what they compute. The order of a trial:

    pattern, inputs -> hidden spikes -> output spike -> reward -> what each neuron hears -> weights, critic

Recorded, as a mean over blocks of trials: ``right``, the share of right answers.
"""

import brian2 as b2

from ..circuit import DRAWS, Circuit, summary_equations
from ..program import Model
from .network import Coagents

WORLD = """
pattern : integer                # which is shown
"""
INPUT = """
pattern : integer (linked)
x : 1
"""
CRITIC = """
pattern : integer (linked)
delta : 1 (linked)
alpha : 1 (constant)             # rate of the reward that is expected
shown : 1
value : 1                        # <r> of the pattern
"""
NEURON = """
u : 1                            # drive from the layer before
bias : 1
p : 1                            # probability of a spike
a : 1                            # 1 or -1
score : 1                        # d ln P/du
eta : 1 (constant)
modulator : 1
"""
HIDDEN = """
news : 1                         # r - <r>, its own network's or another's
margin : 1                       # own contribution to the mean reward
difference : 1 (constant)        # its share in what is heard
"""
OUTPUT = """
ones : 1                         # inputs that are -1
y : 1                            # the right answer
r : 1
expected : 1                     # <r>
delta : 1
"""
SHOW = """
trial = first_trial + timestep(t, trial_duration)
pattern = int({patterns}*keyed_uniform(task_seed, choice, individual, trial, 0))
"""
FIRE = """
p = 1/(1 + exp(-(u + bias)))
a = 2*int(rand() < p) - 1
score = 0.5*(a + 1) - p
"""
FORWARD = """
v : 1
u_post = v*a_pre : 1 (summed)
other = u_post + bias_post - 2*v*a_pre : 1     # drive with the spike the other way
margin_pre = y_post*(p_post - 1/(1 + exp(-other))) : 1 (summed)
"""
LEARN = "bias += eta*modulator*score"


def build(net: Coagents) -> Model:
    """The Brian2 model.

    Arguments: ``eta``, ``eta_hidden``, ``alpha``, ``difference``, ``task_seed``, ``individual``, ``yoked``
    (individual,); ``first_trial``; states ``w`` (individual, bit, hidden), ``bias`` and ``v`` (individual,
    hidden), ``bias_output`` (individual,), ``value`` (individual, pattern). Outputs: block means, the states.
    """
    circuit = Circuit(net.individuals)
    world = circuit.group("world", 1, DRAWS + WORLD, "one")
    inputs = circuit.group("inputs", net.bits, INPUT, "bit")
    critic = circuit.group("critic", 2**net.bits, CRITIC, "pattern")
    hidden = circuit.group("hidden", net.hidden, NEURON + HIDDEN, "hidden")
    output = circuit.group("output", 1, NEURON + OUTPUT + summary_equations(["right"]), "one")
    circuit.link(inputs, world, "pattern")
    circuit.link(critic, world, "pattern")
    circuit.link(critic, output, "delta")
    first = circuit.project(inputs, hidden, "w : 1\nu_post = w*x_pre : 1 (summed)", "first")
    count = circuit.project(inputs, output, "ones_post = 0.5*(1 - x_pre) : 1 (summed)", "count")
    second = circuit.project(hidden, output, FORWARD, "second")
    expect = circuit.project(critic, output, "expected_post = value_pre*shown_pre : 1 (summed)", "expect")
    circuit.each_bin(world, SHOW.format(patterns=2**net.bits), "show")
    circuit.each_bin(inputs, "x = 1 - 2*(int(floor(pattern/2**index)) % 2)", "encode")
    circuit.each_bin(critic, "shown = int(index == pattern)", "shown")
    circuit.add_up(first, "u")
    circuit.add_up(count, "ones")
    circuit.add_up(expect, "expected")
    circuit.each_bin(hidden, FIRE, "fire")
    circuit.add_up(second, "u")
    judge = "y = 2*(int(ones + 0.5) % 2) - 1\nr = y*a\ndelta = r - expected\nmodulator = delta"
    circuit.each_bin(output, FIRE + judge, "judge")
    circuit.add_up(second, "margin", "pre")
    ears = circuit.heard(output, {"delta": "1"}, "ears", order=circuit._next())
    hear = circuit.project(ears, hidden, "news_post = delta_pre : 1 (summed)", "hear")
    circuit.add_up(hear, "news")
    circuit.each_bin(hidden, "modulator = (1 - difference)*news + difference*margin", "weigh")
    circuit.each_bin(first, "w += eta_post*modulator_post*score_post*x_pre", "learn")
    circuit.each_bin(second, "v += eta_post*modulator_post*score_post*a_pre", "learn")
    circuit.each_bin(hidden, LEARN, "learn")
    circuit.each_bin(output, LEARN, "learn")
    circuit.each_bin(critic, "value += alpha*shown*delta", "learn")
    circuit.summary(output, {"right": "0.5 + 0.5*r"}, net.block)
    _declare(circuit, world, hidden, output, critic)
    return circuit.model()


def _declare(
    circuit: Circuit,
    world: b2.NeuronGroup,
    hidden: b2.NeuronGroup,
    output: b2.NeuronGroup,
    critic: b2.NeuronGroup,
) -> None:
    circuit.parameter("eta", {output: "one"}, 0.1, "learning rate of the output neuron", low=0)
    circuit.parameter("eta_hidden", {hidden: "hidden"}, 0.1, "of hidden neurons", variable="eta", low=0)
    circuit.parameter("alpha", {critic: "pattern"}, 0.05, "rate of what is expected", low=0, high=1)
    share = "share of the own contribution in what hidden neurons hear"
    circuit.parameter("difference", {hidden: "hidden"}, 0.0, share, low=0, high=1)
    circuit.parameter("task_seed", {world: "one"}, 0, "seed of the task's draws", low=0, integer=True)
    circuit.parameter("individual", {world: "one"}, None, "whose draws it gets", low=0, integer=True)
    circuit.shared("first_trial", [world], 0, "trials lived before this call")
    for name, source, dims in (
        ("w", "first.w", ("individual", "bit", "hidden")),
        ("bias", "hidden.bias", ("individual", "hidden")),
        ("v", "second.v", ("individual", "hidden", "one")),
        ("bias_output", "output.bias", ("individual", "one")),
        ("value", "critic.value", ("individual", "pattern")),
    ):
        circuit.state(name, source, dims, "state")
