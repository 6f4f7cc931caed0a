"""In tasks that last, weight perturbation never pays for the length of a trial; node perturbation may.

Loss that one trial at the best weights adds, points on top of theory. (a) Against the bins T of a trial: the
noise of node perturbation (NP) sums over bins, that of weight perturbation (WP) does not. (b) How much more a
long trial costs NP than a short one, against the size sigma of its perturbation: T counts only where
sigma^2 (M T + 2)(M T + 4)/(8 T) > E_opt (to the right of the dotted lines), that is where what is tried
disturbs more than the error that no weights remove; below, NP pays for that error, whatever T. (c) Against
active inputs N_eff, on which WP depends more. (d) Weights from silent inputs: NP leaves them at rest,
exactly, WP lets them diffuse. (e) Loss over trials at half the best rate. Bars: 2 s.e. over networks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error, standard_error
from ..analysis.theory.temporal import Temporal
from .claims import Claim
from .look import COLOURS, GREY, ORANGE, VERMILLION, Axes, Dataset, Figure, Results, config_of, mosaic, ticks

EXPERIMENTS = ("temporal",)


NEAR = 0.1
"""Margin of a ratio to its closed form: errors are 1-3 %, what the other rule or length would read is far."""
SMALL = 0.04
"""Perturbation of Züge et al. (2023) in their example."""


def check(data: Results) -> list[Claim]:
    result = data["temporal"]
    config = config_of(result)
    short, long = min(config["bins"]), max(config["bins"])
    near = "chosen: errors are 1-3 %; the null is what a trial of the other length, or the other rule, costs"
    claims = []
    for rule in ("np", "wp"):
        cases = np.flatnonzero(result["case_rule"].values == rule)
        mean, error = mean_and_error(result["added"].values[cases], axis=1)
        expected = [_drive(config, *_case(result, int(case))) for case in cases]
        # what NP would read without a cost of length, and WP with NP's
        null = _drive(config, "np", short if rule == "np" else long, config["effective"])
        null /= _drive(config, rule, long, config["effective"])
        name = f"added loss of {rule.upper()}"
        margin = NEAR if rule == "np" else 1.5 * NEAR  # of WP the worst of seven lies two of its errors off
        claims.append(Claim.follows(name, mean, error, expected, margin, near, null=null))
    claims += _growths(result, config, short, long)
    np_cases = result["case_rule"].values == "np"
    steps, error = mean_and_error(result["silent_step"].values[~np_cases], axis=1)
    expected = [_silent_step(config, *_case(result, int(case))) for case in np.flatnonzero(~np_cases)]
    moved = float(np.abs(result["silent_step"].values[np_cases]).max())
    claims += [
        Claim.at_most(
            "largest squared step of a silent weight, NP",
            moved,
            0,
            "presynaptic activity is 0",
            kind="validation",
            null=float(steps.min()),
        ),
        Claim.follows("squared step of a silent weight, WP", steps, error, expected, NEAR, near, null=0),
    ]
    curves = {_curve_of(result, int(k)): _curve(result, config, int(k)) for k in result["curve"].values}
    for (rule, bins), (mean, error, theory) in curves.items():
        (other,) = (length for length in config["curve_bins"] if length != bins)
        claims.append(
            Claim.follows(
                f"loss of {rule.upper()}, T = {bins}",
                mean,
                error,
                theory,
                NEAR,
                f"chosen: errors are up to 2 %; the null is where NP ends at T = {other}",
                null=curves["np", other][0][-1] / theory[-1],
            )
        )
    return claims


def _growths(result: Dataset, config: Mapping[str, Any], short: int, long: int) -> list[Claim]:
    """How much more a long trial costs than a short one, and when."""
    grid = result["grid"]
    mean, error = mean_and_error(grid.transpose("sample", ...).values)
    expected = [
        _drive(config, "np", bins, config["effective"], sigma, left)
        for sigma in grid["sigma"].values
        for left in grid["unreachable"].values
        for bins in (short, long)
    ]
    where = {"sigma": config["sigma"], "unreachable": config["unreachable"]}
    times = f"cost of T = {long} / T = {short}"
    large, small, free = (
        _ratio(grid.sel(where | changed).transpose("ends", "sample").values)
        for changed in ({}, {"sigma": SMALL}, {"sigma": SMALL, "unreachable": 0.0})
    )
    flat = [result["added"].values[_find(result, "wp", bins, config["effective"])] for bins in (short, long)]
    wp, wp_error = _ratio(np.array(flat))
    left = f"E_opt = {config['unreachable']:g}"
    return [
        Claim.follows(
            "added loss of NP at all sigma and E_opt",
            mean.ravel(),
            error.ravel(),
            expected,
            0.25,
            "chosen: the errors are up to 4 %, and the worst of many is 3 of them off; the null is a cost "
            "without T",
            null=min(np.array(expected[::2]) / expected[1::2]),
        ),
        Claim.at_least(
            f"NP, sigma = {config['sigma']:g}, {left}: {times}",
            large,
            long / short / 2,
            "chosen: half of the factor in length; the null pays for no bin",
            null=1,
            headline=True,
        ),
        Claim.at_most(
            f"NP, sigma = {SMALL:g}, {left}: {times}",
            small,
            2,
            "chosen: less is paid for bins than for the rest; the null has no error that must remain",
            null=free[0],
            headline=True,
        ),
        Claim.equivalent(
            f"WP, sigma = {config['sigma']:g}, {left}: {times}",
            wp,
            1,
            wp_error,
            0.15,
            "chosen: errors are 2-3 %; the null is what NP pays",
            null=large[0],
            headline=True,
        ),
    ]


def _ratio(rows: np.ndarray) -> tuple[float, float]:
    """Mean of the second row over that of the first (2, sample), and its standard error."""
    mean, error = mean_and_error(rows, axis=1)
    ratio = float(mean[1] / mean[0])
    return ratio, ratio * float(np.hypot(*(error / mean)))


def draw(data: Results) -> Figure:
    result = data["temporal"]
    config = config_of(result)
    figure, axes = mosaic([["bins", "growth"], ["inputs", "silent"], ["curves", "curves"]], 7.6)
    _against(axes["bins"], result, config, "bins")
    _growth(axes["growth"], result, config)
    _against(axes["inputs"], result, config, "effective")
    _silent(axes["silent"], result, config)
    _curves(axes["curves"], result, config)
    return figure


def _case(result: Dataset, case: int) -> tuple[str, int, int]:
    return (
        str(result["case_rule"].values[case]),
        int(result["case_bins"].values[case]),
        int(result["case_effective"].values[case]),
    )


def _find(result: Dataset, rule: str, bins: int, effective: int) -> int:
    (case,) = (k for k in result["case"].values if _case(result, int(k)) == (rule, bins, effective))
    return int(case)


def _theory(
    config: Mapping[str, Any],
    rule: str,
    bins: float,
    effective: float,
    sigma: float | None = None,
    unreachable: float | None = None,
) -> Temporal:
    matched = 1.0 if rule == "np" else config["strength"] * effective**0.5
    return Temporal(
        rule,  # type: ignore[arg-type]
        config["outputs"],
        effective,  # type: ignore[arg-type]
        bins,  # type: ignore[arg-type]
        strength=config["strength"] ** 2,
        sigma=(config["sigma"] if sigma is None else sigma) / matched,
        error_opt=config["unreachable"] if unreachable is None else unreachable,
    )


def _drive(config: Mapping[str, Any], rule: str, bins: float, effective: float, *changed: float) -> float:
    """Loss that one trial at the best rate and weights adds, in theory; ``changed``: sigma, E_opt."""
    theory = _theory(config, rule, bins, effective, *changed)
    return float(theory.drive(theory.eta_opt))


def _silent_step(config: Mapping[str, Any], rule: str, bins: int, effective: int) -> float:
    theory = _theory(config, rule, bins, effective)
    return float(theory.silent_step_variance(theory.eta_opt, theory.error_opt))


def _curve_of(result: Dataset, curve: int) -> tuple[str, int]:
    return str(result["curve_rule"].values[curve]), int(result["curve_bins"].values[curve])


def _curve(
    result: Dataset, config: Mapping[str, Any], curve: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss in each block, its standard error, and theory from the actual starts."""
    rule, bins = _curve_of(result, curve)
    theory = _theory(config, rule, bins, config["effective"])
    rows = result["loss"].values[curve]
    ends = result["trial"].values.astype(int)
    start = float(result["start"].values[curve].mean()) + config["unreachable"]
    whole = theory.curve(config["fraction"] * theory.eta_opt, start, np.arange(ends[-1]))
    expected = whole.reshape(len(ends), -1).mean(axis=1)
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / len(rows) ** 0.5, expected


def _against(panel: Axes, result: Dataset, config: Mapping[str, Any], what: str) -> None:
    fixed, value = ("effective", config["effective"]) if what == "bins" else ("bins", config["bins_sweep"])
    for rule in ("np", "wp"):
        here = (result["case_rule"].values == rule) & (result[f"case_{fixed}"].values == value)
        part = result.isel(case=np.flatnonzero(here)).sortby(f"case_{what}")
        sizes = part[f"case_{what}"].values
        grid = np.geomspace(sizes.min(), sizes.max(), 30)
        pairs = [(size, value) if what == "bins" else (value, size) for size in grid]
        panel.plot(grid, [_drive(config, rule, *pair) for pair in pairs], color="0.6", zorder=0)
        errors = [2 * standard_error(row) for row in part["added"].values]
        panel.errorbar(
            sizes,
            part["added"].mean("update"),
            errors,
            fmt="o",
            color=COLOURS[rule],
            label=f"{rule.upper()}, σ = {config['sigma']:g}",
        )
    if what == "bins":
        rows = result["grid"].sel(sigma=SMALL, unreachable=config["unreachable"])
        small, error = mean_and_error(rows.transpose("sample", "ends").values)
        ends = [sizes.min(), sizes.max()]
        expected = [_drive(config, "np", bins, value, SMALL) for bins in grid]
        panel.plot(grid, expected, color="0.6", zorder=0)
        panel.errorbar(
            ends, small, 2 * error, fmt="o", mfc="white", color=COLOURS["np"], label=f"NP, σ = {SMALL:g}"
        )
    label, title = (
        ("bins T of a trial", f"a  $N_{{eff}}$ = {value}")
        if what == "bins"
        else ("active inputs $N_{eff}$", f"c  T = {value}")
    )
    left = f", $E_{{opt}}$ = {config['unreachable']:g}" if what == "bins" else ""
    panel.set(xscale="log", yscale="log", xlabel=label, ylabel="loss added by a trial", title=title + left)
    ticks(panel, sizes)
    panel.legend()


def _growth(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    grid, effective = result["grid"], config["effective"]
    ends, m = (min(config["bins"]), max(config["bins"])), config["outputs"]
    sigma = grid["sigma"].values
    fine = np.geomspace(sigma.min() / 1.3, sigma.max() * 1.3, 60)
    for left, colour in zip(grid["unreachable"].values, (GREY, ORANGE, VERMILLION), strict=True):
        costs = np.array([[_drive(config, "np", bins, effective, s, left) for bins in ends] for s in fine])
        panel.plot(fine, costs[:, 1] / costs[:, 0], color="0.6", zorder=0)
        found = [
            _ratio(grid.sel(sigma=s, unreachable=left).transpose("ends", "sample").values) for s in sigma
        ]
        value, error = np.array(found).T
        panel.errorbar(sigma, value, 2 * error, fmt="o", color=colour, label=f"$E_{{opt}}$ = {left:g}")
        T = ends[1]
        equal = (8 * T * left / (m * T + 2) / (m * T + 4)) ** 0.5
        if equal:
            panel.axvline(equal, color=colour, linestyle=":", linewidth=1)
    panel.axhline(1, color="0.6", linestyle=":")
    panel.set(
        xscale="log",
        xlabel="perturbation σ of the output",
        ylabel=f"cost of T = {ends[1]} / T = {ends[0]}",
        title="b  NP: when length costs",
        ylim=(0, None),
    )
    ticks(panel, sigma)
    panel.legend(loc="center right")


def _curves(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    for curve in result["curve"].values:
        rule, bins = _curve_of(result, curve)
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
    panel.set(yscale="log", xlabel="trial", ylabel="loss", title="e  learning curves")
    panel.legend()


def _silent(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
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
    panel.axhline(_silent_step(config, "wp", 10, config["effective"]), color="0.6", zorder=0)
    panel.set(
        xlabel="bins T of a trial",
        ylabel="mean square step of silent weights",
        title="d  silent inputs",
        ylim=(-0.1 * panel.get_ylim()[1], None),
    )
    panel.legend()
