"""A population of spiking neurons, each of which learns from what it fires itself to predict.

Every neuron has a baseline, asymmetry and discount of its own (`models.predictors`). Cues announce a reward
of 1 after each of several delays, a reward of one of the recorded sizes, and a reward that comes soon or
late. Populations, several of each:

* ``discounts``: neurons differ in their discount, bursts and dips alike;
* ``asymmetries``: they differ in how seriously they take good news, with one discount;
* ``both``: they differ in both, paired at random;
* ``yoked``: as ``discounts``, but a neuron learns from the spikes of its double in a population of that kind.

What a neuron knows is read from its values, and from how it fires at the cues (mean spikes above the
baseline): its discount from the cues with one delay each.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.theory.discounts import values_of_delays
from ...analysis.theory.expectiles import expectile
from ..predictors.network import Lived, PredictingNeurons, World, live
from ..tasks.conditioning import SIZES
from .labelling import Dataset, labelled

DISCOUNTS, ASYMMETRIES, BOTH, YOKED = ARMS = ("discounts", "asymmetries", "both", "yoked")
POWER = 0.7
"""Of the utility of a reward's size: 1 for the largest."""
GAMMA = 0.9
"""Discount of populations that share one."""


@dataclass(frozen=True)
class Config:
    individuals: int = 10
    """populations of each kind"""
    neurons: int = 20
    """neurons of a population"""
    baseline: float = 6.5
    """tonic rate (Hz)"""
    gain: float = 12.0
    """change of the rate for one unit of delta (Hz)"""
    discounts: tuple[float, float] = (0.6, 0.97)
    """least and largest discount of a spell"""
    slants: tuple[float, float] = (0.15, 0.85)
    """least and largest asymmetry"""
    delays: tuple[int, ...] = (1, 2, 4, 8)
    """from cue to reward (spells)"""
    uncertain: tuple[int, int] = (1, 6)
    """delays of the cue whose reward comes soon or late (spells)"""
    training: tuple[int, ...] = (600, 600, 1200)
    """trials before those that are read, at each of the learning rates but the last"""
    trials: int = 2400
    """trials that are read"""
    eta: tuple[float, ...] = (0.1, 0.03, 0.01, 0.01)
    """learning rates, one after the other"""
    trace: float = 0.4
    """lambda of the eligibility"""

    def __post_init__(self) -> None:
        if self.individuals < 2 or self.neurons < 4:
            raise Mistake("dopamine_population: 2 individuals and 4 neurons, or more, are needed")
        if len(self.eta) != len(self.training) + 1:
            raise Mistake(
                "dopamine_population: eta needs one rate for each training, and one for what is read"
            )
        if len(self.delays) < 3 or min(self.delays) < 1:
            raise Mistake("dopamine_population: a discount is read from three delays or more, 1 or longer")


PRESETS = {"quick": Config(), "paper": Config(individuals=40, trials=6000, training=(600, 1200, 2400))}


def worths() -> np.ndarray:
    """Utility of the recorded sizes."""
    return np.asarray((np.array(SIZES) / SIZES[-1]) ** POWER)


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let all populations learn.

    Returns:
        ``asymmetry``, ``discount`` (arm, neuron); ``value`` (arm, individual, neuron) of a reward of the
        recorded sizes a spell before it, ``ideal`` (arm, neuron); ``late_value`` (arm, individual, delay,
        neuron) at each cue with one delay, ``late_ideal`` (arm, delay, neuron), ``value_uncertain`` (arm,
        individual, neuron) at the cue whose reward comes soon or late; ``answer`` (arm, individual,
        delay, neuron), mean spikes at these cues above those at rest, and ``answer_uncertain`` (arm,
        individual, neuron) at the uncertain one, in units of delta.
    """
    arms, many = len(ARMS), config.individuals
    network = PredictingNeurons(
        individuals=arms * many,
        neurons=config.neurons,
        cues=len(config.delays) + 2,
        longest=max(*config.delays, *config.uncertain),
        trials=max(*config.training, config.trials) + 1,
    )
    tick = by_steps(progress, 2 + len(config.training))
    network.program()
    tick("learning")
    slants, gammas = _cells(config, seed)
    neurons: dict[str, ArrayLike] = {
        "baseline": config.baseline,
        "gain": config.gain,
        "asymmetry": np.repeat(slants, many, axis=0),
        "discount": np.repeat(gammas, many, axis=0),
        "trace": config.trace,
    }
    apart = ARMS.index(YOKED) - ARMS.index(DISCOUNTS)
    yoked = np.repeat([apart * many * (arm == YOKED) for arm in ARMS], many)
    lived: Lived | None = None
    for place, (trials, eta) in enumerate(zip((*config.training, config.trials), config.eta, strict=True)):
        world = drawn_world(config, trials, arms * many, np.random.default_rng(stream(seed, "world", place)))
        begin = None if lived is None else lived.values
        lived = live(network, world, {**neurons, "eta": eta}, seed, values=begin, yoked=yoked, place=place)
        tick("learning")
    assert lived is not None
    values = lived.mean_values.reshape(arms, many, network.cues, network.longest, -1)
    single = len(config.delays)
    answers = _answers(lived, world, config, network).reshape(arms, many, network.cues, -1)
    unit = 2 * slants * config.gain * network.spell
    answers = answers / unit[:, None, None, :]
    sizes = worths()
    pairs = [list(zip(a, g, strict=True)) for a, g in zip(slants, gammas, strict=True)]
    dims = ("arm", "individual", "neuron")
    return labelled(
        {
            "asymmetry": (("arm", "neuron"), slants),
            "discount": (("arm", "neuron"), gammas),
            "value": (dims, values[:, :, single, 0]),
            "ideal": (("arm", "neuron"), [[expectile(sizes, a) for a, _ in row] for row in pairs]),
            "late_value": (("arm", "individual", "delay", "neuron"), values[:, :, :single, 0]),
            "late_ideal": (
                ("arm", "delay", "neuron"),
                [
                    [[values_of_delays(g, a, [n], [1.0])[0] for a, g in row] for n in config.delays]
                    for row in pairs
                ],
            ),
            "value_uncertain": (dims, values[:, :, single + 1, 0]),
            "answer": (("arm", "individual", "delay", "neuron"), answers[:, :, :single]),
            "answer_uncertain": (dims, answers[:, :, single + 1]),
        },
        coords={
            "arm": list(ARMS),
            "delay": ("delay", np.array(config.delays) * network.spell, {"units": "s"}),
        },
    )


def _cells(config: Config, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Asymmetry and discount of every neuron: (arm, neuron) each."""
    n = config.neurons
    even, one = np.full(n, 0.5), np.full(n, GAMMA)
    slants, gammas = np.linspace(*config.slants, n), np.linspace(*config.discounts, n)
    mixed = np.random.default_rng(stream(seed, "cells")).permutation(slants)
    chosen = {DISCOUNTS: (even, gammas), ASYMMETRIES: (slants, one), BOTH: (mixed, gammas)}
    chosen[YOKED] = chosen[DISCOUNTS]
    first, second = zip(*(chosen[arm] for arm in ARMS), strict=True)
    return np.array(first), np.array(second)


def drawn_world(config: Config, trials: int, individuals: int, rng: np.random.Generator) -> World:
    """Cues in random order: those of one delay first, then, shown twice as often, sizes, and soon or late."""
    single = len(config.delays)
    shape = (trials, individuals)
    shown = np.append(np.arange(single + 2), [single, single + 1])
    cue = shown[rng.integers(len(shown), size=shape)]
    soon, late = config.uncertain
    known = np.array([*config.delays, 1, 0])[cue]
    delay = np.where(cue == single + 1, np.where(rng.random(shape) < 0.5, soon, late), known)
    worth = np.where(cue == single, rng.choice(worths(), size=shape), 1.0)
    return World(cue, delay, worth)


def _answers(lived: Lived, world: World, config: Config, network: PredictingNeurons) -> np.ndarray:
    """Mean spikes at each cue above those at rest: (individual, cue, neuron)."""
    shown = world.cue[..., None] == np.arange(network.cues)
    total = np.einsum("tic,tin->icn", shown.astype(float), lived.at_cue)
    return np.asarray(total / shown.sum(axis=0)[..., None] - config.baseline * network.spell)
