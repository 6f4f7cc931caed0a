"""Rivals of the TD error, scored by what theory does not decide: the behaviour of a life.

A score that reads the critic's values makes the temporal difference error the only fixed point of the weighed
broadcast (`analysis.theory.weighed_values`): that it is found there says that the search works. What a life
earns does not: a broadcast that teaches wrong values may teach good habits. Here each rival lives in random
chains with rates of its own, searched by reward alone with the same budget, in two worlds: one whose states
are all told apart, and one in which neighbouring states look alike, so that no state seen has a value of its
own. The rivals are points or planes of the family (`WeighedBroadcast`):

    TD                        r + b V(s') - V(s),            b searched
    reward error              r - V(s)                       (Rescorla & Wagner 1972)
    reward error, surprise    r - V(s) + d (1 - p),          d searched
    action error              d (1 - p),                     d searched
    free                      a r + b V(s') + c V(s) + d (1 - p),  all searched, the critic's rate held at 1

p is the probability of the action that was taken. Retrospective contingency (Jeong et al. 2022, from memory)
is no point of this family: it needs a memory of what preceded a reward, which these synapses have not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Array, Mistake, Reporter, stream
from ...analysis.players import chains as players
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_searches
from ...plasticity.weighed_broadcast import WEIGHTS, WeighedBroadcast
from ..chain.network import ChainNetwork
from ..tasks.chains import Chains
from .candidates import program_of, score, side_by_side
from .labelling import Dataset, labelled

RATES = {"eta": (0.01, 1.2), "eta_actor": (0.02, 5.0)}
FIXED = {"reward_weight": 1.0, "next_weight": 0.0, "present_weight": -1.0, "action_weight": 0.0}
SEARCHED: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "TD": {"next_weight": (0.0, 1.0)},
    "reward error": {},
    "reward error, surprise": {"action_weight": (-2.0, 2.0)},
    "action error": {"action_weight": (-2.0, 2.0)},
    "free": dict.fromkeys(WEIGHTS, (-2.0, 2.0)),
}
"""What of the broadcast each rival may choose, beside its rates."""
WORLDS = ("told apart", "alike")
OTHERS = ("shuffled", "random", "ideal")


@dataclass(frozen=True)
class Config:
    alike: int = 2
    """neighbouring states that look alike in the second world"""
    repeats: int = 3
    """searches of each rival in each world"""
    steps: int = 400
    """steps of a life"""
    chains: int = 60
    """chains of one lifetime's evaluation, side by side"""
    generations: int = 20
    """generations of a search"""
    population: int = 10
    """candidates of a generation"""
    held_out: int = 2000
    """held-out chains"""

    def __post_init__(self) -> None:
        if self.alike < 2:
            raise Mistake(f"dopamine_rivals: alike is {self.alike}, must be at least 2")
        if min(self.repeats, self.generations, self.chains, self.held_out, self.population) < 2:
            raise Mistake("dopamine_rivals: at least 2 searches, generations, candidates and chains")


PRESETS = {
    "quick": Config(),
    "paper": Config(repeats=12, chains=80, generations=60, held_out=20000),
}


def network(config: Config, world: str, chains: int) -> ChainNetwork:
    """All chains of an evaluation side by side."""
    return ChainNetwork(
        Chains(),
        WeighedBroadcast(),
        chains,
        block=config.steps,
        alike=config.alike if world == "alike" else 1,
    )


def earn(config: Config, net: ChainNetwork, values: Mapping[str, float], seed: int) -> Array:
    """Reward per step (candidate x chain,) of one life."""
    count, given = side_by_side(values, net.individuals)
    lived = program_of(replace(net, individuals=count * net.individuals))(
        {**given, "task_seed": stream(seed, "task")},
        seed=stream(seed, "network"),
        duration=config.steps,
        outputs=["reward_mean"],
    )
    return np.asarray(lived["reward_mean"])[-1]


@dataclass(frozen=True)
class Return:
    """Reward per step of a life."""

    config: Config
    world: str

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        net = network(self.config, self.world, self.config.chains)
        return score(earn(self.config, net, values, seed), values)


def searches(config: Config, seed: int) -> dict[str, Search]:
    """Every search, 'WORLD-RIVAL-REPEAT'."""
    every = {}
    for row, world in enumerate(WORLDS):
        for column, (rival, chosen) in enumerate(SEARCHED.items()):
            bounds = {**RATES, **chosen}
            held = {name: value for name, value in FIXED.items() if name not in chosen}
            if rival == "action error":
                held |= {"reward_weight": 0.0, "present_weight": 0.0}
            if rival == "free":
                del bounds["eta"]  # products of weights and rates alone matter
                held["eta"] = 1.0
            space = SearchSpace.of(WeighedBroadcast, bounds, bounds, held)
            for repeat in range(config.repeats):
                name = f"{world.replace(' ', '_')}-{rival.replace(' ', '_').replace(',', '')}-{repeat}"
                every[name] = Search(
                    Return(config, world),
                    space,
                    CMAES(config.population),
                    config.generations,
                    seed=stream(seed, "search", row, column, repeat),
                    together=-(-config.population // 2),
                )
    return every


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run all searches, then live held-out chains with what they found.

    Returns:
        ``reward`` (world, rival, repeat, chain), per step of a held-out life, the same chains for all;
        ``weights`` (world, rival, repeat, weight) and ``rates`` (world, rival, repeat, rate) that were
        found, means of the centres over the last third; ``others`` (world, other, chain): the TD error
        of another chain's neuron, random actions, and the ideal player, who knows the world and its states.
    """
    shape = (len(WORLDS), len(SEARCHED), config.repeats)
    reward = np.empty((*shape, config.held_out))
    weights, rates = np.empty((*shape, len(WEIGHTS))), np.empty((*shape, len(RATES)))
    others = np.empty((len(WORLDS), len(OTHERS), config.held_out))
    lot, worlds = (
        stream(seed, "held out"),
        Chains().drawn(stream(stream(seed, "held out"), "task"), config.held_out),
    )
    known = (worlds.arrivals(), worlds.begins(), worlds.pay)
    searched = run_searches(searches(config, seed), folder, progress, 0.9)
    for place, search in zip(np.ndindex(shape), searched.values(), strict=True):
        found = search.averaged(1 / 3)
        net = network(config, WORLDS[place[0]], config.held_out)
        reward[place] = earn(config, net, found, lot)
        weights[place] = [found[weight] for weight in WEIGHTS]
        rates[place] = [found[rate] for rate in RATES]
        if list(SEARCHED)[place[1]] == "TD" and place[2] == 0:
            others[place[0]] = [
                earn(config, net, {**found, "yoked": 1}, lot),
                players.random_player(*known),
                players.ideal_player(*known)[0],
            ]
    return labelled(
        {
            "reward": (("world", "rival", "repeat", "chain"), reward.astype("float32")),
            "others": (("world", "other", "chain"), others.astype("float32")),
            "weights": (("world", "rival", "repeat", "weight"), weights),
            "rates": (("world", "rival", "repeat", "rate"), rates),
        },
        coords={
            "world": list(WORLDS),
            "rival": list(SEARCHED),
            "other": list(OTHERS),
            "weight": list("abcd"),
            "rate": list(RATES),
        },
        reward="1/step",
        others="1/step",
    )
