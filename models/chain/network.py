"""Neurons that value the states of a chain and choose what to do there; one step is one transition.

State cells (x = 1 for the present state) drive a critic through weights w, so that V = w x, and one actor
neuron for each action through weights theta. The action is drawn from the policy

    p_k = softmax(theta x)_k                                                                  (1)

A dopamine neuron is told of the reward, the present value, the value of the state where the action led, and
how little the action was expected, weighs them (`WeighedBroadcast`) and broadcasts the sum to the critic and
to the actor. With ``alike`` above 1 the cells see only part of where they are: neighbouring states share a
cell, its value and its habits. Many individuals live side by side, each in a chain of its own; weights,
traces and the world go on from call to call. With the actor's rate 0 its habits stay, and the critic learns
to predict. Free of Brian2; `circuit` builds the objects.
"""

from dataclasses import dataclass, replace

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.weighed_broadcast import WeighedBroadcast
from ..program import Program, compile_alike
from ..tasks.chains import Chains

BUILDER = "hedon.models.chain.circuit:build"


@dataclass(frozen=True)
class ChainNetwork:
    """Chains and the learners that live in them.

    Raises:
        Mistake: no individual, no step in a block, ``alike`` below 1.
    """

    task: Chains = Chains()
    rule: WeighedBroadcast = WeighedBroadcast()
    individuals: int = 1
    block: int = 100
    """steps whose rewards are averaged in what is recorded"""
    alike: int = 1
    """neighbouring states that the state cells cannot tell apart: cell k fires in states alike k and on"""

    def __post_init__(self) -> None:
        if self.individuals < 1 or self.block < 1:
            raise Mistake(f"individuals ({self.individuals}) and block ({self.block}) must be at least 1")
        if self.alike < 1:
            raise Mistake(f"alike is {self.alike} states, must be at least 1")

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        return compile_alike(BUILDER, self, replace(self, rule=rule), numbers)
