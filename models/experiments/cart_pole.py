"""CartPole: spiking actor-critics learn to balance a pole from dopamine and a trace of their own failures.

The only reward is -1 when the pole falls or the cart leaves the track. The controls are the same networks
with frozen plasticity, and individuals that get another's dopamine; all live as many episodes. What matters:

* a second signal beside dopamine: learning rates that follow an individual's failures (`ActorCritic`,
  ``associability``), so that who balances stays as it is and who does not goes on learning. With constant
  rates the noise of dopamine undoes what was learned;
* a short way from place cells to action: potentials of 10 ms, a readout of 20 ms;
* a fine code of angle and angular velocity, a coarse one of the cart;
* a horizon of 0.7 s: with 0.35 s most late failures are carts that slowly leave the track, which a longer
  horizon sees coming; it costs some of the early speed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Pools
from ..dopamine.system import Dopamine
from ..tasks import CartPole
from ..tasks.control_task import TICK
from .conditions import compare

if TYPE_CHECKING:
    import xarray as xr


LATE = 100
"""Last lived episodes by which an individual is judged."""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    individuals: int = 16
    """learners"""
    trials: int = 300
    """episodes of each individual"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 1150.0
    """seconds of a segment; episodes that are then not finished are not lived"""
    control_life: float = 330.0
    """seconds of a segment of the controls, whose episodes last less than a second"""
    eta_actor: float = 4e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 8e-3
    """learning rate of the critic (s)"""
    associability: float = 10.0
    """episodes over which the learning rates follow the share of those that fail"""
    tau_e: float = 0.5
    """decay of the eligibility (s)"""
    tau_lag: float = 0.05
    """lag of the eligibility (s)"""
    bound: float = 0.8
    """largest weight"""
    tau_r: float = 0.7
    """horizon of the TD error (s)"""
    tau_m: float = 0.01
    """postsynaptic potentials (s)"""
    tau_action: float = 0.02
    """readout of the actor's spikes (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=32, trials=300, segments=6, life=250.0, control_life=60.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners: a critic around 40 Hz, and dopamine that comes and goes in 50 ms."""
    rule = {"tau_e": config.tau_e, "tau_lag": config.tau_lag, "bound": config.bound}
    return ActorCritic(
        CartPole(cells=(2, 2, 9, 7), reach=(1.2, 1.2, 0.2, 1.5), peak=200.0),
        Pools(2, neurons=20, base=25.0),
        critics=30,
        dopamine=Dopamine(
            tau_slow=0.04,
            tau_fast=0.02,
            tau_r=config.tau_r,
            clearance=0.03,
            gain=0.7,
            neurons=300,
            critic_baseline=40.0,
            critic_gain=40.0,
        ),
        critic_rule=TDHebbian(eta=config.eta_critic, **rule),
        actor_rule=TDHebbian(eta=config.eta_actor, **rule),
        individuals=config.individuals,
        watched=config.individuals,
        associability=config.associability,
        tau_m=config.tau_m,
        tau_action=config.tau_action,
        reward_duration=0.04,
        precision="float32",
    )


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Live all episodes under each condition.

    Returns:
        What `compare` returns, with the ``steps`` of every episode, NaN where it was not lived.
    """
    data = compare(
        network(config),
        config.trials,
        seed,
        segments=config.segments,
        seconds=config.life,
        control_seconds=config.control_life,
        watch=("theta_trace", "acting_trace", "trial_trace"),
        late=LATE,
        progress=progress,
        folder=folder,
    )
    data["steps"] = (data["latency"] / TICK).round().assign_attrs(units="1")
    return data
