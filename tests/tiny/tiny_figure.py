"""Means of normal numbers lie where they should.

Each dot is the mean of one individual's draws against its expectation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from hedon.figures.claims import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

EXPERIMENTS = ("tiny",)


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    tiny = data["tiny"]
    config = json.loads(tiny.attrs["config"])
    error = config["sigma"] / config["draws"] ** 0.5
    claims = [
        Claim.estimate(f"mean (mV) at shift {shift:g}", mean, shift, error)
        for shift, mean in zip(tiny["shift"].values, tiny["mean"].values, strict=True)
    ]
    return [*claims, Claim.at_most("share of NaN", float(tiny["mean"].isnull().mean()), 0, "none")]


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2)
    for panel in axes:
        panel.plot(data["tiny"]["shift"], data["tiny"]["mean"], "o")
        panel.set(xlabel="shift (mV)", ylabel="mean (mV)", title="Mean of the draws")
    return figure
