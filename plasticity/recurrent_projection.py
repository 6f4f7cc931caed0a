"""Node perturbation in a recurrent network, each change over the length of what arrives.

As `RecurrentPerturbation`, with

    e_ij(t) = gamma lambda e_ij(t-1) + s_i(t) x_j(t)/|x(t)|**2                                       (1)

where |x|**2 sums the squares of all that arrives at the unit in this step, inputs and units alike. A unit's
drive then moves by eta delta s_i, whatever arrives: with +-1 perturbations, whose length is the same always,
this is the projection of `TrialFamily` in every step (Dalm et al. 2023, arXiv:2310.00965, divide by the
perturbation's length; the input's is the normalised least mean squares').
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .recurrent_perturbation import RecurrentPerturbation


@dataclass(frozen=True)
class RecurrentProjection(RecurrentPerturbation):
    """Equation (1); numbers as of `RecurrentPerturbation`."""

    states: ClassVar[Mapping[str, tuple[str, str]]] = {
        "of_inputs@": ("neuron", "sum of the squares that arrive from inputs"),
        "of_units@": ("neuron", "and from units"),
        "credit@": ("neuron", "s over the length"),
    }
    hears: ClassVar[Mapping[str, tuple[str, str]]] = {
        "of_inputs": ("input", "x@_pre**2"),
        "of_units": ("unit", "before@_pre**2"),
    }
    neuron_code: ClassVar[str] = "credit@ = s@/(of_inputs@ + of_units@ + 1e-9)"
    credit: ClassVar[str] = "credit@"
