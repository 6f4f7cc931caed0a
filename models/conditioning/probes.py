"""Responses to single kinds of trials in a result of the experiment `conditioning`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..tasks.conditioning import SIZES

if TYPE_CHECKING:
    import xarray as xr


def mean_of_probe(result: xr.Dataset, name: str, protocol: str, kind: int, share: float = 1.0) -> np.ndarray:
    """Mean of a variable over the probes of one kind in each individual of a protocol, (individual,).

    ``share``: of the expectation that critics subtract.
    """
    rows = (result["tested_protocol"].values == protocol) & (result["share"].values == share)
    here = result["kind"].values[rows] == kind
    return np.asarray(np.where(here, result[name].values[rows], 0).sum(axis=1) / here.sum(axis=1))


def of_each_size(result: xr.Dataset, share: float) -> np.ndarray:
    """Responses (Hz) 200 to 600 ms after rewards: (expected, size, individual), sizes as in `SIZES`."""
    kinds = range(2 * len(SIZES))
    rows = [mean_of_probe(result, "probe_late", "magnitude", kind, share) for kind in kinds]
    return np.array(rows).reshape(2, len(SIZES), -1)
