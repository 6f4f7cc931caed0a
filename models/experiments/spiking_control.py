"""Spiking control: the plasticity of spiking circuits taught by dopamine, tuned over distributions of worlds.

Outer loops search learning rates, time constants of eligibility and dopamine, gain, baseline and asymmetry of
dopamine neurons, decay of the rates and noise of actions at once, from where the learner was made by hand, in
worlds of the training (`worlds`). One call lives a share of a generation: each candidate in as many
worlds, the same for all, every individual with its own numbers in its own world; the better half go on to new
worlds, twice as many each (successive halving). Beside them, with as many lifetimes: searches over the two
learning rates alone, and the null, searches that are told scores shuffled over candidates.

All then live held-out worlds and kinds of worlds beyond those of the training: what was found, what was made
by hand, and two controls of what was found first, frozen, and with the dopamine of another of its learners.
What is found is the mean of a search's centres over its last fifth. The file ``found.toml`` beside the result
holds what the first search found, as settings of the experiments with the same circuit:
``hedon run linear_track --config FOLDER/found.toml`` (in conditioning worlds ``hedon run conditioning``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...analysis.behaviour.lived_trials import first_run
from ...analysis.foundation import Mistake, Reporter, stream, within
from ...plasticity.outer_loop import CMAES, Search, SearchSpace, run_searches
from ..dopamine.system import ordered
from ..tasks.distribution import Drawn
from .conditioning_worlds import ConditioningWorlds
from .control_worlds import MazeWorlds, PoleWorlds, TrackWorlds
from .labelling import Dataset, labelled
from .worlds import Worlds

WORLDS: dict[str, Worlds] = {
    "tracks": TrackWorlds(),
    "mazes": MazeWorlds(),
    "poles": PoleWorlds(),
    "conditioning": ConditioningWorlds(),
}

KINDS = ("all", "rates", "shuffled")
"""What is searched: all numbers, the learning rates, all numbers by scores of others."""
CONTROLS = ("frozen", "yoked")
AVERAGED = 0.2
"""Last part of a search over which its centres are averaged."""
ANY = 10_000
"""More trials than a life can hold."""


@dataclass(frozen=True)
class Config:
    world: Literal["tracks", "mazes", "poles", "conditioning"] = "tracks"
    """where the learners live"""
    searches: int = 3
    """over all numbers"""
    rate_searches: int = 2
    """over the learning rates alone"""
    null_searches: int = 2
    """told shuffled scores"""
    fixed: tuple[str, ...] = ()
    """numbers that are held as they were made by hand"""
    generations: int = 12
    """of each search"""
    population: int = 12
    """candidates of a generation"""
    calls: int = 2
    """calls that the candidates of a generation share"""
    lives: int = 18
    """lives side by side in one call"""
    rungs: int = 2
    """sets of worlds in a generation; after each but the last some candidates are stopped"""
    keep: float = 0.5
    """share of the candidates that go on"""
    seconds: float = 40.0
    """of a life in the search"""
    step: float = 0.004
    """time step (s)"""
    sigma: float = 0.15
    """first standard deviation of a search, in units of the bounds"""
    individuals: int = 16
    """held-out worlds"""
    others: int = 4
    """worlds of each kind beyond those of the training"""
    trials: int = 40
    """of a life in held-out worlds"""
    held_seconds: float = 120.0
    """of such a life; trials that are then not finished are not lived"""
    run: int = 3
    """good trials in a row by which a world counts as learned"""

    may_be_none = ("fixed",)

    def __post_init__(self) -> None:
        if self.lives < self.together:
            raise Mistake(
                f"spiking_control: {self.lives} lives cannot be shared by {self.population} candidates "
                f"in {self.calls} calls"
            )
        if not 0 < self.keep <= 1:
            raise Mistake(f"spiking_control: keep is {self.keep:g}, must be in (0, 1]")
        for kind in KINDS:
            self.space(kind)

    @property
    def together(self) -> int:
        """Candidates that share a call."""
        return math.ceil(self.population / self.calls)

    @property
    def worlds(self) -> Worlds:
        return WORLDS[self.world]

    def space(self, kind: str) -> SearchSpace:
        """Where a search of this kind looks."""
        free = self.worlds.rates if kind == "rates" else ()
        fixed = tuple(name for name in self.fixed if kind != "rates")
        return self.worlds.space(free, fixed)


PRESETS = {
    "quick": Config(),
    "paper": Config(
        searches=5,
        rate_searches=5,
        null_searches=5,
        generations=40,
        population=16,
        lives=64,
        rungs=3,
        individuals=48,
        others=24,
        trials=60,
        held_seconds=300.0,
    ),
}


@lru_cache(maxsize=4)
def _training(config: Config, number: int, seed: int) -> Drawn:
    return config.worlds.distribution.draw("train", number, seed)[0]


@dataclass(frozen=True)
class Lifetimes:
    """How candidates live in worlds of the training, side by side in one call."""

    config: Config
    shuffled: bool = False
    """told in another order than they were earned"""

    def __call__(self, values: Mapping[str, np.ndarray], seed: int) -> np.ndarray:
        """Mean score (candidate,) of each candidate over its worlds, which are those of all."""
        config, many = self.config, len(next(iter(values.values())))
        each = config.lives // many
        drawn = _training(config, config.lives, stream(seed, "worlds"))
        # lives that cannot be shared out evenly are the first candidate's again, and not counted
        whose = np.append(np.repeat(np.arange(many), each), np.zeros(config.lives - many * each, int))
        world = np.append(np.tile(np.arange(each), many), np.zeros(config.lives - many * each, int))
        arguments = {name: np.asarray(one)[whose] for name, one in values.items()} | _worlds(drawn, world)
        life = config.worlds.live(
            ANY, stream(seed, "lives"), arguments, seconds=config.seconds, step=config.step
        )
        lived = replace(drawn, parameters=_picked(drawn, world))
        scored = config.worlds.scored(life, lived, config.seconds)
        scores = scored[: many * each].reshape(many, each).mean(axis=1)
        if self.shuffled:
            scores = np.random.default_rng(stream(seed, "shuffle")).permutation(scores)
        return scores


def _side_by_side(values: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
    """Arguments (individual,) from the numbers of each individual."""
    return {name: np.array([one[name] for one in values]) for name in values[0]}


def _picked(drawn: Drawn, world: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[world] for name, values in drawn.parameters.items()}


def _worlds(drawn: Drawn, world: np.ndarray) -> dict[str, np.ndarray | int]:
    """Arguments for individuals in these worlds; who shares a world shares its draws."""
    return {**_picked(drawn, world), "task_seed": drawn.task_seed, "individual": world}


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The searches of this experiment, 'KIND-NUMBER'."""
    many = {"all": config.searches, "rates": config.rate_searches, "shuffled": config.null_searches}
    return {
        f"{kind}-{number + 1}": Search(
            Lifetimes(config, kind == "shuffled"),
            config.space(kind),
            CMAES(config.population, sigma=config.sigma, start={}),
            config.generations,
            seeds=config.rungs,
            seed=stream(seed, f"search of {kind}", number),
            together=config.together,
            keep=config.keep,
        )
        for kind in KINDS
        for number in range(many[kind])
    }


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, then live held-out worlds.

    Returns:
        ``needed`` (plasticity, individual) episodes until `Config.run` good ones in a row (where there is
        none, those that were lived: it needs more) and ``learned``, whether there is; ``level`` (plasticity,
        individual, trial), NaN where not lived; ``earned`` (plasticity, individual), reward relative to the
        best possible; the same in kinds of worlds beyond the training: ``other_needed``, ``other_learned``,
        ``other_earned`` (taught, kind, other). Plasticities are 'hand', the searches, and controls of the
        first search. ``coefficient`` (search, parameter), ``place`` in units of the bounds and ``spread``,
        the standard deviation of these centres in the same units; ``hand_place``
        (parameter); ``free`` (search, parameter); ``score`` (search, generation, candidate), ``lived``
        (search, generation, candidate), in sets of worlds; ``lifetimes``, of each search.
    """
    planned = searches(config, seed)
    found = run_searches(planned, folder, progress, 0.75)
    best = {name: one.averaged(AVERAGED) for name, one in found.items()}
    lived = {"hand": config.worlds.by_hand(), **best}

    within(progress, 0.75, 1.0)(0.0, "held-out worlds")
    usual = config.worlds.distribution.draw("held_out", config.individuals, stream(seed, "held out"))
    held = _judged(config, lived, usual[0], seed, CONTROLS)
    within(progress, 0.75, 1.0)(0.5, "worlds beyond the training")
    beyond = config.worlds.distribution.draw("out_of_distribution", config.others, stream(seed, "beyond"))
    others = [_judged(config, lived, drawn, seed) for drawn in beyond]

    whole = config.space("all")
    names = list(whole.names)
    inside = {name: _cube(whole, found[name].centres, planned[name].space) for name in planned}
    last = max(1, int(AVERAGED * config.generations))
    plasticity = [*lived, *CONTROLS]
    return labelled(
        {
            **{name: (("plasticity", "individual"), held[name]) for name in ("needed", "learned", "earned")},
            "level": (("plasticity", "individual", "trial"), held["level"]),
            **{
                f"other_{name}": (
                    ("taught", "kind", "other"),
                    np.stack([one[name] for one in others], axis=1),
                )
                for name in ("needed", "learned", "earned")
            },
            "coefficient": (("search", "parameter"), [[best[s][name] for name in names] for s in planned]),
            "place": (("search", "parameter"), [inside[s][-last:].mean(axis=0) for s in planned]),
            "spread": (("search", "parameter"), [inside[s][-last:].std(axis=0) for s in planned]),
            "hand_place": ("parameter", whole.encode({})),
            "free": (
                ("search", "parameter"),
                [[float(name in planned[s].space.names) for name in names] for s in planned],
            ),
            "score": (
                ("search", "generation", "candidate"),
                [np.nanmean(found[s].scores, axis=2) for s in planned],
            ),
            "lived": (
                ("search", "generation", "candidate"),
                [found[s].lived.astype(float) for s in planned],
            ),
            "lifetimes": ((), float(config.generations * config.rungs * config.calls * config.lives)),
        },
        coords={
            "plasticity": plasticity,
            "taught": list(lived),
            "search": list(planned),
            "parameter": names,
            "kind": [drawn.kind for drawn in beyond],
            "trial": np.arange(1, held["level"].shape[-1] + 1),
        },
    )


def files(dataset: Dataset) -> dict[str, bytes]:
    """What the first search found, as a configuration of the experiments with the same circuit."""
    import tomli_w

    row = dataset["coefficient"].isel(search=0)
    found = {str(name): float(value) for name, value in zip(row["parameter"].values, row.values, strict=True)}
    config = ordered(found)
    text = f"# what {dataset['search'].values[0]} found\n" + tomli_w.dumps({"config": config})
    return {"found.toml": text.encode()}


def _cube(whole: SearchSpace, centres: np.ndarray, space: SearchSpace) -> np.ndarray:
    """Centres (generation, free parameter) as points of the whole space."""
    return np.array(
        [whole.encode(dict(zip(space.names, row.tolist(), strict=True))) for row in np.atleast_2d(centres)]
    )


def _judged(
    config: Config,
    values: Mapping[str, Mapping[str, float]],
    drawn: Drawn,
    seed: int,
    controls: tuple[str, ...] = (),
) -> dict[str, np.ndarray]:
    """Lives of each plasticity in the same worlds, all in one call (plasticity, individual, ...).

    Controls have what the first search found; whose dopamine is another's hears that search's learner of the
    world before.
    """
    first = list(values)[1]
    rows = [*values.values(), *([values[first]] * len(controls))]
    each, many = drawn.number, len(rows)
    learning, yoked = np.ones((many, each)), np.zeros((many, each), int)
    for place, control in enumerate(controls, len(values)):
        if control == "frozen":
            learning[place] = 0.0
        else:
            donor = 1 * each + (np.arange(each) - 1) % each
            yoked[place] = place * each + np.arange(each) - donor
    world = np.tile(np.arange(each), many)
    life = config.worlds.live(
        config.trials,
        stream(seed, "held out lives", len(drawn.kind)),
        _side_by_side([row for row in rows for _ in range(each)])
        | _worlds(drawn, world)
        | {"learning": learning.ravel(), "yoked": yoked.ravel()},
        seconds=config.held_seconds,
        step=config.step,
    )
    return _measured(config, life, replace(drawn, parameters=_picked(drawn, world)), (many, each))


def _measured(config: Config, life: Any, drawn: Drawn, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    worlds = config.worlds
    when, learned = first_run(worlds.good(life, drawn), config.run)
    return {
        "needed": np.maximum(when, 1).reshape(shape),
        "learned": learned.astype(float).reshape(shape),
        "earned": worlds.earned(life, drawn).reshape(shape),
        "level": worlds.level(life, drawn).reshape(*shape, -1),
    }
