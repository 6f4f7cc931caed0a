"""Players of small Markov decision problems: who knows the world, who counts, and who acts at random.

    g + h(s) = max_k [R(s, k) + sum_s' T(s, k, s') h(s')]                                    (1)

The ideal player earns the gain g of (1), the greatest mean reward per step; found by relative value iteration
(White 1963, doi:10.1016/0022-247X(63)90017-9; Puterman 1994, section 8.5.5), made aperiodic by staying with
probability one half. It knows the world; no learner can earn more in the long run.

The player that counts predicts the values of the chain that it has seen, P and R by their observed means
(certainty equivalence; batch TD(0) finds the same, Sutton & Barto 2018, section 6.3). It remembers every
transition where a critic's synapses hold one number for each state.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..foundation import Array, Mistake
from ..theory.weighed_values import true_values, visits

TOLERANCE, SWEEPS = 1e-10, 100_000
"""Of the ideal player's gain, and after how many sweeps it is given up."""


def restarting(arrivals: ArrayLike, begins: ArrayLike) -> Array:
    """Transitions (chain, state, action, state) of a world whose ended episodes begin anew."""
    chances, first = np.asarray(arrivals, float), np.asarray(begins, float)
    return chances + (1 - chances.sum(axis=-1, keepdims=True)) * first[:, None, None, :]


def reward_of(arrivals: ArrayLike, begins: ArrayLike, pay: ArrayLike, policy: ArrayLike) -> Array:
    """Mean reward per step (chain,) of a policy (chain, state, action) in the long run."""
    chances, act = np.asarray(arrivals, float), np.asarray(policy, float)
    mean = (act * np.asarray(pay, float)).sum(axis=-1)
    share = visits(np.einsum("isk,iskt->ist", act, chances), begins)
    return np.asarray((share * mean).sum(axis=-1))


def counted_values(here: ArrayLike, there: ArrayLike, reward: ArrayLike, states: int, gamma: float) -> Array:
    """Values (chain, state) of the chain that the steps of a life show; 0 for a state never seen.

    Args:
        here, there: (chain, step) states before and after; ``states`` stands for the end of an episode.
        reward: (chain, step).
    """
    first, second, paid = np.asarray(here, int), np.asarray(there, int), np.asarray(reward, float)
    counts, total = np.zeros((len(first), states, states + 1)), np.zeros((len(first), states))
    who = np.broadcast_to(np.arange(len(first))[:, None], first.shape)
    np.add.at(counts, (who, first, second), 1)
    np.add.at(total, (who, first), paid)
    seen = np.maximum(counts.sum(axis=-1), 1)
    return true_values(counts[..., :states] / seen[..., None], total / seen, gamma)


def random_player(arrivals: ArrayLike, begins: ArrayLike, pay: ArrayLike) -> Array:
    """Mean reward per step (chain,) of all actions alike."""
    shape = np.shape(pay)
    return reward_of(arrivals, begins, pay, np.full(shape, 1 / shape[-1]))


def ideal_player(
    arrivals: ArrayLike, begins: ArrayLike, pay: ArrayLike, tolerance: float = TOLERANCE, sweeps: int = SWEEPS
) -> tuple[Array, NDArray[np.int_]]:
    """Equation (1): the gain (chain,) and the action (chain, state) that earns it.

    Args:
        arrivals: (chain, state, action, state) probabilities within an episode.
        begins: (chain, state) probabilities of the first state of an episode.
        pay: (chain, state, action) mean reward.
        tolerance: how far apart the bounds of a gain may be.

    Raises:
        Mistake: the bounds have not met after ``sweeps``.
    """
    moves, reward = restarting(arrivals, begins), np.asarray(pay, float)
    reached = np.asarray(begins, float) > 0
    relative = np.zeros(reward.shape[:2])
    for _ in range(sweeps):
        worth = reward + np.einsum("iskt,it->isk", moves, relative)
        change = np.where(reached, worth.max(axis=-1) - relative, np.nan)
        low, high = np.nanmin(change, axis=-1), np.nanmax(change, axis=-1)
        if (high - low).max() < tolerance:
            return (low + high) / 2, worth.argmax(axis=-1)
        relative = relative + np.where(reached, change, 0) / 2
        relative -= relative[:, :1]
    raise Mistake(f"the ideal player's reward is not known to {tolerance:g} after {sweeps} sweeps")
