"""A result or program outlives every edit of what it is not made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hedon.analysis.foundation import sources
from hedon.analysis.foundation.mistakes import Mistake

ROOT = Path(__file__).resolve().parents[1]
ASK = """
import json
from hedon.models import experiments
from hedon.models.program.description import Builder, describe
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import GradientDescent, NodePerturbation

def program(rule):
    return describe(Builder.of("hedon.models.rate.circuit:build"), RateNetwork(LinearTeacher(3, 2), rule), {},
                    "float64", ())["own_sources"]

def result(name, *settings):
    from hedon.analysis.foundation import configuration, results
    config = experiments.configure(name, "quick", settings)
    return experiments._sources(results.Description(name, "quick", 0, configuration.to_table(config)))

found = {name: result(name) for name in experiments.EXPERIMENTS}
for rule in ("WeightPerturbation", "GradientDescent"):
    found[f"train {rule}"] = result("train", f"rule={rule}")
found |= {"NP program": program(NodePerturbation()), "SGD program": program(GradientDescent())}
print(json.dumps(found))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package to edit."""
    for room in ("analysis", "plasticity", "models", "figures"):
        shutil.copytree(ROOT / room, tmp_path / "hedon" / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / file, tmp_path / "hedon")
    return tmp_path / "hedon"


def asked(copy: Path) -> dict[str, object]:
    import json

    environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def add(path: Path) -> None:
    with open(path, "a") as file:
        file.write("\nUSED = 1\n")


@pytest.mark.whole
def test_what_an_edit_makes_anew(copy: Path) -> None:
    first = asked(copy)
    assert len(first) > 24

    def changed() -> set[str]:
        now = asked(copy)
        assert set(now) == set(first)
        return {name for name in now if now[name] != first[name]}

    (copy / "plasticity" / "covariance.py").write_text("class Covariance: ...\n")
    face = copy / "plasticity" / "__init__.py"
    edit(face, "    {\n", '    {\n        "Covariance": ".covariance:Covariance",\n')
    edit(copy / "analysis" / "recordings" / "nwb_out.py", "import", "import json  # noqa\nimport")
    edit(copy / "plasticity" / "node_perturbation.py", "from __future__", "# said\nfrom __future__")
    edit(copy / "models" / "rate" / "circuit.py", '"""Brian2', '"""All Brian2')
    assert changed() == set()

    add(copy / "plasticity" / "td_hebbian.py")
    lives = {"linear_track", "water_maze", "spiking_bandit", "cart_pole", "acrobot"}
    assert changed() == lives | {"spiking_control", "spiking_conditioning"}
    shutil.copy(ROOT / "plasticity" / "td_hebbian.py", copy / "plasticity")

    add(copy / "plasticity" / "weight_perturbation.py")
    users = changed()
    assert {"train WeightPerturbation", "learning_curves"} <= users
    assert not users & {"train GradientDescent", "SGD program", "NP program", "conditioning", "meta_rule"}

    add(copy / "plasticity" / "rule.py")
    assert {"SGD program", "NP program", "conditioning", "meta_rule"} <= changed()


def test_comments_and_docstrings_do_not_count(tmp_path: Path) -> None:
    source, said, other = (tmp_path / name for name in ("a.py", "b.py", "c.py"))
    source.write_text('def f():\n    "One."\n    return "x = 1"\n')
    said.write_text('"""Says more."""\n\n\ndef f():  # and here\n    return "x = 1"\n')
    other.write_text('def f():\n    "One."\n    return "x = 2"\n')
    assert sources.meaning(source) == sources.meaning(said)
    assert sources.meaning(source) != sources.meaning(other)


def test_headers_and_builders_named_in_a_string_are_reached() -> None:
    found = {
        path.relative_to(sources.ROOT).as_posix() for path in sources.reached("hedon.models.rate.network")
    }
    assert {"models/rate/circuit.py", "models/program/harness.h", "plasticity/trial_rule.py"} <= found
    assert not any(name.startswith(("models/experiments", "models/spiking", "figures")) for name in found)


EDIT_WHILE_RUNNING = """
import sys
from pathlib import Path
from hedon.models.program.description import Builder, describe, key_of
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import NodePerturbation

def key():
    builder = Builder.of("hedon.models.rate.circuit:build")
    return key_of(describe(builder, RateNetwork(LinearTeacher(3, 2), NodePerturbation()), {}, "float64", ()))

keys = [key()]
for file, line in (("plasticity/rule.py", "USED = 1"), ("plasticity/rule.py", "# said"),
                   ("models/rate/circuit.py", "# said"), ("models/rate/circuit.py", "USED = 1")):
    with open(Path(sys.argv[1], file), "a") as stream:
        stream.write(f"\\n{line}\\n")
    keys.append(key())
print(*keys)
"""


@pytest.mark.whole
def test_an_edit_in_the_middle_of_a_session_makes_another_program(copy: Path) -> None:
    """The building process imports the file as it is now, so the program must not bear the old key."""
    environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
    command = [sys.executable, "-c", EDIT_WHILE_RUNNING, str(copy)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, edited, said, said_in_builder, edited_builder = done.stdout.split()
    assert edited != first
    assert edited == said == said_in_builder
    assert edited_builder != said_in_builder


def test_a_builder_that_cannot_be_parsed_is_one_line(tmp_path: Path) -> None:
    builder = tmp_path / "builder.py"
    builder.write_text("def build(config):\n    return (\n")
    with pytest.raises(Mistake, match=r"builder\.py, line 2"):
        sources.modules_of(builder)
