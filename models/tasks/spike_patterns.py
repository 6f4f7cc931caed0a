"""Patterns of Poisson rates, each with output rates that earn most: a trial shows one, then comes reward.

    R = -sum over outputs ((spikes/duration - target)/scale)**2                               (1)

Patterns are shown in turn (individual k begins with pattern k), so that each is shown equally often. With a
*single* pattern every update is nearly (neuron factor) x (mean input), and agrees with the gradient whatever
the rule does from synapse to synapse: take several.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...analysis.foundation.mistakes import Mistake


@dataclass(frozen=True, eq=False)
class SpikePatterns:
    """Input rates (patterns, inputs) and target rates (patterns, outputs), in Hz.

    Raises:
        Mistake: tables that do not fit each other, rates that are negative or not finite.
    """

    rates: np.ndarray = field(repr=False)
    targets: np.ndarray = field(repr=False)
    duration: float = 0.5
    """length of a trial (s)"""
    scale: float = 10.0
    """difference from a target that costs 1 (Hz)"""

    def __post_init__(self) -> None:
        rates, targets = np.array(self.rates, float), np.array(self.targets, float)
        if rates.ndim != 2 or targets.ndim != 2 or len(rates) != len(targets) or not rates.size:
            raise Mistake(
                f"SpikePatterns: rates {rates.shape} and targets {targets.shape} must be tables with a row "
                "for each pattern"
            )
        if not np.all(np.isfinite(rates) & (rates >= 0)) or not np.all(np.isfinite(targets)):
            raise Mistake("SpikePatterns: rates must be finite and not negative, targets finite")
        for name in ("duration", "scale"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise Mistake(f"SpikePatterns: {name} is {value:g}, must be finite and above 0")
        object.__setattr__(self, "rates", rates)
        object.__setattr__(self, "targets", targets)

    @classmethod
    def balanced(
        cls,
        seed: int,
        patterns: int = 4,
        inputs: int = 20,
        outputs: int = 5,
        rates: tuple[float, float] = (3.0, 50.0),
        targets: tuple[float, float] = (5.0, 35.0),
    ) -> SpikePatterns:
        """Each input has the high rate (Hz) in half of the patterns, each output the high target in half.

        Which half is drawn. So neither the mean input nor an output's mean error says much of the gradient.
        """
        draw = np.random.default_rng(seed)

        def halves(count: int, low: float, high: float) -> np.ndarray:
            order = draw.random((patterns, count)).argsort(axis=0)
            return np.where(order < patterns / 2, high, low)

        return cls(halves(inputs, *rates), halves(outputs, *targets))

    @property
    def patterns(self) -> int:
        return len(self.rates)

    @property
    def inputs(self) -> int:
        return int(self.rates.shape[1])

    @property
    def outputs(self) -> int:
        return int(self.targets.shape[1])
