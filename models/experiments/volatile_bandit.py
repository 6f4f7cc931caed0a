"""Volatile bandit: a dopamine-gated rule, tuned over episodes that are stable or volatile.

Reversal bandits (.8/.2, 200 trials) whose hazard is drawn for each episode. An outer loop tunes the rule of
the choosing network (`Family`): once with its gate free, so that the rate may follow the slow trace of
abs(delta), once with the gate shut (one fixed rate). Then both live held-out episodes, at the hazards of the
training and at others, beside ideal players who are given the very same episodes. Controls: the tuned rule
with another individual's broadcast, and with frozen plasticity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.mistakes import Mistake
from ...analysis.players import reversal
from ...analysis.statistics import mean_and_error
from ...plasticity.family import Family
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_search
from ...plasticity.parameter import Parameter
from ..choice_network import ChoiceNetwork
from ..seeds import stream
from ..tasks.reversal_bandit import ReversalBandit
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

BETA = Parameter("beta", 10.0, "1", 1.0, 200.0, "log", "inverse temperature of the choice")
BOTH = Family.point("BothValues")
CONDITIONS = ("gated", "fixed", "shuffled", "frozen")
MEASURES = ("reward_mean", "push_mean", "square_mean", "best_mean")


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
    """episodes of one lifetime's evaluation, side by side"""
    generations: int = 60
    """generations of the search"""
    population: int = 16
    """candidates of a generation"""
    held_out: int = 20000
    """held-out episodes for each hazard"""

    def __post_init__(self) -> None:
        if not self.hazards or any(not 0 <= h <= 1 for h in self.hazards + self.new_hazards):
            raise Mistake("volatile_bandit: hazards must be given, each in [0, 1]")
        if self.episodes % len(self.hazards) or self.held_out % self.episodes:
            raise Mistake("volatile_bandit: episodes must divide by the hazards, held_out by the episodes")


PRESETS = {"quick": Config(), "paper": Config(generations=150, held_out=50000)}


def network(config: Config, broadcast: str = "own") -> ChoiceNetwork:
    """The choosing network, all episodes of an evaluation side by side."""
    return ChoiceNetwork(
        ReversalBandit(high=config.high, low=config.low),
        BOTH,
        individuals=config.episodes,
        block=config.trials,
        beta=BETA.default,
        broadcast="other" if broadcast == "other" else "own",
    )


@dataclass(frozen=True)
class Lifetimes:
    """Mean reward per trial of a candidate over the episodes of a seed: what the outer loop maximises."""

    config: Config

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        net = network(self.config)
        hazard = np.resize(self.config.hazards, net.individuals)
        lived = live(net, gate_shut(values), hazard, seed, self.config.trials)
        return float(lived["reward_mean"].mean())


def gate_shut(values: Mapping[str, float]) -> dict[str, float]:
    """The values, with a high rate equal to the low one where only that is given."""
    return {"eta_high": values["eta"], **values}


def live(
    net: ChoiceNetwork, values: Mapping[str, float], hazard: np.ndarray, seed: int, trials: int
) -> dict[str, np.ndarray]:
    """One episode of each individual: `MEASURES`, each (individual,)."""
    arrays = net.program()(
        {**values, "hazard": hazard, "task_seed": stream(seed, "task")},
        seed=stream(seed, "network"),
        duration=trials,
        outputs=list(MEASURES),
    )
    return {name: np.asarray(arrays[name])[-1] for name in MEASURES}


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The searches of this experiment: the gate free, and one fixed rate."""
    beta = SearchSpace((BETA,)).free
    gated = SearchSpace.of(
        Family,
        ("eta", "eta_high", "threshold", "width", "slow", "opposite"),
        {"opposite": (0.0, 1.0), "threshold": (0.1, 0.9), "slow": (0.01, 1.0), "width": (0.005, 0.5)},
    )
    fixed = SearchSpace.of(Family, ("eta",), {"eta": (0.005, 1.0)}).free
    spaces = {"gated": SearchSpace(gated.free + beta), "fixed": SearchSpace(fixed + beta)}
    shares = {"gated": 1.0, "fixed": 0.4}
    return {
        name: Search(
            Lifetimes(config),
            space,
            CMAES(config.population, sigma=0.25),
            max(1, round(shares[name] * config.generations)),
            seed=stream(seed, "search", number),
        )
        for number, (name, space) in enumerate(spaces.items())
    }


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Search, then live held-out episodes.

    Returns:
        ``reward``, ``reward_error`` and ``alpha`` (effective learning rate) as (condition, hazard);
        ``mixture`` and ``mixture_error`` (condition): over the hazards of the training; ``bayes`` (who knows
        the hazards of the training alone), ``bayes_error`` and ``bayes_known`` (hazard): players on the
        same episodes; ``coefficient`` (parameter) of the gated rule;
        ``score`` (generation, candidate) and ``centre`` (generation, parameter) of its search.
    """
    import xarray as xr

    found = {}
    parts = {"gated": (0.0, 0.55), "fixed": (0.55, 0.2)}
    for name, search in searches(config, seed).items():

        def told(fraction: float, text: str, name: str = name) -> None:
            begin, share = parts[name]
            if progress is not None:
                progress(begin + share * fraction, f"{name}: {text}")

        found[name] = run_search(search, folder / name if folder is not None else None, told)
    hazards = (*config.hazards, *config.new_hazards)
    tables = {name: np.empty((len(CONDITIONS), len(hazards))) for name in ("reward", "error", "alpha")}
    bayes, bayes_error, known = np.empty((3, len(hazards)))
    for column, hazard in enumerate(hazards):
        for row, condition in enumerate(CONDITIONS):
            values = gate_shut(found["fixed" if condition == "fixed" else "gated"].best)
            net = network(config, "other" if condition == "shuffled" else "own")
            values["learning"] = float(condition != "frozen")
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
            every = np.concatenate(rewards)
            tables["reward"][row, column] = every.mean()
            tables["error"][row, column] = every.std(ddof=1) / len(every) ** 0.5
            tables["alpha"][row, column] = push / square
            if progress is not None:
                done = (column * len(CONDITIONS) + row + 1) / (len(hazards) * len(CONDITIONS))
                progress(0.75 + 0.25 * done, "held-out episodes")
        task = network(config).task
        pay, _ = task.episodes(
            stream(_held_out(seed, column, 0), "task"), np.full(config.episodes, hazard), config.trials
        )
        odds = (config.high, config.low)
        known[column] = reversal.bayes_known(pay, hazard, *odds).mean()
        ideal = reversal.bayes_inferred(pay, config.hazards, *odds)
        bayes[column], bayes_error[column] = mean_and_error(ideal)
    trained = slice(0, len(config.hazards))
    gated = found["gated"]
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
            "bayes": ("hazard", bayes),
            "bayes_error": ("hazard", bayes_error),
            "bayes_known": ("hazard", known),
            "coefficient": ("parameter", [gated.best[name] for name in gated.names]),
            "fixed_alpha": ((), found["fixed"].best["eta"]),
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
