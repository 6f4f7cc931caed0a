"""How often 95 % intervals of `hedon compare` hold the truth: ``python tests/bench/coverage.py [NAME ...]``.

For each analysis a population of simulated cells or subjects is measured once; the truth is the mean of its
rows. A study draws 5, 10, 20 or 50 of them, with replacement, and looks whether its interval holds that mean.
Where rows depend on each other (dips, which the other cells place; reversal points; effects mixed over
subjects) each study is measured anew, and the truth is what the whole population gives; for dips, which
fewer cells find less well, what as many cells give on average; for the two-step regression the means from
which subjects were drawn. Printed is the table of docs/coverage.md: coverage of
all numbers of an analysis together, and of the worst of them.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import scipy  # type: ignore[import-untyped]

from hedon.analysis.behaviour.two_step_regression import DESIGN, TwoStepRegression, _mixed
from hedon.analysis.players import q_learning, two_step
from hedon.analysis.recordings.recording import Recording, Series
from hedon.analysis.responses import peri_event
from hedon.analysis.responses.dopamine_responses import BASELINE
from hedon.analysis.statistics.comparison import Measured, proportion
from hedon.figures import comparisons
from hedon.figures.comparisons import dips, reversal_points
from hedon.figures.comparisons.data import Data
from hedon.figures.comparisons.reward_cells import reward_cells

SUBJECTS = (5, 10, 20, 50)
STUDIES = 2000
FEW = {5: 200, 10: 200, 20: 100, 50: 100}
"""Studies of analyses that are measured anew in each."""
SIZES = np.array([0.3, 1.0, 3.0, 10.0])
Covered = dict[int, np.ndarray]
"""rows of a study -> share of studies whose interval held the truth, for each number"""


def main(wanted: list[str]) -> int:
    known: dict[str, Callable[[], tuple[int, Covered]]] = {
        "reward-response": lambda: _of_rows("reward-response", [cells(400)]),
        "peri-event": lambda: _of_rows("peri-event", [cells(400)]),
        "trace-response": lambda: _of_rows("trace-response", list(traces(300))),
        "dip-depth": lambda: _of_dips(peri_event.each_depth),
        "dip-duration": lambda: _of_dips(peri_event.each_duration, both=True),
        "reversal-points": lambda: _anew("reversal-points", cells(400)),
        "stay-probabilities": lambda: _of_people("stay-probabilities", 400),
        "two-step-regression": regression,
        "kernels": lambda: _of_people("kernels", 400),
        "choice-fit": lambda: _of_people("choice-fit", 150),
        "unit-coding": shares,
        "change-point-rate": lambda: _of_people("change-point-rate", 400),
    }
    print(
        "| analysis | population | numbers | " + " | ".join(f"{n} rows: all, worst" for n in SUBJECTS) + " |"
    )
    print("|---" * (3 + len(SUBJECTS)) + "|")
    for name in wanted or known:
        start = time.monotonic()
        rows, found = known[name]()
        cells_ = [_cell(found[n]) if n in found else "" for n in SUBJECTS]
        numbers = max(len(one) for one in found.values())
        print(f"| {name} | {rows} | {numbers} | " + " | ".join(cells_) + " |", flush=True)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    stamp = time.strftime("%Y-%m-%d")
    print(f"\n{stamp}, Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}")
    return 0


def _cell(share: np.ndarray) -> str:
    return f"{100 * np.nanmean(share):.0f} %, {100 * np.nanmin(share):.0f} %"


def held(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """1 where an interval holds the truth, NaN where there is none."""
    return np.where(np.isfinite(low + high), (low <= truth) & (truth <= high), np.nan)


def of_rows(population: Measured, studies: int = STUDIES, seed: int = 0) -> Covered:
    """Coverage of studies of independent rows; an interval that is not given (rows all equal) does not count,
    a number that fewer than half of the studies give is left out."""
    rng = np.random.default_rng(seed)
    truth, found = population.mean, {}
    for n in SUBJECTS:
        all_ = [
            held(
                *replace(
                    population,
                    rows=population.rows[drawn],
                    null=population.null[drawn],
                    shuffles=None,
                    labels=(),
                    fitted={},
                    known={},
                ).interval(),
                truth,
            )
            for drawn in rng.integers(len(population.rows), size=(studies, n))
        ]
        given = np.isfinite(all_).mean(axis=0)
        found[n] = np.nanmean(np.array(all_)[:, given > 0.5], axis=0)
    return found


def _of_rows(name: str, recordings: list[Recording]) -> tuple[int, Covered]:
    population = comparisons.measure(name, Data(recordings))
    return len(population.rows), of_rows(population)


def _of_people(name: str, many: int) -> tuple[int, Covered]:
    import tempfile
    from pathlib import Path

    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        pd.DataFrame(people(name, many)).to_csv(path, index=False)
        population = comparisons.measure(name, Data([path]))
    return len(population.rows), of_rows(population)


def _anew(name: str, population: Recording) -> tuple[int, Covered]:
    """Coverage of what the whole population gives."""
    reversal_points.DRAWS = 1  # the null is not asked for
    rng = np.random.default_rng(0)
    whole = comparisons.measure(name, Data([population]))
    found: Covered = {}
    units = population.spike_times
    for n in SUBJECTS:
        all_ = []
        for _ in range(FEW[n]):
            chosen = rng.choice(len(units), n, replace=False)
            one = replace(population, spike_times=tuple(units[k] for k in chosen))
            own = comparisons.measure(name, Data([one]))
            all_.append(held(*own.interval(), whole.mean))
        found[n] = np.nanmean(all_, axis=0)
    return len(units), found


def _of_dips(measure: dips.Measure, both: bool = False) -> tuple[int, Covered]:
    """Coverage of what as many cells give on average; curves of the population are counted once."""
    borders = peri_event.edges(*dips.WINDOW, peri_event.STEP)
    times = (borders[:-1] + borders[1:]) / 2
    population = list(reward_cells(Data([cells(400)]), (-BASELINE, dips.WINDOW[1])))
    baselines = np.array([cell.rates(cell.trials["first"], -BASELINE, 0.0)[0].mean() for cell in population])
    kinds = dips._kinds(population[0]).values()
    curves = [
        np.array([peri_event.rate(cell, cell.trials["t_outcome"][kind], borders)[0] for cell in population])
        for kind in kinds
    ]
    rng, found = np.random.default_rng(0), {}
    whole = np.array([measure(rates, times, baselines).mean() for rates in curves])
    for n in SUBJECTS:
        means, ends = [], []
        for _ in range(FEW[n]):
            chosen = rng.choice(len(population), n, replace=False)
            base = baselines[chosen]
            for rates in (curve[chosen] for curve in curves):
                own = measure(rates, times, base)
                means.append(float(own.mean()))
                ends.append(dips.interval(own, rates, times, measure, base, both))
        mean = np.reshape(means, (FEW[n], -1))
        low, high = np.moveaxis(np.reshape(ends, (*mean.shape, 2)), -1, 0)
        bias = ", ".join(f"{value:.3f}" for value in mean.mean(axis=0) - whole)
        print(f"{n} rows less the whole population: {bias}", file=sys.stderr, flush=True)
        found[n] = np.nanmean(held(low, high, mean.mean(axis=0)), axis=0)
    return len(population), found


def cells(many: int, seed: int = 1) -> Recording:
    """Cells of one session: base rates, gains and asymmetries of their own, bursts and dips after rewards."""
    rng = np.random.default_rng(seed)
    trials = 96
    outcome = 10.0 + 8.0 * np.arange(trials) + rng.uniform(0, 1, trials)
    size = rng.permutation(np.repeat(SIZES, trials // len(SIZES)))
    expected = rng.integers(0, 2, trials)
    place = np.log10(size) - 0.7 * expected
    trains = []
    for _ in range(many):
        base, gain, point = rng.lognormal(1.6, 0.3), rng.lognormal(1.8, 0.4), rng.normal(-0.2, 0.25)
        late = np.maximum(base + gain * np.where(place > point, 1.5, 0.6) * (place - point), 0.3)
        times = [rng.uniform(0, outcome[-1] + 5, rng.poisson(base * (outcome[-1] + 5)))]
        kept = times[0]
        for t, rate in zip(outcome, late, strict=True):
            if rate < base:
                inside = (kept > t + 0.2) & (kept < t + 0.6)
                kept = kept[~inside | (rng.random(len(kept)) < rate / base)]
            else:
                kept = np.concatenate([kept, t + 0.2 + 0.4 * rng.random(rng.poisson((rate - base) * 0.4))])
        trains.append(np.sort(kept))
    table = {
        "reward_ul": size,
        "expected": expected.astype(float),
        "t_cue": np.where(expected == 1, outcome - 1.5, np.nan),
        "t_outcome": outcome,
    }
    return Recording(tuple(trains), table, about={"identifier": "cells"})


def traces(many: int, seed: int = 2) -> Iterator[Recording]:
    """Sessions with a noisy trace that rises with the reward, by a gain of its own."""
    rng = np.random.default_rng(seed)
    for number in range(many):
        outcome = 5.0 + 4.0 * np.arange(24)
        size = rng.permutation(np.repeat(SIZES, 6))
        times = np.arange(0, outcome[-1] + 3, 0.05)
        values, gain = rng.normal(0, 1, len(times)), rng.lognormal(0, 0.6)
        for t, one in zip(outcome, size, strict=True):
            values[(times > t) & (times < t + 1)] += gain * (1 + np.log10(one))
        trials = {"reward_ul": size, "t_outcome": outcome}
        series = {"dopamine": Series.of(times, values, "nM")}
        yield Recording((), trials, series=series, about={"identifier": f"s{number}"})


def people(name: str, many: int, seed: int = 3) -> dict[str, np.ndarray]:
    """Simulated people of the two-step task, of a bandit, or around change points."""
    rng = np.random.default_rng(seed)
    if name == "stay-probabilities":
        own = {"w": rng.uniform(0, 1, many), "beta1": rng.lognormal(1.3, 0.5, many)}
        return dict(two_step.simulate(many, 100, perseveration=rng.normal(0.4, 0.6, many), **own).columns)
    if name in ("kernels", "choice-fit"):
        own = {"alpha": rng.beta(2, 2, many), "beta": rng.lognormal(1.2, 0.6, many)}
        return dict(q_learning.simulate(many, 100, perseveration=rng.normal(0.3, 0.5, many), **own).columns)
    trials = 240
    chance, changed = np.full((2, many), 0.5), np.zeros((many, trials))
    guess, estimates, outcomes = np.full(many, 0.5), np.zeros((many, trials)), np.zeros((many, trials))
    early, since = rng.beta(2, 6, many), np.zeros(many)
    chance = rng.uniform(0.1, 0.9, many)
    for trial in range(trials):
        new = rng.random(many) < 1 / 20
        chance, since = np.where(new, rng.uniform(0.1, 0.9, many), chance), np.where(new, 0, since + 1)
        outcome = (rng.random(many) < chance).astype(float)
        guess = guess + early / (1 + 0.1 * since) * (outcome - guess) + rng.normal(0, 0.02, many)
        changed[:, trial], outcomes[:, trial], estimates[:, trial] = new, outcome, guess
    return {
        "subject": np.repeat(np.arange(many), trials),
        "trial": np.tile(np.arange(trials), many),
        "estimate": estimates.ravel(),
        "outcome": outcomes.ravel(),
        "change_point": changed.ravel(),
    }


def regression() -> tuple[int, Covered]:
    """Effects of subjects are normal about the means of the population; 100 resamples of subjects."""
    rng, found = np.random.default_rng(5), {}
    truth = np.array([1.2, 0.5, 0.0, 0.4])
    for n in SUBJECTS:
        all_ = []
        for _ in range(FEW[n]):
            each = truth + 0.5 * rng.standard_normal((n, 4))
            counts = np.tile([60.0, 25, 55, 25], (n, 1))
            stayed = rng.binomial(counts.astype(int), 1 / (1 + np.exp(-each @ DESIGN.T))).astype(float)
            one = TwoStepRegression(tuple(map(str, range(n))), counts, stayed, _mixed(counts, stayed))
            all_.append(held(*one.interval(100), truth))
        found[n] = np.nanmean(all_, axis=0)
    return 0, found


def shares() -> tuple[int, Covered]:
    """Independent units that code something with probability .05, .1, .3, .5."""
    rng, p = np.random.default_rng(6), np.array([0.05, 0.1, 0.3, 0.5])
    return 0, {n: held(*proportion(rng.binomial(n, p, (20_000, 4)), n), p).mean(axis=0) for n in SUBJECTS}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
