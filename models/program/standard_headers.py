"""The standard headers of all programs, read by the compiler once: a precompiled header of GCC.

    <root>/headers/<key>/standard.h, standard.h.gch     key: compiler, its version, its options

Reading them takes 0.5 to 1 of the 3 to 4 CPU s in which a program is compiled.  GCC itself takes the plain
text where the precompiled one does not fit it; one that is older than a header that it was made of is made
anew.  Other compilers are left alone.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...analysis.foundation import whole_files
from .dependencies import of_headers
from .description import compiler_version, digest

NAMES = (
    "algorithm cassert cerrno climits cmath csignal cstdarg cstdint cstdio cstdlib cstring ctime fstream "
    "iomanip iostream limits map queue random set sstream string tuple unistd.h utility vector"
).split()
"""What Brian2 2.9 to 2.11 and hedon include."""


def included(root: Path, compiler: tuple[str, ...], options: Sequence[str]) -> list[str]:
    """Arguments by which ``compiler`` takes the precompiled headers, none where there can be none.

    ``root`` is the folder of all of them.
    """
    version = compiler_version(compiler)
    if "clang" in version:
        return []
    kept = [option for option in options if not option.startswith("-I")]
    folder = root / digest("\0".join([*compiler, version, *kept]).encode())[:32]
    text = folder / "standard.h"
    if not _newest(folder):
        try:
            _make(folder, [*compiler, *kept])
        except (OSError, subprocess.CalledProcessError):
            return []
    return ["-include", str(text)]


def _newest(folder: Path) -> bool:
    """Whether the precompiled header is not older than any header that it was made of."""
    try:
        made = (folder / "standard.h.gch").stat().st_mtime_ns
        return all(os.stat(path).st_mtime_ns <= made for path in _made_of(folder))
    except OSError:
        return False


def _made_of(folder: Path) -> Iterable[str]:
    return of_headers((folder / "standard.d").read_text())


def _make(folder: Path, command: list[str]) -> None:
    """Made aside and renamed, so that builds side by side find it whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "standard.h"
    if not text.exists():
        whole_files.write(text, "".join(f"#include <{name}>\n" for name in NAMES).encode())
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        made, rules = Path(aside, "standard.h.gch"), Path(aside, "standard.d")
        how = ["-x", "c++-header", str(text), "-o", str(made), "-MD", "-MF", str(rules)]
        subprocess.run([*command, *how], check=True, capture_output=True)
        for part in (rules, made):
            os.replace(part, folder / part.name)
