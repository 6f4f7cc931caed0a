"""Builds one program, in a process of its own: ``python -m hedon.models.program.build SPEC``.

A fresh process (or a fork of one that has built nothing: forked.py), because a second build in one
process would get ``_1`` names, and because only here is Brian2 imported.  Reads a pickled :class:`Spec`;
leaves the binary ``main``, ``static_arrays/`` and ``interface.json`` in the folder of the spec, or
``failure.json`` with one line for the user.
"""

import contextlib
import ctypes
import importlib
import importlib.util
import io
import json
import os
import pickle
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ...analysis.foundation.mistakes import Mistake
from . import standard_headers
from .dependencies import Watch, locals_at_return, with_headers
from .description import MAIN_ALIAS, Spec
from .harness import REPORT, SLOTS, apply, tables
from .model import Model, ProgramError, _at_apply, _at_compile
from .patches import Found
from .sizes import guarded, recorded
from .translation_unit import merge, open_generator, prepared_apart

REPORT_PERIOD = 0.1


class _Unpickler(pickle.Unpickler):
    """Finds the classes of a script under the name that the script is loaded by here."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(MAIN_ALIAS if module == "__main__" else module, name)


def import_brian() -> Any:
    """Brian2 without what a build never uses (plots, the runtime compiler, tests): 0.6 of 1.1 s."""
    unused = ("pylab", "matplotlib", "Cython", "pytest")
    spared = [name for name in unused if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import brian2
    finally:
        for name in spared:
            del sys.modules[name]
    _without_costly_cache()
    _without_help()
    return brian2


def _without_costly_cache() -> None:
    """Let Brian2 translate statements anew each time: its cache of them takes longer to ask, since its keys
    hold all variables of a group, than the translation takes (0.25 CPU s for three layers of weights)."""
    for name in ("translation", "generators.base"):
        module: Any = sys.modules[f"brian2.codegen.{name}"]
        module.make_statements = getattr(module.make_statements, "__wrapped__", module.make_statements)


def _without_help() -> None:
    """Brian2 writes the help of all preferences anew each time that it reads one (0.1 CPU s)."""
    preferences: Any = sys.modules["brian2.core.preferences"]
    preferences.BrianGlobalPreferences.get_documentation = lambda *_, **__: ""


class Reached(BaseException):
    """A script that is being loaded has come to its own compile_program()."""


def stop_here() -> None:
    raise Reached


def refuse() -> None:
    raise ProgramError(
        "a builder, or its module when it is imported, must not compile a program; put such calls under "
        "if __name__ == '__main__'"
    )


def load_script(file: str) -> ModuleType:
    """A script as the module MAIN_ALIAS; without ``if __name__ == '__main__'`` it is loaded up to where it
    asks for the program."""
    found = importlib.util.spec_from_file_location(MAIN_ALIAS, file)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[MAIN_ALIAS] = module
    _at_compile.insert(0, stop_here)
    with contextlib.suppress(Reached):
        found.loader.exec_module(module)
    _at_compile.remove(stop_here)
    return module


def import_builder(spec: Spec) -> Callable[..., Any]:
    """The builder function; a script is loaded by its path, under another name than ``__main__``."""
    if spec.script:
        load_script(spec.script)
    if spec.module:
        module = importlib.import_module(spec.module)
    else:
        module = sys.modules[MAIN_ALIAS] if spec.script == spec.file else load_script(spec.file)
    if not callable(getattr(module, spec.function, None)):
        raise ProgramError(f"'{spec.file}' has no function '{spec.function}' when it is loaded")
    return getattr(module, spec.function)


def check_flags_at_once(compiler: tuple[str, ...]) -> None:
    """Let Brian2 ask the compiler about all of its flags in one go instead of one by one."""
    from brian2.codegen import cpp_prefs

    if not hasattr(cpp_prefs, "has_flag"):
        return
    one_by_one = cpp_prefs.has_flag
    flags = list(cpp_prefs.default_buildopts)
    command = [*compiler, *flags, "-x", "c++", "-fsyntax-only", "-Werror", "-"]
    done = subprocess.run(command, input=b"int main() {}", capture_output=True)
    if done.returncode == 0:
        cpp_prefs.has_flag = lambda compiler, flag: flag in flags or one_by_one(compiler, flag)


def flags_of(makefile: str) -> tuple[list[str], list[str]]:
    """Compiler and linker flags as Brian2 wrote them.

    Raises UnknownSource where it wrote none.
    """
    options = re.search(r"^OPTIMISATIONS = (.*)$", makefile, re.MULTILINE)
    linker = re.search(r"^LFLAGS = (.*)$", makefile, re.MULTILINE)
    Found().note("flags", int(options is not None) + int(linker is not None), 2)
    assert options is not None and linker is not None
    return ["-Wno-write-strings", *shlex.split(options[1])], shlex.split(linker[1])


def made_by_builder(spec: Spec, folder: Path, watch: Watch) -> tuple[Any, Any, dict[str, Any]]:
    """The builder, what it returns, and the names that equations may use.

    The builder works in the caller's directory. Names mean what they would mean if ``run()`` stood at the end
    of the builder: its local names first, then those of its module.
    """
    import numpy as np

    from .keyed import brian_functions

    os.chdir(spec.directory)
    try:
        builder = import_builder(spec)
        watch.imported(builder)
        given = [_Unpickler(io.BytesIO(spec.config)).load()]
        if spec.arrays is not None:
            with np.load(folder / spec.arrays, allow_pickle=False) as arrays:
                given.append({name: arrays[name] for name in arrays.files})
        if watch.is_users(os.path.abspath(spec.file)):
            watch.follow_brian()
            made, local = locals_at_return(builder, *given)
        else:
            made, local = builder(*given), {}
    finally:
        os.chdir(folder)
    return builder, made, watch.namespace(brian_functions(), builder.__module__, local)


def generate(spec: Spec, folder: Path, seconds: dict[str, float], watch: Watch) -> tuple[Any, dict[str, Any]]:
    """Run the builder, let Brian2 write its sources, make them one file; the builder and the program's
    interface."""
    brian2 = import_brian()
    import numpy as np

    from .interface import Interface, settings_from_network

    seconds["import"] = time.process_time()
    brian2.prefs.core.default_float_dtype = np.dtype(spec.precision).type
    brian2.prefs.devices.cpp_standalone.openmp_threads = 0
    check_flags_at_once(spec.compiler)
    brian2.set_device("cpp_standalone", build_on_run=False)
    device = brian2.get_device()
    np.random.seed(0)

    _at_compile.append(refuse)
    _at_apply.append(lambda: device.insert_code("main", apply(last=False)))
    builder, made, names = made_by_builder(spec, folder, watch)
    if isinstance(made, brian2.Network):
        model = settings_from_network(made)
    elif isinstance(made, Model) and isinstance(made.network, brian2.Network):
        model = made
    else:
        raise ProgramError(
            f"a builder returns a Model or a brian2.Network, '{spec.function}' returned a "
            f"{type(made).__name__}"
        )
    refuse_left_out(model.network.sorted_objects)
    for item in model.network.sorted_objects:
        if isinstance(item, brian2.NetworkOperation):
            raise ProgramError(
                f"'{item.name}' is a network_operation: Python, which no program can run; "
                "write it as equations or run_regularly"
            )
    if device.networks:
        raise ProgramError(f"the builder '{spec.function}' must not call run(); the program does")
    if any(kind == "seed" for kind, _ in device.main_queue):
        raise ProgramError(
            f"the builder '{spec.function}' must not call brian2.seed(); the seed comes with each call"
        )
    device.insert_code("main", apply(last=True))
    for code in recorded(model.network.sorted_objects, device):
        device.insert_code("main", code)
    for slot, code in SLOTS.items():
        lines = device.code_lines[slot]
        lines.insert(0 if slot == "after_start" else len(lines), code)
    seconds["builder"] = time.process_time()

    model.network.run(
        0 * brian2.second,
        report=REPORT,
        report_period=REPORT_PERIOD * brian2.second,
        namespace=names,
    )
    device.main_queue = list(guarded(device.main_queue, device))
    device.build(directory="generated", compile=False, run=False)
    interface = Interface.of(model, device)

    generated = folder / "generated"
    found = Found()
    edits = {
        "objects.h": open_generator,
        "synapses_classes.h": prepared_apart,
        "brianlib/spikequeue.h": prepared_apart,
    }
    for name, edit in edits.items():
        (generated / name).write_text(edit((generated / name).read_text(), found))
    apart = {f"code_objects/{name}.cpp" for name in with_users_functions(device)}
    own = [name for name in device.writer.source_files if name not in apart and (generated / name).exists()]
    harness = Path(__file__).with_name("harness.h").read_text()
    vectors = set(device.dynamic_arrays.values())
    static_arrays = [(name, name in vectors) for name, *_ in device.static_array_specs]
    text = merge(
        generated,
        own,
        harness,
        tables(interface.settable, interface.written, static_arrays),
        model.blocks,
        found,
    )
    found.say()
    (generated / "program.cpp").write_text(text)
    foreign = [s if s in apart else os.path.abspath(s) for s in device.writer.source_files if s not in own]
    (generated / "foreign").write_text("\n".join(foreign))
    seconds["generate"] = time.process_time()
    return builder, {**interface.manifest(), "patches": found.counts}


def refuse_left_out(objects: Sequence[Any]) -> None:
    """Raises ProgramError for an object that another one needs and that is not in the network."""
    from brian2.core.base import BrianObject

    present = {item.id for item in objects}
    known = {
        item.id: item.name for reference in BrianObject.__instances__() if (item := reference()) is not None
    }
    for item in objects:
        for missing in sorted(known.get(key, "an object") for key in item._dependencies - present):
            raise ProgramError(
                f"'{item.name}' is in the network, '{missing}', which it needs, is not; add it"
            )


def with_users_functions(device: Any) -> set[str]:
    """Code objects that call C++ functions of the user's: compiled apart, so that their macros and names
    meet nothing but what they meet in Brian2's own build."""
    from brian2 import BinomialFunction, Function, TimedArray
    from brian2.core.functions import DEFAULT_FUNCTIONS

    from .keyed import brian_functions

    known = [*DEFAULT_FUNCTIONS.values(), *brian_functions().values()]

    def is_users(item: Any) -> bool:
        made_by_brian = isinstance(item, TimedArray | BinomialFunction) or any(item is one for one in known)
        return isinstance(item, Function) and not made_by_brian

    return {name for name, code in device.code_objects.items() if any(map(is_users, code.variables.values()))}


def compile_unit(spec: Spec, folder: Path) -> None:
    """The binary ``main`` from the one translation unit, with Brian2's own flags."""
    generated = folder / "generated"
    options, linker = flags_of((generated / "makefile").read_text())
    foreign = [*filter(None, (generated / "foreign").read_text().split("\n"))]
    sources = ["program.cpp", *foreign]
    before = [] if foreign else standard_headers.included(Path(spec.headers), spec.compiler, options)
    command = [
        *spec.compiler,
        "-pipe",
        "-MMD",
        *options,
        *before,
        "-I.",
        "-Ibrianlib",
        *sources,
        "-o",
        str(folder / "main"),
        *linker,
    ]
    print("+", shlex.join(command), file=sys.stderr, flush=True)
    done = subprocess.run(command, cwd=generated, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error" in line] or ["no message"]
        twice = re.search(r"call of overloaded .(\w+)\(.*ambiguous|call to '(\w+)' is ambiguous", errors[0])
        if twice:
            name = twice[1] or twice[2]
            raise ProgramError(f"C's library has a function '{name}' of its own; give yours another name")
        raise ProgramError("the C++ compiler refuses the network: " + errors[0])


def die_with(parent: int) -> None:
    """On Linux: no build outlives the process that wanted it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit("the process that wanted the program is gone")


def one_line(error: BaseException, builder_file: str) -> str:
    """What went wrong and where in the builder, from the innermost cause."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    named = re.search(r"object named '(\w+)'", str(error))
    inner = chain[-1] if error.__cause__ is not None else error
    text = " ".join(str(inner).split()) or "no message"
    frames = [frame for item in chain for frame in traceback.extract_tb(item.__traceback__)]
    here = [frame.lineno for frame in frames if frame.filename == builder_file]
    parts = [f"{type(inner).__name__}: {text[:400]}"]
    if named:
        parts.insert(0, f"object '{named[1]}'")
    if here:
        parts.append(f"(line {here[-1]} of {builder_file})")
    return " ".join(parts)


def main(spec_file: str, parent: int | None = None) -> int:
    """Status of the build, which dies with ``parent``: by default the process that wants the program."""
    with open(spec_file, "rb") as stream:
        spec: Spec = pickle.load(stream)
    die_with(spec.parent if parent is None else parent)
    folder = Path(spec.folder)
    os.chdir(folder)
    seconds: dict[str, float] = {}
    try:
        import_brian()
        from . import interface as _interface  # noqa: F401  (all of Brian2, before a builder is watched)

        sys.argv = list(spec.words)
        watch = Watch(spec.folder, spec.headers)
        builder, interface = generate(spec, folder, seconds, watch)
        compile_unit(spec, folder)
        note = with_headers(watch.stop(builder, spec.directory), folder, watch)
    except Mistake as mistake:
        traceback.print_exc()
        (folder / "failure.json").write_text(json.dumps(str(mistake)))
        return 1
    except BaseException as error:
        traceback.print_exc()
        line = f"'{spec.function}' cannot be built: {one_line(error, spec.file)}"
        (folder / "failure.json").write_text(json.dumps(line))
        return 1
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds["compile"] = children.ru_utime + children.ru_stime
    seconds["total"] = time.process_time() + seconds["compile"]
    shutil.move(folder / "generated" / "static_arrays", folder / "static_arrays")
    shutil.copy(folder / "generated" / "program.cpp", folder / "program.cpp")
    shutil.rmtree(folder / "generated")
    (folder / "interface.json").write_text(json.dumps({**interface, "read": note, "cpu_seconds": seconds}))
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # taking Brian2 and sympy down in order costs 0.3 s
