"""What a supervised task is to a network: the size of its inputs and targets, and Brian2 code for both.

A task is an immutable value. It knows nothing of rules or of the learner; a circuit hands it the input and
the output layer, and it adds what draws the stimulus (into ``x_clean`` of the inputs) and the target (into
``target`` of the outputs). Its draws are keyed, so that they are the same for every learner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ...analysis.foundation.mistakes import Mistake

if TYPE_CHECKING:
    from ..circuit import Circuit


@dataclass(frozen=True)
class Task:
    """Base of the supervised tasks.

    Raises:
        Mistake: a size below 1, a noise below 0 or not finite.
    """

    stimulus_equations: ClassVar[str] = ""
    """states of the input layer beyond ``x_clean`` and the place of a neuron"""
    target_equations: ClassVar[str] = ""
    """states of the output layer beyond ``target``"""
    settable: ClassVar[tuple[str, ...]] = ()
    """fields that are arguments of a call, 0 unless it gives them"""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if not math.isfinite(value):
                raise Mistake(f"{type(self).__name__}: {field.name} is {value}, must be finite")
            if value < 0:
                raise Mistake(f"{type(self).__name__}: {field.name} is {value}, must not be negative")
        for name in ("inputs", "outputs", "bins"):
            if getattr(self, name) < 1:
                raise Mistake(f"{type(self).__name__}: {name} is {getattr(self, name)}, must be >= 1")

    def apart(self) -> tuple[Self, dict[str, float]]:
        """The task without what a call can set, and that: many tasks make one program."""
        given = {name: getattr(self, name) for name in self.settable}
        given = {name: float(value) for name, value in given.items() if value}
        return (replace(self, **dict.fromkeys(given, 0.0)) if given else self), given

    @property
    def inputs(self) -> int:
        """Number of input neurons."""
        raise NotImplementedError

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        raise NotImplementedError

    @property
    def bins(self) -> int:
        """Time bins of one trial."""
        return 1

    @property
    def stimuli(self) -> int | None:
        """Number of different stimuli, None where it is not countable."""
        return None

    @property
    def labelled(self) -> bool:
        """True if the target marks one class, so that an answer can be correct."""
        return False

    def show(self, circuit: Circuit, inputs: Any) -> None:
        """Add what sets ``x_clean`` of the input layer in every bin."""
        raise NotImplementedError

    def ask(self, circuit: Circuit, inputs: Any, output: Any) -> None:
        """Add what sets ``target`` of the output layer in every bin."""
        raise NotImplementedError
