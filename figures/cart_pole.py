"""CartPole, and a choice between two arms, from dopamine alone.

(a) CartPole: steps for which the pole stands, of at most 200 (mean over individuals of ten episodes), beside
the same networks with frozen plasticity and with another individual's dopamine, which live as many episodes.
The learning rates of all follow the pauses of the dopamine that they hear. (b) Mean steps of every
individual's last 100 lived episodes; 195 are asked for (dashed). (c) Share of individuals that have held the
pole for all 200 steps ten times in a row, by episode (Kaplan-Meier; bands: 95 %). (d) The pole's angle in
late episodes of the median learner, which an angle of 12 degrees would end. (e) Bandit with arms that pay .9
and .1 of the time: share of trials that pay (lines: always the better arm, and chance), and (f) of every
individual's last 50. Bars: two standard errors over individuals.
"""

import numpy as np

from ..analysis.behaviour.lived_trials import late_mean
from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .individuals import (
    CONTROLS,
    NAMES,
    conditions,
    difference_claim,
    draw_come,
    draw_each,
    draw_mean,
    share_claims,
)
from .look import Axes, Dataset, Figure, Results, config_of, mosaic

EXPERIMENTS = ("cart_pole", "spiking_bandit")
WINDOW = 100
"""Last lived episodes whose mean counts."""
ASKED, MOST, FAILING = 195.0, 200.0, 100.0
"""Mean steps that are asked for, that are possible, and below which an individual has failed."""
RUN = 10
"""Episodes of all steps in a row, in (c)."""
BLOCK = 10
"""Episodes or trials of a point of a curve."""
LATE = 50
"""Last trials of the bandit, in which the choice is counted."""
TICK = 0.02
"""Seconds of a step."""


def check(data: Results) -> list[Claim]:
    return _pole_claims(data["cart_pole"]) + _bandit_claims(data["spiking_bandit"])


def _pole_claims(poles: Dataset) -> list[Claim]:
    late = {name: late_mean(steps, WINDOW) for name, steps in conditions(poles, "steps").items()}
    claims = [
        share_claims(
            f"CartPole: mean of {ASKED:g} steps over the last {WINDOW} episodes",
            {name: steps >= ASKED for name, steps in late.items()},
            0.1,
            "chosen: six of 16, two errors taken off; 11 and 10 at seeds 0 and 1, 7 to 11 in a sketch of the "
            "same equations; the null is the better control",
            headline=True,
        ),
        share_claims(
            f"CartPole, failures: mean below {FAILING:g} steps",
            {name: steps < FAILING for name, steps in late.items()},
            0.35,
            "chosen: two of 16, two errors added; the null is the better control",
            most=True,
        ),
    ]
    for control in CONTROLS:
        claims.append(
            difference_claim(
                f"CartPole: mean steps of the last {WINDOW} episodes",
                late,
                control,
                ASKED / 2,
                "half of what is asked",
                headline=control == "shuffled",
            )
        )
    return claims


def _bandit_claims(bandit: Dataset) -> list[Claim]:
    late = {name: paid[:, -LATE:].mean(axis=1) for name, paid in _paid(bandit).items()}
    best, worst = _pay(bandit)
    chance = (best + worst) / 2
    asked = worst + 0.8 * (best - worst)
    name = f"bandit: share of the last {LATE} trials that pay"
    claims = [
        difference_claim(
            name, late, control, (asked - chance) / 2, "half of the better arm four times in five"
        )
        for control in CONTROLS
    ]
    claims.append(
        share_claims(
            f"bandit: {asked:.2f} of the last {LATE} trials pay",
            {condition: share >= asked for condition, share in late.items()},
            0.5,
            "chosen: more often than not; the null is the better control",
            headline=True,
        )
    )
    for control in CONTROLS:
        mean, error = mean_and_error(late[control])
        claims.append(
            Claim.at_most(
                f"{name}, {NAMES[control]}",
                (mean, error),
                (chance + float(late["learning"].mean())) / 2,
                f"half of the way from chance, {chance:g}, to the null, learning",
                null=float(late["learning"].mean()),
            )
        )
    return claims


def draw(data: Results) -> Figure:
    poles, bandit = data["cart_pole"], data["spiking_bandit"]
    figure, axes = mosaic([["steps", "each", "come"], ["angle", "arms", "choosers"]], 5.2)
    steps = conditions(poles, "steps")
    draw_mean(axes["steps"], steps, BLOCK)
    axes["steps"].set(xlabel="episode", ylabel="steps", ylim=(0, 1.02 * MOST))
    axes["steps"].set_title(f"a  CartPole (n = {poles.sizes['individual']} each)")
    axes["steps"].text(100, 0.35 * MOST, "rates follow\npauses of dopamine", fontsize=6, va="top")
    handles = axes["steps"].get_legend_handles_labels()
    axes["each"].legend(*handles, loc="center right", bbox_to_anchor=(1, 0.28), fontsize=6)
    draw_each(axes["each"], {name: late_mean(table, WINDOW) for name, table in steps.items()})
    axes["each"].axhline(ASKED, color="0.3", linewidth=0.8, linestyle="--")
    axes["each"].set(ylabel=f"mean steps, last {WINDOW}", ylim=(0, 1.02 * MOST), title="b  every individual")
    full = {name: np.where(np.isfinite(table), table >= MOST - 0.5, np.nan) for name, table in steps.items()}
    draw_come(axes["come"], full, RUN)
    axes["come"].set(xlabel="episode", title=f"c  {RUN} times {MOST:g} steps")
    _angle(axes["angle"], poles)
    _arms(axes["arms"], bandit)
    draw_each(axes["choosers"], {name: paid[:, -LATE:].mean(axis=1) for name, paid in _paid(bandit).items()})
    axes["choosers"].set(ylabel=f"share that pays, last {LATE}", ylim=(0, 1), title="f  every individual")
    return figure


def _pay(bandit: Dataset) -> tuple[float, float]:
    """How often the better and the worse arm pay."""
    arms = config_of(bandit)
    return arms["best"], arms["worst"]


def _paid(bandit: Dataset) -> dict[str, np.ndarray]:
    """1 where a trial paid, else 0: condition -> (individual, trial)."""
    return {name: (outcome > 0).astype(float) for name, outcome in conditions(bandit, "outcome").items()}


def _angle(panel: Axes, poles: Dataset) -> None:
    acting = poles["acting_trace"].values > 0.5
    trial = poles["trial_trace"].values
    lived = np.unique(trial[acting])
    for number, grey in zip(lived[-6:-1], np.linspace(0.7, 0.1, 5), strict=False):
        theta = np.degrees(poles["theta_trace"].values[acting & (trial == number)])
        panel.plot(np.arange(len(theta)) * TICK, theta, linewidth=0.8, color=str(round(float(grey), 2)))
    for edge in (-12, 12):
        panel.axhline(edge, color="0.3", linewidth=0.8, linestyle="--")
    panel.set(xlabel="time in the episode (s)", ylabel="angle of the pole (degrees)", ylim=(-14, 14))
    panel.set_title("d  the median learner")


def _arms(panel: Axes, bandit: Dataset) -> None:
    best, worst = _pay(bandit)
    for level in (best, (best + worst) / 2):
        panel.axhline(level, color="0.8", linewidth=0.8, zorder=0)
    draw_mean(panel, _paid(bandit), BLOCK)
    panel.set(xlabel="trial", ylabel="share of trials that pay", ylim=(0, 1))
    panel.set_title(f"e  bandit (n = {bandit.sizes['individual']} each)")
