"""Plasticity rules: immutable values with named parameters, their equations, and what they read."""

from __future__ import annotations

from ..analysis.foundation.registry import Registry
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

RULES = Registry(
    "rule",
    __name__,
    {
        "GradientDescent": ".gradient_descent:GradientDescent",
        "NodePerturbation": ".node_perturbation:NodePerturbation",
        "WeightPerturbation": ".weight_perturbation:WeightPerturbation",
        "EscapeNoise": ".escape_noise:EscapeNoise",
        "InjectedNoise": ".injected_noise:InjectedNoise",
        "StochasticRelease": ".stochastic_release:StochasticRelease",
        "TDHebbian": ".td_hebbian:TDHebbian",
        "TDLambda": ".td_lambda:TDLambda",
        "WeightFluctuation": ".weight_fluctuation:WeightFluctuation",
        "RewardModulatedSTDP": ".reward_modulated_stdp:RewardModulatedSTDP",
    },
)
"""Name -> class, written '.file:Class'; a new rule is one file and one line here."""


def rule_named(name: str) -> type[Rule]:
    """The rule class called ``name``; an unknown one is a Mistake with the nearest names."""
    return RULES.load(name)  # type: ignore[no-any-return]


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
