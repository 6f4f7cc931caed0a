"""A distribution of bandits whose arms stand still.

Static bandits draw the probabilities of reward of each individual's arms: independently from (0, 1); p and
1 - p with p from (0, 1), where what one arm pays tells of the other (Wang et al. 2018,
doi:10.1038/s41593-018-0147-8); or fixed values in an order that is drawn. The players
of these tasks are in analysis/players.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .bernoulli_bandit import BernoulliBandit
from .distribution import DRAW, Drawn, Split, TaskDistribution, world_seed


@dataclass(frozen=True)
class Arms:
    """How the probabilities of reward of an individual's arms are drawn.

    Raises:
        Mistake: a family that does not exist, fixed probabilities that do not fit the arms.
    """

    number: int = 2
    family: Literal["independent", "mirrored", "fixed"] = "independent"
    probabilities: tuple[float, ...] = ()
    """of the family fixed: one for each arm"""

    def __post_init__(self) -> None:
        if self.family not in ("independent", "mirrored", "fixed"):
            raise Mistake(f"Arms: family is '{self.family}', must be independent, mirrored or fixed")
        if self.family == "mirrored" and self.number != 2:
            raise Mistake(f"Arms: {self.number} arms cannot mirror each other, two can")
        if len(self.probabilities) != (self.number if self.family == "fixed" else 0):
            raise Mistake(f"Arms: {self.probabilities} are not the probabilities of {self.family} arms")
        if not all(0 <= chance <= 1 for chance in self.probabilities):
            raise Mistake(f"Arms: {self.probabilities} must lie in [0, 1]")

    def chances(self, task_seed: int, individuals: int) -> NDArray[np.float64]:
        """Probabilities of reward (individual, arm)."""
        who, arm = np.ogrid[:individuals, : self.number]
        draws = uniform(task_seed, DRAW[0], who, 0, arm)
        if self.family == "independent":
            return draws
        if self.family == "mirrored":
            return np.column_stack([draws[:, 0], 1 - draws[:, 0]])
        return np.array(self.probabilities)[draws.argsort(axis=1)]


@dataclass(frozen=True)
class StaticBandits(TaskDistribution):
    """Bandits whose arms stand still; draws have the parameter ``chance`` (individual, arm)."""

    usual: Arms = Arms()
    """for training and held-out tasks"""
    beyond: tuple[tuple[str, Arms], ...] = (
        ("mirrored", Arms(2, "mirrored")),
        ("three", Arms(3)),
        ("five", Arms(5)),
        (".1/.9", Arms(2, "fixed", (0.1, 0.9))),
        (".25/.75", Arms(2, "fixed", (0.25, 0.75))),
        (".4/.6", Arms(2, "fixed", (0.4, 0.6))),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        """``number`` tasks of the usual kind; out of distribution, of each other kind."""
        kinds = self.beyond if split == "out_of_distribution" else (("usual", self.usual),)
        if number < 1:
            raise Mistake(f"{number} tasks cannot be drawn")
        drawn = []
        for place, (kind, arms) in enumerate(kinds):
            task_seed = world_seed(seed, split, place)
            chance = arms.chances(task_seed, number)
            drawn.append(Drawn(kind, BernoulliBandit(arms.number), number, task_seed, {"chance": chance}))
        return drawn
