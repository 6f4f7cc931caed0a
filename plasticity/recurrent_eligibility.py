"""Eligibilities that follow a unit's own dynamics, as in e-prop and RFLO, taught by one broadcast or by more.

A synapse knows what it has to do with its unit's rate through the unit's own leak, not through others:

    f_ij(t) = (1 - k_i) f_ij(t-1) + k_i x_j(t),          dz_i/dw_ij = (1 - z_i**2) f_ij              (1)
    e_ij(t) = gamma lambda e_ij(t-1) + b_i(t) (1 - z_i(t)**2) f_ij(t),     dw_ij = eta delta(t) e_ij (2)

(Bellec et al. 2020, doi:10.1038/s41467-020-17236-y; Murray 2019, doi:10.7554/eLife.43299). b_i says whether
the unit should rise. The gradient has the readouts' weights there, theta_ai of the actions. With
``feedback="scalar"`` b_i is drawn once and stays: each unit takes the scalar broadcast with a sensitivity of
its own (Tsurumi et al., doi:10.7554/eLife.104101, who train values so). With ``feedback="actions"`` every
unit hears each action's score through fixed random weights, b_i = sum_a B_ia (y_a - p_a): more than a scalar
is broadcast (feedback alignment: Lillicrap et al. 2016, doi:10.1038/ncomms13276). An action is drawn after
V(t) is read, and a sensitivity stands for the value's own slope at t, as of TD(lambda): either way the
eligibility of step t begins with delta(t), which does not take back what the action did. Nothing need be
perturbed: ``sigma`` may be 0, and what it perturbs the rule does not hear. Readouts as in
`RecurrentPerturbation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from .recurrent_perturbation import RecurrentPerturbation


@dataclass(frozen=True)
class RecurrentEligibility(RecurrentPerturbation):
    """Equations (1) and (2)."""

    feedback: Literal["scalar", "actions"] = "scalar"  # type: ignore[misc]
    """what a unit's sensitivity b is"""

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **RecurrentPerturbation.choices,
        "feedback": ("scalar", "actions"),
    }
    states: ClassVar[Mapping[str, tuple[str, str]]] = {
        "told@": ("neuron", "b of (2)"),
        "credit@": ("neuron", "b times the slope of the rate"),
        "f@": ("synapse", "equation (1)"),
    }
    neuron_code: ClassVar[str] = "stays = (1 - fresh)*(1 - leak)\ncredit@ = told@*(1 - z@**2)"
    neuron_equations: ClassVar[str] = "stays : 1  # what is left of f after a step"
    synapse_code: ClassVar[str] = "f@ = stays_post*f@ + leak_post*arrived@"
    moves_value: ClassVar[bool] = False
    credit: ClassVar[str] = "credit@"
    gathered: ClassVar[str] = "f@"
    scale: ClassVar[str] = ""
