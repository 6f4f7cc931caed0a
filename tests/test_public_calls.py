"""`import hedon`: what the command line does as calls, typed; nothing is imported before it is used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hedon
from hedon import figures
from hedon.__main__ import _HAND_OVER
from hedon.analysis.foundation.registry import Registry
from hedon.figures import over_seeds, report
from hedon.models import experiments

TINY = Path(__file__).parent / "tiny"
SCRIPT = """
import hedon

result = hedon.run("train", overrides={"trials": 1000})
reveal_type(result)
reveal_type(hedon.figure("learning_curves"))
hedon.run(3)
"""


def test_every_name_is_there_and_documented() -> None:
    for name in hedon.__all__:
        assert getattr(hedon, name).__doc__, name
    assert set(hedon.__all__) <= set(dir(hedon))
    with pytest.raises(AttributeError, match="no attribute 'figments'"):
        hedon.figments  # noqa: B018


def test_every_command_has_its_call() -> None:
    """Named in the docstring of the package, under the command, and there."""
    calls = re.findall(
        r"^    (?:hedon ([a-z]+)|\.\.\. \S+ \S+)?  +hedon\.([a-z_]+)", hedon.__doc__ or "", re.M
    )
    assert {command for command, _ in calls if command} == set(_HAND_OVER)
    assert {call for _, call in calls} <= set(hedon.__all__)
    for same in ("run", "tune", "compare", "infer", "power", "export", "report", "cache"):
        assert (same, same) in calls


def test_importing_is_cheap() -> None:
    code = "import hedon, sys; print(sorted({'numpy', 'brian2', 'matplotlib', 'xarray'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_on_windows_one_line_says_what_to_do() -> None:
    """Nothing crashes at import; what needs locks is refused."""
    code = (
        "import sys; sys.platform = 'win32'; sys.modules['fcntl'] = sys.modules['resource'] = None;"
        "import hedon; from hedon.__main__ import main;"
        "assert main([]) == 0 and main(['run', 'train']) == 2; hedon.run"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "COMMAND" in done.stdout
    assert done.stderr.startswith("hedon: hedon needs Linux or macOS; on Windows run it in WSL")
    assert "Mistake: hedon needs Linux" in done.stderr.splitlines()[-1]


def test_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(TINY)
    monkeypatch.setattr(experiments, "EXPERIMENTS", Registry("experiment", "", {"tiny": "tiny_experiment"}))
    for module in (figures, report):
        monkeypatch.setattr(module, "FIGURES", Registry("figure", "", {"tiny": "tiny_figure"}))
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))
    result = hedon.run("tiny")
    assert hedon.read_result(result.folder).dataset.equals(result.dataset)
    assert len(hedon.figure("tiny").axes) >= 1
    assert all(claim.passed for claim in hedon.claims("tiny"))
    (made,) = hedon.make_figures(["tiny"])
    assert (made.folder / "tiny.pdf").is_file()
    monkeypatch.setattr(over_seeds, "FIGURES", report.FIGURES)
    found = hedon.over_seeds(["tiny"], [0, 1, 2], workers=1)
    assert {len(row.claims) for row in found["tiny"]} == {3}
    assert (tmp_path / "figures" / "what_holds.md").is_file()
    assert hedon.cache.clear(tmp_path / "none") == 0
    report.make()
    assert hedon.report(tmp_path).read_text().startswith("<!doctype html>")


@pytest.mark.whole
def test_types_are_seen_from_outside(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "hedon").symlink_to(Path(hedon.__file__).parent)  # as an installed wheel lies
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "script.py"]
    command += ["--follow-imports", "silent"]
    environment = {**os.environ, "MYPYPATH": str(tmp_path / "site"), "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert 'note: Revealed type is "hedon.analysis.foundation.results.Result"' in done.stdout, done.stdout
    assert 'note: Revealed type is "matplotlib.figure.Figure"' in done.stdout
    assert 'script.py:7: error: Argument 1 to "run" has incompatible type "int"' in done.stdout
