"""hedon: neurons that learn from one broadcast signal (after Klopf 1982, the hedonistic neuron).

What the command line does, as calls; nothing is imported before it is used:

    hedon.run("train", overrides={"eta": 1e-3})      the result of an experiment, found again or made
    hedon.tune("volatile_bandit", workers=2)         ... of one that searches, by several processes
    hedon.figure("learning_curves")                  a matplotlib Figure, its experiments run where need be
    hedon.compare(["cell.nwb"], "reward-response")   picture and tables of an analysis, models beside data
    hedon.measure("reward-response", hedon.Data([Path("cell.nwb")]))    its numbers alone
    hedon.infer(["behaviour.csv"], "two-arms")       coefficients of subjects, a network that lives at them
    hedon.export("results/experiments/session-…", "simulated.nwb")      a simulated session as a recording
    hedon.report("results/figures")                  one HTML page of all figures and claims
    hedon.compile_program(build, config)             a Brian2 network as a function
    hedon.RateNetwork(task, rule), hedon.train(network, trials=…)       see the README
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .analysis.foundation.results import read as read_result
    from .figures.compare import compare
    from .figures.comparisons import measure
    from .figures.comparisons.data import Data
    from .figures.infer import command as infer
    from .figures.page import write as report
    from .figures.report import figure
    from .models.conditioning.sessions import export
    from .models.experiments import run, tune
    from .models.program import compile_program
    from .models.rate.network import RateNetwork
    from .models.rate.training import train

_WHERE = {
    "Data": "figures.comparisons.data:Data",
    "RateNetwork": "models.rate.network:RateNetwork",
    "compare": "figures.compare:compare",
    "compile_program": "models.program:compile_program",
    "export": "models.conditioning.sessions:export",
    "figure": "figures.report:figure",
    "infer": "figures.infer:command",
    "measure": "figures.comparisons:measure",
    "read_result": "analysis.foundation.results:read",
    "report": "figures.page:write",
    "run": "models.experiments:run",
    "train": "models.rate.training:train",
    "tune": "models.experiments:tune",
}

__all__ = [
    "Data",
    "RateNetwork",
    "compare",
    "compile_program",
    "export",
    "figure",
    "infer",
    "measure",
    "read_result",
    "report",
    "run",
    "train",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    supported()
    module, _, attribute = _WHERE[name].partition(":")
    return getattr(importlib.import_module(f".{module}", __name__), attribute)


def supported() -> None:
    """Raise Mistake where programs cannot be made: Windows itself lacks the locks that they need."""
    if sys.platform == "win32":
        from .analysis.foundation.mistakes import Mistake

        raise Mistake("hedon needs Linux or macOS; on Windows run it in WSL (wsl --install)")


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
