"""Dopamine-modulated STDP, 1,000 inputs onto 1,000 neurons: a program beside NEST and ANNarchy.

Poisson inputs of 20 Hz, 10 % connectivity, 10 dopamine neurons of 5 Hz, steps of 1 ms, one thread each.
NEST and ANNarchy may live in environments of their own: HEDON_NEST_PYTHON and HEDON_ANNARCHY_PYTHON name
their interpreters. Measured with the rule's event-driven form, which leaves a synapse alone between its
spikes, and with the clocked one, which moves it in every step.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from dopamine_stdp_network import StdpNetwork
from timing import child_seconds, in_turn, one_core, ratio

from hedon.models.program import Program, compile_program

HERE = Path(__file__).parent
SECONDS, ROUNDS = 10.0, 3
INTERVALS = (1, 10, 100, 1000)
"""deliver_interval of NEST's volume_transmitter, in ms; the first is its default."""


def program(integration: str) -> Program:
    network = StdpNetwork()
    rule = dataclasses.replace(network.rule, integration=integration)  # type: ignore[arg-type]
    sys.path.insert(0, str(HERE))
    return compile_program("dopamine_stdp_network:build", dataclasses.replace(network, rule=rule))


def called(made: Program) -> float:
    """CPU seconds per biological second, without what a call of no duration costs."""

    def seconds(duration: float) -> float:
        return child_seconds(lambda: made({}, seed=1, duration=duration))

    return (seconds(SECONDS) - seconds(0.0)) / SECONDS


def build_seconds(made: Program) -> float:
    return float(json.loads((Path(made.folder) / "interface.json").read_text())["cpu_seconds"]["total"])


class Other:
    """Another simulator, run by a script of its own."""

    def __init__(self, name: str, script: str, variable: str, *arguments: object) -> None:
        self.name, self.script = name, HERE / script
        self.python = os.environ.get(variable, sys.executable)
        self.missing = ""
        if self._run(["-c", f"import {name}"]).returncode:
            self.missing = f"skipped: {variable} names no interpreter that has '{name}'"
        elif (tried := self._run([str(self.script), "0.1", *map(str, arguments)])).returncode:
            self.missing = f"skipped: {(tried.stderr.strip().splitlines() or ['failed'])[-1]}"

    def _run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        beside = os.pathsep.join([str(Path(self.python).parent), os.environ.get("PATH", "")])
        try:
            return subprocess.run(
                [self.python, *arguments], capture_output=True, text=True, env=os.environ | {"PATH": beside}
            )
        except OSError as error:
            return subprocess.CompletedProcess(arguments, 1, "", str(error))

    def measure(self, seconds: float, *arguments: object) -> dict[str, Any]:
        done = self._run([str(self.script), str(seconds), *map(str, arguments)])
        if done.returncode:
            raise RuntimeError(f"{self.script.name}: {done.stderr.strip().splitlines()[-1:]}")
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return found | {"per second": found["seconds"] / seconds}


def main() -> dict[str, str]:
    one_core()
    event, clocked = program("event"), program("clocked")
    rate = event({}, seed=1, duration=SECONDS)["spikes"].mean() / SECONDS
    works = {"event": lambda: called(event), "clocked": lambda: called(clocked)}
    facts: dict[str, dict[str, Any]] = {}

    def other(simulator: Other, name: str, *arguments: object) -> float:
        facts[name] = simulator.measure(SECONDS, *arguments)
        return float(facts[name]["per second"])

    table = {"hedon: rate of the neurons": f"{rate:.1f} Hz"}
    nest = Other("nest", "dopamine_stdp_nest.py", "HEDON_NEST_PYTHON", INTERVALS[-1])
    annarchy = Other("ANNarchy", "dopamine_stdp_annarchy.py", "HEDON_ANNARCHY_PYTHON")
    best = 0
    if not nest.missing:
        tried = {interval: nest.measure(1.0, interval)["per second"] for interval in INTERVALS}
        table["NEST: CPU s per biological s, deliver_interval in ms"] = ", ".join(
            f"{interval}: {spent:.3g}" for interval, spent in tried.items()
        )
        best = min(tried, key=lambda interval: tried[interval])
        works["NEST"] = lambda: other(nest, "NEST", best)
    if not annarchy.missing:
        works["ANNarchy"] = lambda: other(annarchy, "ANNarchy")
    seconds = in_turn(works, ROUNDS)

    for name, spent in seconds.items():
        table[f"{name}: CPU s per biological s"] = f"{statistics.median(spent):.3g}"
    table["build, CPU s: event"] = f"{build_seconds(event):.2g}"
    for name, found in facts.items():
        table[f"build, CPU s: {name} {found['version']} (rate {found['rate']:.1f} Hz)"] = (
            f"{found['build']:.2g}"
        )
    table["clocked / event"] = ratio(seconds["clocked"], seconds["event"])
    for simulator, name, aim in ((nest, "NEST", 3), (annarchy, "ANNarchy", 1.5)):
        title = (
            f"{name}{f', deliver_interval {best} ms' if name == 'NEST' and best else ''} / event (aim: {aim})"
        )
        table[title] = simulator.missing or ratio(seconds[name], seconds["event"])
    return table


if __name__ == "__main__":
    for line in main().items():
        print(*line, sep="  ")
