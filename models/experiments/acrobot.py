"""Acrobot: spiking actor-critics learn to swing the tip of a two-link pendulum above the bar.

A step lasts 0.2 s of neural time and costs a little, as in Acrobot-v1; 500 of them end an episode, and only
the bar pays. Behaviour at random almost never gets there. What makes it found is a critic that is optimistic,
with weights above zero at the beginning: every state promises more than it holds, dopamine is low, and the
actor turns away from what it has tried. The cost of a step keeps that up. Pools that inhibit each other
leave the eligibility to the torque that was chosen. The controls are the same networks with frozen
plasticity, and individuals that get another's dopamine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Pools
from ..dopamine.system import Dopamine
from ..tasks import Acrobot
from .conditions import compare

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 6
    """under each condition"""
    trials: int = 16
    """episodes of each individual, under each condition"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 1620.0
    """seconds of a segment, for all conditions; episodes that are then not finished are not lived"""
    optimism: float = 0.03
    """weights with which the critic begins"""
    cost: float = 0.005
    """what a step costs; the bar pays 1"""
    inhibit: float = 2.0
    """inhibition between the pools, potential per 10 Hz"""
    eta_actor: float = 1e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 2e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.5
    """decay of the eligibility (s)"""
    tau_lag: float = 0.2
    """lag of the eligibility (s)"""
    bound: float = 0.5
    """largest weight"""
    tau_r: float = 8.0
    """horizon of the TD error (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=16, trials=60, segments=6, life=1010.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        Acrobot(cells=(5, 5, 4, 4), cost=config.cost),
        Pools(3, neurons=16, inhibit=config.inhibit, tau_lateral=0.05),
        dopamine=Dopamine(tau_r=config.tau_r, critic_baseline=20.0, neurons=100),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
        watched=0,
        precision="float32",
    )


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Live all episodes under each condition; 500 steps last 100 s."""
    return compare(
        network(config),
        config.trials,
        seed,
        parameters={"w_critic": config.optimism},
        segments=config.segments,
        seconds=config.life,
        progress=progress,
        folder=folder,
    )
