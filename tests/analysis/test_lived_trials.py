"""Trials of individuals that run out of time: nobody is dropped, and nothing is put in their place."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.lived_trials import first_run, kaplan_meier, late, late_mean
from hedon.analysis.foundation.mistakes import Mistake

NONE = np.nan


def test_the_last_lived_trials() -> None:
    table = [[1, 2, 3, 4], [5, NONE, 6, NONE], [7, NONE, NONE, NONE], [NONE] * 4]
    np.testing.assert_array_equal(late(table, 2), [[3, 4], [5, 6], [NONE, 7], [NONE, NONE]])
    np.testing.assert_array_equal(late_mean(table, 2), [3.5, 5.5, 7, NONE])


@pytest.mark.parametrize(("table", "number"), [([[1.0, 2.0]], 0), ([1.0, 2.0], 1)])
def test_refusals(table: list, number: int) -> None:
    with pytest.raises(Mistake):
        late(table, number)


def test_runs() -> None:
    good = [[0, 1, 1, 1, 0], [1, 1, 0, 1, NONE], [0, 1, NONE, NONE, NONE], [1, NONE, 1, 0, NONE]]
    when, done = first_run(good, 2)
    np.testing.assert_array_equal(when, [3, 2, 2, 3])
    np.testing.assert_array_equal(done, [True, True, False, True])


def test_kaplan_meier_by_hand() -> None:
    """Five individuals: events in trials 1, 3 and 3, censored after 2 and 4."""
    share, low, high = kaplan_meier([1, 3, 3, 2, 4], [True, True, True, False, False], 6)
    expected = [1 - 4 / 5, 1 - 4 / 5, 1 - 4 / 5 * 1 / 3, 1 - 4 / 5 * 1 / 3]
    np.testing.assert_allclose(share[:4], expected)
    assert np.isnan(share[4:]).all()
    assert ((low[:4] <= share[:4]) & (share[:4] <= high[:4])).all()


def test_without_censoring_it_is_the_share_that_has_come() -> None:
    when = np.random.default_rng(1).integers(1, 9, 200)
    share, low, high = kaplan_meier(when, np.full(200, True), 10)
    np.testing.assert_allclose(share, [(when <= trial).mean() for trial in range(1, 11)], atol=1e-12)
    error = np.sqrt(share * (1 - share) / 200)
    inside = slice(0, 7)
    np.testing.assert_allclose((high - low)[inside], 2 * 1.96 * error[inside], rtol=0.15)


def test_edges_of_tables_and_runs() -> None:
    assert late([[1.0, 2.0]], 1).tolist() == [[2.0]] and late([[1.0, np.inf, 2.0]], 3).tolist()[0][1:] == [
        1,
        2,
    ]
    with np.errstate(all="raise"):
        assert np.isnan(late_mean([[NONE, NONE]], 2)).all() and late_mean([[NONE, 3.0]], 2).tolist() == [3]
    when, done = first_run([[1, 1, 1], [0, 0, 0], [NONE] * 3, [0, 0.5, 1]], 1)
    assert when.tolist() == [1, 3, 0, 2] and done.tolist() == [True, False, False, True]
    when, done = first_run([[0, 1, 0, 1, 1, 1]], 3)
    assert when.tolist() == [6] and done.tolist() == [True]


def test_all_have_come_at_the_end_and_nobody_is_left_after_it() -> None:
    share, low, high = kaplan_meier([1, 2, 2], [True] * 3, 4)
    np.testing.assert_allclose(share, [1 / 3, 1, 1, 1])
    np.testing.assert_allclose([low[1:], high[1:]], 1)
    assert low[0] < 1 / 3 < high[0]
    cut, low, high = kaplan_meier([2, 2], [False, False], 3)
    np.testing.assert_array_equal([cut, low, high], [[0, 0, NONE]] * 3)
