"""Candidates that are evaluated together: the numbers of one by one, and failures that stay apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity.outer_loop import CMAES, Search, execution, run_search
from hedon.plasticity.outer_loop.units import Unit, outcome_of

from .loop_tasks import SPACE, Hill


@dataclass(frozen=True)
class Hills:
    """A `Hill` for each candidate; NaN where ``shift`` is above a limit, too few scores of a wrong one."""

    limit: float = np.inf
    short: int = 0

    def __call__(self, values: Mapping[str, np.ndarray], seed: int) -> np.ndarray:
        rows = zip(values["eta"], values["shift"], strict=True)
        scores = [Hill(0.1)({"eta": eta, "shift": shift}, seed) for eta, shift in rows]
        alive = np.where(values["shift"] > self.limit, np.nan, scores)
        return alive[self.short :]


def search(together: int, evaluate=None, **settings) -> Search:
    given = {"generations": 6, "seeds": 2, "seed": 5} | settings
    return Search(evaluate or Hills(), SPACE, CMAES(7, sigma=0.2), together=together, **given)


@pytest.mark.parametrize("together", [1, 3, 7, 20])
def test_as_one_by_one(together: int) -> None:
    alone = run_search(search(0, Hill(0.1)))
    np.testing.assert_array_equal(run_search(search(together)).scores, alone.scores)


def test_equal_numbers_with_two_workers_and_resumed(tmp_path: Path) -> None:
    whole = run_search(search(3))
    with execution(workers=2):
        np.testing.assert_array_equal(run_search(search(3)).scores, whole.scores)
    run_search(search(3, generations=2), tmp_path)
    np.testing.assert_array_equal(run_search(search(3), tmp_path).scores, whole.scores)
    with pytest.raises(Mistake, match="another"):
        run_search(search(4), tmp_path)


def test_a_candidate_that_fails_takes_no_other_with_it() -> None:
    found = run_search(search(7, Hills(limit=1.5)))
    failed = np.isneginf(found.scores)
    assert failed.any() and not failed.all(axis=(1, 2)).any()
    np.testing.assert_array_equal(failed[..., 0], found.values[..., 1] > 1.5)
    assert len(found.failures) == failed.sum() and "the score is nan" in found.failures[0]


def test_what_is_no_score_of_each_is_a_failure_of_all() -> None:
    unit = Unit.of([{"eta": 0.1, "shift": 0.0}] * 3, 0, together=True)
    outcome = outcome_of(Hills(short=1), unit)
    assert "2 scores of 3 candidates" in outcome.failure
    assert [one.score for one in outcome.each(3)] == [-np.inf] * 3


def test_less_than_none_is_refused() -> None:
    with pytest.raises(Mistake, match="together"):
        search(-1)
