"""Dopamine that spreads from varicosities and is cleared: with how many others a neuron shares its signal.

Each neuron of a team (`models.team`, additive reward) earns by itself; what it earns is released at the
varicosities of an axon, one of which is near the neuron and the others anywhere (`analysis.theory.volume`).
How far dopamine gets before it is cleared is varied. Measured are:

* ``snr``: signal-to-noise of a single update, pooled over neurons and anatomies;
* ``right``: share of right answers of teams that learn for a limited time, and ``right_groups`` of teams
  with one broadcast for each group, at the same rate for the same effective number of neurons that share.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.theory.volume import anatomy, reach, shared_with
from ...plasticity.team_signal import TeamSignal
from ..team.network import TeamNetwork
from .labelling import Dataset, labelled

UPDATES = ("snr", "snr_error", "noise", "noise_error", "noise_broadcast")
"""What is measured of single updates."""
LEAST = 0.01
"""Of G - 1 where a neuron counts as sharing its signal."""


@dataclass(frozen=True)
class Config:
    fan: int = 4
    """each level's groups are so many times larger"""
    levels: int = 3
    """levels: a team has fan**levels neurons"""
    varicosities: tuple[int, ...] = (1, 16)
    """of each axon"""
    own: float = 0.05
    """distance of a neuron from a varicosity of its own axon (sides of the volume)"""
    lengths: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
    """how far dopamine gets (sides of the volume)"""
    anatomies: int = 60
    """teams whose updates are measured for each length"""
    updates: int = 12
    """updates of each"""
    individuals: int = 8
    """teams that learn for each length, and for each size of groups"""
    inputs: int = 20
    """inputs of every neuron"""
    patterns: int = 10
    """patterns to be answered"""
    trials: int = 300
    """trials of a life; answers are judged in the last third"""
    rate: float = 0.5
    """learning rate times inputs, for a signal that is shared with nobody"""

    def __post_init__(self) -> None:
        if self.fan < 2 or self.levels < 2 or self.individuals < 2 or self.anatomies < 2:
            raise Mistake("team_volume: fan, levels, individuals and anatomies must be 2 or more")
        if self.trials % 3:
            raise Mistake(f"team_volume: trials ({self.trials}) must be a multiple of 3")

    @property
    def neurons(self) -> int:
        """Of a team."""
        return self.fan**self.levels


PRESETS = {"quick": Config(), "paper": Config(levels=4, anatomies=100, updates=40, individuals=24)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Measure updates, then let teams learn.

    Returns:
        ``snr``, ``snr_error`` (varicosities, length); ``noise``, ``noise_error``, the squared noise of a
        neuron's update over what its own G says, mean over neurons that share at all, ``noise_broadcast``
        what that would be if all heard one broadcast; ``sharing`` (varicosities, length), the mean of G over
        these anatomies; ``right`` (varicosities, length, individual), with ``sharing_learning`` as of these;
        ``right_groups`` (group, individual).
    """
    tick = by_steps(progress, len(config.varicosities) + 1)
    found: dict[str, list] = {name: [] for name in (*UPDATES, "sharing", "sharing_learning", "right")}
    for place, m in enumerate(config.varicosities):
        rng = np.random.default_rng(stream(seed, "anatomy", place))
        heard = [_heard(config, m, length, config.anatomies, rng) for length in config.lengths]
        for name, values in zip(UPDATES, _updates(config, heard, seed, place).T, strict=True):
            found[name].append(values)
        found["sharing"].append([shared_with(k).mean() for k in heard])
        lived = [k[: config.individuals] for k in heard]
        found["sharing_learning"].append([shared_with(k).mean() for k in lived])
        found["right"].append(_learn(config, lived, seed, place))
        tick(f"{m} varicosities")
    sizes = [config.fan**level for level in range(config.levels + 1)]
    groups = _learn_in_groups(config, sizes, seed)
    tick("groups")
    dims = ("varicosities", "length")
    return labelled(
        {
            **{name: (dims, np.array(found[name])) for name in (*UPDATES, "sharing", "sharing_learning")},
            "right": ((*dims, "individual"), np.array(found["right"])),
            "right_groups": (("group", "individual"), groups),
        },
        coords={"varicosities": list(config.varicosities), "length": list(config.lengths), "group": sizes},
    )


def _heard(config: Config, m: int, length: float, many: int, rng: np.random.Generator) -> np.ndarray:
    """K of so many anatomies over each neuron's own: (individual, target, axon)."""
    k = np.array([reach(*anatomy(config.neurons, m, config.own, rng), length) for _ in range(many)])
    return np.asarray(k / np.diagonal(k, axis1=1, axis2=2)[:, :, None])


def _updates(config: Config, heard: list[np.ndarray], seed: int, place: int) -> np.ndarray:
    """`UPDATES` of single updates, by length: (length, 5); errors by bootstrap over anatomies and updates."""
    together = np.concatenate(heard)
    net = TeamNetwork(
        (config.fan,) * config.levels, 1, 1, TeamSignal(), volume=True, individuals=len(together), block=1
    )
    given = {"committee": 0, "reach": together.swapaxes(1, 2), "task_seed": stream(seed, "task", place)}
    parts = []
    for number in range(config.updates):
        arrays = net.program()(
            given,
            seed=stream(seed, "updates", place, number),
            duration=1,
            outputs=["modulator", "score", "answer"],
        )
        update = 2 * arrays["modulator"] * arrays["score"] * arrays["answer"]
        parts.append(update.reshape(len(heard), config.anatomies, -1))
    rng = np.random.default_rng(seed)
    rows = []
    for part, k in zip(np.concatenate(parts, axis=1), heard, strict=True):
        own = np.tile(shared_with(k) - 1, (config.updates, 1))
        noise = np.where(own > LEAST, (part - 1) ** 2 / np.maximum(own, LEAST), np.nan)
        drawn = rng.integers(len(part), size=(200, len(part)))
        read = ((_ratio, part), (_mean, noise))
        errors = [np.std([statistic(values[d]) for d in drawn]) for statistic, values in read]
        broadcast = (config.neurons - 1) / own[own > LEAST]
        rows.append((_ratio(part), errors[0], _mean(noise), errors[1], float(broadcast.mean())))
    return np.array(rows)


def _ratio(update: np.ndarray) -> float:
    return float(update.mean() / update.std())


def _mean(noise: np.ndarray) -> float:
    return float(np.nanmean(noise))


def _learn(config: Config, heard: list[np.ndarray], seed: int, place: int) -> np.ndarray:
    """Share of right answers in the last third of lives: (length, individual)."""
    shared = np.array([shared_with(k).mean() for k in heard])
    together = np.concatenate(heard)
    given = {"reach": together.swapaxes(1, 2)}
    return _lives(config, np.repeat(shared, config.individuals), given, seed, volume=True, place=place)


def _learn_in_groups(config: Config, sizes: list[int], seed: int) -> np.ndarray:
    """The same with groups: (group, individual)."""
    level = np.repeat(np.arange(len(sizes)), config.individuals)
    given = {"team": level}
    shared = np.repeat(np.array(sizes, float), config.individuals)
    return _lives(config, shared, given, seed, volume=False, place=len(config.varicosities))


def _lives(
    config: Config, shared: np.ndarray, given: dict[str, np.ndarray], seed: int, *, volume: bool, place: int
) -> np.ndarray:
    net = TeamNetwork(
        (config.fan,) * config.levels,
        config.inputs,
        config.patterns,
        TeamSignal(),
        volume=volume,
        individuals=len(shared),
        block=config.trials // 3,
    )
    arrays = net.program()(
        given
        | {
            "committee": 0,
            "eta": config.rate / (config.inputs * np.maximum(shared, 1.0)),
            "individual": np.tile(np.arange(config.individuals), len(shared) // config.individuals),
            "task_seed": stream(seed, "task"),
        },
        seed=stream(seed, "lives", place),
        duration=config.trials,
        outputs=["right"],
    )
    return np.asarray(arrays["right"])[-1].reshape(-1, config.individuals)
