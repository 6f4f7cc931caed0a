"""Behaviour: one row a trial, from a CSV file (plain or gzip), as named columns.

Columns bear these names, or are mapped to them (``columns={"action": "choice"}``):

    subject, session, trial, task, cue, action, state2, action2, common, reward, change_point, outcome,
    estimate, rt, missed, t_cue, t_action, t_outcome

Only those that an analysis asks for must be there. Numbers are floats, True and False are 1 and 0, an empty
cell is NaN; subject, session and task are words. Rows are put in the order of subject, session and trial, in
which they may not have been written. Times are in seconds; reaction times that are as long as minutes are
taken for milliseconds that were not converted, and refused.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake, nearest
from .checks import check_column
from .codes import TRUTHS, YES_OR_NO, check_truth, mapped

WORDS = ("subject", "session", "task")
TIMES = ("rt", "rt1", "rt2")
LONGEST = 60.0
"""Median reaction time (s) beyond which the unit must be wrong."""


@dataclass(frozen=True)
class Behaviour:
    """Columns of equal length, in the order of subject, session and trial."""

    columns: Mapping[str, NDArray]
    source: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> NDArray:
        if name not in self.columns:
            raise Mistake(
                f"{self.source or 'this behaviour'} has no column '{name}'{nearest(name, self.columns)}; "
                f"there are {', '.join(self.columns)}"
            )
        return self.columns[name]

    def subjects(self) -> Iterator[tuple[str, Behaviour]]:
        """Each subject's own rows."""
        for name in dict.fromkeys(self["subject"].tolist()):
            yield name, self.where(self["subject"] == name)

    def sessions(self) -> Iterator[Behaviour]:
        """Each session's own rows; a file without sessions is one."""
        if "session" not in self.columns:
            yield self
            return
        for name in dict.fromkeys(self["session"].tolist()):
            yield self.where(self["session"] == name)

    def where(self, rows: NDArray) -> Behaviour:
        return Behaviour({name: values[rows] for name, values in self.columns.items()}, self.source)


def read_behaviour(
    path: str | Path, needs: Sequence[str] = (), columns: Mapping[str, str] | None = None
) -> Behaviour:
    """Read a CSV file.

    Args:
        path: the file, gzip if it ends in .gz.
        needs: columns that must be there, beside ``subject`` and ``trial``.
        columns: our name -> the file's name, where they differ.

    Raises:
        Mistake: no such file or no CSV, a missing column (which, and what is there), no row, a cell that is
            no number, the same trial twice, reaction times in the wrong unit.
    """
    path = Path(path)
    theirs = dict(columns or {})
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = csv.reader(raw.decode("utf-8-sig").splitlines())
        head = [name.strip() for name in next(rows, [])]
        body = [row for row in rows if row]
    except OSError as error:
        raise Mistake(f"cannot read {path}: {error.strerror or 'no gzip file'}") from error
    except (UnicodeDecodeError, EOFError, csv.Error) as error:
        raise Mistake(f"{path} is no CSV file") from error
    for ours, name in theirs.items():
        if name not in head and name.rpartition(":")[0] not in head:
            raise Mistake(f"{path} has no column '{name}' (for {ours}); there are {', '.join(head)}")
    missing = [name for name in ("subject", "trial", *needs) if name not in (*head, *theirs)]
    if missing:
        raise Mistake(f"{path} has no column '{missing[0]}'; there are {', '.join(head)}")
    twice = [name for name in head if head.count(name) > 1]
    for name in ("subject", "session", "trial", *needs, *theirs.values()):
        if name in twice and (name not in theirs or name in theirs.values()):
            raise Mistake(f"{path} has two columns '{name}'; rename one")
    if not body:
        raise Mistake(f"{path} has no trials")
    for number, row in enumerate(body, 2):
        if len(row) != len(head):
            raise Mistake(f"{path}, line {number}: {len(row)} cells, the head has {len(head)}")
    cells = dict(zip(head, (np.array(column) for column in zip(*body, strict=True)), strict=True))
    cells = mapped(str(path), cells, theirs)
    read = {name: _column(path, name, values) for name, values in cells.items()}
    check_codes(str(path), read, needs)
    order = _order(path, read)
    for name in TIMES:
        if name in read and read[name].dtype.kind == "f":
            middle = np.nanmedian(read[name]) if np.isfinite(read[name]).any() else 0.0
            if middle > LONGEST:
                raise Mistake(f"{path}: {name} has a median of {middle:g} s; is it in milliseconds?")
    for name, values in read.items():
        if name.startswith("t_"):
            check_column(str(path), name, values)
    return Behaviour({name: values[order] for name, values in read.items()}, str(path))


def check_codes(source: str, read: dict[str, NDArray], needs: Sequence[str]) -> None:
    """Raises `Mistake` where a column that is used holds codes that would be taken for others.

    What stands in missed trials is no code, and becomes NaN.
    """
    if "missed" in read:
        check_truth(source, "missed", read["missed"])
        for name in {"action", "reward", "common"} & set(needs):
            if read[name].dtype.kind in "fiub":
                read[name] = np.where(read["missed"] > 0, np.nan, read[name])
    if {"action", "common"} <= set(needs) and read["action"].dtype.kind in "fiub":
        options = np.unique(read["action"][np.isfinite(read["action"])])
        if len(options) > 2:
            shown = ", ".join(f"{option:g}" for option in options[:5])
            raise Mistake(
                f"{source}: action is {shown}, must have two options; name missed trials by their code, "
                f"such as --column missed=action:{options[0]:g}"
            )
    for name in YES_OR_NO:
        if name in read and name in needs and name != "missed":
            check_truth(source, name, read[name])
    for name in ("trial", "action", "reward", "estimate", "outcome"):
        if name in needs and read[name].dtype.kind not in "fiub":
            raise Mistake(f"{source}: {name} holds '{read[name][0]}', must be a number")
    if {"reward", "common"} <= set(needs):
        known = read["reward"][np.isfinite(read["reward"])]
        levels = np.unique(known)
        if len(levels) > 2 or (len(levels) == 2 and levels[0] > 0):
            shown = ", ".join(f"{level:g}" for level in levels[:5])
            raise Mistake(
                f"{source}: reward is {shown}, must be 1 or 0; name the level that counts as a reward, "
                f"such as --column reward=reward:{levels[-1]:g}"
            )


def _column(path: Path, name: str, values: Iterable[str]) -> NDArray:
    cells = np.array(values)
    if cells.dtype.kind == "f":
        return cells
    cells = np.char.strip(cells)
    if name in WORDS:
        return cells
    try:
        return cells.astype(float)
    except ValueError:
        pass
    plain = np.array([TRUTHS.get(cell.lower(), cell) for cell in cells.tolist()])
    try:
        return plain.astype(float)
    except ValueError:
        if name not in ("trial", "action", "reward", "common", "estimate", "outcome", "missed"):
            return cells
    for line, cell in enumerate(plain.tolist(), 2):
        try:
            float(cell)
        except ValueError:
            raise Mistake(f"{path}, line {line}: {name} is '{cell}', must be a number") from None
    raise AssertionError("a column of numbers is none")


def _order(path: Path, read: Mapping[str, NDArray]) -> NDArray:
    """Rows by subject, session (both as they first appear) and trial."""
    trial = read["trial"]
    if not np.isfinite(trial).all():
        raise Mistake(f"{path}: a trial has no number (line {int(np.argmin(np.isfinite(trial))) + 2})")
    keys = [trial]
    for name in ("session", "subject"):
        if name in read:
            _, first, inverse = np.unique(read[name], return_index=True, return_inverse=True)
            keys.append(first[inverse])
    order = np.lexsort(keys)
    same = np.all([key[order][1:] == key[order][:-1] for key in keys], axis=0)
    if same.any():
        at = order[1:][same][0]
        raise Mistake(
            f"{path}, line {int(at) + 2}: trial {trial[at]:g} of {read['subject'][at]} is there twice"
        )
    return order
