"""Discounts that neurons learn from what comes of their forecasts.

A neuron's value f at the cue makes its target work so hard: f units, which cost f**2/2, each of which pays
what is left of the reward for that target, a part ``kept`` of it after each spell but the first. The reward
that the neuron itself hears of is whole, and the value can rest anywhere, as its discount says:

    payoff   = f G - f**2/2,    G = u kept**(delay - 1)                                              (8)
    phi     += rate (f - <f>) (payoff - <payoff>),    gamma = 1/(1 + exp(-phi))                      (9)

What moves f about its running mean <f> (of the rate ``alpha``) are the neuron's own chance spikes, by which
its synapses learned: it is its own perturbation. The mean of (9) is rate var(f) (E G - E f): it rests where
the value is what the target has of the reward, at gamma = kept for a neuron that takes good and bad news
alike; an asymmetry is undone by another gamma. One cue: <f> is a number of the neuron's. Derived here; after
Williams 1992 and `slants`.
"""

from typing import Any

import brian2 as b2
import numpy as np

from ..circuit import Circuit
from .network import MOST

NEURON = """
phi : 1                          # logit of the discount
rate : 1 (constant)              # learning rate of phi
alpha : 1 (constant)             # rate of running means
kept : 1 (constant)              # what is left of a reward a spell later
forecast : 1                     # f
remains : 1                      # kept to the power of the spells since
outcome : 1                      # G
payoff : 1                       # equation (8)
heard_payoff : 1                 # the same, of whom the neuron hears
usual : 1                        # <f>
expected : 1                     # <payoff>
seen : 1                         # trials of this call
pace : 1
"""
SEEN = """
forecast += was_cue*(now - forecast)
outcome += was_reward*(r*remains - outcome)
remains = was_cue + (1 - was_cue)*remains*kept
"""
"""At the end of each spell, while its ``now`` and ``r`` stand."""
LEARN = """
pace = clip(1/clip(seen, 1, inf), alpha, 1)*int(seen > 0)
usual += pace*(forecast - usual)
expected += pace*(heard_payoff - expected)
phi = clip(phi + rate*int(seen > 0)*(forecast - usual)*(heard_payoff - expected), -{most}, {most})
discount = 1/(1 + exp(-phi))
seen += 1
"""
"""Running means begin with the first trial of a call, which no trial is before."""


def weave(circuit: Circuit, neurons: b2.NeuronGroup) -> None:
    """Let the neurons of a circuit learn their discounts, at this place of the order, once a trial."""
    trial: dict[str, Any] = {"every": circuit.bins}
    circuit.run(neurons, "payoff = forecast*outcome - 0.5*forecast**2", "pay", **trial)
    ears = circuit.heard(neurons, {"payoff": "1"}, "payoff_ears", "neuron", **trial, order=circuit._next())
    hearing = circuit.project(
        ears,
        neurons,
        "heard_payoff_post = payoff_pre : 1 (summed)",
        "payoff_hearing",
        parts=len(neurons) // circuit.individuals,
    )
    circuit.sum_at(hearing, circuit.bins, circuit._next())
    circuit.run(neurons, LEARN.format(most=MOST), "horizons", **trial)
    each = ("individual", "neuron")
    for name, given, high in (("rate", each[:1], np.inf), ("alpha", each[:1], 1.0), ("kept", each, 1.0)):
        circuit.argument(name, f"neurons.{name}", each, given=given, low=0.0, high=high)
    circuit.state("phi", "neurons.phi", each, "logit of the discounts", low=-MOST, high=MOST)
