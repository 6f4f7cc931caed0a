"""Players that no learner can beat, and neurons that learn from one broadcast, on the same tasks.

(a) Regret over 100 trials of two-armed bandits whose arms pay with independent probabilities: exact dynamic
programming, the Gittins index, Thompson sampling and UCB1, and the choosing network by two points of the
family of rules. With another individual's broadcast it learns nothing (dashed: random play). (b) Arms that
pay p and 1 - p: below the Gittins index (about 1.53) is only who presumes that arms mirror each other, as
Bayes does, and the rule BothValues. (c) Regret of all trials, for all families of arms (shuffled: with
another's broadcast). (d) Two-step task: probability of repeating the first action after each kind of trial;
lines: two standard errors over subjects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("bandit_players", "two_step_players")

FAMILIES = ("usual", "three", "five", "mirrored", ".1/.9", ".25/.75", ".4/.6")
LABELS = ("2 arms", "3 arms", "5 arms", "p, 1-p", ".1/.9", ".25/.75", ".4/.6")
TABLE: Mapping[str, tuple[float | None, ...]] = {
    "random": (16.64, 24.90, 33.21, 25.13, 40.03, 25.02, 10.01),
    "UCB1": (5.58, 10.27, 17.32, 6.00, 6.30, 7.05, 6.00),
    "Thompson": (2.80, 5.00, 8.30, 2.80, 2.13, 3.02, 4.09),
    "greedy": (2.69, 4.74, 7.64, 2.16, 0.65, 1.86, 4.76),
    "Q-softmax": (2.41, 3.97, 5.86, 1.76, 0.78, 1.56, 3.28),
    "Gittins .99": (1.77, 3.04, 4.76, 1.55, 0.80, 1.39, 2.95),
    "Gittins finite": (1.76, 3.03, 4.70, 1.53, 0.76, 1.30, 2.99),
    "Bayes mirrored": (None, None, None, 1.20, 0.63, 0.99, 2.29),
    "ChosenValue": (2.41, 3.97, 5.86, 1.76, 0.78, 1.56, 3.28),
}
"""Regret of 100 trials for `FAMILIES`, means of 20,000 tasks (TASKS); ChosenValue is Q-softmax in neurons."""
TABLE_TASKS = 20_000
TWO_STEP: Mapping[str, tuple[float, tuple[float, ...], float]] = {
    "Bayes": (0.7055, (1.00, 0.66, 0.66, 1.00), 0.67),
    "model-based": (0.695, (1.00, 0.59, 0.69, 0.99), 0.71),
    "model-free 1": (0.656, (1.00, 1.00, 0.75, 0.89), 0.14),
    "model-free 0": (0.638, (0.97, 0.89, 0.78, 0.84), 0.15),
}
"""Reward, stay probabilities and index, means of 10,000 episodes (TASKS)."""
TWO_STEP_EPISODES = 10_000
NETWORKS = ("ChosenValue", "BothValues", "Reinforce")


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    return _bandit_claims(data["bandit_players"]) + _two_step_claims(data["two_step_players"])


def _bandit_claims(result: xr.Dataset) -> list[Claim]:
    config = json.loads(result.attrs["config"])
    tasks = config["tasks"] * config["parts"]
    total, error = result["total"], result["total_error"]

    def one(player: str, family: str) -> tuple[float, float]:
        place = {"player": player, "family": family}
        return float(total.sel(place)), float(error.sel(place))

    claims = [
        Claim.estimate(
            "regret of optimal play, two independent arms",
            one("optimal", "usual")[0],
            float(result["optimal_regret"]),
            one("optimal", "usual")[1],
        ),
        Claim.estimate(
            "regret of Bayes, arms p and 1 - p",
            one("Bayes mirrored", "mirrored")[0],
            float(result["mirrored_regret"]),
            one("Bayes mirrored", "mirrored")[1],
        ),
    ]
    if config["trials"] == 100:
        claims.append(
            Claim(
                "exact regret of optimal play, 100 trials",
                float(result["optimal_regret"]),
                1.748,
                5e-4,
                "the digits that are known",
            )
        )
        for player, row in TABLE.items():
            worst = 0.0
            for family, expected in zip(FAMILIES, row, strict=True):
                if expected is not None:
                    worst = max(worst, _z(*one(player, family), expected, tasks / TABLE_TASKS, 0.005))
            claims.append(
                Claim.at_most(
                    f"regret of {player}, all families: greatest |z|", worst, 5.0, "both estimates'"
                )
            )
        mean, spread = one("BothValues", "mirrored")
        claims.append(
            Claim.at_most(
                "regret of BothValues in neurons on arms p and 1 - p, mean + 2 s.e.",
                mean + 2 * spread,
                1.53,
                "the Gittins index, which does not know that arms mirror each other",
            )
        )
    for rule in ("ChosenValue", "Reinforce"):
        mean, spread = one(rule, "usual")
        claims.append(
            Claim.at_least(
                f"regret of {rule} in neurons above optimal play, in s.e.",
                (mean - float(result["optimal_regret"])) / spread,
                5.0,
                "no learner beats the ideal player",
            )
        )
        claims.append(
            Claim.at_most(
                f"regret of {rule} in neurons / random",
                mean / one("random", "usual")[0],
                0.25,
                "it learns: at most a quarter of what random play loses",
            )
        )
    gap = total.sel(player="shuffled") - total.sel(player="random")
    both = np.hypot(error.sel(player="shuffled"), error.sel(player="random"))
    claims.append(
        Claim.at_most(
            "another's broadcast less random play, all families: greatest |z|",
            float(abs(gap / both).max()),
            5.0,
            "it teaches nothing",
        )
    )
    return claims


def _two_step_claims(result: xr.Dataset) -> list[Claim]:
    config = json.loads(result.attrs["config"])
    reward, error = result["reward"], result["reward_error"]
    claims = []
    for player, exact in (("random", 0.5), ("all-knowing", 0.8 * 0.9 + 0.2 * 0.1)):
        claims.append(
            Claim.estimate(
                f"two-step reward, {player}",
                float(reward.sel(player=player)),
                exact,
                float(error.sel(player=player)),
            )
        )
    if config["trials"] != 100:
        return claims
    share = config["subjects"] * config["episodes"] / TWO_STEP_EPISODES
    for player, (earned, stay, index) in TWO_STEP.items():
        own = result.sel(player=player)
        rounding = 5e-5 if player == "Bayes" else 5e-4
        scores = [_z(float(own["reward"]), float(own["reward_error"]), earned, share, rounding)]
        for value, spread, expected in zip(own["stay"].values, own["stay_error"].values, stay, strict=True):
            scores.append(_z(float(value), float(spread), expected, share, 0.005))
        scores.append(_z(float(own["index"]), float(own["index_error"]), index, share, 0.005))
        claims.append(
            Claim.at_most(
                f"two-step, {player}: reward, stay and index, greatest |z|",
                max(scores),
                5.0,
                "both estimates'",
            )
        )
    return claims


def _z(mean: float, error: float, expected: float, share: float, rounding: float) -> float:
    """Distance beyond rounding, in standard errors of both; ``share``: one's own sample over the table's."""
    both = error * (1 + share) ** 0.5
    beyond = max(abs(mean - expected) - rounding, 0.0)
    return beyond / both if beyond > 0 else 0.0


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["bandit_players"]
    figure, axes = panels(2, 2, 5.8)
    shared = ("UCB1", "Thompson", "Gittins finite")
    _curves(axes[0, 0], result, "usual", (*shared, "optimal", "Reinforce", "ChosenValue"))
    axes[0, 0].set_title("a  independent arms")
    _curves(axes[0, 1], result, "mirrored", (*shared, "Bayes mirrored", "ChosenValue", "BothValues"))
    axes[0, 1].set_title("b  arms p and 1 - p")
    _families(axes[1, 0], result)
    _stay(axes[1, 1], data["two_step_players"])
    return figure


def _curves(panel: Axes, result: xr.Dataset, family: str, players: tuple[str, ...]) -> None:
    config = json.loads(result.attrs["config"])
    trial = np.append(0, (np.arange(result.sizes["block"]) + 1) * config["block"])
    own = result["regret"].sel(family=family)

    def lost(player: str) -> np.ndarray:
        return np.append(0, np.cumsum(own.sel(player=player)) * config["block"])

    for player in players:
        ideal = player in ("optimal", "Bayes mirrored")
        panel.plot(
            trial,
            lost(player),
            ":" if ideal else "-",
            color=COLOURS[player],
            linewidth=1.8 if ideal else 1.2,
            label=player + (" (network)" if player in NETWORKS else ""),
        )
    panel.plot(trial, lost("random"), "--", color="0.6", linewidth=0.8, label="random")
    crosses: dict[str, Any] = {"color": COLOURS["shuffled"], "markersize": 3, "label": "another's broadcast"}
    panel.plot(trial[1:], lost("shuffled")[1:], "x", **crosses)
    panel.set(xlabel="trial", ylabel="regret so far", ylim=(0, 1.8 * lost("UCB1")[-1]))
    panel.legend(fontsize=6, ncols=2, loc="upper right", frameon=True, framealpha=1, edgecolor="1")


def _families(panel: Axes, result: xr.Dataset) -> None:
    place = np.arange(len(FAMILIES))
    total = result["total"].sel(family=list(FAMILIES))
    ideal = total.sel(player="optimal").fillna(total.sel(player="Gittins finite"))
    marks = {
        "random": "+",
        "UCB1": "s",
        "Thompson": "s",
        "Bayes mirrored": "*",
        "Reinforce": "o",
        "ChosenValue": "o",
        "BothValues": "o",
        "shuffled": "x",
    }
    panel.hlines(ideal, place - 0.42, place + 0.42, color="0.0", label="optimal; Gittins (3, 5 arms)")
    for number, (player, mark) in enumerate(marks.items()):
        beside = place + (number - (len(marks) - 1) / 2) * 0.1
        panel.plot(beside, total.sel(player=player), mark, color=COLOURS[player], markersize=4, label=player)
    panel.set(yscale="log", ylabel="regret of 100 trials", title="c  all families", ylim=(0.4, 300))
    panel.set_xticks(place, LABELS, fontsize="small")
    panel.legend(fontsize=6, ncols=3, loc="upper center", handlelength=1.2)


def _stay(panel: Axes, result: xr.Dataset) -> None:
    width = 0.2
    for number, player in enumerate(TWO_STEP):
        own = result.sel(player=player)
        panel.bar(
            np.arange(result.sizes["kind"]) + (number - 1.5) * width,
            own["stay"],
            width,
            yerr=2 * own["stay_error"],
            color=("0.0", "C0", "C1", "C2")[number],
            ecolor="0.5",
            label=f"{player}: {float(own['reward']):.3f}",
        )
    labels = [kind.replace(" ", "\n") for kind in result["kind"].values]
    panel.set_xticks(np.arange(result.sizes["kind"]), labels, fontsize="small")
    panel.set(ylabel="P(stay)", ylim=(0, 1.45), title="d  two-step task")
    panel.legend(title="player: reward per trial", fontsize=6, title_fontsize=6, ncols=2)
