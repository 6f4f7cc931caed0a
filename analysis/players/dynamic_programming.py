"""Optimal play of two independent Bernoulli arms over T trials, by dynamic programming.

After t trials the two arms have paid s1, s2 times and not paid f1, f2 times, s1 + f1 + s2 + f2 = t. With
posterior means m_a = (s_a + 1)/(s_a + f_a + 2), arms uniform on (0, 1),

    V_t(state) = max_a  m_a (1 + V_{t+1}(a paid)) + (1 - m_a) V_{t+1}(a did not pay),     V_T = 0      (1)

(Bellman; Berry & Fristedt 1985). The better arm pays 2/3 on average, so that the regret of the best player is

    R_T = 2T/3 - V_0                                                                          (2)

A player who chooses arm 1 with probability pi(state) instead has the regret of V^pi, which (1) gives with the
mean over pi in the place of the maximum. Whoever plays, and for any pi (Kakade & Langford 2002, ICML,
267-274; from memory),

    R = R^pi - E[ sum over trials of A^pi(state, choice) ],    A^pi(s, a) = Q^pi(s, a) - V^pi(s)   (3)

which a few thousand episodes estimate to a thousandth where the two seldom differ.

Where the two arms pay p and 1 - p, an outcome of one says as much of the other: what is seen does not depend
on what is chosen, and choosing what is more probably good is optimal. `mirrored` solves (1) for that problem
without using it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake

Policy = Callable[[int, NDArray, NDArray, NDArray, NDArray], Array]
"""(trial, s1, f1, s2, f2) -> probability of choosing arm 1 and not arm 0"""


@dataclass(frozen=True, eq=False)
class TwoArms:
    """The solution of equation (1), for the best player or for another."""

    regret: float
    """R_T, equation (2)"""
    gains: tuple[NDArray[np.float32], ...]
    """for each trial, what choosing arm 1 is worth more than arm 0 if the player goes on as before, at
    [s1, f1, s2] (arm 0's first)"""


def independent(trials: int) -> TwoArms:
    """Optimal play of two arms that are drawn independently from (0, 1).

    Raises:
        Mistake: no trial, or more than 200 (the tables would fill a gigabyte).
    """
    return _solve(trials, None)


def of_policy(trials: int, policy: Policy) -> TwoArms:
    """A player's own regret and gains, without sampling.

    Raises:
        Mistake: no trial, or more than 200.
    """
    return _solve(trials, policy)


def _solve(trials: int, policy: Policy | None) -> TwoArms:
    if not 1 <= trials <= 200:
        raise Mistake(f"dynamic programming: {trials} trials, must be 1 .. 200")
    value = np.zeros((trials + 1,) * 3)
    gains: list[NDArray[np.float32]] = []
    for trial in range(trials - 1, -1, -1):
        wins, losses, others = np.ogrid[: trial + 1, : trial + 1, : trial + 1]
        seen = np.maximum(trial - wins - losses, others)  # outcomes of arm 1; states that cannot be, tamed
        first, second = (wins + 1) / (wins + losses + 2), (others + 1) / (seen + 2)
        neither = value[:-1, :-1, :-1]
        if_first = first * (1 + value[1:, :-1, :-1]) + (1 - first) * value[:-1, 1:, :-1]
        if_second = second * (1 + value[:-1, :-1, 1:]) + (1 - second) * neither
        gains.append((if_second - if_first).astype(np.float32))
        if policy is None:
            value = np.maximum(if_first, if_second)
        else:
            value = if_first + policy(trial, wins, losses, others, seen - others) * (if_second - if_first)
    return TwoArms(2 * trials / 3 - float(value[0, 0, 0]), tuple(reversed(gains)))


def mirrored(trials: int) -> tuple[float, float]:
    """Regret of two arms that pay p and 1 - p, p uniform: of optimal play by (1), and of myopic play.

    The counts are of each arm's rewards and failures, and p is Beta(1 + s0 + f1, 1 + f0 + s1): nothing is
    taken for granted of the value of looking.

    Raises:
        Mistake: no trial, or more than 200.
    """
    if not 1 <= trials <= 200:
        raise Mistake(f"dynamic programming: {trials} trials, must be 1 .. 200")
    optimal = myopic = np.zeros((trials + 1,) * 3)
    for trial in range(trials - 1, -1, -1):
        wins, losses, others = np.ogrid[: trial + 1, : trial + 1, : trial + 1]
        for_first = np.clip(wins + trial - wins - losses - others, 0, trial)  # s0 + f1
        first = np.broadcast_to((for_first + 1) / (trial + 2), (trial + 1,) * 3)
        values = []
        for value in (optimal, myopic):
            if_first = first * (1 + value[1:, :-1, :-1]) + (1 - first) * value[:-1, 1:, :-1]
            if_second = (1 - first) * (1 + value[:-1, :-1, 1:]) + first * value[:-1, :-1, :-1]
            values.append((if_first, if_second))
        optimal = np.maximum(*values[0])
        myopic = np.where(first >= 0.5, *values[1])
    return 0.75 * trials - float(optimal[0, 0, 0]), 0.75 * trials - float(myopic[0, 0, 0])


def mirrored_regret(trials: int) -> Array:
    """The same in closed form, the expected regret in each trial (trial,).

    After n outcomes the number that speak for arm 0 is uniform on 0 .. n:

        3/4 - mean over s = 0 .. n of max(s + 1, n + 1 - s)/(n + 2)
    """
    each = []
    for seen in range(trials):
        for_first = np.arange(seen + 1)
        each.append(0.75 - np.mean(np.maximum(for_first + 1, seen + 1 - for_first)) / (seen + 2))
    return np.array(each)
