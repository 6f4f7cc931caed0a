"""Figures: each a claim, checked on what its experiments found and drawn from it.

A figure is a module whose docstring is the caption, with `EXPERIMENTS` (names of what it needs),
`check(data) -> claims` and `draw(data) -> Figure`; neither simulates. A new one is one file and one
line in `FIGURES`.
"""

from types import ModuleType

from ..analysis.foundation.registry import Registry

FIGURES = Registry(
    "figure",
    __name__,
    {
        "alignment": ".alignment",
        "learning_curves": ".learning_curves",
        "rules": ".rules",
        "hidden_layers": ".hidden_layers",
        "temporal": ".temporal",
        "agents": ".agents",
        "agents_learned_broadcast": ".agents_learned_broadcast",
        "agents_volume": ".agents_volume",
        "coagents": ".coagents",
        "dopamine_population": ".dopamine_population",
        "conditioning": ".conditioning",
        "contingency": ".contingency",
        "recorded_dopamine": ".recorded_dopamine",
        "reversal_points": ".reversal_points",
        "dopamine_synapse": ".dopamine_synapse",
        "spiking_alignment": ".spiking_alignment",
        "actor_critic": ".actor_critic",
        "cart_pole": ".cart_pole",
        "acrobot": ".acrobot",
        "meta_volatility": ".meta_volatility",
        "biological_outer_loop": ".biological_outer_loop",
        "meta_spiking": ".meta_spiking",
        "players": ".players",
        "recorded_choices": ".recorded_choices",
        "meta_rule": ".meta_rule",
        "dopamine_agent": ".dopamine_agent",
        "inferred_rules": ".inferred_rules",
        "foretold_choices": ".foretold_choices",
        "rule_recovery": ".rule_recovery",
        "rule_power": ".rule_power",
        "meta_memory": ".meta_memory",
        "meta_spikes": ".meta_spikes",
        "meta_rules": ".meta_rules",
        "meta_bandit": ".meta_bandit",
        "meta_two_step": ".meta_two_step",
        "meta_units": ".meta_units",
        "meta_adaptation": ".meta_adaptation",
    },
)
"""Name -> module, written '.name' for one in this folder."""


def load(name: str) -> ModuleType:
    """The module of the figure ``name``; an unknown one is a Mistake."""
    return FIGURES.load(name)  # type: ignore[no-any-return]


def caption(name: str) -> str:
    """The figure's docstring, read without importing it."""
    return FIGURES.docstring(name)
