"""Analyses of `hedon compare`: each turns files, or a model's result, into rows of named numbers.

An analysis is a module whose docstring's first line says what it measures and in which files, with
`measure(data: Data) -> Measured`. `EXPERIMENTS` names the experiments whose results hold its
numbers too: of them `of_result(dataset) -> {model: {number: value}}`, but for ``session``, whose spikes go
through `measure`. `OPTIONS` names what can be chosen in it, event or window. A new one is one file and one
line in `ANALYSES`.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from ...analysis.foundation.mistakes import Mistake
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
    import numpy as np

    from ...analysis.statistics.comparison import mean

    module = load(name)
    for option in ("event", "window"):
        if getattr(data, option) is not None and option not in getattr(module, "OPTIONS", ()):
            raise Mistake(f"the analysis '{name}' has no {option} to choose")
    found: Measured = module.measure(data)
    if not np.isfinite(found.rows).any():
        raise Mistake(f"the analysis '{name}' finds no number in these files: too few trials, or all alike")
    told = None not in data.rows and len(data.rows) == len(found.rows)
    animals = sorted({str(row) for row in data.rows}) if told else []
    if data.animals:
        if not told:
            raise Mistake(f"the files do not say which animal each {found.kind} is of: subject_id is missing")
        groups = [[row for row, whose in enumerate(data.rows) if whose == animal] for animal in animals]
        rows, null = (np.array([mean(part[group]) for group in groups]) for part in (found.rows, found.null))
        shuffles = found.shuffles
        if shuffles is not None:
            shuffles = np.stack([np.array([mean(part[group]) for group in groups]) for part in shuffles])
        found = replace(
            found,
            rows=rows,
            null=null,
            kind="animal",
            known={},
            shuffles=shuffles,
            labels=tuple(animals),
            fitted={name: np.array([np.nanmean(v[g]) for g in groups]) for name, v in found.fitted.items()},
        )
    elif 1 <= len(animals) < len(found.rows):
        many = (
            f"{len(found.rows)} {found.kind}s are of {len(animals)} animal{'s' if len(animals) > 1 else ''}"
        )
        data.note(f"{many}: intervals are over {found.kind}s (--animals: over animals)")
    if not found.labels and told:
        labels = tuple(f"{whose} {found.kind} {row}" for row, whose in enumerate(data.rows))
        found = replace(found, labels=labels)
    return replace(found, notes=(*data.notes, *found.notes, *_equal(found)))


def _equal(found: Measured) -> tuple[str, ...]:
    """A note of the numbers that are the same in all rows, and so have no interval."""
    import numpy as np

    if len(found.rows) < 2:
        return ()
    low, _ = found.interval()
    lost = np.isfinite(found.rows).sum(axis=0) > 1
    names = [name for name, one in zip(found.names, lost & np.isnan(low), strict=True) if one]
    if not names:
        return ()
    more = ", ..." if len(names) > 3 else ""
    which = f"'{names[0]}'" if len(names) == 1 else f"{len(names)} numbers ({', '.join(names[:3])}{more})"
    return (f"no interval of {which}: the same in all {found.kind}s",)


def summary(name: str) -> str:
    """First line of the analysis's docstring, read without importing it."""
    return ANALYSES.summary(name)
