"""Spiking actor-critics, taught by dopamine neurons that broadcast the TD error, learn where to go.

(a) Water maze: latency to the hidden platform (median and quartiles over individuals; time-outs count as the
limit), beside the same networks with frozen plasticity and with another individual's dopamine. (b) Paths of
the first individual in its first two trials (grey) and its last four, with its latency in the last five and
the median of all individuals'. (c) Linear track, likewise. (d) Value along the track, as the critic neurons
of one learner tell it, early and late.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("water_maze", "linear_track")
BLOCK = 5
"""Trials whose median is the latency of a block."""
NAMES = {"learning": "learning", "frozen": "frozen plasticity", "shuffled": "another's dopamine"}


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    claims = []
    for experiment, task in (("water_maze", "water maze"), ("linear_track", "linear track")):
        for condition, ratio in _falls(data[experiment]).items():
            name = f"{task}, {NAMES[condition]}: first / last median latency"
            if condition == "learning":
                claims.append(Claim.at_least(name, ratio, 4.0, "issue: falls at least fourfold"))
            else:
                claims.append(Claim.at_most(name, ratio, 2.0, "half of what is asked of learners, in log"))
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    figure, axes = panels(2, 2, 5.8)
    _latency(axes[0, 0], data["water_maze"], "a  water maze")
    _paths(axes[0, 1], data["water_maze"])
    _latency(axes[1, 0], data["linear_track"], "c  linear track")
    _value(axes[1, 1], data["linear_track"])
    return figure


def _falls(result: xr.Dataset) -> dict[str, float]:
    """First over last block's median latency, over individuals and the trials of a block."""
    falls = {}
    for condition in result["condition"].values:
        latency = result["latency"].sel(condition=condition).values
        falls[str(condition)] = float(np.median(latency[:, :BLOCK]) / np.median(latency[:, -BLOCK:]))
    return falls


def _latency(panel: Axes, result: xr.Dataset, title: str) -> None:
    for condition in result["condition"].values:
        latency = result["latency"].sel(condition=condition).values
        blocks = latency.reshape(len(latency), -1, BLOCK).swapaxes(0, 1).reshape(-1, len(latency) * BLOCK)
        low, middle, high = np.percentile(blocks, (25, 50, 75), axis=1)
        trial = (np.arange(len(blocks)) + 0.5) * BLOCK + 0.5
        colour = COLOURS[str(condition)]
        panel.fill_between(trial, low, high, color=colour, alpha=0.2, linewidth=0)
        panel.plot(trial, middle, color=colour, label=NAMES[str(condition)])
    panel.set(xlabel="trial", ylabel="latency (s)", title=title, ylim=(0, None))
    panel.legend()


def _paths(panel: Axes, result: xr.Dataset) -> None:
    x, y, trial = (result[f"{name}_trace"].values for name in ("x", "y", "trial"))
    acting = result["acting_trace"].values > 0.5
    task = json.loads(result.attrs["config"])
    lived = np.unique(trial[acting])
    for number in [*lived[:2], *lived[-4:]]:
        here = acting & (trial == number)
        late = number in lived[-4:]
        panel.plot(x[here], y[here], color="C0" if late else "0.7", linewidth=1.2 if late else 0.6)
    place = {name: task.get(name) for name in ("platform_x", "platform_y", "radius")}
    if None not in place.values():
        from matplotlib.patches import Circle

        panel.add_patch(
            Circle((place["platform_x"], place["platform_y"]), place["radius"], color="C2", alpha=0.5)
        )
    panel.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="x (m)", ylabel="y (m)")
    late = np.median(result["latency"].sel(condition="learning").values[:, -BLOCK:], axis=1)
    panel.set_title(f"b  individual 1: {late[0]:.1f} s (median {np.median(late):.1f} s)")


def _value(panel: Axes, result: xr.Dataset) -> None:
    x, value, trial = (result[f"{name}_trace"].values for name in ("x", "V", "trial"))
    acting = result["acting_trace"].values > 0.5
    lived = np.unique(trial[acting])
    edges = np.linspace(0, max(x[acting].max(), 1e-9), 13)
    for trials, colour, name in ((lived[:2], "0.6", "first two trials"), (lived[-10:], "C0", "last ten")):
        here = acting & np.isin(trial, trials)
        bins = np.clip(np.digitize(x[here], edges) - 1, 0, len(edges) - 2)
        counts = np.bincount(bins, minlength=len(edges) - 1)
        total = np.bincount(bins, weights=value[here], minlength=len(edges) - 1)
        seen = counts > 0
        panel.plot(
            ((edges[:-1] + edges[1:]) / 2)[seen], (total[seen] / counts[seen]), "o-", color=colour, label=name
        )
    panel.set(xlabel="place on the track (m)", ylabel="value V", title="d  one critic, linear track")
    panel.legend()
