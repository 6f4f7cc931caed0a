"""A table of stimuli and targets, one drawn in every trial (with replacement) or shown in order.

With ``in_order`` = 1, trial k shows sample first_sample + k mod n_samples; with 0 a random one of these.
So one compiled network is trained on one part of the table and tested, with learning switched off, on
another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .task import Task

if TYPE_CHECKING:
    from ..circuit import Circuit

WHICH = """
trial = first_trial + timestep(t, trial_duration)
drawn = int(n_samples*keyed_uniform(task_seed, stimulus, individual, trial, 0))
sample = first_sample + in_order*(trial % n_samples) + (1 - in_order)*drawn
"""

SAMPLING = """
sample : integer                           # which row of the table is shown
in_order : integer (shared, constant)      # 1: rows in their order, 0: drawn
first_sample : integer (shared, constant)  # first row in use
n_samples : integer (shared, constant)     # rows in use
"""


@dataclass(frozen=True, eq=False)
class Samples(Task):
    """Given stimuli (rows of ``x``) and targets (rows of ``y``).

    Args:
        x: shape (samples, inputs).
        y: shape (samples, outputs).
        labelled_rows: True if each row of y marks one class.

    Raises:
        Mistake: tables of different lengths, empty, or with values that are not finite.
    """

    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    labelled_rows: bool = False

    stimulus_equations: ClassVar[str] = SAMPLING
    target_equations: ClassVar[str] = SAMPLING

    def __post_init__(self) -> None:
        x, y = np.array(self.x, float), np.array(self.y, float)
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or not x.size or not y.size:
            raise Mistake(f"Samples: x {x.shape} and y {y.shape} must be tables with equal numbers of rows")
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise Mistake("Samples: x and y must be finite")
        x.flags.writeable = y.flags.writeable = False
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)

    @property
    def inputs(self) -> int:
        return self.x.shape[1]

    @property
    def outputs(self) -> int:
        return self.y.shape[1]

    @property
    def stimuli(self) -> int:
        return len(self.x)

    @property
    def labelled(self) -> bool:
        return self.labelled_rows

    def show(self, circuit: Circuit, inputs: Any) -> None:
        circuit.table("stimuli", self.x)
        circuit.each_bin(inputs, WHICH + "x_clean = stimuli(sample*bin_duration, index)", "stimulus")

    def ask(self, circuit: Circuit, inputs: Any, output: Any) -> None:
        circuit.table("answers", self.y)
        for name, value, doc in (
            ("in_order", 0, "1: samples in their order; 0: drawn"),
            ("first_sample", 0, "first sample in use"),
            ("n_samples", self.stimuli, "samples in use, from first_sample on"),
        ):
            circuit.shared(name, [inputs, output], value, doc)
        circuit.each_bin(output, WHICH + "target = answers(sample*bin_duration, index)", "target")
