"""An outer loop that is shown no rule comes near the projection, and finds nothing that beats it.

The taught half of the family of rules, all coefficients free, tuned in independent searches over teachers
of drawn size, input covariance and label noise; the known rules are tuned with as many lifetimes. (a)
Samples to criterion (loss, label noise apart, down to a tenth) of the median candidate of each search. (b)
Held-out tasks, each a dot, against inputs times outputs; the learned rule follows N M ln 10, which is
theory's where an update takes out the error along what was tried (at the top: never). (c) Mean loss on
held-out tasks. With another's broadcast, or frozen, the learned rule learns nothing. (d) What each search
found. (e) What it costs to move a coefficient by a fifth of its range (bars: 2 s.e. over searches): what
matters is found again, the rest (open) is left to chance. (f) Part of the tasks that are solved, for kinds
that no search has seen (colours as in b; dots: single searches). The strongest known rule with one scalar
is the projection: node perturbation divided by the squared lengths of the input and of what was tried
(Dalm, van Gerven & Ahmad, arXiv:2310.00965), tuned by itself. The learned rule, from a space in which that
is one point, needs a tenth to a seventh more samples than it, and is nowhere better than the best known
rule with one scalar: neither to a hundredth of the loss, nor at the end of life, nor on tasks that are
larger, noisier, deeper or rectified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.statistics.intervals import crossed_interval, mean_and_error
from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("meta_rule",)
LABELS = {
    "learned": "learned rule",
    "projection": "projection",
    "hand": "NP made by hand",
    "np": "node perturbation",
    "wp": "weight perturbation",
    "sgd": "gradient descent",
    "nsgd": "normalised gradient",
}
LEAST = 1e-4
"""Log samples below which what is lost is drawn as this."""
LEADS = ("larger", "deeper", "relu")
"""Kinds out of distribution on which rates that fit the size of a task must help."""
SCALAR = ("np", "wp", "hand", "projection")
"""Known rules that hear one scalar."""
OPEN = 0.5 / 12**0.5
"""Half the standard deviation of an even draw: searches that differ by more leave a coefficient open."""


def learned(result: xr.Dataset) -> list[str]:
    """The rules that are searches of the learned one."""
    return [str(name) for name in result["search"].values]


def ratio(result: xr.Dataset, known: str, variable: str = "log_samples") -> tuple[float, float, float]:
    """A known rule over the learned one on the same held-out tasks, in samples (or in the loss at the end):
    geometric mean, and its interval over searches and tasks."""
    logs = result[variable]
    table = (logs.sel(rule=known) - logs.sel(rule=learned(result))).transpose("rule", "task").values
    low, high = crossed_interval(table)
    return float(np.exp(table.mean())), float(np.exp(low)), float(np.exp(high))


def _interval(ratio: tuple[float, float, float]) -> str:
    mean, low, high = ratio
    return f"{mean:.3g}, 95 % over searches and tasks {low:.3g} to {high:.3g}"


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["meta_rule"]
    names = learned(result)
    config = json.loads(result.attrs["config"])
    fewer = {known: ratio(result, known) for known in LABELS if known != "learned"}
    projection = fewer["projection"]
    claims = [
        _like_projection(result, config),
        _beats_nowhere(result),
        Claim.at_least(
            "samples, tuned NP / learned, lower end of the interval",
            fewer["np"][1],
            1.5,
            f"chosen: well above 1; held-out teachers; {_interval(fewer['np'])}",
            null=1.0,
            rival=fewer["np"][0] / projection[0],
        ),
        Claim.at_least(
            "samples, NP made by hand / learned, lower end of the interval",
            fewer["hand"][1],
            1.05,
            f"chosen: above 1, else the search is too weak; {_interval(fewer['hand'])}",
            null=1.0,
            rival=fewer["hand"][0] / projection[0],
        ),
        Claim.at_least(
            "samples, learned / gradient descent, lower end of the interval",
            1 / fewer["sgd"][2],
            1.2,
            f"chosen: a scalar cannot beat a vector of errors; gradient / learned {_interval(fewer['sgd'])}",
            null=1.0,
            rival=projection[0] / fewer["sgd"][0],
        ),
        Claim.at_least(
            "samples, learned / normalised gradient descent, lower end of the interval",
            1 / fewer["nsgd"][2],
            1.5,
            f"chosen: nor one that is scaled as well; normalised / learned {_interval(fewer['nsgd'])}",
            null=1.0,
            rival=projection[0] / fewer["nsgd"][0],
        ),
        Claim.at_least(
            "samples, tuned WP / learned, lower end of the interval",
            fewer["wp"][1],
            fewer["np"][1],
            f"the same of NP: weights are more than nodes; {_interval(fewer['wp'])}",
            null=1.0,
        ),
        Claim.at_most(
            "loss at the end, NP made by hand / learned, upper end of the interval",
            ratio(result, "hand", "end")[2],
            0.5,
            "chosen: half; a rate that is best at first leaves a high floor, which no search is asked about; "
            f"{_interval(ratio(result, 'hand', 'end'))}; projection / learned "
            f"{_interval(ratio(result, 'projection', 'end'))}",
            null=1.0,
        ),
    ]
    longest = np.log(config["held_trials"])
    for variable, criterion, most in (
        ("log_samples", config["criterion"], 0.02),
        ("log_samples_fine", config["fine"], 0.1),
    ):
        late = (result[variable] >= longest).mean("task")
        count = int((result[variable].sel(rule=names) >= longest).sum())
        lives = len(names) * result.sizes["task"]
        claims.append(
            Claim.at_most(
                f"share of lives that never reach {criterion:g} of the loss, learned",
                count / lives,
                most,
                f"chosen: one in {1 / most:g}; {count} of {lives}, tasks as in training; the null is frozen",
                null=1.0,
                rival=float(late.sel(rule="projection")),
            )
        )
    return claims + _found(result) + _nulls(result) + _beyond(result)


def _beats_nowhere(result: xr.Dataset) -> Claim:
    """Where the learned rule would beat the best known rule with one scalar, interval and all; a life that
    never reaches the criterion counts as it is scored."""
    places = {
        "a tenth": result["log_samples"],
        "a hundredth": result["log_samples_fine"],
        "end of life": result["end"],
        **{str(kind): result["beyond_samples"].sel(kind=kind) for kind in result["kind"].values},
    }
    stated, won = [], 0
    for name, logs in places.items():
        best = min(SCALAR, key=lambda known: float(logs.sel(rule=known).mean()))
        table = (logs.sel(rule=learned(result)) - logs.sel(rule=best)).transpose("rule", ...).values
        low, high = np.exp(crossed_interval(table))
        won += bool(high < 1)
        stated.append(f"{name} {np.exp(table.mean()):.3g} ({low:.3g} to {high:.3g}) of {LABELS[best]}")
    return Claim.at_most(
        f"of {len(places)} places, those where the learned rule beats the best known one with one scalar",
        won,
        0,
        "samples, or the loss at the end, learned / best: " + ", ".join(stated),
        null=len(places),
        headline=True,
    )


def _like_projection(result: xr.Dataset, config: Mapping[str, float]) -> Claim:
    """In samples the learned rule is nearer to the projection than to the next rule made by hand."""
    there = ratio(result, "projection")
    more = 1 / there[0]
    logs = result["log_samples"].mean("task")
    fine = _interval(ratio(result, "projection", "log_samples_fine"))
    return Claim.at_most(
        "samples, learned / projection",
        more,
        1.3,
        f"chosen: below what NP made by hand needs, the null; projection / learned {_interval(there)}; to "
        f"{config['fine']:g} of the loss {fine}",
        error=more * float(np.log(there[2] / there[1]) / (2 * 1.96)),
        null=float(np.exp(logs.sel(rule="hand") - logs.sel(rule="projection"))),
        rival=1.0,
        headline=True,
    )


def _found(result: xr.Dataset) -> list[Claim]:
    """What the searches must find, for the theory of a projection says so, and what is left open."""
    found, matters = result["coefficient"], result["matters"]
    spread = result["place"].std("search", ddof=1)
    worth = matters.mean("search")
    loose = worth[spread > OPEN]
    claims = []
    for name, of in (("input_exponent", "|x|² of the rate"), ("noise_exponent", "|ξ|² of the broadcast")):
        values = found.sel(parameter=name).values
        cost, error = mean_and_error(matters.sel(parameter=name).values)
        claims.append(
            Claim.at_least(
                f"mean log samples lost by moving the exponent of {of}",
                float(cost),
                0.07,
                f"chosen: 7 % of the samples; found {values.mean():.2g}, from {values.min():.2g} to "
                f"{values.max():.2g}, where 1 is a projection; the null is the median of what is left open",
                error=float(error),
                null=float(np.median(loose)) if loose.size else 0.0,
            )
        )
    return claims + [
        Claim.at_most(
            "part of the mean loss in what is expected, most of all searches",
            float(found.sel(parameter="baseline").max()),
            0.02,
            "a clean pass in every search; the null is where searches begin",
            null=float(np.sqrt(1e-3)),
        ),
        Claim.at_least(
            "coefficients on which the searches do not agree",
            int((spread > OPEN).sum()),
            1,
            f"solutions are degenerate: sd > {OPEN:.2g} of the range, half of chance",
            null=0.0,
        ),
        Claim.at_most(
            "mean log samples lost by moving an open coefficient / an agreed one",
            float(loose.mean()) / float(worth[spread <= OPEN].mean()),
            0.5,
            "what is left open matters less",
            null=1.0,
        ),
    ]


def _nulls(result: xr.Dataset) -> list[Claim]:
    config = json.loads(result.attrs["config"])
    last = result["null"].isel(moment=slice(-result.sizes["moment"] // 4, None)).mean("moment")
    start = result["null"].isel(moment=0)
    shuffled, error = mean_and_error((last - start).sel(control="shuffled").values)
    frozen, frozen_error = mean_and_error((last - start).sel(control="frozen").values)
    return [
        Claim.at_least(
            "shuffled broadcast: rise of log loss",
            float(shuffled),
            np.log(config["criterion"]) / 4,
            "nothing is learned (loss may grow); the null reaches the criterion",
            error=float(error),
            null=float(np.log(config["criterion"])),
        ),
        Claim.equivalent(
            "frozen plasticity: rise of log loss",
            float(frozen),
            0.0,
            float(frozen_error),
            -np.log(config["criterion"]) / 4,
            "chosen: errors are .1; the null reaches the criterion",
            null=float(np.log(config["criterion"])),
        ),
    ]


def _beyond(result: xr.Dataset) -> list[Claim]:
    """Kinds of tasks that no search has seen: the part that each rule solves."""
    part = result["beyond_solved"].mean("other")
    mine = part.sel(rule=learned(result)).mean("rule")
    claims = []
    for kind in LEADS:
        others = {known: float(part.sel(rule=known, kind=kind)) for known in LABELS if known != "learned"}
        stated = ", ".join(f"{LABELS[known]} {value:.2g}" for known, value in others.items())
        claims.append(
            Claim.at_least(
                f"{kind} tasks, solved by the learned rule, mean of searches",
                float(mine.sel(kind=kind)),
                others["np"] + 0.05,
                f"chosen: one task in twenty more than tuned NP; {stated}",
                null=others["np"],
                rival=others["projection"],
            )
        )
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["meta_rule"]
    figure, axes = panels(3, 2, 8.2)
    axes = axes.reshape(2, 3)
    _search(axes[0, 0], result)
    _samples(axes[0, 1], result)
    _curves(axes[0, 2], result)
    _coefficients(axes[1, 0], result)
    _worth(axes[1, 1], result)
    _solved(axes[1, 2], result)
    return figure


def _of(result: xr.Dataset, kind: str) -> list[str]:
    return learned(result) if kind == "learned" else [kind]


def _search(panel: Axes, result: xr.Dataset) -> None:
    generation = np.arange(1, result.sizes["generation"] + 1)
    for name in learned(result):
        panel.semilogy(generation, result["score"].sel(search=name), color=COLOURS["learned"], linewidth=0.8)
    for kind in ("np", "hand", "projection"):
        level = float(np.exp(result["log_samples"].sel(rule=kind).mean()))
        panel.axhline(level, color=COLOURS[kind], linestyle="--", label=f"{LABELS[kind]}, tuned")
    panel.set(xlabel="generation", ylabel="samples to criterion", title="a  searches")
    panel.set_ylim(top=10 * panel.get_ylim()[1])
    panel.legend(loc="upper right")


def _samples(panel: Axes, result: xr.Dataset) -> None:
    size = result["size"].values
    for kind in ("wp", "np", "hand", "projection", "learned", "sgd", "nsgd"):
        logs = result["log_samples"].sel(rule=_of(result, kind)).mean("rule")
        panel.loglog(size, np.exp(logs), ".", color=COLOURS[kind], markersize=3, label=LABELS[kind])
    order = np.unique(size)
    criterion = json.loads(result.attrs["config"])["criterion"]
    panel.plot(order, -order * np.log(criterion), color="black", linewidth=0.8, label="N M ln 10")
    panel.set(xlabel="inputs × outputs", ylabel="samples to criterion", title="b  held-out tasks")
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200) if size.min() <= tick <= size.max()]
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.set_xticks([], minor=True)
    panel.set_ylim(top=50 * panel.get_ylim()[1])
    panel.legend(fontsize=6, loc="upper left", ncol=2)


def _curves(panel: Axes, result: xr.Dataset) -> None:
    trial = result["trial"].values
    for kind in LABELS:
        curve = np.exp(result["curve"].sel(rule=_of(result, kind)).mean("rule"))
        panel.loglog(trial, curve, color=COLOURS[kind])
    for control, style in (("shuffled", ":"), ("frozen", "--")):
        curve = np.exp(result["null"].sel(control=control).mean("individual"))
        panel.plot(result["null_trial"], curve, style, color=COLOURS["learned"], label=f"learned, {control}")
    panel.set(xlabel="trial", ylabel="loss / loss of silence", title="c  learning", ylim=(1e-3, 30))
    panel.legend(loc="lower left")


def _coefficients(panel: Axes, result: xr.Dataset) -> None:
    order = np.argsort(result["place"].std("search").values)[::-1]
    names = result["parameter"].values[order]
    for row, name in enumerate(names):
        places = result["place"].sel(parameter=name).values
        panel.plot(places, np.full(len(places), row), "o", color=COLOURS["learned"], markersize=3, alpha=0.6)
    panel.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=6)
    panel.set(xlabel="found, in units of the range", title="d  coefficients", xlim=(-0.03, 1.03))
    panel.grid(axis="y", linewidth=0.3)


def _worth(panel: Axes, result: xr.Dataset) -> None:
    mean, error = mean_and_error(result["matters"].transpose("search", ...).values)
    spread = result["place"].std("search", ddof=1).values
    for row, number in enumerate(np.argsort(mean)):
        panel.errorbar(
            max(mean[number], LEAST),
            row,
            xerr=2 * error[number],
            fmt="o",
            color=COLOURS["learned"],
            mfc="white" if spread[number] > OPEN else COLOURS["learned"],
            markersize=3,
        )
    names = [str(name).replace("_", " ") for name in result["parameter"].values[np.argsort(mean)]]
    panel.plot([], [], "o", color=COLOURS["learned"], markersize=3, label="searches agree")
    panel.plot([], [], "o", color=COLOURS["learned"], mfc="white", markersize=3, label="left open")
    panel.set_yticks(range(len(names)), names, fontsize=6)
    panel.set(
        xscale="log",
        xlabel="mean log samples lost by moving it",
        title="e  what matters",
        xlim=(LEAST / 2, 10),
    )
    panel.grid(axis="y", linewidth=0.3)
    panel.legend(loc="lower right")


def _solved(panel: Axes, result: xr.Dataset) -> None:
    kinds = ["held out", *(str(kind) for kind in result["kind"].values)]
    for place, (kind, label) in enumerate(LABELS.items()):
        rules = _of(result, kind)
        usual = result["solved"].sel(rule=rules).mean("task")
        beyond = result["beyond_solved"].sel(rule=rules).mean("other").transpose("kind", "rule")
        parts = np.vstack([usual.values[None], beyond.values])
        x = np.arange(len(kinds)) + (place - 3) * 0.12
        panel.bar(x, parts.mean(axis=1), 0.11, color=COLOURS[kind], label=label)
        if len(rules) > 1:
            panel.plot(np.repeat(x, len(rules)), parts.ravel(), ".", color="black", markersize=2)
    panel.set_xticks(range(len(kinds)), kinds)
    panel.set(ylabel="part of tasks solved", title="f  beyond the training", ylim=(0, 1.05))
