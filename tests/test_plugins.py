"""A rule, a task, an experiment, a figure and an analysis as a user writes them: one file and one line each.

Once outside the package, as a plug-in, and once in a copy of the package.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import hedon
from hedon.analysis.foundation import registry
from hedon.analysis.foundation.mistakes import Mistake

PACKAGE = Path(hedon.__file__).parent

RULE = '''"""Gradient descent whose error is cut off: a trial rule without a perturbation."""
from dataclasses import dataclass
from typing import ClassVar
from hedon.plasticity import TrialRule, number

@dataclass(frozen=True)
class Clipped(TrialRule):
    cut: float = number(0.5, "1", "largest error", high=100.0, scale="linear")
    needs: ClassVar[tuple[str, ...]] = ("gradient",)
    eligibility: ClassVar[str] = "-clip(g_post, -cut_post, cut_post)*x_clean_pre"
    update: ClassVar[str] = "w += rate_post*eligibility"
    bias_eligibility: ClassVar[str] = "-g"
    bias_update: ClassVar[str] = "b += rate*bias_eligibility"
'''
TASK = '''"""A linear teacher that answers with its own strength."""
from dataclasses import dataclass
from hedon.models.tasks import LinearTeacher

@dataclass(frozen=True)
class Louder(LinearTeacher):
    strength: float = 2.0

    def ask(self, circuit, inputs, output):
        super().ask(circuit, inputs, output)
        circuit.each_bin(output, f"target = {self.strength!r}*target", "target_louder")
'''
EXPERIMENT = '''"""One number."""
from dataclasses import dataclass

@dataclass(frozen=True)
class Config:
    number: float = 3.0
    """any"""

PRESETS = {"quick": Config(), "paper": Config()}

def simulate(config, seed, progress=None, folder=None):
    import xarray as xr
    from number_of_mine import FACTOR
    return xr.Dataset({"number": ((), FACTOR*config.number, {"units": "1"})})
'''
FIGURE = '''"""The number is three."""
from hedon.figures.claims import Claim

EXPERIMENTS = ("my_number",)

def check(data):
    return [Claim.at_most("number", float(data["my_number"]["number"]), 3, "chosen")]

def draw(data):
    from matplotlib import pyplot as plt
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    axes.set(xlabel="x (1)", ylabel="y (1)", title="A line")
    return figure
'''
ANALYSIS = '''"""Lengths of files (bytes)."""
import numpy as np
from hedon.analysis.statistics.comparison import Measured

def measure(data):
    sizes = np.array([[float(file.stat().st_size)] for file in data.sources])
    return Measured(("length",), sizes, 0*sizes, "bytes")
'''
PLUGIN = """
RULES = {"Clipped": "clipped:Clipped"}
TASKS = {"Louder": "louder:Louder"}
EXPERIMENTS = {"my_number": "my_number"}
FIGURES = {"my_figure": "my_figure"}
ANALYSES = {"my-lengths": "my_lengths"}
"""
FILES = {
    "clipped.py": RULE,
    "louder.py": TASK,
    "my_number.py": EXPERIMENT,
    "number_of_mine.py": "FACTOR = 1.0\n",
    "my_figure.py": FIGURE,
    "my_lengths.py": ANALYSIS,
    "mine.py": PLUGIN,
}
TRAIN = "individuals=2 trials=200 segments=1 block=100 inputs=4 outputs=1".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def hedon_command(folder: Path, *arguments: str, path: Path = PACKAGE.parent) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(path), "HEDON_RESULTS": str(folder / "results")}
    command = [sys.executable, "-m", "hedon", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def trained(folder: Path, *arguments: str, path: Path = PACKAGE.parent) -> list[float]:
    import xarray as xr

    done = hedon_command(folder, "run", "train", *arguments, path=path)
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(Path(folder, done.stdout.strip()) / "result.nc", engine="h5netcdf") as data:
        return [float(value) for value in data["loss"].values.ravel()]


@pytest.mark.whole
def test_rule_without_sigma_and_task_outside_the_package(folder: Path) -> None:
    mine = ["--plugin", "mine.py", "--set", "rule=Clipped", "task=Louder", *TRAIN]
    first = trained(folder, *mine)
    assert first[1] < first[0]
    still, unheard = (
        trained(folder, *mine, "further=cut=1e-9"),
        trained(folder, *mine, "further=strength=1.0"),
    )
    assert still[1] > 0.5 * still[0] and unheard[0] < first[0]
    refused = hedon_command(folder, "run", "train", *mine, "further=cutt=1")
    assert refused.returncode == 2 and "no setting 'cutt'; did you mean 'cut'" in refused.stderr


@pytest.mark.whole
def test_experiment_figure_and_analysis_outside_the_package(folder: Path) -> None:
    plugin = ["--plugin", "mine.py"]
    drawn = hedon_command(folder, "figures", "my_figure", *plugin)
    assert drawn.returncode == 0, drawn.stderr
    assert (folder / "results/figures/my_figure/my_figure.png").exists()
    listed = hedon_command(folder, "list", *plugin).stdout
    for line in ("One number.", "The number is three.", "Lengths of files (bytes).", "Clipped"):
        assert line in listed
    compared = hedon_command(folder, "compare", "mine.py", "clipped.py", "--analysis", "my-lengths", *plugin)
    assert compared.returncode == 0 and "length" in compared.stdout, compared.stderr
    assert hedon_command(folder, "figures", "my_figure").returncode == 2


@pytest.mark.whole
def test_an_edited_plugin_makes_its_own_results_anew(folder: Path) -> None:
    first = hedon_command(folder, "run", "my_number", "--plugin", "mine.py").stdout
    (folder / "louder.py").write_text(TASK + "\n")
    assert hedon_command(folder, "run", "my_number", "--plugin", "mine.py").stdout == first
    (folder / "number_of_mine.py").write_text("FACTOR = 2.0\n")
    again = hedon_command(folder, "run", "my_number", "--plugin", "mine.py").stdout
    (folder / "number_of_mine.py").write_text("FACTOR = 1.0\n")
    assert again and again != first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RULES = {", "cannot be read"),
        ("x = 1", "registers nothing"),
        ("RULES = dict(a=1)", "must be a table"),
        ('EXPERIMENTS = {"train": "mine"}', "'train' is the name of another experiment already"),
        ('EXPERIMENTS = {"gone": "not_there"}', "there is no module 'not_there'"),
    ],
)
def test_mistakes_of_a_plugin(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.py").write_text(text)
    done = hedon_command(tmp_path, "run", "gone", "--plugin", "bad.py")
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.whole
def test_entry_point(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "user-1.dist-info").mkdir()
    (tmp_path / "user-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: user\nVersion: 1\n")
    (tmp_path / "user-1.dist-info/entry_points.txt").write_text(f"[{registry.GROUP}]\nuser = mine\n")
    path = Path(os.pathsep.join([str(PACKAGE.parent), str(tmp_path), str(folder)]))
    assert "One number." in hedon_command(folder, "list", path=path).stdout


def test_unknown_name() -> None:
    with pytest.raises(Mistake, match="unknown rule 'NodePertubation'; did you mean 'NodePerturbation'"):
        registry.Registry("rule", "", {"NodePerturbation": "x"}).load("NodePertubation")


@pytest.mark.whole
def test_one_file_and_one_line_in_the_package(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "hedon"
    copytree(PACKAGE, copied, ignore=ignore_patterns(".*", "__pycache__", "tests", "results"))
    added = {
        "plasticity": ("clipped.py", "GradientDescent", '        "Clipped": ".clipped:Clipped",\n'),
        "models/tasks": ("louder.py", "LinearTeacher", '        "Louder": ".louder:Louder",\n'),
        "models/experiments": ("my_number.py", "alignment", '        "my_number": ".my_number",\n'),
        "figures": ("my_figure.py", "alignment", '        "my_figure": ".my_figure",\n'),
        "figures/comparisons": ("my_lengths.py", "dip-depth", '        "my-lengths": ".my_lengths",\n'),
    }
    for room, (file, before, line) in added.items():
        (copied / room / file).write_text(
            FILES[file].replace("from number_of_mine import FACTOR", "FACTOR = 1")
        )
        init = copied / room / "__init__.py"
        head, found, tail = init.read_text().partition(f'        "{before}": ')
        assert found
        init.write_text(head + line + found + tail)
    losses = trained(tmp_path, "--set", "rule=Clipped", "task=Louder", *TRAIN, path=tmp_path)
    assert losses[1] < losses[0]
    drawn = hedon_command(tmp_path, "figures", "my_figure", path=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "b.txt").write_text("12")
    compared = hedon_command(tmp_path, "compare", "a.txt", "b.txt", "--analysis", "my-lengths", path=tmp_path)
    assert compared.returncode == 0, compared.stderr
