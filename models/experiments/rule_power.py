"""Sessions as an experimenter records them, and which perturbation rule learned in them.

Poisson inputs drive a few spiking neurons through plastic synapses (`SpikingNetwork`); a reward at the end
of each trial is broadcast, and the rule learns from it. Beside the inputs of the task there are ``silent``
ones that never fire in it. Before learning (twice) and after so many trials of it an experimenter drives each
silent input and some active ones alone, above the mean input, with the noise of weights averaged out and
plasticity off, and counts spikes of N neurons: their responses r_in to input i.

    S = mean over neurons of the variance over inputs of r_in(after) - r_in(before)               (1)

for silent and for active inputs, each over what counting alone would make of S, from the two measurements
before. What all inputs of a neuron share, such as a change of its gain, is not in (1). Where every neuron
is perturbed, a synapse without presynaptic activity rests, and S of silent inputs is the counts' own noise;
where every weight is, it diffuses (Zuege, Klos & Memmesheimer 2023, doi:10.1103/PhysRevX.13.021006).

The rule is told by a linear discriminant of the two log ratios (`analysis/statistics/discriminant.py`), made
on one half of the sessions and judged on the other. Rules learn at one pace: a single update is the same
share of the spread of the weights.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Array, Mistake, Reporter, kept_parts, nearest, stream, tell
from ...analysis.statistics.discriminant import Discriminant
from ...plasticity.weight_fluctuation import WeightFluctuation
from ..spiking.network import SpikingNetwork
from ..tasks.spike_patterns import SpikePatterns
from .labelling import DataArray, Dataset, labelled
from .spiking_alignment import CASES, Case

NODE, RELEASE, WEIGHT = "white current", "stochastic release", "weight fluctuation"
QUIET = 1e-9
"""Fluctuation of weights (V) while an experimenter measures: his many repetitions average it out."""
PILOT = 16
"""Trials in which the length of an update is measured."""


@dataclass(frozen=True)
class Config:
    rules: tuple[str, ...] = (NODE, RELEASE, WEIGHT)
    """which rules (`spiking_alignment`)"""
    sessions: int = 64
    """of each rule, half to make the discriminant, half to judge it"""
    trials: tuple[int, ...] = (10, 20, 40, 80)
    """of learning, after which is measured"""
    neurons: tuple[int, ...] = (1, 2, 4, 8)
    """recorded neurons"""
    active: int = 20
    """inputs of the task"""
    silent: int = 8
    """inputs that do not fire in it"""
    patterns: int = 4
    """of input rates, each with its targets"""
    pace: float = 0.1
    """length of a single update, in standard deviations of all weights of active inputs"""
    probe: float = 200.0
    """rate (Hz) at which an input is driven while measuring"""
    measured: float = 4.0
    """how long (s)"""
    dt: float = 1e-3
    """time step (s)"""

    def __post_init__(self) -> None:
        for name in self.rules:
            if name not in CASES:
                raise Mistake(f"no rule '{name}'{nearest(name, CASES)}; there are {', '.join(CASES)}")
        if len(set(self.rules)) < max(2, len(self.rules)):
            raise Mistake("rule_power: two different rules at least")
        if self.sessions < 8 or self.sessions % 4:
            raise Mistake(f"rule_power: sessions ({self.sessions}) must be a multiple of 4, at least 8")
        if not self.trials or not self.neurons or min(*self.trials, *self.neurons) < 1:
            raise Mistake("rule_power: at least one trial and one neuron")
        if any(a >= b for a, b in zip(self.trials, self.trials[1:], strict=False)):
            raise Mistake("rule_power: trials must increase")
        if not 3 <= self.silent <= self.active:
            raise Mistake("rule_power: three silent inputs at least, and as many active ones")
        if self.pace <= 0 or self.probe <= 0 or self.measured <= 0:
            raise Mistake("rule_power: pace, probe and measured must be above 0")

    @property
    def recorded(self) -> int:
        """Neurons of a session."""
        return max(self.neurons)

    @property
    def inputs(self) -> int:
        return self.active + self.silent


PRESETS = {
    "quick": Config(),
    "paper": Config(rules=tuple(CASES), sessions=400, trials=(10, 20, 40, 80, 160), neurons=(1, 2, 4, 8, 16)),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let sessions of every rule be recorded.

    Returns:
        ``response`` (rule, session, measurement, kind of input, input, neuron) in Hz, two measurements
        before learning and one after each of ``trials``; ``change`` (rule, session, trial, neurons, kind),
        the log of (1) over its value before; ``reward`` (rule, session, trial) of the trials up to each
        measurement.
    """
    probed = _probes(config)
    parts = []
    for number, name in enumerate(config.rules):
        tell(progress, number / len(config.rules), name)
        record = partial(_record, config, CASES[name], probed, stream(seed, name))
        parts.append(kept_parts.made_once(folder, str(number), record))
    response = np.array([part["response"] for part in parts])
    return labelled(
        {
            "response": (("rule", "session", "measurement", "kind", "input", "neuron"), response),
            "change": (("rule", "session", "trial", "neurons", "kind"), changes(response, config.neurons)),
            "reward": (("rule", "session", "trial"), np.array([part["reward"] for part in parts])),
        },
        coords={
            "rule": list(config.rules),
            "trial": list(config.trials),
            "neurons": list(config.neurons),
            "kind": ["silent", "active"],
        },
        response="Hz",
    )


def changes(response: Array, neurons: tuple[int, ...]) -> Array:
    """Log of (1) over its value before (rule, session, trial, neurons, kind) of ``response`` as recorded."""

    def spread(off: Array) -> Array:
        return off.var(axis=-2, ddof=1)

    before = spread(response[:, :, 1] - response[:, :, 0])
    columns = []
    for count in neurons:
        own = response[..., :count]
        first = own[:, :, :2].mean(axis=2, keepdims=True)
        after = spread(own[:, :, 2:] - first).mean(axis=-1)
        noise = 0.75 * before[..., :count].mean(axis=-1)  # var(c - (a + b)/2) = 3/4 var(b - a)
        columns.append(np.log(after / noise[:, :, None]))
    return np.stack(columns, axis=3)


def _task(config: Config, seed: int) -> SpikePatterns:
    """The task: silent inputs after the active ones."""
    active = SpikePatterns.balanced(seed, config.patterns, config.active, config.recorded)
    rates = np.concatenate([active.rates, np.zeros((config.patterns, config.silent))], axis=1)
    return replace(active, rates=rates)


def _probes(config: Config) -> SpikePatterns:
    """What an experimenter shows: each silent input and as many active ones, driven above the mean."""
    mean = SpikePatterns.balanced(0, config.patterns, config.active, 1).rates.mean()
    base = np.r_[np.full(config.active, mean), np.zeros(config.silent)]
    driven = [*range(config.active, config.inputs), *range(config.silent)]
    rates = base + config.probe * np.eye(config.inputs)[driven]
    return SpikePatterns(rates, np.zeros((len(rates), config.recorded)), duration=config.measured)


def _record(config: Config, case: Case, probed: SpikePatterns, seed: int) -> dict[str, Any]:
    """One rule's sessions; their weights are drawn, their task is the same."""
    many = config.sessions
    network = SpikingNetwork(_task(config, 0), case.rule, case.neuron, individuals=many, dt=config.dt)
    still = SpikingNetwork(
        probed, case.rule, case.neuron, many * probed.patterns, plastic=False, dt=config.dt
    )
    quiet = {"sigma": QUIET} if isinstance(case.rule, WeightFluctuation) else {}

    def measure(w: Array, number: int) -> Array:
        """Response (session, kind, input, neuron)."""
        given = quiet | {"w": np.repeat(w, probed.patterns, axis=0)}
        fired = still.live(1, stream(seed, "measurement", number), given, outputs=["fired"])["fired"]
        return np.asarray(fired).reshape(many, 2, -1, config.recorded)

    draw = np.random.default_rng(stream(seed, "weights"))
    w = draw.normal(case.mean, case.spread, size=(many, config.inputs, config.recorded))
    response = [measure(w, 0), measure(w, 1)]
    eta, expectation = _pace(network, w, config, case, seed)
    rewards, lived = [], 0
    for number, trials in enumerate(config.trials):
        arrays = network.live(
            trials - lived,
            stream(seed, "learning", number),
            {"w": w, "expectation": expectation, "eta": eta},
            outputs=["w", "expectation", "reward"],
        )
        w, expectation, lived = arrays["w"], arrays["expectation"], trials
        rewards.append(np.asarray(arrays["reward"])[1:].mean(axis=0))
        response.append(measure(w, number + 2))
    return {"response": np.stack(response, axis=1), "reward": np.array(rewards).T}


def _pace(network: SpikingNetwork, w: Array, config: Config, case: Case, seed: int) -> tuple[float, Array]:
    """The rate at which a single update has the length ``pace``, and what rewards are expected at ``w``."""
    first = network.live(
        2 * PILOT,
        stream(seed, "expectation"),
        {"w": w, "learning": 0.0, "alpha": 0.3},
        outputs=["expectation"],
    )["expectation"]
    small = 1e-6
    tried = network.live(
        1, stream(seed, "pace"), {"w": w, "expectation": first, "eta": small}, outputs=["w"]
    )["w"]
    step = ((tried - w)[:, : config.active] ** 2).sum(axis=(1, 2)).mean() ** 0.5 / small
    return config.pace * case.spread * (config.active * config.recorded) ** 0.5 / step, first


def halves(change: DataArray) -> tuple[Array, Array]:
    """The sessions that make a discriminant and those that judge it, each (..., session, kind)."""
    table = change.transpose(..., "session", "kind").values
    return table[..., ::2, :], table[..., 1::2, :]


def discriminant(change: DataArray, a: str, b: str) -> tuple[Discriminant, Array, Array]:
    """What tells the rules ``a`` and ``b`` by ``change`` (rule, session, kind), and the scores that it gives
    the sessions of each that it has not seen."""
    made, judged = zip(*(halves(change.sel(rule=name)) for name in (a, b)), strict=True)
    found = Discriminant.of(*made)
    return found, found.score(judged[0]), found.score(judged[1])
