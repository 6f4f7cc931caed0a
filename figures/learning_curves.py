"""Perturbation learning in a linear network follows its closed forms; a projection halves what it costs.

Gradient descent (SGD), node (NP) and weight perturbation (WP), and beside them the two that divide by
lengths: normalised SGD, and the projection, NP over |x|^2 and |xi|^2 (Dalm, van Gerven & Ahmad,
arXiv:2310.00965); each at half of the rate that is best for it. (a) Mean loss on top of E_inf + (E_0 -
E_inf) a^t. (b) Trials to a tenth of the loss: SGD does not depend on the number of outputs M, NP grows as
M + 2, the projection as M, WP as N M + 2. (c) WP against N M + 2 with growing inputs N. (d) Growth of the
squared distance in one trial against the rate, in units of the best: every rule is stable below 2. Bars: 2
s.e. over networks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import mean_and_error, standard_error
from ..analysis.theory.linear_online import LinearOnline, OnlineRule
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, panels, ticks

EXPERIMENTS = ("learning_curves",)
LABELS: dict[OnlineRule, str] = {
    "sgd": "SGD",
    "nsgd": "normalised SGD",
    "np": "NP",
    "projection": "projection",
    "wp": "WP",
}
OTHER: dict[OnlineRule, OnlineRule] = {
    "sgd": "np",
    "nsgd": "np",
    "np": "projection",
    "projection": "np",
    "wp": "np",
}
"""The rule that another is most easily taken for by the exponents of its cost."""
NEAR = 0.1
"""Margin of mean losses and of exponents to their closed forms."""


def check(data: Results) -> list[Claim]:
    result = data["learning_curves"]
    config = config_of(result)
    claims = []
    for rule, label in LABELS.items():
        mean, error, theory = _curve(result, config, rule)
        quiet = _noise(config) / theory[-1]
        claims.append(
            Claim.follows(
                f"loss of {label}",
                mean,
                error,
                theory,
                min(1.5 * NEAR, abs(1 - quiet) / 2),
                "chosen: errors are 1-2 %, the worst of many lies three of them off; at most half the way to "
                "the null, which ends at the label noise, without what plasticity adds",
                null=quiet,
            )
        )
        late = slice(-len(mean) // 4, None)
        rows = result["loss"].sel(rule=rule).values[:, late].mean(axis=1) / theory[late].mean()
        floor, error = mean_and_error(rows)
        claims.append(
            Claim.equivalent(
                f"floor of {label} / closed form",
                float(floor),
                1,
                float(error),
                NEAR / 2,
                "chosen: errors are below 1 %; the null ends at the label noise",
                null=quiet,
            )
        )
    claims += _exponents(result, config) + _costs(result, config) + _floors(result, config)
    claims += _controls(result)
    return claims + [_limit_of(result, config, rule) for rule in LABELS]


def draw(data: Results) -> Figure:
    result = data["learning_curves"]
    config = config_of(result)
    figure, axes = panels(2, 2)
    _curves(axes[0, 0], result, config)
    _criterion(axes[0, 1], result, config)
    _criterion_inputs(axes[1, 0], result, config)
    _stability(axes[1, 1], result, config)
    return figure


def _theory(config: Mapping[str, Any], rule: OnlineRule) -> LinearOnline:
    node = config["sigma_node"]
    sigma = {"np": node, "projection": node, "wp": config["sigma_weight"]}.get(rule, 0.0)
    return LinearOnline(
        rule, config["inputs"], config["outputs"], sigma=sigma, label_noise=config["label_noise"]
    )


def _limit(config: Mapping[str, Any], rule: OnlineRule) -> LinearOnline:
    return LinearOnline(rule, config["inputs"], config["outputs"])


def _eta(config: Mapping[str, Any], rule: OnlineRule) -> float:
    return config["fraction"] * _limit(config, rule).eta_opt


def _noise(config: Mapping[str, Any]) -> float:
    """Loss that the label noise alone costs."""
    return config["outputs"] * config["label_noise"] ** 2 / 2


def _curve(
    result: Dataset, config: Mapping[str, Any], rule: OnlineRule
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss in each block, its standard error, and the theory given the actual starts."""
    rows = result["loss"].sel(rule=rule).values
    ends = result["trial"].sel(rule=rule).values.astype(int)
    block = ends[1] - ends[0]
    start = float(result["start"].sel(rule=rule).mean()) / 2
    whole = _theory(config, rule).curve(_eta(config, rule), start, np.arange(ends[-1]))
    theory = whole.reshape(len(ends), block).mean(axis=1) + _noise(config)
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / len(rows) ** 0.5, theory


def _cases(result: Dataset, rule: OnlineRule, **fixed: int) -> tuple[np.ndarray, ...]:
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


def _exponents(result: Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """How trials to criterion grow with the size of the network, against how theory says they do."""
    claims = []
    wide, deep = {"inputs": config["inputs"]}, {"outputs": config["outputs"]}
    studies: list[tuple[OnlineRule, dict[str, int]]] = [(rule, wide) for rule in LABELS] + [("wp", deep)]
    for rule, fixed in studies:
        n, m, trials, errors = _cases(result, rule, **fixed)
        x = np.log(m if fixed is wide else n)
        weights = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
        here, null = (
            float(weights @ np.log([_expected(config, one, *case) for case in zip(n, m, strict=True)]))
            for one in (rule, OTHER[rule])
        )
        size = "outputs" if fixed is wide else "inputs"
        claims.append(
            Claim.equivalent(
                f"trials to criterion, exponent in {size}: {LABELS[rule]}",
                float(weights @ np.log(trials)),
                abs(round(here, 9)),
                float(np.sqrt(np.sum((weights * errors / trials) ** 2))),
                NEAR,
                "chosen: errors are .01-.02; the null is the exponent of " + LABELS[OTHER[rule]],
                null=null,
            )
        )
    return claims


def _costs(result: Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """What one rule needs over what another needs, in trials to criterion."""
    n, most, middle = config["inputs"], max(config["sweep_outputs"]), config["outputs"]

    def ratio(slow: OnlineRule, fast: OnlineRule, m: int | None = None) -> tuple[float, float]:
        """Geometric mean of the ratio, over all outputs or at M, and its error."""
        pairs = [_cases(result, rule, inputs=n, **({"outputs": m} if m else {})) for rule in (slow, fast)]
        logs = np.log(pairs[0][2] / pairs[1][2])
        errors = np.hypot(*(pair[3] / pair[2] for pair in pairs))
        mean = float(np.exp(logs.mean()))
        return mean, mean * float(np.sqrt(np.sum(errors**2)) / len(logs))

    def cost(slow: OnlineRule, fast: OnlineRule, bound: float, reason: str, **known: Any) -> Claim:
        m = known.pop("at", None)
        where = f"N = {n}, " + (f"M = {m}" if m else "mean over M")
        name = f"trials to criterion, {LABELS[slow]} / {LABELS[fast]}, {where}"
        return Claim.at_least(name, ratio(slow, fast, m), bound, reason, null=1.0, **known)

    return [
        cost(
            "np",
            "sgd",
            (most + 2) / 2,
            "chosen: half of M + 2; the null is a scalar that tells as much as a vector",
            at=most,
            rival=ratio("projection", "sgd", most)[0],
            headline=True,
        ),
        cost(
            "np",
            "projection",
            1.5,
            "chosen: halfway to (M + 2)(N + 2)/(M N), which is 2 here; the null is no gain from lengths",
            at=middle,
            headline=True,
        ),
        cost(
            "wp",
            "np",
            (n * most + 2) / (most + 2) / 2,
            "chosen: half of (N M + 2)/(M + 2); the null pays for no weight",
            at=most,
            rival=ratio("wp", "projection", most)[0],
            headline=True,
        ),
        cost("sgd", "nsgd", 1.05, f"chosen: above 1; theory {(n + 2) / n:.3g}"),
    ]


def _floors(result: Dataset, config: Mapping[str, Any]) -> list[Claim]:
    """Speed is not paid for with what is left at the end."""
    late = slice(-result.sizes["block"] // 4, None)
    (slow, slow_error), (fast, fast_error) = (
        mean_and_error(result["loss"].sel(rule=rule).values[:, late].mean(axis=1) - _noise(config))
        for rule in ("np", "projection")
    )
    ratio = float(slow / fast)
    return [
        Claim.at_least(
            f"loss that plasticity leaves, NP / projection, sigma = {config['sigma_node']:g}",
            (ratio, ratio * float(np.hypot(slow_error / slow, fast_error / fast))),
            1.1,
            "chosen: above 1: the faster rule is not the one that ends higher",
            null=1.0,
        )
    ]


def _controls(result: Dataset) -> list[Claim]:
    """Last loss over first: what is left where nothing can be learned."""
    own = result["loss"].sel(rule="np")
    learned = float(own.isel(block=-1).mean() / own.isel(block=0).mean())

    def left(control: str) -> tuple[float, float]:
        rows = result["null"].sel(control=control).values
        (last, first), (last_error, first_error) = mean_and_error(rows[:, [-1, 0]])
        ratio = float(last / first)
        return ratio, ratio * float(np.hypot(last_error / last, first_error / first))

    frozen, frozen_error = left("frozen")
    return [
        Claim.equivalent(
            "last loss / first, frozen NP",
            frozen,
            1,
            frozen_error,
            2 * NEAR,
            "chosen: errors are 3 %; the null is what NP leaves that learns",
            null=learned,
        ),
        Claim.at_least(
            "last loss / first, NP with another's broadcast",
            left("shuffled"),
            0.9,
            "nothing is learned, the weights diffuse; the null is what NP leaves that learns",
            null=learned,
        ),
    ]


def _limit_of(result: Dataset, config: Mapping[str, Any], rule: OnlineRule) -> Claim:
    """The rate above which the squared distance grows: a step is linear in its rate, so that all networks
    at all rates say where -2 eta along + eta^2 square changes its sign."""
    theory = _limit(config, rule)
    along, square = (result[name].sel(rule=rule).values.ravel() for name in ("along", "square"))
    limit = 2 * along.mean() / square.mean()
    spread = along / along.mean() - square / square.mean()
    return Claim.equivalent(
        f"rate at which {LABELS[rule]} becomes unstable / best rate",
        limit / theory.eta_opt,
        2,
        limit / theory.eta_opt * standard_error(spread),
        0.35,
        "chosen: errors are 2-5 %; the null is where the mean update alone does",
        null=2 / theory.gain / theory.eta_opt,
    )


def _curves(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    for rule, label in LABELS.items():
        mean, error, theory = _curve(result, config, rule)
        middle = result["trial"].sel(rule=rule).values - np.diff(result["trial"].sel(rule=rule).values)[0] / 2
        panel.plot(middle, theory, color="0.6", zorder=0)
        panel.errorbar(middle, mean, 2 * error, fmt="o", markersize=3, color=COLOURS[rule], label=label)
    trial = result["trial"].sel(rule="np").values
    for control, style in (("frozen", ":"), ("shuffled", "--")):
        null = result["null"].sel(control=control).mean("individual")
        panel.plot(trial, null, style, color=COLOURS["np"], linewidth=1, label=f"NP, {control}")
    panel.axhline(_noise(config), color="0.6", linestyle=":")
    panel.set(xscale="log", yscale="log", xlabel="trial", ylabel="loss", title="a  learning curves")
    panel.legend()


def _criterion(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    n = config["inputs"]
    grid = np.geomspace(1, max(result["case_outputs"].values), 30)
    for rule, label in LABELS.items():
        _, outputs, trials, errors = _cases(result, rule, inputs=n)
        panel.errorbar(outputs, trials, 2 * errors, fmt="o", color=COLOURS[rule], label=label)
        panel.plot(grid, [_expected(config, rule, n, m) for m in grid], color="0.6", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="outputs M",
        ylabel="trials to criterion",
        title=f"b  N = {n} inputs",
    )
    ticks(panel, outputs)
    panel.legend()


def _criterion_inputs(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    m = config["outputs"]
    inputs, _, trials, errors = _cases(result, "wp", outputs=m)
    grid = np.geomspace(min(inputs), max(inputs), 30)
    panel.errorbar(inputs, trials, 2 * errors, fmt="o", color=COLOURS["wp"], label="WP")
    panel.plot(grid, [_expected(config, "wp", n, m) for n in grid], color="0.6", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="inputs N",
        ylabel="trials to criterion",
        title=f"c  M = {m} outputs",
    )
    ticks(panel, inputs)
    panel.legend()


def _expected(config: Mapping[str, Any], rule: OnlineRule, n: float, m: float) -> float:
    theory = LinearOnline(rule, n, m)  # type: ignore[arg-type]
    return theory.trials_to(config["fraction"] * theory.eta_opt, 1.0, config["criterion"])


def _stability(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    grid = np.linspace(0, max(config["multiples"]) * 1.05, 100)
    panel.axhline(0, color="0.6", linestyle=":")
    panel.axvline(2, color="0.6", linestyle=":")
    panel.plot(grid, grid**2 - 2 * grid, color="0.6", zorder=0, label="all closed forms")
    for place, (rule, label) in enumerate(LABELS.items()):
        theory = _limit(config, rule)
        rows = (result["growth"].sel(rule=rule) - 1) / (1 - theory.contraction(theory.eta_opt))
        errors = [2 * standard_error(row) for row in rows.values]
        beside = result["multiple"] + 0.06 * (place - (len(LABELS) - 1) / 2)
        panel.errorbar(
            beside, rows.mean("update"), errors, fmt="o", markersize=3, color=COLOURS[rule], label=label
        )
    panel.set(
        xlabel="rate / best rate",
        ylabel="growth / best decay in a trial",
        title="d  stable below twice the best rate",
    )
    panel.legend()
