"""Two-step task: model-based and model-free players, their reward and their stay probabilities.

The variant in which the two outcomes swap (Wang et al. 2018, doi:10.1038/s41593-018-0147-8). The same
episodes for every player, and the very analysis of stay probabilities that recordings go through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...analysis.players import two_step_swap
from ...analysis.statistics.intervals import mean_and_error
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

PLAYERS: dict[str, Callable[[two_step_swap.Episodes, int], two_step_swap.Lived]] = {
    "random": lambda world, seed: two_step_swap.random(world, seed),
    "all-knowing": lambda world, seed: two_step_swap.all_knowing(world, seed),
    "Bayes": lambda world, seed: two_step_swap.bayes(world, seed),
    "model-based": lambda world, seed: two_step_swap.model_based(world, seed=seed),
    "model-free 1": lambda world, seed: two_step_swap.model_free(world, seed=seed),
    "model-free 0": lambda world, seed: two_step_swap.model_free(world, 0.0, 0.7, 20.0, seed),
}
"""By name; the numbers of the model-free ones are lambda."""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    subjects: int = 40
    """people that a player stands for"""
    episodes: int = 100
    """episodes of each"""
    trials: int = 100
    """trials of an episode"""

    def __post_init__(self) -> None:
        if min(self.subjects, self.episodes, self.trials) < 2:
            raise Mistake("two_step_players: subjects, episodes and trials must be at least 2")


PRESETS = {"quick": Config(), "paper": Config(subjects=100)}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Let everybody play.

    Returns:
        ``reward`` and ``reward_error`` (player), per trial; ``stay`` and ``stay_error`` (player, kind) and
        ``index`` and ``index_error`` (player), means over subjects.
    """
    import xarray as xr

    world = two_step_swap.episodes(
        config.subjects * config.episodes, config.trials, stream(seed, "two-step episodes")
    )
    rewards, stays, indices = [], [], []
    for number, (name, play) in enumerate(PLAYERS.items()):
        if progress is not None:
            progress(number / len(PLAYERS), name)
        lived = play(world, stream(seed, "two-step player", number))
        table = stay_probabilities(lived.behaviour(config.subjects))
        rewards.append(mean_and_error(lived.reward.mean(axis=1)))
        stays.append(mean_and_error(table.probability))
        indices.append(mean_and_error(table.index))
    columns: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name, pairs, dims in (
        ("reward", rewards, ("player",)),
        ("stay", stays, ("player", "kind")),
        ("index", indices, ("player",)),
    ):
        columns[name] = (dims, np.array([mean for mean, _ in pairs]))
        columns[f"{name}_error"] = (dims, np.array([error for _, error in pairs]))
    data = xr.Dataset(columns, coords={"player": list(PLAYERS), "kind": list(KINDS)})
    return with_units(data, reward="1/trial", reward_error="1/trial")
