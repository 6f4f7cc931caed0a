"""Recurrent networks in episodes of a bandit: a program beside C++ by hand, in updates per second."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from timing import child_seconds, in_turn, one_core, ratio

from hedon.models.program import keyed
from hedon.models.recurrent.network import RecurrentNetwork
from hedon.models.tasks import EpisodicBandit

TRIALS, EPISODES = 100, 150
PARAMETERS = {
    "eta": 0.01,
    "eta_value": 0.001,
    "eta_recurrent": 1e-4,
    "eta_input": 1e-4,
    "sigma": 0.1,
    "gamma": 0.9,
    "trace": 0.5,
}


def called(net: RecurrentNetwork) -> tuple[float, float]:
    """CPU seconds of the episodes, and the reward that was earned in all."""
    program = net.program()
    earned = []

    def seconds(duration: int) -> float:
        def call() -> None:
            lived = program(
                PARAMETERS, seed=1, duration=duration, outputs=["reward_mean"] if duration else ["z"]
            )
            if duration:
                earned.append(float(lived["reward_mean"].sum()) * net.block)

        return child_seconds(call)

    return seconds(EPISODES) - seconds(0), earned[0]


def by_hand(folder: Path) -> Path:
    binary = folder / "by_hand"
    include = Path(keyed.__file__).parent
    source = Path(__file__).with_name("recurrent.cpp")
    command = ["g++", "-O3", "-march=native", "-ffast-math", f"-I{include}", "-o", str(binary), str(source)]
    subprocess.run(command, check=True)
    return binary


def main() -> dict[str, str]:
    one_core()
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        binary = by_hand(Path(folder))
        for units, individuals in ((32, 5), (48, 15)):
            net = RecurrentNetwork(EpisodicBandit(TRIALS), units=units, individuals=individuals, block=50)
            command = [str(binary), *map(str, (individuals, units, TRIALS, EPISODES))]
            expected = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            if abs(called(net)[1] - expected) > 0.02 * expected:
                raise RuntimeError("the loop by hand and the program do not earn the same")
            seconds = in_turn(
                {
                    "program": lambda net=net: called(net)[0],
                    "by hand": lambda command=command: child_seconds(
                        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                    ),
                }
            )
            what = f"{individuals} individuals of {units} units"
            updates = individuals * net.synapses * TRIALS * EPISODES / min(seconds["program"])
            table[f"{what}: throughput of the program"] = f"{updates:.3g} updates/s at best"
            table[f"{what}: program / C++ by hand (aim: at least 0.5)"] = ratio(
                seconds["by hand"], seconds["program"]
            )
    return table
