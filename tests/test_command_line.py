"""The command line as a user meets it: quick, one line for a mistake, resumable after Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hedon import figures
from hedon.__main__ import main
from hedon.analysis.foundation import ending, progress, results
from hedon.analysis.foundation.registry import Registry
from hedon.figures import report
from hedon.models import experiments

TINY = Path(__file__).parent / "tiny"

REGISTERED = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from hedon.models.experiments import EXPERIMENTS
EXPERIMENTS["tiny"] = "tiny_experiment"
from hedon.__main__ import main
sys.exit(main())
"""

WAITING = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from hedon.models import experiments
experiments.EXPERIMENTS["tiny"] = "tiny_experiment"
settings = ["pause=0.7", "shifts=0,1,2,3"]
result = experiments.run("tiny", overrides=settings, waiting=lambda: print("waits"))
print(result.folder)
"""


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(TINY)
    monkeypatch.setattr(experiments, "EXPERIMENTS", Registry("experiment", "", {"tiny": "tiny_experiment"}))
    for module in (figures, report):
        monkeypatch.setattr(module, "FIGURES", Registry("figure", "", {"tiny": "tiny_figure"}))
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("HEDON_CACHE", str(tmp_path / "cache"))


def hedon(*arguments: str) -> list[str]:
    """The command line of a process in which the tiny experiment is registered."""
    return [sys.executable, "-c", REGISTERED, str(TINY), *arguments]


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    """Under 0.5 s on an idle machine; here CPU time, so that other work does not count."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hedon", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    after = os.times()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 0.5
    assert "usage: hedon" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"numpy", "xarray", "matplotlib", "brian2", "scipy", "tqdm", "sklearn"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lst"], "unknown command 'lst'; did you mean 'list'?"),
        (["run", "tny"], "unknown experiment 'tny'; did you mean 'tiny'?"),
        (["figures", "tny"], "unknown figure 'tny'; did you mean 'tiny'?"),
        (["list", "tny"], "unknown experiment 'tny'; did you mean 'tiny'?"),
        (["run", "tiny", "--sede", "3"], "unknown option '--sede'; did you mean '--seed'"),
        (["run", "tiny", "--sca", "paper"], "unknown option '--sca'"),
        (["run", "tiny", "--seed", "x"], "a whole number, 0 or more, is wanted, not 'x'"),
        (["run", "tiny", "--seed", "-1"], "--seed"),
        (["run", "tiny", "--seed"], "argument --seed: expected one argument"),
        (["run", "tiny", "--scale", "papr"], "unknown scale 'papr'; did you mean 'paper'?"),
        (["figures", "--scale", "papr"], "unknown scale 'papr'; did you mean 'paper'?"),
        (["run"], "the following arguments are required: EXPERIMENT"),
        (["run", "tiny", "more"], "'more' is one name too many"),
        (["run", "tiny", "--set", "sigam=1"], "unknown setting 'sigam'; did you mean 'sigma'?"),
        (["run", "tiny", "--set", "sigma=0"], "sigma must be above 0, not 0.0"),
        (["run", "--set", "sigma=1", "tiny"], "arguments are required: EXPERIMENT"),
        (["run", "tiny", "--config", "none.toml"], "cannot read none.toml: No such file"),
        (["run", "tiny", "--results", __file__], "Not a directory"),
        (["figures", "--results", __file__], "Not a directory"),
        (["report", "nowhere"], "no figure with claims below nowhere"),
        (["cache", "clean"], "unknown action 'clean'; did you mean 'clear'?"),
    ],
)
def test_mistake_gets_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("hedon: ") and err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize("arguments", [["--debug", "run", "tny"], ["run", "tny", "--debug"]])
def test_debug_shows_the_traceback(arguments: list[str]) -> None:
    done = subprocess.run(hedon(*arguments), capture_output=True, text=True)
    assert "Traceback" in done.stderr and "unknown experiment 'tny'" in done.stderr


def test_unforeseen_error_gets_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(experiments.load("tiny"), "simulate", lambda *arguments: 1 / 0)
    assert main(["run", "tiny"]) == 2
    assert capsys.readouterr().err == (
        "hedon: unforeseen error, ZeroDivisionError: division by zero (add --debug to see where)\n"
    )


def test_run_tells_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["run", "tiny", "--seed", "3", "--set", "sigma=2", "shifts=1,2", "--set", "draws=9"]
    assert main(arguments) == 0
    folder = Path(capsys.readouterr().out.strip())
    description = results.read(folder).description
    assert description.seed == 3
    assert dict(description.config, kind="") | {"sigma": 2.0, "shifts": [1, 2], "draws": 9} == {
        **description.config,
        "kind": "",
    }
    assert main(["run", "tiny", "--config", str(folder / "config.toml")]) == 0
    assert Path(capsys.readouterr().out.strip()) == folder
    assert main(["run", "tiny", "--results", str(tmp_path / "other")]) == 0
    assert (tmp_path / "other" / "experiments").is_dir()


def test_figures_print_their_claims(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["figures"]) == 0
    out = capsys.readouterr().out
    assert "tiny.png" in out and "✓ share of NaN: 0 (expected ≤ 0)" in out
    wrong = report.claims.Claim("two is three", 2, 3, 0.5, "counted")
    monkeypatch.setattr(figures.load("tiny"), "check", lambda data: [wrong])
    assert main(["figures", "tiny"]) == 1
    out, err = capsys.readouterr()
    assert "✗ two is three: 2 (expected 3 ± 0.5)" in out and err == "hedon: 1 claim failed\n"
    assert main(["report", os.environ["HEDON_RESULTS"]]) == 1
    assert "| ✗ | two is three |" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "The mean of normal numbers" in capsys.readouterr().out
    assert main(["list", "tiny"]) == 0
    out = capsys.readouterr().out
    assert "Standard deviation of the numbers (mV)." in out and "40000" in out


def test_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'cache'}\n"
    assert main(["cache"]) == 0
    assert main(["cache", "clear"]) == 0
    assert "removed 0 programs" in capsys.readouterr().out


def test_ascii_terminal(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    script = hedon("list", "tiny")
    assert subprocess.run(script, env=environment, capture_output=True).returncode == 0


def test_broken_pipe() -> None:
    line = f"{' '.join(map(repr, hedon('list', 'tiny')[:1]))} -m hedon --help | true"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.stderr == ""


SLOW = ["run", "tiny", "--set", "pause=0.7", "shifts=0,1,2,3"]


def wait_for(pattern: str, folder: Path) -> None:
    until = time.monotonic() + 30
    while not list(folder.glob(pattern)):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.whole
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_interrupted_and_resumed(tmp_path: Path, how: signal.Signals, status: int) -> None:
    process = subprocess.Popen(hedon(*SLOW), stderr=subprocess.PIPE, text=True)
    folder = tmp_path / "results" / "experiments"
    wait_for("*.part/part0.json", folder)
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status
    if how == signal.SIGINT:
        assert err.splitlines()[-1] == f"hedon: {ending.INTERRUPTED}"
    (part,) = folder.iterdir()
    assert part.suffix == ".part"
    kept = {path: path.stat().st_mtime_ns for path in part.glob("part*.json")}
    assert kept
    (part / "part0.json").write_text("0.125")
    resumed = subprocess.run(hedon(*SLOW), capture_output=True, text=True, check=True)
    assert [path.name for path in folder.iterdir()] == [part.stem]
    result = results.read(resumed.stdout.strip())
    assert result.dataset["mean"].values[0] == 0.125
    assert result.dataset["mean"].size == 4


@pytest.mark.whole
def test_two_runs_into_one_folder(tmp_path: Path) -> None:
    """The second `run` says so; a figure waits for the first and takes its result."""
    first = subprocess.Popen(hedon(*SLOW), stdout=subprocess.PIPE, text=True)
    wait_for("*.part", tmp_path / "results" / "experiments")
    second = subprocess.run(hedon(*SLOW), capture_output=True, text=True)
    assert second.returncode == 2 and "another process is making" in second.stderr
    third = subprocess.run([*hedon()[:2], WAITING, str(TINY)], capture_output=True, text=True, check=True)
    out, _ = first.communicate(timeout=30)
    assert first.returncode == 0
    assert third.stdout.split() == ["waits", out.strip()]


def test_progress_of_a_log(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with progress.Progress("tiny") as tell:
        for second in range(31):
            clock[0] = second
            tell(second / 40, "learning")
    assert capsys.readouterr().err.splitlines() == [
        "tiny: 5%  38 s left, learning",
        "tiny: 30%  28 s left, learning",
        "tiny: 55%  18 s left, learning",
    ]


def test_short_work_shows_no_progress(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with progress.Progress("tiny") as tell:
        tell(0.1)
        clock[0] = 1.9
        tell(0.9)
    assert capsys.readouterr().err == ""


def test_time_left_of_a_resumed_run(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with progress.Progress("tiny") as tell:
        tell(0.8, "parts found")
        clock[0] = 10
        tell(0.9, "learning")
    assert capsys.readouterr().err == "tiny: 90%  10 s left, learning\n"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def on_terminal(command: Sequence[str]) -> str:
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, stdout=follower, stderr=follower)
    os.close(follower)
    said = b""
    try:
        while piece := os.read(leader, 4096):
            said += piece
    except OSError:
        pass
    assert process.wait(30) == 0
    os.close(leader)
    return said.decode()


def test_bar_on_a_terminal() -> None:
    said = on_terminal(hedon("run", "tiny", "--set", "pause=0.8", "shifts=0,1,2,3"))
    assert f"tiny {'█' * 18}{'·' * 6} 75%  " in said and "s left, individual 2" in said
    assert "tiny-quick-seed0" in said.rpartition("\x1b[K")[2]


def test_parts_of_longer_work_report_their_share() -> None:
    said: list[tuple[float, str]] = []
    whole = lambda fraction, what: said.append((round(fraction, 3), what))  # noqa: E731
    half = progress.within(whole, 0.5, 1.0, "tests")
    half(0.5)
    progress.within(half, 0.5, 1.0, "last")(1.0, "rows")
    step = progress.by_steps(whole, 4)
    step("one")
    step("two")
    assert said == [(0.75, "tests"), (1.0, "tests: last: rows"), (0.25, "one"), (0.5, "two")]
    progress.within(None, 0, 1)(0.5)
    progress.by_steps(None, 2)("nothing")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(closed: str) -> None:
    done = subprocess.run(f"{sys.executable} -m hedon --version {closed}", shell=True, capture_output=True)
    assert done.returncode == 0 and b"unforeseen" not in done.stderr
    done = subprocess.run(f"{sys.executable} -m hedon list {closed}", shell=True, capture_output=True)
    assert done.returncode == 0 and b"unforeseen" not in done.stderr
