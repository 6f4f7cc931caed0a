"""An outer loop tunes the slow rule that shapes recurrent networks: sooner, and still there at the end.

Node perturbation in a recurrent network (`RecurrentPerturbation`) has eight numbers. CMA-ES searches them
over cue memories of some lengths; a grid about settings that were made by hand is given as many lives. Both
are scored by the episodes after which right answers with frozen weights never fall below the criterion, in
the mean of its logarithm, so that what is reached and lost again counts as late. What was found then shapes
networks at lengths that no search saw, for longer lives, beside the settings by hand. Three loops are nested:
the search tunes plasticity, plasticity shapes the network, and the cue is held in its activity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream, tell, within
from ...analysis.statistics.samples_to_criterion import log_settled, settled
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_searches
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ..recurrent.network import RecurrentNetwork
from ..recurrent.training import probed
from ..tasks import CueMemory
from .candidates import score, side_by_side
from .labelling import Dataset, labelled

BOUNDS = {
    "eta": (0.01, 1.0),
    "eta_value": (3e-4, 0.1),
    "eta_recurrent": (1e-4, 0.03),
    "eta_input": (1e-4, 0.03),
    "sigma": (0.1, 1.0),
    "trace": (0.6, 1.0),
    "decay": (1e-5, 0.01),
    "entropy": (1e-3, 0.3),
}
HAND = {
    "eta": 0.05,
    "eta_value": 0.003,
    "eta_recurrent": 0.0007,
    "eta_input": 0.0007,
    "sigma": 0.5,
    "trace": 1.0,
    "decay": 0.00015,
    "entropy": 0.0,
}
"""Settings of `cue_memory`, of some thirty that were tried on ten distractors."""
FACTORS = {"eta": (1.0, 3.0, 9.0), "eta_recurrent": (1.0, 3.0, 9.0, 27.0), "sigma": (0.5, 1.0)}
"""The grid, in units of the settings by hand; `decay` has as many values as the budget allows."""
LAST = 4
"""Probes at the end of a life over which right answers are averaged."""
AVERAGED = 0.5
"""Last part of the search over which its centres are averaged."""


@dataclass(frozen=True)
class Config:
    lengths: tuple[int, ...] = (3, 6)
    """distractors in the searches"""
    unseen: tuple[int, ...] = (10, 14)
    """distractors of the claims"""
    units: int = 16
    """units of a network"""
    searches: int = 2
    """outer loops"""
    population: int = 12
    """candidates of a generation"""
    generations: int = 8
    """generations of a search; the grid has as many settings as its candidates"""
    scouts: int = 2
    """of them, drawn evenly over the space"""
    lives: int = 3
    """networks that a candidate shapes at each length"""
    episodes: int = 1500
    """of a life in a search"""
    long: int = 4000
    """of a life at an unseen length"""
    held_out: int = 16
    """networks at each unseen length for each setting"""
    step: int = 250
    """episodes between two tests with frozen weights"""
    tests: int = 50
    """episodes of each"""
    criterion: float = 0.9
    """right answers that are to be kept, with frozen weights"""

    def __post_init__(self) -> None:
        if any(many % self.step for many in (self.episodes, self.long)) or self.step % self.tests:
            raise Mistake("slow_rule_search: lives must divide by the step, the step by the tests")
        if not 0.5 < self.criterion < 1 or self.lives < 2 or self.held_out < 2:
            raise Mistake("slow_rule_search: two lives and a criterion in (.5, 1) are needed")
        if not 0 < self.scouts < self.generations:
            raise Mistake("slow_rule_search: scouts must be some of the generations")

    @property
    def budget(self) -> int:
        """Candidates that a search and the grid have each."""
        return self.population * self.generations


PRESETS = {
    "quick": Config(),
    "paper": Config(searches=8, generations=40, lives=8, episodes=3000, long=20_000, held_out=64),
}


@dataclass(frozen=True)
class Lifetimes:
    """Minus the mean log episodes until it stays, over lengths and lives, of each candidate."""

    config: Config

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        config = self.config
        count, given = side_by_side(values, config.lives)
        late = [
            log_settled(
                live(
                    config,
                    length,
                    count * config.lives,
                    config.episodes,
                    stream(seed, "length", place),
                    given,
                ),
                config.step,
                config.criterion,
            )
            for place, length in enumerate(config.lengths)
        ]
        return score(-np.mean(late, axis=0), values)


def live(
    config: Config, distractors: int, many: int, episodes: int, seed: int, given: Mapping[str, Any]
) -> np.ndarray:
    """Right answers with frozen weights (network, probe); what diverged has none."""
    rule = RecurrentPerturbation(gamma=1.0)
    net = RecurrentNetwork(
        CueMemory(distractors), rule, config.units, many, block=config.tests, leaks=(0.5, 1.0)
    )
    return np.nan_to_num(probed(net, "correct", episodes, episodes // config.step, seed, given), nan=0.0)


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The searches of this experiment, 'learned-NUMBER'."""
    space = SearchSpace.of(RecurrentPerturbation, BOUNDS, BOUNDS)
    optimiser = CMAES(config.population, sigma=0.2, scouts=config.scouts)
    return {
        f"learned-{k + 1}": Search(
            Lifetimes(config),
            space,
            optimiser,
            config.generations,
            together=config.population,
            seed=stream(seed, "search", k),
        )
        for k in range(config.searches)
    }


def grid(config: Config) -> list[dict[str, float]]:
    """The settings of the grid: three quarters of the budget."""
    many = max(1, int(0.75 * config.budget) // int(np.prod([len(one) for one in FACTORS.values()])))
    places = {**FACTORS, "decay": tuple(np.geomspace(1.0, 10.0, many).tolist())}
    found = []
    for factors in product(*places.values()):
        one = HAND | {name: HAND[name] * factor for name, factor in zip(places, factors, strict=True)}
        found.append(one | {"eta_input": one["eta_recurrent"]})
    return found


def best_of_grid(config: Config, seed: int, progress: Reporter) -> dict[str, float]:
    """The best setting: the whole grid once, then its best few with what is left of the budget."""
    tried, evaluate = grid(config), Lifetimes(config)

    def lived(some: list[dict[str, float]], lot: int) -> np.ndarray:
        """Scores of settings, so many at a time as a generation has candidates."""
        scores = []
        for begin in range(0, len(some), config.population):
            part = some[begin : begin + config.population]
            full = [*part, *[part[-1]] * (config.population - len(part))]
            values = {name: np.array([one[name] for one in full]) for name in HAND}
            scores.append(evaluate(values, stream(seed, "grid", lot))[: len(part)])
            tick("grid")
        return np.concatenate(scores)

    left = max(1, (config.budget - len(tried)) // config.population)
    tick = by_steps(progress, -(-len(tried) // config.population) + left)
    once = lived(tried, 0)
    few = np.argsort(-once)[: config.population]
    again = np.mean([lived([tried[k] for k in few], 1 + lot) for lot in range(left)], axis=0)
    return tried[int(few[np.argmax(again)])]


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, then shape networks at lengths that no search saw.

    Returns:
        ``episodes`` and ``settled`` (setting, length, network): until right answers stay at the criterion,
        and whether they do; ``crossed``, the first probe above it (the whole life where there is none);
        ``end``, right answers in the last `LAST` probes; ``curve`` (setting, length, probe), their mean;
        ``value`` (setting, number), the settings; ``score`` (search, generation), the median candidate's
        mean log episodes. Settings are ``by hand``, ``grid`` and the searches.
    """
    planned = searches(config, seed)
    found = run_searches(planned, folder, progress, 0.5)
    settings = {"by hand": HAND, "grid": best_of_grid(config, seed, within(progress, 0.5, 0.75))}
    settings |= {name: one.averaged(AVERAGED) for name, one in found.items()}
    values = {name: np.array([one[name] for one in settings.values()]) for name in HAND}
    count, given = side_by_side(values, config.held_out)
    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("episodes", "settled", "crossed", "end")}
    curves = []
    for place, length in enumerate(config.unseen):
        tell(progress, 0.75 + 0.25 * place / len(config.unseen), f"{length} distractors")
        lot, many = stream(seed, "unseen", place), count * config.held_out
        level = live(config, length, many, config.long, lot, given).reshape(count, config.held_out, -1)
        episodes, kept = settled(level, config.step, config.criterion)
        above = level >= config.criterion
        first = np.where(above.any(axis=-1), above.argmax(axis=-1) + 1, level.shape[-1]) * config.step
        end = level[..., -LAST:].mean(axis=-1)
        for name, found_ in zip(parts, (episodes, kept, first, end), strict=True):
            parts[name].append(found_)
        curves.append(level.mean(axis=1))
    where = ("setting", "length", "network")
    return labelled(
        {name: (where, np.stack(rows, axis=1)) for name, rows in parts.items()}
        | {
            "curve": (("setting", "length", "probe"), np.stack(curves, axis=1)),
            "value": (("setting", "number"), np.array(list(values.values())).T),
            "score": (
                ("search", "generation"),
                [-np.median(one.scores.mean(axis=2), axis=1) for one in found.values()],
            ),
        },
        coords={
            "setting": list(settings),
            "length": list(config.unseen),
            "number": list(HAND),
            "search": list(found),
            "episode": ("probe", np.arange(config.step, config.long + 1, config.step)),
        },
        episodes="episodes",
        crossed="episodes",
    )
