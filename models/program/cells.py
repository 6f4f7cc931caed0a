"""What was typed into a notebook, as a script that the building process can load.

Of the cells that were run, the script has the definitions that a builder needs, from the cell that ran last,
and the imports; other names that it uses stand there with the values that they have now, so that a sweep over
a variable of the notebook makes the programs that it seems to make. IPython and Jupyter only: Python's own
prompt keeps no text.
"""

import ast
import builtins
import pickle
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeGuard

from ...analysis.foundation import whole_files
from ...analysis.foundation.mistakes import Mistake
from .description import canonical, digest


def script_of(names: Iterable[str], root: Path) -> Path | None:
    """A script in the folder ``root / "cells"`` that defines ``names`` as the notebook does; None where this
    is no notebook.

    Raises:
        Mistake: a name was not defined in a cell, or stands for something that cannot be written down.
    """
    shell = _shell()
    if shell is None:
        return None
    notebook = _Notebook(shell.history_manager.input_hist_parsed, shell.user_ns)
    for name in names:
        notebook.need(name)
    text = notebook.text()
    path = root / "cells" / f"{digest(text.encode())[:32]}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(path, text.encode())
    return path


def builder_of(builder: Callable[..., Any] | str, config: Any, root: Path) -> Callable[..., Any] | str:
    """The builder, or ``'script.py:function'`` for one that was typed into a notebook."""
    name = getattr(builder, "__qualname__", "")
    if getattr(builder, "__module__", "") != "__main__" or not name.isidentifier() or _has_file():
        return builder
    path = script_of([name, *typed_classes(config)], root)
    if path is None:
        return builder
    if sys.modules["__main__"].__dict__.get(name) is not builder:
        raise Mistake(f"the builder '{name}' was defined anew since; give the present one")
    return f"{path}:{name}"


def typed_classes(config: Any) -> list[str]:
    """Classes of the configuration that are defined in the running script or notebook."""
    found: dict[str, None] = {}

    def visit(value: Any) -> None:
        if type(value).__module__ == "__main__":
            found[type(value).__qualname__.partition(".")[0]] = None
        inner: Iterable[Any] = ()
        if is_dataclass(value):
            inner = (getattr(value, field.name) for field in fields(value))
        elif isinstance(value, Mapping):
            inner = value.values()
        elif isinstance(value, tuple | list):
            inner = value
        for one in inner:
            visit(one)

    visit(config)
    return list(found)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None or _has_file() else ipython.get_ipython()


def _has_file() -> bool:
    return getattr(sys.modules["__main__"], "__file__", None) is not None


@dataclass
class _Notebook:
    """The cells that were run, and what of them is needed."""

    cells: Iterable[str]
    names: Mapping[str, Any]
    imports: dict[str, None] = field(default_factory=dict)
    definitions: dict[str, tuple[str, ast.stmt]] = field(default_factory=dict)
    """name -> text, statement; in the order of the cells"""
    needed: dict[str, tuple[int, str]] = field(default_factory=dict)
    """name -> order, text; values come before definitions"""

    scope: dict[str, Any] = field(default_factory=dict)
    """what the imports bring"""

    def __post_init__(self) -> None:
        for cell in self.cells:
            try:
                statements = ast.parse(cell).body
            except SyntaxError:
                continue
            for statement in statements:
                self._note(statement, cell)

    def _note(self, statement: ast.stmt, cell: str) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.imports[ast.unparse(statement)] = None
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
            first = min([statement.lineno, *(one.lineno for one in statement.decorator_list)])
            text = "\n".join(cell.splitlines()[first - 1 : statement.end_lineno])
            self.definitions.pop(statement.name, None)
            self.definitions[statement.name] = (text, statement)

    def need(self, name: str) -> None:
        """Take up a definition, or the value of a name, and all that it uses."""
        if name in self.needed or (name not in self.names and hasattr(builtins, name)):
            return
        value = self.names.get(name)
        if name in self.definitions and callable(value):
            text, statement = self.definitions[name]
            self.needed[name] = (1 + list(self.definitions).index(name), text)
            own = _bound_in(statement) if isinstance(statement, ast.FunctionDef) else set()
            for used in ast.walk(statement):
                if _is_read(used) and used.id in self.names and used.id not in own:
                    self.need(used.id)
                elif isinstance(used, ast.Constant) and isinstance(used.value, str):
                    self._need_named(used.value)
            for early in _read_at_once(statement) - own:
                if self.needed.get(early, (1, ""))[0] == 0:
                    raise Mistake(
                        f"'{name}' read '{early}' of the notebook when it was defined, and that may have "
                        "changed since; read it inside the function, or write the value itself"
                    )
        elif name not in self.names:
            raise Mistake(f"'{name}' was not defined in a cell of this notebook")
        elif not self._imported(name, value):
            self.needed[name] = (0, f"{name} = {_written(name, value)}")

    def _need_named(self, equations: str) -> None:
        """What equations may mean by their names; what cannot be written down they cannot mean."""
        for name in sorted(set(re.findall(r"[A-Za-z_]\w*", equations)) & self.names.keys()):
            with suppress(Mistake):
                self.need(name)

    def _imported(self, name: str, value: Any) -> bool:
        """Whether the imports bring it: a module, or what is defined in one."""
        if not self.scope:
            exec("\n".join(self.imports), self.scope)
        return name in self.scope and self.scope[name] is value

    def text(self) -> str:
        parts = [text for _, text in sorted(self.needed.values(), key=lambda part: part[0])]
        imports = sorted(self.imports, key=lambda line: not line.startswith("from __future__"))
        return "\n\n".join(["\n".join(imports), *parts]) + "\n"


def _bound_in(function: ast.FunctionDef) -> set[str]:
    """Names that are a function's own: its arguments, and what it assigns."""
    own = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
    return own


def _read_at_once(statement: ast.stmt) -> set[str]:
    """Names that a definition reads when it is made: in defaults, decorators and the body of a class."""
    parts: list[ast.AST] = []
    if isinstance(statement, ast.FunctionDef):
        parts += [*statement.decorator_list, *statement.args.defaults]
        parts += [default for default in statement.args.kw_defaults if default is not None]
    elif isinstance(statement, ast.ClassDef):
        parts += [*statement.decorator_list, *statement.bases]
        for inner in statement.body:
            if isinstance(inner, ast.FunctionDef):
                parts += [*inner.decorator_list, *inner.args.defaults]
            else:
                parts.append(inner)
    return {node.id for part in parts for node in ast.walk(part) if _is_read(node)}


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _written(name: str, value: Any) -> str:
    """Python text of a plain value."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    try:
        canonical(value, name, set())
        content = pickle.dumps(value, protocol=4)
    except (Mistake, TypeError, AttributeError, pickle.PicklingError):
        raise Mistake(
            f"'{name}', which the builder uses, is of the notebook and of type {type(value).__name__}; "
            "make it inside the builder, or give plain values in the configuration"
        ) from None
    return f"__import__('pickle').loads({content!r})"
