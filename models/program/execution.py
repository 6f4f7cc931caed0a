"""One call of a binary: a fresh folder, a child process, and the distrust of its exit status.

A call is whole only if the child ended with status 0, said nothing, completed the run, and every file
has the size that the binary states.  The folder is removed whatever happens; what a killed process leaves
behind is removed by the next one.
"""

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .model import ProgramError
from .values import Value

PREFIX = "hedon-call-"
POLL = 0.05
STALE = 60.0
_cleaned: set[int] = set()


@dataclass(frozen=True)
class Written:
    """What the binary states about one file."""

    dtype: str
    rows: int
    columns: int
    bytes: int


def remove_leftovers() -> None:
    """Folders of calls whose process is gone: nobody holds their lock."""
    try:
        items = list(os.scandir(tempfile.gettempdir()))
    except OSError:
        return  # what is wrong with the place is said by whoever makes a folder there
    for item in items:
        if not item.name.startswith(PREFIX):
            continue
        try:
            if item.stat().st_uid != os.getuid() or time.time() - item.stat().st_mtime < STALE:
                continue
            with open(os.path.join(item.path, "lock"), "a") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(item.path, ignore_errors=True)
        except OSError:
            continue


@contextmanager
def call_folder() -> Iterator[str]:
    """A new folder, locked while it is in use, removed in the end."""
    if os.getpid() not in _cleaned:
        _cleaned.add(os.getpid())
        remove_leftovers()
    try:
        folder = tempfile.mkdtemp(prefix=PREFIX)
    except OSError as error:
        raise ProgramError(
            f"no temporary folder can be made in '{tempfile.gettempdir()}': {error.strerror}"
        ) from None
    try:
        with open(os.path.join(folder, "lock"), "w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_call(
    folder: str,
    seed: int,
    seconds: float,
    outputs: Sequence[int],
    values: Sequence[Value],
    progress: bool,
) -> None:
    """The files ``call`` and ``values`` that harness.h reads."""
    lines = [
        f"parent {os.getpid()}",
        f"seed {seed}",
        f"duration {seconds!r}",
        f"progress {int(progress)}",
        " ".join(map(str, ["outputs", len(outputs), *outputs])),
        f"values {len(values)}",
    ]
    for value in values:
        form = "scalar" if value.scalar else "array"
        lines.append(f"{value.target} {value.data.dtype.name} {form} {value.data.size} {value.data.nbytes}")
    try:
        if values:
            with open(os.path.join(folder, "values"), "wb") as stream:
                for value in values:
                    stream.write(value.data.data)  # tofile() would not notice a full disk
        with open(os.path.join(folder, "call"), "w") as text:
            text.write("\n".join([*lines, "end\n"]))
    except OSError as error:
        raise ProgramError(f"the arguments cannot be written to '{folder}': {error}") from None


def execute(
    program: Path,
    folder: str,
    progress: Callable[[float], None] | None,
    timeout: float | None,
) -> None:
    """Run ``main`` of the program on the call in ``folder``.

    Raises ProgramError if it fails, says anything or runs out of time.  The child is dead when this
    returns or raises, Ctrl-C included.
    """
    said = os.path.join(folder, "said")
    with open(said, "wb") as stream:
        try:
            child = subprocess.Popen(
                [str(program / "main"), folder],
                cwd=program,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        except OSError as error:
            raise ProgramError(f"'{program}/main' cannot be started: {error.strerror}") from None
    try:
        if progress is None and timeout is None:
            status = child.wait()
        else:
            status = _watch(child, folder, progress, timeout)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    with open(said, errors="replace") as text:
        words = " ".join(text.read(2000).split())
    if status == -signal.SIGINT:
        time.sleep(0.05)  # Ctrl-C reaches the child first: let KeyboardInterrupt come through
    if status < 0:
        name = signal.Signals(-status).name
        hint = " (out of memory?)" if status == -signal.SIGKILL else ""
        raise ProgramError(f"the run was stopped by {name}{hint}" + (words and f": {words}"))
    if status:
        raise ProgramError(f"the run failed with status {status}: {words or 'no message'}")
    if words:
        raise ProgramError(f"the run is not trusted, for it said: {words}")


def _watch(
    child: subprocess.Popen[bytes],
    folder: str,
    progress: Callable[[float], None] | None,
    timeout: float | None,
) -> int:
    end = None if timeout is None else time.monotonic() + timeout
    last = -1.0
    while True:
        remaining = POLL if end is None else min(POLL, end - time.monotonic())
        try:
            status = child.wait(max(remaining, 0.0))
        except subprocess.TimeoutExpired:
            status = None
        if progress is not None:
            fraction = 1.0 if status == 0 else _fraction(folder)
            if fraction > last:
                last = fraction
                progress(fraction)
        if status is not None:
            return status
        if end is not None and time.monotonic() >= end:
            raise ProgramError(f"the run took longer than its limit of {timeout:g} s and was stopped")


def _fraction(folder: str) -> float:
    try:
        with open(os.path.join(folder, "progress"), "rb") as stream:
            data = stream.read(8)
    except OSError:
        return 0.0
    fraction = struct.unpack("d", data)[0] if len(data) == 8 else 0.0
    return min(max(fraction, 0.0), 1.0)


def read_report(folder: str) -> dict[str, Written]:
    """The files that the binary wrote; raises ProgramError unless the run is complete."""
    try:
        with open(os.path.join(folder, "report")) as stream:
            lines = stream.read().split("\n")
    except OSError:
        raise ProgramError("the run left no report") from None
    if lines[-2:] != ["end", ""] or len(lines) < 3:
        raise ProgramError("the report of the run is cut short")
    name, fraction = lines[-3].split()
    if name != "completed" or float(fraction) != 1.0:
        raise ProgramError(f"the run was stopped at {float(fraction):.0%}")
    written = {}
    for line in lines[:-3]:
        file, dtype, rows, columns, size = line.split()
        written[file] = Written(dtype, int(rows), int(columns), int(size))
    return written


def read_file(
    folder: str,
    file: str,
    name: str,
    written: Mapping[str, Written],
    dtype: str,
    rows: int | None,
    columns: int | None,
) -> np.ndarray:
    """One output as a matrix (rows, columns).

    Raises ProgramError unless the file's size is what the binary says, and its form what the manifest
    says as far as it knows (``rows``, ``columns``).
    """
    facts = written.get(file)
    if facts is None:
        raise ProgramError(f"the run wrote no output '{name}'")
    expected = facts.rows * facts.columns * np.dtype(dtype).itemsize
    if facts.dtype != dtype or facts.bytes != expected:
        raise ProgramError(f"output '{name}' is {facts}, its manifest says {dtype}")
    if facts.rows == 0 and columns is not None:
        return np.empty((0, columns), dtype)  # a recording without a tick has no columns yet
    if rows not in (None, facts.rows) or columns not in (None, facts.columns):
        raise ProgramError(
            f"output '{name}' has {facts.rows} × {facts.columns} values, its manifest says "
            f"{rows or 'any'} × {columns or 'any'}"
        )
    path = os.path.join(folder, file)
    if not os.path.exists(path) or os.path.getsize(path) != facts.bytes:
        raise ProgramError(f"output '{name}' was not written whole")
    return np.fromfile(path, dtype=dtype).reshape(facts.rows, facts.columns)
