"""Fits of models of choice to simulated people whose parameters are known.

Players of a drifting bandit (Q-learning) and of the two-step task (model-based and model-free values mixed)
draw parameters evenly over wide ranges, and fits are to give them back: by maximum likelihood, and as the
most probable ones under weak priors. In the null the rewards change places among a person's trials: there is
no value to learn from. Three populations of the two-step task, planners, caches and those in between, as many
people and trials as were recorded, say what each would show; and players of a probability that jumps, how
their learning rate goes with the trials since a change.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.behaviour.change_points import played, update_slopes
from ...analysis.behaviour.choice_fits import fit, held_out, standard_errors
from ...analysis.behaviour.choice_models import ChoiceModel, Perseveration, QLearning
from ...analysis.behaviour.choices import Choices, bandit_choices, two_step_choices
from ...analysis.behaviour.recorded_choices import BOUNDS, SINCE
from ...analysis.behaviour.stay import KINDS, stay_probabilities
from ...analysis.behaviour.two_step_models import Mixture, ModelBased, ModelFree
from ...analysis.behaviour.two_step_regression import EFFECTS, two_step_regression
from ...analysis.foundation import Mistake, Reporter, kept_parts, stream
from ...analysis.players import change_point, q_learning, two_step
from ...analysis.recordings.behaviour import Behaviour
from .labelling import Dataset, labelled

POPULATIONS = {"model-free": 0.0, "model-based": 1.0, "mixture": 0.5}
"""Weight w of the model-based values in the three populations."""


@dataclass(frozen=True)
class Config:
    bandit_people: int = 100
    """players of the bandit whose parameters are to come back"""
    bandit_trials: int = 500
    """trials of each"""
    two_step_people: int = 60
    """players of the two-step task whose parameters are to come back"""
    two_step_trials: int = 1000
    """trials of each"""
    alpha: tuple[float, float] = (0.1, 0.9)
    """learning rates, drawn evenly between"""
    beta: tuple[float, float] = (1.0, 8.0)
    """inverse temperatures, of both stages, drawn evenly between"""
    perseveration: float = 0.5
    """standard deviation of the perseveration, in units of the logit"""
    null_people: int = 40
    """players of the bandit whose rewards are shuffled"""
    people: int = 24
    """of each population of the two-step task"""
    foreseen: int = 72
    """players of the mixed population whose held-out choices are foretold"""
    trials: int = 200
    """of each"""
    population_alpha: float = 0.5
    """learning rate of the populations"""
    population_beta: float = 4.0
    """inverse temperature of both stages"""
    reporters: int = 20
    """players of a probability that jumps"""
    sessions: int = 22
    """sessions of each"""
    session_trials: int = 75
    """trials of a session"""
    hazard: float = 0.04
    """probability of a jump per trial"""
    rate: float = 0.1
    """learning rate of the player of constant rate"""

    def __post_init__(self) -> None:
        people = (self.bandit_people, self.two_step_people, self.null_people, self.people, self.foreseen)
        if min(*people, self.reporters) < 3:
            raise Mistake("choice_recovery: three people or more of each kind are needed")


PRESETS = {
    "quick": Config(),
    "paper": Config(bandit_people=500, two_step_people=300, null_people=100),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Simulate the players and fit them.

    Returns:
        ``bandit`` and ``two_step`` (estimate, parameter, person), the estimates being the truth, the most
        probable parameters with their standard errors, and those of maximum likelihood; ``gain`` (rewards,
        person), held-out log likelihood per choice of Q-learning above that of perseveration, with true and
        with shuffled rewards; ``stay`` (population, person, kind); ``regression`` (population, effect) with
        its standard error; ``held_out`` (model, foreseen person) of the mixed population; ``slope`` (player,
        person, since).
    """
    work = (
        ("bandit", 0.15, _bandit),
        ("two_step", 0.45, _two_step),
        ("null", 0.1, _null),
        ("populations", 0.25, _populations),
        ("reporters", 0.05, _reporters),
    )
    parts = [(name, share, partial(make, config, stream(seed, name))) for name, share, make in work]
    found = kept_parts.all_made(folder, parts, progress)
    dims = {
        "bandit": ("estimate", "bandit_parameter", "bandit_person"),
        "two_step": ("estimate", "two_step_parameter", "two_step_person"),
        "gain": ("rewards", "null_person"),
        "stay": ("population", "person", "kind"),
        "regression": ("population", "effect"),
        "regression_error": ("population", "effect"),
        "held_out": ("model", "foreseen_person"),
        "slope": ("player", "reporter", "since"),
    }
    return labelled(
        {name: (axes, found[name]) for name, axes in dims.items()},
        coords={
            "estimate": ["true", "found", "error", "likely"],
            "bandit_parameter": [parameter.name for parameter in QLearning.parameters],
            "two_step_parameter": [parameter.name for parameter in Mixture.parameters],
            "rewards": ["true", "shuffled"],
            "population": list(POPULATIONS),
            "kind": list(KINDS),
            "effect": list(EFFECTS),
            "model": [model.name for model in (ModelFree, ModelBased, Mixture)],
            "player": ["Bayes", "constant rate"],
            "since": np.arange(SINCE),
        },
        gain="nat",
        held_out="nat",
        regression="nat",
        regression_error="nat",
    )


def _bandit(config: Config, seed: int) -> kept_parts.Parts:
    generator = np.random.default_rng(seed)
    many = config.bandit_people
    true: dict[str, Any] = {
        "alpha": generator.uniform(*config.alpha, many),
        "beta": generator.uniform(*config.beta, many),
        "perseveration": generator.normal(0, config.perseveration, many),
    }
    people = q_learning.simulate(many, config.bandit_trials, **true, seed=stream(seed, "choices"))
    return {"bandit": _recovered(QLearning(), bandit_choices(people), np.array(list(true.values())))}


def _two_step(config: Config, seed: int) -> kept_parts.Parts:
    generator = np.random.default_rng(seed)
    many = config.two_step_people
    true: dict[str, Any] = {
        "alpha1": generator.uniform(*config.alpha, many),
        "lam": generator.uniform(0, 1, many),
        "beta1": generator.uniform(*config.beta, many),
        "beta2": generator.uniform(*config.beta, many),
        "w": generator.uniform(0, 1, many),
        "perseveration": generator.normal(0, config.perseveration, many),
    }
    people = two_step.simulate(
        many, config.two_step_trials, **true, first_value=0.5, seed=stream(seed, "choices")
    )
    return {"two_step": _recovered(Mixture(), two_step_choices(people), np.array(list(true.values())))}


def _recovered(model: ChoiceModel, choices: Choices, true: np.ndarray) -> np.ndarray:
    """(estimate, parameter, person): truth, most probable, its error, most likely."""
    found, likely = fit(model, choices), fit(model, choices, prior=None)
    values = [np.array([one[name] for name in one.names]) for one in (found, likely)]
    return np.array([true, values[0], standard_errors(found, choices).T, values[1]])


def _null(config: Config, seed: int) -> kept_parts.Parts:
    people = q_learning.simulate(
        config.null_people, config.bandit_trials, alpha=0.4, beta=4.0, perseveration=0.3, seed=seed
    )
    true = bandit_choices(people)
    gain = [
        held_out(QLearning(), choices) - held_out(Perseveration(), choices)
        for choices in (true, true.shuffled(stream(seed, "shuffle")))
    ]
    return {"gain": np.array(gain)}


def _populations(config: Config, seed: int) -> kept_parts.Parts:
    def population(name: str, many: int, stream_name: str) -> Behaviour:
        return two_step.simulate(
            many,
            config.trials,
            alpha1=config.population_alpha,
            lam=0.6,
            beta1=config.population_beta,
            w=POPULATIONS[name],
            perseveration=0.3,
            first_value=0.5,
            seed=stream(seed, stream_name),
        )

    people = {name: population(name, config.people, name) for name in POPULATIONS}
    regressions = [two_step_regression(own) for own in people.values()]
    choices = two_step_choices(population("mixture", config.foreseen, "held out"))
    return {
        "stay": np.array([stay_probabilities(own).probability for own in people.values()]),
        "regression": np.array([one.effects for one in regressions]),
        "regression_error": np.array([one.population.errors for one in regressions]),
        "held_out": np.array([held_out(model(), choices) for model in (ModelFree, ModelBased, Mixture)]),
    }


def _reporters(config: Config, seed: int) -> kept_parts.Parts:
    generator = np.random.default_rng(seed)
    shape = (config.reporters, config.sessions, config.session_trials)
    changed = generator.random(shape) < config.hazard
    changed[..., 0] = True
    fresh = generator.uniform(*BOUNDS, shape)
    place = np.maximum.accumulate(np.where(changed, np.arange(shape[2]), 0), axis=2)
    outcome = (generator.random(shape) < np.take_along_axis(fresh, place, axis=2)).astype(float)
    who, session, trial = (
        np.broadcast_to(axis, shape).ravel() for axis in np.ogrid[tuple(map(slice, shape))]
    )
    behaviour = Behaviour(
        {
            "subject": np.char.mod("s%03d", who),
            "session": np.char.mod("%03d", session),
            "trial": trial.astype(float),
            "outcome": outcome.ravel(),
            "change_point": changed.ravel().astype(float),
        }
    )
    windows = [(k, k) for k in range(SINCE)]
    reports = (
        played(behaviour, lambda seen: change_point.bayes(seen, config.hazard, *BOUNDS)),
        played(behaviour, lambda seen: change_point.constant_rate(seen, config.rate)),
    )
    return {"slope": np.array([update_slopes(one, windows) for one in reports])}
