"""Plasticity rules: immutable values with named parameters, their equations, and what they read."""

from __future__ import annotations

from ..analysis.foundation.mistakes import Mistake, nearest
from .critic import Critic, Fixed, LinearCritic, RunningMean, StimulusMean
from .escape_noise import EscapeNoise
from .gradient_descent import GradientDescent
from .injected_noise import InjectedNoise
from .node_perturbation import NodePerturbation
from .parameter import Parameter
from .reward_modulated_stdp import RewardModulatedSTDP
from .rule import Rule
from .spiking_rule import SpikingRule
from .stochastic_release import StochasticRelease
from .td_hebbian import TDHebbian
from .td_lambda import TDLambda
from .trial_family import TrialFamily
from .trial_rule import TrialRule
from .weight_fluctuation import WeightFluctuation
from .weight_perturbation import WeightPerturbation

RULES: dict[str, type[Rule]] = {
    rule.__name__: rule
    for rule in (
        GradientDescent,
        NodePerturbation,
        WeightPerturbation,
        EscapeNoise,
        InjectedNoise,
        StochasticRelease,
        TDHebbian,
        TDLambda,
        WeightFluctuation,
        RewardModulatedSTDP,
    )
}


def rule_named(name: str) -> type[Rule]:
    """The rule class called ``name``.

    Raises:
        Mistake: no such rule; the message gives the nearest names.
    """
    if name not in RULES:
        raise Mistake(f"no rule is called '{name}'{nearest(name, RULES)}")
    return RULES[name]


__all__ = [
    "RULES",
    "Critic",
    "EscapeNoise",
    "Fixed",
    "GradientDescent",
    "InjectedNoise",
    "LinearCritic",
    "NodePerturbation",
    "Parameter",
    "RewardModulatedSTDP",
    "Rule",
    "RunningMean",
    "SpikingRule",
    "StimulusMean",
    "StochasticRelease",
    "TDHebbian",
    "TDLambda",
    "TrialFamily",
    "TrialRule",
    "WeightFluctuation",
    "WeightPerturbation",
    "rule_named",
]
