"""People in the space of rules: what the three-armed reversal task says of them, where it is recorded.

Behaviour of the Niv lab (`nivlab/sciops`, MIT): six blocks of 15 trials, the good arm (.8, others .2) moves
from block to block. Every third of its 406 people is taken, which is what a figure has time for.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from ...analysis.behaviour.choices import Choices, bandit_choices
from ...analysis.recordings.behaviour import read_behaviour
from ...analysis.recordings.places import data_file
from ...analysis.statistics.empirical_bayes import Fitted
from .coefficients import FIRM, Chart
from .distance import refitted
from .simulate import World

FILE = "reversal_three_arms.csv.gz"
WORLD = World(3, 0.8, 0.2, 0.0, 90, 1, 15)
"""The task as it was given."""
EACH = 3
"""One person of so many is taken."""


@dataclass(frozen=True)
class People:
    """What they chose, and their coefficients."""

    choices: Choices
    fitted: Fitted
    firm: Fitted
    """of a readout whose looseness does not change (`coefficients.FIRM`)"""


@cache
def people() -> People | None:
    """The people; None where the recording is absent."""
    path = data_file(FILE)
    if path is None:
        return None
    every = bandit_choices(read_behaviour(path, ("action", "reward")))
    choices = every.take(np.arange(0, len(every.subjects), EACH))
    return People(choices, refitted(Chart(), choices, 0), refitted(Chart(FIRM), choices, 0))
