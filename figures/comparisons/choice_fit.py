"""Models of choice by the likelihood of held-out trials; CSV or NWB files (action, reward; two-step: common).

Each model's mean log likelihood per choice of trials that it was not fitted to
(`analysis/behaviour/choice_fits.py`): models of the two-step task where the file has a column ``common``,
else of bandits. Rewards count from 0, their smallest value, to 1, their largest: in whichever unit. The
null: rewards change places among a subject's trials, so that whatever a model still gains is habit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...analysis.behaviour.choice_fits import FOLDS, Fit, HeldOut, scored
from ...analysis.behaviour.choice_models import BANDIT_MODELS, Chance, ChoiceModel
from ...analysis.behaviour.choices import Choices, bandit_choices, two_step_choices
from ...analysis.behaviour.two_step_models import TWO_STEP_MODELS
from ...analysis.foundation.mistakes import Mistake
from ...analysis.statistics.comparison import DRAWS, Measured, mean
from ...analysis.statistics.intervals import mean_and_error
from .data import Data

ROUGH: dict[str, Any] = {"starts": 6, "climbs": 1, "near": 1e-2}
"""How the null is fitted: half as dear, on average within .0005 nats a choice of that of the data."""


def measure(data: Data) -> Measured:
    behaviour = data.people(("action", "reward"))
    two_step = "common" in behaviour.columns
    if two_step:
        behaviour = data.people(("action", "reward", "common"))
    choices = two_step_choices(behaviour) if two_step else bandit_choices(behaviour)
    choices, left = _enough(choices)
    choices, scaled = choices.in_unit_rewards()
    models: list[ChoiceModel] = [
        Chance(),
        *(model() for model in (TWO_STEP_MODELS if two_step else BANDIT_MODELS)),
    ]
    found = _scored(models, choices, 0, data)
    rows = np.stack([one.score for one in found], axis=1)
    people = len(choices.subjects)
    many = max(2, -(-DRAWS // people))
    again = choices.take(np.tile(np.arange(people), many)).shuffled(0)
    drawn = [one.score.reshape(many, people) for one in _scored(models, again, 1, data, **ROUGH)]
    nulls = np.stack(drawn, axis=2)
    names = tuple(model.name for model in models)
    unit = "held-out log likelihood per choice"
    notes = (*left, *scaled, *_early(found), *_ranking(names, rows))
    fitted = {name: values for one in found for name, values in _parameters(one.whole).items()}
    return Measured(
        names,
        rows,
        mean(nulls),
        unit,
        kind="subject",
        notes=notes,
        labels=choices.subjects,
        fitted=fitted,
        shuffles=nulls,
        skewed=True,
    )


def _enough(choices: Choices) -> tuple[Choices, tuple[str, ...]]:
    """The subjects who made enough trials to hold some out, and a note of the others."""
    many = choices.made.sum(axis=1)
    if (many < FOLDS).all():
        raise Mistake(f"no subject made the {FOLDS} trials that are needed to hold some out")
    kept = np.flatnonzero(many >= FOLDS)
    left = len(many) - len(kept)
    note = (f"{left} of {len(many)} subjects made fewer than {FOLDS} trials, left out",) if left else ()
    return choices.take(kept), note


def _scored(
    models: Sequence[ChoiceModel], choices: Choices, half: int, data: Data, **how: Any
) -> list[HeldOut]:
    found = []
    for place, model in enumerate(models):
        data.tell(half / 2 + place / len(models) / 2, model.name)
        found.append(scored(model, choices, **how))
    return found


def _parameters(found: Fit) -> dict[str, np.ndarray]:
    """Of each subject, fitted to all trials (most probable under the weak priors)."""
    return {f"{found.model.name}: {name}": found[name] for name in found.names}


def _early(found: Sequence[HeldOut]) -> tuple[str, ...]:
    """Notes of fits that stopped before they stood."""
    return tuple(
        f"{one.whole.model.name}: fits of {one.early.sum()} of {len(one.early)} subjects stopped early"
        for one in found
        if one.early.any()
    )


def _ranking(names: Sequence[str], scores: np.ndarray) -> tuple[str, ...]:
    """Who comes first, and how far the next are behind, in standard errors over subjects."""
    order = np.argsort(-scores.mean(axis=0))
    best = order[0]
    notes = [f"best on held-out trials: {names[best]}"]
    for other in order[1:]:
        behind, error = mean_and_error(scores[:, best] - scores[:, other])
        spread = f" ± {error:.4f}" if np.isfinite(error) else ""
        notes.append(f"  {names[other]}: {behind:.4f}{spread} behind")
    return tuple(notes)
