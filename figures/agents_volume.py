"""Where dopamine comes from and how soon it is cleared decide who shares a signal.

Each neuron of a team earns by itself, and what it earns is released at the varicosities of an axon, one of
them near the neuron, the others anywhere in a volume; a target hears the sum of what reaches it
(`analysis.theory.volume`; after Wärnberg & Kumar 2023, doi:10.1073/pnas.2221994120, from memory). (a)
Signal-to-noise of a neuron's update against the length that dopamine gets before it is cleared, and
1/sqrt(G - 1) with the effective number G of neurons that share a target's dopamine (lines). With few
varicosities each target hears its own at any length; with many there is a length at which it does best:
shorter, what is released for it does not arrive, longer, everybody's does. (b) Right answers of teams that
have learned for a limited time, against G: dopamine in a volume (dots) does as groups of G neurons with a
broadcast each (line). Bars: 2 s.e.
"""

import numpy as np
from numpy.typing import NDArray

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import jackknife, mean_and_error
from ..analysis.theory.agents import signal_to_noise
from .claims import Claim
from .look import BLUE, ORANGE, Axes, Dataset, Figure, Results, mosaic, ticks

EXPERIMENTS = ("team_volume",)

COLOURS = (ORANGE, BLUE)


def check(data: Results) -> list[Claim]:
    result = data["team_volume"]
    many = result.sel(varicosities=result["varicosities"].max())
    return [*_noise_claims(result), *_learning_claims(result, many)]


def _noise_claims(result: Dataset) -> list[Claim]:
    noise = result["noise"].values.ravel()
    return [
        Claim.follows(
            "squared noise of a neuron's update over G - 1 of its own",
            noise,
            result["noise_error"].values.ravel(),
            np.ones(noise.size),
            0.35,
            "chosen, after four seeds; the null is one broadcast for all, where that is nearest",
            null=float(result["noise_broadcast"].min()),
            headline=True,
        )
    ]


def _learning_claims(result: Dataset, many: Dataset) -> list[Claim]:
    individuals = result.sizes["individual"]
    slope, error = jackknife(lambda kept: _slope(result, kept), individuals)
    right = many["right"].transpose("length", "individual").values
    best = int(np.argmax(right.mean(axis=1)))
    claims = [
        Claim.equivalent(
            "right answers of teams in a volume on those of groups of as many, slope",
            float(slope),
            1.0,
            float(error),
            0.2,
            "chosen: a fifth of the effect; the null is an anatomy that does not matter",
            null=0.0,
        )
    ]
    for name, place in (("the longest", -1), ("the shortest", 0)):
        claims.append(
            Claim.at_least(
                f"many varicosities: right answers at the best length above those at {name}",
                mean_and_error(right[best] - right[place]),
                0.02,
                "chosen: more than the last digit",
                null=0.0,
            )
        )
    return claims


def _theory(result: Dataset) -> Array:
    return np.asarray(signal_to_noise(result["sharing"].values, kurtosis=1.0))


def _as_groups(result: Dataset, kept: NDArray[np.bool_]) -> Array:
    """What groups of as many neurons come to, between sizes along the logarithm: (varicosities, length)."""
    groups = result["right_groups"].transpose("group", "individual").values[:, kept].mean(axis=1)
    shared = np.log(np.clip(result["sharing_learning"].values, 1, None))
    return np.asarray(np.interp(shared, np.log(result["group"].values), groups))


def _slope(result: Dataset, kept: NDArray[np.bool_]) -> float:
    right = result["right"].transpose("varicosities", "length", "individual").values[..., kept].mean(axis=-1)
    return float(np.polyfit(_as_groups(result, kept).ravel(), right.ravel(), 1)[0])


def draw(data: Results) -> Figure:
    result = data["team_volume"]
    figure, axes = mosaic([["noise", "learning"]], 3.2)
    _draw_noise(axes["noise"], result)
    _draw_learning(axes["learning"], result)
    return figure


def _draw_noise(panel: Axes, result: Dataset) -> None:
    length = result["length"].values
    for place, colour in enumerate(COLOURS[: result.sizes["varicosities"]]):
        row = result.isel(varicosities=place)
        panel.plot(length, _theory(result)[place], color=colour, linewidth=0.8)
        panel.errorbar(
            length,
            row["snr"],
            2 * row["snr_error"],
            fmt="o",
            color=colour,
            label=f"varicosities: {int(row['varicosities'])}",
        )
    panel.axhline(float(signal_to_noise(float(result["group"].max()), kurtosis=1.0)), color="0.7", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="length before clearance (sides of the volume)",
        ylabel="signal-to-noise of one update",
        title="a  one update (grey: one broadcast)",
    )
    ticks(panel, length)
    panel.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    panel.set_yticks([], minor=True)
    panel.legend()


def _draw_learning(panel: Axes, result: Dataset) -> None:
    mean, error = mean_and_error(result["right_groups"].transpose("individual", "group").values)
    panel.errorbar(result["group"], mean, 2 * error, fmt="-", color="0.6", label="groups")
    for place, colour in enumerate(COLOURS[: result.sizes["varicosities"]]):
        row = result.isel(varicosities=place)
        mean, error = mean_and_error(row["right"].transpose("individual", "length").values)
        label = f"varicosities: {int(row['varicosities'])}"
        panel.errorbar(row["sharing_learning"], mean, 2 * error, fmt="o", color=colour, label=label)
    panel.set(
        xscale="log",
        xlabel="neurons G that share a signal",
        ylabel="right answers",
        title="b  teams that learn",
    )
    ticks(panel, result["group"].values)
    panel.legend()
