"""The best rule of a task beside what fits make of learners who follow it, and of observers who follow none.

The world of the three-armed reversal task. An outer loop (CMA-ES) finds the coefficients of the family that
earn most. Two nulls for whatever is said of subjects: learners at that very optimum, as many and as long as
the people, refitted by the same pipeline, whose distance from the optimum in reward must be none; and
Bayesian observers who know the odds, stick to their choices a little, and have no rule at all: what looks
like forgetting in them is belief that the world has changed.

At the refitted coefficients learners live once more, by the recursion of the likelihood and as the compiled
network that chooses: what they do after two choices and outcomes is to be the same.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.behaviour.bayes_observer import observed
from ...analysis.behaviour.switching import histories, switch_probabilities
from ...analysis.foundation import Mistake, Reporter, stream, tell
from ...plasticity.inference import distance
from ...plasticity.inference.coefficients import Chart
from ...plasticity.inference.recorded import WORLD
from ...plasticity.inference.simulate import observe, play
from . import inferred_network
from .labelling import Dataset, labelled

PLAYERS = ("best rule", "Bayes observer")
LIVED = ("own", "simulated", "network")


@dataclass(frozen=True)
class Config:
    subjects: int = 136
    """of each kind, as many as the people that the figure takes"""
    generations: int = 40
    """of the search for the best"""
    population: int = 12
    """candidates of a generation"""
    copies: int = 40
    """lives of each subject from which its reward is measured"""
    again: int = 10
    """lives of each at its refitted coefficients, simulated and in the network"""
    beta: float = 5.0
    """inverse temperature of the observers, per unit of belief"""
    repeat: float = 0.5
    """how much they stick to their last choice"""

    def __post_init__(self) -> None:
        if min(self.subjects, self.generations, self.population, self.copies, self.again) < 3:
            raise Mistake("inferred_rules: three of each at least")


PRESETS = {"quick": Config(), "paper": Config(generations=150, population=24, copies=400)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, simulate, refit.

    Returns:
        ``best`` (coefficient,) on the scale without bounds; ``found`` (player, coefficient, subject)
        likewise, refitted; ``lost`` (player, halves, subject), reward per trial
        (`plasticity/inference/distance.py`); ``switch`` and ``count`` (player, lived, history), P(switch) of
        what the players chose, and of lives at their refitted coefficients, and of how many trials.
    """
    chart, world = Chart(), WORLD
    parameters = chart.parameters(world.arms)
    tell(progress, 0.0, "the best rule")
    top = distance.as_row(
        chart,
        distance.best(world, config.generations, config.population, stream(seed, "search")),
        world.arms,
    )
    known = {"hazard": 1 / world.every, "high": world.high, "beta": config.beta, "repeat": config.repeat}
    known |= {"habit": 0.0, "habit_rate": 0.2, "lapse": 0.002}
    row = [float(p.free(np.array(known.get(p.name, 0.0)))) for p in observed(world.arms)]
    played = (
        play(chart, np.tile(top, (config.subjects, 1)), world, stream(seed, "learners")),
        observe(np.tile(row, (config.subjects, 1)), world, stream(seed, "observers")),
    )
    found, lost, switch = [], [], []
    for number, choices in enumerate(played):
        tell(progress, 0.3 + 0.35 * number, f"refitting: {PLAYERS[number]}")
        x = distance.refitted(chart, choices, stream(seed, "fit")).x
        found.append(x.T)
        lost.append(distance.losses(chart, x, top, world, config.copies, stream(seed, "lives")))
        lives = (
            choices,
            play(chart, np.repeat(x, config.again, axis=0), world, stream(seed, "simulated")),
            inferred_network.live(network_at(chart, x, config.again), stream(seed, "network")),
        )
        switch.append([switch_probabilities(one) for one in lives])
    return labelled(
        {
            "best": ("coefficient", top),
            "found": (("player", "coefficient", "subject"), np.array(found)),
            "lost": (("player", "halves", "subject"), np.array(lost)),
            "switch": (("player", "lived", "history"), np.array(switch)[:, :, 0]),
            "count": (("player", "lived", "history"), np.array(switch)[:, :, 1]),
        },
        coords={
            "coefficient": [p.name for p in parameters],
            "player": list(PLAYERS),
            "halves": list(distance.HALVES),
            "lived": list(LIVED),
            "history": list(histories()),
        },
        lost="1/trial",
    )


def network_at(chart: Chart, x: np.ndarray, copies: int) -> inferred_network.Config:
    """The network at coefficients ``x`` (subject, coefficient) in the world of the people, with so many
    individuals for each."""
    parameters = chart.parameters(WORLD.arms)
    values = np.stack([p.value(x[:, k]) for k, p in enumerate(parameters)], axis=1)
    return inferred_network.Config(
        tuple(p.name for p in parameters),
        tuple(values.ravel().tolist()),
        arms=WORLD.arms,
        high=WORLD.high,
        low=WORLD.low,
        episode=WORLD.every,
        trials=WORLD.trials,
        copies=copies,
    )
