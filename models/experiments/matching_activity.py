"""What units of a shaped network code in the matching task, its weights frozen, beside those of a fixed one.

Networks of rate units are shaped episode by episode on the matching task (`BaitedEpisodes`) by node
perturbation times a broadcast TD error; then their weights are frozen, new episodes are lived, and the
activity of every unit is regressed on last action, last reward, their product and value
(`analysis.responses.unit_coding`; value is the difference of the arms' leaky incomes, known before the
trial). Side by side: all weights plastic; the readouts alone, whose units are as they were drawn but live a
learned behaviour; and before training, units as drawn in a life by chance. (Tsutsui et al. 2016,
doi:10.1038/ncomms12554; Wang et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 2; Botvinick et al. 2019,
doi:10.1016/j.tics.2019.02.006, Box 4.)
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream
from ...analysis.players import matching
from ...analysis.responses.unit_coding import REGRESSORS, UnitCoding, task_regressors, unit_coding
from ..recurrent.controls import beside
from ..recurrent.network import RecurrentNetwork
from ..recurrent.settings import Shaping
from ..recurrent.training import frozen, shape, untrained
from ..tasks import BaitedEpisodes
from .labelling import Dataset, labelled

CONDITIONS = ("all", "readout", "untrained")
WATCHED = ("action", "reward")
PLAYERS = ("by lot", "local", "ideal")


@dataclass(frozen=True)
class Config(Shaping):
    trials: int = 100
    """trials of an episode"""
    episodes: int = 4000
    tests: int = 60
    """episodes with frozen weights, each a session of the regression"""
    block: int = 20
    eta: float = 0.01
    eta_value: float = 0.0002
    eta_recurrent: float = 1e-5
    gamma: float = 0.5
    entropy: float = 0.03
    memory: float = 5.0
    """trials over which income is counted in the regressor of value"""
    played: int = 4000
    """episodes of a player"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.memory > 1:
            raise self.mistake(f"memory is {self.memory:g} trials, must be above 1")

    @property
    def network(self) -> RecurrentNetwork:
        return self.network_of(BaitedEpisodes(self.trials), leaks=(0.03, 1.0), input_gain=2.0)


PRESETS = {
    "quick": Config(),
    "paper": Config(units=48, individuals=10, episodes=20_000, tests=200, played=20_000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, freeze and regress.

    Returns:
        ``reward`` (condition, individual), per trial with frozen weights; ``share`` (condition, individual,
        regressor), of unit and session pairs that code it at .05, and ``null_share``, the same where
        behaviour is another session's; ``explained`` (condition, individual), mean share of a unit's
        variance; ``curve`` (individual, block), reward while all learn; ``player_reward`` (player).
    """
    n = config.individuals
    net, given = beside(config.network, ("all", config.eta))
    shaped = shape(
        net, config.episodes, seed, given, segments=config.segments, progress=progress, folder=folder
    )
    sides = [(shaped.state, slice(0, 2 * n)), (untrained(net, seed), slice(n))]
    rewards, shares, nulls, explained = [], [], [], []
    for state, kept in sides:
        lived = frozen(
            replace(net, record=True), state, config.tests, stream(seed, "test"), None, ("activity", *WATCHED)
        )
        rewards.append(lived["reward_rate"].mean(axis=1)[kept])
        for one in range(2 * n)[kept]:
            found = _coding(config, lived, one, stream(seed, "null", one))
            shares.append(found.share())
            nulls.append(found.null_share())
            explained.append(found.explained.mean())
    blocks = shaped.curves["reward_rate"].shape[1]
    return labelled(
        {
            "reward": (("condition", "individual"), np.concatenate(rewards).reshape(3, n)),
            "share": (("condition", "individual", "regressor"), np.reshape(shares, (3, n, -1))),
            "null_share": (("condition", "individual", "regressor"), np.reshape(nulls, (3, n, -1))),
            "explained": (("condition", "individual"), np.reshape(explained, (3, n))),
            "curve": (("individual", "block"), shaped.curves["reward_rate"][:n]),
            "player_reward": ("player", _players(config, seed)),
        },
        coords={
            "condition": list(CONDITIONS),
            "regressor": list(REGRESSORS),
            "player": list(PLAYERS),
            "episode": ("block", np.arange(1, blocks + 1) * config.block),
        },
    )


def _coding(config: Config, lived: dict[str, np.ndarray], one: int, seed: int) -> UnitCoding:
    """The regression of one individual's units, (session, unit, trial), on its behaviour."""
    sessions, trials, units = config.tests, config.trials, config.units
    action, reward = (lived[name][:, one].reshape(sessions, trials) for name in WATCHED)
    activity = lived["activity"].reshape(sessions, trials, -1, units)[:, :, one].transpose(0, 2, 1)
    varied = (action.std(axis=1) > 0) & (reward.std(axis=1) > 0)
    income = _income(action, reward, config.memory)
    regressors = task_regressors(action, reward, income)
    return unit_coding(
        activity[varied], {name: values[varied] for name, values in regressors.items()}, seed=seed
    )


def _income(action: np.ndarray, reward: np.ndarray, memory: float) -> np.ndarray:
    """Leaky income of arm 1 less that of arm 0 before each trial, (session, trial)."""
    signed = reward * np.where(action > 0.5, 1.0, -1.0)
    income = np.zeros(action.shape)
    for trial in range(1, action.shape[1]):
        income[:, trial] = income[:, trial - 1] + (signed[:, trial - 1] - income[:, trial - 1]) / memory
    return income


def _players(config: Config, seed: int) -> np.ndarray:
    """Reward per trial of players, on episodes of their own."""
    task = config.network.task
    assert isinstance(task, BaitedEpisodes)
    chances = task.chances(stream(seed, "players' chances"), np.zeros(1), np.arange(config.played))[0]
    baits = matching.episodes(chances, config.trials, stream(seed, "players' baits"))
    lots = matching.stochastic(baits, 0.5, stream(seed, "players"))
    local = matching.local(baits, seed=stream(seed, "players"))
    return np.array([lived[1].mean() for lived in (lots, local, matching.ideal(baits, chances))])
