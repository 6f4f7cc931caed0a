"""Learners beside their controls, individual by individual: how many of n, and how well, by their own last
trials.

Every individual counts once: by its last trials that it did live, however many those are. A share of n
individuals has the binomial standard error, of (k + 1)/(n + 2) so that none and all have one too.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.behaviour.lived_trials import first_run, kaplan_meier
from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import COLOURS, Axes, Dataset

NAMES = {"learning": "learning", "frozen": "frozen plasticity", "shuffled": "another's dopamine"}
CONTROLS = ("frozen", "shuffled")
Table = Mapping[str, np.ndarray]


def conditions(result: Dataset, name: str) -> dict[str, np.ndarray]:
    """A quantity by condition: (individual, trial), NaN where not lived."""
    return {str(one): result[name].sel(condition=one).values for one in result["condition"].values}


def reached_goal(result: Dataset) -> dict[str, np.ndarray]:
    """1 where the goal was reached, else 0; NaN where not lived: condition -> (individual, trial)."""
    return {
        name: np.where(np.isfinite(outcome), outcome > 0, np.nan)
        for name, outcome in conditions(result, "outcome").items()
    }


def share_claims(
    what: str, hit: Table, least: float, reason: str, *, headline: bool = False, most: bool = False
) -> Claim:
    """At least (or at ``most``) this share of the learners; the null is the control that comes nearer.

    ``hit``: by condition, whether each individual (individual,) does it.
    """
    count, number = int(hit["learning"].sum()), len(hit["learning"])
    smooth = (count + 1) / (number + 2)
    shares = [float(hit[one].mean()) for one in CONTROLS if one in hit]
    claim = Claim.at_most if most else Claim.at_least
    return claim(
        f"{what}: share of {number} individuals",
        count / number,
        least,
        f"{reason}; here {count} of {number}",
        null=min(shares) if most else max(shares),
        error=(smooth * (1 - smooth) / number) ** 0.5,
        headline=headline,
    )


def ratio_claim(what: str, each: Table, control: str, bound: float, reason: str, **known: Any) -> Claim:
    """Learners' mean over the control's is at most ``bound``; ``each``: by condition, (individual,)."""
    (mean, error), (other, spread) = (mean_and_error(each[one]) for one in ("learning", control))
    ratio = float(mean / other)
    return Claim.at_most(
        f"{what}, learning / {NAMES[control]}",
        (ratio, ratio * float(np.hypot(error / mean, spread / other))),
        bound,
        reason,
        null=1,
        **known,
    )


def difference_claim(what: str, each: Table, control: str, bound: float, reason: str, **known: Any) -> Claim:
    """Learners' mean less the control's is at least ``bound``; ``each``: by condition, (individual,)."""
    (mean, error), (other, spread) = (mean_and_error(each[one]) for one in ("learning", control))
    return Claim.at_least(
        f"{what}, learning - {NAMES[control]}",
        (mean - other, np.hypot(error, spread)),
        bound,
        reason,
        null=0,
        **known,
    )


def draw_come(panel: Axes, good: Table, run: int) -> None:
    """Share of individuals that have had ``run`` good trials in a row, by trial, with intervals of 95 %."""
    for condition, table in good.items():
        share, low, high = kaplan_meier(*first_run(table, run), table.shape[1])
        trial = np.arange(1, table.shape[1] + 1)
        colour = COLOURS[condition]
        panel.fill_between(trial, low, high, color=colour, alpha=0.2, linewidth=0, step="post")
        panel.step(trial, share, where="post", color=colour, label=NAMES[condition])
    panel.set(ylabel="share of individuals", ylim=(-0.03, 1.03))


def draw_each(panel: Axes, each: Table) -> None:
    """Every individual, in order."""
    for condition, values in each.items():
        row = np.sort(values)
        panel.plot(np.arange(1, len(row) + 1), row, "o", color=COLOURS[condition], markersize=3)
    panel.set(xlabel="individual, in order")


def draw_mean(panel: Axes, values: Table, block: int) -> None:
    """Mean over the individuals that lived a block, whose bars are two standard errors over them."""
    for place, (condition, table) in enumerate(values.items()):
        blocks = table.reshape(len(table), -1, block)
        lived = np.isfinite(blocks)
        count = lived.sum(axis=2)
        own = np.where(lived, blocks, 0).sum(axis=2) / np.where(count > 0, count, np.nan)
        middle = np.array([[*map(float, mean_and_error(column[np.isfinite(column)]))] for column in own.T])
        trial = (np.arange(len(middle)) + 0.5) * block + 0.5
        panel.errorbar(
            trial + 0.1 * block * (place - 1),
            middle[:, 0],
            2 * middle[:, 1],
            fmt="o-",
            markersize=2.5,
            color=COLOURS[condition],
            label=NAMES[condition],
        )
