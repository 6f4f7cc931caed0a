"""A running `dask.distributed` cluster, reached through the file in which its scheduler wrote its address.

On a cluster with SLURM, from one directory that all nodes see:

    srun --ntasks=1 dask scheduler --scheduler-file scheduler.json &
    srun --ntasks=64 dask worker --scheduler-file scheduler.json --nthreads 1 &
    hedon tune EXPERIMENT --scheduler scheduler.json

Every worker needs hedon and a C++ compiler; it builds a program once, into its own HEDON_CACHE.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...analysis.foundation.mistakes import Mistake
from .units import Evaluate, Outcome, Unit, outcome_of

PATIENCE = 20.0
"""Seconds to wait for the scheduler."""


class Cluster:
    """Sends units to a cluster.

    Raises:
        Mistake: Dask is not installed, or the scheduler does not answer.
    """

    def __init__(self, scheduler_file: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise Mistake("a scheduler needs Dask: pip install 'hedon[cluster]'") from error
        try:
            self.client: Any = Client(scheduler_file=scheduler_file, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Mistake(f"no Dask scheduler answers at the address in {scheduler_file}") from error

    def evaluate(
        self, evaluate: Evaluate, units: Sequence[Unit], timeout: float | None, done: Callable[[int], None]
    ) -> list[Outcome]:
        from concurrent.futures import CancelledError

        from distributed import as_completed

        futures = [self.client.submit(outcome_of, evaluate, unit, pure=False) for unit in units]
        patience = None if timeout is None else timeout * len(units)
        finished = 0
        try:
            for _ in as_completed(futures, timeout=patience, loop=self.client.loop):
                finished += 1
                done(finished)
        except TimeoutError:
            pass
        outcomes = []
        for future in futures:
            try:
                if future.done():
                    outcomes.append(future.result())
                    continue
                future.cancel()
                outcomes.append(Outcome(-math.inf, f"not finished after {patience:g} s"))
            except (Exception, CancelledError) as error:
                outcomes.append(Outcome(-math.inf, f"{type(error).__name__}: its workers died"))
        return outcomes

    def close(self) -> None:
        self.client.close()
