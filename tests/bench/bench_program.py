"""Programs: what a build and a call cost, and what a second process pays."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from timing import child_seconds

from hedon.models.program import Program, compile_program, forked
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import NodePerturbation

SECOND = (
    "import sys, time; start = time.perf_counter()\n"
    "from bench_program import three_layers\n"
    "program = three_layers().program()\n"
    "program({}, seed=1, duration=100, outputs=['loss'])\n"
    "assert 'brian2' not in sys.modules\n"
    "print(time.perf_counter() - start)"
)


def three_layers() -> RateNetwork:
    return RateNetwork(
        LinearTeacher(20, 5),
        NodePerturbation(sigma=0.1),
        hidden=(30, 20),
        activations=("relu", "relu", "linear"),
        individuals=4,
    )


def spiking() -> Program:
    sys.path.insert(0, str(Path(__file__).parents[1] / "program"))
    from program_settings import Spiking

    return compile_program("program_networks:spiking", Spiking())


def alone(build: Callable[[], Program]) -> float:
    """CPU seconds of a build that is the first of its process."""

    def work() -> None:
        build()
        forked.stop()  # what it used counts when it has ended

    return child_seconds(work)


def next_one(build: Callable[[], Program], folder: str) -> float:
    """CPU seconds of a build that follows another of its process."""
    os.environ["HEDON_CACHE"] = folder
    manifest = (build().folder / "manifest.json").read_text().partition("\n")[2]
    return json.loads(manifest)["cpu_seconds"]["total"]


def main() -> dict[str, str]:
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEDON_CACHE"] = folder
        builds = {
            "build, three layers of weights under node perturbation": lambda: three_layers().program(),
            "build, spiking network with STDP": spiking,
        }
        for name, build in builds.items():
            table[f"{name} (aim: 4)"] = f"{alone(build):.2f} CPU s"
        three_layers().program()
        for name, build in builds.items():
            table[f"{name}, not the first"] = f"{next_one(build, folder + '/second'):.2f} CPU s"
        os.environ["HEDON_CACHE"] = folder
        program = three_layers().program()
        calls = []
        for seed in range(60):
            start = time.perf_counter()
            program({}, seed=seed, duration=0, outputs=["delta"])
            calls.append(1e3 * (time.perf_counter() - start))
        table["overhead of a call (aim: at most 20 ms)"] = (
            f"{statistics.median(calls):.1f} ms (least {min(calls):.1f})"
        )
        times = []
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", SECOND],
                cwd=Path(__file__).parent,
                capture_output=True,
                text=True,
                check=True,
            )
            times.append(float(done.stdout))
        table["a second process: imports, cache and first call (aim: 0.5 s)"] = (
            f"{statistics.median(times):.2f} s (least {min(times):.2f})"
        )
    return table
