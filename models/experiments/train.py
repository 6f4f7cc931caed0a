"""Any rate network, rule and supervised task of yours: learning curves, one for each individual.

Settings that are lists (eta, sigma, alpha) give each individual its own value, so that one run is a sweep:

    hedon run train --set rule=NodePerturbation task=LinearTeacher eta=0.003,0.01,0.03 trials=20000

An individual that diverges is named with its parameters; the others' curves are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...analysis.foundation.mistakes import Mistake, nearest
from ...plasticity import RULES, LinearCritic, RunningMean, StimulusMean, TrialRule, rule_named
from ...plasticity.critic import Critic
from ..rate.network import RateNetwork
from ..rate.training import train
from ..tasks import HiddenTeacher, LinearTeacher, Task, TemporalTeacher, digits
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

TASKS = ("LinearTeacher", "HiddenTeacher", "TemporalTeacher", "digits")
CRITICS: dict[str, type[Critic]] = {
    "running": RunningMean,
    "stimulus": StimulusMean,
    "linear": LinearCritic,
}


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset."""

    rule: str = "NodePerturbation"
    """GradientDescent, NodePerturbation or WeightPerturbation"""
    task: str = "LinearTeacher"
    """LinearTeacher, HiddenTeacher, TemporalTeacher or digits"""
    inputs: int = 20
    """inputs of a teacher's task"""
    outputs: int = 3
    """outputs of a teacher's task"""
    label_noise: float = 0.0
    """standard deviation of the label noise"""
    teacher_hidden: int = 10
    """hidden neurons of HiddenTeacher"""
    teacher_function: str = "relu"
    """linear or relu: hidden neurons of HiddenTeacher"""
    effective: int = 10
    """inputs of TemporalTeacher that are not silent"""
    bins: int = 20
    """bins of a trial of TemporalTeacher"""
    hidden: tuple[int, ...] = ()
    """sizes of the student's hidden layers"""
    activations: tuple[str, ...] = ("linear",)
    """linear, relu, tanh, sigmoid, sine, softmax: one for each layer of weights, or one for all"""
    loss: str = "squared"
    """squared, or cross_entropy with a softmax output"""
    bias: bool = False
    """neurons have a bias that learns"""
    eta: tuple[float, ...] = (0.005,)
    """learning rate (1/trial), one for all individuals or one each"""
    decay: float = 0.0
    """the rate falls as 1/(1 + decay*trial) (1/trial)"""
    sigma: tuple[float, ...] = (0.05,)
    """standard deviation of the perturbation, one for all individuals or one each"""
    noise: str = "gaussian"
    """gaussian or rademacher perturbations"""
    comparison: str = "two-pass"
    """two-pass, antithetic, or one-pass against a critic"""
    critic: str = "running"
    """running, stimulus or linear: what a one-pass rule expects"""
    alpha: float = 0.05
    """learning rate of the critic (1/trial)"""
    individuals: int = 8
    """networks side by side"""
    trials: int = 5000
    """trials of learning"""
    block: int = 100
    """trials averaged in a point of the curves"""
    segments: int = 10
    """parts after which a killed run can go on"""
    precision: str = "float64"
    """float64 or float32"""


PRESETS = {"quick": Config(), "paper": Config(individuals=64, trials=100000, segments=50)}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Train and return ``loss`` and what else the network measures (individual, block), and ``diverged``.

    Raises:
        Mistake: an unknown rule or task, settings out of bounds, lists that do not fit the individuals.
    """
    network = _network(config)
    parameters: dict[str, Any] = {"eta": _each(config, "eta"), "decay": config.decay}
    if config.rule != "GradientDescent":
        parameters["sigma"] = _each(config, "sigma")
    step = config.trials // config.segments // config.block * config.block
    if config.segments < 1 or config.block < 1 or not step:
        raise Mistake(
            f"trials ({config.trials}) must hold segments ({config.segments}) of at least one block "
            f"({config.block})"
        )
    ends = [step * k for k in range(1, config.segments)] + [config.trials // config.block * config.block]
    curve = train(
        network,
        ends,
        seed,
        parameters,
        progress=None if progress is None else lambda fraction: progress(fraction, config.rule),
        folder=folder,
    )
    return with_units(curve.drop_vars("end", errors="ignore"))


def _each(config: Config, name: str) -> Any:
    values = getattr(config, name)
    if len(values) == 1:
        return values[0]
    if len(values) != config.individuals:
        raise Mistake(f"{name} has {len(values)} values for {config.individuals} individuals; give 1 or all")
    return list(values)


def _network(config: Config) -> RateNetwork:
    task: Task
    if config.task == "LinearTeacher":
        task = LinearTeacher(config.inputs, config.outputs, config.label_noise)
    elif config.task == "HiddenTeacher":
        task = HiddenTeacher(
            config.inputs,
            config.teacher_hidden,
            config.outputs,
            config.teacher_function,  # type: ignore[arg-type]
            config.label_noise,
        )
    elif config.task == "TemporalTeacher":
        task = TemporalTeacher(config.inputs, config.effective, config.outputs, config.bins)
    elif config.task == "digits":
        task = digits()
    else:
        raise Mistake(f"no task is called '{config.task}'{nearest(config.task, TASKS)}")
    return RateNetwork(
        task,
        _rule(config),
        hidden=config.hidden,
        activations=config.activations,
        loss=config.loss,  # type: ignore[arg-type]
        bias=config.bias,
        individuals=config.individuals,
        block=config.block,
        precision=config.precision,  # type: ignore[arg-type]
    )


def _rule(config: Config) -> TrialRule:
    kind = rule_named(config.rule)
    if not issubclass(kind, TrialRule):
        trial_rules = [name for name, rule in RULES.items() if issubclass(rule, TrialRule)]
        raise Mistake(f"{config.rule} is for spiking networks; here: {', '.join(trial_rules)}")
    if config.rule == "GradientDescent":
        return kind(eta=config.eta[0], decay=config.decay)
    settings: dict[str, Any] = {"noise": config.noise, "comparison": config.comparison}
    if config.comparison == "one-pass":
        if config.critic not in CRITICS:
            raise Mistake(f"no critic is called '{config.critic}'{nearest(config.critic, CRITICS)}")
        settings["baseline"] = CRITICS[config.critic](alpha=config.alpha)
    return kind(eta=config.eta[0], decay=config.decay, sigma=config.sigma[0], **settings)  # type: ignore[call-arg]
