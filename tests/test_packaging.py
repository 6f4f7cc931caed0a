"""The package holds all its rooms, each imports only those below, and the set-up files agree."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import hedon

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("analysis", "plasticity", "models", "figures")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for room in FLOORS for path in (ROOT / room).rglob("*.py"))


def test_every_room_is_packaged() -> None:
    found = {"hedon"} | {".".join(["hedon", *path.parent.relative_to(ROOT).parts]) for path in SOURCES}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found
    for path in SOURCES:
        assert (path.parent / "__init__.py").exists(), path


def test_every_other_file_is_packaged() -> None:
    """Headers and styles are read at run time, so a wheel must hold them."""
    declared = PROJECT["tool"]["setuptools"]["package-data"]
    packaged = {
        path
        for package, patterns in declared.items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")[1:]).glob(pattern)
    }
    kinds = {".h", ".cpp", ".mplstyle", ".json", ".toml", ".csv", ".txt"}
    files = {path for room in FLOORS for path in (ROOT / room).rglob("*") if path.suffix in kinds}
    assert files <= packaged
    assert ROOT / "py.typed" in packaged


def test_nothing_else_at_the_root() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_room_imports_only_those_below(path: Path) -> None:
    here = path.relative_to(ROOT).parts
    allowed = FLOORS[: FLOORS.index(here[0]) + 1]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.level:
            target = [*here[: len(here) - node.level], *(node.module.split(".") if node.module else [])]
            rooms = [target[0]] if target else [alias.name for alias in node.names]
            assert set(rooms) <= {*allowed, "__version__", "__doc__", "supported"}, ast.unparse(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            own = [name for name in modules if name.split(".")[0] == "hedon"]
            assert not own, f"between rooms, relative imports: {ast.unparse(node)}"


def test_one_version_and_one_licence() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version = hedon.__version__
    assert "version" not in PROJECT["project"] and PROJECT["project"]["dynamic"] == ["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, re.M)[1] == version  # type: ignore[index]
    assert PROJECT["project"]["license"] == "BSD-3-Clause"
    assert "license: BSD-3-Clause" in citation
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "BSD 3-Clause" in licence and "2026, The hedon authors" in licence


def test_conda_recipe_needs_what_the_package_needs() -> None:
    recipe = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = re.search(r"^  run:\n((?:    - .*\n)+)", recipe, re.M)
    assert run is not None
    needed = dict(re.findall(r"^    - ([a-z0-9-]+) ?(.*)$", run[1], re.M))
    for one in PROJECT["project"]["dependencies"]:
        name, bounds = re.fullmatch(r"([a-zA-Z0-9-]+)([^;]*)(?:;.*)?", one).groups()  # type: ignore[union-attr]
        name = "matplotlib-base" if name == "matplotlib" else name
        assert needed[name] in (bounds.strip(), ">=2.0" if name == "numpy" else bounds.strip()), one
    assert needed["python"] == PROJECT["project"]["requires-python"]
    assert "cxx-compiler" in needed


def test_pinned_requirements_cover_the_declared_ones() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+ \\$", text, re.M))
    declared = PROJECT["project"]["dependencies"]
    names = {re.split(r"[<>=; ]", one)[0].replace("_", "-").lower() for one in declared}
    assert names <= pinned
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text


def test_makefile_names_its_targets() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = re.findall(r"^ +make ([a-z-]+)  ", done.stdout, re.M)
    assert {"figures", "paper", "test", "test-unit", "bench", "lint", "docs", "dist", "clean"} <= set(targets)


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("no-python", "no no-python found; on Debian: apt-get install python3"),
        ("./old", "Python 3.11 or newer is needed"),
        ("./bare", "cannot make an environment; on Debian: apt-get install python3-venv"),
    ],
)
def test_makefile_says_what_is_missing(tmp_path: Path, python: str, said: str) -> None:
    """An interpreter that is absent, too old, or (as Debian's may be) without venv and pip."""
    (tmp_path / "old").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bare").write_text('#!/bin/sh\n[ "$1" = -c ]\n')
    for name in ("old", "bare"):
        (tmp_path / name).chmod(0o755)
    command = ["make", "-f", str(ROOT / "Makefile"), f"PYTHON={python}", ".venv/bin/python"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("hedon: ") and said in done.stderr.splitlines()[0]
    assert not (tmp_path / ".venv").exists()


@pytest.mark.whole
@pytest.mark.parametrize(
    ("readme", "tests", "lint", "newest", "status"),
    [
        ("<!-- test -->\n```sh\nmake test\n```\nand `make figures`\n```\nfalse\n```\n", 0, 0, 0, 0),
        ("Text.\n\n<!-- test -->\n\n```\n$ make test\n```\n", 0, 0, 0, 0),
        ("<!-- test -->\n```sh\nmake test\n```\n", 1, 0, 0, 1),
        ("<!-- test -->\n```sh\nmake test\n```\n", 0, 1, 0, 1),
        ("<!-- test -->\n```sh\nmake test\n```\n", 0, 0, 1, 1),
        ("<!-- test -->\n```sh\nmake test\n```\n", 0, 0, None, 0),
        ("nothing", 0, 0, 0, 0),
    ],
)
def test_ci_runs_what_the_readme_says(
    tmp_path: Path, readme: str, tests: int, lint: int, newest: int | None, status: int
) -> None:
    """The tests of programs with the newest Python too, where there is another one (None: there is none)."""
    folder = tmp_path / "another name"
    (folder / ".ci").mkdir(parents=True)
    (folder / ".ci" / "run").write_text((ROOT / ".ci" / "run").read_text())
    (folder / "README.md").write_text(readme)
    recipes = {"test": tests, "lint": lint, "test-programs": newest or 0}
    text = "".join(f"{name}:\n\t@exit {code}\n" for name, code in recipes.items())
    (folder / "Makefile").write_text(text)
    python = tmp_path / "versions" / "3.19.0" / "bin" / "python3"
    if newest is not None:
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    (tmp_path / "pyenv").write_text(f"#!/bin/sh\necho '{tmp_path}'\n")
    (tmp_path / "pyenv").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", str(folder / ".ci" / "run")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert ("+ make test-programs" in done.stdout) == (newest is not None)
    assert "+ make test\n" in done.stdout and "+ make lint\n" in done.stdout
    assert done.returncode == status
