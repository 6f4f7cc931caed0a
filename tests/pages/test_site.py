"""The site builds without a warning: every link leads somewhere, every call that is named is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from page_code import ROOT


@pytest.mark.whole
def test_site(tmp_path: Path) -> None:
    for module in ("mkdocs", "material", "mkdocstrings_handlers.python", "mkdocs_jupyter"):
        pytest.importorskip(module)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "hedon").symlink_to(ROOT)
    environment = {**os.environ, "HEDON_SITE_SOURCES": str(tmp_path / "sources"), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    done = subprocess.run(
        [*command, str(tmp_path / "site")], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
    site = tmp_path / "site"
    first = (site / "index.html").read_text("utf-8")
    assert "Neurons that learn from one broadcast signal" in first
    assert (site / "figures" / "learning_curves.png").is_file()
    for name in ("simulate", "figure", "recordings"):
        assert "data:image/png;base64" in (site / "tutorials" / name / "index.html").read_text("utf-8"), name
    calls = (site / "api" / "index.html").read_text("utf-8")
    for name in (
        "hedon.models.experiments.run",
        "hedon.figures.infer.command",
        "hedon.plasticity.trial_rule",
    ):
        assert f'id="{name}"' in calls, name
