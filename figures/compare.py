"""The same analysis on recordings and on models, side by side in one table and one figure: `hedon compare`.

An analysis (`comparisons`) turns each cell or subject into one row of named numbers. Shown are the mean
with its interval over rows (95 %, Student's t), the null (labels shuffled within each row), and the numbers
of each model. A model is the result folder of an experiment, or files that go through the very same
analysis: a session that a simulation wrote, or a folder of them. Models are ranked by their distance from
the data, set beside the noise ceiling and the distance of the null (`analysis/statistics/comparison.py`).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..analysis.foundation import Array, Mistake, results
from ..analysis.foundation.progress import Progress as Bar
from ..analysis.statistics.comparison import Measured, Placed, agreement, ranked
from ..models.conditioning import sessions
from . import comparisons
from .comparisons.data import Data, Progress
from .comparisons.panels import draw

DPI = 150
MOST = 40
"""Numbers that are printed; the file holds all."""
FILES = ("*.nwb", "*.csv", "*.csv.gz", "*.npz")
"""Files that a folder of simulated sessions holds."""


def compare(
    files: Sequence[Path | str],
    analysis: str,
    models: Sequence[Path | str] = (),
    columns: Mapping[str, str] | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
    **taken: Any,
) -> tuple[Path, str]:
    """Measure the files, set the models beside them; writes NAME.png, NAME.csv, NAME-rows.csv
    (cells or subjects, with what was fitted to each) and NAME-models.csv.

    Args:
        files: of the data.
        analysis: one of `comparisons.ANALYSES`.
        models: result folders, files, or folders of files.
        columns: our name -> the files' name, where they differ.
        progress: by default a bar, or lines in a log.
        taken: which trials, units, event and window: fields of `comparisons.data.Data`.
        out: the folder to write, by default ``compare`` among the results.

    Returns:
        the picture written, and the tables as text.

    Raises:
        Mistake: no such analysis, file or result; a file that cannot be read; a model without the numbers.
    """
    if progress is None:
        with Bar("compare") as bar:
            return compare(files, analysis, models, columns, out, bar, **taken)
    chosen = comparisons.load(analysis)
    if not files:
        raise Mistake("name at least one file of data")
    names, paths = dict(columns or {}), [Path(file) for file in files]
    data = Data(paths, names, progress, **taken)
    measured = comparisons.measure(analysis, data)
    found = _models(chosen, analysis, [Path(model) for model in models], measured, data)
    placed = ranked(measured, found)
    found = {one.name: found[one.name] for one in placed}
    folder = Path(out) if out is not None else results.root() / "compare"
    picture = folder / f"{analysis}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{analysis}.csv").write_text(csv_text(_numbers(measured, found, "{:.6g}")), "utf-8")
        (folder / f"{analysis}-rows.csv").write_text(csv_text(_rows(measured)), "utf-8")
        (folder / f"{analysis}-models.csv").write_text(
            csv_text(_ranking(measured, placed, "{:.6g}")), "utf-8"
        )
        draw(measured, found, placed, comparisons.summary(analysis)).savefig(picture, dpi=DPI)
    except OSError as error:
        raise results.unwritable(folder, error) from error
    many = f"{len(measured.rows)} {measured.kind}{'s' if len(measured.rows) > 1 else ''}"
    head = f"{many} from {len(paths)} file{'s' if len(paths) > 1 else ''}"
    numbers = _numbers(measured, found, "{:.3f}")
    shown = _aligned(numbers[: MOST + 1])
    if len(numbers) > MOST + 1:
        shown += f"\n... and {len(numbers) - MOST - 1} more in {analysis}.csv"
    ranking = _aligned(_ranking(measured, placed, "{:.3f}"))
    return picture, "\n".join([head, *measured.notes, shown, "", ranking])


# -- models ----------------------------------------------------------------------------------------


def _models(
    chosen: ModuleType,
    analysis: str,
    paths: Sequence[Path],
    measured: Measured,
    data: Data,
) -> dict[str, Array]:
    """The numbers of each model, by its name."""
    found: dict[str, Array] = {}
    for path in paths:
        if (path / results.RUN).exists() or not path.exists():
            numbers = _of_result(chosen, analysis, path, data)
        else:
            files = sorted({file for kind in FILES for file in path.glob(kind)}) if path.is_dir() else [path]
            files = [file for file in files if not file.name.endswith(".trials.csv")]
            if not files:
                raise Mistake(f"{path} is no result folder, and there are no files of sessions in it")
            numbers = {path.name: _numbers_of(analysis, data.like(files, data.columns))}
        for name, values in numbers.items():
            if not set(values) & set(measured.names):
                raise Mistake(
                    f"{path}: '{name}' has no number that the data have; it has {', '.join(values)}; "
                    f"they have {', '.join(measured.names)}"
                )
            # two results of one experiment name their models alike
            unique = name if name not in found or name == path.name else f"{name} ({path.name})"
            if unique in found:
                raise Mistake(f"the model {path} is named twice")
            found[unique] = measured.numbers(values)
    return found


def _numbers_of(analysis: str, data: Data) -> Mapping[str, float]:
    own = comparisons.measure(analysis, data)
    return dict(zip(own.names, map(float, own.mean), strict=True))


def _of_result(
    chosen: ModuleType, analysis: str, path: Path, data: Data
) -> Mapping[str, Mapping[str, float]]:
    if not path.exists():
        raise Mistake(f"there is no result folder and no file {path}")
    known = tuple(getattr(chosen, "EXPERIMENTS", ()))
    if not known:
        raise Mistake(
            f"no experiment's result holds the numbers of '{analysis}'; give files of simulated sessions"
        )
    result = results.read(path)
    experiment = result.description.experiment
    if experiment in known and experiment == sessions.EXPERIMENT:
        # a session's spikes go through the very same analysis as an animal's
        made = sessions.recordings_of(result)
        return {path.name: _numbers_of(analysis, data.like(made, {}))}
    try:
        if experiment in known:
            return chosen.of_result(result.dataset)  # type: ignore[no-any-return]
    except KeyError:
        pass
    raise Mistake(f"{path} is of '{experiment}', which has no {analysis}; {' and '.join(known)} has")


# -- tables ----------------------------------------------------------------------------------------


def _numbers(measured: Measured, models: Mapping[str, Array], form: str) -> list[list[str]]:
    low, high = measured.interval()
    columns = [measured.mean, low, high, measured.null_mean, *measured.null_interval(), *models.values()]
    rows = zip(measured.names, *columns, strict=True)
    cells = [[name, measured.unit, *(_cell(value, form) for value in values)] for name, *values in rows]
    return [["number", "unit", "mean", "low", "high", "null", "null low", "null high", *models], *cells]


def _rows(measured: Measured) -> list[list[str]]:
    """`Measured.table`, without its library: importing that takes longer than measuring twenty cells."""
    columns = dict(zip(measured.names, measured.rows.T, strict=True)) | dict(measured.fitted)
    rows = zip(measured.row_names, *columns.values(), strict=True)
    cells = [[label, *("" if np.isnan(value) else str(value) for value in values)] for label, *values in rows]
    return [[measured.kind, *columns], *cells]


def _ranking(measured: Measured, placed: Sequence[Placed], form: str) -> list[list[str]]:
    """Ceiling, models from the nearest to the farthest, null.

    ``distance`` in standard errors, ``low`` and ``high`` its interval (95 %; for the ceiling, as far as the
    truth may fall), ``difference`` the root mean square in the data's unit.
    """
    null = measured.null_mean
    ceiling, highest = measured.distance_ceiling()
    nan = float("nan")
    head = ["model", "distance", "low", "high", "difference", "rank correlation", "numbers"]
    head.append("nearer than next")
    rows: list[tuple[str, tuple[float, ...]]] = [
        ("noise ceiling", (ceiling, nan, highest, nan, measured.ceiling(), len(measured.names), nan))
    ]
    for one in placed:
        values = (one.distance, one.low, one.high, one.difference, one.correlation, one.shared, one.nearer)
        rows.append((one.name, values))
    shared = int(np.isfinite(null).sum())
    fit = agreement(null, measured.mean)
    spread = measured.distance_interval(null)
    rows.append(("null", (measured.distance(null), *spread, measured.difference(null), fit, shared, nan)))
    cells = [[name, *(_cell(value, form) for value in values)] for name, values in rows]
    for row in cells:
        row[6] = str(int(float(row[6])))
    return [head, *cells]


def _cell(value: float, form: str) -> str:
    return form.format(value) if np.isfinite(value) else ""


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a file of comma-separated values."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
