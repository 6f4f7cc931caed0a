"""Node perturbation in deep linear networks: what width costs, and how label noise makes weights grow.

After Hiratani, Mehta, Lillicrap & Latham (NeurIPS 2022): a linear student with one hidden layer (Glorot
weights) learns a linear teacher A_ij ~ N(0, 2/(L_x + L_y)) online, at the rate eta = r eta*, eta* the
critical rate of the mean field. Two measurements:

* ``width``: error eps = |W2 W1 - A|**2/(L_x L_y) and weights alpha = |W1|**2/L_x for several hidden
  widths, no noise;
* ``noise``: the same under label noise, for node perturbation and for gradient descent at the same rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, within
from ...analysis.theory.hidden_layer import HiddenLayer
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_rule import TrialRule
from ..rate.network import RateNetwork
from ..rate.training import train
from ..tasks import LinearTeacher
from .labelling import Dataset, labelled

QUANTITIES = ("eps", "alpha", "beta", "overlap")
"""What the mean field follows."""


@dataclass(frozen=True)
class Config:
    width_inputs: int = 30
    """inputs L_x where width is varied"""
    width_outputs: int = 5
    """outputs L_y where width is varied"""
    widths: tuple[int, ...] = (50, 100, 200, 800)
    """hidden widths L_h"""
    width_rate: float = 0.7
    """r = eta/eta*"""
    width_trials: int = 3600
    """trials"""
    width_individuals: int = 12
    """networks for each width"""
    noise_inputs: int = 20
    """inputs L_x under label noise"""
    noise_outputs: int = 5
    """outputs L_y under label noise"""
    noise_hidden: int = 200
    """hidden width under label noise"""
    noise_rate: float = 0.4
    """r = eta/eta*"""
    label_noise: float = 0.32
    """standard deviation of the label noise"""
    noise_trials: int = 38000
    """trials"""
    noise_individuals: int = 4
    """networks for each rule"""
    segments: int = 20
    """times at which weights are looked at"""
    sigma: float = 1e-6
    """perturbation of a node"""

    def __post_init__(self) -> None:
        if not min(self.width_rate, self.noise_rate) > 0 or self.label_noise < 0:
            raise Mistake("hidden_layers: the rates must be above 0, label_noise not below")
        if not 1 < self.segments < min(self.width_trials, self.noise_trials):
            raise Mistake(f"hidden_layers: {self.segments} segments must be 2 or more, and fewer than trials")


PRESETS = {
    "quick": Config(),
    "paper": Config(
        width_inputs=100,
        width_outputs=10,
        widths=(100, 300, 1000, 3000, 10000),
        width_trials=100000,
        width_individuals=10,
        noise_individuals=10,
        segments=50,
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run both measurements.

    Returns:
        ``width_eps``, ``width_alpha`` (width, copy, moment) at ``width_trial``; ``noise_eps``,
        ``noise_alpha`` (rule, individual, segment) at ``noise_trial``, NaN after a network has run away. The
        first moment and segment are those after one trial; ``width_start`` (width, copy, quantity) and
        ``noise_start`` (rule, individual, quantity) say from where the mean field of each network goes on:
        ``eps``, ``alpha``, ``beta`` = |W2|**2/L_y and ``overlap`` = tr((W2 W1 - A)' A)/(L_x L_y).
    """
    work = [*config.widths, "np", "sgd"]

    def told(place: int, what: str) -> Callable[[float], None]:
        return within(progress, place / len(work), (place + 1) / len(work), what)

    eps, alpha, start = [], [], []
    for place, width in enumerate(config.widths):
        theory = HiddenLayer(config.width_inputs, width, config.width_outputs)
        rule = NodePerturbation(eta=config.width_rate * theory.eta_star, sigma=config.sigma)
        part, first, trial = _follow(
            theory,
            rule,
            config.width_individuals,
            config.width_trials,
            config.segments,
            seed,
            told(place, f"{width} hidden neurons"),
            folder / f"width-{width}" if folder else None,
        )
        eps.append(part[0])
        alpha.append(part[1])
        start.append(first)
    width_trial = trial

    theory = HiddenLayer(config.noise_inputs, config.noise_hidden, config.noise_outputs, config.label_noise)
    eta = config.noise_rate * theory.eta_star
    rules: dict[str, TrialRule] = {
        "np": NodePerturbation(eta=eta, sigma=config.sigma),
        "sgd": GradientDescent(eta=eta),
    }
    noisy_eps, noisy_alpha, noisy_start = [], [], []
    for place, (name, value) in enumerate(rules.items(), len(config.widths)):
        part, first, trial = _follow(
            theory,
            value,
            config.noise_individuals,
            config.noise_trials,
            config.segments,
            seed,
            told(place, f"label noise, {name}"),
            folder / f"noise-{name}" if folder else None,
        )
        noisy_eps.append(part[0])
        noisy_alpha.append(part[1])
        noisy_start.append(first)
    dims = ("individual", "segment")
    return labelled(
        {
            "width_eps": (("width", "copy", "moment"), np.array(eps)),
            "width_alpha": (("width", "copy", "moment"), np.array(alpha)),
            "width_start": (("width", "copy", "quantity"), np.array(start)),
            "width_trial": ("moment", width_trial),
            "noise_eps": (("rule", *dims), np.array(noisy_eps)),
            "noise_alpha": (("rule", *dims), np.array(noisy_alpha)),
            "noise_start": (("rule", "individual", "quantity"), np.array(noisy_start)),
            "noise_trial": ("segment", trial),
        },
        coords={"width": list(config.widths), "rule": list(rules), "quantity": list(QUANTITIES)},
        width_trial="trials",
        noise_trial="trials",
    )


def _follow(
    theory: HiddenLayer,
    rule: TrialRule,
    individuals: int,
    trials: int,
    segments: int,
    seed: int,
    progress: Callable[[float], None] | None,
    folder: Path | None,
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Error and weights (individual, moment) after one trial and after each segment; the `QUANTITIES`
    (individual, quantity) after one trial; and the trials of the moments."""
    teacher = LinearTeacher(
        theory.inputs, theory.outputs, teacher_scale=(2 / (theory.inputs + theory.outputs)) ** 0.5
    )
    block = trials // segments
    network = RateNetwork(
        teacher,
        rule,
        hidden=(theory.hidden,),
        individuals=individuals,
        block=1,
        initial="glorot",
    )
    ends = [1, *(block * k for k in range(1, segments + 1))]
    curve = train(
        network,
        ends,
        seed,
        {"label_noise": theory.label_noise},
        keep=["w1", "w2", "w_teacher"],
        progress=progress,
        folder=folder,
    )
    w1, w2, taught = (curve[name].values for name in ("w1", "w2", "w_teacher"))
    residual = np.einsum("sixh,sihy->sixy", w1, w2) - taught
    size = theory.inputs * theory.outputs
    eps = (residual**2).sum(axis=(2, 3)) / size
    alpha = (w1**2).sum(axis=(2, 3)) / theory.inputs
    beta = (w2[0] ** 2).sum(axis=(1, 2)) / theory.outputs
    overlap = (residual[0] * taught[0]).sum(axis=(1, 2)) / size
    return (eps.T, alpha.T), np.stack([eps[0], alpha[0], beta, overlap], axis=1), np.array(ends)
