"""A Bayesian observer who sticks to what it chose: a rival that learns nothing by a rule.

    belief_a  <-  belief_a P(r | a is good) / sum,        P(1 | good) = high, P(1 | other) = low      (1)
    belief_a  <-  (1 - h) belief_a + h (1 - belief_a)/(arms - 1)                                      (2)
    logit_a   =   beta belief_a + bias_a + repeat c_a + habit h_a                                   (3)

with the hazard h that it believes in, odds symmetric, low = 1 - high, lapses, and two traces of choices: the
last one c, and h_a <- h_a + habit_rate (chosen_a - h_a). What it forgets is what the world may have changed:
fitted by a rule, it looks like forgetting. An objective of `empirical_bayes`; its gradient is that of complex
steps (Squire & Trapp 1998, doi:10.1137/S003614459631241X), since there are few coefficients.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..foundation.arrays import Array
from .choice_models import Free
from .choices import Choices
from .sessions import Sessions

STEP = 1e-20
SIDE_BY_SIDE = 500
"""Sessions at once, which still fit a cache."""


def observed(arms: int) -> tuple[Free, ...]:
    """The coefficients of an observer of so many arms."""
    return (
        Free("hazard", "share", -2.5, 1.2),
        Free("high", "share", 1.2, 0.8),
        Free("beta", "positive", float(np.log(3.0)), 1.0, 4.0),
        *(Free(f"bias{arm}", "real", 0.0, 1.0) for arm in range(1, arms)),
        Free("repeat", "real", 0.0, 1.0),
        Free("habit", "real", 0.0, 1.0),
        Free("habit_rate", "share", -1.5, 1.0),
        Free("lapse", "share", -3.5, 1.2),
    )


@dataclass(frozen=True)
class BayesObserver:
    """log L of the subjects of ``choices`` under (1) to (3)."""

    choices: Choices

    @property
    def parameters(self) -> tuple[Free, ...]:
        return observed(self.choices.options)

    @property
    def subjects(self) -> int:
        return len(self.choices.subjects)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions.of(self.choices)

    def value(self, x: Array, who: NDArray, counted: NDArray | None = None) -> Array:
        """log L (row,) at ``x`` (row, coefficient) of the subjects ``who``, over the trials ``counted``."""
        log_p, counts, _, row = self._log_p(x[None], who, counted)
        total = np.zeros(len(x))
        np.add.at(total, row, (log_p[0] * counts).sum(axis=(0, 2)))
        return total

    def evaluate(self, x: Array, who: NDArray, counted: NDArray | None = None) -> tuple[Array, Array, Array]:
        """log L (row,), gradient (row, coefficient), Fisher information (row, coefficient, coefficient)."""
        many, size = x.shape
        displaced = x[None] + 1j * STEP * np.eye(size)[:, None, :]
        log_p, counts, weight, row = self._log_p(displaced, who, counted)
        value, slope, information = np.zeros(many), np.zeros((many, size)), np.zeros((many, size, size))
        np.add.at(value, row, (log_p[0].real * counts).sum(axis=(0, 2)))
        flat = (log_p.imag / STEP).transpose(2, 0, 1, 3).reshape(len(row), size, -1)
        np.add.at(slope, row, (flat @ counts.transpose(1, 0, 2).reshape(len(row), -1, 1))[:, :, 0])
        root = np.sqrt(np.exp(log_p[0].real) * weight[:, :, None]).transpose(1, 0, 2).reshape(len(row), 1, -1)
        flat = flat * root
        np.add.at(information, row, flat @ flat.transpose(0, 2, 1))
        return value, slope, information

    def _log_p(
        self, x: NDArray, who: NDArray, counted: NDArray | None
    ) -> tuple[NDArray, Array, Array, NDArray]:
        """log P (direction, trial, session, option); what counts, at what was chosen (trial, session, option)
        and (trial, session); the row of each session."""
        columns, row = self.sessions.columns(who, self.subjects)
        own, arms = self.sessions.take(columns), self.choices.options
        theta = {p.name: p.value(x[:, row, k, None]) for k, p in enumerate(self.parameters)}
        chosen, made = own.chosen.transpose(0, 2, 1), own.made[:, :, None].astype(float)
        found = np.empty((len(x), *chosen.shape), x.dtype)
        for first in range(0, len(row), SIDE_BY_SIDE):
            at = slice(first, first + SIDE_BY_SIDE)
            state = Observer({name: value[:, at] for name, value in theta.items()}, arms)
            for trial in range(len(chosen)):
                found[:, trial, at] = state.log_policy()
                state.learn(chosen[trial, at], own.reward[trial, at, None], made[trial, at])
        weight = made[:, :, 0] if counted is None else made[:, :, 0] * own.spread(counted)
        return found, chosen * weight[:, :, None], weight, row


class Observer:
    """Beliefs and traces of choices, (direction, row, arm); ``theta`` (direction, row, 1), whose directions
    differ in their imaginary parts alone."""

    def __init__(self, theta: dict[str, NDArray], arms: int) -> None:
        self.theta, self.arms = theta, arms
        shape = (*theta["beta"].shape[:2], arms)
        self.belief = np.full(shape, 1 / arms, theta["beta"].dtype)
        self.last, self.level = np.zeros(shape), np.zeros(shape, theta["beta"].dtype)
        self.bias = np.concatenate(
            [np.zeros_like(theta["beta"]), *(theta[f"bias{arm}"] for arm in range(1, arms))], axis=2
        )

    def log_policy(self) -> NDArray:
        theta = self.theta
        logit = (
            theta["beta"] * self.belief
            + self.bias
            + theta["repeat"] * self.last
            + theta["habit"] * self.level
        )
        soft = np.exp(logit.real[:1] - logit.real[:1].max(axis=-1, keepdims=True))
        soft /= soft.sum(axis=-1, keepdims=True)
        lapse = theta["lapse"].real[:1]
        p = (1 - lapse) * soft + lapse / self.arms
        if not np.iscomplexobj(logit):
            return np.log(p)
        slope = logit.imag - (soft * logit.imag).sum(axis=-1, keepdims=True)
        steep = (1 - lapse) * soft * slope + theta["lapse"].imag * (1 / self.arms - soft)
        return np.asarray(np.log(p) + 1j * (steep / p))

    def learn(self, chosen: Array, reward: Array, made: Array) -> None:
        high, h = self.theta["high"], self.theta["hazard"]
        right = reward * high + (1 - reward) * (1 - high)
        seen = chosen * right + (made - chosen) * (1 - right) + (1 - made)
        belief = self.belief * seen
        belief = belief / belief.sum(axis=-1, keepdims=True)
        moved = (1 - h) * belief + h * (1 - belief) / (self.arms - 1)
        self.belief = made * moved + (1 - made) * self.belief
        self.last = chosen + (1 - made) * self.last
        self.level = self.level + self.theta["habit_rate"] * (chosen - made * self.level)
