"""Dopamine cells that each expect a value of their own, fitted to single trials of the variable-reward task.

    delta = u(size) - h V,   u = (size/largest)^power                                               (1)
    rate  = [baseline + 2 gain (a [delta]+ - (1 - a) [-delta]+)]+                                   (2)

The h is 1 for a reward that was announced and ``share`` for one that was not (the place itself announces
reward, but not when it comes). Spikes in the window of the response are negative binomial about rate x
width: variance = mean + mean^2/dispersion. The rate is cut off at `FLOOR`: below it, zero cannot be told from
one spike in ten trials. Every cell has its own baseline and gain; the models differ in what else is its own:

* ``shared``: value V and asymmetry a are those of all cells: classical TD with one prediction;
* ``asymmetry``: a is a cell's own, V is shared: cells scale good and bad news unequally about one value;
* ``value``: V is a cell's own, a is shared;
* ``expectile``: a is a cell's own, and V is what it expects by that asymmetry: the a-expectile of the rewards
  that it got (`theory.expectiles`), as if dips were not cut off; as many parameters as the two before;
* ``distributional``: V and a are both a cell's own.

``power`` and ``share`` are shared in every model, and each model takes those that suit it best. Baselines and
dispersions come from the same trials as the fit. Maximum likelihood over a grid: all models are maxima of one
table (cell, V, a, gain), so that none can win by a better search. Held-out trials: `cross_validate`.

Sources: (1), (2) Dabney et al. 2020, doi:10.1038/s41586-019-1924-6; concave utility Stauffer, Lak & Schultz
2014, doi:10.1016/j.cub.2014.08.064.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from .reward_trials import WIDTH, CellTrials, sizes_of

MODELS = ("shared", "asymmetry", "value", "expectile", "distributional")
OWN = {"shared": 1, "asymmetry": 2, "value": 2, "expectile": 2, "distributional": 3}
"""Parameters of each cell beside its baseline."""
FLOOR = 0.25
"""Least rate (Hz)."""
MOST = 1000.0
"""Largest dispersion: counts are Poisson."""
POWERS = (0.4, 0.55, 0.7, 0.85, 1.0)
SHARES = (0.4, 0.55, 0.7, 0.85, 1.0)


@dataclass(frozen=True)
class Grid:
    """Where parameters of a cell are looked for."""

    values: Array
    asymmetries: Array
    gains: Array
    """Hz for one unit of delta"""


COARSE = Grid(np.linspace(0, 1, 21), np.linspace(0.04, 0.96, 12), np.geomspace(1, 120, 16))
"""To choose the shared power and share by."""
FINE = Grid(np.linspace(0, 1, 41), np.linspace(0.02, 0.98, 25), np.geomspace(1, 120, 40))


@dataclass(frozen=True)
class Population:
    """A fitted population; arrays (cell,)."""

    model: str
    power: float
    share: float
    largest: float
    """size whose utility is 1 (microlitres)"""
    baseline: Array
    """Hz"""
    gain: Array
    """Hz for one unit of delta"""
    asymmetry: Array
    value: Array
    dispersion: Array
    log_likelihood: float
    """of the trials that it was fitted to (nats), up to a constant that all models share"""

    def delta(self, size: ArrayLike, expected: ArrayLike) -> Array:
        """Equation (1) for every cell: (cell, trial)."""
        u = (np.asarray(size, float) / self.largest) ** self.power
        held = np.where(np.asarray(expected), 1.0, self.share)
        return u - held * self.value[:, None]

    def rate(self, size: ArrayLike, expected: ArrayLike, floor: float = FLOOR) -> Array:
        """Equation (2) for every cell (Hz): (cell, trial)."""
        shape = (self.baseline[:, None], self.gain[:, None], self.asymmetry[:, None])
        return np.maximum(_unbounded(*shape, self.delta(size, expected)), floor)

    def log_likelihoods(self, cells: Sequence[CellTrials]) -> list[Array]:
        """Log probability of every trial of each cell (nats).

        Raises:
            Mistake: not as many cells as were fitted.
        """
        from scipy.stats import nbinom

        if len(cells) != len(self.gain):
            raise Mistake(f"{len(cells)} cells, but {len(self.gain)} were fitted")
        found = []
        for place, cell in enumerate(cells):
            mean = self.rate(cell.size, cell.expected)[place] * WIDTH
            r = self.dispersion[place]
            found.append(np.asarray(nbinom.logpmf(cell.spikes, r, r / (r + mean)), float))
        return found

    def simulate(self, cells: Sequence[CellTrials], rng: np.random.Generator) -> list[CellTrials]:
        """The same trials with spikes drawn from the model, baselines from a Poisson process."""
        drawn = []
        for place, cell in enumerate(cells):
            mean = self.rate(cell.size, cell.expected)[place] * WIDTH
            r = self.dispersion[place]
            spikes = rng.negative_binomial(r, r / (r + mean)).astype(float)
            before = rng.poisson(self.baseline[place], len(cell)).astype(float)
            drawn.append(CellTrials(cell.size, cell.expected, spikes, before))
        return drawn


def teaching_ratio(population: Population, cells: Sequence[CellTrials]) -> Array:
    """How much more a dip must teach than a burst for each value to stay where it is: (cell,).

    At rest sum h [response]+ = ratio x sum h [-response]+ over the cell's trials, with responses (2) less the
    baseline. Where dips are not cut off and the value is the a-expectile it is 1. Infinite for a cell
    that never dips.
    """
    found = []
    for place, cell in enumerate(cells):
        response = population.rate(cell.size, cell.expected, 0.0)[place] - population.baseline[place]
        held = np.where(cell.expected, 1.0, population.share)
        up, down = (held * np.maximum(sign * response, 0) for sign in (1, -1))
        found.append(up.sum() / down.sum() if down.sum() > 0 else np.inf)
    return np.array(found)


def fit(cells: Sequence[CellTrials], models: Sequence[str] = MODELS) -> dict[str, Population]:
    """The most likely population of each model.

    Raises:
        Mistake: no cells, no such model.
    """
    unknown = [name for name in models if name not in MODELS]
    if unknown or not cells:
        raise Mistake(
            f"no model '{unknown[0]}'; there are {', '.join(MODELS)}" if unknown else "no cells to fit"
        )
    sizes = sizes_of(cells)
    counts = [_Counts.of(cell, sizes) for cell in cells]
    best: dict[str, tuple[float, float, float]] = {}
    for power, share in product(POWERS, SHARES):
        total = _Table(counts, sizes, power, share, COARSE).totals(models)
        for name in models:
            if name not in best or total[name] > best[name][0]:
                best[name] = (total[name], power, share)
    fitted = {}
    for power, share in sorted({entry[1:] for entry in best.values()}):
        table = _Table(counts, sizes, power, share, FINE)
        for name in models:
            if best[name][1:] == (power, share):
                fitted[name] = table.population(name)
    return {name: fitted[name] for name in models}


def cross_validate(
    cells: Sequence[CellTrials],
    models: Sequence[str] = MODELS,
    folds: int = 5,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Array]:
    """Mean log probability of held-out trials, nats a trial, of each model: (cell,).

    The trials of each kind (size, expectation) are dealt out to the folds in random order; every parameter,
    shared ones included, is fitted to the others.

    Raises:
        Mistake: fewer than two folds, or a cell with fewer trials than folds.
    """
    if folds < 2 or min((len(cell) for cell in cells), default=0) < folds:
        raise Mistake(f"{folds} folds need two or more, and as many trials of each cell")
    rng = np.random.default_rng(seed)
    fold = [_dealt(cell, folds, rng) for cell in cells]
    total = {name: np.zeros(len(cells)) for name in models}
    for k in range(folds):
        if progress is not None:
            progress(k / folds)
        train = [cell.where(own != k) for cell, own in zip(cells, fold, strict=True)]
        test = [cell.where(own == k) for cell, own in zip(cells, fold, strict=True)]
        for name, population in fit(train, models).items():
            total[name] += [part.sum() for part in population.log_likelihoods(test)]
    many = np.array([len(cell) for cell in cells])
    return {name: values / many for name, values in total.items()}


# -- the grid --------------------------------------------------------------------------------------


def _unbounded(baseline: ArrayLike, gain: ArrayLike, a: ArrayLike, delta: Array) -> Array:
    slope = np.where(delta > 0, a, 1 - np.asarray(a))
    return np.asarray(baseline + 2 * np.asarray(gain) * slope * delta)


def _dealt(cell: CellTrials, folds: int, rng: np.random.Generator) -> NDArray[np.int_]:
    order = rng.permutation(len(cell))
    order = order[np.lexsort((cell.size[order], cell.expected[order]))]
    dealt = np.empty(len(cell), int)
    dealt[order] = (np.arange(len(cell)) + rng.integers(folds)) % folds
    return dealt


@dataclass(frozen=True)
class _Counts:
    """What the likelihood needs of a cell: trials and spikes by kind, unexpected sizes then expected."""

    trials: Array
    spikes: Array
    baseline: float
    dispersion: float

    @classmethod
    def of(cls, cell: CellTrials, sizes: Array) -> _Counts:
        kind = np.searchsorted(sizes, cell.size) + len(sizes) * cell.expected
        many: Array = np.bincount(kind, minlength=2 * len(sizes)).astype(float)
        spikes: Array = np.bincount(kind, cell.spikes, 2 * len(sizes)).astype(float)
        mean = (spikes / np.maximum(many, 1))[kind]
        free = len(cell) - (many > 0).sum()
        excess = ((cell.spikes - mean) ** 2).sum() * len(cell) / max(free, 1) - mean.sum()
        square = (mean**2).sum()
        dispersion = square / excess if excess > square / MOST else MOST
        return cls(many, spikes, cell.baseline, float(dispersion))

    def log_likelihood(self, mean: Array) -> Array:
        """Of means (..., kind), without what neither the means nor their scale change."""
        r = self.dispersion
        return np.log(mean) @ self.spikes - np.log1p(mean / r) @ (self.spikes + r * self.trials)


class _Table:
    """Log likelihood of each cell on the grid, for one power and share."""

    def __init__(
        self, counts: Sequence[_Counts], sizes: Array, power: float, share: float, grid: Grid
    ) -> None:
        self.counts, self.power, self.share, self.grid = counts, power, share, grid
        self.largest = float(sizes[-1])
        self.u = np.tile((sizes / sizes[-1]) ** power, 2)
        self.held = np.repeat([share, 1.0], len(sizes))
        delta = self.u - self.held * grid.values[:, None]
        slope = np.where(delta[:, None] > 0, grid.asymmetries[:, None], 1 - grid.asymmetries[:, None])
        self.shape = 2 * slope * delta[:, None]
        self.cells = np.array([self._own(one, self.shape) for one in counts])
        """(cell, value, asymmetry): maxima over gains"""
        self.values = np.array([self._expectiles(one) for one in counts])
        self.tied = np.array(
            [self._own(one, self._at(value)) for one, value in zip(counts, self.values, strict=True)]
        )
        """(cell, asymmetry): the same with the value that the asymmetry implies"""

    def totals(self, models: Sequence[str]) -> dict[str, float]:
        return {name: float(self._best(name)[0]) for name in models}

    def population(self, name: str) -> Population:
        total, value, asymmetry = self._best(name)
        rows = range(len(self.counts))
        values = self.values[rows, asymmetry] if name == "expectile" else self.grid.values[value]
        slants = self.grid.asymmetries[asymmetry]
        gains = [self._gain(*one) for one in zip(self.counts, values, slants, strict=True)]
        return Population(
            name,
            self.power,
            self.share,
            self.largest,
            np.array([one.baseline for one in self.counts]),
            np.array(gains),
            slants,
            values,
            np.array([one.dispersion for one in self.counts]),
            float(total),
        )

    def _best(self, name: str) -> tuple[float, NDArray[np.int_], NDArray[np.int_]]:
        """Likelihood, and for every cell its places among values and asymmetries."""
        table = self.cells
        many, slants = len(table), table.shape[2]
        if name == "expectile":
            chosen = self.tied.argmax(axis=1)
            return self.tied.max(axis=1).sum(), np.zeros(many, int), chosen
        if name == "shared":
            together = table.sum(axis=0)
            best = np.full(many, together.argmax())
            return together.max(), best // slants, best % slants
        if name == "asymmetry":
            together = table.max(axis=2).sum(axis=0)
            value = int(together.argmax())
            return together.max(), np.full(many, value), table[:, value].argmax(axis=1)
        if name == "value":
            together = table.max(axis=1).sum(axis=0)
            slant = int(together.argmax())
            return together.max(), table[:, :, slant].argmax(axis=1), np.full(many, slant)
        flat = table.reshape(many, -1)
        best = flat.argmax(axis=1)
        return flat.max(axis=1).sum(), best // slants, best % slants

    def _own(self, one: _Counts, shape: Array) -> Array:
        """Maxima over gains for shapes (..., kind)."""
        best = np.full(shape.shape[:-1], -np.inf)
        for gain in self.grid.gains:
            mean = np.maximum(one.baseline + gain * shape, FLOOR) * WIDTH
            best = np.maximum(best, one.log_likelihood(mean))
        return best

    def _gain(self, one: _Counts, value: float, asymmetry: float) -> float:
        delta = self.u - self.held * value
        rate = _unbounded(one.baseline, self.grid.gains[:, None], asymmetry, delta)
        mean = np.maximum(rate, FLOOR) * WIDTH
        return float(self.grid.gains[one.log_likelihood(mean).argmax()])

    def _expectiles(self, one: _Counts) -> Array:
        """For every asymmetry the value V at which a sum h [delta]+ = (1 - a) sum h [-delta]+."""
        a = self.grid.asymmetries[:, None]
        weight = self.held * one.trials
        low, high = np.zeros(len(a)), np.full(len(a), 1 / self.share)
        for _ in range(40):
            middle = (low + high) / 2
            delta = self.u - self.held * middle[:, None]
            rises = (np.where(delta > 0, a, 1 - a) * delta) @ weight > 0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        return (low + high) / 2

    def _at(self, values: Array) -> Array:
        """Shapes (asymmetry, kind) with one value for each asymmetry."""
        delta = self.u - self.held * values[:, None]
        a = self.grid.asymmetries[:, None]
        return 2 * np.where(delta > 0, a, 1 - a) * delta
