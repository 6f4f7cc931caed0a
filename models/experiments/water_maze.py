"""Water maze: spiking actor-critics find a hidden platform from any side, and controls that must not.

Individuals live up to 60 trials each in continuous space and time; beside them, for as long, live individuals
with frozen plasticity and individuals that get another's dopamine.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Ring
from ..dopamine.system import Dopamine
from ..tasks import WaterMaze
from .conditions import comparing


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 24
    """under each condition"""
    trials: int = 60
    """trials of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 600.0
    """seconds of a segment, for all conditions; trials that are then not finished are not lived"""
    limit: float = 25.0
    """seconds after which a trial is ended, unfinished"""
    platform_x: float = 0.35
    """place of the platform's centre (m)"""
    platform_y: float = 0.65
    """place of the platform's centre (m)"""
    radius: float = 0.06
    """of the platform (m)"""
    eta_actor: float = 8e-3
    """learning rate of the actor (s)"""
    eta_critic: float = 1e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.3
    """decay of the eligibility (s)"""
    tau_lag: float = 0.2
    """lag of the eligibility (s)"""
    bound: float = 0.5
    """largest weight"""
    tau_r: float = 4.0
    """horizon of the TD error (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=48, trials=60, segments=6, life=270.0, limit=40.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        WaterMaze(
            platform_x=config.platform_x,
            platform_y=config.platform_y,
            radius=config.radius,
            limit=config.limit,
        ),
        Ring(),
        dopamine=Dopamine(tau_r=config.tau_r),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
        watched=config.individuals,
    )


simulate = comparing(network, ("x_trace", "y_trace", "V_trace", "acting_trace", "trial_trace"))
