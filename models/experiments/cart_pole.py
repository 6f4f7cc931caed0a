"""CartPole: spiking actor-critics learn to balance a pole, some of them to the criterion of 195 steps.

The only reward is -1 when the pole falls or the cart leaves the track. A control with frozen plasticity lives
fewer episodes, for it stays where it began. What matters, in the order found: learning rates that begin high
and fall with the episodes (constant ones settle at two thirds of an episode), dopamine that comes and goes
within 50 ms, and many actor neurons (forty in a pool choose less noisily). Three in ten individuals or so
then average 195 steps over 100 episodes within 300; half of them was the aim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...plasticity import TDHebbian
from ..actor_critic import ActorCritic, Pools
from ..dopamine import Dopamine
from ..seeds import stream
from ..tasks import CartPole
from ..tasks.control_task import TICK
from ..trial_series import Series, live
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 16
    """learners"""
    trials: int = 300
    """episodes of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 1200.0
    """seconds of a segment; episodes that are then not finished count as failures at once"""
    frozen_trials: int = 40
    """episodes with frozen plasticity"""
    eta_actor: float = 4e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 8e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.5
    """decay of the eligibility (s)"""
    tau_lag: float = 0.05
    """lag of the eligibility (s)"""
    decay: float = 0.04
    """the learning rates fall as 1/(1 + decay*episode) (1/episode)"""
    bound: float = 0.8
    """largest weight"""
    tau_r: float = 0.35
    """horizon of the TD error (s)"""


PRESETS = {"quick": Config(), "paper": Config(individuals=32, trials=300, segments=6, life=250.0)}


def network(config: Config) -> ActorCritic:
    """The network of the learners: a critic around 40 Hz, and dopamine that comes and goes in 50 ms."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        CartPole(),
        Pools(2, neurons=40, base=25.0),
        critics=30,
        dopamine=Dopamine(
            tau_slow=0.04,
            tau_fast=0.02,
            tau_r=config.tau_r,
            clearance=0.03,
            gain=0.7,
            neurons=150,
            critic_baseline=40.0,
            critic_gain=40.0,
        ),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
        decay=config.decay,
        tau_action=0.03,
        reward_duration=0.04,
    )


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Live all episodes.

    Returns:
        ``steps`` (individual, episode), 0 where an episode was not finished; ``frozen`` the same with frozen
        plasticity (individual, frozen_episode); what the first individual did at the end.
    """
    import xarray as xr

    net = network(config)
    share = 0.95

    def told(fraction: float) -> None:
        if progress is not None:
            progress(share * fraction, "learning")

    series = live(
        net,
        config.trials,
        stream(seed, "learning"),
        {"task_seed": stream(seed, "task")},
        segments=config.segments,
        seconds=config.life,
        outputs=("theta_trace", "x_trace", "V_trace", "delta_trace", "acting_trace", "trial_trace"),
        progress=told,
        folder=folder / "learning" if folder is not None else None,
    )
    frozen = live(
        net,
        config.frozen_trials,
        stream(seed, "frozen"),
        {"task_seed": stream(seed, "task"), "learning": 0},
        seconds=2.0 * config.frozen_trials,
        folder=folder / "frozen" if folder is not None else None,
    )
    if progress is not None:
        progress(1.0, "frozen")
    return with_units(
        xr.Dataset(
            {
                "steps": (("individual", "episode"), _steps(series)),
                "frozen": (("individual", "frozen_episode"), _steps(frozen)),
            }
            | {name: ("time", values[:, 0]) for name, values in series.last.items()},
            coords={"episode": np.arange(1, config.trials + 1)},
        )
    )


def _steps(series: Series) -> np.ndarray:
    return np.where(series.finished, np.round(series.latency / TICK), 0)
