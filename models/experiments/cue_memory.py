"""A cue held over distractors: recurrent plasticity by one broadcast, against a fixed reservoir and controls.

Networks of rate units are shaped episode by episode (`RecurrentNetwork`), then tested with frozen weights on
new episodes. Side by side, at equal episodes: all weights plastic; the readouts alone, at several rates, of
which the best is the rival; all plastic, with another individual's broadcast. Of the first also: before any
training, and with the state emptied in every step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.progress import within
from ...analysis.foundation.seeds import stream
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..recurrent.controls import CONDITIONS, compare
from ..recurrent.network import RecurrentNetwork
from ..recurrent.training import frozen, shape
from ..tasks import CueMemory
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    distractors: tuple[int, ...] = (10,)
    """between the cue and the question; controls at the first only"""
    units: int = 16
    """units of a network"""
    individuals: int = 5
    """networks in each condition"""
    episodes: int = 20_000
    """of training"""
    tests: int = 1000
    """episodes with frozen weights"""
    block: int = 500
    """episodes that are averaged in curves"""
    segments: int = 4
    """parts of the training that are kept when it is interrupted"""
    eta: float = 0.05
    """rate of the policy's readout"""
    eta_value: float = 0.003
    """rate of the value's readout"""
    eta_recurrent: float = 0.0007
    """rate of the recurrent and the input weights"""
    sigma: float = 0.5
    """perturbation of the units' drive"""
    gamma: float = 1.0
    """discount"""
    decay: float = 0.00015
    """rates fall as 1/(1 + decay*episode)"""
    readout_rates: tuple[float, ...] = (0.02, 0.05, 0.2)
    """rates of the policy where the readouts alone are plastic"""

    def __post_init__(self) -> None:
        if not self.distractors or not self.readout_rates or self.individuals < 2:
            raise Mistake("cue_memory: distractors and readout_rates need a value each, individuals two")
        if self.tests % self.block:
            raise Mistake(f"cue_memory: {self.tests} tests do not make whole blocks of {self.block}")

    @property
    def rule(self) -> RecurrentPerturbation:
        return RecurrentPerturbation(
            self.eta,
            self.eta_value,
            self.eta_recurrent,
            self.eta_recurrent,
            self.sigma,
            self.gamma,
            decay=self.decay,
        )


PRESETS = {"quick": Config(), "paper": Config(distractors=(10, 20, 30), individuals=10, episodes=40_000)}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Shape and test.

    Returns:
        ``correct`` (condition, individual), share of right answers with frozen weights: all weights plastic,
        shuffled broadcast, untrained, state reset in every step; ``readout`` (rate, individual), the same
        where the readouts alone are plastic; ``longer`` (distractors, individual); ``curve`` (individual,
        block) and ``readout_curve`` (rate, individual, block), while learning.
    """
    import xarray as xr

    rule = config.rule
    work = np.cumsum(
        [0, (2 + len(config.readout_rates)) * (config.distractors[0] + 2), *config.distractors[1:]]
    )
    share = work / work[-1]
    nets = [
        RecurrentNetwork(
            CueMemory(distractors),
            rule,
            config.units,
            config.individuals,
            block=config.block,
            leaks=(0.5, 1.0),
        )
        for distractors in config.distractors
    ]
    found = compare(
        nets[0],
        "correct",
        config.episodes,
        config.tests,
        seed,
        config.readout_rates,
        segments=config.segments,
        progress=within(progress, 0.0, float(share[1])),
        folder=folder,
    )
    longer = [found.frozen[0]]
    for number, net in enumerate(nets[1:], 1):
        name = f"{config.distractors[number]} distractors"
        shaped = shape(
            net,
            config.episodes,
            stream(seed, name),
            segments=config.segments,
            progress=within(progress, float(share[number]), float(share[number + 1]), name),
        )
        tested = frozen(net, shaped.state, config.tests, stream(seed, "test", number))
        longer.append(tested["correct"].mean(axis=1))
    blocks = found.curve.shape[1]
    data = xr.Dataset(
        {
            "correct": (("condition", "individual"), found.frozen),
            "readout": (("rate", "individual"), found.readout),
            "longer": (("distractors", "individual"), np.array(longer)),
            "curve": (("individual", "block"), found.curve),
            "readout_curve": (("rate", "individual", "block"), found.readout_curve),
        },
        coords={
            "condition": list(CONDITIONS),
            "rate": list(config.readout_rates),
            "distractors": list(config.distractors),
            "episode": ("block", np.arange(1, blocks + 1) * config.block),
        },
    )
    return with_units(data)
