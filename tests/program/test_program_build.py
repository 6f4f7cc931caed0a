"""Building: every mistake of a builder is one line; scripts, compilers, text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from program_settings import Spiking, Wrong

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import ProgramError, compile_program
from hedon.models.program.generated_text import closing_brace
from hedon.models.program.patches import Found
from hedon.models.program.translation_unit import set_apart, shared_support, with_body


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("unit", r"DimensionMismatchError: x should be set .*\(line \d+ of .*program_mistakes.py\)"),
        ("name", r"object 'advance' .*unheard_of"),
        ("keyword", "the C\\+\\+ compiler refuses the network: .*error"),
        ("seed", "must not call brian2.seed"),
        ("compile", "must not compile a program"),
        ("operation", "'watch' is a network_operation"),
        ("run", r"must not call run\(\)"),
        ("object", "argument 'x': no object 'unit' in the network; did you mean 'units'"),
        ("size", r"'units.x' has 2 elements, its dimensions \('unit',\) make 3"),
    ],
)
def test_a_builders_mistake_is_one_line_and_a_log(how: str, says: str, program_cache: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        compile_program("program_mistakes:wrong", Wrong(how))
    message = str(caught.value)
    assert re.search(says, message) and "\n" not in message
    log = Path(message.rpartition("log: ")[2])
    assert log.is_file() and log.parent.parent == program_cache


class Holder:
    @staticmethod
    def build(config: object) -> None: ...


def test_builders_that_another_process_cannot_find() -> None:
    def inner(config: object) -> None: ...

    for builder in (inner, lambda config: None, Holder.build, Holder()):
        with pytest.raises(Mistake, match="plain function at the top of a module"):
            compile_program(builder, Wrong())  # type: ignore[arg-type]
    for name, says in (
        ("no_such_module:build", "no module 'no_such_module'"),
        ("program_networks", "'package.module:function'"),
        ("nowhere.py:build", "no file 'nowhere.py'"),
    ):
        with pytest.raises(Mistake, match=says):
            compile_program(name, Wrong())
    typed = "from hedon.models.program import compile_program\ndef build(config): ...\n"
    typed += "try: compile_program(build, None)\nexcept ValueError as error: print(error)"
    done = subprocess.run([sys.executable, "-c", typed], capture_output=True, text=True, check=True)
    assert "interactive session" in done.stdout


SCRIPT = """
from dataclasses import dataclass
import brian2 as b2
from hedon.models.program import compile_program

@dataclass(frozen=True)
class Config:
    n: int = 4

GAIN = 3.0

def build(config):
    units = b2.NeuronGroup(config.n, "x : 1", name="units")
    units.run_regularly("x += GAIN", name="advance")
    return b2.Network(units)

program = compile_program(build, Config())
print(program(seed=1, duration=2e-4)["units.x"].tolist())
"""


@pytest.mark.whole
def test_a_script_without_a_guard_may_hold_builder_and_configuration(tmp_path: Path) -> None:
    """The building process loads the script up to where it asks for the program, and never asks itself."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.stdout.strip() == "[6.0, 6.0, 6.0, 6.0]", done.stderr


IN_MODULE = """
import brian2 as b2

def build(config):
    units = b2.NeuronGroup(config.n, "x : 1", name="units")
    units.run_regularly("x += 1", name="advance")
    return b2.Network(units)
"""
CONFIGURED = """
from dataclasses import dataclass
from hedon.models.program import compile_program

@dataclass(frozen=True)
class Config:
    n: int

for n in (2, 3):
    print(compile_program("networks_of_mine:build", Config(n))(seed=1, duration=2e-4)["units.x"].tolist())
"""


@pytest.mark.whole
def test_a_script_may_configure_the_builder_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "networks_of_mine.py").write_text(IN_MODULE)
    (tmp_path / "script.py").write_text(CONFIGURED)
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["[2.0, 2.0]", "[2.0, 2.0, 2.0]"], done.stderr


def test_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(ProgramError, match="no working C\\+\\+ compiler 'no-such-compiler'.*(g\\+\\+|xcode)"):
        compile_program("program_networks:spiking", Spiking())


def test_configurations_hold_plain_values() -> None:
    with pytest.raises(Mistake, match=r"config\.how is a set"):
        compile_program("program_mistakes:wrong", Wrong({1, 2}))  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="precision"):
        compile_program("program_mistakes:wrong", Wrong(), precision="half")
    with pytest.raises(Mistake, match="not finite"):
        compile_program("program_mistakes:wrong", Wrong(), arrays={"a": [np.nan]})


def test_merging_text() -> None:
    text = (
        "namespace {\n  f() { g(\"}\"); } // }\n  /* } */ char c = '}';\n}"
        "\nvoid run()\n{ using namespace brian; }"
    )
    assert text[closing_brace(text, 10) :].startswith("}\nvoid run")
    apart = set_apart(text, "part_1", "")
    assert apart.startswith("namespace part_1 { namespace {") and "}\n}\nvoid run" not in apart
    assert "using namespace brian; using namespace part_1;" in apart
    assert (
        with_body("void f()\n{ a; { b; } }\nint g;", "void f()", "command line", Found())
        == "void f()\n{}\nint g;"
    )
    assert shared_support(["nothing to share"]) == ""
