"""Registries: what is found by its name, here or in a user's own folder, and imported only when asked for.

A registry maps a name to ``module`` or ``module:object``; a module of the registry's own package is written
``.module``. A plug-in adds names from outside the package. It is a Python file that is read, never run, for
tables written out in full, one line for each thing:

    RULES = {"MyRule": "my_rule:MyRule"}
    FIGURES = {"my_figure": "my_figure"}

Their modules lie beside it or are installed. Plug-ins are named by `--plugin FILE`, by $HEDON_PLUGINS, which
hands them on to other processes, or by an installed package's entry point in the group ``hedon.plugins``.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import itertools
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from .mistakes import Mistake, nearest

VARIABLE = "HEDON_PLUGINS"
GROUP = "hedon.plugins"
TABLES = {
    "rule": "RULES",
    "task": "TASKS",
    "experiment": "EXPERIMENTS",
    "figure": "FIGURES",
    "analysis": "ANALYSES",
}
"""What can be registered -> name of its table in a plug-in."""

_made: list[Registry] = []


class Registry(dict[str, str]):
    """Names of one ``kind`` (a key of `TABLES`) and where they are found from ``package``.

    Raises:
        Mistake: a plug-in that cannot be read, or that gives a name that is taken.
    """

    def __init__(self, kind: str, package: str, entries: Mapping[str, str]) -> None:
        super().__init__(entries)
        self.kind, self.package = kind, package
        for file in _plugins():
            self._take(file)
        _made.append(self)

    def _take(self, file: Path) -> None:
        for name, target in _tables(file).get(TABLES[self.kind], {}).items():
            if self.get(name, target) != target:
                raise Mistake(f"{file}: '{name}' is the name of another {self.kind} already")
            self[name] = target

    def load(self, name: str) -> Any:
        """The module or object called ``name``; an unknown one is a Mistake."""
        module, _, attribute = self.target(name).partition(":")
        try:
            found = importlib.import_module(module, self.package)
            return getattr(found, attribute) if attribute else found
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise Mistake(f"{self.kind} '{name}': there is no module '{module}'") from error
        except AttributeError as error:
            if not attribute or hasattr(found, attribute):
                raise
            raise Mistake(f"{self.kind} '{name}': there is no '{attribute}' in '{module}'") from error

    def target(self, name: str) -> str:
        """Where ``name`` is found; an unknown one is a Mistake."""
        if name not in self:
            raise Mistake(f"unknown {self.kind} '{name}'{nearest(name, self)}")
        return self[name]

    def file(self, name: str) -> Path:
        """The source of what is called ``name``, found without importing it."""
        module = self.target(name).partition(":")[0]
        found = importlib.util.find_spec(module, self.package)
        if found is None or found.origin is None:
            raise Mistake(f"{self.kind} '{name}': there is no module '{module}'")
        return Path(found.origin)

    def docstring(self, name: str) -> str:
        """The docstring of its module, read without importing it."""
        return ast.get_docstring(ast.parse(self.file(name).read_bytes())) or ""

    def summary(self, name: str) -> str:
        """First line of its docstring."""
        return self.docstring(name).partition("\n")[0]


def use(file: Path | str) -> None:
    """Take the names of a plug-in into all registries, here and in the processes that this one starts.

    Raises:
        Mistake: no such file, one that cannot be read, a name that is taken.
    """
    path = Path(file).resolve()
    named = [name for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    if str(path) in named:
        return
    _tables(path)
    os.environ[VARIABLE] = os.pathsep.join([*named, str(path)])
    _reach(path)
    for registry in _made:
        registry._take(path)


def sources(names: set[str]) -> str:
    """Digest of the plug-ins' files that things called ``names`` are made of; '' where they are of none.

    The files are those that plug-ins register under these names, and what they import from beside them.
    """
    found: set[Path] = set()
    for file in _plugins():
        for table in _tables(file).values():
            for name in names & set(table):
                spec = importlib.util.find_spec(table[name].partition(":")[0])
                waiting = [Path(spec.origin)] if spec is not None and spec.origin else []
                while waiting:
                    path = waiting.pop()
                    if path.is_file() and path not in found:
                        found.add(path)
                        waiting += (path.with_name(f"{module}.py") for module in _imports(path))
    if not found:
        return ""
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in sorted(found))).hexdigest()


def _imports(path: Path) -> Iterator[str]:
    """Last names of all that a source imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.name.rpartition(".")[2] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.rpartition(".")[2]


def _plugins() -> list[Path]:
    """Files of the plug-ins that the environment and installed packages name."""
    files = [Path(name).resolve() for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    for file in files:
        _reach(file)
    return [*files, *_installed()]


def _reach(file: Path) -> None:
    """Let the modules beside a plug-in be imported, after all others."""
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))


@cache
def _installed() -> tuple[Path, ...]:
    """Files of the plug-ins of installed packages. The working folder is left out: a program whose build
    read its listing would be another one in each folder, and after each new file."""
    from importlib.metadata import Distribution, distributions

    paths = [path for path in sys.path if path not in ("", os.getcwd())]
    installed = list(distributions(path=paths))
    if not any(GROUP in (package.read_text("entry_points.txt") or "") for package in installed):
        return ()  # names of packages are costly: each is read from a page of metadata
    packages: dict[str, Distribution] = {}
    for package in installed:
        packages.setdefault(package.name, package)  # the first on the path is the one that is imported
    files = []
    for entry in itertools.chain(*(one.entry_points.select(group=GROUP) for one in packages.values())):
        found = importlib.util.find_spec(entry.module)
        if found is None or found.origin is None:
            raise Mistake(f"the plug-in '{entry.name}' names a module '{entry.module}' that is not there")
        files.append(Path(found.origin))
    return tuple(files)


@cache
def _tables(file: Path) -> dict[str, dict[str, str]]:
    """The tables in a plug-in."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError) as error:
        raise Mistake(f"the plug-in {file} cannot be read: {error}") from error
    tables: dict[str, dict[str, str]] = {}
    for node in tree.body:
        names = [t.id for t in getattr(node, "targets", ()) if isinstance(t, ast.Name)]
        for name in set(names) & set(TABLES.values()):
            try:
                tables[name] = {str(key): str(value) for key, value in ast.literal_eval(node.value).items()}  # type: ignore[attr-defined]
            except (ValueError, AttributeError) as error:
                raise Mistake(f"{file}: {name} must be a table of names and modules, in quotes") from error
    if not tables:
        raise Mistake(f"{file} registers nothing; a plug-in has one of {', '.join(TABLES.values())}")
    return tables
