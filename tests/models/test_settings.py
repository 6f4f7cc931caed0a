"""The numbers that experiments choose for their networks and worlds, and the edges of their settings. The
networks that other tests tell what to answer stand in the same list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.experiments import (
    acrobot,
    alignment,
    bandit_players,
    biological_outer_loop,
    cart_pole,
    coagents,
    conditioning,
    conditioning_worlds,
    contingency,
    control_worlds,
    digits,
    dopamine_agent,
    dopamine_population,
    dopamine_rivals,
    dopamine_synapse,
    episodic_bandit,
    hidden_layers,
    inferred_rules,
    learned_asymmetries,
    learned_broadcast,
    learning_curves,
    learning_set,
    linear_track,
    matching_activity,
    reversal_points,
    rule_recovery,
    rules_compared,
    shared_signals,
    slow_rules,
    spiking_bandit,
    team_volume,
    team_votes,
    two_step_activity,
    two_step_players,
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


def test_space_of_the_biological_outer_loop(listed: Callable[..., None]) -> None:
    free = biological_outer_loop.space().free
    listed(*(f"{one.name} {one.default:g} in {one.low:g} to {one.high:g}" for one in free))


EDGES: list[tuple[Any, dict[str, Any], list[dict[str, Any]]]] = [
    (alignment, {"updates": 8, "averaged_over": (1, 4), "ridge_updates": 2, "sine_updates": 2},
     [{"updates": 7}, {"ridge_updates": 1}, {"sine_updates": 1}, {"weight_inputs": (1, 2), "weight_outputs":
      (1,)}]),
    (bandit_players, {"tasks": 2, "parts": 1, "block": 1, "trials": 200},
     [{"tasks": 1}, {"parts": 0}, {"block": 0}, {"trials": 201}, {"trials": 0}, {"block": 3}]),
    (biological_outer_loop, {"hold": 2, "group": 2, "lot": 2, "population": 4, "lifetimes": 80, "searches": 2,
      "loops": 2, "held_out": biological_outer_loop.EACH},
     [{"hold": 1}, {"group": 0}, {"lot": 3}, {"lifetimes": 79}, {"hold": 10}, {"searches": 1}, {"loops": 1},
      {"held_out": 0}, {"held_out": biological_outer_loop.EACH + 1}]),
    (coagents, {"individuals": 2, "trials": 10, "block": 5},
     [{"individuals": 1}, {"trials": 11}, {"widths": ()}, {"rates": ()}]),
    (contingency, {"individuals": 2, "paired": 10, "block": 5},
     [{"individuals": 1}, {"paired": 11}]),
    (digits, {"individuals": 2, "tried": 2, "repeats": 1, "spacing": 1.01, "samples": 2 * digits.N_TEST,
      "segments": 2, "tuning_samples": digits.N_TEST},
     [{"individuals": 1}, {"tried": 1}, {"repeats": 0}, {"spacing": 1.0}, {"samples": 2 * digits.N_TEST - 1},
      {"tuning_samples": digits.N_TEST - 1}]),
    (dopamine_agent, {"gammas": (0.1, 0.9), "repeats": 2, "return_repeats": 2, "generations": 2,
      "return_generations": 2, "chains": 2, "held_out": 2, "steps": 1, "population": 2},
     [{"gammas": (0.1, 0.1)}, {"gammas": (0.1, 1.0)}, {"gammas": (0.0, 0.1)}, {"repeats": 1}, {"generations":
      1}, {"return_repeats": 1}, {"return_generations": 1}, {"chains": 1}, {"held_out": 1}, {"steps": 0},
      {"population": 1}]),
    (dopamine_population, {"individuals": 2, "neurons": 4, "delays": (1, 2, 3)},
     [{"individuals": 1}, {"neurons": 3}, {"eta": (0.1,)}, {"delays": (1, 2)}, {"delays": (0, 1, 2)}]),
    (dopamine_rivals, {"alike": 2, "repeats": 2, "generations": 2, "chains": 2, "held_out": 2, "population":
      2},
     [{"alike": 1}, {"repeats": 1}, {"generations": 1}, {"chains": 1}, {"held_out": 1}, {"population": 1}]),
    (dopamine_synapse, {"delay": 0.0},
     [{"delay": -0.1}, {"duration": 0.0}, {"rate": 0.0}, {"euler_steps": (0.0,)}, {"dopamine_rate": 0.0},
      {"distal_duration": 0.0}]),
    (hidden_layers, {"label_noise": 0.0, "segments": 2, "width_trials": 3, "noise_trials": 3},
     [{"width_rate": 0.0}, {"noise_rate": 0.0}, {"label_noise": -0.1}, {"segments": 1}, {"segments": 3}]),
    (inferred_rules, {"subjects": 3, "generations": 3, "population": 3, "copies": 3, "again": 3},
     [{name: 2} for name in ("subjects", "generations", "population", "copies", "again")]),
    (learned_asymmetries, {"individuals": 2, "neurons": 3, "segments": 1},
     [{"individuals": 1}, {"neurons": 2}, {"segments": 0}]),
    (learned_broadcast, {"fan": 3, "levels": 2, "group": 9, "trials": 3, "searches": 2, "generations": 2,
      "population": 2, "held_out": 2, "fixed_rates": 2},
     [{"fan": 4}, {"fan": 1, "group": 1}, {"levels": 1, "group": 3}, {"group": 27}, {"trials": 4},
      {"searches": 1}, {"generations": 1}, {"population": 1}, {"held_out": 1}, {"fixed_rates": 1}, {"rate":
      (0.0, 1.0)}, {"rate": (1.0, 1.0)}]),
    (learning_curves, {"individuals": 2, "sweep_individuals": 2, "stability_updates": 2, "fraction": 1.99},
     [{"individuals": 1}, {"sweep_individuals": 1}, {"stability_updates": 1}, {"fraction": 2.0}, {"fraction":
      0.0}, {"folds": 0.0}, {"criterion": 0.0}, {"criterion": 1.0}]),
    (matching_activity, {"memory": 1.01},
     [{"memory": 1.0}]),
    (reversal_points, {"draws": 20, "held_out_draws": 1},
     [{"draws": 19}, {"held_out_draws": 0}]),
    (rule_recovery, {"trials": 6, "sessions": 3, "learners": 3, "data_sets": 3},
     [{"trials": 7}, {"learners": 2}, {"data_sets": 2}]),
    (rules_compared, {"rates": 2, "networks": 2, "criteria": (0.1, 0.2), "trials": 4, "block": 2},
     [{"rates": 1}, {"networks": 1}, {"sigmas": ()}, {"criteria": ()}, {"criteria": (0.0, 0.2)}, {"trials":
      5}, {"criteria": (1.0, 0.2)}, {"criteria": (0.1, 0.2, 0.3)}]),
    (shared_signals, {"fan": 2, "levels": 2, "individuals": 2, "samples": 2, "teams": (1,)},
     [{"fan": 1}, {"levels": 1}, {"individuals": 1}, {"samples": 1}, {"criterion": 0.0}, {"criterion": 1.0},
      {"teams": ()}, {"teams": (2,)}, {"teams": (1, 1)}, {"teams": (1, 2, 3)}]),
    (slow_rules, {"settings": 2, "networks": 2},
     [{"settings": 1}, {"networks": 1}, {"criterion": 0.5}, {"criterion": 1.0}]),
    (team_volume, {"fan": 2, "levels": 2, "individuals": 2, "anatomies": 2, "trials": 3},
     [{"fan": 1}, {"levels": 1}, {"individuals": 1}, {"anatomies": 1}, {"trials": 4}]),
    (team_votes, {"fan": 3, "levels": 1, "group": 3, "trials": 3, "individuals": 4, "choosing": 1, "judging":
      2},
     [{"fan": 4}, {"fan": 1, "group": 1}, {"few": 2}, {"many": 2}, {"levels": 0, "group": 1}, {"group": 9},
      {"trials": 0}, {"trials": 4}, {"individuals": 3}, {"choosing": 0}, {"judging": 1}, {"rates": ()},
      {"rates": (0.0,)}, {"vote_rates": (float("inf"),)}]),
    (two_step_players, {"subjects": 2, "episodes": 2, "trials": 2},
     [{"subjects": 1}, {"episodes": 1}, {"trials": 1}]),
    (volatile_activity, {"hazard": 1.0},
     [{"hazard": 0.0}, {"hazard": 1.01}]),
    (volatile_bandit, {"hazards": (0.0, 1.0), "low": 0.0, "high": 1.0, "episodes": 4, "held_out": 8, "lives":
      1, "lifetime": 1, "episode": 1, "searches": 1},
     [{"hazards": ()}, {"hazards": (0.0, 1.1)}, {"hazards": (-0.1, 1.0)}, {"low": -0.1}, {"high": 1.1},
      {"low": 1.0}, {"episodes": 5, "held_out": 10}, {"held_out": 9}, {"lives": 0}, {"lifetime": 0},
      {"episode": 0}, {"searches": 0}]),
]  # fmt: skip


@pytest.mark.parametrize("module, least, beyond", EDGES, ids=[module.__name__[25:] for module, *_ in EDGES])
def test_edges_of_settings(module: Any, least: dict[str, Any], beyond: list[dict[str, Any]]) -> None:
    config = module.Config(**least)
    assert all(getattr(config, name) == value for name, value in least.items())
    for change in beyond:
        with pytest.raises(Mistake):
            module.Config(**least | change)
