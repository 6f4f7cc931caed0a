"""Slow rules at equal tuning, and an outer loop whose candidates do not see each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.models.experiments import slow_rule_search, slow_rules
from hedon.models.experiments.slow_rule_search import BOUNDS, HAND, Lifetimes

SMALL = replace(
    slow_rule_search.Config(), lengths=(1,), lives=2, units=4, episodes=100, long=100, step=50, tests=50
)


def test_every_rule_is_tried_in_the_same_places() -> None:
    config = slow_rules.Config()
    for name, (slow, third) in slow_rules.SPACES.items():
        tried = slow_rules.settings(config, name, 3)
        assert {len(values) for values in tried.values()} == {config.settings}
        if tried["eta_recurrent"].any():
            place = np.log(tried["eta_recurrent"] / slow[0]) / np.log(slow[1] / slow[0])
            first = slow_rules.settings(config, "projection", 3)["eta_recurrent"]
            low, high = slow_rules.SPACES["projection"][0]
            np.testing.assert_allclose(place, np.log(first / low) / np.log(high / low))
        free = tried["sigma"] if tried["sigma"].any() else tried["eta_value"]
        assert free.min() >= third[0] and free.max() <= third[1] and np.ptp(free) > 0


def test_the_grid_and_a_search_have_the_same_budget() -> None:
    config = slow_rule_search.Config()
    tried = slow_rule_search.grid(config)
    left = (config.budget - len(tried)) // config.population
    assert 0.6 * config.budget < len(tried) and left >= 1
    assert len(tried) + left * config.population <= config.budget
    assert {tuple(one) for one in tried} == {tuple(HAND)} and set(HAND) == set(BOUNDS)
    for name, (low, high) in BOUNDS.items():
        assert all(low <= one[name] <= high or not one[name] for one in tried), name


@pytest.mark.whole
def test_a_candidates_score_is_its_own() -> None:
    evaluate = Lifetimes(SMALL)
    some = {name: np.array([value, 3 * value, 0.0]) for name, value in HAND.items()}
    some["trace"], some["sigma"] = np.ones(3), np.full(3, 0.5)
    scores = evaluate(some, 4)
    alone = evaluate({name: values[1:2] for name, values in some.items()}, 4)
    assert scores[1] == alone[0]
    # one that has no rates guesses: its life is over before it is right in 9 of 10
    assert -np.log(100) - 1 < scores[2] < -np.log(100)
