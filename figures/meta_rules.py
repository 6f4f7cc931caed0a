"""What shapes a recurrent network sooner: rules side by side, and a rule that was tuned by an outer loop.

(a) A cue is held over five distractors; right answers while learning, mean of the networks that each rule's
best setting shaped, of as many settings as every other rule's. (b) Episodes until right answers stay at the
criterion (dots: networks; bar: geometric mean; those at the right edge never do) and the share of networks
that get there. Filled: told one scalar; open: more. (c) Two searches (CMA-ES) over the eight numbers of node
perturbation, scored by these episodes over short delays: the median candidate. (d) At delays that no search
saw: the same episodes for the settings made by hand, for the best of a grid about them with as many lives as
a search, and for what was found. (e) Right answers with frozen weights at the end of these lives: what is
sooner must not be lost.
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    Axes,
    Dataset,
    Figure,
    Results,
    mosaic,
)
from .shaped import at_least_times

EXPERIMENTS = ("slow_rules", "slow_rule_search")
LOOKS = {
    "gradient through time": BLUE,
    "random feedback": SKY,
    "projection": PURPLE,
    "node perturbation": VERMILLION,
    "node, each step": ORANGE,
    "weight perturbation": GREEN,
    "eligibility × scalar": YELLOW,
    "readouts alone": GREY,
}
PERTURBED = ("projection", "weight perturbation", "node perturbation")
"""Rules that one scalar teaches by a perturbation."""
NAMES = ("by hand", "grid")
"""Settings that no search found."""


def check(data: Results) -> list[Claim]:
    return _rules(data["slow_rules"]) + _search(data["slow_rule_search"])


def _rules(result: Dataset) -> list[Claim]:
    share = {
        str(rule): result["reached"].sel(rule=rule).values.astype(float) for rule in result["rule"].values
    }
    log = {str(rule): np.log(result["episodes"].sel(rule=rule).values) for rule in result["rule"].values}

    def reached(rule: str) -> tuple[float, float]:
        mean, error = mean_and_error(share[rule])
        return float(mean), float(error)

    fixed = reached("readouts alone")[0]
    gradient = reached("gradient through time")[0]
    scalar = [reached(rule) for rule in PERTURBED]
    claims = [
        Claim.at_least(
            "three rules that perturb, told one scalar: share of networks that hold the cue to the end",
            (
                float(np.mean([mean for mean, _ in scalar])),
                float(np.hypot.reduce([error for _, error in scalar])) / len(scalar),
            ),
            0.3,
            "chosen: one scalar is enough for a third; rates chosen anew at each seed shape more or fewer, "
            "the projection .84 .72 .38, node perturbation .84 .91 .28 at seeds 0, 6 and 7; the null is "
            "readouts alone, the rival the gradient",
            null=fixed,
            rival=gradient,
            headline=True,
        ),
        Claim.at_least(
            "weight perturbation: share of networks that hold the cue to the end",
            reached("weight perturbation"),
            0.4,
            "chosen: two of five; .91 .81 .72 at seeds 0, 6 and 7; the null is readouts alone, the rival the "
            "gradient",
            null=fixed,
            rival=gradient,
        ),
    ]
    for rule, bound in (("random feedback", 0.6), ("readouts alone", 0.15)):
        mean, error = reached(rule)
        claims.append(
            Claim.at_most(
                f"{rule}: share of networks that hold the cue to the end",
                (mean, error),
                bound,
                "chosen: some, or hardly any; the null is weight perturbation's",
                null=reached("weight perturbation")[0],
            )
        )
    slow, quick = (mean_and_error(log[rule]) for rule in ("random feedback", "weight perturbation"))
    claims.append(
        at_least_times(
            "episodes, random feedback / weight perturbation",
            float(slow[0] - quick[0]),
            float(np.hypot(slow[1], quick[1])),
            1.02,
            "chosen: to be told more, through weights drawn once, is no help here; the null is 1",
            headline=True,
        )
    )
    return claims


def _search(result: Dataset) -> list[Claim]:
    found = [str(name) for name in result["setting"].values if str(name) not in NAMES]
    score = result["score"].isel(generation=slice(result.sizes["generation"] // 2, None)).mean("generation")
    best = str(score.idxmin("search").item())
    better = f"the better of {len(found)} by its own score"
    result = result.assign(sooner=-np.log(result["episodes"]))

    def above(name: str, other: str) -> tuple[float, float]:
        """What the better one has above another setting, the same networks, and its error over networks."""
        values = result[name].astype(float)
        gain = (values.sel(setting=best) - values.sel(setting=other)).transpose("network", "length").values
        mean, error = mean_and_error(gain.mean(axis=1))
        return float(mean), float(error)

    claims = [
        at_least_times(
            f"unseen delays, episodes: {other} / found, {better}",
            *above("sooner", other),
            1.5,
            "asked",
            headline=other == "grid",
        )
        for other in NAMES
    ]
    rates = result["value"].sel(setting=found)
    apart = (rates.sel(number="eta_recurrent") / rates.sel(number="eta_input")).values
    return [
        *claims,
        Claim.at_least(
            f"unseen delays, right answers at the end of life: found less the grid's best, {better}",
            above("end", "grid"),
            0.02,
            "chosen: sooner and not lost again; the null has neither",
            null=0,
            rival=float(
                result["end"].sel(setting="by hand").mean() - result["end"].sel(setting="grid").mean()
            ),
            headline=True,
        ),
        Claim.at_least(
            f"rate of recurrent weights / of input weights, least of {len(found)} searches",
            float(apart.min()),
            2.0,
            "chosen: above 1 in every search, as they are not by hand and in the grid, the null; 5.7 at seed "
            "6",
            null=1,
        ),
    ]


def draw(data: Results) -> Figure:
    rules, search = data["slow_rules"], data["slow_rule_search"]
    figure, axes = mosaic([["curves", "episodes", "episodes"], ["search", "unseen", "end"]], 5.6)
    _curves(axes["curves"], rules)
    _episodes(axes["episodes"], rules)
    _generations(axes["search"], search)
    _settings(axes["unseen"], search, "episodes")
    axes["unseen"].set(yscale="log", ylabel="episodes until it stays")
    axes["unseen"].set_title("d  unseen delays")
    _settings(axes["end"], search, "end")
    axes["end"].axhline(0.5, color="0.6", linestyle=":")
    axes["end"].set(ylabel="right answers, frozen")
    axes["end"].set_title("e  the end of life")
    return figure


def _curves(panel: Axes, result: Dataset) -> None:
    for rule, colour in LOOKS.items():
        style = "--" if bool(result["vector"].sel(rule=rule)) else "-"
        panel.plot(
            result["episode"] / 1000, result["curve"].sel(rule=rule), style, color=colour, linewidth=1.2
        )
    panel.set(xlabel="episode / 1000", ylabel="right answers", ylim=(0.45, 1.02))
    panel.set_title("a  a cue over distractors")


def _episodes(panel: Axes, result: Dataset) -> None:
    draw = np.random.default_rng(0)
    for place, (rule, colour) in enumerate(LOOKS.items()):
        one = result.sel(rule=rule)
        values = one["episodes"].values
        face = "none" if bool(one["vector"]) else colour
        height = place + draw.uniform(-0.25, 0.25, values.size)
        panel.plot(values, height, "o", color=colour, markerfacecolor=face, markersize=2.5, alpha=0.6)
        panel.plot([np.exp(np.log(values).mean())] * 2, [place - 0.35, place + 0.35], color=BLACK)
        panel.text(1.02, place, f"{float(one['reached'].mean()):.0%}", transform=panel.get_yaxis_transform(),
                   va="center", fontsize=7)  # fmt: skip
    panel.set(xscale="log", xlabel="episodes until right answers stay")
    panel.set_yticks(range(len(LOOKS)), list(LOOKS), fontsize=7)
    panel.invert_yaxis()
    panel.set_title("b  episodes, and share that gets there")


def _generations(panel: Axes, result: Dataset) -> None:
    generation = np.arange(1, result.sizes["generation"] + 1)
    for row in result["score"].values:
        panel.plot(generation, np.exp(row), color=BLUE, linewidth=1, alpha=0.7)
    panel.set(xlabel="generation", ylabel="episodes, median candidate")
    panel.set_title(f"c  {result.sizes['search']} searches")


def _settings(panel: Axes, result: Dataset, name: str) -> None:
    settings = [str(one) for one in result["setting"].values]
    colours = {"by hand": GREY, "grid": ORANGE}
    for number, setting in enumerate(settings):
        for place in range(result.sizes["length"]):
            values = result[name].sel(setting=setting).isel(length=place).values
            middle = float(np.exp(np.log(values).mean()) if name == "episodes" else values.mean())
            x = place + 0.8 * (number - (len(settings) - 1) / 2) / len(settings)
            spread = np.linspace(-0.06, 0.06, values.size)
            colour = colours.get(setting, BLUE)
            panel.plot(x + spread, values, "o", color=colour, markersize=2, alpha=0.5)
            label = setting if not place and setting in colours else "found" if not place else None
            label = None if label == "found" and number > len(colours) else label
            panel.plot([x - 0.09, x + 0.09], [middle] * 2, color=colour, linewidth=2, label=label)
    panel.set_xticks(range(result.sizes["length"]), [f"{one:g}" for one in result["length"].values])
    panel.set(xlabel="distractors")
    panel.legend(fontsize=6)
