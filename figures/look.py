"""What all figures share: a colour for each rule and condition, one width, no screen, a result's settings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
    from xarray import DataArray as DataArray
    from xarray import Dataset as Dataset

    Results = Mapping[str, Dataset]
else:  # names for annotations: a figure is listed without these libraries
    Axes = Figure = DataArray = Dataset = Results = Any

STYLE = Path(__file__).with_name("hedon.mplstyle")
WIDTH = 7.5
"""Inches: what fits a page."""

# Okabe & Ito (2008): told apart without red-green vision, and in print
BLACK, GREY = "#000000", "0.5"
BLUE, SKY, GREEN, VERMILLION = "#0072B2", "#56B4E9", "#009E73", "#D55E00"
ORANGE, PURPLE, YELLOW = "#E69F00", "#CC79A7", "#F0E442"

COLOURS = {
    # rules
    "sgd": BLUE,
    "nsgd": SKY,
    "np": VERMILLION,
    "hand": ORANGE,
    "wp": GREEN,
    "projection": PURPLE,
    "scaled": YELLOW,
    "learned": BLACK,
    # what is perturbed in spikes
    "escape noise": ORANGE,
    "white current": VERMILLION,
    "coloured current": PURPLE,
    "stochastic release": BLUE,
    "weight fluctuation": GREEN,
    # whose broadcast is heard
    "learning": BLUE,
    "shuffled": VERMILLION,
    "frozen": GREY,
    # what neurons of a team hear
    "one": VERMILLION,
    "groups": SKY,
    "own": GREEN,
    "difference": GREEN,
    "agreement": BLUE,
    # rules of choice
    "ChosenValue": BLUE,
    "BothValues": ORANGE,
    "Reinforce": GREEN,
    # players
    "optimal": BLACK,
    "Bayes mirrored": BLACK,
    "Gittins finite": "0.35",
    "Thompson": "0.55",
    "UCB1": "0.7",
    "random": "0.6",
    # models of people
    "model-based": BLUE,
    "model-free": ORANGE,
    "mixture": GREEN,
    "mixture, forgetting": PURPLE,
    # outer loops
    "biological": BLUE,
    "cma": ORANGE,
    "null": GREY,
    # populations of dopamine neurons
    "data": "0.15",
    "own values": BLUE,
    "one value": ORANGE,
    "own asymmetries": PURPLE,
    "dips like bursts": GREEN,
    "values, asymmetries": SKY,
    "expectiles": PURPLE,
    "pooled trials": "0.6",
}


def config_of(result: Dataset) -> dict[str, Any]:
    """The configuration with which a result was made."""
    settings: dict[str, Any] = json.loads(result.attrs["config"])
    return settings


@contextmanager
def styled() -> Iterator[None]:
    """The style sheet, and no screen: the MPLBACKEND of a notebook names a module that need not be here."""
    asked = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if asked is not None:
            os.environ["MPLBACKEND"] = asked
    if "matplotlib.pyplot" not in sys.modules:
        matplotlib.use("Agg")
    from matplotlib import style

    with style.context(str(STYLE)):
        yield


def panels(rows: int, columns: int, height: float = 5.6, **keywords: Any) -> tuple[Figure, Any]:
    """A figure and its axes, without pyplot: nothing is registered, nothing need be closed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplots(rows, columns, **keywords)


def mosaic(layout: Sequence[Sequence[str]], height: float) -> tuple[Figure, Any]:
    """A figure and its axes by name."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplot_mosaic([list(row) for row in layout])


def ticks(panel: Axes, places: Iterable[float]) -> None:
    """Ticks of a logarithmic axis x at these places alone, each with its number."""
    where = list(places)
    panel.set_xticks(where, [f"{place:g}" for place in where])
    panel.set_xticks([], minor=True)
