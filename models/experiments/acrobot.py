"""Acrobot: spiking actor-critics learn to swing the tip of a two-link pendulum above the bar.

A step lasts 0.2 s of neural time and costs a little, as in Acrobot-v1; 500 of them end an episode, and only
the bar pays. Behaviour at random almost never gets there. What makes it found is a critic that is optimistic,
with weights above zero at the beginning: every state promises more than it holds, dopamine is low, and the
actor turns away from what it has tried. The cost of a step keeps that up. Pools that inhibit each other
leave the eligibility to the torque that was chosen. The controls are the same networks with frozen
plasticity, and individuals that get another's dopamine.
"""

from dataclasses import dataclass

from ..actor_critic.network import ActorCritic, Pools
from ..dopamine.system import Dopamine
from ..tasks import Acrobot
from .conditions import Lives, comparing


@dataclass(frozen=True)
class Config(Lives):
    individuals: int = 6
    trials: int = 16
    life: float = 1620.0
    optimism: float = 0.03
    """weights with which the critic begins"""
    cost: float = 0.005
    """what a step costs; the bar pays 1"""
    inhibit: float = 2.0
    """inhibition between the pools, potential per 10 Hz"""
    tau_e: float = 0.5
    tau_r: float = 8.0
    step: float = 0.004
    """time step (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=16, trials=60, segments=6, life=1010.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    return config.learners(
        Acrobot(cells=(5, 5, 4, 4), cost=config.cost),
        Pools(3, neurons=16, inhibit=config.inhibit, tau_lateral=0.05),
        Dopamine(critic_baseline=20.0, neurons=100),
        watched=0,
        step=config.step,
        precision="float32",
    )


simulate = comparing(network, parameters=lambda config: {"w_critic": config.optimism})
"""500 steps last 100 s."""
