"""The outer loop: evaluations per second of two workers against one, and what the loop itself takes.

An evaluation is a piece of work of about half a second, and its score is how long it took, so that a search's
own record says how busy its workers were. On a machine with other work the first ratio says less than it
should; the share of CPU seconds that the loop spends does not depend on that.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from timing import child_seconds

from hedon.plasticity.outer_loop import CMAES, Search, SearchSpace, execution, run_search
from hedon.plasticity.parameter import Parameter

SPACE = SearchSpace(tuple(Parameter(name, 0.5, "1", 0.0, 1.0, "linear", "") for name in "abcdef"))
ROUNDS, GENERATIONS, POPULATION = 3, 2, 16


@dataclass(frozen=True)
class Work:
    """Sums up noise; the score is the seconds that it took."""

    size: int = 60

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        began = time.monotonic()
        generator = np.random.default_rng(seed)
        for _ in range(self.size):
            generator.standard_normal(500_000).sum()
        return time.monotonic() - began


@dataclass(frozen=True)
class Lived:
    """Seconds and shares of one search."""

    wall: float
    """seconds between the first evaluation and the last"""
    busy: float
    """share of the workers' time in which they evaluated"""
    own: float
    """CPU seconds of the loop, for one of its workers (0 where it evaluates by itself)"""

    @property
    def rate(self) -> float:
        return GENERATIONS * POPULATION / self.wall


def lived(workers: int, folder: Path) -> Lived:
    """One search; workers are warmed up by a first generation that is not counted."""
    search = Search(Work(), SPACE, CMAES(POPULATION), GENERATIONS + 1, seed=1)
    marks: list[tuple[float, float]] = []

    def told(fraction: float, text: str) -> None:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        marks.append((time.monotonic(), spent.ru_utime + spent.ru_stime))

    found = []
    with execution(workers=workers):
        children = child_seconds(lambda: found.append(run_search(search, folder, told)))
    begin, end = marks[POPULATION], marks[-1]
    wall = end[0] - begin[0]
    busy = float(found[0].scores[1:].sum()) / (workers * wall)
    return Lived(wall, busy, (end[1] - begin[1]) / children if children else 0.0)


def main() -> dict[str, str]:
    kept: dict[int, list[Lived]] = {1: [], 2: []}
    with TemporaryDirectory() as root:
        for turn in range(ROUNDS):
            for workers, runs in kept.items():
                runs.append(lived(workers, Path(root) / f"{turn}-{workers}"))
    ratios = sorted(two.rate / one.rate for one, two in zip(kept[1], kept[2], strict=True))
    two = kept[2]
    return {
        "evaluations per second, two workers / one (wanted: 1.8)": _spread(ratios),
        "seconds of an evaluation": _spread([1 / one.rate for one in kept[1]]),
        "share of wall time in which two workers did not evaluate (.05)": _spread([1 - x.busy for x in two]),
        "CPU seconds of the loop / of its workers (.05)": _spread([x.own for x in two]),
    }


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3f}  ({min(values):.3f} to {max(values):.3f})"
