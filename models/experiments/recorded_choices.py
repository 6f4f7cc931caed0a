"""Recorded choices of people, and what fits of models make of them: two-step task and change points.

The people are those of `analysis.behaviour.recorded_choices`. The settings name the files by what is in them,
so that other files make another result; where a file is absent its part is left out.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np

from ...analysis.behaviour.recorded_choices import (
    CHANGE_POINTS,
    SINCE,
    TWO_STEP,
    ChangePointPeople,
    TwoStepPeople,
    change_point_people,
    two_step_people,
)
from ...analysis.behaviour.stay import KINDS
from ...analysis.behaviour.two_step_regression import EFFECTS
from ...analysis.foundation import Mistake, Reporter, tell
from ...analysis.recordings.places import VARIABLE, data_file
from .labelling import Dataset, with_units


@cache
def digest(name: str) -> str:
    """Names a file of recorded behaviour by what is in it; empty where it is absent."""
    path = data_file(name)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path is not None else ""


@dataclass(frozen=True)
class Config:
    """Settings; both presets are the same."""

    two_step: str = field(default_factory=partial(digest, TWO_STEP))
    """digest of the two-step recording, by default that at hand; empty: none"""
    change_points: str = field(default_factory=partial(digest, CHANGE_POINTS))
    """digest of the recording around change points; empty: none"""


PRESETS = {"quick": Config(), "paper": Config()}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Analyse and fit what was recorded; ``seed`` changes nothing.

    Returns:
        Of the two-step task: ``stay`` (subject, kind); ``effects``, ``effects_low``, ``effects_high``,
        ``null_effects``, ``null_error`` (effect); ``held_out`` (model, subject), nats a choice; ``w``,
        ``w_error``, ``w_forgetting`` (subject); of simulated people with the fitted parameters
        ``predicted_stay`` (fitted, kind) and ``predicted_index`` (fitted). Around change points: ``slopes``,
        ``shuffled`` (reporter, window), ``curve`` (reporter, since); ``player_slopes`` (player, reporter,
        window), ``player_curves`` (player, since).

    Raises:
        Mistake: the recordings that the configuration names are not at hand.
    """
    import xarray as xr

    for name, asked in ((TWO_STEP, config.two_step), (CHANGE_POINTS, config.change_points)):
        if asked not in ("", digest(name)):
            there = digest(name) or "not there"
            raise Mistake(
                f"the recording {asked} is not at hand: {name}, in the folder of {VARIABLE}, is {there}"
            )
    result = xr.Dataset()
    people = two_step_people() if config.two_step else None
    if people is not None:
        result = result.merge(of_two_step(people))
    tell(progress, 0.8, "change points")
    reporters = change_point_people() if config.change_points else None
    if reporters is not None:
        result = result.merge(of_change_points(reporters))
    return with_units(result, **({"held_out": "nat"} if people is not None else {}))


def of_two_step(people: TwoStepPeople) -> Dataset:
    """The numbers of `simulate` for people of the two-step task."""
    import xarray as xr

    low, high = people.regression.interval()
    mixture = people.fits["mixture"]
    return xr.Dataset(
        {
            "stay": (("subject", "kind"), people.stay.probability),
            "effects": ("effect", people.regression.effects),
            "effects_low": ("effect", low),
            "effects_high": ("effect", high),
            "null_effects": ("effect", people.null.effects),
            "null_error": ("effect", people.null.population.errors),
            "held_out": (("model", "subject"), np.array(list(people.held_out.values()))),
            "w": ("subject", mixture["w"]),
            "w_error": ("subject", people.errors["mixture"][:, mixture.names.index("w")]),
            "w_forgetting": ("subject", people.fits["mixture, forgetting"]["w"]),
            "predicted_stay": (("fitted", "kind"), np.array([one.mean for one in people.predicted.values()])),
            "predicted_index": (
                "fitted",
                np.array([np.nanmean(one.index) for one in people.predicted.values()]),
            ),
        },
        coords={
            "kind": list(KINDS),
            "effect": list(EFFECTS),
            "model": list(people.held_out),
            "fitted": list(people.predicted),
        },
    )


def of_change_points(reporters: ChangePointPeople) -> Dataset:
    """The numbers of `simulate` for people who report a probability that jumps."""
    import xarray as xr

    return xr.Dataset(
        {
            "slopes": (("reporter", "window"), reporters.slopes),
            "shuffled": (("reporter", "window"), reporters.shuffled),
            "curve": (("reporter", "since"), reporters.curve),
            "player_slopes": (
                ("player", "reporter", "window"),
                np.array(list(reporters.players.values())),
            ),
            "player_curves": (
                ("player", "since"),
                np.array([curve.mean(axis=0) for curve in reporters.player_curves.values()]),
            ),
        },
        coords={"player": list(reporters.players), "window": ["early", "late"], "since": np.arange(SINCE)},
    )
