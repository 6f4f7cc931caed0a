"""`hedon tune`, from the command line: interrupted, resumed, refused; the same numbers each time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation import results, whole_files
from hedon.models import experiments

pytestmark = pytest.mark.whole

SMALL = (
    "searches=2 episodes=20 lives=10 lifetime=2 tuning=100 generations=6 population=4 held_out=20 trials=40"
).split()


def tuned(root: Path, *options: str) -> results.Result:
    assert main(["tune", "volatile_bandit", "--results", str(root), *options, "--set", *SMALL]) == 0
    (folder,) = (root / "experiments").glob("volatile_bandit*")
    return results.read(folder)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> results.Result:
    return tuned(tmp_path_factory.mktemp("whole"), "--workers", "1")


def test_two_workers_find_the_same(tmp_path: Path, uninterrupted: results.Result) -> None:
    assert tuned(tmp_path, "--workers", "2").dataset.equals(uninterrupted.dataset)


def test_run_finds_what_tune_made(tmp_path: Path, uninterrupted: results.Result) -> None:
    found = experiments.run("volatile_bandit", overrides=SMALL, root=uninterrupted.folder.parents[1])
    assert found.folder == uninterrupted.folder
    assert uninterrupted.dataset["score"].shape == (2, 6, 4)


def test_killed_and_resumed_from_its_folder(tmp_path: Path, uninterrupted: results.Result) -> None:
    command = [sys.executable, "-m", "hedon", "tune", "volatile_bandit", "--workers", "1"]
    command += ["--results", str(tmp_path), "--set", *SMALL]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    kept: list[Path] = []
    while not kept and process.poll() is None and time.monotonic() < deadline:
        kept = list(tmp_path.glob("experiments/*.part/gated-0/checkpoint.json"))
        time.sleep(0.01)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if not kept or process.returncode == 0:
        pytest.skip("it was too quick to be killed in time")
    part = kept[0].parents[1]
    whole_files.release(whole_files.lock(part / ".lock", lambda: None))  # once the last worker is gone
    assert main(["tune", "--resume", str(part), "--workers", "1"]) == 0
    assert results.read(part.with_suffix("")).dataset.equals(uninterrupted.dataset)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_with_one_line_and_the_same_command_goes_on(
    tmp_path: Path, uninterrupted: results.Result, workers: str
) -> None:
    """Ctrl-C reaches the whole group of processes: the loop, its workers and the programs that they call."""
    command = [sys.executable, "-m", "hedon", "tune", "volatile_bandit", "--workers", workers]
    command += ["--results", str(tmp_path), "--set", *SMALL]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 90
    kept: list[Path] = []
    while not kept and process.poll() is None and time.monotonic() < deadline:
        kept = list(tmp_path.glob("experiments/*.part/gated-0/checkpoint.json"))
        time.sleep(0.005)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("it was too quick to be interrupted in time")
    assert process.returncode == 130 and "Traceback" not in told
    lines = [line for line in told.replace("\r", "\n").split("\n") if line.startswith("hedon:")]
    assert lines == ["hedon: interrupted; run the same command again to resume"]
    assert '"failures": ["' not in kept[0].read_text()
    assert tuned(tmp_path, "--workers", "1").dataset.equals(uninterrupted.dataset)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tune", "alignment"], "'alignment' searches nothing; to be tuned are: volatile_bandit"),
        (["tune", "volatil_bandit"], "unknown experiment 'volatil_bandit'; did you mean 'volatile_bandit'"),
        (["tune"], "name an experiment"),
        (["tune", "volatile_bandit", "--workers", "0"], "at least 1 is needed"),
        (["tune", "volatile_bandit", "--scheduler", "none.json"], "there is no scheduler file none.json"),
        (["tune", "--resume", "nowhere"], "nowhere is no folder of a tuning"),
        (["tune", "volatile_bandit", "--set", "hazards=2"], "each in [0, 1]"),
    ],
)
def test_mistakes_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*arguments, *(["--results", str(tmp_path)] if len(arguments) > 1 else [])]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told


def test_a_folder_begun_by_other_sources_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], uninterrupted: results.Result
) -> None:
    stranger = tmp_path / "experiments" / "volatile_bandit-quick-seed0-00000000.part"
    stranger.mkdir(parents=True)
    (stranger / "config.toml").write_bytes((uninterrupted.folder / "config.toml").read_bytes())
    assert main(["tune", "--resume", str(stranger)]) == 2
    assert "begun by other sources" in capsys.readouterr().err


def test_the_score_falls_when_learning_is_turned_around(uninterrupted: results.Result) -> None:
    from hedon.models.experiments.volatile_bandit import Config, Lifetimes

    score = Lifetimes(Config(episodes=100, held_out=100))
    values = {"eta": 0.2, "eta_high": 0.2, "opposite": 1.0, "beta": 20.0}
    assert score(values, 1) > score(values | {"coactivity": -1.0, "opposite": -1.0}, 1) + 0.1
    assert np.isfinite(uninterrupted.dataset["above"]).all()
