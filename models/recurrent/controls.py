"""A shaped network beside its controls, at equal episodes, all tested with frozen weights on new episodes.

all         every weight plastic
readout     the readouts alone, on the network as it was drawn, at each of several rates
shuffled    every weight plastic, the broadcast another individual's
untrained   as drawn
reset       the networks of ``all``, their state emptied before every trial
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.progress import within
from ...analysis.foundation.seeds import stream
from .network import STATES, RecurrentNetwork
from .training import frozen, shape

Array = NDArray[np.float64]
CONDITIONS = ("all", "shuffled", "untrained", "reset")


@dataclass(frozen=True, eq=False)
class Compared:
    """What was found."""

    frozen: Array
    """mean of the measure with frozen weights (condition, individual), in the order of `CONDITIONS`"""
    readout: Array
    """the same of readouts alone (rate, individual)"""
    curve: Array
    """the measure while learning (individual, block)"""
    readout_curve: Array
    """(rate, individual, block)"""
    state: Mapping[str, Array]
    """weights of the networks of ``all``"""


def compare(
    net: RecurrentNetwork,
    measure: str,
    episodes: int,
    tests: int,
    seed: int,
    rates: Sequence[float],
    *,
    segments: int = 1,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> Compared:
    """Shape ``net.individuals`` networks in every condition.

    Args:
        net: the network of ``all``; its rule's numbers are those of every condition but ``readout``.
        measure: what the task measures.
        episodes, segments, progress, folder: as of `shape`.
        tests: episodes with frozen weights, whole blocks.
        seed: of everything.
        rates: of the policy where readouts alone are plastic; the value's rate stays.
    """
    n, rule = net.individuals, net.rule
    side = replace(net, individuals=n * (1 + len(rates)))
    plastic = np.repeat([1.0, *[0.0] * len(rates)], n)
    given = {
        "eta": np.repeat([rule.eta, *rates], n),
        "eta_recurrent": rule.eta_recurrent * plastic,
        "eta_input": rule.eta_input * plastic,
        "sigma": rule.sigma * plastic,
    }
    share = (1 + len(rates)) / (2 + len(rates))
    begun = stream(seed, "side by side")
    shaped = shape(
        side,
        episodes,
        begun,
        given,
        segments=segments,
        progress=within(progress, 0.0, share, "plastic"),
        folder=_place(folder, "side-by-side"),
    )
    other = replace(net, broadcast="other")
    misled = shape(
        other,
        episodes,
        stream(seed, "shuffled"),
        segments=segments,
        progress=within(progress, share, 1.0, "shuffled"),
        folder=_place(folder, "shuffled"),
    )
    task_seed = stream(begun, "episodes")
    drawn = side.program()({"task_seed": task_seed}, seed=0, duration=0, outputs=STATES)

    def tested(network: RecurrentNetwork, state: Mapping[str, Array], **parameters: float) -> Array:
        found = frozen(network, state, tests, stream(seed, "test"), parameters)
        means: Array = found[measure].mean(axis=1).reshape(-1, n)
        return means

    after = tested(side, shaped.state)
    before = tested(side, {name: np.asarray(drawn[name]) for name in STATES})
    reset = tested(side, shaped.state, reset=1.0)
    curves = shaped.curves[measure].reshape(1 + len(rates), n, -1)
    return Compared(
        np.array([after[0], tested(other, misled.state)[0], before[0], reset[0]]),
        after[1:],
        curves[0],
        curves[1:],
        {name: values[:n] for name, values in shaped.state.items()},
    )


def _place(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    (folder / name).mkdir(exist_ok=True)
    return folder / name
