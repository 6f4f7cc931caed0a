"""A shaped network beside its controls, at equal episodes, all tested with frozen weights on new episodes.

all         every weight plastic
readout     the readouts alone, on the network as it was drawn, at each of several rates
shuffled    every weight plastic, the broadcast another individual's
untrained   as drawn
reset       the networks of ``all``, their state emptied before every trial
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ...analysis.foundation import Array, Reporter, stream
from .training import Network, frozen, shape, untrained

Net = TypeVar("Net", bound=Network)
OF_UNITS = ("eta_recurrent", "eta_input", "sigma")
"""Numbers of a rule that are 0 where the readouts alone are plastic."""
CONDITIONS = ("all", "shuffled", "untrained", "reset")


@dataclass(frozen=True, eq=False)
class Compared:
    """What was found."""

    frozen: Array
    """mean of the measure with frozen weights (condition, individual), in the order of `CONDITIONS`"""
    readout: Array
    """the same of readouts alone (rate, individual)"""
    shaped: Mapping[str, Array]
    """everything that the task measures in ``all`` with frozen weights (individual)"""
    curve: Array
    """the measure while learning (individual, block)"""
    readout_curve: Array
    """(rate, individual, block)"""
    state: Mapping[str, Array]
    """weights and leaks of ``all``, ``shuffled`` and ``readout`` at each rate, one kind after the other"""

    def variables(self, name: str) -> dict[str, tuple[tuple[str, ...], Array]]:
        """What a Dataset holds of it, the measure in tests called ``name``."""
        return {
            name: (("condition", "individual"), self.frozen),
            "readout": (("rate", "individual"), self.readout),
            "curve": (("individual", "block"), self.curve),
            "readout_curve": (("rate", "individual", "block"), self.readout_curve),
        }


def beside(net: Net, kinds: Sequence[str | float]) -> tuple[Net, dict[str, Array]]:
    """Kinds of networks side by side, and the arguments that make them differ.

    Args:
        net: the network of one kind.
        kinds: ``all``, ``shuffled`` or, for readouts alone, the rate of the policy's.
    """
    n, rule = net.individuals, net.rule
    alone = [isinstance(kind, float) for kind in kinds]
    plastic = np.repeat(np.where(alone, 0.0, 1.0), n)
    yoked = np.zeros((len(kinds), n), int)
    for row, kind in zip(yoked, kinds, strict=True):
        if kind == "shuffled":
            row[:] = 1
            row[0] = n * len(kinds) - n + 1  # the last of its own kind, not of the kind before
    return replace(net, individuals=n * len(kinds)), {
        "eta": np.repeat([kind if isinstance(kind, float) else rule.eta for kind in kinds], n),
        **{name: getattr(rule, name) * plastic for name in OF_UNITS if hasattr(rule, name)},
        "yoked": yoked.ravel(),
    }


def compare(
    net: Network,
    measure: str,
    episodes: int,
    tests: int,
    seed: int,
    rates: Sequence[float],
    *,
    beta: float = 1.0,
    segments: int = 1,
    progress: Reporter = None,
    folder: Path | None = None,
) -> Compared:
    """Shape ``net.individuals`` networks in every condition.

    Args:
        net: the network of ``all``; its rule's numbers are those of every condition but ``readout``.
        measure: what the task measures.
        episodes, segments, progress, folder: as of `shape`.
        tests: episodes with frozen weights, whole blocks.
        seed: of everything.
        beta: inverse temperature of the policy in tests; it is 1 while learning.
        rates: of the policy where readouts alone are plastic; the value's rate stays.
    """
    n = net.individuals
    kinds: list[str | float] = ["all", "shuffled", *rates]
    side, given = beside(net, kinds)
    shaped = shape(side, episodes, seed, given, segments=segments, progress=progress, folder=folder)

    def tested(state: Mapping[str, Array], **parameters: float) -> dict[str, Array]:
        found = frozen(side, state, tests, stream(seed, "test"), parameters | {"beta": beta})
        return {name: values.mean(axis=1).reshape(-1, n) for name, values in found.items()}

    after = tested(shaped.state)
    before = tested(untrained(side, seed))[measure]
    reset = tested(shaped.state, reset=1.0)[measure]
    curves = shaped.curves[measure].reshape(len(kinds), n, -1)
    return Compared(
        np.array([after[measure][0], after[measure][1], before[0], reset[0]]),
        after[measure][2:],
        {name: values[0] for name, values in after.items()},
        curves[0],
        curves[2:],
        shaped.state,
    )
