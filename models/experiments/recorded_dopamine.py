"""Populations of dopamine neurons fitted to recordings, simulated in spikes under the recorded protocol.

The models of `analysis.dopamine_population` are fitted to the single trials of the recorded cells. What they
say of each cell (baseline, gain, asymmetry) is put into a spiking population (`models.value_population`), one
unit a cell, that gets the very rewards of that cell, in their order, after some training on its rewards in
random order. Values are learned from the dopamine that each unit's own neurons release. Populations:

* ``own values``: values and asymmetries are each unit's own; dips teach more than bursts by just so much that
  the value fitted to the cell is where learning rests (`teaching_ratio`);
* ``one value``: one value and one asymmetry fitted to all cells, learned in the same way;
* ``own asymmetries``: asymmetries of each unit's own about one value; plasticity is frozen;
* ``dips like bursts``: as the first, but the synapse takes dopamine as it comes.

Several neurons of each unit are recorded: as many populations as one might have recorded from. Reversal
points and asymmetries are those of `analysis.reversal_points`, by means. Without recordings the units are
generic (`recorded_cells.generic`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream, within
from ...analysis.responses.dopamine_population import Population, fit, teaching_ratio
from ...analysis.responses.reversal_points import halves, reversal_points
from ...analysis.responses.reward_trials import CellTrials, mean_responses, single_trials
from ..values.network import Cells, Lived, Session, ValuePopulation, live
from . import recorded_cells
from .labelling import Dataset, labelled

OWN, ONE, SLANTED, ALIKE = ARMS = ("own values", "one value", "own asymmetries", "dips like bursts")
STEEPEST = 10.0
"""A dip teaches at most so much more than a burst, or less."""
FITTED_AGAIN = 3
"""Simulated populations that are fitted again."""
SPLITS = 100
"""Random halves of the trials."""


@dataclass(frozen=True)
class Config:
    recordings: str = field(default_factory=recorded_cells.digest)
    """digest of the recordings that are fitted, by default those at hand; empty: generic cells"""
    replicates: int = 8
    """neurons of each unit that are recorded: so many populations"""
    neurons: int = 20
    """neurons of each unit that teach"""
    training: int = 150
    """trials before those that are recorded"""
    eta_training: float = 0.05
    """learning rate of the training (for one trial)"""
    eta: float = 0.01
    """learning rate while cells are recorded (for one trial)"""
    cells: int = 20
    """generic cells"""
    trials: int = 210
    """trials of a generic cell"""


PRESETS = {
    "quick": Config(),
    "paper": Config(replicates=16, neurons=40, training=300, eta_training=0.03),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Fit the populations, simulate them, fit what was simulated.

    Returns:
        ``spikes`` (in 200 to 600 ms after the reward), ``before`` (Hz) (arm, replicate, cell, trial), NaN
        after a cell's last trial; ``size`` (microlitres), ``expected`` (cell, trial), and ``recorded``, the
        spikes of the cells themselves, NaN for generic ones; ``value`` (arm, cell) learned, ``value_aimed``
        (arm, cell) that of the fit; ``baseline``, ``gain`` (Hz), ``asymmetry``, ``dip`` (arm, cell);
        ``power``, ``share`` of the fit. Of random halves: ``r`` (arm, replicate, statistic), ``reversal``
        (arm, replicate, cell), microlitres, of all trials. ``mean_response`` (arm, expectation, reward), Hz,
        mean over cells and replicates. Of the first populations of the arm ``own values``: ``found_value``,
        ``found_asymmetry`` (fitted, cell), fitted to what they fire.

    Raises:
        Mistake: the recordings that the configuration names are not at hand.
    """

    report = within(progress, 0.0, 1.0)
    report(0.0, "fitting")
    rng = np.random.default_rng(stream(seed, "cells"))
    cells: Sequence[CellTrials]
    if config.recordings:
        cells = recorded_cells.cells_of(config.recordings)
        fitted = fit(cells, ("shared", "asymmetry", "distributional"))
    else:
        cells, fitted = recorded_cells.generic(config.cells, config.trials, rng)
    own, one, slanted = fitted["distributional"], fitted["shared"], fitted["asymmetry"]
    arms = {
        OWN: (own, _steepness(own, cells)),
        ONE: (one, _steepness(one, cells)),
        SLANTED: (slanted, np.ones(len(cells))),
        ALIKE: (own, np.ones(len(cells))),
    }
    network = ValuePopulation(
        cells=len(ARMS) * len(cells),
        recorded=config.replicates,
        trials=max(config.training, *(len(cell) for cell in cells)),
    )
    network = replace(network, dopamine=replace(network.dopamine, neurons=config.neurons))
    lived = _live(network, arms, cells, config, seed, rng, report)
    trials = [single_trials(row) for row in lived.recordings]
    shape = (len(ARMS), config.replicates, len(cells))
    table = _padded(trials, shape, cells if config.recordings else None)
    late = lived.value.reshape(-1, len(ARMS), len(cells))
    value = [
        [late[len(cell) // 2 : len(cell), a, k].mean() for k, cell in enumerate(cells)]
        for a in range(len(ARMS))
    ]
    found: dict[str, list] = {"r": [], "reversal": [], "mean": []}
    for place, row in enumerate(trials):
        report(0.85 + 0.1 * place / len(trials), "finding reversal points")
        per_arm = [row[_rows(arm, cells)] for arm in ARMS]
        found["r"].append([halves(some, splits=SPLITS).correlations for some in per_arm])
        found["reversal"].append([reversal_points(some).size for some in per_arm])
        found["mean"].append([mean_responses(some)[1] for some in per_arm])
    rewards, _ = mean_responses(trials[0][_rows(OWN, cells)])
    report(0.95, "fitting again")
    again = [
        fit(row[_rows(OWN, cells)], ("distributional",))["distributional"] for row in trials[:FITTED_AGAIN]
    ]
    each = ("arm", "cell")
    hertz = dict.fromkeys(("before", "recorded_before", "baseline", "gain", "mean_response"), "Hz")
    return labelled(
        {
            **table,
            "value": (each, value),
            "value_aimed": (each, [population.value for population, _ in arms.values()]),
            "baseline": (each, [population.baseline for population, _ in arms.values()]),
            "gain": (each, [population.gain for population, _ in arms.values()]),
            "asymmetry": (each, [population.asymmetry for population, _ in arms.values()]),
            "dip": (each, [ratio for _, ratio in arms.values()]),
            "power": own.power,
            "share": own.share,
            "r": (("arm", "replicate", "statistic"), np.array(found["r"]).swapaxes(0, 1)),
            "reversal": (("arm", "replicate", "cell"), np.array(found["reversal"]).swapaxes(0, 1)),
            "mean_response": (("arm", "expectation", "reward"), np.mean(found["mean"], axis=0)),
            "found_value": (("fitted", "cell"), [one.value for one in again]),
            "found_asymmetry": (("fitted", "cell"), [one.asymmetry for one in again]),
        },
        coords={
            "arm": list(ARMS),
            "statistic": ["half with half", "asymmetry with reversal point"],
            "expectation": ["unexpected", "expected"],
            "reward": rewards,
        },
        **hertz,
        size="µl",
        reversal="µl",
    )


def simulated(result: Dataset) -> dict[str, list[list[CellTrials]]]:
    """The trials of every recorded population of a result: name -> (replicate, cell)."""
    return {
        str(arm): [
            _cells(result, spikes, before)
            for spikes, before in zip(
                result["spikes"].sel(arm=arm).values, result["before"].sel(arm=arm).values, strict=True
            )
        ]
        for arm in result["arm"].values
    }


def recorded(result: Dataset) -> list[CellTrials] | None:
    """The trials of the cells that the populations of a result were fitted to; None for generic ones."""
    spikes, before = result["recorded"].values, result["recorded_before"].values
    return _cells(result, spikes, before) if np.isfinite(spikes).any() else None


def _cells(result: Dataset, spikes: np.ndarray, before: np.ndarray) -> list[CellTrials]:
    size, expected = result["size"].values, result["expected"].values
    many = np.isfinite(size).sum(axis=1)
    return [
        CellTrials(size[k, :n], expected[k, :n] > 0, spikes[k, :n], before[k, :n]) for k, n in enumerate(many)
    ]


def _live(
    network: ValuePopulation,
    arms: dict[str, tuple[Population, np.ndarray]],
    cells: Sequence[CellTrials],
    config: Config,
    seed: int,
    rng: np.random.Generator,
    tell: Callable[[float, str], None],
) -> Lived:
    """All arms side by side: training, then the recorded rewards."""
    dips = np.concatenate([ratio for _, ratio in arms.values()])
    populations = [population for population, _ in arms.values()]
    baseline, gain, asymmetry = (
        np.concatenate([getattr(population, name) for population in populations])
        for name in ("baseline", "gain", "asymmetry")
    )
    units = Cells(baseline, gain, asymmetry, 2 / (1 + dips), 2 * dips / (1 + dips))
    start = np.concatenate([np.full(len(cells), arms[ONE][0].value.mean()) for _ in arms])
    start[_rows(SLANTED, cells)] = arms[SLANTED][0].value
    frozen = np.zeros(len(start), bool)
    frozen[_rows(SLANTED, cells)] = True
    sessions = [Session(cell.size, cell.expected) for cell in cells] * len(arms)
    drawn = [rng.integers(len(cell), size=config.training) for cell in cells]
    warm = [Session(cell.size[d], cell.expected[d]) for cell, d in zip(cells, drawn, strict=True)] * len(arms)
    power = np.concatenate([np.full(len(cells), population.power) for population in populations])
    share = np.concatenate([np.full(len(cells), population.share) for population in populations])
    largest = populations[0].largest

    def go(
        lives: Sequence[Session], value: np.ndarray, eta: float, place: int, begin: float, end: float
    ) -> Lived:
        return live(
            network,
            units,
            lives,
            value,
            seed,
            utility=lambda size, k: (size / largest) ** power[k],
            share=share,
            eta=np.where(frozen, 0.0, eta),
            place=place,
            progress=lambda f: tell(begin + (end - begin) * f, "simulating"),
        )

    tell(0.3, "compiling")
    network.program()
    trained = go(warm, start, config.eta_training, 0, 0.4, 0.55)
    return go(sessions, trained.value[-1], config.eta, 1, 0.55, 0.85)


def _rows(arm: str, cells: Sequence[CellTrials]) -> slice:
    place = ARMS.index(arm)
    return slice(place * len(cells), (place + 1) * len(cells))


def _steepness(population: Population, cells: Sequence[CellTrials]) -> np.ndarray:
    return np.clip(teaching_ratio(population, cells), 1 / STEEPEST, STEEPEST)


def _padded(
    trials: Sequence[Sequence[CellTrials]], shape: tuple[int, int, int], cells: Sequence[CellTrials] | None
) -> dict[str, tuple]:
    """Arrays of all trials: rows of ``trials`` are replicates, its columns arms and cells."""
    arms, replicates, many = shape
    longest = max(len(cell) for cell in trials[0])
    spikes, before = np.full((2, arms, replicates, many, longest), np.nan, np.float32)
    size, expected = np.full((2, many, longest), np.nan, np.float32)
    for r, row in enumerate(trials):
        for place, cell in enumerate(row):
            a, k = divmod(place, many)
            spikes[a, r, k, : len(cell)], before[a, r, k, : len(cell)] = cell.spikes, cell.before
            size[k, : len(cell)], expected[k, : len(cell)] = cell.size, cell.expected
    recorded, at_rest = np.full((2, many, longest), np.nan, np.float32)
    for k, cell in enumerate(cells or ()):
        recorded[k, : len(cell)], at_rest[k, : len(cell)] = cell.spikes, cell.before
    four = ("arm", "replicate", "cell", "trial")
    return {
        "spikes": (four, spikes),
        "before": (four, before),
        "size": (four[2:], size),
        "expected": (four[2:], expected),
        "recorded": (four[2:], recorded),
        "recorded_before": (four[2:], at_rest),
    }
