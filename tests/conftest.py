"""What all tests share: one cache of compiled programs a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def program_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache of programs: $HEDON_CACHE if it is set, else a new folder that all workers share."""
    chosen = os.environ.get("HEDON_CACHE")
    if chosen:
        yield Path(chosen)
        return
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "programs"
    folder.mkdir(exist_ok=True)
    os.environ["HEDON_CACHE"] = str(folder)
    yield folder
    del os.environ["HEDON_CACHE"]
