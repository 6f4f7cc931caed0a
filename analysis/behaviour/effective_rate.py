"""The rate at which behaviour learns, whoever behaves: the delta rule that tells choices best.

    x(t+1) = x(t) + alpha (a(t) (2 r(t) - 1) - x(t)),   x(1) = 0,      P(a(t) = 1) = 1/(1 + exp(-beta x(t)))

with a = +1, -1 for the two actions and r the reward, 0 or 1. Both numbers are fitted by maximum likelihood,
alpha on a grid and beta by Newton's steps. (As Behrens et al. 2007, doi:10.1038/nn1954, compare rates of
learning in stable and volatile times.)
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

GRID = np.geomspace(0.02, 1, 60)
STEEPEST = 60.0


def effective_rate(action: ArrayLike, reward: ArrayLike) -> tuple[float, float]:
    """alpha and beta that tell actions (session, trial), 0 or 1, best from what was done and paid before."""
    sign: NDArray[np.float64] = 2 * np.asarray(action, float) - 1
    outcome = sign * (2 * np.asarray(reward, float) - 1)
    found, beta = [], 1.0
    for alpha in GRID:
        x: NDArray[np.float64] = np.zeros(sign.shape)
        for trial in range(1, x.shape[1]):
            x[:, trial] = x[:, trial - 1] + alpha * (outcome[:, trial - 1] - x[:, trial - 1])
        x *= sign
        for _ in range(8):  # from where the rate before ended
            wrong = 1 / (1 + np.exp(np.clip(beta * x, -500, 500)))
            slope, bend = (wrong * x).sum(), (wrong * (1 - wrong) * x**2).sum()
            beta = float(np.clip(beta + slope / max(bend, 1e-9), 0, STEEPEST))
        found.append((-np.logaddexp(0, -beta * x).sum(), float(alpha), beta))
    _, best, steepness = max(found)
    return best, steepness
