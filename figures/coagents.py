"""A hidden layer of agents learns XOR from one reward, and its noise helps.

Hidden neurons hear the broadcast of their network's reward, or their own contribution to it, which takes the
output weight back to the neuron (`models.coagents`; coagents: Thomas 2011; Kostas, Nota & Thomas 2020, both
from memory). (a) Mean update of single trials against the exact gradient of the mean reward: both signals
follow it, the own contribution with less noise. (b) Right answers while networks learn, of the width and at
the rate at which the broadcast solves most; frozen and yoked hidden layers beside. (c) Share of networks that
solve it. Three of four patterns are a trap; the signal with less noise falls into it more often. Bars: 2 s.e.
"""

import numpy as np

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments.coagents import ARMS, DIFFERENCE, FROZEN, HEARD, ONE, YOKED
from .claims import Claim
from .look import BLUE, GREEN, GREY, VERMILLION, Axes, Dataset, Figure, Results, mosaic, ticks

EXPERIMENTS = ("coagents",)

COLOUR = {ONE: VERMILLION, DIFFERENCE: GREEN, FROZEN: GREY, YOKED: BLUE}
NAMES = {ONE: "one broadcast", DIFFERENCE: "own contribution", FROZEN: "frozen", YOKED: "yoked"}
SOLVED = 0.9
"""Least share of right answers, in the last blocks, of who has solved it; three of four patterns make .75."""
LAST = 4


def check(data: Results) -> list[Claim]:
    result = data["coagents"]
    claims = [_gradient_claim(result, signal) for signal in HEARD]
    solved = {arm: mean_and_error(_solved(result, arm).mean(axis=1)) for arm in ARMS}
    variance = result["variance"]
    return [
        *claims,
        Claim.at_least(
            "one broadcast: share of networks that solve XOR",
            solved[ONE],
            0.3,
            "chosen; the null hears another network's reward, the rival its own contribution",
            null=float(solved[YOKED][0]),
            rival=float(solved[DIFFERENCE][0]),
            headline=True,
        ),
        Claim.at_least(
            "one broadcast above the own contribution: share of networks that solve XOR",
            mean_and_error((_solved(result, ONE) - _solved(result, DIFFERENCE)).mean(axis=1)),
            0.05,
            "chosen: more than a network of twenty",
            null=0.0,
        ),
        Claim.at_least(
            "variance of an update: one broadcast over the own contribution",
            float(variance.sel(signal=ONE).sum() / variance.sel(signal=DIFFERENCE).sum()),
            1.5,
            "chosen: tells them apart",
            null=1.0,
        ),
    ]


def _gradient_claim(result: Dataset, signal: str) -> Claim:
    """Slope of the mean update on the exact gradient, through the origin."""
    exact, row = result["exact"].values, result.sel(signal=signal)
    weight = exact / (exact**2).sum()
    return Claim.equivalent(
        f"{NAMES[signal]}: mean update on the exact gradient, slope",
        float(weight @ row["update"].values),
        1.0,
        float(np.sqrt((weight**2 * row["update_error"].values ** 2).sum())),
        0.25,
        "chosen, after four seeds: what chance leaves; the null is an update that has nothing to do with it",
        null=0.0,
    )


def _solved(result: Dataset, arm: str) -> Array:
    """Whether networks have solved it, at the better rate of each width: (individual, width)."""
    row = result["right"].sel(arm=arm).isel(block=slice(-LAST, None)).mean("block")
    solved = (row > SOLVED).transpose("individual", "width", "rate").values.astype(float)
    best = solved.mean(axis=0).argmax(axis=1)
    return np.asarray(np.take_along_axis(solved, best[None, :, None], axis=2)[..., 0])


def draw(data: Results) -> Figure:
    result = data["coagents"]
    figure, axes = mosaic([["updates", "curves", "solved"]], 3.0)
    _draw_updates(axes["updates"], result)
    _draw_curves(axes["curves"], result)
    _draw_solved(axes["solved"], result)
    return figure


def _draw_updates(panel: Axes, result: Dataset) -> None:
    for signal in HEARD:
        row = result.sel(signal=signal)
        panel.errorbar(
            result["exact"],
            row["update"],
            2 * row["update_error"],
            fmt="o",
            color=COLOUR[signal],
            label=NAMES[signal],
        )
    panel.axline((0, 0), slope=1, color="0.7", zorder=0)
    panel.set(xlabel="exact gradient", ylabel="mean update", title="a  single trials")
    panel.legend()


def _draw_curves(panel: Axes, result: Dataset) -> None:
    last = result["right"].sel(arm=ONE).isel(block=slice(-LAST, None)).mean("block")
    share = (last > SOLVED).mean("individual")
    best = share.stack(place=("width", "rate")).idxmax("place").item()
    chosen = result["right"].sel(width=best[0], rate=best[1])
    for arm in ARMS:
        mean, error = mean_and_error(chosen.sel(arm=arm).transpose("individual", "block").values)
        panel.plot(result["block"], mean, color=COLOUR[arm], label=NAMES[arm])
        panel.fill_between(
            result["block"], mean - 2 * error, mean + 2 * error, color=COLOUR[arm], alpha=0.2, linewidth=0
        )
    panel.axhline(0.75, color="0.8", zorder=0)
    panel.set(xlabel="trials", ylabel="right answers", title=f"b  {best[0]} hidden neurons", ylim=(0.45, 1.0))


def _draw_solved(panel: Axes, result: Dataset) -> None:
    for arm in ARMS:
        mean, error = mean_and_error(_solved(result, arm))
        panel.errorbar(result["width"], mean, 2 * error, fmt="o-", color=COLOUR[arm], label=NAMES[arm])
    panel.set(
        xscale="log",
        xlabel="hidden neurons",
        ylabel="share that solve XOR",
        title="c  traps",
        ylim=(-0.05, 1.2),
    )
    ticks(panel, result["width"].values)
    panel.legend(loc="upper center", ncols=2, fontsize=6)
