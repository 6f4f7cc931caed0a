"""Which units code last action, last reward, both together and value; NWB files (action, reward, t_cue).

Rates in the 500 ms after `t_cue`, regressed on what happened in the trial before and on what decides: the
logit of a Q-learner fitted to the session's choices (`analysis/responses/unit_coding.py`). Shown: the share
of units with p at or below .05. The null: the same with the behaviour turned against the activity.
"""

from __future__ import annotations

import numpy as np

from ...analysis.behaviour.choice_fits import decision_values, fit
from ...analysis.behaviour.choice_models import QLearning
from ...analysis.behaviour.choices import bandit_choices
from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.behaviour import Behaviour
from ...analysis.recordings.recording import Recording
from ...analysis.responses.unit_coding import REGRESSORS, task_regressors, unit_coding
from ...analysis.statistics.comparison import Measured
from .data import Data

NEEDS = ("action", "reward", "t_cue")
WINDOW = (0.0, 0.5)
"""Seconds after the cue."""
LEVEL = 0.05


def measure(data: Data) -> Measured:
    rows, null = [], []
    for recording in data.sessions(NEEDS, finite=("t_cue",)):
        if not len(recording.spike_times):
            raise Mistake(f"{recording.about['file']} has no units with spike times")
        found = unit_coding(recording.rates(recording.trials["t_cue"], *WINDOW), _regressors(recording))
        rows.append(found.p <= LEVEL)
        null.append(found.null_p <= LEVEL)
    unit = f"share of units with p ≤ {LEVEL:g}"
    coded, shuffled = (np.concatenate(part).astype(float) for part in (rows, null))
    return Measured(REGRESSORS, coded, shuffled, unit, kind="unit")


def _regressors(recording: Recording) -> dict[str, np.ndarray]:
    """Of every trial; NaN where the one before was missed."""
    action, reward = (recording.trials[name] for name in ("action", "reward"))
    trials = len(action)
    columns = {
        "subject": np.full(trials, "0"),
        "trial": np.arange(float(trials)),
        "action": action,
        "reward": reward,
    }
    choices = bandit_choices(Behaviour(columns, recording.about["file"]))
    return task_regressors(action, reward, decision_values(fit(QLearning(), choices), choices)[0])
