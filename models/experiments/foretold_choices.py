"""Choices that were held out, foretold by the family of rules, by its named points and by regressions.

Three sets: people of a three-armed reversal task (held out by block), a monkey that plays matching pennies
(by session), people of the two-step task (by runs of trials). All models have weak priors of their own, from
which the population's is learned alike (`analysis/statistics/empirical_bayes.py`, equations 2 and 3); of the
one monkey the weak prior holds. Settings name the files by what is in them, so that other files make another
result; where a file is absent its set is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choices import Choices, bandit_choices, laid_out, two_step_choices
from ...analysis.behaviour.lagged_regression import LaggedRegression
from ...analysis.behaviour.recorded_choices import TWO_STEP
from ...analysis.foundation import Mistake, Reporter, kept_parts, nearest, tell
from ...analysis.recordings.behaviour import read_behaviour
from ...analysis.recordings.places import VARIABLE, data_file
from ...analysis.statistics.empirical_bayes import Objective, held_out_parts
from ...plasticity.inference.coefficients import FIRM, POINTS, Chart
from ...plasticity.inference.likelihood import Likelihood
from ...plasticity.inference.recorded import FILE as REVERSALS
from ...plasticity.inference.study import parts
from ...plasticity.inference.tasks import TwoSteps
from .labelling import Dataset, with_units
from .recorded_choices import digest

PENNIES = "matching_pennies_monkey.csv.gz"
SETS = {"reversals": REVERSALS, "pennies": PENNIES, "two_step": TWO_STEP}
FIRMLY = "family, without looseness"


@dataclass(frozen=True)
class Config:
    every: int = 12
    """one person of so many is taken of the reversal task, from the second on: others than those in whom the
    readout was found (`plasticity/inference/recorded.py`)"""
    sessions: int = 12
    """of the monkey, evenly over all"""
    planners: int = 0
    """people of the two-step task; 0: that set is left out"""
    points: tuple[str, ...] = ("Q", "Q, forgetting", "RFLR")
    """named points of the family for bandits"""
    reversals: str = field(default_factory=partial(digest, REVERSALS))
    """digest of that recording, by default that at hand; empty: none"""
    pennies: str = field(default_factory=partial(digest, PENNIES))
    """the same of the monkey's"""
    two_step: str = field(default_factory=partial(digest, TWO_STEP))
    """the same of the two-step task's"""

    def __post_init__(self) -> None:
        unknown = [name for name in self.points if name not in POINTS or name == "family"]
        if unknown:
            raise Mistake(f"foretold_choices: no named point '{unknown[0]}'{nearest(unknown[0], POINTS)}")
        if self.every < 1 or self.sessions < 4 or self.planners not in (0, *range(2, 25)):
            raise Mistake(
                "foretold_choices: every first person at most, four sessions, no planner or 2 to 24"
            )


POINTED = tuple(name for name in POINTS if name != "family")
PRESETS = {"quick": Config(), "paper": Config(every=1, sessions=84, planners=24, points=POINTED)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Foretell.

    Returns:
        Of each set of `SETS` that is at hand, ``SET`` (model of it, unit), held-out nats per trial; a unit is
        a person, or a part of the monkey's sessions.

    Raises:
        Mistake: the recordings that the configuration names are not at hand.
    """
    import xarray as xr

    result, nats = xr.Dataset(), {}
    for number, (name, file) in enumerate(SETS.items()):
        asked = getattr(config, name)
        if asked not in ("", digest(file)):
            there = digest(file) or "not there"
            raise Mistake(
                f"the recording {asked} is not at hand: {file}, in the folder of {VARIABLE}, is {there}"
            )
        if not asked or (name == "two_step" and not config.planners):
            continue
        choices, fold = read(name, config)
        rows = {}
        for model, objective in models(name, choices, config.points).items():
            tell(progress, number / len(SETS), f"{name}: {model}")

            def make(objective: Objective = objective, fold: NDArray = fold) -> dict[str, NDArray]:
                return {"nats": held_out_parts(objective, fold, int(fold.max()) + 1, seed=seed)}

            found = kept_parts.made_once(folder, f"{name} {model}", make)["nats"]
            rows[model] = per_trial(found, choices, fold)
        table = np.array(list(rows.values()))
        result[name] = ((f"model_of_{name}", f"unit_of_{name}"), table)
        result = result.assign_coords({f"model_of_{name}": list(rows)})
        nats[name] = "nat"
    return with_units(result, **nats)


def read(name: str, config: Config) -> tuple[Choices, NDArray]:
    """A set's choices, and in which part each trial is held out."""
    path = data_file(SETS[name])
    assert path is not None
    if name == "two_step":
        columns = {"action": "action1"}
        choices = two_step_choices(read_behaviour(path, ("action", "reward", "common"), columns))
        choices = choices.take(
            np.arange(0, len(choices.subjects), max(1, len(choices.subjects) // config.planners))
        )
        return choices, parts(choices)[0]
    behaviour = read_behaviour(path, ("action", "reward"))
    if name == "pennies":
        numbers = np.unique(behaviour["session"])
        kept = numbers[np.linspace(0, len(numbers) - 1, min(config.sessions, len(numbers))).astype(int)]
        choices = bandit_choices(behaviour.where(np.isin(behaviour["session"], kept)))
        return choices, parts(choices)[0]
    choices = bandit_choices(behaviour)
    rows = np.arange(1 if config.every > 1 else 0, len(choices.subjects), config.every)
    choices, blocks = choices.take(rows), laid_out(behaviour, "block")[rows]
    return choices, parts(choices, blocks)[0]


def models(name: str, choices: Choices, points: Sequence[str]) -> Mapping[str, Objective]:
    """The family and its rivals."""
    if name == "two_step":
        return TwoSteps().models(choices)
    found: dict[str, Objective] = {"family": Likelihood(Chart(), choices)}
    if name == "reversals":
        found[FIRMLY] = Likelihood(Chart(FIRM), choices)
    found["logistic regression, 10 lags"] = LaggedRegression(choices, 10)
    return found | {point: Likelihood(POINTS[point], choices) for point in points}


def per_trial(nats: NDArray, choices: Choices, fold: NDArray) -> NDArray:
    """Held-out nats (part, subject) as nats per trial of each subject, or of each part where there is one."""
    made = np.array([(choices.made & (fold == part)).sum(axis=1) for part in range(len(nats))])
    if nats.shape[1] == 1:
        return np.asarray(nats[:, 0] / made[:, 0])
    return np.asarray(nats.sum(axis=0) / made.sum(axis=0))
