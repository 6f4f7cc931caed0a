"""Claims and panels on discounts that dopamine neurons learn, for the figure `dopamine_population`."""

import numpy as np

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments.learned_discounts import GIVEN, OWN, SLANTED, YOKED
from .claims import Claim
from .look import BLUE, ORANGE, Axes, Dataset, config_of


def horizon_claims(result: Dataset) -> list[Claim]:
    kept = result["kept"].sel(arm=OWN).values
    found, error = mean_and_error(_discounts(result, OWN))
    yoked = _discounts(result, YOKED).mean(axis=0)
    first = config_of(result)["first"] / kept
    fair, fair_error = mean_and_error(_fairness(result, SLANTED))
    given = _fairness(result, GIVEN).mean(axis=0)
    slant = result["asymmetry"].sel(arm=SLANTED).values
    slopes = [np.polyfit(slant, row, 1)[0] for row in _discounts(result, SLANTED)]
    return [
        Claim.follows(
            "discount learned from what comes of forecasts",
            found,
            error,
            kept,
            0.1,
            "asked for: 10 %; the null is the discount at the beginning",
            null=float(first[np.argmax(np.abs(first - 1))]),
        ),
        Claim.at_least(
            "discounts learned with the parts that are left to targets (r)",
            float(np.corrcoef(found, kept)[0, 1]),
            0.9,
            "chosen; the null is neurons that are paid as others are",
            null=float(np.corrcoef(yoked, kept)[0, 1]),
        ),
        Claim.follows(
            "neurons with asymmetries that learn their discounts: value at the cue",
            fair,
            fair_error,
            np.ones_like(fair),
            0.1,
            "chosen; the null has the target's discount given",
            null=float(given[np.argmax(np.abs(given - 1))]),
        ),
        Claim.at_most(
            "they discount more, the more seriously they take good news: slope of the discount on asymmetry",
            mean_and_error(slopes),
            -0.1,
            "chosen: a tenth from one end of asymmetries to the other; the null has discounts given",
            null=0.0,
        ),
    ]


def _discounts(result: Dataset, arm: str) -> Array:
    """Mean over the ends of all parts of the learning: (individual, neuron)."""
    row = result["discount"].sel(arm=arm).isel(segment=slice(1, None)).mean("segment")
    return np.asarray(row.transpose("individual", "neuron").values)


def _fairness(result: Dataset, arm: str) -> Array:
    """Value at the cue over what the target has of the reward: (individual, neuron)."""
    row = result.sel(arm=arm)
    has = row["kept"].values ** (config_of(result)["delay"] - 1)
    return np.asarray(row["value"].transpose("individual", "neuron").values / has)


def draw_horizons(panel: Axes, result: Dataset) -> None:
    """Discounts learned against what is left to targets."""
    for arm, mfc in ((OWN, BLUE), (YOKED, "white")):
        mean, error = mean_and_error(_discounts(result, arm))
        kept = result["kept"].sel(arm=arm)
        panel.errorbar(kept, mean, 2 * error, fmt="o", color=BLUE, mfc=mfc, markersize=4, label=arm)
    panel.axline((0.8, 0.8), slope=1, color="0.7", zorder=0)
    panel.set(
        xlabel="left to the target a spell later", ylabel="discount learned", title="g  discounts learned"
    )
    panel.legend()


def draw_undone(panel: Axes, result: Dataset) -> None:
    """Discounts and values of neurons with asymmetries."""
    slant = result["asymmetry"].sel(arm=SLANTED).values
    mean, error = mean_and_error(_discounts(result, SLANTED))
    panel.errorbar(slant, mean, 2 * error, fmt="o", color=ORANGE, markersize=4, label="discount")
    panel.axhline(float(result["kept"].sel(arm=SLANTED)[0]), color=ORANGE, linewidth=0.6, zorder=0)
    for arm, mark, label in ((SLANTED, "o", "value/target's"), (GIVEN, "x", "the same, discount given")):
        mean, error = mean_and_error(_fairness(result, arm))
        panel.errorbar(slant, mean, 2 * error, fmt=mark, color="k", mfc="white", markersize=4, label=label)
    panel.axhline(1, color="0.7", zorder=0)
    panel.set(xlabel="asymmetry", title="h  asymmetry undone")
    panel.legend(fontsize="x-small")
