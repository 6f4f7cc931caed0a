"""Stream numbers of keyed draws are used once, but by the two families that never meet in a program."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import hedon
from hedon.models.tasks.distribution import between
from hedon.models.tasks.streams import APART, TABLE

TASKS = Path(hedon.__file__).parent / "models" / "tasks"


def test_no_number_twice() -> None:
    for (one, first), (other, second) in itertools.combinations(TABLE.items(), 2):
        shared = set(first.values()) & set(second.values())
        assert not shared or {one, other} == set(APART), f"{one} and {other} share {shared}"
    for family in TABLE.values():
        assert len(set(family.values())) == len(family)


def test_families_that_share_numbers_never_meet() -> None:
    assert "distribution" not in re.findall(r"from \.(\w+) import", (TASKS / "chains.py").read_text())
    for path in TASKS.glob("*.py"):
        imported = re.findall(r"from \.(\w+) import", path.read_text())
        assert path.name == "__init__.py" or not {"chains", "distribution"} <= set(imported), path


def test_a_parameter_without_a_stream_is_refused() -> None:
    with pytest.raises(IndexError):
        between((0.0, 1.0), 1, len(TABLE["parameters"]), 3)
    assert len(np.unique([between((0.0, 1.0), 1, which, 1)[0] for which in range(4)])) == 4


def test_numbers_stand_in_the_table_alone() -> None:
    written = re.compile(r"(?:keyed_)?(?:uniform|normal)\(\s*(?:task_)?seed\w*,\s*\d")
    for path in TASKS.parent.rglob("*.py"):
        assert path.parent.name == "program" or not written.search(path.read_text()), path
