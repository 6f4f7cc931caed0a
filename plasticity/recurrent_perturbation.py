"""Node perturbation in a recurrent network, taught by one broadcast TD error: a three-factor rule in time.

The drive of a unit i of the network carries a perturbation sigma s_i(t), s of variance 1. What it did to the
activity that arrives through a synapse is gathered in the synapse's eligibility, and the broadcast tells
whether it was worth it:

    e_ij(t) = gamma lambda e_ij(t-1) + s_i(t) x_j(t)                                               (1)
    delta(t) = r(t) + gamma V(t+1) - V(t),       V = 0 beyond the last step T of an episode         (2)
    dw_ij = eta/sigma delta(t-1) e_ij(t),        eta fading as 1/(1 + decay*episode)                (3)

delta(t-1) arrives in step t, as soon as V(t) is known, and s_i(t) has moved the state of which V(t) is. It
must so be in the eligibility by then: with lambda = 1 what arrives from then on sums to

    delta(t-1) + sum_(k>=0) gamma**(k+1) delta(t+k) = gamma (r(t) + gamma r(t+1) + ...) + r(t-1) - V(t-1),

gamma times the return less a baseline that s_i(t) has not touched. (The sum from delta(t) on, which is right
for an action drawn from the state of V(t), would take from s_i what it did to V(t).) Before the first step
V(-1) is what is expected of it, a number that moves by eta_value delta(-1). So with gamma = lambda = 1 the
mean of (3) is the gradient of the mean return of the perturbed network whatever V is, by the likelihood ratio
of s, for Gaussian s drawn anew in each step, and for +-1 up to terms of order sigma**2; with less it is the
estimate of Schulman et al. 2016, arXiv:1506.02438. A perturbation that is held over an episode is credited,
with what arrives in a step, for what it does in other steps too: the gradient where x stays, elsewhere not.

The readouts have no perturbation of their own but what they do: for the policy s is the score y - p of the
action taken (Williams 1992, doi:10.1007/BF00992696), for the value it is 1 (TD(lambda), Sutton 1988,
doi:10.1007/BF00115009). Both come after V(t) is read: dw = eta delta(t) e(t). An action neuron also keeps the
policy from closing too early, by what it and its rivals do: each step adds eta entropy p (-log p - H) z to
its weights, H = -sum p log p, which is the gradient of H (Williams & Peng 1991,
doi:10.1080/09540099108946587) and needs no broadcast. All of it is local but delta, one number for the whole
network (Fiete & Seung 2006, doi:10.1103/PhysRevLett.97.048104; Miconi 2017, doi:10.7554/eLife.20899, has a
like rule with a nonlinear eligibility).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from .parameter import number
from .rule import Rule


@dataclass(frozen=True)
class RecurrentPerturbation(Rule):
    """Equations (1) to (3); a rate of 0 leaves those weights as they were drawn."""

    eta: float = number(0.3, "1/step", "rate of the policy's readout", where=("action",))
    eta_value: float = number(0.1, "1/step", "rate of the value's readout", where=("critic",))
    eta_recurrent: float = number(0.03, "1/step", "rate of the recurrent weights", where=("neuron",))
    eta_input: float = number(0.03, "1/step", "rate of the input weights", where=("neuron",))
    sigma: float = number(0.4, "1", "standard deviation of the perturbation", where=("neuron",))
    gamma: float = number(
        0.95, "1", "discount", high=1.0, scale="linear", where=("neuron", "action", "critic", "dopamine")
    )
    trace: float = number(
        1.0,
        "1",
        "lambda: what is left of an eligibility after a step, beside gamma",
        high=1.0,
        scale="linear",
        where=("neuron", "action", "critic"),
    )
    decay: float = number(
        0.0, "1/episode", "rates fall as 1/(1 + decay*episode)", where=("neuron", "action", "critic")
    )
    entropy: float = number(0.0, "1", "how much the policy's entropy is worth", where=("action",))
    noise: Literal["rademacher", "gaussian"] = "rademacher"
    """distribution of the perturbation"""
    hold: Literal["episode", "step"] = "episode"
    """how long a perturbation stays as it was drawn"""

    network: ClassVar[str] = "recurrent networks that live in episodes (RecurrentNetwork)"
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "noise": ("rademacher", "gaussian"),
        "hold": ("episode", "step"),
    }

    broadcast: ClassVar[str] = "reward_before@ + gamma*value@ - value_before@"
    """equation (2), of the step before; at the end of an episode ``reward@ - value@`` comes as well"""
    moves_value: ClassVar[bool] = True
    """whether what a unit is credited for in a step has moved the value that is read in it, as in (3)"""
    left: ClassVar[str] = "gamma*trace"
    """of such an eligibility, when the error of the last step of an episode arrives"""
    credit: ClassVar[str] = "s@"
    """what a unit tells its synapses, s in (1); names that end in ``@`` are of one lane (one of the episodes
    lived side by side)"""
    gathered: ClassVar[str] = "arrived@"
    """what a synapse onto a unit gathers, x in (1)"""
    hears: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """what else arrives at a unit, summed: its state, without ``@`` -> (of input or unit; what each says)"""
    feedback: ClassVar[str] = ""
    """what a unit's state ``told@`` is, if it has one: ``scalar``, a number drawn once for each; ``actions``,
    the sum of the actions' scores through weights drawn once"""
    scale: ClassVar[str] = "/noise"
    """what the rates of the units' weights are multiplied by, beside eta; ``noise`` is sigma"""
    disturbed: ClassVar[str] = "unit"
    """what carries the perturbation, each unit or each synapse"""

    @property
    def draw(self) -> str:
        """Code of a perturbation, of variance 1; ``number`` says which of an episode."""
        key = "(task_seed, stream_noise, who, episode, number)"
        if self.noise == "gaussian":
            return f"keyed_normal{key}"
        return f"1 - 2*int(keyed_uniform{key} < 0.5)"
