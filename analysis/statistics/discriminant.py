"""Telling two groups of sessions apart: Fisher's discriminant, and how many sessions are enough.

    score s(x) = (m_A - m_B)' C^-1 (x - (m_A + m_B)/2),      s > 0 says A                          (1)

with the means m of what was measured in sessions of each group and their pooled covariance C. For normal
groups of one covariance s is the log likelihood ratio, so that the scores of n sessions of one group add up,
and the sum is right with probability

    P(n) = Phi(D sqrt(n)/2),       D**2 = (m_A - m_B)' C^-1 (m_A - m_B)                            (2)

D**2 from a sample is too large; without bias it is, of a and b sessions and p measured numbers,

    D**2 (a + b - p - 3)/(a + b - 2) - p (1/a + 1/b)                                               (3)

(Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x; (3): Lachenbruch & Mickey 1968, from memory.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..foundation import Array, Mistake


@dataclass(frozen=True)
class Discriminant:
    """Equation (1), made from sessions of known group."""

    direction: Array
    """C^-1 (m_A - m_B), (number measured,)"""
    middle: Array
    separation: float
    """D without bias, 0 where nothing tells the groups apart"""

    @classmethod
    def of(cls, a: Array, b: Array) -> Discriminant:
        """Made from the sessions ``a`` and ``b`` (session, number measured).

        Raises:
            Mistake: too few sessions, numbers that are not finite or do not vary.
        """
        a, b = (np.asarray(one, float) for one in (a, b))
        many, size = len(a) + len(b), a.shape[1]
        if min(len(a), len(b)) < 2 or many <= size + 3:
            raise Mistake(f"{len(a)} and {len(b)} sessions are too few to tell groups by {size} numbers")
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise Mistake("what was measured in sessions must be finite")
        off = np.concatenate([a - a.mean(axis=0), b - b.mean(axis=0)])
        pooled = off.T @ off / (many - 2)
        apart = a.mean(axis=0) - b.mean(axis=0)
        if np.linalg.matrix_rank(pooled) < size:
            raise Mistake("what was measured in sessions does not vary: no discriminant")
        direction = np.linalg.solve(pooled, apart)
        square = float(apart @ direction) * (many - size - 3) / (many - 2) - size * (1 / len(a) + 1 / len(b))
        return cls(direction, (a.mean(axis=0) + b.mean(axis=0)) / 2, math.sqrt(max(square, 0.0)))

    def score(self, x: Array) -> Array:
        """Equation (1) of ``x`` (..., number measured)."""
        return np.asarray((x - self.middle) @ self.direction)

    def right(self, sessions: int = 1) -> float:
        """Equation (2)."""
        return 0.5 * math.erfc(-self.separation * math.sqrt(sessions) / 2 / math.sqrt(2))

    def sessions_for(self, level: float) -> int | None:
        """Sessions after which the sum of scores is right with probability ``level``; None: never.

        Raises:
            Mistake: a level outside 1/2 .. 1.
        """
        from scipy.stats import norm

        if not 0.5 < level < 1:
            raise Mistake(f"the level is {level:g}, must lie between 0.5 and 1")
        if self.separation == 0:
            return None
        return max(1, math.ceil((2 * float(norm.ppf(level)) / self.separation) ** 2))


def share_right(score_a: Array, score_b: Array, sessions: int = 1) -> tuple[float, float, int]:
    """How often sums of the scores of so many sessions are right, their standard error, and of how many
    sums; each session is in one sum alone."""
    right = []
    for score, sign in ((score_a, 1), (score_b, -1)):
        whole = len(score) // sessions * sessions
        right.append(sign * score[:whole].reshape(-1, sessions).sum(axis=1) > 0)
    share = float(np.mean([one.mean() for one in right]))
    many = sum(len(one) for one in right)
    least = 1 / (many + 2)  # a share of 1 among few is no certainty
    spread = min(max(share, least), 1 - least)
    return share, math.sqrt(spread * (1 - spread) / many), many
