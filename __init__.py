"""hedon: neurons that learn from one broadcast signal (after Klopf 1982, the hedonistic neuron).

What the command line does, as calls; nothing is imported before it is used:

    hedon list        hedon.listing()                               what there is to run and to draw
    hedon run         hedon.run("train", overrides={"eta": 1e-3})   an experiment's result, found or made
    hedon tune        hedon.tune("volatile_bandit", workers=2)      ... of one that searches, by processes
    hedon figures     hedon.figure("learning_curves")               a matplotlib Figure
                      hedon.claims("learning_curves")               what it claims, and whether that holds
                      hedon.make_figures(["learning_curves"])       pictures and claims as files
    ... --seeds 0..9  hedon.over_seeds(["learning_curves"])         how often each claim holds
    hedon compare     hedon.compare(["cell.nwb"], "reward-response")   picture, tables, models beside data
                      hedon.measure("reward-response", hedon.Data([Path("cell.nwb")]))  the numbers alone
    hedon infer       hedon.infer(["behaviour.csv"], "two-arms")    coefficients, and a network that has them
    hedon power       hedon.power(("node", "weight"), trials=40)    sessions that tell two rules apart
    hedon export      hedon.export("results/experiments/session-…", "new.nwb")   a session as a recording
    hedon report      hedon.report("results/figures")               one HTML page of all figures and claims
    hedon cache       hedon.cache.entries(), hedon.cache.clear()    the compiled programs

Beside it `hedon.compile_program(build, config)`, a Brian2 network as a function, `hedon.read_result(folder)`,
`hedon.read_recording(file)`; `hedon.RateNetwork(task, rule)` and `hedon.train(network, trials=…)`, see the
README. In a notebook results, claims, programs and recordings are shown as tables.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .analysis.foundation.results import read as read_result
    from .analysis.recordings.files import read_recording
    from .figures.compare import compare
    from .figures.comparisons import measure
    from .figures.comparisons.data import Data
    from .figures.infer import command as infer
    from .figures.over_seeds import over_seeds
    from .figures.page import write as report
    from .figures.power import command as power
    from .figures.report import claims_of as claims
    from .figures.report import figure, listing
    from .figures.report import make as make_figures
    from .models.experiments import export, run, tune
    from .models.program import cache, compile_program
    from .models.rate.network import RateNetwork
    from .models.rate.training import train

_WHERE = {
    "Data": "figures.comparisons.data:Data",
    "RateNetwork": "models.rate.network:RateNetwork",
    "cache": "models.program.cache",
    "claims": "figures.report:claims_of",
    "compare": "figures.compare:compare",
    "compile_program": "models.program:compile_program",
    "export": "models.experiments:export",
    "figure": "figures.report:figure",
    "infer": "figures.infer:command",
    "listing": "figures.report:listing",
    "make_figures": "figures.report:make",
    "measure": "figures.comparisons:measure",
    "over_seeds": "figures.over_seeds:over_seeds",
    "power": "figures.power:command",
    "read_recording": "analysis.recordings.files:read_recording",
    "read_result": "analysis.foundation.results:read",
    "report": "figures.page:write",
    "run": "models.experiments:run",
    "train": "models.rate.training:train",
    "tune": "models.experiments:tune",
}

__all__ = [
    "Data",
    "RateNetwork",
    "cache",
    "claims",
    "compare",
    "compile_program",
    "export",
    "figure",
    "infer",
    "listing",
    "make_figures",
    "measure",
    "over_seeds",
    "power",
    "read_recording",
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
    found = importlib.import_module(f".{module}", __name__)
    return getattr(found, attribute) if attribute else found


def supported() -> None:
    """Raise Mistake where programs cannot be made: Windows itself lacks the locks that they need."""
    if sys.platform == "win32":
        from .analysis.foundation.mistakes import Mistake

        raise Mistake("hedon needs Linux or macOS; on Windows run it in WSL (wsl --install)")


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])


if "IPython" in sys.modules:
    from .figures.shown import in_notebooks

    in_notebooks()
