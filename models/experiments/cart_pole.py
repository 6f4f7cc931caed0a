"""CartPole: spiking actor-critics learn to balance a pole from dopamine alone.

The only reward is -1 when the pole falls or the cart leaves the track, and dopamine is the only signal. The
controls are the same networks with frozen plasticity, and individuals that get another's dopamine; all live
as many episodes. What matters:

* a short way from place cells to action (potentials of 6 ms, a readout of 12 ms) and from critic to dopamine
  (a kernel of 30 and 15 ms, clearance in 20 ms): each doubling of these costs more than the noise that it
  averages out;
* learning rates that follow pauses of dopamine (`Associability`), so that who balances stays as it is and who
  does not goes on learning. With constant rates the noise of dopamine undoes what was learned;
* a fine code of angle and angular velocity, a coarse one of the cart;
* a horizon of 0.7 s: with longer ones the first episodes teach too little.
"""

from dataclasses import dataclass
from pathlib import Path

from ...analysis.foundation.progress import Reporter
from ..actor_critic.network import ActorCritic, Associability, Pools
from ..dopamine.system import Dopamine
from ..tasks import CartPole
from ..tasks.control_task import TICK
from .conditions import Lives, comparing
from .labelling import Dataset

LATE = 100
"""Last lived episodes by which an individual is judged."""


@dataclass(frozen=True)
class Config(Lives):
    individuals: int = 16
    trials: int = 300
    life: float = 1150.0
    control_life: float = 330.0
    """seconds of a segment of the controls, whose episodes last less than a second"""
    eta_actor: float = 0.106
    eta_critic: float = 0.0257
    associability: float = 20.0
    """seconds over which the learning rates follow pauses of dopamine"""
    pause: float = 5.2
    """errors below minus this are a pause (1/s)"""
    half: float = 0.064
    """trace of pauses at which the rates are half of their highest (1/s)"""
    tau_e: float = 0.5
    tau_lag: float = 0.042
    bound: float = 1.25
    tau_r: float = 0.63
    tau_m: float = 0.0055
    """postsynaptic potentials (s)"""
    tau_action: float = 0.0156
    """readout of the actor's spikes (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=32, trials=300, segments=6, life=250.0, control_life=60.0),
}


def network(config: Config) -> ActorCritic:
    """The network of the learners: a critic around 40 Hz, and dopamine that comes and goes in 40 ms."""
    return config.learners(
        CartPole(cells=(3, 2, 9, 7), reach=(1.43, 1.23, 0.213, 1.71), width=0.695, peak=200.0),
        Pools(2, neurons=20, base=22.0),
        Dopamine(
            tau_slow=0.034,
            tau_fast=0.013,
            clearance=0.019,
            gain=0.8,
            neurons=300,
            critic_baseline=40.0,
            critic_gain=40.0,
        ),
        critics=30,
        watched=config.individuals,
        associability=Associability(config.associability, config.pause, config.half),
        tau_m=config.tau_m,
        tau_action=config.tau_action,
        reward_duration=0.04,
        precision="float32",
    )


live = comparing(network, ("theta_trace", "acting_trace", "trial_trace"), LATE)


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Live all episodes under each condition.

    Returns:
        What `compare` returns, with the ``steps`` of every episode, NaN where it was not lived.
    """
    data = live(config, seed, progress, folder)
    data["steps"] = (data["latency"] / TICK).round().assign_attrs(units="1")
    return data
