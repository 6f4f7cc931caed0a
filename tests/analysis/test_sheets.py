"""Sheets of Excel, by a library's own objects where it is absent, and what pandas makes of parquet."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import read_behaviour
from hedon.analysis.recordings.files import read_recording
from hedon.analysis.recordings.tables import read_table

HEAD = ["subject", "action", "reward"]
ROWS: list[list[Any]] = [HEAD, ["a", 0, 1.0], ["a", 1, 0], ["b", 1, True], ["b", 0, False]]


def book(folder: Path, monkeypatch: pytest.MonkeyPatch, hidden: tuple[str, ...] = (), **sheets: Any) -> Path:
    """An Excel file of these sheets, written and read by openpyxl, or by nobody where it is absent."""
    path = folder / "a.xlsx"
    try:
        from openpyxl import Workbook  # type: ignore[import-untyped]
    except ImportError:
        made = [
            SimpleNamespace(
                title=name,
                sheet_state="hidden" if name in hidden else "visible",
                reset_dimensions=lambda: None,
                iter_rows=lambda values_only, rows=rows: map(tuple, rows),
            )
            for name, rows in sheets.items()
        ]
        whole = SimpleNamespace(worksheets=made, close=lambda: None)
        library = SimpleNamespace(load_workbook=lambda path, read_only, data_only: whole)
        monkeypatch.setitem(sys.modules, "openpyxl", library)
        path.write_bytes(b"x")
        return path
    written = Workbook()
    for name, rows in sheets.items():
        sheet = written.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(row)
    del written["Sheet"]
    written.save(path)
    return path


def test_empty_rows_about_the_table_and_columns_without_cells_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = [[*row, None, ("x" if row is ROWS[1] else None)] for row in ROWS]
    rows = [[None] * 5, *table, [None] * 5, [None]]
    read = read_table(book(tmp_path, monkeypatch, one=rows))
    assert list(read.head) == [*HEAD, "column 4"] and read.notes == ()
    assert [column.tolist() for column in read.columns] == [
        ["a", "a", "b", "b"], ["0", "1", "1", "0"],
        ["1", "0", "True", "False"], ["x", "", "", ""]]  # fmt: skip


def test_a_cell_with_an_error_is_no_missing_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path, monkeypatch, one=[*ROWS[:3], ["b", 1, "#DIV/0!"], *ROWS[4:]])
    with pytest.raises(Mistake, match="line 4: reward is '#DIV/0!', must be a number"):
        read_behaviour(path, HEAD)
    path = book(tmp_path, monkeypatch, one=[HEAD, *([who, action, None] for who, action, _ in ROWS[1:])])
    with pytest.raises(Mistake, match="reward is empty in all trials .*formulas whose values were not saved"):
        read_behaviour(path, HEAD)


def test_which_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is shown and holds anything; others are told of, and a second table refused."""
    notes = [["made by me"]]
    path = book(tmp_path, monkeypatch, hidden=("old",), old=notes, none=[], data=ROWS)
    assert read_behaviour(path, HEAD).notes == ("no column 'trial': rows are numbered in their order",)
    assert read_table(path, "old").head == ["made by me"]
    with pytest.raises(Mistake, match="no sheet 'x' that is not empty; there are old, data"):
        read_table(path, "x")
    path = book(tmp_path, monkeypatch, notes=notes, data=ROWS)
    with pytest.raises(Mistake, match="there are made by me; the sheet 'notes' is read, of 2: notes, data"):
        read_behaviour(path, HEAD)
    assert len(read_behaviour(path, HEAD, sheet="data")) == 4
    path = book(tmp_path, monkeypatch, one=ROWS, two=ROWS, three=[HEAD], four=notes)
    with pytest.raises(Mistake, match=r"the same columns \(one, two\); name one: --trials NAME"):
        read_table(path)
    with pytest.raises(Mistake, match="is empty"):
        read_table(book(tmp_path, monkeypatch, one=[[None]]))


def test_what_is_no_excel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path, monkeypatch, one=ROWS)
    library = SimpleNamespace(load_workbook=Mock(side_effect=zipfile.BadZipFile("File is not a zip file")))
    monkeypatch.setitem(sys.modules, "openpyxl", library)
    with pytest.raises(Mistake, match="a.xlsx is no Excel file, whatever its name says"):
        read_table(path)
    for name, said in (("a.ods", "LibreOffice"), ("a.feather", "Arrow"), ("a.xlsb", "binary Excel")):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(Mistake, match=f"{said}.*; it is not read"):
            read_recording(tmp_path / name)


def test_empty_rows_that_excel_writes_behind_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("subject,action,reward\na,0,1\na,1,0\n,,\n ,,\n")
    assert len(read_behaviour(tmp_path / "a.csv", HEAD)) == 2


def test_columns_of_parquet_that_hold_nothing_bytes_or_large_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "none": pandas.array([pandas.NA] * 2, dtype="Int64"),
            "some": pandas.array([pandas.NA, 3], dtype="Int64"),
            "low": [-(2**60), 1],
            "word": [b"a", b"b"],
            "true": pandas.array([True, pandas.NA], dtype="boolean"),
        }
    )
    monkeypatch.setattr(pandas, "read_parquet", lambda path: frame)
    (tmp_path / "a.parquet").write_bytes(b"x")
    found = dict(zip(frame, read_table(tmp_path / "a.parquet").columns, strict=True))
    np.testing.assert_array_equal(found["none"], [np.nan] * 2)
    np.testing.assert_array_equal(found["some"], [np.nan, 3])
    np.testing.assert_array_equal(found["true"], [1, np.nan])
    assert found["low"].tolist() == [str(-(2**60)), "1"] and found["word"].tolist() == ["a", "b"]
