"""A biological outer loop: metaparameters that are perturbed, and reinforced by a slow average of reward.

    m(k) = mean(k) + sigma(k) xi(k),                  xi ~ N(0, 1), held for some lifetimes     (1)
    advantage = (R(k) - slow(k)) / deviation(k)                                                 (2)
    mean(k+1) = mean(k) + gain(k) sigma(k) clip(advantage) xi(k)                                 (3)
    slow(k+1) = slow(k) + alpha (R(k) - slow(k)),     gain(k) = gain/(1 + k/decay)               (4)
    sigma(k) = sigma/sqrt(1 + k/cooling)                                                         (5)

R(k) is the mean reward of the lifetimes lived with m(k); deviation is the running standard deviation of
R - slow. This is node perturbation one level up (Schweighofer & Doya 2003,
doi:10.1016/S0893-6080(02)00228-9; Doya 2002, doi:10.1016/S0893-6080(02)00044-8): the loop lives one life
after another and has access to nothing but the reward of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...analysis.mistakes import Mistake
from .optimiser import Array, Asking, Optimiser, start_point
from .search_space import SearchSpace


@dataclass(frozen=True)
class Biological(Optimiser):
    """Settings of the biological outer loop; how long a perturbation is held is the search's ``seeds``.

    Raises:
        Mistake: a number outside its range.
    """

    sigma: float = 0.1
    """standard deviation of the perturbation, in units of the cube"""
    gain: float = 1.0
    """how far the mean follows a perturbation of one standard deviation of reward"""
    alpha: float = 0.1
    """rate of the slow average (1/perturbation)"""
    decay: float = math.inf
    """perturbations after which the gain has halved"""
    cooling: float = math.inf
    """perturbations after which their variance has halved"""
    clip: float = 2.0
    """largest advantage that moves the mean, in running standard deviations"""
    start: Mapping[str, float] | None = None
    """values to begin from; None is the middle of the space"""

    def __post_init__(self) -> None:
        for name in ("sigma", "gain", "decay", "cooling", "clip"):
            if not getattr(self, name) > 0:
                raise Mistake(f"Biological: {name} is {getattr(self, name):g}, must be above 0")
        if not 0 < self.alpha <= 1:
            raise Mistake(f"Biological: alpha is {self.alpha:g}, must be in (0, 1]")

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        return _Loop(self, space, seed)


class _Loop(Asking):
    def __init__(self, settings: Biological, space: SearchSpace, seed: int) -> None:
        self.settings = settings
        self.mean = start_point(space, settings.start)
        self.generator = np.random.default_rng(np.random.SeedSequence([seed, 0x42494F]))
        self.xi = np.zeros(space.dimensions)
        self.told = 0
        self.slow = 0.0
        self.variance = 0.0

    def ask(self) -> Array:
        self.xi = self.generator.standard_normal(len(self.mean))
        return np.clip(self.mean + self.spread * self.xi, 0.0, 1.0)[None, :]  # (1)

    def tell(self, points: Array, scores: Array) -> None:
        s = self.settings
        reward = float(scores[0])
        if not math.isfinite(reward):
            # a lifetime that failed counts as the worst that is heard
            reward = self.slow - s.clip * math.sqrt(self.variance)
        if self.told == 0:
            self.slow = reward
        error = reward - self.slow
        gain = s.gain / (1 + self.told / s.decay)
        deviation = math.sqrt(self.variance)
        if deviation > 0:
            advantage = min(max(error / deviation, -s.clip), s.clip)  # (2)
            self.mean = np.clip(self.mean + gain * self.spread * advantage * self.xi, 0.0, 1.0)  # (3)
        # the first averages are plain means, so that they do not remember their beginning
        alpha = max(s.alpha, 1 / (self.told + 1))
        self.slow += alpha * error  # (4)
        self.variance += (
            max(s.alpha, 1 / max(self.told, 1)) * (error**2 - self.variance) if self.told else 0.0
        )
        self.told += 1

    @property
    def centre(self) -> Array:
        return self.mean.copy()

    @property
    def spread(self) -> float:
        return self.settings.sigma / math.sqrt(1 + self.told / self.settings.cooling)  # (5)
