"""Acrobot: spiking actor-critics swing the tip above the bar with their own dopamine, at equal episodes.

(a) Steps to the bar, of at most 500 (mean over individuals, blocks of four episodes), beside the same
networks with frozen plasticity, whose torques are random, and with another individual's dopamine. All live
the same episodes; one that an individual had no time to live is not counted. (b) Share of the episodes in
which the bar is reached. (c) The same of every individual's last eight. Bars: two standard errors over
individuals. Another's dopamine may do something at first: an optimistic critic disappoints everybody, which
alone makes the actor change its ways. The 100 steps of good players are not reached in this time.
"""

import numpy as np

from ..analysis.behaviour.lived_trials import late_mean
from .claims import Claim
from .individuals import CONTROLS, conditions, difference_claim, draw_each, draw_mean, reached_goal
from .look import Dataset, Figure, Results, panels

EXPERIMENTS = ("acrobot",)
BLOCK = 4
"""Episodes of a point of a curve."""
LATE = 8
"""Last lived episodes, which count."""
STEP = 0.2
"""Seconds of a step."""


def check(data: Results) -> list[Claim]:
    late = {name: late_mean(good, LATE) for name, good in reached_goal(data["acrobot"]).items()}
    often = int((late["learning"] >= 0.5).sum())
    name = f"share of the last {LATE} episodes in which the bar is reached"
    reason = f"chosen; {often} of {len(late['learning'])} reach it in half of them"
    return [difference_claim(name, late, control, 0.1, reason, headline=True) for control in CONTROLS]


def draw(data: Results) -> Figure:
    result = data["acrobot"]
    figure, axes = panels(1, 3, 2.7)
    draw_mean(axes[0], _steps(result), BLOCK)
    axes[0].set(xlabel="episode", ylabel="steps to the bar", ylim=(0, 520))
    axes[0].set_title(f"a  Acrobot (n = {result.sizes['individual']} each)")
    axes[0].legend(loc="lower left", fontsize=6)
    reached = reached_goal(result)
    draw_mean(axes[1], reached, BLOCK)
    axes[1].set(xlabel="episode", ylabel="share of episodes", ylim=(-0.05, 1.05), title="b  bar reached")
    draw_each(axes[2], {name: late_mean(table, LATE) for name, table in reached.items()})
    axes[2].set(ylabel=f"share of the last {LATE}", ylim=(-0.05, 1.05), title="c  every individual")
    for axis in axes[:2]:
        axis.set_xticks(np.arange(0, result.sizes["trial"] + 1, BLOCK))
    return figure


def _steps(result: Dataset) -> dict[str, np.ndarray]:
    return {name: latency / STEP for name, latency in conditions(result, "latency").items()}
