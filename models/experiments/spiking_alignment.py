"""Perturbation rules in spikes: mean update against the gradient of expected reward, and learning.

Twenty Poisson inputs drive five neurons; a trial of 0.5 s shows one of four patterns and ends in a reward.
For each rule: the gradient of the noisy network's expected reward by finite differences with common random
numbers, the mean of single-trial updates at the same weights, the same with the broadcast of another
individual that was shown the same pattern, and rewards while learning with either broadcast.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, nearest, stream, within
from ...analysis.statistics.intervals import cosine
from ...plasticity.escape_noise import EscapeNoise
from ...plasticity.injected_noise import InjectedNoise
from ...plasticity.spike_perturbation import SpikePerturbation
from ...plasticity.stochastic_release import StochasticRelease
from ...plasticity.weight_fluctuation import WeightFluctuation
from ..spiking.gradient import MeanUpdate, Reference, finite_differences, mean_update, without_trivial
from ..spiking.network import SpikingNetwork
from ..stochastic_neurons import DrivenNeuron, EscapeNeuron, StochasticNeuron
from ..tasks.spike_patterns import SpikePatterns
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Case:
    """A rule, its neuron, and the working point at which it is measured (about 20 Hz)."""

    rule: SpikePerturbation
    neuron: StochasticNeuron
    mean: float
    """mean of the weights (their unit)"""
    spread: float
    """their standard deviation"""
    step: float
    """h of the finite differences: small against the noise of the drive, large against rounding of counts"""
    pace: float
    """length of a single update while learning, in standard deviations of all weights"""


CASES = {
    "escape noise": Case(EscapeNoise(), EscapeNeuron(), 3e-3, 0.7e-3, 1e-3, 0.05),
    "white current": Case(InjectedNoise(sigma=12e-3), DrivenNeuron(), 2.5e-3, 0.7e-3, 1e-3, 0.08),
    "coloured current": Case(
        InjectedNoise(sigma=12e-3, tau=3e-3), DrivenNeuron(), 2.2e-3, 0.7e-3, 1e-3, 0.15
    ),
    "stochastic release": Case(StochasticRelease(quantum=16e-3), DrivenNeuron(), -1.5, 0.5, 0.5, 0.1),
    "weight fluctuation": Case(WeightFluctuation(sigma=2e-3), DrivenNeuron(), 3e-3, 1e-3, 1e-3, 0.1),
}


@dataclass(frozen=True)
class Config:
    rules: tuple[str, ...] = tuple(CASES)
    """which rules"""
    samples: int = 16000
    """single-trial updates that are averaged"""
    shuffled_samples: int = 8000
    """the same with another individual's broadcast"""
    reference_samples: int = 3000
    """trials (of all copies) of the finite differences"""
    individuals: int = 200
    """side by side; in the learning curves one half receives the other's broadcast"""
    trials: int = 120
    """trials of learning"""
    inputs: int = 20
    """Poisson inputs"""
    outputs: int = 5
    """neurons"""
    patterns: int = 4
    """patterns of input rates, each with its targets"""
    dt: float = 1e-3
    """time step (s)"""

    def __post_init__(self) -> None:
        for name in self.rules:
            if name not in CASES:
                raise Mistake(f"no rule '{name}'{nearest(name, CASES)}")
        if not self.rules or self.trials < 2:
            raise Mistake("take at least one rule and two trials")
        if min(self.samples, self.shuffled_samples) < 2 * self.individuals:
            raise Mistake(f"samples and shuffled_samples must be twice the {self.individuals} individuals")
        if self.individuals < 4 or self.individuals % 2 or self.individuals % self.patterns:
            raise Mistake(
                f"individuals ({self.individuals}) must be even, at least 4, and a multiple of the patterns "
                f"({self.patterns})"
            )


PRESETS = {
    "quick": Config(),
    "paper": Config(
        samples=100_000, shuffled_samples=50_000, reference_samples=20_000, individuals=400, trials=240
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Measure every rule.

    Returns:
        ``gradient``, ``update``, ``shuffled`` (rule, input, output) and their errors; ``cosine`` (rule,
        mark) of the mean of ``averaged`` samples, and ``cosine_untrivial`` of all of them without the trivial
        direction; ``limit``, the cosine of the reference with the true gradient; ``projection`` on the
        gradient and ``shuffled_projection``, in units of the gradient, with their errors; ``reward`` (rule,
        broadcast, trial), the median over individuals, and ``gain`` (rule, broadcast, individual), the last
        fifth of the trials less the first.
    """
    task = SpikePatterns.balanced(stream(seed, "task"), config.patterns, config.inputs, config.outputs)
    parts = []
    for number, name in enumerate(config.rules):
        tell = within(progress, number / len(config.rules), (number + 1) / len(config.rules), name)
        parts.append(_measure(config, CASES[name], task, stream(seed, name), tell))
    means = ("gradient", "gradient_error", "update", "update_error", "shuffled", "shuffled_error")
    projections = ("projection", "projection_error", "shuffled_projection", "shuffled_projection_error")
    names: dict[str, tuple[str, ...]] = {
        **dict.fromkeys((*means, "weights"), ("input", "output")),
        **dict.fromkeys((*projections, "cosine_untrivial", "trivial", "limit", "K"), ()),
        "cosine": ("mark",),
        "reward": ("broadcast", "trial"),
        "gain": ("broadcast", "learner"),
    }
    return labelled(
        {name: (("rule", *dims), np.array([part[name] for part in parts])) for name, dims in names.items()},
        coords={
            "rule": list(config.rules),
            "averaged": ("mark", parts[0]["averaged"]),
            "broadcast": ["own", "other"],
            "trial": np.arange(1, config.trials + 1),
        },
        **dict.fromkeys(means, "1/(unit of the rule's weight)"),
        weights="V; 1 for stochastic release",
    )


def _measure(
    config: Config,
    case: Case,
    task: SpikePatterns,
    seed: int,
    tell: Callable[[float, str], None],
) -> dict[str, Any]:
    network = SpikingNetwork(task, case.rule, case.neuron, individuals=config.individuals, dt=config.dt)
    draw = np.random.default_rng(stream(seed, "weights"))
    w = draw.normal(case.mean, case.spread, size=(config.inputs, config.outputs))
    reference = finite_differences(
        network, w, case.step, config.reference_samples, seed, within(tell, 0.0, 0.3, "gradient")
    )
    gradient = reference.gradient
    own, other = (
        mean_update(
            network,
            w,
            reference.expectation,
            config.shuffled_samples if elsewhere else config.samples,
            seed,
            gradient,
            yoked=config.patterns if elsewhere else 0,
            progress=within(tell, start, start + share, "updates"),
        )
        for elsewhere, start, share in ((False, 0.3, 0.4), (True, 0.7, 0.15))
    )
    (projection, error), (shuffled, shuffled_error) = (_projection(reference, one) for one in (own, other))
    mean_input = task.rates.mean(axis=0)
    rest = without_trivial(gradient, mean_input)
    length = float((gradient**2).sum())
    found = {
        "gradient": gradient,
        "gradient_error": reference.batches.std(axis=0, ddof=1) / len(reference.batches) ** 0.5,
        "update": own.mean,
        "update_error": np.sqrt(own.variance / own.samples),
        "shuffled": other.mean,
        "shuffled_error": np.sqrt(other.variance / other.samples),
        "shuffled_projection": shuffled,
        "shuffled_projection_error": shuffled_error,
        "averaged": list(own.marks),
        "cosine": cosine(own.course.reshape(len(own.marks), -1), gradient.ravel()),
        "cosine_untrivial": float(cosine(without_trivial(own.mean, mean_input).ravel(), rest.ravel())),
        "trivial": (max(1 - float((rest**2).sum()) / length, 0)) ** 0.5,
        "limit": reference.cosine_limit,
        "K": float(own.variance.sum()) / reference.squared_length,
        "projection": projection,
        "projection_error": error,
        "weights": w,
    }
    return found | _learn(config, case, network, w, reference, own, seed, within(tell, 0.85, 1.0, "learning"))


def _projection(reference: Reference, own: MeanUpdate) -> tuple[float, float]:
    """<update, g>/|g|**2 and its standard error: that of the samples, and that of the reference along g."""
    raw = float((reference.gradient**2).sum())
    scale = raw / reference.squared_length
    samples = own.along.std(ddof=1) / own.samples**0.5 * scale
    along = (reference.batches * reference.gradient).sum(axis=(1, 2)) / raw
    finite = along.std(ddof=1) / len(along) ** 0.5
    return float(own.along.mean() * scale), float(np.hypot(samples, finite))


def _learn(
    config: Config,
    case: Case,
    network: SpikingNetwork,
    w: np.ndarray,
    reference: Reference,
    own: MeanUpdate,
    seed: int,
    tell: Callable[[float], None],
) -> dict[str, Any]:
    """Rewards while learning, half of the individuals with another's broadcast."""
    people = config.individuals
    elsewhere = np.repeat([0, 1], people // 2)
    length = np.sqrt((own.squares / own.samples).sum())
    arrays = network.live(
        config.trials,
        stream(seed, "learning"),
        {
            "w": np.broadcast_to(w, (people, *w.shape)),
            "expectation": np.broadcast_to(reference.expectation, (people, config.patterns)),
            "eta": case.pace * case.spread * w.size**0.5 / length,
            "yoked": elsewhere * config.patterns,
        },
        outputs=["reward"],
        progress=tell,
    )
    reward = arrays["reward"][1:]
    few = max(config.trials // 5 // config.patterns, 1) * config.patterns
    gain = reward[-few:].mean(axis=0) - reward[:few].mean(axis=0)
    halves = [reward[:, elsewhere == which] for which in (0, 1)]
    return {
        "reward": [np.median(half, axis=1) for half in halves],
        "gain": [gain[elsewhere == which] for which in (0, 1)],
    }
