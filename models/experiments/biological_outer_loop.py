"""Biological outer loop: metaparameters reinforced by a slow average of reward, beside CMA-ES and by lot.

All tune the same rule on the same volatile bandit (single episodes; the gate of abs(delta) alone) from the
same start, each with an equal number of lifetimes. The searches live side by side in one network, each with
metaparameters, episodes and a reward of its own. A biological loop lives one small group of lifetimes after
another, perturbed anew for each, and sees nothing but what that group earned; the bare loop is the same
without pairs of perturbations and without a reinforced spread, plain node perturbation one level up. Random
search keeps the candidate that earned most. Controls: the same loops, to each of which the rewards that
another one earned are told in their order; and the best constant rate with the gate shut, which much of what
there is to be gained needs no more than.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from ...analysis.foundation import Mistake, kept_parts, stream, within
from ...plasticity.family import Family
from ...plasticity.outer_loop import CMAES, Biological, Loops, RandomSearch, SearchSpace
from ...plasticity.parameter import Parameter
from . import volatile_bandit
from .labelling import Dataset, labelled

STAGES = 6
"""Moments at which the centre of a search is judged."""
WAYS = 16
"""Searches of each kind that are judged then."""
PARTS = 10
"""Pieces of the searches' lives that are kept."""
EACH = 500
"""Held-out episodes of each hazard in one call."""
Told = Callable[[float, str], None]


@dataclass(frozen=True)
class Config:
    lifetimes: int = 10000
    """lifetimes (episodes) that each search may live"""
    hold: int = 4
    """lifetimes for which a perturbation of a biological loop is held"""
    loops: int = 32
    """biological loops, and as many bare ones"""
    sigma: float = Biological.sigma
    """first perturbation of a metaparameter, in units of its range"""
    gain: float = Biological.gain
    """how far the mean follows a perturbation of one deviation of reward"""
    spread: float = Biological.spread
    """how fast log sigma is reinforced beside the mean"""
    alpha: float = Biological.alpha
    """rate of the slow average of reward (1/perturbation)"""
    clip: float = Biological.clip
    """largest advantage that is heard, in deviations of reward"""
    bare_sigma: float = 0.2
    """perturbation of a metaparameter by the bare loop"""
    bare_gain: float = 0.04
    """how far its mean follows"""
    searches: int = 16
    """searches of CMA-ES, and as many by lot"""
    population: int = 16
    """candidates of a generation of CMA-ES"""
    group: int = 20
    """lifetimes of each of them"""
    step: float = 0.25
    """first standard deviation of CMA-ES, in units of the cube"""
    lot: int = 100
    """lifetimes of each candidate of random search"""
    held_out: int = 1000
    """held-out episodes for each hazard, of each search"""

    def __post_init__(self) -> None:
        if any(one < 2 or one % 2 for one in (self.hold, self.group, self.lot)):
            raise Mistake("biological_outer_loop: hold, group and lot must be even, half for each hazard")
        if self.lifetimes < PARTS * max(self.hold, self.lot, self.group * self.population):
            raise Mistake(
                f"biological_outer_loop: lifetimes must be at least {PARTS} generations of CMA-ES "
                f"({PARTS * self.group * self.population}), and {PARTS} times hold and lot"
            )
        if self.searches < 2 or self.loops < self.searches:
            raise Mistake("biological_outer_loop: at least 2 searches, and as many loops or more")
        if self.held_out < EACH or self.held_out % EACH:
            raise Mistake(f"biological_outer_loop: held_out is {self.held_out}, must be a multiple of {EACH}")
        self.biological()
        self.bare()

    def biological(self) -> Biological:
        """The loop's settings."""
        return Biological(self.sigma, self.gain, self.spread, self.alpha, self.clip)

    def bare(self) -> Biological:
        """The bare loop's."""
        return Biological(self.bare_sigma, self.bare_gain, 0.0, self.alpha, self.clip, pairs=False)


PRESETS = {"quick": Config(), "paper": Config(loops=128, searches=64, held_out=5000)}


@cache
def space() -> SearchSpace:
    """Rates, gate and choice of the rule whose gate hears abs(delta) alone."""
    bounds = {"opposite": (0.0, 1.0), "threshold": (0.1, 0.9), "slow": (0.01, 1.0), "width": (0.005, 0.5)}
    names = ("eta", "eta_high", "threshold", "width", "slow", "opposite")
    beta = Parameter("beta", 10.0, "1", 1.0, 200.0, "log", "inverse temperature of the choice")
    return SearchSpace((*SearchSpace.of(Family, names, bounds).free, beta))


class Searchers(Protocol):
    """Searches that go on in step: (search, candidate, dimension) is asked, (search, candidate) told."""

    def ask(self) -> np.ndarray: ...

    def tell(self, rewards: np.ndarray) -> None: ...

    @property
    def centre(self) -> np.ndarray:
        """Where each is, (search, dimension)."""
        ...


class BiologicalLoops:
    """The loops, one candidate a generation."""

    def __init__(self, settings: Biological, loops: int, seed: int) -> None:
        self.loops = Loops(settings, space(), stream(seed, "perturbations"), loops)

    def ask(self) -> np.ndarray:
        return self.loops.ask()[:, None, :]

    def tell(self, rewards: np.ndarray) -> None:
        self.loops.tell(rewards[:, 0])

    @property
    def centre(self) -> np.ndarray:
        return self.loops.mean


class Evolutions:
    """Searches of CMA-ES."""

    def __init__(self, config: Config, seed: int) -> None:
        settings = CMAES(config.population, sigma=config.step)
        self.searches = [
            settings.begin(space(), stream(seed, "cma", number)) for number in range(config.searches)
        ]
        self.points = np.empty(0)

    def ask(self) -> np.ndarray:
        self.points = np.array([search.ask() for search in self.searches])
        return self.points

    def tell(self, rewards: np.ndarray) -> None:
        for number, search in enumerate(self.searches):
            search.tell(self.points[number], rewards[number])

    @property
    def centre(self) -> np.ndarray:
        return np.array([search.centre for search in self.searches])


class Lots:
    """Random searches, one candidate a generation; each keeps what earned most."""

    def __init__(self, config: Config, seed: int) -> None:
        self.searches = [
            RandomSearch(1).begin(space(), stream(seed, "lot", number)) for number in range(config.searches)
        ]
        self.points = np.empty(0)
        self.best = np.full((config.searches, space().dimensions), 0.5)
        self.most = np.full(config.searches, -np.inf)

    def ask(self) -> np.ndarray:
        self.points = np.array([search.ask() for search in self.searches])
        return self.points

    def tell(self, rewards: np.ndarray) -> None:
        better = rewards[:, 0] > self.most
        self.most = np.where(better, rewards[:, 0], self.most)
        self.best = np.where(better[:, None], self.points[:, 0], self.best)

    @property
    def centre(self) -> np.ndarray:
        return self.best


def simulate(
    config: Config,
    seed: int,
    progress: Told | None = None,
    folder: Path | None = None,
) -> Dataset:
    """Let all searches live, then live held-out episodes with what they found.

    Returns:
        ``biological``, ``bare`` and ``null`` (repeat), ``cma`` and ``random`` (search): reward on held-out
        episodes at the end, ``start`` (repeat) that of the values all began with, ``constant`` (repeat) that
        of the best constant rate; those of one number have the same episodes.
        ``path`` (loop, stage, way): of the first searches of each kind, after sixths of the ``lifetime``
        (stage), on fewer of them. ``centre`` (repeat, parameter) of the loops.
    """

    report = within(progress, 0.0, 1.0)
    where = space()
    paths, earned = {}, {}
    kinds: list[tuple[str, Searchers, int]] = [
        ("biological", BiologicalLoops(config.biological(), config.loops, seed), config.hold),
        ("bare", BiologicalLoops(config.bare(), config.loops, seed), config.hold),
        ("cma", Evolutions(config, seed), config.group),
        ("random", Lots(config, seed), config.lot),
    ]
    for place, (kind, searchers, lives) in enumerate(kinds):

        def told(done: float, kind: str = kind, place: int = place) -> None:
            report(0.2 * (place + done), f"{kind}, {done * config.lifetimes:.0f} lifetimes")

        kept = folder / kind if folder is not None else None
        paths[kind], earned[kind] = _live(searchers, config, lives, seed, kept, told)
    others = np.roll(np.arange(config.loops), 1)
    again = BiologicalLoops(config.biological(), config.loops, seed)
    null = _follow(again, earned["biological"][:, others])[-1]
    begin = np.full((config.loops, where.dimensions), 0.5)
    rate = volatile_bandit.best_fixed_rate(volatile_bandit.Config(tuning=10000), seed)
    constant = where.encode({"eta": rate, "eta_high": rate, "opposite": 1.0, "beta": volatile_bandit.GREEDY})
    ends = {kind: path[-1] for kind, path in paths.items()}
    ends |= {"null": null, "start": begin, "constant": np.tile(constant, (config.loops, 1))}
    reward = {}
    for place, (name, points) in enumerate(ends.items()):
        report(0.8 + 0.02 * place, f"held-out episodes: {name}")
        parts = [_held_out(points, EACH, seed, part) for part in range(config.held_out // EACH)]
        reward[name] = np.mean(parts, axis=0)
    stages, ways = {}, min(WAYS, config.searches)
    for place, (kind, path) in enumerate(paths.items()):
        report(0.94 + 0.015 * place, f"held-out episodes: {kind}, stages")
        stages[kind] = [_held_out(points[:ways], EACH // 2, seed, 0) for points in path]
    values = [where.decode(point) for point in ends["biological"]]
    return labelled(
        {
            **{
                name: ("repeat", reward[name]) for name in ("biological", "bare", "null", "start", "constant")
            },
            **{name: ("search", reward[name]) for name in ("cma", "random")},
            "path": (("loop", "stage", "way"), np.array([stages[kind] for kind in paths])),
            "centre": (("repeat", "parameter"), [[one[name] for name in where.names] for one in values]),
        },
        coords={
            "lifetime": ("stage", (np.arange(STAGES) + 1) * config.lifetimes // STAGES),
            "parameter": list(where.names),
            "loop": list(paths),
        },
        **dict.fromkeys((*reward, "path"), "1/trial"),
    )


def _live(
    searchers: Searchers,
    config: Config,
    lives: int,
    seed: int,
    folder: Path | None,
    progress: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Let searches live ``lives`` lifetimes with each candidate, all of a generation in the same episodes.

    Returns:
        Where they are at each stage (stage, search, dimension), and what they earned (generation, search,
        candidate).
    """
    first = searchers.ask()
    many, candidates, _ = first.shape
    world = volatile_bandit.Config(episodes=many * lives, held_out=many * lives)
    program = volatile_bandit.network(world).program()
    hazard = np.tile(np.resize(world.hazards, lives), many)
    total = config.lifetimes // (lives * candidates)
    edges = np.linspace(0, total, PARTS + 1).astype(int)
    every, centres = [], []
    for part, (begin, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        file = folder / f"part{part:04d}.npz" if folder is not None else None
        kept = kept_parts.read(file) if file is not None else None
        earned = np.empty((end - begin, many, candidates)) if kept is None else kept["earned"]
        for number in range(begin, end):
            points = searchers.ask() if number else first
            if kept is None:
                for candidate in range(candidates):
                    lived = volatile_bandit.live(
                        program,
                        _side_by_side(points[:, candidate], lives),
                        hazard,
                        stream(seed, "lives", lives, number),
                        world.trials,
                    )
                    rewards = lived["reward_mean"].reshape(many, lives)
                    earned[number - begin, :, candidate] = rewards.mean(axis=1)
                progress(number / total)
            searchers.tell(earned[number - begin])
            centres.append(searchers.centre)
        if file is not None and kept is None:
            kept_parts.write(file, {"earned": earned})
        every.append(earned)
    return _stages(centres), np.concatenate(every)


def _follow(searchers: Searchers, earned: np.ndarray) -> np.ndarray:
    """Where searches that are told these rewards are at each stage (stage, search, dimension)."""
    centres = []
    for rewards in earned:
        searchers.ask()
        searchers.tell(rewards)
        centres.append(searchers.centre)
    return _stages(centres)


def _stages(centres: list[np.ndarray]) -> np.ndarray:
    return np.array([centres[(stage + 1) * len(centres) // STAGES - 1] for stage in range(STAGES)])


def _side_by_side(points: np.ndarray, lives: int) -> dict[str, np.ndarray]:
    """Values of the individuals: those of each point (search, dimension) for ``lives`` of them."""
    values = [space().decode(point) for point in points]
    return {name: np.repeat([one[name] for one in values], lives) for name in values[0]}


def _held_out(points: np.ndarray, episodes: int, seed: int, part: int) -> np.ndarray:
    """Mean reward per trial at each point, on ``episodes`` of each hazard; the same for points of the same
    number."""
    world = volatile_bandit.Config(episodes=2 * EACH, held_out=2 * EACH)
    program = volatile_bandit.network(world).program()
    together = EACH // episodes
    hazard = np.resize(world.hazards, 2 * EACH)
    rewards = []
    for first in range(0, len(points), together):
        beside = np.resize(np.arange(first, min(first + together, len(points))), together)
        lived = volatile_bandit.live(
            program,
            _side_by_side(points[beside], 2 * episodes),
            hazard,
            stream(seed, "held out", part, episodes, first),
            world.trials,
        )
        rewards.append(lived["reward_mean"].reshape(together, -1).mean(axis=1)[: len(points) - first])
    return np.concatenate(rewards)
