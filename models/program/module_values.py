"""Values of module variables as text that is the same in every process, to tell whether one was set by hand.

A build imports modules afresh: a variable that the caller has set since its import would be another there.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import time
import types
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .description import MAIN_ALIAS, Builder, canonical, digest

STARTED = time.time()
"""When this process can first have imported a builder's module, about."""

_agreed: dict[tuple[str, str], str | None] = {}
"""(module, name) -> the value in this process that was also that of a build from the same files."""


def value_of(names: Mapping[str, Any], name: str) -> str | None:
    """Text of a value; None for what has none, such as an open file or a random generator."""
    try:
        return json.dumps(_told(names.get(name), set()), sort_keys=True)
    except _Untold:
        return None


def present_value(module: str, name: str, builder: Builder, noted: str, same_files: bool) -> str | None:
    """As `value_of` in this process; the noted one where the module is not imported here, or where only its
    file was edited since it was: then the file counts."""
    here = sys.modules.get(module)
    if module == MAIN_ALIAS:
        main = sys.modules["__main__"]
        file = getattr(main, "__file__", None)
        here = main if file and os.path.abspath(file) == builder.file else None
    if here is None:
        return noted
    value = value_of(vars(here), name)
    if same_files and value == noted:
        _agreed[module, name] = value
    file = getattr(here, "__file__", None)
    edited = file and os.path.exists(file) and os.path.getmtime(file) > STARTED
    return noted if edited and _agreed.get((module, name)) == value else value


class _Untold(Exception):
    pass


def _told(value: Any, met: set[int]) -> Any:
    with contextlib.suppress(Mistake):
        return canonical(value, "", set())
    if id(value) in met:
        return "met before"
    met.add(id(value))
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        held = [value.__defaults__, value.__kwdefaults__, cells]
        return {"function": value.__qualname__, "code": _code(value.__code__), "held": _own(held, met)}
    if isinstance(value, functools.partial):
        return {"partial": [_told(part, met) for part in (value.func, value.args, value.keywords)]}
    if isinstance(value, staticmethod | classmethod):
        return _told(value.__func__, met)
    if isinstance(value, property):
        return {"property": [_own(part, met) for part in (value.fget, value.fset)]}
    if isinstance(value, type):
        name = value.__qualname__
        if _installed(value.__module__):
            return {"type": [value.__module__, name]}
        return {"type": name, "names": _own(_kept(vars(value)), met)}
    if isinstance(value, bytes | complex | PurePath):
        return {"value": repr(value)}
    if isinstance(value, tuple | list):
        return [_told(item, met) for item in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted(json.dumps(_told(item, met), sort_keys=True) for item in value)}
    if isinstance(value, Mapping):
        pairs = [(json.dumps(_told(k, met), sort_keys=True), _told(v, met)) for k, v in value.items()]
        return {"mapping": sorted(pairs, key=lambda pair: pair[0])}
    kind = type(value)
    if kind.__name__ == "TimedArray":
        return {"times": canonical(value.values, "", set()), "dt": float(value.dt)}
    if hasattr(value, "__array__") and not hasattr(value, "variables"):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return canonical(array, "", set())
    if kind is types.SimpleNamespace or (hasattr(value, "__dict__") and not _installed(kind.__module__)):
        return {"of": kind.__qualname__, "type": _own(kind, met), "names": _own(_kept(vars(value)), met)}
    raise _Untold


def _own(value: Any, met: set[int]) -> Any:
    """As `_told`; a part that has no text is left out, and only its type told."""
    if isinstance(value, dict):
        return {str(key): _own(item, met) for key, item in value.items()}
    if isinstance(value, list):
        return [_own(item, met) for item in value]
    try:
        return _told(value, met)
    except _Untold:
        return {"untold": type(value).__qualname__}


def _kept(names: Mapping[str, Any]) -> dict[str, Any]:
    """Names but those that Python sets itself."""
    return {name: value for name, value in names.items() if name[:2] != "__"}


def _installed(module: str) -> bool:
    """Whether a module is Python's own or an installed package: its version is in a program's description."""
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return (
        module.partition(".")[0] in {*sys.stdlib_module_names, "hedon"} - {"__main__"}
        or "site-packages" in file
    )


def _code(code: types.CodeType) -> str:
    """Digest of what a function does, wherever it stands."""
    constants = [
        _code(one)
        if isinstance(one, types.CodeType)
        else repr(sorted(map(repr, one)) if isinstance(one, frozenset) else one)
        for one in code.co_consts
    ]
    return digest(repr((code.co_code, code.co_names, code.co_varnames, constants)).encode())
