"""Direction of single updates of node and weight perturbation against the gradient.

Four measurements, each on updates of one trial in a Brian2 network:

* ``cosine``: one update of a linear layer against the gradient, for D perturbed dimensions (sigma -> 0);
* ``averaged``: the mean of K updates with the same data;
* ``ridge``: the mean update of the output weights of a 5-4-3 linear network, along those weights, for
  the clean and the perturbed presynaptic factor, as a multiple of sigma**2;
* ``smoothed``: the mean update of a sine neuron as sigma grows.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.one_trial import one_trial
from ..tasks import LinearTeacher, Samples
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Config:
    node_dimensions: tuple[int, ...] = (1, 2, 5, 20, 100)
    """perturbed nodes M of a layer with two inputs"""
    weight_inputs: tuple[int, ...] = (1, 2, 5, 10)
    """inputs N of a layer whose weights are perturbed ..."""
    weight_outputs: tuple[int, ...] = (1, 2, 4, 10)
    """... and its outputs M: D = M N"""
    updates: int = 4000
    """single updates for each D"""
    averaged_over: tuple[int, ...] = (1, 2, 4, 10, 20, 50)
    """updates K that are averaged, in the layer with ``averaged_nodes``"""
    averaged_nodes: int = 20
    """nodes of the layer in which updates are averaged"""
    sigma_small: float = 1e-5
    """perturbation where sigma -> 0 is meant"""
    sigma_ridge: float = 0.7
    """perturbation of the two-layer network"""
    ridge_updates: int = 60000
    """updates averaged in the two-layer network"""
    sigmas: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 1.0, 1.4)
    """perturbations of the sine neuron"""
    sine_updates: int = 10000
    """updates averaged for each of these"""
    sine_drive: float = 0.7
    """preactivation u of the sine neuron"""
    sine_target: float = 0.2
    """its target t"""

    def __post_init__(self) -> None:
        if len(self.weight_inputs) != len(self.weight_outputs):
            raise Mistake("alignment: weight_inputs and weight_outputs must have as many entries")
        if min(self.updates // max(self.averaged_over), self.ridge_updates, self.sine_updates) < 2:
            raise Mistake(
                f"alignment: {self.updates} updates do not make two means of {max(self.averaged_over)} "
                "(averaged_over), or ridge_updates or sine_updates are fewer than two"
            )


PRESETS = {
    "quick": Config(),
    "paper": Config(updates=40000, ridge_updates=200000, sine_updates=100000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run the four measurements.

    Returns:
        ``cosine`` (layer, update) with coordinates ``rule``, ``dimensions``; ``averaged`` (K), its error;
        ``ridge`` (factor, ridge_update); ``smoothed`` (sigma, sine_update).
    """
    nodes = [(NodePerturbation, 2, m) for m in config.node_dimensions]
    weights = [
        (WeightPerturbation, n, m) for n, m in zip(config.weight_inputs, config.weight_outputs, strict=True)
    ]
    steps = len(nodes) + len(weights) + len(config.averaged_over) + 3
    tick = by_steps(progress, steps)

    cosines, rules, dimensions = [], [], []
    for rule, n, m in [*nodes, *weights]:
        network = _layer(rule(eta=1.0, sigma=config.sigma_small), n, m, config.updates)
        cosines.append(_cosine(network, seed, group=1))
        rules.append(rule.__name__)
        dimensions.append(m if rule is NodePerturbation else n * m)
        tick(f"{rule.__name__}, {n} to {m}")

    averaged, deviation = [], []
    for k in config.averaged_over:
        count = config.updates // k * k
        network = _layer(NodePerturbation(eta=1.0, sigma=config.sigma_small), 2, config.averaged_nodes, count)
        values = _cosine(network, seed, group=k)
        averaged.append(values.mean())
        deviation.append(values.std(ddof=1) / len(values) ** 0.5)
        tick(f"mean of {k}")

    ridge = []
    factors: tuple[Literal["clean", "perturbed"], ...] = ("clean", "perturbed")
    for factor in factors:
        ridge.append(_ridge(config, seed, factor))
        tick(f"{factor} presynaptic factor")

    smoothed = _smoothed(config, seed)
    tick("sine neuron")
    return labelled(
        {
            "cosine": (("layer", "update"), np.array(cosines)),
            "averaged": ("K", averaged),
            "averaged_error": ("K", deviation),
            "ridge": (("factor", "ridge_update"), np.array(ridge)),
            "smoothed": (("sigma", "sine_update"), smoothed),
        },
        coords={
            "rule": ("layer", rules),
            "dimensions": ("layer", dimensions),
            "K": list(config.averaged_over),
            "factor": ["clean", "perturbed"],
            "sigma": list(config.sigmas),
        },
    )


def _layer(rule: TrialRule, n: int, m: int, updates: int) -> RateNetwork:
    return RateNetwork(LinearTeacher(n, m), rule, individuals=updates, block=1)


def _cosine(network: RateNetwork, seed: int, group: int) -> np.ndarray:
    """Cosine of the mean update of ``group`` individuals with minus the gradient, for each group."""
    start = {"w1": np.zeros((network.individuals, *network.sizes))}
    trial = one_trial(network, seed, start, alike=group)
    error = trial.arrays["x1_clean"] - trial.arrays["target"]
    descent = -trial.arrays["x0"][:, :, None] * error[:, None, :]
    update = trial.update[0].reshape(-1, group, descent[0].size).mean(axis=1)
    descent = descent.reshape(-1, group, descent[0].size)[:, 0]
    return np.sum(update * descent, axis=1) / (
        np.linalg.norm(update, axis=1) * np.linalg.norm(descent, axis=1)
    )


def _ridge(config: Config, seed: int, factor: Literal["clean", "perturbed"]) -> np.ndarray:
    """Projection of (update + gradient) on minus the output weights, in units of sigma**2 |W2|**2."""
    rule = NodePerturbation(eta=1.0, sigma=config.sigma_ridge, presynaptic=factor)
    network = RateNetwork(LinearTeacher(5, 3), rule, hidden=(4,), individuals=config.ridge_updates, block=1)
    draw = np.random.default_rng(stream(seed, "weights"))
    w1, w2 = (_of_usual_length(draw.normal(size=shape)) for shape in ((5, 4), (4, 3)))
    start = {"w1": np.broadcast_to(w1, (network.individuals, 5, 4))}
    start |= {"w2": np.broadcast_to(w2, (network.individuals, 4, 3))}
    trial = one_trial(network, seed, start, alike=network.individuals)
    error = trial.arrays["x2_clean"] - trial.arrays["target"]
    gradient = trial.arrays["x1_clean"][:, :, None] * error[:, None, :]
    excess = -(trial.update[1] + gradient)
    return np.sum(excess * w2, axis=(1, 2)) / (config.sigma_ridge**2 * np.sum(w2**2))


def _of_usual_length(weights: np.ndarray) -> np.ndarray:
    """Root mean square 1: how sharp the estimate is does not depend on the draw."""
    return weights * (weights.size**0.5 / np.linalg.norm(weights))


def _smoothed(config: Config, seed: int) -> np.ndarray:
    """Minus the update of a sine neuron for each perturbation size: an estimate of dE/du."""
    sigmas = np.repeat(config.sigmas, config.sine_updates)
    network = RateNetwork(
        Samples(np.ones((1, 1)), np.full((1, 1), config.sine_target)),
        NodePerturbation(eta=1.0, sigma=0.1),
        activations=("sine",),
        individuals=len(sigmas),
        block=1,
    )
    start = {"w1": np.full((len(sigmas), 1, 1), config.sine_drive), "sigma": sigmas}
    return -one_trial(network, seed, start).update[0].reshape(len(config.sigmas), -1)
