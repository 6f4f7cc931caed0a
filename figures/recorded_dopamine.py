"""A spiking population shows the reversal points of recorded cells only if each cell has a ratio of its own.

Cells: Eshel et al. 2016 (doi:10.1038/nn.4239), as re-used in Dabney et al. 2020
(doi:10.1038/s41586-019-1924-6), where the recordings are at hand. Populations: the experiment
`recorded_dopamine`; what the recordings alone tell is the figure `reversal_points`. (a) Three cells,
responses to unexpected rewards (200 to 600 ms after them, two standard errors), with what the model of own
values and asymmetries says of them. (b) Responses to unexpected rewards, cells in the order of their reversal
points (dots). (c) Correlations over cells between random halves: cells with the interval (95 %) over cells,
populations as recorded from several times (dots), and their mean. (d) Mean responses with and without
announcement. (e) Values that spiking neurons learned, against those fitted to the cells: with dips that teach
more than bursts by a ratio of each cell's own, and with both alike.

The ratio is a free number of each cell, set so that the fitted value is where learning rests: that the
population with it reads what the cells read is built in. That the one without it does not is the finding:
with dips that are cut off at zero rate and teach like bursts, values come to lie elsewhere and close together
(e).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import t as student

from ..analysis.responses.dopamine_population import MOST, Population
from ..analysis.responses.dopamine_responses import rank_correlation
from ..analysis.responses.reversal_points import reversal_points
from ..analysis.responses.reward_trials import CellTrials, mean_responses, response_curve, sizes_of
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments.recorded_dopamine import ALIKE, ARMS, ONE, OWN, SLANTED, recorded, simulated
from . import enough
from .claims import Claim
from .look import COLOURS, Axes, DataArray, Dataset, Figure, Results, config_of, mosaic
from .reversal_points import HALVES, NEEDS, RELATION

EXPERIMENTS = ("recorded_dopamine", "reversal_points")
SHORT = 0.1
"""Least that a correlation falls short by."""
RANKS = (0.15, 0.5, 0.95)
"""Places of the cells shown in the order of reversal points."""


def check(data: Results) -> list[Claim]:
    result, cells = data["recorded_dopamine"], data["reversal_points"]
    return [*_against_cells(result, cells), *_learned_claims(result)]


def _against_cells(result: Dataset, cells: Dataset) -> list[Claim]:
    """Whether populations show what the cells show; claims wait where there are too few cells, or none."""
    same = f"{OWN}, dips by a ratio of each cell's own: {HALVES} (r)"
    short = {
        arm: f"{label}: {HALVES} (r), below that of the cells"
        for arm, label in ((ALIKE, "own values, dips like bursts"), (ONE, ONE), (SLANTED, SLANTED))
    }
    if not _recorded(result):
        return [Claim.waiting(name, 0.0, NEEDS) for name in (same, *short.values())]
    many = cells.sizes["cell"]
    r, low, high = (
        float(cells[name].sel(estimator="means", statistic=HALVES)) for name in ("r", "low", "high")
    )
    own, own_error = _correlation(result, OWN)
    one, _ = _correlation(result, ONE)
    margin = (high - low) / 2
    if margin > abs(one - r) / 2:
        why = f"[{low:.2g}, {high:.2g}] does not tell {r:.2g} from the {one:.2g} of one value"
        claims = [enough.too_few(same, r, many, why)]
    else:
        reason = "half the interval (95 %) of the cells' r; the null is the population of one value"
        claims = [Claim.equivalent(same, own, r, own_error, margin, reason, null=one)]
    for arm, name in short.items():
        found, error = _correlation(result, arm)
        claims.append(
            enough.at_most(
                name,
                found - r,
                float(np.hypot(error, margin / 2)),
                -SHORT,
                0.0,
                "chosen: more than the last digit; errors of cells and populations together",
                many,
                null=0.0,
                rival=own - r,
                headline=arm == ALIKE,
            )
        )
    return claims


def _learned_claims(result: Dataset) -> list[Claim]:
    own = result.sel(arm=OWN)
    many = result.sizes["cell"]
    ratio, error = mean_and_error(result["r"].sel(arm=OWN, statistic=HALVES).values)
    alike, alike_error = mean_and_error(result["r"].sel(arm=ALIKE, statistic=HALVES).values)
    name = f"ratio of each cell's own above dips like bursts: {HALVES} (r)"
    claims = [
        enough.at_least(
            name,
            float(ratio - alike),
            float(np.hypot(error, alike_error)),
            SHORT,
            SHORT,
            "chosen: more than the last digit; errors of what is recorded from the populations",
            many,
            null=0.0,
            headline=True,
        )
        if _recorded(result)
        else Claim.waiting(name, SHORT, NEEDS)  # without cells dips have no ratios of their own
    ]
    chance = _chance(many)
    found_value = _recovered(result["found_value"], own["value"])
    slant = _recovered(result["found_asymmetry"], own["asymmetry"])
    aimed = rank_correlation(own["value"], own["value_aimed"])
    for title, r, bound, reason in (
        (
            "learned with aimed at (rank correlation)",
            aimed,
            0.8,
            "a few cells lie where a fit can tell no more",
        ),
        ("fitted to spikes with learned values (r)", found_value, 0.7, "half of the variance"),
        (
            "fitted to spikes with asymmetries put in (r)",
            slant,
            chance,
            f"chance exceeds it in one of forty cases with {many} cells",
        ),
    ):
        claims.append(
            enough.at_least(
                f"{OWN}: {title}",
                r,
                (1 - r**2) / (many - 1) ** 0.5,
                bound,
                0.1,
                f"{reason}; error over cells",
                many,
                null=0.0,
                kind="validation",
            )
        )
    return claims


def _recorded(result: Dataset) -> bool:
    return bool(config_of(result)["recordings"])


def _recovered(found: DataArray, true: DataArray) -> float:
    """Mean correlation of what was fitted (fitted, cell) with what was so (cell,)."""
    return float(np.mean([np.corrcoef(row, true.values)[0, 1] for row in found.values]))


def _chance(cells: int) -> float:
    """Correlation over so many cells that chance exceeds in one of forty cases."""
    t = student.ppf(0.975, cells - 2)
    return float(t / np.sqrt(cells - 2 + t**2))


def _correlation(result: Dataset, arm: str) -> tuple[float, float]:
    """Half with half, mean over replicates and its standard error."""
    mean, error = mean_and_error(result["r"].sel(arm=arm, statistic=HALVES).values)
    return float(mean), float(error)


# -- panels ------------------------------------------------------------------------------------------------


def draw(data: Results) -> Figure:
    result = data["recorded_dopamine"]
    cells, populations = recorded(result), simulated(result)
    shown = {"cells": cells} if cells is not None else {}
    shown |= {arm: populations[arm][0] for arm in (OWN, ONE)}
    top, bottom = ["examples"] * 2 + ["maps"] * 4, [n for n in ("r", "means", "values") for _ in range(2)]
    layout: list[Any] = [top, bottom]
    figure, axes = mosaic(layout, 5.4)
    _examples(axes["examples"], result, next(iter(shown.values())), cells is not None)
    _maps(axes["maps"], shown)
    _summary(axes["r"], result, data["reversal_points"])
    _answers(axes["means"], result, cells)
    _values(axes["values"], result)
    return figure


def _fitted(result: Dataset) -> Population:
    """The population of own values, as it was put into the simulation."""
    own = result.sel(arm=OWN)
    return Population(
        "distributional",
        power=float(result["power"]),
        share=float(result["share"]),
        largest=float(np.nanmax(result["size"])),
        baseline=own["baseline"].values,
        gain=own["gain"].values,
        asymmetry=own["asymmetry"].values,
        value=own["value_aimed"].values,
        dispersion=np.full(result.sizes["cell"], MOST),
        log_likelihood=float("nan"),
    )


def _examples(panel: Axes, result: Dataset, cells: list[CellTrials], known: bool) -> None:
    population, sizes = _fitted(result), sizes_of(cells)
    points = reversal_points(cells).size
    order = np.argsort(points)
    fine = np.geomspace(max(sizes[0], 1e-3), sizes[-1], 200)
    for rank, colour in zip(RANKS, ("C5", "C4", "0.35"), strict=True):
        k = int(order[round(rank * (len(order) - 1))])
        mean, error = response_curve(cells[k], sizes, expected=False)
        panel.errorbar(sizes, mean, 2 * error, fmt="o", color=colour, markersize=3, elinewidth=0.8)
        rate = population.rate(fine, np.zeros(len(fine)))[k] - population.baseline[k]
        panel.plot(fine, rate, color=colour)
        panel.plot(points[k], 0, "v", color=colour, markersize=6, markeredgecolor="w")
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    title = "a  three recorded cells" if known else "a  three simulated cells"
    panel.set(xlabel="unexpected reward (µl)", ylabel="response (Hz)", title=title)


def _maps(panel: Axes, shown: Mapping[str, list[CellTrials]]) -> None:
    """Mean responses to unexpected rewards: each row a cell, each column a size."""
    panel.axis("off")
    panel.set_title("b  responses, cells by reversal point")
    wide = 0.8 / len(shown)
    for place, (name, cells) in enumerate(shown.items()):
        part = panel.inset_axes((0.02 + place * wide, 0.0, 0.9 * wide, 0.9))
        sizes = sizes_of(cells)
        points = reversal_points(cells).size
        order = np.argsort(points)
        curves = np.array([response_curve(cells[k], sizes, expected=False)[0] for k in order])
        scale = np.nanmax(np.abs(curves), axis=1, keepdims=True)
        image = part.imshow(curves / scale, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", origin="lower")
        logs = np.log(np.maximum(sizes, 1e-3))
        part.plot(np.interp(np.log(points[order]), logs, range(len(sizes))), range(len(order)), ".k")
        part.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes], fontsize=6)
        part.set_yticks([])
        part.tick_params(length=0)
        part.set_title(
            name, color=COLOURS["data" if name == "cells" else name], fontsize=8, loc="center", pad=2
        )
        part.set_in_layout(False)
        part.spines[:].set_visible(False)
    panel.text(
        0.5 * wide * len(shown),
        -0.17,
        "unexpected reward (µl)",
        transform=panel.transAxes,
        ha="center",
        fontsize=8,
    )
    bar = panel.inset_axes((0.86, 0.1, 0.02, 0.7))
    bar.set_in_layout(False)
    scale_bar = panel.figure.colorbar(image, cax=bar, ticks=[-1, 0, 1])
    scale_bar.set_label("response / the cell's largest", fontsize=7)
    bar.spines[:].set_visible(False)


def _summary(panel: Axes, result: Dataset, cells: Dataset) -> None:
    rows: list[str] = []
    marks = {HALVES: ("o", -0.13), RELATION: ("s", 0.13)}
    if _recorded(result):
        for statistic, (mark, shift) in marks.items():
            one = cells.sel(estimator="means", statistic=statistic)
            r, low, high = (float(one[name]) for name in ("r", "low", "high"))
            panel.errorbar([r], [shift], xerr=[[r - low], [high - r]], fmt=mark, color=COLOURS["data"])
            panel.axvspan(low, high, color="0.93" if mark == "o" else "0.96", zorder=0)
        rows = [f"{cells.sizes['cell']} cells"]
    for arm in ARMS:
        for statistic, (mark, shift) in marks.items():
            row = result["r"].sel(arm=arm, statistic=statistic).values
            panel.plot(row, np.full(len(row), len(rows) + shift), mark, color=COLOURS[arm], alpha=0.3)
            panel.plot(row.mean(), len(rows) + shift, mark, color=COLOURS[arm])
        rows.append(arm.replace(" ", "\n", 1))
    panel.axvline(0, color="0.8", zorder=0)
    panel.set_yticks(range(len(rows)), rows)
    panel.set(ylim=(len(rows) - 0.4, -0.6), xlabel="r (● halves, ■ asymmetry)", title="c  over cells")
    panel.set_xlim(-0.5, 1.0)
    panel.set_xticks([-0.5, 0, 0.5, 1])


def _answers(panel: Axes, result: Dataset, cells: list[CellTrials] | None) -> None:
    for label, colour in (("unexpected", "C0"), ("expected", "C1")):
        mean = result["mean_response"].sel(arm=OWN, expectation=label)
        panel.plot(result["reward"], mean, color=colour, label=f"{label}, {OWN}")
        if cells is not None:
            sizes, recorded_means = mean_responses(cells)
            panel.plot(sizes, recorded_means[int(label == "expected")], "o", color=colour)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    dots = f", dots: {len(cells)} cells" if cells is not None else ""
    panel.set(xlabel="reward (µl)", ylabel="mean response (Hz)", title=f"d  means{dots}")
    panel.legend()


def _values(panel: Axes, result: Dataset) -> None:
    for arm, label in ((ALIKE, "dips like bursts"), (OWN, "ratio of each cell")):
        row = result.sel(arm=arm)
        panel.plot(row["value_aimed"], row["value"], "o", color=COLOURS[arm], alpha=0.75, label=label)
    panel.axline((0, 0), (1, 1), color="0.8", zorder=0)
    top = 1.1 * float(max(result.sel(arm=[OWN, ALIKE])[name].max() for name in ("value", "value_aimed")))
    panel.set(xlim=(-0.03, top), ylim=(-0.03, top), xlabel="value fitted to the cell", ylabel="value learned")
    panel.set_title("e  what spikes teach")
    panel.legend(loc="lower right", handlelength=0.8)
