"""Learning rate early and late after a change; CSV or NWB files (estimate, outcome, change_point).

The null: change points lie at random in each session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...analysis.behaviour.change_points import EARLY, LATE, update_slopes
from ...analysis.statistics.comparison import Measured
from .files import Progress, people


def measure(files: Sequence[Path], columns: Mapping[str, str], progress: Progress | None = None) -> Measured:
    behaviour = people(files, ("estimate", "outcome", "change_point"), columns)
    names = tuple(f"trials {low} to {high} after a change" for low, high in (EARLY, LATE))
    found, null = (_with_difference(update_slopes(behaviour, shuffle=seed)) for seed in (None, 0))
    return Measured((*names, "early less late"), found, null, "learning rate", kind="subject")


def _with_difference(slopes: np.ndarray) -> np.ndarray:
    """Within a subject, where subjects differ more from each other than early from late."""
    return np.column_stack([slopes, slopes[:, 0] - slopes[:, 1]])
