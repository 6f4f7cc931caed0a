"""Plasticity rules: immutable values with named parameters, their equations, and what they read."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..analysis.foundation.registry import Registry

if TYPE_CHECKING:
    from .rule import Rule

RULES = Registry(
    "rule",
    __name__,
    {
        "GradientDescent": ".gradient_descent:GradientDescent",
        "NodePerturbation": ".node_perturbation:NodePerturbation",
        "WeightPerturbation": ".weight_perturbation:WeightPerturbation",
        "TrialFamily": ".trial_family:TrialFamily",
        "EscapeNoise": ".escape_noise:EscapeNoise",
        "InjectedNoise": ".injected_noise:InjectedNoise",
        "StochasticRelease": ".stochastic_release:StochasticRelease",
        "TDHebbian": ".td_hebbian:TDHebbian",
        "TDLambda": ".td_lambda:TDLambda",
        "WeightFluctuation": ".weight_fluctuation:WeightFluctuation",
        "RewardModulatedSTDP": ".reward_modulated_stdp:RewardModulatedSTDP",
        "Family": ".family:Family",
        "WeighedBroadcast": ".weighed_broadcast:WeighedBroadcast",
        "RecurrentPerturbation": ".recurrent_perturbation:RecurrentPerturbation",
        "RecurrentEscapeNoise": ".recurrent_escape_noise:RecurrentEscapeNoise",
        "RecurrentProjection": ".recurrent_projection:RecurrentProjection",
        "RecurrentWeightPerturbation": ".recurrent_weight_perturbation:RecurrentWeightPerturbation",
        "RecurrentEligibility": ".recurrent_eligibility:RecurrentEligibility",
        "TeamSignal": ".team_signal:TeamSignal",
    },
)
"""Name -> class, written '.file:Class'; a new rule is one file and one line here."""


def rule_named(name: str) -> type[Rule]:
    """The rule class called ``name``; an unknown one is a Mistake with the nearest names."""
    return RULES.load(name)  # type: ignore[no-any-return]


BESIDE: dict[str, str] = {
    **dict.fromkeys(("Critic", "Fixed", "LinearCritic", "RunningMean", "StimulusMean"), ".critic"),
    **dict.fromkeys(("Parameter", "number"), ".parameter"),
    "Rule": ".rule",
    "SpikingRule": ".spiking_rule",
    "TrialRule": ".trial_rule",
}
"""What else can be imported from here -> its module."""

__all__ = ["BESIDE", "RULES", "rule_named", *RULES, *BESIDE]


def __getattr__(name: str) -> Any:
    """A rule, or what stands `BESIDE` them, imported when it is asked for."""
    if name in BESIDE:
        return getattr(importlib.import_module(BESIDE[name], __name__), name)
    if name in RULES:
        return RULES.load(name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
