"""Neurons that choose, and learn from one broadcast what their choices are worth; one step is one trial.

A cue (x = 1) drives one neuron for each action through a plastic weight w_a and, where the rule has one, a
second that fades, u_a; their sum is its value v_a. The action is the neuron with the strongest noisy drive,

    c = argmax_a (beta v_a x + g_a),     g_a standard Gumbel,     so p_a = softmax(beta v x)_a     (1)

With ``habits`` the choice has, beside the values, a readout that is no plasticity: side biases, two traces
of choices, choices that are looser for a while, and lapses (`plasticity/inference/coefficients.py`, equations
1 to 4, whose t is the trial of the task); in (1) the logit takes the
place of beta v x, and with probability ``lapse`` a choice is made by the noise alone. So the network lives at
coefficients that were fitted to subjects.

A dopamine neuron broadcasts delta, and the rate that slow traces of it gate (`Family`,
equations 1 to 5). Many individuals live side by side, each in an episode of its own; values, traces and the
world go on from call to call. Free of Brian2; `circuit` builds the objects.
"""

from dataclasses import dataclass, replace

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.family import Family
from ..program import Program, compile_alike
from ..tasks.bernoulli_bandit import BernoulliBandit
from ..tasks.reversal_bandit import ReversalBandit

STATES = ("w", *Family.states)
"""What a learner takes with it from one call to the next; the world's own state is the task's."""
HABITS = ("quick", "lasting", "last", "earned", "left")
"""The two traces of choices, the last choice, what it paid, and what was left."""


BUILDER = "hedon.models.choice.circuit:build"


@dataclass(frozen=True)
class ChoiceNetwork:
    """A bandit and the learners that live with it.

    Raises:
        Mistake: no individual, no trial in a block.
    """

    task: ReversalBandit | BernoulliBandit = ReversalBandit()
    rule: Family = Family()
    individuals: int = 1
    block: int = 200
    """trials that are averaged in what is recorded"""
    beta: float = 5.0
    """inverse temperature of the choice"""
    first_value: float = 0.5
    """weight at the beginning, and where forgetting leads"""
    first_trace: float = 0.5
    """trace of abs(delta) at the beginning: what a learner without knowledge expects"""
    habits: bool = False
    """whether the readout's coefficients and ``rest`` are arguments"""

    def __post_init__(self) -> None:
        if self.individuals < 1 or self.block < 1:
            raise Mistake(f"individuals ({self.individuals}) and block ({self.block}) must be at least 1")

    @property
    def states(self) -> tuple[str, ...]:
        """What a learner takes with it from one call to the next."""
        return (*STATES, *HABITS) if self.habits else STATES

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        alike = replace(self, rule=rule, beta=ChoiceNetwork.beta)
        return compile_alike(BUILDER, self, alike, numbers | {"beta": self.beta})
