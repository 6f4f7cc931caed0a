"""A distributional code: dopamine neurons with different asymmetries teach critics different expectiles.

Each individual has several channels, each with its own critic and its own dopamine neurons, which take
positive errors more or less seriously than negative ones. Rewards are of the seven sizes of the recordings.
The noise of the critic's spikes is rectified by the asymmetry too; the concentration that carries no error is
therefore measured first, in a time without cues and rewards.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream, tell, within
from ..conditioning.network import Conditioning, live
from ..dopamine.system import Dopamine
from ..tasks import conditioning as protocols
from ..tasks.conditioning import DELAY, EMPTY
from .labelling import Dataset, labelled

BEFORE = 0.1
"""Value is read so long before the reward (s)."""


@dataclass(frozen=True)
class Config:
    individuals: int = 6
    """learners"""
    channels: int = 5
    """channels of each, with asymmetries spread about 0.5"""
    spread: float = 0.8
    """width of the asymmetries"""
    critics: int = 60
    """critic neurons of a channel"""
    gain: float = 2.0
    """change of a dopamine neuron's rate for one unit of delta (Hz)"""
    trials: int = 105
    """trials with rewards of all sizes"""
    last: int = 35
    """trials at the end in which value is measured"""
    resting: int = 10
    """trials without cue and reward, in which the tonic concentration is measured"""
    eta: float = 1.3e-3
    """learning rate (1/s)"""


PRESETS = {"quick": Config(), "paper": Config(individuals=24, trials=210, last=70, eta=6.5e-4)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let all channels learn.

    Returns:
        ``value`` (individual, channel) shortly before the reward; ``learning`` (trial, channel), its mean
        over individuals; ``tonic`` (channel); coordinate ``asymmetry``; ``utility`` (size), values of the
        rewards.
    """
    system = Dopamine(channels=config.channels, spread=config.spread, gain=config.gain)
    network = Conditioning(
        dopamine=system,
        individuals=config.individuals,
        trials=max(config.trials, config.resting),
        fields=20,
        copies=1,
        critics=config.critics,
    )
    tell(progress, 0.0, "compiling")
    network.program()
    rng = np.random.default_rng(stream(seed, "schedule"))

    rest = protocols.schedule([[EMPTY] * config.resting] * config.individuals, rng)
    quiet = live(
        network, rest, seed, record=("n",), place=0, progress=within(progress, 0.05, 0.15, "learning")
    )
    tonic = quiet.arrays["n"][network.bins :].mean(axis=(0, 1))
    lives = [protocols.magnitudes(config.trials, rng) for _ in range(config.individuals)]
    table = protocols.schedule(lives, rng, duration=network.trial_duration)
    given = {"eta": config.eta, "tonic": np.tile(tonic, (config.individuals, 1))}
    learned = live(
        network, table, seed, parameters=given, place=1, progress=within(progress, 0.15, 1.0, "learning")
    )
    shape = (config.trials, network.bins, config.individuals, config.channels)
    value = learned.arrays["V"].reshape(shape)
    bins = np.rint((table.reference + DELAY - BEFORE) / network.bin).astype(int).T
    before = np.take_along_axis(value, bins[:, None, :, None], axis=1)[:, 0]
    return labelled(
        {
            "value": (("individual", "channel"), before[-config.last :].mean(axis=0)),
            "learning": (("trial", "channel"), before.mean(axis=1)),
            "tonic": ("channel", tonic),
            "utility": ("size", protocols.utility(np.array(protocols.SIZES))),
        },
        coords={
            "asymmetry": ("channel", [row[0] for row in system.asymmetries()]),
            "size": ("size", list(protocols.SIZES), {"units": "µl"}),
        },
        tonic="Hz",
    )
