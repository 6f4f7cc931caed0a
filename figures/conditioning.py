"""Dopamine neurons carry the prediction error, and the synapses that they teach learn to predict reward.

(a) Mean rate of the dopamine neurons about a cue (0 s) and a reward (1.5 s): before learning, after it, and
in probes: reward left out, early, or without the cue. (b) Responses to cue and reward over trials; grey:
frozen plasticity and another individual's dopamine. (c) Responses to the seven sizes of reward, with and
without the cue (200 to 600 ms), beside the mean of twenty recorded cells (Eshel et al. 2016, where the
recordings are at hand). (d) Rank correlation of the 14 means with the recorded ones against the share of the
expectation that is subtracted. (e) Reward with a probability. (f) Blocking: B was added when A already
predicted the reward. Second order: B was followed by A, never by reward. (g) Extinction and reacquisition.
(h) Channels whose dopamine neurons take good and bad news unequally: value before a reward of random size,
against the expectile of the sizes' values. Error bars: two standard errors over individuals.

Where the model is known to differ: recorded cells dip for small rewards even without the cue, as if the
place itself announced reward; and after an early reward they do not dip at the usual time (Hollerman &
Schultz 1998, doi:10.1038/1124), for the animal knows that the reward has come and the time cells do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.recordings.places import VARIABLE
from ..analysis.responses.dopamine_responses import FOLDER, VariableReward, rank_correlation, recorded
from ..analysis.theory.expectiles import expectile
from .claims import Claim
from .look import mosaic

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("conditioning", "value_distribution")
SHARE = 0.375
"""Share of the expectation with which the sizes are compared to the recordings."""
LAST = 20
"""Trials at the end of a phase that are averaged."""
FIRST = 4
"""Trials at the beginning."""
SIZES = np.array([0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0])
REWARDED, OMISSION, EARLY, UNCUED = range(4)
ONLY_A, ONLY_B = range(2)
ISSUE = "what the study set out to show"


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["conditioning"]
    config = json.loads(result.attrs["config"])
    return [
        *_acquisition_claims(result, config),
        *_magnitude_claims(result),
        *_other_claims(result, config),
        *_null_claims(result, config),
        *_distribution_claims(data["value_distribution"]),
    ]


def _acquisition_claims(result: xr.Dataset, config: Mapping[str, int]) -> list[Claim]:
    cue, reward = (_learned(result, name, "acquisition") for name in ("cue_response", "reward_response"))
    end = slice(config["acquisition"] - LAST, config["acquisition"])
    initial, first_cue = reward[:, :FIRST].mean(), cue[:, :FIRST].mean()
    time, psth = result["time"].values, result["psth"]
    baseline = float(result["baseline"].mean())
    expected = (time > 1.5) & (time < 2.3)
    omitted = psth.sel(condition="omission").values[expected]
    dip = _probe(result, "probe_late", "acquisition", OMISSION)
    burst = psth.sel(condition="uncued").values[expected].max() - baseline
    sooner = _probe(result, "probe_reward", "acquisition", EARLY)
    return [
        Claim.estimate(
            "baseline (Hz)",
            baseline,
            6.5,
            max(_error(result["baseline"].values), 0.01),
            source="the individuals'",
        ),
        Claim.at_least(
            "before learning: response to the reward (Hz)", initial, 3.0, "half the baseline, or more"
        ),
        Claim.at_most("before learning: cue / reward response", first_cue / initial, 0.15, ISSUE),
        Claim.at_least(
            "after learning: cue / initial reward response", cue[:, end].mean() / initial, 0.5, ISSUE
        ),
        Claim.at_most(
            "after learning: |reward| / initial reward response",
            abs(reward[:, end].mean()) / initial,
            0.15,
            ISSUE,
        ),
        Claim.at_most(
            "omission: response at the expected time (standard errors)", _z(dip), -5, "five standard errors"
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
            (baseline - omitted.min()) / burst,
            0.8,
            "a rate of 6.5 Hz cannot fall as far as it can rise",
        ),
        Claim.at_least(
            "early reward: response (standard errors)", _z(sooner), 5, "it comes before it is expected"
        ),
    ]


def _magnitude_claims(result: xr.Dataset) -> list[Claim]:
    means, drop = sizes_of(result, SHARE), _drop(result, SHARE)
    claims = [
        Claim.at_least(
            f"response grows with size, {name} (rank correlation)",
            rank_correlation(SIZES, row),
            0.95,
            "one exchange of neighbouring sizes",
        )
        for name, row in zip(("unexpected", "expected"), means, strict=True)
    ]
    claims.append(
        Claim.at_least(
            "lowered by expectation, least of the sizes to 10 µl (standard errors)",
            min(_z(row) for row in drop[:6]),
            3,
            "three standard errors for the least of six",
        )
    )
    cells = recorded()
    name = f"rank correlation with the 14 recorded means, {SHARE:.3g} of the expectation"
    if cells is None:
        needs = f"the recordings: {FOLDER}/*.nwb in the folder that {VARIABLE} names"
        return [*claims, Claim.waiting(name, 0.95, needs)]
    return [*claims, Claim.at_least(name, rank_correlation(means, cells.mean), 0.95, ISSUE)]


def _other_claims(result: xr.Dataset, config: Mapping[str, tuple[int, ...]]) -> list[Claim]:
    blocked, free = (_probe(result, "probe_cue", name, ONLY_B) for name in ("blocking", "blocking control"))
    paired, unpaired = (
        _probe(result, "probe_cue", name, ONLY_B) for name in ("second order", "second order control")
    )
    chances, cue, reward = _chances(result)
    a, b, c = config["extinction"]
    life = _learned(result, "cue_response", "extinction")
    learned, extinct, again = (life[:, end - 8 : end].mean(axis=1) for end in (a, a + b, a + b + c))
    grow = [np.polyfit(chances, row, 1)[0] for row in cue.T]
    fall = [np.polyfit(chances, row, 1)[0] for row in reward.T]
    return [
        Claim.at_most("blocking: response to B / in controls", blocked.mean() / free.mean(), 0.5, ISSUE),
        Claim.at_least("blocking: controls - blocked (standard errors)", _z_between(free, blocked), 5, ISSUE),
        Claim.at_least("second order: response to B (standard errors)", _z(paired), 5, ISSUE),
        Claim.at_least(
            "second order: paired - unpaired (standard errors)", _z_between(paired, unpaired), 5, ISSUE
        ),
        Claim.at_least(
            "probability: growth of the cue response (standard errors)", _z(np.array(grow)), 5, ISSUE
        ),
        Claim.at_most(
            "probability: growth of the reward response (standard errors)", _z(np.array(fall)), -5, ISSUE
        ),
        Claim.at_most(
            "extinction: cue response / before it",
            extinct.mean() / learned.mean(),
            0.5,
            "more than half is lost",
        ),
        Claim.at_least("reacquisition: cue response, gain (standard errors)", _z(again - extinct), 3, ISSUE),
    ]


def _null_claims(result: xr.Dataset, config: Mapping[str, int]) -> list[Claim]:
    end = slice(config["acquisition"] - LAST, config["acquisition"])
    frozen, swapped = (_learned(result, "reward_response", name) for name in ("frozen", "swapped"))
    cue = _learned(result, "cue_response", "frozen")[:, end].mean(axis=1)
    change = frozen[:, end].mean(axis=1) - frozen[:, :LAST].mean(axis=1)
    return [
        Claim.estimate("frozen plasticity: cue response (Hz)", cue.mean(), 0.0, _error(cue)),
        Claim.estimate(
            "frozen plasticity: change of the reward response (Hz)", change.mean(), 0.0, _error(change)
        ),
        Claim.at_least(
            "another's dopamine: reward / initial reward response",
            swapped[:, end].mean() / swapped[:, :FIRST].mean(),
            0.3,
            "twice what is left where learning works",
        ),
    ]


def _distribution_claims(result: xr.Dataset) -> list[Claim]:
    value, exact = result["value"].values, _expectiles(result)
    ratio = value.mean(axis=0) / value.mean() / (exact / exact.mean())
    worst = int(np.argmax(np.abs(ratio - 1)))
    return [
        Claim.at_least(
            "asymmetric channels: rank correlation of value and asymmetry, least of the individuals",
            min(rank_correlation(row, result["asymmetry"].values) for row in value),
            0.75,
            "two exchanges of neighbouring channels leave .8",
        ),
        Claim(
            "asymmetric channels: relative value / relative expectile, worst channel",
            float(ratio[worst]),
            1.0,
            0.2,
            "learning is not complete, and dips are cut off at zero rate",
        ),
    ]


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    result = data["conditioning"]
    config = json.loads(result.attrs["config"])
    cells = recorded()
    rows = (
        {"psth": 8, "learning": 4},
        {"sizes": 4, "shares": 4, "chances": 4},
        {"pairs": 6, "extinction": 3, "values": 3},
    )
    layout: list[Any] = [[name for name, width in row.items() for _ in range(width)] for row in rows]
    figure, axes = mosaic(layout, 7.2)
    _psth(axes["psth"], result)
    _learning(axes["learning"], result, config)
    _magnitudes(axes["sizes"], result, cells)
    _shares(axes["shares"], result, cells)
    _probability(axes["chances"], result)
    _pairs(axes["pairs"], result)
    _extinction(axes["extinction"], result, config)
    _values(axes["values"], data["value_distribution"])
    return figure


# -- numbers -----------------------------------------------------------------------------------------------


def _error(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1) / len(values) ** 0.5)


def _z(values: np.ndarray) -> float:
    return float(np.mean(values) / _error(values))


def _z_between(a: np.ndarray, b: np.ndarray) -> float:
    return float((a.mean() - b.mean()) / np.hypot(_error(a), _error(b)))


def _learned(result: xr.Dataset, name: str, protocol: str) -> np.ndarray:
    """Responses of the individuals of a protocol while they learn: (individual, trial)."""
    return result[name].values[result["protocol"].values == protocol]


def _probe(result: xr.Dataset, name: str, protocol: str, kind: int, share: float = 1.0) -> np.ndarray:
    """Mean response of each individual of a protocol to one kind of probe."""
    rows = (result["tested_protocol"].values == protocol) & (result["share"].values == share)
    here = result["kind"].values[rows] == kind
    return np.where(here, result[name].values[rows], 0).sum(axis=1) / here.sum(axis=1)


def _each_size(result: xr.Dataset, share: float) -> np.ndarray:
    """(expected, size, individual) in 200 to 600 ms."""
    rows = [_probe(result, "probe_late", "magnitude", kind, share) for kind in range(2 * len(SIZES))]
    return np.array(rows).reshape(2, len(SIZES), -1)


def sizes_of(result: xr.Dataset, share: float) -> np.ndarray:
    """Mean response (Hz) in 200 to 600 ms: (expected, size)."""
    return _each_size(result, share).mean(axis=-1)


def _drop(result: xr.Dataset, share: float) -> np.ndarray:
    unexpected, expected = _each_size(result, share)
    return unexpected - expected


def _expectiles(result: xr.Dataset) -> np.ndarray:
    """Of the values of the rewards, for each channel."""
    return np.array([expectile(result["utility"].values, a) for a in result["asymmetry"].values])


def _chances(result: xr.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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


def _psth(panel: Axes, result: xr.Dataset) -> None:
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
        title="a  what dopamine neurons fire",
    )
    panel.legend(ncols=3, loc="upper right")


def _learning(panel: Axes, result: xr.Dataset, config: Mapping[str, int]) -> None:
    trials = config["acquisition"]
    for name, label, colour in (("reward_response", "reward", "C1"), ("cue_response", "cue", "C0")):
        for protocol, shade, line in (("frozen", "0.75", "-"), ("swapped", "0.5", ":")):
            mean = _smooth(_learned(result, name, protocol)[:, :trials].mean(axis=0))
            panel.plot(*mean, line, color=shade, zorder=0)
        panel.plot(
            *_smooth(_learned(result, name, "acquisition")[:, :trials].mean(axis=0)),
            color=colour,
            label=label,
        )
    panel.plot([], [], color="0.75", label="frozen")
    panel.plot([], [], ":", color="0.5", label="another's dopamine")
    panel.set(ylim=(-0.8, 10.5), xlabel="trial", ylabel="response (Hz)", title="b  learning")
    panel.legend(ncols=2, loc="upper left")


def _smooth(values: np.ndarray, width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    many = len(values) // width
    return (np.arange(many) + 0.5) * width, values[: many * width].reshape(many, width).mean(axis=1)


def _magnitudes(panel: Axes, result: xr.Dataset, cells: VariableReward | None) -> None:
    each = _each_size(result, SHARE)
    for row, label, colour in ((0, "unexpected", "C1"), (1, "expected", "C0")):
        errors = [2 * _error(values) for values in each[row]]
        panel.errorbar(SIZES, each[row].mean(axis=1), errors, fmt="o-", color=colour, label=label)
        if cells is not None:
            label = "recorded" if row else ""
            panel.plot(cells.sizes, cells.mean[row], "s:", color=colour, mfc="white", label=label, zorder=0)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xscale("log")
    panel.set(xlabel="reward (µl)", ylabel="response (Hz)", title="c  size and expectation")
    panel.legend()


def _shares(panel: Axes, result: xr.Dataset, cells: VariableReward | None) -> None:
    rows = result["tested_protocol"].values == "magnitude"
    shares = np.unique(result["share"].values[rows])
    if cells is not None:
        fit = [rank_correlation(sizes_of(result, share), cells.mean) for share in shares]
        panel.plot(shares, fit, "o-")
        panel.axhline(0.95, color="0.6", linestyle=":")
    else:
        panel.text(0.5, 0.5, f"needs {FOLDER}", ha="center", transform=panel.transAxes)
    panel.set(
        xlabel="share of the expectation", ylabel="rank correlation", title="d  agreement with recordings"
    )


def _probability(panel: Axes, result: xr.Dataset) -> None:
    chances, cue, reward = _chances(result)
    for rows, label, colour in ((reward, "reward", "C1"), (cue, "cue", "C0")):
        errors = [2 * _error(row) for row in rows]
        panel.errorbar(chances, rows.mean(axis=1), errors, fmt="o-", color=colour, label=label)
    panel.set(
        xlim=(0, 1), xlabel="probability of reward", ylabel="response (Hz)", title="e  uncertain reward"
    )
    panel.legend()


def _pairs(panel: Axes, result: xr.Dataset) -> None:
    names = ("blocking", "blocking control", "second order", "second order control")
    for place, name in enumerate(names):
        for shift, kind, colour, label in ((-0.15, ONLY_A, "0.5", "cue A"), (0.15, ONLY_B, "C2", "cue B")):
            values = _probe(result, "probe_cue", name, kind)
            spread = np.linspace(-0.06, 0.06, len(values))
            panel.plot(place + shift + spread, values, ".", color=colour, alpha=0.4, markersize=3)
            panel.errorbar(
                place + shift,
                values.mean(),
                2 * _error(values),
                fmt="o",
                color=colour,
                label=label if place == 0 else None,
            )
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xticks(
        range(4),
        ["blocking:\nA, then AB", "control:\nAB alone", "2nd order:\nB, then A", "control:\nB, A apart"],
    )
    panel.set(ylabel="response to the cue (Hz)", title="f  blocking, second order")
    panel.legend()


def _extinction(panel: Axes, result: xr.Dataset, config: Mapping[str, tuple[int, ...]]) -> None:
    for name, label, colour in (("reward_response", "at reward time", "C1"), ("cue_response", "cue", "C0")):
        life = _learned(result, name, "extinction")
        lived = int(np.isfinite(life).all(axis=0).sum())
        panel.plot(*_smooth(life[:, :lived].mean(axis=0)), color=colour, label=label)
    for end in np.cumsum(config["extinction"])[:2]:
        panel.axvline(end, color="0.8", zorder=0)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set(ylim=(-5.5, 8), xlabel="trial", ylabel="response (Hz)", title="g  extinction")
    panel.legend(loc="upper right")


def _values(panel: Axes, result: xr.Dataset) -> None:
    exact, value = _expectiles(result), result["value"].values
    errors = [2 * _error(row) for row in value.T]
    panel.errorbar(exact, value.mean(axis=0), errors, fmt="o")
    panel.plot([0, 1], [0, 1], color="0.8", zorder=0)
    panel.set(xlim=(0, 1), ylim=(0, 1), xlabel="expectile", ylabel="value", title="h  asymmetric channels")
