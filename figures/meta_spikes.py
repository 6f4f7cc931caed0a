"""Spiking units learn by one scalar broadcast to hold a cue, and with frozen weights learn bandits.

A cue is seen once and asked for after ten random distractors, by a recurrent network whose units fire by
chance (escape noise), with slow synapses. (a) Spikes of a shaped network, weights frozen, in one episode of
each cue (grey: when the cue is seen, and when it is asked for). (b) Share of right answers while learning,
each network by itself: all weights plastic, by the score of each unit's spikes times a broadcast TD error,
the same where dopamine neurons carry the error in their spikes, and the readouts alone on the same kind of
network. (c) With frozen weights on new episodes, at equal episodes: all plastic; with dopamine neurons; the
readouts alone, at their best rate; another individual's broadcast; before training; and the shaped networks
with their state emptied in every step of the task. (d) What the cue makes of the units' rates: difference
between the cues, root mean square over units (estimated without bias from two halves of the episodes),
before and after training; lines: networks. (e), (f) The same kind of network in two-armed bandits (p and
1 - p, new in every episode of 100 trials): regret while learning and, weights frozen, in new episodes,
between players; what was last done and paid is seen as one of four symbols, so that readouts alone go far.
"""

from __future__ import annotations

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    Axes,
    Dataset,
    Figure,
    Results,
    config_of,
    panels,
)

EXPERIMENTS = ("spiking_memory", "spiking_episodic_bandit")
CHANCE = 0.5
GOOD = 0.95
"""Right answers of a network that holds the cue."""
RESERVOIR = 0.75
"""What readouts on a fixed network may reach at most."""


LEARNED = 3.0
"""Largest regret, weights frozen, of a network that learns a bandit in its activity."""
MEMORYLESS = 8.0
"""What a network can hardly do better without memory; the best memoryless player has 8.33."""


def check(data: Results) -> list[Claim]:
    return _cue(data["spiking_memory"]) + _bandit(data["spiking_episodic_bandit"])


def _cue(result: Dataset) -> list[Claim]:
    config = config_of(result)
    correct = result["correct"]
    shaped = correct.sel(condition="all").values
    best = _best(result)
    claims = [
        Claim.at_least(
            f"spikes: share of networks that answer right after {config['distractors']} distractors "
            f"(≥ {GOOD:g}), frozen",
            float((shaped >= GOOD).mean()),
            0.75,
            "asked: three of four",
            null=float((best >= GOOD).mean()),
            headline=True,
        ),
        Claim.at_most(
            "spikes: right answers, readouts alone at their best rate",
            (best.mean(), mean_and_error(best)[1]),
            RESERVOIR,
            f"asked: a fixed network of slow synapses forgets; the best network of all has {best.max():.3g}",
            null=float(shaped.mean()),
            headline=True,
        ),
        Claim.at_least(
            "spikes: right answers, all plastic less readouts alone",
            float(shaped.mean() - best.mean()),
            0.2,
            "what lies between the two bounds above",
            error=float(np.hypot(mean_and_error(shaped)[1], mean_and_error(best)[1])),
            null=0.0,
            rival=float(best.mean()),
        ),
    ]
    error = 0.5 / config["tests"] ** 0.5
    for condition, what in (
        ("shuffled", "another individual's broadcast"),
        ("reset", "state emptied in every step"),
        ("untrained", "before training"),
    ):
        mean, spread = mean_and_error(correct.sel(condition=condition).values)
        claims.append(
            Claim.equivalent(
                f"spikes: right answers, {what}",
                float(mean),
                CHANCE,
                max(float(spread), error / shaped.size**0.5),
                0.05,
                "chosen: chance, the errors of a mean are 1 %",
                null=float(shaped.mean()),
                kind="finding",
            )
        )
    last = result["held"].isel(step=-2)  # the last distractor
    after, before = last.sel(state="shaped").values, last.sel(state="untrained").values
    claims.append(
        Claim.at_least(
            "spikes: what the cue makes of the rates during the last distractor, shaped less untrained (Hz)",
            float(after.mean() - before.mean()),
            1.0,
            "chosen: several times the errors",
            error=float(np.hypot(mean_and_error(after)[1], mean_and_error(before)[1])),
            null=0.0,
        )
    )
    carried = result["carried"].values
    claims.append(
        Claim.at_least(
            "spikes: right answers, frozen, where dopamine neurons carry the error",
            (carried.mean(), mean_and_error(carried)[1]),
            0.9,
            "chosen: what spikes add to the noise may cost time, little of what is reached",
            null=float(correct.sel(condition="shuffled").mean()),
            rival=float(shaped.mean()),
        )
    )
    return claims


def _bandit(result: Dataset) -> list[Claim]:
    players = dict(zip(result["player"].values, result["player_regret"].values, strict=True))
    regret = result["regret"]
    shaped, reset = regret.sel(condition="all").values, regret.sel(condition="reset").values
    readout = _best(result, smallest=True)
    claims = [
        Claim.at_least(
            f"spikes: share of networks with a regret below {LEARNED:g} in a bandit, frozen",
            float((shaped < LEARNED).mean()),
            0.75,
            "asked: three of four",
            null=float((reset < LEARNED).mean()),
            rival=float((readout < LEARNED).mean()),
            headline=True,
        ),
        Claim.at_least(
            "spikes: regret with frozen weights and the state emptied in every trial, mean",
            float(reset.mean()),
            MEMORYLESS,
            f"asked; the best memoryless player has {players['win-stay']:.3g}",
            null=float(shaped.mean()),
        ),
    ]
    for condition, what in (("shuffled", "another individual's broadcast"), ("untrained", "before training")):
        claims.append(
            Claim.at_least(
                f"spikes: regret with frozen weights, {what}",
                mean_and_error(regret.sel(condition=condition).values),
                0.6 * players["random"],
                "chosen: most of the regret of choosing by lot",
                null=float(shaped.mean()),
            )
        )
    return claims


def draw(data: Results) -> Figure:
    result, bandit = data["spiking_memory"], data["spiking_episodic_bandit"]
    figure, axes = panels(3, 2, height=7.6, width_ratios=(1.2, 1))
    _spikes(axes[0, 0], result)
    _curves(axes[0, 1], result)
    axes[0, 1].axhline(CHANCE, color="0.6", linestyle=":")
    axes[0, 1].set(ylabel="right answers", ylim=(0.4, 1.16), title="b  a cue: while learning")
    _conditions(axes[1, 0], result, "correct")
    axes[1, 0].axhline(CHANCE, color="0.6", linestyle=":")
    axes[1, 0].set(ylim=(0.4, 1.03), ylabel="right answers", title="c  weights frozen")
    _held(axes[1, 1], result)
    _curves(axes[2, 0], bandit)
    axes[2, 0].set(ylabel="regret of an episode", yscale="log", title="e  bandits: while learning")
    _conditions(axes[2, 1], bandit, "regret")
    axes[2, 1].set(yscale="log", title="f  weights frozen")
    for panel in (axes[2, 0], axes[2, 1]):
        _players(panel, bandit, ("random", "win-stay", "tuned Q", "ideal"))
    return figure


def _players(panel: Axes, result: Dataset, names: tuple[str, ...]) -> None:
    for name in names:
        place = (0.55, float(result["player_regret"].sel(player=name)))
        panel.axhline(place[1], color="0.6", linestyle=":", zorder=0)
        panel.annotate(name, place, xycoords=("axes fraction", "data"), fontsize=6, va="bottom", ha="right")


def _spikes(panel: Axes, result: Dataset) -> None:
    """Rasters of the two cues, one above the other; units in order of what the cue makes of them."""
    trains = result["spikes"].values
    times, units = result["time"].values, trains.shape[2]
    order = np.argsort(trains[1].sum(axis=0) - trains[0].sum(axis=0))
    for cue, colour in ((0, GREEN), (1, BLUE)):
        when, unit = np.nonzero(trains[cue][:, order])
        panel.plot(times[when], unit + cue * (units + 3), "|", color=colour, markersize=2.5)
    step = (times[-1] + times[1]) / result.sizes["step"]
    for start in (0, times[-1] + times[1] - step):
        panel.axvspan(start, start + step, color="0.9", zorder=0)
    panel.set_yticks((units / 2, units * 1.5 + 3), ("cue 0", "cue 1"))
    panel.set(xlabel="time (s)", xlim=(0, times[-1] + times[1]), title="a  spikes, weights frozen")


def _curves(panel: Axes, result: Dataset) -> None:
    kinds = [(result["readout_curve"].values[_place(result, "regret" in result)], ORANGE, "readouts alone")]
    if "carried_curve" in result:
        kinds.append((result["carried_curve"].values, PURPLE, "by dopamine neurons"))
    kinds.append((result["curve"].values, BLUE, "all plastic"))
    for curves, colour, label in kinds:
        for number, curve in enumerate(curves):
            name = None if number else label
            panel.plot(result["episode"] / 1000, curve, color=colour, linewidth=1, label=name)
    panel.set_xlabel("episode / 1000")
    panel.legend(loc="upper center", ncol=3, fontsize=6)


def _conditions(panel: Axes, result: Dataset, measure: str) -> None:
    values = result[measure]
    rows = {"all plastic": (values.sel(condition="all").values, BLUE)}
    if "carried" in result:
        rows["by dopamine"] = (result["carried"].values, PURPLE)
    rows["readouts"] = (_best(result, measure == "regret"), ORANGE)
    for condition, colour in (("shuffled", VERMILLION), ("untrained", GREY), ("reset", GREEN)):
        rows[condition] = (values.sel(condition=condition).values, colour)
    for place, (each, colour) in enumerate(rows.values()):
        panel.plot(place + np.linspace(-0.2, 0.2, len(each)), each, "o", color=colour, markersize=3)
    panel.set_xticks(range(len(rows)), list(rows), rotation=40, ha="right")


def _held(panel: Axes, result: Dataset) -> None:
    for state, colour in (("untrained", GREY), ("shaped", BLUE)):
        for number, one in enumerate(result["held"].sel(state=state).values):
            panel.plot(one, color=colour, linewidth=1, label=None if number else state)
    panel.set(xlabel="step of the task", ylabel="difference between cues (Hz)", title="d  what is held")
    panel.set_ylim(bottom=0)
    panel.legend()


def _place(result: Dataset, smallest: bool = False) -> int:
    """Place of the best rate of the readouts alone; ``smallest``: that of the smallest mean."""
    means = result["readout"].values.mean(axis=1)
    return int(means.argmin() if smallest else means.argmax())


def _best(result: Dataset, smallest: bool = False) -> np.ndarray:
    """What readouts alone do at their best rate."""
    return np.asarray(result["readout"].values[_place(result, smallest)])
