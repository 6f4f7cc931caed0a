"""Known rules side by side: what each needs, what it costs, and where theory puts it.

A linear student (10 inputs, 5 outputs) of a teacher with label noise; every rule at the best rate and
perturbation of one grid, equal for all. (a) What a rule needs: a copy of the weights to carry errors back,
forward passes of a trial, broadcast scalars, lengths that are gathered before a step, and who has to know
the perturbation. (b) Samples until the loss, label noise apart, is down to a tenth (filled) and a hundredth
(open), each with the rate that is best for it (bars: 95 % over networks; arrows: networks that had not got
there). (c) Samples of the mean loss to a tenth at half of the fastest rate, against theory (line: equal).
(d) Loss at the end of a life, with the rate that is best for a tenth: a rule pays for speed with what is
left. Of rules that hear one scalar the projection is the fastest; each pass that is left out, and each
synapse that has to guess for itself, costs a factor; co-activity times reward without a perturbation that is
remembered learns nothing.
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments.rules_compared import CLOSED, Config, in_theory, rule_of
from .claims import Claim
from .look import COLOURS, GREEN, GREY, VERMILLION, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("rules_compared",)
LABELS = {
    "nsgd": "normalised gradient",
    "sgd": "gradient descent",
    "projection": "projection",
    "hand": "NP, ±1 noise, / |x|²",
    "np, antithetic": "NP, antithetic",
    "np": "NP",
    "np, one pass": "NP, one pass",
    "wp": "WP",
    "wp, one pass": "WP, one pass",
    "rewarded Hebb": "co-activity × reward",
}
SHADES = {"np, antithetic": COLOURS["np"], "np, one pass": COLOURS["np"], "wp, one pass": GREEN,
          "rewarded Hebb": GREY}  # fmt: skip


def needs(name: str) -> tuple[str, str, str, str, str]:
    """What a rule needs, as the rule itself declares it: weight transport, forward passes, broadcast scalars,
    lengths, who knows the perturbation."""
    rule = rule_of(name)
    if "gradient" in rule.needs:
        length = "|x|²" if "input_length" in rule.needs else "-"
        return "yes", "1", "0 (a vector)", length, "-"
    passes = 1 if "one pass" in name else len(rule.passes)
    lengths = {"hand": "|x|²", "projection": "|x|², |ξ|²"}.get(name, "-")
    who = {"wp": "synapse", "rewarded Hebb": "nobody"}.get(name.partition(",")[0], "neuron")
    return "no", str(passes), "1", lengths, who


def log_samples(result: Dataset, rule: str, criterion: float) -> tuple[float, float]:
    """Mean of the log of the samples, and its standard error over networks."""
    mean, error = mean_and_error(np.log(result["samples"].sel(rule=rule, criterion=criterion).values))
    return float(mean), float(error)


def check(data: Results) -> list[Claim]:
    result = data["rules_compared"]
    config = Config(**config_of(result))
    first = config.criteria[0]

    def ratio(slow: str, fast: str) -> tuple[float, float]:
        (one, one_error), (two, two_error) = (log_samples(result, rule, first) for rule in (slow, fast))
        value = float(np.exp(one - two))
        return value, value * float(np.hypot(one_error, two_error))

    claims = []
    for rule in CLOSED:
        measured, error = (float(result[name].sel(closed=rule)) for name in ("of_mean", "of_mean_error"))
        theory = in_theory(config, rule)
        claims.append(
            Claim.equivalent(
                f"samples to a tenth at half of the fastest rate, {LABELS[rule]} / theory",
                measured / theory,
                1.0,
                error / theory,
                0.15,
                "chosen: what chance and blocks of ten leave; the null is the nearest other form",
                null=_other(config, rule),
            )
        )
    order = sorted(CLOSED, key=lambda rule: in_theory(config, rule))
    scalar = [rule for rule in LABELS if rule not in ("sgd", "nsgd")]
    fastest = {c: min(scalar, key=lambda rule: log_samples(result, rule, c)[0]) for c in config.criteria}
    cost = ratio("projection", "nsgd")
    hand = ratio("projection", "hand")
    gap = in_theory(config, "projection") / in_theory(config, "nsgd")
    named = ", ".join(f"{c:g}: {LABELS[rule]}" for c, rule in fastest.items())
    claims += [
        Claim.at_least(
            "samples, best rule with one scalar / normalised gradient",
            cost,
            2.0,
            f"chosen: half of theory's {gap:.3g}: one number tells less than M; fastest to {named}",
            null=1.0,
            headline=True,
        ),
        Claim.at_least(
            "samples, NP / projection",
            ratio("np", "projection"),
            1.2,
            f"chosen: above 1; order in theory {', '.join(LABELS[rule] for rule in order)}",
            null=1.0,
            rival=ratio("np", "projection")[0] / hand[0],
        ),
        Claim.at_least(
            "samples, NP against a running mean / NP with a clean pass",
            ratio("np, one pass", "np"),
            1.5,
            "chosen: well above 1: the change of the input's own loss is heard as noise",
            null=1.0,
            headline=True,
        ),
        Claim.at_most(
            "co-activity times reward, share of networks down to a tenth",
            float(result["reached"].sel(rule="rewarded Hebb", criterion=first).mean()),
            0.05,
            "nothing is learned without a perturbation that is remembered; the null is NP",
            null=float(result["reached"].sel(rule="np", criterion=first).mean()),
        ),
        Claim.at_most(
            "largest share of networks that fail of those with a clean pass, to a tenth",
            float(max(1 - result["reached"].sel(rule=rule, criterion=first).mean() for rule in CLOSED)),
            0.05,
            "chosen: one in twenty; the null is WP in one pass",
            null=float(1 - result["reached"].sel(rule="wp, one pass", criterion=first).mean()),
        ),
        _floor(result, config),
    ]
    return claims


def _other(config: Config, rule: str) -> float:
    """What the nearest other closed form would read in units of a rule's own, further than the margin."""
    own = in_theory(config, rule)
    others = [in_theory(config, one) / own for one in dict.fromkeys(CLOSED)]
    return min((one for one in others if abs(one - 1) > 0.5), key=lambda one: abs(one - 1))


def _floor(result: Dataset, config: Config) -> Claim:
    """Speed is paid for: the rate that is best for a tenth leaves more than the one for a hundredth."""
    logs = np.log(result["end"].sel(rule="np").values)
    (fast, fast_error), (fine, fine_error) = (mean_and_error(row) for row in logs)
    value = float(np.exp(fast - fine))
    return Claim.at_least(
        "NP: loss that is left, rate best for a tenth / for a hundredth",
        (value, value * float(np.hypot(fast_error, fine_error))),
        1.3,
        "chosen: well above 1: the floor grows with the rate",
        null=1.0,
    )


def draw(data: Results) -> Figure:
    result = data["rules_compared"]
    config = Config(**config_of(result))
    figure, axes = panels(2, 2, 6.4)
    axes = axes.ravel()
    _table(axes[0])
    _samples(axes[1], result, config)
    _theory(axes[2], result, config)
    _ends(axes[3], result, config)
    return figure


def _colour(rule: str) -> str:
    return SHADES.get(rule) or COLOURS[rule]


def _table(panel: Axes) -> None:
    rows = [needs(rule) for rule in LABELS]
    heads = ("weight\ntransport", "passes", "scalars", "lengths", "who\nknows ξ")
    panel.set_axis_off()
    panel.set_title("a  what a rule needs")
    for place, (rule, row) in enumerate(zip(LABELS, rows, strict=True)):
        height = 0.86 - 0.09 * place
        panel.text(-0.12, height, LABELS[rule], color=_colour(rule), transform=panel.transAxes, fontsize=6.5)
        for column, text in enumerate(row):
            panel.text(
                0.36 + 0.16 * column, height, text, ha="center", transform=panel.transAxes, fontsize=6.5
            )
    for column, text in enumerate(heads):
        panel.text(0.36 + 0.16 * column, 0.93, text, ha="center", transform=panel.transAxes, fontsize=6.5)


def _samples(panel: Axes, result: Dataset, config: Config) -> None:
    rules = list(LABELS)
    for column, criterion in enumerate(config.criteria):
        for place, rule in enumerate(rules):
            mean, error = log_samples(result, rule, criterion)
            share = float(result["reached"].sel(rule=rule, criterion=criterion).mean())
            height = -place - 0.12 + 0.24 * column
            low, high = np.exp([mean - 1.96 * error, mean + 1.96 * error])
            panel.plot([low, high], [height, height], color=_colour(rule), linewidth=1)
            face = _colour(rule) if column == 0 else "white"
            marker = "o" if share > 0.5 else ">"
            panel.plot(np.exp(mean), height, marker, color=_colour(rule), markerfacecolor=face, markersize=4)
            if share < 1:
                panel.annotate(f" {share:.0%}", (float(np.exp(mean)), height), fontsize=6, va="center")
    panel.axvline(config.trials, color=GREY, linestyle=":", linewidth=0.8)
    panel.set_xscale("log")
    panel.set_yticks([-place for place in range(len(rules))], [LABELS[rule] for rule in rules])
    panel.set(
        xlabel="samples to a tenth (filled), a hundredth (open)", title="b  samples, and share that got there"
    )
    panel.set_xlim(right=panel.get_xlim()[1] * 4)


def _theory(panel: Axes, result: Dataset, config: Config) -> None:
    for rule in CLOSED:
        row = result.sel(closed=rule)
        x, y = in_theory(config, rule), float(row["of_mean"])
        panel.errorbar(x, y, 1.96 * float(row["of_mean_error"]), fmt="o", color=_colour(rule), markersize=4)
        if rule != "np, antithetic":  # it lies where NP does
            above = rule == "sgd"
            panel.annotate(
                f"{LABELS[rule]}  " if above else f"  {LABELS[rule]}",
                (x, y),
                fontsize=6,
                va="bottom" if above else "top",
                ha="right" if above else "left",
            )
    ends = [8, 4000]
    panel.plot(ends, ends, color="black", linewidth=0.6)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set(xlabel="theory, samples to a tenth", ylabel="measured", title="c  at half of the fastest rate")


def _ends(panel: Axes, result: Dataset, config: Config) -> None:
    first = config.criteria[0]
    for rule in LABELS:
        level = result["curve"].sel(rule=rule, criterion=first)
        style = "--" if rule in SHADES else "-"
        panel.loglog(result["trial"].values, level, style, color=_colour(rule), linewidth=1)
    for criterion in config.criteria:
        panel.axhline(criterion, color=VERMILLION, linestyle=":", linewidth=0.8)
    panel.set(xlabel="trial", ylabel="loss / first loss", title="d  learning with the rate best for a tenth")
