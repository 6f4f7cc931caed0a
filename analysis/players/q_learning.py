"""Simulated people of a bandit: one value for each arm, a constant learning rate, softmax choices.

    Q(a) += alpha (r - Q(a)),        logit P(a) = beta Q(a) + perseveration [a was chosen last]   (1)

up to a constant. Each arm's probability of reward drifts between reflecting bounds (Daw et al. 2006,
doi:10.1038/nature04766, have drifting bandits; these pay 1 or 0), or stands still with ``drift`` 0.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.mistakes import Mistake
from ..recordings.behaviour import Behaviour
from .two_step import as_behaviour, one_for_each, reflected


def simulate(
    subjects: int,
    trials: int,
    *,
    alpha: ArrayLike = 0.3,
    beta: ArrayLike = 5.0,
    perseveration: ArrayLike = 0.0,
    arms: int = 2,
    bounds: tuple[float, float] = (0.2, 0.8),
    drift: float = 0.05,
    first_value: float = 0.5,
    seed: int = 0,
) -> Behaviour:
    """People whose parameters are known, equation (1).

    Args:
        subjects, trials: how many people, and trials of each (one session).
        alpha, beta, perseveration: one for all subjects, or one for each; perseveration is in units of the
            logit.
        arms: how many.
        bounds, drift: of the probabilities of reward, whose first values are drawn evenly between the bounds.
        first_value: of all Q.
        seed: of task and choices.

    Returns:
        one row a trial: ``subject`` and ``session`` (words), ``trial`` (from 0), ``action`` (1 .. arms),
        ``reward`` (1 or 0), ``missed`` (0).

    Raises:
        Mistake: no subject or trial, fewer than two arms, a parameter that is not one for each or outside
            its range.
    """
    if subjects < 1 or trials < 1 or arms < 2:
        raise Mistake(f"bandit: {subjects} subjects, {trials} trials, {arms} arms are too few")
    rate = one_for_each("alpha", alpha, subjects, 0, 1)
    steep = one_for_each("beta", beta, subjects, 0, np.inf)[:, None]
    again = one_for_each("perseveration", perseveration, subjects, -np.inf, np.inf)[:, None]
    low, high = bounds
    if not (0 <= low <= high <= 1 and 0 <= drift < np.inf):
        raise Mistake("bandit: bounds must lie in [0, 1] and in order, drift not below 0")
    generator = np.random.default_rng(seed)
    chance = low + (high - low) * generator.random((subjects, arms))
    value, who = np.full((subjects, arms), float(first_value)), np.arange(subjects)
    last = np.full(subjects, -1)
    action, reward = np.empty((2, subjects, trials))
    for trial in range(trials):
        if trial:
            chance = reflected(chance + drift * generator.standard_normal(chance.shape), low, high)
        logits = steep * value + again * (last[:, None] == np.arange(arms))
        last = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)
        paid = generator.random(subjects) < chance[who, last]
        value[who, last] += rate * (paid - value[who, last])
        action[:, trial], reward[:, trial] = last + 1, paid
    columns = {"action": action, "reward": reward, "missed": np.zeros_like(action)}
    return as_behaviour(columns, "simulated bandit")
