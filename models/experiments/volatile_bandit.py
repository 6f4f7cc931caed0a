"""Volatile bandit: a dopamine-gated rule, tuned over episodes that are stable or volatile.

Reversal bandits (.8/.2, 200 trials) whose hazard is drawn for each episode. An outer loop tunes the rule of
the choosing network (`Family`), whose gate lets the rate follow slow traces of the broadcast; beside it, with
the gate shut, stands the one fixed rate that earns most. Both live held-out episodes, at the hazards of the
training and at others, beside ideal players who are given the very same episodes. Controls: the tuned rule
with another individual's broadcast, and with frozen plasticity.

What a rule tuned on two hazards does at those between is a matter of its structure and of how it was trained,
not of its fit: the ideal player who believes in 0 and .2 alone is worse there than one fixed rate, and a gate
on abs(delta) tuned on single episodes follows it, since it may stop learning where the world looks stable.
Three things hold the search off. It is trained on lives of several episodes that follow each other without a
sign, with values and traces carried over (a world that has been still may still change), and that are shorter
than those it is tested on; the largest rate has a low bound; and the gate also hears whether errors agree,
with a share of each change in a synapse that fades slowly. The coefficients know the hazards of the training
alone. A held-out episode begins as a naive life does: values .5, and the trace at .42, about where lives
leave it. The gain at the hazards between is a mean over them: at .02
the fixed rate, which is nearly the best there, wins.

What is found is the mean of the search's centres over its last half, for the end of a search is as lucky as
its last generations. How long the episodes of a life are decides between two things that the rule is to do:
the longer they are, the more rates differ between stable and volatile episodes, and the less is gained at the
hazards between. How the settings were chosen, and what others gave, is in NOTES.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.progress import within
from ...analysis.foundation.seeds import stream
from ...analysis.players import reversal
from ...analysis.statistics.intervals import mean_and_error
from ...plasticity.family import Family
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_search
from ..choice.network import ChoiceNetwork
from ..tasks.reversal_bandit import ReversalBandit
from ..tasks.reversal_lives import ReversalLives
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

BOTH = Family.point("BothValues")
CONDITIONS = ("gated", "fixed", "shuffled", "frozen")
MEASURES = ("reward_mean", "push_mean", "square_mean", "best_mean")
FIRST_TRACE = 0.42
"""Trace of abs(delta) at the beginning of a life: about its mean over stable and volatile episodes."""
GATED = {
    "eta_high": (0.02, 0.28),
    "threshold": (0.2, 0.6),
    "width": (0.005, 0.1),
    "slow": (0.01, 0.1),
    "agreement": (0.0, 3.0),
    "memory": (0.0, 0.9),
    "share": (0.0, 0.9),
    "fading": (0.01, 0.05),
}
"""Bounds of the gated rule's coefficients."""
AVERAGED = 0.5
"""Last part of the search over which its centres are averaged."""
GREEDY = 200.0
"""Inverse temperature of all players here: all but greedy."""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    hazards: tuple[float, ...] = (0.0, 0.2)
    """probabilities of a reversal per trial, drawn evenly for the episodes of the training"""
    new_hazards: tuple[float, ...] = (0.02, 0.05, 0.1)
    """hazards that are tested without having been trained on"""
    high: float = 0.8
    """probability of a reward from the good arm"""
    low: float = 0.2
    """from the other"""
    trials: int = 200
    """trials of an episode"""
    episodes: int = 1000
    """held-out episodes side by side in one call"""
    lives: int = 160
    """lives side by side in one evaluation of the gated rule"""
    tuning: int = 40000
    """single episodes on which the fixed rate is tuned"""
    lifetime: int = 8
    """length of such a life, in units of ``trials``"""
    episode: int = 150
    """trials of an episode in such a life, one after another"""
    generations: int = 80
    """generations of the search"""
    population: int = 16
    """candidates of a generation"""
    held_out: int = 20000
    """held-out episodes for each hazard"""

    may_be_none = ("new_hazards",)

    def __post_init__(self) -> None:
        if not self.hazards or any(not 0 <= h <= 1 for h in self.hazards + self.new_hazards):
            raise Mistake("volatile_bandit: hazards must be given, each in [0, 1]")
        if not 0 <= self.low < self.high <= 1:
            raise Mistake(f"volatile_bandit: low ({self.low:g}) must be below high ({self.high:g}) in [0, 1]")
        if self.episodes % len(self.hazards) or self.held_out % self.episodes:
            raise Mistake("volatile_bandit: episodes must divide by the hazards, held_out by the episodes")
        if min(self.lives, self.lifetime, self.episode) < 1:
            raise Mistake("volatile_bandit: at least one life of at least one trial")


PRESETS = {"quick": Config(), "paper": Config(generations=150, held_out=50000)}


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
    """Mean reward per trial of a candidate over the lives of a seed: what the outer loop maximises."""

    config: Config
    long: bool = False
    """lives of several episodes; of single ones all hazards are lived equally often"""

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        config = self.config
        if self.long:
            net, hazard, trials = several(config), None, config.trials * config.lifetime
        else:
            net, trials = network(config), config.trials
            hazard = np.resize(config.hazards, net.individuals)
        return float(live(net, values, hazard, seed, trials)["reward_mean"].mean())


def live(
    net: ChoiceNetwork, values: Mapping[str, ArrayLike], hazard: np.ndarray | None, seed: int, trials: int
) -> dict[str, np.ndarray]:
    """One life of each individual: `MEASURES`, each (individual,); ``values`` of all or one for each
    individual; ``hazard``, where the task asks for it."""
    world = {"task_seed": stream(seed, "task")} | ({} if hazard is None else {"hazard": hazard})
    arrays = net.program()(
        {**values, **world}, seed=stream(seed, "network"), duration=trials, outputs=list(MEASURES)
    )
    return {name: np.asarray(arrays[name]).mean(axis=0) for name in MEASURES}


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The search of this experiment: the gated rule, in lives of several episodes."""
    free = SearchSpace.of(Family, GATED, GATED).free
    space = SearchSpace(free, {"eta": 0.0, "opposite": 1.0, "beta": GREEDY})
    optimiser = CMAES(config.population, sigma=0.25)
    lives = Lifetimes(config, long=True)
    return {"gated": Search(lives, space, optimiser, config.generations, seed=stream(seed, "search", 0))}


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


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Search, then live held-out episodes.

    Returns:
        ``reward``, ``reward_error`` and ``alpha`` (effective learning rate) as (condition, hazard);
        ``above_fixed`` and ``above_fixed_error`` (hazard): gated less fixed, episode by episode;
        ``mixture`` and ``mixture_error`` (condition): over the hazards of the training; ``bayes`` (who knows
        the hazards of the training alone), ``bayes_error`` and ``bayes_known`` (hazard): players on the
        same episodes; ``coefficient`` (parameter) of the gated rule;
        ``score`` (generation, candidate) and ``centre`` (generation, parameter) of its search.
    """
    import xarray as xr

    search = searches(config, seed)["gated"]
    gated = run_search(
        search, folder / "gated" if folder is not None else None, within(progress, 0, 0.6, "gated")
    )
    best, fixed = gated.averaged(AVERAGED), best_fixed_rate(config, seed)
    one_rate = {"eta": fixed, "eta_high": fixed, "opposite": 1.0, "beta": GREEDY}
    hazards = (*config.hazards, *config.new_hazards)
    tables = {name: np.empty((len(CONDITIONS), len(hazards))) for name in ("reward", "error", "alpha")}
    bayes, bayes_error, known, above, above_error = np.empty((5, len(hazards)))
    for column, hazard in enumerate(hazards):
        lives: dict[str, np.ndarray] = {}
        for row, condition in enumerate(CONDITIONS):
            values = dict(one_rate if condition == "fixed" else best)
            net = network(config)
            values |= {"learning": float(condition != "frozen"), "yoked": int(condition == "shuffled")}
            rewards, push, square = [], 0.0, 0.0
            for part in range(config.held_out // config.episodes):
                lived = live(
                    net,
                    values,
                    np.full(net.individuals, hazard),
                    _held_out(seed, column, part),
                    config.trials,
                )
                rewards.append(lived["reward_mean"])
                push += lived["push_mean"].sum()
                square += lived["square_mean"].sum()
            every = lives[condition] = np.concatenate(rewards)
            tables["reward"][row, column] = every.mean()
            tables["error"][row, column] = every.std(ddof=1) / len(every) ** 0.5
            tables["alpha"][row, column] = push / square
            if progress is not None:
                done = (column * len(CONDITIONS) + row + 1) / (len(hazards) * len(CONDITIONS))
                progress(0.65 + 0.35 * done, "held-out episodes")
        above[column], above_error[column] = mean_and_error(lives["gated"] - lives["fixed"])
        task = ReversalBandit(high=config.high, low=config.low)
        pay, _ = task.episodes(
            stream(_held_out(seed, column, 0), "task"), np.full(config.episodes, hazard), config.trials
        )
        odds = (config.high, config.low)
        known[column] = reversal.bayes_known(pay, hazard, *odds).mean()
        ideal = reversal.bayes_inferred(pay, config.hazards, *odds)
        bayes[column], bayes_error[column] = mean_and_error(ideal)
    trained = slice(0, len(config.hazards))
    data = xr.Dataset(
        {
            "reward": (("condition", "hazard"), tables["reward"]),
            "reward_error": (("condition", "hazard"), tables["error"]),
            "alpha": (("condition", "hazard"), tables["alpha"]),
            "mixture": ("condition", tables["reward"][:, trained].mean(axis=1)),
            "mixture_error": (
                "condition",
                np.sqrt((tables["error"][:, trained] ** 2).sum(axis=1)) / len(config.hazards),
            ),
            "above_fixed": ("hazard", above),
            "above_fixed_error": ("hazard", above_error),
            "bayes": ("hazard", bayes),
            "bayes_error": ("hazard", bayes_error),
            "bayes_known": ("hazard", known),
            "coefficient": ("parameter", [best[name] for name in gated.names]),
            "fixed_alpha": ((), fixed),
            "score": (("generation", "candidate"), gated.scores.mean(axis=2)),
            "centre": (("generation", "parameter"), gated.centres),
        },
        coords={
            "condition": list(CONDITIONS),
            "hazard": list(hazards),
            "parameter": list(gated.names),
            "trained": ("hazard", [hazard in config.hazards for hazard in hazards]),
        },
    )
    return with_units(data, reward="1/trial", alpha="1/trial", fixed_alpha="1/trial")


def _held_out(seed: int, *place: int) -> int:
    return stream(seed, "held out", *place)
