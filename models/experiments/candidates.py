"""Candidates of a search that live side by side in one call of a program, each in copies of the same worlds.

Worlds are keyed by the number of an individual, so a copy of a world is an individual that is told another's
number: what is drawn for it does not depend on how many candidates there are.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from ..program import Program


class Compiled(Protocol):
    """A network that is a value and has a program."""

    def program(self) -> Program: ...


@lru_cache
def program_of(net: Compiled) -> Program:
    """The compiled network, looked for once in a process: a life takes less long than looking."""
    return net.program()


def side_by_side(values: Mapping[str, Any], lives: int) -> tuple[int, dict[str, Any]]:
    """How many candidates there are, and the arguments of a network of candidates x ``lives`` individuals.

    Args:
        values: of one candidate, numbers; of several, arrays (candidate,).
        lives: individuals that each candidate lives.
    """
    if not any(np.ndim(value) for value in values.values()):
        return 1, dict(values)
    (count,) = {len(value) for value in values.values() if np.ndim(value)}
    spread = {name: np.repeat(value, lives) if np.ndim(value) else value for name, value in values.items()}
    return count, {**spread, "individual": np.tile(np.arange(lives), count)}


def score(lives: np.ndarray, values: Mapping[str, Any]) -> Any:
    """Mean over what candidates lived (candidate x life,): a number of one, (candidate,) of several."""
    if not any(np.ndim(value) for value in values.values()):
        return float(lives.mean())
    (count,) = {len(value) for value in values.values() if np.ndim(value)}
    return lives.reshape(count, -1).mean(axis=1)
