"""Neurons that learn how far to look ahead, from what comes of their forecasts.

Populations of spiking neurons (`models.predictors`) expect a reward that a cue announces; of what it is worth
to a neuron's target a part is left after each spell, more for some than for others. All begin with one
discount and are paid for the work that their forecasts make their targets do (`models.predictors.horizons`):

* ``own``: parts from small to large, bursts and dips alike;
* ``yoked``: the same, paid as another population is;
* ``slanted``: one part for all, asymmetries from small to large;
* ``slanted, given``: the same, but the discount is given, and right, and stays.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ..predictors.network import Lived, PredictingNeurons, World, live
from .labelling import Dataset, labelled

OWN, YOKED, SLANTED, GIVEN = ARMS = ("own", "yoked", "slanted", "slanted, given")


@dataclass(frozen=True)
class Config:
    individuals: int = 4
    """populations of each kind"""
    neurons: int = 20
    """neurons of a population"""
    baseline: float = 6.5
    """tonic rate (Hz)"""
    gain: float = 12.0
    """change of the rate for one unit of delta (Hz)"""
    kept: tuple[float, float] = (0.6, 0.97)
    """least and largest part of a reward that is left a spell later"""
    one: float = 0.9
    """that of populations that share one"""
    slants: tuple[float, float] = (0.2, 0.8)
    """least and largest asymmetry"""
    first: float = 0.8
    """discount at the beginning"""
    delay: int = 4
    """from cue to reward (spells)"""
    training: int = 1000
    """trials in which values are learned, at the first discount"""
    segments: int = 2
    """parts of the learning of discounts"""
    trials: int = 2000
    """trials of each part"""
    eta: float = 0.1
    """learning rate of values"""
    rate: float = 6.0
    """learning rate of discounts"""
    alpha: float = 0.02
    """rate of running means (1/trial)"""
    trace: float = 0.4
    """lambda of the eligibility"""

    def __post_init__(self) -> None:
        if self.individuals < 2 or self.neurons < 3 or self.segments < 1 or self.delay < 2:
            raise Mistake(
                "learned_discounts: 2 individuals, 3 neurons, 1 segment and a delay of 2, or more, are needed"
            )


PRESETS = {"quick": Config(), "paper": Config(individuals=16, segments=4)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let values be learned, then discounts.

    Returns:
        ``discount`` (arm, individual, segment, neuron), the first segment before learning; ``value`` (arm,
        individual, neuron) at the cue, mean over the last part; ``kept``, ``asymmetry`` (arm, neuron).
    """
    many, n = config.individuals, config.neurons
    everyone = len(ARMS) * many
    longest = max(config.trials, config.training)
    network = PredictingNeurons(
        individuals=everyone, neurons=n, cues=1, longest=config.delay, trials=longest + 1, learned="discount"
    )
    tick = by_steps(progress, config.segments + 2)
    network.program()
    tick("learning")
    kept, slants = np.full((2, len(ARMS), n), 0.5)
    kept[[0, 1]], kept[[2, 3]] = np.linspace(*config.kept, n), config.one
    slants[[2, 3]] = np.linspace(*config.slants, n)
    first = np.full((len(ARMS), n), config.first)
    first[ARMS.index(GIVEN)] = config.one
    learns = np.repeat([arm != GIVEN for arm in ARMS], many)
    cells: dict[str, ArrayLike] = {
        "baseline": config.baseline,
        "gain": config.gain,
        "asymmetry": np.repeat(slants, many, axis=0),
        "kept": np.repeat(kept, many, axis=0),
        "trace": config.trace,
        "eta": config.eta,
        "alpha": config.alpha,
    }
    yoked = np.repeat([many * (arm == YOKED) for arm in ARMS], many)
    discounts = [np.repeat(first, many, axis=0)]
    lived: Lived | None = None
    for place in range(config.segments + 1):
        trials = config.trials if place else config.training
        shape = (trials, everyone)
        lived = live(
            network,
            World(np.zeros(shape, int), np.full(shape, config.delay), np.ones(shape)),
            {**cells, "discount": discounts[-1], "rate": config.rate * learns * (place > 0)},
            stream(seed, "learned discounts"),
            values=None if lived is None else lived.values,
            yoked=yoked,
            place=place,
        )
        if place:
            discounts.append(lived.discount)
        tick("learning")
    assert lived is not None
    each = (len(ARMS), many, n)
    return labelled(
        {
            "discount": (
                ("arm", "individual", "segment", "neuron"),
                np.array(discounts).reshape(-1, *each).transpose(1, 2, 0, 3),
            ),
            "value": (("arm", "individual", "neuron"), lived.mean_values[:, 0, 0].reshape(each)),
            "kept": (("arm", "neuron"), kept),
            "asymmetry": (("arm", "neuron"), slants),
        },
        coords={"arm": list(ARMS), "segment": np.arange(config.segments + 1) * config.trials},
    )
