"""Which sources a result or a program is made of: the modules that a module really imports.

`reached` follows the imports of a module through this package, those inside functions included, and the
builders that it names as ``'hedon.room.file:function'``. A name that a package only hands on leads to the
module that defines it, so that a package's face, and the registry in it, do not bind all that stand there
to each other: a new rule and its line leave every standing result and program valid. What a registry finds
by name is added by whoever knows the name. `meaning` is the digest of a source without comments and
docstrings.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from .mistakes import Mistake

ROOT = Path(__file__).resolve().parents[2]
"""Folder of the package."""
PACKAGE = __name__.partition(".")[0]

TELLING = frozenset(
    {
        "analysis/foundation/progress.py",
        "analysis/foundation/ending.py",
        "analysis/foundation/mistakes.py",
        "analysis/foundation/registry.py",
    }
)
"""Sources that no number can depend on."""

_BUILDER = re.compile(rf"{PACKAGE}((?:\.\w+)+):\w+")


_read: dict[Path, tuple[int, int]] = {}
"""Time and size of every file when it was read here."""


def forget_edited() -> None:
    """Read anew if a file was edited since: a building process would import it as it is now."""
    if any(_stamp(path) != stamp for path, stamp in _read.items()):
        _read.clear()
        for function in (reached, imported, _tree, meaning):
            function.cache_clear()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size


def _source(path: Path) -> bytes:
    _read.setdefault(path, _stamp(path))
    return path.read_bytes()


def meanings(modules: Iterable[str]) -> dict[str, str]:
    """Digests, by path, of all sources that the modules (such as 'hedon.models.rate.network') reach."""
    forget_edited()
    files = sorted(set().union(*(reached(module) for module in modules)))
    return {path.relative_to(ROOT).as_posix(): meaning(path) for path in files}


def digest(modules: Iterable[str]) -> str:
    """One digest of all of them."""
    lines = (f"{path} {content}\n" for path, content in meanings(modules).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def modules_of(path: Path) -> tuple[str, ...]:
    """Modules of this package behind a file: its own, or what a file outside the package imports."""
    if path.is_relative_to(ROOT):
        return (".".join([PACKAGE, *path.relative_to(ROOT).with_suffix("").parts]),)
    forget_edited()
    return tuple(_imported(_tree(path), []))


@cache
def reached(module: str) -> frozenset[Path]:
    """Files of this package that ``module`` is made of; headers beside a file belong to it.

    Modules outside the package are not followed, and have no file here.
    """
    found: set[Path] = set()
    waiting = [module]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        path = file_of(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        if path.relative_to(ROOT).as_posix() not in TELLING:
            found |= {path, *path.parent.glob("*.h")} if path.name != "__init__.py" else set()
        if path.name != "__init__.py":
            waiting += imported(path)
    return frozenset(found)


def file_of(module: str) -> Path | None:
    """The file of a module of this package; None for others."""
    if module.partition(".")[0] != PACKAGE:
        return None
    path = ROOT.joinpath(*module.split(".")[1:])
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    return None


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Modules of this package that a file imports, or names as builders."""
    package = [PACKAGE, *path.relative_to(ROOT).parent.parts]
    return tuple(dict.fromkeys(_imported(_tree(path), package)))


def _imported(tree: ast.AST, package: list[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*base, *((node.module or "").split(".") if node.module else [])])
            for alias in node.names:
                yield from _defining(source, alias.name)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _BUILDER.fullmatch(node.value):
                yield node.value.partition(":")[0]


def _defining(module: str, name: str) -> Iterator[str]:
    """The modules behind ``from module import name``: one of a package's own, or that which it hands on."""
    path = file_of(module)
    if path is None or path.name != "__init__.py":
        yield module
        return
    if file_of(f"{module}.{name}") is not None:
        yield f"{module}.{name}"
        return
    package = module.split(".")
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            yield from _imported(ast.Module([node], []), package)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in (name, "__getattr__"):
            yield from _imported(ast.Module([node], []), package)
        elif isinstance(node, ast.Dict | ast.Call):
            yield from (f"{module}{target}" for target in _registered(node, name))


def _registered(node: ast.Dict | ast.Call, name: str) -> Iterator[str]:
    """Where a table in a package's face finds ``name``: '.file' of {'name': '.file:object'}, or of
    dict.fromkeys(names, '.file')."""
    if isinstance(node, ast.Dict):
        pairs = list(zip(node.keys, node.values, strict=True))
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "fromkeys" and len(node.args) == 2:
        pairs = [(key, node.args[1]) for key in getattr(node.args[0], "elts", [])]
    else:
        return
    for key, value in pairs:
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and key.value == name:
            if isinstance(value.value, str) and value.value.startswith("."):
                yield value.value.partition(":")[0]


@cache
def _tree(path: Path) -> ast.Module:
    try:
        return ast.parse(_source(path))
    except SyntaxError as error:
        raise Mistake(f"{path}, line {error.lineno}: {error.msg}") from None


@cache
def meaning(path: Path) -> str:
    """Digest of a source; of a Python source's syntax tree without bare strings and comments."""
    source = _source(path)
    if path.suffix == ".py":
        tree = ast.parse(source)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [line for line in body if not _is_bare_string(line)]  # type: ignore[attr-defined]
        source = ast.dump(tree).encode()
    return hashlib.sha256(source).hexdigest()


def _is_bare_string(node: ast.AST) -> bool:
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant and isinstance(node.value.value, str)  # type: ignore[attr-defined]
