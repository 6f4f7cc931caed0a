"""What a three-factor rule is: equations, parameters, and what it reads.

Every rule here has the form

    dw = rate * modulator * eligibility                                                     (1)

with ``rate`` the learning rate eta (where ``learning`` is on), the ``modulator`` that a dopamine synapse
sets in each target neuron to the one broadcast scalar delta, and the local ``eligibility``: presynaptic
activity times the *score* of the perturbation, d ln p / d(drive), which is xi / sigma**2 for a Gaussian
perturbation xi of standard deviation sigma (Williams 1992, doi:10.1007/BF00992696). With delta the change
of reward that goes with the perturbation, the mean of (1) is the gradient of expected reward.

A rule is an immutable value; a network weaves its equations in. `TrialRule` is for networks whose step is a
trial, `SpikingRule` for networks in biological time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from ..analysis.foundation.mistakes import Mistake
from .parameter import Parameter

ETA = Parameter("eta", 0.01, "1/trial", 0.0, math.inf, "log", "learning rate")


@dataclass(frozen=True)
class Rule:
    """Base of the plasticity rules: a value, checked when made.

    Raises:
        Mistake: a parameter outside its bounds, a choice that does not exist.
    """

    eta: float = ETA.default
    """learning rate (1/trial in a `TrialRule`; a `SpikingRule` says its unit)"""

    parameters: ClassVar[tuple[Parameter, ...]] = (ETA,)
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    neuron_equations: ClassVar[str] = ""
    """states of the postsynaptic neuron"""
    synapse_equations: ClassVar[str] = ""
    """states of the synapse"""
    update: ClassVar[str] = "w += rate_post*modulator_post*eligibility"
    """equation (1)"""

    def __post_init__(self) -> None:
        for parameter in self.parameters:
            value = getattr(self, parameter.name)
            if not parameter.accepts(value):
                raise Mistake(
                    f"{type(self).__name__}: {parameter.name} is {value:g}, "
                    f"must be in {parameter.range} ({parameter.meaning})"
                )
        for name, allowed in self.choices.items():
            if getattr(self, name) not in allowed:
                raise Mistake(
                    f"{type(self).__name__}: {name} is '{getattr(self, name)}', "
                    f"must be one of {', '.join(filter(None, allowed))}"
                )

    def describe(self) -> dict[str, object]:
        """Name and settings, for attributes and cache keys."""
        return {"rule": type(self).__name__} | {f.name: getattr(self, f.name) for f in fields(self)}
