"""Pendulums for Acrobot that differ: lengths and masses of their links, and noise of the torque.

    d1 ddtheta1 + d2 ddtheta2 = -phi1,   d2 ddtheta1 + (m2 lc2**2 + I) ddtheta2 = torque - phi2'       (1)

with d1 = m1 lc1**2 + m2 (l1**2 + lc2**2 + 2 l1 lc2 cos theta2) + 2 I, d2 = m2 (lc2**2 + l1 lc2 cos theta2) +
I (`Acrobot`, whose numbers are all 1, and lc = 1/2). Each individual has its own length l1 and mass m1 of
the upper link, length 2 lc2 and mass m2 of the lower one, arguments of a call; centres of mass are in the
middle, I is 1 as in Acrobot-v1, and so is the height that the tip must reach, counted in links. An even
noise within +- ``torque_noise`` is drawn for every step, as Acrobot-v1's ``torque_noise_max``. A
distribution draws lengths and masses evenly in their logarithm, by as much to either side of 1, and the
noise evenly.
"""

import math
from dataclasses import dataclass

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.parameter import Parameter
from .acrobot import STAGE, STEP, Acrobot
from .distribution import Drawn, Split, TaskDistribution, between, of_kinds

OWN = ("length1", "length2", "mass1", "mass2")
"""Lengths (m) and masses (kg) of the links, 1 in Acrobot-v1."""

APART = 1_000_000
"""From this index on the torque's draws lie in the stream of what is restless, beyond those of the pulls."""

SLOPE = """
d1_{n} = turned + mass2*length1*length2*cos(b_{n})
d2_{n} = lower + 0.5*mass2*length1*length2*cos(b_{n})
phi2_{n} = 4.9*mass2*length2*cos(a_{n} + b_{n} - pi/2)
phi1_{n} = -coupled*(db_{n} + 2*da_{n})*db_{n}*sin(b_{n}) + weight*cos(a_{n} - pi/2) + phi2_{n}
inertia_{n} = lower - d2_{n}**2/d1_{n}
ddb_{n} = (torque + d2_{n}/d1_{n}*phi1_{n} - coupled*da_{n}**2*sin(b_{n}) - phi2_{n})/inertia_{n}
dda_{n} = -(d2_{n}*ddb_{n} + phi1_{n})/d1_{n}
"""
"""Equation (1) at stage n, as in `Acrobot`."""


@dataclass(frozen=True)
class OwnAcrobot(Acrobot):
    """`Acrobot` with ``length1``, ``length2`` (m), ``mass1``, ``mass2`` (kg) and ``torque_noise`` (N m) of
    each individual's own."""

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        return (
            *(Parameter(name, 1.0, "1", 0.0, math.inf, "log", "of a link (m, kg)", True) for name in OWN),
            Parameter("torque_noise", 0.0, "1", 0.0, math.inf, "linear", "largest noise of the torque (N m)"),
        )

    @property
    def move(self) -> str:
        noise = f"keyed_uniform(task_seed, restless, individual, trial, {APART}+elapsed)"
        lines = f"torque = action - 1 + torque_noise*(2*{noise} - 1)\n"
        lines += "lower = 0.25*mass2*length2**2 + 1\n"
        lines += "turned = 0.25*mass1*length1**2 + mass2*length1**2 + lower + 1\n"
        lines += "coupled = 0.5*mass2*length1*length2\nweight = 9.8*(0.5*mass1 + mass2)*length1\n"
        lines += "a_1 = theta1\nb_1 = theta2\nda_1 = omega1\ndb_1 = omega2" + SLOPE.format(n=1)
        for n, h in ((2, STEP / 2), (3, STEP / 2), (4, STEP)):
            lines += STAGE.format(n=n, m=n - 1, h=h) + SLOPE.format(n=n)
        return lines + self.after


@dataclass(frozen=True)
class Pendulums(TaskDistribution):
    """Pendulums of training and held-out ones, and kinds beyond these."""

    task: OwnAcrobot = OwnAcrobot()
    spread: float = 1.25
    """largest factor between a link's number and Acrobot-v1's"""
    beyond: float = 1.6
    """the same out of distribution, where one number leaves the others' range at a time"""
    noise: float = 0.2
    """largest noise of the torque (N m)"""
    noisier: float = 1.0
    """the same out of distribution"""

    def __post_init__(self) -> None:
        if not 1 <= self.spread <= self.beyond < math.inf:
            raise Mistake(f"pendulums: factors {self.spread:g} and {self.beyond:g} must rise from 1 or more")
        if not 0 <= self.noise <= self.noisier < math.inf:
            raise Mistake(f"pendulums: noise {self.noise:g} and {self.noisier:g} must rise from 0 or more")

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        outside = (math.log(self.spread), math.log(self.beyond))
        kinds: list[tuple[str, dict[str, tuple[float, float]]]] = [
            (f"{'less' if sign < 0 else 'more'} {name}", {name: (min(ends), max(ends))})
            for name in OWN
            for sign in (-1, 1)
            for ends in [[sign * one for one in outside]]
        ]
        kinds.append(("noisy torque", {"torque_noise": (self.noise, self.noisier)}))
        return of_kinds(self._of, {}, kinds, split, number, seed)

    def _of(self, name: str, bounds: dict[str, tuple[float, float]], number: int, task_seed: int) -> Drawn:
        if number < 1:
            raise Mistake(f"{number} pendulums are none")
        within = (-math.log(self.spread), math.log(self.spread))
        numbers = {
            one: np.exp(between(bounds.get(one, within), task_seed, which, number))
            for which, one in enumerate(OWN)
        }
        noise = between(bounds.get("torque_noise", (0.0, self.noise)), task_seed, len(OWN), number)
        return Drawn(name, self.task, number, task_seed, {**numbers, "torque_noise": noise})
