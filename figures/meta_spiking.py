"""An outer loop tunes plasticity and dopamine of spiking actor-critics over a distribution of worlds.

Linear tracks whose length, place fields and delay of reward differ, in splits: searches see those of the
training, all here is lived on others. All searches begin with the learner made by hand and have as many
lifetimes. (a) How good an episode is (1: a straight run; episodes that ended without the goal 0; mean over
individuals, of who lived it) with the plasticity that was made by hand, with what searches over all numbers
found, with what searches over the two learning rates alone found, and with what was found by a search that
was told the scores of others. (b) Share of individuals that have done three good episodes in a row, by
episode (Kaplan-Meier; bands: 95 %; colours as in a and f). (c) Episodes that are needed for it, in usual
tracks and in kinds that no search has seen (mean of the logarithm, two standard errors over searches and
individuals): what is gained on usual tracks is not gained on those. (d) Mean score of the generations of
each search; half of each generation is stopped early. (e) What was found, in units of the bounds: each
search over all numbers (dots; bar: how far its centre still wandered at the end) and what was made by hand
(circles). (f) Reward earned in a life, relative to straight runs from the first episode on.
"""

from typing import Any

import numpy as np

from ..analysis.behaviour.lived_trials import kaplan_meier
from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREY, ORANGE, PURPLE, VERMILLION, Axes, Dataset, Figure, Results, mosaic

EXPERIMENTS = ("spiking_control",)
NAMES = {
    "hand": "made by hand",
    "all": "found, all numbers",
    "rates": "found, rates alone",
    "shuffled": "told others' scores",
    "frozen": "found, frozen",
    "yoked": "found, another's dopamine",
}
COLOURS = {
    "hand": ORANGE,
    "all": BLUE,
    "rates": PURPLE,
    "shuffled": GREY,
    "frozen": "0.75",
    "yoked": VERMILLION,
}


def check(data: Results) -> list[Claim]:
    result = data["spiking_control"]
    needed = {kind: _log_needed(result, kind) for kind in ("hand", "all", "rates", "shuffled")}
    sooner = (needed["hand"] - needed["all"]).mean(axis=1)
    ratio, spread = _mean(needed["hand"] - needed["all"])
    told_sooner = float(((needed["hand"] - needed["shuffled"]).mean(axis=1) > 0).mean())
    told, found = (_of(result, "earned", kind) for kind in ("shuffled", "all"))
    (more, error), (less, own) = _mean(found), _mean(told)
    claims = [
        Claim.at_least(
            f"held-out tracks: share of {sooner.size} searches that need fewer episodes than by hand",
            float((sooner > 0).mean()),
            1.0,
            f"chosen, after seed 6: each of them (of three, chance, the null, has that at one seed in eight; "
            f"of those told others' scores {told_sooner:.2g}); by hand / found {np.exp(ratio):.2g}, "
            f"{np.exp(ratio - 2 * spread):.2g} to {np.exp(ratio + 2 * spread):.2g}; the rival is rates alone",
            null=0.5,
            rival=float(((needed["hand"] - needed["rates"]).mean(axis=1) > 0).mean()),
            headline=True,
        ),
        Claim.at_least(
            "held-out tracks: reward earned, found less told others' scores",
            (more - less, np.hypot(error, own)),
            0.02,
            "chosen, after seeds 6 to 8 (.29 to .38, errors to .15): some; the null is no difference",
            null=0.0,
            headline=True,
        ),
    ]
    earned, error = _mean(_of(result, "earned", "all"))
    for other in ("frozen", "yoked"):
        mean, own = _mean(_of(result, "earned", other))
        claims.append(
            Claim.at_most(
                f"held-out tracks: reward earned, {NAMES[other]} / found, all numbers",
                (mean / earned, mean / earned * float(np.hypot(own / mean, error / earned))),
                0.8,
                "chosen, after seed 8 (.43 ± .11): less by a fifth; the null is no difference",
                null=1,
            )
        )
    return claims


def _of(result: Dataset, name: str, kind: str) -> np.ndarray:
    """A quantity of all plasticities of a kind ('all' for 'all-1', ...): (search, individual, ...)."""
    rows = [str(one) for one in result["plasticity"].values if str(one).partition("-")[0] == kind]
    return result[name].sel(plasticity=rows).values


def _log_needed(result: Dataset, kind: str, worlds: str = "") -> np.ndarray:
    """Log of the episodes needed (search, individual), in usual worlds or a kind of others.

    Who does not learn counts with all episodes that a life could hold where a search has found its numbers,
    and with those that were lived, which are too few, where they were made by hand: the ratio of by hand to
    found is rather too small, that of the null likewise.
    """
    rows = [str(one) for one in result["taught"].values if str(one).partition("-")[0] == kind]
    if worlds:
        table = result.sel(taught=rows, kind=worlds)
        needed, learned = table["other_needed"].values, table["other_learned"].values
    else:
        table = result.sel(plasticity=rows)
        needed, learned = table["needed"].values, table["learned"].values
    if kind != "hand":
        needed = np.where(learned > 0, needed, result.sizes["trial"])
    return np.log(needed)


def _mean(table: np.ndarray) -> tuple[float, float]:
    """Mean of (search, individual) and its standard error over both."""
    parts = [mean_and_error(table.mean(axis=axis))[1] for axis in (0, 1) if table.shape[1 - axis] > 1]
    return float(table.mean()), float(np.hypot.reduce([float(part) for part in parts]))


def draw(data: Results) -> Figure:
    result = data["spiking_control"]
    figure, axes = mosaic([["level", "come", "others"], ["search", "found", "earned"]], 5.6)
    _levels(axes["level"], result)
    _come(axes["come"], result)
    _others(axes["others"], result)
    _search(axes["search"], result)
    _found(axes["found"], result)
    _earned(axes["earned"], result)
    return figure


def _levels(panel: Axes, result: Dataset) -> None:
    for kind in ("hand", "shuffled", "rates", "all"):
        level = _of(result, "level", kind)
        level = level.reshape(-1, level.shape[-1])
        lived = np.isfinite(level)
        enough = lived.sum(axis=0) >= max(2, len(level) // 2)
        mean = np.where(lived, level, 0).sum(axis=0) / np.maximum(lived.sum(axis=0), 1)
        trial = result["trial"].values
        panel.plot(trial[enough], mean[enough], color=COLOURS[kind], label=NAMES[kind])
    panel.set(xlabel="episode", ylabel="straight run / time taken", ylim=(0, 1))
    panel.set_title("a  held-out tracks")
    panel.legend(fontsize=6, loc="lower right")


def _come(panel: Axes, result: Dataset) -> None:
    trials = result.sizes["trial"]
    for kind in ("hand", "shuffled", "rates", "all", "frozen", "yoked"):
        when, learned = (_of(result, name, kind).ravel() for name in ("needed", "learned"))
        share, low, high = kaplan_meier(when, learned > 0, trials)
        trial = np.arange(1, trials + 1)
        panel.fill_between(trial, low, high, color=COLOURS[kind], alpha=0.15, linewidth=0, step="post")
        panel.step(trial, share, where="post", color=COLOURS[kind])
    panel.set(xlabel="episode", ylabel="share of individuals", ylim=(-0.03, 1.03))
    panel.set_title("b  three good ones in a row")


def _others(panel: Axes, result: Dataset) -> None:
    kinds: list[Any] = ["", *(str(one) for one in result["kind"].values)]
    for shift, kind in zip((-0.24, -0.08, 0.08, 0.24), ("hand", "shuffled", "rates", "all"), strict=True):
        pairs = np.array([_mean(_log_needed(result, kind, worlds)) for worlds in kinds])
        low, high = np.exp(pairs[:, 0] - 2 * pairs[:, 1]), np.exp(pairs[:, 0] + 2 * pairs[:, 1])
        middle = np.exp(pairs[:, 0])
        place = np.arange(len(kinds)) + shift
        panel.errorbar(
            place, middle, [middle - low, high - middle], fmt="o", markersize=3, color=COLOURS[kind]
        )
    panel.set_xticks(range(len(kinds)), ["usual", *kinds[1:]])
    panel.set(yscale="log", ylabel="episodes needed", title="c  other kinds of tracks")


def _search(panel: Axes, result: Dataset) -> None:
    generation = np.arange(1, result.sizes["generation"] + 1)
    for name in result["search"].values:
        kind = str(name).partition("-")[0]
        score = result["score"].sel(search=name).mean("candidate")
        panel.plot(generation, score, color=COLOURS[kind], linewidth=1)
    panel.set(xlabel="generation", ylabel="mean score of its candidates")
    panel.set_title(f"d  {result.sizes['search']} searches")


def _found(panel: Axes, result: Dataset) -> None:
    names = [str(one) for one in result["parameter"].values]
    rows = [str(one) for one in result["search"].values if str(one).startswith("all")]
    place = np.arange(len(names))
    for shift, row in zip(np.linspace(-0.2, 0.2, len(rows)), rows, strict=True):
        one = result.sel(search=row)
        panel.errorbar(
            one["place"], place + shift, xerr=one["spread"], fmt=".", color=BLUE, markersize=4, linewidth=0.7
        )
    panel.plot(result["hand_place"], place, "o", markerfacecolor="none", color=ORANGE, markersize=4)
    panel.set_yticks(place, names, fontsize=6)
    panel.set(xlabel="share of the bounds", xlim=(-0.05, 1.05), title="e  what is found")
    panel.invert_yaxis()


def _earned(panel: Axes, result: Dataset) -> None:
    kinds = list(NAMES)
    for place, kind in enumerate(kinds):
        earned = _of(result, "earned", kind)
        for row, shift in zip(earned, np.linspace(-0.15, 0.15, len(earned)), strict=True):
            panel.plot(np.full(len(row), place + shift), row, ".", color=COLOURS[kind], markersize=2)
        mean, error = _mean(earned)
        panel.errorbar(place, mean, 2 * error, fmt="o", color=COLOURS[kind], markersize=4)
    panel.set_xticks(range(len(kinds)), [NAMES[kind] for kind in kinds], rotation=35, ha="right", fontsize=6)
    panel.set(ylabel="reward / straight runs", ylim=(0, 1), title="f  a life's reward")
