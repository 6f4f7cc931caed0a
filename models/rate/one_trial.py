"""The update of a single trial, for many individuals at once: what theory speaks of first.

With every individual given the same draws of the task (``alike``) their updates differ by the
perturbation alone, so that their mean estimates the expected update at given weights, and their spread
its variance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.foundation.seeds import stream
from .network import RateNetwork


@dataclass(frozen=True)
class OneTrial:
    """Weights before and after one trial, and what was shown.

    ``before[l]``, ``after[l]``: (individual, n_l, n_{l+1}); ``update[l]`` their difference divided by eta.
    ``arrays``: every output of the program after the trial.
    """

    before: list[np.ndarray]
    after: list[np.ndarray]
    update: list[np.ndarray]
    arrays: Mapping[str, np.ndarray]


def one_trial(
    network: RateNetwork,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    *,
    alike: int = 1,
) -> OneTrial:
    """Let every individual live one trial.

    Args:
        network: the network, its rule and task (``block`` 1).
        seed: of the task, the initial weights and the perturbations.
        parameters: arguments of the program; ``w1``, ... set the weights.
        alike: so many neighbouring individuals share the draws of the task (and their teacher).

    Returns:
        `OneTrial`; where ``eta`` is 0 the update is NaN.
    """
    program = network.program()
    given = dict(parameters or {})
    network.check(given)
    given.setdefault("task_seed", stream(seed, "task"))
    given.setdefault("individual", np.arange(network.individuals) // alike)
    names = [f"w{layer}" for layer in range(1, network.depth + 1)]
    noise = stream(seed, "perturbation", 0)
    start = program(given, seed=noise, duration=0, outputs=names)
    given |= {name: start[name] for name in names}
    arrays = program(given, seed=noise, duration=network.block, outputs=list(program.outputs))
    eta = np.broadcast_to(np.asarray(given.get("eta", network.rule.eta), float), network.individuals)
    before, after = [start[name] for name in names], [arrays[name] for name in names]
    with np.errstate(divide="ignore", invalid="ignore"):
        update = [(b - a) / eta[:, None, None] for a, b in zip(before, after, strict=True)]
    return OneTrial(before, after, update, arrays)
