"""The dopamine neuron as an agent: it may weigh what it is told freely, and is scored by what that teaches.

Dopamine neurons weigh the reward, the next value, the present value and how little the action was expected
by a, b, c and d (`WeighedBroadcast`); all four are searched from nothing (0 : 0 : 0 : 0). The rates of
plasticity are held: only products of weights and rates matter. Lifetimes in random chains are scored

- by prediction: minus the squared error of the critic's values against the true ones of a discount gamma,
  at the end of a life of fixed random habits and falling rates; for two values of gamma;
- by return alone: reward per step of a life in which critic and actor learn.

A search's finding is the mean of its centres over the last third of the generations. Held-out chains compare
it with temporal difference learners whose rates are searched (by return with the same budget, at the first
gamma and with the discount searched too), with the player that counts, the ideal and the random one.
Controls: another individual's broadcast, frozen plasticity, the score of the other gamma.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Array, Mistake, Reporter, stream
from ...analysis.players import chains as players
from ...analysis.statistics.intervals import mean_and_error
from ...analysis.theory.weighed_values import true_values, value_error, visits
from ...plasticity.outer_loop import CMAES, Found, Search, SearchSpace, run_searches
from ...plasticity.weighed_broadcast import WEIGHTS, WeighedBroadcast
from ..chain.network import ChainNetwork
from ..tasks.chains import Chains, softmax
from .candidates import program_of, score, side_by_side
from .labelling import Dataset, labelled

LEARNERS = ("td", "td, discount searched", "shuffled", "frozen", "random", "ideal")


@dataclass(frozen=True)
class Config:
    gammas: tuple[float, ...] = (0.9, 0.6)
    """discounts by which predictions are scored; return is compared with a learner of the first"""
    repeats: int = 6
    """searches for each discount"""
    return_repeats: int = 5
    """searches by return"""
    steps: int = 400
    """steps of a life"""
    chains: int = 40
    """chains of one lifetime's evaluation, side by side"""
    generations: int = 46
    """generations of a search by prediction"""
    return_generations: int = 25
    """generations of a search by return"""
    population: int = 10
    """candidates of a generation"""
    eta: float = 0.6
    """the critic's rate (1/step)"""
    eta_actor: float = 2.0
    """the actor's rate, in lives scored by return (1/step)"""
    decay: float = 0.02
    """how the critic's rate falls in lives scored by prediction (1/step)"""
    held_out: int = 2000
    """held-out chains"""

    def __post_init__(self) -> None:
        if len(set(self.gammas)) < 2 or any(not 0 < gamma < 1 for gamma in self.gammas):
            raise Mistake("dopamine_agent: gammas must be two or more, each in (0, 1)")
        if min(self.repeats, self.return_repeats, self.generations, self.return_generations) < 2:
            raise Mistake("dopamine_agent: at least 2 searches of 2 generations")
        if min(self.chains, self.held_out) < 2 or self.steps < 1 or self.population < 2:
            raise Mistake("dopamine_agent: at least 2 chains, held out too, 2 candidates and 1 step")


PRESETS = {
    "quick": Config(),
    "paper": Config(
        repeats=20, return_repeats=20, chains=80, generations=80, return_generations=80, held_out=20000
    ),
}


def network(config: Config, chains: int | None = None) -> ChainNetwork:
    """The network, all chains of an evaluation side by side."""
    return ChainNetwork(Chains(), WeighedBroadcast(), chains or config.chains, block=config.steps)


@lru_cache(maxsize=16)
def _truth(net: ChainNetwork, task_seed: int, gamma: float) -> tuple[Array, Array, Array]:
    """Habits (chain, state, action), and true values and visits (chain, state) with them."""
    habits = net.task.habits(task_seed, net.individuals)
    worlds, policy = net.task.drawn(task_seed, net.individuals), softmax(habits)
    arrivals = np.einsum("isk,iskt->ist", policy, worlds.arrivals())
    truth = true_values(arrivals, (policy * worlds.pay).sum(axis=-1), gamma)
    return habits, truth, visits(arrivals, worlds.begins())


def predict(
    config: Config, net: ChainNetwork, values: Mapping[str, float], gamma: float, seed: int
) -> tuple[Array, Array]:
    """One life each, habits fixed: the critic's values at its end and the error's parts.

    Returns:
        squared error weighed by visits, (chain,), of several candidates (candidate, chain), and that of
        values of nothing (chain,).
    """
    task_seed = stream(seed, "task")
    habits, truth, share = _truth(net, task_seed, gamma)
    count, given = side_by_side(values, net.individuals)
    lived = program_of(replace(net, individuals=count * net.individuals))(
        {
            "eta": config.eta,
            "decay": config.decay,
            **given,
            "theta": np.tile(habits, (count, 1, 1)),
            "task_seed": task_seed,
        },
        seed=stream(seed, "network"),
        duration=config.steps,
        outputs=["w"],
    )
    with np.errstate(over="ignore", invalid="ignore"):
        learned = np.asarray(lived["w"])[..., 0].reshape(count, *truth.shape)
        wrong = (share * (learned - truth) ** 2).sum(axis=-1)
        return np.squeeze(wrong, 0) if count == 1 else wrong, (share * truth**2).sum(axis=-1)


def earn(config: Config, net: ChainNetwork, values: Mapping[str, float], seed: int) -> Array:
    """Reward per step (candidate x chain,) of one life in which critic and actor learn."""
    count, given = side_by_side(values, net.individuals)
    lived = program_of(replace(net, individuals=count * net.individuals))(
        {"eta": config.eta, "eta_actor": config.eta_actor, **given, "task_seed": stream(seed, "task")},
        seed=stream(seed, "network"),
        duration=config.steps,
        outputs=["reward_mean"],
    )
    return np.asarray(lived["reward_mean"])[-1]


@dataclass(frozen=True)
class Prediction:
    """Minus the error of a life's values in units of the squared true ones; -1: nothing learned."""

    config: Config
    gamma: float

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        error, size = predict(self.config, network(self.config), values, self.gamma, seed)
        with np.errstate(over="ignore", invalid="ignore"):
            return -error.sum(axis=-1) / size.sum()


@dataclass(frozen=True)
class Return:
    """Reward per step of a life."""

    config: Config

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        return score(earn(self.config, network(self.config), values, seed), values)


def searches(config: Config, seed: int) -> dict[str, Search]:
    """Every search: 'prediction-GAMMA-REPEAT', 'return-REPEAT', and those of the TD learners, 'td-...'."""
    free = SearchSpace.of(WeighedBroadcast, WEIGHTS)
    rates = {"eta": (0.01, 1.2), "eta_actor": (0.02, 5.0)}

    def td(names: tuple[str, ...], gamma: float | None) -> SearchSpace:
        bounds = {name: rates[name] for name in names if name in rates} | {"next_weight": (0.0, 1.0)}
        bounds = {name: bounds[name] for name in names}
        return SearchSpace.of(
            WeighedBroadcast, names, bounds, {} if gamma is None else {"next_weight": gamma}
        )

    def search(evaluate: Prediction | Return, space: SearchSpace, generations: int, *place: int) -> Search:
        optimiser = CMAES(config.population)
        places = {"seed": stream(seed, "search", *place), "together": -(-config.population // 2)}
        return Search(evaluate, space, optimiser, generations, **places)

    every = {}
    number, short = len(config.gammas), config.return_generations
    for row, gamma in enumerate(config.gammas):
        score = Prediction(config, gamma)
        for repeat in range(config.repeats):
            every[f"prediction-{gamma:g}-{repeat}"] = search(score, free, config.generations, row, repeat)
        every[f"td-prediction-{gamma:g}"] = search(score, td(("eta",), gamma), short, number + 3 + row)
    reward = Return(config)
    for repeat in range(config.return_repeats):
        every[f"return-{repeat}"] = search(reward, free, short, number, repeat)
    both = ("eta", "eta_actor")
    every["td-return"] = search(reward, td(both, config.gammas[0]), short, number + 1)
    wide = td((*both, "next_weight"), None)
    for repeat in range(config.return_repeats):
        every[f"td-return-discount-{repeat}"] = search(reward, wide, short, number + 2, repeat)
    return every


def finding(found: Found) -> dict[str, float]:
    """The mean of a search's centres over the last third of its generations."""
    return found.averaged(1 / 3)


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run all searches, then live held-out chains with what they found.

    Returns:
        ``weights`` (gamma, repeat, weight) and ``path`` (gamma, repeat, generation, weight) of the searches
        by prediction; held-out errors: ``error`` (gamma, repeat), ``error_of_other`` (gamma, scored): what
        the first search for one gamma found, against the values of another, ``error_td``, ``error_counting``,
        ``error_shuffled`` (gamma);
        ``return_weights`` (trial, weight), ``reward`` (trial) on held-out chains, ``gain``, ``gain_error``
        (trial) over the TD learner of the first gamma, in the same chains; ``level``, ``level_error``
        (learner); ``td_gain``, ``td_gain_error``: of TD learners whose discount was searched, the mean of as
        many searches, and its mean, ``td_discount``; ``sweep`` (discount): the reward of their mean with
        other discounts.
    """
    every = searches(config, seed)
    found = run_searches(every, folder, progress, 0.85)
    names = [[f"prediction-{gamma:g}-{k}" for k in range(config.repeats)] for gamma in config.gammas]
    trials = [f"return-{k}" for k in range(config.return_repeats)]
    variables = _predictions(config, seed, found, names) | _returns(config, seed, found, trials)
    path = [[found[name].centres for name in row] for row in names]
    weights = [[list(_weights(finding(found[name])).values()) for name in row] for row in names]
    rates = ("reward", "gain", "gain_error", "level", "level_error", "td_gain", "td_gain_error", "sweep")
    return labelled(
        {
            **variables,
            "weights": (("gamma", "repeat", "weight"), weights),
            "path": (("gamma", "repeat", "generation", "weight"), path),
            "return_weights": (
                ("trial", "weight"),
                [list(_weights(finding(found[name])).values()) for name in trials],
            ),
        },
        coords={
            "gamma": list(config.gammas),
            "scored": list(config.gammas),
            "weight": list("abcd"),
            "learner": list(LEARNERS),
            "discount": DISCOUNTS,
        },
        **{name: "1/step" for name in rates},
    )


DISCOUNTS = np.arange(0, 1, 0.1)
YOKED = {"yoked": 1.0}
"""Another individual's broadcast."""


def _weights(values: Mapping[str, float]) -> dict[str, float]:
    return {name: values[name] for name in WEIGHTS}


def _predictions(config: Config, seed: int, found: Mapping[str, Found], names: list[list[str]]) -> dict:
    """Errors on held-out chains."""
    net, lot = network(config, config.held_out), stream(seed, "held out")

    def error(values: Mapping[str, float], gamma: float) -> float:
        wrong, size = predict(config, net, values, gamma, lot)
        return float(wrong.sum() / size.sum())

    errors = [
        [error(finding(found[name]), g) for name in row] for row, g in zip(names, config.gammas, strict=True)
    ]
    other_gamma = [[error(finding(found[row[0]]), g) for g in config.gammas] for row in names]
    shuffled = [error(finding(found[row[0]]) | YOKED, g) for row, g in zip(names, config.gammas, strict=True)]
    td = [error(finding(found[f"td-prediction-{g:g}"]), g) for g in config.gammas]
    return {
        "error": (("gamma", "repeat"), errors),
        "error_of_other": (("gamma", "scored"), other_gamma),
        "error_td": ("gamma", td),
        "error_counting": ("gamma", [_counting(config, seed, gamma) for gamma in config.gammas]),
        "error_shuffled": ("gamma", shuffled),
    }


def _counting(config: Config, seed: int, gamma: float) -> float:
    """Error of the player that counts, in the same lives."""
    net, task_seed = network(config, config.held_out), stream(stream(seed, "held out"), "task")
    habits, truth, share = _truth(net, task_seed, gamma)
    walk = net.task.walk(task_seed, softmax(habits), config.steps)
    values = players.counted_values(walk.here, walk.there, walk.reward, net.task.most, gamma)
    return value_error(values, truth, share)


def _returns(config: Config, seed: int, found: Mapping[str, Found], trials: list[str]) -> dict:
    """Rewards on held-out chains."""
    net, lot = network(config, config.held_out), stream(seed, "held out")

    def rewards(values: Mapping[str, float]) -> Array:
        return earn(config, net, values, lot)

    every = [rewards(finding(found[name])) for name in trials]
    first = finding(found[trials[0]])
    tuned = finding(found["td-return"])
    wides = [finding(found[f"td-return-discount-{k}"]) for k in range(config.return_repeats)]
    wide = {name: float(np.mean([one[name] for one in wides])) for name in wides[0]}
    levels = {
        "td": rewards(tuned),
        "td, discount searched": np.mean([rewards(one) for one in wides], axis=0),
        "shuffled": rewards(first | YOKED),
        "frozen": rewards({**first, "learning": 0.0}),
    }
    worlds = net.task.drawn(stream(lot, "task"), config.held_out)
    known = (worlds.arrivals(), worlds.begins(), worlds.pay)
    levels["random"] = players.random_player(*known)
    levels["ideal"] = players.ideal_player(*known)[0]
    gain, gain_error = mean_and_error(np.array(every) - levels["td"], axis=1)
    td_gain, td_gain_error = mean_and_error(levels["td, discount searched"] - levels["td"])
    level, level_error = mean_and_error(np.array([levels[name] for name in LEARNERS]), axis=1)
    sweep = [rewards({**wide, "next_weight": float(one)}).mean() for one in DISCOUNTS]
    return {
        "reward": ("trial", np.mean(every, axis=1)),
        "gain": ("trial", gain),
        "gain_error": ("trial", gain_error),
        "level": ("learner", level),
        "level_error": ("learner", level_error),
        "td_gain": ((), float(td_gain)),
        "td_gain_error": ((), float(td_gain_error)),
        "td_discount": ((), wide["next_weight"]),
        "sweep": ("discount", sweep),
    }
