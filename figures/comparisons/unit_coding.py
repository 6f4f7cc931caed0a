"""Which units code last action, last reward, both together and value; NWB files (action, reward, t_cue).

Trials are put in the order of time. Rates in the 500 ms after `t_cue`, regressed on what happened in the
trial before and on what decides: the logit of a Q-learner fitted to the session's choices
(`analysis/responses/unit_coding.py`). Shown: the share of units with p at or below .05 (Wilson's interval, of
independent units). The null: the same with the behaviour turned against the activity, by the same number of
trials for all units of a session.
"""

import numpy as np

from ...analysis.behaviour.choice_fits import decision_values, fit
from ...analysis.behaviour.choice_models import QLearning
from ...analysis.behaviour.choices import bandit_choices
from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.behaviour import Behaviour, check_codes
from ...analysis.recordings.recording import Recording
from ...analysis.responses.unit_coding import REGRESSORS, task_regressors, unit_coding
from ...analysis.statistics.comparison import Measured, mean, proportion
from .data import Data

OPTIONS = ("event", "window")
WINDOW = (0.0, 0.5)
"""Seconds after the cue."""
LEVEL = 0.05


def measure(data: Data) -> Measured:
    rows: list[np.ndarray] = []
    nulls: list[np.ndarray] = []
    event, window = data.event or "t_cue", data.window or WINDOW
    optional = {"missed": np.nan}
    for recording in data.sessions(
        ("action", "reward", event), optional=optional, finite=(event,), gaps=True
    ):
        name = recording.about["file"]
        if not recording.spike_times:
            raise Mistake(f"{name} has no units with spike times")
        data.say_gaps(recording, np.ones(len(recording.spike_times), bool))
        cue, units = recording.trials[event], range(len(recording.spike_times))
        seen = np.array([recording.was_observed(unit, cue, *window) for unit in units])
        seen |= np.isnan(cue)
        if not seen.all():
            partly = int((~seen.all(axis=1)).sum())
            left = f"{partly} of {len(seen)} units were not observed in all trials, or times are invalid"
            data.note(f"{name}: {left}: each is regressed on the trials in which it was observed")
        found = unit_coding(
            np.where(seen, recording.rates(cue, *window), np.nan), _regressors(recording, data)
        )
        data.rows += [recording.about.get("subject")] * len(seen)
        few = int(np.isnan(found.p[:, 0]).sum())
        if few:
            data.note(f"{name}: {few} of {len(seen)} units were observed in too few trials, left out")
        for each, p in ((rows, found.p), (nulls, found.null_p)):
            each.append(np.where(np.isfinite(p), p <= LEVEL, np.nan))
    unit = f"share of units with p ≤ {LEVEL:g}"
    coded, shuffles = np.concatenate(rows), np.concatenate(nulls, axis=1)
    known = np.isfinite(coded)
    low, high = proportion(np.where(known, coded, 0).sum(axis=0), known.sum(axis=0))
    ends = {name: (float(a), float(b)) for name, a, b in zip(REGRESSORS, low, high, strict=True)}
    return Measured(REGRESSORS, coded, mean(shuffles), unit, kind="unit", known=ends, shuffles=shuffles)


def _regressors(recording: Recording, data: Data) -> dict[str, np.ndarray]:
    """Of every trial; NaN where the one before was missed, or left out."""
    name, trials = recording.about["file"], len(recording.trials["action"])
    columns = {"subject": np.full(trials, "0"), "trial": np.arange(float(trials))}
    columns |= {column: recording.trials[column] for column in ("action", "reward")}
    if np.isfinite(recording.trials["missed"]).any():
        columns["missed"] = recording.trials["missed"]
    check_codes(name, columns, ("action", "reward"), data.columns)
    choices, notes = bandit_choices(Behaviour(columns, name)).in_unit_rewards()
    for note in notes:
        data.note(f"{name}: {note}")
    value = decision_values(fit(QLearning(), choices), choices)[0]
    return task_regressors(columns["action"], columns["reward"], value)
