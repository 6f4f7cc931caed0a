"""The numbers that experiments choose for their networks and worlds: acrobot, cart_pole, conditioning,
conditioning_worlds, control_worlds, dopamine_agent, episodic_bandit, learning_set, linear_track,
matching_activity, spiking_bandit, two_step_activity, volatile_activity, volatile_bandit and water_maze. The
networks that other tests tell what to answer stand in the same list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hedon.models.experiments import (
    acrobot,
    cart_pole,
    conditioning,
    conditioning_worlds,
    control_worlds,
    dopamine_agent,
    episodic_bandit,
    learning_set,
    linear_track,
    matching_activity,
    spiking_bandit,
    two_step_activity,
    volatile_activity,
    volatile_bandit,
    water_maze,
)


@pytest.mark.parametrize(
    "module",
    [acrobot, cart_pole, dopamine_agent, linear_track, spiking_bandit, volatile_bandit, water_maze],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_network_of(module: Any, listed: Callable[..., None]) -> None:
    listed(module.network(module.Config()))


@pytest.mark.parametrize(
    "module",
    [episodic_bandit, learning_set, matching_activity, two_step_activity, volatile_activity],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_recurrent_network_of(module: Any, listed: Callable[..., None]) -> None:
    listed(module.Config().network)


@pytest.mark.parametrize(
    "worlds",
    [conditioning_worlds.ConditioningWorlds(), control_worlds.TrackWorlds(), control_worlds.MazeWorlds(),
     control_worlds.PoleWorlds()],
    ids=lambda worlds: type(worlds).__name__,
)  # fmt: skip
def test_kinds_of_worlds(worlds: Any, listed: Callable[..., None]) -> None:
    """And the range of each of the learner's own_numbers."""
    ranges = (f"{one.name} {one.low:g} to {one.high:g}" for one in worlds.numbers)
    listed(worlds.distribution, worlds.learner, "; ".join(ranges))


def test_circuit_of_conditioning(listed: Callable[..., None]) -> None:
    listed(conditioning.circuit(conditioning.Config()))
