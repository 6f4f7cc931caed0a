"""Commands that run side by side, each in a process of its own, while the first results are already used.

`hedon figures` makes the results of its experiments so, one process for each core, and draws each figure as
soon as what it needs is there. What the processes say on stderr (progress, mistakes) is passed on line by
line. However the work ends, no process is left running: one that is interrupted keeps its finished parts.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from types import TracebackType

from ..analysis.foundation.mistakes import Mistake

PATIENCE = 10.0
"""Seconds that an interrupted process gets to end by itself."""


class SideBySide:
    """Runs named commands in their order, ``workers`` of them at a time; a context manager.

    Raises:
        Mistake: fewer than one worker.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], workers: int) -> None:
        if workers < 1:
            raise Mistake(f"workers: {workers}, at least 1 is needed")
        self._commands = dict(commands)
        self._workers = workers
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def __enter__(self) -> SideBySide:
        self._pool = ThreadPoolExecutor(self._workers)
        self._ends: dict[str, Future[int]] = {
            name: self._pool.submit(self._run, command) for name, command in self._commands.items()
        }
        return self

    def wait(self, name: str) -> None:
        """Wait for the command ``name``; one that is none of the commands has nothing to wait for.

        Raises:
            Mistake: the command ended with another status than 0 (it has said why).
        """
        if name not in self._ends:
            return
        status = self._ends[name].result()
        if status:
            raise Mistake(f"{name} was not made (exit status {status}); what was wrong is said above")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            process.send_signal(signal.SIGINT)
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        self._pool.shutdown(wait=True)

    def _run(self, command: Sequence[str]) -> int:
        with self._lock:
            if self._stopped:
                raise CancelledError
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._running.add(process)
        try:
            assert process.stderr is not None
            with process.stderr:
                for line in process.stderr:
                    if not self._stopped:
                        print(line, end="", file=sys.stderr, flush=True)
            return process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
