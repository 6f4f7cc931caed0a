"""From a builder and a configuration to a :class:`Program`, through the cache."""

import json
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import log
from ...analysis.foundation.mistakes import Mistake
from . import cache, cells, dependencies, forked
from .call import Program, remember
from .description import MAIN_ALIAS, Builder, Spec, checked_arrays, compiler, describe, key_of, making
from .model import ProgramError, _at_compile

PREFERENCES = """\
logging.file_log = False
logging.save_script = False
codegen.target = 'numpy'
"""

ATTEMPTS = 3
"""Builds before one gives up on sources that change while they are read."""


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
        A function at the top of a module or script, or in a cell of a notebook (cells.py); or
        ``'package.module:function'`` (which leaves the module, and with it Brian2, unimported here).
        What it draws from numpy's global generator is drawn once, from seed 0, whatever the seed of a call.
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
    root = cache.root_folder(folder)
    found = Builder.of(cells.builder_of(builder, config, root))
    script = script_of(config, found, root)
    given = checked_arrays(arrays)
    named = (*sources, script) if script and script != found.file else tuple(sources)

    def description() -> dict[str, Any]:
        return describe(found, config, given, precision, named)

    facts = description()
    for _ in range(ATTEMPTS):
        key = key_of(facts)
        manifest = _kept(root, key, found)
        if manifest is None:
            cache.make_folders(root)
            with cache.lock(root, key):
                manifest = _kept(root, key, found)
                if manifest is None:
                    cache.remove_dead_builds(root, held=key)
                    manifest = _build(root, key, found, script, config, given, precision, facts, description)
        if manifest is not None:
            entry = root / "programs" / manifest["key"]
            cache.mark_used(entry)
            remember(str(entry), manifest)
            return Program(str(entry))
        facts = description()
    raise ProgramError(f"what the builder '{found.function}' reads changes with each build")


def script_of(config: Any, builder: Builder, root: Path) -> str:
    """The script or cells whose classes the configuration is made of, ``''`` where it is made of none.

    Raises Mistake where such a class was typed into a session that keeps no text.
    """
    typed = cells.typed_classes(config)
    if not typed:
        return ""
    file = getattr(sys.modules["__main__"], "__file__", None)
    if file is not None and os.path.exists(file):
        return os.path.abspath(file)
    if not builder.module:
        return builder.file
    path = cells.script_of(typed, root)
    if path is None:
        raise Mistake(
            "the class of the configuration was typed into an interactive session; put it into a file, where "
            "the building process can find it"
        )
    return str(path)


def compile_alike(
    builder: str, config: Any, alike: Any, given: Mapping[str, float], precision: str = "float64"
) -> Program:
    """The program of ``config``: that of ``alike``, which differs from it in numbers that a call can set and
    will be called with, ``given``. Where one of them is no argument after all, ``config`` gets its own."""
    program = compile_program(builder, alike, precision=precision)
    if not set(given) <= set(program.arguments):
        return compile_program(builder, config, precision=precision)
    return replace(program, given=tuple(sorted(given.items())))


def _kept(root: Path, key: str, builder: Builder) -> dict[str, Any] | None:
    """The manifest of the whole entry that was made from what its builder would read now, if there is one."""
    for note in cache.notes(root, key):
        if dependencies.empty(note) or dependencies.present(note, builder) == note:
            manifest = cache.load(root / "programs" / _key_with(key, note))
            if manifest is not None:
                return manifest
    return None


def _key_with(key: str, note: dependencies.Note) -> str:
    return key if dependencies.empty(note) else key_of({"description": key, **note})


def _build(
    root: Path,
    key: str,
    builder: Builder,
    script: str,
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
            directory=os.getcwd(),
            words=tuple(sys.argv),
            module=builder.module,
            file=builder.file,
            function=builder.function,
            script=script,
            config=pickle.dumps(config),
            arrays="arrays.npz" if arrays else None,
            precision=precision,
            compiler=compiler(),
            headers=str(cache.headers(root)),
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
        note = interface["read"]
        if (now := dependencies.present(note, builder)) != note:
            _refuse_other_names(note, now)
            return None
        module = builder.module or os.path.basename(builder.file)
        manifest = {
            **interface,
            "key": _key_with(key, note),
            "builder": f"{module}:{builder.function}",
            "config": facts["config"],
            "versions": facts["versions"],
            "precision": precision,
            "processor": facts["processor"],
        }
        published = cache.publish(root, manifest["key"], folder, manifest)
        seconds = interface["cpu_seconds"]["total"]
        log.logger.info("built %s in %.1f CPU s: %s", manifest["builder"], seconds, manifest["key"][:12])
        if not dependencies.empty(note):
            cache.keep_note(root, key, note)
        return published
    except OSError as error:
        raise ProgramError(f"the program cannot be built in '{root}': {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_other_names(note: dependencies.Note, now: dependencies.Note) -> None:
    """A name that was given another value after its module was imported: a build has the module's own."""
    for module, names in note["names"].items():
        for name, value in names.items():
            if now["names"][module][name] != value:
                where = "the script" if module == MAIN_ALIAS else f"module {module}"
                raise Mistake(
                    f"'{name}' of {where} has another value here than after a fresh import, where the "
                    "program is built; give it in the configuration"
                )


def _explain(root: Path, key: str, folder: Path, status: int) -> None:
    log = root / "failed" / f"{key}.log"
    shutil.copyfile(folder / "log", log)
    try:
        line = json.loads((folder / "failure.json").read_text())
    except (OSError, ValueError):
        line = f"the building process ended with status {status}"
    raise ProgramError(f"{line}; log: {log}")
