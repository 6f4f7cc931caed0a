"""CPU time of work in child processes, in turn, so that ratios hold on a machine whose speed drifts."""

from __future__ import annotations

import os
import resource
import statistics
from collections.abc import Callable, Mapping


def child_seconds(work: Callable[[], object]) -> float:
    """CPU seconds that child processes spend while ``work`` runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_turn(works: Mapping[str, Callable[[], float]], rounds: int = 5) -> dict[str, list[float]]:
    """Seconds of each work in each round, A B C A B C ..."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds[name].append(work())
    return seconds


def ratio(above: list[float], below: list[float]) -> str:
    """Median and range of the ratios, round by round."""
    ratios = sorted(a / b for a, b in zip(above, below, strict=True))
    return f"{statistics.median(ratios):.2f}  ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def one_core() -> None:
    """Keep this process and its children on one core, where the system lets us."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
