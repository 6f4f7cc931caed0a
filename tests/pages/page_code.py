"""The code of the pages in docs/: files with a title, commands, and Python that is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hedon

ROOT = Path(hedon.__file__).parent
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """(language, title or '', text) of each block of code."""
    yield from BLOCK.findall(page.read_text("utf-8"))


def run(page: Path, folder: Path) -> str:
    """Write the page's files into ``folder`` and run its commands and Python there; what they print."""
    said = []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT.parent), str(folder)])}
    environment["HEDON_RESULTS"] = "results"
    for language, title, text in blocks(page):
        if title:
            (folder / title).write_text(text)
            continue
        if language == "python":
            commands = [[sys.executable, "-c", text]]
        else:
            assert language == "sh", language
            lines = [line.split() for line in text.splitlines()]
            assert all(line[0] == "hedon" for line in lines)
            commands = [[sys.executable, "-m", *line] for line in lines]
        for command in commands:
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            said.append(done.stdout)
    return "\n".join(said)
