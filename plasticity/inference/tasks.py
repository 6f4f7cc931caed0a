"""What subjects were asked to do: the models that are fitted to it, and a world in which known ones live.

A task gives the family of rules its rivals, each an objective of `empirical_bayes`, and learners with known
coefficients who live it as long as the subjects did (`study`, recovery). Of the subjects' own schedule only
that is known which they met: learners live the reversal bandit that is most likely to have paid so
(`HiddenArm`), or the two-step task with drifting odds (Daw et al. 2011) or, where the second state itself
pays, with odds that swap (Wang et al. 2018).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...analysis.behaviour.bayes_observer import BayesObserver
from ...analysis.behaviour.choices import Choices
from ...analysis.behaviour.hidden_arm import HiddenArm
from ...analysis.behaviour.lagged_regression import LaggedRegression, TransitionRegression
from ...analysis.foundation import Array, Mistake
from ...analysis.statistics.empirical_bayes import Objective, Together
from .coefficients import POINTS, Chart
from .likelihood import Likelihood
from .simulate import World, play
from .two_step import TWO_STEP_POINTS, TwoStepChart, TwoStepLikelihood
from .two_step_lives import TwoStepWorld, play_two_step


class Task(Protocol):
    """What `study` asks."""

    @property
    def chart(self) -> Chart:
        """Which coefficients of the family are free."""

    def check(self, choices: Choices) -> None:
        """Refuse choices that are none of this task."""

    def models(self, choices: Choices) -> Mapping[str, Objective]:
        """The family, by that name and first, and its rivals."""

    def world(self, choices: Choices) -> str:
        """The world of `lived`, in words."""

    def lived(self, choices: Choices, x: Array, sessions: int, trials: int, seed: int) -> Objective:
        """The family's likelihood of what learners with the coefficients ``x`` (subject, coefficient) chose
        in so many sessions of so many trials."""


@dataclass(frozen=True)
class Bandit:
    """Arms that pay."""

    chart: Chart = field(default_factory=Chart)

    def check(self, choices: Choices) -> None:
        """Anything goes."""

    def models(self, choices: Choices) -> dict[str, Objective]:
        return {
            "family": Likelihood(self.chart, choices),
            "logistic regression, 10 lags": LaggedRegression(choices, 10),
            "logistic regression, 5 lags": LaggedRegression(choices, 5),
            "Q": Likelihood(POINTS["Q"], choices),
            "Q, forgetting": Likelihood(POINTS["Q, forgetting"], choices),
            "Bayes observer": BayesObserver(choices),
        }

    def world(self, choices: Choices) -> str:
        met = HiddenArm.of(choices)
        odds = f"one arm pays {met.high:.2f}, others {met.low:.2f}"
        return f"{odds}; before each trial it moves with probability {met.hazard:.3f}"

    def lived(self, choices: Choices, x: Array, sessions: int, trials: int, seed: int) -> Objective:
        met = HiddenArm.of(choices)
        world = World(choices.options, met.high, met.low, met.hazard, trials, sessions)
        return Likelihood(self.chart, play(self.chart, x, world, seed))


@dataclass(frozen=True)
class TwoSteps:
    """Two choices, or one, on the way to what pays."""

    chart: TwoStepChart = field(default_factory=TwoStepChart)

    def check(self, choices: Choices) -> None:
        """Raises:
        Mistake: transitions from which nothing can be told.
        """
        if not 0 < choices.p_common < 1:
            which = "common" if choices.p_common else "rare"
            raise Mistake(f"all transitions are {which}: a planner and a model-free learner look the same")
        if choices.p_common < 0.5:
            share = f"{choices.p_common:.2f}"
            raise Mistake(
                f"only {share} of the transitions are common: is 'common' coded the other way round?"
            )

    def models(self, choices: Choices) -> dict[str, Objective]:
        found: dict[str, Objective] = {"family": TwoStepLikelihood(self.chart, choices)}
        for lags in (10, 5):
            first = TransitionRegression(choices, lags)
            found[f"logistic regression, {lags} lags"] = (
                first
                if choices.options2 == 1
                else Together((first, TwoStepLikelihood(SECOND, choices, (2,))))
            )
        for name, chart in TWO_STEP_POINTS.items():
            if name != "family":
                found[name] = TwoStepLikelihood(chart, choices)
        return found

    def world(self, choices: Choices) -> str:
        odds = "swapping" if choices.options2 == 1 else "drifting"
        return f"{odds} odds, {choices.p_common:.2f} of the transitions are common"

    def lived(self, choices: Choices, x: Array, sessions: int, trials: int, seed: int) -> Objective:
        world = TwoStepWorld(choices.options2, choices.p_common, trials, sessions)
        return TwoStepLikelihood(self.chart, play_two_step(self.chart, x, world, seed))


SECOND = TwoStepChart(("alpha2", "forgetting", "beta2"), {}, "second choices")
"""What tells the second choice beside a regression of the first."""
