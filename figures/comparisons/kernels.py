"""Weights of past rewards and choices on the next choice; CSV or NWB files (action, reward), two actions.

Choice and reward kernels (`analysis/behaviour/kernels.py`), of the first choice where there are two stages.
Rewards count from 0, their smallest value, to 1, their largest: in whichever unit. The null: a subject's
trials change places.
"""

import numpy as np

from ...analysis.behaviour.choices import bandit_choices
from ...analysis.behaviour.kernels import BACK, Kernels, kernels
from ...analysis.statistics.comparison import Axis, Measured, mean, shuffles_for
from .data import Data


def measure(data: Data) -> Measured:
    choices, notes = bandit_choices(data.people(("action", "reward"))).in_unit_rewards()
    found = kernels(choices)
    alike = sum(len(set(own[made])) == 1 for own, made in zip(choices.action, choices.made, strict=True))
    if alike:
        notes += (f"{alike} of {len(choices.subjects)} subjects always chose the same",)
    many = shuffles_for(len(choices.subjects))
    nulls = np.stack([_row(kernels(choices, shuffle=seed)) for seed in range(many)])
    lags = np.arange(1, BACK + 1)
    names = tuple(f"{kind} {lag} back" for kind in ("reward", "choice") for lag in lags)
    series = tuple(f"{kind} kernel" for kind in ("reward", "choice") for _ in lags)
    axis = Axis("trials back", series, tuple(float(lag) for lag in (*lags, *lags)))
    return Measured(
        names,
        _row(found),
        mean(nulls),
        "log odds",
        axis,
        kind="subject",
        notes=notes,
        shuffles=nulls,
        labels=choices.subjects,
        fitted={"kernels: bias": found.bias},
    )


def _row(found: Kernels) -> np.ndarray:
    return np.hstack([found.reward, found.choice])
