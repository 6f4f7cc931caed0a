"""Configurations of the test networks; free of Brian2, as a caller is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = np.array([0.5, 1.5, 2.5, 3.5, 4.5])


@dataclass(frozen=True)
class Tiny:
    """Three units that count the steps."""

    n: int = 3
    start: float = 1.0


@dataclass(frozen=True)
class Layers:
    """Three layers learning by node perturbation, individuals side by side."""

    widths: tuple[int, int, int] = (10, 6, 2)
    individuals: int = 3
    block: int = 10


@dataclass(frozen=True)
class Spiking:
    """Noisy leaky neurons that excite each other through random synapses with random delays."""

    n: int = 40
    probability: float = 0.3


@dataclass(frozen=True)
class Dopamine:
    """Poisson input onto leaky neurons through synapses with STDP, gated by dopamine."""

    sources: int = 40
    targets: int = 10
    probability: float = 0.4


@dataclass(frozen=True)
class Quirks:
    """One of everything that is stored in an unusual way, and a way to misbehave."""

    probability: float = 0.5


@dataclass(frozen=True)
class Wrong:
    """Which mistake the builder makes."""

    how: str = "unit"
