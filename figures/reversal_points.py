"""Dopamine cells have a value of their own each; that it goes with their asymmetry, these data do not show.

Cells: Eshel et al. 2016 (doi:10.1038/nn.4239), as re-used in Dabney et al. 2020
(doi:10.1038/s41586-019-1924-6), where the recordings are at hand, else generic ones. (a) The reward at which
a cell's response changes sign, found in two halves of its trials by `means`. (b) Asymmetry of gains and
losses in one half, reversal point in the other, by `signs`, the estimator of the source. (c) Why `signs`
needs a null of its own: populations in which all cells have one value, means of draws. The sign of a count
against a mean count at rest depends on where that mean lies between whole numbers of spikes (lines), in each
half alike. (d) Both correlations over cells: recorded (bars: 95 % over cells), and in populations drawn from
the models fitted to the cells (bars: 95 % of draws). (e) Models on held-out trials: mean over cells and its
interval (95 %), for the cells and for populations in which the answer is known.

By signs, populations of one value read what was recorded; by means they read nothing, and the cells' own
values stand out. Asymmetry by means is above what populations of own values and one asymmetry read, but to
foretell single trials it adds nothing; and cells that expect the expectile of their own asymmetry foretell
them worse than cells whose values are free.
"""

from typing import Any, Literal

import numpy as np

from ..analysis.recordings.places import VARIABLE
from ..analysis.responses.dopamine_responses import FOLDER
from ..analysis.responses.reward_trials import WIDTH
from ..analysis.statistics.intervals import bootstrap_interval, mean_and_error
from ..models.experiments.reversal_points import BOTH, EXPECTILES, HELD_OUT, ONE, POPULATIONS, VALUES
from . import enough
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, mosaic

EXPERIMENTS = ("reversal_points",)
HALVES, RELATION = "half with half", "asymmetry with reversal point"
_R = ("r", "low", "high")
LEVEL = 0.05
"""Of a test."""
GAINS = {
    "own values": ("value", "shared"),
    "asymmetry beside\nown values": ("distributional", "value"),
    "free values,\nnot expectiles": ("value", "expectile"),
}
"""What is compared on held-out trials: the first model above the second."""


HALVED = f"cells, by means: {HALVES} (r), above populations of one value"
SIGNED = f"cells, by signs: p of {RELATION} against populations of one value"
OWN = "held-out trials: own values above one value (nats a trial)"
ADDED = "held-out trials: asymmetry beside own values adds (nats a trial)"
FREE = "held-out trials: free values above expectiles of own asymmetries (nats a trial)"
NEEDS = (
    f"recordings of dopamine cells in this task, such as those of Eshel et al. 2016 (doi:10.1038/nn.4239): "
    f"{FOLDER}/*.nwb in the folder that {VARIABLE} names"
)


def check(data: Results) -> list[Claim]:
    result = data["reversal_points"]
    estimators = _estimator_claims(result)
    if not _recorded(result):
        return [
            *estimators,
            *(Claim.waiting(name, 0.0, NEEDS) for name in (HALVED, SIGNED, OWN, ADDED, FREE)),
        ]
    return [*estimators, *_reversal_claims(result), *_held_out_claims(result)]


def _recorded(result: Dataset) -> bool:
    return bool(config_of(result)["recordings"])


def _estimator_claims(result: Dataset) -> list[Claim]:
    """What the estimators read where all cells have one value."""
    bias = _drawn(result, ONE, "signs", RELATION) - _drawn(result, ONE, "means", RELATION)
    mean, error = mean_and_error(bias)
    claims = [
        enough.at_least(
            f"one value, by signs: {RELATION} (r), above that by means",
            float(mean),
            float(error),
            0.1,
            0.1,
            "chosen: a fifth of what is published for such cells (.49); by means there is none",
            result.sizes["cell"],
            null=0.0,
            headline=True,
        )
    ]
    for statistic, margin in ((HALVES, 0.3), (RELATION, 0.2)):
        mean, error = mean_and_error(_drawn(result, ONE, "means", statistic))
        claims.append(
            Claim.equivalent(
                f"one value, by means: {statistic} (r)",
                float(mean),
                0.0,
                float(error),
                margin,
                "chosen: less than half of what is published for such cells (.68 and .49), here the null",
                null=0.68 if statistic == HALVES else 0.49,
            )
        )
    return claims


def _reversal_claims(result: Dataset) -> list[Claim]:
    many = result.sizes["cell"]
    r, low, high = (float(result[name].sel(estimator="means", statistic=HALVES)) for name in _R)
    one, own = (_drawn(result, name, "means", HALVES) for name in (ONE, VALUES))
    bound = float(np.quantile(one, 1 - LEVEL / 2) - one.mean())
    values = enough.at_least(
        HALVED,
        r - float(one.mean()),
        (high - low) / 4,
        bound,
        max(float(own.mean() - one.mean()) - bound, 0.0) / 2,
        "97.5 % of populations of one value lie below; to be told: half way to populations of own values",
        many,
        null=0.0,
        headline=True,
    )
    r, p = (float(result[key].sel(estimator="signs", statistic=RELATION)) for key in ("r", "p"))
    if p >= LEVEL:
        return [values, enough.too_few(SIGNED, LEVEL, many, f"r = {r:.2g} is not beyond r = 0 (p = {p:.2g})")]
    drawn = _drawn(result, ONE, "signs", RELATION)
    return [
        values,
        Claim.at_least(
            SIGNED,
            (1 + (drawn >= r).sum()) / (1 + len(drawn)),
            LEVEL,
            "the level of the test; the null is p against r = 0",
            null=p,
            headline=True,
        ),
    ]


def _held_out_claims(result: Dataset) -> list[Claim]:
    many = result.sizes["cell"]
    own, own_error = enough.over_cells(_gain(result, "value", "shared"))
    no_value, spread = enough.over_cells(_gain(result, "value", "shared", ONE))
    with_value = float(_gain(result, "value", "shared", BOTH).mean())
    bound = max(0.0, no_value + 2 * spread)
    added, added_error = enough.over_cells(_gain(result, "distributional", "value"))
    free, free_error = enough.over_cells(_gain(result, "value", "expectile"))
    coded, spread = enough.over_cells(_gain(result, "value", "expectile", EXPECTILES))
    above = max(0.0, coded + 2 * spread)
    claims = [
        enough.at_least(
            OWN,
            own,
            own_error,
            bound,
            max(with_value - bound, 0.0) / 2,
            "what populations of one value read, + 2 errors; to be told: half way to those of own values",
            many,
            null=no_value,
            headline=True,
        )
    ]
    if own - 2 * own_error > 0:
        reason = "chosen: half of what own values add, which is the null"
        claims.append(enough.at_most(ADDED, added, added_error, own / 2, own / 2, reason, many, null=own))
    else:
        claims.append(enough.too_few(ADDED, 0.0, many, "own values themselves are not told"))
    claims.append(
        enough.at_least(
            FREE,
            free,
            free_error,
            above,
            max(own - above, 0.0) / 2,
            "what populations of expectiles read, + 2 errors; to be told: half of what own values add",
            many,
            null=coded,
        )
    )
    return claims


def _drawn(result: Dataset, population: str, estimator: str, statistic: str) -> np.ndarray:
    """Correlations of the populations drawn from a model: (draw,)."""
    chosen = result["drawn_r"].sel(population=population, estimator=estimator, statistic=statistic)
    return np.asarray(chosen.values)


def _gain(result: Dataset, model: str, other: str, population: str | None = None) -> np.ndarray:
    """Held-out log likelihood of a model above another: (cell,) of the cells, or of a drawn population."""
    if population is None:
        scores = result["held_out"]
    else:
        scores = result["drawn_held_out"].sel(held_out_population=population)
    return np.asarray(scores.sel(model=model).values - scores.sel(model=other).values)


# -- panels ------------------------------------------------------------------------------------------------


def draw(data: Results) -> Figure:
    result = data["reversal_points"]
    top = [name for name in ("halves", "slant", "bias") for _ in range(2)]
    layout: list[Any] = [top, ["r"] * 3 + ["gain"] * 3]
    figure, axes = mosaic(layout, 6.0)
    _halves(axes["halves"], result)
    _slants(axes["slant"], result)
    _bias(axes["bias"], result)
    _correlations(axes["r"], result)
    _gains(axes["gain"], result)
    return figure


def _cells(result: Dataset) -> str:
    return f"{result.sizes['cell']} {'recorded' if _recorded(result) else 'generic'} cells"


def _halves(panel: Axes, result: Dataset) -> None:
    first, second = result["reversal"].sel(estimator="means").values
    panel.plot(first, second, "o", color=COLOURS["data"], alpha=0.7, markeredgewidth=0)
    panel.axline((1, 1), (2, 2), color="0.8", zorder=0)
    r, low, high = (float(result[name].sel(estimator="means", statistic=HALVES)) for name in _R)
    panel.set(xlabel="reversal point, one half (µl)", ylabel="other half (µl)")
    _logarithmic(panel, "x", first)
    _logarithmic(panel, "y", second)
    panel.set_title("a  reversal points, by means")
    _note(panel, f"{_cells(result)}\nr = {r:.2f} [{low:.2f}, {high:.2f}]")


TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
"""Rewards that an axis names (microlitres)."""


def _logarithmic(panel: Axes, axis: Literal["x", "y"], values: np.ndarray) -> None:
    low, high = float(values.min()) / 1.3, float(values.max()) * 1.3
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if high / low > 30:
        ticks = [tick for tick in ticks if f"{tick:g}".lstrip("0.")[0] != "5"]
    panel.set(**{f"{axis}scale": "log", f"{axis}lim": (low, high)})
    panel.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": [f"{tick:g}" for tick in ticks]})
    panel.tick_params(which="minor", axis=axis, length=0, labelbottom=False, labelleft=False)


def _note(panel: Axes, text: str) -> None:
    panel.text(0.03, 0.97, text, transform=panel.transAxes, va="top", fontsize=7)


def _slants(panel: Axes, result: Dataset) -> None:
    place = result["reversal"].sel(estimator="signs").values[0]
    slant = result["slant"].sel(estimator="signs").values[1]
    panel.plot(place, slant, "o", color=COLOURS["data"], alpha=0.7, markeredgewidth=0)
    r, low, high = (float(result[name].sel(estimator="signs", statistic=RELATION)) for name in _R)
    one = _drawn(result, ONE, "signs", RELATION)
    panel.set(xlabel="reversal point, one half (µl)", ylabel="asymmetry, other half")
    _logarithmic(panel, "x", place)
    panel.set(ylim=(0, 1.45), title="b  asymmetry, by signs")
    panel.set_yticks([0, 0.5, 1])
    _note(
        panel,
        f"{_cells(result)}\nr = {r:.2f} [{low:.2f}, {high:.2f}]\n"
        f"if of one value: {one.mean():.2f} ± {one.std(ddof=1):.2f} (sd)",
    )


def _bias(panel: Axes, result: Dataset) -> None:
    rest = result["baseline"].values * WIDTH
    for estimator, mark, colour in (("means", "s", "0.6"), ("signs", "o", COLOURS[ONE])):
        place = result["drawn_reversal"].sel(estimator=estimator).values
        panel.plot(rest, place, mark, color=colour, alpha=0.8, markeredgewidth=0, label=f"by {estimator}")
    for whole in range(1, int(np.ceil(rest.max()))):
        panel.axvline(whole, color="0.85", zorder=0)
    panel.set(xlabel="spikes at rest in 0.4 s", ylabel="reversal point (µl)")
    _logarithmic(panel, "y", result["drawn_reversal"].values)
    panel.set_title("c  cells of one value")
    panel.legend()


def _correlations(panel: Axes, result: Dataset) -> None:
    rows = [(e, s) for s in (HALVES, RELATION) for e in ("means", "signs")]
    shifts = np.linspace(-0.32, 0.32, 1 + len(POPULATIONS))
    for k, (estimator, statistic) in enumerate(rows):
        r, low, high = (float(result[name].sel(estimator=estimator, statistic=statistic)) for name in _R)
        values = [(r, low, high, "data", "cells")]
        for name in POPULATIONS:
            drawn = _drawn(result, name, estimator, statistic)
            values.append((drawn.mean(), *np.quantile(drawn, (0.025, 0.975)), name, name))
        for shift, (mean, a, b, colour, label) in zip(shifts, values, strict=True):
            panel.errorbar(
                [mean],
                [k + shift],
                xerr=[[max(mean - a, 0)], [max(b - mean, 0)]],
                fmt="D" if colour == "data" else "o",
                markersize=4,
                color=COLOURS[colour],
                label=label if k == 0 else None,
            )
    panel.axvline(0, color="0.8", zorder=0)
    panel.set_yticks(
        range(len(rows)), [f"{'halves' if s == HALVES else 'asymmetry'}\nby {e}" for e, s in rows]
    )
    panel.set(ylim=(len(rows) - 0.5, -0.5), xlim=(-0.5, 2.1), xlabel="r over cells (dimensionless)")
    panel.set_xticks([-0.5, 0, 0.5, 1])
    panel.set_title(f"d  n = {result.sizes['cell']} cells, {result.sizes['draw']} draws")
    panel.legend(loc="center right", fontsize=6.5, handlelength=1)


def _gains(panel: Axes, result: Dataset) -> None:
    shown = [(None, "data", "cells"), *((name, name, f"drawn: {name}") for name in HELD_OUT)]
    shifts = np.linspace(-0.27, 0.27, len(shown))
    for place, (model, other) in enumerate(GAINS.values()):
        for shift, (population, colour, label) in zip(shifts, shown, strict=True):
            values = _gain(result, model, other, population)
            low, high = bootstrap_interval(values)
            bars = [[values.mean() - low], [high - values.mean()]]
            panel.errorbar(
                [place + shift],
                [values.mean()],
                bars,
                fmt="D" if population is None else "o",
                markersize=4,
                color=COLOURS[colour],
                label=label if place == 0 else None,
            )
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xticks(range(len(GAINS)), list(GAINS), fontsize=7)
    panel.set(ylabel="gain on held-out trials (nats a trial)", xlim=(-0.5, len(GAINS) - 0.5))
    panel.set_title(f"e  n = {result.sizes['cell']} cells")
    panel.margins(y=0.25)
    panel.legend(loc="upper center", ncols=2, fontsize=6.5, handlelength=1)
