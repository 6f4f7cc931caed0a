"""A recurrent network learns by one scalar broadcast to hold a cue in its activity; readouts alone do not.

A cue is seen once and asked for after random distractors. (a) Share of right answers while learning, each
network by itself: all weights plastic, by node perturbation times a broadcast TD error, and the readouts
alone on the same kind of network. (b) With frozen weights on new episodes, at equal episodes: all plastic;
the readouts alone, at the best of several rates; another individual's broadcast; before training; and the
shaped networks with their state emptied in every step. (c) The shaped networks against the number of
distractors that they were trained with (more than the first at paper scale only). The plan of Wang et al.
(2018, doi:10.1038/s41593-018-0147-8) with a local three-factor rule in place of backpropagation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREEN, GREY, ORANGE, VERMILLION, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("cue_memory",)
CHANCE = 0.5
GOOD = 0.98
"""Right answers of a network that holds the cue."""
RESERVOIR = 0.70
"""What readouts on a fixed network of this size may reach at most."""


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["cue_memory"]
    config = json.loads(result.attrs["config"])
    correct = result["correct"]
    shaped = correct.sel(condition="all").values
    best = result["readout"].values[_best(result)]
    rival = float(best.mean())
    error = 0.5 / config["tests"] ** 0.5
    first = config["distractors"][0]
    claims = [
        Claim.at_least(
            f"share of networks that answer right after {first} distractors (≥ {GOOD:g}), frozen",
            float((shaped >= GOOD).mean()),
            1.0,
            "every network, within the episodes of this scale",
            null=float((best >= GOOD).mean()),
            headline=True,
        ),
        Claim.at_most(
            "right answers, readouts alone at their best rate",
            float(best.max()),
            RESERVOIR,
            "chosen: a fixed network of 16 fast units forgets; the best of all",
            null=float(shaped.mean()),
            headline=True,
        ),
        Claim.at_least(
            "right answers: all plastic less readouts alone",
            float(shaped.mean() - best.mean()),
            0.25,
            "chosen: a quarter more than forgetting allows",
            null=0.0,
            rival=rival,
        ),
    ]
    for condition, what in (
        ("shuffled", "another individual's broadcast"),
        ("reset", "state emptied in every step"),
        ("untrained", "before training"),
    ):
        mean, spread = mean_and_error(correct.sel(condition=condition).values)
        claims.append(
            Claim.equivalent(
                f"right answers, {what}",
                float(mean),
                CHANCE,
                max(float(spread), error / shaped.size**0.5),
                0.08,
                "chosen: chance, the errors of a mean are 1 to 2 %",
                null=float(shaped.mean()),
                kind="finding",
            )
        )
    return claims


def _best(result: xr.Dataset) -> int:
    """Place of the best rate of the readouts alone."""
    return int(result["readout"].values.mean(axis=1).argmax())


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["cue_memory"]
    figure, axes = panels(1, 3, height=2.9, width_ratios=(1.5, 1.3, 0.9))
    _curves(axes[0], result)
    _conditions(axes[1], result)
    panel = axes[2]
    for individual in result["longer"].values.T:
        panel.plot(result["distractors"], individual, "o", color=BLUE, markersize=3, alpha=0.6)
    panel.axhline(CHANCE, color="0.6", linestyle=":")
    panel.set(xlabel="distractors", ylim=(0.4, 1.03), title="c  how long")
    panel.set_xticks(result["distractors"].values)
    return figure


def _curves(panel: Axes, result: xr.Dataset) -> None:
    best = _best(result)
    for curves, colour, label in (
        (result["readout_curve"].values[best], ORANGE, "readouts alone"),
        (result["curve"].values, BLUE, "all plastic"),
    ):
        for number, curve in enumerate(curves):
            panel.plot(
                result["episode"] / 1000, curve, color=colour, linewidth=1, label=None if number else label
            )
    panel.axhline(CHANCE, color="0.6", linestyle=":")
    panel.set(xlabel="episode / 1000", ylabel="right answers", ylim=(0.4, 1.03), title="a  while learning")
    panel.legend(loc="center right")


def _conditions(panel: Axes, result: xr.Dataset) -> None:
    correct = result["correct"]
    best = result["readout"].values[_best(result)]
    rows = {
        "all plastic": (correct.sel(condition="all").values, BLUE),
        "readouts": (best, ORANGE),
        "shuffled": (correct.sel(condition="shuffled").values, VERMILLION),
        "untrained": (correct.sel(condition="untrained").values, GREY),
        "reset": (correct.sel(condition="reset").values, GREEN),
    }
    for place, (values, colour) in enumerate(rows.values()):
        spread = np.linspace(-0.2, 0.2, len(values))
        panel.plot(place + spread, values, "o", color=colour, markersize=3)
    panel.axhline(CHANCE, color="0.6", linestyle=":")
    panel.set(ylim=(0.4, 1.03), title="b  weights frozen")
    panel.set_xticks(range(len(rows)), list(rows), rotation=40, ha="right")
