"""A network with frozen weights learns each new bandit in its activity, far better than without a memory.

Two arms that pay with p and 1 - p, new in each episode of 100 trials. Over episodes all weights of a
recurrent network, or its readouts alone, are shaped by one broadcast TD error. (a) Regret while learning,
each network by itself, between players. (b) Regret in new episodes with frozen weights, at equal episodes;
the best player that remembers only its last trial (win-stay lose-shift) bounds what a network can do whose
state is emptied in every trial. What was last done and paid is seen as one symbol of four: so coded, the
readouts of a fixed network are as good, for its activity counts the outcomes, and what has to be learned is
how to read them. (Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 3; Wang et al. 2018, doi:10.1038/s41593-018-0147-8, with a local rule.)
"""

from .claims import Claim
from .look import Figure, Results, config_of, panels
from .shaped import draw_curves, draw_frozen, draw_players, lost, readouts

EXPERIMENTS = ("episodic_bandit",)
FROZEN = 1.60
"""Largest regret with frozen weights in every network after `FULL` episodes of training; after fewer, a third
of that of the best memoryless player."""
MEMORYLESS = 8.0
"""What a network can hardly do better without memory; the best memoryless player has 8.33."""
FULL = 20_000
"""Episodes of training for which that bound is meant."""


def check(data: Results) -> list[Claim]:
    result = data["episodic_bandit"]
    config = config_of(result)
    players = {
        str(name): float(value)
        for name, value in zip(result["player"].values, result["player_regret"].values, strict=True)
    }
    regret = result["regret"]
    shaped = regret.sel(condition="all").values
    reset, readout = regret.sel(condition="reset").values, readouts(result, smallest=True)
    full = config["episodes"] >= FULL
    bound = FROZEN if full else players["win-stay"] / 3
    claims = [
        Claim.at_most(
            "regret with frozen weights, worst network",
            float(shaped.max()),
            bound,
            "asked" if full else f"a third of the best memoryless one's, after {config['episodes']} episodes",
            null=players["win-stay"],
            rival=float(readout.mean()),
            headline=True,
        ),
        Claim.at_least(
            "regret with frozen weights and the state emptied in every trial, mean",
            float(reset.mean()),
            MEMORYLESS,
            f"the best memoryless player has {players['win-stay']:.3g}",
            null=float(shaped.max()),
            headline=True,
        ),
    ]
    learner = players["tuned Q"]
    claims.append(
        Claim.at_least(
            "share of networks with less regret than a tuned Q-learner, frozen",
            float((shaped < learner).mean()),
            0.5,
            f"chosen: half; the Q-learner, whose two numbers are tuned to these bandits, has "
            f"{learner:.3g}, the mean network {shaped.mean():.3g}",
            null=float((reset < learner).mean()),
            rival=float((readout < learner).mean()),
        )
    )
    claims += lost("regret with frozen weights, ", regret, players["random"])
    claims.append(
        Claim.at_most(
            "regret with frozen weights, readouts alone, mean",
            float(readout.mean()),
            players["win-stay"] / 2,
            "half of the best memoryless player's: in a bandit recurrent plasticity is not what matters",
            null=players["win-stay"],
            rival=float(shaped.mean()),
        )
    )
    return claims


def draw(data: Results) -> Figure:
    result = data["episodic_bandit"]
    figure, axes = panels(1, 2, height=3.2, width_ratios=(1.3, 1))
    draw_curves(axes[0], result, smallest=True)
    axes[0].set(ylabel="regret of an episode", yscale="log", title="a  while learning")
    axes[0].legend(loc="upper center")
    draw_frozen(axes[1], result, "regret", ("reset", "shuffled", "untrained"), smallest=True)
    axes[1].set(yscale="log", title="b  weights frozen")
    draw_players(axes[0], result["player_regret"], ("random", "win-stay", "tuned Q", "ideal"))
    draw_players(axes[1], result["player_regret"])
    return figure
