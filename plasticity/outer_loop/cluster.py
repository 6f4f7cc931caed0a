"""A running `dask.distributed` cluster, reached through the file in which its scheduler wrote its address.

On a cluster with SLURM, from one directory that all nodes see:

    srun --ntasks=1 dask scheduler --scheduler-file scheduler.json &
    srun --ntasks=64 dask worker --scheduler-file scheduler.json --nthreads 1 &
    hedon tune EXPERIMENT --scheduler scheduler.json      # or hedon infer DATA --task NAME --scheduler ...

Every worker needs a C++ compiler and the same sources and versions as the search, or it is refused; it builds
a program once, into its own HEDON_CACHE. A cluster that is lost ends the search, which can be taken up again:
its candidates are not to blame.
"""

import contextlib
import hashlib
import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from ...analysis.foundation import results, sources
from ...analysis.foundation.mistakes import Mistake
from .units import Evaluate, Outcome, Unit, outcome_of

PATIENCE = 10.0
"""Seconds to wait for the scheduler, and for a first worker."""
POLL = 0.02
"""Seconds between two looks at the units."""
RESUME = "the same command goes on where it was"


class Cluster:
    """Sends units to a cluster.

    Raises:
        Mistake: Dask is not installed, the file names no scheduler, or the scheduler does not answer.
    """

    def __init__(self, scheduler_file: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise Mistake("a scheduler needs Dask: pip install 'hedon[cluster]'") from error
        for name in ("distributed", "distributed.client", "distributed.core"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what is lost is said here, in one line
        try:
            address = str(json.loads(Path(scheduler_file).read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Mistake(f"{scheduler_file} is empty, half written or no scheduler file of Dask") from error
        try:
            self.client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, AssertionError) as error:
            raise Mistake(f"no Dask scheduler answers at the address in {scheduler_file}") from error

    def evaluate(
        self, evaluate: Evaluate, units: Sequence[Unit], timeout: float | None, done: Callable[[int], None]
    ) -> list[Outcome]:
        """Raises Mistake if the cluster is lost, has no workers, or one that differs."""
        futures = self._submitted([partial(outcome_of, evaluate, unit) for unit in units])
        patience = math.inf if timeout is None else timeout * len(units)
        self._watch(futures, patience, done)
        return [self._outcome(future, patience) for future in futures]

    def results(self, jobs: Sequence[Callable[[], Any]]) -> Iterator[Any]:
        """What each job makes, in their order. Raises Mistake as `evaluate` does, and where workers die."""
        for future in self._submitted(jobs):
            self._watch([future], math.inf, lambda finished: None)
            found = self._outcome(future, math.inf)
            if isinstance(found, Outcome):
                raise Mistake(f"the cluster cannot do it: {found.failure}; {RESUME}")
            yield found

    def _submitted(self, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
        return [self.client.submit(_made, job, made_of(), pure=False) for job in jobs]

    def _watch(self, futures: Sequence[Any], patience: float, done: Callable[[int], None]) -> None:
        """Until all are finished, or patience is over."""
        began = worked = looked = time.monotonic()
        finished = 0
        while finished < len(futures) and time.monotonic() - began < patience:
            time.sleep(POLL)
            if self.client.status != "running" or any(future.cancelled() for future in futures):
                raise Mistake(f"the cluster's scheduler was lost; {RESUME}")
            found = sum(future.done() for future in futures)
            if found > finished:
                finished = found
                done(finished)
            now = time.monotonic()
            if now - looked > min(1.0, PATIENCE / 2):
                looked = now
                worked = now if self._workers() else worked
                if now - worked > PATIENCE:
                    raise Mistake(f"the cluster has had no worker for {PATIENCE:g} s; {RESUME}")

    def _workers(self) -> int:
        try:
            return len(self.client.sync(self.client.scheduler.ncores, callback_timeout=PATIENCE))
        except (OSError, TimeoutError) as error:
            raise Mistake(f"the cluster's scheduler was lost; {RESUME}") from error

    def _outcome(self, future: Any, patience: float) -> Any:
        """What a job made; an `Outcome` of failure if it was not finished or its workers died."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        if not future.done():
            future.cancel()
            return Outcome(-math.inf, f"not finished after {patience:g} s")
        try:
            answer = future.result()
        except KilledWorker as error:
            return Outcome(-math.inf, f"{type(error).__name__}: its workers died")
        except CancelledError as error:
            raise Mistake(f"the cluster's scheduler was lost; {RESUME}") from error
        except Mistake:
            raise
        except Exception as error:
            raise Mistake(f"a worker cannot load the evaluation: {type(error).__name__}: {error}") from error
        if isinstance(answer, str):
            raise Mistake(answer)
        return answer

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)


@cache
def made_of() -> Mapping[str, str]:
    """Versions and sources on which a score can depend, as they were when this process first asked."""
    rooms = (sources.ROOT / room for room in ("analysis", "plasticity", "models"))
    files = sorted(path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".h"))
    content = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files))
    return {**results.versions(), "hedon's sources": content.hexdigest()[:12]}


def _made(job: Callable[[], Any], wanted: Mapping[str, str]) -> Any:
    """What the job makes; of a worker that differs from who asks, a line on how."""
    here = made_of()
    for name in ("python", "numpy", "brian2", "scipy", "hedon", "hedon's sources"):
        if wanted.get(name) != here.get(name):
            return (
                f"a worker of the cluster differs from the search: {name} {here.get(name, 'missing')} "
                f"for {wanted.get(name, 'missing')}; start the workers anew from the same installation"
            )
    return job()
