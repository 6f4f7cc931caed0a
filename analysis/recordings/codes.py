"""Columns that say yes or no hold 0 and 1; other codes are refused unless the level that counts is named.

``--column reward=win:2`` reads the column ``win`` of two levels, of which 2 counts as true.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake

NOTHING = ("", "na", "n/a", "#n/a", "none", "null", "nan")
TRUTHS = {"true": "1", "false": "0"} | dict.fromkeys(NOTHING, "nan")
YES_OR_NO = ("common", "expected", "missed", "change_point")


def check_names(columns: Mapping[str, str], asked: Iterable[str]) -> None:
    """Raises `Mistake` where a column is mapped to a name of ours that is misspelt."""
    names = [*asked]
    for ours in columns:
        close = get_close_matches(ours, names, n=1, cutoff=0.8)
        if ours not in names and close:
            raise Mistake(f"no analysis reads a column '{ours}'; did you mean --column {close[0]}=...?")


def as_numbers(values: NDArray) -> NDArray:
    """A column as floats where all cells are numbers, True, False, NA or empty; else as stripped words."""
    cells = np.asarray(values)
    if cells.dtype.kind in "fiub":
        return cells.astype(float)
    cells = np.char.strip(cells.astype(str))
    if cells.size and (np.ascontiguousarray(cells).view("U1") == "_").any():
        return cells  # Python reads 1_0 as ten
    try:
        return cells.astype(float)
    except ValueError:
        different, place = np.unique(cells, return_inverse=True)
        plain = [TRUTHS.get(cell.lower(), cell) for cell in different.tolist()]
    try:
        return np.array(plain, float)[place]
    except ValueError:
        return cells


def first_word(values: NDArray) -> int:
    """The row of the first cell that `as_numbers` cannot read."""
    for row, cell in enumerate(values.tolist()):
        try:
            float(TRUTHS.get(str(cell).strip().lower(), cell))
        except ValueError:
            return row
        if "_" in str(cell):
            return row
    raise AssertionError("a column of numbers has no word")


def mapped(source: str, table: Mapping[str, NDArray], columns: Mapping[str, str]) -> dict[str, NDArray]:
    """The table by our names: a column that is named for ours replaces one that the file calls so."""
    found = dict(table)
    for ours, theirs in columns.items():
        name, colon, level = (theirs, "", "") if theirs in table else theirs.rpartition(":")
        if name not in table:
            continue
        values = table[name]
        found[ours] = _at_level(source, ours, name, values, level) if colon else values
    used = {theirs for ours, theirs in columns.items() if theirs != ours} - set(columns)
    return {name: values for name, values in found.items() if name not in used}


RARE = 0.1
"""Share of the trials below which an option that never pays may be a code of missed trials."""
SOME, TRIED = 0.25, 20
"""The same where it was chosen so often that a poor option (one time in five) would have paid."""
LEAP = 5.0
"""A code that lies so far above all others is no option (99, 999)."""


FEW = 6
"""Levels of amounts that are few."""


def check_options(source: str, action: NDArray, reward: NDArray, theirs: str = "action") -> None:
    """Raises `Mistake` where one of three or more codes of choices looks like that of missed trials: it is
    below 0, far above the others, or the lowest or highest, rare and never paid."""
    if action.dtype.kind not in "fiub" or reward.dtype.kind not in "fiub":
        return
    levels, counts = np.unique(action[np.isfinite(action)], return_counts=True)
    if len(levels) < 3:
        return
    gaps = {0: levels[1] - levels[0], -1: levels[-1] - levels[-2]}
    ends = [end for end, odd in ((0, levels[0] < 0), (-1, gaps[-1] > LEAP)) if odd]
    suspect = levels[max(ends, key=lambda end: gaps[end] / counts[end])] if ends else None
    for end in (0, -1):
        paid = reward[(action == levels[end]) & np.isfinite(reward)]
        share = SOME if counts[end] >= TRIED else RARE
        if suspect is None and counts[end] < share * counts.sum() and not paid.any():
            suspect = levels[end]
    if suspect is not None:
        shown = ", ".join(f"{level:g}" for level in levels[:6])
        raise Mistake(
            f"{source}: action is {shown}; if {suspect:g} stands for missed trials say --column "
            f"missed={theirs}:{suspect:g}, if it is an option give a column 'missed' of 0"
        )


def check_amounts(source: str, name: str, values: NDArray, theirs: str) -> None:
    """Raises `Mistake` where one of three or more amounts looks like a code of missed trials: the smallest
    or largest, rarer than the others, and far from them, written with nines, or alone below 0; or that
    half-way between two, less than half as frequent."""
    if values.dtype.kind not in "fiub":
        return
    levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(levels) < 3:
        return
    ends = {0: 1, -1: -2} | ({1: 0} if len(levels) == 3 else {})
    for end, beside in ends.items():
        rest, others = np.delete(levels, end), np.delete(counts, end)
        code, many = float(levels[end]), counts[end]
        gap, spread = abs(code - levels[beside]), np.ptp(rest)
        rare, alone = many < RARE * counts.sum(), code < 0 <= rest[0]
        nines, some = set(f"{abs(code):g}") == {"9"}, len(levels) <= FEW
        fewer = some and 2 * many < others.min()
        odd = (rare or fewer or (some and nines)) and gap > LEAP * spread
        odd |= (rare and gap > spread and (nines or alone)) or (end == 1 and fewer and 2 * code == rest.sum())
        if alone and some:
            odd |= rare or fewer
        elif alone and code == -1:
            odd |= rare and many > max(2, counts[1:FEW].mean())
        if odd:
            raise Mistake(
                f"{source}: {name} is {code:g} in {many} of {counts.sum()} trials, else {rest[0]:g} "
                f"to {rest[-1]:g}; if {code:g} stands for missed trials say --column "
                f"missed={theirs}:{code:g}, if not give a column 'missed' of 0"
            )


def check_truth(source: str, name: str, values: NDArray) -> None:
    """Raises `Mistake` unless the column holds 0 and 1 (or nothing)."""
    if values.dtype.kind not in "fiub":
        raise Mistake(f"{source}: {name} holds words such as '{values[0]}'; {_say(name, 'WORD')}")
    levels = np.unique(values[~np.isnan(values)].astype(float))
    if not np.isin(levels, (0, 1)).all():
        shown = ", ".join(f"{level:g}" for level in levels[:5])
        raise Mistake(f"{source}: {name} is {shown}, must be 1 or 0; {_say(name, f'{levels[-1]:g}')}")


def _say(name: str, level: str) -> str:
    return f"name the level that counts as true, such as --column {name}={name}:{level}"


def _at_level(source: str, ours: str, name: str, values: NDArray, level: str) -> NDArray:
    words = np.array([TRUTHS.get(str(value).strip().lower(), str(value).strip()) for value in values])
    try:
        cells: NDArray = words.astype(float)
        wanted: float | str = float(TRUTHS.get(level.lower(), level))
        known = np.isfinite(cells)
    except ValueError:
        cells, wanted, known = words, level, words != "nan"
    levels = np.unique(cells[known]).tolist()
    if ours != "missed" and len(levels) == 1 and not known.all():
        raise Mistake(f"{source}: {name} is {level} or empty; an empty cell is not known: write both levels")
    if wanted not in levels:
        raise Mistake(f"{source}: {name} is never '{level}'; it is {', '.join(map(str, levels[:5]))}")
    if ours != "missed" and len(levels) > 2:
        raise Mistake(f"{source}: {name} has {len(levels)} levels, {ours} needs two")
    return np.where(known, (cells == wanted).astype(float), np.nan if ours != "missed" else 0.0)
