"""In tasks that last, weight perturbation does not pay for the length of a trial; node perturbation does.

(a) Loss that one trial at the best weights adds, against the bins T of a trial: the noise of node
perturbation (NP) grows with T and with the error it cannot remove, that of weight perturbation (WP) with
neither. (b) The same against the number of active inputs N_eff, on which WP depends more. (c) Loss over
trials at half the best rate, on top of theory. (d) Weights from silent inputs: NP leaves them at rest,
exactly, and WP lets them diffuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.statistics.intervals import standard_error
from ..analysis.theory.temporal import Temporal
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("temporal",)


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["temporal"]
    config = json.loads(result.attrs["config"])
    claims = []
    for case in result["case"].values:
        rule, bins, effective = _case(result, int(case))
        theory = _theory(config, rule, bins, effective)
        rows = result["added"].sel(case=case).values
        claims.append(
            Claim.of_mean(
                f"added loss, {rule.upper()}, T = {bins}, N_eff = {effective}",
                rows,
                float(theory.drive(theory.eta_opt)),
            )
        )
    np_cases = result["case_rule"].values == "np"
    moved = float(np.abs(result["silent_step"].values[np_cases]).max())
    claims.append(Claim.at_most("largest step of a silent weight, NP", moved, 0, "presynaptic activity is 0"))
    for case in np.flatnonzero(~np_cases)[:1]:
        rule, bins, effective = _case(result, int(case))
        theory = _theory(config, rule, bins, effective)
        rows = result["silent_step"].values[case]
        expected = float(theory.silent_step_variance(theory.eta_opt, theory.error_opt))
        claims.append(Claim.of_mean("variance of a silent weight's step, WP", rows, expected))
    for curve in result["curve"].values:
        rule, bins = str(result["curve_rule"].values[curve]), int(result["curve_bins"].values[curve])
        mean, error, theory_curve = _curve(result, config, int(curve))
        z = (mean - theory_curve) / error
        worst = int(np.argmax(np.abs(z)))
        claims.append(
            Claim.estimate(
                f"loss of {rule.upper()}, T = {bins}, worst of {len(z)} blocks",
                mean[worst],
                theory_curve[worst],
                error[worst],
            )
        )
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["temporal"]
    config = json.loads(result.attrs["config"])
    figure, axes = panels(2, 2)
    _against(axes[0, 0], result, config, "bins")
    _against(axes[0, 1], result, config, "effective")
    _curves(axes[1, 0], result, config)
    _silent(axes[1, 1], result, config)
    return figure


def _case(result: xr.Dataset, case: int) -> tuple[str, int, int]:
    return (
        str(result["case_rule"].values[case]),
        int(result["case_bins"].values[case]),
        int(result["case_effective"].values[case]),
    )


def _theory(config: Mapping[str, Any], rule: str, bins: int, effective: int) -> Temporal:
    matched = 1.0 if rule == "np" else config["strength"] * effective**0.5
    return Temporal(
        rule,  # type: ignore[arg-type]
        config["outputs"],
        effective,
        bins,
        strength=config["strength"] ** 2,
        sigma=config["sigma"] / matched,
        error_opt=config["unreachable"],
    )


def _curve(
    result: xr.Dataset, config: Mapping[str, Any], curve: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss in each block, its standard error, and theory from the actual starts."""
    rule, bins = str(result["curve_rule"].values[curve]), int(result["curve_bins"].values[curve])
    theory = _theory(config, rule, bins, config["effective"])
    rows = result["loss"].values[curve]
    ends = result["trial"].values.astype(int)
    start = float(result["start"].values[curve].mean()) + config["unreachable"]
    whole = theory.curve(config["fraction"] * theory.eta_opt, start, np.arange(ends[-1]))
    expected = whole.reshape(len(ends), -1).mean(axis=1)
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / len(rows) ** 0.5, expected


def _against(panel: Axes, result: xr.Dataset, config: Mapping[str, Any], what: str) -> None:
    fixed, value = ("effective", config["effective"]) if what == "bins" else ("bins", config["bins_sweep"])
    for rule in ("np", "wp"):
        here = (result["case_rule"].values == rule) & (result[f"case_{fixed}"].values == value)
        part = result.isel(case=np.flatnonzero(here)).sortby(f"case_{what}")
        sizes = part[f"case_{what}"].values
        grid = np.geomspace(sizes.min(), sizes.max(), 30)
        expected = []
        for size in grid:
            theory = _theory(config, rule, *((size, value) if what == "bins" else (value, size)))
            expected.append(float(theory.drive(theory.eta_opt)))
        panel.plot(grid, expected, color="0.6", zorder=0)
        errors = [2 * standard_error(row) for row in part["added"].values]
        panel.errorbar(
            sizes, part["added"].mean("update"), errors, fmt="o", color=COLOURS[rule], label=rule.upper()
        )
    label, title = (
        ("bins T of a trial", f"a  $N_{{eff}}$ = {value}")
        if what == "bins"
        else ("active inputs $N_{eff}$", f"b  T = {value}")
    )
    panel.set(xscale="log", yscale="log", xlabel=label, ylabel="loss added by a trial", title=title)
    panel.set_xticks(sizes, sizes)
    panel.set_xticks([], minor=True)
    panel.legend()


def _curves(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    for curve in result["curve"].values:
        rule, bins = str(result["curve_rule"].values[curve]), int(result["curve_bins"].values[curve])
        mean, error, expected = _curve(result, config, int(curve))
        panel.plot(result["trial"], expected, color="0.6", zorder=0)
        panel.errorbar(
            result["trial"],
            mean,
            2 * error,
            fmt="o" if bins == min(config["curve_bins"]) else "s",
            markersize=3,
            color=COLOURS[rule],
            label=f"{rule.upper()}, T = {bins}",
        )
    panel.axhline(config["unreachable"], color="0.6", linestyle=":")
    panel.set(yscale="log", xlabel="trial", ylabel="loss", title="c  learning curves")
    panel.legend()


def _silent(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    for rule in ("np", "wp"):
        here = (result["case_rule"].values == rule) & (result["case_effective"].values == config["effective"])
        part = result.isel(case=np.flatnonzero(here)).sortby("case_bins")
        panel.plot(
            part["case_bins"],
            part["silent_step"].mean("update"),
            "o",
            color=COLOURS[rule],
            label=rule.upper(),
        )
    theory = _theory(config, "wp", 10, config["effective"])
    panel.axhline(float(theory.silent_step_variance(theory.eta_opt, theory.error_opt)), color="0.6", zorder=0)
    panel.set(
        xlabel="bins T of a trial",
        ylabel="mean square step of silent weights",
        title="d  silent inputs",
        ylim=(-0.1 * panel.get_ylim()[1], None),
    )
    panel.legend()
