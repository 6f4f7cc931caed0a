"""People plan in the two-step task and learn faster after a change; fits give known parameters back.

(a) Probability of repeating the first choice after the four kinds of trial: 24 people (Feher da Silva & Hare
2020, where the recording is at hand) beside simulated people with the fitted parameters of each model; else
three simulated populations. (b) Logistic regression of staying, mixed over subjects; grey: rewards and
transitions shuffled. (c) Held-out log likelihood per choice above the model-free learner's; open: simulated
people who mix both kinds of values evenly. (d) Weight w of model-based values of each person, with its
standard error. (e, f) Parameters of simulated people and what fits give back: Q-learning on 500 trials of a
bandit, (g) weight w on 1,000 trials of the two-step task. Points: most probable under weak priors, and r,
their correlation with the truth; grey: maximum likelihood alone, which runs off for single people. (h)
Learning rate by trials since a change: 20 people who report a hidden probability (Foucault & Meyniel 2024),
beside the Bayesian player and the rule of constant rate on the same outcomes. Error bars: 95 % intervals (a,
b), two standard errors (c, h).

What no mixture gives is how symmetric people are: after an unrewarded rare transition they stay more often
than simulated people with their own fitted parameters. Held-out choices are foreseen better where the values
of what was not visited are forgotten (c); a model-free share adds nothing that can be seen there.
"""

from typing import Any

import numpy as np

from ..analysis.behaviour.change_points import EARLY, LATE
from ..analysis.behaviour.recorded_choices import CHANGE_POINTS_SOURCE, TWO_STEP_SOURCE
from ..analysis.behaviour.stay import KINDS, SIGNS
from ..analysis.behaviour.two_step_regression import EFFECTS
from ..analysis.recordings.places import VARIABLE
from ..analysis.statistics.intervals import bootstrap_interval, mean_and_error
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("choice_recovery", "recorded_choices")
FACTS = {"two_step": "207e1ee4b077", "change_points": "462d8e26001c"}
"""Digests of the recordings in which the numbers below were measured; others have numbers of their own."""
STAY = (0.801, 0.473, 0.480, 0.825)
"""Recorded stay probabilities, in the order of `KINDS`."""
SLOPES = (0.111, 0.084)
"""Recorded learning rates in trials 0 to 3 and 9 to 14 after a change."""
FACT = "the measured fact of the recording, to its last digit"
NATS = 0.005
"""Least gain on held-out choices that is called one (nats a choice)."""


def check(data: Results) -> list[Claim]:
    result = data["choice_recovery"]
    people, reporters = _people(data)
    return [
        *_recovery_claims(result),
        *_simulated_claims(result),
        *(
            _needs(("P(stay), the four kinds",), TWO_STEP_SOURCE)
            if people is None
            else _two_step_claims(people, _mixed(result))
        ),
        *(
            _needs(("learning rate around changes",), CHANGE_POINTS_SOURCE)
            if reporters is None
            else _change_point_claims(reporters)
        ),
    ]


def _people(data: Results) -> tuple[Dataset | None, Dataset | None]:
    """What was recorded in the two-step task and around change points; None where it is absent."""
    found = data["recorded_choices"]
    return (found if "stay" in found else None), (found if "slopes" in found else None)


def _same(recorded: Dataset, name: str) -> bool:
    """Whether a recording is the one whose numbers are known."""
    return bool(config_of(recorded)[name] == FACTS[name])


def _needs(names: tuple[str, ...], source: str) -> list[Claim]:
    return [
        Claim.waiting(f"recorded {name}", 0.0, f"{source} in the folder that {VARIABLE} names")
        for name in names
    ]


def _recovery_claims(result: Dataset) -> list[Claim]:
    claims = []
    for table, name, symbol, bound, likely_bound in (
        ("bandit", "alpha", "α", 0.9, 0.9),
        ("bandit", "beta", "β", 0.9, 0.8),
        ("two_step", "w", "w", 0.7, 0.7),
    ):
        true, found, error, likely = _estimates(result, table, name)
        task = "bandit" if table == "bandit" else "two-step task"
        claims += [
            Claim.at_least(
                f"{task}: {symbol} given back, r",
                float(np.corrcoef(true, found)[0, 1]),
                bound,
                f"chosen: {bound**2:.0%} of the variance; the null is no relation",
                null=0.0,
                kind="validation",
            ),
            Claim.at_least(
                f"{task}: {symbol} by maximum likelihood alone, rank correlation",
                _rank(true, likely),
                likely_bound,
                "ranks, for single estimates run off: with α near 1 the likelihood of β hardly has a top",
                null=0.0,
                kind="validation",
            ),
        ]
        if table == "bandit":
            z = (found - true) / error
            z = z[np.isfinite(z)]
            claims.append(
                Claim(
                    f"{task}: {symbol}, spread of (estimate - truth)/standard error",
                    float(z.std(ddof=1)),
                    1.0,
                    float(5 / np.sqrt(2 * len(z))) + 0.15,
                    "5 standard errors of a spread, and .15 for skewness and the priors' pull",
                )
            )
    return claims


def _simulated_claims(result: Dataset) -> list[Claim]:
    gain = result["gain"]
    true, shuffled = (gain.sel(rewards=name).values for name in ("true", "shuffled"))
    index = result["stay"].values @ SIGNS
    free, based = (
        index[list(result["population"].values).index(name)] for name in ("model-free", "model-based")
    )
    people, (gained, spread) = result.sizes["person"], _gain(result)
    curve = result["slope"].values
    early, late = (_window(curve, *ends) for ends in (EARLY, LATE))
    return [
        Claim.at_least(
            "bandit: values foresee held-out choices (nats a choice)",
            **_mean(true, NATS),
            reason="chosen: the least that is called a gain; the null has its rewards shuffled",
            null=float(shuffled.mean()),
        ),
        Claim.at_most(
            "bandit, rewards shuffled: the same (nats a choice)",
            **_mean(shuffled, NATS),
            reason="there is no value to learn; the null has its rewards",
            null=float(true.mean()),
        ),
        Claim.at_least(
            f"simulated w = .5: mixture above model-based, held out (nats a choice, {people} people)",
            value=(gained, spread),
            bound=0.0,
            reason="as many people and trials as recorded: a model-free share of one half would be seen",
            kind="validation",
        ),
        Claim.at_least(
            "simulated: interaction index of planners above that of caches",
            value=float(based.mean() - free.mean()),
            error=float(np.hypot(mean_and_error(based)[1], mean_and_error(free)[1])),
            bound=0.1,
            reason="chosen: the least that tells them apart; the null is one way of choosing",
            null=0.0,
        ),
        Claim.at_least(
            "Bayes: learning rate early / late",
            **_ratio(early[0], late[0]),
            reason="chosen: a tenth more; the null is the rule of constant rate",
            null=1.0,
        ),
        Claim(
            "constant rate: early less late",
            float(np.abs(early[1] - late[1]).max()),
            0.0,
            1e-9,
            "rounding: it does not adapt",
        ),
    ]


def _gain(result: Dataset) -> tuple[float, float]:
    """Held-out gain of the mixture over planning alone in simulated people who mix both evenly (nats), and
    its standard error for as many people as were recorded."""
    above = _mixed(result)
    mean, error = mean_and_error(above)
    return float(mean), float(error) * (len(above) / result.sizes["person"]) ** 0.5


def _mixed(result: Dataset) -> np.ndarray:
    """That gain of each simulated person."""
    held = result["held_out"]
    return np.asarray((held.sel(model="mixture") - held.sel(model="model-based")).values)


def _two_step_claims(people: Dataset, mixed: np.ndarray) -> list[Claim]:
    claims = [
        Claim(f"people: P(stay) after {kind}", value, expected, 0.001, FACT, "regression")
        for kind, value, expected in zip(KINDS, people["stay"].mean("subject").values, STAY, strict=True)
        if _same(people, "two_step")
    ]
    planned = people.sel(effect=EFFECTS[3])
    effect, null = float(planned["effects"]), float(planned["null_effects"])
    held = {str(name): people["held_out"].sel(model=name).values for name in people["model"].values}
    mixture, free = (float(people["predicted_index"].sel(fitted=name)) for name in ("mixture", "model-free"))
    error = mean_and_error(people["stay"].values @ SIGNS)[1]
    gain, gain_error = map(float, mean_and_error(held["mixture"] - held["model-based"]))
    simulated, simulated_error = map(float, mean_and_error(mixed))
    return [
        *claims,
        Claim.at_least(
            "people: reward x transition (logit)",
            (effect, (effect - float(planned["effects_low"])) / 2),
            0.1,
            "chosen: beyond what shuffled rewards and transitions give, the null",
            null=null,
            headline=True,
        ),
        Claim.estimate(
            "people, shuffled: reward x transition",
            null,
            0.0,
            float(planned["null_error"]),
            source="its",
        ),
        Claim.at_least(
            "people: mixture above model-free, held out (nats a choice)",
            **_mean(held["mixture"] - held["model-free"], NATS),
            reason="chosen: the least that is called a gain; the null is no planning",
            null=0.0,
            headline=True,
        ),
        Claim.at_least(
            "mixture above model-based, held out: simulated w = .5 less people (nats a choice)",
            (simulated - gain, float(np.hypot(simulated_error, gain_error))),
            0.001,
            f"chosen: above rounding; a model-free share of one half, the null, gives {simulated:.4f}, "
            f"people {gain:.4f}: told a story, people plan (Feher da Silva & Hare 2020)",
            null=0.0,
            headline=True,
        ),
        Claim.at_least(
            "people: forgetting above none, mixture, held out (nats a choice)",
            **_mean(held["mixture, forgetting"] - held["mixture"], 0.001),
            reason="chosen: above rounding; Toyama et al. 2019; the null forgets nothing",
            null=0.0,
        ),
        Claim.at_least(
            "predicted interaction index, mixture above model-free",
            mixture - free,
            3 * float(error),
            "three standard errors of people's index; the null has model-free values in both",
            null=0.0,
        ),
    ]


def _change_point_claims(reporters: Dataset) -> list[Claim]:
    slopes, shuffled = reporters["slopes"].values, reporters["shuffled"].values
    names = (f"trials {EARLY[0]} to {EARLY[1]}", f"trials {LATE[0]} to {LATE[1]}")
    return [
        *(
            Claim(
                f"people: learning rate in {name} after a change", value, expected, 0.002, FACT, "regression"
            )
            for name, value, expected in zip(names, slopes.mean(axis=0), SLOPES, strict=True)
            if _same(reporters, "change_points")
        ),
        Claim.at_least(
            "people: learning rate early / late",
            **_ratio(slopes[:, 0], slopes[:, 1]),
            reason="chosen: a tenth more; the null is change points at random",
            null=float(shuffled[:, 0].mean() / shuffled[:, 1].mean()),
            headline=True,
        ),
        Claim.at_least(
            "Bayes on the same outcomes: early / late",
            **_ratio(*reporters["player_slopes"].sel(player="Bayes").values.T[:2]),
            reason="chosen: a tenth more; the null is the rule of constant rate",
            null=1.0,
        ),
    ]


# -- numbers -----------------------------------------------------------------------------------------------


def _estimates(result: Dataset, table: str, name: str) -> tuple[np.ndarray, ...]:
    """Truth, most probable, its standard error, most likely; each (person,)."""
    one = result[table].sel({f"{table}_parameter": name})
    return tuple(one.sel(estimate=kind).values for kind in ("true", "found", "error", "likely"))


def _rank(one: np.ndarray, other: np.ndarray) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)


def _mean(values: np.ndarray, bound: float) -> dict[str, Any]:
    """Arguments of a claim on a mean over people."""
    return {"value": mean_and_error(values), "bound": bound}


def _ratio(early: np.ndarray, late: np.ndarray) -> dict[str, Any]:
    """Arguments of a claim on a ratio of means over people, its error from their pairs (to first order)."""
    ratio = float(early.mean() / late.mean())
    error = float(mean_and_error(early - ratio * late)[1]) / abs(float(late.mean()))
    return {"value": (ratio, error), "bound": 1.1}


def _window(curve: np.ndarray, low: int, high: int) -> np.ndarray:
    """Mean over trials since a change of (player, person, since)."""
    return np.asarray(np.nanmean(curve[..., low : high + 1], axis=-1))


# -- panels ------------------------------------------------------------------------------------------------


def draw(data: Results) -> Figure:
    result = data["choice_recovery"]
    people, reporters = _people(data)
    figure, axes = panels(4, 2, 10.2)
    axes = axes.reshape(2, 4)
    _stay(axes[0, 0], result, people)
    _regression(axes[0, 1], result, people)
    _foresight(axes[0, 2], result, people)
    _weights(axes[0, 3], result, people)
    _recovery(axes[1, 0], result, "bandit", "alpha", "e  learning rate α", (0, 1))
    _recovery(axes[1, 1], result, "bandit", "beta", "f  inverse temperature β", (0, 12))
    _recovery(axes[1, 2], result, "two_step", "w", "g  weight w", (0, 1))
    _changes(axes[1, 3], result, reporters)
    return figure


def _stay(panel: Axes, result: Dataset, people: Dataset | None) -> None:
    place = np.arange(4)
    if people is not None:
        shown = {str(row["fitted"].values): row.values for row in people["predicted_stay"]}
        low, high = bootstrap_interval(people["stay"].values, resamples=1000)
        mean = people["stay"].mean("subject").values
        panel.bar(place, mean, color="0.88", width=0.8, zorder=0)
        panel.errorbar(
            place,
            mean,
            [mean - low, high - mean],
            fmt="k_",
            label=f"{people.sizes['subject']} people",
            zorder=3,
        )
    else:
        shown = {
            str(name): np.nanmean(rows, axis=0)
            for name, rows in zip(result["population"].values, result["stay"].values, strict=True)
        }
    for shift, (name, values) in zip((-0.22, 0.0, 0.22), shown.items(), strict=True):
        panel.plot(place + shift, values, "o", color=COLOURS[name], label=name, markersize=4, zorder=4)
    panel.set_xticks(
        place, ["rewarded\ncommon", "rewarded\nrare", "unrew.\ncommon", "unrew.\nrare"], fontsize=7
    )
    panel.set(ylim=(0.3, 1.22), ylabel="P(stay)", title="a  staying")
    panel.set_yticks([0.4, 0.6, 0.8, 1.0])
    panel.legend(ncols=2, loc="upper center", fontsize=6.5)


def _regression(panel: Axes, result: Dataset, people: Dataset | None) -> None:
    place = np.arange(len(EFFECTS))
    if people is not None:
        mean, low, high = (people[name].values for name in ("effects", "effects_low", "effects_high"))
        panel.errorbar(place, mean, [mean - low, high - mean], fmt="ko", label="people")
        null, error = people["null_effects"].values, 2 * people["null_error"].values
        panel.errorbar(place + 0.2, null, error, fmt="x", color="0.6", label="shuffled")
    else:
        rows = zip(
            result["population"].values,
            result["regression"].values,
            result["regression_error"].values,
            strict=True,
        )
        for shift, (name, mean, error) in zip((-0.2, 0.0, 0.2), rows, strict=True):
            panel.errorbar(place + shift, mean, 2 * error, fmt="o", color=COLOURS[str(name)], label=str(name))
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xticks(place, ["stay", "reward", "transition", "reward ×\ntransition"], fontsize=7)
    panel.set(ylabel="log odds", title="b  two-step regression")
    panel.legend(loc="upper center")


def _foresight(panel: Axes, result: Dataset, people: Dataset | None) -> None:
    simulated = {str(name): result["held_out"].sel(model=name).values for name in result["model"].values}
    shown = [(simulated, "white", 0.12, "simulated, w = .5")]
    if people is not None:
        held = {str(name): people["held_out"].sel(model=name).values for name in people["model"].values}
        shown.append((held, "black", -0.12, "people"))
    names = ["model-based", "mixture", *(["mixture, forgetting"] if people is not None else [])]
    for held, face, shift, label in shown:
        for place, name in enumerate(names):
            if name in held:
                mean, error = mean_and_error(held[name] - held["model-free"])
                panel.errorbar(
                    place + shift,
                    float(mean),
                    2 * float(error),
                    fmt="o",
                    color="black",
                    mfc=face,
                    label=label if not place else None,
                )
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xticks(
        range(len(names)), [name.replace(", ", ",\n").replace("-", "-\n") for name in names], fontsize=7
    )
    panel.set(xlim=(-0.5, len(names) - 0.5), ylabel="nats per choice", title="c  held out, above model-free")
    panel.legend(loc="upper left")


def _weights(panel: Axes, result: Dataset, people: Dataset | None) -> None:
    if people is not None:
        w, error, other = (people[name].values for name in ("w", "w_error", "w_forgetting"))
        label = "mixture"
    else:
        _, w, error, _ = _estimates(result, "two_step", "w")
        label, other = "simulated, w even", None
    order = np.argsort(w)
    rank = np.arange(len(w))
    panel.errorbar(
        rank, w[order], error[order], fmt="o", markersize=3, color="C2", linewidth=0.7, label=label
    )
    if other is not None:
        panel.plot(rank, other[order], "o", markersize=3, mfc="white", color="C4", label="with forgetting")
    panel.set(
        ylim=(0, 1), xlabel="person, sorted", ylabel="weight w of planning", title="d  model-based share"
    )
    panel.legend(loc="lower right")


def _recovery(
    panel: Axes, result: Dataset, table: str, name: str, title: str, ends: tuple[float, float]
) -> None:
    true, found, _, likely = _estimates(result, table, name)
    panel.plot(ends, ends, color="0.8", zorder=0)
    panel.plot(true, np.clip(likely, *ends), "o", markersize=3.5, mfc="none", color="0.6", clip_on=False)
    panel.plot(true, np.clip(found, *ends), "o", markersize=3, alpha=0.7)
    panel.text(0.05, 0.9, f"r = {np.corrcoef(true, found)[0, 1]:.2f}", transform=panel.transAxes)
    panel.set(
        xlim=(ends[0], min(ends[1], true.max() * 1.1)), ylim=ends, xlabel="true", ylabel="fitted", title=title
    )


def _changes(panel: Axes, result: Dataset, reporters: Dataset | None) -> None:
    since = result["since"].values
    if reporters is not None:
        rows = reporters["curve"].values
        mean, centred = rows.mean(axis=0), rows - rows.mean(axis=1, keepdims=True)
        panel.errorbar(
            since,
            mean,
            2 * mean_and_error(centred)[1],
            fmt="ko-",
            markersize=3,
            linewidth=1,
            label=f"{reporters.sizes['reporter']} people",
        )
        shown = {str(row["player"].values): row.values for row in reporters["player_curves"]}
    else:
        shown = {
            str(name): np.nanmean(curve, axis=0)
            for name, curve in zip(result["player"].values, result["slope"].values, strict=True)
        }
    for (name, curve), colour in zip(shown.items(), ("C0", "C1"), strict=True):
        panel.plot(since, curve, color=colour, label=name)
    panel.set(xlabel="trials since the change", ylabel="learning rate", title="h  after a change")
    panel.set_ylim(0.05, 0.21)
    panel.legend()
