"""What units code in the matching task, weights frozen: much of it a network codes before it has learned.

Two arms are baited at random and stay baited until they are chosen. Over episodes a recurrent network is
shaped by one broadcast TD error, then its weights are frozen. (a) Reward per trial in new episodes, each
network by itself: all weights plastic, the readouts alone, before training; lines are players. (b) Share of
units whose activity before a choice codes last action, last reward, their product and value (the difference
of the arms' leaky incomes), at .05 against sessions paired with other sessions' behaviour: bars are means
over networks and their standard errors, the line is what that null gives itself. Units of ``readouts`` are as
they were drawn but live a learned behaviour.

A fixed network codes all four, so that none of them by itself says that something was learned. With shaping
the product and value become rarer, not commoner, most of it in units as they were drawn already, that is for
what the network now does. (Tsutsui et al. 2016, doi:10.1038/ncomms12554; Wang et al. 2018,
doi:10.1038/s41593-018-0147-8, simulation 2, with a local rule; Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 4.)
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREY, ORANGE, Axes, Dataset, Figure, Results, panels
from .shaped import draw_players, draw_rows

EXPERIMENTS = ("matching_activity",)
CODED = 0.07
"""Share of units that code a variable at least, for the variable to be there: above the level of the test."""
LOOK = {"all": ("all plastic", BLUE), "readout": ("readouts", ORANGE), "untrained": ("untrained", GREY)}


def check(data: Results) -> list[Claim]:
    result = data["matching_activity"]
    reward = result["reward"]
    player = {str(name): float(result["player_reward"].sel(player=name)) for name in result["player"].values}
    mean, error = mean_and_error(reward.sel(condition="all").values)
    untrained = float(reward.sel(condition="untrained").mean())
    claims = [
        Claim.at_least(
            "reward per trial with frozen weights, mean",
            (mean, error),
            player["local"],
            "local matching with a memory of 20 trials",
            null=untrained,
            rival=player["ideal"],
            headline=True,
        ),
        Claim.at_most(
            "reward per trial before training, mean",
            untrained,
            (player["by lot"] + player["local"]) / 2,
            "nearer to choosing by lot than to local matching",
            null=float(mean),
        ),
    ]
    for condition, who in (("all", "shaped"), ("untrained", "untrained")):
        for name in result["regressor"].values:
            claims.append(
                Claim.at_least(
                    f"share of units that code {name}, {who} network",
                    mean_and_error(result["share"].sel(condition=condition, regressor=name).values),
                    CODED,
                    "chosen: above the level of the test, .05",
                    null=float(result["null_share"].sel(condition=condition, regressor=name).mean()),
                )
            )
    fewer = _difference(result, "untrained", "all", "action x reward")
    claims.append(
        Claim.at_least(
            "share of units that code action x reward: untrained less shaped",
            fewer,
            0.0,
            "said after seed 0 was seen: shaping does not raise it, though a rise was expected; the null is "
            "a rise by as much as counts for coded",
            null=-CODED,
            headline=True,
        )
    )
    return claims


def _difference(result: Dataset, more: str, less: str, name: str) -> tuple[float, float]:
    """Mean difference of shares and its standard error."""
    pair = [mean_and_error(result["share"].sel(condition=c, regressor=name).values) for c in (more, less)]
    return float(pair[0][0] - pair[1][0]), float(np.hypot(pair[0][1], pair[1][1]))


def draw(data: Results) -> Figure:
    result = data["matching_activity"]
    figure, axes = panels(1, 2, height=3.2, width_ratios=(1, 1.7))
    _reward(axes[0], result)
    _shares(axes[1], result)
    return figure


def _reward(panel: Axes, result: Dataset) -> None:
    values = result["reward"]
    draw_rows(
        panel, {name: (values.sel(condition=one).values, colour) for one, (name, colour) in LOOK.items()}
    )
    draw_players(panel, result["player_reward"])
    panel.set(ylabel="reward per trial", title="a  weights frozen")


def _shares(panel: Axes, result: Dataset) -> None:
    names = [str(name) for name in result["regressor"].values]
    places, width = np.arange(len(names)), 0.26
    for number, (condition, (label, colour)) in enumerate(LOOK.items()):
        shares = result["share"].sel(condition=condition).values
        mean, error = zip(*(mean_and_error(column) for column in shares.T), strict=True)
        at = places + (number - 1) * width
        panel.bar(at, mean, width, yerr=error, color=colour, label=label, error_kw={"linewidth": 0.8})
        null = result["null_share"].sel(condition=condition).values.mean(axis=0)
        panel.hlines(null, at - width / 2, at + width / 2, color="0.2", linewidth=1)
    panel.set(ylabel="share of units", title="b  what units code")
    panel.set_xticks(places, names, rotation=20, ha="right")
    panel.legend(loc="upper right")
