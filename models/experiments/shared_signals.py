"""One signal for many neurons: the noise of a single update, and trials to a criterion, against theory.

Every output of a linear layer is an agent that tries something; the team's reward is additive. Each hears one
broadcast for all, one for its group, or its own (which, rewards being additive, is its difference reward):
`models.rate.sharing`. A team of N is N neighbouring outputs of a larger layer. Measured are:

* ``snr``: signal-to-noise of a neuron's update for each signal and N, for graded perturbations (``rate``),
  for neurons that fire or not (``firing``, `models.team`), and for graded ones that hear the broadcast of
  another individual (``yoked``);
* ``trials_to_criterion``: until the loss of a network that learns has fallen to a given part, for node and
  weight perturbation, gradient descent and the projection, each at its best rate; M outputs share a signal.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.statistics.samples_to_criterion import crossing
from ...analysis.theory.linear_online import LinearOnline, OnlineRule
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.team_signal import TeamSignal
from ...plasticity.trial_family import TrialFamily
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.one_trial import one_trial
from ..rate.training import train
from ..tasks import LinearTeacher
from ..team.network import TeamNetwork
from .labelling import Dataset, labelled

KINDS = ("rate", "firing", "yoked")
SIGNALS = ("one", "groups", "own")
SMALL = 1e-4
"""Perturbation that measures the gradient itself."""
RULES: dict[OnlineRule, TrialRule] = {
    "np": NodePerturbation(sigma=SMALL),
    "wp": WeightPerturbation(sigma=SMALL),
    "sgd": GradientDescent(),
    "projection": TrialFamily.point("Projection", sigma=SMALL),
}
QUICKER = 10
"""Gradient descent needs so few trials that so many times more networks cost little."""
SHARED = ("np", "wp")
"""Rules whose signal a group of outputs can have to itself."""


@dataclass(frozen=True)
class Config:
    fan: int = 4
    """each level's groups are so many times larger: N = fan, fan**2, ..."""
    levels: int = 5
    """levels of groups: the largest N is fan**levels"""
    samples: int = 600
    """groups whose updates are measured for each signal and N"""
    teams: tuple[int, ...] = (1, 4, 16)
    """outputs M that share a signal in networks that learn"""
    inputs: int = 10
    """inputs K of these"""
    more_inputs: int = 20
    """inputs K of the largest of them once more"""
    criterion: float = 0.1
    """part of the first loss that is the criterion"""
    individuals: int = 40
    """networks that learn, each with as many teams as its outputs hold"""

    def __post_init__(self) -> None:
        if self.fan < 2 or self.levels < 2 or self.individuals < 2 or self.samples < 2:
            raise Mistake("shared_signals: fan, levels, individuals and samples must be 2 or more")
        if not 0 < self.criterion < 1:
            raise Mistake(f"shared_signals: criterion must be in (0, 1), not {self.criterion:g}")
        nested = all(b % a == 0 and b > a for a, b in zip(self.teams, self.teams[1:], strict=False))
        if not self.teams or self.teams[0] != 1 or not nested:
            raise Mistake(f"shared_signals: teams must nest, from 1 on, not {self.teams}")


PRESETS = {
    "quick": Config(),
    "paper": Config(samples=3000, individuals=400),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Measure updates, then let networks learn.

    Returns:
        ``snr`` and ``snr_error`` (kind, signal, neurons), NaN where a neuron that fires or not has no noise
        left; ``along`` (kind, signal, neurons), the mean update in units of the gradient;
        ``trials_to_criterion`` and ``trials_error`` (case), with ``case_rule``, ``case_outputs`` (M) and
        ``case_inputs`` (K).
    """
    cases = _cases(config)
    tick = by_steps(progress, len(KINDS) + len(cases))
    noise = []
    for kind in KINDS:
        noise.append(_noise(config, kind, seed))
        tick(f"updates, {kind}")
    reached = []
    for rule, outputs, inputs in cases:
        reached.append(_reached(config, rule, outputs, inputs, seed, folder))
        tick(f"{rule}, {inputs} to {outputs}")
    dims = ("kind", "signal", "neurons")
    return labelled(
        {
            **{
                name: (dims, np.array([of_kind[place] for of_kind in noise]))
                for place, name in enumerate(("snr", "snr_error", "along"))
            },
            "trials_to_criterion": ("case", [time for time, _ in reached]),
            "trials_error": ("case", [error for _, error in reached]),
        },
        coords={
            "kind": list(KINDS),
            "signal": list(SIGNALS),
            "neurons": _sizes(config),
            "case_rule": ("case", [rule for rule, _, _ in cases]),
            "case_outputs": ("case", [outputs for _, outputs, _ in cases]),
            "case_inputs": ("case", [inputs for _, _, inputs in cases]),
        },
        trials_to_criterion="trials",
        trials_error="trials",
    )


def sharing(signal: str, neurons: int, fan: int) -> int:
    """G, the neurons that share a signal in a team of so many; groups are of ``fan``."""
    return {"one": neurons, "groups": fan, "own": 1}[signal]


def _sizes(config: Config) -> list[int]:
    return [config.fan**level for level in range(1, config.levels + 1)]


def _noise(config: Config, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signal-to-noise, its error and the mean of updates, (signal, neurons) each."""
    largest = config.fan**config.levels
    points = [(signal, n) for signal in SIGNALS for n in _sizes(config)]
    shared = [sharing(signal, n, config.fan) for signal, n in points]
    many = [max(20, math.ceil(config.samples * g / largest)) for g in shared]
    level = np.repeat([round(math.log(g, config.fan)) for g in shared], many)
    measured = _firing(config, level, seed) if kind == "firing" else _graded(config, level, seed, kind)
    whose = np.repeat(np.arange(len(points)), many)
    parts = [[part[whose == k] for part in measured] for k in range(len(points))]
    found = np.array([_ratio(along, square, length, seed) for along, square, length in parts])
    ratio, error, mean = found.T.reshape(3, len(SIGNALS), -1)
    return ratio, error, mean


def _graded(config: Config, level: np.ndarray, seed: int, kind: str) -> tuple[np.ndarray, ...]:
    """Each individual's sums over outputs of g U, U**2 and g**2, at rest before a teacher."""
    fans = (config.fan,) * config.levels
    teacher = LinearTeacher(1, math.prod(fans), input_kind="rademacher")
    rule = replace(RULES["np"], eta=1.0)
    net = RateNetwork(teacher, rule, individuals=len(level), block=1, initial_scale=0.0, sharing=fans)
    trial = one_trial(net, seed, {"hears": level, "yoked": int(kind == "yoked")})
    update, gradient = trial.update[0][:, 0], trial.arrays["w_teacher"][:, 0]
    return (gradient * update).sum(axis=1), (update**2).sum(axis=1), (gradient**2).sum(axis=1)


def _firing(config: Config, level: np.ndarray, seed: int) -> tuple[np.ndarray, ...]:
    """The same of neurons that fire with probability 1/2, each of which has a right answer of its own."""
    net = TeamNetwork(
        (config.fan,) * config.levels,
        inputs=1,
        patterns=1,
        rule=TeamSignal(),
        individuals=len(level),
        block=1,
    )
    given = {"committee": 0, "team": level, "task_seed": stream(seed, "task")}
    names = ["modulator", "score", "answer"]
    arrays = net.program()(given, seed=stream(seed, "perturbation", 0), duration=1, outputs=names)
    update, gradient = arrays["modulator"] * arrays["score"], arrays["answer"] / 2
    return (gradient * update).sum(axis=1), (update**2).sum(axis=1), (gradient**2).sum(axis=1)


def _ratio(
    along: np.ndarray, square: np.ndarray, length: np.ndarray, seed: int
) -> tuple[float, float, float]:
    """Mean over deviation of updates, its bootstrap error over individuals, and the mean."""

    def snr(of: np.ndarray) -> float:
        mean, second = along[of].sum() / length[of].sum(), square[of].sum() / length[of].sum()
        noise = second - mean**2
        return float(mean / noise**0.5) if noise > 1e-9 * second else np.nan

    everyone = np.arange(len(along))
    draw = np.random.default_rng(seed)
    again = [snr(draw.integers(len(along), size=len(along))) for _ in range(200)]
    return snr(everyone), float(np.std(again)), float(along.sum() / length.sum())


def _cases(config: Config) -> list[tuple[OnlineRule, int, int]]:
    last = config.teams[-1]
    cases = [(rule, m, config.inputs) for rule in SHARED for m in config.teams]
    cases += [(rule, last, config.more_inputs) for rule in SHARED]
    cases += [("sgd", last, config.inputs), ("sgd", last, config.more_inputs)]
    return [*cases, ("projection", last, config.inputs)]  # type: ignore[list-item]


def _reached(
    config: Config, rule: OnlineRule, outputs: int, inputs: int, seed: int, folder: Path | None
) -> tuple[float, float]:
    """Trials until the mean loss is down to the criterion, and their bootstrap error over networks.

    All teams of a rule share one program: a block is a tenth of the e-fold of the smallest team.
    """
    last = config.teams[-1]
    theory = LinearOnline(rule, inputs, outputs)
    fold = -1 / math.log(theory.contraction(theory.eta_opt))
    shortest = LinearOnline(rule, inputs, config.teams[0] if rule in SHARED else outputs)
    block = max(1, round(-0.1 / math.log(shortest.contraction(shortest.eta_opt))))
    many = config.individuals * (QUICKER if rule == "sgd" else 1)
    fans = tuple(b // a for a, b in zip(config.teams, config.teams[1:], strict=False))
    network = RateNetwork(
        LinearTeacher(inputs, last),
        replace(RULES[rule], eta=theory.eta_opt),
        individuals=many,
        block=block,
        initial_scale=0.0,
        sharing=fans if rule in SHARED else (),
    )
    heard: dict[str, Any] = {"hears": config.teams.index(outputs)} if rule in SHARED and fans else {}
    trials = math.ceil(-3 * math.log(config.criterion) * fold / block) * block
    place = f"{rule}-{outputs}-{inputs}"
    curve = train(network, trials, seed, heard, keep=["w_teacher"], folder=folder / place if folder else None)
    start = (curve["w_teacher"].values[-1] ** 2).sum(axis=(1, 2)) / 2
    loss = curve["loss"].values

    middle = curve["trial"].values - (block + 1) / 2

    def reached(of: np.ndarray) -> float:
        return crossing(middle, loss[of].mean(axis=0) / start[of].mean(), config.criterion)

    draw = np.random.default_rng(seed)
    again = [reached(draw.integers(many, size=many)) for _ in range(100)]
    # half of the middle two thirds: draws that never get there are the slowest, and no NaN
    fast, slow = np.percentile(np.nan_to_num(again, nan=np.inf), (16, 84), method="nearest")
    return reached(np.arange(many)), float(slow - fast) / 2
