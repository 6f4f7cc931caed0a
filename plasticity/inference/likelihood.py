"""Likelihood of choices under the family of rules, with its exact gradient.

    log L(x) = sum_t log P(choice_t | everything before, x)                                            (1)

with P of `coefficients` (1 to 4) and weights that the choices and rewards of the subject drive through the
rule (`Family`, equations 1 to 5). The rule is a recursion s(t+1) = f(s(t), choice, reward; theta), so that
its sensitivities S = ds/dtheta run along with it (forward sensitivities; real-time recurrent learning,
Williams & Zipser 1989, doi:10.1162/neco.1989.1.2.270):

    S(t+1) = df/ds S(t) + df/dtheta,        S(0) = ds(0)/dtheta                                        (2)

exact, in one pass, side by side for all sessions and coefficients. Where delta changes sign the weight of
negative deltas makes a kink, but (1) is continuous there. A trial that was not made changes nothing.

The matrix that is given beside the gradient is Fisher's information of the choices,

    F = sum_t sum_a dP_a dP_a^T / P_a                                                                  (3)

which is what Fisher scoring climbs with (`analysis/statistics/empirical_bayes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choice_models import Free
from ...analysis.behaviour.choices import Choices
from ...analysis.behaviour.sessions import Sessions
from ...analysis.foundation.arrays import Array
from .coefficients import Chart

FIRST_TRACE = 0.5
"""Trace of abs(delta) at the beginning, as in `ChoiceNetwork`."""
LARGEST = 3_000_000
"""Sensitivities held at once, which still fit a cache; more sessions are done one part after another."""


class Walk:
    """The rule, lived by sessions side by side, one trial after another.

    ``values`` and ``logits`` (arm, session) and, where coefficients are free, their sensitivities
    (coefficient, arm, session) are those before the next choice.

    Args:
        theta: value of every coefficient, (session,).
        place: coefficient -> where its sensitivity is kept; several may share one place.
        size: number of places.
        arms: number of arms.
    """

    def __init__(self, theta: Mapping[str, Array], place: Mapping[str, int], size: int, arms: int) -> None:
        if "eta_losses" in theta:
            theta = {**theta, "losses": theta["eta_losses"] / theta["eta"]}
        self.theta, self.place, self.size, self.arms = theta, place, size, arms
        rows = len(theta["eta"])
        self.w = np.tile(theta["rest"], (arms, 1))
        self.dw = np.zeros((size, arms, rows))
        self._add(self.dw, "rest", 1.0)
        self.average, self.trace, self.accord = np.zeros(rows), np.full(rows, FIRST_TRACE), np.zeros(rows)
        zero = (size, rows)
        self.d_average, self.d_trace, self.d_accord = np.zeros(zero), np.zeros(zero), np.zeros(zero)
        self.has_average = self._matters("baseline")
        self.gated = "eta_high" in theta
        self.agrees = self.gated and self._matters("agreement")
        self.has_policy = self._matters("policy")
        self.two = self._matters("share")
        self.recent, self.d_recent = np.zeros((arms, rows)), np.zeros((size, arms, rows))
        self.u, self.du = np.zeros((arms, rows)), np.zeros((size, arms, rows))
        self.bias = np.stack([np.zeros(rows), *(theta[f"bias{arm}"] for arm in range(1, arms))])
        self.traces = [
            ChoiceTrace(self, weight, rate)
            for weight, rate in (("repeat", "repeat_rate"), ("habit", "habit_rate"))
            if self._matters(weight)
        ]
        self.unrest = _Unrest(self) if any(map(self._matters, ("naive", "stray", "restless"))) else None
        self._log_odds()

    def _matters(self, name: str) -> bool:
        return name in self.place or bool(np.any(self.theta[name]))

    def _add(self, tangent: Array, name: str, part: Array | float) -> None:
        at = self.place.get(name)
        if at is not None:
            tangent[at] += part

    def _log_odds(self) -> None:
        value = self.w + self.u if self.two else self.w
        d_value = self.dw + self.du if self.two else self.dw
        self.values, self.d_values = value, d_value
        beta = self.theta["beta"]
        self.logits = beta * value + self.bias
        self.d_logits = beta * d_value
        self._add(self.d_logits, "beta", value)
        for arm in range(1, self.arms):
            at = self.place.get(f"bias{arm}")
            if at is not None:
                self.d_logits[at, arm] += 1
        for trace in self.traces:
            trace.weigh(self.logits, self.d_logits)
        if self.unrest is not None:
            self.logits, self.d_logits = self.unrest.loosen(self.logits, self.d_logits)

    def policy(self) -> Array:
        """softmax of the logits, (arm, session)."""
        p = np.exp(self.logits - self.logits.max(axis=0))
        return np.asarray(p / p.sum(axis=0))

    def learn(self, chosen: Array, reward: Array, made: Array) -> None:
        """One trial: ``chosen`` (arm, session) is 1 for the arm taken, ``made`` and ``reward`` (session,)."""
        theta, add = self.theta, self._add
        other = made - chosen
        p = self.policy() if self.has_policy else None
        expected = (chosen * self.values).sum(axis=0)
        d_expected = np.einsum("kar,ar->kr", self.d_values, chosen)
        delta = reward - theta["own"] * expected  # Family (1)
        d_delta = -theta["own"] * d_expected
        add(d_delta, "own", -expected)
        if self.has_average:
            delta = delta - theta["baseline"] * self.average
            d_delta -= theta["baseline"] * self.d_average
            add(d_delta, "baseline", -self.average)
        delta = delta * made
        d_delta *= made
        rate, d_rate = self._rate(delta, d_delta, chosen, made)
        if self.has_average:
            step = theta["critic_rate"] * made
            self.d_average *= 1 - step
            add(self.d_average, "critic_rate", (reward - self.average) * made)
            self.average = self.average + step * (reward - self.average)
        below = (delta < 0).astype(float)
        factor = 1 + (theta["losses"] - 1) * below
        gain = rate * factor * delta  # rate [delta]
        d_gain = (rate * factor) * d_delta
        if d_rate is None:
            add(d_gain, "eta", factor * delta)
        else:
            d_gain += (factor * delta) * d_rate
        lost = rate * delta * below
        add(d_gain, "losses", lost)
        if "eta_losses" in theta:
            add(d_gain, "eta_losses", lost / theta["eta"])
            add(d_gain, "eta", -lost * theta["losses"] / theta["eta"])
        eligibility = theta["coactivity"] * chosen - theta["opposite"] * other
        push_policy = None
        if p is not None:
            push_policy = (chosen - p) * made
            eligibility = eligibility + theta["policy"] * push_policy
        push = gain * eligibility
        d_push = d_gain[:, None] * eligibility
        add(d_push, "coactivity", gain * chosen)
        add(d_push, "opposite", -gain * other)
        if p is not None:
            add(d_push, "policy", gain * push_policy)
            inner = np.einsum("kar,ar->kr", self.d_logits, p)
            d_push -= (gain * theta["policy"] * p) * (self.d_logits - inner[:, None])
        self._move(push, d_push, other, made)
        for trace in self.traces:
            trace.follow(chosen, made)
        if self.unrest is not None:
            self.unrest.follow(chosen, reward, made)
        self._log_odds()

    def _move(self, push: Array, d_push: Array, other: Array, made: Array) -> None:
        """Family (2): both synapses."""
        theta, add = self.theta, self._add
        off = self.w - theta["rest"]
        kept = 1 - theta["forgetting"] * other
        self.dw *= kept
        add(self.dw, "forgetting", -other * off)
        add(self.dw, "rest", theta["forgetting"] * other)
        if not self.two:
            self.w = theta["rest"] + kept * off + push
            self.dw += d_push
            return
        lasting = 1 - theta["share"]
        self.w = theta["rest"] + kept * off + lasting * push
        self.dw += lasting * d_push
        add(self.dw, "share", -push)
        left = 1 - theta["fading"] * made
        self.du = self.du * left + theta["share"] * d_push
        add(self.du, "share", push)
        add(self.du, "fading", -self.u * made)
        self.u = self.u * left + theta["share"] * push

    def _rate(self, delta: Array, d_delta: Array, chosen: Array, made: Array) -> tuple[Array, Array | None]:
        """Family (3) to (5): the gated rate, and the traces that gate it."""
        theta, add = self.theta, self._add
        if not self.gated:
            return theta["eta"], None
        size, sign = np.abs(delta), np.sign(delta)
        slow = theta["slow"] * made
        add_trace = (size - self.trace) * made
        self.d_trace = self.d_trace * (1 - slow) + slow * (sign * d_delta)
        add(self.d_trace, "slow", add_trace)
        self.trace = self.trace + slow * (size - self.trace)
        signal, d_signal = self.trace, self.d_trace
        if self.agrees:
            side = (2 * chosen - 1) * made
            toward = (side * self.recent).sum(axis=0) / self.arms
            d_toward = np.einsum("kar,ar->kr", self.d_recent, side) / self.arms
            product = delta * toward
            self.d_accord = self.d_accord * (1 - slow) + slow * (d_delta * toward + delta * d_toward)
            add(self.d_accord, "slow", (product - self.accord) * made)
            self.accord = self.accord + slow * (product - self.accord)
            keep = 1 + (theta["memory"] - 1) * made
            self.d_recent = self.d_recent * keep + d_delta[:, None] * side
            add(self.d_recent, "memory", self.recent * made)
            self.recent = self.recent * keep + delta * side
            signal = signal + theta["agreement"] * self.accord
            d_signal = d_signal + theta["agreement"] * self.d_accord
            add(d_signal, "agreement", self.accord)
        over = (signal - theta["threshold"]) / theta["width"]
        open_for = 1 / (1 + np.exp(-np.clip(over, -50, 50)))
        slope = open_for * (1 - open_for)
        steep = (theta["eta_high"] - theta["eta"]) * slope / theta["width"]
        d_rate = steep * d_signal
        add(d_rate, "threshold", -steep)
        add(d_rate, "width", -steep * over)
        add(d_rate, "eta", 1 - open_for)
        add(d_rate, "eta_high", open_for)
        return theta["eta"] + (theta["eta_high"] - theta["eta"]) * open_for, d_rate


class _Walks(Protocol):
    """Whose choices a trace is of."""

    theta: Mapping[str, Array]
    place: Mapping[str, int]
    arms: int


class ChoiceTrace:
    """A trace of choices and its weight in the logits, `coefficients` (2)."""

    def __init__(self, walk: _Walks, weight: str, rate: str) -> None:
        self.weight, self.rate = walk.theta[weight], walk.theta[rate]
        self.at_weight, self.at_rate = walk.place.get(weight), walk.place.get(rate)
        self.level = np.zeros((walk.arms, len(self.rate)))
        self.d_level = np.zeros_like(self.level)

    def follow(self, chosen: Array, made: Array) -> None:
        off = chosen - self.level * made
        if self.at_rate is not None:
            self.d_level = self.d_level * (1 - self.rate * made) + off
        self.level = self.level + self.rate * off

    def weigh(self, logits: Array, d_logits: Array) -> None:
        logits += self.weight * self.level
        if self.at_weight is not None:
            d_logits[self.at_weight] += self.level
        if self.at_rate is not None:
            d_logits[self.at_rate] += self.weight * self.d_level


class _Unrest:
    """What makes choices looser for a while, `coefficients` (3)."""

    def __init__(self, walk: Walk) -> None:
        self.theta, self.place = walk.theta, walk.place
        rows = len(self.theta["naive"])
        self.trials, self.left, self.paid = np.zeros(rows), np.zeros(rows), np.zeros(rows)
        self.last = np.zeros((walk.arms, rows))

    def follow(self, chosen: Array, reward: Array, made: Array) -> None:
        left = (self.last * (made - chosen)).sum(axis=0) * self.paid
        self.left = np.where(made, left, self.left)
        self.last = np.where(made, chosen, self.last)
        self.paid = np.where(made, reward, self.paid)
        self.trials = self.trials + made

    def loosen(self, logits: Array, d_logits: Array) -> tuple[Array, Array]:
        theta = self.theta
        new = np.exp(-theta["naive_rate"] * self.trials)
        used, firm = 1 - theta["naive"] * new, 1 - theta["stray"] * self.left
        leave = self.left * self.last
        slopes = {
            "naive": -new * firm * logits,
            "naive_rate": theta["naive"] * self.trials * new * firm * logits,
            "stray": -used * self.left * logits,
            "restless": -leave,
        }
        d_logits = used * firm * d_logits
        for name, slope in slopes.items():
            at = self.place.get(name)
            if at is not None:
                d_logits[at] += slope
        return used * firm * logits - theta["restless"] * leave, d_logits


@dataclass
class Sums:
    """Equations (1) and (3), and the gradient, added up over sessions; each (row, ...)."""

    value: Array
    slope: Array
    information: Array

    @classmethod
    def none(cls, rows: int, size: int) -> Sums:
        return cls(np.zeros(rows), np.zeros((rows, size)), np.zeros((rows, size, size)))

    def add(self, row: NDArray, log_p: Array, d_log_p: Array | None, chosen: Array, weight: Array) -> None:
        """Sessions of the rows ``row``: log P of every option (trial, option, session), its sensitivities
        (trial, coefficient, option, session), what was chosen, what each trial counts (trial, session)."""
        taken = chosen * weight[:, None]
        np.add.at(self.value, row, (log_p * taken).sum(axis=(0, 1)))
        if d_log_p is None:
            return
        size = d_log_p.shape[1]
        flat = d_log_p.transpose(3, 1, 0, 2).reshape(len(row), size, -1)
        counts = taken.transpose(2, 0, 1).reshape(len(row), -1, 1)
        np.add.at(self.slope, row, (flat @ counts)[:, :, 0])
        flat = flat * np.sqrt(np.exp(log_p) * weight[:, None]).transpose(2, 0, 1).reshape(len(row), 1, -1)
        np.add.at(self.information, row, flat @ flat.transpose(0, 2, 1))


@dataclass(frozen=True)
class Summed:
    """log L of the subjects of ``choices`` where coefficients lie as ``chart`` says: what `empirical_bayes`
    climbs."""

    chart: Chart
    choices: Choices
    sessions: Sessions = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sessions", Sessions.of(self.choices))

    @property
    def parameters(self) -> tuple[Free, ...]:
        return self.chart.parameters(self.choices.options)

    @property
    def subjects(self) -> int:
        return len(self.choices.subjects)

    @property
    def options(self) -> int:
        """Of a trial, in all stages."""
        return self.sessions.arms

    def value(self, x: Array, who: NDArray, counted: NDArray | None = None) -> Array:
        """log L (row,) for rows ``x`` (row, coefficient) of the subjects ``who`` (row,), over the trials
        ``counted`` (subject, trial)."""
        return self._sums(x, who, counted, slopes=False).value

    def evaluate(self, x: Array, who: NDArray, counted: NDArray | None = None) -> tuple[Array, Array, Array]:
        """The same, its gradient (row, coefficient), Fisher's information (row, coefficient, coefficient)."""
        sums = self._sums(x, who, counted, slopes=True)
        return sums.value, sums.slope, sums.information

    def _sums(self, x: Array, who: NDArray, counted: NDArray | None, slopes: bool) -> Sums:
        size = len(self.parameters)
        sums = Sums.none(len(x), size)
        columns, owner = self.sessions.columns(who, self.subjects)
        each = self.sessions.action.shape[0] * self.options * (size if slopes else 1)
        most = max(1, LARGEST // each)
        for at in range(0, len(columns), most):
            own, row = self.sessions.take(columns[at : at + most]), owner[at : at + most]
            weight = own.made.astype(float) if counted is None else own.made * own.spread(counted)
            for log_p, d_log_p, chosen in self._stages(x, own, row, slopes):
                sums.add(row, log_p, d_log_p, chosen, weight)
        return sums

    def _stages(
        self, x: Array, own: Sessions, row: NDArray, slopes: bool
    ) -> Iterable[tuple[Array, Array | None, Array]]:
        """log P of each stage that counts (trial, option, session), its sensitivities, what was chosen."""
        raise NotImplementedError

    def _places(self, slopes: bool) -> dict[str, int]:
        """Where the sensitivity to each number is found; none without ``slopes``."""
        place = {parameter.name: k for k, parameter in enumerate(self.parameters)} if slopes else {}
        return place | {name: place[source] for name, source in self.chart.tied.items() if slopes}


@dataclass(frozen=True)
class Likelihood(Summed):
    """Equations (1) and (3), of choices of a bandit."""

    def log_policies(self, x: Array) -> Array:
        """log P of every option before every trial at ``x`` (subject, coefficient): (subject, trial, option),
        NaN beyond a subject's last trial."""
        logits, _, theta = self._run(x, self.sessions, self.sessions.subject, slopes=False)
        log_p, _ = self._policies(x[self.sessions.subject], logits, None, theta)
        found = np.full((self.choices.action.size, self.choices.options), np.nan)
        there = self.sessions.place >= 0
        found[self.sessions.place[there]] = log_p.transpose(0, 2, 1)[there]
        return found.reshape(*self.choices.action.shape, -1)

    def _stages(
        self, x: Array, own: Sessions, row: NDArray, slopes: bool
    ) -> Iterable[tuple[Array, Array | None, Array]]:
        logits, tangents, theta = self._run(x, own, row, slopes)
        return [(*self._policies(x[row], logits, tangents, theta), own.chosen)]

    @property
    def _names(self) -> list[str]:
        return [parameter.name for parameter in self.parameters]

    def _run(
        self, x: Array, own: Sessions, row: NDArray, slopes: bool
    ) -> tuple[Array, Array | None, dict[str, Array]]:
        """Logits (trial, arm, session), their sensitivities (trial, coefficient, arm, session), theta."""
        parameters, names = self.parameters, self._names
        theta = self.chart.values(x, own.arms, row)
        walk = Walk(theta, self._places(slopes), len(names) if slopes else 0, own.arms)
        chosen, made = own.chosen, own.made.astype(float)
        trials = len(chosen)
        logits = np.empty(chosen.shape)
        tangents = np.empty((trials, len(names), *chosen.shape[1:])) if slopes else None
        for trial in range(trials):
            logits[trial] = walk.logits
            if tangents is not None:
                tangents[trial] = walk.d_logits
            if trial < trials - 1:
                walk.learn(chosen[trial], own.reward[trial], made[trial])
        if tangents is not None:
            tangents *= np.stack([p.slope(x[row, k]) for k, p in enumerate(parameters)])[:, None]
        return logits, tangents, theta

    def _policies(
        self, x: Array, logits: Array, tangents: Array | None, theta: Mapping[str, Array]
    ) -> tuple[Array, Array | None]:
        """log P of `coefficients` (3), (trial, arm, session), and its sensitivities, from those of the
        logits, which are used up; ``x`` (session, coefficient)."""
        log_p = softmax(logits, tangents)
        if "lapse" not in self._names:
            return (log_p, tangents) if not theta["lapse"].any() else _lapses(log_p, tangents, theta["lapse"])
        place = self._names.index("lapse")
        slope = self.parameters[place].slope(x[:, place])
        return _lapses(log_p, tangents, theta["lapse"], place, slope)


def softmax(logits: Array, tangents: Array | None) -> Array:
    """log softmax of the logits (trial, arm, session), whose sensitivities become its own."""
    log_p = logits - logits.max(axis=1, keepdims=True)
    soft = np.exp(log_p)
    total = soft.sum(axis=1, keepdims=True)
    soft /= total
    log_p -= np.log(total)
    if tangents is not None:
        tangents -= (tangents * soft[:, None]).sum(axis=2, keepdims=True)
    return np.asarray(log_p)


def _lapses(
    log_p: Array,
    tangents: Array | None,
    lapse: Array,
    place: int | None = None,
    slope: Array | None = None,
) -> tuple[Array, Array | None]:
    """log P with lapses, and its sensitivities, from those of the softmax; ``slope`` is that of the lapse by
    the coefficient in ``place``."""
    arms, soft = log_p.shape[1], np.exp(log_p)
    p = (1 - lapse) * soft + lapse / arms
    if tangents is not None:
        tangents *= ((1 - lapse) * soft / p)[:, None]
        if place is not None:
            tangents[:, place] += (1 / arms - soft) / p * slope
    return np.log(p), tangents
