"""The checkpoint of a search: what was scored so far, whole or not at all, and the one before beside it.

A checkpoint is JSON: what the search is, then for each generation the points, the scores and the failures,
under a SHA-256 of its own. The optimiser's state is not in it: a search goes on by telling a fresh
optimiser these scores again (see `optimiser`). Written aside, synced, then renamed; a damaged one is passed
over for the one before.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...analysis.foundation import whole_files
from ...analysis.foundation.mistakes import Mistake

NAME, BEFORE = "checkpoint.json", "checkpoint-before.json"


@dataclass(frozen=True)
class Generation:
    """What one generation found."""

    points: list[list[float]]
    """(candidate, dimension) in the unit cube"""
    scores: list[list[float | None]]
    """(candidate, seed); None where the unit failed; a row is short where a candidate was stopped"""
    failures: list[str]
    """one line for each failed unit"""


def write(folder: Path, description: Mapping[str, Any], generations: list[Generation]) -> None:
    """Keep the generations; the checkpoint that stood becomes the one before.

    Raises:
        Mistake: the place cannot be written (a full disk); what stood still stands.
    """
    text = json.dumps({"search": dict(description), "generations": [vars(one) for one in generations]})
    content = (json.dumps({"sha256": _digest(text)}) + "\n" + text + "\n").encode()
    try:
        with whole_files.aside(folder / NAME, alone=True) as aside:
            aside.write_bytes(content)
            whole_files.to_disk(aside)
            if (folder / NAME).exists():
                os.replace(folder / NAME, folder / BEFORE)
    except OSError as error:
        raise Mistake(
            f"cannot write {folder / NAME}: {error.strerror}; what was kept before stands"
        ) from error


def read(folder: Path, description: Mapping[str, Any]) -> tuple[list[Generation], str]:
    """The generations that were kept, and a line to be said where the last checkpoint is damaged.

    Raises:
        Mistake: the checkpoint is of another search.
    """
    damaged = ""
    for name in (NAME, BEFORE):
        path = folder / name
        if not path.exists():
            continue
        try:
            head, text = path.read_text(encoding="utf-8").split("\n", 1)
            text = text.rstrip("\n")
            if json.loads(head)["sha256"] != _digest(text):
                raise ValueError
            table = json.loads(text)
            found = table["search"]
            generations = [Generation(**one) for one in table["generations"]]
        except (OSError, ValueError, KeyError, TypeError):
            damaged = f"{path} is damaged; going on from the one before it"
            continue
        told = json.loads(json.dumps(dict(description)))
        if found != told:
            differs = next(key for key in {**told, **found} if told.get(key) != found.get(key))
            raise Mistake(f"{path} is of another search ({differs} differs); name another folder")
        return generations, damaged
    return [], damaged.replace("going on from the one before it", "beginning anew") if damaged else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
