"""Asymmetries that neurons learn from what becomes of their firing.

    noise_k = (n_k - rho_k T)/(g_k T)        at the reward: what chance added to the spikes          (5)
    e_k    += eta_k (noise_k - e_k)          what is left of it in the value                         (6)
    theta_k += rate_k e_k (s_k - <s_k>),     a_k = 1/(1 + exp(-theta_k))                             (7)

(6) is an eligibility: a neuron's own chance spikes moved its value by e_k, and if forecasts score better than
usual (running mean of the rate ``alpha``) while it lies there, the neuron takes news in future so that its
value comes to rest nearer to it. With f_k the value before the reward u, the score it hears is a mixture of

    own         -(u - f_k)**2                           how well the neuron forecasts by itself
    one         sum_k (d_k/2 - |u - f_k|)               how well all do: N times minus the continuous ranked
                                                        probability score of their forecasts
    difference  d_k - |u - f_k|                         the neuron's own part of it

d_k the mean distance of its forecast from the others'. The ranked score is least for the true distribution
(Gneiting & Raftery 2007, doi:10.1198/016214506000001437); neurons are coagents with it as reward (Thomas
2011, from memory). `analysis.theory.forecasts` says where this rests.
"""

from typing import Any

import brian2 as b2
import numpy as np

from ..circuit import Circuit
from .network import MOST, SCORES

NEURON = """
theta : 1                        # logit of the asymmetry
rate : 1 (constant)              # learning rate of theta
alpha : 1 (constant)             # rate of the score that is expected
own : 1 (constant)               # weights of the scores
one : 1 (constant)
difference : 1 (constant)
forecast : 1                     # f, value before the reward
outcome : 1                      # u
noise : 1                        # equation (5)
nudge : 1                        # e, equation (6)
error : 1                        # |u - f|
distance : 1                     # d
team : 1 (linked)                # the whole population's score
score : 1
heard_score : 1                  # the same, of whom the neuron hears
expected : 1                     # its running mean
"""
TEAM = "team : 1"
SEEN = """
forecast += was_reward*(before - forecast)
outcome += was_reward*(r - outcome)
noise += was_reward*((fired - rho*spell)/(gain*spell) - noise)
"""
"""At the end of each spell, while its ``r``, ``before`` and ``fired`` stand."""
SCORE = "score = difference*(distance - error) + one*team - own*error**2"
LEARN = """
theta = clip(theta + rate*nudge*(heard_score - expected), -{most}, {most})
asymmetry = 1/(1 + exp(-theta))
expected += alpha*(heard_score - expected)
nudge += eta*(noise - nudge)
"""


def weave(circuit: Circuit, neurons: b2.NeuronGroup) -> None:
    """Let the neurons of a circuit learn their asymmetries, at this place of the order, once a trial."""
    trial: dict[str, Any] = {"every": circuit.bins}
    size = len(neurons) // circuit.individuals
    teams = circuit.group("teams", 1, TEAM, "one")
    circuit.link(neurons, teams, "team")
    circuit.run(neurons, "error = abs(outcome - forecast)", "judge", **trial)
    pairs = circuit.project(
        neurons, neurons, f"distance_post = abs(forecast_pre - forecast_post)/{size} : 1 (summed)", "pairs"
    )
    circuit.sum_at(pairs, circuit.bins, circuit._next())
    whole = circuit.project(neurons, teams, "team_post = distance_pre/2 - error_pre : 1 (summed)", "whole")
    circuit.sum_at(whole, circuit.bins, circuit._next())
    circuit.run(neurons, SCORE, "score", **trial)
    ears = circuit.heard(neurons, {"score": "1"}, "score_ears", "neuron", **trial, order=circuit._next())
    hearing = circuit.project(
        ears, neurons, "heard_score_post = score_pre : 1 (summed)", "score_hearing", parts=size
    )
    circuit.sum_at(hearing, circuit.bins, circuit._next())
    circuit.run(neurons, LEARN.format(most=MOST), "slants", **trial)
    each = ("individual", "neuron")
    for name in SCORES:
        circuit.argument(name, f"neurons.{name}", each, given=each[:1], low=0.0, high=np.inf)
    circuit.state("theta", "neurons.theta", each, "logit of the asymmetries", low=-MOST, high=MOST)
