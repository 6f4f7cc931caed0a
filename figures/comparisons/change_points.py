"""Learning rate early and late after a change; CSV or NWB files (estimate, outcome, change_point).

The null: change points lie at random in each session.
"""

import numpy as np

from ...analysis.behaviour.change_points import EARLY, LATE, update_slopes
from ...analysis.statistics.comparison import Measured, mean, shuffles_for
from .data import Data


def measure(data: Data) -> Measured:
    behaviour = data.people(("estimate", "outcome", "change_point"))
    names = tuple(f"trials {low} to {high} after a change" for low, high in (EARLY, LATE))
    subjects = tuple(dict.fromkeys(behaviour["subject"].tolist()))
    found = _with_difference(update_slopes(behaviour))
    many = shuffles_for(len(subjects))
    nulls = np.stack([_with_difference(update_slopes(behaviour, shuffle=seed)) for seed in range(many)])
    return Measured(
        (*names, "early less late"),
        found,
        mean(nulls),
        "learning rate",
        kind="subject",
        shuffles=nulls,
        labels=subjects,
    )


def _with_difference(slopes: np.ndarray) -> np.ndarray:
    """Within a subject, where subjects differ more from each other than early from late."""
    return np.column_stack([slopes, slopes[:, 0] - slopes[:, 1]])
