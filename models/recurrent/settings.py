"""Settings that experiments share which shape a recurrent network and test it with its weights frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter
from ...plasticity.recurrent_escape_noise import RecurrentEscapeNoise
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..tasks.episode_task import EpisodeTask
from .controls import CONDITIONS, Compared, compare
from .network import RecurrentNetwork
from .spiking_network import SpikingRecurrentNetwork
from .training import Network


class Checked:
    """Settings that are checked when made."""

    individuals: int
    tests: int
    block: int

    def __post_init__(self) -> None:
        if self.individuals < 2:
            raise self.mistake("at least two individuals are needed")
        if self.tests % self.block:
            raise self.mistake(f"{self.tests} tests do not make whole blocks of {self.block}")

    def mistake(self, what: str) -> Mistake:
        """To be raised: the experiment's name and ``what`` is wrong."""
        return Mistake(f"{type(self).__module__.rpartition('.')[2]}: {what}")


class Beside:
    """Settings of networks beside their controls."""

    episodes: int
    tests: int
    block: int
    segments: int
    beta: float
    readout_rates: tuple[float, ...]

    def compare(
        self,
        net: Network,
        measure: str,
        seed: int,
        progress: Reporter,
        folder: Path | None,
    ) -> Compared:
        """`controls.compare` with these settings."""
        return compare(
            net,
            measure,
            self.episodes,
            self.tests,
            seed,
            self.readout_rates,
            beta=self.beta,
            segments=self.segments,
            progress=progress,
            folder=folder,
        )

    def coordinates(self, lived: str = "episode", each: int = 1) -> dict[str, Any]:
        """Those of `Compared.variables`; ``lived`` counts what has been lived at the end of each block, of
        which an episode is ``each``."""
        return {
            "condition": list(CONDITIONS),
            "rate": list(self.readout_rates),
            lived: ("block", np.arange(self.block, self.episodes + 1, self.block) * each),
        }


@dataclass(frozen=True)
class Shaping(Checked):
    """Networks and how they are shaped; an experiment is a class of this that says its own values."""

    units: int = 32
    """units of a network"""
    individuals: int = 5
    """networks in each condition"""
    episodes: int = 5000
    """of training"""
    tests: int = 300
    """episodes with frozen weights"""
    block: int = 100
    """episodes that are averaged in curves"""
    segments: int = 4
    """parts of the training that are kept when it is interrupted"""
    eta: float = 0.016
    """rate of the policy's readout"""
    eta_value: float = 0.00013
    """rate of the value's readout"""
    eta_recurrent: float = 1e-6
    """rate of the recurrent and the input weights"""
    sigma: float = 0.2
    """perturbation of the units' drive"""
    gamma: float = 0.51
    """discount"""
    trace: float = 1.0
    """lambda of the eligibilities"""
    entropy: float = 0.0
    """how much the policy's entropy is worth"""
    decay: float = 0.001
    """rates fall as 1/(1 + decay*episode)"""

    @property
    def rule(self) -> RecurrentPerturbation:
        return RecurrentPerturbation(
            self.eta,
            self.eta_value,
            self.eta_recurrent,
            self.eta_recurrent,
            self.sigma,
            self.gamma,
            self.trace,
            self.decay,
            self.entropy,
        )

    def network_of(self, task: EpisodeTask, **settings: Any) -> RecurrentNetwork:
        """The network of one condition; ``settings`` as of `RecurrentNetwork`."""
        given = {"rule": self.rule, "units": self.units, "individuals": self.individuals, "block": self.block}
        return RecurrentNetwork(task, **given | settings)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Controlled(Shaping, Beside):
    """The same beside the controls of `controls`."""

    beta: float = 2.0
    """inverse temperature of the policy in tests; 1 while learning"""
    readout_rates: tuple[float, ...] = (0.016,)
    """rates of the policy where the readouts alone are plastic"""


@dataclass(frozen=True)
class Spiking(Checked, Beside):
    """Networks of spiking units beside their controls; an experiment is a class of this with its values."""

    units: int = 32
    """units of a network"""
    individuals: int = 4
    """networks in each condition"""
    episodes: int = 36_000
    """of training"""
    tests: int = 1500
    """episodes with frozen weights"""
    block: int = 1500
    """episodes that are averaged in curves"""
    segments: int = 3
    """parts of the training that are kept when it is interrupted"""
    eta: float = 0.02
    """rate of the policy's readout"""
    eta_value: float = 0.001
    """rate of the value's readout"""
    eta_recurrent: float = 0.004
    """rate of the recurrent and the input weights"""
    gamma: float = 1.0
    """discount"""
    trace: float = 1.0
    """lambda of the eligibilities"""
    entropy: float = 0.04
    """how much the policy's entropy is worth"""
    decay: float = 0.0
    """rates fall as 1/(1 + decay*episode)"""
    beta: float = 1.0
    """inverse temperature of the policy in tests; 1 while learning"""
    readout_rates: tuple[float, ...] = (0.005, 0.02)
    """rates of the policy where the readouts alone are plastic"""

    @property
    def rule(self) -> RecurrentEscapeNoise:
        return RecurrentEscapeNoise(
            self.eta,
            self.eta_value,
            self.eta_recurrent,
            self.eta_recurrent,
            self.gamma,
            self.trace,
            self.decay,
            self.entropy,
        )

    def network_of(self, task: EpisodeTask, **settings: Any) -> SpikingRecurrentNetwork:
        """The network of one condition; ``settings`` as of `SpikingRecurrentNetwork`."""
        given = {"rule": self.rule, "units": self.units, "individuals": self.individuals, "block": self.block}
        return SpikingRecurrentNetwork(task, **given | settings)  # type: ignore[arg-type]
