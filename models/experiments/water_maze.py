"""Water maze: spiking actor-critics find a hidden platform from any side, and controls that must not.

Individuals live up to 60 trials each in continuous space and time; beside them, for as long, live individuals
with frozen plasticity and individuals that get another's dopamine.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..actor_critic.network import ActorCritic, Ring
from ..tasks import WaterMaze
from .conditions import Lives, comparing


@dataclass(frozen=True)
class Config(Lives):
    """Settings; the defaults are the quick preset."""

    trials: int = 60
    limit: float = 25.0
    """seconds after which a trial is ended, unfinished"""
    platform_x: float = 0.35
    """place of the platform's centre (m)"""
    platform_y: float = 0.65
    """place of the platform's centre (m)"""
    radius: float = 0.06
    """of the platform (m)"""
    eta_actor: float = 8e-3
    eta_critic: float = 1e-3


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=48, trials=60, segments=6, life=270.0, limit=40.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    return config.learners(
        WaterMaze(
            platform_x=config.platform_x,
            platform_y=config.platform_y,
            radius=config.radius,
            limit=config.limit,
        ),
        Ring(),
        watched=config.individuals,
    )


simulate = comparing(network, ("x_trace", "y_trace", "V_trace", "acting_trace", "trial_trace"))
