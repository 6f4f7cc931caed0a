"""What a notebook shows: one bar in its own place, tables of values; an interrupted call ends."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation import progress
from hedon.analysis.recordings.recording import Recording
from hedon.figures import shown
from hedon.figures.claims import Claim

TINY = Path(__file__).parent / "tiny"


class Place:
    """An output of a cell, as IPython's display handle."""

    def __init__(self) -> None:
        self.states: list[dict[str, str]] = []

    def update(self, what: dict[str, str], raw: bool) -> None:
        self.states.append(what)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    made: list[Place] = []

    def display(what: dict[str, str], raw: bool, display_id: bool) -> Place:
        made.append(Place())
        made[-1].update(what, raw)
        return made[-1]

    monkeypatch.setattr(progress._Cell, "of_notebook", lambda: progress._Cell(display))
    monkeypatch.setattr(progress, "QUIET", 0.0)
    monkeypatch.setattr(progress, "REDRAW", 0.0)
    return made


def test_progress_is_one_output_that_is_gone_in_the_end(
    places: list[Place], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.Progress("work <b>") as report:
        for step in range(1000):
            report(step / 1000, "step")
    (place,) = places
    assert len(place.states) > 100 and place.states[-1] == {"text/plain": "", "text/html": ""}
    assert "work &lt;b&gt;: 50%" in place.states[500]["text/html"]
    assert capsys.readouterr() == ("", "")


def test_what_is_quick_shows_nothing(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET", 60.0)
    with progress.Progress("work") as report:
        report(0.5)
    assert not places


def test_a_recording_a_claim_and_a_program_are_short() -> None:
    recording = Recording((np.arange(1000.0), np.array([])), {"t": np.zeros(3)}, {"id": np.arange(2)})
    text = shown.as_text(shown._recording(recording))
    assert text.splitlines()[0] == "Recording of 2 units, 3 trials"
    assert "1000, the last at 999 s" in text and "series" not in text and len(text) < 300
    claim = Claim.at_least("share <i>", 0.5, 0.9, "chosen", null=0.1)
    table = shown.as_html(shown._claim(claim))
    assert "share &lt;i&gt;" in table and "✗" in table and "≥ 0.9" in table and "null 0.1" in table
    every = {"": "x", "long": "y" * 5000}
    assert len(shown.as_html(every)) < 1000


def test_ipython_shows_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also a class that is imported later, and through the package under whatever name it is imported."""
    core = pytest.importorskip("IPython.core.formatters")
    formatters = core.DisplayFormatter()
    shell = SimpleNamespace(display_formatter=formatters)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shown.in_notebooks()
    data, _ = formatters.format(Claim.at_most("lost", 0, 1, "chosen"))
    assert data["text/plain"].startswith("✓ lost\n") and "<table>" in data["text/html"]


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Any]:
    manager = pytest.importorskip("jupyter_client.manager")
    pytest.importorskip("ipykernel")
    environment = {**os.environ, "HEDON_RESULTS": str(tmp_path), "HEDON_PLUGINS": str(tmp_path / "mine.py")}
    environment["PYTHONPATH"] = os.pathsep.join([str(TINY), os.environ.get("PYTHONPATH", "")])
    (tmp_path / "mine.py").write_text('EXPERIMENTS = {"tiny": "tiny_experiment"}\n')
    started, client = manager.start_new_kernel(env=environment)
    yield started, client
    client.stop_channels()
    started.shutdown_kernel(now=True)


def executed(client: Any, code: str, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The kernel's reply, and what the cell shows."""
    outputs: list[dict[str, Any]] = []
    reply = client.execute_interactive(
        code, output_hook=lambda message: outputs.append(message["content"]), timeout=120, **options
    )
    return reply["content"], outputs


@pytest.mark.whole
def test_in_a_real_kernel(kernel: Any) -> None:
    """A bar takes one output; an interrupt ends the call, and the next one is right."""
    manager, client = kernel
    progress = "import hedon.analysis.foundation.progress as p; p.QUIET = p.REDRAW = 0.0"
    assert executed(client, f"import hedon; {progress}")[0]["status"] == "ok"
    reply, outputs = executed(client, "hedon.run('tiny')")
    assert reply["status"] == "ok", reply
    first, *updates = [one for one in outputs if "transient" in one]
    assert all(one["transient"] == first["transient"] for one in updates)
    assert [one["data"]["text/plain"] for one in (updates[-1],)] == [""]
    (shown,) = [one["data"] for one in outputs if "execution_count" in one and "data" in one]
    assert shown["text/plain"].startswith("Result of tiny, quick scale, seed 0")
    assert "<table>" in shown["text/html"]

    timer = threading.Timer(2.0, manager.interrupt_kernel)
    timer.start()
    began = time.monotonic()
    reply, _ = executed(client, "hedon.run('tiny', overrides={'pause': 100.0})")
    assert reply["ename"] == "KeyboardInterrupt" and time.monotonic() - began < 60
    reply, outputs = executed(client, "print(float(hedon.run('tiny', seed=1).dataset['mean'][0]) < 1)")
    assert reply["status"] == "ok" and {"name": "stdout", "text": "True\n"} in outputs
