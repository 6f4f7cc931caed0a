"""Builds in forks of a process that has Brian2 imported: the same programs, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from program_settings import Spiking, Tiny, Wrong

from hedon.models.program import Program, ProgramError, compile_program, forked

pytestmark = [pytest.mark.whole, pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")]
HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def forkserver() -> Iterator[None]:
    """Each test begins and ends without one."""
    forked.stop()
    yield
    forked.stop()


def manifest(program: Program) -> dict[str, Any]:
    return json.loads((program.folder / "manifest.json").read_text().partition("\n")[2])


def built(folder: Path, number: int) -> Program:
    return compile_program("program_networks:tiny", replace(Tiny(), start=1.0 + number), folder=folder)


def server() -> subprocess.Popen[bytes]:
    assert forked._server is not None
    return forked._server.process


def test_the_second_build_of_a_process_finds_brian2_imported_and_makes_the_same(tmp_path: Path) -> None:
    """Names, sizes and static arrays as in a fresh process, and the same results bit for bit."""
    built(tmp_path, 0)
    first = server().pid
    second = compile_program("program_networks:spiking", Spiking(), folder=tmp_path / "second")
    assert server().pid == first
    with forked._one_at_a_time:  # another thread builds
        fresh = compile_program("program_networks:spiking", Spiking(), folder=tmp_path / "fresh")
    facts, expected = manifest(second), manifest(fresh)
    assert facts.pop("cpu_seconds")["import"] < expected.pop("cpu_seconds")["import"] / 2
    assert facts.pop("files").keys() == expected.pop("files").keys()
    assert facts == expected
    arrays, others = (program(seed=3, duration=0.1) for program in (second, fresh))
    assert arrays["spikes.t"].size > 10 and sorted(arrays) == sorted(others)
    for name, array in arrays.items():
        assert array.tobytes() == others[name].tobytes(), name


def test_a_forkserver_that_dies_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead before the build, and in the middle of it: built all the same."""
    built(tmp_path, 0)
    first = server()
    first.kill()
    first.wait()
    assert built(tmp_path, 1)(seed=1, duration=1)["units.x"].tolist() == [3.0] * 3
    assert server().pid != first.pid

    send = forked._Server.build

    def killed(self: Any, *rest: Any) -> int:
        os.kill(self.process.pid, signal.SIGSTOP)
        self.process.kill()
        return send(self, *rest)

    monkeypatch.setattr(forked._Server, "build", killed)
    assert built(tmp_path, 2)(seed=1, duration=1)["units.x"].tolist() == [4.0] * 3
    assert forked._server is None


def test_changed_sources_are_not_built_by_the_old_forkserver(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    (tmp_path / "brian_preferences").write_text("")
    pids = []
    for identity in ("a", "a", "b"):
        assert forked.build(tmp_path, environment, identity) == 1  # there is no spec
        pids.append(server().pid)
    assert pids[0] == pids[1] != pids[2]


def test_a_fork_of_the_caller_has_its_own(tmp_path: Path) -> None:
    built(tmp_path, 0)
    mine = server().pid
    child = os.fork()
    if child == 0:
        status = 1
        try:
            built(tmp_path, 1)
            status = 0 if server().pid != mine else 2
            forked.stop()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert server().poll() is None and server().pid == mine


def test_a_failing_build_leaves_the_forkserver_fit(tmp_path: Path) -> None:
    pids = set()
    for _ in range(2):
        with pytest.raises(ProgramError, match="unheard_of"):
            compile_program("program_mistakes:wrong", Wrong("name"), folder=tmp_path)
        pids.add(server().pid)
    assert len(pids) == 1


def session_of(pid: int) -> list[int]:
    """Living processes of the session that ``pid`` leads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


SLOW_COMPILER = """#!/bin/sh
case "$*" in *program.cpp*) touch {compiling}; sleep 300;; esac
exec g++ "$@"
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_with_the_caller_go_the_forkserver_the_build_and_the_compiler(tmp_path: Path, number: int) -> None:
    script = (
        f"import sys; sys.path.insert(0, {HERE!r})\n"
        "from hedon.models.program import compile_program, forked\n"
        "from program_settings import Tiny\n"
        "made = forked._Server.__init__\n"
        "def told(self, *rest):\n"
        "    made(self, *rest)\n"
        "    print(self.process.pid, flush=True)\n"
        "forked._Server.__init__ = told\n"
        "compile_program('program_networks:tiny', Tiny(), folder=sys.argv[1])\n"
    )
    slow = tmp_path / "slow"
    slow.write_text(SLOW_COMPILER.format(compiling=tmp_path / "compiling"))
    slow.chmod(0o755)
    caller = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "CXX": str(slow)},
    )
    assert caller.stdout is not None
    pid = int(caller.stdout.readline())
    end = time.monotonic() + 60
    while not (tmp_path / "compiling").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert len(session_of(pid)) >= 3  # forkserver, build, compiler
    caller.send_signal(number)
    caller.communicate(timeout=60)
    end = time.monotonic() + 10
    while session_of(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert session_of(pid) == []
    assert not any((tmp_path / "programs").iterdir())
