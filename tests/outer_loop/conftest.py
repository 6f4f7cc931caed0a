"""Makes `loop_tasks` importable here and in spawned workers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hedon.plasticity.outer_loop import search

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)
paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
if HERE not in paths:
    os.environ["PYTHONPATH"] = os.pathsep.join([HERE, *filter(None, paths)])


@pytest.fixture(autouse=True)
def checkpoint_every_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quick the generations of these tests are."""
    monkeypatch.setattr(search, "EVERY", 0.0)
