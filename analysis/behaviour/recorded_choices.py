"""Recorded choices beside models: people in the two-step task, and around change points.

Two-step task: 24 people (Feher da Silva & Hare 2020, doi:10.1038/s41562-020-0905-y). Each model is fitted to
each person with weak priors; simulated people with those parameters say what the model expects of the stay
probabilities (posterior predictive), held-out trials how well it foresees choices.

Change points: 20 people who report a hidden probability (Foucault & Meyniel 2024, doi:10.1162/opmi_a_00139),
beside the Bayesian player and the rule of constant rate on the very same outcomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..foundation.arrays import Array
from ..players import change_point, two_step
from ..recordings.behaviour import Behaviour, read_behaviour
from ..recordings.places import data_file
from .change_points import EARLY, LATE, hazard, played, update_slopes
from .choice_fits import Fit, fit, held_out, standard_errors
from .choice_models import ChoiceModel
from .choices import Choices, two_step_choices
from .stay import Stay, stay_probabilities
from .two_step_models import Mixture, MixtureForgetting, ModelBased, ModelFree
from .two_step_regression import TwoStepRegression, two_step_regression

TWO_STEP = "two_step_magic_carpet.csv"
TWO_STEP_SOURCE = f"{TWO_STEP} (doi:10.1038/s41562-020-0905-y)"
CHANGE_POINTS = "change_point_probability.csv.gz"
CHANGE_POINTS_SOURCE = f"{CHANGE_POINTS} (doi:10.1162/opmi_a_00139)"
SIMULATED: tuple[type[ChoiceModel], ...] = (ModelFree, ModelBased, Mixture)
"""Models that are simulated with what was fitted."""
MODELS: tuple[type[ChoiceModel], ...] = (*SIMULATED, MixtureForgetting)
COPIES = 10
"""Simulated people with the parameters of each person."""
SINCE = 16
"""Trials since a change that are told apart."""
BOUNDS = (0.1, 0.9)
"""Between which the hidden probability jumps."""


@dataclass(frozen=True)
class TwoStepPeople:
    """People of the two-step task, and what models make of them."""

    stay: Stay
    regression: TwoStepRegression
    null: TwoStepRegression
    """its rewards and transitions shuffled"""
    fits: Mapping[str, Fit]
    errors: Mapping[str, Array]
    """standard errors of the fits' parameters, (subject, parameter)"""
    held_out: Mapping[str, Array]
    """log likelihood per choice of held-out trials (subject,)"""
    predicted: Mapping[str, Stay]
    """stay probabilities of simulated people with the fitted parameters, each person's `COPIES` in a row"""


@dataclass(frozen=True)
class ChangePointPeople:
    """Learning rates around change points."""

    slopes: Array
    """early and late, (subject, window)"""
    shuffled: Array
    """the same with change points at random"""
    curve: Array
    """by trials since a change, (subject, trials)"""
    players: Mapping[str, Array]
    """early and late of each player, (subject, window)"""
    player_curves: Mapping[str, Array]


@cache
def two_step_people() -> TwoStepPeople | None:
    """The people of the two-step recording; None where it is absent. Takes some 40 s."""
    path = data_file(TWO_STEP)
    if path is None:
        return None
    return of_two_step(read_behaviour(path, ("action", "reward", "common"), {"action": "action1"}))


@cache
def change_point_people() -> ChangePointPeople | None:
    """The people of the change-point recording; None where it is absent."""
    path = data_file(CHANGE_POINTS)
    return None if path is None else of_change_points(read_behaviour(path, ("estimate", "outcome")))


def of_two_step(behaviour: Behaviour, seed: int = 0) -> TwoStepPeople:
    """What there is to say of any people of the two-step task."""
    choices = two_step_choices(behaviour)
    models = [model() for model in MODELS]
    fits = {model.name: fit(model, choices, seed=seed) for model in models}
    return TwoStepPeople(
        stay_probabilities(behaviour),
        two_step_regression(behaviour),
        two_step_regression(behaviour, shuffle=seed),
        fits,
        {name: standard_errors(one, choices) for name, one in fits.items()},
        {model.name: held_out(model, choices, seed=seed) for model in models},
        {
            model.name: stay_probabilities(predicted(fits[model.name], choices, seed=seed))
            for model in SIMULATED
        },
    )


def predicted(found: Fit, choices: Choices, copies: int = COPIES, seed: int = 0) -> Behaviour:
    """People simulated with the fitted parameters of a two-step model, ``copies`` of each, as many trials."""
    own = {name: np.repeat(found[name], copies) for name in found.names}
    weight = {"model-free": 0.0, "model-based": 1.0}.get(found.model.name)
    return two_step.simulate(
        copies * len(found.subjects),
        int(np.median(choices.made.sum(axis=1))),
        alpha1=own["alpha"],
        lam=own.get("lambda", 1.0),
        beta1=own["beta1"],
        beta2=own["beta2"],
        w=own["w"] if weight is None else weight,
        perseveration=own["p"],
        common=choices.p_common,
        first_value=0.5,
        seed=seed,
    )


def of_change_points(behaviour: Behaviour) -> ChangePointPeople:
    """What there is to say of anyone who reports a probability that jumps."""
    windows = [(k, k) for k in range(SINCE)]
    rate = float(np.nanmean(update_slopes(behaviour, [(0, len(behaviour))])))
    chance = hazard(behaviour)
    known = {
        "Bayes": played(behaviour, lambda seen: change_point.bayes(seen, chance, *BOUNDS)),
        "constant rate": played(behaviour, lambda seen: change_point.constant_rate(seen, rate)),
    }
    return ChangePointPeople(
        update_slopes(behaviour),
        update_slopes(behaviour, shuffle=0),
        update_slopes(behaviour, windows),
        {name: update_slopes(one, (EARLY, LATE)) for name, one in known.items()},
        {name: update_slopes(one, windows) for name, one in known.items()},
    )
