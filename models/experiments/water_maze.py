"""Water maze: spiking actor-critics find a hidden platform from any side, and controls that must not.

Individuals live up to 60 trials each in continuous space and time; beside them, for as long, live individuals
with frozen plasticity and individuals that get another's dopamine. From critic to dopamine the way is twice
as short as elsewhere (a kernel of 100 and 30 ms, clearance in 50 ms), and so is the lag of the eligibility.
"""

from dataclasses import dataclass

from ..actor_critic.network import ActorCritic, Ring
from ..dopamine.system import Dopamine
from ..tasks import WaterMaze
from .conditions import Lives, comparing


@dataclass(frozen=True)
class Config(Lives):
    trials: int = 60
    limit: float = 25.0
    """seconds after which a trial is ended, unfinished"""
    platform_x: float = 0.35
    """place of the platform's centre (m)"""
    platform_y: float = 0.65
    """place of the platform's centre (m)"""
    radius: float = 0.06
    """of the platform (m)"""
    eta_actor: float = 1.2e-2
    eta_critic: float = 1e-3
    tau_lag: float = 0.1
    step: float = 0.004
    """time step (s)"""


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
        Dopamine(tau_slow=0.1, tau_fast=0.03, clearance=0.05, neurons=60),
        critics=40,
        watched=config.individuals,
        step=config.step,
    )


simulate = comparing(network, ("x_trace", "y_trace", "V_trace", "acting_trace", "trial_trace"))
