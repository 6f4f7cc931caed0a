"""XOR with a hidden layer of agents that hear one reward, or what they made of it themselves.

Hidden neurons (`models.coagents`) hear the broadcast of their network's reward (``one``), their own
contribution to it (``difference``), nothing (``frozen``) or the broadcast of another network (``yoked``); the
output neuron hears its own network's in all. Networks differ in width, rules in rate. Measured are the share
of right answers while they learn, and, for fixed weights, the mean update of single trials against the exact
gradient of the mean reward.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ..coagents.network import Coagents, gradient
from .labelling import Dataset, labelled

ONE, DIFFERENCE, FROZEN, YOKED = ARMS = ("one", "difference", "frozen", "yoked")
HEARD = (ONE, DIFFERENCE)
"""Signals whose mean update is measured."""
WIDTH = 4
"""Hidden neurons of the network whose updates are measured."""
SPREAD = 0.5
"""Standard deviation of the weights at the beginning; biases begin at 0."""


@dataclass(frozen=True)
class Config:
    widths: tuple[int, ...] = (4, 8, 16)
    """hidden neurons"""
    rates: tuple[float, ...] = (0.1, 0.3)
    """learning rates (1/trial)"""
    individuals: int = 32
    """networks of each kind, width and rate"""
    trials: int = 6000
    """trials of a life"""
    block: int = 250
    """trials that are averaged"""
    alpha: float = 0.05
    """rate of the reward that is expected of a pattern"""
    updates: int = 40_000
    """single updates for each signal"""

    def __post_init__(self) -> None:
        if self.trials % self.block or self.individuals < 2 or not self.widths or not self.rates:
            raise Mistake(
                "coagents: trials must be whole blocks, individuals 2 or more, widths and rates given"
            )


PRESETS = {"quick": Config(), "paper": Config(widths=(4, 8, 16, 32), individuals=128, trials=20_000)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Measure updates, then let networks learn.

    Returns:
        ``right`` (width, rate, arm, individual, block), share of right answers; ``exact`` (weight), gradient
        of the mean reward by the first weights, ``update``, ``update_error`` (signal, weight), mean update
        over eta, and ``variance`` (signal, weight).
    """
    tick = by_steps(progress, len(config.widths) + 1)
    exact, update, error, variance = _updates(config, seed)
    tick("updates")
    right = []
    for width in config.widths:
        right.append(_learn(config, width, seed))
        tick(f"{width} hidden neurons")
    dims = ("signal", "weight")
    return labelled(
        {
            "right": (("width", "rate", "arm", "individual", "block"), np.array(right)),
            "exact": ("weight", exact),
            "update": (dims, update),
            "update_error": (dims, error),
            "variance": (dims, variance),
        },
        coords={
            "width": list(config.widths),
            "rate": list(config.rates),
            "arm": list(ARMS),
            "signal": list(HEARD),
            "block": (np.arange(config.trials // config.block) + 0.5) * config.block,
        },
    )


def _weights(many: int, width: int, bits: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(stream(seed, "weights", width))
    return SPREAD * rng.normal(size=(many, bits, width)), SPREAD * rng.normal(size=(many, width, 1))


def _updates(config: Config, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Exact gradient, mean update, its error and variance of the first weights, for one network."""
    net = Coagents(hidden=WIDTH, individuals=config.updates, block=1)
    w, v = (2 * part for part in _weights(1, WIDTH, net.bits, seed))  # steeper, to be told from chance
    # without biases XOR has no gradient: hidden spikes are odd in the inputs, the answer even
    bias = np.random.default_rng(stream(seed, "biases")).normal(size=WIDTH)
    exact, _ = gradient(w[0], bias, v[0, :, 0], 0.0, net.bits)
    rows = []
    for place, signal in enumerate(HEARD):
        arrays = net.program()(
            {
                "w": np.tile(w, (config.updates, 1, 1)),
                "v": np.tile(v, (config.updates, 1, 1)),
                "bias": np.tile(bias, (config.updates, 1)),
                "eta": 0.0,
                "eta_hidden": 1.0,
                "difference": float(signal == DIFFERENCE),
                "individual": np.arange(config.updates),
                "task_seed": stream(seed, "update task"),
            },
            seed=stream(seed, "updates", place),
            duration=1,
            outputs=["w"],
        )
        change = (arrays["w"] - w).reshape(config.updates, -1)
        rows.append((change.mean(axis=0), change.std(axis=0, ddof=1)))
    mean, spread = np.array(rows).swapaxes(0, 1)
    return exact.ravel(), mean, spread / config.updates**0.5, spread**2


def _learn(config: Config, width: int, seed: int) -> np.ndarray:
    """Share of right answers: (rate, arm, individual, block)."""
    many, kinds = config.individuals, len(config.rates) * len(ARMS)
    net = Coagents(hidden=width, individuals=kinds * many, block=config.block)
    w, v = _weights(many, width, net.bits, seed)

    def each(value: Callable[[str, float], float]) -> np.ndarray:
        return np.repeat([value(arm, rate) for rate in config.rates for arm in ARMS], many)

    apart = (ARMS.index(YOKED) - ARMS.index(ONE)) * many
    arrays = net.program()(
        {
            "w": np.tile(w, (kinds, 1, 1)),
            "v": np.tile(v, (kinds, 1, 1)),
            "eta": each(lambda arm, rate: rate),
            "eta_hidden": each(lambda arm, rate: 0.0 if arm == FROZEN else rate),
            "difference": each(lambda arm, rate: float(arm == DIFFERENCE)),
            "yoked": each(lambda arm, rate: apart if arm == YOKED else 0).astype(int),
            "alpha": config.alpha,
            "individual": np.arange(kinds * many),
            "task_seed": stream(seed, "task", width),
        },
        seed=stream(seed, "lives", width),
        duration=config.trials,
        outputs=["right"],
    )
    blocks = np.asarray(arrays["right"])
    return blocks.reshape(-1, len(config.rates), len(ARMS), many).transpose(1, 2, 3, 0)
