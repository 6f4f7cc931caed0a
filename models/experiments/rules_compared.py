"""Rules for taught networks side by side on one task, each at its best rate: samples, floor and failures.

A linear student of a linear teacher with label noise (N inputs, M outputs; Werfel, Xie & Seung 2005,
doi:10.1162/089976605774320539). Each rule, in the forms that it has (with a clean pass, with the opposite
perturbation, with one pass against a running mean), gets the same trials: a grid of rates, in units of a
first guess, and of perturbations, each in several networks. The best setting for each criterion, a tenth and
a hundredth of the first loss without label noise, then learns other teachers. A network that has not got
there at the end has failed. Rules whose mean loss is known in closed form also learn at half of their fastest
rate, where the mean is not carried by rare networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.statistics.samples_to_criterion import relative, samples_to_criterion
from ...analysis.theory.linear_online import LinearOnline, OnlineRule
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_family import TrialFamily
from ...plasticity.trial_rule import TrialRule
from ..rate.network import RateNetwork
from ..tasks import LinearTeacher
from .candidates import program_of
from .labelling import Dataset, labelled

FAMILY: Mapping[str, str] = {
    "np": "NodePerturbation",
    "np, one pass": "OnePassNodePerturbation",
    "hand": "HandMade",
    "projection": "Projection",
    "wp": "WeightPerturbation",
    "wp, one pass": "OnePassWeightPerturbation",
    "rewarded Hebb": "RewardedHebb",
}
"""Rules that are points of the family and so share one program."""
APART: Mapping[str, TrialRule] = {
    "sgd": GradientDescent(),
    "nsgd": GradientDescent(normalise=True),
    "np, antithetic": NodePerturbation(comparison="antithetic"),
}
"""Rules with programs of their own."""
CLOSED: Mapping[str, OnlineRule] = {"nsgd": "nsgd", "sgd": "sgd", "projection": "projection", "np": "np",
                                    "np, antithetic": "np", "wp": "wp"}  # fmt: skip
"""Rules with a closed form."""
RULES = ("nsgd", "sgd", "projection", "hand", "np, antithetic", "np", "np, one pass", "wp", "wp, one pass",
         "rewarded Hebb")  # fmt: skip
DRAWN = 100
"""Times that networks are drawn anew for the error of what their mean does."""
UNSCALED = ("nsgd", "projection")
"""Rules whose rate is a part of the error that a step takes out: 1 is all."""


@dataclass(frozen=True)
class Config:
    inputs: int = 10
    """inputs N"""
    outputs: int = 5
    """outputs M"""
    label_noise: float = 0.2
    """standard deviation of the label noise, in units of that of an answer"""
    criteria: tuple[float, ...] = (0.1, 0.01)
    """parts of the first loss that are to be reached"""
    rates: int = 12
    """rates that are tried, from 1/64 to 2 times one at which a step is as long as its mean"""
    sigmas: tuple[float, ...] = (0.01, 0.1, 0.5)
    """perturbations that are tried"""
    networks: int = 16
    """networks at each setting"""
    trials: int = 4000
    """trials of a life"""
    block: int = 10
    """trials that are averaged in what is recorded"""

    def __post_init__(self) -> None:
        if self.trials % self.block:
            raise Mistake("rules_compared: trials must be a multiple of the block")
        if self.rates < 2 or self.networks < 2 or not self.sigmas or not self.criteria:
            raise Mistake("rules_compared: at least two rates and networks, a perturbation and a criterion")
        if any(not 0 < one < 1 for one in self.criteria):
            raise Mistake(f"rules_compared: criteria are parts of the first loss, not {self.criteria}")
        if (self.rates * self.networks) % len(self.criteria):
            raise Mistake("rules_compared: rates times networks must be a multiple of the criteria")

    @property
    def individuals(self) -> int:
        """Networks side by side."""
        return self.rates * self.networks


PRESETS = {"quick": Config(), "paper": Config(rates=16, networks=64, trials=16000)}


def first_guess(config: Config, rule: str) -> float:
    """A rate at which the mean square of a step is about what its mean takes out.

    1/(N + 2) of gradient descent, less by M + 2 for nodes and M N + 2 for weights that are perturbed; a rule
    that divides by the input's length needs no 1/(N + 2). Only the middle of the grid depends on it.
    """
    n, m = config.inputs, config.outputs
    if rule in UNSCALED:
        return 1.0
    if rule == "sgd":
        return 1 / (n + 2)
    if rule == "hand":
        return 1 / (m + 2)
    many = m * n + 2 if rule.startswith("wp") else m + 2
    return 1 / (many * (n + 2))


def rates(config: Config, rule: str) -> np.ndarray:
    """The grid (rate,)."""
    return first_guess(config, rule) * np.geomspace(1 / 64, 2, config.rates)


def perturbations(config: Config, rule: str) -> tuple[float, ...]:
    """The sizes that are tried: one where nothing is perturbed."""
    return config.sigmas[:1] if rule in ("sgd", "nsgd") else config.sigmas


def closed_form(config: Config, rule: str) -> LinearOnline:
    """Theory of one of `CLOSED` in this task, with the smallest perturbation."""
    return LinearOnline(CLOSED[rule], config.inputs, config.outputs, config.sigmas[0], config.label_noise)


def in_theory(config: Config, rule: str) -> float:
    """Samples to the first criterion of one of `CLOSED` at half of its fastest rate."""
    theory, first = closed_form(config, rule), config.outputs / 2
    return theory.trials_to(theory.eta_opt / 2, first, config.criteria[0] * first)


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Tune each rule on its grid, then let the best settings learn other teachers.

    Returns:
        ``samples`` (rule, criterion, network) until the loss without label noise is down to the criterion,
        ``reached`` (the same), ``end``, the relative loss in the last tenth of a life; ``eta`` and ``sigma``
        (rule, criterion), and ``eta_place``, the place of eta in its grid; ``curve`` (rule, criterion,
        block), geometric mean of the relative loss; ``of_mean`` (closed), the samples at half of the fastest
        rate until the mean loss of all networks is down to the first criterion, and its error.
    """
    tick = by_steps(progress, len(RULES))
    shape = (len(RULES), len(config.criteria))
    tested = config.individuals // len(config.criteria)
    samples, end, hit = np.empty((3, *shape, tested))
    eta, sigma, place = np.empty((3, *shape))
    curve = np.empty((*shape, config.trials // config.block))
    for row, rule in enumerate(RULES):
        grid = np.repeat(rates(config, rule), config.networks)
        tuned = {
            size: live(config, rule, grid, size, stream(seed, "tuning"))
            for size in perturbations(config, rule)
        }
        for column, criterion in enumerate(config.criteria):
            eta[row, column], sigma[row, column], place[row, column] = _best(config, rule, tuned, criterion)
        fast, wide = (np.repeat(found[row], tested) for found in (eta, sigma))
        level = live(config, rule, fast, wide, stream(seed, "test")).reshape(len(config.criteria), tested, -1)
        for column, criterion in enumerate(config.criteria):
            samples[row, column] = to_criterion(config, level[column], criterion)
        hit[row] = samples[row] < config.trials
        end[row] = level[..., -max(1, level.shape[-1] // 10) :].mean(axis=-1)
        curve[row] = np.exp(np.log(level).mean(axis=1))
        tick(rule)
    slow = np.array([_of_mean(config, rule, seed) for rule in CLOSED])
    return labelled(
        {
            "samples": (("rule", "criterion", "network"), samples),
            "reached": (("rule", "criterion", "network"), hit.astype(bool)),
            "end": (("rule", "criterion", "network"), end),
            "of_mean": ("closed", slow[:, 0]),
            "of_mean_error": ("closed", slow[:, 1]),
            "eta": (("rule", "criterion"), eta),
            "sigma": (("rule", "criterion"), sigma),
            "eta_place": (("rule", "criterion"), place),
            "curve": (("rule", "criterion", "block"), curve),
        },
        coords={
            "rule": list(RULES),
            "closed": list(CLOSED),
            "criterion": list(config.criteria),
            "trial": ("block", (np.arange(curve.shape[-1]) + 0.5) * config.block),
        },
        samples="trials",
        of_mean="trials",
        of_mean_error="trials",
        eta="1/trial",
    )


def _of_mean(config: Config, rule: str, seed: int) -> tuple[float, float]:
    """Samples at half of the fastest rate until the mean loss of all networks is down to the first criterion,
    and its standard deviation over networks drawn again."""
    eta = np.full(config.individuals, closed_form(config, rule).eta_opt / 2)
    trials = -(-2 * in_theory(config, rule) // config.block) * config.block
    level = live(config, rule, eta, config.sigmas[0], stream(seed, "closed form"), int(trials))
    draw = np.random.default_rng(stream(seed, "networks drawn again"))
    again = draw.integers(len(level), size=(DRAWN, len(level)))

    def of(networks: np.ndarray) -> np.ndarray:
        return to_criterion(config, networks.mean(axis=0), config.criteria[0])

    return float(of(level)), float(np.std([of(level[drawn]) for drawn in again]))


def rule_of(name: str) -> TrialRule:
    """The rule whose program lives a rule of this experiment."""
    return APART.get(name, TrialFamily())


def live(
    config: Config,
    name: str,
    eta: np.ndarray,
    sigma: float | np.ndarray,
    seed: int,
    trials: int | None = None,
) -> np.ndarray:
    """Loss without label noise over that of the first weights, 0 (individual, block); a life is as long as
    ``trials``."""
    given: dict[str, Any] = {"eta": eta}
    if name in FAMILY:
        point = TrialFamily.point(FAMILY[name])
        given = {p.name: getattr(point, p.name) for p in point.parameters if p.where} | given
    if name not in ("sgd", "nsgd"):
        given["sigma"] = sigma
    task = LinearTeacher(config.inputs, config.outputs)
    net = RateNetwork(
        task,
        rule_of(name),
        individuals=config.individuals,
        block=config.block,
        initial_scale=0.0,
        noiseless=True,
    )
    world = {
        "task_seed": stream(seed, "teachers"),
        "label_noise": config.label_noise,
        "teacher_scale": config.inputs**-0.5,
    }
    arrays = program_of(net)(
        given | world,
        seed=stream(seed, "perturbations"),
        duration=trials or config.trials,
        outputs=["loss_noiseless", "w_teacher"],
    )
    loss = np.asarray(arrays["loss_noiseless"]).reshape(-1, config.individuals).T
    return relative(loss, (np.asarray(arrays["w_teacher"]) ** 2).sum(axis=(1, 2)) / 2)


def to_criterion(config: Config, level: np.ndarray, criterion: float) -> np.ndarray:
    """Samples until the relative loss (..., block) is down to the criterion; of one that is not, at least
    all trials."""
    return samples_to_criterion(level, np.ones(level.shape[:-1]), config.block, criterion)


def _best(
    config: Config, rule: str, tuned: Mapping[float, np.ndarray], criterion: float
) -> tuple[float, float, float]:
    """The rate and perturbation with the fewest samples (geometric mean), and that rate's place."""
    score = np.array(
        [
            np.log(to_criterion(config, level, criterion)).reshape(config.rates, -1).mean(axis=1)
            for level in tuned.values()
        ]
    )
    size, place = np.unravel_index(int(np.argmin(score)), score.shape)
    return float(rates(config, rule)[place]), list(tuned)[int(size)], float(place)
