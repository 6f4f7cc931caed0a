"""What the searches of the dopamine neuron's weights score, and what they take for their finding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.experiments import dopamine_agent
from hedon.models.experiments.dopamine_agent import Config, Prediction, Return
from hedon.plasticity.outer_loop import Found, run_search
from hedon.plasticity.outer_loop.units import Unit, outcome_of
from hedon.plasticity.weighed_broadcast import WEIGHTS

CONFIG = Config()


def weights(*values: float) -> dict[str, float]:
    return dict(zip(WEIGHTS, values, strict=True))


@pytest.mark.whole
def test_scores_by_prediction() -> None:
    """Silence has learned nothing; the TD error of the score's own discount is best; divergence is worst."""
    silent = weights(0, 0, 0, 0)
    for gamma, other in ((0.9, 0.6), (0.6, 0.9)):
        score = Prediction(CONFIG, gamma)
        assert score(silent, 3) == pytest.approx(-1, abs=1e-12)
        lots = [(score(weights(1, g, -1, 0), seed)) for seed in range(5) for g in (gamma, other)]
        own, wrong = np.array(lots).reshape(5, 2).T
        assert (own > wrong).all() and own.min() > -0.3
    burst = outcome_of(Prediction(replace(CONFIG, eta=50.0, decay=0.0), 0.9), Unit(weights(1, 2, 2, 0), 3))
    assert burst.score == -math.inf and burst.failure
    assert Prediction(CONFIG, 0.9)(weights(1, 2, 2, 0), 3) < -1


def test_scores_by_return() -> None:
    """Every weight scaled in the way that `as_td` tells leaves the reward as it was."""
    score = Return(CONFIG)
    one = score({**weights(1, 0.4, -1, 0), "eta": 0.4, "eta_actor": 2.0}, 3)
    same = score({**weights(0.5, 1.6, -4.0, 0), "eta": 0.1, "eta_actor": 4.0}, 3)
    assert same == pytest.approx(one, abs=1e-9)
    assert one > score({**weights(1, 0.4, -1, 0), "learning": 0.0}, 3) + 0.2


def test_the_finding_is_the_mean_of_the_last_centres() -> None:
    centres = np.arange(12.0)[:, None] * np.ones(4)
    none = np.empty(0)
    found = Found(weights(9, 9, 9, 9), 0.0, WEIGHTS, none, none, centres, (), none)
    assert dopamine_agent.finding(found) == weights(*[9.5] * 4)


@pytest.mark.whole
def test_a_short_search_leaves_nothing_behind() -> None:
    """Eight generations from silence reach a better score than silence, which has -1."""
    small = replace(CONFIG, generations=8, repeats=2)
    search = dopamine_agent.searches(small, 0)["prediction-0.6-0"]
    assert set(search.space.names) == set(WEIGHTS)
    assert search.space.decode(np.full(4, 0.5)) == weights(0, 0, 0, 0)
    found = run_search(search)
    score = Prediction(small, 0.6)
    assert np.mean([score(dopamine_agent.finding(found), 100 + seed) for seed in range(5)]) > -0.8


def test_every_search_has_a_seed_of_its_own() -> None:
    every = dopamine_agent.searches(CONFIG, 0)
    assert len(every) == 2 * (CONFIG.repeats + 1) + 2 * CONFIG.return_repeats + 1
    assert len({search.seed for search in every.values()}) == len(every)


@pytest.mark.parametrize(
    "settings",
    [
        {"gammas": (0.9,)},
        {"gammas": (0.9, 1.0)},
        {"repeats": 1},
        {"chains": 1},
        {"held_out": 1},
        {"steps": 0},
    ],
)
def test_refusals(settings: dict) -> None:
    with pytest.raises(Mistake):
        Config(**settings)


@pytest.mark.whole
def test_candidates_side_by_side_score_as_each_alone() -> None:
    """Chains are keyed by their numbers: who lives beside a candidate changes no bit of its score."""
    rows = [weights(1, 0.9, -1, 0), weights(0, 0, 0, 0), weights(0.5, 0.1, -0.7, 0.2)]
    rows += [weights(1, 0.1 * number, -1, 0) for number in range(CONFIG.population - 3)]  # a generation
    together = {name: np.array([row[name] for row in rows]) for name in WEIGHTS}
    for scored in (Prediction(CONFIG, 0.9), Return(CONFIG)):
        np.testing.assert_array_equal(scored(together, 4), [scored(row, 4) for row in rows])
