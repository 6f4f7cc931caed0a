"""Simulated people of the two-step task: model-based and model-free values, mixed, and softmax choices.

The task of Daw et al. (2011, doi:10.1016/j.neuron.2011.02.027). A first action (1 or 2) leads to the second
state of the same number with probability ``common``, else to the other; there one of two actions is paid with
a probability that drifts (standard deviation ``drift`` a trial) between two reflecting bounds. With Q2(s, b)
the values of the second stage, Q1(a) those of the first, and r the reward,

    d1 = Q2(s,b) - Q1(a),            d2 = r - Q2(s,b)                                         (1)
    Q1(a)  += alpha1 (d1 + lambda d2),       Q2(s,b) += alpha2 d2                             (2)
    QMB(a)  = common max_b Q2(a,b) + (1 - common) max_b Q2(other,b)                           (3)
    logit P(a)  = beta1 (w QMB(a) + (1 - w) Q1(a)) + perseveration [a was chosen last]        (4)
    logit P(b)  = beta2 Q2(s,b)                                                               (5)

up to a constant, with all values ``first_value`` at the beginning. The perseveration of (4) is in units of
the logit: beta1 times that of the paper. Parameters are one for all subjects, or one for each.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour

COLUMNS = ("action", "common", "state2", "action2", "reward", "missed")


def simulate(
    subjects: int,
    trials: int,
    *,
    alpha1: ArrayLike = 0.5,
    alpha2: ArrayLike | None = None,
    lam: ArrayLike = 0.6,
    beta1: ArrayLike = 5.0,
    beta2: ArrayLike | None = None,
    w: ArrayLike = 0.5,
    perseveration: ArrayLike = 0.0,
    common: float = 0.7,
    bounds: tuple[float, float] = (0.25, 0.75),
    drift: float = 0.025,
    first_value: float = 0.5,
    missed: float = 0.0,
    seed: int = 0,
) -> Behaviour:
    """People whose parameters are known, equations (1) to (5).

    Args:
        subjects, trials: how many people, and trials of each (one session).
        alpha1, alpha2: learning rates of the two stages; ``alpha2`` None is ``alpha1``.
        lam: eligibility lambda of the first stage at the time of the reward.
        beta1, beta2: inverse temperatures of the two stages; ``beta2`` None is ``beta1``.
        w: weight of the model-based values, 0 .. 1.
        perseveration: of the first action, in units of the logit.
        common: probability of the common transition.
        bounds, drift: of the probabilities of reward, whose first values are drawn evenly between the bounds.
        first_value: of all Q.
        missed: probability that a trial is missed: nothing is chosen, seen or learned.
        seed: of task and choices.

    Returns:
        one row a trial: ``subject`` and ``session`` (words), ``trial`` (from 0), ``action``, ``state2``,
        ``action2`` (1 or 2), ``common`` (1 or 0), ``reward`` (1 or 0), ``missed`` (1 or 0); the columns from
        ``action`` to ``reward`` are NaN in a missed trial.

    Raises:
        Mistake: no subject or trial, a parameter that is not one for each, or outside its range.
    """
    if subjects < 1 or trials < 1:
        raise Mistake(f"two-step: {subjects} subjects and {trials} trials, must be at least 1")
    given: dict[str, tuple[ArrayLike, float, float]] = {
        "alpha1": (alpha1, 0, 1),
        "alpha2": (alpha1 if alpha2 is None else alpha2, 0, 1),
        "lam": (lam, 0, 1),
        "beta1": (beta1, 0, np.inf),
        "beta2": (beta1 if beta2 is None else beta2, 0, np.inf),
        "w": (w, 0, 1),
        "perseveration": (perseveration, -np.inf, np.inf),
    }
    own = {name: one_for_each(name, value, subjects, *ends) for name, (value, *ends) in given.items()}
    low, high = bounds
    if not (0 <= common <= 1 and 0 <= low <= high <= 1 and 0 <= missed <= 1 and 0 <= drift < np.inf):
        raise Mistake("two-step: probabilities must lie in [0, 1], bounds in order, drift not below 0")
    generator = np.random.default_rng(seed)
    chance = low + (high - low) * generator.random((subjects, 2, 2))
    table = np.full((subjects, trials, len(COLUMNS)), np.nan)
    q1, q2 = np.full((subjects, 2), float(first_value)), np.full((subjects, 2, 2), float(first_value))
    last = np.full(subjects, -1)
    who = np.arange(subjects)
    for trial in range(trials):
        if trial:
            chance = reflected(chance + drift * generator.standard_normal(chance.shape), low, high)
        draw = generator.random((subjects, 5))
        first = draw[:, 0] < _second_is_chosen(first_logits(q1, q2, last, common, own))
        a = first.astype(int)
        is_common = draw[:, 1] < common
        s = np.where(is_common, a, 1 - a)
        b = (draw[:, 2] < _second_is_chosen(own["beta2"][:, None] * q2[who, s])).astype(int)
        r = (draw[:, 3] < chance[who, s, b]).astype(float)
        here = draw[:, 4] >= missed
        row = np.column_stack([a + 1, is_common, s + 1, b + 1, r, np.zeros(subjects)])
        row[~here] = np.nan
        row[:, -1] = ~here
        table[:, trial] = row
        d1 = np.where(here, q2[who, s, b] - q1[who, a], 0)  # (1)
        d2 = np.where(here, r - q2[who, s, b], 0)
        q1[who, a] += own["alpha1"] * (d1 + own["lam"] * d2)  # (2)
        q2[who, s, b] += own["alpha2"] * d2
        last = np.where(here, a, last)
    return as_behaviour(dict(zip(COLUMNS, np.moveaxis(table, 2, 0), strict=True)), "simulated two-step task")


def first_logits(q1: Array, q2: Array, last: NDArray, common: float, own: Mapping[str, Array]) -> Array:
    """Equations (3) and (4): (subject, action). ``last`` is the last action (0, 1), -1 before the first."""
    best = q2.max(axis=2)
    planned = common * best + (1 - common) * best[:, ::-1]
    w = own["w"][:, None]
    again = last[:, None] == np.arange(2)
    return own["beta1"][:, None] * (w * planned + (1 - w) * q1) + own["perseveration"][:, None] * again


def _second_is_chosen(logits: Array) -> Array:
    """Softmax probability of the second of two."""
    return 1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -700, 700)))


def one_for_each(name: str, value: ArrayLike, number: int, low: float, high: float) -> Array:
    """The parameter as (subject,); a Mistake unless it is one or one for each, within low .. high."""
    values = np.asarray(value, float)
    if values.shape not in ((), (number,)):
        raise Mistake(f"{name} has shape {values.shape}, must be one number or one for each of {number}")
    if not (np.isfinite(values) & (values >= low) & (values <= high)).all():
        raise Mistake(f"{name} must be finite and lie in {low:g} .. {high:g}")
    return np.broadcast_to(values, (number,)).astype(float)


def reflected(values: Array, low: float, high: float) -> Array:
    """Values that left low .. high, reflected at the bounds until they are within."""
    if high == low:
        return np.full_like(values, low)
    turned = np.mod(values - low, 2 * (high - low))
    return low + np.minimum(turned, 2 * (high - low) - turned)


def as_behaviour(columns: Mapping[str, NDArray], source: str) -> Behaviour:
    """Columns (subject, trial) as one row a trial, one session each."""
    subjects, trials = next(iter(columns.values())).shape
    width = len(str(subjects - 1))
    names = np.array([f"s{number:0{width}d}" for number in range(subjects)])
    head = {
        "subject": np.repeat(names, trials),
        "session": np.full(subjects * trials, "0"),
        "trial": np.tile(np.arange(float(trials)), subjects),
    }
    return Behaviour(head | {name: np.ravel(values) for name, values in columns.items()}, source)
