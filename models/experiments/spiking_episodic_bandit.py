"""Bandits learned in the activity of spiking units, their weights frozen, against controls and players.

`episodic_bandit` with units that spike (`SpikingRecurrentNetwork`): networks live episodes of a two-armed
bandit, p and 1 - p, new in every episode, and are shaped by the score of their own spikes times a broadcast
TD error. With frozen weights their regret in new episodes is held against that of players and of the controls
of `models.recurrent.controls` at equal episodes. An episode of 100 trials takes 6 s of a network's time.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...analysis.foundation.progress import Reporter
from ..recurrent.settings import Spiking
from ..tasks import EpisodicBandit
from .episodic_bandit import beside_players
from .labelling import Dataset


@dataclass(frozen=True)
class Config(Spiking):
    trials: int = 100
    """trials of an episode"""
    arms: Literal["mirrored", "independent"] = "mirrored"
    """p and 1 - p, or each by itself"""
    episodes: int = 3200
    tests: int = 400
    block: int = 200
    segments: int = 2
    eta: float = 0.0058
    eta_value: float = 0.00028
    eta_recurrent: float = 0.00004
    gamma: float = 0.35
    trace: float = 0.97
    entropy: float = 0.06
    decay: float = 0.0006
    beta: float = 2.0
    readout_rates: tuple[float, ...] = (0.0058,)
    tau: tuple[float, float] = (0.026, 0.39)
    """shortest and longest time constant of synapses (s)"""
    bias: float = -1.6
    """potential where nothing arrives"""
    gain: float = 5.8
    """of the first recurrent weights"""
    input_gain: float = 5.8
    """of the first input weights"""
    played: int = 4000
    """episodes of a player"""


PRESETS = {
    "quick": Config(),
    "paper": Config(
        individuals=8,
        episodes=20_000,
        segments=4,
        tests=1000,
        readout_rates=(0.003, 0.0058, 0.012),
        played=20_000,
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, test and let players play.

    Returns:
        ``regret`` (condition, individual), of an episode with frozen weights; ``readout`` (rate, individual),
        the same where the readouts alone are plastic; ``curve`` (individual, block) and ``readout_curve``
        (rate, individual, block), while learning; ``player_regret`` and ``player_error`` (player).
    """
    net = config.network_of(
        EpisodicBandit(config.trials, config.arms, "joint"),
        tau=config.tau,
        bias=config.bias,
        gain=config.gain,
        input_gain=config.input_gain,
    )
    return beside_players(config, net, seed, progress, folder)
