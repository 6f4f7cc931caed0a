"""The outer loop: ask an optimiser for candidates, live their lifetimes, tell it what they earned.

    candidates (generation) -> units = candidates x seeds -> scores -> optimiser             (1)

All candidates of a generation live the same seeds; every generation has new ones. The score of a candidate
is the mean over its seeds, ``-inf`` if one of them failed, which can never become the best. After every
generation (of quick ones, every half second) a checkpoint is kept, so that a search that was killed at any
moment ends, when it is run again, with the same numbers bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation import ending, whole_files
from ...analysis.foundation.mistakes import Mistake
from . import checkpoint
from .checkpoint import Generation
from .execution import Workers, ambient
from .optimiser import Asking, Optimiser
from .search_space import SearchSpace
from .units import Evaluate, Outcome, Unit

Array = NDArray[np.float64]

EVERY = 0.5
"""Seconds between two checkpoints of generations that are quicker than that."""
Progress = Callable[[float, str], None]


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
    seed: int = 0
    timeout: float | None = None
    """seconds after which a unit has failed (kept by workers of their own, not in this process)"""

    def __post_init__(self) -> None:
        if self.generations < 1 or self.seeds < 1:
            raise Mistake(f"a search of {self.generations} generations with {self.seeds} seeds is none")
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
    """(generation, candidate, seed), -inf where a unit failed"""
    centres: Array
    """(generation, parameter): `best` as it was after each generation"""
    failures: tuple[str, ...]

    def averaged(self, part: float) -> dict[str, float]:
        """`best` with the mean of the centres over the last ``part`` of the generations.

        In directions that matter little a centre goes on wandering with the luck of each generation; the mean
        of its ways is nearer to where it is drawn (Polyak & Juditsky 1992, doi:10.1137/0330046, of stochastic
        gradients).
        """
        last = self.centres[-max(1, int(len(self.centres) * part)) :].mean(axis=0)
        return {**self.best, **dict(zip(self.names, last.tolist(), strict=True))}


def run_search(search: Search, folder: Path | None = None, progress: Progress | None = None) -> Found:
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
                if number == 0 and len(generation.failures) == len(points) * search.seeds:
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
    if progress is not None:
        progress(1.0, record.words(asking))
    return record.found()


def _live(
    search: Search,
    number: int,
    points: Array,
    workers: Workers,
    record: _Record,
    progress: Progress | None,
    asking: Asking,
) -> Generation:
    seeds = search.seeds_of(number)
    candidates = [search.space.decode(point) for point in points]
    size = search.together or 1
    parts = [candidates[begin : begin + size] for begin in range(0, len(candidates), size)]
    units = [Unit.of(part, seed, search.together > 0) for part in parts for seed in seeds]
    words = record.words(asking)

    def done(finished: int) -> None:
        if progress is not None:
            progress((number + finished / len(units)) / search.generations, words)

    done(0)
    outcomes = workers.evaluate(search.evaluate, units, search.timeout, done)
    each = [outcome.each(unit.candidates) for unit, outcome in zip(units, outcomes, strict=True)]
    rows = [row for place in range(0, len(each), len(seeds))
            for row in zip(*each[place : place + len(seeds)], strict=True)]  # fmt: skip
    return _generation(points, rows, number)


def _generation(points: Array, rows: list[tuple[Outcome, ...]], number: int) -> Generation:
    scores = [[None if outcome.failure else outcome.score for outcome in row] for row in rows]
    failures = [
        f"generation {number + 1}, candidate {place + 1}: {outcome.failure}"
        for place, row in enumerate(rows)
        for outcome in row
        if outcome.failure
    ]
    return Generation(points.tolist(), scores, failures)


class _Record:
    """Generations so far, and what they amount to."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.generations: list[Generation] = []
        self.centres: list[list[float]] = []
        self.best: tuple[float, list[float]] = (-np.inf, [])
        self.mean = -np.inf

    def add(self, asking: Asking, points: Array, generation: Generation) -> None:
        scores = _scores(generation).mean(axis=1)
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
        )


def _scores(generation: Generation) -> Array:
    return np.array(
        [[-np.inf if one is None else one for one in row] for row in generation.scores], dtype=float
    )


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
