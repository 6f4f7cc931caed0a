"""Behaviour: one row a trial, from a table in a file, as named columns.

Columns bear these names, or are mapped to them (``columns={"action": "choice"}``):

    subject, session, trial, task, cue, action, state2, action2, common, reward, change_point, outcome,
    estimate, rt, missed, t_cue, t_action, t_outcome

Only those that an analysis asks for must be there, and only they are checked. Numbers are floats, True and
False are 1 and 0, an empty cell is NaN; subject, session and task are words. Rows are put in the order of
subject, session and trial, in which they may not have been written. Times are in seconds; reaction times that
are as long as minutes are taken for milliseconds that were not converted, and refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake, nearest
from . import ibl
from .checks import check_column
from .codes import (
    YES_OR_NO,
    as_numbers,
    check_amounts,
    check_names,
    check_options,
    check_truth,
    first_word,
    mapped,
)
from .tables import is_table, read_table

WORDS = ("subject", "session", "task")
NUMBERS = ("trial", "action", "reward", "common", "estimate", "outcome", "missed")
TIMES = ("rt", "rt1", "rt2")
AMOUNTS = ("reward", "estimate", "outcome")
"""Columns in which a number may be the code of a missed trial."""
MEASURED = ("action", "common", *AMOUNTS)
"""Columns of which nothing is known in a missed trial."""
ALIKE = {
    "subject": "subject|subj|participant|animal|mouse|rat|monkey",
    "session": "session",
    "trial": "trial",
    "missed": "missed",
}
"""Our names -> what files call them, in capitals or not, with an ``id`` or ``number`` behind or without."""
NUMBERED = "(_| |-|)(id|nr|no|num|number|index|idx|name)?"
OTHER_SCALE = (1 / 20, 3.0)
"""Span of estimates by that of the outcomes beyond which they are on two scales."""
ORDER = (
    "subject",
    "session",
    "trial",
    "task",
    "cue",
    "action",
    "state2",
    "action2",
    "common",
    "reward",
    "change_point",
    "outcome",
    "estimate",
    "rt",
    "missed",
    "t_cue",
    "t_action",
    "t_outcome",
)
"""Columns that have a name of ours, as they are written."""
LONGEST = 60.0
"""Median reaction time (s) beyond which the unit must be wrong."""


@dataclass(frozen=True)
class Behaviour:
    """Columns of equal length, in the order of subject, session and trial."""

    columns: Mapping[str, NDArray]
    source: str = ""
    notes: tuple[str, ...] = ()
    """what was guessed or made, one line each"""

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
        return Behaviour(
            {name: values[rows] for name, values in self.columns.items()}, self.source, self.notes
        )


def read_behaviour(
    path: str | Path,
    needs: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Behaviour:
    """Read a table: CSV, TSV, parquet or Excel (`tables`).

    Without a column ``subject`` the file is one subject, without ``trial`` rows are numbered; both are told.

    Args:
        path: the file.
        needs: columns that must be there.
        columns: our name -> the file's name, where they differ.
        sheet: of an Excel file.

    Raises:
        Mistake: no such file or no table, a missing column (which, and what is there), no row, a cell that is
            no number, the same trial twice, reaction times in the wrong unit.
    """
    path = Path(path)
    table = read_table(path, sheet)
    head, theirs = table.head, dict(columns or {})
    twice = [name for name in head if head.count(name) > 1]
    for name in ("subject", "session", "trial", *needs, *theirs.values()):
        if name in twice and (name not in theirs or name in theirs.values()):
            raise Mistake(f"{path} has two columns '{name}'; rename one")
    try:
        return of_table(str(path), dict(zip(head, table.columns, strict=True)), needs, theirs, table.notes)
    except Mistake as mistake:
        sheets = next((note for note in table.notes if note.startswith("the sheet")), "")
        if sheets and "has no column" in str(mistake):
            raise Mistake(f"{mistake}; {sheets}") from None
        raise


def of_table(
    source: str,
    table: Mapping[str, NDArray],
    needs: Sequence[str],
    columns: Mapping[str, str],
    notes: tuple[str, ...] = (),
) -> Behaviour:
    """The behaviour in the columns of a table; arguments, and what is raised, as of `read_behaviour`."""
    check_names(columns, {*ORDER, *needs})
    table, more = ibl.ours(table)
    table, alike = _read_alike(source, table, needs, columns)
    for ours, name in columns.items():
        if name not in table and name.rpartition(":")[0] not in table:
            raise Mistake(f"{source} has no column '{name}' (for {ours}); there are {', '.join(table)}")
    missing = [name for name in needs if name not in (*table, *columns)]
    if missing:
        raise Mistake(f"{source} has no column '{missing[0]}'; there are {', '.join(table)}")
    cells = mapped(source, table, columns)
    rows = len(next(iter(cells.values()), ()))
    if not rows:
        raise Mistake(f"{source} has no trials")
    told = [*notes, *more, *alike]
    if "subject" not in cells:
        told.append("no column 'subject': the file counts as one (--column subject=NAME tells them apart)")
        cells["subject"] = np.full(rows, Path(source).name.partition(".")[0])
    used = {*needs, *columns, "trial", "missed"}
    read = {name: _column(source, name, values, name in used) for name, values in cells.items()}
    for name in ("subject", "session"):
        nobody = np.flatnonzero(read.get(name, np.zeros(0)) == "")
        if len(nobody) and (name == "subject" or len(nobody) < rows):
            raise Mistake(
                f"{source}: {len(nobody)} of {rows} trials have no {name} (the first: line {nobody[0] + 2}); "
                "is it written in the first row of each only? fill it in"
            )
    if "trial" not in read:
        told.append("no column 'trial': rows are numbered in their order")
        keys = [read[name] for name in ("subject", "session") if name in read]
        _, group = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
        order = np.argsort(group, kind="stable")
        first = np.searchsorted(group[order], group[order])
        read["trial"] = np.empty(rows)
        read["trial"][order] = np.arange(rows) - first
    for name in {"action", "reward"} & {*needs}:
        if read[name].dtype.kind == "f" and np.isnan(read[name]).all():
            unsaved = " (or holds formulas whose values were not saved)" if ".xls" in source else ""
            raise Mistake(f"{source}: {name} is empty in all trials{unsaved}")
    check_codes(source, read, needs, columns)
    order = _order(source, read)
    for name in [name for name in read if name in (*needs, *columns)]:
        if name in TIMES and read[name].dtype.kind == "f" and np.isfinite(read[name]).any():
            middle = np.nanmedian(read[name])
            if middle > LONGEST:
                raise Mistake(f"{source}: {name} has a median of {middle:g} s; is it in milliseconds?")
        if name.startswith("t_"):
            check_column(source, name, read[name])
    return Behaviour({name: values[order] for name, values in read.items()}, source, tuple(told))


def check_codes(
    source: str, read: dict[str, NDArray], needs: Sequence[str], columns: Mapping[str, str] | None = None
) -> None:
    """Raises `Mistake` where a column that is used holds codes that would be taken for others.

    What stands in missed trials is no code, and becomes NaN; an empty ``missed`` is none. ``columns``: our
    name -> the file's name, where they differ.
    """
    theirs = {name: (columns or {}).get(name, name) for name in needs}
    measured = [name for name in MEASURED if name in needs]
    if "missed" in read:
        check_truth(source, "missed", read["missed"])
        read["missed"] = np.nan_to_num(read["missed"])
        for name in measured:
            if read[name].dtype.kind in "fiub":
                read[name] = np.where(read["missed"] > 0, np.nan, read[name])
    check_finite(source, read, needs)
    if "missed" not in read:
        for name in [name for name in AMOUNTS if name in needs]:
            known = read[name]
            if name == "reward" and "action" in needs and read["action"].dtype.kind == "f":
                known = known[np.isfinite(read["action"])]
            check_amounts(source, name, known, theirs[name])
    if {"action", "common"} <= set(needs) and read["action"].dtype.kind in "fiub":
        options, counts = np.unique(read["action"][np.isfinite(read["action"])], return_counts=True)
        if len(options) > 2:
            shown = ", ".join(f"{option:g}" for option in options[:5])
            raise Mistake(
                f"{source}: action is {shown}, must have two options; name missed trials by their code, "
                f"such as --column missed={theirs['action']}:{options[counts.argmin()]:g}"
            )
    elif {"action", "reward"} <= set(needs) and "missed" not in read:
        check_options(source, read["action"], read["reward"], theirs["action"])
    for name in YES_OR_NO:
        if name in read and name in needs and name != "missed":
            check_truth(source, name, read[name])
    for name in ("trial", "action", "reward", "estimate", "outcome"):
        if name in needs and read[name].dtype.kind not in "fiub":
            raise Mistake(f"{source}: {name} holds '{read[name][0]}', must be a number")
    if {"reward", "common"} <= set(needs):
        known = read["reward"][np.isfinite(read["reward"])]
        levels = np.unique(known)
        if len(levels) > 2 or (len(levels) == 2 and not levels[0] <= 0 < levels[1]):
            shown = ", ".join(f"{level:g}" for level in levels[:5])
            raise Mistake(
                f"{source}: reward is {shown}, must be 1 or 0; name the level that counts as a reward, "
                f"such as --column reward={theirs['reward']}:{levels[-1]:g}"
            )
    if {"action", "reward"} <= set(needs):
        _check_empty(source, read, [name for name in ("reward", "common") if name in needs])
    if {"estimate", "outcome"} <= set(needs):
        _check_scale(source, read["estimate"], read["outcome"])


def _check_scale(source: str, estimate: NDArray, outcome: NDArray) -> None:
    """Raises `Mistake` where estimates cannot be of what the outcomes are."""
    both = [values[np.isfinite(values)] for values in (estimate, outcome)]
    if not all(map(len, both)):
        return
    (low, high), (lowest, highest) = ((float(one.min()), float(one.max())) for one in both)
    span, ratio = highest - lowest, (high - low) / max(highest - lowest, 1e-300)
    signed = len(np.unique(both[1])) == 2 and lowest < 0 <= low
    if span > 0 and high > low and (signed or not OTHER_SCALE[0] <= ratio <= OTHER_SCALE[1]):
        raise Mistake(
            f"{source}: estimate goes from {low:g} to {high:g}, outcome from {lowest:g} to {highest:g}; "
            "bring both to one scale"
        )


def _check_empty(source: str, read: Mapping[str, NDArray], names: Sequence[str]) -> None:
    """Raises `Mistake` where an empty cell may be the other of two levels."""
    made = np.isfinite(read["action"])
    for name in names:
        values = read[name][made]
        levels, empty = np.unique(values[np.isfinite(values)]), int(np.isnan(values).sum())
        if len(levels) == 1 and empty:
            raise Mistake(
                f"{source}: {name} is {levels[0]:g}, or empty in {empty} of {made.sum()} trials with an "
                "action; an empty cell counts as not known: write both levels"
            )


def check_finite(source: str, read: Mapping[str, NDArray], needs: Sequence[str]) -> None:
    """Raises `Mistake` where a column that is used is infinite in a trial that was not missed."""
    for name in needs:
        values = read[name]
        if values.dtype.kind != "f" or name.startswith("t_"):
            continue
        wrong = np.isinf(values)
        if "action" in needs and read["action"].dtype.kind == "f":
            wrong &= ~np.isnan(read["action"])
        if wrong.any():
            row = int(wrong.argmax())
            raise Mistake(f"{_place(source, row)}: {name} is {values[row]:g}, must be finite")


def _read_alike(
    source: str, table: Mapping[str, NDArray], needs: Sequence[str], columns: Mapping[str, str]
) -> tuple[dict[str, NDArray], list[str]]:
    """The table with columns of our names that the file calls nearly so, and a note of each."""
    found, told = dict(table), []
    for ours in dict.fromkeys(("subject", "session", *needs, "missed", "trial")):
        if ours in found or ours in columns:
            continue
        pattern = f"({ALIKE[ours]}){NUMBERED}" if ours in ALIKE else re.escape(ours)
        like = [name for name in table if re.fullmatch(pattern, name.strip(), re.IGNORECASE)]
        if ours == "trial":
            keys = [
                found[name] for name in (columns.get(n, n) for n in ("subject", "session")) if name in found
            ]
            like = [name for name in like if _counts(table[name], keys)]
        if len(like) > 1:
            several = " and ".join(like)
            raise Mistake(f"{source} has no column '{ours}', but {several}; name it: --column {ours}=...")
        for name in like:
            found[ours] = table[name]
            told.append(f"the column '{name}' is read as {ours}")
    return found, told


def _counts(values: NDArray, keys: Sequence[NDArray]) -> bool:
    """Whether a column numbers the trials of each subject and session, most of which follow each other."""
    number = as_numbers(values)
    if number.dtype.kind != "f" or not np.isfinite(number).all():
        return False
    table = np.array([number, *(np.unique(key, return_inverse=True)[1] for key in keys)])
    steps = np.diff(table[:, np.lexsort(table)])
    within = steps[0][(steps[1:] == 0).all(axis=0)]
    return bool(len(within) and within.min() > 0 and np.median(within) == 1)


def _place(source: str, row: int) -> str:
    return f"{source}, " + (f"line {row + 2}" if is_table(Path(source)) else f"row {row}")


def _column(source: str, name: str, values: NDArray, used: bool) -> NDArray:
    """As words or numbers; words stay in columns that nothing uses, whatever they are called."""
    if name in WORDS:
        if values.dtype.kind != "f":
            return np.char.strip(values.astype(str))
        different, place = np.unique(values, return_inverse=True)
        words = ["" if np.isnan(cell) else np.format_float_positional(cell, trim="-") for cell in different]
        return np.array(words)[place]
    read = as_numbers(values)
    if read.dtype.kind == "f" or name not in NUMBERS or not used:
        return read
    row = first_word(values)
    raise Mistake(f"{_place(source, row)}: {name} is '{read[row]}', must be a number")


def _order(source: str, read: Mapping[str, NDArray]) -> NDArray:
    """Rows by subject, session (both as they first appear) and trial."""
    trial = read["trial"]
    if not np.isfinite(trial).all():
        raise Mistake(f"{source}: a trial has no number (line {int(np.argmin(np.isfinite(trial))) + 2})")
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
            f"{source}, line {int(at) + 2}: trial {trial[at]:g} of {read['subject'][at]} is there twice"
        )
    return order
