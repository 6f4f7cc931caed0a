"""The network that chooses, alive at the coefficients that were inferred from subjects.

Each individual has the coefficients of one subject (`hedon infer` writes the configuration), rule and readout
alike, and lives a reversal bandit; its choices come out trial by trial, for the analyses that the subjects'
own choices went through. Before a trial of an episode the good arm may move with probability ``hazard``; at
the beginning of each episode it is drawn anew.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choices import Choices
from ...analysis.behaviour.hidden_arm import HiddenArm
from ...analysis.behaviour.switching import histories, switch_probabilities
from ...analysis.foundation import Mistake, Reporter, stream
from ...analysis.foundation.configuration import to_table
from ...plasticity.family import Family
from ...plasticity.inference.coefficients import Chart
from ...plasticity.inference.study import Inferred
from ...plasticity.inference.switches import block_length
from ..choice.network import ChoiceNetwork
from ..tasks.reversal_lives import ReversalLives
from .labelling import Dataset, labelled

MOST = 500
"""Trials of each individual, at most, in a configuration that is written."""


@dataclass(frozen=True)
class Config:
    """Settings; the defaults are the quick preset, a made-up subject."""

    names: tuple[str, ...] = ("eta", "eta_losses", "forgetting", "beta", "repeat")
    """coefficients that are given, `bias1` and so on for the arms but the first"""
    coefficients: tuple[float, ...] = (0.4, 0.3, 0.2, 5.0, 0.4)
    """their values, subject by subject"""
    arms: int = 2
    """to choose from"""
    high: float = 0.8
    """probability of a reward from the good arm"""
    low: float = 0.2
    """from the others"""
    hazard: float = 0.0
    """probability of a reversal before a trial within an episode"""
    episode: int = 15
    """trials after which the good arm is drawn anew"""
    trials: int = 90
    """trials of each individual"""
    copies: int = 20
    """individuals with the coefficients of each subject"""

    def __post_init__(self) -> None:
        if len(self.coefficients) % len(self.names):
            raise Mistake(
                f"inferred_network: {len(self.coefficients)} values, not {len(self.names)} for each subject"
            )
        if not 0 <= self.hazard <= 1:
            raise Mistake("inferred_network: the hazard must lie in [0, 1]")
        if self.arms < 2:
            raise Mistake("inferred_network: at least two arms")
        self.table()

    def table(self) -> dict[str, NDArray[np.float64]]:
        """Arguments of the network, one for each subject.

        Raises:
            Mistake: a coefficient that there is not.
        """
        biases = {f"bias{arm}": arm for arm in range(1, self.arms)}
        Chart((), dict.fromkeys((name for name in self.names if name not in biases), 1.0))
        values = np.reshape(self.coefficients, (-1, len(self.names)))
        given = dict(zip(self.names, values.T, strict=True))
        fixed = Chart((), {name: 1.0 for name in given if name not in biases}).constants(self.arms)
        every = {name: np.full(len(values), number) for name, number in fixed.items()} | given
        eta = every["eta"]
        losses = every.pop("eta_losses", every["losses"] * eta)
        every["losses"] = losses / eta
        every.setdefault("eta_high", eta)
        every["bias"] = np.stack([0 * eta, *(every.pop(name) for name in biases)], axis=1)
        return every


PRESETS = {"quick": Config(), "paper": Config(copies=200)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let the network live.

    Returns:
        ``action`` and ``reward`` (individual, trial), ``subject`` of each individual, and ``switch``,
        P(switch) after each history of two choices and outcomes (`analysis/behaviour/switching.py`).
    """
    lived = live(config, seed)
    return labelled(
        {
            "action": (("individual", "trial"), lived.action),
            "reward": (("individual", "trial"), lived.reward),
            "subject": (
                "individual",
                np.repeat(np.arange(len(lived.action) // config.copies), config.copies),
            ),
            "switch": ("history", switch_probabilities(lived)[0]),
        },
        coords={"history": list(histories())},
    )


def live(config: Config, seed: int) -> Choices:
    """What the network chooses and gets."""
    given = {name: np.repeat(values, config.copies, axis=0) for name, values in config.table().items()}
    many = len(given["eta"])
    task = ReversalLives(config.arms, config.high, config.low, (config.hazard,), config.episode)
    network = ChoiceNetwork(task, Family(), many, block=1, habits=True)
    given["w"] = np.repeat(given["rest"][:, None, None], config.arms, axis=2)
    found = network.program()(
        {**given, "task_seed": stream(seed, "task")},
        seed=0,
        duration=config.trials,
        outputs=["arm_mean", "reward_mean"],
    )
    action = np.rint(np.asarray(found["arm_mean"])).astype(int).reshape(config.trials, many).T
    reward = np.asarray(found["reward_mean"]).reshape(config.trials, many).T
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = True
    names = tuple(f"n{number:05d}" for number in range(many))
    return Choices(names, action, reward, begins, config.arms)


def described(found: Inferred, choices: Choices, blocks: NDArray | None = None) -> bytes:
    """The configuration file of the network at the coefficients ``found`` in ``choices``.

    Episodes are as long as blocks (else sessions), trials as many as the median subject made, at most `MOST`.
    What arms pay, and without blocks how often the good one moves, is what most likely paid so (`HiddenArm`),
    for `hedon run --set high=.. low=.. hazard=..` to correct.
    """
    import tomli_w

    trials = int(np.median(choices.made.sum(axis=1)))
    value, met = found.values()[0], HiddenArm.of(choices)
    constants = {name: number for name, number in found.chart.fixed.items()}
    names = (*found.names, *constants)
    table = np.concatenate([value, np.tile(list(constants.values()), (len(value), 1))], axis=1)
    config = Config(
        names,
        tuple(table.ravel().tolist()),
        choices.options,
        high=round(met.high, 3),
        low=round(met.low, 3),
        hazard=round(met.hazard, 4) if blocks is None else 0.0,
        episode=block_length(choices, blocks),
        trials=min(trials, MOST),
    )
    entry = {"experiment": "inferred_network", "scale": "quick", "config": to_table(config)}
    return ("# hedon run inferred_network --config network.toml\n" + tomli_w.dumps(entry)).encode()
