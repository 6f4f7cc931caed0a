"""With a hidden layer, node perturbation bears width but not label noise, and still learns real images.

(a) Error of node perturbation in deep linear networks of growing hidden width, at 0.7 of the critical
rate of each, and the mean field. (b) Under label noise the first weights |W1|^2/L_x grow without end
under node perturbation (NP), not under gradient descent (SGD) at the same rate; who leaves the panel has
run away. (c) The same in the plane of weights and error, with the mean field and the nullcline of the
error. (d) Handwritten digits: accuracy on 360 test images against the samples seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.theory.hidden_layer import HiddenLayer
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("hidden_layers", "digits")
AWAY = 1.6
"""Weights are drawn up to this many times where the mean field ends; who leaves the panel has run away."""


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["hidden_layers"]
    config = json.loads(result.attrs["config"])
    return _width_claims(result, config) + noise_claims(result, config) + _digit_claims(data["digits"])


def _width_claims(result: xr.Dataset, config: Mapping[str, Any]) -> list[Claim]:
    widths = np.log(result["width"].values)
    width = int(result["width"].values[-1])
    grown = result["width_alpha"].sel(width=width).isel(moment=-1).values
    return [
        Claim(
            "trials to half the error, exponent in width at r eta*",
            float(np.polyfit(widths, np.log(_times(result)), 1)[0]),
            float(np.polyfit(widths, np.log(_field_times(result, config)), 1)[0]),
            0.15,
            "times of a few networks scatter by 10-20 % over a range of widths of 16",
        ),
        Claim(
            f"|W1|^2/L_x at the end / mean field from the same start, {width} hidden neurons",
            float((grown / _width_fields(result, config, width, "alpha")[:, -1]).mean()),
            1.0,
            0.1,
            "the mean field is for infinite width, and 4 networks scatter by 2 %",
        ),
    ]


def noise_claims(result: xr.Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """What is claimed under label noise; a network that has run away has grown more than any other."""
    alpha, noisy = result["noise_alpha"].sel(rule="np"), _noise_fields(result, config, "alpha")
    growth = result["noise_alpha"].isel(segment=-1) / result["noise_alpha"].isel(segment=0)
    half = result.sizes["segment"] // 2
    trial = int(result["noise_trial"].values[half])
    eps = np.percentile(_endless(result["noise_eps"].sel(rule="np")), 50, axis=0, method="lower")
    return [
        Claim.at_least(
            "growth of |W1|^2 under NP and label noise, least of the networks",
            float(_endless(growth.sel(rule="np")).min()),
            3,
            "chosen: simulation of the theory reads 4.2; one that has run away has grown without end",
        ),
        Claim.at_most(
            "growth of |W1|^2 under SGD, mean",
            growth.sel(rule="sgd").values.mean(),
            1.1,
            "chosen: simulation of the theory reads 1.04",
        ),
        Claim(
            f"|W1|^2/L_x under label noise, trial {trial} / mean field from the same start, median",
            float(np.median(_endless(alpha.isel(segment=half)) / noisy[:, trial - 1])),
            1.0,
            0.1,
            "the mean field is for infinite width, and the median of 4 networks scatters by 3 %",
        ),
        Claim.at_least(
            "error of NP at the end / at its least, label noise, lower median of the networks",
            float(eps[-1] / eps.min()),
            1.5,
            "the weights that grow raise the noise that the output takes from the perturbation",
        ),
    ]


def _digit_claims(images: xr.Dataset) -> list[Claim]:
    claims = []
    final = images["accuracy"].isel(segment=-1).mean("individual", skipna=False)
    chance = 0.1 + 5 * (0.1 * 0.9 / (360 * images.sizes["individual"])) ** 0.5
    floors = (
        {"sgd": 0.93, "np": 0.75, "wp": chance} if _short(images) else {"sgd": 0.95, "np": 0.9, "wp": chance}
    )
    for rule, floor in floors.items():
        why = "chance level and 5 standard errors" if rule == "wp" else "what these samples suffice for"
        claims.append(
            Claim.at_least(
                f"digits, test accuracy of {rule.upper()}", float(final.sel(rule=rule)), floor, why
            )
        )
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["hidden_layers"]
    config = json.loads(result.attrs["config"])
    figure, axes = panels(2, 2)
    _widths(axes[0, 0], result, config)
    _growth(axes[0, 1], result, config)
    _plane(axes[1, 0], result, config)
    _digits(axes[1, 1], data["digits"])
    return figure


def _short(images: xr.Dataset) -> bool:
    return float(images["samples"].sel(rule="np").max()) < 1e6


def _field(config: Mapping[str, Any], width: int) -> HiddenLayer:
    return HiddenLayer(config["width_inputs"], width, config["width_outputs"])


def _noisy(config: Mapping[str, Any]) -> HiddenLayer:
    return HiddenLayer(
        config["noise_inputs"], config["noise_hidden"], config["noise_outputs"], config["label_noise"]
    )


def _half(trial: np.ndarray, eps: np.ndarray) -> float:
    """First trial at which the error is half of its first value, between two looks."""
    level = np.log(eps / eps[0])
    below = int(np.argmax(level < np.log(0.5)))
    if level[below] >= np.log(0.5):
        return float("nan")
    pair = slice(below - 1, below + 1)
    return float(np.interp(np.log(2), -level[pair], trial[pair]))


def _endless(values: xr.DataArray) -> np.ndarray:
    """What a network that has run away, NaN, has come to: more than any number that means something."""
    return np.nan_to_num(values.values, nan=1e300, posinf=1e300)


def _times(result: xr.Dataset) -> np.ndarray:
    trial = result["width_trial"].values
    return np.array([_half(trial, row.mean(axis=0)) for row in result["width_eps"].values])


def _field_times(result: xr.Dataset, config: Mapping[str, Any]) -> np.ndarray:
    trial = result["width_trial"].values
    fields = [_width_fields(result, config, int(width), "eps") for width in result["width"].values]
    return np.array([_half(trial, rows.mean(axis=0)[trial - 1]) for rows in fields])


def _width_fields(result: xr.Dataset, config: Mapping[str, Any], width: int, which: str) -> np.ndarray:
    """``eps`` or ``alpha`` of the mean field from each network's own start (copy, trial since the first)."""
    theory = _field(config, width)
    eta, trials = config["width_rate"] * theory.eta_star, int(result["width_trial"].values[-1]) - 1
    starts = result["width_start"].sel(width=width).values
    place = ("eps", "alpha").index(which)
    return np.array([theory.four_variable_field(eta, trials, start)[place] for start in starts])


def _noise_fields(result: xr.Dataset, config: Mapping[str, Any], which: str) -> np.ndarray:
    """The same for node perturbation under label noise (individual, trial since the first)."""
    theory = _noisy(config)
    eta, trials = config["noise_rate"] * theory.eta_star, int(result["noise_trial"].values[-1]) - 1
    starts = result["noise_start"].sel(rule="np").values
    place = ("eps", "alpha").index(which)
    return np.array([theory.four_variable_field(eta, trials, start)[place] for start in starts])


def _widths(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    trial = result["width_trial"].values
    for place, width in enumerate(result["width"].values):
        theory = _field(config, int(width))
        eps = theory.four_variable_field(config["width_rate"] * theory.eta_star, config["width_trials"])[0]
        rows = result["width_eps"].sel(width=width).values
        panel.plot(trial, rows.mean(axis=0) / rows[:, 0].mean(), color=f"C{place}", label=f"$L_h$ = {width}")
        panel.plot(eps / eps[0], "--", color=f"C{place}", linewidth=0.8)
    panel.plot([], [], "--", color="0.4", linewidth=0.8, label="mean field")
    panel.set(yscale="log", xlabel="trial", ylabel="error / first error", title="a  width")
    panel.set_ylim(bottom=max(1e-4, panel.get_ylim()[0]))
    panel.legend()


def _growth(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    for rule in result["rule"].values:
        for row in result["noise_alpha"].sel(rule=rule).values:
            panel.plot(result["noise_trial"], row, color=COLOURS[rule], linewidth=0.8)
        panel.plot([], [], color=COLOURS[rule], label=rule.upper())
    theory = _noisy(config)
    field = theory.four_variable_field(config["noise_rate"] * theory.eta_star, config["noise_trials"])
    panel.plot(field[1], "--", color="0.4", linewidth=0.8, label="mean field, NP")
    panel.set(xlabel="trial", ylabel=r"$\alpha = |W_1|^2/L_x$", title="b  label noise")
    panel.set_ylim(0, AWAY * field[1].max())
    panel.legend()


def _plane(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    theory = _noisy(config)
    eta = config["noise_rate"] * theory.eta_star
    for row_a, row_e in zip(
        result["noise_alpha"].sel(rule="np").values, result["noise_eps"].sel(rule="np").values, strict=True
    ):
        panel.plot(row_a, row_e, color=COLOURS["np"], linewidth=0.8)
    eps, alpha, _ = theory.four_variable_field(eta, config["noise_trials"])
    panel.plot(alpha, eps, "--", color="0.4", label="mean field")
    scale = config["noise_hidden"] ** (1 / 3)
    grid = np.linspace(theory.a_0, alpha.max() / scale, 200)
    panel.plot(grid * scale, theory.nullcline(eta, grid), ":", color="0.4", label="nullcline, wide limit")
    panel.set(yscale="log", xlabel=r"$\alpha$", ylabel=r"error $\epsilon$", title="c  NP, label noise")
    panel.set(xlim=(0, AWAY * alpha.max()), ylim=(0.3 * eps.min(), 3 * eps.max()))
    panel.legend()


def _digits(panel: Axes, images: xr.Dataset) -> None:
    for rule in images["rule"].values:
        part = images.sel(rule=rule)
        for row in part["accuracy"].values:
            panel.plot(part["samples"], row, "-o", markersize=2, color=COLOURS[rule], linewidth=0.8)
        panel.plot([], [], color=COLOURS[rule], label=rule.upper())
    panel.axhline(0.1, color="0.6", linestyle=":")
    panel.set(xscale="log", xlabel="samples seen", ylabel="test accuracy", ylim=(0, 1), title="d  digits")
    panel.legend()
