"""Learning curves of gradient descent, node and weight perturbation in a linear network, and their limits.

The online student of Werfel, Xie & Seung (2005, doi:10.1162/089976605774320539): fresh inputs x ~ N(0,
1), label noise s; every rule at the same part of the rate that is best for it. Beside the three rules two
that divide by lengths: gradient descent by |x|**2, and the projection, node perturbation by |x|**2 and
|xi|**2 (Dalm, van Gerven & Ahmad, arXiv:2310.00965). Measured are:

* ``loss``: mean loss over trials, for each rule, with the squared distance to the teacher at the start;
* ``null``: node perturbation that is frozen, or reached by another individual's broadcast;
* ``trials_to_criterion``: until the loss has fallen to a given part, against outputs M and inputs N;
* ``growth`` of the squared distance in one trial, against eta in units of the best eta, and what it is made
  of: ``along``, how far the update leads to the teacher, and ``square``, its squared length.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps
from ...analysis.statistics.samples_to_criterion import crossing
from ...analysis.theory.linear_online import LinearOnline, OnlineRule
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_family import TrialFamily
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.one_trial import one_trial
from ..rate.training import train
from ..tasks import LinearTeacher
from .labelling import Dataset, labelled

RULES: dict[OnlineRule, TrialRule] = {
    "sgd": GradientDescent(),
    "nsgd": GradientDescent(normalise=True),
    "np": NodePerturbation(),
    "projection": TrialFamily.point("Projection"),
    "wp": WeightPerturbation(),
}
"""Rules by their names in `hedon.analysis.theory`."""
GRADIENT = ("sgd", "nsgd")
"""Rules that perturb nothing."""
NULLS: dict[str, dict[str, Any]] = {"frozen": {"learning": 0.0}, "shuffled": {"yoked": 1}}
"""Controls in which nothing is to be learned, with what they change in the parameters of a call."""


@dataclass(frozen=True)
class Config:
    inputs: int = 10
    """inputs N of the curves"""
    outputs: int = 3
    """outputs M of the curves"""
    individuals: int = 800
    """networks that are averaged"""
    label_noise: float = 0.3
    """standard deviation of the label noise"""
    sigma_node: float = 0.5
    """perturbation of a node (NP, projection)"""
    sigma_weight: float = 0.2
    """perturbation of a weight (WP)"""
    fraction: float = 0.5
    """eta in units of the rate that contracts best"""
    folds: float = 10.0
    """length of a curve in e-folds of the loss"""
    points: int = 25
    """blocks of a curve"""
    sweep_outputs: tuple[int, ...] = (1, 3, 8)
    """outputs M of the trials to criterion"""
    sweep_inputs: tuple[int, ...] = (3, 10, 24)
    """inputs N of the trials to criterion (WP)"""
    criterion: float = 0.1
    """part of the first loss that is the criterion"""
    sweep_individuals: int = 400
    """networks averaged in the sweeps"""
    multiples: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    """eta in units of the best for the stability limit"""
    stability_updates: int = 3000
    """networks for each of these"""

    def __post_init__(self) -> None:
        if min(self.individuals, self.sweep_individuals, self.stability_updates) < 2:
            raise Mistake(
                "learning_curves: individuals, sweep_individuals and stability_updates must be at least 2: "
                "there is a control with the broadcast of another, and there are errors of means"
            )
        if not 0 < self.fraction < 2 or not self.folds > 0 or not 0 < self.criterion < 1:
            raise Mistake(
                "learning_curves: fraction must be in (0, 2), where learning is stable, folds above 0 and "
                f"criterion in (0, 1), not {self.fraction:g}, {self.folds:g} and {self.criterion:g}"
            )


PRESETS = {
    "quick": Config(),
    "paper": Config(
        individuals=4000,
        sweep_outputs=(1, 2, 4, 8, 16),
        sweep_inputs=(3, 6, 12, 24, 48),
        sweep_individuals=1000,
        stability_updates=30000,
    ),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run the three measurements.

    Returns:
        ``loss`` (rule, individual, block) with ``trial`` (rule, block), ``start`` (rule, individual) the
        squared distance to the teacher; ``null`` (control, individual, block) at the trials of ``np``;
        ``trials_to_criterion`` and its error (case) with ``case_rule``, ``case_inputs``, ``case_outputs``;
        ``growth``, ``along`` and ``square`` (rule, multiple, update): with the update U = dW/eta of an
        individual at distance V, |V + eta U|**2/|V|**2, -V.U/|V|**2 and |U|**2/|V|**2.
    """
    cases: list[tuple[OnlineRule, int, int]] = [
        (rule, config.inputs, m) for rule in RULES for m in config.sweep_outputs
    ]
    cases += [("wp", n, config.outputs) for n in config.sweep_inputs]
    cases = list(dict.fromkeys(cases))
    steps = 2 * len(RULES) + len(NULLS) + len(cases)
    tick = by_steps(progress, steps)

    losses, ends, starts = [], [], []
    for rule in RULES:
        curve = _curve(config, rule, seed, folder)
        losses.append(curve["loss"].values)
        ends.append(curve["trial"].values)
        starts.append((curve["w_teacher"].values[-1] ** 2).sum(axis=(1, 2)))
        tick(f"curve of {rule}")

    nulls = []
    for null in NULLS:
        nulls.append(_curve(config, "np", seed, folder, null)["loss"].values)
        tick(f"{null} null")

    reached = []
    for rule, n, m in cases:
        reached.append(_reached(config, rule, n, m, seed, folder))
        tick(f"{rule}, {n} to {m}")

    growth = []
    for rule in RULES:
        growth.append(_growth(config, rule, seed))
        tick(f"stability of {rule}")

    return labelled(
        {
            "loss": (("rule", "individual", "block"), np.array(losses)),
            "trial": (("rule", "block"), np.array(ends)),
            "start": (("rule", "individual"), np.array(starts)),
            "null": (("control", "individual", "block"), np.array(nulls)),
            "trials_to_criterion": ("case", [time for time, _ in reached]),
            "trials_error": ("case", [error for _, error in reached]),
            **{
                name: (("rule", "multiple", "update"), np.array([of_rule[place] for of_rule in growth]))
                for place, name in enumerate(("growth", "along", "square"))
            },
        },
        coords={
            "rule": list(RULES),
            "control": list(NULLS),
            "case_rule": ("case", [rule for rule, _, _ in cases]),
            "case_inputs": ("case", [n for _, n, _ in cases]),
            "case_outputs": ("case", [m for _, _, m in cases]),
            "multiple": list(config.multiples),
        },
        trial="trials",
        trials_to_criterion="trials",
        trials_error="trials",
    )


def _network(config: Config, rule: OnlineRule, n: int, m: int, individuals: int, block: int) -> RateNetwork:
    sizes = {"np": config.sigma_node, "projection": config.sigma_node, "wp": config.sigma_weight}
    sigma: dict[str, Any] = {"sigma": sizes[rule]} if rule in sizes else {}
    value = replace(RULES[rule], eta=config.fraction * LinearOnline(rule, n, m).eta_opt, **sigma)
    return RateNetwork(LinearTeacher(n, m), value, individuals=individuals, block=block, initial_scale=0.0)


def _fold(config: Config, rule: OnlineRule, n: int, m: int) -> float:
    """Trials in which the loss falls by a factor e, in theory."""
    theory = LinearOnline(rule, n, m)
    return float(-1 / np.log(theory.contraction(config.fraction * theory.eta_opt)))


def _curve(config: Config, rule: OnlineRule, seed: int, folder: Path | None, null: str = "") -> Dataset:
    n, m = config.inputs, config.outputs
    block = max(1, round(config.folds * _fold(config, rule, n, m) / config.points))
    network = _network(config, rule, n, m, config.individuals, block)
    return train(
        network,
        block * config.points,
        seed,
        {"label_noise": config.label_noise} | NULLS.get(null, {}),
        keep=["w_teacher"],
        folder=folder / f"curve-{rule}-{null}" if folder else None,
    )


def _reached(
    config: Config, rule: OnlineRule, n: int, m: int, seed: int, folder: Path | None
) -> tuple[float, float]:
    """Trials until the mean loss is down to the criterion, without label noise, and their standard error."""
    fold = _fold(config, rule, n, m)
    network = _network(config, rule, n, m, config.sweep_individuals, max(1, round(fold / 10)))
    blocks = int(np.ceil(-2 * np.log(config.criterion) * fold / network.block))
    noiseless = {"sigma": 1e-4} if rule not in GRADIENT else {}
    curve = train(
        network,
        network.block * blocks,
        seed,
        noiseless,
        keep=["w_teacher"],
        folder=folder / f"sweep-{rule}-{n}-{m}" if folder else None,
    )
    start = (curve["w_teacher"].values[-1] ** 2).sum(axis=(1, 2)) / 2
    middle = curve["trial"].values - (network.block + 1) / 2
    loss = curve["loss"].values
    draw = np.random.default_rng(seed)
    again = [draw.integers(len(loss), size=len(loss)) for _ in range(100)]
    spread = [crossing(middle, loss[k].mean(axis=0) / start[k].mean(), config.criterion) for k in again]
    return crossing(middle, loss.mean(axis=0) / start.mean(), config.criterion), float(np.std(spread))


def _growth(config: Config, rule: OnlineRule, seed: int) -> tuple[np.ndarray, ...]:
    """Squared distance to the teacher after one trial over that before, and what it is made of."""
    n, m = config.inputs, config.outputs
    eta = np.repeat(config.multiples, config.stability_updates) * LinearOnline(rule, n, m).eta_opt
    network = _network(config, rule, n, m, len(eta), block=1)
    parameters: dict[str, object] = {"eta": eta}
    if rule not in GRADIENT:
        parameters["sigma"] = 1e-4
    trial = one_trial(network, seed, parameters)
    (update,), distance = trial.update, trial.before[0] - trial.arrays["w_teacher"]
    before = (distance**2).sum(axis=(1, 2))
    after = ((trial.after[0] - trial.arrays["w_teacher"]) ** 2).sum(axis=(1, 2))
    along, square = -(distance * update).sum(axis=(1, 2)), (update**2).sum(axis=(1, 2))
    return tuple((part / before).reshape(len(config.multiples), -1) for part in (after, along, square))
