"""A learning set formed by one broadcast: each new problem is solved by its second trial, weights frozen.

Networks of rate units live problems of six trials (`LearningSet`), side by side in pairs of lanes that live
the same problem with opposite perturbations, and are shaped by node perturbation times a broadcast TD error;
then their weights are frozen and they are held, at equal problems, against the controls of
`models.recurrent.controls`. (Harlow 1949, doi:10.1037/h0062474; Wang et al. 2018,
doi:10.1038/s41593-018-0147-8, simulation 5, with a local rule.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..recurrent.controls import CONDITIONS, compare
from ..recurrent.network import RecurrentNetwork
from ..tasks import LearningSet
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    trials: int = 6
    """trials of a problem"""
    units: int = 32
    """units of a network"""
    lanes: int = 16
    """problems that a network lives side by side, two and two the same"""
    individuals: int = 5
    """networks in each condition"""
    rounds: int = 3600
    """of training, each of ``lanes`` problems"""
    tests: int = 200
    """rounds with frozen weights"""
    block: int = 100
    """rounds that are averaged in curves"""
    segments: int = 4
    """parts of the training that are kept when it is interrupted"""
    eta: float = 0.045
    """rate of the policy's readout"""
    eta_value: float = 0.0017
    """rate of the value's readout"""
    eta_recurrent: float = 0.01
    """rate of the recurrent and the input weights"""
    sigma: float = 0.35
    """perturbation of the units' drive, drawn anew in every step"""
    gamma: float = 0.55
    """discount"""
    entropy: float = 0.22
    """how much the policy's entropy is worth"""
    decay: float = 0.0001
    """rates fall as 1/(1 + decay*round)"""
    beta: float = 4.0
    """inverse temperature of the policy in tests; 1 while learning"""
    readout_rates: tuple[float, ...] = (0.045,)
    """rates of the policy where the readouts alone are plastic"""

    def __post_init__(self) -> None:
        if not self.readout_rates or self.individuals < 2:
            raise Mistake("learning_set: readout_rates needs a value, individuals two")
        if self.tests % self.block:
            raise Mistake(f"learning_set: {self.tests} tests do not make whole blocks of {self.block}")

    @property
    def network(self) -> RecurrentNetwork:
        rule = RecurrentPerturbation(
            self.eta,
            self.eta_value,
            self.eta_recurrent,
            self.eta_recurrent,
            self.sigma,
            self.gamma,
            decay=self.decay,
            entropy=self.entropy,
            hold="step",
        )
        return RecurrentNetwork(
            LearningSet(self.trials),
            rule,
            self.units,
            self.individuals,
            self.lanes,
            antithetic=True,
            block=self.block,
            leaks=(0.66, 1.0),
            gain=1.17,
            input_gain=4.0,
        )


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=10, rounds=6000, tests=400, readout_rates=(0.02, 0.045, 0.1)),
}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Shape and test.

    Returns:
        ``correct`` (condition, individual), share of right answers from the second trial on with frozen
        weights: all weights plastic, shuffled broadcast, untrained, state reset in every trial; ``guessed``
        (individual), of the first trial; ``readout`` (rate, individual), as ``correct`` where the readouts
        alone are plastic; ``curve`` (individual, block) and ``readout_curve`` (rate, individual, block),
        while learning.
    """
    import xarray as xr

    found = compare(
        config.network,
        "correct",
        config.rounds,
        config.tests,
        seed,
        config.readout_rates,
        beta=config.beta,
        segments=config.segments,
        progress=progress,
        folder=folder,
    )
    blocks = found.curve.shape[1]
    data = xr.Dataset(
        {
            "correct": (("condition", "individual"), found.frozen),
            "guessed": ("individual", found.shaped["guessed"]),
            "readout": (("rate", "individual"), found.readout),
            "curve": (("individual", "block"), found.curve),
            "readout_curve": (("rate", "individual", "block"), found.readout_curve),
        },
        coords={
            "condition": list(CONDITIONS),
            "rate": list(config.readout_rates),
            "problem": ("block", np.arange(1, blocks + 1) * config.block * config.lanes),
        },
    )
    return with_units(data)
