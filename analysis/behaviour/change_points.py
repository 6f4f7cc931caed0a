"""Learning rate around change points: the slope of an estimate's update on its prediction error.

    estimate(t) - estimate(t-1) = slope (outcome(t) - estimate(t-1)) + constant              (1)

by least squares for each subject, over the trials whose number since the last change lies in a window; the
trial at which the change comes is number 0 (the slope as in Nassar et al. 2010,
doi:10.1523/JNEUROSCI.0822-10.2010; rates that follow volatility, Behrens et al. 2007, doi:10.1038/nn1954;
data for it, Foucault & Meyniel 2024, doi:10.1162/opmi_a_00139). A learner that adapts has a steeper slope
early than late.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour

EARLY, LATE = (0, 3), (9, 14)
"""Trials since a change, both ends included."""


def update_slopes(
    behaviour: Behaviour,
    windows: Sequence[tuple[int, int]] = (EARLY, LATE),
    shuffle: int | None = None,
) -> Array:
    """Slopes (1) of each subject in each window: (subject, window); NaN where a subject has too few trials.

    ``shuffle``: a seed; the null, in which each session's change points lie at random.

    Raises:
        Mistake: a column is missing (estimate, outcome, change_point), or a window that is none.
    """
    generator = np.random.default_rng(shuffle)
    for low, high in windows:
        if not 0 <= low <= high:
            raise Mistake(f"a window from trial {low} to {high} after a change is none")
    slopes = []
    for _, own in behaviour.subjects():
        errors: list[list[Array]] = [[] for _ in windows]
        updates: list[list[Array]] = [[] for _ in windows]
        for session in own.sessions():
            estimate, outcome = session["estimate"], session["outcome"]
            changed = session["change_point"] > 0
            if shuffle is not None:
                changed = generator.permutation(changed)
            since = _since(changed, session["trial"])[1:]
            error, update = outcome[1:] - estimate[:-1], np.diff(estimate)
            whole = np.isfinite(error) & np.isfinite(update) & (np.diff(session["trial"]) == 1)
            for number, (low, high) in enumerate(windows):
                here = whole & (since >= low) & (since <= high)
                errors[number].append(error[here])
                updates[number].append(update[here])
        slopes.append(
            [_slope(np.concatenate(x), np.concatenate(y)) for x, y in zip(errors, updates, strict=True)]
        )
    return np.array(slopes)


def played(behaviour: Behaviour, player: Callable[[Array], Array]) -> Behaviour:
    """The same outcomes with a player's estimates, a session at a time (trial,) -> (trial,)."""
    estimates = [player(session["outcome"]) for _, own in behaviour.subjects() for session in own.sessions()]
    columns = {"estimate": np.concatenate(estimates)}
    return Behaviour(dict(behaviour.columns) | columns, behaviour.source)


def hazard(behaviour: Behaviour) -> float:
    """Probability of a change per trial, first trials of sessions left out."""
    later = [session["change_point"][1:] > 0 for _, own in behaviour.subjects() for session in own.sessions()]
    return float(np.concatenate(later).mean())


def _since(changed: NDArray, trial: NDArray) -> NDArray:
    """Trials since the last change by their numbers (missing ones count); -1 before the first."""
    last = np.maximum.accumulate(np.where(changed, np.arange(len(changed)), -1))
    return np.where(last >= 0, trial - trial[last], -1)


def _slope(x: Array, y: Array) -> float:
    if len(x) < 3 or np.ptp(x) == 0:
        return float("nan")
    centred = x - x.mean()
    return float(centred @ y / (centred @ centred))
