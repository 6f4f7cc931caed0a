"""Files that appear whole or not at all, and locks that end with their process, however it ends (flock)."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def aside(path: Path, *, new: bool = False, alone: bool = False) -> Iterator[Path]:
    """A file beside ``path`` to be written, which takes its name at the end of the block, all of it on disk.

    With ``new`` a file that stands is an error, also one that came meanwhile. A caller that is ``alone`` (it
    holds a lock) writes over what a killed process left.

    Raises:
        OSError: it cannot be written, or (FileExistsError) stands already.
    """
    if new and path.exists():
        raise FileExistsError(path)
    beside = path.with_name(f".{path.stem}.{'writing' if alone else os.getpid()}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        to_disk(beside)
        if new:
            _link(beside, path)
        else:
            os.replace(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink()


def write(path: Path, content: bytes, *, alone: bool = False) -> None:
    """Write a file whole or not at all; raises OSError."""
    with aside(path, alone=alone) as beside:
        beside.write_bytes(content)


def to_disk(path: Path) -> None:
    """Bring a file or the names in a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path, waiting: Callable[[], None] | None = None) -> int:
    """Hold the lock file ``path``, which its last holder may remove; `release` takes what is returned.

    ``waiting`` is called once before waiting for another holder.

    Raises:
        BlockingIOError: another process holds it and ``waiting`` is None.
        OSError: it cannot be written.
    """
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waiting is None:
                    raise
                waiting()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def release(held: int) -> None:
    """End a lock, also where a forked process has a copy of it."""
    fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)


def _link(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.rename(beside, path)
