"""A claim on few cells waits, on many it holds or fails; what contradicts it fails whatever the number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from hedon.figures import enough
from hedon.figures.claims import Claim


def told(value: float, error: float, make=enough.at_least) -> Claim:
    return make("r", value, error, 0.0, 0.3, "any", 20)


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (0.5, 0.2, "holds"),
        (0.1, 0.2, "waits"),
        (0.05, 0.1, "fails"),
        (-0.5, 0.2, "fails"),
        (-0.05, 0.2, "waits"),
        (0.5, np.nan, "waits"),
        (np.nan, 0.1, "fails"),
    ],
)
def test_three_answers(value: float, error: float, expected: str) -> None:
    claim = told(value, error)
    assert expected == ("waits" if claim.waits else "holds" if claim.passed else "fails")
    mirrored = told(-value, error, enough.at_most)
    assert (mirrored.waits, mirrored.passed) == (claim.waits, claim.passed)


def test_what_the_null_would_pass_does_not_hold() -> None:
    assert not enough.at_least("r", 0.5, 0.1, 0.0, 0.3, "any", 20, null=0.1).passed


@pytest.mark.parametrize("many", [3, 20])
def test_two_errors_are_the_interval_of_student(many: int) -> None:
    samples = np.random.default_rng(0).normal(0.4, 1, many)
    mean, error = enough.over_cells(samples)
    low, high = ttest_1samp(samples, 0).confidence_interval(0.95)
    np.testing.assert_allclose([mean - 2 * error, mean + 2 * error], [low, high])


def test_claims_seldom_fail_where_the_effect_is_there_and_few_hold_where_it_is_not() -> None:
    rng = np.random.default_rng(1)
    for many in (4, 8, 20, 60):
        for effect, of in ((0.5, "failed"), (0.0, "passed")):
            drawn = [enough.over_cells(rng.normal(effect, 1, many)) for _ in range(400)]
            claims = [enough.at_least("x", *one, 0.0, 0.5, "any", many) for one in drawn]
            assert np.mean([getattr(claim, of) for claim in claims]) < 0.06, (many, effect)
