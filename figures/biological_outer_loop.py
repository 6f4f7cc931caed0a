"""The outer loop as a learner of one life after another: metaparameters perturbed, reinforced by reward.

(a) Reward on held-out episodes of where each search stands against the lifetimes that it has lived:
biological outer loops, which see nothing but a slow average of their own reward, and CMA-ES. Thin: some of
the searches; thick: their means. (b) What each search gained over the start, and what loops gained that were
told the rewards of another (dashed: eight tenths of the mean gain of CMA-ES; squares: means with two
standard errors). The loop is node perturbation one level up (Schweighofer & Doya 2003,
doi:10.1016/S0893-6080(02)00228-9); its settings were found on other bandits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("biological_outer_loop",)
SHARE = 0.8
"""Of CMA-ES's gain at equal numbers of lifetimes."""
LABELS = {"biological": "biological", "cma": "CMA-ES", "null": "rewards of another"}


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["biological_outer_loop"]
    gains = {loop: _gain(result, loop) for loop in LABELS}
    (gain, error), (best, best_error) = (mean_and_error(gains[loop]) for loop in ("biological", "cma"))
    share = gain / best
    spread = share * float(np.hypot(error / gain, best_error / best))
    apart, apart_error = mean_and_error(gains["biological"] - gains["null"])
    climbed = float((gains["biological"] > 0.5 * best).mean())
    lifetimes = int(result["lifetime"].values[-1])
    return [
        Claim.at_least(
            f"share of CMA-ES's gain after {lifetimes} lifetimes (± {spread:.2f} s.e.)",
            float(share),
            SHARE,
            f"means of {len(gains['biological'])} loops and {len(gains['cma'])} searches",
        ),
        Claim.at_least(
            "loops that gained half as much as CMA-ES", climbed, 0.8, "it is not the work of a lucky few"
        ),
        Claim.at_least(
            "(biological - null)/s.e.", float(apart / apart_error), 5.0, "it is its own reward that guides it"
        ),
        Claim.at_most(
            "gain of the null / gain of CMA-ES",
            float(gains["null"].mean() / best),
            0.25,
            "rewards of another teach nothing",
        ),
    ]


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["biological_outer_loop"]
    figure, axes = panels(1, 2, 3.0, width_ratios=(1.6, 1))
    _paths(axes[0], result)
    _gains(axes[1], result)
    return figure


def _gain(result: xr.Dataset, loop: str) -> np.ndarray:
    """Over the start, each search on episodes of its own."""
    reward = result[loop].values
    gain: np.ndarray = reward - result["start"].values[: len(reward)]
    return gain


def _paths(panel: Axes, result: xr.Dataset) -> None:
    lifetime = np.append(0, result["lifetime"].values) / 1000
    start = result["start"].values[: result.sizes["way"]]
    for loop in result["loop"].values.tolist():
        paths = np.vstack([start, result["path"].sel(loop=loop).values])
        bold: dict[str, Any] = {"color": COLOURS[loop], "linewidth": 2, "label": LABELS[loop], "zorder": 3}
        panel.plot(lifetime, paths.mean(axis=1), "o-", markersize=3, **bold)
        panel.plot(lifetime, paths, color=COLOURS[loop], linewidth=0.5, alpha=0.25, zorder=1)
    panel.set(xlabel="thousand lifetimes", ylabel="reward per trial, held out", title="a  searches")
    panel.legend(loc="lower right")


def _gains(panel: Axes, result: xr.Dataset) -> None:
    for place, loop in enumerate(LABELS):
        gains = _gain(result, loop)
        mean, error = mean_and_error(gains)
        beside = place + np.linspace(-0.25, 0.25, len(gains))
        panel.plot(beside, np.sort(gains), "o", color="0.7", markersize=2.5, zorder=1)
        panel.errorbar(place, mean, 2 * error, fmt="s", color=COLOURS[loop], markersize=5, zorder=2)
    panel.axhline(0, color="0.4", linewidth=0.8)
    panel.axhline(SHARE * _gain(result, "cma").mean(), color="0.4", linestyle="--")
    panel.set_xticks(range(len(LABELS)), ["biological", "CMA-ES", "null"])
    panel.set(ylabel="gain of reward", title="b  gains", xlim=(-0.5, len(LABELS) - 0.5))
