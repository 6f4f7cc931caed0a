"""The part of figure `agents` on a team that is not stationary: a learner among others that learn."""

import numpy as np

from ..analysis.foundation.arrays import Array
from ..analysis.theory.learning_teams import mean_field
from ..models.experiments.learning_teams import FROZEN, LEARNING, YOKED
from .claims import Claim
from .look import BLUE, ORANGE, Axes, Dataset, config_of, ticks

COLOUR = (ORANGE, BLUE)
"""Of the slowest and the quickest running mean."""


def moving_claims(result: Dataset) -> list[Claim]:
    """Claims on what others that learn are to a learner."""
    expected, found, error = (
        np.stack([part(result, world) for world in (LEARNING, FROZEN)])
        for part in (expected_right, _right, _right_error)
    )
    level, level_error = _slope(expected - 0.5, found - 0.5, error)
    change, theory = found[0] - found[1], expected[0] - expected[1]
    change_error = np.hypot(*error)
    slope, slope_error = _slope(theory, change, change_error)
    heard, still = (result["heard"].sel(world=world).values for world in (LEARNING, FROZEN))
    behind = expected_lag(result)
    lag, lag_error = _slope(behind, heard, result["heard_error"].sel(world=LEARNING).values)
    slow, quick = ends(result)
    rates = change.shape[1]
    return [
        Claim.equivalent(
            "right answers of a learner above chance, on theory, slope",
            level,
            1.0,
            level_error,
            0.2,
            "chosen; the null hears another team's broadcast",
            null=_slope(expected[0] - 0.5, _right(result, YOKED) - 0.5, error[0])[0],
        ),
        Claim.equivalent(
            "what it changes that others learn, on theory, slope",
            slope,
            1.0,
            slope_error,
            0.45,
            "chosen: errors are .1; the null is a stationary world",
            null=0.0,
        ),
        Claim.equivalent(
            "broadcast while all learn, on the lag of the running mean, slope",
            lag,
            1.0,
            lag_error,
            0.3,
            "chosen; the null is heard where the others are frozen",
            null=_slope(behind, still, np.ones_like(still))[0],
        ),
        Claim.at_least(
            "slow expectations: right answers that a learner loses because others learn",
            -change[slow].mean(),
            0.02,
            "chosen: a quarter of theory's; the null is a stationary world, the rival quick expectations",
            null=0.0,
            rival=float(-change[quick].mean()),
            error=float(np.linalg.norm(change_error[slow]) / rates),
        ),
        Claim.at_least(
            "quick expectations: right answers that a learner gains because others learn",
            change[quick].mean(),
            0.02,
            "chosen: a quarter of theory's; the null is a stationary world, the rival slow expectations",
            null=0.0,
            rival=float(change[slow].mean()),
            error=float(np.linalg.norm(change_error[quick]) / rates),
        ),
    ]


def ends(result: Dataset) -> tuple[int, int]:
    """Places of the slowest and the quickest running mean."""
    alphas = result["alpha"].values
    return int(alphas.argmin()), int(alphas.argmax())


def expected_right(result: Dataset, world: str) -> Array:
    """Theory's right answers at the end of a life: (alpha, rate)."""
    config = config_of(result)
    return _theory(result, config["trials"], world, 0)


def expected_lag(result: Dataset) -> Array:
    """Theory's broadcast in the early trial that was looked at, all learning: (alpha, rate)."""
    return _theory(result, config_of(result)["early"] - 1, LEARNING, 1)


def _theory(result: Dataset, trials: int, world: str, which: int) -> Array:
    many = config_of(result)["neurons"]
    return np.array(
        [
            [
                mean_field(many, float(rate), float(alpha), trials, world != FROZEN)[which][-1]
                for rate in result["rate"].values
            ]
            for alpha in result["alpha"].values
        ]
    )


def _right(result: Dataset, world: str) -> Array:
    return np.asarray(result["right"].sel(world=world).transpose("alpha", "rate").values)


def _right_error(result: Dataset, world: str) -> Array:
    return np.asarray(result["right_error"].sel(world=world).transpose("alpha", "rate").values)


def _slope(x: Array, y: Array, error: Array) -> tuple[float, float]:
    """Of y on x through the origin, and its standard error."""
    weights = x / (x**2).sum()
    return float((weights * y).sum()), float(np.linalg.norm(weights * error))


def draw_moving(panel: Axes, result: Dataset) -> None:
    """Right answers of a learner, others learning or frozen."""
    rates, alphas = result["rate"].values, result["alpha"].values
    for world, style in ((LEARNING, "-"), (FROZEN, "--")):
        theory, found = expected_right(result, world), _right(result, world)
        error = _right_error(result, world)
        for place, colour in zip(ends(result), COLOUR, strict=True):
            panel.plot(rates, theory[place], style, color=colour, alpha=0.5, zorder=0)
            label = f"{'learn' if world == LEARNING else 'frozen'}, alpha {alphas[place]:g}"
            mfc = colour if world == LEARNING else "white"
            panel.errorbar(rates, found[place], 2 * error[place], fmt="o", color=colour, mfc=mfc, label=label)
    panel.set(
        xscale="log", xlabel="learning rate", ylabel="right answers", title="f  others learn or are frozen"
    )
    ticks(panel, rates)
    panel.legend(fontsize="x-small", ncols=2)


def draw_lag(panel: Axes, result: Dataset) -> None:
    """The broadcast in an early trial, against the lag of the running mean."""
    theory = expected_lag(result)
    for place, colour in zip(ends(result), COLOUR, strict=True):
        for world in (LEARNING, FROZEN):
            row = result.sel(world=world).isel(alpha=place)
            mfc = colour if world == LEARNING else "white"
            panel.errorbar(
                theory[place], row["heard"], 2 * row["heard_error"], fmt="o", color=colour, mfc=mfc
            )
    panel.axline((0, 0), slope=1, color="0.7", zorder=0)
    panel.set(
        xlabel="lag of the expected reward, theory", ylabel="broadcast, mean", title="g  a moving world"
    )
