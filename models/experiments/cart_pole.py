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

from ..actor_critic.network import ActorCritic, Pools
from ..dopamine.system import Dopamine
from ..tasks import CartPole
from ..tasks.control_task import TICK
from .conditions import Lives, comparing

if TYPE_CHECKING:
    import xarray as xr


LATE = 100
"""Last lived episodes by which an individual is judged."""


@dataclass(frozen=True)
class Config(Lives):
    """Settings; the defaults are the quick preset."""

    individuals: int = 16
    trials: int = 300
    life: float = 1150.0
    control_life: float = 330.0
    """seconds of a segment of the controls, whose episodes last less than a second"""
    eta_actor: float = 4e-2
    eta_critic: float = 8e-3
    associability: float = 10.0
    """episodes over which the learning rates follow the share of those that fail"""
    tau_e: float = 0.5
    tau_lag: float = 0.05
    bound: float = 0.8
    tau_r: float = 0.7
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
    return config.learners(
        CartPole(cells=(2, 2, 9, 7), reach=(1.2, 1.2, 0.2, 1.5), peak=200.0),
        Pools(2, neurons=20, base=25.0),
        Dopamine(
            tau_slow=0.04,
            tau_fast=0.02,
            clearance=0.03,
            gain=0.7,
            neurons=300,
            critic_baseline=40.0,
            critic_gain=40.0,
        ),
        critics=30,
        watched=config.individuals,
        associability=config.associability,
        tau_m=config.tau_m,
        tau_action=config.tau_action,
        reward_duration=0.04,
        precision="float32",
    )


live = comparing(network, ("theta_trace", "acting_trace", "trial_trace"), LATE)


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
    data = live(config, seed, progress, folder)
    data["steps"] = (data["latency"] / TICK).round().assign_attrs(units="1")
    return data
