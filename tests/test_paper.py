"""`make paper`: killed in the middle the same command goes on, one figure that cannot be made keeps none from
being made, and the manifest says of what and for how long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest
import xarray as xr

from hedon.figures import manifest

EXPERIMENT = '''"""Parts that take their time."""
import json, time
from dataclasses import dataclass

@dataclass(frozen=True)
class Config:
    parts: int = 1
    """parts"""

PRESETS = {{"quick": Config(), "paper": Config(parts=4)}}

def simulate(config, seed, progress=None, folder=None):
    import xarray as xr
    made = []
    for part in range(config.parts):
        path = folder / f"part{{part}}.json"
        if not path.exists():
            time.sleep({pause})
            path.with_suffix(".new").write_text(json.dumps(time.time()))
            path.with_suffix(".new").rename(path)
        progress((part + 1) / config.parts, "a part")
        made.append(json.loads(path.read_text()))
    return xr.Dataset({{"made": (("part",), made, {{"units": "s"}})}})
'''
FIGURE = '''"""The parts are all there."""
from hedon.figures.claims import Claim

EXPERIMENTS = ("{experiment}",)

def check(data):
    return [Claim.at_least("parts", data["{experiment}"].sizes["part"], 4, "all of them", null=1)]

def draw(data):
    from matplotlib.figure import Figure
    figure = Figure()
    figure.subplots().plot([0, 1])
    return figure
'''
NAMES = ("first", "broken", "second")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, pause in (("first", "0.01"), ("second", "0.6"), ("broken", "0.01 + None")):
        (tmp_path / f"{name}_parts.py").write_text(EXPERIMENT.format(pause=pause))
        (tmp_path / f"{name}.py").write_text(FIGURE.format(experiment=f"{name}_parts"))
    experiments, figures = ({f"{name}{kind}": f"{name}{kind}" for name in NAMES} for kind in ("_parts", ""))
    (tmp_path / "mine.py").write_text(f"EXPERIMENTS = {experiments}\nFIGURES = {figures}\n")
    return tmp_path


def paper(folder: Path, *further: str) -> subprocess.Popen[str]:
    """The command of `make paper`, of the plug-in's figures."""
    makefile = (Path(manifest.__file__).parents[1] / "Makefile").read_text("utf-8")
    (line,) = (line for line in makefile.splitlines() if "--scale paper" in line)
    command = [*line.split()[1:], *NAMES, "--plugin", "mine.py", *further]
    return subprocess.Popen(
        [sys.executable, "-m", "hedon", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(manifest.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.whole
def test_killed_and_resumed(folder: Path) -> None:
    results = folder / "results" / "paper"
    process = paper(folder)
    until = time.monotonic() + 60
    while not list(results.glob("experiments/second_parts-paper*.part/part1.json")):
        assert time.monotonic() < until and process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (part,) = results.glob("experiments/second_parts-*.part")
    before = [json.loads((part / f"part{k}.json").read_text()) for k in (0, 1)]

    process = paper(folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert "hedon: broken: " in err and err.splitlines()[-1].startswith("hedon: not made: broken;"), err
    assert "first: results/paper/figures/first/first.png (1 of 3, " in out
    assert "second_parts " in out and "✓ parts: 4" in out
    found = json.loads((results / "figures" / manifest.NAME).read_text())
    assert found["scale"] == "paper" and list(found["figures"]) == ["first", "second"]
    second = found["figures"]["second"]
    assert second["claims"] == {"held": 1, "failed": 0, "waiting": 0}
    result = results / "experiments" / second["experiments"]["second_parts"]["result"]
    with xr.open_dataset(result / "result.nc", engine="h5netcdf") as data:
        assert data["made"].values[:2].tolist() == before, "what was made before the kill was made again"
    for name, digest in second["files"].items():
        assert sha256((results / "figures" / "second" / name).read_bytes()).hexdigest() == digest
    assert "second" in (results / "figures" / "report.html").read_text("utf-8")
    assert "## second" in (results / "figures" / "claims.md").read_text("utf-8")


def test_a_manifest_keeps_what_still_is_so(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    for name in ("one.png", "one.pdf", "one.svg", "made_from.json", "claims.json"):
        (folder / name).write_text(name)
    kept = {"scale": "paper", "seed": 0, "figures": {"one": {"files": manifest._files(folder)}}}
    (tmp_path / manifest.NAME).write_bytes(manifest.text(kept))
    assert manifest.begun(tmp_path, "paper", 0) == kept
    assert manifest.begun(tmp_path, "paper", 1)["figures"] == {}
    assert manifest.begun(tmp_path, "quick", 0)["figures"] == {}
    (folder / "one.svg").write_text("another")
    assert manifest.begun(tmp_path, "paper", 0)["figures"] == {}
    for text in ("", "[]", '{"scale": "paper", "seed": 0, "figures": 3}'):
        (tmp_path / manifest.NAME).write_text(text)
        assert manifest.begun(tmp_path, "paper", 0)["figures"] == {}
