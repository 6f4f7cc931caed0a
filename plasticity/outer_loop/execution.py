"""Where the units of a search are evaluated: here, on processes of this machine, or on a Dask cluster.

A unit is one candidate and one seed. Its score depends on nothing else, so that the result of a search does
not depend on who evaluates it: execution is ambient, not part of a search.

    with execution(workers=4): ...                   processes of this machine
    with execution(scheduler="scheduler.json"): ...  a running `dask.distributed` cluster

A unit that raises, gives a number that is not finite, takes longer than its timeout or loses its worker twice
has failed: its score is ``-inf``, the reason is recorded, and the search goes on; it stops where a cluster is
lost, and where all of the first generation fails. Compiled programs travel to
a worker as sources: the evaluation carries configurations, and the worker builds what its cache lacks, once.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...analysis.foundation.mistakes import Mistake
from .cluster import Cluster
from .processes import Processes
from .units import Evaluate, Outcome, Unit, outcome_of


class Workers(Protocol):
    """Who evaluates: a context manager."""

    def evaluate(
        self, evaluate: Evaluate, units: Sequence[Unit], timeout: float | None, done: Callable[[int], None]
    ) -> list[Outcome]:
        """Outcomes in the order of the units; ``done`` is told how many are finished."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Execution:
    """How many processes, or which cluster.

    Raises:
        Mistake: fewer than one worker, or both a number of workers and a cluster.
    """

    workers: int | None = None
    """processes; None is one for each core that this process may use"""
    scheduler: str | None = None
    """file in which a Dask scheduler has written its address"""

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise Mistake(f"workers: {self.workers}, at least 1 is needed")
        if self.workers is not None and self.scheduler is not None:
            raise Mistake("give either a number of workers or a scheduler file, not both")
        if self.scheduler is not None and not Path(self.scheduler).is_file():
            raise Mistake(f"there is no scheduler file {self.scheduler}; `dask scheduler` writes one")

    def begin(self) -> Workers:
        if self.scheduler is not None:
            return Cluster(self.scheduler)
        count = self.workers or cores()
        if count == 1:
            return Here()
        return Processes(count)


_AMBIENT: ContextVar[Execution | None] = ContextVar("execution", default=None)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def execution(workers: int | None = None, scheduler: str | None = None) -> Iterator[None]:
    """Searches inside this context are evaluated so; without any, in this process."""
    token = _AMBIENT.set(Execution(workers, scheduler))
    try:
        yield
    finally:
        _AMBIENT.reset(token)


def ambient() -> Execution:
    """The execution of the context."""
    return _AMBIENT.get() or Execution(workers=1)


class Here:
    """Evaluates in this process; a timeout cannot be kept here and is not."""

    def evaluate(
        self, evaluate: Evaluate, units: Sequence[Unit], timeout: float | None, done: Callable[[int], None]
    ) -> list[Outcome]:
        outcomes = []
        for unit in units:
            outcomes.append(outcome_of(evaluate, unit))
            done(len(outcomes))
        return outcomes

    def close(self) -> None:
        """Nothing is held."""
