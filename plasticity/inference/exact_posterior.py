"""Draws from the exact posterior where there is a likelihood: importance sampling about its top.

    x_j ~ t_4(top, 1.5 C),   w_j = L(x_j) N(x_j; mu, S) / t_4(x_j)                                   (1)

and draws are taken in proportion to w. C is the covariance of Laplace's approximation; the tails of Student's
t are wider than those of any posterior here. `effective` of so many draws says how well it went: 1/sum w^2 of
weights that sum to 1.

Source: importance resampling, Rubin 1988, from memory.
"""

import numpy as np

from ...analysis.foundation import Array, Mistake
from ...analysis.statistics.empirical_bayes import Normal, Objective, fit

TRIED = 8000
WIDER, FREEDOM = 1.5, 4
LEAST = 0.1
"""Share of the tried points that their weights must be worth."""


def draws(objective: Objective, prior: Normal, number: int, seed: int) -> Array:
    """Draws (subject, draw, coefficient), on the scale without bounds.

    Raises:
        Mistake: weights that rest on too few points.
    """
    from scipy.stats import multivariate_t

    top = fit(objective, prior=prior, seed=seed)
    generator = np.random.default_rng(seed)
    found = []
    for subject, (x, covariance) in enumerate(zip(top.x, top.covariance, strict=True)):
        wide = multivariate_t(x, WIDER * covariance, df=FREEDOM, seed=generator)
        points = wide.rvs(TRIED).reshape(TRIED, -1)
        log_w = objective.value(points, np.full(TRIED, subject)) - wide.logpdf(points)
        log_w -= 0.5 * ((points - prior.mean) ** 2 / prior.variance).sum(axis=1)
        weight = np.exp(log_w - log_w.max())
        weight /= weight.sum()
        if 1 / (weight**2).sum() < LEAST * TRIED:
            raise Mistake("importance sampling rests on too few points: the posterior is not like its top")
        found.append(points[generator.choice(TRIED, number, p=weight)])
    return np.array(found)
