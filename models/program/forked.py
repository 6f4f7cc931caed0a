"""Builds in forks of one process that has Brian2 imported: 0.8 CPU s less from the second build on.

    caller                     forkserver                          build
    line {folder, environment} -> stdin
                               imports Brian2 once, then forks  -> build.main() in the folder
    status                     <- stdout                        <- exit status

A fork has built nothing: its objects bear the names that they have in a fresh process.  The forkserver
stands for one process, its module path and the state of all that it imported (``identity``); where one of
these changes, another is started.  It ends with its caller (its stdin closes) and takes a running build and
its compiler along; idle, it ends by itself.  Whatever goes wrong with it, the build is done again in a fresh
process, as always where a process with Brian2's libraries cannot safely be forked (not Linux).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

IDLE = 20.0
"""Seconds without a build after which a forkserver ends."""

_one_at_a_time = threading.Lock()
_server: _Server | None = None


class _Gone(Exception):
    """The forkserver is not there, or died during the build."""


class _Server:
    """The caller's end of a forkserver, started in ``folder``, where Brian2 finds its preferences."""

    def __init__(self, identity: str, folder: Path, environment: Mapping[str, str]):
        self.identity = identity
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from hedon.models.program import forked; forked.serve()"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def build(self, folder: Path, environment: Mapping[str, str]) -> int:
        """Status of the build in ``folder``; raises _Gone."""
        assert self.process.stdin is not None and self.process.stdout is not None
        request = json.dumps({"folder": str(folder), "environment": dict(environment)})
        try:
            self.process.stdin.write(request.encode() + b"\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline())
        except (OSError, ValueError):
            raise _Gone from None

    def stop(self) -> None:
        """End it and what it builds; in a fork of the caller only forget it."""
        if self.owner == os.getpid():
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def build(folder: Path, environment: Mapping[str, str], identity: str) -> int:
    """Exit status of the build of ``folder/spec``, which says what it has to say in ``folder/log``.

    ``identity`` is equal for builds that may share a forkserver.  On Ctrl-C the build is dead when this
    raises.
    """
    if sys.platform == "linux" and _one_at_a_time.acquire(blocking=False):
        try:
            return _by_fork(folder, environment, identity)
        except _Gone:
            for name in ("generated", "static_arrays"):
                shutil.rmtree(folder / name, ignore_errors=True)
        finally:
            _one_at_a_time.release()
    with open(folder / "log", "wb") as log:
        command = [sys.executable, "-m", "hedon.models.program.build", str(folder / "spec")]
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    return done.returncode


def _by_fork(folder: Path, environment: Mapping[str, str], identity: str) -> int:
    global _server
    alive = _server is not None and _server.owner == os.getpid() and _server.process.poll() is None
    if _server is not None and not (alive and _server.identity == identity):
        stop()
    if _server is None:
        _server = _Server(identity, folder, environment)
    try:
        return _server.build(folder, environment)
    except BaseException:
        stop()
        raise


@atexit.register
def stop() -> None:
    """End the forkserver of this process, if there is one."""
    global _server
    if _server is not None:
        _server.stop()
        _server = None


def serve() -> None:
    """The forkserver's own life, on stdin and stdout."""
    answers = os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from .build import import_brian

    import_brian()
    from . import interface, keyed  # noqa: F401  (they would import all of Brian2)

    _load_templates()
    gc.collect()
    gc.freeze()
    os.chdir("/")
    received = b""
    while True:
        while b"\n" not in received:
            chunk = os.read(0, 1 << 16) if select.select([0], [], [], IDLE)[0] else b""
            if not chunk:
                os._exit(0)
            received += chunk
        line, _, received = received.partition(b"\n")
        status = _fork(json.loads(line), answers)
        os.write(answers, f"{status}\n".encode())


def _load_templates() -> None:
    """Brian2's templates of C++ code, which each build would parse again (0.1 CPU s)."""
    from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

    templater = CPPStandaloneCodeObject.templater
    for name in templater.env.list_templates():
        templater.templates.get_template(name.removesuffix(templater.extension))


def _fork(request: Mapping[str, object], answers: int) -> int:
    """Status of one build, negative if a signal ended it; none of this session is left if the caller goes."""
    running, held = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(answers)
            status = _build(str(request["folder"]), request["environment"])  # type: ignore[arg-type]
        finally:
            os._exit(status)
    os.close(held)
    ready, _, _ = select.select([0, running], [], [])
    if running not in ready:
        os.killpg(0, signal.SIGKILL)
    os.close(running)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _build(folder: str, environment: Mapping[str, str]) -> int:
    """In the fork: what ``python -m hedon.models.program.build folder/spec`` does."""
    from .build import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, mode, target in ((os.devnull, os.O_RDONLY, 0), ("log", os.O_WRONLY | os.O_CREAT, 1)):
        opened = os.open(path, mode, 0o666)
        os.dup2(opened, target)
        os.close(opened)
    os.dup2(1, 2)
    status = main(os.path.join(folder, "spec"), parent=os.getppid())
    sys.stdout.flush()
    sys.stderr.flush()
    return status
