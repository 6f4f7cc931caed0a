"""The mean update of a spiking rule, and the gradient of expected reward that it should be.

The reference differentiates the *noisy* network's expected reward by central differences,

    d<R>/dw_ij ~ <R(w_ij + h) - R(w_ij - h)>/(2 h),                                          (1)

with common random numbers: a second network holds every neuron 2 N times (N inputs), all copies with the
same input spikes and the same noise, each with one weight moved up or down. Integrated by the same method
and in the same steps, it shares nothing with the rule: neither score nor eligibility. Since the reward is a
sum over neurons, the copies of all neurons are moved at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...analysis.foundation.arrays import Array
from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from .network import SpikingNetwork


@dataclass(frozen=True)
class Reference:
    """A gradient by finite differences: its mean over batches, and what a batch found."""

    batches: Array
    """(batch, input, output), each an independent estimate (1/unit of the weight)"""
    expectation: Array
    """(pattern,) expected reward"""

    @property
    def gradient(self) -> Array:
        return np.asarray(self.batches.mean(axis=0))

    @property
    def squared_length(self) -> float:
        """|g|**2 without the part that the estimate's own error adds."""
        error = self.batches.var(axis=0, ddof=1).sum() / len(self.batches)
        return float((self.gradient**2).sum() - error)

    @property
    def cosine_limit(self) -> float:
        """Cosine of the estimate with the true gradient, as far as its batches tell."""
        return float(np.sqrt(max(self.squared_length, 0) / (self.gradient**2).sum()))


def finite_differences(
    network: SpikingNetwork,
    w: Array,
    h: float,
    samples: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Reference:
    """The gradient of expected reward at the weights ``w`` (input, output), equation (1).

    Args:
        network: the network; how many individuals and copies it has does not matter.
        w: weights, in SI units.
        h: half the distance of the two points.
        samples: trials, each of all the copies.
        seed: of input spikes and noise.

    Raises:
        Mistake: fewer than two batches of samples.
    """
    inputs, outputs, patterns = network.task.inputs, network.task.outputs, network.task.patterns
    individuals = 25 * patterns
    calls = samples // individuals
    if calls < 2:
        raise Mistake(f"finite differences take {2 * individuals} samples or more, not {samples}")
    measured = replace(
        network,
        individuals=individuals,
        copies=2 * inputs,
        plastic=False,
        rule=replace(network.rule, noise="shared"),
    )
    moved = np.tile(np.asarray(w, float)[:, None, None, :], (1, inputs, 2, 1))
    for i in range(inputs):
        moved[i, i, 0] += h
        moved[i, i, 1] -= h
    weights = np.broadcast_to(moved.reshape(inputs, -1), (individuals, inputs, measured.neurons))
    batches, costs = [], []
    for call in range(calls):
        number = stream(seed, "finite differences", call)
        arrays = measured.live(1, number, {"w": weights, "noise_seed": number}, outputs=["cost"])
        cost = arrays["cost"].reshape(individuals, inputs, 2, outputs)
        batches.append((cost[:, :, 1] - cost[:, :, 0]).mean(axis=0) / (2 * h))
        costs.append(cost.mean(axis=(1, 2)).reshape(-1, patterns, outputs).mean(axis=0))
        if progress is not None:
            progress((call + 1) / calls)
    mean_costs = np.mean(costs, axis=0)
    return Reference(np.array(batches), -mean_costs.sum(axis=1))


@dataclass(frozen=True)
class MeanUpdate:
    """Moments of single-trial updates divided by eta, at fixed weights."""

    samples: int
    total: Array
    """(input, output) their sum (1/unit of the weight)"""
    squares: Array
    """(input, output) sum of their squares"""
    marks: tuple[int, ...]
    """numbers of samples at which ``course`` was taken"""
    course: Array
    """(mark, input, output) mean of so many"""
    along: Array
    """(sample,) projection of each on the direction that was asked for"""

    @property
    def mean(self) -> Array:
        return self.total / self.samples

    @property
    def variance(self) -> Array:
        return (self.squares / self.samples - self.mean**2) * self.samples / (self.samples - 1)


def mean_update(
    network: SpikingNetwork,
    w: Array,
    expectation: Array,
    samples: int,
    seed: int,
    direction: Array,
    *,
    yoked: int = 0,
    progress: Callable[[float], None] | None = None,
) -> MeanUpdate:
    """Updates of single trials at the weights ``w`` (input, output), with eta = 1.

    Args:
        network: the network and its rule; every individual lives one trial a call.
        w: weights, in SI units.
        expectation: expected reward of each pattern, held fixed.
        samples: trials, rounded down to whole calls.
        seed: of input spikes and noise.
        direction: (input, output); the projection of each update on it is kept.
        yoked: whose broadcast arrives; a multiple of the patterns is the shuffled control, the broadcast of
            another individual with the same pattern.

    Raises:
        Mistake: fewer samples than individuals, individuals that do not share the patterns equally.
    """
    if samples < network.individuals or network.individuals % network.task.patterns:
        raise Mistake(
            f"{samples} samples of {network.individuals} individuals and {network.task.patterns} patterns: "
            "take at least one call, and a multiple of the patterns"
        )
    given = {
        "w": np.broadcast_to(w, (network.individuals, *np.shape(w))),
        "expectation": np.broadcast_to(expectation, (network.individuals, network.task.patterns)),
        "eta": 1.0,
        "alpha": 0.0,
        "yoked": yoked,
    }
    direction = np.asarray(direction, float)
    unit = direction / (direction**2).sum()
    total, squares = np.zeros_like(unit), np.zeros_like(unit)
    marks, course, along = [], [], []
    calls = samples // network.individuals
    wanted = set(np.unique(np.geomspace(1, calls, 12).astype(int)))
    for call in range(calls):
        number = stream(seed, "shuffled updates" if yoked else "updates", call)
        update = network.live(1, number, given, outputs=["w"])["w"] - w
        total += update.sum(axis=0)
        squares += (update**2).sum(axis=0)
        along.append((update * unit).sum(axis=(1, 2)))
        if call + 1 in wanted:
            marks.append((call + 1) * network.individuals)
            course.append(total / marks[-1])
        if progress is not None:
            progress((call + 1) / calls)
    return MeanUpdate(
        calls * network.individuals,
        total,
        squares,
        tuple(marks),
        np.array(course),
        np.concatenate(along),
    )


def without_trivial(update: Array, mean_input: Array) -> Array:
    """What is left of ``update`` (..., input, output) without (any neuron factor) x (mean input)."""
    along = mean_input / np.sqrt((mean_input**2).sum())
    return np.asarray(update - along[:, None] * np.einsum("i,...ij->...j", along, update)[..., None, :])
