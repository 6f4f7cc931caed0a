"""Where compiled programs are kept: whole or not at all, built once however many ask.

    <root>/programs/<key>/            an entry: main, static_arrays/, manifest.json
    <root>/read/<key>.json            what builds of this description read besides (dependencies.py)
    <root>/locks/<key>                held (flock) by the one process that builds
    <root>/building/<key>.*/          being built; without a holder of the lock it is dead, and removed
    <root>/failed/<key>.log           what a failed build said
    <root>/headers/<key>/             the compiler's standard headers, precompiled (standard_headers.py)

A build is made aside, forced to disk, and renamed into place.  An entry is trusted only if its manifest
agrees with its own digest and every file with the manifest; a damaged one is built anew.  The root is
$HEDON_CACHE, else $XDG_CACHE_HOME/hedon, else ~/.cache/hedon (~/Library/Caches/hedon on macOS).
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...analysis.foundation import whole_files
from ...analysis.foundation.mistakes import Mistake
from .description import digest, file_digest

MANIFEST = "manifest.json"


def root_folder(folder: str | Path | None = None) -> Path:
    """The cache's root: ``folder`` if given, else as the environment says."""
    if folder is not None:
        return Path(folder).expanduser().absolute()
    if chosen := os.environ.get("HEDON_CACHE"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "hedon"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hedon"


def headers(root: Path) -> Path:
    """Folder of the precompiled headers."""
    return root / "headers"


def make_folders(root: Path) -> None:
    """Raises Mistake if the cache cannot be written."""
    try:
        for name in ("programs", "read", "locks", "building", "failed"):
            (root / name).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root / "building"):
            pass
    except OSError as error:
        raise Mistake(
            f"the cache '{root}' cannot be written ({error.strerror}); choose another with $HEDON_CACHE"
        ) from None


@contextmanager
def lock(root: Path, key: str, wait: bool = True) -> Iterator[bool]:
    """Hold the right to build ``key``; yields whether it was had (always, when waiting)."""
    try:
        held = whole_files.lock(root / "locks" / key, (lambda: None) if wait else None)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        whole_files.release(held)


def load(entry: Path) -> dict[str, Any] | None:
    """The manifest of an entry that is whole, else None."""
    try:
        stated, _, text = (entry / MANIFEST).read_bytes().partition(b"\n")
        if digest(text) != stated.decode():
            return None
        manifest: dict[str, Any] = json.loads(text)
        for name, (size, stated_digest) in manifest["files"].items():
            path = entry / name
            if path.stat().st_size != size or file_digest(path) != stated_digest:
                return None
    except (OSError, ValueError):
        return None
    return manifest


def publish(root: Path, key: str, built: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rename a finished build into place, everything on disk before; to be called under the lock."""
    files = sorted(p for p in [built / "main", *(built / "static_arrays").glob("*")] if p.is_file())
    manifest = {
        **facts,
        "files": {p.relative_to(built).as_posix(): [p.stat().st_size, file_digest(p)] for p in files},
    }
    text = json.dumps(manifest).encode()
    (built / MANIFEST).write_bytes(digest(text).encode() + b"\n" + text)
    for path in [*files, built / MANIFEST, built / "static_arrays", built]:
        whole_files.to_disk(path)
    entry = root / "programs" / key
    if entry.exists():
        discard(root, key)
    os.rename(built, entry)
    whole_files.to_disk(entry.parent)
    return manifest


def notes(root: Path, key: str) -> list[dict[str, Any]]:
    """What builds of a description read besides: one note for each state in which a program was built.

    Nothing read is always among them, and the latest stands first.
    """
    try:
        kept: list[dict[str, Any]] = json.loads((root / "read" / f"{key}.json").read_text())
    except (OSError, ValueError):
        kept = []
    return [*reversed(kept), {}]


def keep_note(root: Path, key: str, note: Mapping[str, Any]) -> None:
    """Add to `notes`, whole or not at all; to be called under the lock."""
    kept = [other for other in reversed(notes(root, key)) if other and other != note]
    aside = root / "read" / f"{key}.part"
    aside.write_text(json.dumps([*kept, note]))
    os.rename(aside, root / "read" / f"{key}.json")


def discard(root: Path, key: str) -> None:
    """Take a damaged entry away; it stops being visible at once."""
    aside = Path(tempfile.mkdtemp(prefix=f"{key}.damaged.", dir=root / "building"))
    os.rename(root / "programs" / key, aside / "entry")
    shutil.rmtree(aside, ignore_errors=True)


def mark_used(entry: Path) -> None:
    """Note the time, where the cache can be written."""
    with suppress(OSError):
        os.utime(entry)


def remove_dead_builds(root: Path, held: str | None = None) -> None:
    """Builds whose lock nobody holds were killed: remove what they left.

    ``held`` is a key whose lock the caller holds, before building anything itself.
    """
    for path in (root / "building").iterdir():
        key = path.name.partition(".")[0]
        if key == held:
            shutil.rmtree(path, ignore_errors=True)
            continue
        with lock(root, key, wait=False) as free:
            if free:
                shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Entry:
    """A cached program as ``hedon cache`` lists it."""

    key: str
    folder: Path
    builder: str
    bytes: int
    whole: bool
    used: float
    """When a process last asked for it, seconds since the epoch."""


def entries(folder: str | Path | None = None) -> list[Entry]:
    """All cached programs, the most recently used first."""
    programs = root_folder(folder) / "programs"
    found = []
    for path in programs.iterdir() if programs.is_dir() else ():
        manifest = load(path)
        size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        builder = "?" if manifest is None else manifest["builder"]
        found.append(Entry(path.name, path, builder, size, manifest is not None, path.stat().st_mtime))
    return sorted(found, key=lambda entry: -entry.used)


def size(folder: str | Path | None = None) -> int:
    """Bytes that the cache takes on disk."""
    root = root_folder(folder)
    return sum(p.stat().st_size for p in root.rglob("*") if p.is_file()) if root.is_dir() else 0


def clear(folder: str | Path | None = None) -> int:
    """Remove every entry that nobody is building; how many."""
    root = root_folder(folder)
    if not root.is_dir():
        return 0
    make_folders(root)
    removed = 0
    for path in (root / "programs").iterdir():
        with lock(root, path.name, wait=False) as free:
            if free:
                discard(root, path.name)
                removed += 1
    remove_dead_builds(root)
    for path in [*(root / "failed").iterdir(), *(root / "read").iterdir()]:
        path.unlink(missing_ok=True)
    shutil.rmtree(headers(root), ignore_errors=True)
    return removed
