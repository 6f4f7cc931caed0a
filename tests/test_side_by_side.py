"""Commands side by side: so many at a time, what they say is passed on, and none outlives the work."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures.side_by_side import SideBySide


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def interval(path: Path, seconds: float = 0.3) -> list[str]:
    """A command that writes when it began and ended."""
    code = f"""
import time
began = time.time()
time.sleep({seconds})
with open({str(path)!r}, "w") as file:
    file.write(str(began) + " " + str(time.time()))
"""
    return python(code)


@pytest.mark.parametrize("workers", [1, 2])
def test_so_many_at_a_time(tmp_path: Path, workers: int) -> None:
    names = ["a", "b", "c", "d"]
    with SideBySide({name: interval(tmp_path / name) for name in names}, workers) as work:
        for name in names:
            work.wait(name)
            assert (tmp_path / name).exists()
    times = [[float(word) for word in (tmp_path / name).read_text().split()] for name in names]
    together = max(sum(a <= begin < b for a, b in times) for begin, _ in times)
    assert together == workers


def test_what_is_no_command_needs_no_waiting() -> None:
    with SideBySide({}, 2) as work:
        work.wait("anything")


def test_a_failure_is_told_and_what_it_said_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print('hedon: the disk is full', file=sys.stderr); sys.exit(2)"
    with SideBySide({"one": python(code), "two": python("pass")}, 2) as work:
        work.wait("two")
        with pytest.raises(Mistake, match=r"one was not made \(exit status 2\)"):
            work.wait("one")
    assert capfd.readouterr().err == "hedon: the disk is full\n"


def test_an_interruption_stops_the_running_and_starts_no_other(tmp_path: Path) -> None:
    began = time.monotonic()
    commands = {"long": python("import time; time.sleep(60)"), "next": interval(tmp_path / "next")}
    with pytest.raises(KeyboardInterrupt), SideBySide(commands, 1):
        time.sleep(0.5)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 9
    assert not (tmp_path / "next").exists()


def test_no_worker() -> None:
    with pytest.raises(Mistake, match="workers: 0"):
        SideBySide({}, 0)
