"""What a builder says about its network: the inputs a caller may set, and the outputs to be had.

A builder is any importable function ``build(config) -> Model`` (or a plain ``brian2.Network``:
then every array variable of every named object is an argument and an output called
``'object.variable'``).  It creates objects and never calls ``run``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...analysis.foundation.mistakes import Mistake


class ProgramError(Mistake):
    """A program could not be built, or a call of it did not end whole: one line, and where the log is."""


@dataclass(frozen=True)
class Argument:
    """A settable input of a program, written into all its targets after connect() and initial values."""

    targets: Mapping[str, tuple[str, ...]]
    """``'object.variable'`` -> names of that array's dimensions in C order."""
    dims: tuple[str, ...] = ()
    """Dimensions of the value the caller gives, a subset of every target's; a scalar always does."""
    unit: str = "1"
    doc: str = ""
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    """Whether ``low`` itself is refused."""
    integer: bool = False


@dataclass(frozen=True)
class Output:
    """A variable that a call can return."""

    source: str
    """``'object.variable'`` of a group, of synapses or of a monitor."""
    dims: tuple[str, ...] = ()
    """Names of the dimensions.  Recordings of a StateMonitor are (time, index) in Brian2; behind the
    first dimension the index is reshaped to ``dims[1:]``."""
    unit: str = "1"
    doc: str = ""
    final: str | None = None
    """For block series: an ``'object.variable'``.  The monitor (``dt`` = one block) ticks at the *start* of
    each block, so what its record k holds is the value at the end of block k-1.  The first record is
    dropped and the end value of this variable appended: one entry a block, each from the block's end.  The
    duration must then be a whole number of blocks.  Mind that the tick comes before whatever changes the
    variable in that step: ``when='before_start'`` is always right, the 'start' slot is sorted by name."""
    default: bool = True
    """Written unless the caller asks for other outputs."""


@dataclass(frozen=True)
class Model:
    """What a builder returns."""

    network: Any
    """The ``brian2.Network``."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Dimension name -> size, as far as known at build."""
    blocks: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """`Synapses` that are all-to-all within blocks and ordered (block, pre, post): their name -> number of
    blocks, neurons before and after in each. Loops over them are then several times faster (dense.py)."""
    step: float = 1.0
    """Seconds of Brian2 time per unit of ``duration`` (a network whose step is a trial: 1.0)."""


_at_apply: list[Callable[[], None]] = []
_at_compile: list[Callable[[], None]] = []


def apply_arguments() -> None:
    """In a builder: let the statements that follow see the caller's arguments.

    ``apply_arguments(); synapses.w = 'scale * keyed_normal(...)'`` uses the caller's ``scale``.  Arguments
    are written again just before the run, so that what a caller gives always wins over what a builder
    computes.  Outside a program's build (runtime mode) nothing happens.
    """
    for act in _at_apply:
        act()
