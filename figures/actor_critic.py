"""Spiking actor-critics, taught by dopamine neurons that broadcast the TD error, learn where to go.

All conditions are given the same time. A trial that an individual had no time to live is not counted; one
that ended without the goal counts as the limit of 25 s. (a) Water maze: share of individuals that have
reached the hidden platform ten times in a row, by trial (Kaplan-Meier, censored where time ran out; bands:
95 %), beside the same networks with frozen plasticity and with another individual's dopamine. (b) Mean
latency of every individual's last ten lived trials. (c) Paths of the median learner in its first two trials
(grey) and its last four. (d, e) Linear track, likewise. (f) Value along the track, as the critic neurons of
the median learner tell it, early and late.
"""

import numpy as np

from ..analysis.behaviour.lived_trials import late_mean
from .claims import Claim
from .individuals import CONTROLS, conditions, draw_come, draw_each, ratio_claim, reached_goal, share_claims
from .look import BLUE, GREEN, Axes, Dataset, Figure, Results, config_of, mosaic

EXPERIMENTS = ("water_maze", "linear_track")
LATE = 10
"""Last lived trials by which an individual is judged, and good ones in a row that count in (a) and (d)."""
QUICK, MOST_QUICK = 5.0, 0.5
"""Mean latency (s) of its last trials by which an individual is quick, and the least share of those."""
OFTEN, SELDOM = 0.9, 0.7
"""Shares of its last trials that a good individual reaches, and a failing one does not."""
TASKS = {"water_maze": ("water maze", 0.5, 0.45, 0.4), "linear_track": ("linear track", 0.6, 0.4, 0.4)}
"""Name, least share of good learners, most of failing ones, latency beside a control's."""


def check(data: Results) -> list[Claim]:
    claims = []
    for experiment, (task, good, failing, faster) in TASKS.items():
        reached, latency = _reached(data[experiment]), _latency(data[experiment])
        first = experiment == "water_maze"
        if first:
            claims.append(
                share_claims(
                    f"{task}: mean latency of the last 10 trials below {QUICK:g} s",
                    {name: each < QUICK for name, each in latency.items()},
                    MOST_QUICK,
                    "chosen: 17 of 24, two errors taken off, where one in eight does not learn (15 of 16 "
                    "were asked for); the null is the better control",
                    headline=True,
                )
            )
        claims += [
            share_claims(
                f"{task}: the goal is reached in 9 of the last 10 trials",
                {name: share >= OFTEN for name, share in reached.items()},
                good,
                "chosen: more than half, two errors taken off; the null is the better control",
            ),
            share_claims(
                f"{task}, failures: the goal is reached in fewer than 7 of the last 10 trials",
                {name: share < SELDOM for name, share in reached.items()},
                failing,
                "chosen: a minority, two errors of so few added; the null is the better control",
                most=True,
                headline=first,
            ),
        ]
        for control in CONTROLS:
            claims.append(
                ratio_claim(
                    f"{task}: mean latency of the last 10 trials",
                    latency,
                    control,
                    faster,
                    "chosen; failing individuals and time-outs of 25 s count",
                    headline=first and control == "shuffled",
                )
            )
    return claims


def _reached(result: Dataset) -> dict[str, np.ndarray]:
    """Share of each individual's last lived trials in which the goal was reached."""
    return {name: late_mean(good, LATE) for name, good in reached_goal(result).items()}


def _latency(result: Dataset) -> dict[str, np.ndarray]:
    """Mean latency (s) of each individual's last lived trials."""
    return {name: late_mean(latency, LATE) for name, latency in conditions(result, "latency").items()}


def draw(data: Results) -> Figure:
    figure, axes = mosaic([["come", "each", "paths"], ["track", "track_each", "value"]], 5.2)
    for experiment, (come, each), letters in (
        ("water_maze", ("come", "each"), "ab"),
        ("linear_track", ("track", "track_each"), "de"),
    ):
        result = data[experiment]
        draw_come(axes[come], reached_goal(result), LATE)
        number = result.sizes["individual"]
        axes[come].set(xlabel="trial", title=f"{letters[0]}  {TASKS[experiment][0]} (n = {number} each)")
        draw_each(axes[each], _latency(result))
        axes[each].set(ylabel="mean latency, last 10 trials (s)", ylim=(0, 26.5))
        axes[each].set_title(f"{letters[1]}  every individual")
    axes["track"].legend(loc="center right", fontsize=6)
    _paths(axes["paths"], data["water_maze"])
    _value(axes["value"], data["linear_track"])
    return figure


def _paths(panel: Axes, result: Dataset) -> None:
    from matplotlib.patches import Circle

    x, y, trial = (result[f"{name}_trace"].values for name in ("x", "y", "trial"))
    acting = result["acting_trace"].values > 0.5
    task = config_of(result)
    lived = np.unique(trial[acting])
    for number in [*lived[:2], *lived[-4:]]:
        here = acting & (trial == number)
        late = number in lived[-4:]
        panel.plot(x[here], y[here], color=BLUE if late else "0.7", linewidth=1.2 if late else 0.6)
    place = (task["platform_x"], task["platform_y"])
    panel.add_patch(Circle(place, task["radius"], color=GREEN, alpha=0.5))
    panel.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="x (m)", ylabel="y (m)")
    panel.set_title("c  the median learner")


def _value(panel: Axes, result: Dataset) -> None:
    x, value, trial = (result[f"{name}_trace"].values for name in ("x", "V", "trial"))
    acting = result["acting_trace"].values > 0.5
    lived = np.unique(trial[acting])
    edges = np.linspace(0, max(x[acting].max(), 1e-9), 13)
    for trials, colour, name in ((lived[:2], "0.6", "first two trials"), (lived[-10:], BLUE, "last ten")):
        here = acting & np.isin(trial, trials)
        bins = np.clip(np.digitize(x[here], edges) - 1, 0, len(edges) - 2)
        counts = np.bincount(bins, minlength=len(edges) - 1)
        total = np.bincount(bins, weights=value[here], minlength=len(edges) - 1)
        seen = counts > 0
        panel.plot(
            ((edges[:-1] + edges[1:]) / 2)[seen],
            total[seen] / counts[seen],
            "o-",
            markersize=3,
            color=colour,
            label=name,
        )
    panel.set(xlabel="place on the track (m)", ylabel="value V (rewards)", title="f  the median learner")
    panel.legend(fontsize=6)
