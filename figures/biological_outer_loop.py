"""An outer loop that a brain could have: perturb the metaparameters, reinforce them by reward.

(a) Reward on held-out episodes of a search's centre against lifetimes lived: the biological loop, which
perturbs the metaparameters of the rule and follows a slow average of its own reward, and CMA-ES, which
compares sixteen lives at a time. (b) Reward of what each search found, and of the start; one point a search.
The control is told a reward that has nothing to do with its metaparameters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.statistics import mean_and_error
from .claims import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("biological_outer_loop",)
LABELS = {"biological": "biological", "cma": "CMA-ES", "random": "random search", "null": "reward of others"}


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["biological_outer_loop"]
    lifetimes = json.loads(result.attrs["config"])["lifetimes"]
    gain = {name: (result["reward"].sel(loop=name) - result["start"]).values for name in LABELS}
    mean = {name: mean_and_error(values) for name, values in gain.items()}
    share = mean["biological"][0] / mean["cma"][0]
    apart = (mean["biological"][0] - mean["null"][0]) / np.hypot(mean["biological"][1], mean["null"][1])
    return [
        Claim.at_least(
            f"gain of the biological loop / of CMA-ES, {lifetimes} lifetimes",
            float(share),
            0.8,
            "of the reward that CMA-ES adds to the start's",
        ),
        Claim.at_least(
            "gain of CMA-ES / its standard error", float(mean["cma"][0] / mean["cma"][1]), 5.0, "it searches"
        ),
        Claim.at_least(
            "(biological - told the reward of others)/standard error",
            float(apart),
            3.0,
            "its own reward is what it learns from",
        ),
    ]


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    from matplotlib import pyplot as plt

    result = data["biological_outer_loop"]
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.0))
    _path(axes[0], result)
    _found(axes[1], result)
    return figure


def _path(panel: Axes, result: xr.Dataset) -> None:
    lifetime = np.concatenate([[0], result["lifetime"].values])
    for name in ("biological", "cma"):
        path = np.column_stack([result["start"].values, result["path"].sel(loop=name).values])
        mean, error = mean_and_error(path)
        panel.errorbar(lifetime, mean, 2 * error, fmt="o-", label=LABELS[name])
    panel.set(xlabel="lifetimes lived", ylabel="held-out reward per trial", title="a  searches")
    panel.legend(loc="lower right")


def _found(panel: Axes, result: xr.Dataset) -> None:
    names = list(LABELS)
    for place, name in enumerate(names):
        values = result["reward"].sel(loop=name).values
        panel.plot(np.full(len(values), place), values, "o", markersize=4)
    panel.axhline(float(result["start"].mean()), color="0.4", linestyle="--", label="start")
    panel.set_xticks(range(len(names)), [LABELS[name].replace(" ", "\n", 1) for name in names])
    panel.set(ylabel="held-out reward per trial", title="b  what they found", xlim=(-0.5, len(names) - 0.5))
    panel.legend()


if __name__ == "__main__":
    from .report import script

    script("biological_outer_loop")
