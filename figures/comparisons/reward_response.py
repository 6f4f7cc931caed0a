"""Responses of dopamine cells by reward size and expectation, 200 to 600 ms after it; NWB, NPZ or CSV files.

Trials need the columns ``reward_ul`` and ``t_outcome``, and may have ``expected`` (without it all rewards
count as unexpected) and ``t_cue``. The baseline is the second before the first event of a trial. The null: a
cell's reward sizes change places among its trials.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.responses.dopamine_responses import LATE, trial_responses
from ...analysis.statistics.comparison import Measured
from .data import Data
from .reward_cells import KINDS, by_size, means, name_of, reward_cells, shuffled_means

if TYPE_CHECKING:
    import xarray as xr

OPTIONS = ("event", "window")
EXPERIMENTS = ("conditioning", "session")


def measure(data: Data) -> Measured:
    generator = np.random.default_rng(0)
    found, nulls = [], []
    for cell in reward_cells(data):
        _, response = trial_responses(cell, data.window or LATE, data.event or "t_outcome")
        sizes = cell.trials["reward_ul"]
        found.append(means(cell, sizes, response))
        nulls.append(shuffled_means(cell, response, generator))
    return by_size(found, nulls, "Hz")


def of_result(data: xr.Dataset) -> Mapping[str, Mapping[str, float]]:
    """The mean responses of the dopamine neurons, one model for each share of the expectation."""
    from ...models.conditioning.probes import of_each_size
    from ...models.tasks.conditioning import SIZES

    rows = data["tested_protocol"].values == "magnitude"
    models = {}
    for share in np.unique(data["share"].values[rows]):
        means = of_each_size(data, share).mean(axis=-1)
        models[f"expects {share:.0%}"] = {
            name_of(row, size): float(means[row, column])
            for row in range(len(KINDS))
            for column, size in enumerate(SIZES)
        }
    return models
