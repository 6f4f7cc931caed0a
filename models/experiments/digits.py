"""Handwritten digits: a network with a hidden layer, trained by gradient, node and weight perturbation.

One hidden layer of tanh neurons, a linear output and one-hot targets; 1,437 images are trained on, one drawn
in each trial, 360 are for the test (`hedon.models.tasks.digits`). All rules see as many samples; the rate
falls as 1/(1 + decay*trial). The first rate of every rule is tuned alike: as many rates, equally spaced in
the logarithm, live shorter trainings, and the one wins whose worse network is most often right on training
images as they are shown, before it learns from them; no test image is seen. Then new networks are trained
with it, and accuracy on the test images is measured after each segment with learning switched off.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, stream, within
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_family import TrialFamily
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.training import train
from ..tasks.digits import N_TEST, digits
from .labelling import Dataset, labelled

WEIGHTS = ("w1", "b1", "w2", "b2")


@dataclass(frozen=True)
class Config:
    hidden: int = 20
    """hidden neurons"""
    individuals: int = 10
    """networks for each rule"""
    segments: int = 8
    """times at which the test images are shown"""
    samples: int = 20000
    """samples that each rule sees"""
    tuning_samples: int = 10000
    """samples of the trainings that tune a rate"""
    tried: int = 5
    """rates that are tried of each rule"""
    repeats: int = 2
    """networks at each of them"""
    spacing: float = 2.0
    """each of them over the one before"""
    sgd_eta: float = 0.04
    """middle of the rates tried: gradient descent"""
    nsgd_eta: float = 0.4
    """normalised gradient descent"""
    np_eta: float = 4e-3
    """node perturbation"""
    projection_eta: float = 1.6
    """projection"""
    wp_eta: float = 1.6e-4
    """weight perturbation"""
    sigma_node: float = 1e-3
    """perturbation of a node"""
    sigma_weight: float = 1e-3
    """perturbation of a weight"""
    folds: float = 9.0
    """the rate falls by 1 + folds over a training"""

    def __post_init__(self) -> None:
        if min(self.individuals, self.tried) < 2 or self.repeats < 1 or not self.spacing > 1:
            raise Mistake("digits: individuals and tried must be 2 or more, repeats 1, spacing above 1")
        if min(self.samples // self.segments, self.tuning_samples) < N_TEST:
            raise Mistake(f"digits: a segment and tuning_samples must be {N_TEST} samples or more")


PRESETS = {
    "quick": Config(),
    "paper": Config(
        hidden=100, individuals=10, segments=40, samples=720000, tuning_samples=144000, tried=7, repeats=3
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Tune, train and test every rule.

    Returns:
        ``accuracy`` (rule, individual, segment) on the test images after ``samples`` (segment); ``score``
        (rule, trial_rate), how often each of the rates tried (``rates``) was right in the last fifth of its
        training, in the worse network, NaN where one diverged, and ``eta`` (rule), the one that was taken.
    """
    task = digits()
    images = {"first_sample": 0, "n_samples": task.stimuli - N_TEST, "in_order": 0}
    node = config.sigma_node
    rules: dict[str, tuple[TrialRule, float]] = {
        "sgd": (GradientDescent(), config.sgd_eta),
        "nsgd": (GradientDescent(normalise=True), config.nsgd_eta),
        "np": (NodePerturbation(sigma=node), config.np_eta),
        "projection": (TrialFamily.point("Projection", sigma=node), config.projection_eta),
        "wp": (WeightPerturbation(sigma=config.sigma_weight), config.wp_eta),
    }
    powers = np.arange(config.tried) - (config.tried - 1) / 2
    step = config.samples // config.segments // N_TEST * N_TEST
    ends = [step * k for k in range(1, config.segments + 1)]
    rates, scores, taken, accuracy = [], [], [], []
    for place, (name, (rule, middle)) in enumerate(rules.items()):
        begin, end = place / len(rules), (place + 1) / len(rules)
        tuning = begin + 0.25 * (end - begin)
        network = RateNetwork(
            task,
            rule,
            hidden=(config.hidden,),
            activations=("tanh", "linear"),
            bias=True,
            individuals=config.tried * config.repeats,
            block=N_TEST,
        )
        etas = middle * config.spacing**powers
        length = config.tuning_samples // N_TEST * N_TEST
        short = train(
            network,
            length,
            stream(seed, "tuning"),
            images | {"eta": np.repeat(etas, config.repeats), "decay": config.folds / length},
            progress=within(progress, begin, tuning, f"{name}: rates"),
            folder=folder / f"{name}-rates" if folder else None,
        )
        right = short["correct"].values
        score = right[:, -max(1, right.shape[1] // 5) :].mean(axis=1)
        score = np.where(short["diverged"].values, np.nan, score).reshape(-1, config.repeats).min(axis=1)
        if np.isnan(score).all():
            raise Mistake(f"digits: every rate of {name} diverges, from {etas[0]:.3g} on; lower {name}_eta")
        eta = float(etas[np.nanargmax(score)])
        network = replace(network, individuals=config.individuals)
        curve = train(
            network,
            ends,
            seed,
            images | {"eta": eta, "decay": config.folds / ends[-1]},
            keep=list(WEIGHTS),
            progress=within(progress, tuning, end, name),
            folder=folder / name if folder else None,
        )
        tested = [
            _tested(network, {key: curve[key].values[k] for key in WEIGHTS}, images["n_samples"], seed)
            for k in range(config.segments)
        ]
        rates.append(etas)
        scores.append(score)
        taken.append(eta)
        accuracy.append(np.stack(tested, axis=1))
    return labelled(
        {
            "accuracy": (("rule", "individual", "segment"), np.array(accuracy)),
            "samples": ("segment", ends),
            "rates": (("rule", "trial_rate"), np.array(rates)),
            "score": (("rule", "trial_rate"), np.array(scores)),
            "eta": ("rule", taken),
        },
        coords={"rule": list(rules)},
        samples="samples",
    )


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
