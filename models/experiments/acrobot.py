"""Acrobot: spiking actor-critics and a two-link pendulum; its settings are not yet shown to learn.

Every step costs a little until the tip is above the bar; a step lasts 0.2 s of neural time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...plasticity import TDHebbian
from ..actor_critic import ActorCritic, Pools
from ..dopamine import Dopamine
from ..tasks import Acrobot
from .conditions import compare

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 4
    """under each condition"""
    trials: int = 20
    """episodes of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 500.0
    """seconds of a segment of the learners; episodes that are then not finished count as time-outs"""
    limit: float = 100.0
    """seconds after which an episode is ended, unfinished (Acrobot-v1: 100)"""
    eta_actor: float = 1.5e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 2e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.5
    """decay of the eligibility (s)"""
    tau_lag: float = 0.2
    """lag of the eligibility (s)"""
    bound: float = 0.5
    """largest weight"""
    tau_r: float = 4.0
    """horizon of the TD error (s)"""


PRESETS = {"quick": Config(), "paper": Config(individuals=16, trials=200, segments=20, life=400.0)}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        Acrobot(limit=config.limit),
        Pools(3),
        dopamine=Dopamine(tau_r=config.tau_r),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
    )


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Live all episodes under each condition."""
    return compare(
        network(config),
        config.trials,
        seed,
        ("learning", "frozen"),
        segments=config.segments,
        seconds=config.life,
        progress=progress,
        folder=folder,
    )
