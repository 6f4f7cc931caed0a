"""Players of the reversal bandit: two arms pay with chances high and low, and swap with hazard h.

    L(t)   = log odds that arm 0 is the good one                                              (1)
    L     += s log(high/low) if the chosen arm paid, s log((1-high)/(1-low)) if not           (2)
    P      = (1-h) P + h (1-P)           before the next trial                                (3)

with s = +1 if arm 0 was chosen, -1 if arm 1, and h the probability of a swap before each trial. The Bayesian
player chooses the arm that is more probably good; since what it sees says as much about one arm as about the
other, choosing greedily is optimal. Where the hazard is not known, (2) and (3) run for every hazard of a set,
each weighted by how probable it makes what was seen. Constant-rate learners choose the greater value, ties by
lot, or by softmax with an inverse temperature beta,

    Q(c) += alpha (r - Q(c)),     Q(other) += alpha (1 - r - Q(other))  or  phi (1/2 - Q(other))     (4)

The second, which learns of the chosen arm only, must forget the other: with phi = 0 a value once low stays
low until chance tries it again (at h = .1 it then earns .63 at most, whatever its temperature, against .655).
Where phi = alpha it chooses, greedily, just as the first.

All players are given what the arms would pay, (episode, trial, arm), so that a network can be given the same.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake


def episodes(hazard: ArrayLike, high: float, low: float, trials: int, seed: int) -> NDArray[np.int8]:
    """What two arms would pay, (episode, trial, arm), with the hazard of each episode."""
    rates = np.atleast_1d(np.asarray(hazard, float))
    if ((rates < 0) | (rates > 1)).any() or not (0 <= low <= 1 and 0 <= high <= 1):
        raise Mistake("hazards and probabilities of reward must lie in [0, 1]")
    generator = np.random.default_rng(seed)
    moved = generator.random((len(rates), trials)) < rates[:, None]
    moved[:, 0] = generator.random(len(rates)) < 0.5
    good = np.cumsum(moved, axis=1) % 2
    arms = np.arange(2)
    chance = np.where(good[:, :, None] == arms, high, low)
    return (generator.random(chance.shape) < chance).astype(np.int8)


def bayes_known(pay: NDArray, hazard: ArrayLike, high: float, low: float) -> Array:
    """Mean reward (episode,) of the Bayesian player that knows the hazard (one, or one of each episode)."""
    rates = np.broadcast_to(np.asarray(hazard, float), pay.shape[:1])
    return _bayes(pay, rates[:, None], high, low)


def bayes_inferred(pay: NDArray, hazards: Sequence[float], high: float, low: float) -> Array:
    """Mean reward (episode,) of the Bayesian player to whom each of ``hazards`` is as probable at first."""
    rates = np.broadcast_to(np.asarray(hazards, float), (len(pay), len(hazards)))
    return _bayes(pay, rates, high, low)


def _bayes(pay: NDArray, rates: Array, high: float, low: float) -> Array:
    """Joint filter over (hazard, good arm): ``rates`` is (episode, hypothesis)."""
    number, trials, _ = pay.shape
    odds = rates.T
    belief = np.full((2, len(odds), number), 0.5 / len(odds))
    total = np.zeros(number)
    for trial, pays in enumerate(_in_turn(pay)):
        if trial:
            belief += odds * (belief[::-1] - belief)  # (3)
        first, second = belief.sum(axis=1)
        choice = second > first
        paid = np.where(choice, pays[1], pays[0])
        total += paid
        for good, share in enumerate(belief):
            chance = np.where(choice == good, high, low)
            share *= np.where(paid == 1, chance, 1 - chance)  # (2)
        belief /= belief.sum(axis=(0, 1))
    return total / trials


def _in_turn(pay: NDArray) -> NDArray:
    """(trial, arm, episode): what is read at once lies side by side."""
    return np.ascontiguousarray(pay.transpose(1, 2, 0))


def constant_rate(
    pay: NDArray,
    alpha: ArrayLike,
    *,
    updates: Literal["both", "chosen"] = "both",
    forgetting: float = 0.0,
    beta: float = np.inf,
    seed: int = 0,
) -> Array:
    """Mean reward (episode,) of a learner of constant rate, equation (4).

    ``alpha``: one, or one for each episode; ``forgetting`` is phi, where ``updates`` is chosen.
    """
    number, trials, arms = pay.shape
    rate = np.broadcast_to(np.asarray(alpha, float), (number,))
    value = np.full((arms, number), 0.5)
    generator = np.random.default_rng(seed)
    total = np.zeros(number)
    for pays in _in_turn(pay):
        if np.isfinite(beta):
            noise = generator.gumbel(size=(number, arms)).T / beta
        else:
            noise = 1e-9 * generator.random((number, arms)).T  # ties by lot
        first, second = value + noise
        choice = second > first
        paid = np.where(choice, pays[1], pays[0]).astype(float)
        total += paid
        for arm, own in enumerate(value):
            chosen = choice == arm
            if updates == "both":
                own += rate * (np.where(chosen, paid, 1 - paid) - own)
            else:
                own += np.where(chosen, rate * (paid - own), forgetting * (0.5 - own))
    return total / trials


def win_stay_lose_shift(pay: NDArray) -> Array:
    """Mean reward (episode,) of the player that repeats what paid and leaves what did not."""
    number, trials, _ = pay.shape
    rows, total = np.arange(number), np.zeros(number)
    choice = np.zeros(number, int)
    for trial in range(trials):
        paid = pay[rows, trial, choice]
        total += paid
        choice = np.where(paid == 1, choice, 1 - choice)
    return total / trials


def best_constant_rate(
    pay: NDArray,
    alphas: ArrayLike,
    *,
    updates: Literal["both", "chosen"] = "both",
    forgetting: float = 0.0,
    beta: float = np.inf,
) -> tuple[float, float]:
    """The best of ``alphas`` and its mean reward over the episodes."""
    rates = np.asarray(alphas, float)
    means = [
        float(constant_rate(pay, float(alpha), updates=updates, forgetting=forgetting, beta=beta).mean())
        for alpha in rates
    ]
    best = int(np.argmax(means))
    return float(rates[best]), means[best]
