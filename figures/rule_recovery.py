"""Which rule was it? What a fit of 5,000 choices gives back, of learners whose rule is known.

(a) Correlation r of the coefficients that learners had with those that were fitted: learners drawn from the
population of people, and from a wide prior that spans them; below the dotted line a coefficient is not
identified. (b) The coefficients of people-like learners, each in standard deviations of its population.
(c) How often 90 % intervals hold the truth in short data sets (the band: 85 to 95 %): as wide as Laplace's
posterior says, as wide as half of the data sets say and judged on the other half, and about another learner.
(d) Learners of six kinds, and which kind has the most evidence; the Bayes observer has no rule.
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from ..plasticity.inference.study import IDENTIFIED, LEVEL
from .claims import Claim
from .look import BLUE, GREY, ORANGE, VERMILLION, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("rule_recovery",)

WELL = 0.8
"""r from which a coefficient counts as recovered."""
SIXTH = -6
NEAR = 0.05


def check(data: Results) -> list[Claim]:
    result = data["rule_recovery"]
    trials = config_of(result)["trials"]
    many, learners = result.sizes["coefficient"], result.sizes["learner"]
    people, wide, null = (
        np.sort(result[name].sel(population=who).values)[SIXTH]
        for name, who in (("r", "people"), ("r", "wide"), ("r_null", "people"))
    )
    recovered = Claim.at_least(
        f"r of the sixth best of {many} coefficients at {trials} trials",
        (people, (1 - people**2) / np.sqrt(learners - 1)),
        WELL - 0.05,
        f"chosen: {WELL:g} was asked for, less two errors of .02 to .03, which {learners} learners have; "
        "null: another learner's; rival: learners of the wide prior",
        null=null,
        rival=wide,
        headline=True,
    )
    return [recovered, *_covers(result), *_confused(result)]


def _covers(result: Dataset) -> list[Claim]:
    coverage = result["coverage"].values
    null, laplace = (float(result[name].mean()) for name in ("coverage_null", "laplace"))
    worst = int(np.abs(coverage - LEVEL).argmax())
    mean, error = mean_and_error(coverage)
    place = result["rank"].values.mean(axis=1)
    return [
        Claim.equivalent(
            "coverage of calibrated 90 % intervals, mean over coefficients",
            float(mean),
            LEVEL,
            float(error),
            NEAR,
            "85 to 95 %; the null is another learner's coefficients, the rival Laplace's posterior",
            null=null,
            rival=laplace,
            headline=True,
        ),
        Claim(
            "coverage of the worst coefficient",
            coverage[worst],
            LEVEL,
            0.075,
            "chosen: 2.5 standard errors of the worst of many, and half of that of the calibration; here "
            f"{result['coefficient'].values[worst]}",
            null=null,
        ),
        Claim.at_most(
            "truth's rank in Laplace's posterior: largest distance of a mean from one half",
            np.abs(place - 0.5).max(),
            0.15,
            "chosen: skewed posteriors lean, but half as far as a truth at their quartile",
            null=0.25,
            kind="validation",
        ),
    ]


def _confused(result: Dataset) -> list[Claim]:
    table = _confusion(result)
    right, kinds = np.diag(table), len(table)
    mean, many = float(right.mean()), kinds * result.sizes["learner_of_kind"]
    return [
        Claim.at_least(
            f"kind of learner told from {kinds}, share that is right",
            (mean, np.sqrt(mean * (1 - mean) / many)),
            0.85,
            f"chosen: nine of ten were asked for, the error with {many} learners is .02 to .03; the null is "
            "that of shuffled labels",
            null=1 / kinds,
            headline=True,
        ),
        Claim.at_least(
            "the same, of the kind that is told worst",
            right.min(),
            0.7,
            f"chosen: ten learners of each kind; the worst is {result['kind'].values[int(right.argmin())]}",
            null=1 / kinds,
        ),
    ]


def _confusion(result: Dataset) -> np.ndarray:
    """Share of the learners of each kind (row) that is called each kind (column)."""
    kinds = result.sizes["kind"]
    called = result["evidence"].transpose("kind", "learner_of_kind", "fitted").values.argmax(axis=2)
    return np.array([np.bincount(row, minlength=kinds) / len(row) for row in called])


def draw(data: Results) -> Figure:
    result = data["rule_recovery"]
    figure, axes = panels(2, 2, 7.2)
    _recovered(axes[0, 0], result)
    _pairs(axes[0, 1], result)
    _coverage(axes[1, 0], result)
    _matrix(axes[1, 1], result)
    return figure


def _named(panel: Axes, result: Dataset) -> np.ndarray:
    """An axis of coefficients, those that are not identified in brackets."""
    r = result["r"].sel(population="people").values
    names = [
        name if one >= IDENTIFIED else f"({name})"
        for name, one in zip(result["coefficient"].values, r, strict=True)
    ]
    place = np.arange(len(names))
    panel.set_xticks(place, names, rotation=60, ha="right", fontsize=7)
    return place


def _recovered(panel: Axes, result: Dataset) -> None:
    place = _named(panel, result)
    for name, colour, shift in (("people", BLUE, -0.12), ("wide", ORANGE, 0.12)):
        panel.plot(place + shift, result["r"].sel(population=name), "o", color=colour, label=name)
    panel.plot(place, result["r_null"].sel(population="people"), "x", color=GREY, label="another learner's")
    panel.axhline(WELL, color="0.8", zorder=0)
    panel.axhline(IDENTIFIED, color="0.8", linestyle=":", zorder=0)
    panel.set(ylim=(-0.5, 1.02), ylabel="recovery r", title="a  recovery (in brackets: not identified)")
    panel.legend(fontsize=6)


def _pairs(panel: Axes, result: Dataset) -> None:
    part = result.sel(population="people")
    mean, spread = part["true"].mean("learner"), part["true"].std("learner")
    r = part["r"].values
    for known, colour in (
        (r >= WELL, BLUE),
        ((r >= IDENTIFIED) & (r < WELL), ORANGE),
        (r < IDENTIFIED, GREY),
    ):
        one, other = (((part[name] - mean) / spread).values[known].ravel() for name in ("true", "found"))
        label = "r ≥ .8" if colour == BLUE else "r ≥ .5" if colour == ORANGE else "not identified"
        panel.plot(one, other, ".", markersize=2.5, color=colour, label=label)
    panel.plot([-3, 3], [-3, 3], color="0.6", zorder=0)
    panel.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="true (sd)", ylabel="fitted (sd)", title="b  people-like")
    panel.legend(fontsize=6)


def _coverage(panel: Axes, result: Dataset) -> None:
    place = _named(panel, result)
    panel.axhspan(LEVEL - NEAR, LEVEL + NEAR, color="0.92", zorder=0)
    for name, colour, mark, label in (
        ("coverage", BLUE, "o", "calibrated"),
        ("laplace", VERMILLION, "s", "Laplace"),
        ("coverage_null", GREY, "x", "another learner's"),
    ):
        panel.plot(place, result[name], mark, markersize=4, color=colour, label=label)
    panel.set(ylim=(0, 1.02), ylabel="share of 90 % intervals", title="c  intervals that hold the truth")
    panel.legend(fontsize=6)


def _matrix(panel: Axes, result: Dataset) -> None:
    table = _confusion(result)
    panel.imshow(table, cmap="Greys", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(table):
        if share:
            colour = "w" if share > 0.5 else "k"
            panel.text(column, row, f"{share:.2f}", ha="center", va="center", fontsize=6, color=colour)
    kinds, place = list(result["kind"].values), np.arange(len(table))
    panel.set_xticks(place, kinds, rotation=60, ha="right", fontsize=7)
    panel.set_yticks(place, kinds, fontsize=7)
    panel.set(xlabel="called", ylabel="was", title="d  which kind of learner")
