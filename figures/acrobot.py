"""Acrobot: spiking actor-critics come to swing the tip above the bar, and frozen ones do not.

(a) Steps to the bar, of at most 500 (mean over individuals, blocks of four episodes; the band is one standard
error), beside the same networks with frozen plasticity, whose torques are random, and with another
individual's dopamine. (b) Share of the episodes in which the bar is reached. In the few episodes of the
controls at quick scale another's dopamine cannot be told from one's own: an optimistic critic disappoints
everybody, which alone makes the actor change its ways, so nothing is claimed of it. The curve is shown as it
is: the 100 steps of good players are not reached in this time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("acrobot",)
BLOCK = 4
"""Episodes of a point of a curve."""
LATE = 8
"""Last episodes, which count."""
STEP = 0.2
"""Seconds of a step."""
NAMES = {"learning": "learning", "frozen": "frozen plasticity", "shuffled": "another's dopamine"}


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    reached, steps = _of(data["acrobot"], "outcome"), _of(data["acrobot"], "latency")
    share = {condition: float(np.mean(values[:, -LATE:] > 0)) for condition, values in reached.items()}
    late = {condition: float(np.mean(values[:, -LATE:])) / STEP for condition, values in steps.items()}
    name = f"{{}}: share of the last {LATE} episodes in which the bar is reached"
    claims = [
        Claim.at_least(name.format("learning"), share["learning"], 0.5, "more often than not"),
        Claim.at_most(
            name.format(NAMES["frozen"]), share["frozen"], 0.25, "half of what is asked of learners"
        ),
        Claim.at_most(
            "learning / frozen: steps in the last episodes", late["learning"] / late["frozen"], 0.9, "faster"
        ),
    ]
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    figure, axes = panels(1, 2, 3.0)
    steps = {name: values / STEP for name, values in _of(data["acrobot"], "latency").items()}
    _curves(axes[0], steps)
    axes[0].set(ylabel="steps", ylim=(0, 510), title="a  steps to the bar")
    axes[0].legend(loc="lower left")
    _curves(axes[1], {name: values > 0 for name, values in _of(data["acrobot"], "outcome").items()})
    axes[1].set(ylabel="share of episodes", ylim=(-0.03, 1.03), title="b  bar reached")
    return figure


def _of(result: xr.Dataset, name: str) -> dict[str, np.ndarray]:
    """A quantity of learners and controls: condition -> (individual, episode)."""
    values = {"learning": result[name].values}
    control = result[f"control_{name}"]
    return values | {str(c): control.sel(condition=c).values for c in result["condition"].values}


def _curves(panel: Axes, shown: Mapping[str, np.ndarray]) -> None:
    for condition, values in shown.items():
        blocks = values.reshape(len(values), -1, BLOCK).mean(axis=2)
        middle, error = blocks.mean(axis=0), blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks))
        episode = (np.arange(len(middle)) + 0.5) * BLOCK + 0.5
        panel.fill_between(
            episode, middle - error, middle + error, color=COLOURS[condition], alpha=0.2, linewidth=0
        )
        panel.plot(episode, middle, color=COLOURS[condition], label=NAMES[condition])
    panel.set(xlabel="episode")
