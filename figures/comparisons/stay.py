"""Staying by reward and transition in the two-step task; CSV or NWB files (action, reward, common).

The null: a subject's rewards and transitions change places among its trials.
"""

import numpy as np

from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.statistics.comparison import Measured, mean, shuffles_for
from .data import Data


def measure(data: Data) -> Measured:
    behaviour = data.people(("action", "reward", "common"))
    found = stay_probabilities(behaviour)
    many = shuffles_for(len(found.subjects))
    nulls = np.stack([stay_probabilities(behaviour, shuffle=seed).probability for seed in range(many)])
    notes: tuple[str, ...] = ()
    alike = np.all((found.probability == found.probability[:, :1]) | np.isnan(found.probability), axis=1)
    alike &= np.isin(np.nan_to_num(found.probability[:, 0]), (0, 1))
    if alike.any():
        notes = (f"{alike.sum()} of {len(alike)} subjects always stayed, or never",)
    return Measured(
        KINDS,
        found.probability,
        mean(nulls),
        "probability of staying",
        kind="subject",
        notes=notes,
        shuffles=nulls,
        labels=found.subjects,
    )
