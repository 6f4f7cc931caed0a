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

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from . import duals
from .choice_models import (
    START,
    ChoiceModel,
    Coded,
    Free,
    Theta,
    habit,
    share,
    temperature,
    win_stay,
)
from .duals import Dual, constant, follow

_ALPHA, _LAMBDA, _W = share("alpha"), share("lambda"), share("w")
_BETA1, _BETA2, _P = temperature("beta1"), temperature("beta2"), habit("p")


class TwoStepModel(ChoiceModel):
    """Second choices by (1); what the first ones are made by is left open."""

    forgets: ClassVar[bool] = False
    """whether (5) holds"""

    def logits(self, theta: Theta, seen: Coded) -> tuple[Dual, ...]:
        second = self._second(theta, seen)
        first = self._first(theta, second, seen)
        if seen.options2 == 1:
            return (first,)

        def reached(values: NDArray) -> NDArray:
            found, many = np.empty((*values.shape[:2], seen.options2)), seen.options2
            for option in range(many):
                here = values[:, :, option] * seen.state2[:, :, 0]
                found[:, :, option] = here + values[:, :, many + option] * seen.state2[:, :, 1]
            return found

        return first, theta["beta2"] * second.map(reached)

    def _second(self, theta: Theta, seen: Coded) -> Dual:
        """Q2 before each trial, (row, trial, state and option)."""
        return self._learned(theta, seen, constant(seen.reward), seen.place2)

    def _learned(self, theta: Theta, seen: Coded, target: Dual, visited: NDArray) -> Dual:
        """Values that run after the target where visited, and back to the start where they forget."""
        if not self.forgets:
            return follow(theta["alpha"], target, visited, seen.begins, START)
        back = (1 - visited) * START
        everywhere = np.broadcast_to(seen.made, visited.shape)
        return follow(theta["alpha"], target * visited + back, everywhere, seen.begins, START)

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        """Logits of the first options."""
        raise NotImplementedError


class ModelFree(TwoStepModel):
    """w = 0."""

    name = "model-free"
    parameters: ClassVar[tuple[Free, ...]] = (_ALPHA, _LAMBDA, _BETA1, _BETA2, _P)

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        return theta["beta1"] * self._free(theta, second, seen) + theta["p"] * seen.last

    def _free(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        """Equation (2)."""
        places = range(seen.place2.shape[2])
        there = second.map(
            lambda values: np.asarray(sum(values[:, :, k] * seen.place2[:, :, k] for k in places))[..., None]
        )
        target = there + theta["lambda"] * (seen.reward - there)
        return self._learned(theta, seen, target, seen.action)


class ModelBased(TwoStepModel):
    """w = 1."""

    name = "model-based"
    parameters: ClassVar[tuple[Free, ...]] = (_ALPHA, _BETA1, _BETA2, _P)

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        return theta["beta1"] * model_based(second, seen) + theta["p"] * seen.last


class Mixture(ModelFree):
    """Equations (1) to (4)."""

    name = "mixture"
    parameters: ClassVar[tuple[Free, ...]] = (_ALPHA, _LAMBDA, _BETA1, _BETA2, _W, _P)

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        free = self._free(theta, second, seen)
        values = free + theta["w"] * (model_based(second, seen) - free)
        return theta["beta1"] * values + theta["p"] * seen.last


class ModelBasedForgetting(ModelBased):
    """w = 1, with (5)."""

    name = "model-based, forgetting"
    forgets = True


class MixtureForgetting(Mixture):
    """Equations (1) to (5)."""

    name = "mixture, forgetting"
    forgets = True


class FirstStageHabit(TwoStepModel):
    """First choices by perseveration alone, without values; second choices by (1)."""

    name = "perseveration"
    parameters = (_ALPHA, _BETA2, _P)

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        return theta["p"] * seen.last


class TwoStepWinStay(TwoStepModel):
    """Logits win and lose of the last first choice, after a reward and after none; second choices by (1)."""

    name = "win-stay"
    parameters = (_ALPHA, _BETA2, habit("win"), habit("lose"))

    def _first(self, theta: Theta, second: Dual, seen: Coded) -> Dual:
        return win_stay(theta, seen)


def model_based(second: Dual, seen: Coded) -> Dual:
    """Equation (3), (row, trial, option), of second-stage values (row, trial, state and option)."""
    options = [second.map(lambda q, k=k: q[:, :, k :: seen.options2]) for k in range(seen.options2)]  # type: ignore[misc]
    best = options[0]
    for other in options[1:]:
        best = duals.where(other.value > best.value, other, best)
    common = seen.p_common
    return best.map(lambda values: common * values + (1 - common) * values[:, :, ::-1])


TWO_STEP_MODELS: tuple[type[ChoiceModel], ...] = (
    FirstStageHabit,
    TwoStepWinStay,
    ModelFree,
    ModelBased,
    Mixture,
    ModelBasedForgetting,
    MixtureForgetting,
)
