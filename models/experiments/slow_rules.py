"""Rules that shape a recurrent network, side by side on a cue held over distractors: the price of locality.

Networks of rate units learn cue memory (`CueMemory`) by one rule each, all in the same number of settings,
drawn evenly over the logarithms of three numbers, each lived by a few networks; the best four shape others,
and the best of these shapes those that are reported. Their weights are frozen again and again for a test;
scored is the number of episodes after which right answers in it never fall below the criterion, so that what
is learned and lost again counts as not learned, and what is tried while learning does not count. One scalar
teaches: node perturbation held over an episode or drawn anew in each step, its projection, weight
perturbation, eligibilities that follow the unit (e-prop, RFLO), readouts alone. More than a scalar does: the
actions' scores through random weights with the same eligibilities, and the gradient, carried back through
time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.statistics.samples_to_criterion import log_settled, settled
from ...plasticity.recurrent_eligibility import RecurrentEligibility
from ...plasticity.recurrent_perturbation import RecurrentPerturbation
from ...plasticity.recurrent_projection import RecurrentProjection
from ...plasticity.recurrent_weight_perturbation import RecurrentWeightPerturbation
from ..recurrent.backpropagation import Backpropagation
from ..recurrent.network import RecurrentNetwork
from ..recurrent.training import probed
from ..tasks import CueMemory
from .labelling import Dataset, labelled

Array = np.ndarray
RULES: Mapping[str, RecurrentPerturbation | None] = {
    "gradient through time": None,
    "random feedback": RecurrentEligibility(feedback="actions"),
    "projection": RecurrentProjection(),
    "node perturbation": RecurrentPerturbation(),
    "node, each step": RecurrentPerturbation(hold="step"),
    "weight perturbation": RecurrentWeightPerturbation(),
    "eligibility × scalar": RecurrentEligibility(),
    "readouts alone": RecurrentPerturbation(),
}
"""None: in numpy, `backpropagation`."""
AGAIN = 4
"""The best settings, which shape other networks before one of them is chosen."""
VECTOR = ("gradient through time", "random feedback")
"""Rules that are told more than one scalar."""
ETA = (0.01, 1.0)
SPACES: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "gradient through time": ((1e-2, 10.0), (1e-3, 0.1)),
    "random feedback": ((1e-3, 1.0), (1e-3, 0.1)),
    "projection": ((3e-4, 0.3), (0.1, 1.0)),
    "node perturbation": ((1e-4, 0.1), (0.1, 1.0)),
    "node, each step": ((1e-4, 0.1), (0.1, 1.0)),
    "weight perturbation": ((1e-4, 0.1), (0.03, 0.3)),
    "eligibility × scalar": ((1e-3, 1.0), (1e-3, 0.1)),
    "readouts alone": ((1.0, 1.0), (1e-3, 0.1)),
}
"""Bounds of the rate of recurrent and input weights, and of sigma or, where nothing is perturbed, of the rate
of the value's readout."""


@dataclass(frozen=True)
class Config:
    distractors: int = 5
    """between the cue and the question"""
    units: int = 16
    """units of a network"""
    settings: int = 16
    """settings that are tried for each rule"""
    networks: int = 2
    """networks in each setting; the best one is then tested in settings x networks others"""
    episodes: int = 3000
    """of a life"""
    probes: int = 12
    """times in a life that networks are tested with their weights frozen"""
    tests: int = 50
    """episodes of each"""
    criterion: float = 0.9
    """right answers that are to be kept, with frozen weights"""
    eta_value: float = 0.003
    """rate of the value's readout of rules that perturb"""
    decay: float = 0.0003
    """rates fall as 1/(1 + decay*episode)"""

    def __post_init__(self) -> None:
        if self.settings < 2 or self.networks < 2 or not 0.5 < self.criterion < 1:
            raise Mistake(
                "slow_rules: at least two settings and networks, and a criterion in (.5, 1) are needed"
            )
        if self.episodes % (self.probes * self.tests):
            raise Mistake(f"slow_rules: {self.episodes} episodes do not divide by probes times tests")

    @property
    def step(self) -> int:
        """Episodes between two probes."""
        return self.episodes // self.probes


PRESETS = {
    "quick": Config(),
    "paper": Config(distractors=10, settings=48, networks=6, episodes=20_000, probes=40, tests=100),
}


def settings(config: Config, name: str, seed: int) -> dict[str, Array]:
    """What is tried (setting,): the same points of the cube for every rule."""
    from scipy.stats import qmc

    points = qmc.Halton(3, seed=np.random.default_rng(stream(seed, "settings"))).random(config.settings)
    slow, third = SPACES[name]
    bounds = {"eta": ETA, "eta_recurrent": slow, "third": third}
    tried = {
        one: low * (high / low) ** points[:, place] for place, (one, (low, high)) in enumerate(bounds.items())
    }
    last = tried.pop("third")
    still = np.zeros(config.settings)
    if name == "readouts alone":
        return tried | {"eta_recurrent": still, "eta_value": last, "sigma": still}
    if RULES[name] is None or isinstance(RULES[name], RecurrentEligibility):
        return tried | {"eta_value": last, "sigma": still}
    return tried | {"eta_value": still + config.eta_value, "sigma": last}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Tune each rule, then let its best setting shape other networks.

    Returns:
        ``episodes`` and ``reached`` (rule, network): until right answers stay at the criterion, and whether
        they do; ``end`` (rule, network), right answers in the last probe; ``curve`` (rule, probe), their
        mean; ``tuning`` (rule, setting), mean log episodes of each setting; ``best`` (rule, number), the
        numbers chosen, and ``at_edge`` (rule), how near the best recurrent rate is to an end of its range,
        as a share of it.
    """
    tick = by_steps(progress, len(RULES))
    many = config.settings * config.networks
    episodes, end, reached = np.empty((3, len(RULES), many))
    curve = np.empty((len(RULES), config.probes))
    tuning, numbers = np.empty((len(RULES), config.settings)), ("eta", "eta_recurrent", "eta_value", "sigma")
    best, edge = np.empty((len(RULES), len(numbers))), np.empty(len(RULES))
    for row, name in enumerate(RULES):
        tried = settings(config, name, seed)
        each = {one: np.repeat(values, config.networks) for one, values in tried.items()}
        level = live(config, name, each, stream(seed, "tuning"))
        tuning[row] = _late(config, level).reshape(config.settings, -1).mean(axis=1)
        few = np.argsort(tuning[row], kind="stable")[:AGAIN]
        share = np.resize(few, many)
        each = {one: values[share] for one, values in tried.items()}
        late = _late(config, live(config, name, each, stream(seed, "tuning again")))
        place = few[int(np.argmin([late[share == one].mean() for one in few]))]
        chosen = {one: values[int(place)] for one, values in tried.items()}
        best[row] = [chosen[one] for one in numbers]
        low, high = np.log(SPACES[name][0])
        inside = (np.log(max(chosen["eta_recurrent"], 1e-300)) - low) / max(high - low, 1e-9)
        edge[row] = min(inside, 1 - inside) if high > low else np.nan
        level = live(
            config, name, {one: np.full(many, value) for one, value in chosen.items()}, stream(seed, "test")
        )
        episodes[row], reached[row] = settled(level, config.step, config.criterion)
        end[row] = level[:, -1]
        curve[row] = level.mean(axis=0)
        tick(name)
    return labelled(
        {
            "episodes": (("rule", "network"), episodes),
            "reached": (("rule", "network"), reached.astype(bool)),
            "end": (("rule", "network"), end),
            "curve": (("rule", "probe"), curve),
            "tuning": (("rule", "setting"), tuning),
            "best": (("rule", "number"), best),
            "at_edge": ("rule", edge),
        },
        coords={
            "rule": list(RULES),
            "number": list(numbers),
            "vector": ("rule", [name in VECTOR for name in RULES]),
            "episode": ("probe", np.arange(1, config.probes + 1) * config.step),
        },
        episodes="episodes",
    )


def live(config: Config, name: str, given: Mapping[str, Any], seed: int) -> Array:
    """Right answers with frozen weights (network, probe); what diverged has none."""
    rule = RULES[name]
    net = RecurrentNetwork(
        CueMemory(config.distractors),
        rule or RecurrentPerturbation(),
        config.units,
        len(given["eta"]),
        block=config.tests,
        leaks=(0.5, 1.0),
    )
    given = {**given, "decay": config.decay}
    if rule is None:
        level = Backpropagation(net, seed, given).probed(config.episodes, config.probes, seed)
    else:
        slow = {"eta_input": given["eta_recurrent"], "gamma": 1.0}
        level = probed(net, "correct", config.episodes, config.probes, seed, given | slow)
    return np.asarray(np.nan_to_num(level, nan=0.0))


def _late(config: Config, level: Array) -> Array:
    """Log episodes until it stays (network,)."""
    return log_settled(level, config.step, config.criterion)
