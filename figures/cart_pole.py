"""Spiking actor-critics balance a pole, and choose between two arms, taught by one broadcast.

(a) CartPole: steps for which the pole stands (median and quartiles over individuals and ten episodes),
beside the same networks with frozen plasticity and with another individual's dopamine. (b) Every
individual's best mean over 100 consecutive episodes; 195 of 200 steps are asked for. (c) The pole's angle in
late episodes of the first individual, which an angle of 12 degrees would end; its mean steps in the last 100
and the median of all individuals'. (d) Bandit with arms that pay .9 and .1 of the time: share of trials that
pay, over individuals and ten trials; lines: always the better arm, and chance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .claims import Claim
from .look import COLOURS, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXPERIMENTS = ("cart_pole", "spiking_bandit")
WINDOW = 100
"""Episodes whose mean counts."""
ASKED = 195.0
"""Mean steps that are asked for."""
BLOCK = 10
"""Episodes or trials of a point of a curve."""
LATE = 50
"""Last trials of the bandit, in which the choice is counted."""
TICK = 0.02
"""Seconds of a step."""
NAMES = {"learning": "learning", "frozen": "frozen plasticity", "shuffled": "another's dopamine"}


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    poles, bandit = data["cart_pole"], data["spiking_bandit"]
    claims = [
        Claim.at_least(
            "CartPole: share of individuals with a mean of 195 steps over 100 episodes",
            float(np.mean(best_window(poles["steps"].values) >= ASKED)),
            0.5,
            "issue: at least half of the individuals within 300 episodes",
        )
    ]
    for condition in poles["condition"].values:
        steps = poles["control_steps"].sel(condition=condition).values
        name = f"CartPole, {NAMES[str(condition)]}: best mean over 100 episodes of any individual"
        claims.append(Claim.at_most(name, best_window(steps).max(), ASKED / 2, "half of what is asked"))
    late = {condition: paid[:, -LATE:].mean(axis=1) for condition, paid in _paid(bandit).items()}
    best, worst = _pay(bandit)
    chance = (best + worst) / 2
    asked = worst + 0.8 * (best - worst)
    name = f"bandit, {{}}: share of the last {LATE} trials that pay"
    claims += [
        Claim.at_least(
            name.format("learning"), late["learning"].mean(), asked, "the better arm four times in five"
        ),
        Claim.of_mean(name.format(NAMES["frozen"]), late["frozen"], chance),
        Claim.of_mean(name.format(NAMES["shuffled"]), late["shuffled"], chance),
    ]
    return claims


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    figure, axes = panels(2, 2, 5.8)
    _curves(axes[0, 0], data["cart_pole"])
    _windows(axes[0, 1], data["cart_pole"])
    _angle(axes[1, 0], data["cart_pole"])
    _arms(axes[1, 1], data["spiking_bandit"])
    return figure


def best_window(steps: np.ndarray) -> np.ndarray:
    """Best mean over `WINDOW` consecutive episodes: (individual, episode) -> (individual,)."""
    total = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    return ((total[:, WINDOW:] - total[:, :-WINDOW]) / WINDOW).max(axis=1)


def _pay(bandit: xr.Dataset) -> tuple[float, float]:
    """How often the better and the worse arm pay."""
    arms = json.loads(bandit.attrs["config"])
    return arms["best"], arms["worst"]


def _paid(bandit: xr.Dataset) -> dict[str, np.ndarray]:
    """1 where a trial paid, else 0: condition -> (individual, trial)."""
    paid = (bandit["outcome"].values > 0).astype(float)
    return {str(condition): paid[k] for k, condition in enumerate(bandit["condition"].values)}


def _blocks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle of each block, and what falls into it: (individual, trial) -> (block, all of them)."""
    blocks = values.reshape(len(values), -1, BLOCK).swapaxes(0, 1)
    return (np.arange(len(blocks)) + 0.5) * BLOCK + 0.5, blocks.reshape(len(blocks), -1)


def _curves(panel: Axes, poles: xr.Dataset) -> None:
    shown = {"learning": poles["steps"].values}
    shown |= {str(c): poles["control_steps"].sel(condition=c).values for c in poles["condition"].values}
    for condition, steps in shown.items():
        episode, blocks = _blocks(steps)
        low, middle, high = np.percentile(blocks, (25, 50, 75), axis=1)
        panel.fill_between(episode, low, high, color=COLOURS[condition], alpha=0.2, linewidth=0)
        panel.plot(episode, middle, color=COLOURS[condition], label=NAMES[condition])
    panel.set(xlabel="episode", ylabel="steps", title="a  CartPole", ylim=(0, 205))
    panel.legend(loc="center right")


def _windows(panel: Axes, poles: xr.Dataset) -> None:
    shown = {"learning": poles["steps"].values}
    shown |= {str(c): poles["control_steps"].sel(condition=c).values for c in poles["condition"].values}
    for condition, steps in shown.items():
        best = np.sort(best_window(steps))
        panel.plot(np.arange(1, len(best) + 1), best, "o", color=COLOURS[condition], markersize=3.5)
    panel.axhline(ASKED, color="0.3", linewidth=0.8, linestyle="--")
    panel.set(xlabel="individual, in order", ylabel="steps, best mean of 100", ylim=(0, 205))
    panel.set_title("b  every individual")


def _angle(panel: Axes, poles: xr.Dataset) -> None:
    acting = poles["acting_trace"].values > 0.5
    trial = poles["trial_trace"].values
    lived = np.unique(trial[acting])
    for number in lived[-6:-1]:
        theta = np.degrees(poles["theta_trace"].values[acting & (trial == number)])
        panel.plot(np.arange(len(theta)) * TICK, theta, linewidth=0.8)
    for edge in (-12, 12):
        panel.axhline(edge, color="0.3", linewidth=0.8, linestyle="--")
    panel.set(xlabel="time in the episode (s)", ylabel="angle of the pole (degrees)", ylim=(-14, 14))
    steps = poles["steps"].values
    panel.set_title(
        f"c  individual 1: {steps[0, -WINDOW:].mean():.0f} steps "
        f"(median {np.median(steps[:, -WINDOW:].mean(axis=1)):.0f})"
    )


def _arms(panel: Axes, bandit: xr.Dataset) -> None:
    best, worst = _pay(bandit)
    for level in (best, (best + worst) / 2):
        panel.axhline(level, color="0.8", linewidth=0.8, zorder=0)
    for condition, paid in _paid(bandit).items():
        trial, blocks = _blocks(paid)
        panel.plot(trial, blocks.mean(axis=1), color=COLOURS[condition], label=NAMES[condition])
    panel.set(xlabel="trial", ylabel="share of trials that pay", title="d  bandit", ylim=(0, 1))
    panel.legend(loc="lower right")
