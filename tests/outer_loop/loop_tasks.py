"""Evaluations for the tests of the outer loop: quadratics, and some that fail in every way there is."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hedon.plasticity.outer_loop import CMAES, Search, SearchSpace
from hedon.plasticity.outer_loop.optimiser import Optimiser
from hedon.plasticity.parameter import Parameter

SPACE = SearchSpace(
    (
        Parameter("eta", 0.1, "1", 1e-3, 1.0, "log", "a rate"),
        Parameter("shift", 0.0, "1", -1.0, 3.0, "linear", "a shift"),
    )
)
BEST = {"eta": 0.02, "shift": 0.7}


@dataclass(frozen=True)
class Hill:
    """Best at `BEST`, with noise of the seed."""

    noise: float = 0.0
    pause: float = 0.0

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        time.sleep(self.pause)
        height = -(math.log10(values["eta"] / BEST["eta"]) ** 2) - (values["shift"] - BEST["shift"]) ** 2
        return height + self.noise * float(np.random.default_rng(seed).standard_normal())


@dataclass(frozen=True)
class Trouble:
    """A hill on whose better half something goes wrong."""

    kind: str

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        if values["shift"] < 1.0:
            return Hill()(values, seed)
        if self.kind == "nan":
            return math.nan
        if self.kind == "raises":
            raise ValueError("diverged\nbadly")
        if self.kind == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "slow":
            time.sleep(60)
        return 1e9 if self.kind == "all" else 0.0


@dataclass(frozen=True)
class Counted:
    """A hill that leaves a mark in a folder for each evaluation."""

    folder: str
    pause: float = 0.02

    def __call__(self, values: Mapping[str, float], seed: int) -> float:
        with open(os.path.join(self.folder, "marks"), "a") as marks:
            marks.write("x\n")
        return Hill(noise=0.01, pause=self.pause)(values, seed)


def hill_search(generations: int = 8, optimiser: Optimiser | None = None, **settings: object) -> Search:
    evaluate = settings.pop("evaluate", Hill(noise=0.01))
    seeds = settings.pop("seeds", 2)
    return Search(
        evaluate,  # type: ignore[arg-type]
        SPACE,
        optimiser or CMAES(population=6),
        generations,
        seeds,  # type: ignore[arg-type]
        **{"seed": 3, **settings},  # type: ignore[arg-type]
    )
