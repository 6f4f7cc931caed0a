"""Neurons that learn how seriously to take good news, from what becomes of their own firing.

Populations of spiking neurons (`models.predictors`), each of which begins with bursts and dips alike, expect
a reward of one of the recorded sizes, whose worth varies from trial to trial (what an animal makes of it).
They hear of every reward a score of the forecasts before it (`models.predictors.slants`):

* ``alone``: how well the neuron forecasts by itself;
* ``own part``: its own part of how well all forecast together;
* ``broadcast``: how well all forecast together, at a rate that is smaller by their number;
* ``own part, yoked``, ``broadcast, yoked``: the same of another population;
* ``floor``: nothing; but baselines differ as recorded ones do, and dips end at zero;
* ``given``: nothing; asymmetries are spread evenly from the beginning.

Then asymmetries are frozen, values are read, and a session of as many trials as a recording has is analysed
as the recordings are (`analysis.reversal_points`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.responses.reversal_points import halves, reversal_points
from ...analysis.responses.reward_trials import WIDTH, CellTrials
from ...analysis.theory.expectiles import expectile, floored
from ...analysis.theory.forecasts import asymmetry_of, ranked_score, together
from ..predictors.network import MOST, Lived, PredictingNeurons, World, live
from ..tasks.conditioning import SIZES
from .dopamine_population import worths
from .labelling import Dataset, labelled
from .recorded_cells import BASELINE, BASELINE_SPREAD, GAIN

ALONE, PART, BROADCAST, PART_YOKED, BROADCAST_YOKED, FLOOR, GIVEN = ARMS = (
    "alone",
    "own part",
    "broadcast",
    "own part, yoked",
    "broadcast, yoked",
    "floor",
    "given",
)
ENDS = (0.1, 0.9)
"""Least and largest asymmetry that is given."""
STATISTICS = ("half with half", "asymmetry with reversal point")
SPLITS = 100
"""Random halves of a session's trials."""
PARTS = 101
"""Equally likely values that stand for the worth of one size."""


@dataclass(frozen=True)
class Config:
    individuals: int = 4
    """populations of each kind"""
    neurons: int = 20
    """neurons of a population"""
    varies: float = 0.1
    """standard deviation of what one size is worth"""
    segments: int = 3
    """parts of the learning, after each of which populations are looked at"""
    trials: int = 2000
    """trials of each part"""
    eta: float = 0.1
    """learning rate of values while asymmetries are learned"""
    rate: float = 0.6
    """learning rate of asymmetries"""
    alpha: float = 0.01
    """rate of the score that is expected"""
    reading: int = 2000
    """trials in which values are read, after a quarter as many"""
    session: int = 210
    """trials of the session that is analysed"""
    eta_session: float = 0.02
    """learning rate of values after asymmetries are frozen"""

    def __post_init__(self) -> None:
        if self.individuals < 2 or self.neurons < 3 or self.segments < 1:
            raise Mistake("learned_asymmetries: 2 individuals, 3 neurons, 1 segment or more are needed")


PRESETS = {"quick": Config(), "paper": Config(individuals=16, segments=6, reading=6000)}


def outcomes(varies: float) -> np.ndarray:
    """Equally likely worths of a reward."""
    from scipy.stats import norm

    spread = varies * norm.ppf((np.arange(PARTS) + 0.5) / PARTS)
    return np.asarray((worths()[:, None] + spread).ravel())


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let all populations learn, read what they know, analyse a session.

    Returns:
        ``asymmetry`` (arm, individual, segment, neuron), the first segment before learning; ``value`` (arm,
        individual, neuron), mean; ``rest`` (arm, neuron), where theory says that values lie, in rising order
        for those that learn, else neuron by neuron, and ``rest_asymmetry`` (arm, neuron); ``baseline`` (arm,
        neuron), Hz; ``score``, ``score_learned`` (arm, individual), mean continuous ranked probability score
        of an ideal population and of the values; ``score_alone``, of the mean outcome alone. Of the session:
        ``r`` (arm, individual, statistic), ``reversal`` (microlitres), ``slant`` (arm, individual, neuron).
    """
    arms, many, n = len(ARMS), config.individuals, config.neurons
    everyone = arms * many
    network = PredictingNeurons(
        individuals=everyone,
        neurons=n,
        cues=1,
        longest=1,
        trials=max(config.trials, config.reading, config.session) + 1,
        spell=WIDTH,
        learned="asymmetry",
    )
    tick = by_steps(progress, config.segments + 4)
    network.program()
    tick("learning")
    world_of, sizes = _worlds(config, everyone, seed)
    baselines = _baselines(config, seed)
    given = _given(config, baselines)
    yoked = np.repeat([(ARMS.index(arm) - _heard(arm)) * many for arm in ARMS], many)
    lived: Lived | None = None
    first = np.full((arms, n), 0.5)
    first[ARMS.index(GIVEN)] = np.linspace(*ENDS, n)
    slants = [np.repeat(first, many, axis=0)]
    place = 0

    def go(trials: int, frozen: bool, what: str) -> Lived:
        nonlocal place
        settings = {**given, "asymmetry": slants[-1], "eta": config.eta_session if frozen else config.eta}
        if frozen:
            settings["rate"] = 0.0
        begin = None if lived is None else lived.values
        found = live(network, world_of(trials, place), settings, seed, values=begin, yoked=yoked, place=place)
        place += 1
        tick(what)
        return found

    for _ in range(config.segments):
        lived = go(config.trials, False, "learning")
        slants.append(lived.asymmetry)
    lived = go(config.reading // 4, True, "reading values")
    lived = go(config.reading, True, "reading values")
    value = lived.mean_values[:, 0, 0].reshape(arms, many, n)
    lived = go(config.session, True, "a session")
    analysed = _session(lived, sizes(config.session, place - 1), baselines, many)
    out = outcomes(config.varies)
    rest, rest_slant = _rest(out, n, baselines)
    slanted = np.array(slants).reshape(-1, arms, many, n).transpose(1, 2, 0, 3)
    dims = ("arm", "individual", "neuron")
    return labelled(
        {
            "asymmetry": (("arm", "individual", "segment", "neuron"), slanted),
            "value": (dims, value),
            "rest": (("arm", "neuron"), rest),
            "rest_asymmetry": (("arm", "neuron"), rest_slant),
            "baseline": (("arm", "neuron"), baselines),
            "score": float(ranked_score(together(out, n), out).mean()),
            "score_alone": float(ranked_score(np.array([out.mean()]), out).mean()),
            "score_learned": (
                dims[:2],
                [[ranked_score(values, out).mean() for values in row] for row in value],
            ),
            **{name: (dims, found) for name, found in analysed.items() if name != "r"},
            "r": (("arm", "individual", "statistic"), analysed["r"]),
        },
        coords={
            "arm": list(ARMS),
            "statistic": list(STATISTICS),
            "segment": np.arange(config.segments + 1) * config.trials,
        },
        baseline="Hz",
        reversal="µl",
    )


def _heard(arm: str) -> int:
    """Number of the kind of population whose scores it hears."""
    return ARMS.index({PART_YOKED: PART, BROADCAST_YOKED: BROADCAST}.get(arm, arm))


def _baselines(config: Config, seed: int) -> np.ndarray:
    """(arm, neuron), Hz: alike, or lognormal with the recorded mean and spread."""
    alike = np.full((len(ARMS), config.neurons), BASELINE)
    sigma = np.sqrt(np.log1p((BASELINE_SPREAD / BASELINE) ** 2))
    rng = np.random.default_rng(stream(seed, "baselines"))
    alike[ARMS.index(FLOOR)] = BASELINE * np.exp(sigma * rng.normal(size=config.neurons) - sigma**2 / 2)
    return alike


def _given(config: Config, baselines: np.ndarray) -> dict[str, ArrayLike]:
    def weight(*chosen: str) -> np.ndarray:
        return np.repeat([float(arm in chosen) for arm in ARMS], config.individuals)

    rate = np.where(weight(BROADCAST, BROADCAST_YOKED) > 0, config.rate / config.neurons, config.rate)
    return {
        "baseline": np.repeat(baselines, config.individuals, axis=0),
        "gain": GAIN,
        "discount": 0.9,
        "trace": 0.0,
        "rate": rate * (1 - weight(FLOOR, GIVEN)),
        "alpha": config.alpha,
        "own": weight(ALONE),
        "one": weight(BROADCAST, BROADCAST_YOKED),
        "difference": weight(PART, PART_YOKED),
    }


def _worlds(
    config: Config, individuals: int, seed: int
) -> tuple[Callable[[int, int], World], Callable[[int, int], np.ndarray]]:
    """Of so many trials at a place: the world, and the number of each reward's size (trial, individual)."""

    def sizes(trials: int, place: int) -> np.ndarray:
        rng = np.random.default_rng(stream(seed, "sizes", place))
        return rng.integers(len(SIZES), size=(trials, individuals))

    def world(trials: int, place: int) -> World:
        rng = np.random.default_rng(stream(seed, "worth", place))
        chosen = sizes(trials, place)
        worth = worths()[chosen] + config.varies * rng.normal(size=chosen.shape)
        return World(np.zeros_like(chosen), np.ones_like(chosen), worth)

    return world, sizes


def _rest(out: np.ndarray, many: int, baselines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values (arm, neuron) and asymmetries where theory says that they rest."""
    ends = 1 / (1 + np.exp([MOST, -MOST]))
    apart = np.clip(asymmetry_of(together(out, many), out), *ends)
    slants = np.full((len(ARMS), many), 0.5)
    for arm in (PART, BROADCAST):
        slants[ARMS.index(arm)] = apart
    slants[ARMS.index(GIVEN)] = np.linspace(*ENDS, many)
    values = np.array([[expectile(out, a) for a in row] for row in slants])
    place = ARMS.index(FLOOR)
    values[place] = [floored(out, 0.5, b / (2 * GAIN)) for b in baselines[place]]
    return values, slants


def _session(lived: Lived, sizes: np.ndarray, baselines: np.ndarray, many: int) -> dict[str, np.ndarray]:
    """Correlations over the neurons of each population, reversal points and slopes."""
    found: dict[str, list] = {"r": [], "reversal": [], "slant": []}
    for k in range(len(ARMS) * many):
        size = np.array(SIZES)[sizes[:, k]]
        announced = np.ones(len(size), bool)
        cells = [
            CellTrials(size, announced, spikes, np.full(len(size), baseline))
            for spikes, baseline in zip(lived.at_reward[:, k].T, baselines[k // many], strict=True)
        ]
        points = reversal_points(cells)
        found["r"].append(halves(cells, splits=SPLITS).correlations)
        found["reversal"].append(points.size)
        found["slant"].append(points.asymmetry)
    return {name: np.array(rows).reshape(len(ARMS), many, -1) for name, rows in found.items()}
