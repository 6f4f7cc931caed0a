"""Builders and configurations typed into the cells of a notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

NOTEBOOK = """
import sys
del sys.modules["__main__"].__file__  # as in a notebook
from IPython.core.interactiveshell import InteractiveShell

main = sys.modules["__main__"]
shell = InteractiveShell.instance(user_module=main, user_ns=vars(main))
shell.showtraceback = lambda *_, **__: print("refused:", sys.exc_info()[1])
for cell in CELLS:
    shell.run_cell(cell, store_history=True)
"""
CELLS = [
    """\
from dataclasses import dataclass
import brian2 as b2
import numpy as np
from brian2 import ms
from hedon.models.program import compile_program
""",
    """\
n = 9
gain = 3.0
tau = 10*ms
table = np.arange(3.0)
def weighed(x):
    return 2*x + gain
""",
    """\
@dataclass(frozen=True)
class Config:
    n: int = 3

def build(config):
    group = b2.NeuronGroup(config.n, "dx/dt = -x/tau : 1\\ny : 1", method="exact", name="group")
    group.run_regularly("y += gain")
    group.x = table*weighed(1)
    return b2.Network(group)

def show(program):
    arrays = program(seed=0, duration=1e-3)
    print((arrays["group.x"]*np.exp(0.1)).round(9).tolist(), arrays["group.y"].tolist())
""",
    "first = compile_program(build, Config()); show(first)",
    "gain = 5.0; second = compile_program(build, Config()); show(second)",
    "gain = 3.0; third = compile_program(build, Config()); print(third.folder == first.folder)",
    "old = build\ndef build(config):\n    return b2.Network(b2.NeuronGroup(4, 'x : 1', name='group'))",
    "print(compile_program(build, Config())(seed=0, duration=1e-3)['group.x'].size)",
    "compile_program(old, Config())",
    "thing = object()\ndef build(config):\n    return thing",
    "compile_program(build, Config())",
    "def build(config):\n    thing = b2.NeuronGroup(2, 'x : 1', name='group')\n    return b2.Network(thing)",
    "print(compile_program(build, Config())(seed=0, duration=1e-3)['group.x'].size)",
    "def build(config, size=gain):\n    return b2.Network(b2.NeuronGroup(int(size), 'x : 1'))",
    "gain = 7.0; compile_program(build, Config())",
]


def test_a_builder_typed_into_a_cell(tmp_path: Path) -> None:
    script = tmp_path / "notebook.py"
    script.write_text(f"CELLS = {CELLS!r}\n{NOTEBOOK}")
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines() == [
        "[0.0, 5.0, 10.0] [30.0, 30.0, 30.0]",
        "[0.0, 7.0, 14.0] [50.0, 50.0, 50.0]",
        "True",
        "4",
        "refused: the builder 'build' was defined anew since; give the present one",
        "refused: 'thing', which the builder uses, is of the notebook and of type object; "
        "make it inside the builder, or give plain values in the configuration",
        "2",
        "refused: 'build' read 'gain' of the notebook when it was defined, and that may have changed since; "
        "read it inside the function, or write the value itself",
    ], done.stdout + done.stderr
