"""The outer loop: ask an optimiser for candidates, live their lifetimes, tell it what they earned.

    candidates (generation) -> units = candidates x seeds -> scores -> optimiser             (1)

Candidates that cannot win may be stopped early (successive halving; Karnin, Koren & Somekh 2013, ICML;
Jamieson & Talwalkar 2016, AISTATS): after each seed but the last only the best ``keep`` of them live the
next one. One that was stopped ranks below all that went further. Where candidates live side by side in
calls, those that are left share as many calls as the whole generation did, so that each may have more lives
there.

All candidates of a generation live the same seeds; every generation has new ones. The score of a candidate
is the mean over its seeds, ``-inf`` if one of them failed, which can never become the best. After every
generation (of quick ones, every half second) a checkpoint is kept, so that a search that was killed at any
moment ends, when it is run again, with the same numbers bit for bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Array, Mistake, Reporter, ending, tell, whole_files, within
from . import checkpoint
from .checkpoint import Generation
from .execution import Workers, ambient
from .optimiser import Asking, Optimiser
from .search_space import SearchSpace
from .units import Evaluate, Outcome, Unit

EVERY = 0.5
"""Seconds between two checkpoints of generations that are quicker than that."""


@dataclass(frozen=True)
class Search:
    """What is searched, where, by whom and for how long.

    Raises:
        Mistake: no generation or no seed, a timeout that is not positive.
    """

    evaluate: Evaluate
    """score of (values, seed), higher is better; picklable, a function of these alone"""
    space: SearchSpace
    optimiser: Optimiser
    generations: int
    seeds: int = 1
    """lifetimes of each candidate in a generation"""
    together: int = 0
    """candidates that ``evaluate`` is given at once, as arrays; 0: one by one"""
    keep: float = 1.0
    """share of the candidates that go on after each seed; side by side, a seed weighs the more the fewer they
    are"""
    seed: int = 0
    timeout: float | None = None
    """seconds after which a unit has failed (kept by workers of their own, not in this process)"""

    def __post_init__(self) -> None:
        if self.generations < 1 or self.seeds < 1:
            raise Mistake(f"a search of {self.generations} generations with {self.seeds} seeds is none")
        if not 0 < self.keep <= 1:
            raise Mistake(f"a search that keeps {self.keep:g} of its candidates is none")
        if self.together < 0:
            raise Mistake(f"{self.together} candidates cannot be evaluated together")
        if self.timeout is not None and not self.timeout > 0:
            raise Mistake(f"the timeout of a unit is {self.timeout:g} s, must be above 0")

    def describe(self) -> dict[str, object]:
        """What a checkpoint must agree in; the number of generations may grow."""
        return {
            "space": self.space.describe(),
            "optimiser": repr(self.optimiser),
            "seeds": self.seeds,
            "seed": self.seed,
            **({"together": self.together} if self.together else {}),
            **({"keep": self.keep} if self.keep < 1 else {}),
            "evaluate": repr(self.evaluate) if hasattr(self.evaluate, "__dataclass_fields__") else "",
        }

    def seeds_of(self, generation: int) -> list[int]:
        """The seeds that all candidates of a generation live."""
        drawn = np.random.SeedSequence([self.seed, generation, 0x5EED]).generate_state(self.seeds)
        return [int(one) for one in drawn]


@dataclass(frozen=True)
class Found:
    """What a search found."""

    best: dict[str, float]
    """values at the optimiser's centre; of one that has none, the best candidate seen"""
    best_score: float
    """mean score of the best candidate seen (of the luckiest: score anew to compare)"""
    names: tuple[str, ...]
    values: Array
    """(generation, candidate, parameter)"""
    scores: Array
    """(generation, candidate, seed), -inf where a unit failed, NaN where a candidate had been stopped"""
    centres: Array
    """(generation, parameter): `best` as it was after each generation"""
    failures: tuple[str, ...]
    lived: Array
    """seeds that were lived, (generation, candidate)"""

    def averaged(self, part: float) -> dict[str, float]:
        """`best` with the mean of the centres over the last ``part`` of the generations.

        In directions that matter little a centre goes on wandering with the luck of each generation; the mean
        of its ways is nearer to where it is drawn (Polyak & Juditsky 1992, doi:10.1137/0330046, of stochastic
        gradients).
        """
        last = self.centres[-max(1, int(len(self.centres) * part)) :].mean(axis=0)
        return {**self.best, **dict(zip(self.names, last.tolist(), strict=True))}


def run_search(search: Search, folder: Path | None = None, progress: Reporter = None) -> Found:
    """Run a search to its end, or take it up where its folder says it was.

    Units are evaluated by the ambient `execution`.

    Raises:
        Mistake: the folder holds another search, another process works on it, or it cannot be written;
            every candidate of the search or of its first generation failed, or its cluster was lost.
    """
    with _holding(folder):
        asking = search.optimiser.begin(search.space, search.seed)
        kept, said = checkpoint.read(folder, search.describe()) if folder is not None else ([], "")
        if said:
            ending.say(said)
        record = _Record(search)
        for generation in kept[: search.generations]:
            points = asking.ask()
            if not np.array_equal(points, np.array(generation.points)):
                raise Mistake(f"{folder}: its points cannot be made again (another version of cma?)")
            record.add(asking, points, generation)
        workers: Workers | None = None
        written, standing = 0.0, len(record.generations)
        try:
            for number in range(len(record.generations), search.generations):
                workers = workers or ambient().begin()
                points = asking.ask()
                generation = _live(search, number, points, workers, record, progress, asking)
                if number == 0 and not np.isfinite(_standing(search, generation)).any():
                    raise Mistake(f"every candidate of the first generation failed; {generation.failures[0]}")
                record.add(asking, points, generation)
                if folder is not None and time.monotonic() - written >= EVERY:
                    standing = len(record.generations)
                    checkpoint.write(folder, search.describe(), record.generations)
                    written = time.monotonic()
        finally:
            if workers is not None:
                workers.close()
            if folder is not None and len(record.generations) > standing:
                checkpoint.write(folder, search.describe(), record.generations)
    tell(progress, 1.0, record.words(asking))
    return record.found()


def run_searches(
    searches: Mapping[str, Search], folder: Path | None = None, progress: Reporter = None, end: float = 1.0
) -> dict[str, Found]:
    """Run searches one after another, each in the folder of its name: the part up to ``end`` (0 to 1) of the
    work that ``progress`` is told of. Raises as `run_search`."""
    found = {}
    for number, (name, search) in enumerate(searches.items()):
        told = within(progress, end * number / len(searches), end * (number + 1) / len(searches), name)
        found[name] = run_search(search, folder / name if folder is not None else None, told)
    return found


def _live(
    search: Search,
    number: int,
    points: Array,
    workers: Workers,
    record: _Record,
    progress: Reporter,
    asking: Asking,
) -> Generation:
    seeds = search.seeds_of(number)
    candidates = [search.space.decode(point) for point in points]
    words = record.words(asking)
    rungs = [seeds] if search.keep == 1 else [[seed] for seed in seeds]
    calls = math.ceil(len(points) / (search.together or 1))
    rows: list[list[Outcome]] = [[] for _ in points]
    alive = list(range(len(points)))
    for rung, of_rung in enumerate(rungs):
        size = math.ceil(len(alive) / calls) if rung and search.together else search.together or 1
        parts = [alive[begin : begin + size] for begin in range(0, len(alive), size)]
        places = [(part, seed) for part in parts for seed in of_rung]
        units = [Unit.of([candidates[k] for k in part], seed, search.together > 0) for part, seed in places]

        def done(finished: int, rung: int = rung, many: int = len(units)) -> None:
            if progress is not None:
                progress((number + (rung + finished / many) / len(rungs)) / search.generations, words)

        done(0)
        outcomes = workers.evaluate(search.evaluate, units, search.timeout, done)
        for (part, _), outcome in zip(places, outcomes, strict=True):
            for k, own in zip(part, outcome.each(len(part)), strict=True):
                rows[k].append(own)
        if rung + 1 < len(rungs):
            alive = _going_on(search, rows, alive)
        if not alive:
            break
    return _generation(points, rows, number)


def _going_on(search: Search, rows: list[list[Outcome]], alive: list[int]) -> list[int]:
    """Who lives the next seed: the best of those that lived this one without failing."""
    means = _means(search, [[None if one.failure else one.score for one in row] for row in rows])
    well = [k for k in alive if np.isfinite(means[k])]
    best = sorted(well, key=lambda k: (-means[k], k))[: math.ceil(search.keep * len(well))]
    return sorted(best)


def _generation(points: Array, rows: list[list[Outcome]], number: int) -> Generation:
    scores = [[None if outcome.failure else outcome.score for outcome in row] for row in rows]
    failures = [
        f"generation {number + 1}, candidate {place + 1}: {outcome.failure}"
        for place, row in enumerate(rows)
        for outcome in row
        if outcome.failure
    ]
    return Generation(points.tolist(), scores, failures)


def _means(search: Search, rows: list[list[float | None]]) -> Array:
    """Mean score of each candidate over what it lived, -inf where it failed (candidate,)."""
    lived = np.array([len(row) for row in rows])
    weight = np.ones(lived.max())
    if search.together and search.keep < 1:  # as many lives in each call, whoever shares it
        weight = np.array([1 / (lived > seed).sum() for seed in range(lived.max())])
    means = []
    for row in rows:
        scores = np.array([-np.inf if one is None else one for one in row])
        means.append(np.average(scores, weights=weight[: len(row)]) if np.isfinite(scores).all() else -np.inf)
    return np.array(means)


def _standing(search: Search, generation: Generation) -> Array:
    """What the optimiser is told (candidate,): mean scores, of those that were stopped below all others."""
    if search.keep == 1:
        return _scores(generation).mean(axis=1)
    means = _means(search, generation.scores)
    lived = np.array([len(row) for row in generation.scores])
    least = np.inf
    for level in sorted(set(lived.tolist()), reverse=True):
        here = (lived == level) & np.isfinite(means)
        if here.any():
            most = means[here].max()
            means[here] -= max(0.0, most - least + 1e-9 * (1 + abs(least))) if np.isfinite(least) else 0.0
            least = means[here].min()
    return means


class _Record:
    """Generations so far, and what they amount to."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.generations: list[Generation] = []
        self.centres: list[list[float]] = []
        self.best: tuple[float, list[float]] = (-np.inf, [])
        self.mean = -np.inf

    def add(self, asking: Asking, points: Array, generation: Generation) -> None:
        scores = _standing(self.search, generation)
        asking.tell(points, scores)
        self.generations.append(generation)
        top = int(np.argmax(scores))
        if scores[top] > self.best[0]:
            self.best = (float(scores[top]), generation.points[top])
        alive = scores[np.isfinite(scores)]
        self.mean = float(alive.mean()) if len(alive) else -np.inf
        centre = asking.centre
        if centre is None:
            centre = np.array(self.best[1] or np.full(self.search.space.dimensions, np.nan))
        self.centres.append([float(one) for one in centre])

    def words(self, asking: Asking) -> str:
        """For progress: generation, best, mean, sigma, failures."""
        done, failed = len(self.generations), sum(len(one.failures) for one in self.generations)
        text = f"generation {min(done + 1, self.search.generations)}/{self.search.generations}"
        if done:
            text += f", best {self.best[0]:.4g}, mean {self.mean:.4g}, σ {asking.spread:.2g}"
        return text + (f", {failed} failed" if failed else "")

    def found(self) -> Found:
        failures = tuple(line for one in self.generations for line in one.failures)
        if not np.isfinite(self.best[0]):
            raise Mistake(f"every candidate of the search failed; the last: {failures[-1]}")
        space = self.search.space
        names = space.names

        def free(point: list[float]) -> list[float]:
            values = space.decode(point)
            return [values[name] for name in names]

        return Found(
            space.decode(self.centres[-1]),
            self.best[0],
            names,
            np.array([[free(point) for point in one.points] for one in self.generations]),
            np.array([_scores(one) for one in self.generations]),
            np.array([free(centre) if np.isfinite(centre).all() else centre for centre in self.centres]),
            failures,
            np.array([[len(row) for row in one.scores] for one in self.generations]),
        )


def _scores(generation: Generation) -> Array:
    """(candidate, seed): -inf where a unit failed, NaN where there was none."""
    most = max(len(row) for row in generation.scores)
    rows = [[-np.inf if one is None else one for one in row] for row in generation.scores]
    return np.array([row + [np.nan] * (most - len(row)) for row in rows], dtype=float)


@contextmanager
def _holding(folder: Path | None) -> Iterator[None]:
    """Hold the folder of a search; the lock goes with the process, however it ends."""
    if folder is None:
        yield
        return
    try:
        held = whole_files.lock(folder / ".lock")
    except BlockingIOError:
        raise Mistake(f"another search works on {folder} right now") from None
    except OSError as error:
        raise Mistake(f"cannot write {folder}: {error.strerror}") from error
    try:
        yield
    finally:
        whole_files.release(held)
