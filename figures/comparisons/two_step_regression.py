"""What reward and transition do to staying (logistic regression); CSV or NWB files (action, reward, common).

Each subject's most probable coefficients under the population
(`analysis/behaviour/two_step_regression.py`). The null: a subject's rewards and transitions change places
among its trials.
"""

import numpy as np

from ...analysis.behaviour.two_step_regression import EFFECTS, two_step_regression
from ...analysis.foundation.mistakes import Mistake
from ...analysis.statistics.comparison import Measured, shuffles_for
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
    many = shuffles_for(len(found.subjects))
    nulls = np.stack([two_step_regression(behaviour, shuffle=seed).each for seed in range(many)])
    each = found.each
    alike = ((found.stayed == 0) | (found.stayed == found.counts)).all(axis=1)
    if alike.any():
        notes += (
            f"{alike.sum()} of {len(each)} subjects always did the same after each kind of trial: their own "
            "effects are without bound, those shown are held by the population",
        )
    if not found.population.stood:
        notes += (f"the fit stopped early, after {found.population.steps} steps",)
    ends = {name: (float(a), float(b)) for name, a, b in zip(EFFECTS, low, high, strict=True)}
    unit = "log odds of staying"
    return Measured(
        EFFECTS,
        each,
        nulls.mean(axis=0),
        unit,
        kind="subject",
        notes=notes,
        known=ends,
        shuffles=nulls,
        labels=found.subjects,
        fitted={f"regression: {name}": each[:, k] for k, name in enumerate(EFFECTS)},
    )
