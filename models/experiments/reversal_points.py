"""Reversal points of dopamine cells against populations in which the cells have no value of their own.

Cells of dopamine are said to reverse each at a reward of its own, and those that reverse late to take good
news more seriously (Dabney et al. 2020, doi:10.1038/s41586-019-1924-6). Both are correlations over cells
between random halves of their trials (`analysis.reversal_points`), and what such a correlation reads where
there is nothing to be found depends on the estimator and on the cells: on where their baselines lie between
whole numbers of spikes, on how many trials they have. So the models of `analysis.dopamine_population` are
fitted to the cells, spikes are drawn from them for the very trials of each cell, and what is drawn goes
through the same analysis:

* ``one value``: one value and one asymmetry for all cells, baselines, gains and dispersions their own;
* ``own values``: a value of each cell's own, one asymmetry;
* ``values, asymmetries``: both a cell's own;
* ``expectiles``: an asymmetry of each cell's own, and its value is the expectile that goes with it;
* ``pooled trials``: each cell's trials drawn from those of all cells (`pooled`), which makes baselines
  alike too.

Beside it the models themselves are compared on held-out trials, for the cells, and for populations drawn
from three of the models: what the comparison reads where the answer is known.
Without recordings the cells are generic (`recorded_cells.generic`), drawn from ``values, asymmetries``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np
from scipy.stats import t as student

from ...analysis.foundation import Mistake, Reporter, stream, within
from ...analysis.responses.dopamine_population import MODELS, Population, cross_validate, fit
from ...analysis.responses.reversal_points import Estimator, Halves, halves, utility
from ...analysis.responses.reward_trials import CellTrials, pooled, response_curve, sizes_of
from . import recorded_cells
from .labelling import Dataset, labelled

ONE, VALUES, BOTH, EXPECTILES, POOLED = POPULATIONS = (
    "one value",
    "own values",
    "values, asymmetries",
    "expectiles",
    "pooled trials",
)
DRAWN_FROM = {ONE: "shared", VALUES: "value", BOTH: "distributional", EXPECTILES: "expectile"}
"""The fitted model of each population."""
HELD_OUT = (ONE, BOTH, EXPECTILES)
"""Populations for which the comparison of models is done again."""
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)
STATISTICS = ("half with half", "asymmetry with reversal point")
FEWEST = 3
"""Cells; a correlation needs them."""


@dataclass(frozen=True)
class Config:
    recordings: str = field(default_factory=recorded_cells.digest)
    """digest of the recordings, by default those at hand; empty: generic cells"""
    draws: int = 60
    """populations drawn from each model"""
    splits: int = 20
    """random halves of the trials of each drawn population"""
    cell_splits: int = 200
    """random halves of the trials of the cells themselves"""
    folds: int = 5
    """of the cross-validation"""
    held_out_draws: int = 1
    """drawn populations of each kind for which models are compared"""
    cells: int = 20
    """generic cells"""
    trials: int = 210
    """trials of a generic cell"""

    def __post_init__(self) -> None:
        if self.draws < 20 or self.held_out_draws < 1:
            raise Mistake("reversal_points: 20 draws or more, and 1 held_out_draws or more, are needed")


PRESETS = {"quick": Config(), "paper": Config(draws=400, splits=50, folds=10, held_out_draws=5)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Analyse the cells, and populations drawn from what was fitted to them.

    Returns:
        Of the cells: ``r``, ``low``, ``high`` (estimator, statistic), mean over halves and bootstrap interval
        (95 %) over cells, ``p`` (estimator, statistic), two-sided, of that r as if chance meant r = 0;
        ``reversal`` (estimator, half, cell), microlitres, of one split; ``slant`` (estimator, half, cell);
        ``baseline`` (cell), Hz; ``response`` (cell, expectation, reward), Hz, mean over trials, NaN for what
        a cell did not get; ``log_likelihood`` (model); ``held_out`` (model, cell), nats a trial. Of
        drawn populations: ``drawn_r``, ``drawn_p`` (population, estimator, statistic, draw);
        ``drawn_reversal`` (estimator, cell), microlitres, where all cells have one value, mean over draws;
        ``drawn_held_out`` (held-out population, model, sample), a sample being a cell of a draw.

    Raises:
        Mistake: the recordings that the configuration names are not at hand, or fewer than three cells.
    """

    report = within(progress, 0.0, 1.0)
    report(0.0, "fitting")
    rng = np.random.default_rng(stream(seed, "cells"))
    if config.recordings:
        cells = recorded_cells.cells_of(config.recordings)
        if len(cells) < FEWEST:
            raise Mistake(f"correlations over cells need {FEWEST} cells or more, not {len(cells)}")
        fitted = fit(cells)
    else:
        lived, populations = recorded_cells.generic(config.cells, config.trials, rng)
        cells = populations["distributional"].simulate(lived, rng)
        fitted = fit(cells)
    rewards = sizes_of(cells)
    found: dict[str, tuple[tuple[str, ...], object]] = {
        "baseline": (("cell",), [cell.baseline for cell in cells]),
        "log_likelihood": (("model",), [fitted[model].log_likelihood for model in MODELS]),
        "response": (
            ("cell", "expectation", "reward"),
            [[response_curve(cell, rewards, e)[0] for e in (False, True)] for cell in cells],
        ),
    }
    found |= _of_cells(cells, config.cell_splits, stream(seed, "halves"))
    found |= _of_draws(cells, fitted, config, rng, lambda f: report(0.15 + 0.35 * f, "drawing populations"))

    def compare(some: Sequence[CellTrials], k: int, begin: float, end: float) -> np.ndarray:
        scores = cross_validate(
            some,
            folds=config.folds,
            seed=stream(seed, "folds", k),
            progress=lambda f: report(begin + (end - begin) * f, "comparing models"),
        )
        return np.array([scores[model] for model in MODELS])

    found["held_out"] = (("model", "cell"), compare(cells, 0, 0.5, 0.65))
    steps = [(name, k) for name in HELD_OUT for k in range(config.held_out_draws)]
    again = []
    for place, (name, _) in enumerate(steps):
        begin = 0.65 + 0.35 * place / len(steps)
        drawn = fitted[DRAWN_FROM[name]].simulate(cells, rng)
        again.append(compare(drawn, 1 + place, begin, begin + 0.35 / len(steps)))
    each = np.array(again).reshape(len(HELD_OUT), config.held_out_draws, len(MODELS), len(cells))
    samples = each.transpose(0, 2, 1, 3).reshape(len(HELD_OUT), len(MODELS), -1)
    found["drawn_held_out"] = (("held_out_population", "model", "sample"), samples)
    nats = dict.fromkeys(("held_out", "drawn_held_out", "log_likelihood"), "nat")
    return labelled(
        found,
        coords={
            "estimator": list(ESTIMATORS),
            "statistic": list(STATISTICS),
            "population": list(POPULATIONS),
            "held_out_population": list(HELD_OUT),
            "model": list(MODELS),
            "expectation": ["unexpected", "expected"],
            "reward": ("reward", rewards, {"units": "µl"}),
        },
        baseline="Hz",
        response="Hz",
        reversal="µl",
        drawn_reversal="µl",
        **nats,
    )


def _of_cells(cells: Sequence[CellTrials], splits: int, seed: int) -> dict[str, tuple]:
    sizes, axis = utility(cells)
    rows, points, slants = [], [], []
    for estimator in ESTIMATORS:
        split = halves(cells, estimator, splits=splits, seed=seed)
        both = (split.reliability, split.relation)
        rows.append([(one.r, one.low, one.high, chance(one.r, len(cells))) for one in both])
        points.append(_as_rewards(split.reversal[:, 0], sizes, axis))
        slants.append(_mean_slant(split))
    r, low, high, p = np.moveaxis(np.array(rows), -1, 0)
    table, third = ("estimator", "statistic"), ("estimator", "half", "cell")
    return {
        **{name: (table, values) for name, values in (("r", r), ("low", low), ("high", high), ("p", p))},
        "reversal": (third, np.array(points)),
        "slant": (third, np.array(slants)),
    }


def _of_draws(
    cells: Sequence[CellTrials],
    fitted: dict[str, Population],
    config: Config,
    rng: np.random.Generator,
    tell: Callable[[float], None],
) -> dict[str, tuple]:
    r = np.empty((len(POPULATIONS), len(ESTIMATORS), len(STATISTICS), config.draws))
    points = np.zeros((len(ESTIMATORS), len(cells)))
    for a, name in enumerate(POPULATIONS):
        for draw in range(config.draws):
            tell((a + draw / config.draws) / len(POPULATIONS))
            model = DRAWN_FROM.get(name)
            drawn = pooled(cells, rng) if model is None else fitted[model].simulate(cells, rng)
            seed = int(rng.integers(2**31))
            for e, estimator in enumerate(ESTIMATORS):
                split = halves(drawn, estimator, splits=config.splits, seed=seed)
                r[a, e, :, draw] = split.correlations
                if name == ONE:
                    sizes, axis = utility(drawn)
                    places = _as_rewards(split.reversal, sizes, axis)
                    points[e] += np.log(places).mean(axis=(0, 1))
    four = ("population", "estimator", "statistic", "draw")
    return {
        "drawn_r": (four, r),
        "drawn_p": (four, chance(r, len(cells))),
        "drawn_reversal": (("estimator", "cell"), np.exp(points / config.draws)),
    }


def chance(r: np.ndarray | float, cells: int) -> np.ndarray:
    """Two-sided p of a correlation over so many cells, if chance meant r = 0."""
    if cells < 3:
        return np.full(np.shape(r), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(r) * np.sqrt((cells - 2) / (1 - np.square(r)))
    return np.asarray(2 * student.sf(z, cells - 2))


def _as_rewards(points: np.ndarray, sizes: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Places on the axis of utility as rewards (microlitres), in proportion to the logarithm."""
    return np.asarray(np.exp(np.interp(points, axis, np.log(np.maximum(sizes, np.finfo(float).tiny)))))


def _mean_slant(split: Halves) -> np.ndarray:
    """(half, cell), mean over splits, NaN for a cell without one."""
    known = np.isfinite(split.asymmetry)
    total = np.where(known, split.asymmetry, 0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
