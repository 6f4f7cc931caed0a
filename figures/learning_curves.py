"""Perturbation learning in a linear network follows its closed forms: curve, floor, cost of size, stability.

(a) Mean loss of gradient descent (SGD), node (NP) and weight perturbation (WP) at half their best rate,
on top of E_inf + (E_0 - E_inf) a^t. (b) Trials to a tenth of the loss at half the best rate: SGD does
not depend on the number of outputs M, NP grows as M + 2, WP as N M + 2. (c) WP against N M + 2 with
growing inputs N. (d) Growth of the squared distance in one trial against the rate, in units of the best:
every rule is stable below 2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.statistics.intervals import standard_error
from ..analysis.theory.linear_online import LinearOnline
from ..analysis.theory.names import Rule
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("learning_curves",)


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["learning_curves"]
    config = json.loads(result.attrs["config"])
    claims = []
    for rule in result["rule"].values:
        mean, error, theory = _curve(result, config, rule)
        z = (mean - theory) / error
        worst = int(np.argmax(np.abs(z)))
        claims.append(
            Claim.estimate(
                f"loss of {rule.upper()}, worst of {len(z)} blocks", mean[worst], theory[worst], error[worst]
            )
        )
        late = slice(-len(z) // 4, None)
        floor = _theory(config, rule).floor(_eta(config, rule)) + _noise(config)
        rows = result["loss"].sel(rule=rule).values[:, late].mean(axis=1)
        claims.append(Claim.of_mean(f"floor of {rule.upper()}", rows, float(theory[late].mean())))
        claims.append(
            Claim.at_most(
                f"{rule.upper()}: expected loss above its floor at the end",
                float(theory[-1] / floor - 1),
                0.02,
                "the curve is long enough to show the floor",
            )
        )
    claims += _nulls(result)
    claims += _exponents(result, config)
    for rule in result["rule"].values:
        for multiple in (1.5, 2.5):
            rows = result["growth"].sel(rule=rule, multiple=multiple).values
            a = float(_limit(config, rule).contraction(multiple * _limit(config, rule).eta_opt))
            claims.append(Claim.of_mean(f"growth of {rule.upper()} at {multiple:g}/A", rows, a))
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["learning_curves"]
    config = json.loads(result.attrs["config"])
    figure, axes = panels(2, 2)
    _curves(axes[0, 0], result, config)
    _criterion(axes[0, 1], result, config)
    _criterion_inputs(axes[1, 0], result, config)
    _stability(axes[1, 1], result, config)
    return figure


def _theory(config: Mapping[str, Any], rule: Rule) -> LinearOnline:
    sigma = {"np": config["sigma_node"], "wp": config["sigma_weight"]}.get(rule, 0.0)
    return LinearOnline(
        rule, config["inputs"], config["outputs"], sigma=sigma, label_noise=config["label_noise"]
    )


def _limit(config: Mapping[str, Any], rule: Rule) -> LinearOnline:
    return LinearOnline(rule, config["inputs"], config["outputs"])


def _eta(config: Mapping[str, Any], rule: Rule) -> float:
    return config["fraction"] * _limit(config, rule).eta_opt


def _noise(config: Mapping[str, Any]) -> float:
    """Loss that the label noise alone costs."""
    return config["outputs"] * config["label_noise"] ** 2 / 2


def _curve(
    result: xr.Dataset, config: Mapping[str, Any], rule: Rule
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss in each block, its standard error, and the theory given the actual starts."""
    rows = result["loss"].sel(rule=rule).values
    ends = result["trial"].sel(rule=rule).values.astype(int)
    block = ends[1] - ends[0]
    start = float(result["start"].sel(rule=rule).mean()) / 2
    whole = _theory(config, rule).curve(_eta(config, rule), start, np.arange(ends[-1]))
    theory = whole.reshape(len(ends), block).mean(axis=1) + _noise(config)
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / len(rows) ** 0.5, theory


def _cases(result: xr.Dataset, rule: Rule, **fixed: int) -> tuple[np.ndarray, ...]:
    """Inputs, outputs, trials to criterion and their standard errors of the cases of a rule."""
    here = result["case_rule"].values == rule
    for name, value in fixed.items():
        here &= result[f"case_{name}"].values == value
    part = result.isel(case=np.flatnonzero(here))
    return (
        part["case_inputs"].values,
        part["case_outputs"].values,
        part["trials_to_criterion"].values,
        part["trials_error"].values,
    )


def _exponents(result: xr.Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """How trials to criterion grow with the size of the network, against how theory says they do."""
    claims = []
    wide = {"inputs": config["inputs"]}
    studies: tuple[tuple[str, Rule, dict[str, int]], ...] = (
        ("SGD, outputs M", "sgd", wide),
        ("NP, outputs M", "np", wide),
        ("WP, outputs M", "wp", wide),
        ("WP, inputs N", "wp", {"outputs": config["outputs"]}),
    )
    for name, rule, fixed in studies:
        n, m, trials, errors = _cases(result, rule, **fixed)
        theory = [_expected(config, rule, a, b) for a, b in zip(n, m, strict=True)]
        x = np.log(m if fixed is wide else n)
        weights = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
        claims.append(
            Claim.estimate(
                f"trials to criterion, exponent in size: {name}",
                float(weights @ np.log(trials)),
                float(weights @ np.log(theory)),
                float(np.sqrt(np.sum((weights * errors / trials) ** 2))),
            )
        )
    return claims


def _nulls(result: xr.Dataset) -> list[Claim]:
    claims = []
    for control in result["control"].values:
        rows = result["null"].sel(control=control).values
        change = rows[:, -1] - rows[:, 0]
        if control == "frozen":
            claims.append(Claim.of_mean("change of loss, frozen NP", change, 0))
        else:
            claims.append(
                Claim.at_least(
                    "change of loss, NP with another's broadcast, in standard errors",
                    float(change.mean() / standard_error(change)),
                    -5,
                    "nothing is learned; the weights diffuse",
                )
            )
    return claims


def _curves(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    for rule in result["rule"].values:
        mean, error, theory = _curve(result, config, rule)
        middle = result["trial"].sel(rule=rule).values - np.diff(result["trial"].sel(rule=rule).values)[0] / 2
        panel.plot(middle, theory, color="0.6", zorder=0)
        panel.errorbar(
            middle, mean, 2 * error, fmt="o", markersize=3, color=COLOURS[rule], label=rule.upper()
        )
    trial = result["trial"].sel(rule="np").values
    for control, style in (("frozen", ":"), ("shuffled", "--")):
        null = result["null"].sel(control=control).mean("individual")
        panel.plot(trial, null, style, color=COLOURS["np"], linewidth=1, label=f"NP, {control}")
    panel.axhline(_noise(config), color="0.6", linestyle=":")
    panel.set(xscale="log", yscale="log", xlabel="trial", ylabel="loss", title="a  learning curves")
    panel.legend()


def _criterion(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    n = config["inputs"]
    grid = np.geomspace(1, max(result["case_outputs"].values), 30)
    for rule in ("sgd", "np", "wp"):
        _, outputs, trials, _ = _cases(result, rule, inputs=n)
        panel.plot(outputs, trials, "o", color=COLOURS[rule], label=rule.upper())
        panel.plot(grid, [_expected(config, rule, n, m) for m in grid], color="0.6", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="outputs M",
        ylabel="trials to criterion",
        title=f"b  N = {n} inputs",
    )
    panel.set_xticks(outputs, outputs)
    panel.set_xticks([], minor=True)
    panel.legend()


def _criterion_inputs(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    m = config["outputs"]
    inputs, _, trials, _ = _cases(result, "wp", outputs=m)
    grid = np.geomspace(min(inputs), max(inputs), 30)
    panel.plot(inputs, trials, "o", color=COLOURS["wp"], label="WP")
    panel.plot(grid, [_expected(config, "wp", n, m) for n in grid], color="0.6", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="inputs N",
        ylabel="trials to criterion",
        title=f"c  M = {m} outputs",
    )
    panel.set_xticks(inputs, inputs)
    panel.set_xticks([], minor=True)
    panel.legend()


def _expected(config: Mapping[str, Any], rule: Rule, n: float, m: float) -> float:
    theory = LinearOnline(rule, n, m)  # type: ignore[arg-type]
    return theory.trials_to(config["fraction"] * theory.eta_opt, 1.0, config["criterion"])


def _stability(panel: Axes, result: xr.Dataset, config: Mapping[str, Any]) -> None:
    grid = np.linspace(0, max(config["multiples"]) * 1.05, 100)
    panel.axhline(0, color="0.6", linestyle=":")
    panel.axvline(2, color="0.6", linestyle=":")
    for rule in result["rule"].values:
        theory = _limit(config, rule)
        panel.plot(grid, (theory.contraction(grid * theory.eta_opt) - 1) * theory.A, color="0.6", zorder=0)
        rows = (result["growth"].sel(rule=rule) - 1) * theory.A
        errors = [2 * standard_error(row) for row in rows.values]
        panel.errorbar(
            result["multiple"], rows.mean("update"), errors, fmt="o", color=COLOURS[rule], label=rule.upper()
        )
    panel.set(
        xlabel="rate / best rate",
        ylabel="growth in a trial, times A",
        title="d  stable below twice the best rate",
    )
    panel.legend()
