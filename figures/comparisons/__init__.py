"""Analyses of `hedon compare`: each turns files, or a model's result, into rows of named numbers.

An analysis is a module whose docstring's first line says what it measures and in which files, with
`measure(data: Data) -> Measured`. `EXPERIMENTS` names the experiments whose results hold its
numbers too: of them `of_result(dataset) -> {model: {number: value}}`, but for ``session``, whose spikes go
through `measure`. A new one is one file and one line in `ANALYSES`.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from ...analysis.foundation.registry import Registry

if TYPE_CHECKING:
    from ...analysis.statistics.comparison import Measured
    from .data import Data

ANALYSES = Registry(
    "analysis",
    __name__,
    {
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
    },
)
"""Name -> module, written '.name' for one in this folder."""


def load(name: str) -> ModuleType:
    """The module of the analysis ``name``; an unknown one is a Mistake."""
    return ANALYSES.load(name)  # type: ignore[no-any-return]


def measure(name: str, data: Data) -> Measured:
    """What the analysis ``name`` finds in the data, with the notes that reading them left."""
    found: Measured = load(name).measure(data)
    return replace(found, notes=(*data.notes, *found.notes))


def summary(name: str) -> str:
    """First line of the analysis's docstring, read without importing it."""
    return ANALYSES.summary(name)
