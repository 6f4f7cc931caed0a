"""What makes a program the program it is: a canonical description, whose digest names the cached entry.

The configuration, the digests of the arrays passed in, the sources (hedon's models and plasticity, the
builder's module, what the user names), the versions, precision, compiler and processor.  Not the generated
C++: it differs between processes, and two networks of different connectivity can share it.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import importlib.util
import json
import math
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import sources
from ...analysis.foundation.mistakes import Mistake
from .model import ProgramError
from .values import dimension_of

FORMAT = 1
MAIN_ALIAS = "hedon_main"
"""Name of the module that a script is loaded as in the building process."""
PACKAGES = ("brian2", "numpy", "sympy", "jinja2")


@dataclass(frozen=True)
class Builder:
    """A builder function, told without importing its module."""

    module: str
    """Empty for a script."""
    file: str
    function: str

    @classmethod
    def of(cls, builder: Callable[..., Any] | str) -> Builder:
        """From a function, ``'package.module:function'`` or ``'script.py:function'``.

        Raises Mistake for what a fresh process could not find again.
        """
        if isinstance(builder, str):
            module, colon, function = builder.rpartition(":")
            if not colon or not function.isidentifier():
                raise Mistake(f"a builder is 'package.module:function', not '{builder}'")
            if module.endswith(".py"):
                return cls("", _existing(module), function)
            return cls(module, _file_of(module), function)
        function = getattr(builder, "__qualname__", "")
        if not function.isidentifier():
            raise Mistake(
                "a builder is a plain function at the top of a module: no lambda, no inner function, no "
                f"method (got {function or type(builder).__name__})"
            )
        module = builder.__module__
        if module == "__main__":
            file = getattr(sys.modules["__main__"], "__file__", None)
            if file is None or not os.path.exists(file):
                raise Mistake(
                    f"the builder '{function}' was typed into an interactive session; put it into a file, "
                    "where the building process can find it"
                )
            return cls("", os.path.abspath(file), function)
        file = getattr(sys.modules.get(module), "__file__", None)
        return cls(module, os.path.abspath(file) if file else _file_of(module), function)


@dataclass(frozen=True)
class Spec:
    """What the building process is told."""

    folder: str
    directory: str
    """Where the caller works: relative names of files mean the same to the builder."""
    words: tuple[str, ...]
    """The caller's ``sys.argv``."""
    module: str
    """Module of the builder; empty if it is a script, given by ``file``."""
    file: str
    function: str
    script: str
    """File of the script whose classes the configuration is made of, ``''`` if it is made of none."""
    config: bytes
    """The configuration, pickled."""
    arrays: str | None
    """Name of an .npz file in the folder."""
    precision: str
    compiler: tuple[str, ...]
    headers: str
    """Folder of the compiler's precompiled headers."""
    parent: int
    """The process that wants the program: without it nothing is built."""


def _existing(file: str) -> str:
    if not os.path.isfile(file):
        raise Mistake(f"no file '{file}'")
    return os.path.abspath(file)


def _file_of(module: str) -> str:
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise Mistake(f"no module '{module}' ({error})") from None
    if found is None or found.origin is None:
        raise Mistake(f"no module '{module}'")
    return found.origin


def digest(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def file_digest(path: str | Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical(value: Any, where: str, modules: set[str]) -> Any:
    """``value`` as JSON that is the same in every process; collects the modules of its dataclasses.

    An array stands there as its digest. Raises Mistake for anything but numbers, strings, tuples, mappings,
    enums, arrays of numbers and dataclasses of these.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        modules.add(type(value).__module__)
        fields = {
            f.name: canonical(getattr(value, f.name), f"{where}.{f.name}", modules)
            for f in dataclasses.fields(value)
        }
        return {"class": _class_name(value), **fields}
    if isinstance(value, enum.Enum):
        modules.add(type(value).__module__)
        return {"class": _class_name(value), "name": value.name}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        content = digest(np.ascontiguousarray(value).data)
        dimension = dimension_of(value)
        if dimension is not None:
            return {"quantity": list(dimension), "shape": list(value.shape), "digest": content}
        return {"array": value.dtype.str, "shape": list(value.shape), "digest": content}
    if isinstance(value, tuple | list):
        return [canonical(v, f"{where}[{i}]", modules) for i, v in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(k, str) for k in value):
        return {k: canonical(value[k], f"{where}.{k}", modules) for k in sorted(value)}
    raise Mistake(
        f"{where} is a {type(value).__name__}; a configuration holds plain numbers, strings, tuples, arrays "
        "of numbers and dataclasses of them"
    )


def _class_name(value: Any) -> str:
    module = type(value).__module__
    script = module in ("__main__", MAIN_ALIAS)
    return type(value).__qualname__ if script else f"{module}.{type(value).__qualname__}"


MAKING = tuple(f"hedon.models.program.{file}" for file in ("compiler", "build", "keyed", "interface"))
"""What makes every program, here and in the building process."""


def making() -> str:
    """Digest of what makes every program."""
    return sources.digest(MAKING)


def own_sources(builder: Builder, modules: Iterable[str]) -> dict[str, str]:
    """Digests of hedon's own sources that make a program: what compiles it, what its builder imports, and
    the ``modules`` of its configuration's classes; without comments and docstrings."""
    file = Path(builder.file).resolve()
    return sources.meanings([*MAKING, *sources.modules_of(file), *modules])


def foreign_sources(modules: Iterable[str]) -> dict[str, str]:
    """Digests of the files of modules outside hedon."""
    found = {}
    for name in sorted(modules):
        file = getattr(sys.modules.get(name), "__file__", None)
        if not name.startswith("hedon.") and file is not None and os.path.isfile(file):
            found["" if name == "__main__" else name] = file_digest(file)
    return found


def compiler() -> tuple[str, ...]:
    """The C++ compiler's command: $CXX, else the one that make would take."""
    default = "c++" if sys.platform == "darwin" else "g++"
    return tuple(shlex.split(os.environ.get("CXX") or default))


@cache
def compiler_version(command: tuple[str, ...]) -> str:
    """First line of ``--version``; raises ProgramError where there is no compiler."""
    if command and shutil.which(command[0]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True)
        if done.returncode == 0 and done.stdout:
            return done.stdout.splitlines()[0]
    name = command[0] if command else "$CXX"
    if sys.platform == "darwin":
        how = "xcode-select --install"
    else:
        how = "on Debian or Ubuntu: apt-get install g++"
    raise ProgramError(f"no working C++ compiler '{name}', which programs are built with ({how})")


@cache
def processor() -> str:
    """Model and capabilities of the processor: binaries are built for it (-march=native)."""
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as stream:
            first = stream.read(16384).split("\n\n")[0]
        kept = ("model name", "flags", "Features", "CPU implementer", "CPU part")
        lines = [line for line in first.splitlines() if line.split("\t")[0].strip() in kept]
        return f"{platform.machine()} {digest(chr(10).join(lines).encode())[:16]}"
    brand = platform.processor()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        brand = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return f"{platform.machine()} {brand}"


@cache
def versions() -> Mapping[str, str]:
    found = {name: metadata.version(name) for name in PACKAGES}
    return {"python": ".".join(map(str, sys.version_info[:2])), **found}


def preferences() -> str:
    """Digest of the user's own Brian2 preferences, which change what is generated."""
    path = Path.home() / ".brian" / "user_preferences"
    return file_digest(path) if path.is_file() else ""


def describe(
    builder: Builder,
    config: Any,
    arrays: Mapping[str, np.ndarray],
    precision: str,
    named: Iterable[str | Path],
) -> dict[str, Any]:
    """The description; its canonical JSON is hashed by :func:`key_of`."""
    modules: set[str] = set()
    settings = canonical(config, "config", modules)
    ours = own_sources(builder, modules)
    return {
        "format": FORMAT,
        "builder": {"module": builder.module, "function": builder.function},
        "builder_file": sources.meaning(Path(builder.file)),
        "config": settings,
        "arrays": {
            name: [array.dtype.str, list(array.shape), digest(np.ascontiguousarray(array).data)]
            for name, array in sorted(arrays.items())
        },
        "own_sources": ours,
        "other_sources": foreign_sources(modules)
        | {f"given {i}": file_digest(_existing(str(s))) for i, s in enumerate(named)},
        "versions": versions(),
        "precision": precision,
        "preferences": preferences(),
        "compiler": [*compiler(), compiler_version(compiler())],
        "processor": processor(),
        "platform": sys.platform,
    }


def key_of(description: Mapping[str, Any]) -> str:
    text = json.dumps(description, sort_keys=True, separators=(",", ":"), allow_nan=True)
    return digest(text.encode())[:32]


def checked_arrays(arrays: Mapping[str, Any] | None) -> dict[str, np.ndarray]:
    """Arrays of plain numbers; raises Mistake for others."""
    checked = {}
    for name, value in (arrays or {}).items():
        array = np.asarray(value)
        if array.dtype.kind not in "biuf" or not name.isidentifier():
            raise Mistake(f"arrays['{name}'] must be an array of numbers under an identifier")
        if array.dtype.kind == "f" and not math.isfinite(float(np.sum(array, dtype=np.float64))):
            if not np.isfinite(array).all():
                raise Mistake(f"arrays['{name}'] holds values that are not finite")
        checked[name] = array
    return checked
