"""Linear track: spiking actor-critics learn to run to the end of a track, and controls that must not."""

from __future__ import annotations

from dataclasses import dataclass

from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Pools
from ..dopamine.system import Dopamine
from ..tasks import LinearTrack
from .conditions import comparing


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 24
    """under each condition"""
    trials: int = 30
    """trials of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 350.0
    """seconds of a segment, for all conditions; trials that are then not finished are not lived"""
    limit: float = 25.0
    """seconds after which a trial is ended, unfinished"""
    eta_actor: float = 1e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 2e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.3
    """decay of the eligibility (s)"""
    tau_lag: float = 0.2
    """lag of the eligibility (s)"""
    bound: float = 0.6
    """largest weight"""
    tau_r: float = 4.0
    """horizon of the TD error (s)"""


PRESETS = {"quick": Config(), "paper": Config(individuals=100, trials=60, life=900.0)}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        LinearTrack(limit=config.limit),
        Pools(2),
        dopamine=Dopamine(tau_r=config.tau_r),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
        watched=config.individuals,
    )


simulate = comparing(network, ("x_trace", "V_trace", "delta_trace", "acting_trace", "trial_trace"))
