"""Gittins indices of a Bernoulli arm: what a known arm would have to pay to be as good to go on with.

The arm has paid s times and not paid f times; its probability of reward is Beta(1 + s, 1 + f), with mean m.
Against a known arm that pays l at every trial, from now on and for ever,

    V(s,f) = max( l/(1-gamma),  m (1 + gamma V(s+1,f)) + (1-m) gamma V(s,f+1) )                  (1)

and the index is the l at which both are equal (Gittins 1979, doi:10.1111/j.2517-6161.1979.tb01068.x). With a
discount gamma < 1 and independent arms, playing the greatest index is optimal. With r trials left and no
discount,

    V_r(s,f) = max( l r,  m (1 + V_{r-1}(s+1,f)) + (1-m) V_{r-1}(s,f+1) ),        V_0 = 0        (2)

gives an index for each r, which is no longer optimal but nearly so (Lattimore 2016, arXiv:1511.06014, for
Gaussian arms). (1) and (2) are solved for a grid of l at once; the difference of the two sides falls
with l, and its zero is interpolated.
"""

from functools import cache

import numpy as np

from ..foundation import Array, Mistake

LEVELS = 300
"""Values l of the grid, closer near 0 and 1: errors of an index below .001, of most below .0002."""
BEYOND = 400
"""Outcomes after which (1) takes an arm for known: m or l for ever."""


@cache
def discounted(trials: int, gamma: float) -> Array:
    """Indices (s, f) by equation (1), for s + f < ``trials``; NaN beyond.

    Raises:
        Mistake: gamma is not within 0 and 1, or no trial.
    """
    if not 0 < gamma < 1 or trials < 1:
        raise Mistake(f"Gittins index: gamma is {gamma:g}, must lie within 0 and 1, with a trial at least")
    level = _grid()
    known = level / (1 - gamma)
    index = np.full((trials, trials), np.nan)
    seen = trials + BEYOND
    value = np.maximum(_mean(seen) / (1 - gamma), known)
    for seen in range(trials + BEYOND - 1, -1, -1):  # value: (l, s), with f = seen - s
        mean = _mean(seen)
        go_on = mean * (1 + gamma * value[:, 1:]) + (1 - mean) * gamma * value[:, :-1]
        if seen < trials:
            wins = np.arange(seen + 1)
            index[wins, seen - wins] = _zero(level, go_on - known)
        value = np.maximum(go_on, known)
    return index


@cache
def finite(trials: int) -> Array:
    """Indices (r, s, f) by equation (2), for r trials left of ``trials`` and s + f <= trials - r; else NaN.

    Raises:
        Mistake: no trial.
    """
    if trials < 1:
        raise Mistake("Gittins index: there must be a trial at least")
    level = _grid()
    index = np.full((trials + 1, trials, trials), np.nan)
    value = np.zeros((len(level), trials + 1, trials + 1))
    for left in range(1, trials + 1):
        wins, losses = np.indices((trials - left + 1, trials - left + 1))
        mean = (wins + 1) / (wins + losses + 2)
        go_on = mean * (1 + value[:, 1:, :-1]) + (1 - mean) * value[:, :-1, 1:]
        known = level[:, :, None] * left
        reached = wins + losses <= trials - left
        index[left, wins[reached], losses[reached]] = _zero(level, (go_on - known)[:, reached])
        value = np.maximum(go_on, known)
    return index


def _grid() -> Array:
    return np.sin(np.linspace(0, np.pi / 2, LEVELS))[:, None] ** 2


def _mean(seen: int) -> Array:
    """Posterior means of an arm with 0 .. ``seen`` rewards in so many outcomes."""
    return (np.arange(seen + 1) + 1) / (seen + 2)


def _zero(level: Array, gain: Array) -> Array:
    """Where ``gain`` (l, state), which falls with l, passes zero."""
    last = (gain > 0).sum(axis=0) - 1
    state = np.arange(gain.shape[1])
    above, below = gain[last, state], gain[last + 1, state]
    low, high = level[last, 0], level[last + 1, 0]
    return low + (high - low) * above / (above - below)
