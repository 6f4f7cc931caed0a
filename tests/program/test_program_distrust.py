"""Exit status 0 is not trusted: every way in which Brian2's own binary goes wrong in silence is loud here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hedon.models.program import Program, ProgramError, execution
from hedon.models.program.values import Value

HERE = str(Path(__file__).parent)
SLOW = {"trouble": 6}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder in which nothing may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (1, "stopped at 67%"),
        (2, "not trusted, for it said: a complaint"),
        (3, "not trusted, for it said: Error writing output file"),
        (4, "stopped by SIGABRT"),
        (5, "left no report"),
    ],
)
def test_a_run_that_goes_wrong(quirks: Program, temporary: Path, trouble: int, says: str) -> None:
    with pytest.raises(ProgramError, match=says):
        quirks({"trouble": trouble}, seed=1, duration=6)
    assert not list(temporary.iterdir())


def children_of(parent: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(parent)], capture_output=True, text=True)
    return [int(line.split()[0]) for line in done.stdout.splitlines() if line.split()[1] == "main"]


def while_running(act: Callable[[int], None]) -> None:
    """In a thread: wait for the child, then act on its process number."""

    def work() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if found := children_of(os.getpid()):
                time.sleep(0.05)
                act(found[0])
                return
            time.sleep(0.01)

    threading.Thread(target=work, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_run(quirks: Program, temporary: Path, number: signal.Signals) -> None:
    while_running(lambda child: os.kill(child, number))
    with pytest.raises(ProgramError, match=f"stopped by {number.name}"):
        quirks(SLOW, seed=1, duration=1000)
    assert not list(temporary.iterdir())


def test_a_time_limit(quirks: Program, temporary: Path) -> None:
    with pytest.raises(ProgramError, match="longer than its limit of 0.2 s"):
        quirks(SLOW, seed=1, duration=10000, timeout=0.2)
    assert not list(temporary.iterdir()) and not children_of(os.getpid())


def test_an_error_in_the_callers_progress_stops_the_run(quirks: Program, temporary: Path) -> None:
    def complain(fraction: float) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        quirks(SLOW, seed=1, duration=10000, progress=complain)
    assert not list(temporary.iterdir()) and not children_of(os.getpid())


CALLER = f"""
import pickle, resource, sys, tempfile
sys.path.insert(0, {HERE!r})
program, parameters, duration, folder, limit = pickle.load(sys.stdin.buffer)
tempfile.tempdir = folder
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    program(parameters, seed=1, duration=duration)
except Exception as error:
    print(type(error).__name__, error)
"""


def caller(program: Program, *rest: Any) -> subprocess.Popen[bytes]:
    import pickle

    process = subprocess.Popen(
        [sys.executable, "-c", CALLER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((program, *rest)))
    process.stdin.close()
    process.stdin = None
    return process


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


@pytest.mark.whole
def test_ctrl_c_stops_caller_and_run_and_leaves_nothing(quirks: Program, tmp_path: Path) -> None:
    process = caller(quirks, SLOW, 10000, str(tmp_path), 0)
    (child,) = wait_for(lambda: children_of(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in said
    wait_for(lambda: not os.path.exists(f"/proc/{child}"))
    assert not list(tmp_path.iterdir())


@pytest.mark.whole
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells a child of its parent's death")
def test_a_killed_caller_takes_the_run_along_and_the_next_removes_its_folder(
    quirks: Program, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = caller(quirks, SLOW, 10000, str(temporary), 0)
    (child,) = wait_for(lambda: children_of(process.pid))
    process.kill()
    process.wait()
    wait_for(lambda: not os.path.exists(f"/proc/{child}"))
    assert list(temporary.iterdir())
    execution.remove_leftovers()
    assert list(temporary.iterdir()), "a young folder may be about to be locked"
    monkeypatch.setattr(execution, "STALE", 0.0)
    with execution.call_folder() as held:
        execution.remove_leftovers()
        assert [str(path) for path in temporary.iterdir()] == [held]


def test_a_full_disk(layers: Program, tmp_path: Path) -> None:
    """No file may grow beyond 600 bytes: the outputs do, which the run notices."""
    said, _ = caller(layers, {}, 10, str(tmp_path), 600).communicate(timeout=20)
    assert said.startswith(b"ProgramError") and b"cannot write output 'w1': File too large" in said
    assert said.count(b"\n") == 1 and not list(tmp_path.iterdir())


def test_a_full_disk_when_the_arguments_are_written(layers: Program, tmp_path: Path) -> None:
    said, _ = caller(layers, {"w1": np.zeros((3, 10, 6))}, 10, str(tmp_path), 1000).communicate(timeout=20)
    assert said.startswith(b"ProgramError") and b"arguments cannot be written" in said
    assert said.count(b"\n") == 1 and not list(tmp_path.iterdir())


def started(program: Program, folder: Path, values: list[Value], **kwargs: Any) -> None:
    call = {"seed": 1, "seconds": 2.0, "outputs": [0], "progress": False, **kwargs}
    execution.write_call(str(folder), values=values, **call)
    execution.execute(program.folder, str(folder), None, None)


def test_the_binary_itself_checks_names_types_and_sizes(tiny: Program, tmp_path: Path) -> None:
    def given(target: str, data: Any) -> list[Value]:
        return [Value(target, np.asarray(data), False)]

    for values, says in (
        (given("units.y", [1.0, 2.0, 3.0]), "no settable variable 'units.y'"),
        (given("units.x", [1.0, 2.0]), "'units.x' has 3 elements, 2 were given"),
        (given("units.x", [1, 2, 3]), "'units.x' is float64, given as int64"),
    ):
        with pytest.raises(ProgramError, match=says):
            started(tiny, tmp_path, values)
    with pytest.raises(ProgramError, match="no such output"):
        started(tiny, tmp_path, [], outputs=[99])
    text = (tmp_path / "call").read_text()
    (tmp_path / "call").write_text(text[:-4])
    with pytest.raises(ProgramError, match="cut short"):
        execution.execute(tiny.folder, str(tmp_path), None, None)


def test_the_binary_alone_from_another_folder(tiny: Program, quirks: Program, tmp_path: Path) -> None:
    done = subprocess.run([tiny.folder / "main"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0 and "called by hedon" in done.stderr
    execution.write_call(str(tmp_path), 1, 2.0, [], [], False)
    done = subprocess.run(
        [quirks.folder / "main", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode != 0 and "missing or damaged" in done.stderr


def test_a_truncated_output_or_report(tiny: Program, tmp_path: Path) -> None:
    started(tiny, tmp_path, [])
    written = execution.read_report(str(tmp_path))
    facts = (str(tmp_path), "0", "units", written)
    dtype = written["0"].dtype
    assert execution.read_file(*facts, dtype, 3, 1).shape == (3, 1)
    with pytest.raises(ProgramError, match="its manifest says 4"):
        execution.read_file(*facts, dtype, 4, 1)
    with pytest.raises(ProgramError, match="its manifest says float16"):
        execution.read_file(*facts, "float16", 3, 1)
    with open(tmp_path / "0", "r+b") as stream:
        stream.truncate(5)
    with pytest.raises(ProgramError, match="not written whole"):
        execution.read_file(*facts, dtype, 3, 1)
    (tmp_path / "0").unlink()
    with pytest.raises(ProgramError, match="not written whole"):
        execution.read_file(*facts, dtype, 3, 1)
    report = (tmp_path / "report").read_text()
    for cut in (report[:-4], report.replace("completed 1", "completed 0.5"), ""):
        (tmp_path / "report").write_text(cut)
        with pytest.raises(ProgramError, match="cut short|stopped at 50%"):
            execution.read_report(str(tmp_path))


def test_no_temporary_folder(tiny: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(ProgramError, match="no temporary folder can be made"):
        tiny(seed=1, duration=1)
