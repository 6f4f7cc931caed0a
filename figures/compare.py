"""The same analysis on recordings and on models, side by side in one table and one figure: `hedon compare`.

An analysis turns each cell or subject into one row of named numbers. Shown are the mean with its bootstrap
interval over rows (95 %), the null (labels shuffled within each row), and, for each model given, its own
numbers. How well a model does is its rank correlation with the recorded means; the noise ceiling is that of
one random half of the rows with the other (mean of 200 halvings), and the null shows what no relation gives.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..analysis import results
from ..analysis.behaviour import read_behaviour
from ..analysis.change_points import EARLY, LATE, update_slopes
from ..analysis.dopamine_responses import rank_correlation, variable_reward
from ..analysis.mistakes import Mistake, nearest
from ..analysis.recordings import Recording, read_nwb
from ..analysis.statistics import bootstrap_interval
from ..analysis.stay import KINDS, stay_probabilities

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
HALVINGS = 200


@dataclass(frozen=True)
class Measured:
    """What an analysis found."""

    names: tuple[str, ...]
    """of the numbers"""
    rows: Array
    """(cell or subject, number); NaN where one was not measured"""
    null: Array
    """the same with labels shuffled"""
    unit: str

    @property
    def mean(self) -> Array:
        return _mean(self.rows)

    def interval(self) -> tuple[Array, Array]:
        """Bootstrap interval of the means, over rows."""
        low, high = bootstrap_interval(self.rows, _mean, resamples=1000)
        return np.asarray(low), np.asarray(high)

    def ceiling(self, seed: int = 0) -> float:
        """Mean rank correlation between the means of two random halves of the rows."""
        many = len(self.rows)
        if many < 4:
            return float("nan")
        generator = np.random.default_rng(seed)
        found = []
        for _ in range(HALVINGS):
            order = generator.permutation(many)
            found.append(
                agreement(_mean(self.rows[order[: many // 2]]), _mean(self.rows[order[many // 2 :]]))
            )
        return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")


@dataclass(frozen=True)
class Analysis:
    """How files are read, and which numbers a model's result has to set against them."""

    says: str
    measure: Callable[[Sequence[Path], Mapping[str, str]], Measured]
    model: Callable[[xr.Dataset, tuple[str, ...]], Mapping[str, Array]] | None = None
    """name -> numbers of each model in a result; None: no experiment has them yet"""


def agreement(one: Array, other: Array) -> float:
    """Rank correlation over the numbers that both have; NaN for fewer than three."""
    both = np.isfinite(one) & np.isfinite(other)
    return rank_correlation(one[both], other[both]) if both.sum() >= 3 else float("nan")


def _mean(rows: Array) -> Array:
    known = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return np.where(known, rows, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


# -- analyses --------------------------------------------------------------------------------------

TRIALS = ("expected", "reward_ul", "t_cue", "t_outcome")


def _reward_response(files: Sequence[Path], columns: Mapping[str, str]) -> Measured:
    generator = np.random.default_rng(0)
    cells: list[dict[tuple[int, float], float]] = []
    nulls: list[dict[tuple[int, float], float]] = []
    for file in files:
        recording = read_nwb(file)
        trials = {name: recording.trials.get(columns.get(name, name)) for name in TRIALS}
        missing = [columns.get(name, name) for name, values in trials.items() if values is None]
        if missing:
            raise Mistake(
                f"{file}: trials have no column '{missing[0]}'; there are {', '.join(recording.trials)}"
            )
        table = {name: np.asarray(values, float) for name, values in trials.items()}
        if not len(table["reward_ul"]):
            raise Mistake(f"{file} has no trials")
        if not np.isfinite(table["t_outcome"]).all():
            raise Mistake(f"{file}: t_outcome is not a number in every trial")
        order = generator.permutation(len(table["reward_ul"]))
        shuffled = table | {"reward_ul": table["reward_ul"][order]}
        for spikes in recording.spike_times:
            cells.append(_responses(Recording((spikes,), table)))
            nulls.append(_responses(Recording((spikes,), shuffled)))
    if not cells:
        raise Mistake("no unit in any of the files")
    keys = sorted({key for cell in cells for key in cell})
    names = tuple(f"{'expected' if row else 'unexpected'} {size:g} µl" for row, size in keys)

    def rows(found: list[dict[tuple[int, float], float]]) -> Array:
        return np.array([[cell.get(key, np.nan) for key in keys] for cell in found])

    return Measured(names, rows(cells), rows(nulls), "Hz")


def _responses(cell: Recording) -> dict[tuple[int, float], float]:
    """Mean response of one cell to each size, unexpected (0) and expected (1)."""
    with np.errstate(invalid="ignore"):
        found: dict[tuple[int, float], float] = {}
        for row in (0, 1):
            here = (np.asarray(cell.trials["expected"]) > 0) == bool(row)
            if here.any():
                part = Recording(cell.spike_times, {name: v[here] for name, v in cell.trials.items()})
                filled = variable_reward([part], rows=(row,))
                found |= {
                    (row, float(size)): float(value)
                    for size, value in zip(filled.sizes, filled.response[0, 0], strict=True)
                }
    return found


def _conditioning_model(data: xr.Dataset, names: tuple[str, ...]) -> Mapping[str, Array]:
    from .conditioning import SIZES, sizes_of

    rows = data["tested_protocol"].values == "magnitude"
    models = {}
    for share in np.unique(data["share"].values[rows]):
        means = sizes_of(data, share)
        numbers = {
            f"{kind} {size:g} µl": means[row, column]
            for row, kind in enumerate(("unexpected", "expected"))
            for column, size in enumerate(SIZES)
        }
        models[f"expects {share:.0%}"] = np.array([numbers.get(name, np.nan) for name in names])
    return models


def _behaviour_files(files: Sequence[Path]) -> Path:
    if len(files) != 1:
        raise Mistake("this analysis takes one CSV file with all subjects")
    return files[0]


def _stay(files: Sequence[Path], columns: Mapping[str, str]) -> Measured:
    people = read_behaviour(_behaviour_files(files), ("action", "reward", "common"), columns)
    null = stay_probabilities(people, shuffle=0).probability
    return Measured(KINDS, stay_probabilities(people).probability, null, "probability of staying")


def _change_points(files: Sequence[Path], columns: Mapping[str, str]) -> Measured:
    people = read_behaviour(_behaviour_files(files), ("estimate", "outcome", "change_point"), columns)
    names = tuple(f"trials {low} to {high} after a change" for low, high in (EARLY, LATE))
    return Measured(names, update_slopes(people), update_slopes(people, shuffle=0), "learning rate")


ANALYSES: dict[str, Analysis] = {
    "reward-response": Analysis(
        "responses (200 to 600 ms) by size and expectation, NWB files", _reward_response, _conditioning_model
    ),
    "stay-probabilities": Analysis(
        "staying by reward and transition in the two-step task, one CSV file", _stay
    ),
    "change-point-rate": Analysis(
        "learning rate early and late after a change, one CSV file", _change_points
    ),
}


# -- the command ---------------------------------------------------------------------------------


def compare(
    files: Sequence[Path | str],
    analysis: str,
    models: Sequence[Path | str] = (),
    columns: Mapping[str, str] | None = None,
    out: Path | str | None = None,
) -> tuple[Path, str]:
    """Measure the files, set the models beside them; writes NAME.png and NAME.csv.

    Returns:
        the folder written, and the table as text.

    Raises:
        Mistake: no such analysis, file or result; a file that cannot be read; a model without the numbers.
    """
    if analysis not in ANALYSES:
        raise Mistake(
            f"no analysis '{analysis}'{nearest(analysis, ANALYSES)}; there are {', '.join(ANALYSES)}"
        )
    if not files:
        raise Mistake("name at least one file of data")
    chosen = ANALYSES[analysis]
    measured = chosen.measure([Path(file) for file in files], dict(columns or {}))
    found: dict[str, Array] = {}
    for model in models:
        if chosen.model is None:
            raise Mistake(f"no experiment gives the numbers of '{analysis}' yet; leave --model out")
        result = results.read(model)
        try:
            found |= chosen.model(result.dataset, measured.names)
        except KeyError:
            name = result.description.experiment
            raise Mistake(f"{model} is of '{name}', which has no {analysis}; 'conditioning' has") from None
    ranked = sorted(found, key=lambda name: -np.nan_to_num(agreement(found[name], measured.mean), nan=-2))
    found = {name: found[name] for name in ranked}
    folder = Path(out) if out is not None else results.root() / "compare"
    text = _table(measured, found, len(files))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{analysis}.csv").write_text(_csv(measured, found), encoding="utf-8")
        _draw(measured, found, analysis).savefig(folder / f"{analysis}.png")
    except OSError as error:
        raise results.unwritable(folder, error) from error
    return folder / f"{analysis}.png", text


def _table(measured: Measured, models: Mapping[str, Array], files: int) -> str:
    low, high = measured.interval()
    null = _mean(measured.null)
    head = ["", f"data ({measured.unit})", "95 % interval", "null", *models]
    rows = [
        [name, f"{mean:.3f}", f"{a:.3f} .. {b:.3f}", f"{zero:.3f}", *(f"{m[k]:.3f}" for m in models.values())]
        for k, (name, mean, a, b, zero) in enumerate(
            zip(measured.names, measured.mean, low, high, null, strict=True)
        )
    ]
    fits = [f"{agreement(m, measured.mean):.3f}" for m in models.values()]
    null_fit = agreement(null, measured.mean)
    rows.append(["rank correlation", f"ceiling {measured.ceiling():.3f}", "", f"{null_fit:.3f}", *fits])
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    lines = (
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    )
    return f"{len(measured.rows)} rows from {files} file{'s' if files > 1 else ''}\n" + "\n".join(lines)


def _csv(measured: Measured, models: Mapping[str, Array]) -> str:
    low, high = measured.interval()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "unit", "mean", "low", "high", "null", *models])
    null = _mean(measured.null)
    for k, name in enumerate(measured.names):
        values = (measured.mean[k], low[k], high[k], null[k], *(m[k] for m in models.values()))
        writer.writerow([name, measured.unit, *(f"{value:.6g}" for value in values)])
    return text.getvalue()


def _draw(measured: Measured, models: Mapping[str, Array], title: str) -> Figure:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    place = np.arange(len(measured.names))
    low, high = measured.interval()
    figure, panel = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    panel.plot(place, measured.rows.T, color="0.88", linewidth=0.7, zorder=0)
    error = np.abs(np.array([measured.mean - low, high - measured.mean]))
    panel.errorbar(place, measured.mean, error, fmt="ko", label="data, 95 % interval", zorder=3)
    panel.plot(place, _mean(measured.null), "x", color="0.5", label="null")
    for name, values in models.items():
        panel.plot(
            place, values, "o-", markersize=4, label=f"{name}, r = {agreement(values, measured.mean):.2f}"
        )
    panel.set_xticks(place, measured.names, rotation=60, ha="right")
    panel.set(ylabel=measured.unit, title=title)
    panel.legend(fontsize=8)
    plt.close(figure)
    return figure
