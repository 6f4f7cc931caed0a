"""A team that is not stationary: one learner among others that learn too, or that are frozen.

Teams of neurons that fire or not (`models.team`) have an additive reward, one pattern and one broadcast, the
reward less its running mean. Worlds of a learner, at the same learning rates and rates of the running mean:

* ``learning``: all neurons of the team learn; each is a learner;
* ``frozen``: one neuron learns, all others answer at random for ever;
* ``yoked``: all learn, from the broadcast of another team.

Measured are how often learners are right at the end, and the broadcast after a few trials, whose mean is what
the running mean lags behind (`analysis.theory.learning_teams`).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...plasticity.team_signal import TeamSignal
from ..team.network import TeamNetwork
from .labelling import Dataset, labelled

LEARNING, FROZEN, YOKED = WORLDS = ("learning", "frozen", "yoked")


@dataclass(frozen=True)
class Config:
    neurons: int = 81
    """agents of a team"""
    rates: tuple[float, ...] = (0.05, 0.1, 0.2)
    """learning rates (1/trial)"""
    alphas: tuple[float, ...] = (0.02, 0.2)
    """rates of the running mean (1/trial)"""
    trials: int = 200
    """trials of a life"""
    early: int = 10
    """trials after which the broadcast is looked at"""
    teams: int = 60
    """teams whose neurons all learn, for each rate"""
    alone: int = 300
    """teams with one learner"""

    def __post_init__(self) -> None:
        if self.neurons < 2 or self.teams < 2 or self.alone < 2:
            raise Mistake("learning_teams: neurons, teams and alone must be 2 or more")
        if not 0 < self.early <= self.trials or not self.rates or not self.alphas:
            raise Mistake("learning_teams: early must be 1 to trials; rates and alphas must be given")


PRESETS = {
    "quick": Config(),
    "paper": Config(rates=(0.02, 0.05, 0.1, 0.2, 0.4), alphas=(0.02, 0.05, 0.2), teams=80, alone=600),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let teams learn.

    Returns:
        ``right`` and ``right_error`` (world, alpha, rate), mean probability of learners to be right at the
        end, and its standard error over teams; ``heard`` and ``heard_error``, the broadcast after a few
        trials.
    """
    tick = by_steps(progress, 2)
    many = {LEARNING: config.teams, YOKED: config.teams, FROZEN: config.alone}
    rows = [(a, r, w) for a in config.alphas for r in config.rates for w, n in many.items() for _ in range(n)]
    alpha, rate = (np.array([row[k] for row in rows], float) for k in (0, 1))
    world = np.array([row[2] for row in rows])
    learning = np.ones((len(rows), config.neurons))
    learning[world == FROZEN, 1:] = 0
    net = TeamNetwork((config.neurons,), 1, 1, TeamSignal(), individuals=len(rows), block=config.trials)
    given = {
        "committee": 0,
        "eta": rate,
        "alpha": alpha,
        "learning": learning,
        "yoked": np.where(world == YOKED, config.teams, 0),
        "task_seed": stream(seed, "task"),
    }

    def lived(trials: int) -> dict[str, np.ndarray]:
        names = ["w", "x", "answer", "modulator"]
        found = net.program()(
            given, seed=stream(seed, "perturbation", trials), duration=trials, outputs=names
        )
        tick(f"{trials} trials")
        return {name: np.asarray(found[name]) for name in names}

    heard = lived(config.early)["modulator"][:, 0]
    late = lived(config.trials)
    chance = 1 / (1 + np.exp(-late["answer"] * late["x"] * late["w"][:, 0]))
    right = (chance * learning).sum(axis=1) / learning.sum(axis=1)
    shape = (len(WORLDS), len(config.alphas), len(config.rates))
    table = np.empty((4, *shape))
    for place in np.ndindex(shape):
        which = (WORLDS[place[0]], config.alphas[place[1]], config.rates[place[2]])
        mine = (world == which[0]) & (alpha == which[1]) & (rate == which[2])
        for k, values in enumerate((right, heard)):
            table[(2 * k, *place)] = values[mine].mean()
            table[(2 * k + 1, *place)] = values[mine].std(ddof=1) / mine.sum() ** 0.5
    names = ("right", "right_error", "heard", "heard_error")
    dims = ("world", "alpha", "rate")
    return labelled(
        {name: (dims, part) for name, part in zip(names, table, strict=True)},
        coords={"world": list(WORLDS), "alpha": list(config.alphas), "rate": list(config.rates)},
    )
