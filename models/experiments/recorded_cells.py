"""The recorded dopamine cells that experiments work on, and generic ones where no recordings are at hand.

An experiment declares its inputs by a setting ``recordings`` whose default is `digest`: the configuration,
and with it the result, names the very files by what is in them, and other files make another result.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.nwb import read_nwb
from ...analysis.recordings.places import VARIABLE, data_folder
from ...analysis.responses.dopamine_population import MOST, Population
from ...analysis.responses.dopamine_responses import FOLDER
from ...analysis.responses.reward_trials import CellTrials, single_trials
from ...analysis.theory.expectiles import expectile
from ..tasks.conditioning import SIZES

BASELINE, BASELINE_SPREAD = 6.5, 3.7
"""Mean of generic baselines and their standard deviation over cells (Hz)."""
GAIN = 12.0
"""Of generic cells, for one unit of delta (Hz)."""
ASYMMETRIES = (0.1, 0.9)
"""Least and largest of generic cells."""
POWER, SHARE = 0.7, 0.7
"""Of the utility, and the share of the expectation where a reward was not announced, for generic cells."""


def files() -> list[Path]:
    """The recordings at hand."""
    folder = data_folder(FOLDER)
    return sorted(folder.glob("*.nwb")) if folder is not None else []


@cache
def digest() -> str:
    """Names the recordings at hand by what is in them; empty where there are none."""
    found = files()
    whole = hashlib.sha256()
    for file in found:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12] if found else ""


@cache
def recorded_trials() -> tuple[CellTrials, ...] | None:
    """The trials of the cells in the recordings; None where there are none."""
    found = files()
    return tuple(single_trials(read_nwb(file) for file in found)) if found else None


def cells_of(recordings: str) -> Sequence[CellTrials]:
    """The trials of the recordings that a configuration names.

    Raises:
        Mistake: they are not at hand.
    """
    if digest() != recordings:
        raise Mistake(
            f"the recordings {recordings} are not at hand: {FOLDER}/*.nwb in the folder that "
            f"{VARIABLE} names are {digest() or 'not there'}; set recordings to that"
        )
    return recorded_trials() or ()


def generic(
    cells: int, trials: int, rng: np.random.Generator
) -> tuple[list[CellTrials], dict[str, Population]]:
    """Cells as they might be: their rewards, and populations that differ in what is a cell's own.

    Baselines are lognormal with the mean and spread that were published for such cells, asymmetries spread
    evenly. Populations (`analysis.dopamine_population`): ``shared``, one value and no asymmetry;
    ``asymmetry`` about one value; ``distributional``, each value the expectile of the rewards by the cell's
    asymmetry; ``value``, the same values without asymmetry.
    """
    sigma = np.sqrt(np.log1p((BASELINE_SPREAD / BASELINE) ** 2))
    baseline = BASELINE * np.exp(sigma * rng.normal(size=cells) - sigma**2 / 2)
    slant, even = np.linspace(*ASYMMETRIES, cells), np.full(cells, 0.5)
    worth = (np.array(SIZES) / SIZES[-1]) ** POWER
    own = np.array([expectile(worth, a) for a in slant])
    middle = np.full(cells, expectile(worth, 0.5))
    gain, counts = np.full(cells, GAIN), np.full(cells, MOST)
    both = Population(
        "distributional", POWER, SHARE, SIZES[-1], baseline, gain, slant, own, counts, float("nan")
    )
    lived = []
    for rate in baseline:
        size = rng.permutation(np.resize(SIZES, trials))
        expected = rng.random(trials) < 0.5
        lived.append(CellTrials(size, expected, np.zeros(trials), np.full(trials, rate)))
    return lived, {
        "shared": replace(both, model="shared", value=middle, asymmetry=even),
        "asymmetry": replace(both, model="asymmetry", value=middle),
        "value": replace(both, model="value", asymmetry=even),
        "distributional": both,
    }
