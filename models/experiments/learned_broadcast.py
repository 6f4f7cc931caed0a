"""What a team should hear, found by an outer loop over many kinds of reward, and tried on larger teams.

A life is a team of neurons that answers patterns (`models.team`) under a reward of one of several kinds:
committees of n neurons, from the additive (n = 1) to one vote of all. The outer loop searches the broadcast's
structure, the coefficients of `TeamSignal` with the learning rate and the threshold of its gate, by the share
of right decisions in the last third of lives of all kinds alike. Held-out lives, with other patterns, in
teams of N and of three times as many neurons, compare

* ``learned``: what each search found; ``ungated``: what searches found that may not shut the gate;
* ``fixed``: each signal by itself, at the rate that is best over lives of all kinds, as many as a search has;
* ``yoked``: what was found, with the broadcasts of another individual.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...plasticity.outer_loop import CMAES, Found, Search, SearchSpace, run_search
from ...plasticity.team_signal import SIGNALS, TeamSignal
from ..team.network import TeamNetwork
from .candidates import program_of
from .labelling import Dataset, labelled

FREE = ("eta", "one", "grouped", "difference", "agreement", "threshold")
"""What is searched."""


@dataclass(frozen=True)
class Config:
    fan: int = 3
    """each level's units are so many times larger (odd)"""
    levels: int = 3
    """levels of the teams that are searched on: N = fan**levels"""
    group: int = 9
    """neurons of a group with a broadcast of its own (a power of the fan)"""
    inputs: int = 30
    """inputs K of every neuron"""
    patterns: int = 20
    """patterns of a life"""
    trials: int = 450
    """trials of a life"""
    tasks: int = 3
    """lives of each kind in one evaluation"""
    searches: int = 5
    """searches, and as many that may not shut the gate"""
    generations: int = 25
    """generations of a search"""
    population: int = 10
    """candidates of a generation"""
    rate: tuple[float, float] = (0.003, 0.3)
    """bounds of the learning rate"""
    fixed_rates: int = 10
    """rates at which fixed signals are tried"""
    held_out: int = 24
    """held-out lives of each kind"""

    def __post_init__(self) -> None:
        if self.fan % 2 == 0 or self.fan < 3 or self.levels < 2:
            raise Mistake("learned_broadcast: fan must be odd, 3 or more, and levels 2 or more")
        if self.group not in [self.fan**level for level in range(self.levels + 1)]:
            raise Mistake(f"learned_broadcast: group ({self.group}) must be a power of the fan, at most N")
        if self.trials % 3 or min(self.searches, self.generations, self.population, self.held_out) < 2:
            raise Mistake(
                "learned_broadcast: trials must be a multiple of 3; searches, generations, population and "
                "held_out 2 or more"
            )
        if not 0 < self.rate[0] < self.rate[1] < np.inf or self.fixed_rates < 2:
            raise Mistake(
                f"learned_broadcast: rates {self.rate} must rise from above 0, fixed_rates be 2 or more"
            )


PRESETS = {
    "quick": Config(),
    "paper": Config(searches=10, generations=60, tasks=6, held_out=200, fixed_rates=20),
}


def kinds(config: Config, levels: int) -> list[int]:
    """Members of a committee, for each kind of reward of a team of fan**levels neurons."""
    return [config.fan**level for level in range(levels + 1)]


def network(config: Config, levels: int, lives: int) -> TeamNetwork:
    """Teams of fan**levels neurons, ``lives`` for each kind of reward side by side."""
    return TeamNetwork(
        (config.fan,) * levels,
        config.inputs,
        config.patterns,
        individuals=lives * (levels + 1),
        block=config.trials // 3,
    )


def live(config: Config, levels: int, lives: int, values: Mapping[str, float], seed: int) -> np.ndarray:
    """Share of right decisions in the last third of lives, (kind, life)."""
    net = network(config, levels, lives)
    arrays = program_of(net)(
        {
            **values,
            "committee": np.repeat(np.arange(levels + 1), lives),
            "group": net.level(config.group),
            "task_seed": stream(seed, "task"),
        },
        seed=stream(seed, "perturbation"),
        duration=config.trials,
        outputs=["right"],
    )
    return np.asarray(arrays["right"])[-1].reshape(levels + 1, lives)


@dataclass(frozen=True)
class Score:
    """Share of right decisions, the mean of lives of all kinds."""

    config: Config

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        return float(live(self.config, self.config.levels, self.config.tasks, values, seed).mean())


def search(config: Config, gated: bool, seed: int, repeat: int) -> Search:
    """One search, over all that is free or with the gate left open."""
    free = FREE if gated else tuple(name for name in FREE if name != "threshold")
    return Search(
        Score(config),
        SearchSpace.of(TeamSignal, free, {"eta": config.rate}),
        CMAES(config.population),
        config.generations,
        seed=stream(seed, "search", int(gated), repeat),
    )


def finding(found: Found) -> dict[str, float]:
    """The mean of a search's centres over the last third of its generations."""
    return found.averaged(1 / 3)


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, then live held-out lives.

    Returns:
        ``coefficient`` (search, name) and ``path`` (search, generation, name); of held-out lives, the same
        for all, ``learned``, ``ungated`` (search, size, kind, life), ``fixed`` (signal, size, kind, life),
        with ``fixed_rate`` (signal), and ``yoked`` (size, kind, life) of the first search. ``members``
        (size, kind) of a committee, NaN where a size has no such kind.
    """
    sizes = (config.levels, config.levels + 1)
    tick = by_steps(progress, 2 * config.searches + len(SIGNALS) + 1)
    found: dict[bool, list[Found]] = {True: [], False: []}
    for repeat in range(config.searches):
        for gated in (True, False):
            place = folder / f"{'gated' if gated else 'ungated'}-{repeat}" if folder is not None else None
            found[gated].append(run_search(search(config, gated, seed, repeat), place))
            tick(f"search {repeat + 1}{'' if gated else ', gate open'}")
    fixed = []
    for signal in SIGNALS:
        fixed.append(_at_best_rate(config, signal, seed))
        tick(f"signal {signal}")

    def held_out(values: Mapping[str, float]) -> np.ndarray:
        table = np.full((len(sizes), sizes[-1] + 1, config.held_out), np.nan)
        for place, levels in enumerate(sizes):
            lived = live(config, levels, config.held_out, values, stream(seed, "held out", levels))
            table[place, : levels + 1] = lived
        return table

    learned, ungated = ([finding(one) for one in found[gated]] for gated in (True, False))
    dims = ("size", "kind", "life")
    members = np.full((len(sizes), sizes[-1] + 1), np.nan)
    for row, levels in enumerate(sizes):
        members[row, : levels + 1] = kinds(config, levels)
    result = labelled(
        {
            "coefficient": (("search", "name"), [[one[name] for name in FREE] for one in learned]),
            "path": (("search", "generation", "name"), [one.centres for one in found[True]]),
            "learned": (("search", *dims), np.array([held_out(one) for one in learned])),
            "ungated": (("search", *dims), np.array([held_out(one) for one in ungated])),
            "fixed": (("signal", *dims), np.array([held_out(one) for one in fixed])),
            "fixed_rate": ("signal", [one["eta"] for one in fixed]),
            "yoked": (dims, held_out(learned[0] | {"yoked": 1})),
            "members": (("size", "kind"), members),
        },
        coords={
            "name": list(FREE),
            "signal": list(SIGNALS),
            "neurons": ("size", [config.fan**levels for levels in sizes]),
        },
    )
    tick("held-out lives")
    return result


def _at_best_rate(config: Config, signal: str, seed: int) -> dict[str, float]:
    """A fixed signal at the best of some rates, from as many lives in all as a search has."""
    rule = TeamSignal.point(signal)
    values = {name: getattr(rule, name) for name in FREE}
    rounds = max(1, round(config.generations * config.population / config.fixed_rates))
    rates = np.geomspace(*config.rate, config.fixed_rates)
    scores = [
        np.mean([Score(config)(values | {"eta": rate}, stream(seed, "rates", k)) for k in range(rounds)])
        for rate in rates
    ]
    return values | {"eta": float(rates[int(np.argmax(scores))])}
