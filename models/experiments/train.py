"""Any rate network, rule and supervised task of yours: learning curves, one for each individual.

Settings that are lists (eta, sigma, alpha) give each individual its own value, so that one run is a sweep:

    hedon run train --set rule=NodePerturbation task=LinearTeacher eta=0.003,0.01,0.03 trials=20000

An individual that diverges is named with its parameters; the others' curves are kept.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from ...analysis.foundation import Mistake, Reporter, nearest
from ...plasticity import RULES
from ...plasticity.critic import Critic, LinearCritic, RunningMean, StimulusMean
from ...plasticity.trial_rule import TrialRule
from ..rate.network import RateNetwork
from ..rate.training import train
from ..tasks import TASKS
from .labelling import Dataset, with_units

OF_TASK = {
    "n_inputs": "inputs",
    "n_outputs": "outputs",
    "label_noise": "label_noise",
    "n_hidden": "teacher_hidden",
    "function": "teacher_function",
    "n_effective": "effective",
    "n_bins": "bins",
}
"""Field of a task -> the setting that sets it."""
CRITICS: dict[str, type[Critic]] = {
    "running": RunningMean,
    "stimulus": StimulusMean,
    "linear": LinearCritic,
}


@dataclass(frozen=True)
class Config:
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
    further: tuple[str, ...] = ()
    """further settings of the rule or task, such as of your own: name=value, ..."""


PRESETS = {"quick": Config(), "paper": Config(individuals=64, trials=100000, segments=50)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Train and return ``loss`` and what else the network measures (individual, block), and ``diverged``.

    Raises:
        Mistake: an unknown rule or task, settings out of bounds, lists that do not fit the individuals.
    """
    network = _network(config)
    parameters: dict[str, Any] = {"eta": _each(config, "eta"), "decay": config.decay}
    if "sigma" in _fields(type(network.rule)):
        parameters["sigma"] = _each(config, "sigma")
    if config.segments < 1 or config.trials // config.segments < config.block:
        raise Mistake(
            f"trials ({config.trials}) must hold segments ({config.segments}) of at least one block "
            f"({config.block})"
        )
    step = config.trials // config.segments // config.block * config.block
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
    rule, task = RULES.load(config.rule), TASKS.load(config.task)
    if not (isinstance(rule, type) and issubclass(rule, TrialRule)):
        here = [name for name in RULES if issubclass(RULES.load(name), TrialRule)]
        raise Mistake(f"{config.rule} is for {rule.network}; here: {', '.join(here)}")
    further = _further(config)
    settings: dict[str, Any] = {"eta": config.eta[0], "decay": config.decay, "sigma": config.sigma[0]}
    settings["alpha"] = config.alpha
    for name in ("noise", "comparison"):
        if getattr(config, name) != getattr(Config, name):
            settings[name] = getattr(config, name)
            if name not in _fields(rule):
                raise Mistake(f"{config.rule} has no setting '{name}'")
    if config.comparison == "one-pass":
        if config.critic not in CRITICS:
            raise Mistake(f"no critic is called '{config.critic}'{nearest(config.critic, CRITICS)}")
        settings["baseline"] = CRITICS[config.critic](alpha=config.alpha)
    shape = {name: getattr(config, setting) for name, setting in OF_TASK.items()}
    unknown = set(further) - _fields(rule) - _fields(task)
    if unknown:
        name = min(unknown)
        known = (_fields(rule) | _fields(task)) - set(settings) - set(shape)
        raise Mistake(f"{config.rule} and {config.task} have no setting '{name}'{nearest(name, known)}")
    return RateNetwork(
        _made(task, shape | further),
        _made(rule, settings | further),
        hidden=config.hidden,
        activations=config.activations,
        loss=config.loss,  # type: ignore[arg-type]
        bias=config.bias,
        individuals=config.individuals,
        block=config.block,
        precision=config.precision,  # type: ignore[arg-type]
    )


def _fields(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)} if is_dataclass(kind) else set()


def _made(kind: Any, settings: Mapping[str, Any]) -> Any:
    """The rule or task with those of the settings that it has."""
    return kind(**{name: settings[name] for name in _fields(kind) & set(settings)})


def _further(config: Config) -> dict[str, Any]:
    further = {}
    for setting in config.further:
        name, equals, value = setting.partition("=")
        if not (name and equals and value):
            raise Mistake(f"further settings are written NAME=VALUE, not '{setting}'")
        try:
            further[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            further[name] = value
    return further
