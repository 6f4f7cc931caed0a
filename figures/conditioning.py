"""Dopamine neurons carry the prediction error, and the synapses that they teach learn to predict reward.

(a) Mean rate of the dopamine neurons about a cue (0 s) and a reward (1.5 s): before learning, after it, and
in probes: reward left out, early, or without the cue. (b) Responses to cue and reward over trials, and in
controls whose plasticity is frozen, or that hear the dopamine of another individual, less its mean, which
comes at random times. (c) Responses to the seven sizes of reward, with and without the cue (200 to 600 ms),
beside the means of recorded cells (Eshel et al. 2016, where the recordings are at hand). (d) R² of these
means in one half of the cells, the gain fitted to the other half, against the share of the expectation that
is subtracted; lines: a code of size alone, and the other half's own means. (e) Reward with a probability. (f)
Blocking: B was added when A already predicted the reward. Second order: B was followed by A, never by reward.
Truly random: cue and reward at times that are independent of each other. (g) Extinction and reacquisition.
(h) Channels whose dopamine neurons take good and bad news unequally: value before a reward of random size,
against the expectile of the sizes' values. Error bars: two standard errors over individuals.

Where the model is known to fail: a fifth of the first burst is left after learning, followed by a dip that
makes the mean small (less is left at higher rates, whose noise undoes blocking); in truly random training the
cue comes to excite, as nothing is active between cues (see `contingency`); recorded cells dip for small
rewards even without the cue, as if the place itself announced reward, so that the means lie far from the
recorded ones; and after an early reward recorded cells do not dip at the usual time (Hollerman & Schultz
1998, doi:10.1038/1124), for the animal knows that the reward has come.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.responses.dopamine_responses import WHOLE, rank_correlation
from ..analysis.statistics.intervals import mean_and_error, standard_error
from ..analysis.theory.expectiles import expectile
from ..models.conditioning.probes import mean_of_probe, of_each_size
from ..models.tasks.conditioning import SIZES
from . import enough
from .claims import Claim
from .look import GREEN, GREY, Axes, Dataset, Figure, Results, config_of, mosaic
from .reversal_points import NEEDS

EXPERIMENTS = ("conditioning", "value_distribution", "reversal_points")
SHARE = 0.375
"""Share of the expectation with which the sizes are compared to the recordings."""
LAST = 20
"""Trials at the end of a phase that are averaged."""
FIRST = 4
"""Trials at the beginning."""
REWARDED, OMISSION, EARLY, UNCUED = range(4)
ONLY_A, ONLY_B = range(2)
REWARD = 1.5
"""Time of the reward since the cue (s)."""
SPLITS, RESAMPLES = 8, 100
"""Random halves of the cells, and bootstrap samples of the cells."""


def check(data: Results) -> list[Claim]:
    result = data["conditioning"]
    config = config_of(result)
    return [
        *_acquisition_claims(result, config),
        *_null_claims(result, config),
        *_magnitude_claims(result, data["reversal_points"]),
        *_other_claims(result, config),
        *_distribution_claims(data["value_distribution"]),
    ]


def _acquisition_claims(result: Dataset, config: Mapping[str, int]) -> list[Claim]:
    cue, reward = (_learned(result, name, "acquisition") for name in ("cue_response", "reward_response"))
    end = slice(config["acquisition"] - LAST, config["acquisition"])
    first = reward[:, :FIRST].mean(axis=1)
    yoked = _learned(result, "cue_response", "yoked")[:, end].mean(axis=1)
    frozen = _learned(result, "reward_response", "frozen")
    kept, _ = share(frozen[:, end].mean(axis=1), frozen[:, :FIRST].mean(axis=1))
    baseline, error = mean_and_error(result["baseline"].values)
    peak, trough = _left(result, "rewarded"), _left(result, "rewarded", lowest=True)
    time, psth = result["time"].values, result["psth"]
    expected = (time > 1.5) & (time < 2.3)
    omitted = psth.sel(condition="omission").values[expected]
    dip, no_dip = (mean_of_probe(result, "probe_late", name, OMISSION) for name in ("acquisition", "frozen"))
    sooner = mean_of_probe(result, "probe_reward", "acquisition", EARLY)
    uncued = mean_of_probe(result, "probe_reward", "acquisition", UNCUED)
    burst = psth.sel(condition="uncued").values[expected].max() - baseline
    return [
        Claim.equivalent(
            "baseline (Hz)", float(baseline), 6.5, float(error), 0.3, "chosen: a twentieth; what is put in"
        ),
        Claim.at_most(
            "before learning: cue / reward response",
            **_bounded(share(cue[:, :FIRST].mean(axis=1), first), 0.15, "chosen: a fifth of what is learned"),
            null=share(cue[:, end].mean(axis=1), first)[0],
        ),
        Claim.at_least(
            "after learning: cue / initial reward response",
            **_bounded(share(cue[:, end].mean(axis=1), first), 0.5, "chosen: half; the null is yoked"),
            null=share(yoked, first)[0],
            headline=True,
        ),
        Claim.at_most(
            "after learning: reward / initial reward response, mean of 600 ms",
            **_bounded(share(reward[:, end].mean(axis=1), first), 0.15, "chosen; the null is frozen"),
            null=kept,
        ),
        Claim.at_most(
            "after learning: peak that is left of the first burst",
            **_bounded(peak, 1 / 3, "chosen: less than a third is left; the null is no learning"),
            null=1.0,
            headline=True,
        ),
        Claim.at_least(
            "after learning: trough after it / first burst",
            **_bounded(trough, -0.5, "chosen; the null is the dip when the reward is left out"),
            null=_left(result, "omission", lowest=True)[0],
        ),
        Claim.at_most(
            "omission: response at the expected time / initial reward response",
            **_bounded(share(dip, first), -0.1, "chosen; the null is frozen"),
            null=share(no_dip, first)[0],
        ),
        Claim(
            "omission: time of the lowest rate after the expected reward (s)",
            float(time[expected][np.argmin(omitted)] - 1.5),
            0.4,
            0.2,
            "the window of 200 to 600 ms in which recorded cells respond",
        ),
        Claim.at_most(
            "negative errors compressed: deepest dip / highest burst of an equal error",
            float((baseline - omitted.min()) / burst),
            0.8,
            "a rate of 6.5 Hz cannot fall as far as it can rise; the null is a code without a floor",
            null=1.0,
        ),
        Claim.at_least(
            "early reward / the same without cue",
            **_bounded(share(sooner, uncued), 0.3, "chosen: it comes before it is expected"),
            null=share(mean_of_probe(result, "probe_reward", "acquisition", REWARDED), uncued)[0],
        ),
    ]


def _null_claims(result: Dataset, config: Mapping[str, int]) -> list[Claim]:
    """Controls: those that must not learn, and the truly random one, which tells what this model is."""
    end = slice(config["acquisition"] - LAST, config["acquisition"])
    learned = _learned(result, "cue_response", "acquisition")[:, end].mean(axis=1)
    reward = _learned(result, "reward_response", "acquisition")
    claims = []
    for name, margin in (("frozen", 0.3), ("yoked", 0.45)):
        cue = _learned(result, "cue_response", name)[:, end].mean(axis=1)
        given = _learned(result, "reward_response", name)
        value, error = share(cue, learned)
        reason = "chosen: less than half; the null is what learners reach"
        why = "chosen: less than half; the null is what learners reach"
        claims.append(
            Claim.equivalent(f"{name}: cue response / learners'", value, 0, error, 0.45, why, null=1)
        )
        value, error = share(given[:, end].mean(axis=1), given[:, :FIRST].mean(axis=1))
        null, _ = share(reward[:, end].mean(axis=1), reward[:, :FIRST].mean(axis=1))
        claims.append(
            Claim.equivalent(
                f"{name}: reward / initial reward response", value, 1, error, margin, reason, null=null
            )
        )
    by_chance = _learned(result, "cue_response", "truly random")[:, end].mean(axis=1)
    claims.append(
        Claim.at_least(
            "fails: truly random control, cue response / learners'",
            **_bounded(share(by_chance, learned), 0.1, "chosen: animals learn next to nothing, the null"),
            null=0.0,
        )
    )
    return claims


def _magnitude_claims(result: Dataset, cells: Dataset) -> list[Claim]:
    means = of_each_size(result, SHARE).mean(axis=-1)
    unexpected, expected = of_each_size(result, SHARE)
    claims = [
        Claim.at_least(
            f"response grows with size, {name} (rank correlation)",
            rank_correlation(SIZES, row),
            0.95,
            "one exchange of neighbouring sizes; the null is no order",
            null=0.0,
        )
        for name, row in zip(("unexpected", "expected"), means, strict=True)
    ]
    claims.append(
        Claim.at_least(
            f"lowered by {SHARE:.3g} of the expectation, mean of the sizes to 10 µl (Hz)",
            mean_and_error((unexpected - expected)[:6].mean(axis=0)),
            0.5,
            "chosen: a tenth of the largest response; the null is a code of size alone",
            null=0.0,
        )
    )
    name = "14 recorded means, other half of the cells: R² above that of a code of size alone"
    if not _recorded(cells):
        return [*claims, Claim.waiting(name, 0.05, NEEDS)]
    score, spread = against_cells(result, cells)
    claims.append(
        enough.at_least(
            name,
            score["model"] - score["size alone"],
            spread,
            0.05,
            0.05,
            f"chosen: a twentieth of the variance; rival: the other half's means (R² {score['cells']:.2f})",
            cells.sizes["cell"],
            null=0.0,
            rival=score["cells"] - score["size alone"],
            headline=True,
        )
    )
    return claims


def _other_claims(result: Dataset, config: Mapping[str, tuple[int, ...]]) -> list[Claim]:
    blocked, free = (
        mean_of_probe(result, "probe_cue", name, ONLY_B) for name in ("blocking", "blocking control")
    )
    paired, unpaired = (
        mean_of_probe(result, "probe_cue", name, ONLY_B) for name in ("second order", "second order control")
    )
    chances, cue, reward = _chances(result)
    a, b, c = config["extinction"]
    life = _learned(result, "cue_response", "extinction")
    learned, extinct, again = (life[:, end - 8 : end].mean(axis=1) for end in (a, a + b, a + b + c))
    sure = float(_learned(result, "cue_response", "acquisition")[:, -LAST:].mean())
    slopes = [_slope(chances, rows) for rows in (cue, reward)]
    return [
        Claim.at_most(
            "blocking: response to B / in controls",
            **_bounded(share(blocked, free), 0.5, "chosen: more than half is blocked; the null is none"),
            null=1.0,
        ),
        Claim.at_least(
            "second order: response to B, paired - unpaired (Hz)",
            _difference(paired, unpaired),
            0.3,
            f"chosen: a twentieth of the response to a sure reward's cue ({sure:.1f} Hz)",
            null=0.0,
        ),
        Claim.at_least(
            "probability: growth of the cue response from 0 to 1 (Hz)",
            slopes[0],
            1.0,
            "chosen: a fifth of the response to a sure reward's cue",
            null=0.0,
        ),
        Claim.at_most(
            "probability: growth of the reward response from 0 to 1 (Hz)",
            slopes[1],
            -1.0,
            "chosen: a fifth of the response to a sure reward's cue",
            null=0.0,
        ),
        Claim.at_most(
            "extinction: cue response / before it",
            **_bounded(share(extinct, learned), 0.5, "chosen: more than half is lost; the null is none"),
            null=1.0,
        ),
        Claim.at_least(
            "reacquisition: cue response, gain (Hz)",
            mean_and_error(again - extinct),
            0.25,
            "chosen: a twentieth of the response to a sure reward's cue",
            null=0.0,
        ),
    ]


def _distribution_claims(result: Dataset) -> list[Claim]:
    value, exact = result["value"].values, _expectiles(result)
    ratio = value.mean(axis=0) / value.mean() / (exact / exact.mean())
    worst = int(np.argmax(np.abs(ratio - 1)))
    return [
        Claim.at_least(
            "asymmetric channels: rank correlation of value and asymmetry, least of the individuals",
            min(rank_correlation(row, result["asymmetry"].values) for row in value),
            0.75,
            "two exchanges of neighbouring channels leave .8; the null is no order",
            null=0.0,
        ),
        Claim(
            "asymmetric channels: relative value / relative expectile, worst channel",
            float(ratio[worst]),
            1.0,
            0.3,
            "chosen: learning is not complete, and dips are cut off at zero rate; the worst of all channels",
        ),
    ]


def draw(data: Results) -> Figure:
    result = data["conditioning"]
    config = config_of(result)
    cells = data["reversal_points"]
    middle = {"sizes": 4, "shares": 4, "chances": 4} if _recorded(cells) else {"sizes": 6, "chances": 6}
    rows = ({"psth": 8, "learning": 4}, middle, {"pairs": 6, "extinction": 3, "values": 3})
    layout: list[Any] = [[name for name, width in row.items() for _ in range(width)] for row in rows]
    figure, axes = mosaic(layout, 7.2)
    _psth(axes["psth"], result)
    _learning(axes["learning"], result, config)
    _magnitudes(axes["sizes"], result, cells)
    if "shares" in axes:
        _shares(axes["shares"], result, cells)
    _probability(axes["chances"], result)
    _pairs(axes["pairs"], result)
    _extinction(axes["extinction"], result, config)
    _values(axes["values"], data["value_distribution"])
    return figure


# -- numbers -----------------------------------------------------------------------------------------------


def _bounded(found: tuple[float, float], bound: float, reason: str) -> dict[str, Any]:
    """Arguments of a claim on a value that is known with its standard error."""
    return {"value": found, "bound": bound, "reason": reason}


def share(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Ratio of the means of two groups of individuals, and its standard error (to first order)."""
    (x, dx), (y, dy) = mean_and_error(a), mean_and_error(b)
    ratio = float(x / y)
    return ratio, float(np.hypot(dx, ratio * dy) / abs(y))


def _difference(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Of the means of two groups, and its standard error."""
    (x, dx), (y, dy) = mean_and_error(a), mean_and_error(b)
    return float(x - y), float(np.hypot(dx, dy))


def _slope(x: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
    """Least-squares slope of group means over x, (x, individual), and its standard error."""
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    mean, error = mean_and_error(rows, axis=1)
    return float(weight @ mean), float(np.sqrt((weight**2) @ error**2))


def _after_reward(result: Dataset) -> np.ndarray:
    time = result["time"].values
    return np.asarray((time > REWARD) & (time < REWARD + WHOLE[1]))


def _left(result: Dataset, condition: str, lowest: bool = False) -> tuple[float, float]:
    """Highest (or lowest) rate after the reward above the baseline / the first burst; standard error."""
    after, base = _after_reward(result), float(result["baseline"].mean())
    rows = {name: result.sel(condition=name) for name in ("first trials", condition)}
    rate, error = ({name: row[v].values[after] for name, row in rows.items()} for v in ("psth", "psth_error"))
    top = int(rate["first trials"].argmax())
    here = int(rate[condition].argmin() if lowest else rate[condition].argmax())
    burst = rate["first trials"][top] - base
    ratio = (rate[condition][here] - base) / burst
    return float(ratio), float(np.hypot(error[condition][here], ratio * error["first trials"][top]) / burst)


def _recorded(cells: Dataset) -> bool:
    return bool(config_of(cells)["recordings"])


def against_cells(result: Dataset, cells: Dataset) -> tuple[dict[str, float], float]:
    """R² of the recorded means of one half of the cells, by what was fitted to the other half.

    Fitted are the share of the expectation and the gain of all responses; for a code of ``size alone`` the
    gain of the responses without cue, taken for both; ``cells`` are the other half's own means, the noise
    ceiling; by each share of the expectation, the gain alone is fitted. Means over random halves, and the
    standard error (bootstrap over cells) of the model's score above that of size alone.
    """
    response = cells["response"].values
    logs = np.log(SIZES)
    shares = np.unique(result["share"].values[result["tested_protocol"].values == "magnitude"])
    model = np.array([of_each_size(result, share).mean(axis=-1) for share in shares])
    here = np.log(np.clip(cells["reward"].values, SIZES[0], SIZES[-1]))
    model = np.array([[np.interp(here, logs, row) for row in both] for both in model])
    alone = np.repeat(model[:, :1], 2, axis=1)
    rng = np.random.default_rng(0)
    many = len(response)

    def score(drawn: np.ndarray) -> np.ndarray:
        found = []
        for _ in range(SPLITS):
            half = rng.permutation(many) < many // 2
            parts = [np.nanmean(response[drawn[half[drawn] == side]], axis=0) for side in (True, False)]
            one, other = parts
            known = np.isfinite(one) & np.isfinite(other)
            made = (model, alone, *model[:, None])
            guesses = [one[known], *(_fitted(rows[:, known], one[known]) for rows in made)]
            rest = ((other[known] - other[known].mean()) ** 2).sum()
            found.append([1 - ((guess - other[known]) ** 2).sum() / rest for guess in guesses])
        return np.mean(found, axis=0)

    everyone = np.arange(many)
    means = np.mean([score(everyone) for _ in range(10)], axis=0)
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        again = np.array([score(rng.integers(many, size=many)) for _ in range(RESAMPLES)])
    error = float(np.nanstd(again[:, 1] - again[:, 2], ddof=1))
    names = ("cells", "model", "size alone", *(f"{share:g}" for share in shares))
    return dict(zip(names, map(float, means), strict=True)), error


def _fitted(candidates: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The candidate (of candidate, number), times the best gain, that comes nearest to the target."""
    gain = (candidates @ target) / (candidates**2).sum(axis=1)
    scaled = gain[:, None] * candidates
    return np.asarray(scaled[((scaled - target) ** 2).sum(axis=1).argmin()])


def _learned(result: Dataset, name: str, protocol: str) -> np.ndarray:
    """Responses of the individuals of a protocol while they learn: (individual, trial)."""
    return result[name].values[result["protocol"].values == protocol]


def _expectiles(result: Dataset) -> np.ndarray:
    """Of the values of the rewards, for each channel."""
    return np.array([expectile(result["utility"].values, a) for a in result["asymmetry"].values])


def _chances(result: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, responses to cue and reward in the second half of the trials: (chance, individual)."""
    names = [n for n in dict.fromkeys(result["protocol"].values) if str(n).startswith("chance ")]
    cue, reward = [], []
    for name in names:
        seen, got = (_learned(result, variable, name) for variable in ("cue_response", "reward_response"))
        lived = int(np.isfinite(seen).all(axis=0).sum())
        late = slice(lived // 2, lived)
        paid = _learned(result, "paid", name)[:, late]
        cue.append(seen[:, late].mean(axis=1))
        reward.append((got[:, late] * paid).sum(axis=1) / paid.sum(axis=1))
    return np.array([float(str(n).split()[1]) for n in names]), np.array(cue), np.array(reward)


# -- panels ------------------------------------------------------------------------------------------------


def _psth(panel: Axes, result: Dataset) -> None:
    looks = {
        "first trials": ("first trials", "C7", "-"),
        "rewarded": ("after learning", "C0", "-"),
        "omission": ("reward left out", "C1", "-"),
        "early": ("reward early", "C2", "-"),
        "uncued": ("reward without cue", "C3", ":"),
    }
    for name, (label, colour, line) in looks.items():
        row = result.sel(condition=name)
        panel.plot(row["time"], row["psth"], line, color="0.4" if colour == "C7" else colour, label=label)
    for at in (0.0, 1.5):
        panel.axvline(at, color="0.8", zorder=0)
    panel.set(
        ylim=(-1, 30),
        xlabel="time since the cue (s)",
        ylabel="dopamine neurons (Hz)",
        title="a  what dopamine neurons fire, means",
    )
    panel.legend(ncols=3, loc="upper right")


def _learning(panel: Axes, result: Dataset, config: Mapping[str, int]) -> None:
    trials = config["acquisition"]
    many = int((result["protocol"].values == "acquisition").sum())
    for name, label, colour in (("reward_response", "reward", "C1"), ("cue_response", "cue", "C0")):
        for protocol, shade, line in (("frozen", GREY, "-"), ("yoked", GREEN, ":")):
            mean = _smooth(_learned(result, name, protocol)[:, :trials].mean(axis=0))
            panel.plot(*mean, line, color=shade, zorder=0)
        panel.plot(
            *_smooth(_learned(result, name, "acquisition")[:, :trials].mean(axis=0)),
            color=colour,
            label=label,
        )
    panel.plot([], [], color=GREY, label="frozen")
    panel.plot([], [], ":", color=GREEN, label="yoked")
    panel.set(ylim=(-0.8, 10.5), xlabel="trial", ylabel="response (Hz)", title=f"b  n = {many}")
    panel.legend(ncols=2, loc="upper left")


def _smooth(values: np.ndarray, width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    many = len(values) // width
    return (np.arange(many) + 0.5) * width, values[: many * width].reshape(many, width).mean(axis=1)


def _magnitudes(panel: Axes, result: Dataset, cells: Dataset) -> None:
    each = of_each_size(result, SHARE)
    for row, label, colour in ((0, "unexpected", "C1"), (1, "expected", "C0")):
        errors = [2 * standard_error(values) for values in each[row]]
        panel.errorbar(SIZES, each[row].mean(axis=1), errors, fmt="o-", color=colour, label=label)
        if _recorded(cells):
            label = f"{cells.sizes['cell']} cells" if row else ""
            mean = np.nanmean(cells["response"].values[:, row], axis=0)
            panel.plot(cells["reward"], mean, "s:", color=colour, mfc="white", label=label, zorder=0)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    panel.set(xlabel="reward (µl)", ylabel="response (Hz)", title="c  size and expectation")
    panel.legend()


def _shares(panel: Axes, result: Dataset, cells: Dataset) -> None:
    score, _ = against_cells(result, cells)
    shares = [name for name in score if name not in ("model", "size alone", "cells")]
    panel.plot([float(name) for name in shares], [score[name] for name in shares], "o-", color="C0")
    for name, label, colour in (
        ("cells", "other half of the cells", "0.15"),
        ("size alone", "size alone", "C1"),
    ):
        panel.axhline(score[name], color=colour, linestyle=":", label=label)
    panel.set(
        xlabel="share of the expectation",
        ylabel="R², other half of the cells",
        title=f"d  {cells.sizes['cell']} recorded cells",
        ylim=(None, 1.35),
    )
    panel.set_yticks([tick for tick in panel.get_yticks() if tick < 1.05])
    panel.legend()


def _probability(panel: Axes, result: Dataset) -> None:
    chances, cue, reward = _chances(result)
    for rows, label, colour in ((reward, "reward", "C1"), (cue, "cue", "C0")):
        errors = [2 * standard_error(row) for row in rows]
        panel.errorbar(chances, rows.mean(axis=1), errors, fmt="o-", color=colour, label=label)
    panel.set(
        xlim=(0, 1), xlabel="probability of reward", ylabel="response (Hz)", title="e  uncertain reward"
    )
    panel.legend()


def _pairs(panel: Axes, result: Dataset) -> None:
    names = ("blocking", "blocking control", "second order", "second order control")
    for place, name in enumerate(names):
        for shift, kind, colour, label in ((-0.15, ONLY_A, "0.5", "cue A"), (0.15, ONLY_B, "C2", "cue B")):
            values = mean_of_probe(result, "probe_cue", name, kind)
            spread = np.linspace(-0.06, 0.06, len(values))
            panel.plot(place + shift + spread, values, ".", color=colour, alpha=0.4, markersize=3)
            panel.errorbar(
                place + shift,
                values.mean(),
                2 * standard_error(values),
                fmt="o",
                color=colour,
                label=label if place == 0 else None,
            )
    for place, name in ((len(names), "acquisition"), (len(names) + 1, "truly random")):
        values = _learned(result, "cue_response", name)
        values = values[:, np.isfinite(values).all(axis=0)][:, -LAST:].mean(axis=1)
        panel.plot(place + np.linspace(-0.06, 0.06, len(values)), values, ".", color="0.5", alpha=0.4, ms=3)
        panel.errorbar(place, values.mean(), 2 * standard_error(values), fmt="o", color="0.5")
    panel.axhline(0, color="0.8", zorder=0)
    labels = (
        "blocking:\nA, AB",
        "control:\nAB",
        "2nd order:\nB, A",
        "control:\napart",
        "A paired",
        "A random",
    )
    panel.set_xticks(range(len(labels)), labels, fontsize=7)
    tested, learning = result["tested_protocol"].values, result["protocol"].values
    counts = [int((tested == "blocking").sum())]
    counts += [int((learning == name).sum()) for name in ("acquisition", "truly random")]
    panel.set(ylabel="response to the cue (Hz)", title="f  n = {} each, paired {}, random {}".format(*counts))
    panel.legend()


def _extinction(panel: Axes, result: Dataset, config: Mapping[str, tuple[int, ...]]) -> None:
    for name, label, colour in (("reward_response", "at reward time", "C1"), ("cue_response", "cue", "C0")):
        life = _learned(result, name, "extinction")
        lived = int(np.isfinite(life).all(axis=0).sum())
        panel.plot(*_smooth(life[:, :lived].mean(axis=0)), color=colour, label=label)
    for end in np.cumsum(config["extinction"])[:2]:
        panel.axvline(end, color="0.8", zorder=0)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set(ylim=(-5.5, 8), xlabel="trial", ylabel="response (Hz)", title="g  extinction")
    panel.legend(loc="upper right")


def _values(panel: Axes, result: Dataset) -> None:
    exact, value = _expectiles(result), result["value"].values
    errors = [2 * standard_error(row) for row in value.T]
    panel.errorbar(exact, value.mean(axis=0), errors, fmt="o")
    panel.plot([0, 1], [0, 1], color="0.8", zorder=0)
    panel.set(xlim=(0, 1), ylim=(0, 1), xlabel="expectile", ylabel="value", title="h  channels")
