"""What a build read beyond its description: files, folders, variables of the environment, names of modules.

A builder may import helpers, open files or ask whether they are there, include headers, read module
variables and the command's words. The building process notes all of it (`Watch`), as a compiler's dependency
file does, with digests; the note is kept beside the program, and `present` says what the same things are
now. A program is used again only where both agree.

Not followed: installed packages and Python's own files (their versions are in the description), files that
a C library opens by itself, other than through h5py and sqlite3, and what another process reads, other than
files named in its command; name these in ``compile_program(sources=...)``.
"""

from __future__ import annotations

import dis
import importlib.machinery
import json
import os
import pkgutil
import re
import site
import stat as stat_kinds
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...analysis.foundation import sources
from .description import Builder, digest, file_digest
from .module_values import present_value, value_of

ROOMS = ("analysis", "figures", "models", "plasticity", "__init__.py", "__main__.py")
"""Of this package: their digests are in every description."""

ALL_VARIABLES = "="
"""Stands among variables of the environment for the list of them all: no variable can have this name."""

SET_BY_THE_BUILD = ("PYTHONPATH", "PYTHONHASHSEED", "SETUPTOOLS_USE_DISTUTILS")

HEARD = ("open", "os.listdir", "os.scandir", "sqlite3.connect", "ctypes.dlopen", "subprocess.Popen")
"""Events of Python's audit that tell of files and folders"""

WHOLE_MODULE = {"globals", "vars", "eval", "exec"}
"""A function that uses one of these may use any name of its module."""

IMPORTLIB = os.path.dirname(importlib.machinery.__file__) + os.sep

Note = dict[str, dict[str, Any]]


def _not_followed() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [*site.getsitepackages(), site.getusersitepackages()]
    folders += [f"{sys.base_prefix}/lib", str(Path.home() / ".brian")]
    folders += [str(sources.ROOT / room) for room in ROOMS]
    folders += ["/proc", "/sys", "/dev", "/etc", "/usr/lib", "/usr/include", "/usr/share"]
    both = {*folders, *map(os.path.realpath, folders)}
    return tuple(sorted({folder.rstrip("/") for folder in both}))


class Watch:
    """Notes what a builder in this process reads, from now to `stop`.

    ``folders`` are the build's own and are left out.
    """

    def __init__(self, *folders: str):
        self._left_out = (*_not_followed(), *folders, *map(os.path.realpath, folders))
        self._active = True
        self._modules = set(sys.modules)
        self._files: dict[str, str | None] = {}
        self._folders: dict[str, str | None] = {}
        self._there: dict[str, str | None] = {}
        self._environment: dict[str, str | None] = {}
        self._words: dict[str, str] = {}
        self._early: dict[tuple[str, str], str | None] = {}
        self._names: dict[str, set[str]] = {}
        sys.addaudithook(self._hear)
        sys.meta_path.insert(0, _Hdf5Finder(self._read))
        environment: Any = type(os.environ)
        environment.__getitem__ = self._noted_environment(environment.__getitem__)
        environment.__iter__ = self._noted_names(environment.__iter__, _variables())
        os.stat = self._noted_stat(os.stat)
        sys.argv = _Words(sys.argv, self._note_words)

    def is_users(self, path: str) -> bool:
        """Whether a file may be edited between two builds."""
        return not any(path == folder or path.startswith(folder + os.sep) for folder in self._left_out)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._active or event not in HEARD:
            return
        if event == "subprocess.Popen":
            for word in given[1] if isinstance(given[1], list | tuple) else str(given[1]).split():
                if os.path.isfile(word):
                    self._read(word)
            return
        path = given[0] if given[0] is not None else "."
        if not isinstance(path, str | bytes | os.PathLike):
            return
        if event == "open":
            writes = isinstance(given[1], str) and any(letter in given[1] for letter in "wax")
            if not writes and not (given[2] or 0) & os.O_WRONLY:
                self._read(path)
        elif event in ("sqlite3.connect", "ctypes.dlopen"):
            self._read(path)
        elif not _is_import(sys._getframe(1)):
            self._note(self._folders, path, _listing)

    def _read(self, path: Any) -> None:
        if not os.fsdecode(path).endswith(".pyc"):
            self._note(self._files, path, _content)

    def _note(self, kind: dict[str, Any], path: Any, state: Callable[[str], Any]) -> None:
        absolute = os.path.abspath(os.fsdecode(path))
        if self._active and absolute not in kind and self.is_users(absolute):
            self._active = False
            try:
                kind[absolute] = state(absolute)
            finally:
                self._active = True

    def _noted_environment(self, get: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
        def noted(environment: Any, name: str) -> str:
            if self._active and os.fsdecode(name) not in SET_BY_THE_BUILD and self._called_by_user():
                value = environment._data.get(environment.encodekey(name))
                self._environment[os.fsdecode(name)] = None if value is None else digest(value)
            return get(environment, name)

        return noted

    def _noted_names(self, iterate: Callable[[Any], Any], names: str) -> Callable[[Any], Any]:
        def noted(environment: Any) -> Any:
            if self._active and self._called_by_user():
                self._environment[ALL_VARIABLES] = names
            return iterate(environment)

        return noted

    def _noted_stat(self, stat: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Any, *given: Any, **named: Any) -> Any:
            if self._active and isinstance(path, str | bytes | os.PathLike) and self._called_by_user():
                self._note(self._there, path, _state)
            return stat(path, *given, **named)

        return noted

    def _note_words(self) -> None:
        if self._active and self._called_by_user():
            self._words["argv"] = _command()

    def _called_by_user(self) -> bool:
        frame: types.FrameType | None = sys._getframe(2)
        for _ in range(4):
            if frame is None:
                return False
            file = frame.f_code.co_filename
            if os.path.isabs(file) and self.is_users(file):
                return True
            frame = frame.f_back
        return False

    def name(self, module: str, name: str) -> None:
        """Note that the network takes a name from a module."""
        self._names.setdefault(module, set()).add(name)

    def namespace(self, own: Mapping[str, Any], module: str, local: Mapping[str, Any]) -> Names:
        """The names that a run at the end of the builder would see, as Brian2 orders them."""
        return Names({**own, **vars(sys.modules[module]), **local}, module, set(local), self)

    def follow_brian(self) -> None:
        """Note the names of modules that strings of Brian2 (initial values and such) refer to."""
        from brian2.core import namespace

        original = namespace.get_local_namespace

        def noted(level: int) -> Names:
            frame = sys._getframe(level + 1)
            module = frame.f_globals.get("__name__", "")
            inner = set(frame.f_locals) if frame.f_locals is not frame.f_globals else set()
            return Names({**frame.f_globals, **frame.f_locals}, module, inner, self)

        for name, module in list(sys.modules.items()):
            if name.startswith("brian2") and getattr(module, "get_local_namespace", None) is original:
                module.get_local_namespace = noted  # type: ignore[attr-defined]

    def imported(self, builder: Callable[..., Any]) -> None:
        """Note the values of the names that the builder uses, before it may change them."""
        theirs = self._users_modules()
        for module, name in _python_names(builder, theirs):
            self._early[module, name] = value_of(vars(theirs[module]), name)

    def _users_modules(self) -> dict[str, types.ModuleType]:
        modules = {name: sys.modules[name] for name in {*sys.modules} - self._modules if name in sys.modules}
        files = {name: getattr(module, "__file__", None) for name, module in modules.items()}
        return {
            name: modules[name]
            for name, file in sorted(files.items())
            if isinstance(file, str) and self.is_users(os.path.abspath(file))
        }

    def stop(self, builder: Callable[..., Any], directory: str) -> Note:
        """All that was noted of a builder that worked in ``directory``."""
        theirs = self._users_modules()
        for module in theirs.values():
            self._read(module.__file__)
        self._active = False
        for module_name, name in _python_names(builder, theirs):
            self.name(module_name, name)
        found = {
            module: {
                name: self._early.get((module, name), value_of(vars(theirs[module]), name))
                for name in sorted(names)
            }
            for module, names in sorted(self._names.items())
            if module in theirs
        }
        values = {
            module: {name: value for name, value in names.items() if value is not None}
            for module, names in found.items()
        }
        read = any(not path.endswith(".py") for path in self._files) or self._folders or self._there
        return {
            "files": self._files,
            "folders": self._folders,
            "there": self._there,
            "words": self._words,
            "environment": self._environment,
            "names": {module: names for module, names in values.items() if names},
            "directory": {"path": directory} if read else {},
        }


def _is_import(frame: types.FrameType) -> bool:
    """Whether Python's own search for modules or for installed packages lists a folder of ``sys.path``."""
    file = frame.f_code.co_filename
    return file.startswith(("<frozen importlib", IMPORTLIB)) or file == pkgutil.__file__


class Names(dict[str, Any]):
    """A namespace that notes which of a module's names are taken from it."""

    def __init__(self, names: Mapping[str, Any], module: str, inner: set[str], watch: Watch):
        super().__init__(names)
        self._noted = (module, inner, watch)

    def __getitem__(self, name: str) -> Any:
        module, inner, watch = self._noted
        if name not in inner:
            watch.name(module, name)
        return super().__getitem__(name)


class _Hdf5Finder:
    """Lets h5py, whose files are opened in C, tell which it reads."""

    def __init__(self, read: Callable[[Any], None]):
        self._read = read

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != "h5py._hl.files":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_note(module: Any) -> None:
                load(module)
                opened = module.File.__init__

                def noted(file: Any, name: Any, mode: str = "r", *others: Any, **further: Any) -> None:
                    if mode in ("r", "r+", "a") and isinstance(name, str | bytes | os.PathLike):
                        self._read(name)
                    opened(file, name, mode, *others, **further)

                module.File.__init__ = noted

            spec.loader.exec_module = load_and_note  # type: ignore[method-assign]
        return spec


def locals_at_return(builder: Callable[..., Any], *given: Any) -> tuple[Any, dict[str, Any]]:
    """What a builder returns, and its local names when it returns."""
    code = getattr(_unwrapped(builder), "__code__", None)
    found: dict[str, Any] = {}

    def inside(frame: types.FrameType, event: str, value: Any) -> Any:
        if event == "return":
            found.update(frame.f_locals)
        return inside

    def entered(frame: types.FrameType, event: str, value: Any) -> Any:
        if frame.f_code is not code:
            return None
        frame.f_trace_lines = False
        return inside

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        made = builder(*given)
    finally:
        sys.settrace(before)
    return made, found


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _python_names(
    builder: Callable[..., Any], theirs: Mapping[str, types.ModuleType]
) -> Iterator[tuple[str, str]]:
    """(module, name) of what the builder's code, and the code of users' modules that it calls, refers to."""
    waiting: list[Any] = [_unwrapped(builder)]
    seen: set[int] = set()
    while waiting:
        function = waiting.pop()
        if isinstance(function, type):
            waiting += [item for item in vars(function).values() if isinstance(item, types.FunctionType)]
            continue
        module = str(getattr(function, "__module__", ""))
        if not isinstance(function, types.FunctionType) or module not in theirs or id(function) in seen:
            continue
        seen.add(id(function))
        outer, attributes = _loaded(function.__code__)
        helpers = [m for m in theirs.values() if any(function.__globals__.get(name) is m for name in outer)]
        all_names = vars(theirs[module]) if outer & WHOLE_MODULE else ()
        named = [(module, name) for name in {*outer, *all_names} if name[:2] != "__"]
        named += [(helper.__name__, name) for helper in helpers for name in attributes]
        for source, name in named:
            if name in vars(theirs.get(source, theirs[module])):
                yield source, name
                waiting.append(_unwrapped(vars(theirs[source])[name]))


def _loaded(code: types.CodeType) -> tuple[set[str], set[str]]:
    """Global names and attributes that a function's code, inner functions included, loads."""
    outer, attributes = set(), set()
    for line in dis.get_instructions(code):
        if line.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            outer.add(str(line.argval))
        elif line.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            attributes.add(str(line.argval))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner, more = _loaded(constant)
            outer |= inner
            attributes |= more
    return outer, attributes


def of_headers(rules: str) -> Iterator[str]:
    """Files in the dependency rules that a C++ compiler writes (-MMD)."""
    for rule in rules.replace("\\\n", " ").splitlines():
        for path in re.split(r"(?<!\\)\s+", rule.partition(":")[2].strip()):
            if path:
                yield path.replace("\\ ", " ")


def with_headers(note: Note, folder: Path, watch: Watch) -> Note:
    """``note`` with the users' headers that were compiled in ``folder``."""
    files = dict(note["files"])
    for rules in folder.glob("*.d"):
        for path in of_headers(rules.read_text()):
            absolute = os.path.abspath(os.path.join(folder, "generated", path))
            if watch.is_users(absolute):
                files[absolute] = _content(absolute)
    return {**note, "files": files}


def present(note: Note, builder: Builder) -> Note:
    """The state now of all that a note names."""
    sources.forget_edited()
    files = {path: _content(path) for path in note["files"]}
    same = files == note["files"]
    return {
        "files": files,
        "folders": {path: _listing(path) for path in note["folders"]},
        "there": {path: _state(path) for path in note["there"]},
        "words": {name: _command() for name in note["words"]},
        "environment": {name: _variable(name) for name in note["environment"]},
        "names": {
            module: {name: present_value(module, name, builder, value, same) for name, value in names.items()}
            for module, names in note["names"].items()
        },
        "directory": {"path": os.getcwd()} if note["directory"] else {},
    }


def empty(note: Note) -> bool:
    return not any(note.values())


def _content(path: str) -> str | None:
    try:
        return sources.meaning(Path(path)) if path.endswith(".py") else file_digest(path)
    except (OSError, SyntaxError, ValueError):
        return None


def _listing(path: str) -> str | None:
    try:
        return digest("\n".join(sorted(os.listdir(path))).encode())
    except OSError:
        return None


def _state(path: str) -> str | None:
    """Whether there is something under a name, and how long it is; of a module its existence only."""
    try:
        found = os.lstat(path) if os.path.islink(path) and not os.path.exists(path) else os.stat(path)
    except OSError:
        return None
    if not stat_kinds.S_ISREG(found.st_mode) or path.endswith(".py"):
        return "there"
    return f"{found.st_size} bytes"


def _variable(name: str) -> str | None:
    if name == ALL_VARIABLES:
        return _variables()
    return digest(os.fsencode(os.environ[name])) if name in os.environ else None


def _variables() -> str:
    """The names of all variables of the environment."""
    return digest("\n".join(sorted({*os.environ} - {*SET_BY_THE_BUILD})).encode())


def _command() -> str:
    return json.dumps(list(sys.argv))


class _Words(list[str]):
    """The words of the command, noted where they are read."""

    def __init__(self, words: Any, note: Callable[[], None]):
        super().__init__(words)
        self._noted = note

    def __getitem__(self, which: Any) -> Any:
        self._noted()
        return super().__getitem__(which)

    def __len__(self) -> int:
        self._noted()
        return super().__len__()

    def __iter__(self) -> Iterator[str]:
        self._noted()
        return super().__iter__()
