"""With a hidden layer, node perturbation bears width but not label noise, and still learns real images.

(a) Error of node perturbation (NP) in deep linear networks of growing hidden width, at 0.7 of the critical
rate of each, and the mean field from the same starts. (b) Trials to a hundredth of the error over the mean
field's, less 1: it is too fast in narrow networks, by a part that falls about as 1/width (line). (c) Under
label noise the first weights |W1|^2/L_x grow without end under NP, not under gradient descent (SGD) at the
same rate; who leaves the panel has run away. (d) The same in the plane of weights and error, with the mean
field and the nullcline of the error. (e) Handwritten digits: accuracy on 360 test images against the
samples seen, with (f) rates that were tuned alike for all rules, on training images. Bars: 2 s.e. over
networks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from ..analysis.theory.hidden_layer import HiddenLayer
from .claims import Claim
from .look import COLOURS, Axes, DataArray, Dataset, Figure, Results, config_of, mosaic, ticks

EXPERIMENTS = ("hidden_layers", "digits")
AWAY = 1.6
"""Weights are drawn up to this many times where the mean field ends; who leaves the panel has run away."""
PART = 0.01
"""Part of the first error to which trials are counted."""
DRAWS = 400
"""Draws of the bootstrap over networks."""
CHANCE = 0.1
LABELS = {
    "sgd": "SGD",
    "nsgd": "normalised SGD",
    "np": "NP",
    "projection": "projection",
    "wp": "WP",
}


def check(data: Results) -> list[Claim]:
    result = data["hidden_layers"]
    config = config_of(result)
    return _width_claims(result, config) + noise_claims(result, config) + _digit_claims(data["digits"])


def _width_claims(result: Dataset, config: Mapping[str, Any]) -> list[Claim]:
    widths = [int(width) for width in result["width"].values]
    least, most = widths[0], widths[-1]
    times, fields = _times(result, config)
    gaps = times / fields
    narrow, narrow_error = _value_and_error(gaps[0])
    wide, wide_error = _value_and_error(gaps[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        falls, falls_error = _value_and_error((gaps[2] - 1) / (gaps[0] - 1))
    alpha = result["width_alpha"].sel(width=most).values
    field = _width_fields(result, config, most, "alpha")
    grown, grown_error = mean_and_error((alpha[:, -1] - alpha[:, 0]) / (field[:, -1] - field[:, 0]))
    return [
        Claim.at_most(
            f"NP at r eta*, trials to {PART:g} of the error, {most} hidden neurons / {least}",
            _value_and_error(times[-1] / times[0]),
            2,
            f"chosen: far below the null, a cost of every node that is perturbed; mean field "
            f"{fields[-1, 0] / fields[0, 0]:.2f}",
            null=most / least,
            headline=True,
        ),
        Claim.at_least(
            f"trials to {PART:g} of the error / mean field, {least} hidden neurons",
            (narrow, narrow_error),
            1.1,
            "chosen: well above 1, where the mean field, which is for infinite width, would hold",
            null=1.0,
            headline=True,
        ),
        Claim.equivalent(
            f"trials to {PART:g} of the error / mean field, {most} hidden neurons",
            wide,
            1 + (narrow - 1) * least / most,
            wide_error,
            0.09,
            f"chosen: errors are 1-2 %; expected is {least}/{most} of the excess of {least} hidden neurons; "
            "the null is the whole of it",
            null=narrow,
        ),
        Claim.at_most(
            f"excess over the mean field, {widths[2]} hidden neurons / {least}",
            (falls, falls_error),
            0.75,
            f"chosen: 1/width is {least / widths[2]:.2g}, .25 to .47 ± .07 at four seeds; the null is an "
            "excess that does not fall",
            null=1.0,
        ),
        Claim.equivalent(
            f"growth of |W1|^2 / mean field from the same start, {most} hidden neurons",
            float(grown),
            1,
            float(grown_error),
            0.2,
            "chosen: the mean field is for infinite width, networks scatter by 10 %; the null does not grow",
            null=0.0,
        ),
    ]


def noise_claims(result: Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """What is claimed under label noise; a network that has run away has grown more than any other."""
    alpha, noisy = result["noise_alpha"].sel(rule="np"), _noise_fields(result, config, "alpha")
    growth = result["noise_alpha"].isel(segment=-1) / result["noise_alpha"].isel(segment=0)
    half = result.sizes["segment"] // 2
    trial = int(result["noise_trial"].values[half])
    grown, grown_error = mean_and_error(growth.sel(rule="sgd").values)
    ratio = _endless(alpha.isel(segment=half)) / noisy[:, trial - 1]
    # spread of a median, from the middle half of the networks
    spread = 1.25 * float(np.subtract(*np.percentile(ratio, [75, 25]))) / 1.35 / len(ratio) ** 0.5
    still = result["noise_alpha"].sel(rule="sgd").isel(segment=half).values / noisy[:, trial - 1]
    np_rise, sgd_rise = (_rise(result["noise_eps"].sel(rule=rule)) for rule in ("np", "sgd"))
    return [
        Claim.at_least(
            "growth of |W1|^2 under NP and label noise, least of the networks",
            float(_endless(growth.sel(rule="np")).min()),
            2.5,
            "chosen: simulation of the theory reads 4.2, the least of few 3.8 at seed 6; "
            "who has run away has grown without end; null: SGD",
            null=_unless_away(float(grown)),
        ),
        Claim.at_most(
            "growth of |W1|^2 under SGD, mean",
            (grown, grown_error),
            1.1,
            "chosen: simulation of the theory reads 1.04; the null is NP's",
            null=float(_endless(growth.sel(rule="np")).min()),
        ),
        Claim.equivalent(
            f"|W1|^2/L_x under label noise, trial {trial} / mean field from the same start, median",
            float(np.median(ratio)),
            1.0,
            spread,
            0.15,
            f"chosen: the median of {len(ratio)} networks scatters by 3-5 %; the null is SGD's",
            null=_unless_away(float(np.median(still))),
        ),
        Claim.at_least(
            "error of NP at the end / at its least, label noise, lower median of the networks",
            np_rise,
            1.5,
            "chosen: well above what SGD fluctuates by, the null; grown weights raise the output's noise",
            null=_unless_away(sgd_rise),
            headline=True,
        ),
    ]


def _unless_away(value: float) -> float | None:
    """What a control reads; None where it has run away itself."""
    return float(value) if np.isfinite(value) and abs(value) < 1e100 else None


def _rise(eps: DataArray) -> float:
    """Error at the end over its least, of the lower median of the networks."""
    middle = np.percentile(_endless(eps), 50, axis=0, method="lower")
    return float(middle[-1] / middle.min())


def _digit_claims(images: Dataset) -> list[Claim]:
    final = images["accuracy"].isel(segment=-1)
    right = {rule: final.sel(rule=rule).values for rule in LABELS}
    mean, error = (
        {rule: float(part) for rule, part in zip(LABELS, parts, strict=True)}
        for parts in zip(*(mean_and_error(right[rule]) for rule in LABELS), strict=True)
    )
    short = float(images["samples"].max()) < 1e6
    floors = {"sgd": 0.9, "nsgd": 0.88, "np": 0.6, "projection": 0.75, "wp": 0.15}
    claims = [
        Claim.at_least(
            f"digits, test accuracy of {label}",
            (mean[rule], error[rule]),
            floors[rule],
            "chosen: what these samples suffice for; the null is chance, the rival normalised SGD",
            null=CHANCE,
            rival=mean["nsgd"],
        )
        for rule, label in LABELS.items()
    ]
    ahead = mean["np"] - mean["wp"]
    claims.append(
        Claim.at_least(
            "digits, accuracy of NP less that of WP",
            (ahead, np.hypot(error["np"], error["wp"])),
            0.2 if short else 0.05,
            "chosen: far above 0, where weights would be as easily asked as nodes",
            null=0.0,
        )
    )
    places = images["rates"].values == images["eta"].values[:, None]
    edge = int(places[:, [0, -1]].sum())
    claims.append(
        Claim.at_most(
            f"of {len(places)} tuned rates, those at an end of what was tried",
            edge,
            0,
            "a rate at an end is not tuned",
            kind="regression",
        )
    )
    return claims


def draw(data: Results) -> Figure:
    result = data["hidden_layers"]
    config = config_of(result)
    figure, axes = mosaic([["width", "gap"], ["growth", "plane"], ["digits", "rates"]], 7.8)
    _widths(axes["width"], result, config)
    _gap(axes["gap"], result, config)
    _growth(axes["growth"], result, config)
    _plane(axes["plane"], result, config)
    _digits(axes["digits"], data["digits"])
    _rates(axes["rates"], data["digits"])
    return figure


def _field(config: Mapping[str, Any], width: int) -> HiddenLayer:
    return HiddenLayer(config["width_inputs"], width, config["width_outputs"])


def _noisy(config: Mapping[str, Any]) -> HiddenLayer:
    return HiddenLayer(
        config["noise_inputs"], config["noise_hidden"], config["noise_outputs"], config["label_noise"]
    )


def _crossing(trial: np.ndarray, eps: np.ndarray) -> float:
    """First trial at which the error is down to `PART` of its first value, between two looks."""
    level = np.log(eps / eps[0])
    below = int(np.argmax(level < np.log(PART)))
    if level[below] >= np.log(PART):
        return float("nan")
    pair = slice(below - 1, below + 1)
    return float(np.interp(-np.log(PART), -level[pair], trial[pair]))


def _endless(values: DataArray) -> np.ndarray:
    """What a network that has run away, NaN, has come to: more than any number that means something."""
    return np.nan_to_num(values.values, nan=1e300, posinf=1e300)


def _times(result: Dataset, config: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Trials to `PART` of the mean error, and of the mean field from the same starts (width, draw): the first
    draw has every network once, the others are of a bootstrap."""
    trial = result["width_trial"].values
    copies = result.sizes["copy"]
    again = np.random.default_rng(0).integers(copies, size=(DRAWS, copies))
    chosen = np.vstack([np.arange(copies), again])
    found = []
    for width in result["width"].values:
        rows = result["width_eps"].sel(width=width).values
        fields = _width_fields(result, config, int(width), "eps")[:, trial - 1]
        found.append([[_crossing(trial, part[k].mean(axis=0)) for k in chosen] for part in (rows, fields)])
    times, expected = np.array(found).transpose(1, 0, 2)
    return times, expected


def _value_and_error(draws: np.ndarray) -> tuple[float, float]:
    """A statistic of all networks, and its standard error from the draws after the first."""
    return float(draws[0]), float(draws[1:].std(ddof=1))


def _width_fields(result: Dataset, config: Mapping[str, Any], width: int, which: str) -> np.ndarray:
    """``eps`` or ``alpha`` of the mean field from each network's own start (copy, trial since the first)."""
    theory = _field(config, width)
    eta, trials = config["width_rate"] * theory.eta_star, int(result["width_trial"].values[-1]) - 1
    starts = result["width_start"].sel(width=width).values
    place = ("eps", "alpha").index(which)
    return np.array([theory.four_variable_field(eta, trials, start)[place] for start in starts])


def _noise_fields(result: Dataset, config: Mapping[str, Any], which: str) -> np.ndarray:
    """The same for node perturbation under label noise (individual, trial since the first)."""
    theory = _noisy(config)
    eta, trials = config["noise_rate"] * theory.eta_star, int(result["noise_trial"].values[-1]) - 1
    starts = result["noise_start"].sel(rule="np").values
    place = ("eps", "alpha").index(which)
    return np.array([theory.four_variable_field(eta, trials, start)[place] for start in starts])


def _widths(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    trial = result["width_trial"].values
    widths = [int(width) for width in result["width"].values]
    for width, colour in zip(widths, np.linspace(0.75, 0, len(widths)), strict=True):
        shade = f"{colour:.2f}"
        fields = _width_fields(result, config, width, "eps").mean(axis=0)
        rows = result["width_eps"].sel(width=width).values
        panel.plot(trial, rows.mean(axis=0) / rows[:, 0].mean(), color=shade, label=f"$L_h$ = {width}")
        panel.plot(fields / fields[0], "--", color=shade, linewidth=0.8)
    panel.plot([], [], "--", color="0.4", linewidth=0.8, label="mean field")
    panel.set(yscale="log", xlabel="trial", ylabel="error / first error", title="a  NP, width")
    panel.set(xlim=(0, trial[-1]), ylim=(max(1e-5, panel.get_ylim()[0]), 2))
    panel.legend(loc="lower left")


def _gap(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    times, fields = _times(result, config)
    widths = result["width"].values
    values = [_value_and_error(row) for row in times / fields - 1]
    mean, error = np.array(values).T
    panel.errorbar(widths, mean, 2 * error, fmt="o", color=COLOURS["np"], label="NP")
    grid = np.geomspace(widths[0], widths[-1], 30)
    panel.plot(grid, mean[0] * widths[0] / grid, color="0.6", zorder=0, label="1 / width")
    panel.axhline(0, color="0.6", linestyle=":")
    panel.set(
        xscale="log",
        xlabel="hidden neurons $L_h$",
        ylabel="trials / mean field's - 1",
        title="b  what the mean field leaves out",
    )
    ticks(panel, widths)
    panel.legend()


def _growth(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    for rule in map(str, result["rule"].values):
        for row in result["noise_alpha"].sel(rule=rule).values:
            panel.plot(result["noise_trial"], row, color=COLOURS[rule], linewidth=0.8)
        panel.plot([], [], color=COLOURS[rule], label=LABELS[rule])
    theory = _noisy(config)
    field = theory.four_variable_field(config["noise_rate"] * theory.eta_star, config["noise_trials"])
    panel.plot(field[1], "--", color="0.4", linewidth=0.8, label="mean field, NP")
    panel.set(xlabel="trial", ylabel=r"$\alpha = |W_1|^2/L_x$", title="c  label noise")
    panel.set_ylim(0, AWAY * field[1].max())
    panel.legend()


def _plane(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
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
    panel.set(yscale="log", xlabel=r"$\alpha$", ylabel=r"error $\epsilon$", title="d  NP, label noise")
    panel.set(xlim=(0, AWAY * alpha.max()), ylim=(0.3 * eps.min(), 3 * eps.max()))
    panel.legend()


def _digits(panel: Axes, images: Dataset) -> None:
    samples = images["samples"].values
    for rule in LABELS:
        mean, error = mean_and_error(images["accuracy"].sel(rule=rule).values)
        panel.errorbar(samples, mean, 2 * error, fmt="-o", markersize=3, color=COLOURS[rule])
    panel.axhline(CHANCE, color="0.6", linestyle=":")
    n = images.sizes["individual"]
    panel.set(xlabel="samples seen", ylabel="test accuracy", title=f"e  digits, {n} networks each")
    panel.set(xlim=(0, None), ylim=(0, 1))


def _rates(panel: Axes, images: Dataset) -> None:
    for rule, label in LABELS.items():
        part = images.sel(rule=rule)
        rates, score = part["rates"].values, part["score"].values
        best = rates == float(part["eta"])
        unit = rates / rates[len(rates) // 2]
        panel.plot(unit, score, "-", color=COLOURS[rule], linewidth=0.8)
        panel.plot(
            unit[best], score[best], "o", color=COLOURS[rule], label=f"{label}, {float(part['eta']):.2g}"
        )
    panel.axhline(CHANCE, color="0.6", linestyle=":", label="chance")
    panel.set(
        xscale="log",
        xlabel="rate / middle of the rates tried",
        ylabel="accuracy while tuned",
        ylim=(0, 1),
        title="f  tuning, with the rate that is taken",
    )
    ticks(panel, unit)
    panel.legend(loc="center", bbox_to_anchor=(0.5, 0.47), fontsize=6.5, ncol=2)
