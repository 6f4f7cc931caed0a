"""What reward and transition do to staying (logistic regression); CSV or NWB files (action, reward, common).

Each subject's most probable coefficients under the population
(`analysis/behaviour/two_step_regression.py`). The null: a subject's rewards and transitions change places
among its trials.
"""

from __future__ import annotations

from ...analysis.behaviour.two_step_regression import EFFECTS, two_step_regression
from ...analysis.foundation.mistakes import Mistake
from ...analysis.statistics.comparison import Measured
from .data import Data


def measure(data: Data) -> Measured:
    behaviour = data.people(("action", "reward", "common"))
    if not (behaviour["common"] <= 0).any():
        raise Mistake("every transition is common: what a rare one does cannot be told")
    found = two_step_regression(behaviour)
    low, high = found.interval()
    notes = tuple(
        f"population mean of '{name}': {mean:.3f}, 95 % interval {a:.3f} to {b:.3f} (subjects drawn again)"
        for name, mean, a, b in zip(EFFECTS, found.effects, low, high, strict=True)
    )
    null = two_step_regression(behaviour, shuffle=0)
    ends = {name: (float(a), float(b)) for name, a, b in zip(EFFECTS, low, high, strict=True)}
    unit = "log odds of staying"
    return Measured(EFFECTS, found.each, null.each, unit, kind="subject", notes=notes, known=ends)
