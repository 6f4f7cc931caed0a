"""Two-step task: a network's activity heeds the transition, weights frozen, as no model-free learner does.

The first action leads mostly to its own state; which of the two states pays well swaps now and then. Where an
action is asked the last action and reward are inputs, the state that was reached is not. (a) Reward while
learning, each network by itself: all weights plastic by node perturbation times one broadcast TD error, and
the readouts alone. (b) With frozen weights, probability to stay after each kind of trial, beside that of
players with and without a model. (c) Reward and interaction index of each network, of the players, and of
the same networks with their state emptied before each trial, or with another individual's broadcast. (Wang et
al. 2018, doi:10.1038/s41593-018-0147-8, simulation 4, with a local rule; Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 4.)

Players with a model leave an action whose reward came after a rare transition; the networks mostly stay
with it: their index comes from the trials without reward. Readouts alone, on the same fixed reservoir, do as
well and are counted with the others: the figure does not show that recurrent plasticity is needed here.
"""

import numpy as np

from ..analysis.statistics.intervals import mean_and_error
from .claims import Claim
from .look import BLUE, GREEN, GREY, ORANGE, VERMILLION, Axes, Dataset, Figure, Results, panels
from .shaped import at_chance, best, draw_curves, readouts

EXPERIMENTS = ("two_step_activity",)
INDEX, REWARD = 0.35, 0.665
"""What no model-free learner reaches: that has .14 and .656."""
SHARE = 0.3
"""Of the networks."""
EARNED = 0.25
"""Index that those have at least which earn more than without a model, two errors taken off."""
RESET = 0.62
"""Reward that a network hardly passes whose state is emptied before each trial."""


def check(data: Results) -> list[Claim]:
    result = data["two_step_activity"]
    reward, index = result["reward"], result["index"].values
    shaped = reward.sel(condition="all").values
    model_free = float(result["player_reward"].sel(player="model-free"))
    free_index = float(result["player_index"].sel(player="model-free"))
    readout, readout_index = _best_readout(result)
    paid, heeds = np.concatenate([shaped, readout]), np.concatenate([index, readout_index])
    top = float(shaped.max())
    claims = [
        Claim.at_least(
            f"share of {paid.size} frozen networks: index above {INDEX:g}, reward above {REWARD:g}",
            float(((heeds > INDEX) & (paid > REWARD)).mean()),
            SHARE,
            "chosen, after seed 6: all plastic and readouts alone, which do as well, together; of those all "
            f"plastic here {((index > INDEX) & (shaped > REWARD)).sum()}, two of five at seed 6; model-free "
            f"players have {free_index:.2f} and {model_free:.3f}",
            null=float((reward.sel(condition="shuffled").values > REWARD).mean()),
            headline=True,
        ),
        Claim.at_least(
            f"interaction index of frozen networks with a reward above {REWARD:g}",
            mean_and_error(heeds[paid > REWARD]) if (paid > REWARD).sum() > 1 else None,
            EARNED,
            "chosen: who earns more than without a model does so by heeding the transition; the null is the "
            "model-free player's",
            null=free_index,
            rival=float(result["player_index"].sel(player="model-based")),
            headline=True,
        ),
        Claim.at_most(
            "reward with the state emptied before each trial, mean",
            mean_and_error(reward.sel(condition="reset").values),
            RESET,
            "asked: the last reward and action alone do not say which state paid; the null is the best "
            "network's own",
            null=top,
            headline=True,
        ),
    ]
    return claims + at_chance(
        "reward with frozen weights, ",
        reward,
        0.5,
        0.06,
        "chosen: chance; single networks lean to one action or the other; the null is the best network's",
        top,
    )


def _best_readout(result: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Reward and index of the readouts alone at their best rate (individual,)."""
    return readouts(result), result["readout_index"].values[best(result)]


def draw(data: Results) -> Figure:
    result = data["two_step_activity"]
    figure, axes = panels(1, 3, height=3.0, width_ratios=(1.1, 1.2, 1.1))
    _curves(axes[0], result)
    _stay(axes[1], result)
    _plane(axes[2], result)
    return figure


def _curves(panel: Axes, result: Dataset) -> None:
    draw_curves(panel, result)
    for player in ("random", "model-free", "model-based"):
        panel.axhline(float(result["player_reward"].sel(player=player)), color="0.6", linestyle=":", zorder=0)
    panel.set(ylabel="reward per trial", ylim=(0.41, None), title="a  while learning")
    panel.legend(loc="lower right")


def _stay(panel: Axes, result: Dataset) -> None:
    kinds = [str(kind) for kind in result["kind"].values]
    place = np.arange(len(kinds))
    for number, row in enumerate(result["stay"].values):
        panel.plot(place, row, "o", color=BLUE, markersize=3, label=None if number else "networks")
    for player, marker in (("model-based", "_"), ("model-free", "x")):
        row = result["player_stay"].sel(player=player).values
        panel.plot(place, row, marker, color="0.4", markersize=9 if marker == "_" else 5, label=player)
    panel.set(ylim=(0, 1.05), ylabel="P(stay)", title="b  weights frozen")
    panel.set_xticks(place, [kind.replace(" ", "\n") for kind in kinds], fontsize=6)
    panel.legend(loc="lower left")


def _plane(panel: Axes, result: Dataset) -> None:
    readout, readout_index = _best_readout(result)
    panel.plot(readout, readout_index, "o", color=ORANGE, markersize=3, label="readouts alone")
    panel.plot(
        result["reward"].sel(condition="all"),
        result["index"],
        "o",
        color=BLUE,
        markersize=3,
        label="all plastic",
    )
    for condition, colour in (("reset", GREEN), ("shuffled", VERMILLION), ("untrained", GREY)):
        values = result["reward"].sel(condition=condition).values
        panel.plot(values, np.full(values.shape, -0.1), "|", color=colour, label=condition)
    for player in ("model-free", "model-based"):
        reward, index = (float(result[f"player_{name}"].sel(player=player)) for name in ("reward", "index"))
        panel.plot(reward, index, "*", color="0.4")
        panel.annotate(
            player, (reward, index), textcoords="offset points", xytext=(-4, 3), fontsize=6, ha="right"
        )
    panel.axvline(REWARD, color="0.8", linestyle=":", zorder=0)
    panel.axhline(INDEX, color="0.8", linestyle=":", zorder=0)
    panel.set(xlabel="reward per trial", ylabel="interaction index", title="c  with a model?")
    panel.legend(loc="lower left", bbox_to_anchor=(0, 0.15), fontsize=5.5)
