"""Staying by reward and transition in the two-step task; CSV or NWB files (action, reward, common).

The null: a subject's rewards and transitions change places among its trials.
"""

from __future__ import annotations

from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.statistics.comparison import Measured
from .data import Data


def measure(data: Data) -> Measured:
    behaviour = data.people(("action", "reward", "common"))
    found, null = stay_probabilities(behaviour), stay_probabilities(behaviour, shuffle=0)
    return Measured(KINDS, found.probability, null.probability, "probability of staying", kind="subject")
