"""Biological outer loop: metaparameters reinforced by a slow average of reward, beside CMA-ES.

The searches tune the same rule on the same volatile bandit (see `volatile_bandit`) from the same start, each
with an equal number of lifetimes. The biological loop lives one group of lifetimes after another with
metaparameters that it perturbs, and sees nothing but its own reward; its settings were written down before it
was run on this task, so that no lifetime went into their choice. Control: the same loop, to which the reward
of a life with the metaparameters of the start is told. With these settings the loop gains about six tenths of
what CMA-ES does (quick preset, seed 0): it rises as fast at first, then its gain has decayed too far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.mistakes import Mistake
from ...plasticity.outer_loop import (
    CMAES,
    Biological,
    Optimiser,
    RandomSearch,
    Search,
    SearchSpace,
    run_search,
)
from ...plasticity.outer_loop.execution import Evaluate
from ..seeds import stream
from . import volatile_bandit
from .labelling import with_units
from .volatile_bandit import Lifetimes

if TYPE_CHECKING:
    import xarray as xr

LOOPS = ("biological", "cma", "random", "null")


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    lifetimes: int = 10000
    """lifetimes (episodes) that each search may live"""
    hold: int = 20
    """lifetimes for which a perturbation is held"""
    repeats: int = 5
    """searches of each kind"""
    sigma: float = 0.1
    """perturbation of a metaparameter, in units of its range"""
    gain: float = 0.3
    """how far the mean follows a perturbation of one deviation of reward"""
    decay: float = 100.0
    """perturbations after which the gain has halved"""
    alpha: float = 0.05
    """rate of the slow average of reward (1/perturbation)"""
    population: int = 16
    """candidates of a generation of CMA-ES"""
    held_out: int = 4000
    """held-out episodes for each hazard"""

    def __post_init__(self) -> None:
        if self.hold < 2 or self.hold % 2 or self.lifetimes < 4 * self.hold * self.population:
            raise Mistake("biological_outer_loop: hold must be even, lifetimes at least four generations")
        if self.repeats < 2 or self.held_out % 1000:
            raise Mistake("biological_outer_loop: at least 2 repeats, held_out a multiple of 1000")


PRESETS = {"quick": Config(), "paper": Config(repeats=20, held_out=20000)}


@dataclass(frozen=True)
class NothingToDoWithIt:
    """The control: what a life with the start's values earns, whoever asks."""

    lifetimes: Lifetimes
    start: tuple[tuple[str, float], ...]

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        return self.lifetimes(dict(self.start), seed)


def space() -> SearchSpace:
    """The space of the volatile bandit's gated rule."""
    return volatile_bandit.searches(volatile_bandit.Config(), 0)["gated"].space


def searches(config: Config, seed: int) -> dict[str, Search]:
    """Every search of the experiment: '<loop>-<repeat>'."""
    lives = Lifetimes(volatile_bandit.Config(episodes=config.hold, held_out=config.hold))
    where = space()
    start = tuple(where.decode(np.full(where.dimensions, 0.5)).items())
    biological = Biological(config.sigma, config.gain, config.decay, config.alpha)
    groups = config.lifetimes // config.hold
    kinds: dict[str, tuple[Evaluate, Optimiser, int, int]] = {
        "biological": (lives, biological, groups, 1),
        "cma": (lives, CMAES(config.population), groups // config.population, 1),
        "random": (lives, RandomSearch(config.population), groups // config.population, 1),
        "null": (NothingToDoWithIt(lives, start), biological, groups, 1),
    }
    return {
        f"{kind}-{repeat}": Search(evaluate, where, optimiser, generations, seeds, stream(seed, kind, repeat))
        for kind, (evaluate, optimiser, generations, seeds) in kinds.items()
        for repeat in range(config.repeats)
    }


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Run all searches, then live held-out episodes with what they found.

    Returns:
        ``reward`` (loop, repeat) on held-out episodes, ``start`` (repeat) that of the values all began with;
        ``path`` (loop, repeat, stage): the reward of the centre after tenths of the lifetimes, for the
        biological loop and CMA-ES, ``lifetime`` (stage).
    """
    import xarray as xr

    every = searches(config, seed)
    held = replace(volatile_bandit.Config(), episodes=1000, held_out=config.held_out)
    where = space()
    reward = np.empty((len(LOOPS), config.repeats))
    stages = 6
    path = np.full((len(LOOPS), config.repeats, stages), np.nan)
    for number, (name, search) in enumerate(every.items()):
        kind, repeat = name.rsplit("-", 1)
        row, column = LOOPS.index(kind), int(repeat)

        def told(fraction: float, text: str, number: int = number, name: str = name) -> None:
            if progress is not None:
                progress((number + fraction) / len(every), f"{name}: {text}")

        found = run_search(search, folder / name if folder is not None else None, told)
        reward[row, column] = _held_out(held, found.best, seed, column)
        if kind in ("biological", "cma"):
            for stage in range(stages):
                place = max(0, (stage + 1) * len(found.centres) // stages - 1)
                values = dict(zip(found.names, found.centres[place].tolist(), strict=True))
                path[row, column, stage] = _held_out(held, values, seed, column)
    begin = where.decode(np.full(where.dimensions, 0.5))
    start = np.array([_held_out(held, begin, seed, repeat) for repeat in range(config.repeats)])
    data = xr.Dataset(
        {
            "reward": (("loop", "repeat"), reward),
            "start": ("repeat", start),
            "path": (("loop", "repeat", "stage"), path),
        },
        coords={
            "loop": list(LOOPS),
            "lifetime": ("stage", (np.arange(stages) + 1) * config.lifetimes // stages),
        },
    )
    return with_units(data, reward="1/trial", start="1/trial", path="1/trial")


def _held_out(config: volatile_bandit.Config, values: Mapping[str, float], seed: int, repeat: int) -> float:
    """Mean reward per trial; the same episodes for all searches of a repeat."""
    seeds = (stream(seed, "held out", repeat, part) for part in range(2 * config.held_out // config.episodes))
    return float(np.mean([Lifetimes(config)(values, one) for one in seeds]))
