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
vote for C = 1. Say that each neuron votes for the right answer with probability p (1/2 at the start); its
score is what it did less what was to be expected. Only the sum U of a committee's updates, counted towards
the right answer, moves its decision. One trial at its best rate gains in proportion to the *efficiency*

    e = (E U)**2/E U**2.                                                                      (1)

With S ~ Bin(n, p) votes for the right answer, d_c = r_c - E r_c and one p for all committees, U is

    one broadcast                   (sum of all d_c) (S - n p)                                 (2)
    one for each group              the same, over the k >= 1 committees that it spans         (3)
    difference reward               n' (1 - p) if S is a majority of one, n' p if short by one (4)
    broadcast x agreement, C = 1    (1 - r E r) (S (1 - p) + (n - S) p)                        (5)

with n' = (n + 1)/2 the neurons each of which alone decided; (5) multiplies the broadcast by 1 where a neuron
agreed with the population's decision, else by -1 (after Urbanczik & Senn 2009, doi:10.1038/nn.2264). For
p = 1/2 and m = E|S - n/2| = n binom(n-1, (n-1)/2)/2**n, e is 4 m**2/(n k), 2 binom(n, n')/2**n and, for
any C, rho**2/C, where rho correlates the decision of one committee with that of all N, 1 for C = 1 and
(2/pi) asin(1/sqrt C) for large n. For large n these are 2/(pi k), sqrt(8/(pi n)): from the start, the
difference reward overtakes one broadcast at C = (N/(2 pi))**(1/3) committees (`crossing`).

*Trials to a criterion.* If what one trial of the exact gradient gains is a constant part of the errors
q = P(a committee is wrong), a signal needs trials in proportion to the integral of -d log q/e from 1/2 to the
criterion. Its reciprocal, `learning_efficiency`, says which signal wins. (That p is one for all committees
and neurons, and the rate the best at every moment, is the approximation.)

All derived here, and checked by Monte Carlo in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, binom

from ..foundation import Array, Mistake
from .linear_online import LinearOnline, OnlineRule
from .names import require, require_positive

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
    return float(np.log(best.contraction(best.eta_opt)) / np.log(mine.contraction(mine.eta_opt)))


@dataclass(frozen=True)
class Committees:
    """A team of ``committees`` (C) with ``members`` (n, odd) each."""

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
        """E U at p = 1/2."""
        require(signal, SIGNALS, "signal")
        return self.members * self.rho / 2 if signal == "agreement" else self.margin

    def spanned(self, group: int) -> int:
        """k, the committees in a group of so many neurons, 1 if it is part of one.

        Raises:
            Mistake: groups and committees that do not nest.
        """
        n = self.members
        if group < 1 or max(group, n) % min(group, n) or self.neurons % group:
            raise Mistake(f"groups of {group} do not fit committees of {n} in {self.neurons} neurons")
        return max(1, group // n)

    def efficiency(self, signal: Signal, group: int = 1, p: float = 0.5) -> float:
        """e of equation (1), where each neuron votes rightly with probability ``p``.

        ``group``: neurons of a group, nested with committees (for ``groups``). With several committees,
        ``agreement`` is known at p = 1/2 alone, and that value is returned.
        """
        require(signal, SIGNALS, "signal")
        if signal == "agreement" and self.committees > 1:
            return self.rho**2 / self.committees
        n, q = self.members, 1 - p
        votes = np.arange(n + 1)
        weight, right = binom.pmf(votes, n, p), np.sign(votes - n / 2)
        expected = float(weight @ right)
        if signal == "difference":
            alone = (n + 1) / 2
            update = alone * (q * (votes == alone) + p * (votes == n - alone))
        elif signal == "agreement":
            update = (1 - expected * right) * (votes * q + (n - votes) * p)
        else:
            update = (right - expected) * (votes - n * p)
        others = {"one": self.committees, "groups": self.spanned(group)}.get(signal, 1) - 1
        second = weight @ update**2 + others * (1 - expected**2) * n * p * q
        return float((weight @ update) ** 2 / second)

    def learning_efficiency(self, signal: Signal, group: int = 1, criterion: float = 0.1) -> float:
        """Efficiency on the way from P(wrong) = 1/2 to ``criterion`` (below 1/2): log of errors by trials."""
        if not 0 < criterion < 0.5:
            raise Mistake(f"the criterion must be in (0, 1/2), not {criterion:g}")
        errors = np.geomspace(0.5, criterion, 60)
        n = self.members
        # P(Bin(n, p) > n/2) is the distribution of a Beta variable at p
        p = beta.ppf(1 - errors, (n + 1) / 2, (n + 1) / 2)
        cost = [1 / self.efficiency(signal, group, float(one)) for one in p]
        return float(1 / np.mean((np.array(cost[1:]) + np.array(cost[:-1])) / 2))


def crossing(neurons: ArrayLike) -> Array:
    """Committees above which the difference reward beats the one broadcast at the start, for large n."""
    return (np.asarray(neurons, float) / (2 * np.pi)) ** (1 / 3)
