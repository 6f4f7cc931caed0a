"""A cue held over distractors: recurrent plasticity by one broadcast, against a fixed reservoir and controls.

Networks of rate units are shaped episode by episode (`RecurrentNetwork`), then tested with frozen weights on
new episodes. Side by side, at equal episodes: all weights plastic; the readouts alone, at several rates, of
which the best is the rival; all plastic, with another individual's broadcast. Of the first also: before any
training, and with the state emptied in every step.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream, within
from ..recurrent.settings import Controlled
from ..recurrent.training import frozen, shape
from ..tasks import CueMemory
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Config(Controlled):
    distractors: tuple[int, ...] = (10,)
    """between the cue and the question; controls at the first only"""
    units: int = 16
    episodes: int = 20_000
    tests: int = 1000
    block: int = 500
    eta: float = 0.05
    eta_value: float = 0.003
    eta_recurrent: float = 0.0007
    sigma: float = 0.5
    gamma: float = 1.0
    decay: float = 0.00015
    beta: float = 1.0
    readout_rates: tuple[float, ...] = (0.02, 0.05, 0.2)


PRESETS = {"quick": Config(), "paper": Config(distractors=(10, 20, 30), individuals=10, episodes=40_000)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape and test.

    Returns:
        ``correct`` (condition, individual), share of right answers with frozen weights: all weights plastic,
        shuffled broadcast, untrained, state reset in every step; ``readout`` (rate, individual), the same
        where the readouts alone are plastic; ``longer`` (distractors, individual); ``curve`` (individual,
        block) and ``readout_curve`` (rate, individual, block), while learning.
    """
    work = np.cumsum(
        [0, (2 + len(config.readout_rates)) * (config.distractors[0] + 2), *config.distractors[1:]]
    )
    share = work / work[-1]
    nets = [config.network_of(CueMemory(distractors), leaks=(0.5, 1.0)) for distractors in config.distractors]
    found = config.compare(nets[0], "correct", seed, within(progress, 0.0, float(share[1])), folder)
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
    return labelled(
        {**found.variables("correct"), "longer": (("distractors", "individual"), np.array(longer))},
        coords={**config.coordinates(), "distractors": list(config.distractors)},
    )
