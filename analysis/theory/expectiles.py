"""Expectiles: what a learner expects that takes good and bad news unequally.

The a-expectile e of X balances a E[(X - e)+] = (1 - a) E[(e - X)+] (Newey & Powell 1987,
doi:10.2307/1911031); a = 1/2 is the mean. A value that rises by a delta for a positive error and falls by
(1 - a) |delta| for a negative one comes to rest there (Dabney et al. 2020, doi:10.1038/s41586-019-1924-6), so
that learners with different asymmetries a know the distribution of X between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.mistakes import Mistake


def expectile(values: ArrayLike, asymmetry: float) -> float:
    """The expectile of equally likely ``values``, exact.

    The balance is a falling function of e, straight between two values; its zero is found there.

    Raises:
        Mistake: no values, or an asymmetry outside (0, 1).
    """
    x = np.sort(np.ravel(np.asarray(values, float)))
    if x.size == 0 or not 0 < asymmetry < 1:
        raise Mistake(f"an expectile needs values, and an asymmetry in (0, 1), not {asymmetry:g}")
    above = np.maximum(x - x[:, None], 0).sum(axis=1)
    below = np.maximum(x[:, None] - x, 0).sum(axis=1)
    return float(np.interp(0.0, (1 - asymmetry) * below - asymmetry * above, x))
