"""What `make dist` makes holds what it should, and a wheel runs from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import hedon

pytestmark = pytest.mark.whole

ROOT = Path(hedon.__file__).parent
ROOMS = ("analysis", "plasticity", "models", "figures")
DATA = {".h", ".mplstyle", ".j2", ".typed"}
RUBBISH = (
    "results/experiments/a/result.nc",
    ".venv/lib/a.py",
    "models/__pycache__/old.cpython-311.pyc",
    "docs/.ipynb_checkpoints/a.ipynb",
    "figures/.DS_Store",
    "figures/alignment.py~",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel of this tree (made from the sdist, as `make dist` does)."""
    pytest.importorskip("build")
    if int(version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools is older than the build needs")
    folder, tree = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("tree") / "hedon"
    copytree(ROOT, tree, ignore=ignore_patterns(".git", ".venv*", ".*_cache", "*.egg-info", "results"))
    for one in RUBBISH:
        (tree / one).parent.mkdir(parents=True, exist_ok=True)
        (tree / one).write_text("rubbish")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("site")
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def wanted() -> set[str]:
    """Files that the package reads or imports, below its root."""
    files = {"__init__.py", "__main__.py", "py.typed"}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in {".py", *DATA} and "__pycache__" not in path.parts:
                files.add(path.relative_to(ROOT).as_posix())
    return files


def test_wheel_holds_the_package_and_nothing_else(site: Path) -> None:
    found = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    information = f"hedon-{hedon.__version__}.dist-info/"
    held = {name for name in found if not name.startswith(information)}
    assert held == {f"hedon/{name}" for name in wanted()}
    metadata = (site / information / "METADATA").read_text("utf-8")
    assert f"Version: {hedon.__version__}\n" in metadata and "License-Expression: BSD-3-Clause" in metadata
    assert (site / information / "licenses" / "LICENSE").is_file()


def test_sdist_holds_what_a_clone_does_and_no_rubbish(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        found = {name.partition("/")[2] for name in opened.getnames() if not opened.getmember(name).isdir()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    kept = set(listed.stdout.splitlines()) if listed.returncode == 0 else {*wanted(), "Makefile"}
    there = {name for name in kept if (ROOT / name).is_file()} - {".gitignore"}
    assert there <= found, sorted(there - found)
    assert not found & set(RUBBISH)


def run(site: Path, folder: Path, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), **changed}
    command = [sys.executable, "-P", "-m", "hedon", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_wheel_runs_from_another_folder(site: Path, tmp_path: Path) -> None:
    where = run(site, tmp_path, "--version")
    assert where.stdout.strip() == hedon.__version__, where.stderr
    tiny = ("train", "--set", "task=LinearTeacher", "trials=1000", "individuals=1")
    cache = tmp_path / "cache"
    done = run(site, tmp_path, "run", *tiny, HEDON_RESULTS="mine", HEDON_CACHE=str(cache))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / done.stdout.strip() / "result.nc").is_file()
    for note in cache.glob("read/*"):  # what is beside the user's files makes no other program
        assert [read["folders"] for read in json.loads(note.read_text())] == [{}]


def test_without_a_compiler_one_line_says_so(site: Path, tmp_path: Path) -> None:
    """All that needs no program goes without a compiler; what needs one says how to get it."""
    (tmp_path / "empty").mkdir()
    bare = {"PATH": str(tmp_path / "empty"), "HEDON_CACHE": str(tmp_path / "cache"), "HEDON_RESULTS": "mine"}
    listed = run(site, tmp_path, "list", CXX="", **bare)
    assert listed.returncode == 0 and "learning_curves" in listed.stdout, listed.stderr
    done = run(site, tmp_path, "run", "train", CXX="", **bare)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "no working C++ compiler 'g++'" in done.stderr and "apt-get install g++" in done.stderr
