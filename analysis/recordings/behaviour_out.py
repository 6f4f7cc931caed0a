"""Behaviour written as tidy CSV: one row a trial, the columns that `behaviour` reads, in their order."""

import gzip
from pathlib import Path

from ..foundation.mistakes import Mistake
from .behaviour import ORDER, Behaviour
from .spike_files import table_text, write_new


def write_behaviour(behaviour: Behaviour, path: str | Path) -> Path:
    """Write the trials, gzip if the name ends in .gz.

    Raises:
        Mistake: the file stands already or cannot be written, ``subject`` or ``trial`` is missing, or there
            are no trials.
    """
    path = Path(path)
    for name in ("subject", "trial"):
        behaviour[name]
    if not len(behaviour):
        raise Mistake("a behaviour without trials is not written")
    known = [name for name in ORDER if name in behaviour.columns]
    names = [*known, *(name for name in behaviour.columns if name not in known)]
    content = table_text({name: behaviour[name] for name in names})
    write_new(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
