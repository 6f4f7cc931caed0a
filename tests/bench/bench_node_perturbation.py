"""Node perturbation, 64 individuals x (100 -> 10): a program beside C++ by hand and batched numpy."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from timing import child_seconds, in_turn, one_core, ratio

from hedon.models.program import keyed
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import NodePerturbation

INDIVIDUALS, INPUTS, OUTPUTS, TRIALS = 64, 100, 10, 3000


def network(inputs: int = INPUTS, individuals: int = INDIVIDUALS) -> RateNetwork:
    return RateNetwork(
        LinearTeacher(inputs, OUTPUTS),
        NodePerturbation(eta=1e-4, sigma=0.1),
        individuals=individuals,
        block=500,
    )


def called(net: RateNetwork, trials: int) -> float:
    program = net.program()

    def seconds(duration: int) -> float:
        return child_seconds(lambda: program({}, seed=1, duration=duration, outputs=["delta"]))

    return seconds(trials) - seconds(0)


def by_hand(folder: Path) -> Path:
    source = Path(__file__).with_name("node_perturbation.cpp")
    binary = folder / "by_hand"
    include = Path(keyed.__file__).parent
    subprocess.run(
        ["g++", "-O3", "-march=native", f"-I{include}", "-o", str(binary), str(source)], check=True
    )
    return binary


def batched_numpy(trials: int) -> float:
    """All individuals in one array operation; seconds."""
    draw = np.random.default_rng(1)
    w = draw.normal(size=(INDIVIDUALS, OUTPUTS, INPUTS)) / INPUTS**0.5
    teacher = draw.normal(size=w.shape)
    start = time.process_time()
    for _ in range(trials):
        x = draw.standard_normal((INDIVIDUALS, INPUTS, 1))
        target = teacher @ x + 0.0 * draw.standard_normal((INDIVIDUALS, OUTPUTS, 1))
        error = w @ x - target
        z = 0.1 * draw.standard_normal((INDIVIDUALS, OUTPUTS, 1))
        delta = 0.5 * ((error**2).sum(axis=1) - ((error + z) ** 2).sum(axis=1))
        w += (1e-4 / 0.01 * delta[:, :, None] * z) * x.transpose(0, 2, 1)
    return time.process_time() - start


def exponent(sizes: list[int], seconds: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def peak_bytes(net: RateNetwork) -> int:
    """Peak memory of a call (resident), from a fresh process that makes nothing else."""
    code = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from bench_node_perturbation import network\n"
        "p = network(int(sys.argv[2]), int(sys.argv[3])).program()\n"
        "p({}, seed=1, duration=1, outputs=['delta'])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    net.program()  # built here, so that the building is not among the children that are measured
    size, individuals = net.sizes[0], net.individuals
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(size), str(individuals)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) * 1024


def main() -> dict[str, str]:
    one_core()
    with tempfile.TemporaryDirectory() as folder:
        binary = by_hand(Path(folder))
        arguments = [str(binary), *map(str, (INDIVIDUALS, INPUTS, OUTPUTS, TRIALS))]
        seconds = in_turn(
            {
                "program": lambda: called(network(), TRIALS),
                "by hand": lambda: child_seconds(
                    lambda: subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
                ),
                "numpy": lambda: batched_numpy(TRIALS),
            }
        )
    synapses = INDIVIDUALS * INPUTS * OUTPUTS
    best = synapses * TRIALS / min(seconds["program"])
    table = {
        "throughput of the program": f"{best:.3g} synaptic updates/s at best",
        "program / C++ by hand (aim: at least 0.6)": ratio(seconds["by hand"], seconds["program"]),
        "program / batched numpy (aim: above 1)": ratio(seconds["numpy"], seconds["program"]),
    }
    inputs, individuals = [50, 100, 200, 400, 800], [16, 32, 64, 128, 256]
    by_synapses = [min(called(network(inputs=n), 60_000 // n) * n for _ in range(3)) for n in inputs]
    by_individuals = [
        min(called(network(individuals=n), 38_400 // n) * n for _ in range(3)) for n in individuals
    ]
    table["exponent of cost in synapses (aim: at most 1.05)"] = f"{exponent(inputs, by_synapses):.3f}"
    table["exponent of cost in individuals (aim: at most 1.05)"] = (
        f"{exponent(individuals, by_individuals):.3f}"
    )
    small, large = network(inputs=1000), network(inputs=4000)
    extra = (4000 - 1000) * OUTPUTS * INDIVIDUALS
    table["memory per plastic synapse, teacher's included (aim: at most 64 B)"] = (
        f"{(peak_bytes(large) - peak_bytes(small)) / extra:.1f} B"
    )
    return table
