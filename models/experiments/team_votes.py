"""Teams of neurons that vote: which signal teaches them, for rewards from the additive to a single vote.

A team of N neurons falls into C committees of n; each committee has a right answer of its own to every
pattern, decides by majority, and the team is rewarded for the number of committees that were right
(`models.team`). n = 1 is an additive reward, C = 1 one vote. Teams learn from rest, for each signal at
several rates; one half of the individuals says which rate is best, the other how well it does. Measured
are, of the last third of trials:

* ``right``: share of right decisions, for each structure (C, n) and signal;
* ``vote``: the same for one vote of a few and of many neurons, and ``yoked`` for teams that hear the
  broadcast of another individual.

The rates are multiples of the one at which, at first, a committee's mean vote moves in one trial by its own
standard deviation (`analysis.theory.agents`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.theory.agents import SIGNALS, Committees, Signal
from ...plasticity.team_signal import TeamSignal
from ..team.network import TeamNetwork
from .labelling import Dataset, labelled

COEFFICIENTS = ("one", "grouped", "difference", "agreement")
VOTE: tuple[Signal, ...] = ("one", "difference", "agreement")
"""Signals of a single vote: a group within a committee hears what all hear."""


@dataclass(frozen=True)
class Config:
    fan: int = 3
    """each level's units are so many times larger (odd): n, C and N are its powers"""
    levels: int = 4
    """levels: the largest N is fan**levels"""
    group: int = 9
    """neurons of a group with a broadcast of its own (a power of the fan), or the team if it is smaller"""
    inputs: int = 50
    """inputs K of every neuron"""
    patterns: int = 30
    """patterns to be answered"""
    trials: int = 900
    """trials of a life"""
    rates: tuple[float, ...] = (0.1, 0.3, 0.8, 2.0)
    """rates, in that at which a vote moves by its standard deviation in a trial"""
    individuals: int = 10
    """individuals for each rate, signal and structure, half of which choose the rate"""
    few: int = 21
    """neurons of the small team with one vote"""
    many: int = 501
    """neurons of the large one"""
    vote_rates: tuple[float, ...] = (0.3, 1.6)
    """rates for these"""
    choosing: int = 2
    """individuals of these that choose the rate"""
    judging: int = 12
    """individuals of these that are judged"""

    def __post_init__(self) -> None:
        if self.fan % 2 == 0 or self.fan < 3 or self.few % 2 == 0 or self.many % 2 == 0:
            raise Mistake("team_votes: fan, few and many must be odd: committees must not tie")
        if self.levels < 1 or self.group not in [self.fan**level for level in range(self.levels + 1)]:
            raise Mistake(f"team_votes: group ({self.group}) must be a power of the fan, up to the largest N")
        if self.trials % 3 or self.trials < 3:
            raise Mistake(f"team_votes: trials ({self.trials}) must be a multiple of 3")
        if self.individuals < 4 or self.choosing < 1 or self.judging < 2:
            raise Mistake("team_votes: individuals must be 4 or more, choosing 1, judging 2")
        for rates in (self.rates, self.vote_rates):
            if not rates or not all(math.isfinite(rate) and rate > 0 for rate in rates):
                raise Mistake(f"team_votes: rates must be finite and above 0, not {rates}")


PRESETS = {
    "quick": Config(),
    "paper": Config(
        levels=6,
        individuals=16,
        rates=(0.03, 0.1, 0.3, 0.8, 1.6, 3.2),
        vote_rates=(0.1, 0.25, 0.5, 1.0, 2.0, 3.2),
        choosing=8,
        judging=16,
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let teams of every structure learn from every signal.

    Returns:
        ``right`` (structure, signal, rate, individual), with ``committees`` (C) and ``members`` (n) of a
        structure; ``vote`` (neurons, vote_signal, vote_rate, judge), ``judge`` counting those that choose the
        rate first, and ``yoked`` (neurons, judge) at the middle of the rates.
    """
    structures = _structures(config)
    tick = by_steps(progress, len(structures) + 2)
    right = []
    for committees, members in structures:
        right.append(_learn(config, committees, members, seed))
        tick(f"{committees} committees of {members}")
    vote, yoked = [], []
    for neurons in (config.few, config.many):
        taught, untaught = _vote(config, neurons, seed)
        vote.append(taught)
        yoked.append(untaught)
        tick(f"one vote of {neurons}")
    return labelled(
        {
            "right": (("structure", "signal", "rate", "individual"), np.array(right)),
            "vote": (("neurons", "vote_signal", "vote_rate", "judge"), np.array(vote)),
            "yoked": (("neurons", "judge"), np.array(yoked)),
        },
        coords={
            "committees": ("structure", [c for c, _ in structures]),
            "members": ("structure", [n for _, n in structures]),
            "signal": list(SIGNALS),
            "rate": list(config.rates),
            "neurons": [config.few, config.many],
            "vote_signal": list(VOTE),
            "vote_rate": list(config.vote_rates),
        },
    )


def _structures(config: Config) -> list[tuple[int, int]]:
    powers = [config.fan**level for level in range(config.levels + 1)]
    return [(c, n) for c in powers for n in powers if 1 < c * n <= powers[-1]]


def _eta(config: Config, team: Committees, signal: Signal, rate: float) -> float:
    """Learning rate at which n/4 K eta (E U)/n = rate sqrt(n)/2 at p = 1/2."""
    return rate * 2 * team.members**0.5 / (config.inputs * team.gain(signal))


def _lives(
    config: Config,
    fans: Sequence[int],
    team: Committees,
    rows: Sequence[tuple[Signal, float, int]],
    seed: int,
    **given: object,
) -> np.ndarray:
    """Share of right decisions in the last third, for each row (signal, rate, whose task)."""
    net = TeamNetwork(
        tuple(fans), config.inputs, config.patterns, individuals=len(rows), block=config.trials // 3
    )
    group = min(config.group, team.neurons)
    levels = {"committee": net.level(team.members), "team": net.level(team.neurons)}
    if group in net.sizes:
        levels["group"] = net.level(group)
    signals = [TeamSignal.point(signal) for signal, _, _ in rows]
    arrays = net.program()(
        levels
        | {name: np.array([getattr(rule, name) for rule in signals]) for name in COEFFICIENTS}
        | {
            "eta": np.array([_eta(config, team, signal, rate) for signal, rate, _ in rows]),
            "individual": np.array([whose for _, _, whose in rows]),
            "task_seed": stream(seed, "task", team.committees, team.members),
        }
        | given,
        seed=stream(seed, "perturbation", team.committees, team.members),
        duration=config.trials,
        outputs=["right"],
    )
    return np.asarray(arrays["right"])[-1]


def _learn(config: Config, committees: int, members: int, seed: int) -> np.ndarray:
    """(signal, rate, individual)."""
    rows = [(s, r, k) for s in SIGNALS for r in config.rates for k in range(config.individuals)]
    right = _lives(config, (config.fan,) * config.levels, Committees(committees, members), rows, seed)
    return right.reshape(len(SIGNALS), len(config.rates), config.individuals)


def _vote(config: Config, neurons: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(signal, rate, judge), and (judge) of those that hear the broadcast of another."""
    judges = config.choosing + config.judging
    rows = [(s, r, k) for s in VOTE for r in config.vote_rates for k in range(judges)]
    middle = config.vote_rates[len(config.vote_rates) // 2]
    alone = [("one", middle, k) for k in range(judges)]
    yoked = np.repeat([0, 1], [len(rows), len(alone)])
    everyone = [*rows, *alone]
    right = _lives(config, (neurons,), Committees(1, neurons), everyone, seed, yoked=yoked)  # type: ignore[arg-type]
    taught, untaught = right[: len(rows)], right[len(rows) :]
    return taught.reshape(len(VOTE), len(config.vote_rates), judges), untaught
