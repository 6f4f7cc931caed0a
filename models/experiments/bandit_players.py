"""Bernoulli bandits: ideal and standard players, and neurons that learn from one broadcast, side by side.

Seven families of arms (`StaticBandits`). Every player of analysis/players is given what the arms of a task
would pay; the choosing network lives the very same tasks by three points of the family of rules whose
coefficients are set by hand: ChosenValue, which is Q-learning, its rate tuned to the family; BothValues,
which presumes that arms mirror each other; and REINFORCE. Control: ChosenValue with the broadcast of another
individual.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, stream
from ...analysis.players import bernoulli, dynamic_programming
from ...plasticity.family import POINTS
from ..choice.network import ChoiceNetwork
from ..tasks.bandits import StaticBandits
from ..tasks.bernoulli_bandit import BernoulliBandit
from ..tasks.distribution import Drawn
from .labelling import Dataset, labelled

TUNED: Mapping[str, float] = {
    "usual": 0.1,
    "three": 0.1,
    "five": 0.2,
    "mirrored": 0.1,
    ".1/.9": 0.2,
    ".25/.75": 0.1,
    ".4/.6": 0.05,
}
"""Learning rate of Q-softmax and ChosenValue for each family: the best of .05, .1, .2 and .3."""
BETA = 100 / 3
"""Their inverse temperature."""
RULES: Mapping[str, Mapping[str, float]] = {
    "ChosenValue": {"beta": BETA},
    "BothValues": {"eta": 0.03, "beta": 200.0, **POINTS["BothValues"]},
    "Reinforce": {"eta": 0.2, "beta": 5.0, **POINTS["Reinforce"], "critic_rate": 0.2},
    "shuffled": {"beta": BETA, "yoked": 1},
}
"""Rules of the network: what differs from ChosenValue at the tuned rate."""
PLAYERS = (
    *("random", "UCB1", "Thompson", "greedy", "Q-softmax", "Gittins .99", "Gittins finite"),
    *("optimal", "Bayes mirrored"),
)


@dataclass(frozen=True)
class Config:
    tasks: int = 4000
    """tasks of a family that are lived side by side"""
    parts: int = 1
    """times as many tasks, one part after the other"""
    trials: int = 100
    """trials of a task"""
    block: int = 4
    """trials that are averaged in the curves"""

    def __post_init__(self) -> None:
        if self.tasks < 2 or self.parts < 1:
            raise Mistake("bandit_players: tasks must be at least 2, parts at least 1")
        if self.block < 1 or self.trials < 1 or self.trials % self.block or self.trials > 200:
            raise Mistake("bandit_players: trials, at most 200, must be a multiple of block")


PRESETS = {"quick": Config(), "paper": Config(parts=5)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let everybody play.

    Returns:
        ``regret`` (player, family, block), pseudo-regret per trial; ``lost`` (player, family, task), of all
        trials of a task, which all players share; NaN for players that a family has no use for;
        ``optimal_regret`` and ``gittins_regret``, the exact regrets of optimal play and of the finite
        Gittins index for two independent arms; ``by_gittins`` (ideal, task), the regrets of these two as
        played, by the values of the index (`bernoulli.regret_by`); ``mirrored_regret``, that of the ideal
        player of arms that pay p and 1 - p.
    """
    solution = dynamic_programming.independent(config.trials)
    policy = bernoulli.gittins_policy(config.trials)
    index_values = dynamic_programming.of_policy(config.trials, policy)
    by_gittins: list[np.ndarray] = []
    names = (*PLAYERS, *RULES)
    curves: list[np.ndarray] = []
    totals: list[np.ndarray] = []
    families: list[str] = []
    for part in range(config.parts):
        drawn = _tasks(config, stream(seed, "part", part))
        families = [one.kind for one in drawn]
        every: list[np.ndarray] = []
        for number, one in enumerate(drawn):
            if progress is not None:
                progress((part + number / len(drawn)) / config.parts, f"arms: {one.kind}")
            lot = stream(seed, "players", part, number)
            pay = one.task.episodes(one.task_seed, one.parameters["chance"], config.trials)
            lived = _players(config, one, pay, solution, lot)
            if one.kind == "usual":
                chosen = (bernoulli.optimal(pay, solution, lot), bernoulli.gittins_finite(pay, lot))
                by_gittins.append(
                    np.array([bernoulli.regret_by(index_values, policy, pay, own) for own in chosen])
                )
            lived |= {name: _network(config, one, name, seed) for name in RULES}
            every.append(np.array([lived[name] for name in names]))  # (player, task, block)
        table = np.stack(every, axis=1)
        curves.append(table.mean(axis=2))
        totals.append(table.sum(axis=3) * config.block)
    blocks = config.trials // config.block
    return labelled(
        {
            "regret": (("player", "family", "block"), np.mean(curves, axis=0)),
            "lost": (("player", "family", "task"), np.concatenate(totals, axis=2).astype("float32")),
            "by_gittins": (("ideal", "task"), np.concatenate(by_gittins, axis=1)),
            "optimal_regret": ((), solution.regret),
            "gittins_regret": ((), index_values.regret),
            "mirrored_regret": ((), dynamic_programming.mirrored_regret(config.trials).sum()),
        },
        coords={
            "player": list(names),
            "family": families,
            "ideal": ["optimal", "Gittins finite"],
            "trial": ("block", (np.arange(blocks) + 0.5) * config.block + 0.5),
        },
        regret="1/trial",
    )


def _tasks(config: Config, seed: int) -> list[Drawn]:
    """Tasks of every family."""
    distribution = StaticBandits()
    usual = distribution.draw("held_out", config.tasks, seed)
    return usual + distribution.draw("out_of_distribution", config.tasks, seed)


def _players(
    config: Config, drawn: Drawn, pay: np.ndarray, solution: dynamic_programming.TwoArms, seed: int
) -> dict[str, np.ndarray]:
    """Regret per trial of each player (task, block), given what the arms ``pay``."""
    chances = drawn.parameters["chance"]
    play: dict[str, Callable[[], np.ndarray]] = {
        "random": lambda: bernoulli.random(pay, seed),
        "UCB1": lambda: bernoulli.ucb1(pay, seed),
        "Thompson": lambda: bernoulli.thompson(pay, seed),
        "greedy": lambda: bernoulli.greedy(pay, seed),
        "Q-softmax": lambda: bernoulli.q_softmax(pay, TUNED[drawn.kind], BETA, seed),
        "Gittins .99": lambda: bernoulli.gittins_discounted(pay, seed),
        "Gittins finite": lambda: bernoulli.gittins_finite(pay, seed),
    }
    mirrored = chances.shape[1] == 2 and np.allclose(chances.sum(axis=1), 1)
    if mirrored:
        play["Bayes mirrored"] = lambda: bernoulli.bayes_mirrored(pay, seed)
    if chances.shape[1] == 2:
        play["optimal"] = lambda: bernoulli.optimal(pay, solution, seed)
    blocks = (len(chances), -1, config.block)
    lost = {name: bernoulli.regret(chances, choose()) for name, choose in play.items()}
    found = {name: each.reshape(blocks).mean(axis=2) for name, each in lost.items()}
    nothing = np.full((len(chances), config.trials // config.block), np.nan)
    return {name: found.get(name, nothing) for name in PLAYERS}


def _network(config: Config, drawn: Drawn, rule: str, seed: int) -> np.ndarray:
    """Regret per trial of a rule of the network (task, block)."""
    arms = drawn.parameters["chance"].shape[1]
    net = ChoiceNetwork(BernoulliBandit(arms), individuals=config.tasks, block=config.block)
    rate = RULES[rule].get("eta", TUNED[drawn.kind])
    values = {**RULES[rule], "eta": rate, "eta_high": rate, **drawn.arguments}
    lived = net.program()(
        values, seed=stream(seed, "network"), duration=config.trials, outputs=["worth_mean"]
    )
    best = drawn.parameters["chance"].max(axis=1, keepdims=True)
    return best - np.asarray(lived["worth_mean"]).T
