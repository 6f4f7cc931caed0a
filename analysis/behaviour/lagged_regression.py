"""Logistic regression of a choice on the choices and rewards of the last K trials: a rival without states.

    logit_a = b_a + sum_k rho_k [a chosen, t-k] r(t-k) + c_k [a chosen, t-k],     k = 1 .. K        (1)

the same weights for all arms, so that of two arms these are the choice and reward kernels of `kernels` (Lau &
Glimcher 2005, doi:10.1901/jeab.2005.110-04, equation 5), and of more a conditional logit (McFadden 1974).
What lies before the session began, or was not made, counts as nothing. In the two-step task
(`TransitionRegression`) the first choice depends beside these on the transition and on what it paid,

    + sum_k tau_k [a chosen, t-k] C(t-k) + iota_k [a chosen, t-k] C(t-k) R(t-k)                     (2)

C = 1 after a common, -1 after a rare transition, R = 1 after a reward, -1 after none (Miller, Brody &
Botvinick 2016, bioRxiv 096339, from memory). An objective of `empirical_bayes`, whose priors it shares:
N(0, 1) for every weight.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..foundation.arrays import Array
from .choice_models import Free
from .choices import Choices


@dataclass(frozen=True)
class LaggedRegression:
    """Equation (1) of the subjects of ``choices``."""

    kinds: ClassVar[tuple[str, ...]] = ("reward", "choice")

    choices: Choices
    back: int = 10
    """K"""
    design: Array = field(init=False, repr=False)
    """regressors (subject, trial, arm, weight)"""

    def __post_init__(self) -> None:
        choices, arms = self.choices, self.choices.options
        chosen = (choices.action[:, :, None] == np.arange(arms)).astype(float)
        session = np.cumsum(choices.begins, axis=1)
        table = np.zeros((*chosen.shape, len(self.parameters)))
        for arm in range(1, arms):
            table[:, :, arm, arm - 1] = 1
        parts = self.told()
        for k in range(1, min(self.back, chosen.shape[1] - 1) + 1):
            same = (session[:, k:] == session[:, :-k])[:, :, None]
            for kind, part in enumerate(parts):
                place = arms - 2 + kind * self.back + k
                table[:, k:, :, place] = chosen[:, :-k] * part[:, :-k, None] * same
        object.__setattr__(self, "design", table)

    def told(self) -> tuple[Array, ...]:
        """What each of `kinds` says of a trial's choice, (subject, trial)."""
        return self.choices.reward, np.ones(self.choices.action.shape)

    @property
    def parameters(self) -> tuple[Free, ...]:
        names = [f"bias{arm}" for arm in range(1, self.choices.options)]
        names += [f"{kind}{k}" for kind in self.kinds for k in range(1, self.back + 1)]
        return tuple(Free(name, "real", 0.0, 1.0, 12.0) for name in names)

    @property
    def subjects(self) -> int:
        return len(self.choices.subjects)

    def value(self, x: Array, who: NDArray, counted: NDArray | None = None) -> Array:
        """log L (row,) at ``x`` (row, weight) of the subjects ``who``, over the trials ``counted``."""
        log_p, weight = self._log_p(x, who, counted)
        return self._at_chosen(log_p, weight, who)

    def evaluate(self, x: Array, who: NDArray, counted: NDArray | None = None) -> tuple[Array, Array, Array]:
        """log L (row,), its gradient (row, weight), Fisher information (row, weight, weight)."""
        log_p, weight = self._log_p(x, who, counted)
        p = np.exp(log_p)
        many = len(who)
        chosen = self.choices.action[who][:, :, None] == np.arange(p.shape[2])
        design = self.design[who].reshape(many, -1, x.shape[1])
        slope = ((chosen - p) * weight[:, :, None]).reshape(many, 1, -1) @ design
        mean = np.einsum("rta,rtak->rtk", p, self.design[who])
        flat = design * np.sqrt(p * weight[:, :, None]).reshape(many, -1, 1)
        mean *= np.sqrt(weight)[:, :, None]
        information = flat.transpose(0, 2, 1) @ flat - mean.transpose(0, 2, 1) @ mean
        return self._at_chosen(log_p, weight, who), slope[:, 0], information

    def _log_p(self, x: Array, who: NDArray, counted: NDArray | None) -> tuple[Array, Array]:
        logits = (self.design[who].reshape(len(who), -1, x.shape[1]) @ x[:, :, None]).reshape(
            len(who), self.choices.action.shape[1], -1
        )
        top = logits - logits.max(axis=2, keepdims=True)
        made = self.choices.made[who]
        weight = made if counted is None else made & counted[who]
        return top - np.log(np.exp(top).sum(axis=2, keepdims=True)), weight.astype(float)

    def _at_chosen(self, log_p: Array, weight: Array, who: NDArray) -> Array:
        chosen = np.maximum(self.choices.action[who], 0)[:, :, None]
        return np.asarray((np.take_along_axis(log_p, chosen, axis=2)[:, :, 0] * weight).sum(axis=1))


@dataclass(frozen=True)
class TransitionRegression(LaggedRegression):
    """Equations (1) and (2) of the first choices of the two-step task."""

    kinds: ClassVar[tuple[str, ...]] = ("reward", "choice", "transition", "interaction")

    def told(self) -> tuple[Array, ...]:
        common = np.where(self.choices.state2 == self.choices.action, 1.0, -1.0)
        paid = 2 * self.choices.reward - 1
        return *super().told(), common, common * paid
