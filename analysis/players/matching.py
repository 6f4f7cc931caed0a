"""Players of the matching task: two arms are baited at random, and stay baited until they are chosen.

Before each trial arm i is baited with probability p_i; the chosen arm pays if it is baited, and then is not.
With n_i trials since arm i was last chosen it pays with probability

    1 - (1 - p_i)**(n_i + 1)                                                                  (1)

(Herrnstein 1961, doi:10.1901/jeab.1961.4-267; Lau & Glimcher 2005, doi:10.1901/jeab.2005.110-04). Players:

    stochastic   arm 0 with probability s in every trial. Arm i, chosen with probability s_i, returns per
                 choice r_i, so that the reward per trial is

                 r_i = p_i / (1 - (1 - s_i)(1 - p_i)),      R(s) = s_0 r_0 + s_1 r_1          (2)

                 The matching share is the s at which both arms return as much, so that income goes as
                 choice. Since dR/ds = r_0**2 - r_1**2, no other s earns as much.
    ideal        knows the p_i: k times the richer arm, once the other, and again; with p the richer, q the
                 other arm's chance, k maximises

                 R_k = (1 - (1-p)**2 + (k - 1) p + 1 - (1-q)**(k+1)) / (k + 1)                (3)

    local        arm 0 with probability I_0/(I_0 + I_1), where income I_i is a leaky sum of what arm i paid
                 (Sugrue, Corrado & Newsome 2004, doi:10.1126/science.1094765)                (4)

Which arms are baited when is drawn beforehand (episode, trial, arm), the same for every player.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake

Baits = NDArray[np.bool_]
LONGEST = 500
"""Longest run of choices of one arm that `ideal_run` considers."""


def episodes(chances: ArrayLike, trials: int, seed: int) -> Baits:
    """Which arms are baited before each trial (episode, trial, arm), from p (episode, arm).

    Raises:
        Mistake: chances that are not two for each episode, or outside 0 .. 1.
    """
    p = _two_of_each(chances)
    return np.random.default_rng(seed).random((len(p), trials, 2)) < p[:, None]


def stochastic(baits: Baits, share: ArrayLike, seed: int = 0) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Choices and rewards (episode, trial) of who takes arm 0 with probability ``share``."""
    shares = np.broadcast_to(np.asarray(share, float), baits.shape[:1])
    draws = np.random.default_rng(seed).random(baits.shape[:2])
    return _live(baits, lambda trial: (draws[:, trial] >= shares).astype(np.int8))


def ideal(baits: Baits, chances: ArrayLike) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Choices and rewards (episode, trial) of who knows the chances, equation (3)."""
    p = _two_of_each(chances)
    rich = p.argmax(axis=1)
    cycle = np.array([ideal_run(*pair)[0] for pair in p]) + 1
    return _live(baits, lambda trial: np.where(trial % cycle == cycle - 1, 1 - rich, rich).astype(np.int8))


def local(baits: Baits, memory: float = 20.0, seed: int = 0) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Choices and rewards (episode, trial) of local matching (4) with a memory of so many trials.

    Income starts as if each arm had paid once.
    """
    if not memory > 1:
        raise Mistake(f"matching: memory is {memory:g} trials, must be above 1")
    income = np.ones((len(baits), 2))
    draws = np.random.default_rng(seed).random(baits.shape[:2])

    def choose(trial: int) -> NDArray[np.int8]:
        return (draws[:, trial] * income.sum(axis=1) >= income[:, 0]).astype(np.int8)

    def learn(choice: NDArray[np.int8], reward: NDArray[np.int8]) -> None:
        income[...] += (reward[:, None] * (choice[:, None] == np.arange(2)) - income) / memory
        np.maximum(income, 1e-6, out=income)

    return _live(baits, choose, learn)


def returns(chances: ArrayLike, share: ArrayLike) -> Array:
    """Reward per choice of each arm (episode, arm) if arm 0 is chosen with probability ``share``: (2)."""
    p = _two_of_each(chances)
    shares = np.broadcast_to(np.asarray(share, float), p.shape[:1])
    each = np.column_stack([shares, 1 - shares])
    return p / (1 - (1 - each) * (1 - p))


def matching_share(chances: ArrayLike) -> Array:
    """The share of arm 0 (episode,) at which both arms return as much, from (2):

    s_0/s_1 = p_0 (1 - p_1) / (p_1 (1 - p_0)).
    """
    p = _two_of_each(chances)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = p / (1 - p)
        return odds[:, 0] / odds.sum(axis=1)


def ideal_run(first: float, second: float) -> tuple[int, float]:
    """How often the richer arm is chosen between two choices of the other, and the reward per trial: (3)."""
    rich, poor = max(first, second), min(first, second)
    run = np.arange(1, LONGEST + 1)
    rate = (1 - (1 - rich) ** 2 + (run - 1) * rich + 1 - (1 - poor) ** (run + 1)) / (run + 1)
    best = int(np.argmax(rate))
    return int(run[best]), float(rate[best])


def _live(
    baits: Baits,
    choose: Callable[[int], NDArray[np.int8]],
    learn: Callable[[NDArray[np.int8], NDArray[np.int8]], None] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Choices and rewards, baits staying until they are taken."""
    rows = np.arange(len(baits))
    choices, rewards = np.empty((2, *baits.shape[:2]), np.int8)
    waiting = np.zeros((len(baits), 2), bool)
    for trial in range(baits.shape[1]):
        waiting |= baits[:, trial]
        choice = choose(trial)
        reward = waiting[rows, choice].astype(np.int8)
        waiting[rows, choice] = False
        if learn is not None:
            learn(choice, reward)
        choices[:, trial], rewards[:, trial] = choice, reward
    return choices, rewards


def _two_of_each(chances: ArrayLike) -> Array:
    p = np.asarray(chances, float)
    if p.ndim != 2 or p.shape[1] != 2 or not ((p >= 0) & (p <= 1)).all():
        raise Mistake(f"matching: chances must be two for each episode, in [0, 1] (shape {p.shape})")
    return p
