"""The tutorials run as they stand, and show pictures; what is kept of them is what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from page_code import ROOT

import hedon

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


def pictures(notebook: Any) -> int:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def test_there_is_one_for_each_use() -> None:
    assert [path.stem for path in TUTORIALS] == ["figure", "recordings", "simulate"]


@pytest.mark.whole
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_runs_and_shows(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("HEDON_RESULTS", "results")
    monkeypatch.setenv("PYTHONPATH", str(Path(hedon.__file__).parents[1]), prepend=":")
    kept = nbformat.read(path, as_version=4)
    shown = pictures(kept)
    assert shown >= 1, "run make notebooks"
    text = path.read_text("utf-8")
    assert "/tmp" not in text and "/home" not in text and "/root" not in text
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(kept, timeout=300, kernel_name="python3", resources=where).execute()
    assert pictures(kept) == shown
