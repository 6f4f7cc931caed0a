"""Models of the two-step task: model-free, model-based, and their mixture (Daw et al. 2011).

Second stage, state s and option b, the same for all:

    logit_b = beta2 Q2(s, b),            Q2(s, b) += alpha (r - Q2(s, b))                             (1)

First stage, option a (Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027, supplement; SARSA(lambda)):

    Q_MF(a) += alpha (Q2(s, b) - Q_MF(a)) + alpha lambda (r - Q2(s, b))     Q2 from before the reward  (2)
    Q_MB(a)  = p_common max_b Q2(common of a, b) + (1 - p_common) max_b Q2(other, b)                   (3)
    logit_a  = beta1 [w Q_MB(a) + (1 - w) Q_MF(a)] + p [a was chosen last]                             (4)

w = 0 is the model-free learner, w = 1 the model-based one, for which lambda has no meaning. All values begin
at 1/2. With forgetting, values of what was not visited in a trial return to it at the same rate,

    Q(other) += alpha (1/2 - Q(other))                                                               (5)

(Toyama et al. 2019, doi:10.3389/fnhum.2019.00153). Where the second state itself pays (Wang et al. 2018,
doi:10.1038/s41593-018-0147-8) it has one option and beta2 falls away.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .choice_models import (
    START,
    ChoiceModel,
    Free,
    Theta,
    Trial,
    Values,
    after,
    habit,
    moved,
    share,
    temperature,
)
from .choices import Choices

_ALPHA, _LAMBDA, _W = share("alpha"), share("lambda"), share("w")
_BETA1, _BETA2, _P = temperature("beta1"), temperature("beta2"), habit("p")


class Mixture(ChoiceModel):
    """Equations (1) to (4)."""

    name = "mixture"
    parameters: ClassVar[tuple[Free, ...]] = (_ALPHA, _LAMBDA, _BETA1, _BETA2, _W, _P)

    def begin(self, theta: Theta, choices: Choices) -> Values:
        rows = len(choices.subjects)
        return {
            "free": np.full((1, rows, 2), 0.5),
            "second": np.full((1, rows, 2 * choices.options2), 0.5),
            "last": np.zeros((1, rows, 2)),
        }

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["beta1"] * self._first(theta, values, choices) + theta["p"] * values["last"]

    def _first(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        based = model_based(values["second"], choices)
        return values["free"] + theta["w"] * (based - values["free"])

    def logits2(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        second = values["second"]
        return theta["beta2"][..., None] * second.reshape(*second.shape[:-1], 2, choices.options2)

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        alpha, second = theta["alpha"], values["second"]
        there = (second * trial.place2).sum(axis=-1, keepdims=True)
        target = there + self._trace(theta) * (trial.reward - there)
        return {
            "free": moved(values["free"], alpha, target, trial.action),
            "second": moved(second, alpha, trial.reward, trial.place2),
            "last": after(values["last"], trial),
        }

    def _trace(self, theta: Theta) -> NDArray:
        return theta["lambda"]


class ModelFree(Mixture):
    """w = 0."""

    name = "model-free"
    parameters = (_ALPHA, _LAMBDA, _BETA1, _BETA2, _P)

    def _first(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return values["free"]


class ModelBased(Mixture):
    """w = 1."""

    name = "model-based"
    parameters: ClassVar[tuple[Free, ...]] = (_ALPHA, _BETA1, _BETA2, _P)

    def _first(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return model_based(values["second"], choices)

    def _trace(self, theta: Theta) -> NDArray:
        return np.ones(1)


class ModelBasedForgetting(ModelBased):
    """w = 1, with (5)."""

    name = "model-based, forgetting"

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        return _forgotten(super().learn(theta, values, trial, choices), theta, trial)


class MixtureForgetting(Mixture):
    """Equations (1) to (5)."""

    name = "mixture, forgetting"

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        return _forgotten(super().learn(theta, values, trial, choices), theta, trial)


class FirstStageHabit(ModelBased):
    """First choices by perseveration alone, without values; second choices by (1)."""

    name = "perseveration"
    parameters = (_ALPHA, _BETA2, _P)

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["p"] * values["last"]


class TwoStepWinStay(Mixture):
    """Logits win and lose of the last first choice, after a reward and after none; second choices by (1)."""

    name = "win-stay"
    parameters = (_ALPHA, _BETA2, habit("win"), habit("lose"))

    def begin(self, theta: Theta, choices: Choices) -> Values:
        zero = np.zeros((1, len(choices.subjects), 2))
        return {"second": super().begin(theta, choices)["second"], "won": zero, "lost": zero}

    def logits(self, theta: Theta, values: Values, choices: Choices) -> NDArray:
        return theta["win"] * values["won"] + theta["lose"] * values["lost"]

    def learn(self, theta: Theta, values: Values, trial: Trial, choices: Choices) -> Values:
        won, lost = trial.reward * trial.action, (1 - trial.reward) * trial.action
        return {
            "second": moved(values["second"], theta["alpha"], trial.reward, trial.place2),
            "won": won + (1 - trial.made) * values["won"],
            "lost": lost + (1 - trial.made) * values["lost"],
        }


def _forgotten(values: Values, theta: Theta, trial: Trial) -> Values:
    """Equation (5), of both stages."""
    return values | {
        name: moved(values[name], theta["alpha"], START, trial.made * (1 - visited))
        for name, visited in (("free", trial.action), ("second", trial.place2))
    }


def model_based(second: NDArray, choices: Choices) -> NDArray:
    """Equation (3), (direction, row, option), of second-stage values (direction, row, state and option)."""
    q2 = second.reshape(*second.shape[:-1], 2, choices.options2)
    best = q2[..., 0]
    for option in range(1, choices.options2):
        best = np.where(q2[..., option].real > best.real, q2[..., option], best)
    common = choices.p_common
    return common * best + (1 - common) * best[..., ::-1]


TWO_STEP_MODELS: tuple[type[ChoiceModel], ...] = (
    FirstStageHabit,
    TwoStepWinStay,
    ModelFree,
    ModelBased,
    Mixture,
    ModelBasedForgetting,
    MixtureForgetting,
)
