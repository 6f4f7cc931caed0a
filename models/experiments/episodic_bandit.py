"""Bandits learned in activity: a recurrent network shaped by one broadcast, then frozen, against players.

Networks of rate units live episodes of a two-armed bandit (p and 1 - p, new in every episode) and are shaped
by node perturbation times a broadcast TD error; with frozen weights their regret in new episodes is held
against that of players and of the controls of `models.recurrent.controls` at equal episodes. (Wang et al.
2018, doi:10.1038/s41593-018-0147-8, simulation 1, with a local rule; Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 3.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...analysis.players import bernoulli
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..recurrent.controls import CONDITIONS, compare
from ..recurrent.network import RecurrentNetwork
from ..tasks import EpisodicBandit
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

PLAYERS = ("random", "win-stay", "tuned Q", "index", "ideal")
"""By name: index is that of Gittins at a discount of .99; ideal knows how an episode's arms are related."""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    trials: int = 100
    """trials of an episode"""
    arms: Literal["mirrored", "independent"] = "mirrored"
    """p and 1 - p, or each by itself"""
    outcome: Literal["joint", "separate"] = "joint"
    """what was last done and paid is seen as one of four symbols, or only each by itself"""
    units: int = 48
    """units of a network"""
    individuals: int = 3
    """networks in each condition"""
    episodes: int = 5000
    """of training"""
    tests: int = 500
    """episodes with frozen weights"""
    block: int = 250
    """episodes that are averaged in curves"""
    segments: int = 4
    """parts of the training that are kept when it is interrupted"""
    eta: float = 0.016
    """rate of the policy's readout"""
    eta_value: float = 0.00013
    """rate of the value's readout"""
    eta_recurrent: float = 1e-6
    """rate of the recurrent and the input weights"""
    sigma: float = 0.2
    """perturbation of the units' drive"""
    gamma: float = 0.51
    """discount"""
    trace: float = 0.975
    """lambda of the eligibilities"""
    entropy: float = 0.06
    """how much the policy's entropy is worth"""
    decay: float = 0.001
    """rates fall as 1/(1 + decay*episode)"""
    beta: float = 2.0
    """inverse temperature of the policy in tests; 1 while learning"""
    readout_rates: tuple[float, ...] = (0.016,)
    """rates of the policy where the readouts alone are plastic"""
    played: int = 4000
    """episodes of a player"""

    def __post_init__(self) -> None:
        if not self.readout_rates or self.individuals < 2:
            raise Mistake("episodic_bandit: readout_rates needs a value, individuals two")
        if self.tests % self.block:
            raise Mistake(f"episodic_bandit: {self.tests} tests do not make whole blocks of {self.block}")

    @property
    def network(self) -> RecurrentNetwork:
        rule = RecurrentPerturbation(
            self.eta,
            self.eta_value,
            self.eta_recurrent,
            self.eta_recurrent,
            self.sigma,
            self.gamma,
            self.trace,
            self.decay,
            self.entropy,
        )
        task = EpisodicBandit(self.trials, self.arms, self.outcome)
        return RecurrentNetwork(
            task,
            rule,
            self.units,
            self.individuals,
            block=self.block,
            leaks=(0.03, 1.0),
            gain=1.0,
            input_gain=1.0,
        )


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=5, episodes=20_000, readout_rates=(0.008, 0.016, 0.032), played=20_000),
}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Shape, test and let players play.

    Returns:
        ``regret`` (condition, individual), of an episode with frozen weights; ``readout`` (rate, individual),
        the same where the readouts alone are plastic; ``curve`` (individual, block) and ``readout_curve``
        (rate, individual, block), while learning; ``player_regret`` and ``player_error`` (player).
    """
    import xarray as xr

    found = compare(
        config.network,
        "regret",
        config.episodes,
        config.tests,
        seed,
        config.readout_rates,
        beta=config.beta,
        segments=config.segments,
        progress=progress,
        folder=folder,
    )
    regrets = _players(config, seed)
    blocks = found.curve.shape[1]
    data = xr.Dataset(
        {
            "regret": (("condition", "individual"), found.frozen),
            "readout": (("rate", "individual"), found.readout),
            "curve": (("individual", "block"), found.curve),
            "readout_curve": (("rate", "individual", "block"), found.readout_curve),
            "player_regret": ("player", regrets.mean(axis=1)),
            "player_error": ("player", regrets.std(axis=1, ddof=1) / config.played**0.5),
        },
        coords={
            "condition": list(CONDITIONS),
            "rate": list(config.readout_rates),
            "player": list(PLAYERS),
            "episode": ("block", np.arange(1, blocks + 1) * config.block),
        },
    )
    return with_units(data)


def _players(config: Config, seed: int) -> np.ndarray:
    """Regret of the players (player, episode), on episodes of their own."""
    chances = bernoulli.draw_chances(config.arms, config.played, stream(seed, "players' chances"))
    pay = bernoulli.draw_pay(chances, config.trials, stream(seed, "players' rewards"))
    own = stream(seed, "players")
    alpha, beta, _ = bernoulli.tuned_q(chances, pay, (0.1, 0.2, 0.3, 0.4), (10.0, 30.0), own)
    ideal = bernoulli.bayes_mirrored if config.arms == "mirrored" else bernoulli.gittins_finite
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
