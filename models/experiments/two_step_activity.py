"""The two-step task learned in activity: a recurrent network shaped by one broadcast, then frozen.

Networks of rate units live episodes of the two-step task in which the states swap what they pay
(`TwoStepEpisodes`: the last action and the last reward are inputs, the state that was reached has to be
remembered), shaped by node perturbation times a broadcast TD error, beside the controls of
`models.recurrent.controls` at equal episodes. With frozen weights their stay probabilities are those of the
analysis that recordings go through; `hedon export` writes the choices as a table of trials. Players live
episodes of their own. (Wang et al. 2018, doi:10.1038/s41593-018-0147-8, simulation 4, with a local rule.)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.foundation import Mistake, Reporter, results, stream
from ...analysis.players import two_step_swap
from ...analysis.players.two_step_swap import Lived
from ...analysis.recordings.behaviour_out import write_behaviour
from ..recurrent.network import RecurrentNetwork
from ..recurrent.settings import Controlled
from ..recurrent.training import frozen
from ..tasks import TwoStepEpisodes
from .labelling import Dataset, labelled

PLAYERS: dict[str, Callable[[two_step_swap.Episodes, int], Lived]] = {
    "random": lambda world, seed: two_step_swap.random(world, seed),
    "model-free": lambda world, seed: two_step_swap.model_free(world, seed=seed),
    "model-based": lambda world, seed: two_step_swap.model_based(world, seed=seed),
    "Bayes": lambda world, seed: two_step_swap.bayes(world, seed),
}


@dataclass(frozen=True)
class Config(Controlled):
    trials: int = 100
    """trials of an episode"""
    episodes: int = 2800
    eta: float = 0.01
    eta_value: float = 0.002
    eta_recurrent: float = 3e-6
    gamma: float = 0.8
    trace: float = 0.9
    entropy: float = 0.01
    decay: float = 0.0003
    readout_rates: tuple[float, ...] = (0.01,)
    played: int = 4000
    """episodes of a player"""

    @property
    def network(self) -> RecurrentNetwork:
        return self.network_of(TwoStepEpisodes(self.trials), leaks=(0.2, 1.0), gain=1.2, input_gain=2.0)


PRESETS = {
    "quick": Config(),
    "paper": Config(episodes=10_000, readout_rates=(0.003, 0.01), played=20_000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, test and let players play.

    Returns:
        ``reward`` (condition, individual), per trial with frozen weights; ``readout`` (rate, individual), the
        same where the readouts alone are plastic; ``stay`` (individual, kind) and ``index`` (individual), and
        ``readout_index`` (rate, individual); ``curve`` (individual, block) and ``readout_curve``;
        ``player_reward``, ``player_index`` (player), ``player_stay`` (player, kind); ``action``, ``state``
        (0 or 1), ``paid`` and ``common`` (individual, session, trial), the sessions of ``all``.
    """
    net, n = config.network, config.individuals
    found = config.compare(net, "reward_rate", seed, progress, folder)
    kinds = 2 + len(config.readout_rates)
    side = replace(net, individuals=n * kinds, record=True)
    steps = ("seen", "action", "reward")
    lived = frozen(side, found.state, config.tests, stream(seed, "sessions"), {"beta": config.beta}, steps)
    sessions = _sessions(config, lived)
    table = stay_probabilities(sessions.behaviour(n * kinds))
    index, own = table.index.reshape(kinds, n), slice(0, n * config.tests)

    world = two_step_swap.episodes(config.played, config.trials, stream(seed, "players' episodes"))
    played = {name: play(world, stream(seed, "player")) for name, play in PLAYERS.items()}
    stays = {name: stay_probabilities(one.behaviour(20)) for name, one in played.items()}

    each = (n, config.tests, config.trials)
    return labelled(
        {
            **found.variables("reward"),
            "stay": (("individual", "kind"), table.probability[:n]),
            "index": (("individual",), index[0]),
            "readout_index": (("rate", "individual"), index[2:]),
            "player_reward": ("player", [float(one.reward.mean()) for one in played.values()]),
            "player_index": ("player", [float(one.index.mean()) for one in stays.values()]),
            "player_stay": (("player", "kind"), np.array([one.mean for one in stays.values()])),
            "action": (("individual", "session", "trial"), sessions.action[own].reshape(each)),
            "state": (("individual", "session", "trial"), sessions.state[own].reshape(each)),
            "paid": (("individual", "session", "trial"), sessions.reward[own].reshape(each)),
            "common": (
                ("individual", "session", "trial"),
                sessions.common[own].reshape(each).astype(np.int8),
            ),
        },
        coords={
            **config.coordinates(),
            "player": list(PLAYERS),
            "kind": list(KINDS),
        },
    )


def _sessions(config: Config, lived: dict[str, np.ndarray]) -> Lived:
    """Every episode of every individual (individual and episode, trial)."""

    def of(name: str, step: int) -> np.ndarray:
        values = lived[name].T.reshape(-1, config.tests, config.trials, 2)[..., step]
        return values.reshape(-1, config.trials).round().astype(np.int8)

    action, state, reward = of("action", 0), of("seen", 1) - 1, of("reward", 1)
    return Lived(action, action == state, state.astype(np.int8), reward)


def export(folder: Path | str, path: Path | str) -> Path:
    """Write the frozen sessions of all individuals of a result as a table of trials, NAME.csv or NAME.csv.gz.

    Raises:
        Mistake: no whole result, a name that ends otherwise or stands already.
    """
    path = Path(path)
    if not path.name.endswith((".csv", ".csv.gz")):
        raise Mistake(f"choices are written as NAME.csv or NAME.csv.gz, not {path.name}")
    data = results.read(folder).dataset
    trials = data.sizes["trial"]
    columns = (data[name].values.reshape(-1, trials) for name in ("action", "common", "state", "paid"))
    action, common, state, paid = columns
    lived = Lived(action, common.astype(bool), state, paid)
    sessions = lived.behaviour(data.sizes["individual"])
    # the name that the action has in tables of people, beside our own: one --column then fits both
    return write_behaviour(
        replace(sessions, columns={**sessions.columns, "action1": sessions["action"]}), path
    )
