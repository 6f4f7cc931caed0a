"""Candidates side by side in few calls, and successive halving: who is stopped, what the loop is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loop_tasks import SPACE, Hill, hill_search

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity.outer_loop import CMAES, Search, execution, run_search
from hedon.plasticity.outer_loop.checkpoint import Generation
from hedon.plasticity.outer_loop.search import _standing


@dataclass(frozen=True)
class Hills(Hill):
    """A hill for several candidates at once; noise depends on the place in the call."""

    nan_below: float = -9.0

    def __call__(self, values: Mapping[str, Any], seed: int) -> Any:
        noise = self.noise * np.random.default_rng(seed).standard_normal(len(values["shift"]))
        height = -(np.log10(values["eta"] / 0.02) ** 2) - (values["shift"] - 0.7) ** 2
        return np.where(values["shift"] < self.nan_below, np.nan, height) + noise


def search(**settings: object) -> Search:
    return hill_search(
        optimiser=CMAES(population=8),
        **{"evaluate": Hills(0.01), "together": 4, "seeds": 3, "keep": 0.5, **settings},
    )


def test_halving_lets_the_better_half_live_on() -> None:
    found = run_search(search())
    assert found.scores.shape == (8, 8, 3)
    for scores, lived in zip(found.scores, found.lived, strict=True):
        assert sorted(lived) == [1, 1, 1, 1, 2, 2, 3, 3]
        assert np.array_equal(np.isfinite(scores).sum(axis=1), lived)
        assert set(np.argsort(scores[:, 0])[-4:]) == set(np.flatnonzero(lived > 1))
        second = np.where(lived > 1, scores[:, :2] @ [1 / 8, 1 / 4], -np.inf)  # 8 and 4 share as many lives
        assert set(np.argsort(second)[-2:]) == set(np.flatnonzero(lived > 2))


def test_who_was_stopped_ranks_below_who_went_on() -> None:
    rows = [[0.9, 0.1], [0.5], [0.8, 0.9], [0.4], [None]]
    told = _standing(search(seeds=2), Generation([[0.0]] * 5, rows, []))
    assert told[2] > told[0] > told[1] > told[3] and told[4] == -np.inf
    # five candidates share the lives of the first seed, two those of the second
    np.testing.assert_allclose(told[0], (0.9 / 5 + 0.1 / 2) / (1 / 5 + 1 / 2))
    np.testing.assert_allclose(told[1] - told[3], 0.1)


def test_the_same_numbers_with_two_workers_and_after_an_interruption(tmp_path: Path) -> None:
    whole = run_search(search())
    with execution(workers=2):
        two = run_search(search())
    run_search(search(generations=3), tmp_path)
    resumed = run_search(search(), tmp_path)
    for other in (two, resumed):
        assert np.array_equal(whole.scores, other.scores, equal_nan=True)
        assert np.array_equal(whole.centres, other.centres) and np.array_equal(whole.lived, other.lived)


def test_halving_finds_the_top_with_fewer_lives() -> None:
    found = run_search(search(generations=25, evaluate=Hills(0.0)))
    best = SPACE.encode(found.best)
    assert np.abs(best - SPACE.encode({"eta": 0.02, "shift": 0.7})).max() < 0.03
    assert np.isfinite(found.scores).sum() == 25 * (8 + 4 + 2)  # of 8 x 3 x 25


def test_one_that_fails_is_recorded_and_does_not_go_on() -> None:
    found = run_search(search(evaluate=Hills(0.01, nan_below=0.5)))
    assert found.failures and all("the score is nan" in line for line in found.failures)
    failed = np.isneginf(found.scores[..., 0])
    assert failed.any() and np.all(found.lived[failed] == 1)
    assert found.best["shift"] > 0.5


def test_one_by_one_a_seed_weighs_as_the_others() -> None:
    found = run_search(search(evaluate=Hill(0.01), together=0))
    assert all(sorted(lived) == [1, 1, 1, 1, 2, 2, 3, 3] for lived in found.lived)
    told = _standing(search(evaluate=Hill(), together=0), Generation([[0.0]] * 2, [[0.9, 0.1], [0.2]], []))
    np.testing.assert_allclose(told[0], 0.5)


def test_without_halving_all_live_all() -> None:
    found = run_search(search(keep=1.0))
    assert np.isfinite(found.scores).all() and np.all(found.lived == 3)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"keep": 0.0}, "keeps 0 of its candidates"),
        ({"keep": 1.5}, "keeps 1.5 of its candidates"),
    ],
)
def test_refusals(settings: dict[str, object], said: str) -> None:
    with pytest.raises(Mistake, match=said):
        search(**settings)


def test_another_halving_is_another_search(tmp_path: Path) -> None:
    run_search(search(generations=1), tmp_path)
    with pytest.raises(Mistake, match="keep differs"):
        run_search(search(keep=0.6), tmp_path)
