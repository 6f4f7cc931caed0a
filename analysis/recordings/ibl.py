"""Trials as the International Brain Laboratory names them (``_ibl_trials.table.pqt``), by our names.

Source: the ALF convention, doi:10.1101/827873. A choice of 0 is a missed trial; feedback is 1 or -1.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .codes import as_numbers

NAMES = {
    "t_cue": "stimOn_times",
    "t_action": "response_times",
    "t_outcome": "feedback_times",
    "start_time": "intervals_0",
    "stop_time": "intervals_1",
}


def ours(table: Mapping[str, NDArray]) -> tuple[dict[str, NDArray], tuple[str, ...]]:
    """A table of IBL trials with columns of our names beside theirs, and a note; others as they are."""
    found = dict(table)
    if not {"choice", "feedbackType"} <= set(table) or {"action", "reward"} & set(table):
        return found, ()
    choice, feedback = (as_numbers(table[name]) for name in ("choice", "feedbackType"))
    made = choice != 0
    found["action"], found["missed"] = np.where(made, choice, np.nan), 1.0 - made
    found["reward"] = np.where(made, (feedback > 0).astype(float), np.nan)
    for name, theirs in NAMES.items():
        if name not in table and theirs in table:
            found[name] = table[theirs]
    return found, ("trials of the IBL: action is choice (0: missed), reward is feedbackType",)
