"""Teams of neurons that answer patterns by votes, rewarded together; one step is one trial.

    P(s_i = 1) = 1/(1 + exp(-u_i)),   u_i = sum_k w_ik x_k,   a_i = 2 s_i - 1                  (1)
    r_c = y_c sign(sum of a over committee c)                                                  (2)
    team's reward = sum of r_c over the team's committees                                      (3)

A trial shows one of ``patterns`` random patterns x of +-1; each committee has its own right answer y = +-1 to
each. (A neuron of (1) is one with escape noise and a logistic link, seen in one time bin.) Neurons are
grouped at nested levels (`levels`): committees, the groups that have a broadcast of their own, and the teams
themselves are each the units of one level, by the arguments ``committee``, ``group`` and ``team``. With
committees of one neuron the reward is additive; with one committee a team, it is one vote. A block of neurons
larger than a team holds several teams that see the same patterns. Weights begin at 0: every neuron at 1/2.

What a neuron hears is the rule's (`TeamSignal`). With a ``volume`` what it knows as its team's broadcast is

    delta_i = sum_j K_ij r_j - <sum_j K_ij r_j>                                                (4)

r_j the outcome of neuron j's committee, K the argument ``reach`` (`analysis.theory.volume`), <.> a running
mean. Free of Brian2; `circuit` builds the objects.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.team_signal import TeamSignal
from ..levels import sizes_of
from ..program import Program, compile_alike

BUILDER = "hedon.models.team.circuit:build"


@dataclass(frozen=True)
class TeamNetwork:
    """Neurons at nested levels, their rule and their patterns.

    Raises:
        Mistake: a size below 1, fans that do not nest.
    """

    fans: tuple[int, ...] = (21,)
    """units of each level that make one of the next; their product is the number of neurons"""
    inputs: int = 50
    """inputs K of every neuron"""
    patterns: int = 30
    """patterns that are shown, in random order"""
    rule: TeamSignal = TeamSignal()
    volume: bool = False
    """whether a neuron hears, in place of its team's broadcast, what reaches it of each neuron's outcome"""
    individuals: int = 1
    block: int = 100
    """trials that are averaged in what is recorded"""

    def __post_init__(self) -> None:
        for name in ("inputs", "patterns", "individuals", "block"):
            if getattr(self, name) < 1:
                raise Mistake(f"TeamNetwork: {name} is {getattr(self, name)}, must be at least 1")
        sizes_of(self.fans, math.prod(self.fans))

    @property
    def neurons(self) -> int:
        """Neurons of an individual."""
        return math.prod(self.fans)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Neurons of one unit of each level."""
        return sizes_of(self.fans, self.neurons)

    def level(self, neurons: int) -> int:
        """The level whose units have so many neurons.

        Raises:
            Mistake: there is none.
        """
        if neurons not in self.sizes:
            raise Mistake(
                f"no level has units of {neurons} neurons, only of {', '.join(map(str, self.sizes))}"
            )
        return self.sizes.index(neurons)

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        return compile_alike(BUILDER, self, replace(self, rule=rule), numbers)
