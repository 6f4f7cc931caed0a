"""Four ways to perturb a spiking network all follow the gradient of expected reward.

Twenty Poisson inputs, five neurons, four patterns. (a) Cosine between the mean of n single-trial updates
and the gradient of the noisy network's expected reward (finite differences with common random numbers);
lines are sqrt(n/(n + K)), K the variance of one update over |gradient|^2, what their noise leaves of a
cosine of 1; the claims are of the cosine with the noise taken out. (b) Projection of the mean update
on the gradient: the magnitude is right too (bars: 5 standard errors). (c) Every synapse's mean update
against its gradient, and the same with the broadcast of another individual that saw the same pattern. (d)
Reward while learning; dotted: with the other individual's broadcast the weights diffuse and nothing is
learned (curves leave the panel below).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.statistics.intervals import signed_rank_z
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("spiking_alignment",)


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["spiking_alignment"]
    samples = json.loads(result.attrs["config"])["samples"]
    claims = []
    for name in result["rule"].values:
        one = result.sel(rule=name)
        claims.append(
            Claim.at_least(
                f"cosine, {name}",
                float(one["agreement"]),
                0.98,
                f"the noise of {samples} updates and of the reference taken out (Spearman 1904); with it "
                f"{float(one['cosine'][-1]):.4f}, where sqrt(n/(n + K)) is "
                f"{np.sqrt(samples / (samples + float(one['K']))):.4f}",
            )
        )
        claims.append(
            Claim.at_least(
                f"cosine without the trivial direction, {name}",
                float(one["agreement_untrivial"]),
                0.95,
                "neuron factor x mean input removed, and noise as above (with it "
                f"{float(one['cosine_untrivial']):.4f}); that direction alone has cosine "
                f"{float(one['trivial']):.2f} with the gradient",
            )
        )
        claims.append(
            Claim.estimate(
                f"projection on the gradient, {name}",
                float(one["projection"]),
                1.0,
                float(one["projection_error"]),
                source="its own and the reference's",
            )
        )
        claims.append(
            Claim(
                "shuffled broadcast along the gradient, z, " + str(name),
                float(one["shuffled_along"]),
                0,
                5,
                "|z| < 5",
            )
        )
        claims.append(
            Claim.at_most(
                f"shuffled broadcast, largest |z| of a synapse, {name}",
                float(np.abs(one["shuffled_z"]).max()),
                5,
                "no drift: |z| < 5 at every synapse",
            )
        )
        for broadcast, least in (("own", True), ("other", False)):
            gain = one["gain"].sel(broadcast=broadcast).values
            value = signed_rank_z(gain)
            lost = f"signed ranks, for single ones may run away; {int((gain < 0).sum())} of {gain.size} lost"
            claims.append(
                Claim.at_least(f"reward gained, z, {name}", value, 5, lost)
                if least
                else Claim.at_most(f"reward gained with another's broadcast, z, {name}", value, 5, lost)
            )
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["spiking_alignment"]
    figure, axes = panels(2, 2)
    _cosines(axes[0, 0], result)
    _projections(axes[0, 1], result)
    _synapses(axes[1, 0], result)
    _learning(axes[1, 1], result)
    return figure


def _colours(result: xr.Dataset) -> list[str]:
    return [COLOURS[str(name)] for name in result["rule"].values]


def _cosines(panel: Axes, result: xr.Dataset) -> None:
    n, colours = result["averaged"].values, _colours(result)
    grid = np.geomspace(n.min(), n.max(), 60)
    for number, name in enumerate(result["rule"].values):
        one = result.sel(rule=name)
        panel.semilogx(
            grid,
            np.sqrt(grid / (grid + float(one["K"]))),
            color=colours[number],
            lw=0.8,
        )
        panel.semilogx(
            n,
            one["cosine"],
            "o",
            color=colours[number],
            label=f"{name}, K = {float(one['K']):.0f}",
        )
    panel.axhline(1, color="0.6", linestyle=":")
    panel.set(
        xlabel="updates averaged n",
        ylabel="cosine with the gradient",
        title="a  direction",
        ylim=(None, 1.02),
    )
    panel.legend()


def _projections(panel: Axes, result: xr.Dataset) -> None:
    names, colours = list(result["rule"].values), _colours(result)
    panel.axvline(1, color="0.6", linestyle=":")
    for number in range(len(names)):
        one = result.isel(rule=number)
        panel.errorbar(
            one["projection"],
            number,
            xerr=5 * one["projection_error"],
            fmt="o",
            color=colours[number],
        )
    panel.set_yticks(range(len(names)), names)
    panel.set(
        xlabel="projection of the mean update on the gradient",
        title="b  magnitude",
        ylim=(len(names) - 0.5, -0.5),
    )


def _synapses(panel: Axes, result: xr.Dataset) -> None:
    colours = _colours(result)
    for number in range(result.sizes["rule"]):
        one = result.isel(rule=number)
        unit = float(np.sqrt((one["gradient"] ** 2).mean()))
        panel.plot(
            one["gradient"].values.ravel() / unit,
            one["shuffled"].values.ravel() / unit,
            ".",
            color="0.7",
            markersize=2,
            label="another's broadcast" if number == 0 else None,
        )
        panel.plot(
            one["gradient"].values.ravel() / unit,
            one["update"].values.ravel() / unit,
            ".",
            color=colours[number],
            markersize=3,
        )
    ends = np.array(panel.get_xlim())
    panel.plot(ends, ends, color="0.4", lw=0.6)
    panel.set(xlabel="gradient (rms 1)", ylabel="mean update", title="c  synapse by synapse")
    panel.legend()


def _learning(panel: Axes, result: xr.Dataset) -> None:
    patterns, colours = json.loads(result.attrs["config"])["patterns"], _colours(result)
    for number in range(result.sizes["rule"]):
        for broadcast, line in (("own", "-"), ("other", ":")):
            reward = result["reward"].isel(rule=number).sel(broadcast=broadcast).values
            smooth = np.convolve(reward, np.ones(2 * patterns) / (2 * patterns), "valid")
            panel.plot(
                np.arange(len(smooth)) + patterns,
                smooth - smooth[0],
                line,
                color=colours[number],
            )
    highest = panel.get_ylim()[1]
    panel.set(
        xlabel="trial",
        ylabel="median reward, from its start",
        title="d  learning",
        ylim=(-1.5 * highest, highest),
    )
