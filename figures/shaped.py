"""Networks shaped by one broadcast, then frozen, beside their controls: what their figures have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, Axes, DataArray, Dataset

CONTROLS = {"shuffled": "another individual's broadcast", "untrained": "before training"}
CUE_CONTROLS = {
    "shuffled": "another individual's broadcast",
    "reset": "state emptied in every step",
    "untrained": "before training",
}
DRAWN = {"shuffled": VERMILLION, "untrained": GREY, "reset": GREEN}


def best(result: Dataset, smallest: bool = False) -> int:
    """Place of the best rate of the readouts alone, that of the largest or ``smallest`` mean; a rate at which
    networks diverged is the worst."""
    means = np.nan_to_num(result["readout"].values.mean(axis=1), nan=np.inf if smallest else -np.inf)
    return int(means.argmin() if smallest else means.argmax())


def readouts(result: Dataset, smallest: bool = False) -> np.ndarray:
    """What readouts alone do at their best rate (individual,)."""
    return np.asarray(result["readout"].values[best(result, smallest)])


def at_chance(
    name: str,
    values: DataArray,
    chance: float,
    margin: float,
    reason: str,
    null: float,
    controls: Mapping[str, str] = CONTROLS,
    least: float = 0.0,
) -> list[Claim]:
    """Controls do what chance does, with errors of at least ``least``; ``values`` (condition, individual)."""
    claims = []
    for condition, what in controls.items():
        mean, error = mean_and_error(values.sel(condition=condition).values)
        known = (float(mean), chance, max(float(error), least))
        claims.append(Claim.equivalent(name + what, *known, margin, reason, null=null, kind="finding"))
    return claims


def at_least_times(
    name: str, log: float, error: float, bound: float, reason: str, null: float = 1.0, **known: Any
) -> Claim:
    """At least so many times, from the mean of a logarithm: its lower end is two errors below.

    ``known``: as of `Claim.at_least`.
    """
    value, low = np.exp(log), np.exp(log - 2 * error)
    return Claim.at_least(name, (value, float(value - low) / 2), bound, reason, null=null, **known)


def lost(name: str, regret: DataArray, by_lot: float) -> list[Claim]:
    """Controls have most of the regret of choosing by lot; ``regret`` (condition, individual)."""
    null = float(regret.sel(condition="all").values.mean())
    reason = "chosen: most of the regret of choosing by lot"
    return [
        Claim.at_least(
            name + what,
            mean_and_error(regret.sel(condition=condition).values),
            0.6 * by_lot,
            reason,
            null=null,
        )
        for condition, what in CONTROLS.items()
    ]


def draw_curves(panel: Axes, result: Dataset, smallest: bool = False, along: str = "episode") -> None:
    """Every network while it learns; ``smallest`` as of `best`."""
    kinds = [("readouts alone", ORANGE, result["readout_curve"].values[best(result, smallest)])]
    if "carried_curve" in result:
        kinds.append(("by dopamine neurons", PURPLE, result["carried_curve"].values))
    kinds.append(("all plastic", BLUE, result["curve"].values))
    for label, colour, curves in kinds:
        for number, curve in enumerate(curves):
            name = None if number else label
            panel.plot(result[along] / 1000, curve, color=colour, linewidth=1, label=name)
    panel.set_xlabel(f"{along} / 1000")


def draw_frozen(
    panel: Axes,
    result: Dataset,
    measure: str,
    order: Sequence[str] = tuple(DRAWN),
    smallest: bool = False,
) -> None:
    """Every network with frozen weights, controls in this order."""
    values = result[measure]
    rows = {"all plastic": (values.sel(condition="all").values, BLUE)}
    if "carried" in result:
        rows["by dopamine"] = (result["carried"].values, PURPLE)
    rows["readouts"] = (readouts(result, smallest), ORANGE)
    draw_rows(panel, rows | {name: (values.sel(condition=name).values, DRAWN[name]) for name in order})


def draw_rows(panel: Axes, rows: Mapping[str, tuple[np.ndarray, str]]) -> None:
    """Values of each row (individual,), side by side."""
    for place, (values, colour) in enumerate(rows.values()):
        panel.plot(place + np.linspace(-0.2, 0.2, len(values)), values, "o", color=colour, markersize=3)
    panel.set_xticks(range(len(rows)), list(rows), rotation=40, ha="right")


def draw_players(
    panel: Axes, values: DataArray, names: Sequence[str] | None = None, side: float = 0.99
) -> None:
    """A line for each player (player,), named at ``side`` of the panel."""
    for name in values["player"].values.tolist() if names is None else names:
        value = float(values.sel(player=name))
        panel.axhline(value, color="0.6", linestyle=":", zorder=0)
        panel.annotate(
            name, (side, value), xycoords=("axes fraction", "data"), fontsize=6, va="bottom", ha="right"
        )
