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
from hedon.models.program.module_values import value_of

pytestmark = pytest.mark.whole

BUILDER = '''
import os
import sys
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
        there : 1
        words : 1
        header : 1
        initial : 1
        run : 1""", name="units")
    units.helped = {helper}.value()
    with open("numbers.json") as stream:
        units.read = json.load(stream)
    units.level = LEVEL
    units.there = os.path.exists("extra.txt")
    units.words = len(sys.argv)
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
    words = sys.argv
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
    (folder / "extra.txt").touch()
    assert numbers()["there"] == 1
    monkeypatch.setattr(sys, "argv", [*words, "20"])
    assert numbers()["words"] == len(words) + 1
    # back to what was read at first: the first program, without another build
    (folder / "deps_inner.py").write_text("INNER = 2  # as before\n")
    (folder / "numbers.json").write_text("3")
    (folder / "deps_header.h").write_text("static inline double from_header(double x) { return 4*x; }\n")
    monkeypatch.delenv("HEDON_TEST_LEVEL")
    (folder / "extra.txt").unlink()
    monkeypatch.setattr(sys, "argv", words)
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


SETTINGS = """
import functools
from pathlib import Path
from types import SimpleNamespace
import numpy as np
class Kept:
    tau = 1.0
    @classmethod
    def twice(cls): return 2*cls.tau
class Own:
    def __init__(self): self.tau = 1.0
one, space = Own(), SimpleNamespace(tau=1.0)
law = lambda x: 2*x
def default(x=1.0): return x
def made(x): return lambda: x
closed = made(1.0)
part = functools.partial(float, 1.0)
numbers, keyed, several = {1.0}, {1: 1.0}, [one]
path, text = Path("1"), b"1"
"""


@pytest.mark.parametrize(
    ("set_by_hand", "name"),
    [
        ("Kept.tau = 2.0", "Kept"),
        ("one.tau = 2.0", "one"),
        ("one.tau = 2.0", "several"),
        ("space.tau = 2.0", "space"),
        ("law = lambda x: 3*x", "law"),
        ("default.__defaults__ = (2.0,)", "default"),
        ("closed = made(2.0)", "closed"),
        ("part = functools.partial(float, 2.0)", "part"),
        ("numbers = {2.0}", "numbers"),
        ("keyed[1] = 2.0", "keyed"),
        ("path = Path('2')", "path"),
        ("text = b'2'", "text"),
    ],
)
def test_a_value_set_by_hand_is_told_from_that_of_a_fresh_import(set_by_hand: str, name: str) -> None:
    modules = [dict(vars(ModuleType("settings"))) for _ in range(2)]
    for names in modules:
        exec(SETTINGS, names)
    first, second = (value_of(names, name) for names in modules)
    assert first is not None and first == second
    exec(set_by_hand, modules[1])
    assert value_of(modules[1], name) != first


def test_a_value_set_by_hand_is_refused_twice_though_its_file_is_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a notebook a module is often younger than the session; an edited file is no such value."""
    builder = imported()
    monkeypatch.setattr(builder, "LEVEL", 6)
    for _ in range(2):
        with pytest.raises(Mistake, match="'LEVEL' of module deps_builder has another value here"):
            compile_program(builder.build, builder.Settings())
    monkeypatch.setattr(builder, "LEVEL", 5)
    assert numbers()["level"] == 5
    text = (folder / "deps_builder.py").read_text()
    (folder / "deps_builder.py").write_text(text.replace("LEVEL = 5", "LEVEL = 50"))
    assert numbers()["level"] == 50


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
