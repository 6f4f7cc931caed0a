"""A team that is not stationary: each agent's world is the others learning.

G agents, each right with probability q = 1/(1 + exp(-h)), share the reward R = sum of +-1 (right, wrong),
less its running mean of the rate alpha, and learn by REINFORCE at the rate eta (`models.team`, one input):

    h += eta (R - <R>) c,    c = 1 - q if right, -q if wrong,    E dh = 2 eta q (1 - q)            (1)

What an agent hears is its own 2 c, the noise of the others, and what the running mean lags behind:

    R - <R> = 2 c + X,    E X = lag,    var X = W + var <R>,    W = sum over others 4 q (1 - q)    (2)

At rest (q = 1/2) agents that learn move the reward by eta/4 each per trial (`drift`), so that the running
mean comes to lag by G eta/(4 alpha). A lag has nothing to do with what the agent did: it does not turn the
mean of (1), but is noise, and the signal-to-noise of an update falls from 1/sqrt(G - 1) to

    1/sqrt(G - 1 + lag**2),                                                                        (3)

by sqrt 2 at the rate 4 alpha/sqrt G (`lagging_rate`). On the other hand others that have learned make no
noise: W goes to 0, while others that are frozen at 1/2 make the same for ever. So a moving world harms where
expectations are slow, and helps where they keep up. `mean_field` says what an agent comes to: it follows the
density of h, trial by trial, with X normal and all agents alike and independent (exact for large G).

Derived here, and checked by Monte Carlo in the tests.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake

NODES = 9
"""Points of the Gauss-Hermite rule for X."""
LIMIT, STEP = 16.0, 0.05
"""Largest |h| and the step of the grid."""


def drift(agents: ArrayLike, eta: ArrayLike) -> Array:
    """What ``agents`` that learn add to the mean reward in one trial, at rest."""
    return np.asarray(agents, float) * np.asarray(eta, float) / 4


def lag(agents: ArrayLike, eta: ArrayLike, alpha: float, trial: ArrayLike = np.inf) -> Array:
    """How far the running mean is behind before so many trials have gone, while agents are at rest."""
    caught = 1 - (1 - alpha) ** np.asarray(trial, float)
    return drift(agents, eta) * caught / alpha


def lagging_rate(agents: ArrayLike, alpha: float) -> Array:
    """eta at which the lag is as large as the noise of all agents, sqrt G."""
    return 4 * alpha / np.sqrt(np.asarray(agents, float))


def mean_field(
    agents: int, eta: float, alpha: float, trials: int, others_learn: bool = True
) -> tuple[Array, Array]:
    """A learner's mean probability to be right and the mean of what it hears (the lag), before each trial and
    after the last: (trials + 1,) each.

    ``others_learn``: whether the other agents learn too, at the same rate, or stay at 1/2.

    Raises:
        Mistake: no agents or trials, a rate out of bounds.
    """
    if agents < 1 or trials < 1 or not eta > 0 or not 0 < alpha <= 1:
        raise Mistake("a team needs agents, trials, a rate above 0 and alpha in (0, 1]")
    h: Array = np.array(np.arange(-LIMIT, LIMIT + STEP / 2, STEP), float)
    q = 1 / (1 + np.exp(-h))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    density = (np.abs(h) < STEP / 2).astype(float)
    others = agents - 1
    expected = spread = 0.0
    right, heard = [], []
    for trial in range(trials + 1):
        mean, own = float(density @ q), float(density @ (4 * q * (1 - q)))
        reward = (2 * mean - 1) * (agents if others_learn else 1)
        right.append(mean)
        heard.append(reward - expected)
        if trial == trials:
            break
        noise = others * (own if others_learn else 1.0)
        density = _moved(density, h, q, eta, heard[-1] + (noise + spread) ** 0.5 * nodes, weights)
        spread = (1 - alpha) ** 2 * spread + alpha**2 * (noise + own)
        expected += alpha * heard[-1]
    return np.array(right), np.array(heard)


def _moved(density: Array, h: Array, q: Array, eta: float, heard: Array, weights: Array) -> Array:
    """The density after one trial of (1); what falls between two points is shared by distance."""
    moved = np.zeros_like(density)
    for chance, c in ((q, 1 - q), (1 - q, -q)):
        place = (h[:, None] + eta * (2 * c[:, None] + heard) * c[:, None] + LIMIT) / STEP
        place = np.clip(place, 0, len(h) - 1.000001)
        mass = (density * chance)[:, None] * weights
        left = place.astype(int)
        part = place - left
        for at, share in ((left, 1 - part), (left + 1, part)):
            moved += np.bincount(at.ravel(), (mass * share).ravel(), minlength=len(h))
    return moved
