"""Models of choice: what a subject would choose next, given all that it did and got before.

A model is a recursion in three parts: the values with which a session `begin`s, the `logits` of the options
at a choice, and how values `learn` from a trial; `choice_fits` makes the likelihood of these. Options
are chosen with probability

    P(a) = exp(logit_a) / sum_b exp(logit_b).                                                        (1)

Q-learning (Watkins 1989; Sutton & Barto 2018, ch. 2), with perseveration (Lau & Glimcher 2005,
doi:10.1901/jeab.2005.110-04):

    logit_a = beta Q_a + p [a was chosen last],     Q_a += alpha (r - Q_a)  for the option a chosen    (2)

from Q = 1/2; with two rates alpha is alpha_gain where r > Q_a, else alpha_loss; with forgetting the other
options return to 1/2 at the rate alpha (Ito & Doya 2009, doi:10.1523/JNEUROSCI.6157-08.2009: to 0).

Parameters are fitted on a scale without bounds, x = log(v/(1-v)) of a share, x = log v of what is positive.
The weak priors are normal there, N(mean, sd): N(0, 1.6) for the logit of a share, nearly even on [0, 1];
N(log 3, 1) for log beta, nine tenths in .6 to 15; N(0, 1) for p.

Arrays are (direction, row, option): a row is a subject (or one of several starts of a subject's fit), and
along the first axis lie the directions in which parameters are displaced. Arithmetic is analytic in the
parameters, so that an imaginary displacement gives an exact derivative.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from .choices import Choices

Theta = Mapping[str, NDArray]
"""parameter -> (direction, row, 1)"""
Values = dict[str, NDArray]
"""what a model keeps from trial to trial: name -> (direction, row, number)"""


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
class Trial:
    """One trial of every row, in one-hot codes (row, number); all 0 where it was not made."""

    action: NDArray
    made: NDArray
    """(row, 1)"""
    reward: NDArray
    """(row, 1)"""
    state2: NDArray
    place2: NDArray
    """second state and option together, state by state"""


class ChoiceModel(ABC):
    """A model of choice."""

    name: ClassVar[str]
    parameters: ClassVar[tuple[Free, ...]]

    @abstractmethod
    def begin(self, theta: Theta, choices: Choices) -> Values:
        """Values at the beginning of a session."""

    @abstractmethod
    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        """Logits (direction, row, option) of the first choice."""

    def logits2(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        """Logits (direction, row, state, option) of the second choice in either state."""
        raise NotImplementedError(f"{self.name} makes one choice a trial")

    @abstractmethod
    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        """Values after a trial; those of rows that did not make it stay."""


def trials_of(choices: Choices) -> list[Trial]:
    """The trials, coded."""
    rows, many = choices.action.shape

    def code(numbers: NDArray, count: int) -> NDArray:
        return (numbers[:, :, None] == np.arange(count)).astype(float)

    action = code(choices.action, choices.options)
    made, reward = choices.made[:, :, None].astype(float), choices.reward[:, :, None]
    state = place = np.zeros((rows, many, 0))
    if choices.state2 is not None and choices.action2 is not None:
        state = code(choices.state2, 2)
        option = code(choices.action2, choices.options2)
        place = (state[:, :, :, None] * option[:, :, None, :]).reshape(rows, many, -1)
    return [Trial(*(table[:, t] for table in (action, made, reward, state, place))) for t in range(many)]


def moved(values: NDArray, alpha: NDArray, target: NDArray, where: NDArray) -> NDArray:
    """Values moved by alpha towards the target where the one-hot code says so."""
    return values + alpha * where * (target - values)


START = np.array(0.5)
"""Value of whatever is not known yet."""


def after(last: NDArray, trial: Trial) -> NDArray:
    """The choice before the next one: that of the trial, or the one before where none was made."""
    return trial.action + last * (1 - trial.made)


class Chance(ChoiceModel):
    """Every option with equal probability; no parameter."""

    name = "chance"
    parameters = ()

    def begin(self, theta: Theta, choices: Choices) -> Values:
        return {}

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return np.zeros((1, len(choices.subjects), choices.options))

    def logits2(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return np.zeros((1, len(choices.subjects), 2, choices.options2))

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        return values


class WinStay(ChoiceModel):
    """Logit ``win`` for the last choice after a reward, ``lose`` after none."""

    name = "win-stay"
    parameters = (habit("win"), habit("lose"))

    def begin(self, theta: Theta, choices: Choices) -> Values:
        rows = len(choices.subjects)
        zero = np.zeros((1, rows, choices.options))
        return {"won": zero, "lost": zero}

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["win"] * values["won"] + theta["lose"] * values["lost"]

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        won = trial.reward * trial.action + (1 - trial.made) * values["won"]
        lost = (1 - trial.reward) * trial.action + (1 - trial.made) * values["lost"]
        return {"won": won, "lost": lost}


class Perseveration(ChoiceModel):
    """Equation (2) without values: what a choice makes of the next, whatever it paid."""

    name = "perseveration"
    parameters = (habit("p"),)

    def begin(self, theta: Theta, choices: Choices) -> Values:
        return {"last": np.zeros((1, len(choices.subjects), choices.options))}

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["p"] * values["last"]

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        return {"last": after(values["last"], trial)}


class QLearning(ChoiceModel):
    """Equation (2)."""

    name = "Q-learning"
    parameters: ClassVar[tuple[Free, ...]] = (share("alpha"), temperature("beta"), habit("p"))

    def begin(self, theta: Theta, choices: Choices) -> Values:
        shape = (1, len(choices.subjects), choices.options)
        return {"q": np.full(shape, 0.5), "last": np.zeros(shape)}

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["beta"] * values["q"] + theta["p"] * values["last"]

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        q = moved(values["q"], self._rate(theta, values, trial), trial.reward, trial.action)
        return {"q": q, "last": after(values["last"], trial)}

    def _rate(self, theta: Theta, values: Values, trial: Trial) -> NDArray:
        return theta["alpha"]


class TwoRates(QLearning):
    """Equation (2) with one rate for gains and one for losses."""

    name = "Q-learning, two rates"
    parameters = (share("alpha_gain"), share("alpha_loss"), temperature("beta"), habit("p"))

    def _rate(self, theta: Theta, values: Values, trial: Trial) -> NDArray:
        return np.where(trial.reward > values["q"].real, theta["alpha_gain"], theta["alpha_loss"])


class Forgetting(QLearning):
    """Equation (2), and the values of the options not chosen return to 1/2."""

    name = "Q-learning, forgetting"

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        learned = super().learn(theta, values, trial, choices)
        others = trial.made - trial.action
        return learned | {"q": moved(learned["q"], theta["alpha"], START, others)}


BANDIT_MODELS: tuple[type[ChoiceModel], ...] = (Perseveration, WinStay, QLearning, TwoRates, Forgetting)
