"""Two-step task: model-based and model-free players, and neurons that learn from one broadcast.

The variant in which the two outcomes swap (Wang et al. 2018, doi:10.1038/s41593-018-0147-8). The same
episodes for every player and for the choosing network (`TwoStepBandit`), and the very analysis of stay
probabilities that recordings go through. The network lives them by two points of the family of rules,
ChosenValue and BothValues, with rates and temperatures that were tuned on other episodes; shuffled:
ChosenValue with the broadcast of another individual.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.foundation import Mistake, Reporter, stream, tell
from ...analysis.players import two_step_swap
from ...analysis.statistics.intervals import mean_and_error
from ...plasticity.family import POINTS
from ..choice.network import ChoiceNetwork
from ..tasks.two_step_bandit import TwoStepBandit
from .labelling import Dataset, labelled

SWAP = 0.025
"""Probability that the states swap what they pay before a trial."""
PLAYERS: dict[str, Callable[[two_step_swap.Episodes, int], two_step_swap.Lived]] = {
    "random": lambda world, seed: two_step_swap.random(world, seed),
    "all-knowing": lambda world, seed: two_step_swap.all_knowing(world, seed),
    "Bayes": lambda world, seed: two_step_swap.bayes(world, seed),
    "model-based": lambda world, seed: two_step_swap.model_based(world, seed=seed),
    "model-free 1": lambda world, seed: two_step_swap.model_free(world, seed=seed),
    "model-free 0": lambda world, seed: two_step_swap.model_free(world, 0.0, 0.7, 20.0, seed),
}
"""By name; the numbers of the model-free ones are lambda."""
RULES: Mapping[str, Mapping[str, float]] = {
    "ChosenValue": {"eta": 0.3, "eta_high": 0.3, "beta": 30.0},
    "BothValues": {"eta": 0.2, "eta_high": 0.2, "beta": 100.0, **POINTS["BothValues"]},
    "shuffled": {"eta": 0.3, "eta_high": 0.3, "beta": 30.0, "yoked": 1},
}
"""Of the network: the best of rates .1 to .5 and temperatures 5 to 100 on 3000 other episodes."""


@dataclass(frozen=True)
class Config:
    subjects: int = 40
    """people that a player stands for"""
    episodes: int = 100
    """episodes of each"""
    trials: int = 100
    """trials of an episode"""

    def __post_init__(self) -> None:
        if min(self.subjects, self.episodes, self.trials) < 2:
            raise Mistake("two_step_players: subjects, episodes and trials must be at least 2")


PRESETS = {"quick": Config(), "paper": Config(subjects=100)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let everybody play.

    Returns:
        ``reward`` and ``reward_error`` (player), per trial; ``stay`` and ``stay_error`` (player, kind) and
        ``index`` and ``index_error`` (player), means over subjects and their standard errors; ``above``
        and ``above_error`` (player): ChosenValue's reward less this player's, in the same episodes.
    """
    number, world_seed = config.subjects * config.episodes, stream(seed, "two-step episodes")
    world = TwoStepBandit().states(world_seed, np.full(number, SWAP), config.trials)
    names = (*PLAYERS, *RULES)
    earned, stays, indices = [], [], []
    for place, name in enumerate(names):
        tell(progress, place / len(names), name)
        if name in RULES:
            lived = _network(config, world, name, world_seed, stream(seed, "network"))
        else:
            lived = PLAYERS[name](world, stream(seed, "two-step player", place))
        table = stay_probabilities(lived.behaviour(config.subjects))
        earned.append(lived.reward.mean(axis=1))
        stays.append(mean_and_error(table.probability))
        indices.append(mean_and_error(table.index))
    rewards = [mean_and_error(each) for each in earned]
    above = [mean_and_error(earned[names.index("ChosenValue")] - each) for each in earned]
    columns: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name, pairs, dims in (
        ("reward", rewards, ("player",)),
        ("stay", stays, ("player", "kind")),
        ("index", indices, ("player",)),
        ("above", above, ("player",)),
    ):
        columns[name] = (dims, np.array([mean for mean, _ in pairs]))
        columns[f"{name}_error"] = (dims, np.array([error for _, error in pairs]))
    per_trial = dict.fromkeys(("reward", "reward_error", "above", "above_error"), "1/trial")
    return labelled(columns, coords={"player": list(names), "kind": list(KINDS)}, **per_trial)


def _network(
    config: Config, world: two_step_swap.Episodes, rule: str, task_seed: int, seed: int
) -> two_step_swap.Lived:
    """What the neurons did and met in these episodes."""
    net = ChoiceNetwork(TwoStepBandit(), individuals=len(world.good), block=1)
    lived = net.program()(
        {**RULES[rule], "task_seed": task_seed, "hazard": np.full(net.individuals, SWAP)},
        seed=seed,
        duration=config.trials,
        outputs=["best_mean", "reward_mean"],
    )
    right = np.asarray(lived["best_mean"]).T > 0.5
    action = np.where(right, world.good, 1 - world.good).astype(np.int8)
    state = np.where(world.is_common, action, 1 - action).astype(np.int8)
    reward = np.asarray(lived["reward_mean"]).T.round().astype(np.int8)
    return two_step_swap.Lived(action, world.is_common, state, reward)
