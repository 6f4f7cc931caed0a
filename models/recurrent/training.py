"""Shaping a recurrent network over many episodes, in segments, and probing it with its weights frozen.

A segment is one call of the program. It starts from the weights that the one before left and from nothing
else: state, eligibilities and draws begin anew with every episode. So the uninterrupted training is the
sequence of its segments, and one that was killed goes on from its last whole segment, bit for bit.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation import Array, Mistake, Reporter, kept_parts, stream
from .network import RecurrentNetwork
from .spiking_network import SpikingRecurrentNetwork

Network = RecurrentNetwork | SpikingRecurrentNetwork


@dataclass(frozen=True, eq=False)
class Shaped:
    """What training left."""

    state: Mapping[str, Array]
    """weights and leaks (individual, ...)"""
    curves: Mapping[str, Array]
    """block means of what the task measures (individual, block)"""

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Individuals whose weights are finite."""
        flat = [values.reshape(len(values), -1) for values in self.state.values()]
        return np.asarray(np.isfinite(np.concatenate(flat, axis=1)).all(axis=1), bool)


def measures(network: Network) -> list[str]:
    """What is recorded of each block of episodes."""
    return ["reward_mean", *network.task.measures]


def shape(
    network: Network,
    episodes: int,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    *,
    segments: int = 1,
    progress: Reporter = None,
    folder: Path | None = None,
    after: Callable[[Mapping[str, Array]], None] | None = None,
) -> Shaped:
    """Let all individuals live ``episodes`` episodes and learn.

    Args:
        network: the network, its task and its rule.
        episodes: in ``segments`` equal parts, each a whole number of blocks.
        seed: of first weights, of the task's draws and of the perturbations.
        parameters: arguments of the program, for each individual or for all.
        segments: calls of the program.
        progress: is told the finished fraction.
        folder: where the weights after each segment are kept.
        after: is told the state after each segment.

    Raises:
        Mistake: episodes that make no whole blocks in every segment.
    """
    if segments < 1 or episodes < 1 or episodes % (segments * network.block):
        raise Mistake(
            f"{episodes} episodes do not make {segments} segments of whole blocks of {network.block} episodes"
        )
    program, names = network.program(), measures(network)
    given = dict(parameters or {}) | {"task_seed": stream(seed, "episodes")}
    state: dict[str, Array] = {}
    parts = []
    for segment, (start, end) in enumerate(itertools.pairwise(range(0, episodes + 1, episodes // segments))):
        kept = None if folder is None else folder / f"segment{segment:04d}.npz"
        part = kept_parts.read(kept) if kept is not None and kept.exists() else None
        if part is None:

            def report(fraction: float, start: int = start, end: int = end) -> None:
                if progress is not None:
                    progress((start + fraction * (end - start)) / episodes, "")

            lived = program(
                given | _finite(state) | {"first_episode": start},
                seed=stream(seed, "segment", segment),
                duration=end - start,
                outputs=[*names, *network.states],
                progress=report if progress is not None else None,
            )
            part = {name: np.asarray(lived[name]) for name in lived}
            if kept is not None:
                kept_parts.write(kept, part)
        lost = ~Shaped({name: part[name] for name in network.states}, {}).alive
        if state:
            lost |= ~Shaped(state, {}).alive
        state = {name: _lost(part[name], lost) for name in network.states}
        parts.append({name: _lost(part[name].T, lost) for name in names})
        if after is not None:
            after(state)
    return Shaped(state, {name: np.concatenate([part[name] for part in parts], axis=1) for name in names})


def probed(
    network: RecurrentNetwork,
    measure: str,
    episodes: int,
    probes: int,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
) -> Array:
    """What frozen networks measure so many times in a life, in equal steps, (individual, probe).

    Args:
        network, episodes, seed, parameters: as of `shape`; a probe is a block of other episodes.
        measure: what the task measures; NaN of an individual that diverged.
    """
    own = {name: value for name, value in (parameters or {}).items() if name in ("individual", "beta")}
    found: list[Array] = []

    def probe(state: Mapping[str, Array]) -> None:
        tested = frozen(network, state, network.block, stream(seed, "probe", len(found)), own)
        found.append(tested[measure][:, 0])

    shape(network, episodes, seed, parameters, segments=probes, after=probe)
    return np.array(found).T


def untrained(network: Network, seed: int) -> dict[str, Array]:
    """Weights and leaks as `shape` with this seed draws them."""
    given = {"task_seed": stream(seed, "episodes")}
    drawn = network.program()(given, seed=0, duration=0, outputs=network.states)
    return {name: np.asarray(drawn[name]) for name in network.states}


def frozen(
    network: Network,
    state: Mapping[str, Array],
    episodes: int,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    outputs: tuple[str, ...] = (),
) -> dict[str, Array]:
    """Let individuals live new episodes with frozen weights and no perturbation but a network's own noise.

    Args:
        network: the network.
        state: weights and leaks, as training left them.
        episodes: a whole number of blocks, on other draws of the task than any training has.
        seed: of these draws.
        parameters: further arguments (``reset``, ``beta``).
        outputs: what else is asked of the program.

    Returns:
        Block means of what the task measures (individual, block), NaN for an individual that diverged, and
        the ``outputs`` as the program gives them.
    """
    alive = Shaped(state, {}).alive
    given = {**(parameters or {}), **network.still, "task_seed": stream(seed, "test episodes")}
    names = measures(network)
    lived = network.program()(
        given | _finite(state),
        seed=stream(seed, "test"),
        duration=episodes,
        outputs=[*names, *outputs],
    )
    found = {name: _lost(np.asarray(lived[name]).T, ~alive) for name in names}
    return found | {name: np.asarray(lived[name]) for name in outputs}


def _finite(state: Mapping[str, Array]) -> dict[str, Array]:
    """The state with what diverged put to rest, so that others can go on."""
    if not state:
        return {}
    alive = Shaped(state, {}).alive
    return {name: np.where(_along(alive, values), values, 0.0) for name, values in state.items()}


def _lost(values: Array, lost: NDArray[np.bool_]) -> Array:
    return np.where(_along(lost, values), np.nan, values)


def _along(flags: NDArray[np.bool_], values: Array) -> NDArray[np.bool_]:
    return flags.reshape(-1, *[1] * (values.ndim - 1))
