"""Points of the unit cube and the values they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from loop_tasks import SPACE

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity import NodePerturbation
from hedon.plasticity.outer_loop import SearchSpace
from hedon.plasticity.parameter import Parameter


def test_corners_and_middle() -> None:
    assert SPACE.decode([0, 0]) == {"eta": 1e-3, "shift": -1.0}
    assert SPACE.decode([1, 1]) == {"eta": 1.0, "shift": 3.0}
    middle = SPACE.decode([0.5, 0.5])
    assert middle["eta"] == pytest.approx(1e-3**0.5, rel=1e-12) and middle["shift"] == pytest.approx(1.0)


def test_there_and_back() -> None:
    for point in np.random.default_rng(1).random((50, 2)):
        np.testing.assert_allclose(SPACE.encode(SPACE.decode(point)), point, atol=1e-12)


def test_outside_points_are_taken_to_the_edge() -> None:
    assert SPACE.decode([-1, 2]) == {"eta": 1e-3, "shift": 3.0}


def test_from_a_rule_with_some_held() -> None:
    space = SearchSpace.of(NodePerturbation, ("eta",), {"eta": (1e-4, 1e-1)}, {"sigma": 0.02})
    assert space.names == ("eta",)
    assert space.decode([1.0]) == {"eta": 1e-1, "sigma": 0.02}
    assert space.free[0].scale == "log"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SearchSpace(()), "at least one free"),
        (lambda: SearchSpace.of(NodePerturbation, ("eta",)), "needs finite bounds"),
        (lambda: SearchSpace.of(NodePerturbation, ("etta",)), "no parameter 'etta'.*eta"),
        (lambda: SearchSpace.of(NodePerturbation, ("eta",), {"eta": (1.0, 0.1)}), "the first must be lower"),
        (lambda: SearchSpace.of(NodePerturbation, ("eta",), {"eta": (0.0, 0.1)}), "log scale"),
        (lambda: SearchSpace(SPACE.free, {"eta": 1.0}), "given twice"),
        (lambda: SearchSpace((Parameter("a", 0, "1", 0, np.inf, "linear", ""),)), "finite bounds"),
        (lambda: SPACE.encode({"eta": 5.0}), "eta is 5"),
        (lambda: SPACE.encode({"ota": 0.5}), "no parameter 'ota'"),
        (lambda: SPACE.decode([0.5]), "2 coordinates"),
    ],
)
def test_what_is_refused(make, said: str) -> None:
    with pytest.raises(Mistake, match=said) as told:
        make()
    assert "\n" not in str(told.value)
