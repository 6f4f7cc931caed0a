"""The rule in two steps: coefficients of subjects of the two-step task, and their likelihood.

With Q2(s, b) the values of the second stage, Q1(a) those of the first, all 1/2 at the beginning of a session,

    Q1(a)   += alpha1 (Q2(s,b) + lambda (r - Q2(s,b)) - Q1(a))      for what was chosen                (1)
    Q2(s,b) += alpha2 (r - Q2(s,b)),         Q += forgetting (1/2 - Q)      for all else               (2)
    QMB(a)   = common max_b Q2(a,b) + (1 - common) max_b Q2(other,b)                                   (3)
    logit_a  = beta1 (w QMB(a) + (1 - w) Q1(a)) + bias_a + repeat c_a                                  (4)
    logit_b  = beta2 Q2(s,b)                                                                           (5)

(Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027; forgetting as in Toyama et al. 2019,
doi:10.3389/fnhum.2019.00153) with the trace of choices c of `coefficients` (2), ``common`` the probability
of the common transition. One broadcast teaches Q1 and Q2 by delta; QMB is a planner's. Where the second state
itself pays (Wang et al. 2018, doi:10.1038/s41593-018-0147-8) there is no second choice, and beta2 falls away.
The models of `analysis/behaviour/two_step_models.py` are points of this family: w = 0 is the model-free
learner, w = 1 the model-based one, which has no lambda. Sensitivities run along as in `likelihood` (2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choice_models import START, Free
from ...analysis.behaviour.choices import NONE
from ...analysis.behaviour.sessions import Sessions
from ...analysis.foundation import Array, Mistake
from .coefficients import LIKELY, Chart
from .likelihood import ChoiceTrace, Summed, softmax

TWO_STEP: Mapping[str, tuple[str, float, float]] = MappingProxyType(
    {
        "alpha1": ("share", 0.0, 1.6),
        "alpha2": ("share", 0.0, 1.6),
        "lambda": ("share", 0.0, 1.6),
        "forgetting": ("share", -0.85, 1.5),
        "w": ("share", 0.0, 1.6),
        "beta1": ("positive", float(np.log(3.0)), 1.0),
        "beta2": ("positive", float(np.log(3.0)), 1.0),
        **{name: LIKELY[name] for name in ("bias", "repeat", "repeat_rate")},
    }
)
"""Scale, mean and standard deviation of the weak prior of every coefficient."""
USUAL: Mapping[str, float] = MappingProxyType(
    {
        **{"alpha1": 0.5, "alpha2": 0.5, "lambda": 0.5, "forgetting": 0.0, "w": 0.5, "beta1": 3.0},
        **{"beta2": 3.0, "bias": 0.0, "repeat": 0.0, "repeat_rate": 1.0},
    }
)
"""Values of coefficients that are not fitted, unless others are given."""


@dataclass(frozen=True)
class TwoStepChart(Chart):
    """Which coefficients are fitted in the two-step task, and what the others are.

    Raises:
        Mistake: what `Chart` raises.
    """

    free: tuple[str, ...] = tuple(TWO_STEP)
    likely: ClassVar[Mapping[str, tuple[str, float, float]]] = TWO_STEP
    usual: ClassVar[Mapping[str, float]] = USUAL

    def _told_apart(self) -> None:
        if self.fixed.get("w") == 1 and {"lambda", "alpha1"} & set(self.free):
            raise Mistake("where w is 1 there is no lambda and no alpha1: fix them")


_READOUT = ("beta1", "beta2", "bias", "repeat")
TWO_STEP_POINTS: Mapping[str, TwoStepChart] = MappingProxyType(
    {
        "family": TwoStepChart(),
        "mixture": TwoStepChart(("alpha1", "lambda", "w", *_READOUT), {}, "mixture", {"alpha2": "alpha1"}),
        "model-free": TwoStepChart(
            ("alpha1", "lambda", *_READOUT), {"w": 0.0}, "model-free", {"alpha2": "alpha1"}
        ),
        "model-based": TwoStepChart(("alpha2", *_READOUT), {"w": 1.0}, "model-based"),
    }
)
"""The family and its named points, each with side bias and perseveration on the last choice."""


class TwoStepWalk:
    """The rule, lived by sessions side by side, one trial after another.

    Args:
        theta: value of every coefficient, (session,).
        place: coefficient -> where its sensitivity is kept; several may share one place.
        size: number of places.
        options2: options of the second stage.
        common: probability of the common transition.
    """

    arms = 2

    def __init__(
        self,
        theta: Mapping[str, Array],
        place: Mapping[str, int],
        size: int,
        options2: int,
        common: float,
    ) -> None:
        self.theta, self.place, self.size, self.common = theta, place, size, common
        rows = len(theta["w"])
        self.q1, self.d_q1 = np.full((2, rows), START), np.zeros((size, 2, rows))
        self.q2, self.d_q2 = np.full((2, options2, rows), START), np.zeros((size, 2, options2, rows))
        self.trace = ChoiceTrace(self, "repeat", "repeat_rate")

    def _add(self, tangent: Array, name: str, part: Array | float) -> None:
        at = self.place.get(name)
        if at is not None:
            tangent[at] += part

    def first(self) -> tuple[Array, Array]:
        """Logits (action, session) of (4), and their sensitivities (coefficient, action, session)."""
        theta = self.theta
        top = self.q2.argmax(axis=1)[:, None]
        best = np.take_along_axis(self.q2, top, axis=1)[:, 0]
        d_best = np.take_along_axis(self.d_q2, np.broadcast_to(top, (self.size, *top.shape)), axis=2)[:, :, 0]
        planned = self.common * best + (1 - self.common) * best[::-1]
        d_planned = self.common * d_best + (1 - self.common) * d_best[:, ::-1]
        value = theta["w"] * planned + (1 - theta["w"]) * self.q1
        logits = theta["beta1"] * value
        d_logits = theta["beta1"] * (theta["w"] * d_planned + (1 - theta["w"]) * self.d_q1)
        self._add(d_logits, "beta1", value)
        self._add(d_logits, "w", theta["beta1"] * (planned - self.q1))
        logits[1] += theta["bias1"]
        self._add(d_logits[:, 1], "bias1", 1.0)
        self.trace.weigh(logits, d_logits)
        return logits, d_logits

    def second(self, state: Array) -> tuple[Array, Array]:
        """Logits (option, session) of (5) in ``state`` (state, session; 1 where it is), and their
        sensitivities (coefficient, option, session)."""
        value = (self.q2 * state[:, None]).sum(axis=0)
        d_logits = self.theta["beta2"] * (self.d_q2 * state[:, None]).sum(axis=1)
        self._add(d_logits, "beta2", value)
        return self.theta["beta2"] * value, d_logits

    def learn(self, chosen: Array, here: Array, reward: Array, made: Array) -> None:
        """One trial: ``chosen`` (action, session) and ``here`` (state, option, session) are 1 for what was
        taken, ``made`` and ``reward`` (session,)."""
        theta = self.theta
        there = (self.q2 * here).sum(axis=(0, 1))
        d_there = (self.d_q2 * here).sum(axis=(1, 2))
        target = there + theta["lambda"] * (reward - there)
        d_target = (1 - theta["lambda"]) * d_there
        self._add(d_target, "lambda", reward - there)
        other, away = made - chosen, made - here
        step = theta["alpha1"] * chosen
        off, back = target - self.q1, theta["forgetting"] * other
        self.d_q1 = self.d_q1 * (1 - step - back) + step * d_target[:, None]
        self._add(self.d_q1, "alpha1", chosen * off)
        self._add(self.d_q1, "forgetting", other * (START - self.q1))
        self.q1 = self.q1 + step * off + back * (START - self.q1)
        step, off, back = theta["alpha2"] * here, reward - self.q2, theta["forgetting"] * away
        self.d_q2 = self.d_q2 * (1 - step - back)
        self._add(self.d_q2, "alpha2", here * off)
        self._add(self.d_q2, "forgetting", away * (START - self.q2))
        self.q2 = self.q2 + step * off + back * (START - self.q2)
        self.trace.follow(chosen, made)


@dataclass(frozen=True)
class TwoStepLikelihood(Summed):
    """log L of both choices, or of one stage.

    Raises:
        Mistake: these are no choices of the two-step task.
    """

    stages: tuple[int, ...] = (1, 2)

    def __post_init__(self) -> None:
        if self.choices.state2 is None or self.choices.action2 is None:
            raise Mistake("these are choices of a bandit, not of the two-step task")
        super().__post_init__()

    @property
    def parameters(self) -> tuple[Free, ...]:
        every = self.chart.parameters(2)
        return tuple(p for p in every if p.name != "beta2") if self.choices.options2 == 1 else every

    @property
    def options(self) -> int:
        return 2 + self.choices.options2

    def _stages(
        self, x: Array, own: Sessions, row: NDArray, slopes: bool
    ) -> Iterable[tuple[Array, Array | None, Array]]:
        x = x[row]
        choices, parameters = self.choices, self.parameters
        rows = np.arange(len(x))
        slope = [p.slope(x[:, k]) for k, p in enumerate(parameters)] if slopes else []
        steep = np.reshape(slope, (len(slope), 1, len(rows)))
        theta = self.chart.constants(2) | {p.name: p.value(x[:, k]) for k, p in enumerate(parameters)}
        theta |= {name: theta[source] for name, source in self.chart.tied.items()}
        walk = TwoStepWalk(
            {name: np.broadcast_to(value, rows.shape) for name, value in theta.items()},
            self._places(slopes),
            len(slope),
            choices.options2,
            choices.p_common,
        )
        there = own.place >= 0
        codes = []
        for table, many in ((choices.state2, 2), (choices.action2, choices.options2)):
            assert table is not None
            column = np.where(there & own.made, table.ravel()[own.place], NONE)
            codes.append((column[:, None] == np.arange(many)[:, None]).astype(float))
        state, option = codes
        chosen, made = own.chosen, own.made.astype(float)
        stages = [number for number in self.stages if number == 1 or choices.options2 > 1]
        values: list[list[Array]] = [[] for _ in stages]
        tangents: list[list[Array]] = [[] for _ in stages]
        for trial in range(len(chosen)):
            for number, value, tangent in zip(stages, values, tangents, strict=True):
                logits = walk.first() if number == 1 else walk.second(state[trial])
                value.append(logits[0])
                tangent.append(logits[1] * steep)
            here = state[trial][:, None] * option[trial]
            walk.learn(chosen[trial], here, own.reward[trial], made[trial])
        found: list[tuple[Array, Array | None, Array]] = []
        for number, value, tangent in zip(stages, values, tangents, strict=True):
            d_log_p = np.array(tangent) if slopes else None
            found.append((softmax(np.array(value), d_log_p), d_log_p, (chosen, option)[number - 1]))
        return found
