"""Handwritten digits: a network with a hidden layer, trained by gradient, node and weight perturbation.

One hidden layer of tanh neurons, a linear output and one-hot targets; 1,437 images are
trained on, one drawn in each trial, 360 are for the test (`hedon.models.tasks.digits`). The rate falls
as 1/(1 + decay*trial). Accuracy on the training images just shown is recorded all along, and on the test
images after each segment with learning switched off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...analysis.foundation.progress import within
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.training import train
from ..tasks.digits import N_TEST, digits
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    hidden: int = 32
    """hidden neurons"""
    individuals: int = 2
    """networks for each rule"""
    segments: int = 10
    """times at which the test images are shown"""
    sgd_samples: int = 40000
    """samples seen by gradient descent"""
    sgd_eta: float = 0.02
    """its rate"""
    np_samples: int = 200000
    """samples seen by node perturbation"""
    np_eta: float = 1e-3
    """its rate"""
    wp_samples: int = 200000
    """samples seen by weight perturbation"""
    wp_eta: float = 2e-5
    """its rate"""
    sigma_node: float = 1e-3
    """perturbation of a node"""
    sigma_weight: float = 1e-3
    """perturbation of a weight"""
    folds: float = 9.0
    """the rate falls by 1 + folds over the training"""


PRESETS = {
    "quick": Config(),
    "paper": Config(
        hidden=100,
        individuals=3,
        segments=40,
        sgd_samples=150000,
        np_samples=720000,
        np_eta=5e-4,
        wp_samples=720000,
    ),
}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Train and test with every rule.

    Returns:
        ``accuracy`` (rule, individual, segment) on the test images after ``samples`` (rule, segment), and
        ``training`` the same on the images shown in the last block of each segment.
    """
    import xarray as xr

    task = digits()
    n_train = task.stimuli - N_TEST
    rules: dict[str, tuple[TrialRule, int]] = {}
    for name, value, samples in (
        (
            "sgd",
            GradientDescent(eta=config.sgd_eta, decay=config.folds / config.sgd_samples),
            config.sgd_samples,
        ),
        (
            "np",
            NodePerturbation(
                eta=config.np_eta, sigma=config.sigma_node, decay=config.folds / config.np_samples
            ),
            config.np_samples,
        ),
        (
            "wp",
            WeightPerturbation(
                eta=config.wp_eta, sigma=config.sigma_weight, decay=config.folds / config.wp_samples
            ),
            config.wp_samples,
        ),
    ):
        rules[name] = value, samples

    accuracy, training, seen = [], [], []
    for place, (name, (rule, samples)) in enumerate(rules.items()):
        network = RateNetwork(
            task,
            rule,
            hidden=(config.hidden,),
            activations=("tanh", "linear"),
            bias=True,
            individuals=config.individuals,
            block=N_TEST,
        )
        step = max(1, samples // config.segments // N_TEST) * N_TEST
        ends = [step * k for k in range(1, config.segments + 1)]
        curve = train(
            network,
            ends,
            seed,
            {"first_sample": 0, "n_samples": n_train, "in_order": 0},
            keep=["w1", "b1", "w2", "b2"],
            progress=within(progress, place / len(rules), (place + 1) / len(rules), name),
            folder=folder / name if folder else None,
        )
        tested = [
            _tested(
                network,
                {key: curve[key].values[k] for key in ("w1", "b1", "w2", "b2")},
                n_train,
                seed,
            )
            for k in range(config.segments)
        ]
        accuracy.append(np.stack(tested, axis=1))
        training.append(curve["correct"].values[:, step // N_TEST - 1 :: step // N_TEST])
        seen.append(ends)
    result = xr.Dataset(
        {
            "accuracy": (("rule", "individual", "segment"), np.array(accuracy)),
            "training": (("rule", "individual", "segment"), np.array(training)),
            "samples": (("rule", "segment"), np.array(seen)),
        },
        coords={"rule": list(rules)},
    )
    return with_units(result, samples="samples")


def _tested(network: RateNetwork, weights: dict[str, np.ndarray], first: int, seed: int) -> np.ndarray:
    """Accuracy of each individual on the test images, learning switched off; NaN where it diverged."""
    alive = np.all([np.isfinite(w).reshape(len(w), -1).all(axis=1) for w in weights.values()], axis=0)
    arrays = network.program()(
        {name: np.nan_to_num(w, nan=0.0, posinf=0.0, neginf=0.0) for name, w in weights.items()}
        | {"learning": 0.0, "in_order": 1, "first_sample": first, "n_samples": N_TEST},
        seed=seed,
        duration=N_TEST,
        outputs=["correct"],
    )
    return np.where(alive, arrays["correct"].reshape(-1, network.individuals)[-1], np.nan)
