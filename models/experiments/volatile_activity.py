"""Volatility: networks with frozen weights learn faster, in their activity, where the world moves.

Networks of rate units are shaped on episodes that stand still or move (`VolatileEpisodes`) by node
perturbation times a broadcast TD error, then their weights are frozen, and the rate at which they learn is
fitted to their choices apart for the two kinds of episodes (`analysis.behaviour.effective_rate`). The same is
fitted to a learner that has one rate, the one that earns most. (Behrens et al. 2007, doi:10.1038/nn1954; Wang
et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 3, with a local rule.)
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.behaviour.effective_rate import effective_rate
from ...analysis.foundation import Reporter, stream
from ...analysis.players import reversal
from ..recurrent.controls import beside
from ..recurrent.network import RecurrentNetwork
from ..recurrent.settings import Shaping
from ..recurrent.training import frozen, shape
from ..tasks import VolatileEpisodes
from .labelling import Dataset, labelled

CONDITIONS = ("all", "readout")
PLAYERS = ("one rate", "Bayes")
RATES = np.geomspace(0.05, 0.9, 24)


@dataclass(frozen=True)
class Config(Shaping):
    trials: int = 100
    """trials of an episode"""
    hazard: float = 0.2
    """of the volatile half of the episodes"""
    units: int = 48
    individuals: int = 4
    episodes: int = 6000
    trace: float = 0.975
    entropy: float = 0.06
    played: int = 2000
    """episodes of a player"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.hazard <= 1:
            raise self.mistake(f"hazard is {self.hazard:g}, must be in (0, 1]")

    @property
    def task(self) -> VolatileEpisodes:
        return VolatileEpisodes(self.trials, hazard=self.hazard)

    @property
    def network(self) -> RecurrentNetwork:
        return self.network_of(self.task, leaks=(0.03, 1.0))


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=10, episodes=20_000, tests=1000, played=20_000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, freeze and fit.

    Returns:
        ``rate`` and ``reward`` (condition, individual, volatility), the rate of learning and the reward of a
        trial with frozen weights; ``player_reward`` (player, volatility); ``fixed_rate`` (volatility), what
        the fit reads of the learner of one rate, which is ``best_rate``.
    """
    n = config.individuals
    net, given = beside(config.network, ("all", config.eta))
    shaped = shape(
        net, config.episodes, seed, given, segments=config.segments, progress=progress, folder=folder
    )
    own = stream(seed, "test")
    watching = replace(net, record=True)
    lived = frozen(watching, shaped.state, config.tests, own, None, ("action", "reward"))
    action, reward = (
        lived[name].reshape(config.tests, config.trials, 2 * n).transpose(2, 0, 1)
        for name in ("action", "reward")
    )
    moving = config.task.volatile(stream(own, "test episodes"), np.arange(2 * n), np.arange(config.tests))
    rates, earned = np.empty((2, 2 * n, 2))
    for one in range(2 * n):
        for kind, chosen in enumerate((~moving[one], moving[one])):
            rates[one, kind] = effective_rate(action[one, chosen], reward[one, chosen])[0]
            earned[one, kind] = reward[one, chosen].mean()
    best, fixed, players = _players(config, seed)
    where = ("condition", "individual", "volatility")
    return labelled(
        {
            "rate": (where, rates.reshape(2, n, 2)),
            "reward": (where, earned.reshape(2, n, 2)),
            "player_reward": (("player", "volatility"), players),
            "fixed_rate": ("volatility", fixed),
            "best_rate": ((), best),
        },
        coords={
            "condition": list(CONDITIONS),
            "player": list(PLAYERS),
            "volatility": ["stable", "volatile"],
        },
    )


def _players(config: Config, seed: int) -> tuple[float, np.ndarray, np.ndarray]:
    """The best one rate over both kinds of episodes, what the fit reads of it in each, rewards of players."""
    task, hazards = config.task, (0.0, config.hazard)
    pays = [
        reversal.episodes(
            np.full(config.played, hazard), task.high, task.low, config.trials, stream(seed, "players", kind)
        )
        for kind, hazard in enumerate(hazards)
    ]
    best, _ = reversal.best_constant_rate(np.concatenate(pays), RATES)
    rewards = [
        [float(reversal.constant_rate(pay, best).mean()) for pay in pays],
        [float(reversal.bayes_inferred(pay, hazards, task.high, task.low).mean()) for pay in pays],
    ]
    lived = [_one_rate(pay, best, stream(seed, "one rate", kind)) for kind, pay in enumerate(pays)]
    fitted = [effective_rate(*(part[: config.tests] for part in life))[0] for life in lived]
    return best, np.array(fitted), np.array(rewards)


def _one_rate(pay: np.ndarray, alpha: float, seed: int, beta: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Choices and rewards (episode, trial) of the learner that is fitted, with one rate."""
    draws = np.random.default_rng(seed).random(pay.shape[:2])
    rows, x = np.arange(len(pay)), np.zeros(len(pay))
    action, reward = np.empty((2, *pay.shape[:2]), int)
    for trial in range(pay.shape[1]):
        action[:, trial] = draws[:, trial] < 1 / (1 + np.exp(-beta * x))
        reward[:, trial] = pay[rows, trial, action[:, trial]]
        x += alpha * ((2 * action[:, trial] - 1) * (2 * reward[:, trial] - 1) - x)
    return action, reward
