"""Processes of this machine that evaluate units, and may die.

Each worker is a spawned process with a pipe of its own. A worker that dies takes its unit alone with it: the
unit is given once more to a new worker, then counts as failed. A unit that outlasts its timeout fails at
once and its worker is killed. Workers end when the pipe closes, also where this process was killed.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing import connection
from typing import Any

from .units import Evaluate, Outcome, Unit, outcome_of

TRIES = 2
"""How often a unit is tried that kills its worker."""


class Processes:
    """``count`` workers, started when they are first needed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.workers: list[_Worker] = []

    def evaluate(
        self, evaluate: Evaluate, units: Sequence[Unit], timeout: float | None, done: Callable[[int], None]
    ) -> list[Outcome]:
        waiting = deque(range(len(units)))
        tries = [0] * len(units)
        outcomes: dict[int, Outcome] = {}
        number: int | None
        while len(self.workers) < min(self.count, len(units)):
            self.workers.append(_Worker())
        while len(outcomes) < len(units):
            for worker in self.workers:
                if worker.unit is None and waiting:
                    number = waiting.popleft()
                    tries[number] += 1
                    worker.begin(number, evaluate, units[number])
            for worker in self._ready(timeout):
                number = worker.unit
                if number is None:
                    continue
                answer = worker.answer()
                if answer is None:
                    late = timeout is not None and worker.age > timeout
                    code = worker.end()
                    self.workers[self.workers.index(worker)] = _Worker()
                    if late:
                        answer = Outcome(-math.inf, f"took longer than {timeout:g} s")
                    elif tries[number] < TRIES:
                        waiting.appendleft(number)
                        continue
                    else:
                        answer = Outcome(-math.inf, f"its worker died {TRIES} times (exit status {code})")
                outcomes[number] = answer
                done(len(outcomes))
        return [outcomes[number] for number in range(len(units))]

    def _ready(self, timeout: float | None) -> list[_Worker]:
        """Workers that have answered, died or are late; waits for the first."""
        busy = [worker for worker in self.workers if worker.unit is not None]
        patience = None
        if timeout is not None:
            patience = max(0.0, min(timeout - worker.age for worker in busy)) + 0.01
        found = connection.wait([worker.pipe for worker in busy], patience)
        return [
            worker
            for worker in busy
            if worker.pipe in found or (timeout is not None and worker.age > timeout)
        ]

    def close(self) -> None:
        for worker in self.workers:
            worker.end()
        self.workers = []


class _Worker:
    def __init__(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        self.pipe, other = spawning.Pipe()
        self.process = spawning.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.unit: int | None = None
        self.began = 0.0

    def begin(self, number: int, evaluate: Evaluate, unit: Unit) -> None:
        self.unit, self.began = number, time.monotonic()
        try:
            self.pipe.send((evaluate, unit))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has died: its pipe says so when it is waited for

    @property
    def age(self) -> float:
        return time.monotonic() - self.began

    def answer(self) -> Outcome | None:
        """What the worker found; None where it died or has not answered yet."""
        try:
            answer: Outcome | None = self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, ConnectionResetError):
            answer = None
        if answer is not None:
            self.unit = None
        return answer

    def end(self) -> int | None:
        self.pipe.close()
        self.process.kill()
        self.process.join()
        return self.process.exitcode


def _serve(pipe: Any) -> None:
    """Evaluate what comes until the pipe closes; Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    while True:
        try:
            evaluate, unit = pipe.recv()
        except (EOFError, ConnectionResetError):
            return
        pipe.send(outcome_of(evaluate, unit))
