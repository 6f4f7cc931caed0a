"""A claim holds or not, says why, and survives the way through claims.json."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import claims
from hedon.figures.claims import Claim

WHY = "5 standard errors"


@pytest.mark.parametrize(
    ("claim", "passed"),
    [
        (Claim("c", 0.51, 0.5, 0.02, WHY), True),
        (Claim("c", 0.53, 0.5, 0.02, WHY), False),
        (Claim("c", 0.47, 0.5, 0.02, WHY), False),
        (Claim("c", 1.0, 1.0, 0.0, "counted"), True),
        (Claim("c", math.nan, 0.5, 1e9, WHY), False),
        (Claim("c", math.inf, 0.5, 1e9, WHY), False),
        (Claim("c", None, 0.5, 1e9, WHY), False),
        (Claim.estimate("c", 0.5, 0.4, 0.021), True),
        (Claim.estimate("c", 0.5, 0.4, 0.019), False),
        (Claim.estimate("c", 0.5, 0.4, 0.03, z=3), False),
        (Claim.at_least("accuracy", 0.95, 0.95, WHY), True),
        (Claim.at_least("accuracy", 0.9499, 0.95, WHY), False),
        (Claim.at_least("accuracy", math.inf, 0.95, WHY), False),
        (Claim.at_most("slope", 1.05, 1.05, WHY), True),
        (Claim.at_most("slope", 1.06, 1.05, WHY), False),
        (Claim.at_most("slope", math.nan, 1.05, WHY), False),
    ],
)
def test_passed(claim: Claim, passed: bool, tmp_path: Path) -> None:
    assert claim.passed is passed
    entry = json.loads(claims.to_json([claim]))[0]
    names = ["name", "value", "expected", "tolerance", "reason", "kind", "null", "rival", "error", "passed"]
    assert list(entry) == names
    assert entry["passed"] is passed
    (tmp_path / "claims.json").write_text(claims.to_json([claim]), encoding="utf-8")
    (back,) = claims.read(tmp_path / "claims.json")
    assert back.passed is passed and back.bound == claim.bound


def test_a_claim_that_waits_for_data_neither_passes_nor_fails(tmp_path: Path) -> None:
    claim = Claim.waiting("rank correlation", 0.95, "the recordings")
    (tmp_path / "claims.json").write_text(claims.to_json([claim]), encoding="utf-8")
    for one in (claim, *claims.read(tmp_path / "claims.json")):
        assert one.waits and not one.passed and not one.failed
        assert one.mark == "–" and one.reason.endswith("needs the recordings")
    missing = Claim.at_least("rank correlation", None, 0.95, "of the issue")
    assert missing.failed and not missing.waits


@pytest.mark.parametrize(
    ("claim", "bound", "measured"),
    [
        (Claim("c", 0.51234567, 0.5, 0.02, WHY), "0.5 ± 0.02", "0.5123"),
        (Claim.at_least("c", 3e-8, 1e-9, WHY), "≥ 1e-09", "3e-08"),
        (Claim.at_most("c", None, 2, WHY), "≤ 2", "—"),
    ],
)
def test_shown(claim: Claim, bound: str, measured: str) -> None:
    assert (claim.bound, claim.measured) == (bound, measured)


def test_numbers_of_numpy_are_taken() -> None:
    claim = Claim("c", np.float32(0.5), np.int64(1), np.array(0.6), WHY)  # type: ignore[arg-type]
    assert claim == Claim("c", 0.5, 1.0, 0.6, WHY) and type(claim.value) is float
    assert json.loads(claims.to_json([claim]))[0]["passed"] is True


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "reason"),
    [
        (0.5, math.nan, 0.1, WHY),
        (0.5, 0.5, -0.1, WHY),
        (0.5, 0.5, math.nan, WHY),
        (0.5, 0.5, math.inf, WHY),
        (0.5, 0.5, None, WHY),
        (0.5, 0.5, 0.1, " "),
        (0.5, 0.5, None, claims.AT_LEAST),
        (0.5, 0.5, 0.1, claims.AT_LEAST + WHY),
    ],
)
def test_claim_without_substance(value: float, expected: float, tolerance: float | None, reason: str) -> None:
    with pytest.raises(Mistake, match="claim 'c'"):
        Claim("c", value, expected, tolerance, reason)


@pytest.mark.parametrize("text", ["{", "[1]", '[{"name": "x"}]', "3"])
def test_no_list_of_claims(tmp_path: Path, text: str) -> None:
    (tmp_path / "claims.json").write_text(text)
    with pytest.raises(Mistake, match="no list of claims"):
        claims.read(tmp_path / "claims.json")


@pytest.mark.parametrize(
    ("claim", "passed"),
    [
        (Claim.at_least("c", 0.8, 0.6, WHY, null=0.5), True),
        (Claim.at_least("c", 0.8, 0.6, WHY, null=0.6), False),
        (Claim.at_most("c", 0.2, 0.4, WHY, null=0.5), True),
        (Claim.at_most("c", 0.2, 0.4, WHY, null=0.3), False),
        (Claim("c", 1.0, 1.0, 0.4, WHY, null=0.0), True),
        (Claim("c", 1.0, 1.0, 0.6, WHY, null=0.0), False),
        (Claim("c", 1.0, 1.0, 0.6, WHY, null=2.0), False),
    ],
)
def test_a_claim_fails_that_its_null_would_pass(claim: Claim, passed: bool) -> None:
    assert claim.passed is passed and claim.passed_by_null is not passed
    assert ("its null would pass" in claim.beside) is not passed


@pytest.mark.parametrize(
    ("claim", "passed"),
    [
        (Claim.equivalent("c", 1.05, 1.0, 0.02, 0.1, WHY), True),
        (Claim.equivalent("c", 1.05, 1.0, 0.03, 0.1, WHY), False),
        (Claim.equivalent("c", 1.003, 1.0, 0.0045, 0.25, WHY, null=1.2), False),
        (Claim.equivalent("c", 1.003, 1.0, math.nan, 0.1, WHY), False),
        (Claim.at_least("c", 0.7, 0.6, WHY, error=0.04), True),
        (Claim.at_least("c", 0.7, 0.6, WHY, error=0.06), False),
        (Claim.at_most("c", 0.5, 0.6, WHY, error=0.06), False),
    ],
)
def test_the_whole_interval_must_hold(claim: Claim, passed: bool) -> None:
    assert claim.passed is passed


def test_kinds_are_counted_apart(tmp_path: Path) -> None:
    some = [
        Claim("a", 1, 1, 0, "counted"),
        Claim("b", 2, 1, 0, "counted"),
        Claim.at_least("c", 1, 0.5, WHY, null=0.1, rival=0.9),
        Claim.at_least("d", 1, 0.5, WHY),
        Claim("e", 1, 1, 0, "as in the file", kind="regression"),
    ]
    assert claims.counted(some) == (
        "1 of 2 validations, 2 of 2 findings, 1 of 1 regression (1 of the findings without a null)"
    )
    waiting = Claim.waiting("f", 0.5, "recordings")
    assert claims.counted([*some, waiting]) == claims.counted(some)
    assert claims.headline(some) == "4 of 5 claims hold"
    assert claims.headline([*some, waiting]) == "4 of 5 claims hold, 1 wait for data"
    (tmp_path / "claims.json").write_text(claims.to_json(some), encoding="utf-8")
    assert list(claims.read(tmp_path / "claims.json")) == some
    with pytest.raises(Mistake, match="no kind 'findin'; did you mean 'finding'"):
        Claim("c", 1, 1, 0, WHY, kind="findin")


def test_the_worst_of_many_means_follows_its_closed_form() -> None:
    mean, error, theory = [1.0, 2.1, 3.0], [0.01, 0.02, 0.03], [1.0, 2.0, 3.0]
    claim = Claim.follows("loss", mean, error, theory, 0.08, "chosen", null=2.0)
    assert claim.passed and claim.value == pytest.approx(1.05) and claim.error == pytest.approx(0.01)
    assert not Claim.follows("loss", mean, error, theory, 0.06, "chosen").passed  # 2 errors do not fit
    assert not Claim.follows("loss", mean, error, theory, 0.08, "chosen", null=1.1).passed
    assert not Claim.follows("loss", [1.0, np.nan], error[:2], theory[:2], 0.08, "chosen").passed
