"""Players that no learner can beat, and neurons that learn from one broadcast, on the same tasks.

(a) Regret over 100 trials of two-armed bandits whose arms pay with independent probabilities: exact dynamic
programming, the Gittins index, Thompson sampling and UCB1, and the choosing network by two points of the
family of rules. With another individual's broadcast it learns nothing (dashed: random play). (b) Arms that
pay p and 1 - p: below the Gittins index (about 1.53) is only who presumes that arms mirror each other, as
Bayes does, and the rule BothValues. (c) Regret of all trials, for all families of arms (shuffled: with
another's broadcast). (d) Two-step task: probability of repeating the first action after each kind of trial;
hatched: the choosing network, which is told what was paid and not by which way. Bars: two standard errors,
over tasks and over subjects.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, panels

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


def check(data: Results) -> list[Claim]:
    return _bandit_claims(data["bandit_players"]) + _two_step_claims(data["two_step_players"])


def _bandit_claims(result: Dataset) -> list[Claim]:
    config = config_of(result)
    best, index = float(result["optimal_regret"]), float(result["gittins_regret"])
    apart = "half the distance to the null, the"
    ideal, ideal_error = _lost(result, "optimal", "usual")
    sharp, sharp_error = mean_and_error(result["by_gittins"].sel(ideal="optimal").values)
    bayes, bayes_error = _lost(result, "Bayes mirrored", "mirrored")
    claims = [
        Claim.equivalent(
            "regret of optimal play, by the values of the Gittins index",
            float(sharp),
            best,
            float(sharp_error),
            (index - best) / 2,
            f"{apart} Gittins index for so many trials, exact too",
            null=index,
            headline=True,
        ),
        _halfway("regret of optimal play as played", ideal, best, ideal_error, result, "Thompson", "usual"),
        _halfway(
            "regret of Bayes, arms p and 1 - p",
            bayes,
            float(result["mirrored_regret"]),
            bayes_error,
            result,
            "Gittins finite",
            "mirrored",
        ),
    ]
    if config["trials"] == 100:
        claims.append(_as_known(result))
    for rule, rival in (("ChosenValue", "Thompson"), ("Reinforce", "UCB1")):
        closed, error = _ratio(result, (rule, "optimal"), "usual")
        claims.append(
            Claim.at_least(
                f"{rule} in neurons: share of the regret of random play that it saves, of what can be saved",
                (closed, error),
                0.9 if rule == "ChosenValue" else 0.7,
                "chosen; the null hears another's broadcast",
                null=_ratio(result, ("shuffled", "optimal"), "usual")[0],
                rival=_ratio(result, (rival, "optimal"), "usual")[0],
                headline=rule == "ChosenValue",
            )
        )
    more, error = _less(result, "BothValues", "Gittins finite", "mirrored")
    claims.append(
        Claim.at_most(
            "arms p and 1 - p: regret of BothValues in neurons - the Gittins index",
            (more, error),
            0,
            "who presumes that arms mirror each other beats the best who does not; the null is ChosenValue, "
            "the rival Bayes",
            null=_less(result, "ChosenValue", "Gittins finite", "mirrored")[0],
            rival=_less(result, "Bayes mirrored", "Gittins finite", "mirrored")[0],
            headline=True,
        )
    )
    lost = result["lost"]
    pairs = [mean_and_error(lost.sel(player="shuffled", family=one).values) for one in FAMILIES]
    by_lot = lost.sel(player="random").mean("task")
    usual = by_lot.sel(family="usual")
    claims.append(
        Claim.follows(
            "regret with another's broadcast",
            [mean for mean, _ in pairs],
            [error for _, error in pairs],
            [float(by_lot.sel(family=one)) for one in FAMILIES],
            0.15,
            "chosen: errors are up to 3 %; the null is who hears its own",
            null=float(lost.sel(player="ChosenValue", family="usual").mean() / usual),
        )
    )
    return claims


def _lost(result: Dataset, player: str, family: str) -> tuple[float, float]:
    mean, error = mean_and_error(result["lost"].sel(player=player, family=family).values)
    return float(mean), float(error)


def _less(result: Dataset, one: str, other: str, family: str) -> tuple[float, float]:
    """Regret of one player less another's, in the same tasks."""
    lost = result["lost"].sel(family=family)
    mean, error = mean_and_error((lost.sel(player=one) - lost.sel(player=other)).values)
    return float(mean), float(error)


def _ratio(result: Dataset, players: tuple[str, str], family: str) -> tuple[float, float]:
    """(random - one)/(random - other) of mean regrets, and its standard error."""
    lost = result["lost"].sel(family=family)
    saved = [(lost.sel(player="random") - lost.sel(player=player)).values for player in players]
    ratio = float(saved[0].mean() / saved[1].mean())
    error = float(mean_and_error(saved[0] - ratio * saved[1])[1])
    return ratio, error / float(saved[1].mean())


def _halfway(
    name: str, mean: float, exact: float, error: float, result: Dataset, other: str, family: str
) -> Claim:
    """A regret is what it must be, nearer than half the distance to another player's."""
    null = _lost(result, other, family)[0]
    reason = f"half the distance to the null, {other}"
    return Claim.equivalent(name, mean, exact, error, abs(null - exact) / 2, reason, null=null)


def _as_known(result: Dataset) -> Claim:
    scores = {
        (player, family): _z(
            *_lost(result, player, family), expected, result.sizes["task"] / TABLE_TASKS, 0.005
        )
        for player, row in TABLE.items()
        for family, expected in zip(FAMILIES, row, strict=True)
        if expected is not None
    }
    player, family = max(scores, key=lambda pair: scores[pair])
    return Claim.at_most(
        f"regrets beside those known of 20,000 tasks, greatest |z| of {len(scores)}: {player}, {family}",
        scores[player, family],
        5,
        "both estimates' errors",
        kind="regression",
    )


def _two_step_claims(result: Dataset) -> list[Claim]:
    config = config_of(result)
    reward, error = result["reward"], result["reward_error"]

    def of(name: str, player: str) -> tuple[float, float]:
        return float(result[name].sel(player=player)), float(result[f"{name}_error"].sel(player=player))

    claims = []
    for player, exact, other in (
        ("random", 0.5, "model-free 0"),
        ("all-knowing", 0.8 * 0.9 + 0.2 * 0.1, "Bayes"),
    ):
        null = float(reward.sel(player=other))
        claims.append(
            Claim.equivalent(
                f"two-step reward, {player}",
                float(reward.sel(player=player)),
                exact,
                float(error.sel(player=player)),
                abs(null - exact) / 2,
                f"half the distance to the null, {other}",
                null=null,
            )
        )
    if config["trials"] == 100:
        claims.append(_two_step_as_known(result, config))
    difference, spread = of("above", "model-free 1")
    null = of("above", "model-free 0")[0]
    claims += [
        Claim.equivalent(
            "two-step reward, ChosenValue in neurons - model-free 1",
            difference,
            0,
            spread,
            abs(null) / 2,
            "they are one learner; half the distance to the null, model-free 0",
            null=null,
        ),
        Claim.at_least(
            "two-step reward of ChosenValue in neurons",
            of("reward", "ChosenValue"),
            0.62,
            "half of what Bayes earns above chance is .60; the null hears another's broadcast",
            null=of("reward", "shuffled")[0],
            rival=of("reward", "Bayes")[0],
        ),
        Claim.at_most(
            "index of stay probabilities, ChosenValue in neurons",
            of("index", "ChosenValue"),
            0.35,
            "nobody tells it of the transition; half the index of the null, who knows it",
            null=of("index", "model-based")[0],
            headline=True,
        ),
    ]
    return claims


def _two_step_as_known(result: Dataset, config: Mapping[str, Any]) -> Claim:
    share = config["subjects"] * config["episodes"] / TWO_STEP_EPISODES
    scores = {}
    for player, (earned, stay, index) in TWO_STEP.items():
        own = result.sel(player=player)
        rounding = 5e-5 if player == "Bayes" else 5e-4
        scores[player] = [
            _z(float(own["reward"]), float(own["reward_error"]), earned, share, rounding),
            *(
                _z(float(value), float(spread), expected, share, 0.005)
                for value, spread, expected in zip(
                    own["stay"].values, own["stay_error"].values, stay, strict=True
                )
            ),
            _z(float(own["index"]), float(own["index_error"]), index, share, 0.005),
        ]
    worst = max(scores, key=lambda player: max(scores[player]))
    return Claim.at_most(
        f"two-step, reward, stay and index beside those known of 10,000 episodes, greatest |z|: {worst}",
        max(scores[worst]),
        5,
        "both estimates' errors",
        kind="regression",
    )


def _z(mean: float, error: float, expected: float, share: float, rounding: float) -> float:
    """Distance beyond rounding, in standard errors of both; ``share``: one's own sample over the table's."""
    both = error * (1 + share) ** 0.5
    beyond = max(abs(mean - expected) - rounding, 0.0)
    return beyond / both if beyond > 0 else 0.0


def draw(data: Results) -> Figure:
    result = data["bandit_players"]
    figure, axes = panels(2, 2, 5.8)
    shared = ("UCB1", "Thompson", "Gittins finite")
    _curves(axes[0, 0], result, "usual", (*shared, "optimal", "Reinforce", "ChosenValue"))
    tasks = f"(n = {result.sizes['task']} tasks)"
    axes[0, 0].set_title(f"a  independent arms {tasks}")
    _curves(axes[0, 1], result, "mirrored", (*shared, "Bayes mirrored", "ChosenValue", "BothValues"))
    axes[0, 1].set_title(f"b  arms p and 1 - p {tasks}")
    _families(axes[1, 0], result)
    _stay(axes[1, 1], data["two_step_players"])
    return figure


def _curves(panel: Axes, result: Dataset, family: str, players: tuple[str, ...]) -> None:
    config = config_of(result)
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
    top = lost("UCB1")[-1]
    shown = lost("random") < 1.2 * top  # no curve goes under the key
    panel.plot(trial[shown], lost("random")[shown], "--", color="0.6", linewidth=0.8, label="random")
    crosses: dict[str, Any] = {"color": COLOURS["shuffled"], "markersize": 3, "label": "another's broadcast"}
    panel.plot(trial[shown][1:], lost("shuffled")[shown][1:], "x", **crosses)
    panel.set(xlabel="trial", ylabel="regret so far (rewards)", ylim=(0, 1.9 * top))
    panel.legend(fontsize=6, ncols=2, loc="upper right")


def _families(panel: Axes, result: Dataset) -> None:
    place = np.arange(len(FAMILIES))
    mean, error = mean_and_error(result["lost"].sel(family=list(FAMILIES)).values, axis=2)
    total, spread = (
        {name: row for name, row in zip(result["player"].values, table, strict=True)}
        for table in (mean, error)
    )
    ideal = np.where(np.isfinite(total["optimal"]), total["optimal"], total["Gittins finite"])
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
    panel.hlines(ideal, place - 0.42, place + 0.42, color="0.0", label="optimal or Gittins")
    for number, (player, mark) in enumerate(marks.items()):
        beside = place + (number - (len(marks) - 1) / 2) * 0.1
        panel.errorbar(
            beside,
            total[player],
            2 * spread[player],
            fmt=mark,
            color=COLOURS[player],
            markersize=4,
            linewidth=0.8,
            label="another's broadcast" if player == "shuffled" else player,
        )
    panel.set(yscale="log", ylabel="regret of 100 trials (rewards)", ylim=(0.4, 400))
    panel.set_title(f"c  all families (n = {result.sizes['task']} tasks each)")
    panel.set_xticks(place, LABELS, fontsize="small")
    panel.legend(fontsize=6, ncols=3, loc="upper center", handlelength=0.8, columnspacing=0.8, borderpad=0.1)


def _stay(panel: Axes, result: Dataset) -> None:
    shown = {
        "Bayes": "0.0",
        "model-based": COLOURS["model-based"],
        "model-free 1": COLOURS["model-free"],
        "ChosenValue": COLOURS["ChosenValue"],
        "BothValues": COLOURS["BothValues"],
    }
    width = 0.16
    for number, (player, colour) in enumerate(shown.items()):
        own, ours = result.sel(player=player), player in NETWORKS
        panel.bar(
            np.arange(result.sizes["kind"]) + (number - (len(shown) - 1) / 2) * width,
            own["stay"],
            width,
            yerr=2 * own["stay_error"],
            color=colour,
            alpha=0.55 if ours else 1,
            hatch="///" if ours else None,
            edgecolor="1",
            linewidth=0.3,
            ecolor="0.5",
            label=f"{player}{' (network)' if ours else ''}: {float(own['reward']):.3f}",
        )
    config = config_of(result)
    labels = [kind.replace(" ", "\n") for kind in result["kind"].values]
    panel.set_xticks(np.arange(result.sizes["kind"]), labels, fontsize="small")
    panel.set(ylabel="P(stay)", ylim=(0, 1.5), yticks=(0, 0.25, 0.5, 0.75, 1))
    panel.spines["left"].set_bounds(0, 1)
    panel.set_title(f"d  two-step task (n = {config['subjects']} subjects)")
    panel.legend(title="reward per trial", fontsize=6, title_fontsize=6, ncols=2, loc="upper center")
