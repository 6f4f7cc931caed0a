"""Values of states: the true ones, and those to which a freely weighed broadcast leads.

In a chain with transitions P (of which each row may sum to less than 1: the rest ends the episode), mean
reward R and discount gamma the value of a state is the discounted reward to come,

    V = R + gamma P V = (I - gamma P)^-1 R                                                    (1)

(Bellman 1957; Sutton & Barto 2018, section 3.5). A critic taught by delta = a r + b V(s') + c V(s) + d u, u
any signal of mean U in each state, rests where the mean of delta is nothing in every state that is visited:

    0 = a R + b P V + c V + d U,     V = (-c I - b P)^-1 (a R + d U)                          (2)

stable where c < 0 and |b| <= -c (the eigenvalues of c I + b P then have a negative real part). (2) is (1) for
every chain if and only if b/(-c) = gamma, a/(-c) = 1 and d = 0: at gamma' = b/(-c) it is (1) with the other
discount, times a/(-c). A trace of the eligibility leaves the resting point where it is when each state has a
value of its own. Derived here; checked against the network in the tests.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake


def true_values(arrivals: ArrayLike, pay: ArrayLike, gamma: float) -> Array:
    """Equation (1): (chain, state).

    Args:
        arrivals: (chain, state, state) probabilities P under the policy.
        pay: (chain, state) mean reward R.
        gamma: discount in [0, 1].

    Raises:
        Mistake: a discount outside [0, 1].
    """
    if not 0 <= gamma <= 1:
        raise Mistake(f"the discount is {gamma:g}, must be in [0, 1]")
    return resting_values(arrivals, pay, 1.0, gamma, -1.0)


def resting_values(
    arrivals: ArrayLike, pay: ArrayLike, a: float, b: float, c: float, d: float = 0.0, u: ArrayLike = 0.0
) -> Array:
    """Equation (2): (chain, state); ``u`` is the mean (chain, state) of what d weighs.

    Raises:
        Mistake: weights for which it is not stable.
    """
    if not (c < 0 and abs(b) <= -c):
        raise Mistake(f"weights b = {b:g}, c = {c:g}: values rest only where c < 0 and |b| <= -c")
    chances, mean = np.asarray(arrivals, float), np.asarray(pay, float)
    drive = a * mean + d * np.broadcast_to(np.asarray(u, float), mean.shape)
    matrix = -c * np.eye(chances.shape[-1]) - b * chances
    return np.asarray(np.linalg.solve(matrix, drive[..., None])[..., 0])


def visits(arrivals: ArrayLike, begins: ArrayLike) -> Array:
    """Share of steps (chain, state) in each state, where ended episodes begin anew as ``begins`` says.

    Expected visits of an episode, begins (I - P)^-1, over their sum.

    Args:
        arrivals: (chain, state, state) probabilities within an episode.
        begins: (chain, state) probabilities of the first state.
    """
    chances, first = np.asarray(arrivals, float), np.asarray(begins, float)
    matrix = np.eye(chances.shape[-1]) - np.swapaxes(chances, -1, -2)
    expected = np.linalg.solve(matrix, first[..., None])[..., 0]
    return np.asarray(expected / expected.sum(axis=-1, keepdims=True))


def value_error(values: ArrayLike, truth: ArrayLike, share: ArrayLike) -> float:
    """Squared error of ``values``, weighed by visits, in units of the squared true values (all chains).

    0 is perfect, 1 what values of nothing have (Sutton & Barto 2018, equation 9.1). Each (chain, state).
    """
    weight, aim = np.asarray(share, float), np.asarray(truth, float)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.sum(weight * (np.asarray(values, float) - aim) ** 2)
        return float(error / np.sum(weight * aim**2))
