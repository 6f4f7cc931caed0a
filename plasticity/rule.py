"""What a three-factor rule is: equations, numbers, and what it reads.

Every rule here has the form

    dw = rate * modulator * eligibility                                                     (1)

with ``rate`` the learning rate eta (0 where ``learning`` is off), the ``modulator`` that a dopamine synapse
sets in each target neuron to the one broadcast scalar delta, and the local ``eligibility``: presynaptic
activity times the *score* of the perturbation, d ln p / d(drive), which is xi / sigma**2 for a Gaussian
perturbation xi of standard deviation sigma (Williams 1992, doi:10.1007/BF00992696). With delta the change
of reward that goes with the perturbation, the mean of (1) is the gradient of expected reward.

A rule is an immutable value of strings, which a network weaves in. All rules speak one language:

============================ ===========================================================================
numbers, in fields
``number(...)``              a constant of the equations and an argument of programs (`parameter`)
lists
``needs``                    what the network must provide for it; the base class says what there is
``states``                   name -> (whose: neuron, synapse, dopamine; meaning), kept from call to call
equations
``neuron_equations``         states of the postsynaptic neuron; ``synapse_equations``,
                             ``dopamine_equations``, ``pre_equations``: of the others
expressions
``broadcast``                delta, in the dopamine neuron; '' where a `DopamineCircuit` makes it
``eligibility``              the local factors, in the synapse; '' where it is a state of the synapse
code
``neuron_code``              each neuron's at the beginning of a step: draws, score; ``synapse_code``,
                             ``pre_code``: of the synapse and of the presynaptic neuron
``dopamine_code``            the dopamine neuron's after delta is known
``before_update``            the neuron's after ``modulator`` has arrived, before its synapses learn
``update``                   the synapse's, equation (1)
============================ ===========================================================================

``rate`` is 0 where nothing is to be learned; a change that is not multiplied by it (forgetting) has to be
multiplied by ``learning``. `TrialRule` is for networks whose step is a trial, `SpikingRule` for networks in
biological time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, cast

from ..analysis.foundation.mistakes import Mistake
from .parameter import Declared, Parameter, check_numbers, number


@dataclass(frozen=True)
class Rule:
    """Base of the plasticity rules: a value, checked when made.

    Raises:
        Mistake: a parameter outside its bounds, a choice that does not exist.
    """

    eta: float = number(0.01, "1/trial", "learning rate", search=(1e-3, 3.0))

    parameters: ClassVar[tuple[Parameter, ...]] = cast(Any, Declared())
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    network: ClassVar[str] = ""
    """the networks that it is for, in words"""
    needs: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[Mapping[str, tuple[str, str]]] = {}

    neuron_equations: ClassVar[str] = ""
    synapse_equations: ClassVar[str] = ""
    dopamine_equations: ClassVar[str] = ""
    pre_equations: ClassVar[str] = ""
    broadcast: ClassVar[str] = ""
    eligibility: ClassVar[str] = ""
    neuron_code: ClassVar[str] = ""
    synapse_code: ClassVar[str] = ""
    pre_code: ClassVar[str] = ""
    dopamine_code: ClassVar[str] = ""
    before_update: ClassVar[str] = ""
    update: ClassVar[str] = "w += rate_post*modulator_post*eligibility"

    def __post_init__(self) -> None:
        check_numbers(self)
        for name, allowed in self.choices.items():
            if getattr(self, name) not in allowed:
                raise Mistake(
                    f"{type(self).__name__}: {name} is '{getattr(self, name)}', "
                    f"must be one of {', '.join(filter(None, allowed))}"
                )

    def apart(self, *names: str) -> tuple[Self, dict[str, float]]:
        """The rule without the numbers that are only told its equations, and those numbers.

        Two rules that differ in them make one program, which is called with them. A number that shapes an
        equation, a list or a critic stays where it is. ``names``: which numbers; by default those that
        somebody holds as a constant.
        """
        plain, numbers = self, {}
        for parameter in self.parameters:
            name, value = parameter.name, getattr(self, parameter.name)
            wanted = name in names if names else bool(parameter.where)
            if wanted and value != parameter.default and math.isfinite(value):
                try:
                    other = replace(plain, **{name: parameter.default})
                except Mistake:  # with the others as they are
                    continue
                if _shape(other) == _shape(plain):
                    plain, numbers[name] = other, float(value)
        return plain, numbers

    def equations(self, where: str) -> str:
        """All that the rule adds to the equations of the neuron, synapse, dopamine or pre(synaptic neuron):
        constants, states that are kept, and the rest."""
        lines = [parameter.line() for parameter in self.parameters if where in parameter.where]
        lines += [
            f"{name} : 1  # {meaning}" for name, (owner, meaning) in self.states.items() if owner == where
        ]
        return "\n".join(["", *lines, getattr(self, f"{where}_equations", ""), ""])


def _shape(rule: Rule) -> dict[str, Any]:
    """All that a network reads of a rule but its numbers."""
    numbers = {parameter.name for parameter in rule.parameters}
    names = (name for name in dir(type(rule)) if not name.startswith("_") and name not in numbers)
    return {name: value for name in names if not callable(value := getattr(rule, name, None))}
