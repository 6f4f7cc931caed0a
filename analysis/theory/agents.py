"""Neurons as agents: what a signal that many of them share leaves each one to learn from.

*Additive reward, graded actions*: M neurons try xi_i ~ N(0, sigma**2), the reward changes by sum_j g_j xi_j,
all g_j**2 alike. A neuron whose signal sums over G agents, itself among them, makes the update

    U_i = (sum_j g_j xi_j) xi_i/sigma**2,   E U_i = g_i,   E U_i**2 = (G + 2) g**2,   var U_i = (G + 1) g**2,

for E xi**4 = 3 sigma**4. So its signal-to-noise is 1/sqrt(G + 1), and 1/sqrt(G + k - 2) where E xi**4 =
k sigma**4: 1/sqrt(G - 1) for neurons that fire or not, each with probability 1/2. With one broadcast G is the
number of all agents, with a broadcast for each group its size, and with the difference reward (the reward
less what it would have been without the agent's own try; Wolpert & Tumer 2001, from memory) 1. In a linear
layer with K inputs the second moment makes learning at its best rate slower than gradient descent by G + 2;
where weights are tried, G K of them share the signal, and it is G K + 2 (`linear_online`, G in place of M).

*Committees, neurons that fire or not.* N = C n neurons, C committees of n (odd) with a task each. A committee
decides by majority, r_c = 1 if it is right, else -1; the team's reward is sum_c r_c: additive for n = 1, one
vote for C = 1. At the start each neuron fires with probability 1/2, its score is s - 1/2. Only the sum of a
committee's scores moves its decision. Let U_c be that sum of updates, counted towards the right answer. The
gain of one trial at its best rate is proportional to the *efficiency*

    e = (E U_c)**2/E U_c**2,                                                                  (1)

and S ~ Bin(n, 1/2), m = E|S - n/2| = n binom(n-1, (n-1)/2)/2**n, so that for each signal

    one broadcast of C committees    U = r_all (S - n/2): E U = m,          e = 4 m**2/(n C)              (2)
    one for a group of k >= 1        the same with k in the place of C,     e = 4 m**2/(n k)              (3)
    difference reward                where |S - n/2| = 1/2 alone: E U = m,  e = 2 binom(n, (n+1)/2)/2**n  (4)
    broadcast x agreement            U = (n/2) r_all D: E U = n rho/2,      e = rho**2/C                  (5)

with k the committees that a group spans, D the majority of all N, rho = E[sign(S_1 - n/2) D], 1 for C = 1 and
(2/pi) asin(1/sqrt C) for large n. (5) multiplies the broadcast by 1 where a neuron agreed with the
population's decision, else by -1 (after Urbanczik & Senn 2009, doi:10.1038/nn.2264). For large n, (2) is
2/(pi C) and (4) sqrt(8/(pi n)): the difference reward overtakes the one broadcast at C = (N/(2 pi))**(1/3)
committees (`crossing`).

All derived here, and checked by Monte Carlo in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from ..foundation.mistakes import Mistake
from .linear_online import LinearOnline, OnlineRule
from .names import require, require_positive

Array = NDArray[np.float64]
Signal = Literal["one", "groups", "difference", "agreement"]
SIGNALS: tuple[Signal, ...] = ("one", "groups", "difference", "agreement")


def signal_to_noise(sharing: ArrayLike, kurtosis: float = 3.0) -> Array:
    """|mean|/deviation of one neuron's update when G = ``sharing`` agents share its signal.

    ``kurtosis``: E xi**4/(E xi**2)**2 of what is tried, 3 for normal numbers, 1 for +-1; infinite where there
    is no noise.
    """
    with np.errstate(divide="ignore"):
        return 1 / np.sqrt(np.asarray(sharing, float) + kurtosis - 2)


def trials_in_sgd(rule: OnlineRule, sharing: int, inputs: int) -> float:
    """Trials that a linear layer needs for the same fall of the loss, in those of gradient descent.

    Both at their best rates; ``sharing``: outputs G that share a signal. Near G + 2 and G K + 2.
    """
    mine, best = (LinearOnline(name, inputs, sharing) for name in (rule, "sgd"))  # type: ignore[arg-type]
    return float(
        np.log(best.contraction(best.eta_opt)) / np.log(mine.contraction(mine.eta_opt)),
    )


@dataclass(frozen=True)
class Committees:
    """A team of ``committees`` (C) with ``members`` (n, odd) each, before it has learned anything."""

    committees: int
    members: int

    def __post_init__(self) -> None:
        require_positive(committees=self.committees, members=self.members)
        if self.members % 2 == 0:
            raise Mistake(f"committees of {self.members} members tie: their number must be odd")

    @property
    def neurons(self) -> int:
        """N."""
        return self.committees * self.members

    @property
    def margin(self) -> float:
        """m, the mean of how far the votes for one answer are from half of the members."""
        n = self.members
        return float(n * binom.pmf((n - 1) // 2, n - 1, 0.5) / 2)

    @property
    def rho(self) -> float:
        """Correlation of one committee's decision with that of the whole team (0 where it ties)."""
        n, others = self.members, self.neurons - self.members
        own = np.arange(n + 1)
        lead = own - n / 2
        # the others' votes, less half of them, must exceed -lead
        above = binom.sf(np.floor(others / 2 - lead), others, 0.5)
        below = binom.cdf(np.ceil(others / 2 - lead) - 1, others, 0.5)
        return float(np.sum(binom.pmf(own, n, 0.5) * np.sign(lead) * (above - below)))

    def gain(self, signal: Signal) -> float:
        """E U, the mean of a committee's sum of updates towards the right answer."""
        require(signal, SIGNALS, "signal")
        return self.members * self.rho / 2 if signal == "agreement" else self.margin

    def efficiency(self, signal: Signal, group: int = 1) -> float:
        """e of equation (1); ``group``: neurons of a group, nested with committees (for ``groups``)."""
        require(signal, SIGNALS, "signal")
        n = self.members
        if signal == "difference":
            return float(2 * binom.pmf((n + 1) // 2, n, 0.5))
        if signal == "agreement":
            return self.rho**2 / self.committees
        shared = self.committees
        if signal == "groups":
            if max(group, n) % min(group, n) or self.neurons % group:
                raise Mistake(f"groups of {group} do not fit committees of {n} in {self.neurons} neurons")
            shared = max(1, group // n)
        return 4 * self.margin**2 / (n * shared)

    def efficiencies(self, group: int = 1) -> Mapping[Signal, float]:
        """Of every signal."""
        return {signal: self.efficiency(signal, group) for signal in SIGNALS}


def crossing(neurons: ArrayLike) -> Array:
    """Committees above which the difference reward beats the one broadcast, (N/(2 pi))**(1/3) for large n."""
    return (np.asarray(neurons, float) / (2 * np.pi)) ** (1 / 3)
