"""Models of choice: what a subject would choose next, given all that it did and got before.

A model gives the logits of the options before each choice; `choice_fits` makes the likelihood of these.
Options are chosen with probability

    P(a) = exp(logit_a) / sum_b exp(logit_b).                                                        (1)

Q-learning (Watkins 1989; Sutton & Barto 2018, ch. 2), with perseveration (Lau & Glimcher 2005,
doi:10.1901/jeab.2005.110-04):

    logit_a = beta Q_a + p [a was chosen last],     Q_a += alpha (r - Q_a)  for the option a chosen    (2)

from Q = 1/2; with two rates alpha is alpha_gain where r > Q_a, else alpha_loss; with forgetting the other
options return to 1/2 at the rate alpha (Ito & Doya 2009, doi:10.1523/JNEUROSCI.6157-08.2009: to 0).

Parameters are fitted on a scale without bounds, x = log(v/(1-v)) of a share, x = log v of what is positive.
The weak priors are normal there, N(mean, sd): N(0, 1.6) for the logit of a share, nearly even on [0, 1];
N(log 3, 1) for log beta, nine tenths in .6 to 15; N(0, 1) for p.

Arrays are (row, trial, option): a row is a subject (or one of several starts of a subject's fit). Logits are
`Dual` numbers, so that the derivative along each parameter comes with them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from .choices import Choices
from .duals import Dual, constant, follow

Theta = Mapping[str, Dual]
"""parameter -> (row, 1, 1)"""


@dataclass(frozen=True)
class Free:
    """A free parameter: its scale, and the weak prior N(mean, sd) on the scale without bounds."""

    name: str
    scale: Literal["share", "positive", "real"]
    mean: float
    sd: float
    reach: float = 6.0
    """how far from the prior's mean a fit may go, on the scale without bounds"""

    def value(self, x: NDArray) -> NDArray:
        if self.scale == "share":
            return 1 / (1 + np.exp(-x))
        return np.exp(x) if self.scale == "positive" else x

    def slope(self, x: NDArray) -> NDArray:
        """d value / d x."""
        value = self.value(x)
        if self.scale == "share":
            return value * (1 - value)
        return value if self.scale == "positive" else np.ones_like(x)

    def free(self, value: NDArray) -> NDArray:
        """x of a value."""
        if self.scale == "share":
            return np.log(value / (1 - value))
        return np.log(value) if self.scale == "positive" else np.asarray(value)


def share(name: str) -> Free:
    return Free(name, "share", 0.0, 1.6)


def temperature(name: str) -> Free:
    return Free(name, "positive", float(np.log(3.0)), 1.0, 4.0)


def habit(name: str) -> Free:
    return Free(name, "real", 0.0, 1.0, 8.0)


@dataclass(frozen=True)
class Coded:
    """The trials of every row in one-hot codes, (row, trial, number); all 0 where a trial was not made."""

    action: NDArray
    made: NDArray
    """(row, trial, 1)"""
    reward: NDArray
    """(row, trial, 1)"""
    last: NDArray
    """the choice before this one in its session"""
    last_reward: NDArray
    """what it paid, (row, trial, 1)"""
    begins: NDArray[np.bool_]
    """(row, trial)"""
    state2: NDArray
    place2: NDArray
    """second state and option together, state by state"""
    options2: int
    p_common: float

    @classmethod
    def of(cls, choices: Choices) -> Coded:
        action = _code(choices.action, choices.options)
        made, reward = choices.made[:, :, None].astype(float), choices.reward[:, :, None]
        state = place = np.zeros((*choices.action.shape, 0))
        if choices.state2 is not None and choices.action2 is not None:
            state = _code(choices.state2, 2)
            option = _code(choices.action2, choices.options2)
            place = (state[..., None] * option[:, :, None, :]).reshape(*choices.action.shape, -1)
        last, paid = _before(action, reward, choices)
        return cls(
            action, made, reward, last, paid, choices.begins, state, place, choices.options2, choices.p_common
        )

    def take(self, rows: NDArray) -> Coded:
        """The rows numbered so, in that order."""
        changes: dict[str, Any] = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **changes)

    @cached_property
    def to_start(self) -> NDArray:
        """What values that forget run after: the reward of the chosen option, 1/2 of the others."""
        return np.where(self.action > 0, self.reward, START)


def _code(numbers: NDArray, count: int) -> NDArray:
    return (numbers[:, :, None] == np.arange(count)).astype(float)


def _before(action: NDArray, reward: NDArray, choices: Choices) -> tuple[NDArray, NDArray]:
    """Choice and reward of the last trial that was made in the session before each trial; 0 at its start."""
    trial = np.arange(action.shape[1])
    made = np.where(choices.made, trial, -1)
    newest = np.maximum.accumulate(np.pad(made, ((0, 0), (1, 0)), constant_values=-1)[:, :-1], axis=1)
    first = np.maximum.accumulate(np.where(choices.begins, trial, 0), axis=1)
    known = (newest >= first)[:, :, None]
    place = np.maximum(newest, 0)[:, :, None]
    return (
        np.take_along_axis(action, np.broadcast_to(place, action.shape), axis=1) * known,
        np.take_along_axis(reward, place, axis=1) * known,
    )


class ChoiceModel(ABC):
    """A model of choice."""

    name: ClassVar[str]
    parameters: ClassVar[tuple[Free, ...]]

    @abstractmethod
    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        """Logits of each stage's options, (row, trial, option); those of the second at the state reached."""


START = 0.5
"""Value of whatever is not known yet."""


class Chance(ChoiceModel):
    """Every option with equal probability; no parameter."""

    name = "chance"
    parameters = ()

    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        first = constant(np.zeros(seen.action.shape))
        second = constant(np.zeros((*seen.action.shape[:2], seen.options2)))
        return (first, second) if seen.options2 > 1 else (first,)


class WinStay(ChoiceModel):
    """Logit ``win`` for the last choice after a reward, ``lose`` after none."""

    name = "win-stay"
    parameters = (habit("win"), habit("lose"))

    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        return (win_stay(theta, seen),)


def win_stay(theta: Theta, seen: Coded) -> Dual:
    won = seen.last * seen.last_reward
    return theta["win"] * won + theta["lose"] * (seen.last - won)


class Perseveration(ChoiceModel):
    """Equation (2) without values: what a choice makes of the next, whatever it paid."""

    name = "perseveration"
    parameters = (habit("p"),)

    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        return (theta["p"] * seen.last,)


class QLearning(ChoiceModel):
    """Equation (2)."""

    name = "Q-learning"
    parameters: ClassVar[tuple[Free, ...]] = (share("alpha"), temperature("beta"), habit("p"))

    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        return (theta["beta"] * self._values(theta, seen) + theta["p"] * seen.last,)

    def _values(self, theta: Theta, seen: Coded) -> Dual:
        return follow(theta["alpha"], seen.reward, seen.action, seen.begins, START)


class TwoRates(QLearning):
    """Equation (2) with one rate for gains and one for losses."""

    name = "Q-learning, two rates"
    parameters = (share("alpha_gain"), share("alpha_loss"), temperature("beta"), habit("p"))

    def _values(self, theta: Theta, seen: Coded) -> Dual:
        rates = theta["alpha_gain"], theta["alpha_loss"]
        return follow(rates, seen.reward, seen.action, seen.begins, START)


class Forgetting(QLearning):
    """Equation (2), and the values of the options not chosen return to 1/2."""

    name = "Q-learning, forgetting"

    def _values(self, theta: Theta, seen: Coded) -> Dual:
        moves = np.broadcast_to(seen.made, seen.action.shape)
        return follow(theta["alpha"], seen.to_start, moves, seen.begins, START)


BANDIT_MODELS: tuple[type[ChoiceModel], ...] = (Perseveration, WinStay, QLearning, TwoRates, Forgetting)
