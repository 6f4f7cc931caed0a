"""Switching: how often another option is chosen, after what was chosen and paid in the last two trials.

    P(switch at t | same or other choice at t-2 and t-1, paid at t-2, paid at t-1)                    (1)

eight histories, written as Beron et al. (2022, doi:10.1073/pnas.2113961119) do: a capital letter was
rewarded, A is the choice two trials back, B another; so "Ab" chose A with a reward, then another without one.
"""

import numpy as np
from numpy.typing import NDArray

from ..foundation.arrays import Array
from .choices import Choices


def histories() -> tuple[str, ...]:
    """Names of the eight histories, in the order of the probabilities."""
    return tuple(first + second for first in "aA" for second in ("a", "A", "b", "B"))


def switch_probabilities(choices: Choices, foretold: Array | None = None) -> tuple[Array, Array]:
    """P(switch) after each history over all subjects' trials, and how many trials that was, both (8,).

    Only trials whose two before lie in the same session and were made; a reward above one half counts as
    paid. NaN after a history that never was. ``foretold`` (subject, trial), a model's P(switch) of each
    trial, is averaged instead of what was done.
    """
    action, paid = choices.action, (choices.reward > 0.5).astype(int)
    session = np.cumsum(choices.begins, axis=1)
    made = choices.made
    whole = made[:, 2:] & made[:, 1:-1] & made[:, :-2] & (session[:, 2:] == session[:, :-2])
    other = (action[:, 1:-1] != action[:, :-2]).astype(int)
    kind = 4 * paid[:, :-2] + 2 * other + paid[:, 1:-1]
    switched = action[:, 2:] != action[:, 1:-1] if foretold is None else foretold[:, 2:]
    count = np.bincount(kind[whole], minlength=8).astype(float)
    moved = np.bincount(kind[whole], weights=switched[whole], minlength=8)
    return np.divide(moved, count, out=np.full(8, np.nan), where=count > 0), count


def switch_course(
    choices: Choices, every: int, place: NDArray | None = None, foretold: Array | None = None
) -> Array:
    """P(switch) at each trial of blocks of ``every`` trials, over all subjects and blocks, (every,).

    A trial counts that was made, as was the one before it in its session. NaN where there is none. ``place``
    (subject, trial) is a trial's number in its block where these are not equally long: those from ``every``
    on are left out. ``foretold`` as of `switch_probabilities`.
    """
    if place is None:
        place = np.broadcast_to(np.arange(choices.action.shape[1]) % every, choices.action.shape)
    session = np.cumsum(choices.begins, axis=1)
    made = choices.made[:, 1:] & choices.made[:, :-1] & (session[:, 1:] == session[:, :-1])
    made &= place[:, 1:] < every
    switched = choices.action[:, 1:] != choices.action[:, :-1] if foretold is None else foretold[:, 1:]
    at = place[:, 1:][made]
    count = np.bincount(at, minlength=every)
    moved = np.bincount(at, weights=switched[made], minlength=every)
    return np.divide(moved, count, out=np.full(every, np.nan), where=count > 0)
