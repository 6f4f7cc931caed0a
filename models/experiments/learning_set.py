"""A learning set formed by one broadcast: each new problem is solved by its second trial, weights frozen.

Networks of rate units live problems of six trials (`LearningSet`), side by side in pairs of lanes that live
the same problem with opposite perturbations, and are shaped by node perturbation times a broadcast TD error;
then their weights are frozen and they are held, at equal problems, against the controls of
`models.recurrent.controls`. (Harlow 1949, doi:10.1037/h0062474; Wang et al. 2018,
doi:10.1038/s41593-018-0147-8, simulation 5, with a local rule.)
"""

from dataclasses import dataclass, replace
from pathlib import Path

from ...analysis.foundation.progress import Reporter
from ..recurrent.network import RecurrentNetwork
from ..recurrent.settings import Controlled
from ..tasks import LearningSet
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Config(Controlled):
    trials: int = 6
    """trials of a problem"""
    lanes: int = 16
    """problems that a network lives side by side in an episode, two and two the same"""
    episodes: int = 3600
    tests: int = 200
    eta: float = 0.045
    eta_value: float = 0.0017
    eta_recurrent: float = 0.01
    sigma: float = 0.35
    gamma: float = 0.55
    entropy: float = 0.22
    decay: float = 0.0001
    beta: float = 4.0
    readout_rates: tuple[float, ...] = (0.045,)

    @property
    def network(self) -> RecurrentNetwork:
        return self.network_of(
            LearningSet(self.trials),
            rule=replace(self.rule, hold="step"),
            lanes=self.lanes,
            antithetic=True,
            leaks=(0.66, 1.0),
            gain=1.17,
            input_gain=4.0,
        )


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=10, episodes=6000, tests=400, readout_rates=(0.02, 0.045, 0.1)),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape and test.

    Returns:
        ``correct`` (condition, individual), share of right answers from the second trial on with frozen
        weights: all weights plastic, shuffled broadcast, untrained, state reset in every trial; ``guessed``
        (individual), of the first trial; ``readout`` (rate, individual), as ``correct`` where the readouts
        alone are plastic; ``curve`` (individual, block) and ``readout_curve`` (rate, individual, block),
        while learning.
    """
    found = config.compare(config.network, "correct", seed, progress, folder)
    return labelled(
        {**found.variables("correct"), "guessed": ("individual", found.shaped["guessed"])},
        coords=config.coordinates("problem", config.lanes),
    )
