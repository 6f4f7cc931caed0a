"""What a one-pass rule subtracts from the loss it sees: a critic's expectation.

Without a clean pass the broadcast is delta = expectation - E_plus. A wrong expectation leaves the mean
update alone and costs D**2 M / sigma**2 in its second moment (D = clean loss - expectation, M nodes), so
that it grows as the perturbation shrinks; a critic that knows each stimulus matters (Fremaux, Sprekeler &
Gerstner 2010, doi:10.1523/JNEUROSCI.6249-09.2010).

All critics are linear, expectation = sum_k v_k phi_k, and learn by

    v_k += alpha * (E_plus - expectation) * phi_k                                           (1)

*after* their expectation has been used: with the current trial inside the expectation the mean update
shrinks by 1 - alpha (`RunningMean(order='before')` shows that error). They differ in their features:

* `Fixed`: no learning, the expectation is given;
* `RunningMean`: phi = 1, one mean of past trials;
* `StimulusMean`: phi one-hot in the stimulus, a mean per stimulus;
* `LinearCritic`: phi = 1, the inputs x_i, and their squares where asked for, normalised by |phi|**2.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, cast

from ..analysis.foundation.mistakes import Mistake
from .parameter import Declared, Parameter, check_numbers, number

ALPHA = partial(
    number, 0.05, "1/trial", "learning rate of the critic", high=1.0, search=(0.01, 1.0), where=()
)


@dataclass(frozen=True)
class Critic:
    """Base of the critics: a value, checked when made."""

    alpha: float = ALPHA()

    parameters: ClassVar[tuple[Parameter, ...]] = cast(Any, Declared())
    kind: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check_numbers(self)


@dataclass(frozen=True)
class Fixed(Critic):
    """The expectation is a given number, one for each individual."""

    alpha: float = 0.0
    """fixed: does not learn"""
    expectation: float = 0.0
    """the expected loss"""

    kind: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        if self.alpha != 0:
            raise Mistake("Fixed: a fixed expectation has alpha 0; RunningMean learns")
        if not math.isfinite(self.expectation):
            raise Mistake(f"Fixed: expectation is {self.expectation:g}, must be finite")


@dataclass(frozen=True)
class RunningMean(Critic):
    """One exponential mean of the loss over past trials."""

    order: Literal["after", "before"] = "after"
    """the mean takes up the current loss after its use (right) or before (shrinks the update)"""

    kind: ClassVar[str] = "running"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.order not in ("after", "before"):
            raise Mistake(f"RunningMean: order is '{self.order}', must be after or before")


@dataclass(frozen=True)
class StimulusMean(Critic):
    """One exponential mean of the loss for each stimulus of a task with countable stimuli."""

    kind: ClassVar[str] = "stimulus"


@dataclass(frozen=True)
class LinearCritic(Critic):
    """Linear in the inputs, and in their squares where ``squares`` is true."""

    squares: bool = True
    """features are 1, x and x**2 rather than 1 and x"""

    kind: ClassVar[str] = "linear"
