"""Players of Bernoulli bandits: arms that pay 1 with a probability of their own, for a number of trials.

With n_a outcomes of arm a after t trials, s_a of them rewards, a player chooses the greatest of

    UCB1         s_a/n_a + sqrt(c ln t/n_a), each arm once first (Auer et al. 2002,
                 doi:10.1023/A:1013689704352, has c = 2)                                      (1)
    Thompson     a draw from Beta(1 + s_a, 1 + n_a - s_a) (Thompson 1933, doi:10.1093/biomet/25.3-4.285)
    greedy       its mean, (s_a + 1)/(n_a + 2)
    Gittins      the index of `gittins`
    optimal      what `dynamic_programming` says (two independent arms)
    Bayes        for two arms that are known to pay p and 1 - p, which is more probably the better
    Q-softmax    beta Q_a + Gumbel noise, where Q_a += alpha (r - Q_a) for the chosen arm         (2)

ties by lot. The measure is the pseudo-regret, the sum over trials of (best arm's - chosen arm's) probability.
All players are given what the arms would pay, (episode, trial, arm), so that a network can be given the same.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from . import gittins
from .dynamic_programming import Policy, TwoArms

Pay = NDArray[np.int8]
Choices = NDArray[np.int8]
Score = Callable[[Array, Array, int, np.random.Generator], Array]
"""(rewards (episode, arm), outcomes (episode, arm), trials so far, generator) -> (episode, arm)."""


def draw_chances(
    family: Literal["independent", "mirrored"] | Sequence[float], number: int, seed: int, arms: int = 2
) -> Array:
    """Probabilities of reward (episode, arm): uniform and independent; p and 1 - p with p uniform; or given.

    Given probabilities belong to arms in an order that is drawn.
    """
    generator = np.random.default_rng(seed)
    if family == "independent":
        return generator.random((number, arms))
    if family == "mirrored":
        first = generator.random(number)
        return np.column_stack([first, 1 - first])
    given = np.asarray(family, float)
    if given.ndim != 1 or len(given) < 2 or not ((given >= 0) & (given <= 1)).all():
        raise Mistake(f"bandit: {family} is no family, or not two or more probabilities")
    return generator.permuted(np.tile(given, (number, 1)), axis=1)


def draw_pay(chances: Array, trials: int, seed: int) -> Pay:
    """What every arm would pay (episode, trial, arm)."""
    draws = np.random.default_rng(seed).random((len(chances), trials, chances.shape[1]))
    return (draws < chances[:, None]).astype(np.int8)


def regret(chances: Array, choices: Choices) -> Array:
    """Pseudo-regret of each trial (episode, trial)."""
    chosen = np.take_along_axis(chances, choices.astype(int), axis=1)
    return chances.max(axis=1, keepdims=True) - chosen


def play(pay: Pay, score: Score, seed: int = 0) -> Choices:
    """Choices (episode, trial) of the player that chooses the greatest score, ties by lot."""
    number, trials, arms = pay.shape
    generator = np.random.default_rng(seed)
    wins, pulls = np.zeros((2, number, arms))
    rows, choices = np.arange(number), np.empty((number, trials), np.int8)
    for trial in range(trials):
        lot = 1e-9 * generator.random((number, arms))
        choice = (score(wins, pulls, trial, generator) + lot).argmax(axis=1)
        wins[rows, choice] += pay[rows, trial, choice]
        pulls[rows, choice] += 1
        choices[:, trial] = choice
    return choices


def random(pay: Pay, seed: int = 0) -> Choices:
    """Any arm, by lot."""
    return play(pay, lambda wins, pulls, trial, generator: np.zeros_like(wins), seed)


def ucb1(pay: Pay, seed: int = 0, c: float = 2.0) -> Choices:
    """Equation (1)."""

    def score(wins: Array, pulls: Array, trial: int, generator: np.random.Generator) -> Array:
        tried = np.maximum(pulls, 1)
        bound = wins / tried + np.sqrt(c * np.log(max(trial, 1)) / tried)
        return np.where(pulls > 0, bound, 1e6)

    return play(pay, score, seed)


def thompson(pay: Pay, seed: int = 0) -> Choices:
    """A draw from each arm's posterior."""
    return play(pay, lambda wins, pulls, trial, generator: generator.beta(1 + wins, 1 + pulls - wins), seed)


def greedy(pay: Pay, seed: int = 0) -> Choices:
    """The greatest posterior mean."""
    return play(pay, lambda wins, pulls, trial, generator: (wins + 1) / (pulls + 2), seed)


def gittins_discounted(pay: Pay, seed: int = 0, gamma: float = 0.99) -> Choices:
    """The greatest Gittins index at discount ``gamma``."""
    index = gittins.discounted(pay.shape[1], gamma)
    return play(pay, lambda wins, pulls, trial, generator: index[_counts(wins, pulls)], seed)


def gittins_finite(pay: Pay, seed: int = 0) -> Choices:
    """The greatest Gittins index for the trials that are left."""
    trials = pay.shape[1]
    index = gittins.finite(trials)
    return play(pay, lambda wins, pulls, trial, generator: index[trials - trial][_counts(wins, pulls)], seed)


def gittins_policy(trials: int) -> Policy:
    """How probably `gittins_finite` chooses arm 1 of two."""
    index = gittins.finite(trials)

    def policy(trial: int, wins: NDArray, losses: NDArray, others: NDArray, failures: NDArray) -> Array:
        first, second = (index[trials - trial][counts] for counts in ((wins, losses), (others, failures)))
        return (second > first) + 0.5 * (second == first)

    return policy


def regret_by(values: TwoArms, policy: Policy, pay: Pay, choices: Choices) -> Array:
    """Regret (episode,) of who made these ``choices``, by the ``values`` of another player, ``policy``.

    Equation (3) of `dynamic_programming`: its mean is that of `regret`, its spread far smaller where the two
    players seldom differ. For two arms drawn independently from (0, 1).
    """
    number, trials, arms = pay.shape
    if arms != 2 or trials != len(values.gains):
        raise Mistake(f"bandit: values of {len(values.gains)} trials of 2 arms for {pay.shape[1:]}")
    wins, losses = np.zeros((2, number, arms), np.intp)
    rows, total = np.arange(number), np.full(number, values.regret)
    for trial, choice in enumerate(choices.T):
        chance = policy(trial, wins[:, 0], losses[:, 0], wins[:, 1], losses[:, 1])
        gain = values.gains[trial][wins[:, 0], losses[:, 0], wins[:, 1]]
        total -= (choice - chance) * gain
        paid = pay[rows, trial, choice]
        wins[rows, choice] += paid
        losses[rows, choice] += 1 - paid
    return total


def optimal(pay: Pay, solution: TwoArms, seed: int = 0) -> Choices:
    """What `dynamic_programming.independent` says for as many trials."""
    if pay.shape[1:] != (len(solution.gains), 2):
        raise Mistake(f"bandit: a solution of {len(solution.gains)} trials of 2 arms for {pay.shape[1:]}")

    def score(wins: Array, pulls: Array, trial: int, generator: np.random.Generator) -> Array:
        paid, not_paid = _counts(wins, pulls)
        gain = solution.gains[trial][paid[:, 0], not_paid[:, 0], paid[:, 1]]
        worth = np.where(np.abs(gain) < 1e-5, 0.0, gain)
        return np.column_stack([np.zeros(len(gain)), worth])

    return play(pay, score, seed)


def bayes_mirrored(pay: Pay, seed: int = 0) -> Choices:
    """The ideal player of two arms that pay p and 1 - p."""
    if pay.shape[2] != 2:
        raise Mistake(f"bandit: {pay.shape[2]} arms, p and 1 - p are two")

    def score(wins: Array, pulls: Array, trial: int, generator: np.random.Generator) -> Array:
        return wins + (pulls - wins)[:, ::-1]  # a failure of one arm speaks for the other

    return play(pay, score, seed)


def q_softmax(
    pay: Pay, alpha: ArrayLike, beta: ArrayLike, seed: int = 0, first_value: float = 0.5
) -> Choices:
    """Equation (2); ``alpha`` and ``beta`` are one, or one for each episode."""
    number, trials, arms = pay.shape
    rate = np.broadcast_to(np.asarray(alpha, float), (number,))
    steep = np.broadcast_to(np.asarray(beta, float), (number,))[:, None]
    generator = np.random.default_rng(seed)
    value, rows = np.full((number, arms), float(first_value)), np.arange(number)
    choices = np.empty((number, trials), np.int8)
    for trial in range(trials):
        choice = (steep * value + generator.gumbel(size=(number, arms))).argmax(axis=1)
        value[rows, choice] += rate * (pay[rows, trial, choice] - value[rows, choice])
        choices[:, trial] = choice
    return choices


def tuned_q(
    chances: Array, pay: Pay, alphas: ArrayLike, betas: ArrayLike, seed: int = 0
) -> tuple[float, float, float]:
    """The pair of ``alphas`` and ``betas`` with the least regret over the episodes, and that regret.

    Every pair plays the same episodes, with the same noise.
    """
    pairs = [(float(alpha), float(beta)) for alpha in np.ravel(alphas) for beta in np.ravel(betas)]
    found = [(regret(chances, q_softmax(pay, *pair, seed)).sum(axis=1).mean(), *pair) for pair in pairs]
    least, alpha, beta = min(found)
    return alpha, beta, float(least)


def _counts(wins: Array, pulls: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rewards and failures as indices."""
    return wins.astype(np.intp), (pulls - wins).astype(np.intp)
