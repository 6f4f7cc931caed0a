"""Recorded dopamine cells each expect a value of their own, and so does a spiking population fitted to them.

Cells: Eshel et al. 2016 (doi:10.1038/nn.4239), as re-used in Dabney et al. 2020
(doi:10.1038/s41586-019-1924-6), where the recordings are at hand. Populations: the experiment
`recorded_dopamine`. (a) Three cells, responses to unexpected rewards (200 to 600 ms after them, two standard
errors), with what the model of own values and asymmetries says of them. (b) Responses to unexpected rewards,
cells in the order of their reversal points (dots). (c) Reversal points in two halves of the trials.
(d) Asymmetry in one half, reversal point in the other, means over halves. (e) The correlations of (c) and
(d), mean over random halves: data with the interval (95 %) over cells, cells drawn from the pooled trials,
populations as recorded from several times. (f) How much better held-out trials are foretold than by one value
and one asymmetry, for each cell; mean and its interval (95 %). (g) Mean responses with and without
announcement. (h) Values that spiking neurons learned, against those fitted to the cells: with dips that teach
more than bursts, and with both alike.

Reversal points are found by `means` (`analysis.reversal_points`): `signs`, as in Dabney et al., shows
reliable differences in the population of one value too, for its cells differ in where their baselines lie
between whole numbers of spikes. What stays open: a cell's value is not the expectile that its own firing
asymmetry gives (that model, in (f), is hardly better than one value), and what it learns from dips that are
cut off at zero rate lies elsewhere (h).
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..analysis.recordings.places import VARIABLE
from ..analysis.responses.dopamine_population import MOST, Population
from ..analysis.responses.dopamine_responses import FOLDER, rank_correlation
from ..analysis.responses.reversal_points import Halves, Points, halves, reversal_points, utility
from ..analysis.responses.reward_trials import CellTrials, pooled, sizes_of
from ..analysis.statistics.intervals import bootstrap_interval, mean_and_error
from ..models.experiments.recorded_dopamine import ALIKE, ARMS, ONE, OWN, SLANTED, recorded_trials
from .claims import Claim
from .look import COLOURS, mosaic

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("recorded_dopamine",)
NEEDS = (
    f"the recordings of Eshel et al. 2016 (doi:10.1038/nn.4239), as re-used in Dabney et al. 2020 "
    f"(doi:10.1038/s41586-019-1924-6): {FOLDER}/*.nwb in the folder that {VARIABLE} names"
)
MEASURED = {"half with half": 0.68, "asymmetry with reversal point": 0.49}
"""What was found in the recordings of twenty cells, mean over random halves."""
ISSUE = "what the study set out to show"
CHANCE = 0.44
"""Correlation of twenty cells that chance exceeds in one of twenty cases, either way."""
PLACES = 3
"""Maps side by side."""
NULLS = 10
RANKS = (0.15, 0.5, 0.95)
"""Places of the cells shown in the order of reversal points."""
PLOTTED = {
    "asymmetry": "own asymmetry",
    "value": "own value",
    "expectile": "own expectile",
    "distributional": "value, asymmetry",
}


@dataclass(frozen=True)
class Analysed:
    """Cells through the analysis."""

    cells: Sequence[CellTrials]
    points: Points
    halves: Halves

    @classmethod
    def of(cls, cells: Sequence[CellTrials], splits: int = 100) -> Analysed:
        return cls(cells, reversal_points(cells), halves(cells, splits=splits))

    @property
    def spread(self) -> np.ndarray:
        """Each cell's share of the variance of reversal points, log10 microlitres."""
        place = np.log10(self.points.size)
        return (place - place.mean()) ** 2


@cache
def _data() -> Analysed | None:
    cells = recorded_trials()
    return None if cells is None else Analysed.of(cells, splits=200)


def simulated(result: xr.Dataset) -> dict[str, list[list[CellTrials]]]:
    """The trials of every recorded population: name -> (replicate, cell)."""
    size, expected = result["size"].values, result["expected"].values
    many = np.isfinite(size).sum(axis=1)
    return {
        str(arm): [
            [
                CellTrials(size[k, :n], expected[k, :n] > 0, spikes[k, :n], before[k, :n])
                for k, n in enumerate(many)
            ]
            for spikes, before in zip(
                result["spikes"].sel(arm=arm).values, result["before"].sel(arm=arm).values, strict=True
            )
        ]
        for arm in result["arm"].values
    }


_models: dict[bytes, dict[str, list[Analysed]]] = {}


def _populations(result: xr.Dataset) -> dict[str, list[Analysed]]:
    key = result["spikes"].values.tobytes()[:4096]
    if key not in _models:
        _models.clear()
        _models[key] = {
            name: [Analysed.of(cells) for cells in many] for name, many in simulated(result).items()
        }
    return _models[key]


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["recorded_dopamine"]
    models, cells = _populations(result), _data()
    return [*_data_claims(result, cells), *_fitted_claims(models, cells), *_model_claims(result, models)]


def _data_claims(result: xr.Dataset, cells: Analysed | None) -> list[Claim]:
    names = [f"{name}, by signs (r)" for name in MEASURED]
    better = "own values: lower bound of the gain over one value on held-out trials (nats a trial)"
    if cells is None or "held_out" not in result:
        bounds = zip([*names, better], [*MEASURED.values(), 0.0], strict=True)
        return [Claim.waiting(name, bound, NEEDS) for name, bound in bounds]
    found = halves(cells.cells, "signs")
    reason = "half the interval (95 %) over these cells; expected is what twenty cells gave"
    rng = np.random.default_rng(0)
    nulls = np.array([halves(pooled(cells.cells, rng), splits=60).correlations for _ in range(NULLS)])
    low, _ = bootstrap_interval(_gain(result, "held_out", "distributional"))
    return [
        *(
            Claim(name, one.r, expected, (one.high - one.low) / 2, reason)
            for name, one, expected in zip(
                names, (found.reliability, found.relation), MEASURED.values(), strict=True
            )
        ),
        Claim.at_most(
            "asymmetry with reversal point, by signs (median p)", found.relation.p, 0.05, "measured: .03"
        ),
        *(
            Claim.of_mean(f"cells drawn from pooled trials: {name} (r)", row, 0.0)
            for name, row in zip(MEASURED, nulls.T, strict=True)
        ),
        Claim.at_least(better, float(low), 0.0, ISSUE),
    ]


def _fitted_claims(models: Mapping[str, list[Analysed]], cells: Analysed | None) -> list[Claim]:
    """Whether populations show what the cells show."""
    names = [f"{OWN}: {name} (r)" for name in MEASURED]
    names += [f"{OWN}: spread of reversal points (variance, log10 µl)"]
    order = f"{OWN}: rank correlation with the recorded means"
    if cells is None:
        return [Claim.waiting(name, 0.0, NEEDS) for name in names] + [Claim.waiting(order, 0.95, NEEDS)]
    intervals = [(one.low, one.high) for one in (cells.halves.reliability, cells.halves.relation)]
    low, high = bootstrap_interval(cells.spread)
    intervals.append((float(low), float(high)))
    own = [*_correlations(models[OWN]), float(np.mean([one.spread.mean() for one in models[OWN]]))]
    claims = [
        Claim(name, value, (a + b) / 2, (b - a) / 2, "the interval (95 %) of the data over cells")
        for name, value, (a, b) in zip(names, own, intervals, strict=True)
    ]
    for arm in (ONE, SLANTED, ALIKE):
        claims.append(
            Claim.at_most(
                f"{arm}: half with half (r)",
                _correlations(models[arm])[0],
                intervals[0][0],
                "the lower end of the data's interval (95 %) over cells",
            )
        )
    claims.append(
        Claim.at_most(
            f"{ONE}: asymmetry with reversal point (r)",
            _correlations(models[ONE])[1],
            intervals[1][0],
            "the lower end of the data's interval (95 %) over cells",
        )
    )
    means = [_means(one.cells) for one in models[OWN]]
    both = rank_correlation(np.mean(means, axis=0), _means(cells.cells))
    return [*claims, Claim.at_least(order, both, 0.95, "as the figure of conditioning asks")]


def _model_claims(result: xr.Dataset, models: Mapping[str, list[Analysed]]) -> list[Claim]:
    own = result.sel(arm=OWN)
    low, _ = bootstrap_interval(_gain(result, "held_out_own", "distributional"))
    return [
        Claim.at_least(
            f"{OWN}: learned with aimed at (rank correlation)",
            rank_correlation(own["value"], own["value_aimed"]),
            0.8,
            "a few cells lie at the ends of what a fit can tell",
        ),
        Claim.at_least(
            f"{OWN}: fitted to spikes with learned values (r)",
            _recovery(result["found_value"], own["value"]),
            0.7,
            "half of the variance, with as many trials as the cells have",
        ),
        Claim.at_least(
            f"{OWN}: fitted to spikes with asymmetries put in (r)",
            _recovery(result["found_asymmetry"], own["asymmetry"]),
            CHANCE,
            "the 5 % bound of chance for twenty cells",
        ),
        Claim.at_least(
            f"{OWN}, simulated: lower bound of the gain on held-out trials (nats)", float(low), 0.0, ISSUE
        ),
        Claim.at_most(
            f"{ONE}, simulated: lower bound of the gain on held-out trials (nats)",
            float(bootstrap_interval(_gain(result, "held_out_one", "distributional"))[0]),
            0.0,
            "where no cell has a value of its own, looking for one gains nothing",
        ),
        *(
            Claim.at_most(
                f"{ONE}: {name} (r), simulated", r, CHANCE, "the 5 % bound of chance for twenty cells"
            )
            for name, r in zip(MEASURED, _correlations(models[ONE]), strict=True)
        ),
        Claim.at_least(
            f"{OWN} - {ONE}: half with half (r)",
            _correlations(models[OWN])[0] - _correlations(models[ONE])[0],
            0.2,
            "the size that a study of twenty cells can tell from none",
        ),
    ]


def _recovery(found: xr.DataArray, true: xr.DataArray) -> float:
    """Mean correlation of what was fitted (fitted, cell) with what was so (cell,)."""
    return float(np.mean([np.corrcoef(row, true.values)[0, 1] for row in found.values]))


def _gain(result: xr.Dataset, name: str, model: str) -> np.ndarray:
    """Of a model over one value and asymmetry, nats a trial, for each cell."""
    rows = result[name]
    which = rows.dims[0]
    return rows.sel({which: model}).values - rows.sel({which: "shared"}).values


def _correlations(many: Sequence[Analysed]) -> tuple[float, float]:
    first, second = np.mean([one.halves.correlations for one in many], axis=0)
    return float(first), float(second)


def _means(cells: Sequence[CellTrials]) -> np.ndarray:
    """Mean response (Hz), unexpected and expected, over the cells that got each: (expected, size)."""
    return np.nanmean(
        [[_curve(cell, sizes_of(cells), e)[0] for e in (False, True)] for cell in cells], axis=0
    )


def _curve(cell: CellTrials, sizes: np.ndarray, expected: bool) -> tuple[np.ndarray, np.ndarray]:
    """Mean response of a cell to each size, and its standard error; NaN where there is none."""
    found = []
    for size in sizes:
        response = cell.response[(cell.size == size) & (cell.expected == expected)]
        mean, error = mean_and_error(response) if len(response) else (np.nan, np.nan)
        found.append((float(mean), float(error)))
    return tuple(np.array(found).T)  # type: ignore[return-value]


# -- panels ------------------------------------------------------------------------------------------------


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["recorded_dopamine"]
    models, cells = _populations(result), _data()
    shown = {"data": cells} if cells is not None else {}
    shown |= {arm: models[arm][0] for arm in (OWN, ONE)}
    layout: list[Any] = [
        ["cells", "maps", "maps"],
        ["halves", "slant", "r"],
        ["gain", "means", "values"],
    ]
    figure, axes = mosaic(layout, 7.4)
    _examples(axes["cells"], result, next(iter(shown.values())), cells is not None)
    _maps(axes["maps"], shown)
    _halves(axes["halves"], shown)
    _slants(axes["slant"], shown)
    _summary(axes["r"], models, cells)
    _gains(axes["gain"], result)
    _answers(axes["means"], models, cells)
    _values(axes["values"], result)
    return figure


def _fitted(result: xr.Dataset) -> Population:
    """The population of own values, as it was put into the simulation."""
    own = result.sel(arm=OWN)
    recorded = "power" in result
    row: Any = result.sel(model="distributional") if recorded else None
    config = json.loads(result.attrs["config"])
    return Population(
        "distributional",
        power=float(row["power"]) if recorded else config["power"],
        share=float(row["share"]) if recorded else config["share"],
        largest=float(np.nanmax(result["size"])),
        baseline=own["baseline"].values,
        gain=own["gain"].values,
        asymmetry=own["asymmetry"].values,
        value=own["value_aimed"].values,
        dispersion=np.full(result.sizes["cell"], MOST),
        log_likelihood=float("nan"),
    )


def _examples(panel: Axes, result: xr.Dataset, one: Analysed, recorded: bool) -> None:
    population, sizes = _fitted(result), sizes_of(one.cells)
    order = np.argsort(one.points.size)
    fine = np.geomspace(max(sizes[0], 1e-3), sizes[-1], 200)
    for rank, colour in zip(RANKS, ("C5", "C4", "0.35"), strict=True):
        k = int(order[round(rank * (len(order) - 1))])
        mean, error = _curve(one.cells[k], sizes, expected=False)
        panel.errorbar(sizes, mean, 2 * error, fmt="o", color=colour, markersize=3, elinewidth=0.8)
        rate = population.rate(fine, np.zeros(len(fine)))[k] - population.baseline[k]
        panel.plot(fine, rate, color=colour)
        panel.plot(one.points.size[k], 0, "v", color=colour, markersize=6, markeredgecolor="w")
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    title = "a  three recorded cells" if recorded else "a  three simulated cells"
    panel.set(xlabel="unexpected reward (µl)", ylabel="response (Hz)", title=title)


def _maps(panel: Axes, shown: Mapping[str, Analysed]) -> None:
    """Mean responses to unexpected rewards: each row a cell, each column a size."""
    panel.axis("off")
    panel.set_title("b  responses, cells by reversal point")
    wide = 0.86 / PLACES
    if "data" not in shown:
        panel.text(
            0.58,
            0.45,
            textwrap.fill("Needs " + NEEDS, 32, break_long_words=False, break_on_hyphens=False),
            fontsize=6,
            va="center",
            color="0.4",
        )
    for place, (name, one) in enumerate(shown.items()):
        part = panel.inset_axes((0.02 + place * wide, 0.0, 0.9 * wide, 0.9))
        sizes = sizes_of(one.cells)
        order = np.argsort(one.points.size)
        curves = np.array([_curve(one.cells[k], sizes, expected=False)[0] for k in order])
        scale = np.nanmax(np.abs(curves), axis=1, keepdims=True)
        image = part.imshow(curves / scale, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", origin="lower")
        logs = np.log(np.maximum(sizes, 1e-3))
        part.plot(np.interp(np.log(one.points.size[order]), logs, range(len(sizes))), range(len(order)), ".k")
        part.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes], fontsize=6)
        part.set_yticks([])
        part.tick_params(length=0)
        part.set_title(name, color=COLOURS[name], fontsize=8, loc="center", pad=2)
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
    bar = panel.inset_axes((0.91, 0.1, 0.02, 0.7))
    bar.set_in_layout(False)
    scale_bar = panel.figure.colorbar(image, cax=bar, ticks=[-1, 0, 1])
    scale_bar.set_label("response / the cell's largest", fontsize=7)
    bar.spines[:].set_visible(False)


def _places(one: Analysed, values: np.ndarray) -> np.ndarray:
    """Reversal points on the axis of utility as rewards (microlitres)."""
    sizes, axis = utility(one.cells)
    return np.exp(np.interp(values, axis, np.log(np.maximum(sizes, 1e-3))))


def _in_microlitres(panel: Axes, axis: Literal["x", "y"], sizes: np.ndarray) -> None:
    """A logarithmic axis over the sizes of reward, with ticks where people look for them."""
    low, high = max(sizes[0], 1e-3), sizes[-1]
    panel.set(**{f"{axis}scale": "log", f"{axis}lim": (0.8 * low, 1.25 * high)})
    ticks = [t for t in (0.1, 0.3, 1, 3, 10, 30, 100) if low <= t <= high]
    panel.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": [f"{t:g}" for t in ticks]})
    panel.tick_params(which="minor", axis=axis, length=0, labelbottom=False, labelleft=False)


def _halves(panel: Axes, shown: Mapping[str, Analysed]) -> None:
    for name, one in reversed(list(shown.items())):
        first, second = (_places(one, half[0]) for half in one.halves.reversal)
        panel.plot(first, second, "o", color=COLOURS[name], alpha=0.7, markeredgewidth=0)
    panel.axline((1, 1), (2, 2), color="0.8", zorder=0)
    sizes = sizes_of(next(iter(shown.values())).cells)
    _in_microlitres(panel, "x", sizes)
    _in_microlitres(panel, "y", sizes)
    panel.set(xlabel="reversal point, one half (µl)", ylabel="other half (µl)")
    panel.set_title("c  reversal points")


def _slants(panel: Axes, shown: Mapping[str, Analysed]) -> None:
    for name, one in reversed(list(shown.items())):
        place = _places(one, one.halves.reversal[0].mean(axis=0))
        slant = np.nanmean(one.halves.asymmetry[1], axis=0)
        panel.plot(place, slant, "o", color=COLOURS[name], alpha=0.7, markeredgewidth=0, label=name)
    panel.set(xlabel="reversal point, one half (µl)", ylabel="asymmetry, other half", ylim=(0, 1))
    _in_microlitres(panel, "x", sizes_of(next(iter(shown.values())).cells))
    panel.set_title("d  asymmetry")
    panel.legend(loc="lower right", handlelength=0.8)


def _summary(panel: Axes, models: Mapping[str, list[Analysed]], cells: Analysed | None) -> None:
    rows: list[str] = []
    marks = (("o", -0.13), ("s", 0.13))
    if cells is not None:
        found = (cells.halves.reliability, cells.halves.relation)
        for (mark, shift), one in zip(marks, found, strict=True):
            bars = [[one.r - one.low], [one.high - one.r]]
            panel.errorbar([one.r], [shift], xerr=bars, fmt=mark, color=COLOURS["data"])
            panel.axvspan(one.low, one.high, color="0.93" if mark == "o" else "0.96", zorder=0)
        rng = np.random.default_rng(0)
        null = np.array([halves(pooled(cells.cells, rng), splits=60).correlations for _ in range(NULLS)])
        for (mark, shift), values in zip(marks, null.T, strict=True):
            panel.errorbar([values.mean()], [1 + shift], xerr=values.std(ddof=1), fmt=mark, color="0.6")
        rows = ["data", "pooled\ntrials"]
    for arm in ARMS:
        values = np.array([one.halves.correlations for one in models[arm]])
        for (mark, shift), row in zip(marks, values.T, strict=True):
            panel.plot(row, np.full(len(row), len(rows) + shift), mark, color=COLOURS[arm], alpha=0.3)
            panel.plot(row.mean(), len(rows) + shift, mark, color=COLOURS[arm])
        rows.append(arm.replace(" ", "\n", 1))
    panel.axvline(0, color="0.8", zorder=0)
    panel.set_yticks(range(len(rows)), rows)
    panel.set(
        ylim=(len(rows) - 0.4, -0.6),
        xlabel="r (● points, ■ asymmetries)",
        title="e  correlations of halves",
    )
    panel.set_xlim(-0.5, 1.0)
    panel.set_xticks([-0.5, 0, 0.5, 1])


def _gains(panel: Axes, result: xr.Dataset) -> None:
    panel.axhline(0, color="0.8", zorder=0)
    rows: list[tuple[str, np.ndarray, str]] = []
    if "held_out" in result:
        rows = [(label, _gain(result, "held_out", model), "0.15") for model, label in PLOTTED.items()]
    rows += [
        (f"simulated {arm}", _gain(result, name, "distributional"), COLOURS[arm])
        for name, arm in (("held_out_own", OWN), ("held_out_one", ONE))
    ]
    for place, (_, values, colour) in enumerate(rows):
        panel.plot(
            place + np.linspace(-0.25, 0.25, len(values)), np.sort(values), ".", color=colour, alpha=0.35
        )
        low, high = bootstrap_interval(values)
        bars = [[values.mean() - low], [high - values.mean()]]
        panel.errorbar([place], [values.mean()], bars, fmt="o", color=colour)
    panel.set_yscale("symlog", linthresh=0.02, linscale=1.0)
    panel.set_yticks([-0.02, 0, 0.02, 0.1, 0.3], ["−0.02", "0", "0.02", "0.1", "0.3"])
    panel.minorticks_off()
    panel.set_xticks(range(len(rows)), [label for label, *_ in rows], rotation=38, ha="right", fontsize=6)
    panel.set(ylabel="gain over one value (nats/trial)", title="f  held-out trials")


def _answers(panel: Axes, models: Mapping[str, list[Analysed]], cells: Analysed | None) -> None:
    one = models[OWN][0]
    sizes = sizes_of(one.cells)
    mean = np.mean([_means(single.cells) for single in models[OWN]], axis=0)
    for row, (colour, label) in enumerate((("C0", "unexpected"), ("C1", "expected"))):
        panel.plot(sizes, mean[row], color=colour, label=label)
        if cells is not None:
            panel.plot(sizes_of(cells.cells), _means(cells.cells)[row], "o", color=colour)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    title = "g  cells (dots), own values (lines)" if cells is not None else "g  own values"
    panel.set(xlabel="reward (µl)", ylabel="mean response (Hz)", title=title)
    panel.legend()


def _values(panel: Axes, result: xr.Dataset) -> None:
    for arm, label in ((ALIKE, "dips like bursts"), (OWN, "dips teach more")):
        row = result.sel(arm=arm)
        panel.plot(row["value_aimed"], row["value"], "o", color=COLOURS[arm], alpha=0.75, label=label)
    panel.axline((0, 0), (1, 1), color="0.8", zorder=0)
    top = 1.1 * float(max(result.sel(arm=[OWN, ALIKE])[name].max() for name in ("value", "value_aimed")))
    panel.set(xlim=(-0.03, top), ylim=(-0.03, top), xlabel="value fitted to the cell", ylabel="value learned")
    panel.set_title("h  what spikes teach")
    panel.legend(loc="lower right", handlelength=0.8)
