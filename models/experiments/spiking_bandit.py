"""Bandit: spiking actor-critics come to choose the arm that pays nine times in ten, and controls do not.

There is nothing to see that tells the arms apart: the same cells fire in every trial, and two pools of actor
neurons race for half a second. The pools inhibit each other, so that the eligibility left at the end is that
of the arm which was chosen; without the inhibition both pools fire and dopamine cannot tell them apart.
"""

from dataclasses import dataclass

from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Pools
from ..tasks import Bandit
from .conditions import comparing


@dataclass(frozen=True)
class Config:
    individuals: int = 24
    """under each condition"""
    trials: int = 160
    """choices of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    best: float = 0.9
    """chance that the first arm pays"""
    worst: float = 0.1
    """chance that the second arm pays"""
    inhibit: float = 1.5
    """inhibition between the pools, potential per 10 Hz"""
    eta_actor: float = 1.5e-3
    """learning rate of the actor (s)"""
    eta_critic: float = 6e-4
    """learning rate of the critic (s)"""
    bound_actor: float = 0.3
    """largest weight of the actor"""
    bound_critic: float = 0.1
    """largest weight of the critic"""


PRESETS = {"quick": Config(), "paper": Config(individuals=64, trials=300, segments=3)}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    return ActorCritic(
        Bandit((config.best, config.worst)),
        Pools(2, neurons=20, inhibit=config.inhibit, tau_lateral=0.05),
        critic_rule=TDHebbian(eta=config.eta_critic, bound=config.bound_critic),
        actor_rule=TDHebbian(eta=config.eta_actor, bound=config.bound_actor),
        individuals=config.individuals,
        watched=0,
    )


simulate = comparing(network)
"""An ``outcome`` of 1 was paid, 0 not."""
