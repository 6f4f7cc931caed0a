"""A dopamine neuron that may fire what it likes fires the TD error, if its values are what counts.

It weighs reward, next value, present value and how little the action was expected by a : b : c : d, all four
searched from nothing. (a) Scored by how well the critic predicts the rewards to come in random chains, the
discount in its weights, b/(-c), becomes that of the score (dashed); one line a search. (b) The ratios at the
end: predictors gather where the TD error is (crosses; boxes: discount within 5 %, scale within 10 %). Scored
by return alone, weights have a lower discount and any scale: the actor cannot know the critic's units, so
that a/(-c) changes nothing but rates. (c) Error on held-out chains, in units of the squared true values, of
what was found, of the TD error with its rate searched, of a player that counts transitions, and (x) of what
was found, against the values of the other discount. (d) Reward on held-out chains above that of TD with the
discount of the predictors and its rates searched: what searches by return found is TD too, with another
discount.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .claims import Claim
from .look import panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("dopamine_agent",)
Array = NDArray[np.float64]


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["dopamine_agent"]
    claims = []
    for gamma in result["gamma"].values:
        claims += _predicted(result.sel(gamma=gamma), float(gamma))
    return claims + _returned(result)


def _predicted(result: xr.Dataset, gamma: float) -> list[Claim]:
    discount, scale = _ratios(result["weights"])
    number = len(discount)
    near = np.abs(discount / gamma - 1) <= 0.05
    full = (np.abs(discount / scale / gamma - 1) <= 0.1) & (np.abs(1 / scale - 1) <= 0.1)
    other = [float(one) for one in result["error_of_other"].values if one != _own(result, gamma)]
    return [
        Claim.at_least(
            f"scored by prediction, γ = {gamma:g}: searches of {number} with b/(-c) = γ within 5 %",
            int(near.sum()),
            0.8 * number,
            "issue: 8 of 10",
        ),
        Claim.at_least(
            f"γ = {gamma:g}: searches of {number} with a : b : -c = 1 : γ : 1 within 10 %",
            int(full.sum()),
            0.5 * number,
            "half of them; rough trials: 6 of 10 and more",
        ),
        Claim.at_least(
            f"γ = {gamma:g}: error for the other discount / for its own, weights of the first search",
            min(other) / _own(result, gamma),
            3.0,
            "it is this score's discount that is found",
        ),
        Claim.at_most(
            f"γ = {gamma:g}: held-out error, median search",
            float(result["error"].median()),
            0.1,
            f"1 is to know nothing; the TD error, its rate searched, has {float(result['error_td']):.3f}",
        ),
        Claim.at_least(
            f"γ = {gamma:g}: error with another individual's broadcast",
            float(np.nan_to_num(result["error_shuffled"], posinf=1e300)),
            1.0,
            "1 is to know nothing",
        ),
    ]


def _own(result: xr.Dataset, gamma: float) -> float:
    return float(result["error_of_other"].sel(scored=gamma))


def _returned(result: xr.Dataset) -> list[Claim]:
    config = json.loads(result.attrs["config"])
    first = float(config["gammas"][0])
    discount, _ = _ratios(result["return_weights"])
    gain, error = result["gain"].values, result["gain_error"].values
    level, spread = result["level"], result["level_error"]
    chance = float(level.sel(learner="random"))
    return [
        Claim.at_most(
            "scored by return alone: greatest b/(-c) found",
            float(discount.max()) if np.isfinite(discount).all() else None,
            first,
            f"the TD error of γ = {first:g} is not what is found",
        ),
        Claim.at_least(
            f"return: (found - TD of γ = {first:g})/s.e. on held-out chains, mean of the searches",
            float(gain.mean() / error.mean()),
            2.0,
            "what is found earns more; same chains for both",
        ),
        Claim.at_least(
            "share of that gain that TD has whose discount was searched too",
            float(result["td_gain"] / gain.mean()),
            0.5,
            "most of it: what is found is TD in other units, with another discount; mean of as many searches",
        ),
        Claim.at_most(
            "return of the best / of the ideal player",
            float(result["reward"].max() / level.sel(learner="ideal")),
            1.0,
            "who knows the world is never beaten",
        ),
    ] + [
        Claim.estimate(
            f"return, {name}: that of random actions",
            float(level.sel(learner=name)),
            chance,
            float(np.hypot(spread.sel(learner=name), spread.sel(learner="random"))),
        )
        for name in ("shuffled", "frozen")
    ]


def _ratios(weights: xr.DataArray) -> tuple[Array, Array]:
    """b/(-c) and a/(-c); nan where c is not negative."""
    a, b, c = (weights.sel(weight=name).values for name in "abc")
    decay = np.where(c < 0, -c, np.nan)
    return b / decay, a / decay


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["dopamine_agent"]
    figure, axes = panels(2, 2, 5.8)
    _paths(axes[0, 0], result)
    _plane(axes[0, 1], result)
    _errors(axes[1, 0], result)
    _rewards(axes[1, 1], result)
    return figure


def _paths(panel: Axes, result: xr.Dataset) -> None:
    generation = np.arange(1, result.sizes["generation"] + 1)
    for number, gamma in enumerate(result["gamma"].values):
        for repeat in range(result.sizes["repeat"]):
            discount, _ = _ratios(result["path"].sel(gamma=gamma).isel(repeat=repeat))
            label = f"scored with γ = {gamma:g}" if repeat == 0 else None
            panel.plot(generation, discount, color=f"C{number}", linewidth=0.7, alpha=0.8, label=label)
        panel.axhline(gamma, color="0.3", linestyle="--", linewidth=0.8)
    panel.set(xlabel="generation", ylabel="discount in the weights, b/(-c)", ylim=(0, 1.3))
    panel.set_title("a  search by prediction")
    panel.legend(loc="lower right")


def _plane(panel: Axes, result: xr.Dataset) -> None:
    from matplotlib.patches import Rectangle

    for number, gamma in enumerate(result["gamma"].values):
        discount, scale = _ratios(result["weights"].sel(gamma=gamma))
        panel.plot(discount, scale, "o", color=f"C{number}", label=f"prediction, γ = {gamma:g}", alpha=0.8)
        panel.plot(gamma, 1, "k+", markersize=9, zorder=3)
        box = Rectangle((0.95 * gamma, 0.9), 0.1 * gamma, 0.2, fill=False, edgecolor="0.5", linewidth=0.7)
        panel.add_patch(box)
    discount, scale = _ratios(result["return_weights"])
    panel.plot(discount, scale, "s", color="C2", label="return alone")
    panel.set(xlabel="b/(-c)", ylabel="a/(-c)", title="b  what is found")
    panel.set_xlim(min(0, float(np.nanmin(discount))) - 0.05, 1.05)
    panel.set_ylim(bottom=0)
    panel.legend(loc="lower right")


def _errors(panel: Axes, result: xr.Dataset) -> None:
    gammas = result["gamma"].values
    for place, gamma in enumerate(gammas):
        one = result.sel(gamma=gamma)
        found = one["error"].values
        other = [
            float(error) for g, error in zip(gammas, one["error_of_other"].values, strict=True) if g != gamma
        ]
        spread = np.linspace(-0.12, 0.12, len(found))
        panel.plot(place + spread, found, "o", color=f"C{place}", markersize=3)
        marks = (
            ("_", "k", [float(one["error_td"])], "TD, rate searched"),
            ("_", "C4", [float(one["error_counting"])], "player that counts"),
            ("x", "0.4", other, "scored with the other γ"),
        )
        for mark, color, values, label in marks:
            size = 14 if mark == "_" else 5
            panel.plot(
                [place] * len(values),
                values,
                mark,
                color=color,
                markersize=size,
                label=label if place == 0 else None,
            )
    panel.axhline(1, color="0.4", linestyle=":", linewidth=0.8)
    panel.text(len(gammas) + 0.7, 1.05, "nothing learned", color="0.4", fontsize=7, ha="right", va="bottom")
    panel.set(ylabel="error of held-out values", yscale="log", title="c  prediction", ylim=(0.005, 2))
    panel.set_xticks(range(len(gammas)), [f"found for γ = {gamma:g}" for gamma in gammas])
    panel.set_xlim(-0.5, len(gammas) + 0.75)
    panel.legend(loc="center right", fontsize=6)


def _rewards(panel: Axes, result: xr.Dataset) -> None:
    base = float(result["level"].sel(learner="td"))
    discount, _ = _ratios(result["return_weights"])
    gain, error = result["gain"].values, result["gain_error"].values
    panel.plot(
        result["discount"], result["sweep"].values - base, color="0.6", label="TD, rates as searched with it"
    )
    panel.errorbar(
        float(result["td_discount"]),
        float(result["td_gain"]),
        2 * float(result["td_gain_error"]),
        fmt="kD",
        label="TD, discount searched",
    )
    panel.errorbar(discount, gain, 2 * error, fmt="s", color="C2", label="found by return")
    first = float(result["gamma"][0])
    panel.plot(first, 0, "k+", markersize=9, label=f"TD, γ = {first:g}")
    shown = {name: float(result["level"].sel(learner=name)) for name in ("random", "ideal")}
    panel.text(
        0.03,
        0.03,
        f"reward per step: TD {base:.3f}, ideal {shown['ideal']:.3f}, random {shown['random']:.3f}",
        transform=panel.transAxes,
        fontsize=6.5,
        color="0.3",
    )
    low = float((result["sweep"].values - base).min())
    panel.set(xlabel="b/(-c)", ylabel="reward per step above TD", title="d  return")
    panel.set_ylim(low - 0.006, float(gain.max() + 4 * error.max()) + 0.004)
    panel.legend(loc="upper right", fontsize=6)
