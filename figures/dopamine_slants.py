"""Claims and panels on asymmetries that dopamine neurons learn, for the figure `dopamine_population`."""

import numpy as np

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments.learned_asymmetries import (
    ALONE,
    ARMS,
    BROADCAST,
    BROADCAST_YOKED,
    FLOOR,
    GIVEN,
    PART,
    PART_YOKED,
)
from . import enough
from .claims import Claim
from .look import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, Axes, Dataset, config_of
from .reversal_points import HALVES, NEEDS, RELATION

COLOUR = {
    ALONE: ORANGE,
    PART: BLUE,
    BROADCAST: GREEN,
    PART_YOKED: SKY,
    BROADCAST_YOKED: PURPLE,
    FLOOR: GREY,
    GIVEN: "k",
}


def slant_claims(result: Dataset, cells: Dataset) -> list[Claim]:
    return [*_learned_claims(result), *_floor_claims(result), *_recorded_claims(result, cells)]


def _learned_claims(result: Dataset) -> list[Claim]:
    slope, slope_error = mean_and_error(_slopes(result, PART))
    alone, _ = mean_and_error(_slopes(result, ALONE))
    way = {arm: mean_and_error(_way(result, arm)) for arm in ARMS}
    spread = {arm: mean_and_error(_spread(result, arm)) for arm in (ALONE, PART_YOKED)}
    return [
        Claim.equivalent(
            "rewarded for their own part: values in rising order on the quantiles of the reward, slope",
            float(slope),
            1.0,
            float(slope_error),
            0.2,
            "chosen: learning has gone on for a limited time; the null is neurons rewarded for themselves",
            null=float(alone),
            headline=True,
        ),
        Claim.at_least(
            "rewarded for their own part: share of the way from one value to the ideal forecast",
            way[PART],
            0.9,
            "chosen; the null hears another population, the rival has asymmetries spread evenly",
            null=float(way[PART_YOKED][0]),
            rival=float(way[GIVEN][0]),
        ),
        Claim.at_most(
            "rewarded for their own forecast: spread of the asymmetries (standard deviation)",
            spread[ALONE],
            0.08,
            "chosen: half of what noise makes; the null hears another population's scores at the same rate",
            null=float(spread[PART_YOKED][0]),
        ),
        Claim.at_least(
            "own part above one broadcast: share of the way, in equal time",
            mean_and_error(_way(result, PART) - _way(result, BROADCAST)),
            0.1,
            "chosen: more than the last digit",
            null=0.0,
        ),
    ]


def _floor_claims(result: Dataset) -> list[Claim]:
    row = result.sel(arm=FLOOR)
    values = row["value"].transpose("individual", "neuron").values
    slope, error = mean_and_error([np.polyfit(row["rest"].values, one, 1)[0] for one in values])
    return [
        Claim.equivalent(
            "dips that end at zero, baselines as recorded: values on where the cut balance rests, slope",
            float(slope),
            1.0,
            float(error),
            0.5,
            "chosen: tells the effect from none",
            null=0.0,
        )
    ]


def _recorded_claims(result: Dataset, cells: Dataset) -> list[Claim]:
    """Whether such populations show what the cells show; claims wait where there are no cells, or too few."""
    short = "halves of a session (r), below that of the cells"
    floor = "baseline with reversal point over cells (r), above that of neurons with nothing but a floor"
    names = [f"{arm}: {short}" for arm in (PART, BROADCAST, FLOOR)]
    if not config_of(cells)["recordings"]:
        return [Claim.waiting(name, 0.0, NEEDS) for name in (*names, floor)]
    many = cells.sizes["cell"]
    one = cells.sel(estimator="means", statistic=HALVES)
    r, half = float(one["r"]), float(one["high"] - one["low"]) / 4
    given = float(result["r"].sel(arm=GIVEN, statistic=HALVES).mean())
    claims = []
    for arm, name in zip((PART, BROADCAST, FLOOR), names, strict=True):
        found, error = mean_and_error(result["r"].sel(arm=arm, statistic=HALVES).values)
        claims.append(
            enough.at_most(
                name,
                float(found) - r,
                float(np.hypot(error, half)),
                0.0,
                0.1,
                "errors of cells and populations together; the rival has asymmetries spread evenly",
                many,
                rival=given - r,
            )
        )
    points = np.log(cells["reversal"].sel(estimator="means").mean("half").values)
    own = float(np.corrcoef(cells["baseline"].values, points)[0, 1])
    model, error = mean_and_error(_baseline_correlations(result))
    claims.append(
        enough.at_least(
            floor,
            own - float(model),
            float(np.hypot(error, (1 - own**2) / (many - 1) ** 0.5)),
            0.0,
            0.1,
            "errors of cells and populations together; in the model quiet neurons are the optimists",
            many,
        )
    )
    return claims


# -- what is measured --------------------------------------------------------------------------------------


def _slopes(result: Dataset, arm: str) -> Array:
    """Of values in rising order on the quantiles at which neurons do their part: (individual,)."""
    quantiles = result["rest"].sel(arm=PART).values
    values = np.sort(result["value"].sel(arm=arm).transpose("individual", "neuron").values, axis=1)
    return np.array([np.polyfit(quantiles, row, 1)[0] for row in values])


def _way(result: Dataset, arm: str) -> Array:
    """Share of the way from the score of one value, the mean outcome, to the ideal one: (individual,)."""
    ideal, alone = float(result["score"]), float(result["score_alone"])
    return np.asarray((alone - result["score_learned"].sel(arm=arm).values) / (alone - ideal))


def _spread(result: Dataset, arm: str) -> Array:
    return np.asarray(result["asymmetry"].sel(arm=arm).isel(segment=-1).std("neuron").values)


def _baseline_correlations(result: Dataset) -> Array:
    """Baseline with the logarithm of the reversal point over neurons: (individual,)."""
    row = result.sel(arm=FLOOR)
    points = np.log(row["reversal"].transpose("individual", "neuron").values)
    return np.array([np.corrcoef(row["baseline"].values, one)[0, 1] for one in points])


# -- panels ------------------------------------------------------------------------------------------------


def draw_slants(panel: Axes, result: Dataset) -> None:
    rest = result["rest_asymmetry"].sel(arm=PART).values
    place = np.arange(1, len(rest) + 1)
    panel.plot(place, rest, color="0.7", linewidth=3, zorder=0)
    for arm in (PART, BROADCAST, BROADCAST_YOKED, ALONE):
        learned = np.sort(result["asymmetry"].sel(arm=arm).isel(segment=-1).values, axis=1)
        mean, error = mean_and_error(learned)
        panel.errorbar(place, mean, 2 * error, fmt="o", color=COLOUR[arm], markersize=3, label=arm)
    panel.set(xlabel="neuron, in rising order", ylabel="asymmetry", title="e  asymmetries learned")
    panel.legend()


def draw_recorded(panel: Axes, result: Dataset, cells: Dataset) -> None:
    marks = {HALVES: ("o", -0.15), RELATION: ("s", 0.15)}
    for place, arm in enumerate(ARMS):
        for statistic, (mark, shift) in marks.items():
            row = result["r"].sel(arm=arm, statistic=statistic).values
            panel.plot(row, np.full(len(row), place + shift), mark, color=COLOUR[arm], alpha=0.3)
            panel.plot(row.mean(), place + shift, mark, color=COLOUR[arm])
    rows = list(ARMS)
    if config_of(cells)["recordings"]:
        for statistic, (mark, shift) in marks.items():
            one = cells.sel(estimator="means", statistic=statistic)
            r, low, high = (float(one[name]) for name in ("r", "low", "high"))
            panel.errorbar([r], [len(rows) + shift], xerr=[[r - low], [high - r]], fmt=mark, color="0.15")
        rows.append(f"{cells.sizes['cell']} cells")
    panel.axvline(0, color="0.8", zorder=0)
    panel.set_yticks(range(len(rows)), rows)
    panel.set(ylim=(len(rows) - 0.4, -0.6), xlabel="r (● halves, ■ asymmetry)", title="f  as recorded")
    panel.set_xlim(-0.5, 1.0)
