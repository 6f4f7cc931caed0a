"""From a builder and a configuration to a :class:`Program`, through the cache."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from . import cache, forked
from .call import Program, remember
from .description import Builder, Spec, checked_arrays, compiler, describe, key_of, making
from .model import ProgramError, _at_compile

PREFERENCES = """\
logging.file_log = False
logging.save_script = False
codegen.target = 'numpy'
"""


def compile_program(
    builder: Callable[..., Any] | str,
    config: Any,
    *,
    arrays: Mapping[str, Any] | None = None,
    precision: str = "float64",
    folder: str | Path | None = None,
    sources: Iterable[str | Path] = (),
) -> Program:
    """The compiled program of ``builder(config)``, from the cache or built now (a few seconds).

    Parameters
    ----------
    builder
        A function at the top of a module or script, or ``'package.module:function'`` (which leaves the
        module, and with it Brian2, unimported here).
    config
        Frozen dataclass of plain numbers, strings, tuples and such dataclasses.
    arrays
        Arrays for ``builder(config, arrays)``, such as a connectivity.
    precision
        ``'float64'`` or ``'float32'``: Brian2's default type of floating-point variables.
    folder
        Root of the cache; by default $HEDON_CACHE or the user's cache folder.
    sources
        Further files that the builder depends on: a change of one makes another program.

    Raises
    ------
    Mistake
        If the builder cannot be found by a fresh process, the configuration holds other things, or the
        cache cannot be written.
    ProgramError
        If there is no compiler, or the network cannot be built: one line, and the log's name.
    """
    for act in _at_compile:
        act()
    if precision not in ("float64", "float32"):
        raise Mistake(f"precision is 'float64' or 'float32', not '{precision}'")
    found = Builder.of(builder)
    given = checked_arrays(arrays)
    named = tuple(sources)
    root = cache.root_folder(folder)

    def description() -> dict[str, Any]:
        return describe(found, config, given, precision, named)

    facts = description()
    while True:
        key = key_of(facts)
        entry = root / "programs" / key
        manifest = cache.load(entry)
        if manifest is None:
            cache.make_folders(root)
            with cache.lock(root, key):
                manifest = cache.load(entry)
                if manifest is None:
                    cache.remove_dead_builds(root, held=key)
                    manifest = _build(root, key, found, config, given, precision, facts, description)
        if manifest is not None:
            cache.mark_used(entry)
            remember(str(entry), manifest)
            return Program(str(entry))
        facts = description()


def _build(
    root: Path,
    key: str,
    builder: Builder,
    config: Any,
    arrays: Mapping[str, np.ndarray],
    precision: str,
    facts: Mapping[str, Any],
    description: Callable[[], Mapping[str, Any]],
) -> dict[str, Any] | None:
    """Build in a process of its own, aside, and publish; the caller holds the lock.

    Nothing is published, and None returned, if a source was changed meanwhile: the build may have read
    either version.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{key}.", dir=root / "building"))
    try:
        if arrays:
            np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]
        spec = Spec(
            folder=str(folder),
            module=builder.module,
            file=builder.file,
            function=builder.function,
            config=pickle.dumps(config),
            arrays="arrays.npz" if arrays else None,
            precision=precision,
            compiler=compiler(),
            parent=os.getpid(),
        )
        (folder / "spec").write_bytes(pickle.dumps(spec))
        (folder / "brian_preferences").write_text(PREFERENCES)
        path = os.pathsep.join(os.path.abspath(p) for p in sys.path)
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
        if sys.version_info < (3, 12):
            environment["SETUPTOOLS_USE_DISTUTILS"] = "stdlib"
        alike = [path, making(), facts["versions"], facts["preferences"]]
        status = forked.build(folder, environment, json.dumps(alike))
        if description() != facts:
            return None
        if status:
            _explain(root, key, folder, status)
        interface = json.loads((folder / "interface.json").read_text())
        module = builder.module or os.path.basename(builder.file)
        manifest = {
            **interface,
            "key": key,
            "builder": f"{module}:{builder.function}",
            "config": facts["config"],
            "versions": facts["versions"],
            "precision": precision,
            "processor": facts["processor"],
        }
        return cache.publish(root, key, folder, manifest)
    except OSError as error:
        raise ProgramError(f"the program cannot be built in '{root}': {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _explain(root: Path, key: str, folder: Path, status: int) -> None:
    log = root / "failed" / f"{key}.log"
    shutil.copyfile(folder / "log", log)
    try:
        line = json.loads((folder / "failure.json").read_text())
    except (OSError, ValueError):
        line = f"the building process ended with status {status}"
    raise ProgramError(f"{line}; log: {log}")
