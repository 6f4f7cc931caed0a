"""Training as a sequence of segments: each one call of a program, seeded by (seed, segment).

A segment starts from the weights and expectations that the one before left, and from nothing else:
between two trials nothing is in flight. So the uninterrupted training *is* the sequence, and a training
that was killed goes on from its last whole segment with the same numbers, bit for bit.

An individual whose weights or losses are no longer finite, or whose mean loss in a block exceeds `LIMIT`,
has diverged: it is named with its parameters, its losses and what is kept of it are NaN from the segment
after on, and the others go on. (Perturbation learning can run away and stay finite: beyond some 1e30 the
perturbation is lost in rounding, and with it the update.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from string import digits
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.foundation import kept_parts
from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from .network import RateNetwork

if TYPE_CHECKING:
    import xarray as xr

CURVES = ("loss", "loss_perturbed", "loss_opposite", "loss_noiseless", "correct")
LIMIT = 1e12
"""Mean loss of a block above which an individual has diverged; targets are of order one."""
STATE_PREFIXES = ("w", "b")
STATES = ("critic", "expectation")


def train(
    network: RateNetwork,
    trials: int | Sequence[int],
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    *,
    keep: Iterable[str] = (),
    progress: Callable[[float], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Train a network and return its curves and the states asked for.

    Args:
        network: the network, its rule and task.
        trials: trials in all, or the ends of the segments (increasing; each a multiple of the block).
        seed: of the task's draws, the initial weights and the perturbations.
        parameters: arguments of the program, for each individual or for all.
        keep: outputs that are kept at the end of every segment (``w1``, ``x1_clean``, ...).
        progress: is told the finished fraction.
        folder: where the state after each segment is kept, so that a killed training can go on.

    Returns:
        ``loss``, ... (individual, block), with ``trial`` the last trial of a block; what was kept, with the
        dimension ``segment``; ``diverged`` (individual).

    Raises:
        Mistake: trials that are not multiples of the block, unknown parameters or outputs.
    """
    import xarray as xr

    ends = [trials] if isinstance(trials, int | np.integer) else [int(end) for end in trials]
    _check_ends(ends, network.block)
    program = network.program()
    given = dict(parameters or {})
    network.check(given)
    states = [
        name
        for name in program.outputs
        if name in program.arguments
        and name.rstrip(digits) in (*STATES, *STATE_PREFIXES, *network.rule.states)
    ]
    curves = [name for name in CURVES if name in program.outputs]
    keep = list(keep)
    task_seed = given.pop("task_seed", stream(seed, "task"))
    learning = np.broadcast_to(np.asarray(given.pop("learning", 1.0), float), network.individuals)

    parts: list[dict[str, np.ndarray]] = []
    state: dict[str, np.ndarray] = {name: given.pop(name) for name in states if name in given}
    alive = np.ones(network.individuals, dtype=bool)
    for segment, (start, end) in enumerate(itertools.pairwise([0, *ends])):
        kept = folder / f"segment{segment:04d}.npz" if folder is not None else None
        part = kept_parts.read(kept) if kept is not None and kept.exists() else None
        if part is None:
            arrays = program(
                given
                | state
                | {
                    "task_seed": task_seed,
                    "first_trial": start,
                    "learning": learning * alive,
                },
                seed=stream(seed, "perturbation", segment),
                duration=end - start,
                outputs=list(dict.fromkeys([*curves, *states, *keep])),
                progress=_share(progress, start, end, ends[-1]),
            )
            part = {name: np.asarray(arrays[name]) for name in arrays}
            if kept is not None:
                kept_parts.write(kept, part)
        for name in dict.fromkeys([*curves, *keep]):
            axis = program.outputs[name].dims.index("individual")
            part[name] = _without(part[name], alive, axis)
        alive = alive & _finite(part, curves, states)
        state = {name: _rest(part[name], alive) for name in states}
        parts.append(part)
        if progress is not None:
            progress(end / ends[-1])

    data: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        name: (
            ("individual", "block"),
            np.concatenate([part[name].reshape(-1, network.individuals) for part in parts]).T,
        )
        for name in curves
    }
    data |= {
        name: (("segment", *program.outputs[name].dims), np.stack([part[name] for part in parts]))
        for name in keep
    }
    dataset = xr.Dataset(
        data | {"diverged": (("individual",), ~alive)},
        coords={
            "trial": ("block", np.arange(1, ends[-1] // network.block + 1) * network.block),
            "end": ("segment", np.array(ends)),
        },
    )
    dataset.attrs["mistakes"] = [
        _obituary(index, parameters or {}, network) for index in np.flatnonzero(~alive)
    ]
    return dataset


def _check_ends(ends: Sequence[int], block: int) -> None:
    if not ends or any(later <= earlier for earlier, later in itertools.pairwise([0, *ends])):
        raise Mistake(f"trials must be positive and increasing, got {list(ends)}")
    if any(end % block for end in ends):
        raise Mistake(f"trials {list(ends)} must be multiples of the block of {block} trials")


def _finite(part: Mapping[str, np.ndarray], curves: Sequence[str], states: Sequence[str]) -> np.ndarray:
    individuals = part[curves[0]].shape[-1]
    alive = np.ones(individuals, dtype=bool)
    for name in curves:
        alive &= (np.abs(part[name]) <= LIMIT).all(axis=0)
    for name in states:
        alive &= np.isfinite(part[name].reshape(individuals, -1)).all(axis=1)
    return alive


def _without(values: np.ndarray, alive: np.ndarray, axis: int) -> np.ndarray:
    """The values, NaN for the individuals (along ``axis``) that have diverged."""
    if alive.all():
        return values
    return np.where(alive.reshape([-1 if one == axis else 1 for one in range(values.ndim)]), values, np.nan)


def _rest(values: np.ndarray, alive: np.ndarray) -> np.ndarray:
    """The state with diverged individuals put to rest, so that the others can go on."""
    return np.where(alive.reshape(-1, *[1] * (values.ndim - 1)), values, 0.0)


def _obituary(index: int, parameters: Mapping[str, Any], network: RateNetwork) -> str:
    values = {p.name: getattr(network.rule, p.name) for p in network.rule.parameters}
    for name in values:
        if name in parameters:
            given = np.asarray(parameters[name], float)
            values[name] = float(given if given.ndim == 0 else given[index])
    listed = ", ".join(f"{name} = {value:g}" for name, value in values.items())
    return f"individual {index} diverged ({listed}); the others are kept"


def _share(
    progress: Callable[[float], None] | None, start: int, end: int, last: int
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda fraction: progress((start + fraction * (end - start)) / last)
