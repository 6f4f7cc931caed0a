"""Analyses of `hedon compare`: each turns files, or a model's result, into rows of named numbers.

An analysis is a module whose docstring's first line says what it measures and in which files, with
`measure(files, columns, progress) -> Measured`. `EXPERIMENTS` names the experiments whose results hold its
numbers too: of them `of_result(dataset) -> {model: {number: value}}`, but for ``session``, whose spikes go
through `measure`. A new one is one file and one line in `ANALYSES`.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from ...analysis.foundation.mistakes import Mistake, nearest
from ...models.experiments import docstring

ANALYSES: dict[str, str] = {
    "reward-response": ".reward_response",
    "trace-response": ".trace_response",
    "peri-event": ".peri_event",
    "dip-depth": ".dip_depth",
    "dip-duration": ".dip_duration",
    "reversal-points": ".reversal_points",
    "stay-probabilities": ".stay",
    "two-step-regression": ".two_step_regression",
    "kernels": ".kernels",
    "choice-fit": ".choice_fit",
    "unit-coding": ".unit_coding",
    "change-point-rate": ".change_points",
}
"""Name -> module, written '.name' for one in this folder."""


def load(name: str) -> ModuleType:
    """The module of the analysis ``name``; an unknown one is a Mistake."""
    return importlib.import_module(_module(name), __name__)


def summary(name: str) -> str:
    """First line of the analysis's docstring, read without importing it."""
    return docstring(_module(name), __name__).partition("\n")[0]


def _module(name: str) -> str:
    if name not in ANALYSES:
        raise Mistake(f"no analysis '{name}'{nearest(name, ANALYSES)}; there are {', '.join(ANALYSES)}")
    return ANALYSES[name]
