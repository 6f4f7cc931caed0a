"""A recurrent rate network that lives in episodes: slow plasticity shapes it, then its activity learns.

In every step of an episode units of rate z, each with a leak k_i of its own, read what is seen, what was last
done and paid, a bias, and each other:

    u_i(t) = (1 - k_i) u_i(t-1) + k_i (sum_j U_ij x_j(t) + sum_j W_ij z_j(t-1) + sigma s_i(t)),
    z_i = tanh(u_i)                                                                                  (1)
    p = softmax(beta Theta z),      V = v z                                                          (2)

and an action is drawn from p where one is asked. A dopamine neuron broadcasts the TD error of V, one number,
to all weights: U, W, Theta and v learn by it as `RecurrentPerturbation` says. The state begins each
episode at 0; nothing but weights outlasts it. With ``learning`` 0 weights are frozen, and what still changes
within an episode is activity alone (Wang et al. 2018, doi:10.1038/s41593-018-0147-8, with a local rule and a
scalar in place of backpropagation through time). ``reset`` 1 empties the state before every trial.

Lanes are episodes that one individual lives side by side with one set of weights; its changes are the mean
over lanes. With ``antithetic`` lanes come in pairs that live the same episode (the same draws of the task and
of the policy) with opposite perturbations. Free of Brian2; `circuit` builds the objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..program import Program, compile_alike
from ..tasks.episode_task import EpisodeTask

WEIGHTS = ("w_input", "w_recurrent", "w_policy", "w_value")
"""U, W, Theta, v."""
STATES = (*WEIGHTS, "base", "leak")
"""What an individual takes with it from one call to the next."""


BUILDER = "hedon.models.recurrent.circuit:build"


@dataclass(frozen=True)
class RecurrentNetwork:
    """Units, their task and their rule.

    Raises:
        Mistake: no individual, unit, lane or episode in a block; lanes that do not pair; leaks outside
            (0, 1].
    """

    task: EpisodeTask
    rule: RecurrentPerturbation = RecurrentPerturbation()
    units: int = 32
    individuals: int = 1
    lanes: int = 1
    antithetic: bool = False
    """lanes in pairs with opposite perturbations"""
    block: int = 100
    """episodes that are averaged in what is recorded"""
    leaks: tuple[float, float] = (0.1, 1.0)
    """slowest and fastest leak; units draw theirs between, evenly in the logarithm"""
    gain: float = 1.0
    """standard deviation of the first recurrent weights times the square root of the number of units"""
    input_gain: float = 1.0
    """standard deviation of the first input weights"""
    record: bool = False
    """record what is seen, done and paid in every step of the first lane"""

    states: ClassVar[tuple[str, ...]] = STATES
    still: ClassVar[Mapping[str, float]] = {"learning": 0.0, "sigma": 0.0}
    """arguments with which weights are frozen and nothing perturbs them"""

    def __post_init__(self) -> None:
        for name in ("individuals", "units", "lanes", "block"):
            if getattr(self, name) < 1:
                raise Mistake(f"RecurrentNetwork: {name} is {getattr(self, name)}, must be at least 1")
        if self.antithetic and self.lanes % 2:
            raise Mistake(f"RecurrentNetwork: {self.lanes} lanes do not make pairs")
        if not 0 < self.leaks[0] <= self.leaks[1] <= 1:
            raise Mistake(f"RecurrentNetwork: leaks are {self.leaks}, must rise within (0, 1]")
        if not (0 <= self.gain < float("inf") and 0 <= self.input_gain < float("inf")):
            raise Mistake("RecurrentNetwork: gains must be finite and not negative")

    @property
    def inputs(self) -> int:
        """Input units: one for each observation and action, one for what was paid, one that is always 1."""
        return self.task.codes + self.task.actions + 2

    @property
    def synapses(self) -> int:
        """Weights of one individual."""
        return self.units * (self.inputs + self.units + self.task.actions + 1)

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        return compile_alike(BUILDER, self, replace(self, rule=rule), numbers)
