"""The ground floor by itself: parts that are kept, whole files, endings, logs, messages, places, reports."""

from __future__ import annotations

import io
import logging
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation import ending, kept_parts, log, progress, results, seeds, whole_files
from hedon.analysis.foundation.mistakes import Mistake, nearest
from hedon.analysis.recordings import places
from hedon.analysis.theory.names import require, require_positive


def test_a_part_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"a": np.arange(3), "b": np.eye(2)}

    for _ in range(2):
        found = kept_parts.made_once(tmp_path, "one", make)
        assert found["a"].tolist() == [0, 1, 2] and found["b"].tolist() == [[1, 0], [0, 1]] and len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["one.npz"]
    (tmp_path / "one.npz").write_bytes((tmp_path / "one.npz").read_bytes()[:100])  # cut off: made anew
    assert kept_parts.read(tmp_path / "one.npz") is None
    assert kept_parts.made_once(tmp_path, "one", make)["a"].tolist() == [0, 1, 2] and len(made) == 2
    assert kept_parts.read(tmp_path / "one.npz") is not None and kept_parts.read(tmp_path / "no.npz") is None
    kept_parts.made_once(None, "one", make)
    assert len(made) == 3 and len(list(tmp_path.iterdir())) == 1


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    whole_files.write(path, b"one")
    with pytest.raises(ZeroDivisionError), whole_files.aside(path) as beside:
        beside.write_bytes(b"two")
        assert beside.name == f".a.{os.getpid()}.txt"
        raise ZeroDivisionError
    assert path.read_bytes() == b"one" and [one.name for one in path.parent.iterdir()] == ["a.txt"]
    with pytest.raises(FileExistsError), whole_files.aside(path, new=True):
        pytest.fail("it stands already")
    with whole_files.aside(path, alone=True) as beside:
        assert beside.name == ".a.writing.txt"
        beside.write_bytes(b"three")
    assert path.read_bytes() == b"three"
    with pytest.raises(FileExistsError), whole_files.aside(tmp_path / "b.txt", new=True) as beside:
        beside.write_bytes(b"mine")
        (tmp_path / "b.txt").write_bytes(b"of another")
    assert (tmp_path / "b.txt").read_bytes() == b"of another"


def test_a_lock_has_one_holder_and_all_may_open_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        held = whole_files.lock(tmp_path / "in" / "lock")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "in" / "lock").stat().st_mode) == 0o644
    with pytest.raises(BlockingIOError):
        whole_files.lock(tmp_path / "in" / "lock")
    whole_files.release(held)
    whole_files.release(whole_files.lock(tmp_path / "in" / "lock"))


def test_names_that_are_near_are_offered() -> None:
    names = ["gamma", "sigma", "eta", "alpha"]
    assert nearest("etta", names) == "; did you mean 'eta'?"
    assert nearest("zzzz", names) == "; known: alpha, eta, gamma, sigma"
    assert nearest("abcd", ["abxd", "abcx", "axcd", "bacd"]).count(" or ") == 2  # three at most
    assert nearest("abcd", ["abyz"]) == "; did you mean 'abyz'?"  # half of it alike
    with pytest.raises(Mistake, match="unknown rule 'npp'; did you mean 'np'"):
        require("npp", ("np", "wp"), "rule")
    require("np", ("np",), "rule")


def test_what_must_be_positive_and_finite() -> None:
    require_positive(a=1e-300, b=1e300)
    for value in (0, -1, float("inf"), float("nan")):
        with pytest.raises(Mistake, match="b must be positive and finite, not"):
            require_positive(a=0.5, b=value)


def test_every_ending_has_a_status_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(error: BaseException) -> int:
        raise error

    assert ending.status(lambda: 7) == 7
    for error, code, said in (
        (Mistake("two\nlines"), 2, "hedon: two lines"),
        (KeyboardInterrupt(), 130, "hedon: interrupted; run the same command again to resume"),
        (FileNotFoundError(2, "No such file", "a.csv"), 2, "hedon: No such file: a.csv"),
        (OSError(28, "No space left"), 2, "hedon: No space left"),
        (MemoryError(), 2, "hedon: out of memory; choose a smaller configuration"),
        (OSError("odd"), 2, "hedon: unforeseen error, OSError: odd (add --debug to see where)"),
    ):
        assert ending.status(lambda error=error: fails(error)) == code
        assert capsys.readouterr().err == f"{said}\n"
        with pytest.raises(type(error)):
            ending.status(lambda error=error: fails(error), debug=True)


def test_the_log_keeps_what_was_said_and_how_it_ended(tmp_path: Path) -> None:
    level = log.logger.level
    with pytest.raises(KeyboardInterrupt), log.kept(tmp_path / "run.log"):
        log.logger.info("begun")
        log.logger.debug("too fine")
        raise KeyboardInterrupt
    log.logger.error("too late")
    lines = [line.split(" ", 2)[2] for line in (tmp_path / "run.log").read_text().splitlines()]
    assert lines == ["INFO begun", "ERROR ended by KeyboardInterrupt"] and log.logger.level == level
    log.logger.setLevel(logging.ERROR)  # whoever wants less keeps it afterwards
    try:
        with log.kept(tmp_path / "other.log"):
            log.logger.info("told")
        assert log.logger.level == logging.ERROR and "INFO told" in (tmp_path / "other.log").read_text()
    finally:
        log.logger.setLevel(level)


def test_progress_is_logged_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, told = [100.0], []
    monkeypatch.setattr(log.time, "monotonic", lambda: now[0])
    caplog.set_level(logging.INFO, "hedon")
    for reporter, many in ((lambda *what: told.append(what), 4), (None, 4)):
        caplog.clear()
        report = log.with_progress(reporter)
        for seconds, fraction in ((9.99, 0.1), (0.01, 0.256), (9.5, 0.5), (0.5, 0.75)):
            now[0] += seconds
            report(fraction, "here")
        assert [record.getMessage() for record in caplog.records] == ["26 % here", "75 % here"]
        assert len(told) == many


def test_parts_of_some_work_are_reported_as_shares_of_the_whole() -> None:
    told: list[tuple[float, str]] = []
    report = progress.within(lambda *what: told.append(what), 0.2, 0.6, "part")
    report(0.0), report(0.5, "now"), report(1.0)
    assert told == [(0.2, "part"), (0.4, "part: now"), (pytest.approx(0.6), "part")]
    told.clear()
    step = progress.by_steps(lambda *what: told.append(what), 4)
    for name in "abcd":
        step(name)
    assert told == [(0.25, "a"), (0.5, "b"), (0.75, "c"), (1.0, "d")]
    progress.within(None, 0, 1)(0.5), progress.by_steps(None, 3)("a")


def test_seeds_fill_31_bits() -> None:
    drawn = [seeds.stream(1, "task", place) for place in range(200)]
    assert max(drawn) > 2**30 and all(0 <= seed < 2**31 for seed in drawn) and any(seed % 2 for seed in drawn)
    # as released; a change would make every kept result another
    assert seeds.stream(0, "task") == int(
        np.random.SeedSequence([0, __import__("zlib").crc32(b"task")]).generate_state(1)[0] // 2
    )


def test_files_are_told_apart_by_as_many_folders_as_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert places.unique_names(["a/x.csv", "b/y.csv"]) == ["x.csv", "y.csv"]
    assert places.unique_names(["a/x.csv", "b/x.csv", "b/y.csv"]) == ["a/x.csv", "b/x.csv", "b/y.csv"]
    assert places.unique_names(["1/a/x.csv", "2/a/x.csv"]) == ["1/a/x.csv", "2/a/x.csv"]
    assert places.unique_names(["x.csv", "x.csv"]) == ["x.csv", "x.csv"] and places.unique_names([]) == []


def test_recordings_are_looked_for_where_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path))
    (tmp_path / "rats").mkdir()
    (tmp_path / "mice.csv").write_text("a")
    assert (
        places.data_folder("rats") == tmp_path / "rats"
        and places.data_file("mice.csv") == tmp_path / "mice.csv"
    )
    assert places.data_folder("mice.csv") is None and places.data_file("rats") is None
    monkeypatch.delenv(places.VARIABLE)
    (beside,) = places._homes()
    assert beside == Path(places.__file__).resolve().parents[3] / "shared" / "data"
    assert places.existing(tmp_path / "mice.csv") == tmp_path / "mice.csv"
    for path, said in (
        (tmp_path, "is a folder; name the files in it"),
        (tmp_path / "no", "there is no file"),
    ):
        with pytest.raises(Mistake, match=said):
            places.existing(path)


class Stream(io.StringIO):
    """A terminal, or a log."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def told(monkeypatch: pytest.MonkeyPatch, terminal: bool, *reports: tuple[float, float]) -> list[str]:
    """What is written when so much is done after so many seconds, report by report."""
    now, stream, found = [50.0], Stream(terminal), []
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress.shutil, "get_terminal_size", lambda: os.terminal_size((60, 9)))
    with progress.Progress("work", stream) as report:
        for seconds, fraction in reports:
            now[0] = 50.0 + seconds
            report(fraction, "here")
            found.append(stream.getvalue())
            stream.seek(0), stream.truncate()
    return [*found, stream.getvalue()]


def test_a_log_gets_lines_after_two_seconds_and_every_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = (0.0, 0.2), (1.9, 0.25), (2.0, 0.25), (11.9, 0.3), (12.0, 0.3), (100.0, 1.7)
    assert told(monkeypatch, False, *reports) == [
        "",
        "",
        "work: 25%  30 s left, here\n",  # .05 in 2 s, and .75 to go
        "",
        "work: 30%  1 min 24 s left, here\n",  # .1 in 12 s
        "work: 100%  0 s left, here\n",
        "",
    ]
    assert (
        told(monkeypatch, False, (3.0, -1.0))[0] == "work: 0%  here\n"
    )  # at the first report nothing is known
    assert told(monkeypatch, False, (1.0, 0.0), (61.0, 0.5))[1] == "work: 50%  1 min 0 s left, here\n"
    assert told(monkeypatch, False, (1.0, 0.0), (60.0, 0.5))[1] == "work: 50%  59 s left, here\n"


def test_a_terminal_gets_a_bar_that_goes_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, True, (1.0, 0.0), (3.0, 0.25), (3.05, 0.3), (3.125, 0.5), (4.0, 1.0))
    clear = "\r\x1b[K"
    assert found[:3] == ["", f"{clear}work {'█' * 6}{'·' * 18} 25%  6 s left, here", ""]
    assert found[3] == f"{clear}work {'█' * 12}{'·' * 12} 50%  2 s left, here"
    assert found[4] == f"{clear}work {'█' * 24} 100%  0 s left, here"
    assert found[5] == clear and told(monkeypatch, True, (1.0, 0.0))[-1] == ""
    monkeypatch.setattr(progress, "BAR", 70)
    wide = told(monkeypatch, True, (1.0, 0.0), (3.0, 0.5))[1]
    assert len(wide) == len(clear) + 59


def test_a_notebook_gets_one_output_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, dict]] = []

    class Place:
        def update(self, data: dict, raw: bool) -> None:
            shown.append(("update", data))

    def display(data: dict, raw: bool, display_id: bool) -> Place:
        shown.append(("display", data))
        return Place()

    cell = progress._Cell(display)
    cell.clear()
    assert shown == []
    cell.show("<work>", 0.25, "6 s left")
    cell.show("<work>", 0.5, "")
    cell.clear()
    assert [how for how, _ in shown] == ["display", "update", "update"]
    assert (
        shown[0][1]["text/plain"] == "<work>: 25%  6 s left" and 'value="0.2500"' in shown[0][1]["text/html"]
    )
    assert "&lt;work&gt;: 50%" in shown[1][1]["text/html"] and shown[2][1]["text/plain"] == ""


def test_results_lie_where_it_is_said_and_are_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEDON_RESULTS", raising=False)
    assert results.root() == Path("results") and results.root("x") == Path("x")
    monkeypatch.setenv("HEDON_RESULTS", "y")
    assert results.root() == Path("y") and results.root("x") == Path("x")
    folder = tmp_path / "made"
    results.set_aside(folder)
    for count in (1, 2):
        folder.mkdir()
        results.set_aside(folder)
        assert (tmp_path / f"made.replaced-{count}").is_dir() and not folder.exists()
    with results.making(folder) as part:
        assert part == tmp_path / "made.part" and (part / ".lock").exists()
        (part / "run.log").write_text("")
    assert not part.exists()  # nothing but a log was put into it
    with pytest.raises(ZeroDivisionError), results.making(folder) as part:
        (part / "piece.npz").write_text("")
        raise ZeroDivisionError
    assert (part / "piece.npz").exists()
    with results.making(folder) as part:
        results.place(folder, {"a": b"1", "b": b"2"})
    assert not part.exists() and {path.name for path in folder.iterdir()} == {"a", "b"}
    with pytest.raises(Mistake, match="made exists already, and a result is never overwritten"):
        results.place(folder, {})
    for wanted, said in ((tmp_path / "none", "no result folder"), (folder, "run.json is missing")):
        with pytest.raises(Mistake, match=said):
            results.read(wanted)
    said = str(results.unwritable(folder, OSError(28, "No space left on device")))
    assert said == f"cannot write {folder}: No space left on device"
    assert str(results.unwritable(folder, OSError("odd"))) == f"cannot write {folder}: odd"
