"""Tables from files: CSV as programs of all countries write it, parquet, Excel.

CSV (.csv, .tsv, .txt, plain or .gz) may be separated by commas, semicolons or tabs, with decimal commas where
it is not by commas, and written in UTF-8, UTF-16 or Windows-1252. What had to be guessed is told.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .codes import as_numbers
from .places import existing

TEXT = (".csv", ".tsv", ".txt")
BINARY = {".parquet": "pyarrow", ".pqt": "pyarrow", ".xlsx": "openpyxl"}
"""Ending -> the library that pandas reads it by."""
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
EXACT = 2**53
"""Whole numbers below are the same as floats."""
DECIMAL = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
DOUBLED = re.compile(r"\.\d+$")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True)
class Table:
    """Columns as they are written: words, or numbers where the file tells them apart."""

    source: Path
    head: Sequence[str]
    columns: Sequence[NDArray]
    notes: tuple[str, ...] = ()
    """what was guessed"""

    def numbers(self) -> dict[str, NDArray]:
        """Columns by name, numbers where all cells are."""
        return {name: as_numbers(values) for name, values in zip(self.head, self.columns, strict=True)}


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its name."""
    return path.name.lower().removesuffix(".gz").endswith((*TEXT, *BINARY))


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The table in a file; of an Excel file the first sheet, or the one named.

    Raises:
        Mistake: no such file, not what its name says, a row with more or fewer cells than the head.
    """
    ending = path.suffix.lower()
    return _by_pandas(existing(path), BINARY[ending], sheet) if ending in BINARY else _text(existing(path))


def _text(path: Path) -> Table:
    try:
        raw = path.read_bytes()
        text, notes = _decoded(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except (OSError, EOFError, zlib.error) as error:
        raise Mistake(f"cannot read {path}: {getattr(error, 'strerror', None) or 'no gzip file'}") from error
    if "\0" in text:
        raise Mistake(f"{path} is no CSV file")
    lines = io.StringIO(text, newline=None)
    first = next((line for line in lines if line.strip()), "")
    told = re.fullmatch(r"sep=(.)\n", first)
    separator = told[1] if told else max(SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    if not told:
        lines.seek(0)
    if not told and separator != ("\t" if path.name.lower().removesuffix(".gz").endswith(".tsv") else ","):
        notes.append(f"columns are separated by {SEPARATORS[separator]}")
    try:
        head, *rows = [row for row in csv.reader(lines, delimiter=separator) if row] or [[]]
    except csv.Error as error:
        raise Mistake(f"{path} is no CSV file") from error
    if not head:
        raise Mistake(f"{path} is empty")
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise Mistake(f"{path}, line {number}: {len(row)} cells, the head has {len(head)}")
    cells = zip(*rows, strict=True) if rows else [()] * len(head)
    columns = [np.array(column, str) for column in cells]
    if separator != ",":
        pointed = [_pointed(column) for column in columns]
        if any(new is not old for new, old in zip(pointed, columns, strict=True)):
            notes.append("decimal commas were read as points")
        columns = pointed
    return Table(path, [name.strip() for name in head], columns, tuple(notes))


def _decoded(raw: bytes) -> tuple[str, list[str]]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") and not len(raw) % 2:
        return raw.decode("utf-16", "replace"), []
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), ["the text is no UTF-8; it was read as Windows-1252"]


def _pointed(column: NDArray) -> NDArray:
    """Numbers with decimal commas, with points; other columns as they are, as where commas may part
    thousands (1,000 beside 500)."""
    cells = [cell for cell in np.char.strip(column).tolist() if cell]
    with_comma = [cell for cell in cells if "," in cell]
    numbers = all(DECIMAL.fullmatch(cell) or _is_number(cell) for cell in cells)
    thousands = len(with_comma) < len(cells) and all(map(THOUSANDS.fullmatch, with_comma))
    return np.char.replace(column, ",", ".") if with_comma and numbers and not thousands else column


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _alike(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two heads have most columns in common."""
    return 2 * len({*one} & {*other}) > len({*one} | {*other})


def _by_pandas(path: Path, library: str, sheet: str | None) -> Table:
    import pandas

    notes = []
    try:
        if library == "pyarrow":
            frame = pandas.read_parquet(path)
        else:
            with pandas.ExcelFile(path) as book:
                frame = pandas.read_excel(book, sheet or 0)
                names = [str(name) for name in book.sheet_names]
                others = {} if sheet or not names[1:] else pandas.read_excel(book, names[1:], nrows=1)
            like = [name for name, one in others.items() if len(one) and _alike(frame, one)]
            if like:
                told = ", ".join([names[0], *like])
                raise Mistake(f"{path} has sheets with the same columns ({told}); name one: --trials NAME")
            if len(names) > 1 and sheet is None:
                notes.append(f"the sheet '{names[0]}' is read, of {len(names)}: {', '.join(names)}")
    except Mistake:
        raise
    except ImportError:
        raise Mistake(
            f"reading {path} needs {library}; install it with: pip install 'hedon[tables]'"
        ) from None
    except Exception as error:  # pyarrow and openpyxl have their own for each kind of damage
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Mistake(f"{path} cannot be read as {path.suffix[1:]}: {said}") from error
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    columns = []
    for _, values in frame.items():
        if values.dtype.kind in "fb" or (values.dtype.kind in "iu" and abs(values.max()) < EXACT):
            columns.append(values.to_numpy(float))
        else:
            empty = values.isna()
            cells = ["" if gone else str(cell) for cell, gone in zip(values, empty, strict=True)]
            columns.append(np.array(cells, str))
    head = [str(name).strip() for name in frame.columns]
    if library == "openpyxl":  # pandas numbers the second of two equal names
        head = [DOUBLED.sub("", name) if DOUBLED.sub("", name) in head else name for name in head]
    return Table(path, head, columns, tuple(notes))
