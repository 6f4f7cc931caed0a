"""What values a population of neurons should have, each alone and all together, to forecast an outcome X.

The forecast of N values v is that X is one of them, equally likely. N times its continuous ranked probability
score (Gneiting & Raftery 2007, doi:10.1198/016214506000001437), for the outcome u and less is better, is

    sum_k |u - v_k| - sum_kl |v_k - v_l|/(2 N)                                                     (1)

of which what neuron k does makes |u - v_k| - d_k, d_k the mean distance of v_k from all v. Its mean has the
slope 2 (F_X(v_k) - F_v(v_k)), F the share of outcomes and of values below: a neuron that does its part comes
to rest where as many values lie below its own as outcomes do, the population at the quantiles (k - 1/2)/N of
X (`together`). One that cares for its own squared error rests at the mean of X, whatever the others do: all
alike. Which asymmetry makes a value v the expectile is known in closed form (`asymmetry_of`). Derived here.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake


def ranked_score(values: ArrayLike, outcomes: ArrayLike) -> Array:
    """Equation (1) over N, of ``values`` (value,), for each of ``outcomes`` (outcome,)."""
    v, u = np.asarray(values, float), np.asarray(outcomes, float)
    own = np.abs(u[..., None] - v).mean(axis=-1)
    return np.asarray(own - np.abs(v[:, None] - v).mean() / 2)


def part(values: ArrayLike, outcomes: ArrayLike) -> Array:
    """What each neuron makes of N times the score, on average over equally likely outcomes: (value,)."""
    v, u = np.asarray(values, float), np.asarray(outcomes, float)
    return np.asarray(np.abs(u[:, None] - v).mean(axis=0) - np.abs(v[:, None] - v).mean(axis=0))


def together(outcomes: ArrayLike, many: int) -> Array:
    """Where ``many`` values rest that each do their part: quantiles of equally likely outcomes, (value,).

    Raises:
        Mistake: no neurons.
    """
    if many < 1:
        raise Mistake(f"a population of {many} neurons")
    return np.quantile(np.asarray(outcomes, float), (np.arange(many) + 0.5) / many)


def asymmetry_of(value: ArrayLike, outcomes: ArrayLike) -> Array:
    """The asymmetry whose expectile ``value`` is: E[(v - X)+]/E|v - X|, in the shape of ``value``."""
    error = np.asarray(value, float)[..., None] - np.ravel(np.asarray(outcomes, float))
    return np.asarray(np.maximum(error, 0).mean(axis=-1) / np.abs(error).mean(axis=-1))
