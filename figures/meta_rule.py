"""An outer loop that is shown no rule finds one that beats the projection where inputs are unlike.

The taught half of the family of rules, all coefficients free, tuned in independent searches over teachers
whose inputs differ in variance, up to a hundredfold, and have a mean, as firing rates do; the known rules
are tuned with as many lifetimes. (a) Samples to criterion (loss, label noise apart, down to a tenth) of the
median candidate of each search. (b) Held-out tasks, each a dot, against inputs times outputs; theory's line
N M ln 10 is for an update that takes out the error along what was tried (at the top: never). (c) Mean loss
on held-out tasks. With another's broadcast, or frozen, the learned rule learns nothing. (d) What each
search found. (e) What it costs to move a coefficient by a fifth of its range (bars: 2 s.e. over searches):
what matters is found again, the rest (open) is left to chance. (f) Samples that the best known rule with
one scalar needs over those of the learned rule, on tasks as in training and on kinds that no search has
seen (bars: 95 % over searches and tasks). The strongest known rule with one scalar is the projection: node
perturbation divided by the squared lengths of the input and of what was tried (Dalm, van Gerven & Ahmad,
arXiv:2310.00965), tuned by itself. It is one point of the space; the searches add to it that every input is
measured by its own mean square, less a part of its mean. A projection that is told so by hand, and tuned,
is about as good as what they find: they find the structure, not more. On larger networks they gain most;
where all inputs are alike they gain nothing, and on noisier tasks and rectified networks, which a search
for speed never meets, the projection is as good or better.
"""

import numpy as np

from ..analysis.statistics.intervals import crossed_interval, mean_and_error
from .claims import Claim
from .look import COLOURS, Axes, DataArray, Dataset, Figure, Results, config_of, panels, ticks

EXPERIMENTS = ("meta_rule",)
LABELS = {
    "learned": "learned rule",
    "projection": "projection",
    "scaled": "projection, told",
    "hand": "NP made by hand",
    "np": "node perturbation",
    "wp": "weight perturbation",
    "sgd": "gradient descent",
    "nsgd": "normalised gradient",
}
LEAST = 1e-4
"""Log samples below which what is lost is drawn as this."""
LEADS = ("larger", "deeper")
"""Kinds out of distribution on which rates that fit the size of a task must help."""
SCALAR = ("np", "wp", "hand", "projection")
"""Known rules that hear one scalar and are told nothing of these tasks."""
OPEN = 0.5 / 12**0.5
"""Half the standard deviation of an even draw: searches that differ by more leave a coefficient open."""


def learned(result: Dataset) -> list[str]:
    """The rules that are searches of the learned one."""
    return [str(name) for name in result["search"].values]


def ratio(result: Dataset, known: str, variable: str = "log_samples") -> tuple[float, float, float]:
    """A known rule over the learned one on the same held-out tasks, in samples (or in the loss at the end):
    geometric mean, and its interval over searches and tasks."""
    return _compared(result[variable], known, learned(result))


def beyond(result: Dataset, kind: str, known: str) -> tuple[float, float, float]:
    """The same on tasks of a kind that no search has seen."""
    logs = result["beyond_samples"].sel(kind=kind).rename(listener="rule")
    return _compared(logs, known, learned(result))


def _compared(logs: DataArray, known: str, mine: list[str]) -> tuple[float, float, float]:
    table = (logs.sel(rule=known) - logs.sel(rule=mine)).transpose("rule", ...).values
    low, high = crossed_interval(table)
    return float(np.exp(table.mean())), float(np.exp(low)), float(np.exp(high))


def places(result: Dataset) -> dict[str, tuple[str, tuple[float, float, float]]]:
    """For tasks as in training and each kind beyond: the best known rule with one scalar that is told
    nothing, and its samples over those of the learned one."""
    found = {}
    for name, logs in (
        ("as in training", result["log_samples"]),
        ("a hundredth", result["log_samples_fine"]),
        *(
            (str(kind), result["beyond_samples"].sel(kind=kind).rename(listener="rule"))
            for kind in result["kind"].values
        ),
    ):
        best = min(SCALAR, key=lambda known: float(logs.sel(rule=known).mean()))
        found[name] = (best, _compared(logs, best, learned(result)))
    return found


def _interval(ratio: tuple[float, float, float]) -> str:
    mean, low, high = ratio
    return f"{mean:.3g}, 95 % over searches and tasks {low:.3g} to {high:.3g}"


def check(data: Results) -> list[Claim]:
    result = data["meta_rule"]
    names = learned(result)
    config = config_of(result)
    fewer = {known: ratio(result, known) for known in LABELS if known != "learned"}
    projection, told = fewer["projection"], fewer["scaled"]
    worth = float(np.log(projection[0] / told[0]))
    share = float(np.log(projection[0])) / worth if worth > 0 else 0.0  # nothing to be found
    claims = [
        Claim.at_least(
            "samples, projection / learned, lower end of the interval",
            projection[1],
            1.01,
            f"chosen: above 1; held-out teachers; {_interval(projection)}; the rival is the projection "
            "that is told how to measure inputs",
            null=1.0,
            rival=projection[0] / told[0],
            headline=True,
        ),
        Claim.at_least(
            "share of what being told is worth that the searches find by themselves (log samples)",
            (share, float(np.log(told[2] / told[1]) / (2 * 1.96)) / max(abs(worth), 1e-9)),
            0.1,
            f"chosen: a tenth; told / learned {_interval(told)}; null: the projection, rival: the one told",
            null=0.0,
            rival=1.0,
            headline=True,
        ),
        _larger(result),
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
            1.2,
            f"chosen: well above 1; {_interval(fewer['hand'])}",
            null=1.0,
            rival=fewer["hand"][0] / projection[0],
        ),
        Claim.at_least(
            "samples, learned / normalised gradient descent, lower end of the interval",
            1 / fewer["nsgd"][2],
            1.2,
            "chosen: a scalar does not beat a vector of errors that is scaled as well; normalised / learned "
            f"{_interval(fewer['nsgd'])}; plain / learned {_interval(fewer['sgd'])}",
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
        _alike(result),
    ]
    longest = np.log(config["held_trials"])
    for variable, criterion, most in (
        ("log_samples", config["criterion"], 0.02),
        ("log_samples_fine", config["fine"], 0.15),
    ):
        late = (result[variable] >= longest).mean("task")
        count = int((result[variable].sel(rule=names) >= longest).sum())
        lives = len(names) * result.sizes["task"]
        claims.append(
            Claim.at_most(
                f"share of lives that never reach {criterion:g} of the loss, learned",
                count / lives,
                most,
                f"chosen: {most:.0%}; {count} of {lives}, tasks as in training; the null is frozen",
                null=1.0,
                rival=float(late.sel(rule="projection")),
            )
        )
    return claims + _found(result) + _nulls(result) + _beyond(result)


def _larger(result: Dataset) -> Claim:
    """Networks with twice the inputs and outputs, which no search has seen; all others are said beside it."""
    mean, low, high = beyond(result, "larger", "projection")
    stated = ", ".join(
        f"{name} {mean:.3g} ({low:.3g} to {high:.3g}) of {LABELS[best]}"
        for name, (best, (mean, low, high)) in places(result).items()
    )
    return Claim.at_least(
        "networks twice as large: samples, projection / learned, lower end of the interval",
        low,
        1.01,
        f"chosen: above 1; {_interval((mean, low, high))}; best known / learned everywhere: {stated}",
        null=1.0,
        rival=mean / beyond(result, "larger", "scaled")[0],
    )


def _alike(result: Dataset) -> Claim:
    """What it costs to expect unlike inputs where they are alike."""
    mean, low, high = beyond(result, "isotropic", "projection")
    logs = result["beyond_samples"].sel(kind="isotropic").mean("other")
    return Claim.at_most(
        "inputs alike, which no search has seen: samples, learned / projection",
        (1 / mean, float(np.log(high / low) / (2 * 1.96)) / mean),
        1.4,
        f"chosen: less than half again; projection / learned {_interval((mean, low, high))}; the null is "
        "tuned NP",
        null=float(np.exp(logs.sel(listener="np") - logs.sel(listener="projection"))),
        rival=1.0,
    )


def _found(result: Dataset) -> list[Claim]:
    """What the searches must find, for the theory of a projection says so, and what is left open."""
    found, matters = result["coefficient"], result["matters"]
    spread = result["place"].std("search", ddof=1)
    worth = matters.mean("search")
    loose = worth[spread > OPEN]
    values = found.sel(parameter="input_exponent").values
    return [
        Claim.at_least(
            "mean log samples lost by moving the exponent of |x|² of the rate",
            mean_and_error(matters.sel(parameter="input_exponent").values),
            0.1,
            f"chosen: a tenth of the samples; found {values.mean():.2g}, from {values.min():.2g} to "
            f"{values.max():.2g}, where 1 is a projection; the null is the median of what is left open",
            null=float(np.median(loose)) if loose.size else 0.0,
        ),
        Claim.at_most(
            "part of the mean loss in what is expected, most of all searches",
            float(found.sel(parameter="baseline").max()),
            0.02,
            "a clean pass in every search; the null is the middle of the space",
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


def _nulls(result: Dataset) -> list[Claim]:
    config = config_of(result)
    last = result["null"].isel(moment=slice(-result.sizes["moment"] // 4, None)).mean("moment")
    start = result["null"].isel(moment=0)
    frozen, frozen_error = mean_and_error((last - start).sel(control="frozen").values)
    return [
        Claim.at_least(
            "shuffled broadcast: rise of log loss",
            mean_and_error((last - start).sel(control="shuffled").values),
            np.log(config["criterion"]) / 4,
            "nothing is learned (loss may grow); the null reaches the criterion",
            null=float(np.log(config["criterion"])),
        ),
        Claim.equivalent(
            "frozen plasticity: rise of log loss",
            float(frozen),
            0.0,
            float(frozen_error),
            -0.4 * np.log(config["criterion"]),
            "chosen: errors are .1 to .16, four of them and more; the null reaches the criterion",
            null=float(np.log(config["criterion"])),
        ),
    ]


def _beyond(result: Dataset) -> list[Claim]:
    """Kinds of tasks that no search has seen: the part that each rule solves."""
    part = result["beyond_solved"].mean("other")
    mine = part.sel(listener=learned(result)).mean("listener")
    claims = []
    for kind in LEADS:
        others = {known: float(part.sel(listener=known, kind=kind)) for known in (*SCALAR, "scaled")}
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


def draw(data: Results) -> Figure:
    result = data["meta_rule"]
    figure, axes = panels(3, 2, 8.2)
    axes = axes.reshape(2, 3)
    _search(axes[0, 0], result)
    _samples(axes[0, 1], result)
    _curves(axes[0, 2], result)
    _coefficients(axes[1, 0], result)
    _worth(axes[1, 1], result)
    _gains(axes[1, 2], result)
    return figure


def _of(result: Dataset, kind: str) -> list[str]:
    return learned(result) if kind == "learned" else [kind]


def _search(panel: Axes, result: Dataset) -> None:
    generation = np.arange(1, result.sizes["generation"] + 1)
    for name in learned(result):
        panel.semilogy(generation, result["score"].sel(search=name), color=COLOURS["learned"], linewidth=0.8)
    for kind in ("np", "hand", "projection", "scaled"):
        level = float(np.exp(result["log_samples"].sel(rule=kind).mean()))
        panel.axhline(level, color=COLOURS[kind], linestyle="--", label=f"{LABELS[kind]}, tuned")
    panel.set(xlabel="generation", ylabel="samples to criterion", title="a  searches")
    panel.set_ylim(top=10 * panel.get_ylim()[1])
    panel.legend(loc="upper right")


def _samples(panel: Axes, result: Dataset) -> None:
    size = result["size"].values
    for kind in ("wp", "np", "hand", "projection", "scaled", "learned", "sgd", "nsgd"):
        logs = result["log_samples"].sel(rule=_of(result, kind)).mean("rule")
        panel.loglog(size, np.exp(logs), ".", color=COLOURS[kind], markersize=3, label=LABELS[kind])
    order = np.unique(size)
    criterion = config_of(result)["criterion"]
    panel.plot(order, -order * np.log(criterion), color="black", linewidth=0.8, label="N M ln 10")
    panel.set(xlabel="inputs × outputs", ylabel="samples to criterion", title="b  held-out tasks")
    ticks(panel, [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200) if size.min() <= tick <= size.max()])
    panel.set_ylim(top=50 * panel.get_ylim()[1])
    panel.legend(fontsize=6, loc="upper left", ncol=2)


def _curves(panel: Axes, result: Dataset) -> None:
    trial = result["trial"].values
    for kind in LABELS:
        curve = np.exp(result["curve"].sel(rule=_of(result, kind)).mean("rule"))
        panel.loglog(trial, curve, color=COLOURS[kind])
    for control, style in (("shuffled", ":"), ("frozen", "--")):
        curve = np.exp(result["null"].sel(control=control).mean("individual"))
        panel.plot(result["null_trial"], curve, style, color=COLOURS["learned"], label=f"learned, {control}")
    panel.set(xlabel="trial", ylabel="loss / loss of silence", title="c  learning", ylim=(1e-3, 30))
    panel.legend(loc="lower left")


def _coefficients(panel: Axes, result: Dataset) -> None:
    order = np.argsort(result["place"].std("search").values)[::-1]
    names = result["parameter"].values[order]
    for row, name in enumerate(names):
        places = result["place"].sel(parameter=name).values
        panel.plot(places, np.full(len(places), row), "o", color=COLOURS["learned"], markersize=3, alpha=0.6)
    panel.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=6)
    panel.set(xlabel="found, in units of the range", title="d  coefficients", xlim=(-0.03, 1.03))
    panel.grid(axis="y", linewidth=0.3)


def _worth(panel: Axes, result: Dataset) -> None:
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


def _gains(panel: Axes, result: Dataset) -> None:
    found = places(result)
    for place, (best, (mean, low, high)) in enumerate(found.values()):
        panel.plot([place, place], [low, high], color=COLOURS[best], linewidth=1.2)
        panel.plot(place, mean, "o", color=COLOURS[best], markersize=4)
    for best in dict.fromkeys(best for best, _ in found.values()):
        panel.plot([], [], "o", color=COLOURS[best], label=f"best is {LABELS[best]}")
    panel.axhline(1, color="black", linewidth=0.6)
    panel.set_yscale("log")
    panel.set_xticks(range(len(found)), list(found), rotation=35, ha="right")
    panel.set(ylabel="samples, best known / learned", title="f  and beyond the training")
    panel.set_ylim(top=2 * panel.get_ylim()[1])
    panel.legend(loc="upper right")
