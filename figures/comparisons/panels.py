"""The picture of a comparison: data with the models, and how far each model is from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.foundation.arrays import Array
from ...analysis.statistics.comparison import Axis, Measured, Placed, mean
from ..look import panels, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 6
"""Models drawn among the data at most, the nearest; all are in the panel of distances."""


def draw(measured: Measured, models: Mapping[str, Array], placed: Sequence[Placed], title: str) -> Figure:
    """Means with their intervals, null and models; beside them the distances with the noise ceiling."""
    from matplotlib.colors import to_hex

    near = {one.name: models[one.name] for one in placed[:SHOWN]}
    curves = tuple(dict.fromkeys(measured.axis.series)) if measured.axis is not None else ("",)
    if measured.apart:
        curves = measured.names
    with styled():
        widths = [*[5.0 / len(curves)] * len(curves), 1.9]
        height = max(3.4, 2.2 + 0.24 * len(placed))
        figure, axes = panels(1, len(widths), height, width_ratios=widths)
        colours = [to_hex(f"C{place}") for place in range(len(near))]
        if measured.axis is not None:
            for panel in axes[1:-1]:
                # before anything is drawn: later it would cut off what lies outside the first
                panel.sharey(axes[0])
            for panel, name in zip(axes, curves, strict=False):
                _curve(panel, measured, near, measured.axis, name, colours)
            for panel in axes[1:-1]:
                panel.tick_params(labelleft=False)
            axes[0].set_ylabel(_unit(measured))
            if len(curves) > 2:
                # narrow panels share one label
                axes[(len(curves) - 1) // 2].set_xlabel(measured.axis.label)
        elif measured.apart:
            for place, panel in enumerate(axes[:-1]):
                _points(panel, measured, near, colours, slice(place, place + 1))
                panel.set_ylabel("")
        else:
            _points(axes[0], measured, near, colours)
        _distances(axes[-1], measured, placed, colours)
        figure.suptitle(title.partition(";")[0], x=0.01, ha="left", fontsize=9)
        both = [axes[place].get_legend_handles_labels() for place in (0, -1)]
        handles, labels = (one + other for one, other in zip(*both, strict=True))
        shown = sorted(zip(labels, handles, strict=True), key=lambda one: not one[0].startswith("data"))
        figure.legend(
            [handle for _, handle in shown], [label for label, _ in shown], loc="outside lower left", ncols=4
        )
    return figure


def _curve(
    panel: Axes, measured: Measured, models: Mapping[str, Array], axis: Axis, name: str, colours: list[str]
) -> None:
    here = np.array([series == name for series in axis.series])
    x = np.array(axis.x)[here]
    low, high = (values[here] for values in measured.interval())
    middle = measured.mean[here]
    dense = len(x) > 12
    if dense:
        panel.fill_between(x, low, high, color="0.8", linewidth=0, zorder=0)
        panel.plot(x, middle, color="black", label=_data(measured), zorder=3)
    else:
        panel.plot(x, measured.rows[:, here].T, color="0.9", linewidth=0.6, zorder=-1)
        panel.errorbar(x, middle, _bars(middle, low, high), fmt="ko-", label=_data(measured), zorder=3)
    panel.plot(x, mean(measured.null)[here], "--", color="0.55", label="null", zorder=1)
    for colour, (model, values) in zip(colours, models.items(), strict=True):
        panel.plot(
            x, values[here], "-" if dense else "o-", color=colour, markersize=3, linewidth=1, label=model
        )
    if axis.log:
        panel.set_xscale("log")
        panel.xaxis.set_major_formatter("{x:g}")
    panel.set(xlabel=axis.label if len(set(axis.series)) < 3 else None, title=name)
    drawn = [middle, low, high, mean(measured.null)[here], *(values[here] for values in models.values())]
    _limit(panel, drawn)


def _points(
    panel: Axes,
    measured: Measured,
    models: Mapping[str, Array],
    colours: list[str],
    here: slice = slice(None),
) -> None:
    """The numbers side by side, or some of them."""
    names, middle = measured.names[here], measured.mean[here]
    place = np.arange(len(names))
    low, high = (values[here] for values in measured.interval())
    spread = np.linspace(-0.3, -0.12, len(measured.rows))[:, None]
    panel.plot(place + spread, measured.rows[:, here], ".", color="0.8", markersize=3, zorder=0)
    panel.errorbar(place, middle, _bars(middle, low, high), fmt="ko", label=_data(measured), zorder=3)
    panel.plot(place, mean(measured.null)[here], "_", color="0.45", markersize=14, label="null", zorder=2)
    for number, (colour, (model, values)) in enumerate(zip(colours, models.items(), strict=True)):
        shift = 0.12 + 0.22 * number / max(1, len(models) - 1)
        panel.plot(place + shift, values[here], "D", color=colour, markersize=3.5, label=model)
    panel.set_xticks(place, [_wrapped(name) for name in names])
    if len(place) > 5:
        panel.tick_params(axis="x", rotation=60)
    panel.set(xlim=(-0.5, len(place) - 0.5), ylabel=_unit(measured))


def _distances(panel: Axes, measured: Measured, placed: Sequence[Placed], colours: list[str]) -> None:
    """Distance of each model and of the null, with bootstrap intervals; grey: what noise alone gives."""
    null = mean(measured.null)
    rows: list[tuple[str, float, float, float, str]] = [
        (one.name, one.distance, one.low, one.high, colours[place] if place < len(colours) else "0.4")
        for place, one in enumerate(placed)
    ]
    rows.append(("null", measured.distance(null), *measured.distance_interval(null), "0.55"))
    ceiling, highest = measured.distance_ceiling()
    for place, (_, distance, low, high, colour) in enumerate(rows):
        if np.isfinite(distance):
            panel.plot([low, high], [place, place], color=colour)
            panel.plot(distance, place, "o", color=colour)
    if np.isfinite(ceiling):
        panel.axvspan(0, highest, color="0.92", zorder=0, label="within the noise of the data")
        panel.axvline(ceiling, color="0.6", linewidth=0.8, zorder=0)
    else:
        panel.text(0.5, 0.5, "needs four\nrows or more", ha="center", va="center", transform=panel.transAxes)
    panel.set_xlim(0)
    panel.set_yticks(range(len(rows)), [_broken(name) for name, *_ in rows])
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set(xlabel="standard errors of the data", title="distance")


def _bars(middle: Array, low: Array, high: Array) -> Array:
    return np.abs(np.array([middle - low, high - middle]))


def _limit(panel: Axes, drawn: Sequence[Array]) -> None:
    """Let the lines of single rows not squeeze what is compared."""
    known = np.concatenate([values[np.isfinite(values)] for values in drawn])
    if len(known) and np.ptp(known) > 0:
        edge = 0.15 * np.ptp(known)
        low, high = known.min() - edge, known.max() + edge
        others: Any = panel.get_ylim() if panel.get_shared_y_axes().get_siblings(panel)[1:] else (low, high)
        panel.set_ylim(min(low, others[0]), max(high, others[1]))


def _unit(measured: Measured) -> str:
    return "" if measured.unit == "1" else measured.unit


def _data(measured: Measured) -> str:
    many = len(measured.rows)
    return f"data: {many} {measured.kind}{'s' if many > 1 else ''}, 95 % interval"


def _broken(name: str, width: int = 16) -> str:
    """A long name in lines, broken at its spaces and hyphens."""
    lines = [""]
    for part in re.split(r"(?<=[-_ ])", name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(name: str) -> str:
    words, middle = name.split(), (len(name.split()) + 1) // 2
    return " ".join(words[:middle]) + "\n" + " ".join(words[middle:]) if len(words) > 1 else name
