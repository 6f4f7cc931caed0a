"""Volatile bandit: a dopamine-gated rule, tuned over episodes that are stable or volatile, in three splits.

Reversal bandits (200 trials) whose hazard is drawn for each episode. Outer loops tune the rule of the
choosing network (`Family`), whose gate lets the rate follow slow traces of the broadcast; beside it, with the
gate shut, stands the one fixed rate that earns most in the training. Both live held-out episodes, beside
ideal players who are given the very same episodes: one that believes in the training's world alone, one with
a prior over all hazards who is told the odds, and one who is told hazard and odds. Controls: the tuned rule
with another individual's broadcast, and with frozen plasticity.

Three splits keep what is claimed apart from what was chosen. The coefficients are fitted on the hazards 0
and .2 with the odds .8/.2. The structure of the rule, of its lives and its bounds were chosen by what it
earned at the validation's hazards, with the same odds. Claims are made on hazards and odds that nothing has
seen, hazard by hazard.

What a rule tuned on two hazards does at others is a matter of its structure and of how it was trained, not of
its fit: the ideal player of the training is worse at the hazards between than one fixed rate, and a gate on
abs(delta) tuned on single episodes follows it, since it may stop learning where the world looks stable. Two
things hold the search off. It is trained on lives of several episodes that follow each other without a sign,
with values and traces carried over (a world that has been still may still change), and that are shorter than
those it is tested on; and the gate also hears whether errors agree, with a share of each change in a synapse
that fades slowly. A held-out episode begins as a naive life does: values .5, and the trace at .42, about
where lives leave it.

What is found is the mean of a search's centres over its last half, for the end of a search is as lucky as its
last generations. How the settings were chosen, and what others gave, is in NOTES.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation import Mistake, Reporter, stream, tell
from ...analysis.players import reversal
from ...analysis.statistics.intervals import mean_and_error
from ...plasticity.family import Family
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_searches
from ..choice.network import ChoiceNetwork
from ..program import Program
from ..tasks.reversal_bandit import ReversalBandit
from ..tasks.reversal_lives import ReversalLives
from .candidates import score, side_by_side
from .labelling import Dataset, labelled

BOTH = Family.point("BothValues")
CONTROLS = ("shuffled", "frozen")
PLAYERS = ("of the training", "prior over hazards", "told both")
MEASURES = ("reward_mean", "push_mean", "square_mean", "best_mean")
FIRST_TRACE = 0.42
"""Trace of abs(delta) at the beginning of a life: about its mean over stable and volatile episodes."""
GATED = {
    "eta_high": (0.02, 0.6),
    "threshold": (0.1, 0.9),
    "width": (0.005, 0.3),
    "slow": (0.005, 0.3),
    "agreement": (-2.0, 4.0),
    "memory": (0.0, 0.99),
    "share": (0.0, 1.0),
    "fading": (0.005, 0.2),
}
"""Bounds of the gated rule's coefficients."""
AVERAGED = 0.5
"""Last part of the search over which its centres are averaged."""
GREEDY = 200.0
"""Inverse temperature of all players here: all but greedy."""
PRIOR = (0.0, *np.geomspace(0.005, 0.4, 12).tolist())
"""Hazards that the ideal player with a prior over all of them holds for equally probable."""


@dataclass(frozen=True)
class Config:
    hazards: tuple[float, ...] = (0.0, 0.2)
    """probabilities of a reversal per trial, drawn evenly for the episodes of the training"""
    validation: tuple[float, ...] = (0.02, 0.05, 0.1)
    """hazards on which structure and bounds were chosen"""
    test: tuple[float, ...] = (0.01, 0.03, 0.07, 0.15)
    """hazards of the claims, with the odds ``test_high`` to one minus these"""
    test_high: tuple[float, ...] = (0.7, 0.9)
    """probabilities of a reward from the good arm in the claims"""
    searches: int = 8
    """outer loops"""
    high: float = 0.8
    """probability of a reward from the good arm"""
    low: float = 0.2
    """from the other"""
    trials: int = 200
    """trials of an episode"""
    episodes: int = 250
    """held-out episodes of each search side by side in one call"""
    lives: int = 48
    """lives side by side in one evaluation of the gated rule"""
    tuning: int = 40000
    """single episodes on which the fixed rate is tuned"""
    lifetime: int = 6
    """length of such a life, in units of ``trials``"""
    episode: int = 150
    """trials of an episode in such a life, one after another"""
    generations: int = 40
    """generations of a search"""
    population: int = 10
    """candidates of a generation"""
    held_out: int = 1000
    """held-out episodes of each search for each hazard and odds"""

    may_be_none = ("validation", "test", "test_high")

    def __post_init__(self) -> None:
        every = self.hazards + self.validation + self.test + self.test_high
        if not self.hazards or any(not 0 <= one <= 1 for one in every):
            raise Mistake("volatile_bandit: hazards must be given, each in [0, 1], as the odds")
        if not 0 <= self.low < self.high <= 1:
            raise Mistake(f"volatile_bandit: low ({self.low:g}) must be below high ({self.high:g}) in [0, 1]")
        if self.episodes % len(self.hazards) or self.held_out % self.episodes:
            raise Mistake("volatile_bandit: episodes must divide by the hazards, held_out by the episodes")
        if min(self.lives, self.lifetime, self.episode, self.searches) < 1:
            raise Mistake("volatile_bandit: at least one search, one life of at least one trial")

    @property
    def worlds(self) -> list[tuple[str, float, float, float]]:
        """Split, hazard, high and low of all worlds in which held-out episodes are lived."""
        known = (("train", self.hazards), ("validation", self.validation))
        own = [(name, hazard, self.high, self.low) for name, hazards in known for hazard in hazards]
        return own + [("test", hazard, high, 1 - high) for high in self.test_high for hazard in self.test]


PRESETS = {
    "quick": Config(),
    "paper": Config(searches=12, lives=160, lifetime=8, generations=150, population=16, held_out=5000),
}


def network(config: Config) -> ChoiceNetwork:
    """The choosing network, its episodes side by side."""
    return ChoiceNetwork(
        ReversalBandit(high=config.high, low=config.low),
        BOTH,
        individuals=config.episodes,
        block=config.trials,
        beta=GREEDY,
        first_trace=FIRST_TRACE,
    )


def several(config: Config) -> ChoiceNetwork:
    """The same network in lives of several episodes."""
    task = ReversalLives(2, config.high, config.low, config.hazards, config.episode)
    return replace(network(config), task=task, individuals=config.lives)


@dataclass(frozen=True)
class Lifetimes:
    """Mean reward per trial of each candidate in lives of several episodes, the same for all candidates of a
    seed: what the outer loop maximises."""

    config: Config

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        config = self.config
        net = several(config)
        count, given = side_by_side(values, net.individuals)
        net = replace(net, individuals=count * net.individuals)
        lived = live(net.program(), given, None, seed, config.trials * config.lifetime)
        return score(lived["reward_mean"], values)


def live(
    program: Program, values: Mapping[str, ArrayLike], hazard: np.ndarray | None, seed: int, trials: int
) -> dict[str, np.ndarray]:
    """One life of each individual: `MEASURES`, each (individual,); ``values`` of all or one for each
    individual; ``hazard``, where the task asks for it."""
    world = {"task_seed": stream(seed, "task")} | ({} if hazard is None else {"hazard": hazard})
    arrays = program(
        {**values, **world}, seed=stream(seed, "network"), duration=trials, outputs=list(MEASURES)
    )
    return {name: np.asarray(arrays[name]).mean(axis=0) for name in MEASURES}


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The searches of this experiment, 'gated-NUMBER': the gated rule, in lives of several episodes."""
    free = SearchSpace.of(Family, GATED, GATED).free
    space = SearchSpace(free, {"eta": 0.0, "opposite": 1.0, "beta": GREEDY})
    optimiser = CMAES(config.population, sigma=0.25)
    lives, together = Lifetimes(config), -(-config.population // 2)
    return {
        f"gated-{k}": Search(
            lives, space, optimiser, config.generations, together=together, seed=stream(seed, "search", k)
        )
        for k in range(config.searches)
    }


def best_fixed_rate(config: Config, seed: int) -> float:
    """The one rate that earns most on single episodes of the training's hazards.

    The reward of the player of a constant rate, which the network with its gate shut is, on the same episodes
    for all rates: so flat about its top that a search would leave it uncertain by .01. The top is that of a
    cubic through rates from .08 to .32.
    """
    task = ReversalBandit(high=config.high, low=config.low)
    hazard = np.resize(config.hazards, config.tuning)
    pay, _ = task.episodes(stream(seed, "fixed rate"), hazard, config.trials)
    rates = np.arange(0.08, 0.33, 0.04)
    earned = [float(reversal.constant_rate(pay, float(rate)).mean()) for rate in rates]
    fine = np.linspace(rates[0], rates[-1], 501)
    return float(fine[np.argmax(np.polyval(np.polyfit(rates, earned, 3), fine))])


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, then live held-out episodes.

    Returns:
        ``above`` and ``above_error`` (search, world): reward of the gated rule less that of the fixed rate,
        episode by episode; ``alpha`` (search, world), its effective learning rate, and ``fixed_alpha``;
        ``fixed`` and ``fixed_error`` (world), reward of the fixed rate; ``control`` (condition, search),
        of the gated rule in the worlds of the training, shuffled and frozen; ``bayes`` and ``bayes_error``
        (player, world), on some of the same episodes: who believes in the training's hazards and odds alone,
        who has a prior over hazards and is told the odds, and who is told both. Of a world: ``split``,
        ``hazard``, ``high`` and ``low``. ``coefficient`` (search, parameter) with its ``bound`` (parameter,
        end); ``score`` (search, generation, candidate) and ``centre`` (search, generation, parameter).
    """
    found = list(run_searches(searches(config, seed), folder, progress, 0.75).values())
    best = [one.averaged(AVERAGED) for one in found]
    fixed = best_fixed_rate(config, seed)
    one_rate = {"eta": fixed, "eta_high": fixed, "opposite": 1.0, "beta": GREEDY}
    worlds = config.worlds
    above, above_error, alpha = np.empty((3, config.searches, len(worlds)))
    plain, plain_error = np.empty((2, len(worlds)))
    bayes, bayes_error = np.empty((2, len(PLAYERS), len(worlds)))
    control: list[list[np.ndarray]] = [[] for _ in CONTROLS]
    for column, (split, hazard, high, low) in enumerate(worlds):
        tell(progress, 0.75 + 0.25 * column / len(worlds), "held-out episodes")
        world = replace(config, high=high, low=low)
        gated, alpha[:, column] = _held_out(world, best, "gated", hazard, seed, column)
        one, _ = _held_out(world, [one_rate] * config.searches, "fixed", hazard, seed, column)
        above[:, column], above_error[:, column] = mean_and_error(gated - one, axis=1)
        plain[column], plain_error[column] = mean_and_error(one.ravel())
        bayes[:, column], bayes_error[:, column] = _ideal(config, world, hazard, seed, column)
        if split == "train":
            for rows, name in zip(control, CONTROLS, strict=True):
                rows.append(_held_out(world, best, name, hazard, seed, column)[0].mean(axis=1))
    rewards = ("above", "above_error", "fixed", "fixed_error", "control", "bayes", "bayes_error", "score")
    return labelled(
        {
            "above": (("search", "world"), above),
            "above_error": (("search", "world"), above_error),
            "alpha": (("search", "world"), alpha),
            "fixed": ("world", plain),
            "fixed_error": ("world", plain_error),
            "fixed_alpha": ((), fixed),
            "control": (("condition", "search"), np.mean(control, axis=1)),
            "bayes": (("player", "world"), bayes),
            "bayes_error": (("player", "world"), bayes_error),
            "coefficient": (
                ("search", "parameter"),
                [[one[name] for name in found[0].names] for one in best],
            ),
            "bound": (("parameter", "end"), [GATED[name] for name in found[0].names]),
            "score": (("search", "generation", "candidate"), [one.scores.mean(axis=2) for one in found]),
            "centre": (("search", "generation", "parameter"), [one.centres for one in found]),
        },
        coords={
            "condition": list(CONTROLS),
            "player": list(PLAYERS),
            "parameter": list(found[0].names),
            "split": ("world", [split for split, *_ in worlds]),
            **{
                name: ("world", [row[place] for row in worlds])
                for place, name in enumerate(("hazard", "high", "low"), 1)
            },
        },
        **dict.fromkeys((*rewards, "alpha", "fixed_alpha"), "1/trial"),
    )


def _held_out(
    config: Config, values: list[dict[str, float]], condition: str, hazard: float, seed: int, column: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean reward per trial of each search's ``values`` in its held-out episodes (search, episode), and the
    effective rate (search,): the same episodes for all conditions."""
    net = replace(network(config), individuals=config.episodes * len(values))
    each: dict[str, ArrayLike] = {
        name: np.repeat([one[name] for one in values], config.episodes) for name in values[0]
    }
    each |= {"learning": float(condition != "frozen"), "yoked": int(condition == "shuffled")}
    rewards, push, square = [], np.zeros(len(values)), np.zeros(len(values))
    for part in range(config.held_out // config.episodes):
        lot = stream(seed, "held out", column, part)
        lived = live(net.program(), each, np.full(net.individuals, hazard), lot, config.trials)
        own = {name: found.reshape(len(values), -1) for name, found in lived.items()}
        rewards.append(own["reward_mean"])
        push += own["push_mean"].sum(axis=1)
        square += own["square_mean"].sum(axis=1)
    return np.concatenate(rewards, axis=1), push / square


def _ideal(
    config: Config, world: Config, hazard: float, seed: int, column: int
) -> tuple[list[float], list[float]]:
    """Mean reward of each of `PLAYERS` and its error, in the first part of the held-out episodes."""
    task = ReversalBandit(high=world.high, low=world.low)
    lot = stream(stream(seed, "held out", column, 0), "task")
    pay, _ = task.episodes(lot, np.full(config.episodes * config.searches, hazard), config.trials)
    lived = (
        reversal.bayes_inferred(pay, config.hazards, config.high, config.low),
        reversal.bayes_inferred(pay, PRIOR, world.high, world.low),
        reversal.bayes_known(pay, hazard, world.high, world.low),
    )
    pairs = [mean_and_error(rewards) for rewards in lived]
    return [float(mean) for mean, _ in pairs], [float(error) for _, error in pairs]
