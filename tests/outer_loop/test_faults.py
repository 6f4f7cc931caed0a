"""What may go wrong in a long search, tried: workers, disks, kills. The numbers must not know."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from loop_tasks import SPACE, Counted, Hill, Trouble, hill_search

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity.outer_loop import checkpoint, execution, run_search
from hedon.plasticity.outer_loop import cluster as cluster_module

SCRIPT = """
import sys
from pathlib import Path
from loop_tasks import Counted, hill_search
from hedon.plasticity.outer_loop import execution, run_search

if __name__ == "__main__":
    with execution(workers=int(sys.argv[2])):
        run_search(hill_search(12, evaluate=Counted(sys.argv[3])), Path(sys.argv[1]))
"""


def same(one, other) -> None:
    assert one.best == other.best and one.best_score == other.best_score
    for name in ("values", "scores", "centres"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_equal_numbers_with_any_number_of_workers() -> None:
    alone = run_search(hill_search())
    for workers in (2, 4):
        with execution(workers=workers):
            same(run_search(hill_search()), alone)


@pytest.mark.whole
def test_equal_numbers_on_a_dask_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    file = tmp_path / "scheduler.json"
    alone = run_search(hill_search(4))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        file.write_text(json.dumps({"address": cluster.scheduler_address}))
        with execution(scheduler=str(file)):
            same(run_search(hill_search(4)), alone)
            found = run_search(hill_search(2, evaluate=Trouble("raises")))
            assert found.failures and "diverged badly" in found.failures[0]
            for name in ("numpy", "brian2", "python", "hedon's sources"):
                other = {**cluster_module.made_of(), name: "0.1"}
                monkeypatch.setattr(cluster_module, "made_of", lambda other=other: other)
                with pytest.raises(Mistake, match=f"differs from the search: {name}.* for 0.1"):
                    run_search(hill_search(2))
                monkeypatch.undo()


CLUSTER = """
import sys, time
from pathlib import Path
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        Path(sys.argv[1]).write_text('{"address": "%s"}' % cluster.scheduler_address)
        time.sleep(120)
"""


@pytest.mark.whole
def test_a_cluster_that_dies_is_no_bad_candidate(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    file, script, marks = tmp_path / "scheduler.json", tmp_path / "script.py", tmp_path / "marks"
    script.write_text(CLUSTER)
    search = hill_search(8, evaluate=Counted(str(tmp_path)))
    process = subprocess.Popen(
        [sys.executable, str(script), str(file)], start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)

        def progress(fraction: float, what: str) -> None:
            if fraction > 0.45 and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

        began = time.monotonic()
        with execution(scheduler=str(file)), pytest.raises(Mistake, match="scheduler was lost") as raised:
            run_search(search, tmp_path / "search", progress)
        assert time.monotonic() - began < 30 and "\n" not in str(raised.value)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    kept, _ = checkpoint.read(tmp_path / "search", search.describe())
    assert len(kept) == 3 and not any(generation.failures for generation in kept)
    before = len(marks.read_text().split())
    resumed = run_search(search, tmp_path / "search")
    assert len(marks.read_text().split()) - before == 5 * 6 * 2
    same(resumed, run_search(search))


@pytest.mark.whole
def test_a_cluster_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    file = tmp_path / "scheduler.json"
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster:
        file.write_text(json.dumps({"address": cluster.scheduler_address}))
        monkeypatch.setattr(cluster_module, "PATIENCE", 1.0)
        with execution(scheduler=str(file)), pytest.raises(Mistake, match="no worker for 1 s"):
            run_search(hill_search(1))


@pytest.mark.parametrize("content", ["", '{"address": "tcp://127.', "[]", "{}", '{"type": "Scheduler"}'])
def test_a_scheduler_file_that_names_none(tmp_path: Path, content: str) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    file = tmp_path / "scheduler.json"
    file.write_text(content)
    with execution(scheduler=str(file)), pytest.raises(Mistake, match="half written"):
        run_search(hill_search(1))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("kind", ["nan", "raises"])
def test_a_candidate_that_fails_scores_worst_and_is_recorded(kind: str, workers: int) -> None:
    with execution(workers=workers):
        found = run_search(hill_search(8, evaluate=Trouble(kind)))
    failed = ~np.isfinite(found.scores)
    assert failed.any() and len(found.failures) == failed.sum()
    assert (found.values[..., 1][failed.any(axis=2)] >= 1).all()
    assert found.best["shift"] < 1 and np.isfinite(found.best_score)
    assert all("\n" not in line for line in found.failures)


def test_a_worker_that_dies_takes_its_unit_alone() -> None:
    with execution(workers=2):
        found = run_search(hill_search(3, evaluate=Trouble("dies"), seeds=1))
    died = ~np.isfinite(found.scores)
    assert died.any() and not died.all()
    assert all("worker died" in line for line in found.failures)
    same_as = run_search(hill_search(3, evaluate=Trouble("nan"), seeds=1))
    np.testing.assert_array_equal(found.scores, same_as.scores)


def test_a_unit_that_takes_too_long_fails() -> None:
    began = time.monotonic()
    with execution(workers=2):
        found = run_search(hill_search(1, evaluate=Trouble("slow"), seeds=1, timeout=3.0))
    assert any("longer than 3 s" in line for line in found.failures) and time.monotonic() - began < 50
    assert np.isfinite(found.scores).any()


def test_all_failing_is_said() -> None:
    with pytest.raises(Mistake, match="every candidate of the first generation failed; .*never works"):
        run_search(hill_search(2, evaluate=Nothing()))


class Nothing:
    def __call__(self, values, seed):
        raise RuntimeError("never works")


@pytest.mark.whole
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_moment_and_resumed(tmp_path: Path, workers: int) -> None:
    folder, script = tmp_path / "search", tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(folder), str(workers), str(tmp_path)]
    for patience in (0.35, 0.65, 1.0):
        process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + 30
        while not (folder / checkpoint.NAME).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(patience)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    search = hill_search(12, evaluate=Counted(str(tmp_path)))
    kept = len(json.loads((folder / checkpoint.NAME).read_text().split("\n")[1])["generations"])
    assert kept >= 1
    same(run_search(search, folder), run_search(search))


STOPPED = """
import os, signal, sys
from pathlib import Path
from loop_tasks import hill_search
from hedon.plasticity.outer_loop import checkpoint, run_search, search

def stops(source, target, real=os.replace, calls=[]):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target)

search.EVERY = 0.0
checkpoint.os.replace = stops
run_search(hill_search(6), Path(sys.argv[1]))
"""


@pytest.mark.whole
@pytest.mark.parametrize(
    ("call", "stand"),
    [
        (6, {"checkpoint.json", "checkpoint-before.json", ".checkpoint.writing.json"}),
        (7, {"checkpoint-before.json", ".checkpoint.writing.json"}),
        (1, {".checkpoint.writing.json"}),
    ],
    ids=["written, not yet renamed", "between the two renames", "the very first"],
)
def test_killed_while_the_checkpoint_is_written(tmp_path: Path, call: int, stand: set[str]) -> None:
    """SIGKILL before a rename: of generation g >= 2 the first of its two is call 2g - 2."""
    folder = tmp_path / "search"
    process = subprocess.run([sys.executable, "-c", STOPPED, str(folder), str(call)])
    assert process.returncode == -signal.SIGKILL
    assert {path.name for path in folder.iterdir()} - {".lock"} == stand
    same(run_search(hill_search(6), folder), run_search(hill_search(6)))
    assert not (folder / ".checkpoint.writing.json").exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "not text"])
def test_a_damaged_checkpoint_is_passed_over_and_said(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_search(hill_search(4), tmp_path)
    path = tmp_path / checkpoint.NAME
    content = path.read_bytes()
    bad = {
        "cut": content[: len(content) // 2],
        "changed": content.replace(b"0.", b"1.", 1),
        "empty": b"",
        "not text": b"\xff\xfe\x00" * 50,
    }[damage]
    path.write_bytes(bad)
    same(run_search(hill_search(6), tmp_path), run_search(hill_search(6)))
    told = capsys.readouterr().err
    assert "damaged" in told and "the one before" in told
    for name in (checkpoint.NAME, checkpoint.BEFORE):
        (tmp_path / name).write_bytes(bad)
    same(run_search(hill_search(6), tmp_path), run_search(hill_search(6)))
    assert "beginning anew" in capsys.readouterr().err


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_search(hill_search(3), tmp_path)
    kept = (tmp_path / checkpoint.NAME).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(Mistake, match="No space left on device; what was kept before stands"):
        run_search(hill_search(6), tmp_path)
    monkeypatch.undo()
    assert (tmp_path / checkpoint.NAME).read_bytes() == kept
    assert not list(tmp_path.glob("*writing*"))
    same(run_search(hill_search(6), tmp_path), run_search(hill_search(6)))


def test_a_search_resumed_evaluates_only_what_is_missing(tmp_path: Path) -> None:
    evaluate = Counted(str(tmp_path), 0.0)
    run_search(hill_search(3, evaluate=evaluate), tmp_path / "s")
    run_search(hill_search(5, evaluate=evaluate), tmp_path / "s")
    assert len((tmp_path / "marks").read_text().split()) == 5 * 6 * 2


def test_another_search_in_the_folder_is_refused(tmp_path: Path) -> None:
    run_search(hill_search(2), tmp_path)
    for other, what in (
        (hill_search(2, seed=4), "seed differs"),
        (hill_search(2, seeds=3), "seeds differs"),
        (hill_search(2, evaluate=Hill(noise=0.5)), "evaluate differs"),
    ):
        with pytest.raises(Mistake, match=what):
            run_search(other, tmp_path)


def test_two_searches_on_one_folder(tmp_path: Path) -> None:
    from hedon.plasticity.outer_loop.search import _holding

    with _holding(tmp_path), pytest.raises(Mistake, match="another search works"):
        run_search(hill_search(1), tmp_path)
    run_search(hill_search(1), tmp_path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"workers": 0}, "at least 1"),
        ({"scheduler": "nowhere.json"}, "no scheduler file nowhere.json"),
    ],
)
def test_execution_that_is_refused(settings: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said), execution(**settings):
        pass


def test_progress_tells_best_mean_and_spread() -> None:
    told: list[tuple[float, str]] = []
    run_search(hill_search(3), progress=lambda fraction, text: told.append((fraction, text)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert all(word in told[-1][1] for word in ("best", "mean", "σ"))
    assert SPACE.dimensions == 2
