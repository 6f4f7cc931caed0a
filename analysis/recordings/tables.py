"""Tables from files: CSV as programs of all countries write it, parquet, Excel.

CSV (.csv, .tsv, .txt, plain or .gz) may be separated by commas, semicolons or tabs, with decimal commas where
it is not by commas, and written in UTF-8, UTF-16 or Windows-1252. What had to be guessed is told.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.mistakes import Mistake
from .codes import as_numbers
from .places import existing

TEXT = (".csv", ".tsv", ".txt")
BINARY = {".parquet": "pyarrow", ".pqt": "pyarrow", ".xlsx": "openpyxl", ".xlsm": "openpyxl"}
"""Ending -> the library that reads it."""
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
EXACT = 2**53
"""Whole numbers below are the same as floats."""
DECIMAL = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
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
    if ending not in BINARY:
        return _text(existing(path))
    return _excel(existing(path), sheet) if BINARY[ending] == "openpyxl" else _parquet(existing(path))


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
        head, *rows = _trimmed([row for row in csv.reader(lines, delimiter=separator) if row] or [[]])
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


@contextmanager
def _read_by(library: str, path: Path) -> Iterator[None]:
    """What is raised inside, as a `Mistake`."""
    try:
        yield
    except Mistake:
        raise
    except ImportError:
        raise Mistake(
            f"reading {path} needs {library}; install it with: pip install 'hedon[tables]'"
        ) from None
    except zipfile.BadZipFile as error:
        raise Mistake(f"{path} is no Excel file, whatever its name says") from error
    except Exception as error:  # pyarrow and openpyxl have their own for each kind of damage
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Mistake(f"{path} cannot be read as {path.suffix[1:]}: {said}") from error


def _parquet(path: Path) -> Table:
    with _read_by("pyarrow", path):
        import pandas

        frame = pandas.read_parquet(path)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    columns = []
    for _, values in frame.items():
        kind = values.dtype.kind
        if kind in "fb" or (kind in "iu" and (values.dropna().astype(float).abs() < EXACT).all()):
            columns.append(values.to_numpy(float, na_value=np.nan))
        else:
            cells = zip(values, values.isna(), strict=True)
            columns.append(np.array([_cell(None if gone else cell) for cell, gone in cells], str))
    return Table(path, [str(name).strip() for name in frame.columns], columns)


def _excel(path: Path, sheet: str | None) -> Table:
    """The first sheet that is shown and not empty, or the one named; cells with an error are their words."""
    with _read_by("openpyxl", path):
        from openpyxl import load_workbook  # type: ignore[import-untyped]

        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            there = [one for one in book.worksheets if sheet is not None or one.sheet_state == "visible"]
            sheets = {one.title: one for one in there}
            begin = {name: next(_rows(one), None) for name, one in sheets.items()}
            names = [name for name, head in begin.items() if head is not None]
            taken = names[0] if sheet is None and names else sheet
            if taken is None or taken not in names:
                none = f"has no sheet '{sheet}' that is not empty; there are {', '.join(names)}"
                raise Mistake(f"{path} {none if names else 'is empty'}")
            head, *rows = _trimmed(_rows(sheets[taken]))
            others = [name for name in names if name != taken and _alike(head, begin[name] or ())]
            like = [name for name in others if len([*islice(_rows(sheets[name]), 2)]) > 1]
    if like and sheet is None:
        told = ", ".join([taken, *like])
        raise Mistake(f"{path} has sheets with the same columns ({told}); name one: --trials NAME")
    told = f"the sheet '{taken}' is read, of {len(names)}: {', '.join(names)} (--trials NAME reads another)"
    width = max(map(len, (head, *rows)))
    whole = [row + [""] * (width - len(row)) for row in (head, *rows)]
    kept = [column for column in zip(*whole, strict=True) if any(column)]
    return Table(
        path,
        [name.strip() or f"column {number}" for number, (name, *_) in enumerate(kept, 1)],
        [np.array(cells, str) for _, *cells in kept],
        (told,) if sheet is None and len(names) > 1 else (),
    )


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Rows of a sheet from the first that is not empty on, as words."""
    sheet.reset_dimensions()
    rows = ([_cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
    return dropwhile(lambda row: not any(row), rows)


def _trimmed(rows: Iterable[list[str]]) -> list[list[str]]:
    """Without the empty rows that programs write behind the last."""
    kept = [*rows]
    while len(kept) > 1 and len(kept[0]) > 1 and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    return kept


def _cell(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
