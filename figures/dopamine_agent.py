"""A dopamine neuron that may fire what it likes: what a score asks for it finds, and behaviour asks for less.

It weighs reward, next value, present value and how little the action was expected by a : b : c : d, all four
searched from nothing. (a) Scored by how well the critic predicts the rewards to come in random chains. This
score makes the TD error the only fixed point, so that it shows that the search works and not that neurons
should fire it: the discount in the weights, b/(-c), becomes that of the score (dashed); one line a search.
(b) The ratios at the end: predictors gather where the TD error is (crosses; boxes: discount within 5 %, scale
within 10 %). Scored by return alone, weights have a lower discount and any scale: the actor cannot know the
critic's units, so that a/(-c) changes nothing but rates. (c) Error on held-out chains, in units of the
squared true values, of what was found, of the TD error with its rate searched, of a player that counts
transitions, and (x) of what was found, against the values of the other discount. (d) Reward on held-out
chains above that of TD with the discount of the predictors and its rates searched. (e) What theory does not
decide: reward of rivals that are not TD, rates and free weights searched by return with the same budget,
less that of TD with its discount searched, in chains whose states are told apart and in chains where
neighbours look alike. Bars: two standard errors over held-out chains, the same for all.
"""

import numpy as np
from numpy.typing import NDArray

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    Axes,
    DataArray,
    Dataset,
    Figure,
    Results,
    config_of,
    mosaic,
)

EXPERIMENTS = ("dopamine_agent", "dopamine_rivals")
Hits = NDArray[np.bool_]


def check(data: Results) -> list[Claim]:
    result = data["dopamine_agent"]
    claims = []
    for gamma in result["gamma"].values:
        claims += _predicted(result, float(gamma))
    return claims + _returned(result) + _rivals(data["dopamine_rivals"])


def _predicted(result: Dataset, gamma: float) -> list[Claim]:
    one = result.sel(gamma=gamma)
    own, other = (
        float(one["error_of_other"].values[(one["scored"].values == gamma) == same].min())
        for same in (True, False)
    )
    others = result["weights"].values[result["gamma"].values != gamma].reshape(-1, result.sizes["weight"])
    wrong = result["weights"][0].copy(data=others[: result.sizes["repeat"]])
    error = one["error"].values
    known = "half of them, chosen; the null was scored with the other discount"
    log, log_error = mean_and_error(np.log(error))
    return [
        _share(
            f"scored by prediction, γ = {gamma:g}: searches with b/(-c) = γ within 5 %",
            _near(one["weights"], gamma),
            _near(wrong, gamma),
            known,
            headline=True,
        ),
        _share(
            f"γ = {gamma:g}: searches with a : b : -c = 1 : γ : 1 within 10 %",
            _full(one["weights"], gamma),
            _full(wrong, gamma),
            known,
        ),
        Claim.at_least(
            f"γ = {gamma:g}: error for the other discount / for its own, weights of the first search",
            other / own,
            3,
            "chosen; the null does not tell discounts apart",
            null=1,
        ),
        Claim.at_most(
            f"γ = {gamma:g}: held-out error, geometric mean of {len(error)} searches",
            (np.exp(log), np.exp(log) * log_error),
            0.1,
            "chosen; the null knows nothing, the rival is the TD error with its rate searched",
            null=1,
            rival=float(one["error_td"]),
        ),
        Claim.at_least(
            f"γ = {gamma:g}: error with another individual's broadcast",
            float(np.nan_to_num(one["error_shuffled"], posinf=1e300)),
            1,
            "1 is to know nothing; the null is with its own",
            null=float(np.exp(log)),
        ),
    ]


def _near(weights: DataArray, gamma: float) -> Hits:
    discount, _ = _ratios(weights)
    near: Hits = np.abs(discount / gamma - 1) <= 0.05
    return near


def _full(weights: DataArray, gamma: float) -> Hits:
    discount, scale = _ratios(weights)
    full: Hits = (np.abs(discount / scale / gamma - 1) <= 0.1) & (np.abs(1 / scale - 1) <= 0.1)
    return full


def _share(name: str, hit: Hits, null: Hits, reason: str, headline: bool = False) -> Claim:
    """A quarter of searches, two errors taken off, as four of six have; the error is of (k + 1)/(n + 2)."""
    smooth = (hit.sum() + 1) / (len(hit) + 2)
    return Claim.at_least(
        f"{name}, share of {len(hit)}",
        (hit.mean(), (smooth * (1 - smooth) / len(hit)) ** 0.5),
        1 / 4,
        f"{reason}; here {int(hit.sum())}",
        null=float(null.mean()),
        headline=headline,
    )


def _returned(result: Dataset) -> list[Claim]:
    config = config_of(result)
    first = float(config["gammas"][0])
    gain, error = result["gain"].values, result["gain_error"].values
    spread = float(np.hypot(mean_and_error(gain)[1], error.mean()))
    td_gain, td_error = float(result["td_gain"]), float(result["td_gain_error"])
    level, level_error = result["level"], result["level_error"]
    chance, td = (float(level.sel(learner=name)) for name in ("random", "td"))
    return [
        Claim.at_most(
            f"scored by return alone: b/(-c), mean of {len(gain)} searches",
            mean_and_error(_ratios(result["return_weights"])[0]),
            0.7 * first,
            f"chosen; the null is the TD error of γ = {first:g}",
            null=first,
            headline=True,
        ),
        Claim.at_least(
            f"return: found - TD of γ = {first:g} on held-out chains, reward per step",
            (gain.mean(), spread),
            0.001,
            "chosen; same chains for both; the rival is TD with its discount searched",
            null=0,
            rival=td_gain,
        ),
        Claim.at_least(
            "share of that gain that TD has whose discount was searched too",
            td_gain / float(gain.mean()),
            0.2,
            "chosen: what is found is TD in other units, with another discount; two errors are .4 of it",
            null=0,
            error=float(np.hypot(td_error, td_gain / gain.mean() * spread) / abs(gain.mean())),
        ),
    ] + [
        Claim.equivalent(
            f"return, {name}: that of random actions",
            float(level.sel(learner=name)),
            chance,
            float(np.hypot(level_error.sel(learner=name), level_error.sel(learner="random"))),
            (td - chance) / 2,
            "half the distance to the null, TD",
            null=td,
        )
        for name in ("shuffled", "frozen")
    ]


def _rivals(result: Dataset) -> list[Claim]:
    claims = []
    for world in result["world"].values:
        reward = result["reward"].sel(world=world).mean("repeat")
        td = reward.sel(rival="TD")
        chance = result["others"].sel(world=world, other="random")
        (top, _), (by_lot, _) = (mean_and_error(one.values) for one in (td, chance))
        mean, error = mean_and_error(reward.sel(rival="action error").values - chance.values)
        claims.append(
            Claim.equivalent(
                f"states {world}: reward of the action error - random actions",
                float(mean),
                0,
                float(error),
                float(top - by_lot) / 2,
                "it hears no reward; half the distance to the null, TD",
                null=float(top - by_lot),
            )
        )
        mean, error = mean_and_error(reward.sel(rival="reward error").values - chance.values)
        claims.append(
            Claim.at_least(
                f"states {world}: what the reward error earns above random actions, of what TD earns",
                (mean / (top - by_lot), error / (top - by_lot)),
                0.8,
                "chosen: behaviour hardly asks for the next value; the null is the action error",
                null=float((reward.sel(rival="action error").values - chance.values).mean() / (top - by_lot)),
                headline=str(world) == "alike",
            )
        )
    return claims


def _ratios(weights: DataArray) -> tuple[Array, Array]:
    """b/(-c) and a/(-c); nan where c is not negative."""
    a, b, c = (weights.sel(weight=name).values for name in "abc")
    decay = np.where(c < 0, -c, np.nan)
    return b / decay, a / decay


def draw(data: Results) -> Figure:
    result = data["dopamine_agent"]
    figure, axes = mosaic([["paths", "plane"], ["errors", "rewards"], ["rivals", "rivals"]], 7.8)
    _paths(axes["paths"], result)
    _plane(axes["plane"], result)
    _errors(axes["errors"], result)
    _rewards(axes["rewards"], result)
    _worlds(axes["rivals"], data["dopamine_rivals"])
    return figure


def _worlds(panel: Axes, result: Dataset) -> None:
    colours = {
        "reward error": GREEN,
        "reward error, surprise": PURPLE,
        "action error": VERMILLION,
        "free": BLUE,
    }
    names = {"shuffled": "TD, another's", "random": "random actions", "ideal": "ideal, told the states"}
    marks = {"shuffled": GREY, "random": ORANGE, "ideal": BLACK}
    ticks, labels = [], []
    for column, world in enumerate(result["world"].values):
        reward = result["reward"].sel(world=world).mean("repeat")
        td = reward.sel(rival="TD").values
        shown = {name: (reward.sel(rival=name).values, colour) for name, colour in colours.items()}
        others = result["others"].sel(world=world)
        shown |= {names[name]: (others.sel(other=name).values, colour) for name, colour in marks.items()}
        for row, (name, (earned, colour)) in enumerate(shown.items()):
            mean, error = mean_and_error(earned - td)
            place = column * (len(shown) + 1) + row
            panel.errorbar(place, mean, 2 * error, fmt="o", color=colour, markersize=4)
            ticks.append(place)
            labels.append(name.replace(", ", ",\n").replace(" ", "\n", 1))
        panel.text(
            column * (len(shown) + 1), 0.03, f"states {world}: TD {td.mean():.3f}", fontsize=7, va="bottom"
        )
    panel.axhline(0, color="0.4", linestyle="--", linewidth=0.8)
    panel.set_xticks(ticks, labels, fontsize=6)
    panel.set(ylabel="reward per step, less TD's")
    number = result.sizes["chain"]
    panel.set_title(
        f"e  scored by behaviour (n = {number} held-out chains, {result.sizes['repeat']} searches)"
    )


def _paths(panel: Axes, result: Dataset) -> None:
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


def _plane(panel: Axes, result: Dataset) -> None:
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


def _errors(panel: Axes, result: Dataset) -> None:
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


def _rewards(panel: Axes, result: Dataset) -> None:
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
    panel.legend(loc="center left", fontsize=6)
