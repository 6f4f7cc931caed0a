"""Bandits learned in activity: a recurrent network shaped by one broadcast, then frozen, against players.

Networks of rate units live episodes of a two-armed bandit (p and 1 - p, new in every episode) and are shaped
by node perturbation times a broadcast TD error; with frozen weights their regret in new episodes is held
against that of players and of the controls of `models.recurrent.controls` at equal episodes. (Wang et al.
2018, doi:10.1038/s41593-018-0147-8, simulation 1, with a local rule; Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 3.)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...analysis.foundation import Reporter, stream
from ...analysis.players import bernoulli
from ..recurrent.network import RecurrentNetwork
from ..recurrent.settings import Controlled
from ..tasks import EpisodicBandit
from .labelling import Dataset, labelled

PLAYERS = ("random", "win-stay", "tuned Q", "index", "ideal")
"""By name: index is that of Gittins at a discount of .99; ideal knows how an episode's arms are related."""


@dataclass(frozen=True)
class Config(Controlled):
    trials: int = 100
    """trials of an episode"""
    arms: Literal["mirrored", "independent"] = "mirrored"
    """p and 1 - p, or each by itself"""
    outcome: Literal["joint", "separate"] = "joint"
    """what was last done and paid is seen as one of four symbols, or only each by itself"""
    units: int = 48
    individuals: int = 3
    tests: int = 500
    block: int = 250
    trace: float = 0.975
    entropy: float = 0.06
    played: int = 4000
    """episodes of a player"""

    @property
    def network(self) -> RecurrentNetwork:
        return self.network_of(EpisodicBandit(self.trials, self.arms, self.outcome), leaks=(0.03, 1.0))


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=5, episodes=20_000, readout_rates=(0.008, 0.016, 0.032), played=20_000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, test and let players play.

    Returns:
        ``regret`` (condition, individual), of an episode with frozen weights; ``readout`` (rate, individual),
        the same where the readouts alone are plastic; ``curve`` (individual, block) and ``readout_curve``
        (rate, individual, block), while learning; ``player_regret`` and ``player_error`` (player).
    """
    return beside_players(config, config.network, seed, progress, folder)


def beside_players(config: Any, net: Any, seed: int, progress: Reporter, folder: Path | None) -> Dataset:
    """Regret of networks ``net``, of their controls and of players, as `simulate` returns it."""
    found = config.compare(net, "regret", seed, progress, folder)
    regrets = players(config.arms, config.trials, config.played, seed)
    return labelled(
        {
            **found.variables("regret"),
            "player_regret": ("player", regrets.mean(axis=1)),
            "player_error": ("player", regrets.std(axis=1, ddof=1) / config.played**0.5),
        },
        coords={**config.coordinates(), "player": list(PLAYERS)},
    )


def players(arms: Literal["mirrored", "independent"], trials: int, episodes: int, seed: int) -> np.ndarray:
    """Regret of the players (player, episode), on episodes of their own."""
    chances = bernoulli.draw_chances(arms, episodes, stream(seed, "players' chances"))
    pay = bernoulli.draw_pay(chances, trials, stream(seed, "players' rewards"))
    own = stream(seed, "players")
    alpha, beta, _ = bernoulli.tuned_q(chances, pay, (0.1, 0.2, 0.3, 0.4), (10.0, 30.0), own)
    ideal = bernoulli.bayes_mirrored if arms == "mirrored" else bernoulli.gittins_finite
    choices = (
        bernoulli.random(pay, own),
        _win_stay(pay, own),
        bernoulli.q_softmax(pay, alpha, beta, own),
        bernoulli.gittins_discounted(pay, own),
        ideal(pay, own),
    )
    return np.array([bernoulli.regret(chances, chosen).sum(axis=1) for chosen in choices])


def _win_stay(pay: np.ndarray, seed: int) -> np.ndarray:
    """Win-stay lose-shift: on p, 1 - p arms the best of all players that remember one trial."""
    rows = np.arange(len(pay))
    choices = np.empty(pay.shape[:2], np.int8)
    choices[:, 0] = np.random.default_rng(seed).integers(0, 2, len(pay))
    for trial in range(1, pay.shape[1]):
        last = choices[:, trial - 1]
        choices[:, trial] = np.where(pay[rows, trial - 1, last] == 1, last, 1 - last)
    return choices
