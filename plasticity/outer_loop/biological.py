"""A biological outer loop: metaparameters that are perturbed, and reinforced by a slow average of reward.

    m(k) = clip(mean(k) + sigma(k) xi(k)),     xi(2i) ~ N(0, 1), xi(2i+1) = -xi(2i)             (1)
    z(k) = (m(k) - mean(k))/sigma(k)                                                            (2)
    advantage = clip((R(k) - slow(k))/deviation(k))                                             (3)
    mean(k+1) = mean(k) + gain sigma(k) advantage z(k)                                          (4)
    log sigma(k+1) = log sigma(k) + spread gain advantage (z(k)^2 - 1)/2                        (5)
    slow(k+1) = slow(k) + alpha (R(k) - slow(k))                                                (6)

Each m(k) is held for some lifetimes, R(k) is their mean reward; perturbations come in ``pairs`` of both
signs, which makes (4) deaf to what is alike on both sides (antithetic variates); deviation is the running
standard deviation of R - slow. (4) is node perturbation one level up: metaparameters explore and a slow
average of reward tells which way they should go (Schweighofer & Doya 2003, doi:10.1016/S0893-6080(02)00228-9;
Doya 2002, doi:10.1016/S0893-6080(02)00044-8); z is the perturbation that was lived, inside the bounds. (5)
reinforces how widely each metaparameter explores: with (4) it is the Gaussian unit of Williams (1992,
doi:10.1007/BF00992696), whose characteristic eligibilities are z/sigma and (z^2 - 1)/sigma, here for the mean
and for log sigma in units of the natural gradient (sigma^2, and 1/2). The loop lives one life after another
and has access to nothing but the reward of its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .optimiser import Array, Asking, Optimiser, start_point
from .search_space import SearchSpace

NARROWEST, WIDEST = 0.01, 0.5
"""Bounds of sigma, in units of the cube."""
STREAM = 0x42494F
"""Of the perturbations, beside the seed."""


@dataclass(frozen=True)
class Biological(Optimiser):
    """Settings of the biological outer loop; how long a perturbation is held is the search's ``seeds``.

    Raises:
        Mistake: a number outside its range.
    """

    sigma: float = 0.2
    """first standard deviation of the perturbation, in units of the cube"""
    gain: float = 0.04
    """how far the mean follows a perturbation of one standard deviation of reward"""
    spread: float = 0.3
    """how fast log sigma is reinforced beside the mean; 0 leaves it as it is"""
    alpha: float = 0.05
    """rate of the slow average (1/perturbation)"""
    clip: float = 2.0
    """largest advantage that is heard, in running standard deviations"""
    pairs: bool = True
    """perturbations come in pairs of both signs; False: each is drawn anew"""
    start: Mapping[str, float] | None = None
    """values to begin from; None is the middle of the space"""

    def __post_init__(self) -> None:
        for name in ("gain", "clip"):
            if not getattr(self, name) > 0:
                raise Mistake(f"Biological: {name} is {getattr(self, name):g}, must be above 0")
        if not NARROWEST <= self.sigma <= WIDEST:
            raise Mistake(f"Biological: sigma is {self.sigma:g}, must be in [{NARROWEST:g}, {WIDEST:g}]")
        if not self.spread >= 0:
            raise Mistake(f"Biological: spread is {self.spread:g}, must be at least 0")
        if not 0 < self.alpha <= 1:
            raise Mistake(f"Biological: alpha is {self.alpha:g}, must be in (0, 1]")

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        return _OneLoop(Loops(self, space, seed, 1))


class Loops:
    """Loops side by side, each of which lives its own lives and hears its own reward alone.

    ``mean`` and ``sigma`` (loop, dimension) are where they are, in units of the cube.

    Args:
        settings: of all of them.
        space: of the metaparameters.
        seed: of the perturbations.
        loops: how many.
    """

    def __init__(self, settings: Biological, space: SearchSpace, seed: int, loops: int) -> None:
        self.settings = settings
        self.generator = np.random.default_rng(np.random.SeedSequence([seed, STREAM]))
        self.mean = np.tile(start_point(space, settings.start), (loops, 1))
        self.sigma = np.full_like(self.mean, settings.sigma)
        self.xi = np.zeros_like(self.mean)
        self.lived = self.mean
        self.told = 0
        self.slow = np.zeros(loops)
        self.variance = np.zeros(loops)

    def ask(self) -> Array:
        """What each loop lives next: (loop, dimension), in the unit cube, equation (1)."""
        again = self.settings.pairs and self.told % 2
        self.xi = -self.xi if again else self.generator.standard_normal(self.mean.shape)
        self.lived = np.clip(self.mean + self.sigma * self.xi, 0.0, 1.0)
        return self.lived

    def tell(self, rewards: Array) -> None:
        """What each earned (loop,); a life that failed counts as the worst that is heard."""
        s = self.settings
        deviation = np.sqrt(self.variance)
        rewards = np.where(np.isfinite(rewards), rewards, self.slow - s.clip * deviation)
        if self.told == 0:
            self.slow = rewards.copy()
        error = rewards - self.slow
        advantage = np.clip(error / np.where(deviation > 0, deviation, np.inf), -s.clip, s.clip)[:, None]
        z = (self.lived - self.mean) / self.sigma  # (2)
        self.mean = np.clip(self.mean + s.gain * self.sigma * advantage * z, 0.0, 1.0)  # (4)
        grown = self.sigma * np.exp(s.spread * s.gain * advantage * (z**2 - 1) / 2)  # (5)
        self.sigma = np.clip(grown, NARROWEST, WIDEST)
        # the first averages are plain means, so that they do not remember their beginning
        self.slow = self.slow + max(s.alpha, 1 / (self.told + 1)) * error  # (6)
        if self.told:
            self.variance = self.variance + max(s.alpha, 1 / self.told) * (error**2 - self.variance)
        self.told += 1


class _OneLoop(Asking):
    """A loop that a search asks and tells, one candidate a generation."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops

    def ask(self) -> Array:
        return self.loops.ask()

    def tell(self, points: Array, scores: Array) -> None:
        self.loops.tell(np.asarray(scores, float))

    @property
    def centre(self) -> Array:
        return self.loops.mean[0].copy()

    @property
    def spread(self) -> float:
        return float(math.exp(np.log(self.loops.sigma).mean()))
