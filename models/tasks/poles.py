"""Poles on carts that differ: their length, their mass, and the force that pushes the cart.

CartPole-v1 has a pole of half length l = 0.5 m and 0.1 kg, and a force of 10 N (`CartPole`, equation (1)).
Here each individual has its own, arguments of a call; the cart is of 1 kg everywhere. A distribution draws
each evenly in its logarithm, by as much to either side of those values.
"""

import math
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter
from .cart_pole import CartPole
from .distribution import Drawn, Split, TaskDistribution, between, of_kinds

OWN = {"half_length": 0.5, "mass": 0.1, "force": 10.0}
"""CartPole-v1's (m, kg, N)."""


@dataclass(frozen=True)
class OwnPole(CartPole):
    """`CartPole` with ``half_length`` (m), ``mass`` (kg) and ``force`` (N) of each individual's own."""

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        meaning = {"half_length": "half the pole's length (m)", "mass": "of the pole (kg)", "force": "(N)"}
        return tuple(
            Parameter(name, value, "1", 0.0, math.inf, "log", meaning[name], True)
            for name, value in OWN.items()
        )

    @property
    def move(self) -> str:
        return """
        total = 1.0 + mass
        moment = mass*half_length
        push = ((2*action - 1)*force + moment*omega**2*sin(theta))/total
        angular = (9.8*sin(theta) - cos(theta)*push)/(half_length*(4.0/3.0 - mass*cos(theta)**2/total))
        next_x = x + 0.02*v
        next_v = v + 0.02*(push - moment*angular*cos(theta)/total)
        next_theta = theta + 0.02*omega
        next_omega = omega + 0.02*angular
        """


@dataclass(frozen=True)
class Poles(TaskDistribution):
    """Poles of training and held-out poles, and kinds beyond these."""

    task: OwnPole = OwnPole()
    spread: float = 1.5
    """largest factor between a pole's number and CartPole-v1's"""
    beyond: float = 2.5
    """the same out of distribution, where one number leaves the others' range at a time"""

    def __post_init__(self) -> None:
        if not 1 <= self.spread <= self.beyond < math.inf:
            raise Mistake(f"poles: factors {self.spread:g} and {self.beyond:g} must rise from 1 or more")

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        outside = (math.log(self.spread), math.log(self.beyond))
        kinds = [
            (f"{'less' if sign < 0 else 'more'} {name}", {name: tuple(sorted(sign * one for one in outside))})
            for name in OWN
            for sign in (-1, 1)
        ]
        return of_kinds(self._of, {}, kinds, split, number, seed)

    def _of(self, name: str, bounds: dict[str, tuple[float, ...]], number: int, task_seed: int) -> Drawn:
        if number < 1:
            raise Mistake(f"{number} poles are none")
        within = (-math.log(self.spread), math.log(self.spread))
        numbers = {}
        for which, (one, value) in enumerate(OWN.items()):
            low, high = bounds.get(one, within)
            numbers[one] = value * np.exp(between((low, high), task_seed, which, number))
        return Drawn(name, self.task, number, task_seed, numbers)
