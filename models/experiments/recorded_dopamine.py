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

Several neurons of each unit are recorded: as many populations as one might have recorded from.

Without recordings the units are generic: baselines lognormal with the mean and spread that were published for
such cells, asymmetries spread evenly, each value the expectile of the rewards by the unit's asymmetry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...analysis.recordings.nwb import read_nwb
from ...analysis.recordings.places import VARIABLE, data_folder
from ...analysis.responses.dopamine_population import (
    MODELS,
    MOST,
    Population,
    cross_validate,
    fit,
    teaching_ratio,
)
from ...analysis.responses.dopamine_responses import FOLDER
from ...analysis.responses.reward_trials import CellTrials, single_trials
from ...analysis.theory.expectiles import expectile
from ..tasks.conditioning import SIZES
from ..values.network import Cells, Lived, Session, ValuePopulation, live
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

OWN, ONE, SLANTED, ALIKE = ARMS = ("own values", "one value", "own asymmetries", "dips like bursts")
STEEPEST = 10.0
"""A dip teaches at most so much more than a burst, or less."""
FITTED_AGAIN = 3
"""Simulated populations that are fitted again."""
RIVALS = ("shared", "distributional")
"""Models that simulated cells are held against."""


def files() -> list[Path]:
    """The recordings at hand."""
    folder = data_folder(FOLDER)
    return sorted(folder.glob("*.nwb")) if folder is not None else []


@cache
def recorded_trials() -> tuple[CellTrials, ...] | None:
    """The trials of the cells in the recordings; None where there are none."""
    found = files()
    return tuple(single_trials(read_nwb(file) for file in found)) if found else None


@cache
def digest() -> str:
    """Names the recordings at hand by what is in them; empty where there are none."""
    found = files()
    whole = hashlib.sha256()
    for file in found:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12] if found else ""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    recordings: str = field(default_factory=digest)
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
    folds: int = 5
    """of the cross-validation"""
    cells: int = 20
    """generic cells"""
    trials: int = 210
    """trials of a generic cell"""
    baseline: float = 6.5
    """mean baseline of generic cells (Hz)"""
    baseline_spread: float = 3.7
    """its standard deviation over them (Hz)"""
    gain: float = 12.0
    """of generic cells, for one unit of delta (Hz)"""
    asymmetries: tuple[float, float] = (0.1, 0.9)
    """least and largest of generic cells"""
    power: float = 0.7
    """of the utility for generic cells"""
    share: float = 0.7
    """of the expectation for generic cells where a reward was not announced"""


PRESETS = {
    "quick": Config(),
    "paper": Config(replicates=16, neurons=40, training=300, eta_training=0.03, folds=10),
}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Fit the populations, simulate them, fit what was simulated.

    Returns:
        ``spikes`` (in 200 to 600 ms after the reward), ``before`` (Hz) (arm, replicate, cell, trial), NaN
        after a cell's last trial; ``size`` (microlitres), ``expected`` (cell, trial); ``value`` (arm, cell)
        learned, ``value_aimed`` (arm, cell) that of the fit; ``baseline``, ``gain`` (Hz), ``asymmetry``,
        ``dip`` (arm, cell). Of the first populations: ``found_value``, ``found_asymmetry`` (fitted, cell)
        fitted to those of the arm ``own values``; ``held_out_own``, ``held_out_one`` (rival, cell), nats a
        trial, mean over those of the arms ``own values`` and ``one value``.
        With recordings: ``fitted_value``, ``fitted_asymmetry``, ``fitted_gain`` (model, cell), ``power``,
        ``share``, ``log_likelihood`` (model), ``held_out`` (model, cell) nats a trial.

    Raises:
        Mistake: the recordings that the configuration names are not at hand.
    """
    import xarray as xr

    def tell(fraction: float, what: str) -> None:
        if progress is not None:
            progress(fraction, what)

    tell(0.0, "fitting")
    rng = np.random.default_rng(stream(seed, "cells"))
    found: dict[str, tuple[tuple[str, ...], object]] = {}
    if config.recordings:
        if digest() != config.recordings:
            raise Mistake(
                f"the recordings {config.recordings} are not at hand: {FOLDER}/*.nwb in the folder that "
                f"{VARIABLE} names are {digest() or 'not there'}; set recordings to that"
            )
        cells: Sequence[CellTrials] = recorded_trials() or ()
        fitted = fit(cells)
        own, one, slanted = fitted["distributional"], fitted["shared"], fitted["asymmetry"]
        held_out = cross_validate(
            cells, folds=config.folds, seed=stream(seed, "folds"), progress=lambda f: tell(0.3 * f, "fitting")
        )
        for name in ("value", "asymmetry", "gain"):
            values = [getattr(fitted[model], name) for model in MODELS]
            found[f"fitted_{name}"] = (("model", "cell"), values)
        for name in ("power", "share", "log_likelihood"):
            found[name] = (("model",), [getattr(fitted[model], name) for model in MODELS])
        found["held_out"] = (("model", "cell"), [held_out[model] for model in MODELS])
    else:
        cells, own, one, slanted = _generic(config, rng)
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
    lived = _live(network, arms, cells, config, seed, rng, tell)
    trials = [single_trials(row) for row in lived.recordings]
    shape = (len(ARMS), config.replicates, len(cells))
    table = _padded(trials, shape)
    late = lived.value.reshape(-1, len(ARMS), len(cells))
    value = [
        [late[len(cell) // 2 : len(cell), a, k].mean() for k, cell in enumerate(cells)]
        for a in range(len(ARMS))
    ]
    for arm, short in ((OWN, "own"), (ONE, "one")):
        scores = []
        for k, row in enumerate(trials[:FITTED_AGAIN]):
            tell(0.85 + 0.15 * (k + FITTED_AGAIN * (arm == ONE)) / (2 * FITTED_AGAIN), "fitting again")
            seeded = stream(seed, "folds", k)
            scores.append(cross_validate(row[_rows(arm, cells)], RIVALS, config.folds, seeded))
        means = [np.mean([one[name] for one in scores], axis=0) for name in RIVALS]
        found[f"held_out_{short}"] = (("rival", "cell"), means)
    own_rows = [row[_rows(OWN, cells)] for row in trials[:FITTED_AGAIN]]
    again = [fit(row, ("distributional",))["distributional"] for row in own_rows]
    each = ("arm", "cell")
    result = xr.Dataset(
        {
            **table,
            "value": (each, value),
            "value_aimed": (each, [population.value for population, _ in arms.values()]),
            "baseline": (each, [population.baseline for population, _ in arms.values()]),
            "gain": (each, [population.gain for population, _ in arms.values()]),
            "asymmetry": (each, [population.asymmetry for population, _ in arms.values()]),
            "dip": (each, [ratio for _, ratio in arms.values()]),
            "found_value": (("fitted", "cell"), [one.value for one in again]),
            "found_asymmetry": (("fitted", "cell"), [one.asymmetry for one in again]),
            **found,
        },
        coords={"arm": list(ARMS), "rival": list(RIVALS)},
    )
    if config.recordings:
        result = result.assign_coords(model=list(MODELS))
    hertz = [name for name in ("before", "baseline", "gain", "fitted_gain") if name in result]
    return with_units(result, **dict.fromkeys(hertz, "Hz"), size="µl")


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


def _padded(trials: Sequence[Sequence[CellTrials]], shape: tuple[int, int, int]) -> dict[str, tuple]:
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
    four = ("arm", "replicate", "cell", "trial")
    return {
        "spikes": (four, spikes),
        "before": (four, before),
        "size": (four[2:], size),
        "expected": (four[2:], expected),
    }


def _generic(
    config: Config, rng: np.random.Generator
) -> tuple[list[CellTrials], Population, Population, Population]:
    """Cells as they might be, their rewards, and the three populations to be simulated."""
    many = config.cells
    sigma = np.sqrt(np.log1p((config.baseline_spread / config.baseline) ** 2))
    baseline = config.baseline * np.exp(sigma * rng.normal(size=many) - sigma**2 / 2)
    slant = np.linspace(*config.asymmetries, many)
    worth = (np.array(SIZES) / SIZES[-1]) ** config.power
    value = np.array([expectile(worth, a) for a in slant])
    gain = np.full(many, config.gain)
    own = Population(
        "distributional",
        config.power,
        config.share,
        SIZES[-1],
        baseline,
        gain,
        slant,
        value,
        np.full(many, MOST),
        float("nan"),
    )
    middle = np.full(many, expectile(worth, 0.5))
    one = replace(own, model="shared", value=middle, asymmetry=np.full(many, 0.5))
    cells = []
    for rate in baseline:
        size = rng.permutation(np.resize(SIZES, config.trials))
        expected = rng.random(config.trials) < 0.5
        cells.append(CellTrials(size, expected, np.zeros(config.trials), np.full(config.trials, rate)))
    return cells, own, one, replace(own, model="asymmetry", value=middle)
