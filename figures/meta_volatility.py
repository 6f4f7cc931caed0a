"""An outer loop gives dopamine a second task: to tell neurons how fast the world changes.

Reversal bandits (200 trials), in three splits: coefficients are fitted on hazards 0 and .2 with odds .8/.2,
structure and bounds were chosen on other hazards with the same odds, and claims are made on hazards and odds
that nothing has seen. (a) Reward of the median candidate of each search, in lives in which stable and
volatile episodes follow each other. (b) Reward on held-out episodes less that of the fixed rate which earns
most in the training, hazard by hazard: mean over searches with two standard errors (dots: each search;
filled: training; white: validation), beside three ideal players: of the training, with a prior over hazards,
and told hazard and odds. (c) The effective learning rate, the regression of the chosen value's change on
delta. (d, e) As (b), in worlds that nothing has seen: where the world is slow, the rule loses. (f) What was
found, in units of the bounds of the search.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLACK, BLUE, GREEN, GREY, ORANGE, Axes, Dataset, Figure, Results, config_of, mosaic

EXPERIMENTS = ("volatile_bandit",)
PLAYERS = {"of the training": GREY, "prior over hazards": ORANGE, "told both": BLACK}


def check(data: Results) -> list[Claim]:
    result = data["volatile_bandit"]
    config = config_of(result)
    searches = result.sizes["search"]
    train = np.flatnonzero(result["split"].values == "train")
    above = result["above"].values
    gain, error = mean_and_error(above[:, train].mean(axis=1))
    fixed = float(result["fixed"].values[train].mean())
    ideal = float(result["bayes"].sel(player="of the training").values[train].mean())
    slow, fast = (int(train[pick(result["hazard"].values[train])]) for pick in (np.argmin, np.argmax))
    ratio = result["alpha"].values[:, fast] / result["alpha"].values[:, slow]
    claims = [
        Claim.at_least(
            f"training's hazards, held-out episodes: reward above the best fixed rate, mean of {searches}",
            (gain, error),
            0.003,
            "chosen: a fifth of what the ideal player has, the rival",
            null=0,
            rival=ideal - fixed,
            headline=True,
        ),
        Claim.at_least(
            f"effective rate, volatile above stable: share of {searches} searches",
            float((ratio > 1).mean()),
            0.85,
            "chosen: seven of eight, which chance, the null, has at one seed in 28; geometric mean "
            f"{np.exp(np.log(ratio).mean()):.2g} times, from {ratio.min():.3g} to {ratio.max():.3g} (1.4 ± "
            ".15 at seed 6, where one of 2.9 makes the error)",
            null=0.5,
        ),
    ]
    for world in np.flatnonzero(result["split"].values == "test"):
        one = result.isel(world=int(world))
        place = (round(float(one["high"]), 6), round(float(one["hazard"]), 6))
        if place in EXPECTED:
            claims.append(_unseen(one, *place))
    chance = (config["high"] + config["low"]) / 2
    for name in result["condition"].values:
        mean, error = mean_and_error(result["control"].sel(condition=name).values)
        claims.append(
            Claim.equivalent(
                f"training's hazards: reward, {name}",
                float(mean),
                chance,
                float(error),
                (fixed - chance) / 2,
                "half the distance to the null, the fixed rate",
                null=fixed,
            )
        )
    return claims


EXPECTED: Mapping[tuple[float, float], float] = {
    (0.7, 0.01): -0.002,
    (0.7, 0.03): -0.002,
    (0.7, 0.15): 0.002,
    (0.9, 0.01): -0.001,
    (0.9, 0.07): 0.01,
    (0.9, 0.15): 0.015,
}
"""(high, hazard) -> bound of what the learned rule has above the fixed rate; below 0: at most. At (.7, .07)
and (.9, .03) the two are too near for a claim."""


def _unseen(one: Dataset, high: float, hazard: float) -> Claim:
    """A hazard and odds that nothing has seen: what is gained, or lost."""
    mean, error = (float(part) for part in mean_and_error(one["above"].values))
    bound = EXPECTED[high, hazard]
    claim = Claim.at_least if bound > 0 else Claim.at_most
    return claim(
        f"unseen, odds {high:g}/{1 - high:g}, hazard {hazard:g}: reward above the fixed rate",
        mean,
        bound,
        f"chosen: it {'gains' if bound > 0 else 'loses'}; the rival is Bayes with a prior over hazards",
        null=0,
        rival=float(one["bayes"].sel(player="prior over hazards") - one["fixed"]),
        error=error,
        headline=(high, hazard) in ((0.7, 0.03), (0.9, 0.15)),
    )


def draw(data: Results) -> Figure:
    result = data["volatile_bandit"]
    highs = sorted(set(result["high"].values[result["split"].values == "test"].tolist()))
    figure, axes = mosaic([["search", "known", "rate"], ["unseen 0", "unseen 1", "found"]], 5.4)
    _search(axes["search"], result)
    known = np.flatnonzero(result["split"].values != "test")
    _reward(axes["known"], result.isel(world=known), "b  odds of the training")
    for place, high in enumerate(highs[:2]):
        chosen = (result["split"].values == "test") & (result["high"].values == high)
        title = f"{'de'[place]}  unseen, odds {high:g}/{1 - high:g}"
        _reward(axes[f"unseen {place}"], result.isel(world=np.flatnonzero(chosen)), title)
    axes["unseen 0"].legend(fontsize=6, loc="lower right")
    _rate(axes["rate"], result)
    _found(axes["found"], result)
    return figure


def _search(panel: Axes, result: Dataset) -> None:
    scores = result["score"].where(np.isfinite(result["score"])).median("candidate")
    generation = np.arange(1, scores.sizes["generation"] + 1)
    panel.plot(generation, scores.T, color=BLUE, linewidth=0.5, alpha=0.4)
    panel.plot(generation, scores.mean("search"), color=BLUE, linewidth=1.6)
    train = result["split"].values == "train"
    level = float(result["fixed"].values[train].mean())
    panel.axhline(level, color="0.4", linestyle="--", label="best fixed rate, single episodes")
    panel.set(xlabel="generation", ylabel="reward per trial")
    panel.set_title(f"a  {scores.sizes['search']} searches")
    panel.legend(fontsize=6, loc="lower right")


def _reward(panel: Axes, result: Dataset, title: str) -> None:
    result = result.isel(world=np.argsort(result["hazard"].values))
    hazard = result["hazard"].values
    panel.axhline(0, color="0.4", linestyle="--", linewidth=0.8)
    for player, colour in PLAYERS.items():
        bayes = result["bayes"].sel(player=player) - result["fixed"]
        label = f"Bayes, {player}"
        panel.plot(hazard, bayes, "-.", color=colour, linewidth=0.9, label=label)
    mean, error = mean_and_error(result["above"].values)
    panel.plot(hazard, result["above"].T, ".", color=BLUE, markersize=2, alpha=0.5)
    panel.errorbar(hazard, mean, 2 * error, fmt="-", color=BLUE, label="learned rule")
    for here, value, split in zip(hazard, mean, result["split"].values, strict=True):
        face = {"train": BLUE, "validation": "white", "test": GREEN}[str(split)]
        panel.plot(here, value, "o", color=BLUE, markerfacecolor=face, markersize=4)
    panel.set(xlabel="hazard (1/trial)", ylabel="reward above fixed rate", title=title)


def _rate(panel: Axes, result: Dataset) -> None:
    known = result.isel(world=np.flatnonzero(result["split"].values != "test")).sortby("hazard")
    mean, error = mean_and_error(known["alpha"].values)
    panel.plot(known["hazard"], known["alpha"].T, ".", color=BLUE, markersize=2, alpha=0.5)
    panel.errorbar(known["hazard"], mean, 2 * error, fmt="o-", markersize=3, color=BLUE, label="learned rule")
    panel.axhline(float(result["fixed_alpha"]), color="0.4", linestyle="--", label="fixed rate")
    panel.set(xlabel="hazard (1/trial)", ylabel="effective rate (1/trial)", title="c  learning rate")
    panel.set_ylim(bottom=0)
    panel.legend(fontsize=6, loc="lower right")


def _found(panel: Axes, result: Dataset) -> None:
    low, high = result["bound"].values.T
    place = (result["coefficient"].values - low) / (high - low)
    names = result["parameter"].values
    for row in place:
        panel.plot(row, np.arange(len(names)), "o", color=BLUE, markersize=3, alpha=0.6)
    labels: list[Any] = [f"{name}\n{a:g} .. {b:g}" for name, a, b in zip(names, low, high, strict=True)]
    panel.set_yticks(range(len(names)), labels, fontsize=6)
    panel.set(xlabel="share of the bounds", xlim=(-0.05, 1.05), title="f  what is found")
    panel.invert_yaxis()
