"""Finished parts of a long training on disk: written whole or not at all, and read back if they are whole."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from . import whole_files
from .progress import Reporter, tell

Parts = dict[str, np.ndarray]


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays to ``path``; it appears only when all of it is on disk."""
    with whole_files.aside(path, alone=True) as aside, open(aside, "wb") as file:
        np.savez(file, **dict(arrays))  # type: ignore[arg-type]


def read(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays in ``path``; None if it is missing or damaged."""
    try:
        with np.load(path) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def made_once(folder: Path | None, name: str, make: Callable[[], Parts]) -> Parts:
    """The part ``name`` in ``folder``: made and kept if it is not there; without a folder it is only made."""
    file = None if folder is None else folder / f"{name}.npz"
    found = None if file is None else read(file)
    if found is None:
        found = make()
        if file is not None:
            write(file, found)
    return found


def all_made(
    folder: Path | None, work: Sequence[tuple[str, float, Callable[[], Parts]]], progress: Reporter
) -> Parts:
    """Parts one after another, each by its name, share of the time, and what makes it (`made_once`)."""
    found, done = Parts(), 0.0
    for name, share, make in work:
        tell(progress, done, name.replace("_", " "))
        found |= made_once(folder, name, make)
        done += share
    return found
