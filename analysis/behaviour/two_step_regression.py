"""The two-step regression: what reward, transition and both together do to the next first choice.

    logit P(stay) = b_0 + b_1 R + b_2 C + b_3 R C                                                   (1)

with R = +1 after a reward and -1 after none, C = +1 after a common transition and -1 after a rare one (Daw
et al. 2011, doi:10.1016/j.neuron.2011.02.027). A learner without a model repeats what paid (b_1 > 0), a
planner repeats what paid after a common and leaves it after a rare transition (b_3 > 0). All four are mixed
over subjects (`mixed`, full covariance): a subject who always stays after one kind of trial has no finite
estimate of its own, but a most probable one under the population. These are drawn together, so that their
spread says too little of the means; intervals of the means have the standard deviation of the whole
regression on subjects drawn again, and Student's t. In the null the kinds of a subject's trials change
places.
"""

from dataclasses import dataclass

import numpy as np

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour
from ..statistics.logistic import logistic
from ..statistics.mixed import Population, population
from .stay import KINDS, stay_probabilities

EFFECTS = ("stay", "reward", "transition", "reward x transition")
DESIGN = np.array([[1.0, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
"""Regressors (1, R, C, RC) of the four `KINDS`."""
WIDE = 4.0
"""Variance of each effect over subjects with which the maximisation begins."""


@dataclass(frozen=True)
class TwoStepRegression:
    """Equation (1), mixed over subjects."""

    subjects: tuple[str, ...]
    counts: Array
    """(subject, kind) pairs of trials"""
    stayed: Array
    """(subject, kind) pairs that stayed"""
    population: Population

    @property
    def effects(self) -> Array:
        """Means of the population, (effect,), in the order of `EFFECTS`."""
        return self.population.mean

    @property
    def each(self) -> Array:
        """Most probable effects of each subject, (subject, effect)."""
        return self.population.modes

    def interval(self, resamples: int = 300, level: float = 0.95, seed: int = 0) -> tuple[Array, Array]:
        """Interval of the means, (effect,) twice: t sqrt(n/(n-1)) standard deviations of the whole regression
        on subjects drawn again, n subjects."""
        from scipy.special import stdtrit

        many = len(self.subjects)
        drawn = np.random.default_rng(seed).integers(many, size=(resamples, many))
        means = _mixed(self.counts[drawn], self.stayed[drawn]).mean
        half = stdtrit(many - 1, (1 + level) / 2) * means.std(axis=0, ddof=1) * np.sqrt(many / (many - 1))
        return self.effects - half, self.effects + half


def two_step_regression(behaviour: Behaviour, shuffle: int | None = None) -> TwoStepRegression:
    """Equation (1) on pairs of trials that follow each other directly (`stay`).

    ``shuffle``: a seed; the null, in which the rewards and transitions of a subject's trials change places.

    Raises:
        Mistake: a column is missing (action, reward, common), or there are fewer than two subjects.
    """
    table = stay_probabilities(behaviour, shuffle)
    if len(table.subjects) < 2:
        raise Mistake("the regression is mixed over subjects: two or more are needed")
    stayed = np.where(table.counts > 0, np.nan_to_num(table.probability) * table.counts, 0.0)
    return TwoStepRegression(table.subjects, table.counts, stayed, _mixed(table.counts, stayed))


def _mixed(counts: Array, stayed: Array) -> Population:
    """The population of (..., subject, kind) counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(counts > 0, stayed / counts, 0.0)

    def modes(mean: Array, precision: Array, begin: Array) -> tuple[Array, Array]:
        return logistic(
            DESIGN, share, counts, mean=mean[..., None, :], precision=precision[..., None, :, :], begin=begin
        )

    size = len(KINDS)
    lead = counts.shape[:-2]
    begin = np.zeros((*counts.shape[:-1], size))
    mean, covariance = np.zeros((*lead, size)), np.broadcast_to(WIDE * np.eye(size), (*lead, size, size))
    return population(modes, begin, mean=mean, covariance=covariance)
