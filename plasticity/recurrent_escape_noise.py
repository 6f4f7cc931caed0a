"""Escape noise in a recurrent network, taught by one broadcast TD error: spikes are the perturbation.

A unit i of a recurrent network fires in a time step with probability p_i = 1/(1 + exp(-u_i)) of its potential
u_i = sum_j w_ij z_j, z_j what has been left in the synapse by the spikes of j. The score of what it did,
spiked or not, is d ln P/du = S - p (Williams 1992, doi:10.1007/BF00992696; in continuous time Xie & Seung
2004, doi:10.1103/PhysRevE.69.041909, Pfister et al. 2006, doi:10.1162/neco.2006.18.6.1318). Within a step of
the task, some time steps long, scores are gathered in the synapses; then the broadcast arrives:

    e_ij <- e_ij + (S_i - p_i) z_j          in each time step                                       (1)
    delta(t) = r(t-1) + gamma V(t) - V(t-1)                                                         (2)
    w_ij <- w_ij + eta delta(t) e_ij,    e_ij <- gamma lambda e_ij       at the end of step t       (3)

with r and V as they are after the spikes of a step. The value before the first step of an episode is what the
critic expects of an episode (`base` in `models.recurrent.spiking_circuit`); an episode ends with one more
error, r - V. V(t) is of the state that the spikes of step t have led to, V(t-1) of that in which they were
drawn: so with gamma = lambda = 1 a score is worth the return less a baseline that it did not touch, and the
mean of (3) is the gradient of the mean return, whatever V is (with gamma or lambda below 1: the estimate of
Schulman et al. 2016, arXiv:1506.02438). Readouts learn as in `recurrent_perturbation`: the policy by its own
score, the value by TD(lambda); eta fades as 1/(1 + decay*episode).
"""

from dataclasses import dataclass
from typing import ClassVar

from .parameter import number
from .rule import Rule


@dataclass(frozen=True)
class RecurrentEscapeNoise(Rule):
    """Equations (1) to (3); a rate of 0 leaves those weights as they were drawn."""

    eta: float = number(0.02, "1/step", "rate of the policy's readout", where=("action",))
    eta_value: float = number(0.001, "1/step", "rate of the value's readout", where=("critic",))
    eta_recurrent: float = number(0.004, "1/step", "rate of the recurrent weights", where=("neuron",))
    eta_input: float = number(0.004, "1/step", "rate of the input weights", where=("neuron",))
    gamma: float = number(
        1.0, "1", "discount", high=1.0, scale="linear", where=("neuron", "action", "critic", "dopamine")
    )
    trace: float = number(
        1.0,
        "1",
        "lambda: what is left of an eligibility after a step of the task, beside gamma",
        high=1.0,
        scale="linear",
        where=("neuron", "action", "critic"),
    )
    decay: float = number(
        0.0, "1/episode", "rates fall as 1/(1 + decay*episode)", where=("neuron", "action", "critic")
    )
    entropy: float = number(0.04, "1", "how much the policy's entropy is worth", where=("action",))

    network: ClassVar[str] = "spiking recurrent networks that live in episodes (SpikingRecurrentNetwork)"

    broadcast: ClassVar[str] = "lived*(reward_before@ + gamma*value@ - value_before@)"
    """equation (2); at the end of an episode ``reward@ - value@`` comes as well"""
    score: ClassVar[str] = "spiked - p"
    """d ln P/du of a time step"""
    eligibility: ClassVar[str] = "e@ + score_post*z_pre"
    """equation (1)"""
    disturbed: ClassVar[str] = "unit"
    """what is noisy by itself"""
