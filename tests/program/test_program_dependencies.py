"""A program is built anew when anything that its builder read is another now (dependencies), only then."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import compile_program, forked

pytestmark = pytest.mark.whole

BUILDER = '''
import os
from dataclasses import dataclass
import brian2 as b2
import numpy as np
import {helper}

LEVEL = 5
tau = 1*b2.second      # another than the builder's own

@dataclass(frozen=True)
class Settings:
    n: int = 1

@b2.implementation("cpp", "", headers=['"{header}.h"'],
    include_dirs=[os.path.dirname(os.path.abspath(__file__))])
@b2.check_units(x=1, result=1)
def from_header(x):
    raise NotImplementedError

def build(settings):
    tau = 2*b2.second
    b2.defaultclock.dt = 1*b2.second
    import json
    units = b2.NeuronGroup(settings.n, """helped : 1
        read : 1
        level : 1
        environment : 1
        header : 1
        initial : 1
        run : 1""", name="units")
    units.helped = {helper}.value()
    with open("numbers.json") as stream:
        units.read = json.load(stream)
    units.level = LEVEL
    units.environment = float(os.environ.get("HEDON_TEST_LEVEL", 0))
    units.initial = "tau/second"
    units.run_regularly("""run = tau/second
        header = from_header(1.0)""")
    return b2.Network(units)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.json").write_text("3")
    (tmp_path / "deps_header.h").write_text("static inline double from_header(double x) { return 4*x; }\n")
    (tmp_path / "deps_helper.py").write_text("from deps_inner import INNER\ndef value():\n    return INNER\n")
    (tmp_path / "deps_inner.py").write_text("INNER = 2\n")
    text = BUILDER.format(helper="deps_helper", header="deps_header")
    (tmp_path / "deps_builder.py").write_text(text)
    for name in ("deps_builder", "deps_helper", "deps_inner"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def numbers() -> dict[str, float]:
    program = compile_program("deps_builder:build", settings())
    arrays = program(seed=0, duration=1.0)
    return {name.partition(".")[2]: float(np.ravel(value)[0]) for name, value in arrays.items()}


def settings() -> object:
    return imported().Settings()


def imported() -> ModuleType:
    return importlib.import_module("deps_builder")


def test_what_a_builder_reads_is_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = numbers()
    expected = {"helped": 2, "read": 3, "level": 5, "environment": 0, "header": 4, "initial": 2, "run": 2}
    assert {name: first[name] for name in expected} == expected
    (folder / "deps_inner.py").write_text("INNER = 20\n")
    assert numbers()["helped"] == 20
    (folder / "numbers.json").write_text("30")
    assert numbers()["read"] == 30
    (folder / "deps_header.h").write_text("static inline double from_header(double x) { return 40*x; }\n")
    assert numbers()["header"] == 40
    monkeypatch.setenv("HEDON_TEST_LEVEL", "7")
    assert numbers()["environment"] == 7
    # back to what was read at first: the first program, without another build
    (folder / "deps_inner.py").write_text("INNER = 2  # as before\n")
    (folder / "numbers.json").write_text("3")
    (folder / "deps_header.h").write_text("static inline double from_header(double x) { return 4*x; }\n")
    monkeypatch.delenv("HEDON_TEST_LEVEL")
    monkeypatch.setattr(forked, "build", lambda *given: pytest.fail("it was built again"))
    assert numbers() == first


def test_a_module_variable_set_before_compiling_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in folder.glob("*.py"):
        os.utime(file, (1e9, 1e9))
    builder = imported()
    monkeypatch.setattr(builder, "LEVEL", 6)
    with pytest.raises(Mistake, match="'LEVEL' of module deps_builder has another value here"):
        compile_program(builder.build, builder.Settings())


def test_relative_names_mean_what_they_mean_to_the_caller(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbers()["read"] == 3
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "numbers.json").write_text("9")
    monkeypatch.chdir(folder / "elsewhere")
    assert numbers()["read"] == 9


def test_a_builder_that_changes_what_it_reads_is_refused(folder: Path) -> None:
    text = (folder / "deps_builder.py").read_text()
    changing = (
        'with open("numbers.json", "w") as stream:\n        stream.write(str(os.getpid()))\n    units.level'
    )
    (folder / "deps_builder.py").write_text(text.replace("units.level", changing))
    with pytest.raises(Mistake, match="changes with each build"):
        numbers()


def test_a_new_file_beside_the_script_is_no_other_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries search the folders of sys.path for packages; what lies there is no part of a network."""
    text = (folder / "deps_builder.py").read_text()
    asking = (
        "from importlib.metadata import packages_distributions\n    packages_distributions()\n    units.level"
    )
    (folder / "deps_builder.py").write_text(text.replace("units.level", asking))
    first = numbers()
    (folder / "results.csv").write_text("1\n")
    monkeypatch.setattr(forked, "build", lambda *given: pytest.fail("it was built again"))
    assert numbers() == first


def test_a_folder_that_the_builder_lists_is_followed(folder: Path) -> None:
    text = (folder / "deps_builder.py").read_text()
    listing = 'units.level = len(os.listdir("."))\n    units.environment'
    (folder / "deps_builder.py").write_text(text.replace("units.environment", listing, 1))
    first = numbers()["level"]
    (folder / "another.csv").write_text("1\n")
    assert numbers()["level"] == first + 1
