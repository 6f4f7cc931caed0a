"""An outer loop gives dopamine a second task: to tell neurons how fast the world changes.

Reversal bandits (.8/.2, 200 trials), half of them stable, half reversing with hazard .2. (a) Reward of the
candidates of the search over generations, in lives in which stable and volatile episodes follow each other,
between the best fixed learning rate and Bayes, which infers the hazard (both on single episodes). (b) Reward
on held-out episodes against hazard, less that of the fixed rate. At hazards between those of the training
(open) the ideal player that believes in 0 or .2 does worse than the fixed rate; the learned rule does better
on average, though not next to the hazard for which the fixed rate happens to be right. (c) The effective
learning rate, the regression of the chosen value's change on delta, rises with the hazard. (d) Where the
search went: the rate with the gate open (it is 0 with the gate shut), where the gate is half open, and the
two memories.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .claims import Claim
from .look import panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("volatile_bandit",)
BOUND = 0.690
"""Reward on held-out episodes that a learned rule is to pass: TASKS, best fixed rate .6840, Bayes .7010."""


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["volatile_bandit"]
    config = json.loads(result.attrs["config"])
    mixture, error = result["mixture"], result["mixture_error"]
    gated = result.sel(condition="gated")
    trained = result["hazard"].values[result["trained"].values]
    slow, fast = min(trained), max(trained)
    alpha = gated["alpha"].sel(hazard=[slow, fast]).values
    lower = float(mixture.sel(condition="gated") - 2 * error.sel(condition="gated"))
    claims = [
        Claim.at_least(
            f"reward on {config['held_out'] * len(trained)} held-out episodes, mean - 2 s.e.",
            lower,
            BOUND,
            "best fixed rate .6840, Bayes .7010 on the same mixture",
        ),
        Claim.at_least(
            "effective rate, volatile / stable", float(alpha[1] / alpha[0]), 3.0, "the rate follows the world"
        ),
        Claim.estimate(
            "reward of the best fixed rate",
            float(mixture.sel(condition="fixed")),
            0.6840,
            float(np.hypot(error.sel(condition="fixed"), 0.0007)),
            source="the simulation's and the player's",
        ),
    ]
    unseen = ~result["trained"].values
    gained = (gated["reward"] - result["bayes"]).values[unseen]
    spread = np.hypot(gated["reward_error"].values, result["bayes_error"].values)[unseen]
    claims.append(
        Claim.at_least(
            "hazards never trained on: (learned - Bayes that knows those of the training alone)/s.e.",
            float(gained.mean() / (np.linalg.norm(spread) / len(spread))),
            5.0,
            "the rule is less bound to its training than the ideal player of it",
        )
    )
    above, paired = result["above_fixed"].values[unseen], result["above_fixed_error"].values[unseen]
    claims.append(
        Claim.at_least(
            "hazards never trained on: mean of learned - best fixed rate, less 2 s.e.",
            float(above.mean() - 2 * np.linalg.norm(paired) / len(paired)),
            0.0,
            "the one rate tuned on the hazards of the training, on the same episodes",
        )
    )
    chance = (config["high"] + config["low"]) / 2
    for name in ("shuffled", "frozen"):
        claims.append(
            Claim.estimate(
                f"reward, {name}: chance",
                float(mixture.sel(condition=name)),
                chance,
                float(error.sel(condition=name)),
            )
        )
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["volatile_bandit"]
    config = json.loads(result.attrs["config"])
    figure, axes = panels(2, 2)
    _search(axes[0, 0], result)
    _reward(axes[0, 1], result)
    _rate(axes[1, 0], result)
    _path(axes[1, 1], result, config)
    return figure


def _search(panel: Axes, result: xr.Dataset) -> None:
    scores = result["score"].where(np.isfinite(result["score"]))
    generation = np.arange(1, scores.sizes["generation"] + 1)
    for candidate in range(scores.sizes["candidate"]):
        panel.plot(generation, scores[:, candidate], ".", color="0.8", markersize=2)
    panel.plot(generation, scores.median("candidate"), label="learned rule, median candidate")
    trained = result["trained"].values
    levels = (
        ("Bayes, infers the hazard", float(result["bayes"].values[trained].mean()), ":"),
        ("best fixed rate", float(result["mixture"].sel(condition="fixed")), "--"),
    )
    for label, level, style in levels:
        panel.axhline(level, color="0.4", linestyle=style, label=label)
    panel.set(
        xlabel="generation",
        ylabel="reward per trial",
        title="a  search",
        ylim=(float(scores.median("candidate").min()) - 0.01, levels[0][1] + 0.01),
    )
    panel.legend(loc="lower right")


def _reward(panel: Axes, result: xr.Dataset) -> None:
    order = np.argsort(result["hazard"].values)
    hazard = result["hazard"].values[order]
    fixed = result["reward"].sel(condition="fixed").values[order]
    gated = result["reward"].sel(condition="gated").values[order]
    error = 2 * result["above_fixed_error"].values
    panel.axhline(0, color="0.4", linestyle="--", label="fixed rate")
    for name, label, style in (
        ("bayes_known", "Bayes, knows it", ":"),
        ("bayes", "Bayes, believes 0 or .2", "-."),
    ):
        panel.plot(hazard, result[name].values[order] - fixed, style, color="0.4", label=label)
    line = panel.errorbar(hazard, gated - fixed, error[order], fmt="-", label="learned rule")
    trained = result["trained"].values[order]
    color = line[0].get_color()
    panel.plot(hazard[trained], (gated - fixed)[trained], "o", color=color)
    panel.plot(hazard[~trained], (gated - fixed)[~trained], "o", color=color, markerfacecolor="white")
    panel.set(xlabel="hazard of a reversal", ylabel="reward above fixed rate", title="b  held-out episodes")
    panel.legend()


def _rate(panel: Axes, result: xr.Dataset) -> None:
    order = np.argsort(result["hazard"].values)
    hazard = result["hazard"].values[order]
    for condition, label in (("gated", "learned rule"), ("fixed", "fixed rate")):
        panel.plot(hazard, result["alpha"].sel(condition=condition).values[order], "o-", label=label)
    panel.set(xlabel="hazard of a reversal", ylabel="effective learning rate", title="c  rate")
    panel.set_ylim(bottom=0)
    panel.legend()


def _path(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    centre = result["centre"]
    generation = np.arange(1, centre.sizes["generation"] + 1)
    for name, label in (
        ("eta_high", "rate, gate open"),
        ("threshold", "threshold"),
        ("memory", "memory of errors"),
        ("share", "share that fades"),
    ):
        panel.plot(generation, centre.sel(parameter=name), label=label)
    panel.set(xlabel="generation", ylabel="centre of the search", title="d  what is found", ylim=(0, 1))
    panel.legend()
